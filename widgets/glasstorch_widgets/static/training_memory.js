// The memory of one step: what lives all the time, what the forward keeps, where the gradients come.

import { fill, html, svg } from "./dom.js";
import { niceTicks } from "./loss_curve.js";
import { bytesText } from "./training_data.js";

const MEMORY_HEIGHT = 200, MEMORY_LEFT = 64, MEMORY_TOP = 8, MEMORY_BOTTOM = 24;
const PARTS = ["weights", "optimizer", "kept", "gradients"];

export class MemoryPanel {
  constructor(labels) {
    this.labels = labels;
    this.element = html("div", { class: "gt-memory" });
  }

  draw(message, layers) {
    const { labels } = this;
    if (!message?.points) {
      this.element.replaceChildren(html("p", { class: "gt-note" }, labels.memory_waiting));
      return;
    }
    const base = { weights: message.weights, optimizer: message.optimizer };
    // Before the forward, after each part of it and of the backward, and after the optimizer's step.
    const moments = [{ ...base, kept: 0, gradients: 0 },
      ...message.points.map(([, kept, gradients]) => ({ ...base, kept, gradients }))];
    const names = { weights: labels.memory_weights, optimizer: labels.memory_optimizer, kept: labels.memory_kept, gradients: labels.memory_gradients };
    const present = PARTS.filter((part) => moments.some((moment) => moment[part]));
    const legend = html("p", { class: "gt-plot-legend" }, present.map((part) => html("span", {},
      svg("svg", { width: 14, height: 12, "aria-hidden": "true" }, svg("rect", { width: 14, height: 12, rx: 2, class: `gt-part-${part}` })),
      ` ${names[part]} `, html("b", {}, bytesText(Math.max(...moments.map((m) => m[part])))))));
    const name = (place) => (place < 0 ? [labels.memory_other] : [layers[place].name, " ", html("small", {}, layers[place].kind)]);
    const total = message.kept.reduce((sum, [, size]) => sum + size, 0) || 1;
    const table = html("table", { class: "gt-health gt-memory-table" },
      html("thead", {}, html("tr", {}, html("th", { scope: "col" }, labels.layer), html("th", { scope: "col" }, labels.memory_kept),
        html("th", { scope: "col" }, labels.memory_share))),
      html("tbody", {}, message.kept.slice(0, 40).map(([place, size]) => html("tr", {}, html("th", { scope: "row" }, name(place)),
        html("td", {}, bytesText(size)), html("td", {}, html("span", { class: "gt-figure" },
          svg("svg", { width: 120, height: 10, "aria-hidden": "true" }, svg("rect", { width: 120, height: 10, rx: 2, class: "gt-share-back" }),
            svg("rect", { width: (120 * size) / total, height: 10, rx: 2, class: "gt-part-kept" })), html("b", {}, `${Math.round((100 * size) / total)} %`)))))));
    this.element.replaceChildren(html("p", { class: "gt-note" }, fill(labels.memory_caption, { step: message.step, peak: bytesText(message.peak) })), legend,
      this.timeline(moments, present, message), table, html("p", { class: "gt-note" }, labels.memory_note));
  }

  timeline(moments, present, message) {
    const { labels } = this;
    const width = Math.max(260, this.element.clientWidth || 560);
    const scale = 1000 ** Math.floor(Math.log10(Math.max(1, message.peak)) / 3);
    const yTicks = niceTicks(0, message.peak / scale).map((tick) => tick * scale);
    const x = (i) => MEMORY_LEFT + (i / (moments.length - 1)) * (width - MEMORY_LEFT - 10);
    const y = (v) => MEMORY_HEIGHT - MEMORY_BOTTOM - (v / yTicks.at(-1)) * (MEMORY_HEIGHT - MEMORY_TOP - MEMORY_BOTTOM);
    const below = moments.map(() => 0);
    const areas = present.map((part) => {
      const bottom = below.map((v, i) => [x(i), y(v)]);
      moments.forEach((moment, i) => (below[i] += moment[part]));
      const top = below.map((v, i) => [x(i), y(v)]);
      const d = [...top, ...bottom.reverse()].map(([a, b], i) => `${i ? "L" : "M"}${a.toFixed(1)} ${b.toFixed(1)}`).join("");
      return svg("path", { d: `${d}Z`, class: `gt-part-${part}` });
    });
    const turn = x((moments.length - 1) / 2);
    const end = MEMORY_HEIGHT - 7;
    return svg("svg", { width, height: MEMORY_HEIGHT, viewBox: `0 0 ${width} ${MEMORY_HEIGHT}`, role: "img",
      "aria-label": fill(labels.memory_timeline, { peak: bytesText(message.peak) }) },
    yTicks.map((tick) => svg("g", { class: "gt-axis" }, svg("path", { d: `M${MEMORY_LEFT} ${y(tick)}H${width - 10}` }),
      svg("text", { x: MEMORY_LEFT - 6, y: y(tick) + 4, "text-anchor": "end" }, bytesText(tick)))), areas,
    svg("path", { d: `M${turn} ${MEMORY_TOP}V${MEMORY_HEIGHT - MEMORY_BOTTOM}`, class: "gt-cursor", "stroke-dasharray": "3 3" }),
    svg("g", { class: "gt-axis" }, svg("text", { x: (MEMORY_LEFT + turn) / 2, y: end, "text-anchor": "middle" }, labels.memory_forward),
      svg("text", { x: (turn + width) / 2, y: end, "text-anchor": "middle" }, labels.memory_backward)));
  }
}
