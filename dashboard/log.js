import { element, setText } from "./dom.js";
import { clockMillis, millisOf, number, secondsOf, span } from "./format.js";
import {
  blindInWords, failureInWords, note, overrideInWords, passInWords, reactionsInWords, triggersInWords,
} from "./words.js";

const ENTRIES = 100;

/**
 * What happened, newest first. Events are only kept until the next drawing, so a storm of them
 * costs no more than the hundred entries that can be seen.
 */
export class Log {
  #list;
  #line;
  #colours;
  #waiting = [];
  #decided = new Map();
  #paused = false;
  #dropped = 0;

  /** @param colours gives the class of a service */
  constructor(list, line, colours) {
    this.#list = list;
    this.#line = line;
    this.#colours = colours;
  }

  pause(paused) {
    this.#paused = paused;
  }

  /** Begins with what a status tells: what was decided last, and the last pass that did something. */
  begin({ services, lastPlan }) {
    this.#decided = new Map(
      services
        .filter(({ claim, grant }) => claim && grant)
        .map(({ name, claim, grant }) => [name, { claim: claim.replicas, granted: grant.granted, basis: claim.basis }]),
    );
    if (lastPlan && this.#list.children.length === 0 && this.#waiting.length === 0) {
      const { steps, waiting } = lastPlan;
      this.#add({ pass: passInWords({ ...lastPlan, decisions: [], plan: { steps, waiting } }, this.#decided) });
    }
  }

  passed(event) {
    this.#add({ pass: passInWords(event, this.#decided) });
    for (const { claim, grant } of event.decisions) {
      this.#decided.set(claim.service, { claim: claim.replicas, granted: grant.granted, basis: claim.basis });
    }
  }

  action(event) {
    if (event.failure) this.#add({ entry: failureInWords(event) });
  }

  reacted(event) {
    const last = this.#waiting.at(-1);
    if (last?.reactions?.[0].service === event.service) last.reactions.push(event);
    else this.#add({ reactions: [event] });
  }

  overridden(event) {
    this.#add({ entry: overrideInWords(event) });
  }

  blind(event) {
    this.#add({ entry: blindInWords(event) });
  }

  note(at, title, kind) {
    this.#add({ entry: note(at, title, kind) });
  }

  draw(model) {
    const pass = model.lastPass;
    if (pass) {
      setText(
        this.#line,
        `Pass ${number(pass.number, 0)} at ${clockMillis(millisOf(pass.at))}, woken by ${triggersInWords(pass.triggers)}, decided in ${span(secondsOf(pass.took))}`,
      );
    }
    if (this.#paused || this.#waiting.length === 0) return;
    const entries = this.#waiting.map(({ pass: passed, reactions, entry }) => passed ?? entry ?? reactionsInWords(reactions));
    this.#waiting = [];
    const isAtTop = this.#list.scrollTop < 4;
    const height = this.#list.scrollHeight;
    if (this.#dropped > 0) {
      entries.unshift(note(entries[0].at, `${number(this.#dropped, 0)} entries before this one were too many to show`));
      this.#dropped = 0;
    }
    this.#list.prepend(...entries.slice(-ENTRIES).reverse().map((entry) => this.#item(entry)));
    // Whoever reads further down keeps the place.
    if (!isAtTop) this.#list.scrollTop += this.#list.scrollHeight - height;
    while (this.#list.children.length > ENTRIES) this.#list.lastChild.remove();
  }

  #add(waiting) {
    this.#waiting.push(waiting);
    if (this.#waiting.length > ENTRIES) {
      this.#waiting.shift();
      this.#dropped++;
    }
  }

  #item({ kind, at, title, lines, took }) {
    return element(
      "li",
      { class: kind },
      element("p", {}, element("time", { datetime: at }, clockMillis(millisOf(at))), element("strong", {}, title), took ? element("small", {}, took) : null),
      ...lines.map(({ kind: line, service, text, why }) =>
        element(
          "p",
          { class: `line ${line} ${service ? this.#colours(service) : ""}` },
          element("i", { class: "swatch" }),
          element("span", {}, element("b", {}, text), element("span", { class: "why" }, `: ${why}`)),
        ),
      ),
    );
  }
}
