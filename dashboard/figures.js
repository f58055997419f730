import { element, setAttribute, setText } from "./dom.js";
import { count, fixed, measured, number, percent, secondsOf, wholeSpan } from "./format.js";

const ofCount = ({ count: n }, noun) => (n === 0 ? `no ${noun} yet` : `of ${count(n, noun)}`);

/** Each figure: its name, what it means, its value, its unit, and a line below. */
const FIGURES = [
  {
    name: "Reaction p50",
    about: "Half of the reactions were at least as fast: from a rise of demand being known to the replica that answers it being ready",
    unit: "ms",
    value: ({ reactionMillis }) => measured(reactionMillis.p50),
    below: ({ reactionMillis }) => ofCount(reactionMillis, "reaction"),
  },
  {
    name: "Reaction p99",
    about: "99 of 100 reactions were at least as fast",
    unit: "ms",
    value: ({ reactionMillis }) => measured(reactionMillis.p99),
    below: ({ reactionMillis }) => (reactionMillis.count === 0 ? "" : `slowest ${measured(reactionMillis.max)} ms`),
  },
  {
    name: "Utilisation",
    about: "Part of the capacity that running replicas had, over the whole time",
    unit: "%",
    value: ({ utilisationPercent }) => percent(utilisationPercent),
    below: ({ utilisationPercentNow }) => `now ${percent(utilisationPercentNow)} %`,
  },
  {
    name: "Unserved demand",
    about: "Demand without a ready replica, over the whole time",
    unit: "%",
    value: ({ unservedPercent }) => percent(unservedPercent),
    below: (_, model) => (model.unserved > 0 ? `now short of ${number(model.unserved, 1)} replicas` : "all served now"),
    isBad: (_, model) => model.unserved >= 1,
  },
  {
    name: "Batch work done",
    about: "What services that take the remainder report as done",
    unit: "units",
    value: (_, model) => {
      const reports = works(model);
      return reports.length === 0 ? "–" : number(reports.reduce((sum, { work }) => sum + work.done, 0), 0);
    },
    below: (_, model) => {
      const reports = works(model);
      if (reports.length === 0) return "none reported";
      const lost = reports.reduce((sum, { work }) => sum + secondsOf(work.lost), 0);
      return lost > 0 ? `${fixed(lost, 1)} s of work lost to stops` : "no work lost";
    },
  },
  {
    name: "Decision p99",
    about: "99 of 100 passes decided at least as fast",
    unit: "µs",
    value: ({ decisionMicros }) => measured(decisionMicros.p99),
    below: ({ decisionMicros }) => `p50 ${measured(decisionMicros.p50)} µs`,
  },
];

const works = (model) => model.services.filter(({ work, spec }) => work && spec.remainder);

/** The headline figures. */
export function figuresView(list) {
  const tiles = FIGURES.map((figure) => {
    const value = element("b", {}, "–");
    const below = element("dd", { class: "below" }, " ");
    const tile = element(
      "div",
      { title: figure.about },
      element("dt", {}, figure.name),
      element("dd", {}, value, element("span", { class: "unit" }, ` ${figure.unit}`)),
      below,
    );
    list.append(tile);
    return { figure, tile, value, below };
  });
  return (model) => {
    if (!model.figures) return;
    for (const { figure, tile, value, below } of tiles) {
      setText(value, figure.value(model.figures, model));
      setText(below, figure.below(model.figures, model));
      setAttribute(tile, "data-bad", figure.isBad?.(model.figures, model) ?? false);
    }
  };
}

/** Who this engine is, beside the name of the page. */
export function factsView(pool, list) {
  const facts = ["Orchestrator", "Up", "Passes", "In flight"].map((name) => {
    const value = element("dd", {}, "–");
    list.append(element("div", {}, element("dt", {}, name), value));
    return value;
  });
  return (model) => {
    if (model.run === null) return;
    setText(pool, `pool ${model.pool}`);
    const values = [
      model.orchestrator,
      wholeSpan((model.now() - model.startedAt) / 1000),
      number(model.passes, 0),
      count(model.actionsInFlight, "action"),
    ];
    facts.forEach((fact, i) => setText(fact, values[i]));
    const title = `${model.pool} · Microscale`;
    if (document.title !== title) document.title = title;
  };
}
