// The health of every layer in one row each: gradient, update, dead and saturated units, and what they say.

import { fill, html, svg, withCode } from "./dom.js";
import { percentText, shortNumber } from "./training_data.js";

const SPARK = [76, 20];
const SCALE = [92, 16];
const SCALE_LOW = -7; // the update's scale runs from 1e-7 to 1
const MARKS = ["M7 2a5 5 0 1 1-.01 0z", "M7 1.5L13 12.5H1z", "M2 2h10v10H2z"]; // disc, triangle, square

export function levelMark(level) {
  return svg("svg", { viewBox: "0 0 14 14", width: 14, height: 14, class: `gt-mark gt-level-${level}`, "aria-hidden": "true" },
    svg("path", { d: MARKS[level] }));
}

export class HealthStrip {
  // `chosen(layer)` is called when the learner picks a layer.
  constructor(labels, chosen) {
    this.labels = labels;
    this.chosen = chosen;
    this.selected = null;
    this.byWorst = true;
    this.rows = new Map();
    this.order = [];
    this.select = html("select", { onchange: () => {
      this.byWorst = this.select.value === "worst";
      this.order = [];
      this.draw(this.data, this.frame);
    } }, html("option", { value: "worst" }, labels.by_worst), html("option", { value: "depth" }, labels.by_depth));
    this.verdict = html("p", { class: "gt-verdict-line" });
    const head = ["gradient", "ratio", "dead", "saturated"].map((name) =>
      html("th", { scope: "col", title: labels[`${name}_help`], "data-column": name }, labels[name]));
    this.body = html("tbody", {});
    this.table = html("table", { class: "gt-health" }, html("caption", { class: "gt-visually-hidden" }, labels.health),
      html("thead", {}, html("tr", {}, html("th", { scope: "col" }, labels.layer), head,
        html("th", { scope: "col" }, labels.verdict))), this.body);
    this.details = html("tr", { class: "gt-row-details" }, html("td", { colspan: 6 }));
    this.element = html("div", {}, html("div", { class: "gt-strip-head" }, this.verdict,
      html("label", { class: "gt-note" }, `${labels.order} `, this.select)),
    html("div", { class: "gt-health-scroll", tabindex: 0, role: "group", "aria-label": labels.health }, this.table));
  }

  draw(data, frame, lossNote = this.lossNote) {
    Object.assign(this, { data, frame, lossNote });
    for (const name of ["dead", "saturated"]) {
      // A column that no layer has is left away.
      const some = data.layers.some((_, i) => data.frames.some((_frame, k) => !Number.isNaN(data.figure(k, i, name))));
      this.table.classList.toggle(`gt-without-${name}`, !some);
    }
    const levels = data.layers.map((_, i) => data.note(frame, i)[1]);
    this.sayVerdict(levels);
    const wanted = data.inOrder();
    if (this.byWorst) wanted.sort((a, b) => levels[b] - levels[a]);
    // Rows stay where they are while somebody is among them.
    const held = this.order.length === wanted.length && this.body.contains(document.activeElement);
    if (!held && wanted.join() !== this.order.join()) {
      this.order = wanted;
      for (const layer of wanted) {
        if (!this.rows.has(layer)) this.rows.set(layer, new HealthRow(this.labels, layer, (row) => this.toggle(row), (row, key) => this.move(row, key)));
      }
      this.body.replaceChildren(...wanted.map((layer) => this.rows.get(layer).element));
    }
    for (const layer of this.order) this.rows.get(layer).draw(data, frame);
    this.showDetails();
  }

  sayVerdict(levels) {
    const { labels } = this;
    const worst = Math.max(0, ...levels);
    const n = levels.filter((level) => level === worst).length;
    const text = fill([labels.verdict_good, labels.verdict_some, labels.verdict_bad][worst], { n, total: levels.length });
    const level = this.lossNote ? 2 : worst;
    const words = this.lossNote ? `${labels[this.lossNote]} ${text}` : text;
    if (this.verdict.textContent === words) return;
    this.verdict.replaceChildren(levelMark(level), html("span", {}, words));
  }

  toggle(row) {
    this.selected = this.selected === row.layer ? null : row.layer;
    this.showDetails();
    if (this.selected !== null) this.chosen(row.layer);
  }

  move(row, key) {
    const at = this.order.indexOf(row.layer);
    const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: this.order.length - 1 }[key];
    this.rows.get(this.order[to])?.button.focus();
  }

  showDetails() {
    for (const row of this.rows.values()) row.button.setAttribute("aria-expanded", String(row.layer === this.selected));
    const row = this.rows.get(this.selected);
    if (!row) {
      this.details.remove();
      return;
    }
    const info = this.data.layers[row.layer];
    const about = fill(this.labels.about, { kind: info.kind, shape: info.shape, count: info.count.toLocaleString("en") });
    const after = info.function ? `, ${fill(this.labels.about_function, { function: info.function })}` : "";
    this.details.firstElementChild.replaceChildren(
      html("p", {}, withCode(this.data.noteText(this.labels, this.frame, row.layer))),
      html("p", { class: "gt-note" }, about + after));
    if (row.element.nextElementSibling !== this.details) row.element.after(this.details);
  }
}

