import { element, setAttribute, setClass, setText } from "./dom.js";
import { amount, count, millisOf, number, unit, wholeSpan } from "./format.js";

export const STATES = ["running", "starting", "paused", "stopping"];
const FREE_CELLS_AT_MOST = 100;

/** One cell: its colour tells the service, its shape the state, its letter the service once more. */
function cell(letter, shade, state) {
  return element("span", { class: `cell ${state} ${shade}`, "aria-hidden": "true" }, letter);
}

export function keyView(list) {
  const samples = [...STATES.map((state) => [state, state === "paused" ? "paused, on standby" : state]), ["free", "free slot"]];
  list.replaceChildren(
    ...samples.map(([state, label]) => element("li", {}, cell(state === "free" ? "" : "a", "d0", state), ` ${label}`)),
  );
}

/**
 * The nodes with their replicas. A replica keeps its place for as long as it holds room, so that one
 * that takes the room of another appears where that one was; paused ones, which hold none, stand
 * beside them.
 */
export class NodesView {
  #place;
  #tip;
  #nodes = new Map();
  #drawn = -1;
  #model = null;

  constructor(place, tip) {
    this.#place = place;
    this.#tip = tip;
    place.addEventListener("pointerover", (event) => this.#show(event.target));
    place.addEventListener("pointerout", () => this.#hide());
    place.addEventListener("focusin", (event) => this.#show(event.target));
    place.addEventListener("focusout", () => this.#hide());
    place.addEventListener("keydown", (event) => this.#move(event));
  }

  draw(model, replicas) {
    this.#model = model;
    this.#arrange(model);
    const each = replicas.isKnown;
    if (each && this.#drawn === replicas.version) return;
    this.#drawn = each ? replicas.version : -1;
    const byNode = new Map();
    if (each) {
      for (const replica of replicas.values()) {
        if (!byNode.has(replica.node)) byNode.set(replica.node, []);
        byNode.get(replica.node).push(replica);
      }
    }
    for (const node of model.nodes) {
      const card = this.#nodes.get(node.name);
      const here = byNode.get(node.name) ?? [];
      this.#describe(card, node, each ? heldBy(here) : node.held);
      if (each) this.#drawCells(card, node, here, model);
      else this.#drawBars(card, node, model);
    }
  }

  #arrange(model) {
    const names = model.nodes.map(({ name }) => name);
    if (names.length === this.#nodes.size && names.every((name) => this.#nodes.has(name))) return;
    const before = this.#nodes;
    this.#nodes = new Map(names.map((name) => [name, before.get(name) ?? this.#card(name)]));
    const more = model.nodesTotal - names.length;
    this.#place.replaceChildren(
      ...[...this.#nodes.values()].map(({ card }) => card),
      ...(more > 0 ? [element("p", { class: "more" }, `and ${count(more, "node")} more`)] : []),
    );
    this.#drawn = -1;
  }

  #card(name) {
    const held = element("p", { class: "held" });
    const slots = element("div", { class: "cells", role: "group", "aria-label": `Replicas on ${name}` });
    const standby = element("div", { class: "cells standby", role: "group", "aria-label": `Paused replicas on ${name}` });
    const bars = element("div", { class: "bars", hidden: true });
    const card = element("article", { class: "node" }, element("h3", {}, name), held, slots, standby, bars);
    return { card, held, slots, standby, bars, places: [], cells: new Map() };
  }

  #describe({ card, held }, node, amounts) {
    const text = Object.entries(node.capacity)
      .map(([resource, capacity]) => `${amount(resource, amounts[resource] ?? 0)} of ${amount(resource, capacity)} ${unit(resource)}`)
      .join(", ");
    setText(held, `${text} held${node.schedulable ? "" : "; takes no new replicas"}`);
    setClass(card, node.schedulable ? "node" : "node drained");
  }

  #drawCells(card, node, replicas, model) {
    card.bars.hidden = true;
    card.slots.hidden = false;
    // One that stops out of a pause has no room any more either.
    const isBeside = ({ state, resources }) => state === "paused" || (state === "stopping" && !(resources[model.resource] > 0));
    const active = replicas.filter((replica) => !isBeside(replica));
    const paused = replicas.filter(isBeside);
    this.#keepPlaces(card, active);
    const capacity = node.capacity.slots ?? 0;
    const free = Math.max(0, Math.min(FREE_CELLS_AT_MOST, capacity - active.length));
    let room = free;
    const cells = [];
    for (const replica of card.places) {
      if (replica) cells.push(this.#cellOf(card, replica, model));
      else if (room > 0 && room--) cells.push(cell("", "", "free"));
    }
    while (room-- > 0) cells.push(cell("", "", "free"));
    sync(card.slots, cells);
    paused.sort((a, b) => (a.id < b.id ? -1 : 1));
    sync(card.standby, paused.map((replica) => this.#cellOf(card, replica, model)));
    card.standby.hidden = paused.length === 0;
    const known = new Set(replicas.map(({ id }) => id));
    for (const id of card.cells.keys()) if (!known.has(id)) card.cells.delete(id);
    this.#keepOneTabStop(card.slots);
    this.#keepOneTabStop(card.standby);
  }

  #keepPlaces(card, active) {
    const byId = new Map(active.map((replica) => [replica.id, replica]));
    card.places = card.places.map((replica) => {
      const now = replica && byId.get(replica.id);
      if (now) byId.delete(replica.id);
      return now ?? null;
    });
    const order = [...byId.values()].sort((a, b) => (a.service + a.id < b.service + b.id ? -1 : 1));
    for (const replica of order) {
      const empty = card.places.indexOf(null);
      if (empty < 0) card.places.push(replica);
      else card.places[empty] = replica;
    }
    while (card.places.length > 0 && card.places.at(-1) === null) card.places.pop();
  }

  #cellOf(card, replica, model) {
    let made = card.cells.get(replica.id);
    if (!made) {
      made = element("span", { role: "img", tabindex: "-1" }, replica.service.charAt(0));
      card.cells.set(replica.id, made);
    }
    made.replica = replica;
    setClass(made, `cell ${replica.state} ${model.byName.get(replica.service)?.colour ?? "rest"}`);
    setAttribute(made, "aria-label", `${replica.id}, ${replica.state}`);
    return made;
  }

  #drawBars(card, node, model) {
    card.slots.hidden = true;
    card.standby.hidden = true;
    card.bars.hidden = false;
    const rows = Object.entries(node.services);
    while (card.bars.children.length > rows.length) card.bars.lastChild.remove();
    rows.forEach(([name, counts], i) => {
      const row = card.bars.children[i] ?? card.bars.appendChild(element("p", {}, element("i", { class: "swatch" }), element("span")));
      setClass(row, model.byName.get(name)?.colour ?? "rest");
      const states = STATES.filter((state) => counts[state] > 0).map((state) => `${number(counts[state], 0)} ${state}`);
      setText(row.lastChild, `${name}: ${states.join(", ")}`);
    });
  }

  #keepOneTabStop(group) {
    if (group.querySelector('[tabindex="0"]') === null) group.querySelector(".cell[role]")?.setAttribute("tabindex", "0");
  }

  #move(event) {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const current = event.target.closest?.(".cell[role]");
    if (!step || !current) return;
    const cells = [...current.parentNode.querySelectorAll(".cell[role]")];
    const next = cells.at((cells.indexOf(current) + step) % cells.length);
    current.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
    event.preventDefault();
  }

  #show(target) {
    const over = target.closest?.(".cell[role]");
    if (!over) return;
    const { id, service, node, state, started, idle } = over.replica;
    const age = wholeSpan((this.#model.now() - millisOf(started)) / 1000);
    const text = `${state}${idle ? " and idle" : ""}, ${age} old`;
    over.setAttribute("aria-label", `${id}, ${text}`);
    this.#tip.replaceChildren(element("b", {}, id), element("span", {}, `${service} on ${node}`), element("span", {}, text));
    this.#tip.hidden = false;
    const cellBox = over.getBoundingClientRect();
    const { width, height } = this.#tip.getBoundingClientRect();
    const left = Math.min(Math.max(8, cellBox.left + cellBox.width / 2 - width / 2), document.documentElement.clientWidth - width - 8);
    const above = cellBox.top - height - 6;
    this.#tip.style.left = `${left}px`;
    this.#tip.style.top = `${above > 0 ? above : cellBox.bottom + 6}px`;
  }

  #hide() {
    this.#tip.hidden = true;
  }
}

/** What a paused replica gives up; everything else it keeps. */
const GIVEN_UP = ["cpu", "slots"];

/** What these replicas hold. */
function heldBy(replicas) {
  const held = {};
  for (const { state, resources } of replicas) {
    for (const [resource, value] of Object.entries(resources)) {
      if (state !== "paused" || !GIVEN_UP.includes(resource)) held[resource] = (held[resource] ?? 0) + value;
    }
  }
  return held;
}

/** Makes `wanted` the children and touches only what differs: a cell that has the focus keeps it. */
function sync(parent, wanted) {
  const stays = new Set(wanted);
  wanted.forEach((child, i) => {
    const there = parent.children[i];
    if (there === child) return;
    if (there && !stays.has(there)) {
      const isSame = there.classList.contains("free") && child.classList.contains("free");
      if (!isSame) parent.replaceChild(child, there);
    } else {
      parent.insertBefore(child, there ?? null);
    }
  });
  while (parent.children.length > wanted.length) parent.lastChild.remove();
}

/** All replicas, as of the moment it is asked for. */
export function replicaTable(body) {
  return (model, replicas) => {
    const now = model.now();
    const none = replicas.isKnown ? "There is none." : `Too many to list: ${number(model.replicaTotal(), 0)}`;
    const all = [...replicas.values()].sort((a, b) => (a.service + a.node + a.id < b.service + b.node + b.id ? -1 : 1));
    body.replaceChildren(
      ...all.map(({ id, service, node, state, started }) =>
        element(
          "tr",
          {},
          element("th", { scope: "row" }, id),
          ...[service, node, state].map((text) => element("td", {}, text)),
          element("td", { class: "number" }, wholeSpan((now - millisOf(started)) / 1000)),
        ),
      ),
      ...(all.length === 0 ? [element("tr", {}, element("td", { colspan: "5" }, none))] : []),
    );
  };
}
