import { element, setAttribute, setText } from "./dom.js";
import { amount, unit } from "./format.js";

/** What is in the chart, with its value now; a click hides it or shows it again. */
export function legendView(list, chart) {
  let entries = [];

  function entry(key, shade, name) {
    const value = element("b", {}, "");
    const button = element(
      "button",
      { type: "button", class: `entry ${shade}`, "aria-pressed": String(chart.isVisible(key)) },
      element("i", { class: "swatch" }),
      element("span", {}, name),
      value,
    );
    button.addEventListener("click", () => {
      chart.toggle(key, !chart.isVisible(key));
      button.setAttribute("aria-pressed", String(chart.isVisible(key)));
    });
    list.append(element("li", {}, button));
    return value;
  }

  const sample = (shade, name) =>
    element("li", { class: `sample ${shade}` }, element("i", { class: "swatch" }), element("span", {}, name));

  return {
    /** Starts anew with other services. */
    show(groups) {
      list.replaceChildren();
      const demand = entry("demand", "demand", "demand");
      entries = groups.map((group) => ({ group, value: entry(group.name, group.colour, group.name) }));
      const free = element("b", {}, "");
      list.append(sample("starting", "starting"), sample("stopping", "stopping"));
      const freeSample = sample("free", "free");
      freeSample.append(free);
      list.append(freeSample);
      this.demand = demand;
      this.free = free;
    },
    draw(model) {
      if (!this.demand) return;
      const total = (of) => model.services.reduce((sum, service) => sum + of(service) * service.perReplica, 0);
      setText(this.demand, amount(model.resource, total((service) => service.demand)));
      for (const { group, value } of entries) {
        const height = group.services.reduce((sum, { name }) => {
          const service = model.byName.get(name);
          return service ? sum + service.counts.running * service.perReplica : sum;
        }, 0);
        setText(value, amount(model.resource, height));
      }
      setText(this.free, amount(model.resource, model.free()));
      setAttribute(list, "data-unit", unit(model.resource));
    },
  };
}
