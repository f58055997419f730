import { element, setText } from "./dom.js";
import { clockMillis, millisOf, number, said, secondsOf, span } from "./format.js";
import {
  blindInWords, changesInWords, failureInWords, note, overrideInWords, passesInWords, reactionsInWords, triggersInWords,
} from "./words.js";

const ENTRIES = 100;
/** What follows so soon belongs to the same entry. */
const TOGETHER_MILLIS = 1000;
const TOGETHER_AT_MOST = 60;

/**
 * What happened, newest first. A change of demand takes several passes and brings several
 * replicas, so passes that only carry on and replicas that get ready go into the entry that is
 * open for them. Nothing is drawn but at [draw], so a storm of events costs no more than the
 * hundred entries that can be seen.
 */
export class Log {
  #list;
  #line;
  #colours;
  #waiting = [];
  #open = new Map();
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
      services.filter(({ claim, grant }) => claim && grant).map(({ name, claim, grant }) => [name, decided(claim, grant)]),
    );
    if (lastPlan && this.#list.children.length === 0 && this.#waiting.length === 0) {
      this.#add(lastPlan.at, () => passesInWords("", [lastPlan]));
    }
  }

  passed(event) {
    const changes = changesInWords(event, this.#decided);
    for (const { claim, grant } of event.decisions) this.#decided.set(claim.service, decided(claim, grant));
    const { at, triggers, took, plan } = event;
    const { steps, waiting } = plan;
    if (changes === "" && steps.length === 0 && waiting.length === 0) return;
    if (changes !== "") this.#open.delete("passes");
    this.#gather("passes", { at, triggers, took, steps, waiting }, (passes) => passesInWords(changes, passes));
  }

  action(event) {
    if (event.failure) this.#add(event.at, () => failureInWords(event));
  }

  reacted(event) {
    this.#gather(`reactions of ${event.service}`, event, reactionsInWords);
  }

  overridden(event) {
    this.#add(event.at, () => overrideInWords(event));
  }

  blind(event) {
    this.#add(event.at, () => blindInWords(event));
  }

  note(at, title, kind) {
    this.#add(at, () => note(at, title, kind));
  }

  draw(model) {
    if (model.lastPass) {
      const { number: pass, at, triggers, took } = model.lastPass;
      const when = `Pass ${number(pass, 0)} at ${clockMillis(millisOf(at))}`;
      setText(this.#line, `${when}, woken by ${triggersInWords(triggers)}, decided in ${span(secondsOf(took))}`);
    }
    if (this.#paused || this.#waiting.length === 0) return;
    if (this.#dropped > 0) {
      const { at } = this.#waiting[0];
      const text = `${number(this.#dropped, 0)} entries before this one were too many to show`;
      this.#waiting.unshift({ at, words: () => note(at, text), item: null });
      this.#dropped = 0;
    }
    const isAtTop = this.#list.scrollTop < 4;
    const height = this.#list.scrollHeight;
    for (const entry of this.#waiting) {
      entry.isWaiting = false;
      const item = this.#item(entry.words());
      if (entry.item?.isConnected) entry.item.replaceWith(item);
      else this.#list.prepend(item);
      entry.item = item;
    }
    this.#waiting = [];
    // Whoever reads further down keeps the place.
    if (!isAtTop) this.#list.scrollTop += this.#list.scrollHeight - height;
    while (this.#list.children.length > ENTRIES) this.#list.lastChild.remove();
  }

  /** Adds to the entry that is open under a key, or opens one. */
  #gather(key, event, words) {
    const open = this.#open.get(key);
    const at = millisOf(event.at);
    if (open && at - open.openedAt < TOGETHER_MILLIS && open.events.length < TOGETHER_AT_MOST) {
      open.events.push(event);
      if (!open.entry.isWaiting) this.#wait(open.entry);
      return;
    }
    const events = [event];
    this.#open.set(key, { events, openedAt: at, entry: this.#add(event.at, () => words(events)) });
  }

  #add(at, words) {
    const entry = { at, words, item: null, isWaiting: true };
    this.#wait(entry);
    return entry;
  }

  #wait(entry) {
    entry.isWaiting = true;
    this.#waiting.push(entry);
    if (this.#waiting.length > ENTRIES) {
      this.#waiting.shift().isWaiting = false;
      this.#dropped++;
    }
  }

  #item({ kind, at, title, lines, took, tookBy }) {
    return element(
      "li",
      { class: kind },
      element(
        "p",
        {},
        element("time", { datetime: at }, clockMillis(millisOf(at))),
        element("strong", {}, title),
        took ? element("small", { title: tookBy }, took) : null,
      ),
      ...lines.map(({ kind: line, service, text, why }) =>
        element(
          "p",
          { class: `line ${line} ${service ? this.#colours(service) : ""}` },
          element("i", { class: "swatch" }),
          element("span", {}, element("b", {}, text), element("span", { class: "why" }, `: ${said(why)}`)),
        ),
      ),
    );
  }
}

const decided = (claim, grant) => ({ claim: claim.replicas, granted: grant.granted, basis: claim.basis });
