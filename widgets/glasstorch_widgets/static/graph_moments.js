// One graph at many moments of a training: a slider over them, and how the result went.

import { fill, html, svg } from "./dom.js";
import { formatNumber } from "./numbers.js";

export class MomentSlider {
  // `choose(i)`: show the moment with this number.
  constructor(labels, choose) {
    this.labels = labels;
    this.slider = html("input", { type: "range", min: 0, class: "gt-scrubber", "aria-label": labels.moment,
      oninput: () => choose(Number(this.slider.value)) });
    this.curve = svg("path", { class: "gt-moment-curve" });
    this.here = svg("path", { class: "gt-moment-here" });
    this.text = html("span", { class: "gt-counter" });
    this.element = html("div", { class: "gt-moments", hidden: true },
      html("span", { class: "gt-note" }, labels.moment),
      html("div", { class: "gt-track" },
        svg("svg", { viewBox: "0 0 300 26", preserveAspectRatio: "none", class: "gt-moment-plot", "aria-hidden": "true" },
          this.curve, this.here),
        this.slider),
      this.text);
  }

  // `moments`: {labels: [...], values: [...]}; `now`: the number of the one on show.
  update(moments, now) {
    const { labels: names = [], values = [] } = moments ?? {};
    this.element.hidden = names.length < 2;
    if (this.element.hidden) return;
    this.slider.max = names.length - 1;
    this.slider.value = now;
    const known = values.filter(Number.isFinite);
    const low = Math.min(...known), high = Math.max(...known);
    const x = (i) => (300 * i) / (names.length - 1);
    const y = (v) => (high > low ? 23 - (20 * (v - low)) / (high - low) : 13);
    this.curve.setAttribute("d", values.map((v, i) =>
      (Number.isFinite(v) ? `${i && Number.isFinite(values[i - 1]) ? "L" : "M"}${x(i).toFixed(1)} ${y(v).toFixed(1)}` : "")).join(""));
    this.here.setAttribute("d", `M${x(now).toFixed(1)} 0V26`);
    const said = fill(this.labels.moment_now, { label: names[now], value: formatNumber(values[now]) });
    this.text.textContent = said;
    this.slider.setAttribute("aria-valuetext", said);
  }
}
