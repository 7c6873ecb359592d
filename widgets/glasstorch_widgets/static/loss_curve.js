// LossCurve: small multiples of growing lines, with hover and keyboard read-out.

import { fill, html, svg } from "./dom.js";
import { formatNumber, plainBytes } from "./numbers.js";

const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"];
const DASHES = ["", "6 3", "2 3"];
const HEIGHT = 190;
const LEFT = 54, RIGHT = 14, TOP = 10, BOTTOM = 24;
const SMOOTHING = 0.9;

export class LossCurve {
  constructor(root, host) {
    this.host = host;
    this.labels = host.get("labels");
    this.smooth = false;
    this.plots = [];
    root.classList.add("gt", "gt-curve");
    root.lang = host.get("lang") === "zh" ? "zh-CN" : "en";
    root.dataset.lmSuppressShortcuts = "true";
    this.heading = html("h3", {});
    this.count = html("span", { class: "gt-note" });
    this.body = html("div", { class: "gt-plots" });
    this.said = html("p", { class: "gt-visually-hidden", role: "status", "aria-live": "polite" });
    this.smoothBox = html("input", { type: "checkbox", onchange: () => {
      this.smooth = this.smoothBox.checked;
      this.draw();
    } });
    root.replaceChildren(html("div", { class: "gt-head" }, this.heading, this.count, html("label", {}, this.smoothBox, " ",
      this.labels.smooth)), this.body, this.said);
    this.watcher = new ResizeObserver(() => this.draw());
    this.watcher.observe(root);
    host.on("series", () => this.soon());
    host.on("title", () => this.soon());
    this.draw();
  }

  // Many messages may arrive between two frames; one drawing is enough.
  soon() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.draw();
    });
  }

  draw() {
    this.heading.textContent = this.host.get("title") || this.labels.title;
    const message = this.host.get("series");
    const series = unpackSeries(message);
    const total = Math.max(0, ...message.series.map((entry) => entry.total));
    this.count.textContent = total ? fill(this.labels.points, { n: total }) : "";
    if (!series.size) {
      this.body.replaceChildren(html("p", { class: "gt-note" }, this.labels.waiting));
      this.plots = [];
      return;
    }
    const colours = new Map([...series.keys()].map((name, i) => [name, COLOURS[i % COLOURS.length]]));
    if (this.plots.length !== message.panels.length) {
      this.plots = message.panels.map(() => new Plot(this.labels, (text) => (this.said.textContent = text)));
      this.body.replaceChildren(...this.plots.map((plot) => plot.element));
    }
    message.panels.forEach((names, i) =>
      this.plots[i].draw(names.map((name) => series.get(name)), colours, this.smooth));
  }

  remove() {
    this.watcher.disconnect();
    if (this.frame) cancelAnimationFrame(this.frame);
  }
}

// The `series` message: steps and values of each series, one after the other.
export function unpackSeries(message) {
  const all = new Float64Array(plainBytes(message.data));
  const series = new Map();
  let at = 0;
  for (const { name, count, total, latest } of message.series) {
    series.set(name, { name, total, latest, steps: all.subarray(at, at + count),
      values: all.subarray(at + count, at + 2 * count) });
    at += 2 * count;
  }
  return series;
}

class Plot {
  constructor(labels, announce) {
    this.labels = labels;
    this.announce = announce;
    this.at = null;
    this.picture = svg("svg", { "aria-hidden": "true", height: HEIGHT });
    this.legend = html("div", { class: "gt-plot-legend" });
    this.tip = html("div", { class: "gt-tip-box", hidden: true, "aria-hidden": "true" });
    this.element = html("div", { class: "gt-plot", role: "group", tabindex: 0,
      onkeydown: (event) => this.key(event),
      onpointermove: (event) => this.hover(event),
      onpointerleave: () => this.point(null),
      onblur: () => this.point(null),
    }, this.legend, this.picture, this.tip);
  }

  draw(series, colours, smooth) {
    this.series = series;
    this.colours = colours;
    const width = this.width = Math.max(220, this.element.clientWidth || 420);
    const steps = series.flatMap((one) => [one.steps[0], one.steps.at(-1)]);
    const finite = series.flatMap((one) => Array.from(one.values).filter(Number.isFinite));
    let low = finite.length ? Math.min(...finite) : 0;
    let high = finite.length ? Math.max(...finite) : 1;
    const yTicks = niceTicks(low, high);
    low = Math.min(low, yTicks[0]);
    high = Math.max(high, yTicks.at(-1));
    const first = Math.min(...steps), last = Math.max(...steps);
    this.x = (step) => LEFT + ((step - first) / (last - first || 1)) * (width - LEFT - RIGHT);
    this.y = (value) => HEIGHT - BOTTOM - ((value - low) / (high - low || 1)) * (HEIGHT - TOP - BOTTOM);
    this.cursor = svg("g");
    this.picture.setAttribute("width", width);
    this.picture.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
    this.picture.replaceChildren(
      ...yTicks.map((tick) => svg("g", { class: "gt-axis" },
        svg("path", { d: `M${LEFT} ${this.y(tick)}H${width - RIGHT}` }),
        svg("text", { x: LEFT - 6, y: this.y(tick) + 4, "text-anchor": "end" }, formatNumber(tick)))),
      ...niceTicks(first, last).filter((tick) => tick >= first && tick <= last).map((tick) =>
        svg("g", { class: "gt-axis" }, svg("text", { x: this.x(tick), y: HEIGHT - 7, "text-anchor": "middle" },
          formatNumber(tick)))),
      ...series.flatMap((one, i) => this.lines(one, colours.get(one.name), DASHES[i % 3], smooth)),
      this.cursor);
    this.legend.replaceChildren(...series.map((one, i) => html("span", {},
      svg("svg", { width: 22, height: 10, "aria-hidden": "true" }, svg("path", { d: "M1 5H21", "stroke-width": 2.4,
        stroke: colours.get(one.name), "stroke-dasharray": DASHES[i % 3] || null })),
      ` ${one.name} `, html("b", {}, one.latest === null ? "nan" : formatNumber(one.latest)))));
    this.element.setAttribute("aria-label", fill(this.labels.plot, {
      name: series.map((one) => one.name).join(", "), n: Math.max(...series.map((one) => one.total)),
      value: series.map((one) => (one.latest === null ? "nan" : formatNumber(one.latest))).join(", ") }));
    this.point(this.at);
  }

