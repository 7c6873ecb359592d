// Confusion: a matrix of true and predicted classes; a cell shows its worst examples.

import { fill, html } from "./dom.js";
import { formatNumber } from "./numbers.js";
import { thumbList, unpackExamples } from "./training_thumbs.js";

export class Confusion {
  constructor(root, host) {
    this.host = host;
    this.labels = host.get("labels");
    this.at = [0, 0];
    this.chosen = null; // [target, predicted] as class numbers
    root.classList.add("gt", "gt-confusion");
    root.lang = host.get("lang") === "zh" ? "zh-CN" : "en";
    root.dataset.lmSuppressShortcuts = "true";
    const { labels } = this;
    this.heading = html("h3", {});
    this.count = html("span", { class: "gt-note" });
    this.select = html("select", { onchange: () => this.draw() }, html("option", { value: "counts" }, labels.counts),
      html("option", { value: "rates" }, labels.rates));
    this.table = html("table", { class: "gt-matrix", role: "grid", "aria-label": labels.title });
    this.note = html("p", { class: "gt-note" });
    this.cellNote = html("p", { class: "gt-cell-note", role: "status", "aria-live": "polite" });
    this.pictures = html("div", {});
    root.replaceChildren(html("div", { class: "gt-head" }, this.heading, this.count,
      html("label", { class: "gt-note" }, `${labels.show} `, this.select)),
    html("div", { class: "gt-matrix-scroll", tabindex: -1 }, this.table), this.note, this.cellNote, this.pictures);
    for (const name of ["matrix", "examples", "title"]) host.on(name, () => this.soon());
    this.draw();
  }

  soon() {
    this.waiting ??= requestAnimationFrame(() => {
      this.waiting = null;
      this.draw();
    });
  }

  draw() {
    const { host, labels } = this;
    const matrix = this.matrix = host.get("matrix");
    this.examples = unpackExamples(host.get("examples"));
    this.names = new Map(matrix.classes);
    this.heading.textContent = host.get("title") || labels.title;
    this.count.textContent = matrix.total
      ? fill(labels.accuracy, { share: shareText(matrix.right / matrix.total), n: matrix.total }) : labels.waiting;
    const size = matrix.classes.length;
    this.table.hidden = !size;
    this.at = this.at.map((k) => Math.min(k, Math.max(0, size - 1)));
    const focused = this.table.contains(document.activeElement);
    this.cells = matrix.classes.map(([target, name], row) => matrix.classes.map(([predicted], column) => this.cell(row, column, target, predicted, name)));
    this.table.replaceChildren(
      html("thead", {}, html("tr", {}, html("td", {}), html("th", { colspan: Math.max(1, size), scope: "colgroup", class: "gt-axis-name" }, labels.predicted)),
        html("tr", {}, html("th", { scope: "col", class: "gt-axis-name" }, labels.target), matrix.classes.map(([, name]) => html("th", { scope: "col" }, name)))),
      html("tbody", {}, this.cells.map((cells, row) => html("tr", {}, html("th", { scope: "row" }, matrix.classes[row][1]), cells))));
    this.table.classList.toggle("gt-dense", size > 16);
    this.note.textContent = size < matrix.all ? `${fill(labels.some_classes, { n: size, all: matrix.all })} ${labels.help}` : labels.help;
    this.note.hidden = !size;
    if (focused) this.cells[this.at[0]][this.at[1]].focus();
    this.showExamples();
  }

  cell(row, column, target, predicted) {
    const count = this.matrix.counts[row][column];
    const share = count / Math.max(1, this.matrix.totals[row]);
    const right = target === predicted;
    const text = !count ? "" : this.select.value === "rates" ? shareText(share) : String(count);
    const here = row === this.at[0] && column === this.at[1];
    const td = html("td", { role: "gridcell", tabindex: here ? 0 : -1, class: right ? "gt-right-cell" : "gt-wrong-cell",
      "aria-label": this.say(row, column), "aria-selected": this.isChosen(target, predicted),
      onclick: () => this.choose(row, column), onkeydown: (event) => this.key(event), onfocus: () => this.reach(row, column) }, text);
    td.style.setProperty("--gt-share", (share ** (right ? 0.5 : 0.4)).toFixed(3));
    return td;
  }

  isChosen(target, predicted) {
    return String(this.chosen !== null && this.chosen[0] === target && this.chosen[1] === predicted);
  }

  say(row, column) {
    const { matrix, labels } = this;
    const n = matrix.counts[row][column];
    return fill(row === column ? labels.right : labels.cell, { target: matrix.classes[row][1], predicted: matrix.classes[column][1], n,
      share: shareText(n / Math.max(1, matrix.totals[row])) });
  }

  reach(row, column) {
    this.cells[this.at[0]][this.at[1]].tabIndex = -1;
    this.at = [row, column];
    this.cells[row][column].tabIndex = 0;
  }

  key(event) {
    const [row, column] = this.at;
    const last = this.cells.length - 1;
    if (event.key === "Enter" || event.key === " ") this.choose(row, column);
    else {
      const to = { ArrowUp: [row - 1, column], ArrowDown: [row + 1, column], ArrowLeft: [row, column - 1], ArrowRight: [row, column + 1],
        Home: [row, 0], End: [row, last] }[event.key];
      if (!to) return;
      const [r, c] = to.map((k) => Math.max(0, Math.min(last, k)));
      this.cells[r][c].focus();
    }
    event.preventDefault();
    event.stopPropagation();
  }

  choose(row, column) {
    const pair = [this.matrix.classes[row][0], this.matrix.classes[column][0]];
    this.chosen = this.isChosen(...pair) === "true" ? null : pair;
    this.cells.forEach((cells, r) => cells.forEach((td, c) =>
      td.setAttribute("aria-selected", this.isChosen(this.matrix.classes[r][0], this.matrix.classes[c][0]))));
    this.cells[row][column].focus();
    this.showExamples();
  }

  showExamples() {
    const { labels, chosen } = this;
    const row = this.matrix.classes.findIndex(([k]) => k === chosen?.[0]);
    const column = this.matrix.classes.findIndex(([k]) => k === chosen?.[1]);
    if (!chosen || row < 0 || column < 0) {
      this.cellNote.textContent = "";
      this.pictures.replaceChildren();
      return;
    }
    const found = this.examples.filter((one) => one.target === chosen[0] && one.predicted === chosen[1] && one.width);
    const values = { target: this.names.get(chosen[0]), predicted: this.names.get(chosen[1]), k: found.length,
      n: this.matrix.counts[row][column] };
    this.cellNote.textContent = found.length ? fill(row === column ? labels.examples_right : labels.examples, values)
      : values.n ? labels.no_examples : this.say(row, column);
    this.pictures.replaceChildren(thumbList(found, (k) => this.names.get(k) ?? String(k), labels));
  }

  remove() {
    if (this.waiting) cancelAnimationFrame(this.waiting);
  }
}

function shareText(share) {
  return `${formatNumber(Number((100 * share).toPrecision(3)))} %`;
}
