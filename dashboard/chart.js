import uPlot from "/lib/uplot/uPlot.esm.js";
import { LAYERS } from "./timeline.js";
import { colour, dots, onColours, stripes } from "./palette.js";
import { amount, clock, clockMillis, unit } from "./format.js";
import { element } from "./dom.js";

const [DEMAND, RUNNING, STARTING, STOPPING] = LAYERS.keys();
/** Of a group, from the bottom up. */
const STACK = [RUNNING, STARTING, STOPPING];
const FONTS = 'Inter, system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';
const stepped = uPlot.paths.stepped({ align: 1 });

/**
 * The chart: replicas stacked up to the capacity, demand as a line over them. Everything is
 * filled down to zero and drawn from the top of the stack to its bottom, each layer over the ones
 * above it, so one array of sums per layer is all that has to be made for a frame.
 */
export class Chart {
  #place;
  #tip;
  #plot = null;
  #timeline = null;
  #resource = "slots";
  #seconds = 60;
  #hidden = new Set();
  #data = [];
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
    this.#data = Array.from({ length: 2 + timeline.groups.length * (STACK.length + 1) + 1 }, () => []);
    this.#plot = new uPlot(this.#options(), this.#data, this.#place);
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
    this.#fill(isLive && this.#frozenAt === null);
    this.#plot.batch(() => {
      this.#plot.setData(this.#data, false);
      this.#plot.setScale("x", { min: this.#window.from / 1000, max: to / 1000 });
    });
  }

  /* Columns: time, capacity, then from the top group to the bottom one stopping, starting, running; then a line of demand for each group. */
  #fill(extend) {
    const data = this.#data;
    const { groups } = this.#timeline;
    const layers = groups.length * STACK.length;
    for (const column of data) column.length = 0;
    let highest = 0;
    const push = (time, capacity, value) => {
      data[0].push(time / 1000);
      data[1].push(capacity);
      highest = Math.max(highest, capacity);
      let height = 0;
      let demand = 0;
      // One that stops out of a pause holds no room any more; only the sum tells that there are such.
      let over = groups.reduce((sum, _, g) => sum + STACK.reduce((all, layer) => all + value(g, layer), 0), -capacity);
      groups.forEach((group, g) => {
        const shown = !this.#hidden.has(group.name);
        for (let l = 0; l < STACK.length; l++) {
          let layer = value(g, STACK[l]);
          if (STACK[l] === STOPPING && over > 0) {
            const roomless = Math.min(layer, over);
            over -= roomless;
            layer -= roomless;
          }
          if (shown) height += layer;
          data[1 + layers - (g * STACK.length + l)].push(height);
        }
        const wants = shown ? value(g, DEMAND) : 0;
        demand += wants;
        data[2 + layers + g].push(wants > 0 || group.services.some((s) => !s.spec.remainder) ? demand : null);
      });
      highest = Math.max(highest, height, this.#hidden.has("demand") ? 0 : demand);
    };
    const gap = (time) => {
      data[0].push(time / 1000);
      for (let column = 1; column < data.length; column++) data[column].push(null);
    };
    this.#timeline.read(this.#window.from, this.#window.to, push, gap);
    const last = data[0].length - 1;
    if (extend && last >= 0 && this.#window.to / 1000 - data[0][last] < 2.5) {
      data[0].push(this.#window.to / 1000);
      for (let column = 1; column < data.length; column++) data[column].push(data[column][last]);
    }
    const wanted = Math.max(1, highest * 1.08);
    // Down only when it is clearly too high, so that the scale does not breathe.
    if (wanted > this.#top || wanted < this.#top * 0.85) this.#top = wanted;
  }

  #options() {
    const { groups } = this.#timeline;
    const rule = () => colour("rule");
    const series = [
      {},
      {
        label: "capacity",
        paths: stepped,
        stroke: () => colour("edge"),
        width: 1.5,
        dash: [6, 4],
        fill: (plot) => dots(plot.ctx, "edge", "surface"),
        points: { show: false },
      },
    ];
    for (let g = groups.length - 1; g >= 0; g--) {
      const { name, colour: shade } = groups[g];
      for (let l = STACK.length - 1; l >= 0; l--) {
        series.push({
          label: `${name} ${LAYERS[STACK[l]]}`,
          paths: stepped,
          width: STACK[l] === RUNNING ? 1.5 : 0.75,
          stroke: () => colour(`${shade}-line`),
          fill: (plot) =>
            STACK[l] === RUNNING
              ? colour(`${shade}-fill`)
              : stripes(plot.ctx, `${shade}-line`, "surface", STACK[l] === STARTING),
          points: { show: false },
        });
      }
    }
    groups.forEach(({ name }, g) =>
      series.push({
        label: `demand up to ${name}`,
        paths: stepped,
        width: g === 0 ? 2.25 : 1.5,
        stroke: () => (this.#hidden.has("demand") ? "transparent" : colour("demand")),
        points: { show: false },
      }),
    );
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
      series,
      hooks: {
        draw: [(plot) => this.#writeCapacity(plot, devicePixelRatio)],
        setCursor: [(plot) => this.#hover(plot)],
      },
    };
  }

  #writeCapacity(plot, ratio) {
    const capacity = this.#data[1].findLast((value) => value !== null);
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
