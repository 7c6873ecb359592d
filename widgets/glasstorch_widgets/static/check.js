// Check: hands the exercise's code in and shows every check's answer.

import { fill, html, icon, withCode } from "./dom.js";
import { formatNumber } from "./numbers.js";
import { TensorGrid } from "./tensor_grid.js";
import { VERDICTS } from "./verdicts.js";

const BUSY = ["sending", "busy", "queued", "running"];
const LATER = ["kept", "away"]; // what is missing comes by itself; the button only hurries it

export class Check {
  constructor(root, host) {
    this.host = host;
    this.labels = host.get("labels");
    root.classList.add("gt", "gt-check");
    root.lang = host.get("lang") === "zh" ? "zh-CN" : "en";
    root.dataset.lmSuppressShortcuts = "true";
    const { labels } = this;
    this.root = root;
    this.heading = html("h3", {});
    this.badge = html("span", { class: "gt-state", role: "status", "aria-live": "polite" });
    this.points = html("span", { class: "gt-note" });
    this.standing = html("p", { class: "gt-note gt-standing" });
    this.button = html("button", { type: "button", class: "gt-button gt-primary",
      onclick: () => host.send({ type: "check", answers: this.answers() }) }, labels.check);
    this.hintButton = html("button", { type: "button", class: "gt-button",
      onclick: () => host.send({ type: "hint" }) }, labels.hint);
    this.bar = html("progress", { "aria-label": labels.check });
    this.message = html("p", { class: "gt-message", role: "status", "aria-live": "polite" });
    this.explanation = html("p", { class: "gt-explanation", role: "status" });
    this.tests = html("ul", { class: "gt-tests" });
    this.output = html("details", { hidden: true });
    this.graphs = new Map();
    this.form = html("div", { class: "gt-asked", hidden: true });
    this.hints = html("ol", { class: "gt-hints", "aria-live": "polite" });
    root.replaceChildren(
      html("div", { class: "gt-head" }, this.heading, this.points, this.badge),
      this.standing, this.form,
      html("div", { class: "gt-check-buttons" }, this.button, this.hintButton, this.bar),
      this.message, this.explanation, this.hints, this.tests, this.output);
    for (const name of ["state", "progress", "result", "message", "hints", "hint_count", "title", "points",
      "standing", "page", "practice"]) {
      host.on(name, () => this.soon());
    }
    host.on("graphs", () => this.drawGraphs());
    host.on("questions", () => this.ask());
    this.ask();
    this.refresh();
  }

  // A prediction with numbers of the learner's own: its statement, and a field for each question.
  ask() {
    const questions = this.host.get("questions") ?? [];
    this.form.hidden = !questions.length;
    this.form.replaceChildren(
      ...(this.host.get("statement") ?? "").split(/\n{2,}/).map((text) => html("p", {}, ...withCode(text))),
      ...questions.map((asked) => this.question(asked)));
  }

  question({ id, prompt, kind, choices }) {
    const { labels } = this;
    const options = kind === "choice" ? choices.map((value) => [value, value])
      : kind === "bool" ? [["yes", labels.answer_yes], ["no", labels.answer_no]] : null;
    if (!options) {
      return html("label", { class: "gt-question" }, ...withCode(prompt), " ", html("input", { type: "text", name: id,
        autocomplete: "off", inputmode: kind === "number" ? "decimal" : "text",
        placeholder: kind === "number" ? "2.5" : "(3, 4)" }));
    }
    return html("label", { class: "gt-question" }, ...withCode(prompt), " ", html("select", { name: id },
      html("option", { value: "" }, ""), ...options.map(([value, text]) => html("option", { value }, text))));
  }

  answers() {
    return Object.fromEntries([...this.form.querySelectorAll("[name]")].map((field) => [field.name, field.value]));
  }

