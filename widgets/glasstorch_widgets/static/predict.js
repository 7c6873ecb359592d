// Predict: a question, a guess that locks, then the result beside it.

import { fill, html, icon, withCode } from "./dom.js";
import { parseNumber } from "./numbers.js";
import { VERDICTS } from "./verdicts.js";

let made = 0; // radio buttons need a name of their own on the page

export class Predict {
  constructor(root, host) {
    this.host = host;
    this.labels = host.get("labels");
    this.group = `gt-predict-${(made += 1)}`;
    root.classList.add("gt", "gt-predict");
    root.lang = host.get("lang") === "zh" ? "zh-CN" : "en";
    root.dataset.lmSuppressShortcuts = "true";
    this.form = html("form", { novalidate: true, onsubmit: (event) => this.lock(event) });
    this.complaint = html("p", { class: "gt-alarm", role: "alert", hidden: true });
    this.answer = html("div", { class: "gt-answer", role: "status", "aria-live": "polite" });
    root.replaceChildren(this.form, this.complaint, this.answer);
    this.buildForm();
    host.on("state", () => this.refresh());
    host.on("outcome", () => this.refresh());
    host.on("guess", () => this.refresh());
    this.refresh();
  }

  buildForm() {
    const { host, labels } = this;
    const options = host.get("options");
    const unit = host.get("unit");
    this.inputs = options.length
      ? options.map((value) => html("input", { type: "radio", name: this.group, value }))
      : [html("input", { type: "text", inputmode: "decimal", autocomplete: "off", "aria-label": host.get("question").replaceAll("`", ""),
        placeholder: labels.placeholder,
        // A notebook may keep Enter from submitting the form.
        onkeydown: (event) => event.key === "Enter" && this.lock(event) })];
    const fields = options.length
      ? this.inputs.map((input) => html("label", { class: "gt-option" }, input, " ", input.value))
      : [html("span", { class: "gt-guess" }, this.inputs[0], unit ? ` ${unit}` : "")];
    this.lockButton = html("button", { type: "submit", class: "gt-button gt-primary" }, labels.lock);
    this.showButton = html("button", { type: "button", class: "gt-button",
      onclick: () => this.host.send({ type: "show" }) }, labels.show);
    this.form.replaceChildren(html("fieldset", {},
      html("legend", {}, html("span", { class: "gt-predict-mark" }, labels.title), " ", ...withCode(host.get("question"))),
      html("div", { class: "gt-options" }, fields),
      html("div", { class: "gt-predict-buttons" }, this.lockButton, this.showButton)));
    // A choice or a typed number is needed before there is something to lock.
    this.form.addEventListener("input", () => this.refresh());
  }

  chosen() {
    const picked = this.host.get("options").length ? this.inputs.find((input) => input.checked) : this.inputs[0];
    const value = picked ? picked.value.trim() : "";
    const unit = this.host.get("unit");
    // The unit stands behind the field, and some type it all the same; or commas between the thousands.
    if (picked?.type !== "text") return value;
    return (unit && value.endsWith(unit) ? value.slice(0, -unit.length).trim() : value).replace(/(?<=\d),(?=\d{3}(?!\d))/g, "");
  }

  lock(event) {
    event.preventDefault();
    if (this.host.get("state") !== "unanswered") return;
    const chosen = this.chosen();
    const number = this.host.get("options").length ? chosen : parseNumber(chosen);
    const bad = number === undefined;
    const value = number === Number(chosen) ? chosen : String(number); // Python reads no 1/3
    this.complaint.textContent = bad ? this.labels.number_wanted : "";
    this.complaint.hidden = !bad;
    if (!bad) this.host.send({ type: "guess", value });
  }

  refresh() {
    const { host, labels } = this;
    const state = host.get("state");
    const open = state === "unanswered";
    const guess = host.get("guess");
    for (const input of this.inputs) {
      input.disabled = !open;
      if (!open && guess) {
        if (input.type === "radio") input.checked = input.value === guess;
        else input.value = guess;
      }
    }
    this.lockButton.disabled = !open || !this.chosen();
    this.lockButton.hidden = this.showButton.hidden = !open;
    this.answer.dataset.state = state;
    if (open) this.answer.replaceChildren(html("p", { class: "gt-note" }, labels.unanswered));
    else if (state === "locked") this.answer.replaceChildren(html("p", {}, labels.locked));
    else this.answer.replaceChildren(...this.reveal(host.get("outcome"), guess));
  }

  reveal(outcome, guess) {
    const { labels } = this;
    const unit = this.host.get("unit") ? ` ${this.host.get("unit")}` : "";
    const verdict = {
      right: labels.right,
      close: fill(labels.close, outcome),
      wrong: outcome.difference ? `${labels.wrong} ${fill(labels.off, outcome)}` : labels.wrong,
      shown: labels.shown,
      error: labels.error,
    }[outcome.verdict];
    const card = (name, value) => html("div", { class: "gt-card" }, html("span", { class: "gt-note" }, name),
      html("strong", {}, value));
    return [
      html("div", { class: "gt-cards" }, guess ? card(labels.your_guess, guess + unit) : null,
        card(labels.result, outcome.answer + (outcome.verdict === "error" ? "" : unit))),
      html("p", { class: `gt-verdict gt-${outcome.verdict}` },
        icon({ right: VERDICTS.yes, close: VERDICTS.yes, wrong: VERDICTS.no, error: VERDICTS.no }[outcome.verdict] ?? "play"), ` ${verdict}`),
      outcome.printed ? html("pre", { tabindex: 0 }, outcome.printed) : null,
      outcome.explain ? html("p", {}, ...withCode(outcome.explain)) : null,
    ].filter(Boolean);
  }
}
