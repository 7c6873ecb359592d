// One array as a grid of numbers on a heat map; editable, or a place to point at, if asked.

import { fill, html } from "./dom.js";
import { formatNumber, heatCss, indexText, largest, parseNumber } from "./numbers.js";

export class TensorGrid {
  // `edit(flatIndex, value)` makes every cell an input; `point(flatIndex)` is told the cell under pointer or arrows.
  constructor(labels, name, edit = null, point = null) {
    this.labels = labels;
    this.name = name;
    this.edit = edit;
    this.point = point;
    this.here = -1;
    this.slice = 0;
    this.element = html("div", { class: "gt-tensor" });
    this.layout = "";
    this.cells = [];
  }

  update(entry, changed = new Set()) {
    this.entry = entry;
    this.changed = changed;
    const layout = `${entry.shape}/${entry.count}`;
    if (layout !== this.layout) {
      this.layout = layout;
      this.slice = 0;
      this.build();
    }
    this.paint();
  }

  build() {
    const { shape, count, total } = this.entry;
    this.columns = shape.length ? shape.at(-1) : 1;
    const rows = shape.length > 1 ? shape.at(-2) : 1;
    this.perSlice = Math.max(1, rows * this.columns);
    const slices = Math.max(1, Math.ceil(count / this.perSlice));
    this.grid = html("div", { class: "gt-grid", role: "group", "aria-label": this.name, tabindex: 0,
      onkeydown: (event) => this.walk(event) });
    this.notes = html("div", { class: "gt-note" });
    const chooser = slices < 2 ? null : html("label", { class: "gt-note" }, `${this.labels.slice} `,
      html("select", { onchange: (event) => {
        this.slice = Number(event.target.value);
        this.fillCells();
        this.paint();
      } },
      Array.from({ length: slices }, (_, i) => html("option", { value: i },
        indexText(i, shape.slice(0, -2)).slice(0, -1) + ", :, :]"))));
    const part = count < total ? html("div", { class: "gt-note" }, fill(this.labels.first_of, { count, total })) : null;
    this.element.replaceChildren(...[chooser, this.grid, part, this.notes].filter(Boolean));
    this.fillCells();
  }

  fillCells() {
    const { shape, count } = this.entry;
    const start = this.slice * this.perSlice;
    const end = Math.min(count, start + this.perSlice);
    this.cells = [];
    const table = html("table", {});
    let row = null;
    for (let i = start; i < end; i++) {
      if (!row || (i - start) % this.columns === 0) {
        row = html("tr");
        table.append(row);
      }
      const cell = html("td");
      if (this.edit) {
        const label = fill(this.labels.edit, { index: indexText(i, shape), title: this.name });
        const input = html("input", { type: "text", inputmode: "decimal", size: 6, "aria-label": label, title: label,
          autocomplete: "off", spellcheck: "false", onchange: () => this.commit(i, input),
          onkeydown: (event) => event.key === "Enter" && this.commit(i, input) });
        cell.append(input);
      } else if (this.point) {
        cell.addEventListener("pointerenter", () => this.pointAt(i));
      }
      row.append(cell);
      this.cells.push([i, cell]);
    }
    this.grid.replaceChildren(table);
  }

  walk(event) {
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -this.columns, ArrowDown: this.columns };
    if (!this.point || this.edit || !(event.key in steps) || event.ctrlKey || event.metaKey || event.altKey) return;
    const to = Math.max(this.here, this.slice * this.perSlice) + (this.here < 0 ? 0 : steps[event.key]);
    if (this.cells.some(([i]) => i === to)) this.pointAt(to);
    event.preventDefault();
    event.stopPropagation();
  }

  pointAt(index) {
    if (index === this.here) return;
    this.mark(index);
    this.point(index);
  }

  // Outline one cell.
  mark(index) {
    this.here = index;
    for (const [i, cell] of this.cells) cell.classList.toggle("gt-here", i === index);
  }

  paint() {
    const { data, nan, inf, min, max, mean, total } = this.entry;
    const most = largest(data);
    for (const [i, cell] of this.cells) {
      const text = formatNumber(data[i]);
      const input = cell.firstElementChild;
      if (input) {
        input.value = text;
        input.defaultValue = text;
        input.removeAttribute("aria-invalid");
        delete input.dataset.sent;
      } else {
        cell.textContent = text;
      }
      cell.style.backgroundColor = heatCss(data[i], most, 0.55);
      cell.classList.toggle("gt-bad", !Number.isFinite(data[i]));
      cell.classList.toggle("gt-changed", this.changed.has(i));
    }
    const parts = [];
    // A handful of numbers is read at a glance.
    if (total > 8 && min !== null) {
      parts.push(fill(this.labels.range, { min: formatNumber(min), max: formatNumber(max), mean: formatNumber(mean) }));
    }
    if (nan || inf) parts.push(fill(this.labels.bad, { nan, inf }));
    if (this.changed.size) parts.push(fill(this.labels.changed, { n: this.changed.size }));
    this.notes.textContent = parts.join(" · ");
    this.notes.classList.toggle("gt-warn", nan + inf > 0);
  }

  commit(index, input) {
    if (input.value === input.defaultValue || input.value === input.dataset.sent) return;
    const value = parseNumber(input.value);
    if (value === undefined) {
      input.setAttribute("aria-invalid", "true");
      return;
    }
    input.dataset.sent = input.value;
    this.edit(index, value);
  }
}
