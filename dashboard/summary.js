import { element } from "./dom.js";
import { amount, clock, count, number, unit } from "./format.js";

/** The chart in one sentence. */
export function summary(model) {
  const { services, resource } = model;
  const following = services.filter(({ spec }) => !spec.remainder);
  const remaining = services.filter(({ spec }) => spec.remainder);
  const parts = [];
  for (const { name, demand, counts } of following.slice(0, 4)) {
    parts.push(`${name} needs ${number(demand, 1)} replicas and has ${counts.running} ready`);
  }
  if (following.length > 4) parts.push(`${count(following.length - 4, "other service")} not named here`);
  for (const { name, counts } of remaining.slice(0, 2)) parts.push(`${name} runs ${counts.running}`);
  const free = `${amount(resource, model.free())} of ${amount(resource, model.capacity)} ${unit(resource)} free`;
  return parts.length === 0 ? "" : `Now ${parts.join("; ")}; ${free}.`;
}

const ROWS = 13;

/** The chart as a table, as of the moment it is asked for. */
export function dataTable(table, caption) {
  return (timeline, model, now, seconds) => {
    const demands = timeline.groups.filter((group) => group.services.some((service) => !service.spec.remainder));
    const columns = [
      ...demands.map((group) => ({ name: `Demand of ${group.name}`, group, layer: "demand" })),
      ...timeline.groups.map((group) => ({ name: `${group.name} ready`, group, layer: "running" })),
    ];
    caption.textContent = `The last ${seconds / 60} min up to ${clock(now)}, in ${unit(model.resource)}`;
    table.tHead.replaceChildren(
      element(
        "tr",
        {},
        ...["Time", "Capacity", ...columns.map(({ name }) => name)].map((name, i) =>
          element("th", { scope: "col", class: i > 0 ? "number" : null }, name),
        ),
      ),
    );
    const rows = Array.from({ length: ROWS }, (_, i) => now - (i * seconds * 1000) / (ROWS - 1));
    table.tBodies[0].replaceChildren(
      ...rows.map((time) => {
        const point = timeline.at(time);
        const cell = (value) =>
          element("td", { class: "number" }, point === null ? "–" : amount(model.resource, value));
        return element(
          "tr",
          {},
          element("th", { scope: "row" }, clock(time)),
          cell(point?.capacity),
          ...columns.map(({ group, layer }) => cell(point?.groups[timeline.groups.indexOf(group)][layer])),
        );
      }),
    );
  };
}
