/** The calls of the server, as its /openapi.yaml describes them. */

const PATIENCE_MILLIS = 10_000;

/** What a call came to when it did not succeed. `status` is 0 when there was no answer at all. */
export class CallError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

async function call(method, path, body, headers = {}) {
  let answer;
  try {
    answer = await fetch(path, {
      method,
      headers: body === undefined ? headers : { ...headers, "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
      cache: "no-store",
      signal: AbortSignal.timeout(PATIENCE_MILLIS),
    });
  } catch {
    throw new CallError(0, "no answer from the engine");
  }
  let content = null;
  try {
    content = await answer.json();
  } catch {
    if (answer.ok) throw new CallError(0, "the answer was cut short");
  }
  if (answer.ok) return content;
  throw new CallError(answer.status, content?.error?.message ?? `the server answered ${answer.status}`);
}

const service = (name) => `/v1/services/${encodeURIComponent(name)}`;

export const readStatus = () => call("GET", "/v1/status");
export const readService = (name) => call("GET", service(name));
export const readHistory = (since, step) =>
  call("GET", `/v1/history?since=${encodeURIComponent(since)}${step ? `&step=${step}` : ""}`);
export const explain = (name, at) =>
  call("GET", `${service(name)}/explain${at ? `?at=${encodeURIComponent(at)}` : ""}`);

export const setDemand = (name, value) => call("PUT", `${service(name)}/override/demand`, { value });
export const followSource = (name) => call("DELETE", `${service(name)}/override/demand`);
export const spike = (name, amount, seconds) => call("POST", `${service(name)}/spike`, { amount, seconds });
export const setSuspended = (name, suspended) => call("PUT", `${service(name)}/suspended`, { suspended });

/** Exchanges the token for a cookie that scripts cannot read. */
export const openSession = (token) => call("POST", "/v1/session", undefined, { Authorization: `Bearer ${token}` });