  // One message from Python may change several traits.
  soon() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.refresh();
    });
  }

  refresh() {
    const { host, labels } = this;
    const state = host.get("state");
    const result = host.get("result");
    const busy = BUSY.includes(state);
    this.root.dataset.state = state;
    this.heading.textContent = host.get("title") || fill(labels.title, { id: host.get("exercise") });
    const worth = result.max_score ?? host.get("points");
    this.points.textContent = result.tests ? fill(labels.points, { score: result.score, max: result.max_score })
      : worth ? fill(labels.worth, { max: worth }) : "";
    this.refreshStanding();
    const mark = { passed: VERDICTS.yes, failed: VERDICTS.no, error: VERDICTS.no, timeout: VERDICTS.wait }[state]
      ?? (busy || LATER.includes(state) ? VERDICTS.wait : null);
    const practice = host.get("practice") && !busy;
    this.root.toggleAttribute("data-practice", practice);
    const { attempts, best } = host.get("standing");
    const before = state === "not_attempted" && attempts; // in another sitting, or before the starting code came back
    const verdict = before ? (best >= host.get("points") ? labels.passed_before : "")
      : labels[`state_${state}`] ?? labels[state];
    this.setText(this.badge, busy ? this.progressText(state) : practice ? fill(labels.practice, { verdict }) : verdict, mark);
    this.button.textContent = practice || LATER.includes(state) ? labels.retry : result.tests ? labels.again : labels.check;
    this.button.disabled = busy;
    this.bar.hidden = !busy;
    const { done, total } = host.get("progress");
    if (total) {
      this.bar.max = total;
      this.bar.value = done;
    } else {
      this.bar.removeAttribute("value");
    }
    const quiet = busy && state !== "busy";
    this.message.replaceChildren(...(quiet ? [] : withCode(host.get("message"))));
    this.message.hidden = quiet || !host.get("message");
    this.refreshHints();
    if (this.shown !== result) {
      this.shown = result;
      this.graphs.clear();
      this.explanation.replaceChildren(...withCode(result.explanation ?? ""));
      this.tests.replaceChildren(...(result.tests ?? []).map((test) => this.test(test)));
      this.output.hidden = !result.output;
      this.output.replaceChildren(html("summary", {}, labels.output), html("pre", { tabindex: 0 }, result.output ?? ""));
    }
  }

  // Live regions speak again whenever their text is set, so it is set only when it changes.
  setText(element, text, mark) {
    if (element.dataset.text === text) return;
    element.dataset.text = text;
    element.replaceChildren(...[mark ? icon(mark) : null, text].filter(Boolean));
  }

  progressText(state) {
    const { labels } = this;
    const progress = this.host.get("progress");
    if (state === "sending") return labels.sending;
    if (state === "busy") return fill(progress.place ? labels.busy_place : labels.busy, progress);
    if (state === "queued") return progress.place > 1 ? fill(labels.queued, progress) : labels.queued_next;
    return fill(labels.running, { done: progress.done ?? 0, total: progress.total || "?", now: progress.now ?? "" });
  }

  // Attempts, the best so far, the deadline, and where all this is on the site.
  refreshStanding() {
    const { labels, host } = this;
    const { attempts, max_attempts: most, best, due_at: due, closes_at: until } = host.get("standing");
    const facts = [
      !attempts ? "" : most ? fill(labels.attempts_of, { n: attempts, most })
        : attempts === 1 ? labels.attempt : fill(labels.attempts, { n: attempts }),
      attempts && typeof best === "number" ? fill(labels.best, { best: formatNumber(best) }) : "",
      this.deadline(due, until),
    ].filter(Boolean).join(" · ");
    const address = siteAddress(host.get("page"));
    const key = `${facts} ${address}`;
    if (this.stands === key) return; // a link that is replaced loses the keyboard's focus
    this.stands = key;
    this.standing.hidden = !facts && !address;
    this.standing.replaceChildren(...[facts, facts && address ? " · " : "", address
      ? html("a", { href: address, target: "_blank", rel: "noopener" }, labels.site,
        html("span", { class: "gt-visually-hidden" }, ` ${labels.new_window}`)) : ""].filter(Boolean));
  }

  deadline(due, closes) {
    const { labels } = this;
    const [when, until] = [due, closes].map((time) => (time ? moment(time, this.root.lang) : ""));
    const past = (time) => time && Date.parse(time) < Date.now();
    if (past(closes)) return fill(labels.closed, { when: until });
    if (past(due)) return fill(until ? labels.was_due : labels.was_due_open, { when, until });
    return due ? fill(labels.due, { when }) : "";
  }

  refreshHints() {
    const { labels } = this;
    const hints = this.host.get("hints");
    const n = this.host.get("hint_count");
    this.hintButton.hidden = !n;
    this.hintButton.disabled = hints.length >= n;
    this.hintButton.textContent = hints.length >= n ? labels.no_more_hints
      : fill(labels.hint_n, { k: hints.length + 1, n });
    while (this.hints.children.length > hints.length) this.hints.lastChild.remove();
    for (const hint of hints.slice(this.hints.children.length)) this.hints.append(html("li", {}, ...withCode(hint)));
  }

  test(test) {
    const { labels } = this;
    const good = test.status === "passed";
    const verdict = { passed: "yes", skipped: "skip" }[test.status] ?? "no";
    // Of a wrong shape the message says all: its sizes are no numbers to compare.
    const detail = test.detail?.where === "shape" ? { graph: test.detail.graph } : test.detail ?? {};
    const facts = [
      typeof detail.max_abs_diff === "number" ? fill(labels.off_abs, { value: formatNumber(detail.max_abs_diff) }) : "",
      typeof detail.max_rel_diff === "number" ? fill(labels.off_rel, { value: formatNumber(detail.max_rel_diff) }) : "",
      detail.where ? fill(labels.where, { where: showPlace(detail.where) }) : "",
    ].filter(Boolean).join(" · ");
    // A prediction's answer is not told: there is one side then.
    const sides = good ? [] : [[labels.expected, detail.expected, undefined], [labels.got, detail.got, detail.expected]]
      .filter(([, value]) => (value ?? null) !== null);
    return html("li", { class: `gt-test-${verdict}`, "data-check": test.id },
      html("div", { class: "gt-test-head" }, icon(VERDICTS[verdict]),
        html("span", { class: "gt-visually-hidden" },
          `${{ yes: labels.passed, skip: labels.skipped, no: labels.failed }[verdict]}: `),
        html("strong", {}, test.name),
        test.visibility === "hidden" ? html("span", { class: "gt-note" }, labels.hidden) : null,
        html("span", { class: "gt-note gt-score" }, `${formatNumber(test.score)} / ${formatNumber(test.max_score)}`)),
      test.output ? html("p", { class: "gt-test-output" }, ...withCode(test.output)) : null,
      facts && !good ? html("p", { class: "gt-note" }, facts) : null,
      sides.length ? html("div", { class: "gt-diff" }, ...sides.map((side) => this.side(...side))) : null,
      detail.graph && this.host.live ? this.graph(test.id) : null);
  }

  // A button, and below it the graph of the learner's code once Python has made it: a widget of its own.
  graph(check) {
    const { labels } = this;
    const place = html("div", { hidden: true });
    const button = html("button", { type: "button", class: "gt-button", "aria-expanded": "false", onclick: () => {
      place.hidden = !place.hidden;
      button.setAttribute("aria-expanded", String(!place.hidden));
      button.textContent = place.hidden ? labels.show_graph : labels.hide_graph;
      if (!place.firstChild) this.host.send({ type: "graph", check });
    } }, labels.show_graph);
    this.graphs.set(check, place);
    return html("div", { class: "gt-check-graph" }, button, place);
  }

  async drawGraphs() {
    for (const [check, name] of Object.entries(this.host.get("graphs"))) {
      const place = this.graphs.get(check);
      if (!place || place.dataset.drawn) continue;
      place.dataset.drawn = "true";
      place.replaceChildren(await this.host.child(name));
    }
  }

  side(name, value, other) {
    const entry = arrayEntry(value);
    if (!entry) {
      return html("div", {}, html("span", { class: "gt-note" }, name),
        html("pre", { tabindex: 0 }, typeof value === "string" ? value : inPython(value)));
    }
    const reference = arrayEntry(other);
    const wrong = new Set();
    if (reference && reference.count === entry.count) {
      entry.data.forEach((number, i) => {
        if (!(Math.abs(number - reference.data[i]) <= 1e-6 + 1e-4 * Math.abs(reference.data[i]))) wrong.add(i);
      });
    }
    const grid = new TensorGrid({ ...this.labels, range: "", changed: "", first_of: "{count} / {total}", bad: "",
      slice: "" }, name);
    grid.update(entry, wrong);
    return html("div", {}, html("span", { class: "gt-note" }, name), grid.element);
  }
}

