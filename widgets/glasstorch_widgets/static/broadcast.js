// Broadcast: shapes aligned from the right, ghost copies of what is stretched, and where each result comes from.

import { CellGrid, clampStep, numberCell, scaleOf } from "./cell_grid.js";
import { fill, html } from "./dom.js";
import { formatNumber, plainBytes } from "./numbers.js";

const CELL = [44, 24];
const MOST_SIDE = 12;

export class Broadcast {
  constructor(root, host) {
    this.labels = host.get("labels");
    this.shapes = host.get("shapes");
    const { names, result, clashes } = this.shapes;
    root.classList.add("gt", "gt-broadcast");
    root.lang = host.get("lang") === "zh" ? "zh-CN" : "en";
    root.dataset.lmSuppressShortcuts = "true";
    this.unpackNumbers(host.get("numbers"));
    this.said = html("p", { class: "gt-visually-hidden", role: "status", "aria-live": "polite" });
    this.reading = html("p", { class: "gt-reading" });
    const verdict = clashes.length ? this.labels.clashes : fill(this.labels.fits, { shape: shapeWord(result) });
    root.replaceChildren(html("h3", {}, this.labels.title), html("p", { class: clashes.length ? "gt-alarm" : "" }, verdict),
      this.table(), html("ul", { class: "gt-note gt-sentences" }, this.sentences().map((text) => html("li", {}, text))),
      ...this.pictures(names), this.reading, this.said);
    if (this.grids) this.draw();
  }

  unpackNumbers({ counts, answered, data }) {
    const all = new Float64Array(plainBytes(data));
    let at = 0;
    this.values = counts.map((n) => all.subarray(at, (at += n)));
    this.answered = answered;
  }

  // ---- shapes ----

  table() {
    const { names, sizes, result } = this.shapes;
    const axes = result.map((_, k) => k - result.length);
    const cell = (size, wanted) => {
      if (wanted === null) return html("td", { class: size === null || size === 1 ? "" : "gt-clash" }, size === null ? "" : String(size));
      if (size === null) return html("td", { class: "gt-stretch" }, fill(this.labels.missing_cell, { n: wanted }));
      if (size !== wanted) return html("td", { class: "gt-stretch" }, fill(this.labels.stretch_cell, { size, n: wanted }));
      return html("td", {}, String(size));
    };
    return html("div", { class: "gt-scroll", tabindex: 0, role: "region", "aria-label": this.labels.table }, html("table", {},
      html("tr", {}, html("th", { scope: "col" }, this.labels.dimension), axes.map((axis) => html("th", { scope: "col" }, String(axis)))),
      names.map((name, i) => html("tr", {}, html("th", { scope: "row" }, html("code", {}, name)),
        sizes[i].map((size, k) => cell(size, result[k])))),
      html("tr", { class: "gt-result" }, html("th", { scope: "row" }, this.labels.result),
        result.map((n) => html("td", { class: n === null ? "gt-clash" : "" }, n === null ? "✗" : String(n))))));
  }

  sentences() {
    const { names, sizes, result, remedies } = this.shapes;
    const out = [];
    result.forEach((n, k) => {
      const axis = k - result.length;
      if (n === null) {
        const told = names.map((name, i) => [name, sizes[i][k]]).filter(([, size]) => size !== null);
        out.push(fill(this.labels.clash, { axis, sizes: told.map(([name, size]) => `${name}: ${size}`).join(", ") }));
        return;
      }
      names.forEach((name, i) => {
        const size = sizes[i][k];
        if (size === null && n !== 1) out.push(fill(this.labels.added, { name, axis, n }));
        else if (size !== null && size !== n) out.push(fill(this.labels.stretched, { name, axis, n }));
      });
    });
    if (result.includes(null)) {
      out.push(this.labels.rule, ...remedies.map(([code, shape]) => fill(this.labels.remedy, { code, shape: shapeWord(shape) })));
    }
    return out.length ? out : [this.labels.same];
  }

  // ---- numbers ----

