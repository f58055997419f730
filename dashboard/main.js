import * as api from "./api.js";
import { announcer } from "./announcer.js";
import { Banners, ConnectionView } from "./banners.js";
import { Chart } from "./chart.js";
import { byId } from "./dom.js";
import { Explain } from "./explain.js";
import { factsView, figuresView } from "./figures.js";
import { Hand } from "./hand.js";
import { legendView } from "./legend.js";
import { Log } from "./log.js";
import { Model } from "./model.js";
import { themeButton } from "./palette.js";
import { canFollow, ReplicaSet } from "./replicaset.js";
import { keyView, NodesView, replicaTable } from "./replicas.js";
import { servicesView } from "./services.js";
import { Session } from "./session.js";
import { Stream } from "./stream.js";
import { dataTable, summary } from "./summary.js";
import { groupsOf, Timeline } from "./timeline.js";

const HISTORY_MILLIS = 30 * 60_000;
const RECENT_MILLIS = 70_000;
const RETRY_MILLIS = [250, 500, 1000, 2000, 3000];
const SILENT_MILLIS = 5000;
const LOOK_MILLIS = 5000;
const LOOK_SOON_MILLIS = 1000;
const FRAMES_COUNTED = 100;

const model = new Model();
const replicas = new ReplicaSet();
const explain = new Explain(model);
const chart = new Chart(byId("chart"), (name, time) => explain.open(name, time));
const legend = legendView(byId("legend"), chart);
const log = new Log(byId("log"), byId("last-pass"), (name) => model.byName.get(name)?.colour ?? "rest");
const hand = new Hand(byId("hand"), model, (name, override) => model.takeOverride(name, override));
const banners = new Banners(byId("banners"));
const connectionView = new ConnectionView(banners, byId("connection"), byId("connection-text"));
const announce = announcer(byId("announcer"));
const nodes = new NodesView(byId("nodes"), byId("tip"));
const session = new Session(() => connect());

let timeline = null;
let state = "connecting";
let retries = 0;
let retryTimer = 0;
let loading = 0;
let lookedAt = 0;
let framesAt = [];
let seconds = 60;

// --- Coming and staying in touch ---

const stream = new Stream({
  opened() {
    state = "live";
    retries = 0;
  },
  event: take,
  reset: () => load().catch(lost),
  lost: () => lost(),
});

/** Asks how things are and listens from there; to the same run from where it broke off, so that nothing is missing in the log. */
async function connect() {
  clearTimeout(retryTimer);
  const before = model.run;
  try {
    const status = await load();
    if (status) stream.open(before === status.run && stream.lastId ? stream.lastId : status.lastEventId, canFollow(model));
  } catch (error) {
    lost(error);
  }
}

/** Takes in status and history; returns null if a later call has overtaken it. */
async function load() {
  const call = ++loading;
  const status = await api.readStatus();
  if (call !== loading) return null;
  session.done();
  const isKnown = model.run === status.run && timeline !== null;
  const wasOther = model.takeStatus(status);
  lookedAt = performance.now();
  if (wasOther) {
    log.note(status.at, "The engine was started anew", "restart");
    announce.news("The engine was started anew.", performance.now());
  }
  log.begin(status);
  if (!isKnown) await draft(status);
  else timeline.addHistory(await api.readHistory(since(status, Math.min(HISTORY_MILLIS, Date.parse(status.at) - timeline.lastTime()))));
  if (call !== loading) return null;
  if (canFollow(model)) replicas.read(model.services).catch(() => replicas.forget());
  else replicas.forget();
  return status;
}

const since = (status, millis) => new Date(Date.parse(status.at) - Math.max(1, millis)).toISOString();

/** Starts a chart for these services, with what the server and, after a restart, this page still know. */
async function draft(status) {
  const groups = groupsOf(model.services);
  const isSame = timeline !== null && JSON.stringify(timeline.groups.map(key)) === JSON.stringify(groups.map(key));
  const [older, recent] = await Promise.all([
    api.readHistory(since(status, HISTORY_MILLIS)),
    api.readHistory(since(status, RECENT_MILLIS)),
  ]);
  if (isSame) timeline.groups = groups;
  else timeline = new Timeline(groups);
  timeline.addHistory(until(older, recent.t[0] ?? Infinity));
  timeline.addHistory(recent);
  if (!isSame) {
    chart.show(timeline, model.resource);
    legend.show(groups);
  }
}

const key = ({ name, colour, services }) => [name, colour, services.map((service) => [service.name, service.perReplica])];

function until(history, time) {
  const n = history.t.findIndex((t) => t >= time);
  return n < 0 ? history : { ...history, t: history.t.slice(0, n) };
}

function lost(error) {
  stream.close();
  if (error?.status === 401) {
    state = "refused";
    session.ask();
    return;
  }
  state = "lost";
  clearTimeout(retryTimer);
  retryTimer = setTimeout(connect, RETRY_MILLIS[Math.min(retries++, RETRY_MILLIS.length - 1)]);
}

/** What no event tells: why a reading is missing, and sentences of passes that changed no number. */
async function look() {
  const waited = performance.now() - lookedAt;
  const isOdd = model.services.some(({ reading, missing, spec }) => reading === null && missing === null && !spec.remainder);
  if (state !== "live" || waited < (isOdd ? LOOK_SOON_MILLIS : LOOK_MILLIS * Math.max(1, model.services.length / 100))) return;
  lookedAt = performance.now();
  try {
    const status = await api.readStatus();
    if (status.run === model.run) model.takeStatus(status);
  } catch (error) {
    if (error.status === 401) lost(error);
  }
}

// --- What happens ---

