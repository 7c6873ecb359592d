// Gradient flow: how large the gradient's elements are in each layer, from input to output, on one logarithmic scale.

import { fill, html, svg } from "./dom.js";
import { shortNumber } from "./training_data.js";

const FLOW_HEIGHT = 18;
const FLOW_BESIDE = 310; // pixels that name and numbers take

export class GradientFlow {
  constructor(labels) {
    this.labels = labels;
    this.list = html("ol", { class: "gt-flow" });
    this.element = html("div", {}, html("p", { class: "gt-note" }, labels.flow_caption),
      html("div", { class: "gt-flow-scroll", tabindex: 0, role: "group", "aria-label": labels.tab_flow }, this.list));
  }

  draw(data, frame) {
    const places = data.inOrder().filter((i) => data.layers[i].order !== undefined);
    const sizes = places.flatMap((i) => [data.figure(frame, i, "mean"), data.figure(frame, i, "largest")])
      .filter((v) => v > 0 && Number.isFinite(v)).map(Math.log10);
    const low = Math.floor(Math.min(...sizes, 0)), high = Math.max(low + 3, Math.ceil(Math.max(...sizes, -2)));
    const room = this.list.clientWidth;
    const width = Math.max(120, room > 600 ? room - FLOW_BESIDE : room - 110);
    const x = (value) => (width * (Math.log10(value) - low)) / (high - low);
    const every = Math.ceil((high - low) / 6);
    const powers = Array.from({ length: high - low + 1 }, (_, i) => low + i).filter((p) => (p - low) % every === 0);
    const grid = () => powers.map((p) => svg("path", { d: `M${x(10 ** p)} 0V${FLOW_HEIGHT}`, class: "gt-flow-grid" }));
    const axis = html("li", { class: "gt-flow-axis", "aria-hidden": "true" }, html("span", {}), svg("svg",
      { width, height: FLOW_HEIGHT }, powers.map((p) => svg("text", { x: x(10 ** p), y: 11,
        "text-anchor": p === low ? "start" : p === high ? "end" : "middle" }, `1e${p}`))), html("span", {}));
    this.list.replaceChildren(axis, ...places.map((place) => {
      const mean = data.figure(frame, place, "mean"), largest = data.figure(frame, place, "largest");
      const picture = svg("svg", { width, height: FLOW_HEIGHT, "aria-hidden": "true" }, grid());
      if (largest > 0 && Number.isFinite(largest)) {
        picture.append(svg("rect", { x: 0, y: 4, width: Math.max(1, x(largest)), height: 10, rx: 2, class: "gt-flow-bar" }));
      }
      if (mean > 0 && Number.isFinite(mean)) picture.append(svg("path", { d: `M${Math.max(1, x(mean))} 1v16`, class: "gt-flow-mean" }));
      const [, level] = data.note(frame, place);
      const numbers = largest === 0 ? this.labels.flow_zero : `${shortNumber(mean)} · ${shortNumber(largest)}`;
      const said = fill(this.labels.flow_layer, { name: data.layers[place].name, mean: shortNumber(mean), largest: shortNumber(largest) });
      return html("li", { "data-level": level }, html("span", { "aria-hidden": "true" }, data.layers[place].name, " ",
        html("small", {}, data.layers[place].kind)), picture,
        html("b", { "aria-hidden": "true" }, numbers), html("span", { class: "gt-visually-hidden" }, said));
    }));
  }
}