function moment(time, language) {
  return new Date(time).toLocaleString(language, { dateStyle: "medium", timeStyle: "short" });
}

// Through the notebook's own server, wherever that is (a hub, Binder, this machine), or straight to the service.
function siteAddress({ url, proxied }) {
  const settings = proxied ? document.getElementById("jupyter-config-data") : null;
  if (settings) {
    const base = JSON.parse(settings.textContent).baseUrl ?? "/";
    return new URL(proxied, new URL(base.endsWith("/") ? base : `${base}/`, location.href)).href;
  }
  return /^https?:\/\//.test(url ?? "") ? url : "";
}

function showPlace(where) {
  return Array.isArray(where) ? `[${where.join(", ")}]` : String(where);
}

// A value as Python writes it.
function inPython(value) {
  if (Array.isArray(value)) return `[${value.map(inPython).join(", ")}]`;
  if (value === null) return "None";
  return typeof value === "boolean" ? (value ? "True" : "False") : JSON.stringify(value);
}

// A number, a nested list or an array preview as what TensorGrid draws; null for anything else.
function arrayEntry(value) {
  if (value === null || value === undefined || typeof value === "string") return null;
  const preview = typeof value === "object" && !Array.isArray(value) && Array.isArray(value.data);
  const shape = preview ? value.shape : [];
  let data = preview ? value.data : value;
  if (!preview) {
    for (let level = data; Array.isArray(level); level = level[0]) shape.push(level.length);
    data = [data].flat(Infinity);
  }
  data = Float64Array.from(data, (number) => Number(number === "inf" ? Infinity : number === "-inf" ? -Infinity : number));
  const total = shape.reduce((a, b) => a * b, 1);
  if (!data.length || data.length > total || (!preview && data.length !== total)) return null;
  const words = (one) => typeof one === "boolean" || (typeof one === "string" && !/^(nan|-?inf)$/.test(one));
  if ((preview ? value.data : [value].flat(Infinity)).some(words)) return null;
  return { shape, data, count: data.length, total: preview ? value.total ?? total : total, min: null, max: null, mean: null,
    nan: 0, inf: 0 };
}
