// Buttons and a slider to go through steps, alike in every view that has them.

import { fill, html, iconButton, reducedMotion, swapIcon } from "./dom.js";

export class StepBar {
  // change(step) is called when the learner goes to a step, 0 to count - 1. pace: milliseconds for one step; origin: how
  // the first step is counted.
  constructor(labels, count, change, pace = 700, origin = 1) {
    Object.assign(this, { labels, count, change, pace, origin, step: 0, timer: null });
    this.slider = html("input", { type: "range", min: 0, max: count - 1, value: 0, class: "gt-step-slider",
      "aria-label": labels.step_slider, oninput: () => this.go(Number(this.slider.value)) });
    this.playing = iconButton("play", labels.step_play, () => (this.timer ? this.stop() : this.play()));
    this.counter = html("span", { class: "gt-step-counter" });
    this.element = html("div", { class: "gt-step-bar" },
      iconButton("first", labels.step_first, () => this.go(0)), iconButton("back", labels.step_back, () => this.by(-1)),
      this.playing, iconButton("next", labels.step_next, () => this.by(1)),
      iconButton("last", labels.step_last, () => this.go(this.count - 1)), this.slider, this.counter);
    this.show(0);
  }

  resize(count) {
    this.count = count;
    this.slider.max = count - 1;
    this.show(Math.min(this.step, count - 1));
  }

  // Move without telling anybody.
  show(step) {
    this.step = step;
    this.slider.value = step;
    this.counter.textContent = fill(this.labels.step_of, { k: step + this.origin, n: this.count - 1 + this.origin });
  }

  go(step) {
    this.stop();
    this.move(step);
  }

  by(steps) {
    this.go(Math.max(0, Math.min(this.count - 1, this.step + steps)));
  }

  move(step) {
    this.show(step);
    this.change(step);
  }

  play() {
    if (this.step >= this.count - 1) this.move(0);
    swapIcon(this.playing, "pause", this.labels.step_pause);
    this.timer = setInterval(() => {
      this.move(this.step + 1);
      if (this.step >= this.count - 1) this.stop();
    }, reducedMotion() ? Math.max(this.pace, 400) : this.pace);
  }

  stop() {
    if (!this.timer) return;
    clearInterval(this.timer);
    this.timer = null;
    swapIcon(this.playing, "play", this.labels.step_play);
  }
}

// What every explaining view has around its picture: heading, a place for errors, a place to speak.
export function explainFrame(root, host, name) {
  root.classList.add("gt", "gt-explain", name);
  root.lang = host.get("lang") === "zh" ? "zh-CN" : "en";
  root.dataset.lmSuppressShortcuts = "true";
  const alarm = html("p", { class: "gt-alarm", role: "alert", hidden: true });
  host.on("error", () => {
    alarm.textContent = host.get("error");
    alarm.hidden = !host.get("error");
  });
  const said = html("p", { class: "gt-visually-hidden", role: "status", "aria-live": "polite" });
  const body = html("div", {});
  root.replaceChildren(html("h3", {}, host.get("title") || host.get("labels").title), alarm, body, said);
  return { body, say: (text) => (said.textContent = text), alarm };
}

// A labelled choice; values are numbers or texts.
export function explainChoice(label, options, value, chosen) {
  const box = html("select", { onchange: () => chosen(box.value) },
    options.map(([key, text]) => html("option", { value: key, selected: String(key) === String(value) }, text)));
  return html("label", {}, `${label} `, box);
}

// An input that commits once: on Enter (which JupyterLab keeps from being a change) or when it is left.
export function explainField(attributes, commit) {
  let last = String(attributes.value);
  const send = () => {
    if (field.value === last) return;
    last = field.value;
    commit(field.value);
  };
  const field = html("input", { autocomplete: "off", ...attributes, onchange: send,
    onkeydown: (event) => event.key === "Enter" && send() });
  // What Python still has, after it refused.
  field.reset = (value) => {
    field.value = value;
    last = String(value);
  };
  return field;
}
