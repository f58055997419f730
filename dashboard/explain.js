import * as api from "./api.js";
import { byId, element, setText } from "./dom.js";
import { clockMillis, count, dayAndClock, justBefore, localInput, millisOf, number, said, sentence, span } from "./format.js";
import { nameOf, stepsInWords, waitingInWords } from "./words.js";
import { unitOf } from "./model.js";

/** The dialog that tells why a service had what it had: known, claimed, granted, done. */
export class Explain {
  #model;
  #dialog = byId("explain");
  #service = byId("explain-service");
  #at = byId("explain-at");
  #earlier = byId("explain-earlier");
  #later = byId("explain-later");
  #outcome = byId("explain-outcome");
  #body = byId("explain-body");
  #shown = null;
  #asked = 0;

  constructor(model) {
    this.#model = model;
    byId("explain-close").addEventListener("click", () => this.#dialog.close());
    byId("explain-now").addEventListener("click", () => this.#ask(null));
    this.#service.addEventListener("change", () => this.#ask(this.#shown?.at ?? null));
    this.#at.addEventListener("change", () => {
      const at = new Date(this.#at.value);
      if (!Number.isNaN(at.getTime())) this.#ask(at.toISOString());
    });
    this.#earlier.addEventListener("click", () => this.#ask(justBefore(this.#shown.decidedAt)));
    this.#later.addEventListener("click", () => this.#ask(this.#shown.replacedAt));
    this.#dialog.addEventListener("click", (event) => {
      if (event.target === this.#dialog) this.#dialog.close();
    });
  }

  /** @param millis a time by the engine's clock; now if left out */
  open(name, millis) {
    this.#service.replaceChildren(...this.#model.services.map((service) => element("option", { value: service.name }, service.name)));
    this.#service.value = name;
    this.#body.replaceChildren();
    this.#shown = null;
    if (!this.#dialog.open) this.#dialog.showModal();
    this.#ask(millis === undefined ? null : new Date(millis).toISOString());
  }

  async #ask(at) {
    const name = this.#service.value;
    const asked = ++this.#asked;
    setText(byId("explain-title"), `Why ${name} has what it has`);
    try {
      const explanation = await api.explain(name, at);
      if (asked !== this.#asked) return;
      this.#shown = explanation;
      this.#outcome.classList.remove("error");
      setText(this.#outcome, inForce(explanation));
      this.#at.value = localInput(millisOf(explanation.at));
      this.#body.replaceChildren(chain(explanation, this.#model.byName.get(name)));
    } catch (error) {
      if (asked !== this.#asked) return;
      this.#outcome.classList.add("error");
      setText(this.#outcome, error.message);
    }
    this.#earlier.disabled = this.#shown === null;
    this.#later.disabled = !this.#shown?.replacedAt;
  }
}

function inForce({ pass, passes, decidedAt, replacedAt }) {
  const decided = millisOf(decidedAt);
  const times = passes > 1 ? `, and ${count(passes - 1, "pass", "passes")} after it came to the same` : "";
  const until = replacedAt === null ? "still in force" : `in force for ${span((millisOf(replacedAt) - decided) / 1000)}`;
  return `Decided in pass ${number(pass, 0)} at ${dayAndClock(decided)}${times}; ${until}.`;
}

const actionInWords = (action) => `${action.verb} ${nameOf(action)}`;

function chain({ reading, lastReading, decision, override, steps, waiting, inFlight, decidedAt }, service) {
  const { claim, grant } = decision;
  const remainder = claim.basis === "remainder";
  const stage = (title, figure, ...content) =>
    element(
      "li",
      {},
      element("div", { class: "stage" }, element("h3", {}, title), element("b", {}, String(figure))),
      element("div", { class: "said" }, ...content),
    );
  const say = (text) => element("p", {}, text);
  const unit = service ? ` (${unitOf(service.spec.scaling)})` : "";

  const known = [];
  if (reading === null) known.push(say(remainder ? "It takes the remainder and follows no demand." : "There was no reading yet."));
  else if (reading.value === null) known.push(say(`The reading is missing: ${said(reading.missing)}`));
  else known.push(say(`A reading of ${number(reading.value)}${unit}, from ${clockMillis(millisOf(reading.at))}.`));
  if (lastReading && reading && lastReading.at !== reading.at) {
    const value = lastReading.value === null ? "none" : number(lastReading.value);
    known.push(say(`The last pass that decided so knew ${value}, from ${clockMillis(millisOf(lastReading.at))}.`));
  }
  if (override.demand !== null) known.push(say(`By hand, the demand is set to ${number(override.demand)}.`));
  if (override.spike > 0) {
    const until = clockMillis(millisOf(override.spikeUntil));
    known.push(say(`By hand, a spike of ${number(override.spike)} is added until ${until}.`));
  }
  if (override.suspended) known.push(say("By hand, it is suspended."));

  const lines = [...stepsInWords(steps), ...waiting.map(waitingInWords)];
  const done =
    lines.length === 0
      ? [say("Nothing had to be done.")]
      : [element("ul", {}, ...lines.map(({ text, why }) => element("li", {}, element("b", {}, text), `: ${why}`)))];
  const { starting, running, paused, stopping } = decision;
  const had = `${running} running, ${starting} starting, ${paused} paused, ${stopping} stopping`;
  return element(
    "ol",
    { class: "chain" },
    stage("Known", reading?.value === null || reading === null ? "–" : number(reading.value), ...known),
    stage("Claim", remainder ? "the rest" : claim.replicas, say(`${sentence(claim.reason)}.`)),
    stage("Grant", grant.granted, say(`${sentence(grant.reason)}.`)),
    stage("Had", running, say(`${had}, with what was under way at ${clockMillis(millisOf(decidedAt))}.`)),
    stage("Plan", steps.length, ...done),
    ...(inFlight.length === 0
      ? []
      : [stage("Under way", inFlight.length, say(`Asked for before: ${inFlight.map(actionInWords).join(", ")}.`))]),
  );
}
