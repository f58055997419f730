import { LAYERS } from "./timeline.js";

const [DEMAND, RUNNING, STARTING, STOPPING] = LAYERS.keys();
/** Of a group, from the bottom up. */
const STACK = [RUNNING, STARTING, STOPPING];
/** Later than this, the last point says nothing about now. */
const STALE_MILLIS = 2500;

/**
 * What the chart draws, as columns of one table: the times, the capacity where some of it is free,
 * then for each group from the top of the stack to its bottom what is stopping, starting and
 * running, each as the height of its upper edge; then the capacity and a line of demand for each
 * group.
 *
 * The engine's state is a step function, so points that repeat the one before are left out, and
 * layers that are mostly empty hold a value only where they are not.
 */
export class Stack {
  #groups;
  #row;
  #sparse;
  #thin;
  #pending = NaN;

  constructor(groups) {
    this.#groups = groups;
    const width = 1 + groups.length * STACK.length + 1 + groups.length;
    this.columns = Array.from({ length: 1 + width }, () => []);
    this.#row = new Array(width).fill(null);
    this.#thin = new Array(width).fill(false);
    this.#sparse = [0, ...groups.flatMap((_, g) => [this.#column(g, 1) - 1, this.#column(g, 2) - 1])];
  }

  /** Each column that is drawn, in order: its group, and its layer or what else it is. */
  series() {
    const areas = this.#groups.flatMap((group) => STACK.map((layer) => ({ group, kind: LAYERS[layer] }))).reverse();
    return [{ kind: "free" }, ...areas, { kind: "capacity" }, ...this.#groups.map((group) => ({ group, kind: "demand" }))];
  }

  /** The index of a group's layer among the columns. */
  #column(group, layer) {
    return 1 + this.#groups.length * STACK.length - (group * STACK.length + layer);
  }

  /**
   * Fills the columns with a window of a timeline and returns how high they reach.
   *
   * @param hidden names of groups that are left out, and "demand"
   * @param isLive whether the last point holds up to the end of the window
   */
  fill(timeline, { from, to }, hidden, isLive) {
    for (const column of this.columns) column.length = 0;
    this.#pending = NaN;
    let highest = 0;
    timeline.read(
      from,
      to,
      (time, capacity, value) => {
        highest = Math.max(highest, this.#compute(capacity, value, hidden));
        this.#push(time);
      },
      (time) => {
        this.#repeat(this.#pending);
        this.columns.forEach((column, c) => column.push(c === 0 ? time / 1000 : null));
      },
    );
    const last = Number.isNaN(this.#pending) ? (this.columns[0].at(-1) ?? -Infinity) * 1000 : this.#pending;
    this.#repeat(isLive && to - last < STALE_MILLIS ? to : this.#pending);
    return highest;
  }

  #compute(capacity, value, hidden) {
    const row = this.#row;
    const thin = this.#thin.fill(false);
    // One that stops out of a pause holds no room any more; only the sum tells that there are such.
    let over = -capacity;
    this.#groups.forEach((_, g) => {
      for (const layer of STACK) over += value(g, layer);
    });
    const demands = 1 + this.#groups.length * STACK.length + 1;
    let height = 0;
    let demand = 0;
    this.#groups.forEach((group, g) => {
      const shown = !hidden.has(group.name);
      STACK.forEach((layer, l) => {
        let amount = value(g, layer);
        if (layer === STOPPING && over > 0) {
          const roomless = Math.min(amount, over);
          over -= roomless;
          amount -= roomless;
        }
        if (shown) height += amount;
        row[this.#column(g, l) - 1] = height;
        thin[this.#column(g, l) - 1] = !shown || amount === 0;
      });
      if (shown) demand += value(g, DEMAND);
      const isDrawn = shown && !hidden.has("demand") && group.services.some(({ spec }) => !spec.remainder);
      row[demands + g] = isDrawn ? demand : null;
    });
    row[0] = capacity;
    thin[0] = height >= capacity;
    row[demands - 1] = capacity;
    return Math.max(capacity, height, hidden.has("demand") ? 0 : demand);
  }

  #push(time) {
    const { columns } = this;
    const row = this.#row;
    const last = columns[0].length - 1;
    // A layer that has just become empty needs one more point, where it ends.
    for (const c of this.#sparse) {
      const ended = last >= 0 && columns[c + 1][last] !== null && this.#full[c];
      this.#full[c] = !this.#thin[c];
      if (this.#thin[c] && !ended) row[c] = null;
    }
    if (last >= 0 && row.every((value, c) => value === columns[c + 1][last])) {
      this.#pending = time;
      return;
    }
    this.#pending = NaN;
    columns[0].push(time / 1000);
    for (let c = 0; c < row.length; c++) columns[c + 1].push(row[c]);
  }

  #full = {};

  /** Holds the last point up to a time. */
  #repeat(time) {
    const last = this.columns[0].length - 1;
    if (Number.isNaN(time) || last < 0) return;
    this.columns.forEach((column, c) => column.push(c === 0 ? time / 1000 : column[last]));
    this.#pending = NaN;
  }
}