class HealthRow {
  constructor(labels, layer, onpick, onmove) {
    this.labels = labels;
    this.layer = layer;
    this.name = html("span", {});
    this.kind = html("small", {});
    this.button = html("button", { type: "button", class: "gt-layer", "aria-expanded": "false", onclick: () => onpick(this),
      onkeydown: (event) => {
        if (!["ArrowUp", "ArrowDown", "Home", "End"].includes(event.key)) return;
        event.preventDefault();
        event.stopPropagation();
        onmove(this, event.key);
      } }, this.name, this.kind);
    this.cells = Object.fromEntries(["gradient", "ratio", "dead", "saturated", "says"].map((name) =>
      [name, html("td", { "data-column": name })]));
    this.element = html("tr", {}, html("th", { scope: "row" }, this.button), Object.values(this.cells));
  }

  draw(data, frame) {
    const value = (name) => data.figure(frame, this.layer, name);
    const [note, level] = data.note(frame, this.layer);
    const info = data.layers[this.layer];
    this.name.textContent = info.name;
    this.kind.textContent = info.kind ?? "";
    this.element.dataset.level = level;
    this.put("gradient", sparkline(data, frame, this.layer), value("gradient"), shortNumber);
    this.put("ratio", updateScale(value("ratio")), value("ratio"), shortNumber);
    for (const name of ["dead", "saturated"]) this.put(name, shareBar(value(name)), value(name), percentText);
    this.cells.says.replaceChildren(html("span", { class: `gt-says gt-level-${level}` }, levelMark(level),
      this.labels[`note_${note}`]));
  }

  put(name, picture, value, write) {
    const text = Number.isNaN(value) && name !== "gradient" ? "–" : write(value);
    this.cells[name].replaceChildren(html("span", { class: "gt-figure" }, picture, html("b", {}, text)));
  }
}

// The gradient's norm over time, on a logarithmic scale of its own; a dot where it is read.
function sparkline(data, frame, layer) {
  const [width, height] = SPARK;
  const picture = svg("svg", { width, height, "aria-hidden": "true" });
  const logs = data.series(layer, "gradient").map((v) => (v > 0 && Number.isFinite(v) ? Math.log10(v) : NaN));
  const known = logs.filter(Number.isFinite);
  if (known.length < 2) return picture;
  const middle = (Math.min(...known) + Math.max(...known)) / 2;
  const half = Math.max(0.5, (Math.max(...known) - Math.min(...known)) / 2);
  const x = (i) => 2 + ((width - 4) * i) / Math.max(1, logs.length - 1);
  const y = (v) => height / 2 - ((v - middle) / half) * (height / 2 - 3);
  let d = "";
  let pen = "M";
  logs.forEach((v, i) => {
    if (Number.isNaN(v)) pen = "M";
    else {
      d += `${pen}${x(i).toFixed(1)} ${y(v).toFixed(1)}`;
      pen = "L";
    }
  });
  picture.append(svg("path", { d, class: "gt-spark" }));
  if (!Number.isNaN(logs[frame])) picture.append(svg("circle", { cx: x(frame), cy: y(logs[frame]), r: 2.4, class: "gt-spark-dot" }));
  return picture;
}

function updateScale(value) {
  const [width, height] = SCALE;
  const x = (power) => 4 + ((width - 8) * (power - SCALE_LOW)) / -SCALE_LOW;
  const picture = svg("svg", { width, height, "aria-hidden": "true" },
    svg("path", { d: `M${x(SCALE_LOW)} 8H${x(0)}`, class: "gt-scale-line" }),
    svg("rect", { x: x(-4), y: 3, width: x(-2) - x(-4), height: 10, rx: 2, class: "gt-scale-band" }),
    svg("path", { d: `M${x(-3)} 3v10`, class: "gt-scale-middle" }));
  if (value > 0 && Number.isFinite(value)) {
    const power = Math.min(0, Math.max(SCALE_LOW, Math.log10(value)));
    picture.append(svg("circle", { cx: x(power), cy: 8, r: 4, class: "gt-scale-dot" }));
  }
  return picture;
}

function shareBar(share) {
  if (Number.isNaN(share)) return null;
  return svg("svg", { width: 40, height: 10, "aria-hidden": "true" },
    svg("rect", { width: 40, height: 10, rx: 2, class: "gt-share-back" }),
    svg("rect", { width: Number((40 * Math.min(1, share)).toFixed(1)), height: 10, rx: 2, class: "gt-share" }));
}
