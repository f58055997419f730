import * as api from "./api.js";
import { element, setAttribute, setText } from "./dom.js";
import { millisOf, number, wholeSpan } from "./format.js";
import { spikes, unitOf } from "./model.js";

/** Runs a call of a control and says next to it what came of it. */
export async function attempt(outcome, control, call, done) {
  outcome.classList.remove("error");
  control?.setAttribute("aria-busy", "true");
  try {
    const answer = await call();
    setText(outcome, done ?? "");
    return answer;
  } catch (error) {
    outcome.classList.add("error");
    setText(outcome, `Not done: ${error.message}`);
    return null;
  } finally {
    control?.removeAttribute("aria-busy");
  }
}

/** Demand, spike and suspension of one service at a time. */
export class Hand {
  #model;
  #onChange;
  #name = null;
  #names = "";
  #sending = false;
  #next = null;
  #touched = false;

  /** @param onChange is told a service and what now lies over it */
  constructor(place, model, onChange) {
    this.#model = model;
    this.#onChange = onChange;
    this.#build(place);
  }

  #build(place) {
    const outcome = () => element("p", { class: "outcome", role: "status" });
    this.service = element("select", { id: "hand-service" });
    this.service.addEventListener("change", () => this.#choose(this.service.value));

    this.slider = element("input", { type: "range", id: "hand-slider", min: "0", step: "any" });
    this.value = numberInput("hand-value", { "aria-describedby": "hand-unit" });
    this.set = element("button", { type: "submit", class: "primary" }, "Set");
    this.follow = element("button", { type: "button" }, "Follow the source again");
    this.unit = element("p", { class: "note", id: "hand-unit" });
    this.demandState = element("p", { class: "note" });
    this.demandOutcome = outcome();
    this.slider.addEventListener("input", () => {
      this.value.value = String(Number(this.slider.value));
      this.#touched = true;
      this.#slide(Number(this.slider.value));
    });
    this.value.addEventListener("input", () => {
      this.#touched = true;
    });
    this.demand = element(
      "form",
      { class: "control", novalidate: true },
      element("div", { class: "row" }, element("label", { for: "hand-value", class: "grow" }, "Demand by hand"), this.value, this.set),
      element("label", { for: "hand-slider", class: "hidden" }, "Demand by hand, set while it moves"),
      this.slider,
      this.unit,
      element("div", { class: "row" }, element("div", { class: "grow" }, this.demandState), this.follow),
      this.demandOutcome,
    );
    this.demand.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#setDemand(this.value.valueAsNumber, this.set);
    });
    this.follow.addEventListener("click", () => this.#follow());

    this.amount = numberInput("hand-amount");
    this.seconds = numberInput("hand-seconds", { max: "3600", value: "10" });
    this.inject = element("button", { type: "submit" }, "Inject");
    this.spikeState = element("p", { class: "note" });
    this.spikeOutcome = outcome();
    this.spike = element(
      "form",
      { class: "control", novalidate: true },
      element(
        "div",
        { class: "row" },
        element("label", { for: "hand-amount", class: "grow" }, "Spike of"),
        this.amount,
        element("label", { for: "hand-seconds" }, "for"),
        this.seconds,
        element("span", { "aria-hidden": "true" }, "s"),
        this.inject,
      ),
      this.spikeState,
      this.spikeOutcome,
    );
    this.seconds.setAttribute("aria-label", "for so many seconds");
    this.spike.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#inject();
    });

    this.suspend = element("button", { type: "button" }, "Suspend");
    this.suspendOutcome = outcome();
    this.suspend.addEventListener("click", () => this.suspended(this.#name, this.suspend, this.suspendOutcome));
    this.suspendState = element("p", { class: "note grow" });
    this.noDemand = element("p", { class: "note" }, "It takes whatever is left and follows no demand.");

    place.append(
      element("div", { class: "row" }, element("label", { for: "hand-service", class: "grow" }, "Service"), this.service),
      this.demand,
      this.spike,
      this.noDemand,
      element("div", { class: "control" }, element("div", { class: "row" }, this.suspendState, this.suspend), this.suspendOutcome),
    );
  }

  /** Suspends a service or lets it go on, from whatever button. */
  async suspended(name, button, outcome) {
    const wanted = !this.#model.byName.get(name)?.override.suspended;
    const override = await attempt(outcome, button, () => api.setSuspended(name, wanted));
    if (override) this.#onChange(name, override);
  }

  #choose(name) {
    this.#name = name;
    this.#touched = false;
    for (const outcome of [this.demandOutcome, this.spikeOutcome, this.suspendOutcome]) setText(outcome, "");
    const { spec } = this.#model.byName.get(name);
    const most = mostDemand(spec);
    this.slider.max = String(most);
    this.amount.value = String(niceStep(most / 2));
    setText(this.unit, spec.remainder ? "" : `Unit: ${unitOf(spec.scaling)}.`);
    this.demand.hidden = spec.remainder;
    this.spike.hidden = spec.remainder;
    this.noDemand.hidden = !spec.remainder;
  }

  async #setDemand(value, control) {
    const name = this.#name;
    // What is no number is refused by the server as well, but would reach it as null.
    if (Number.isNaN(value)) {
      this.demandOutcome.classList.add("error");
      setText(this.demandOutcome, "Not done: need a finite number >= 0, got none");
      return;
    }
    const override = await attempt(this.demandOutcome, control, () => api.setDemand(name, value));
    if (override) {
      this.#onChange(name, override);
      if (Number(this.slider.max) < value) this.slider.max = String(value);
    }
  }

  /** While the slider moves, one call at a time; the newest value is never left out. */
  async #slide(value) {
    this.#next = value;
    if (this.#sending) return;
    this.#sending = true;
    while (this.#next !== null) {
      const now = this.#next;
      this.#next = null;
      await this.#setDemand(now, null);
    }
    this.#sending = false;
  }

  async #follow() {
    const name = this.#name;
    const override = await attempt(this.demandOutcome, this.follow, () => api.followSource(name));
    if (override) {
      this.#touched = false;
      this.#onChange(name, override);
    }
  }

  async #inject() {
    const name = this.#name;
    const [amount, seconds] = [this.amount.valueAsNumber, this.seconds.valueAsNumber];
    if (Number.isNaN(amount) || Number.isNaN(seconds)) {
      this.spikeOutcome.classList.add("error");
      setText(this.spikeOutcome, "Not done: need an amount and seconds, got none");
      return;
    }
    const override = await attempt(this.spikeOutcome, this.inject, () => api.spike(name, amount, seconds));
    if (override) this.#onChange(name, override);
  }

  draw() {
    const names = this.#model.services.map(({ name }) => name);
    if (names.length === 0) return;
    if (names.join("\n") !== this.#names) {
      this.#names = names.join("\n");
      this.service.replaceChildren(...names.map((name) => element("option", { value: name }, name)));
      if (!names.includes(this.#name)) this.#choose(names[0]);
      this.service.value = this.#name;
    }
    const { override, reading, name } = this.#model.byName.get(this.#name);
    const isByHand = override.demand !== null;
    const now = override.demand ?? reading;
    const isEdited = this.#touched || document.activeElement === this.value || document.activeElement === this.slider;
    if (now !== null && (!isEdited || (!isByHand && !this.#touched))) {
      if (document.activeElement !== this.value) this.value.value = String(Math.round(now * 100) / 100);
      if (document.activeElement !== this.slider) this.slider.value = String(now);
    }
    setText(this.demandState, isByHand ? `Set by hand to ${number(override.demand)}.` : "Follows its source.");
    this.follow.disabled = !isByHand;
    setText(
      this.spikeState,
      spikes(override, this.#model.now())
        ? `${number(override.spike)} more for another ${wholeSpan((millisOf(override.spikeUntil) - this.#model.now()) / 1000 + 1)}.`
        : "Added to the demand, then taken away.",
    );
    setText(this.suspend, override.suspended ? `Let ${name} go on` : `Suspend ${name}`);
    setAttribute(this.suspend, "aria-pressed", String(override.suspended));
    setText(
      this.suspendState,
      override.suspended ? "It is suspended and claims nothing." : "Suspended, it claims nothing, not even its min.",
    );
  }
}

const numberInput = (id, more = {}) =>
  element("input", { type: "number", id, min: "0", step: "any", inputmode: "decimal", ...more });

/** Where the slider ends: a little more than all replicas can serve. */
function mostDemand({ scaling, max }) {
  switch (scaling.kind) {
    case "perReplicaTarget":
      return niceStep(scaling.target * max * 1.2);
    case "targetUtilisation":
      return 1.5;
    case "queueDrainTime":
      return niceStep(scaling.ratePerReplica * max * 30);
    default:
      return niceStep(max * 1.2);
  }
}

/** The nearest number of two digits. */
function niceStep(value) {
  const size = 10 ** (Math.floor(Math.log10(Math.max(value, 1e-9))) - 1);
  return Math.round(value / size) * size;
}