  // With smoothing the measured line stays, faint, behind the smoothed one.
  lines({ steps, values }, stroke, dash, smooth) {
    const line = (data, opacity) => svg("path", { d: this.path(steps, data), fill: "none", stroke, opacity,
      "stroke-width": 1.8, "stroke-linejoin": "round", "stroke-dasharray": dash || null });
    return smooth ? [line(values, 0.25), line(smoothed(values), 1)] : [line(values, 1)];
  }

  path(steps, values) {
    let d = "";
    let pen = "M";
    for (let i = 0; i < values.length; i++) {
      if (!Number.isFinite(values[i])) {
        pen = "M";
        continue;
      }
      d += `${pen}${this.x(steps[i]).toFixed(1)} ${this.y(values[i]).toFixed(1)}`;
      pen = "L";
    }
    return d;
  }

  hover(event) {
    const mouse = event.clientX - this.picture.getBoundingClientRect().left;
    const { steps } = this.series[0];
    let best = 0;
    for (let i = 1; i < steps.length; i++) {
      if (Math.abs(this.x(steps[i]) - mouse) < Math.abs(this.x(steps[best]) - mouse)) best = i;
    }
    this.point(best);
  }

  key(event) {
    const most = this.series[0].steps.length - 1;
    const moves = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10, Home: -Infinity, End: Infinity };
    if (!(event.key in moves)) return;
    event.preventDefault();
    event.stopPropagation();
    this.point(Math.max(0, Math.min(most, (this.at ?? most) + moves[event.key])));
    this.announce(this.reading());
  }

  reading() {
    const step = this.series[0].steps[this.at];
    const values = this.series.map((one) => `${one.name} ${formatNumber(valueAt(one, step))}`).join(", ");
    return fill(this.labels.at, { step: formatNumber(step), values });
  }

  point(index) {
    this.at = index === null ? null : Math.min(index, this.series[0].steps.length - 1);
    this.tip.hidden = this.at === null;
    if (this.at === null) {
      this.cursor?.replaceChildren();
      return;
    }
    const step = this.series[0].steps[this.at];
    const x = this.x(step);
    this.cursor.replaceChildren(
      svg("path", { d: `M${x} ${TOP}V${HEIGHT - BOTTOM}`, class: "gt-cursor" }),
      ...this.series.filter((one) => Number.isFinite(valueAt(one, step))).map((one) =>
        svg("circle", { cx: x, cy: this.y(valueAt(one, step)), r: 3.5, fill: this.colours.get(one.name) })));
    this.tip.textContent = this.reading();
    this.tip.style.left = `${Math.min(Math.max(x, 70), this.width - 90)}px`;
  }
}

// The value at the point nearest to `step`.
function valueAt({ steps, values }, step) {
  let low = 0, high = steps.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (steps[middle] < step) low = middle + 1;
    else high = middle;
  }
  return low > 0 && step - steps[low - 1] < steps[low] - step ? values[low - 1] : values[low];
}

// An exponential moving average that starts unbiased and steps over gaps.
function smoothed(values) {
  const out = new Float64Array(values.length);
  let sum = 0, weight = 0;
  for (let i = 0; i < values.length; i++) {
    if (Number.isFinite(values[i])) {
      sum = SMOOTHING * sum + (1 - SMOOTHING) * values[i];
      weight = SMOOTHING * weight + (1 - SMOOTHING);
    }
    out[i] = Number.isFinite(values[i]) ? sum / weight : NaN;
  }
  return out;
}

// Round numbers (1, 2 or 5 times a power of ten) that cover low to high.
export function niceTicks(low, high, wanted = 4) {
  if (high <= low) {
    const pad = Math.abs(low) * 0.1 || 1;
    low -= pad;
    high += pad;
  }
  const raw = (high - low) / wanted;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((m) => m * power).find((m) => m >= raw * 0.999);
  const from = Math.floor(low / step + 1e-9), to = Math.ceil(high / step - 1e-9);
  return Array.from({ length: to - from + 1 }, (_, i) => Number(((from + i) * step).toPrecision(12)));
}
