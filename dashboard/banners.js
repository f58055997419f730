import { element, setText } from "./dom.js";
import { wholeSpan } from "./format.js";

/**
 * What stands over everything else. The words are read out once when they appear; what ticks in
 * them is kept out of that.
 */
export class Banners {
  #place;
  #shown = new Map();

  constructor(place) {
    this.#place = place;
  }

  /** @param text null to take it away */
  set(key, kind, text, ticking = "") {
    const there = this.#shown.get(key);
    if (text === null) {
      there?.banner.remove();
      this.#shown.delete(key);
      return;
    }
    let entry = there;
    if (!entry) {
      const words = element("p", { role: kind === "bad" ? "alert" : "status" });
      const ticks = element("p", { class: "ticks" });
      entry = { words, ticks, banner: element("div", { class: "banner" }, words, ticks) };
      this.#place.append(entry.banner);
      this.#shown.set(key, entry);
    }
    entry.banner.className = `banner ${kind}`;
    setText(entry.words, text);
    setText(entry.ticks, ticking);
  }
}

const STATES = { live: "Live", connecting: "Connecting", lost: "No connection", silent: "Silent", refused: "Token needed" };

/** Whether the page is fed, in the header; and over everything what is wrong with it, the engine or the orchestrator. */
export class ConnectionView {
  #banners;
  #place;
  #text;

  constructor(banners, place, text) {
    this.#banners = banners;
    this.#place = place;
    this.#text = text;
  }

  draw(feed, model) {
    const { state, rate, silentMillis } = feed;
    if (this.#place.dataset.state !== state) this.#place.dataset.state = state;
    setText(this.#text, state === "live" && rate > 0 ? `Live, ${rate} a second` : STATES[state]);
    this.#drawLoss(state, silentMillis, model.run !== null);
    this.#banners.set("stopped", "warn", model.stopped === null ? null : `The engine has stopped: ${model.stopped}.`);
    this.#banners.set(
      "blind",
      "warn",
      model.blind === null ? null : `The orchestrator cannot be seen: ${model.blind}. Nothing is changed until it can.`,
    );
  }

  #drawLoss(state, silentMillis, hasData) {
    const news = { lost: "No connection to the engine.", silent: "The engine sends nothing." }[state];
    const retrying = "Trying again by itself.";
    this.#banners.set(
      "connection",
      "bad",
      news ? `${news}${hasData ? " What you see is old." : ""}` : null,
      hasData ? `Last data ${wholeSpan(silentMillis / 1000)} ago. ${retrying}` : retrying,
    );
  }
}
