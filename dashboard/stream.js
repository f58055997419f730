/**
 * The events of the engine: one connection at a time, picked up where it broke. The browser's own
 * way of coming back hides why a connection failed and how long it has been gone, so each
 * EventSource lives until its first error only and `owner` is asked what to do next.
 */

const TYPES = [
  "frame", "figures", "nodes", "passed", "action", "reacted", "observed", "overridden", "blind", "work", "started", "stopped",
];
/** The engine sends at least a frame a second. */
const SILENT_MILLIS = 12_000;

export class Stream {
  #source = null;
  #owner;
  #watchdog = 0;
  /** The id of the last event; its part before the dash names the run. */
  lastId = null;
  heardAt = -Infinity;

  /** @param owner has `opened()`, `event(type, data, run)`, `reset(reason)` and `lost()` */
  constructor(owner) {
    this.#owner = owner;
  }

  /** @param withReplicas whether each replica is to be told, which is too much in a large pool */
  open(after, withReplicas) {
    this.close();
    const types = withReplicas ? TYPES : TYPES.filter((type) => type !== "observed");
    const source = new EventSource(`/v1/events?types=${types}&after=${encodeURIComponent(after)}`);
    this.#source = source;
    this.lastId = after;
    this.heardAt = performance.now();
    source.onopen = () => {
      this.heardAt = performance.now();
      this.#owner.opened();
    };
    source.onerror = () => this.#lose(source);
    for (const type of types) source.addEventListener(type, (message) => this.#take(type, message));
    source.addEventListener("reset", (message) => {
      this.#heard(message);
      this.#owner.reset(JSON.parse(message.data).reason);
    });
    this.#watchdog = setInterval(() => {
      if (performance.now() - this.heardAt > SILENT_MILLIS) this.#lose(source);
    }, 1000);
  }

  close() {
    clearInterval(this.#watchdog);
    this.#source?.close();
    this.#source = null;
  }

  #heard(message) {
    this.heardAt = performance.now();
    this.lastId = message.lastEventId;
  }

  #take(type, message) {
    this.#heard(message);
    this.#owner.event(type, JSON.parse(message.data));
  }

  #lose(source) {
    if (source !== this.#source) return;
    this.close();
    this.#owner.lost();
  }
}
