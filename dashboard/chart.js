import uPlot from "/lib/uplot/uPlot.esm.js";
import { Stack } from "./stack.js";
import { colour, dots, onColours, stripes } from "./palette.js";
import { amount, clock, clockMillis, unit } from "./format.js";
import { element } from "./dom.js";

const FONTS = 'Inter, system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';
const stepped = uPlot.paths.stepped({ align: 1 });

/**
 * The chart: replicas stacked up to the capacity, demand as a line over them. Each area is filled
 * down to zero and drawn from the top of the stack to its bottom, over the ones above it.
 */
export class Chart {
  #place;
  #tip;
  #plot = null;
  #timeline = null;
  #resource = "slots";
  #seconds = 60;
  #hidden = new Set();
  #stack = null;
  #window = { from: 0, to: 1 };
  #top = 1;
  #frozenAt = null;
  #onPick;

  /** @param onPick is told the name of a group and a time that were clicked */
  constructor(place, onPick) {
    this.#place = place;
    this.#onPick = onPick;
    this.#tip = element("div", { class: "chart-tip", hidden: true });
    new ResizeObserver(() => this.#resize()).observe(place);
    onColours(() => this.#plot?.redraw(false, true));
    place.addEventListener("click", (event) => this.#pick(event));
  }

  /** Starts anew on a timeline. */
  show(timeline, resource) {
    this.#timeline = timeline;
    this.#resource = resource;
    this.#plot?.destroy();
    this.#stack = new Stack(timeline.groups);
    this.#plot = new uPlot(this.#options(), this.#stack.columns, this.#place);
    this.#plot.over.append(this.#tip);
  }

  setSeconds(seconds) {
    this.#seconds = seconds;
  }

  /** Stops the view where it is, or lets it follow again. */
  freeze(at) {
    this.#frozenAt = at;
  }

  toggle(key, visible) {
    if (visible) this.#hidden.delete(key);
    else this.#hidden.add(key);
  }

  isVisible(key) {
    return !this.#hidden.has(key);
  }

  /** Draws what is known up to a time. */
  draw(now, isLive) {
    if (!this.#plot) return;
    const to = this.#frozenAt ?? now;
    this.#window = { from: to - this.#seconds * 1000, to };
    const highest = this.#stack.fill(this.#timeline, this.#window, this.#hidden, isLive && this.#frozenAt === null);
    const wanted = Math.max(1, highest * 1.08);
    // Down only when it is clearly too high, so that the scale does not breathe.
    if (wanted > this.#top || wanted < this.#top * 0.85) this.#top = wanted;
    this.#plot.batch(() => {
      this.#plot.setData(this.#stack.columns, false);
      this.#plot.setScale("x", { min: this.#window.from / 1000, max: to / 1000 });
    });
  }

  #options() {
    const rule = () => colour("rule");
    return {
      width: Math.max(200, this.#place.clientWidth),
      height: this.#height(),
      padding: [10, 30, 0, 0],
      pxAlign: 1,
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
      scales: {
        x: { time: true, auto: false },
        y: { range: () => [0, this.#top] },
      },
      axes: [
        {
          font: `12px ${FONTS}`,
          stroke: () => colour("muted"),
          grid: { show: false },
          ticks: { stroke: rule, width: 1, size: 5 },
          space: 90,
          size: 30,
          values: (_, splits) => splits.map((seconds) => clock(seconds * 1000).slice(0, this.#seconds > 600 ? 5 : 8)),
        },
        {
          font: `12px ${FONTS}`,
          stroke: () => colour("muted"),
          grid: { stroke: rule, width: 1 },
          ticks: { show: false },
          size: 46,
          space: 40,
          incrs: [1, 2, 5].flatMap((n) => [...Array(16).keys()].map((e) => n * 10 ** e)).sort((a, b) => a - b),
          values: (_, splits) => splits.map((value) => amount(this.#resource, value)),
        },
      ],
      series: [{}, ...this.#stack.series().map((column) => ({ paths: stepped, points: { show: false }, ...style(column) }))],
      hooks: {
        draw: [(plot) => this.#writeCapacity(plot, devicePixelRatio)],
        setCursor: [(plot) => this.#hover(plot)],
      },
    };
  }

  #writeCapacity(plot, ratio) {
    const capacity = this.#timeline.lastCapacity();
    if (!capacity) return;
    const { ctx } = plot;
    ctx.save();
    ctx.font = `${12 * ratio}px ${FONTS}`;
    ctx.fillStyle = colour("muted");
    ctx.textAlign = "right";
    ctx.textBaseline = "bottom";
    const text = `capacity ${amount(this.#resource, capacity)} ${unit(this.#resource)}`;
    ctx.fillText(text, plot.bbox.left + plot.bbox.width - 4 * ratio, plot.valToPos(capacity, "y", true) - 3 * ratio);
    ctx.restore();
  }

  /** What is under the pointer, in words beside it. */
  #hover(plot) {
    const { left } = plot.cursor;
    const point = left >= 0 ? this.#timeline.at(plot.posToVal(left, "x") * 1000) : null;
    this.#tip.hidden = point === null;
    if (point === null) return;
    const row = (shade, label, value) =>
      element("div", { class: shade }, element("i", { class: "swatch" }), element("span", {}, label), element("b", {}, value));
    const { groups } = this.#timeline;
    const show = (value) => amount(this.#resource, value);
    const demands = groups.filter((group) => group.services.some((service) => !service.spec.remainder));
    this.#tip.replaceChildren(
      element("div", { class: "when" }, clockMillis(point.time)),
      ...demands.map((group) =>
        row("demand", demands.length === 1 ? "demand" : `demand of ${group.name}`, show(point.groups[groups.indexOf(group)].demand)),
      ),
      ...groups.map((group, g) => {
        const { running, starting, stopping } = point.groups[g];
        const others = [starting > 0 && `+${show(starting)} starting`, stopping > 0 && `${show(stopping)} stopping`].filter(Boolean);
        return row(group.colour, group.name, [show(running), ...others].join(", "));
      }),
      element("div", { class: "hint" }, "Click: why was it so?"),
    );
    const { width } = plot.over.getBoundingClientRect();
    const isRight = left > width / 2;
    this.#tip.style.left = isRight ? "auto" : `${left + 14}px`;
    this.#tip.style.right = isRight ? `${width - left + 14}px` : "auto";
  }

  #pick(event) {
    const plot = this.#plot;
    const { left, top } = plot?.cursor ?? {};
    if (!(left >= 0) || !plot.over.contains(event.target)) return;
    const time = plot.posToVal(left, "x") * 1000;
    const point = this.#timeline.at(time);
    if (!point) return;
    const height = plot.posToVal(top, "y");
    let sum = 0;
    const at = point.groups.findIndex(({ running, starting, stopping }) => (sum += running + starting + stopping) >= height);
    this.#onPick(this.#timeline.groups.at(at).services[0].name, time);
  }

  #height() {
    return this.#place.clientHeight || 320;
  }

  #resize() {
    if (this.#plot && this.#place.clientWidth > 0) {
      this.#plot.setSize({ width: this.#place.clientWidth, height: this.#height() });
    }
  }
}

/** How a column is drawn. */
function style({ kind, group }) {
  const line = () => colour(`${group.colour}-line`);
  switch (kind) {
    case "free":
      return { width: 0, fill: ({ ctx }) => dots(ctx, "edge", "surface") };
    case "capacity":
      return { width: 1.5, dash: [6, 4], stroke: () => colour("edge") };
    case "demand":
      return { width: 1.75, stroke: () => colour("demand") };
    case "running":
      return { width: 1.5, stroke: line, fill: () => colour(`${group.colour}-fill`) };
    default:
      return { width: 0.75, stroke: line, fill: ({ ctx }) => stripes(ctx, `${group.colour}-line`, "surface", kind === "starting") };
  }
}
