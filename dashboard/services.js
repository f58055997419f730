import { element, setAttribute, setClass, setText } from "./dom.js";
import { clock, millisOf, number, said, sentence, wholeSpan } from "./format.js";
import { spikes } from "./model.js";

const SHOWN_AT_FIRST = 60;

const BASIS = {
  hold: "held",
  lastKnown: "last known",
  fallback: "fallback",
  suspended: "suspended",
};

/** The table of services: what each needs, gets and has, and why, in full. */
export function servicesView(table, more, { onExplain, onSuspend }) {
  let rows = new Map();
  let showAll = false;
  more.querySelector("button").addEventListener("click", () => {
    showAll = true;
  });

  function row(service) {
    const cell = (label, className = "number") =>
      element("td", { role: "cell", class: className, "data-label": label });
    const cells = {
      demand: cell("Demand"),
      claim: cell("Claim"),
      granted: cell("Granted"),
      ready: cell("Ready"),
      standby: cell("Standby"),
    };
    cells.demand.append(element("span"), element("small"));
    const tags = element("span", { class: "tags" });
    const explain = element("button", { type: "button", "aria-haspopup": "dialog" }, "Explain");
    explain.append(element("span", { class: "hidden" }, ` ${service.name}`));
    explain.addEventListener("click", () => onExplain(service.name));
    const suspend = element("button", { type: "button", class: "suspend" });
    const outcome = element("p", { class: "outcome", role: "status" });
    suspend.addEventListener("click", () => onSuspend(service.name, suspend, outcome));
    const why = element("p", { class: "why" });
    const troubles = element("ul", { class: "troubles", hidden: true });
    const { spec } = service;
    const body = element(
      "tbody",
      { role: "rowgroup", class: service.colour },
      element(
        "tr",
        { role: "row", class: "numbers" },
        element("th", { role: "rowheader", scope: "row" }, element("i", { class: "swatch" }), element("span", {}, service.name), tags),
        element("td", { role: "cell", class: "number", "data-label": "Priority" }, String(spec.priority)),
        element("td", { role: "cell", class: "number", "data-label": "Min–max" }, `${spec.min}–${spec.max}`),
        ...Object.values(cells),
        element("td", { role: "cell", class: "actions" }, explain, suspend),
      ),
      element(
        "tr",
        { role: "row", class: "reasons" },
        element("td", { role: "cell", colspan: "9" }, why, troubles, outcome),
      ),
    );
    return { body, cells, tags, suspend, why, troubles, key: service.key };
  }

  function arrange(model) {
    const shown = showAll ? model.services : model.services.slice(0, SHOWN_AT_FIRST);
    const next = new Map();
    for (const service of shown) {
      const before = rows.get(service.name);
      next.set(service.name, before?.key === service.key ? before : row(service));
    }
    table.replaceChildren(table.caption, table.tHead, ...[...next.values()].map(({ body }) => body));
    rows = next;
    more.hidden = shown.length === model.services.length;
    setText(more.querySelector("span"), `${shown.length} of ${model.services.length} services are shown.`);
  }

  return (model) => {
    const wanted = showAll ? model.services.length : Math.min(SHOWN_AT_FIRST, model.services.length);
    const isSame = rows.size === wanted && model.services.slice(0, wanted).every((s) => rows.get(s.name)?.key === s.key);
    if (!isSame) arrange(model);
    for (const [name, row] of rows) fill(row, model.byName.get(name), model);
  };
}

function fill({ cells, tags, suspend, why, troubles, body }, service, model) {
  const { spec, counts, override } = service;
  const [demand, from] = demandOf(service);
  setText(cells.demand.firstChild, demand);
  setText(cells.demand.lastChild, from);
  setText(cells.claim, spec.remainder ? "the rest" : service.claim);
  setText(cells.granted, service.granted);
  setText(cells.ready, counts.starting > 0 ? `${counts.running} + ${counts.starting}` : counts.running);
  setAttribute(cells.ready, "title", counts.starting > 0 ? `${counts.starting} starting` : null);
  setText(cells.standby, counts.paused);
  setAttribute(cells.granted, "data-short", !spec.remainder && service.granted < service.claim);
  const needed = Math.min(spec.max, Math.ceil(service.demand - 1e-6));
  setAttribute(cells.ready, "data-short", !spec.remainder && counts.running < needed);
  setText(suspend, override.suspended ? "Let go on" : "Suspend");
  setAttribute(suspend, "aria-label", `${override.suspended ? "Let go on" : "Suspend"} ${service.name}`);
  setAttribute(suspend, "aria-pressed", String(override.suspended));
  setText(why, service.grantReason ? `${sentence(service.claimReason)}. ${sentence(service.grantReason)}.` : sentence(service.claimReason));
  showTags(tags, tagsOf(service, model.now()));
  showTroubles(troubles, troublesOf(service, model.now()));
  setClass(body, `${service.colour}${override.suspended ? " suspended" : ""}`);
}

/** The demand in replicas, and the reading that it was made of where that is another number. */
function demandOf({ spec, reading, missing, demand }) {
  if (spec.remainder) return ["–", ""];
  if (reading === null) return [missing === null ? "none yet" : "missing", ""];
  const replicas = number(demand, 1);
  if (spec.scaling.kind === "rawReplicas") return [replicas, ""];
  const read = spec.scaling.kind === "targetUtilisation" ? `${number(reading * 100, 0)} %` : number(reading, 1);
  return [replicas, `from ${read}`];
}

function tagsOf({ spec, basis, override }, now) {
  const tags = [];
  if (spec.remainder) tags.push("takes the rest");
  if (override.suspended) tags.push("suspended");
  else if (BASIS[basis] && basis !== "suspended") tags.push(BASIS[basis]);
  if (override.demand !== null) tags.push(`by hand: ${number(override.demand)}`);
  if (spikes(override, now)) tags.push(`spike +${number(override.spike)}`);
  return tags;
}

function showTags(place, tags) {
  if (place.dataset.shown === tags.join("\n")) return;
  place.dataset.shown = tags.join("\n");
  place.replaceChildren(...tags.map((tag) => element("span", { class: "tag" }, tag)));
}

/** What a person should look at: each with how bad it is. */
function troublesOf({ reading, missing, spec, backoff, waiting }, now) {
  const troubles = [];
  if (!spec.remainder && reading === null && missing !== null) {
    troubles.push(["bad", `No reading: ${said(missing)}`]);
  }
  if (backoff) {
    const left = (millisOf(backoff.until) - now) / 1000;
    const how = `${left > 0 ? `for ${wholeSpan(left)}` : "for now"}, until ${clock(millisOf(backoff.until))}`;
    troubles.push(["bad", `Starts nothing ${how}: ${said(backoff.reason)}`]);
  }
  for (const { replicas, reason, until } of waiting) {
    troubles.push(["wait", `Waits with ${replicas}: ${said(reason)}${until ? `, until ${clock(millisOf(until))}` : ""}`]);
  }
  return troubles;
}

function showTroubles(list, troubles) {
  list.hidden = troubles.length === 0;
  while (list.children.length > troubles.length) list.lastChild.remove();
  troubles.forEach(([kind, text], i) => {
    const item = list.children[i] ?? list.appendChild(element("li"));
    setClass(item, kind);
    setText(item, text);
  });
}