function take(type, data) {
  switch (type) {
    case "frame":
      model.takeFrame(data);
      framesAt.push(performance.now());
      if (framesAt.length > FRAMES_COUNTED) framesAt.shift();
      timeline.add(data.t, data.capacity, ({ name }) => {
        const service = model.byName.get(name);
        return service && { demand: service.demand, ...pick(service.counts) };
      });
      break;
    case "figures":
      model.figures = data;
      break;
    case "nodes":
      model.takeNodes(data);
      break;
    case "passed":
      model.takePass(data);
      log.passed(data);
      break;
    case "action":
      log.action(data);
      break;
    case "reacted":
      log.reacted(data);
      break;
    case "observed":
      model.blind = null;
      model.takeBackoffs(data.backoffs);
      replicas.take(data);
      break;
    case "overridden":
      model.takeOverride(data.service, data.override);
      log.overridden(data);
      break;
    case "blind":
      if (model.blind === null) log.blind(data);
      model.blind = data.message;
      break;
    case "work":
      model.takeWork(data);
      break;
    case "stopped":
      model.stopped = data.reason;
      log.note(data.at, `The engine stops: ${data.reason}`, "restart");
      break;
    default:
  }
}

const pick = ({ running, starting, stopping }) => ({ running, starting, stopping });

// --- Drawing ---

const calm = matchMedia("(prefers-reduced-motion: reduce)");
const drawFigures = figuresView(byId("figures"));
const drawFacts = factsView(byId("pool"), byId("facts"));
const drawServices = servicesView(byId("services"), byId("services-more"), {
  onExplain: (name) => explain.open(name),
  onSuspend: (name, button, outcome) => hand.suspended(name, button, outcome),
});
const fillChartTable = dataTable(byId("chart-table"), byId("chart-data-caption"));
const fillReplicaTable = replicaTable(byId("replica-table").tBodies[0]);

function drawConnection(now) {
  const silent = now - stream.heardAt;
  framesAt = framesAt.filter((at) => now - at < 2000);
  const shown = state === "live" && silent > SILENT_MILLIS ? "silent" : state;
  connectionView.draw(shown, silent, model.run !== null, Math.round(framesAt.length / 2));
  banners.set(
    "blind",
    "warn",
    model.blind === null ? null : `The orchestrator cannot be seen: ${model.blind}. Nothing is changed until it can.`,
  );
  banners.set("stopped", "warn", model.stopped === null ? null : `The engine has stopped: ${model.stopped}.`);
}

function drawSummary(now) {
  if (model.run === null) return;
  const text = summary(model);
  if (byId("summary").textContent !== text) byId("summary").textContent = text;
  if (state === "live") announce.state(text, now);
}

/** A view of the last minute moves a pixel every 60 ms or so; longer ones, and slow computers, get ten drawings a second. */
const chartEvery = () => (seconds > 60 ? CHART_SLOWEST_MILLIS : Math.min(CHART_SLOWEST_MILLIS, Math.max(CHART_FASTEST_MILLIS, 3 * lateness)));
const CHART_FASTEST_MILLIS = 45;
const CHART_SLOWEST_MILLIS = 95;
const SCREEN_MILLIS = 17;
/** How much later than the screen could have it the page is drawn, smoothed. */
let lateness = 0;
let drawnAt = performance.now();

/** Each view with the least time between two drawings of it; those that move wait longer for people who asked for calm. */
const views = [
  { every: chartEvery, calm: 1000, draw: () => timeline && chart.draw(model.now(), state === "live") },
  { every: 100, calm: 500, draw: () => nodes.draw(model, replicas) },
  { every: 200, calm: 1000, draw: () => legend.draw(model) },
  { every: 200, calm: 1000, draw: () => drawServices(model) },
  { every: 250, calm: 1000, draw: () => hand.draw() },
  { every: 400, calm: 1500, draw: () => log.draw(model) },
  { every: 500, calm: 1000, draw: () => drawFigures(model) },
  { every: 500, calm: 1000, draw: () => drawFacts(model) },
  { every: 250, calm: 500, draw: drawConnection },
  { every: 1000, calm: 2000, draw: drawSummary },
  { every: 500, calm: 500, draw: () => look() },
].map((view) => ({ ...view, drawnAt: -Infinity }));

// The browser calls this only while the page can be seen.
function draw(now) {
  lateness += (Math.max(0, now - drawnAt - SCREEN_MILLIS) - lateness) * 0.05;
  drawnAt = now;
  for (const view of views) {
    const every = typeof view.every === "function" ? view.every() : view.every;
    if (now - view.drawnAt < (calm.matches ? view.calm : every)) continue;
    view.drawnAt = now;
    view.draw(now);
  }
  requestAnimationFrame(draw);
}

// --- Buttons that belong to no view ---

const pressed = (button) => {
  const now = button.getAttribute("aria-pressed") !== "true";
  button.setAttribute("aria-pressed", String(now));
  return now;
};

byId("range").addEventListener("change", (event) => {
  seconds = Number(event.target.value);
  chart.setSeconds(seconds);
});
byId("pause-chart").addEventListener("click", (event) => chart.freeze(pressed(event.currentTarget) ? model.now() : null));
byId("pause-log").addEventListener("click", (event) => log.pause(pressed(event.currentTarget)));

const readChart = () => timeline && fillChartTable(timeline, model, model.now(), seconds);
byId("chart-data").addEventListener("toggle", readChart);
byId("chart-data-refresh").addEventListener("click", readChart);
byId("replica-list").addEventListener("toggle", () => fillReplicaTable(model, replicas));
byId("replica-list-refresh").addEventListener("click", () => fillReplicaTable(model, replicas));

themeButton(byId("theme"));
keyView(byId("replicas-key"));
requestAnimationFrame(draw);
await session.takeFromAddress();
connect();
