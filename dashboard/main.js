import { announcer } from "./announcer.js";
import { Banners, ConnectionView } from "./banners.js";
import { Chart } from "./chart.js";
import { byId, setText } from "./dom.js";
import { Explain } from "./explain.js";
import { Feed } from "./feed.js";
import { factsView, figuresView } from "./figures.js";
import { Hand } from "./hand.js";
import { legendView } from "./legend.js";
import { Log } from "./log.js";
import { Model } from "./model.js";
import { themeButton } from "./palette.js";
import { ReplicaSet } from "./replicaset.js";
import { keyView, NodesView, replicaTable } from "./replicas.js";
import { servicesView } from "./services.js";
import { Session } from "./session.js";
import { dataTable, summary } from "./summary.js";

const CHART_FASTEST_MILLIS = 45;
const CHART_SLOWEST_MILLIS = 95;
const SCREEN_MILLIS = 17;

// What is known, and what keeps it true.

const model = new Model();
const replicas = new ReplicaSet();
const log = new Log(byId("log"), byId("last-pass"), (name) => model.byName.get(name)?.colour ?? "rest");
const announce = announcer(byId("announcer"));
const session = new Session(() => feed.connect());
const feed = new Feed({
  model,
  replicas,
  log,
  session,
  onTimeline(timeline) {
    chart.show(timeline, model.resource);
    legend.show(timeline.groups);
  },
  onRestart: () => announce.news("The engine was started anew.", performance.now()),
});

// What shows it.

const explain = new Explain(model);
const chart = new Chart(byId("chart"), (name, time) => explain.open(name, time));
const legend = legendView(byId("legend"), chart);
const hand = new Hand(byId("hand"), model, (name, override) => model.takeOverride(name, override));
const nodes = new NodesView(byId("nodes"), byId("tip"));
const banners = new Banners(byId("banners"));
const connection = new ConnectionView(banners, byId("connection"), byId("connection-text"));
const drawFigures = figuresView(byId("figures"));
const drawFacts = factsView(byId("pool"), byId("facts"));
const drawServices = servicesView(byId("services"), byId("services-more"), {
  onExplain: (name) => explain.open(name),
  onSuspend: (name, button, outcome) => hand.suspended(name, button, outcome),
});

function drawSummary(now) {
  if (model.run === null) return;
  const text = summary(model);
  setText(byId("summary"), text);
  if (feed.state === "live") announce.state(text, now);
}

let seconds = 60;
/** How much later than the screen could have it the page is drawn, smoothed. */
let lateness = 0;
let drawnAt = performance.now();

/** A view of the last minute moves a pixel every 60 ms or so; longer ones, and slow computers, get ten drawings a second. */
const chartEvery = () =>
  seconds > 60 ? CHART_SLOWEST_MILLIS : Math.min(CHART_SLOWEST_MILLIS, Math.max(CHART_FASTEST_MILLIS, 3 * lateness));

/** Each view with the least time between two drawings of it, which is longer for people who asked for less motion. */
const views = [
  { every: chartEvery, calm: 1000, draw: () => chart.draw(model.now(), feed.state === "live") },
  { every: () => 100, calm: 500, draw: () => nodes.draw(model, replicas) },
  { every: () => 200, calm: 1000, draw: () => legend.draw(model) },
  { every: () => 200, calm: 1000, draw: () => drawServices(model) },
  { every: () => 250, calm: 1000, draw: () => hand.draw() },
  { every: () => 400, calm: 1500, draw: () => log.draw(model) },
  { every: () => 500, calm: 1000, draw: () => drawFigures(model) },
  { every: () => 500, calm: 1000, draw: () => drawFacts(model) },
  { every: () => 250, calm: 500, draw: () => connection.draw(feed, model) },
  { every: () => 1000, calm: 2000, draw: drawSummary },
  { every: () => 500, calm: 500, draw: () => feed.look() },
].map((view) => ({ ...view, drawnAt: -Infinity }));

const calm = matchMedia("(prefers-reduced-motion: reduce)");

// The browser calls this only while the page can be seen.
function draw(now) {
  lateness += (Math.max(0, now - drawnAt - SCREEN_MILLIS) - lateness) * 0.05;
  drawnAt = now;
  for (const view of views) {
    if (now - view.drawnAt < (calm.matches ? view.calm : view.every())) continue;
    view.drawnAt = now;
    view.draw(now);
  }
  requestAnimationFrame(draw);
}

// Buttons that belong to no view.

function toggle(button) {
  const isPressed = button.getAttribute("aria-pressed") !== "true";
  button.setAttribute("aria-pressed", String(isPressed));
  return isPressed;
}

byId("range").addEventListener("change", (event) => {
  seconds = Number(event.target.value);
  chart.setSeconds(seconds);
});
byId("pause-chart").addEventListener("click", (event) => chart.freeze(toggle(event.currentTarget) ? model.now() : null));
byId("pause-log").addEventListener("click", (event) => log.pause(toggle(event.currentTarget)));

const fillChartTable = dataTable(byId("chart-table"), byId("chart-data-caption"));
const readChart = () => feed.timeline && fillChartTable(feed.timeline, model, model.now(), seconds);
byId("chart-data").addEventListener("toggle", readChart);
byId("chart-data-refresh").addEventListener("click", readChart);

const fillReplicaTable = replicaTable(byId("replica-table").tBodies[0]);
const readReplicas = () => fillReplicaTable(model, replicas);
byId("replica-list").addEventListener("toggle", readReplicas);
byId("replica-list-refresh").addEventListener("click", readReplicas);

themeButton(byId("theme"));
keyView(byId("replicas-key"));
requestAnimationFrame(draw);
await session.takeFromAddress();
feed.connect();
