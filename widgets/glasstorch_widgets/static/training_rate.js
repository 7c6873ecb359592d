// The learning rate: as it was, and as the scheduler plans it.

import { fill, html, svg, withCode } from "./dom.js";
import { niceTicks, unpackSeries } from "./loss_curve.js";
import { formatNumber } from "./numbers.js";

const RATE_COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7"];
const RATE_HEIGHT = 210, RATE_LEFT = 64, RATE_RIGHT = 14, RATE_TOP = 10, RATE_BOTTOM = 34;

export class RatePanel {
  constructor(labels) {
    this.labels = labels;
    this.element = html("div", { class: "gt-rate" });
  }

  draw(message) {
    const { labels } = this;
    const series = [...unpackSeries(message.series).values()];
    if (!series.length) {
      this.element.replaceChildren(html("p", { class: "gt-note" }, labels.waiting));
      return;
    }
    const lines = series.map((one) => ({ name: one.name, latest: one.latest, past: held(one) }));
    for (const line of lines) {
      const planned = message.ahead?.rates[line.name];
      if (planned) line.ahead = planned.map((rate, i) => [message.ahead.from + i, rate]);
    }
    const width = Math.max(260, this.element.clientWidth || 560);
    const points = lines.flatMap((line) => [...line.past, ...(line.ahead ?? [])]).filter(([, v]) => Number.isFinite(v));
    const last = Math.max(1, ...points.map(([at]) => at));
    const yTicks = niceTicks(0, Math.max(...points.map(([, v]) => v)) || 1);
    const x = (at) => RATE_LEFT + (at / last) * (width - RATE_LEFT - RATE_RIGHT);
    const y = (v) => RATE_HEIGHT - RATE_BOTTOM - (v / yTicks.at(-1)) * (RATE_HEIGHT - RATE_TOP - RATE_BOTTOM);
    const path = (list) => list.map(([at, v], i) => `${i ? "L" : "M"}${x(at).toFixed(1)} ${y(v).toFixed(1)}`).join("");
    const end = lines[0].ahead?.at(-1)?.[1];
    const label = fill(labels.rate_plot, { value: formatNumber(lines[0].latest) })
      + (end === undefined ? "" : fill(labels.rate_then, { value: formatNumber(Number(end.toPrecision(4))) }));
    const axis = message.axis === "epoch" ? labels.rate_epoch : labels.step;
    const picture = svg("svg", { width, height: RATE_HEIGHT, viewBox: `0 0 ${width} ${RATE_HEIGHT}`, role: "img", "aria-label": label },
      yTicks.map((tick) => svg("g", { class: "gt-axis" }, svg("path", { d: `M${RATE_LEFT} ${y(tick)}H${width - RATE_RIGHT}` }),
        svg("text", { x: RATE_LEFT - 6, y: y(tick) + 4, "text-anchor": "end" }, formatNumber(tick)))),
      niceTicks(0, last).filter((tick) => tick <= last).map((tick) => svg("g", { class: "gt-axis" },
        svg("text", { x: x(tick), y: RATE_HEIGHT - 18, "text-anchor": "middle" }, formatNumber(tick)))),
      svg("g", { class: "gt-axis" }, svg("text", { x: width - RATE_RIGHT, y: RATE_HEIGHT - 4, "text-anchor": "end" }, axis)),
      lines.flatMap((line, i) => [
        line.ahead && svg("path", { d: path(line.ahead), fill: "none", stroke: RATE_COLOURS[i], "stroke-width": 1.8, "stroke-dasharray": "5 4" }),
        svg("path", { d: path(line.past), fill: "none", stroke: RATE_COLOURS[i], "stroke-width": 2.6 }),
        svg("circle", { cx: x(line.past.at(-1)[0]), cy: y(line.past.at(-1)[1]), r: 4, fill: RATE_COLOURS[i] }),
      ].filter(Boolean)));
    const hint = message.ahead ? labels.rate_caption : message.axis === "epoch" ? labels.rate_unknown : labels.rate_alone;
    this.element.replaceChildren(
      html("p", { class: "gt-plot-legend" }, lines.map((line, i) => html("span", {},
        svg("svg", { width: 18, height: 10, "aria-hidden": "true" }, svg("path", { d: "M1 5H17", stroke: RATE_COLOURS[i], "stroke-width": 3 })),
        ` ${line.name} `, html("b", {}, formatNumber(Number(line.latest.toPrecision(4))))))),
      picture, html("p", { class: "gt-note" }, withCode(hint)));
  }
}

// A rate holds until it changes: steps, not slopes.
function held({ steps, values }) {
  const points = [];
  steps.forEach((at, i) => {
    if (i && values[i] !== values[i - 1] && at > steps[i - 1] + 1) points.push([at - 1, values[i - 1]]);
    points.push([at, values[i]]);
  });
  return points;
}
