import { measured, number, secondsOf, span } from "./format.js";

const TRIGGERS = {
  started: "the start of the engine",
  reading: "a reading",
  replicas: "replicas that changed",
  actionEnded: "the end of an action",
  configuration: "a change by hand",
  due: "a time that it waited for",
  resync: "the regular look",
};

/** What a pass that changed no claim followed, the most telling first. */
const OCCASIONS = {
  configuration: "Something was set by hand",
  reading: "A reading came",
  replicas: "Replicas changed",
  actionEnded: "An action ended",
  due: "The time for it came",
  started: "The engine started",
  resync: "A regular look",
};

export const triggersInWords = (triggers) => triggers.map((trigger) => TRIGGERS[trigger] ?? trigger).join(" and ");

/** Replica ids as people want them: one by name, several by their number. */
const replicas = (ids) => (ids.length === 1 ? ids[0] : `${ids.length} replicas`);

const VERBS = { start: "Start", stop: "Stop", pause: "Pause", resume: "Resume", resize: "Resize", scale: "Scale" };

/** What an action is asked of: a replica, or a service and its number. */
export const nameOf = (action) => action.replica ?? `${action.service} to ${action.replicas}`;

/** Steps that do the same to the same service for the same one, as one sentence each. */
export function stepsInWords(steps) {
  const alike = new Map();
  for (const step of steps) {
    const key = JSON.stringify([step.action.verb, step.action.service, step.inFavourOf]);
    if (!alike.has(key)) alike.set(key, []);
    alike.get(key).push(step);
  }
  return [...alike.values()].map((group) => {
    const { action, reason } = group.at(-1);
    const several = action.verb !== "scale" && group.length > 1;
    return {
      kind: action.verb,
      service: action.service,
      text: `${VERBS[action.verb]} ${several ? `${group.length} × ${action.service}` : nameOf(action)}`,
      why: reason,
    };
  });
}

export const waitingInWords = ({ service, replicas: missing, reason }) => ({
  kind: "wait",
  service,
  text: `${service} waits with ${missing}`,
  why: reason,
});

/** What a claim goes by from now on, where that is news. A hold comes and goes with every wave. */
const BASES = {
  lastKnown: "has no reading and holds its last claim",
  fallback: "has had no reading for too long and falls back",
  suspended: "is suspended",
};

/** Which claims and grants a pass changed, in words. */
export function changesInWords(pass, before) {
  const changes = [];
  for (const { claim, grant } of pass.decisions) {
    const last = before.get(claim.service);
    if (claim.basis !== "remainder" && claim.replicas !== last?.claim) {
      changes.push(`${claim.service} claims ${claim.replicas}${last ? ` (was ${last.claim})` : ""}`);
    } else if (grant.granted !== last?.granted) {
      changes.push(`${claim.service} gets ${grant.granted}${last ? ` (was ${last.granted})` : ""}`);
    } else if (claim.basis !== last?.basis && (BASES[claim.basis] || BASES[last?.basis])) {
      changes.push(`${claim.service} ${BASES[claim.basis] ?? "follows its reading again"}`);
    }
  }
  return changes.slice(0, 3).join("; ") + (changes.length > 3 ? `; and ${changes.length - 3} more` : "");
}

/** What a pass, and those that only carried on from it, came to, as an entry of the log. */
export function passesInWords(changes, passes) {
  const first = passes[0];
  const occasion = OCCASIONS[Object.keys(OCCASIONS).find((trigger) => first.triggers.includes(trigger))];
  const slowest = span(Math.max(...passes.map(({ took }) => secondsOf(took))));
  return {
    kind: "pass",
    at: first.at,
    title: changes || occasion || "A pass was made",
    lines: [...stepsInWords(passes.flatMap(({ steps }) => steps)), ...passes.at(-1).waiting.map(waitingInWords)],
    took: slowest,
    tookBy: passes.length === 1 ? null : `The slowest of ${passes.length} passes`,
  };
}

export const failureInWords = ({ at, action, failure }) => ({
  kind: "bad",
  at,
  title: `${VERBS[action.verb]} of ${nameOf(action)} failed`,
  lines: [{ kind: "fail", service: action.service, text: failure.kind, why: failure.message }],
});

/** Several replicas that became ready, as one entry. */
export function reactionsInWords(events) {
  const { at, service } = events.at(-1);
  const millis = events.map(({ took }) => secondsOf(took) * 1000);
  const [least, most] = [Math.min(...millis), Math.max(...millis)].map(measured);
  return {
    kind: "good",
    at,
    title: `${replicas(events.map(({ replica }) => replica))}${events.length > 1 ? ` of ${service}` : ""} ready`,
    lines: [
      {
        kind: "ready",
        service,
        text: `${least === most ? least : `${least} to ${most}`} ms`,
        why: `after the demand of ${service} was known`,
      },
    ],
  };
}

export function overrideInWords({ at, service, override }) {
  const parts = [];
  if (override.suspended) parts.push("is suspended");
  if (override.demand !== null) parts.push(`has the demand ${number(override.demand)} by hand`);
  if (override.spike > 0) parts.push(`has a spike of ${number(override.spike)}`);
  return { kind: "hand", at, title: `${service} ${parts.join(" and ") || "follows its source, nothing is set by hand"}`, lines: [] };
}

export const blindInWords = ({ at, message }) => ({
  kind: "bad",
  at,
  title: "The orchestrator cannot be seen",
  lines: [{ kind: "fail", service: null, text: "Nothing is changed until it can", why: message }],
});

export const note = (at, title, kind = "note") => ({ kind, at, title, lines: [] });
