import { secondsOf } from "./format.js";

/** Points of the chart in arrays that never grow: every frame of the last minute, and twice a second for half an hour. */

export const LAYERS = ["demand", "running", "starting", "stopping"];
/** More services than this are drawn as one: nobody tells more colours apart. */
export const GROUPS_AT_MOST = 10;
const FINE = { points: 1600, everyMillis: 0 };
const COARSE = { points: 3700, everyMillis: 500 };
/** A frame comes at least once a second: after this time without one there is nothing to draw. */
const GAP_MILLIS = 3000;

class Ring {
  #times;
  #columns;
  #next = 0;
  #everyMillis;

  constructor({ points, everyMillis }, width) {
    this.#times = new Float64Array(points);
    this.#columns = Array.from({ length: width }, () => new Float32Array(points));
    this.#everyMillis = everyMillis;
  }

  get #size() {
    return this.#times.length;
  }

  get length() {
    return Math.min(this.#next, this.#size);
  }

  #at(index) {
    return (this.#next - this.length + index) % this.#size;
  }

  time(index) {
    return this.#times[this.#at(index)];
  }

  value(column, index) {
    return this.#columns[column][this.#at(index)];
  }

  lastTime() {
    return this.length === 0 ? -Infinity : this.time(this.length - 1);
  }

  /** The newest point of a step stands for the step. Points of the past are ignored. */
  add(time, values) {
    const last = this.lastTime();
    if (time <= last) return;
    const sameStep =
      this.#everyMillis > 0 && Math.floor(time / this.#everyMillis) === Math.floor(last / this.#everyMillis);
    const at = sameStep ? (this.#next - 1) % this.#size : this.#next++ % this.#size;
    this.#times[at] = time;
    for (let column = 0; column < this.#columns.length; column++) this.#columns[column][at] = values[column];
  }

  /** The first point that is not before a time. */
  from(time) {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.time(middle) < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Which services are drawn together, bottom first; the last one, which takes what is left, is always drawn by itself. */
export function groupsOf(services) {
  const single = (service) => ({ name: service.name, colour: service.colour, services: [service] });
  if (services.length <= GROUPS_AT_MOST) return services.map(single);
  const rest = services.slice(GROUPS_AT_MOST - 2, -1);
  return [
    ...services.slice(0, GROUPS_AT_MOST - 2).map(single),
    { name: `${rest.length} others`, colour: "rest", services: rest },
    single(services.at(-1)),
  ];
}

export class Timeline {
  #fine;
  #coarse;
  #values;
  #gapMillis = GAP_MILLIS;

  constructor(groups) {
    this.groups = groups;
    const width = 1 + groups.length * LAYERS.length;
    this.#fine = new Ring(FINE, width);
    this.#coarse = new Ring(COARSE, width);
    this.#values = new Float32Array(width);
  }

  /** @param countsOf gives demand, running, starting and stopping of a service, in replicas */
  add(time, capacity, countsOf) {
    const values = this.#values.fill(0);
    values[0] = capacity;
    this.groups.forEach((group, g) => {
      for (const service of group.services) {
        const counts = countsOf(service);
        if (!counts) continue;
        LAYERS.forEach((layer, l) => {
          const amount = layer === "demand" && service.spec.remainder ? 0 : counts[layer];
          values[1 + g * LAYERS.length + l] += amount * service.perReplica;
        });
      }
    });
    this.#fine.add(time, values);
    this.#coarse.add(time, values);
  }

  /** Fills in what the server kept, oldest first. */
  addHistory(history) {
    this.#gapMillis = Math.max(GAP_MILLIS, 2500 * secondsOf(history.step));
    const columns = new Map(history.services.map((service) => [service.name, service]));
    for (let i = 0; i < history.t.length; i++) {
      this.add(history.t[i], history.capacity[i], ({ name }) => {
        const column = columns.get(name);
        return (
          column && {
            demand: column.demand[i],
            running: column.running[i],
            starting: column.starting[i],
            stopping: column.stopping[i],
          }
        );
      });
    }
  }

  lastTime() {
    return this.#fine.lastTime();
  }

  lastCapacity() {
    return this.#fine.length === 0 ? 0 : this.#fine.value(0, this.#fine.length - 1);
  }

  /**
   * Calls `visit(time, capacity, value)` for each point of a window and the one before it, oldest
   * first, where `value(group, layer)` reads it; and `gap(time)` where nothing is known for a while.
   */
  read(from, to, visit, gap) {
    const reachesBack = this.#fine.time(0) <= Math.max(from, this.#coarse.time(0));
    const ring = to - from <= 61_000 && reachesBack ? this.#fine : this.#coarse;
    let index = Math.max(0, ring.from(from) - 1);
    const value = (group, layer) => ring.value(1 + group * LAYERS.length + layer, index);
    let before = NaN;
    for (; index < ring.length; index++) {
      const time = ring.time(index);
      if (time > to) break;
      if (time - before > this.#gapMillis) gap(before + 1);
      visit(time, ring.value(0, index), value);
      before = time;
    }
  }

  /** What was true at a time: the last point before it, or null where nothing is known. */
  at(time) {
    const ring = this.#fine.length > 0 && this.#fine.time(0) <= time ? this.#fine : this.#coarse;
    const index = ring.from(time + 0.001) - 1;
    if (index < 0 || time - ring.time(index) > this.#gapMillis) return null;
    return {
      time: ring.time(index),
      capacity: ring.value(0, index),
      groups: this.groups.map((group, g) =>
        Object.fromEntries(LAYERS.map((layer, l) => [layer, ring.value(1 + g * LAYERS.length + l, index)])),
      ),
    };
  }
}
