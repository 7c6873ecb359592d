// Training: curves, health of the layers, histograms, gradient flow, learning rate and memory, in one view.

import { fill, html } from "./dom.js";
import { LossCurve } from "./loss_curve.js";
import { TrainingData } from "./training_data.js";
import { GradientFlow } from "./training_flow.js";
import { Histograms } from "./training_histograms.js";
import { MemoryPanel } from "./training_memory.js";
import { RatePanel } from "./training_rate.js";
import { HealthStrip } from "./training_strip.js";

const TABS = ["overview", "histograms", "flow", "rate", "memory"];
const WITH_MOMENT = ["overview", "histograms", "flow"]; // what the slider moves
let trainings = 0; // tabs need ids of their own on the page

export class TrainingView {
  constructor(root, host) {
    this.host = host;
    this.root = root;
    this.labels = host.get("labels");
    this.data = new TrainingData(host.get("scheme"));
    this.moment = null; // a step of the past, or null to follow the latest
    this.id = `gt-training-${(trainings += 1)}`;
    root.classList.add("gt", "gt-training");
    root.lang = host.get("lang") === "zh" ? "zh-CN" : "en";
    root.dataset.lmSuppressShortcuts = "true";
    this.build();
    this.watcher = new ResizeObserver(() => this.soon());
    this.watcher.observe(root);
    for (const name of ["layers", "history", "now", "series", "rates", "memory", "title", "error"]) host.on(name, () => this.soon());
    this.draw();
  }

  build() {
    const { labels } = this;
    const curveRoot = html("div", {});
    const parts = { get: (name) => (name === "title" ? " " : this.host.get(name)), on: (name, call) => this.host.on(name, call) };
    this.curves = new LossCurve(curveRoot, parts);
    this.strip = new HealthStrip(labels, (layer) => this.histograms.choose(layer));
    this.histograms = new Histograms(labels, this.data.scheme.kinds, (by) => this.move(by));
    this.flow = new GradientFlow(labels);
    this.rate = new RatePanel(labels);
    this.memory = new MemoryPanel(labels);
    const content = { overview: [curveRoot, this.strip.element], histograms: [this.histograms.element], flow: [this.flow.element],
      rate: [this.rate.element], memory: [this.memory.element] };
    this.heading = html("h3", {});
    this.count = html("span", { class: "gt-note" });
    this.alarm = html("p", { class: "gt-alarm", role: "alert", hidden: true });
    this.tabs = new Map(TABS.map((name) => [name, html("button", { type: "button", role: "tab", id: `${this.id}-${name}-tab`,
      class: "gt-tab", "aria-controls": `${this.id}-${name}`, onclick: () => this.pick(name), onkeydown: (event) => this.tabKey(event, name) },
    labels[`tab_${name}`])]));
    this.panels = new Map(TABS.map((name) => [name, html("div", { role: "tabpanel", id: `${this.id}-${name}`,
      "aria-labelledby": `${this.id}-${name}-tab`, class: "gt-panel" }, content[name])]));
    this.slider = html("input", { type: "range", min: 0, step: 1, "aria-label": labels.moment, oninput: () => this.show(Number(this.slider.value)) });
    this.shown = html("output", {});
    this.latest = html("button", { type: "button", class: "gt-button", onclick: () => this.show(this.data.last) }, labels.latest);
    this.time = html("div", { class: "gt-moment" }, html("span", { class: "gt-note" }, labels.moment), this.shown, this.slider, this.latest);
    this.said = html("p", { class: "gt-visually-hidden", role: "status", "aria-live": "polite" });
    this.root.replaceChildren(html("div", { class: "gt-head" }, this.heading, this.count), this.alarm,
      html("div", { role: "tablist", class: "gt-tabs", "aria-label": labels.panels }, [...this.tabs.values()]),
      ...this.panels.values(), this.said);
    this.open(TABS.includes(this.host.get("tab")) ? this.host.get("tab") : "overview");
  }

  // Kept with the widget: a view drawn anew, as at the end of a cell, opens where this one was.
  pick(name) {
    this.host.set("tab", name);
    this.open(name);
  }

  open(name) {
    this.tab = name;
    for (const [other, tab] of this.tabs) {
      tab.setAttribute("aria-selected", String(other === name));
      tab.tabIndex = other === name ? 0 : -1;
      this.panels.get(other).hidden = other !== name;
    }
    // The slider stands above what it moves.
    if (name === "overview") this.strip.element.before(this.time);
    else if (WITH_MOMENT.includes(name)) this.panels.get(name).prepend(this.time);
    if (this.data.old) this.draw();
  }

  tabKey(event, name) {
    const at = TABS.indexOf(name);
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: TABS.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const next = TABS[(to + TABS.length) % TABS.length];
    this.pick(next);
    this.tabs.get(next).focus();
  }

  // Show frame number `at`; the last one means: follow the training.
  show(at) {
    this.moment = at >= this.data.last ? null : this.data.frames[at].step;
    this.draw();
    this.said.textContent = fill(this.labels.moment_text, { step: this.shown.textContent });
  }

  move(by) {
    if (this.data.last >= 0) this.show(Math.max(0, Math.min(this.data.last, this.frame() + by)));
  }

  // The frame of the moment shown; thinning may have left only one near it.
  frame() {
    if (this.moment === null) return this.data.last;
    const at = this.data.frames.findIndex((frame) => frame.step >= this.moment);
    return at < 0 ? this.data.last : at;
  }

  soon() {
    this.waiting ??= requestAnimationFrame(() => {
      this.waiting = null;
      this.draw();
    });
  }

  draw() {
    const { host, labels, data } = this;
    const now = host.get("now");
    data.update(host.get("layers"), host.get("history"), now);
    this.heading.textContent = host.get("title") || labels.title;
    this.count.textContent = now.steps ? fill(labels.steps, { n: now.steps, m: now.measured }) + (now.watching ? "" : ` · ${labels.stopped}`) : labels.waiting;
    const error = host.get("error");
    if (this.alarm.textContent !== error) this.alarm.textContent = error;
    this.alarm.hidden = !error;
    const some = data.last >= 0;
    this.strip.element.hidden = !some;
    this.time.hidden = data.last < 1 || !WITH_MOMENT.includes(this.tab);
    if (some) this.drawMoment(now);
    if (this.tab === "rate") this.rate.draw(host.get("rates"));
    if (this.tab === "memory") this.memory.draw(host.get("memory"), data.layers);
  }

  drawMoment(now) {
    const { data } = this;
    const frame = this.frame();
    this.slider.max = data.last;
    this.slider.value = frame;
    const step = String(data.frames[frame].step);
    this.shown.textContent = step;
    this.slider.setAttribute("aria-valuetext", fill(this.labels.moment_text, { step }));
    this.latest.disabled = this.moment === null;
    if (this.tab === "overview") this.strip.draw(data, frame, this.moment === null ? now.loss_note : "");
    if (this.tab === "histograms") this.histograms.draw(data, frame);
    if (this.tab === "flow") this.flow.draw(data, frame);
  }

  remove() {
    this.curves.remove();
    this.watcher.disconnect();
    if (this.waiting) cancelAnimationFrame(this.waiting);
  }
}