  pictures(names) {
    const { result, op, infix } = this.shapes;
    if (result.includes(null)) return [];
    const size = result.reduce((a, b) => a * b, 1);
    if (!this.values.length || !size) {
      return [html("p", { class: "gt-note" }, size ? fill(this.labels.too_large, { n: size }) : this.labels.empty)];
    }
    this.at = result.map(() => 0);
    this.size = [result.length > 1 ? result.at(-2) : 1, result.length ? result.at(-1) : 1];
    this.grids = this.values.map((values, i) => {
      const own = i < names.length;
      const label = own ? fill(this.labels.operand, { name: names[i], shape: shapeWord(result) })
        : fill(this.labels.keys, { shape: shapeWord(result) });
      const moves = { step: (r, c) => this.step(r, c), pick: (r, c) => this.go(this.window[0] + r, this.window[1] + c) };
      // Where there is no result, the first operand takes the keys.
      const leads = this.answered ? !own : i === 0;
      return { grid: new CellGrid({ label, ...(leads ? moves : { pick: moves.pick }) }), own, values, scale: scaleOf(values) };
    });
    const figure = (entry, i) => html("figure", {}, html("figcaption", {}, html("code", {}, entry.own ? names[i] : this.labels.result)),
      entry.grid.element);
    const sign = (text) => html("span", { class: "gt-between", "aria-hidden": "true" }, text);
    const row = this.grids.flatMap((entry, i) => (i === 0 ? [figure(entry, i)]
      : [sign(!entry.own ? "=" : infix && this.answered ? op : ","), figure(entry, i)]));
    const lead = result.slice(0, -2).map((n, axis) => (n < 2 ? null : html("label", {}, `${this.labels.dimension} ${axis - result.length} `,
      html("input", { type: "range", min: 0, max: n - 1, value: 0, "aria-label": `${this.labels.dimension} ${axis - result.length}`,
        oninput: (event) => {
          this.at[axis] = Number(event.target.value);
          this.draw();
        } }))));
    return [html("div", { class: "gt-lead" }, lead), html("div", { class: "gt-row" }, infix || !this.answered ? [] : sign(op), row),
      html("p", { class: "gt-note" }, this.labels.ghosts, this.answered ? "" : ` ${this.labels.counting}`)];
  }

  step(rows, columns) {
    const [row, column] = this.cursor();
    this.go(clampStep(row, rows, this.size[0]), clampStep(column, columns, this.size[1]));
  }

  cursor() {
    return [this.at.length > 1 ? this.at.at(-2) : 0, this.at.length ? this.at.at(-1) : 0];
  }

  go(row, column) {
    if (this.at.length > 1) this.at[this.at.length - 2] = row;
    if (this.at.length) this.at[this.at.length - 1] = column;
    this.draw();
    this.said.textContent = this.reading.textContent;
  }

  draw() {
    const { result, own } = this.shapes;
    const shown = this.size.map((n) => Math.min(n, MOST_SIDE));
    const cursor = this.cursor();
    this.window = cursor.map((at, k) => Math.max(0, Math.min(this.size[k] - shown[k], at - Math.floor(shown[k] / 2))));
    const [top, left] = this.window;
    const indexAt = (r, c) => [...this.at.slice(0, -2), ...[top + r, left + c].slice(-Math.min(2, result.length) || 2)].slice(-result.length || 2);
    this.grids.forEach((entry, i) => {
      const shape = entry.own ? own[i] : result;
      const [rows, columns] = [shape.length > 1 ? shape.at(-2) : 1, shape.length ? shape.at(-1) : 1];
      entry.grid.draw({ rows: shown[0], columns: shown[1], width: CELL[0], height: CELL[1],
        cell: (r, c) => {
          const cell = numberCell(entry.values[flatOf(shape, result.length ? indexAt(r, c) : [])], entry.scale);
          const ghost = entry.own && ((rows === 1 && top + r > 0) || (columns === 1 && left + c > 0));
          return { ...cell, ghost };
        },
        rowHead: this.size[0] > 1 ? (r) => top + r : null, columnHead: this.size[1] > 1 ? (c) => left + c : null });
      if (entry.own) {
        const source = [rows === 1 ? 0 : cursor[0], columns === 1 ? 0 : cursor[1]];
        const place = [source[0] - top, source[1] - left];
        if (place[0] >= 0 && place[1] >= 0) entry.grid.mark("lit", [place]);
      }
      entry.grid.point(cursor[0] - top, cursor[1] - left);
    });
    this.reading.textContent = this.read();
  }

  // "result[1, 2] = a[1, 0] + b[2] = 3 + 10 = 13"
  read() {
    const { names, own, op, infix, result } = this.shapes;
    const index = (shape) => (shape.length ? `[${sourceIndex(shape, this.at).join(", ")}]` : "");
    const places = names.map((name, i) => `${name}${index(own[i])}`);
    const values = names.map((_, i) => formatNumber(this.values[i][flatOf(own[i], this.at)]));
    const join = (parts) => (infix ? parts.join(` ${op} `) : `${op}(${parts.join(", ")})`);
    const left = result.length ? `${this.labels.result}[${this.at.join(", ")}]` : this.labels.result;
    if (!this.answered) return `${left} ← ${places.map((place, i) => `${place} = ${values[i]}`).join(", ")}`;
    return `${left} = ${join(places)} = ${join(values)} = ${formatNumber(this.values.at(-1)[flatOf(result, this.at)])}`;
  }
}

function shapeWord(shape) {
  return `(${shape.join(", ")}${shape.length === 1 ? "," : ""})`;
}

// The index of the element that a stretched tensor reads there.
function sourceIndex(shape, at) {
  const index = shape.length ? at.slice(-shape.length) : [];
  return index.map((i, k) => (shape[k] === 1 ? 0 : i));
}

function flatOf(shape, at) {
  return sourceIndex(shape, at).reduce((flat, i, k) => flat * shape[k] + i, 0);
}
