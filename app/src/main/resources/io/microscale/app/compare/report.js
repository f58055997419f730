"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const byId = (id) => document.getElementById(id);
  const SVG = "http://www.w3.org/2000/svg";

  /** The smallest share of unserved demand, in percent, that the frontier tells from none. */
  const LEAST_UNSERVED = 0.001;

  function svgElement(name, attributes = {}, ...children) {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  }

  function element(name, text, attributes = {}) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.textContent = text;
    return made;
  }

  /** Counts that are written as two digits to the base 36 each. */
  function counts(text) {
    return Array.from({ length: text.length / 2 }, (_, i) => parseInt(text.slice(2 * i, 2 * i + 2), 36));
  }

  /** Batch work without end, which is in all slots that the service does not hold. */
  const rest = (held, slots) => held.map((count) => slots - count);

  function clock(seconds) {
    const two = (value) => String(Math.floor(value)).padStart(2, "0");
    return seconds >= 3600
      ? `${Math.floor(seconds / 3600)}:${two((seconds % 3600) / 60)}:${two(seconds % 60)}`
      : `${Math.floor(seconds / 60)}:${two(seconds % 60)}`;
  }

  /** A length of time in words: 23 h 59 min. */
  function duration(seconds) {
    const parts = [
      [Math.floor(seconds / 3600), "h"],
      [Math.floor((seconds % 3600) / 60), "min"],
      [Math.floor(seconds % 60), "s"],
    ].filter(([value]) => value > 0);
    return parts
      .slice(0, 2)
      .map((part) => part.join(" "))
      .join(" ");
  }

  const number = (value, digits) => value.toLocaleString("en-GB", { minimumFractionDigits: digits, maximumFractionDigits: digits });

  /** A step of a scale so that there are about `most` of them up to `span`. */
  function stepOf(span, most, steps) {
    return steps.find((step) => span / step <= most) ?? steps.at(-1);
  }

  /** What a chart is drawn in: the place of its axes, and where a value is. */
  class Frame {
    constructor(place, height, spanX, spanY, label) {
      this.width = Math.max(240, place.clientWidth);
      this.height = height;
      this.left = 34;
      this.right = this.width - 10;
      this.top = 12;
      this.bottom = height - 26;
      this.spanX = spanX;
      this.spanY = spanY;
      this.svg = svgElement("svg", { viewBox: `0 0 ${this.width} ${height}`, height, role: "img", "aria-label": label });
    }

    x(value) {
      return this.left + (value / this.spanX) * (this.right - this.left);
    }

    y(value) {
      return this.bottom - (Math.min(value, this.spanY) / this.spanY) * (this.bottom - this.top);
    }

    add(name, attributes, ...children) {
      const made = svgElement(name, attributes, ...children);
      this.svg.append(made);
      return made;
    }

    text(x, y, anchor, words) {
      this.add("text", { x: x.toFixed(1), y: y.toFixed(1), "text-anchor": anchor }, words);
    }

    slots(slots) {
      for (let value = 0; value <= slots; value += slots / 4) {
        this.add("line", { class: "grid", x1: this.left, x2: this.right, y1: this.y(value), y2: this.y(value) });
        this.text(this.left - 6, this.y(value) + 4, "end", String(Math.round(value)));
      }
    }

    times(from, seconds) {
      const step = stepOf(seconds, Math.max(2, this.width / 110), [5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14400, 21600, 43200, 86400]);
      for (let at = Math.ceil(from / step) * step; at <= from + seconds; at += step) {
        const x = this.x(((at - from) / seconds) * this.spanX);
        this.add("line", { class: "axis", x1: x, x2: x, y1: this.bottom, y2: this.bottom + 5 });
        if (x < this.right - 16 || x > this.right - 2) this.text(Math.min(x, this.right), this.bottom + 18, x > this.right - 2 ? "end" : "middle", clock(at));
      }
    }

    /** A path along the tops of steps, the last as long as the others. */
    steps(values) {
      let path = `M${this.x(0).toFixed(1)} ${this.y(values[0]).toFixed(1)}`;
      for (let i = 0; i < values.length; i++) {
        path += `V${this.y(values[i]).toFixed(1)}H${this.x(i + 1).toFixed(1)}`;
      }
      return path;
    }

    /** The area between steps and the bottom. */
    area(values) {
      return `${this.steps(values)}V${this.bottom}H${this.left}Z`;
    }

    /** The area between steps above and steps below. */
    between(above, below) {
      let path = this.steps(above);
      for (let i = below.length - 1; i >= 0; i--) {
        path += `${i === below.length - 1 ? "L" : "H"}${this.x(i + 1).toFixed(1)}${i === below.length - 1 ? " " : "V"}${this.y(below[i]).toFixed(1)}`;
      }
      return `${path}H${this.left}Z`;
    }
  }

  function hatched(frame, id) {
    const pattern = svgElement("pattern", { id, width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" });
    pattern.append(svgElement("line", { class: "hatch", x1: 0, x2: 0, y1: 0, y2: 6 }));
    frame.add("defs", {}, pattern);
    return `url(#${id})`;
  }

  /** The pool from the bottom up: what serves, what starts, and batch work. */
  function stack(frame, slots, ready, held, batch, id) {
    frame.add("path", { class: "batch", d: frame.area(held.map((count, i) => Math.min(slots, count + batch[i]))) });
    frame.add("path", { class: "held-back", d: frame.area(held) });
    frame.add("path", { class: "held", d: frame.area(held), fill: hatched(frame, id) });
    frame.add("path", { class: "ready", d: frame.area(ready) });
  }

  // What is shown

  const shown = () => {
    const terms = data.terms[byId("terms").value];
    const row = terms.rows[byId("policy").value];
    const trace = data.traces[byId("trace").value];
    const cell = row[byId("way").value][byId("trace").value];
    return { terms, row, trace, cell, chart: data.charts[cell.chart], policy: data.policies[byId("policy").value] };
  };

  function look(chart) {
    return (byId("look").value === "worst" && chart.worst) || chart.steepest;
  }

  function drawFigures() {
    const { cell, policy, trace, terms } = shown();
    byId("title").textContent = `${policy} on ${trace.name}, ${terms.name}: ${data.settings[cell.setting]}`;
    const list = byId("figures");
    list.replaceChildren();
    const add = (term, value, isUnsafe = false) => {
      const group = element("div", "");
      group.append(element("dt", term), element("dd", value, isUnsafe ? { class: "unsafe" } : {}));
      list.append(group);
    };
    add("unserved", `${number(cell.unserved, 3)} %`, cell.unserved > data.limit);
    add("batch work, of the clairvoyant's", `${number(cell.batch, 1)} %`);
    add("useful utilisation", `${number(cell.useful, 1)} %`);
    add("seconds with unserved demand", number(cell.violations, 0));
    add("batch work lost to stops", `${number(cell.lost, 0)} slot-s`);
    add("starts an hour", number(cell.starts, 0));
  }

  function drawWhole() {
    const { chart, trace, terms, policy } = shown();
    const place = byId("whole");
    if (!chart) {
      place.replaceChildren();
      byId("whole-text").textContent = "There are too many runs for each to have a chart: compare on fewer traces, or under fewer terms.";
      return;
    }
    const ready = counts(chart.ready);
    const held = counts(chart.held);
    const batch = chart.batch ? counts(chart.batch) : rest(held, terms.slots);
    const unserved = counts(chart.unserved);
    const parts = ready.length;
    const most = unserved.reduce((a, b) => Math.max(a, b), 0);
    const peak = trace.most.reduce((a, b) => Math.max(a, b), 0);
    const frame = new Frame(place, 320, parts, Math.max(terms.slots, peak), `${policy} on ${trace.name}: the whole run, as slots over time`);
    frame.bottom -= 26;
    stack(frame, terms.slots, ready, held, batch, "hatch-whole");
    frame.slots(terms.slots);
    frame.add("path", { class: "demand-band", d: frame.between(trace.most, trace.least) });
    frame.add("path", { class: "demand least", d: frame.steps(trace.least) });
    frame.add("path", { class: "demand thin", d: frame.steps(trace.most) });
    const close = look(chart);
    const from = frame.x((close.from / trace.seconds) * parts);
    const to = frame.x(((close.from + close.demand.length) / trace.seconds) * parts);
    frame.add("rect", { class: "look", x: from, width: Math.max(2, to - from), y: frame.top, height: frame.bottom - frame.top });
    frame.add("path", { class: "look-mark", d: `M${(from + to) / 2 - 6} ${frame.top - 8}h12l-6 8z` });
    frame.times(0, trace.seconds);
    for (let i = 0; i < parts; i++) {
      if (unserved[i] === 0) continue;
      const size = 3 + (14 * unserved[i]) / Math.max(1, most);
      frame.add("rect", {
        class: "missed",
        x: frame.x(i).toFixed(1),
        width: Math.max(1, frame.x(1) - frame.x(0)).toFixed(1),
        y: (frame.height - 4 - size).toFixed(1),
        height: size.toFixed(1),
      });
    }
    place.replaceChildren(frame.svg);
    const seconds = trace.seconds / parts;
    byId("whole-text").textContent =
      `${duration(trace.seconds)} in ${parts} parts of about ${number(seconds, seconds < 10 ? 1 : 0)} s. The line is the most demand in a part, the band reaches down to the least. ` +
      "Blue is the mean of the service that was serving, hatched up to the most that it held. " +
      (most === 0 ? "All demand was served." : `Below: when demand was unserved, at most ${most} ${most === 1 ? "replica" : "replicas"} at a time.`);
  }

  function drawClose() {
    const { chart, trace, terms, policy } = shown();
    const place = byId("close");
    byId("closer").hidden = !chart;
    byId("close-table").hidden = !chart;
    if (!chart) {
      place.replaceChildren();
      byId("close-text").textContent = "";
      return;
    }
    const close = look(chart);
    const ready = counts(close.ready);
    const held = counts(close.held);
    const batch = close.batch ? counts(close.batch) : rest(held, terms.slots);
    const peak = close.demand.reduce((a, b) => Math.max(a, b), 0);
    const frame = new Frame(place, 300, ready.length, Math.max(terms.slots, peak), `${policy} on ${trace.name}: ${ready.length} seconds from ${clock(close.from)}, as slots over time`);
    stack(frame, terms.slots, ready, held, batch, "hatch-close");
    frame.slots(terms.slots);
    const missed = close.demand.map((demand, i) => Math.max(demand, ready[i]));
    frame.add("path", { class: "missed", d: frame.between(missed, ready), opacity: 0.75 });
    frame.add("path", { class: "demand", d: frame.steps(close.demand) });
    frame.times(close.from, ready.length);
    const slider = byId("second");
    slider.max = ready.length - 1;
    const at = Math.min(Number(slider.value), ready.length - 1);
    frame.add("line", { class: "cursor", x1: frame.x(at + 0.5), x2: frame.x(at + 0.5), y1: frame.top, y2: frame.bottom });
    frame.svg.addEventListener("pointermove", (event) => {
      const box = frame.svg.getBoundingClientRect();
      const x = ((event.clientX - box.left) / box.width) * frame.width;
      const second = Math.floor(((x - frame.left) / (frame.right - frame.left)) * ready.length);
      if (second >= 0 && second < ready.length && second !== Number(slider.value)) {
        slider.value = second;
        drawClose();
      }
    });
    place.replaceChildren(frame.svg);
    const unserved = Math.max(0, close.demand[at] - ready[at]);
    const words =
      `At ${clock(close.from + at)}: demand ${number(close.demand[at], 1)}, service ${ready[at]} serving and ${held[at] - ready[at]} starting, ` +
      `batch work ${batch[at]}, unserved ${number(unserved, 1)}.`;
    byId("close-text").textContent = byId("look").value === "worst" && !chart.worst ? `Nothing was unserved, so this is the steepest rise. ${words}` : words;
    slider.setAttribute("aria-valuetext", words);
    if (byId("close-table").open) fillTable(close, ready, held, batch);
  }

  function fillTable(close, ready, held, batch) {
    const table = element("table", "");
    const head = element("tr", "");
    for (const name of ["time", "demand", "serving", "starting", "batch", "unserved"]) head.append(element("th", name, { scope: "col" }));
    const top = element("thead", "");
    top.append(head);
    const body = element("tbody", "");
    close.demand.forEach((demand, i) => {
      const row = element("tr", "");
      row.append(element("th", clock(close.from + i), { scope: "row" }));
      for (const value of [number(demand, 2), ready[i], held[i] - ready[i], batch[i], number(Math.max(0, demand - ready[i]), 2)]) {
        row.append(element("td", String(value), { class: "number" }));
      }
      body.append(row);
    });
    table.append(top, body);
    byId("close-table").querySelector("div").replaceChildren(table);
  }

  // The frontier

  /** The settings that no other one of the policy beats, from the least unserved up. */
  function best(points) {
    const line = [];
    const order = points.unserved.map((_, i) => i).sort((a, b) => points.unserved[a] - points.unserved[b] || points.batch[b] - points.batch[a]);
    for (const i of order) {
      if (line.length === 0 || points.batch[i] > points.batch[line.at(-1)]) line.push(i);
    }
    return line;
  }

  function drawFrontier() {
    const { terms } = shown();
    const chosen = Number(byId("policy").value);
    const focus = data.policies.indexOf(data.focus);
    const place = byId("frontier");
    const decades = Math.log10(100 / LEAST_UNSERVED);
    // Room for those that left nothing unserved, which a logarithmic scale has none for.
    const none = place.clientWidth < 600 ? 1 : 0.5;
    const frame = new Frame(place, 420, decades + none, 100, `What each policy can reach under ${terms.name}: batch work over unserved demand`);
    frame.bottom -= 16;
    const at = (unserved) => (unserved < LEAST_UNSERVED ? 0.1 : none + Math.log10(unserved / LEAST_UNSERVED));
    frame.slots(100);
    for (let decade = 0; decade <= decades; decade++) {
      const x = frame.x(none + decade);
      const value = LEAST_UNSERVED * 10 ** decade;
      frame.add("line", { class: "grid", x1: x, x2: x, y1: frame.top, y2: frame.bottom });
      frame.text(decade === decades ? frame.right : x, frame.bottom + 16, decade === decades ? "end" : "middle", String(Number(value.toPrecision(1))));
    }
    frame.text(frame.x(0.1), frame.bottom + 16, "middle", "0");
    frame.text((frame.left + frame.right) / 2, frame.bottom + 34, "middle", "unserved demand in %");
    const limit = frame.x(at(data.limit));
    frame.add("line", { class: "limit", x1: limit, x2: limit, y1: frame.top, y2: frame.bottom });
    const order = terms.rows.map((_, i) => i).sort((a, b) => rank(a) - rank(b));
    function rank(i) {
      return i === focus ? 2 : i === chosen ? 1 : 0;
    }
    for (const i of order) {
      const points = terms.rows[i].frontier;
      const group = frame.add("g", { class: i === focus ? "focus" : i === chosen ? "chosen" : "" });
      points.unserved.forEach((unserved, j) => {
        const point = svgElement("circle", { class: "point", cx: frame.x(at(unserved)).toFixed(1), cy: frame.y(points.batch[j]).toFixed(1), r: rank(i) > 0 ? 3 : 2 });
        point.append(svgElement("title", {}, `${data.settings[points.setting[j]]}: ${number(points.batch[j], 1)} % batch, ${number(unserved, 3)} % unserved`));
        group.append(point);
      });
      const line = best(points);
      let path = "";
      line.forEach((j, k) => {
        path += `${k === 0 ? "M" : "H"}${frame.x(at(points.unserved[j])).toFixed(1)}${k === 0 ? " " : "V"}${frame.y(points.batch[j]).toFixed(1)}`;
      });
      group.append(svgElement("path", { class: "line", d: path }));
    }
    for (const i of new Set([chosen, focus])) {
      const points = terms.rows[i].frontier;
      const used = points.setting.indexOf(terms.rows[i][byId("way").value][0].setting);
      frame.add("circle", { class: "used", cx: frame.x(at(points.unserved[used])), cy: frame.y(points.batch[used]), r: 6 });
    }
    place.replaceChildren(frame.svg);

    const legend = byId("frontier-legend");
    legend.replaceChildren();
    const add = (name, words) => {
      const item = element("li", "");
      item.append(element("span", "", { class: `key ${name}` }), words);
      legend.append(item);
    };
    add("focus", data.focus);
    if (chosen !== focus) add("chosen", data.policies[chosen]);
    add("others", "all others");
    byId("frontier-text").textContent =
      `${terms.name}, ${terms.title}. The most batch work of a safe setting, in % of the clairvoyant's: ` +
      terms.rows
        .map((row, i) => {
          const safe = row.frontier.batch.filter((_, j) => row.frontier.unserved[j] <= data.limit);
          return { name: data.policies[i], most: safe.length === 0 ? null : Math.max(...safe) };
        })
        .sort((a, b) => (b.most ?? -1) - (a.most ?? -1))
        .map(({ name, most }) => `${name} ${most === null ? "none is safe" : number(most, 1)}`)
        .join(", ") +
      ". A ring is the setting of the run above; what is above 100, at the price of unserved demand, is drawn at 100.";
  }

  // Control

  function drawAll() {
    drawFigures();
    drawWhole();
    drawClose();
    drawFrontier();
  }

  function fill(select, names) {
    names.forEach((name, i) => byId(select).append(element("option", name, { value: i })));
  }

  // The address names what is shown, by names and not by numbers, so that it can be given to others.

  const chosenName = {
    policy: () => shown().policy,
    trace: () => shown().trace.name,
    terms: () => shown().terms.name,
    way: () => byId("way").value,
    look: () => byId("look").value,
  };

  function writeAddress() {
    const names = Object.entries(chosenName).map(([id, name]) => [id, name()]);
    history.replaceState(null, "", `#${new URLSearchParams(names)}`);
  }

  function readAddress() {
    const wanted = new URLSearchParams(location.hash.slice(1));
    const select = (id, names) => {
      const index = names.indexOf(wanted.get(id));
      if (index >= 0) byId(id).selectedIndex = index;
    };
    select("policy", data.policies);
    select("trace", data.traces.map((trace) => trace.name));
    select("terms", data.terms.map((terms) => terms.name));
    for (const id of ["way", "look"]) select(id, Array.from(byId(id).options, (option) => option.value));
  }

  fill("policy", data.policies);
  fill("trace", data.traces.map((trace) => trace.name));
  fill("terms", data.terms.map((terms) => `${terms.name}: ${terms.title}`));
  byId("policy").value = data.policies.indexOf(data.focus);
  readAddress();
  byId("controls").hidden = false;
  for (const id of Object.keys(chosenName)) {
    byId(id).addEventListener("change", () => {
      byId("second").value = 0;
      writeAddress();
      drawAll();
    });
  }
  window.addEventListener("hashchange", () => {
    readAddress();
    drawAll();
  });
  byId("second").addEventListener("input", drawClose);
  byId("close-table").addEventListener("toggle", drawClose);
  let width = 0;
  new ResizeObserver(() => {
    if (byId("whole").clientWidth === width) return;
    width = byId("whole").clientWidth;
    drawAll();
  }).observe(byId("whole"));
})();
