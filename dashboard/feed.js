import * as api from "./api.js";
import { canFollow } from "./replicaset.js";
import { Stream } from "./stream.js";
import { groupsOf, Timeline } from "./timeline.js";

const HISTORY_MILLIS = 30 * 60_000;
const RECENT_MILLIS = 70_000;
const RETRY_MILLIS = [250, 500, 1000, 2000, 3000];
const SILENT_MILLIS = 5000;
const LOOK_MILLIS = 5000;
const LOOK_SOON_MILLIS = 1000;
const FRAMES_COUNTED = 100;
const RATE_MILLIS = 2000;

/**
 * Keeps model, replicas, timeline and log true: asks how things are, then listens, and comes back
 * by itself when the connection is lost or the engine is another one.
 */
export class Feed {
  timeline = null;
  #model;
  #replicas;
  #log;
  #session;
  #onTimeline;
  #onRestart;
  #stream = new Stream({
    opened: () => this.#opened(),
    event: (type, data) => this.#take(type, data),
    reset: () => this.#load().catch((error) => this.#lose(error)),
    lost: () => this.#lose(),
  });
  #state = "connecting";
  #retries = 0;
  #retryTimer = 0;
  #loads = 0;
  #lookedAt = 0;
  #framesAt = [];

  /**
   * @param onTimeline is told when there is another timeline to draw
   * @param onRestart is told when the engine was started anew
   */
  constructor({ model, replicas, log, session, onTimeline, onRestart }) {
    this.#model = model;
    this.#replicas = replicas;
    this.#log = log;
    this.#session = session;
    this.#onTimeline = onTimeline;
    this.#onRestart = onRestart;
  }

  /** connecting, live, silent, lost, or refused without the token */
  get state() {
    return this.#state === "live" && this.silentMillis > SILENT_MILLIS ? "silent" : this.#state;
  }

  get silentMillis() {
    return performance.now() - this.#stream.heardAt;
  }

  /** How many frames a second have come lately. */
  get rate() {
    const now = performance.now();
    return Math.round(this.#framesAt.filter((at) => now - at < RATE_MILLIS).length / (RATE_MILLIS / 1000));
  }

  /** Asks how things are and listens from there; to the same run from where it broke off, so that the log misses nothing. */
  async connect() {
    clearTimeout(this.#retryTimer);
    const knownRun = this.#model.run;
    try {
      const status = await this.#load();
      if (status === null) return;
      const { lastId } = this.#stream;
      this.#stream.open(knownRun === status.run && lastId ? lastId : status.lastEventId, canFollow(this.#model));
    } catch (error) {
      this.#lose(error);
    }
  }

  /** Asks again for what no event tells: why a reading is missing, and sentences of passes that changed no number. */
  async look() {
    const { services } = this.#model;
    const isOdd = services.some(({ reading, missing, spec }) => reading === null && missing === null && !spec.remainder);
    const every = isOdd ? LOOK_SOON_MILLIS : LOOK_MILLIS * Math.max(1, services.length / 100);
    if (this.#state !== "live" || performance.now() - this.#lookedAt < every) return;
    this.#lookedAt = performance.now();
    try {
      const status = await api.readStatus();
      if (status.run !== this.#model.run) return;
      this.#model.takeStatus(status);
      // What the chart is drawn in shows only when the orchestrator has been seen.
      if (!this.#isDrawn(groupsOf(this.#model.services))) await this.#draft(status);
    } catch (error) {
      if (error.status === 401) this.#lose(error);
    }
  }

  /** Takes in status and history; null if a later call has overtaken this one. */
  async #load() {
    const load = ++this.#loads;
    const model = this.#model;
    const status = await api.readStatus();
    if (load !== this.#loads) return null;
    this.#session.done();
    const isKnown = model.run === status.run && this.timeline !== null;
    const isAnother = model.takeStatus(status);
    this.#lookedAt = performance.now();
    if (isAnother) {
      this.#log.note(status.at, "The engine was started anew", "restart");
      this.#onRestart();
    }
    this.#log.begin(status);
    if (isKnown) {
      const away = Date.parse(status.at) - this.timeline.lastTime();
      this.timeline.addHistory(await api.readHistory(before(status, Math.min(HISTORY_MILLIS, away))));
    } else {
      await this.#draft(status);
    }
    if (load !== this.#loads) return null;
    if (canFollow(model)) this.#replicas.read(model.services).catch(() => this.#replicas.forget());
    else this.#replicas.forget();
    return status;
  }

  /** Fills a timeline with what the server and, after a restart, this page still know. */
  async #draft(status) {
    const groups = groupsOf(this.#model.services);
    const [older, recent] = await Promise.all([
      api.readHistory(before(status, HISTORY_MILLIS)),
      api.readHistory(before(status, RECENT_MILLIS)),
    ]);
    const isDrawn = this.#isDrawn(groups);
    if (isDrawn) this.timeline.groups = groups;
    else this.timeline = new Timeline(groups);
    this.timeline.addHistory(upTo(older, recent.t[0] ?? Infinity));
    this.timeline.addHistory(recent);
    if (!isDrawn) this.#onTimeline(this.timeline);
  }

  #isDrawn(groups) {
    return this.timeline !== null && JSON.stringify(this.timeline.groups.map(shape)) === JSON.stringify(groups.map(shape));
  }

  #opened() {
    this.#state = "live";
    this.#retries = 0;
  }

  #lose(error) {
    this.#stream.close();
    if (error?.status === 401) {
      this.#state = "refused";
      this.#session.ask();
      return;
    }
    this.#state = "lost";
    clearTimeout(this.#retryTimer);
    const wait = RETRY_MILLIS[Math.min(this.#retries++, RETRY_MILLIS.length - 1)];
    this.#retryTimer = setTimeout(() => this.connect(), wait);
  }

  #take(type, data) {
    const model = this.#model;
    switch (type) {
      case "frame":
        model.takeFrame(data);
        this.#keepFrame(data);
        break;
      case "figures":
        model.figures = data;
        break;
      case "nodes":
        model.takeNodes(data);
        break;
      case "passed":
        model.takePass(data);
        this.#log.passed(data);
        break;
      case "action":
        this.#log.action(data);
        break;
      case "reacted":
        this.#log.reacted(data);
        break;
      case "observed":
        model.blind = null;
        model.takeBackoffs(data.backoffs);
        this.#replicas.take(data);
        break;
      case "overridden":
        model.takeOverride(data.service, data.override);
        this.#log.overridden(data);
        break;
      case "blind":
        if (model.blind === null) this.#log.blind(data);
        model.blind = data.message;
        break;
      case "work":
        model.takeWork(data);
        break;
      case "stopped":
        model.stopped = data.reason;
        this.#log.note(data.at, `The engine stops: ${data.reason}`, "restart");
        break;
      default:
    }
  }

  #keepFrame(frame) {
    this.#framesAt.push(performance.now());
    if (this.#framesAt.length > FRAMES_COUNTED) this.#framesAt.shift();
    const points = new Map(frame.services.map((point) => [point.name, point]));
    this.timeline.add(frame.t, frame.capacity, ({ name }) => points.get(name));
  }
}

const before = (status, millis) => new Date(Date.parse(status.at) - Math.max(1, millis)).toISOString();

/** What must be the same for two groups to be drawn on one timeline. */
const shape = ({ name, colour, services }) => [name, colour, services.map((service) => [service.name, service.perReplica])];

/** The part of a history before a time. */
function upTo(history, time) {
  const n = history.t.findIndex((t) => t >= time);
  return n < 0 ? history : { ...history, t: history.t.slice(0, n) };
}
