// The parts of a tensor view around its heat map: statistics, the line of memory, the tensor it is a view of.

import { CellGrid, clampStep, slide } from "./cell_grid.js";
import { fill, html, svg } from "./dom.js";
import { formatNumber } from "./numbers.js";
import { elementsAt, placeOf } from "./strided.js";

const BOX = 46, BOX_HEIGHT = 26;

// Minimum, mean and so on, and a histogram.
export function statisticsPanel(labels, counted, complex) {
  if (!counted.n) return html("p", { class: "gt-note" }, labels.empty);
  if (counted.n === 1 && !counted.nan && !counted.inf) return "";
  const shown = ["min", "mean", "max", "std"].filter((name) => counted[name] !== null);
  const facts = [...shown.map((name) => [labels[`stat_${name}`], formatNumber(counted[name])]),
    [labels.stat_zeros, counted.zeros]];
  const bad = counted.nan + counted.inf;
  const parts = [
    html("dl", { class: "gt-stats" }, facts.flatMap(([word, value]) => [html("dt", {}, word), html("dd", {}, String(value))])),
    bad ? html("p", { class: "gt-warn" }, fill(labels.bad, { nan: counted.nan, inf: counted.inf })) : null,
  ];
  const bins = counted.histogram;
  if (bins.length) {
    const most = Math.max(...bins), width = 216 / bins.length;
    const name = fill(labels.histogram, { n: bins.length, min: formatNumber(counted.min), max: formatNumber(counted.max) });
    parts.push(svg("svg", { viewBox: "0 0 216 58", class: "gt-histogram", role: "img", "aria-label": name },
      bins.map((n, i) => svg("rect", { x: i * width + 0.5, width: width - 1, y: 42 - (42 * n) / most,
        height: Math.max(n ? 1 : 0, (42 * n) / most) })),
      svg("text", { x: 0, y: 55 }, formatNumber(counted.min)),
      svg("text", { x: 216, y: 55, "text-anchor": "end" }, formatNumber(counted.max))));
  }
  if (complex) parts.push(html("p", { class: "gt-note" }, labels.of_sizes));
  if (!counted.whole) parts.push(html("p", { class: "gt-note" }, fill(labels.sampled, { n: counted.n })));
  return html("div", {}, parts);
}

// The storage as one line of boxes. Boxes that the tensor does not use are dashed, those that several elements share
// say how many.
export class StorageLine {
  // pick(place): the learner went to a box.
  constructor(labels, pick) {
    this.labels = labels;
    this.pick = pick;
    this.start = 0;
    this.place = 0;
    this.grid = new CellGrid({ label: labels.storage_keys,
      step: (rows, columns) => this.go(this.place + (Number.isFinite(columns) ? columns || rows : Math.sign(columns) * this.total)),
      pick: (row, column) => this.go(this.start + column) });
    this.title = html("h4", {});
    this.note = html("p", { class: "gt-note" });
    this.element = html("section", { class: "gt-storage" }, this.title, this.grid.element, this.note);
  }

  go(place) {
    this.pick(Math.max(0, Math.min(this.total - 1, place)));
  }

  // The range of places to be read.
  look(facts, place, width) {
    this.total = facts.total;
    this.place = place;
    this.boxes = Math.max(1, Math.min(facts.total, Math.floor((width - 8) / BOX)));
    if (place < this.start + 1 || place > this.start + this.boxes - 2) this.start = place - Math.floor(this.boxes / 2);
    this.start = Math.max(0, Math.min(facts.total - this.boxes, this.start));
    return [this.start, 1, this.boxes];
  }

  // steps: {row, column}, the strides of the dimensions drawn.
  draw(facts, cellOf, steps) {
    const owners = Array.from({ length: this.boxes }, (_, k) => elementsAt(facts, this.start + k).count);
    this.title.textContent = fill(this.labels.storage, { n: facts.total });
    this.grid.draw({ rows: 1, columns: this.boxes, width: BOX, height: BOX_HEIGHT,
      cell: (_, k) => ({ ...cellOf(this.start + k), ghost: owners[k] === 0 }),
      columnHead: (k) => this.start + k,
      foot: owners.some((n) => n > 1) ? (k) => (owners[k] > 1 ? `×${owners[k]}` : "") : null });
    const at = this.place - this.start;
    for (const [kind, step] of Object.entries(steps)) {
      if (step && at + step < this.boxes) this.grid.mark(kind, [[0, at + step]]);
    }
    this.grid.point(0, at);
    const notes = [];
    if (this.boxes < facts.total) notes.push(fill(this.labels.boxes_shown, { from: this.start, to: this.start + this.boxes - 1 }));
    const unused = owners.filter((n) => n === 0).length;
    if (unused) notes.push(this.labels.boxes_unused);
    const shared = owners.find((n) => n > 1);
    if (shared) notes.push(fill(this.labels.boxes_shared, { n: shared }));
    const { "next-row": row, "next-column": column } = steps;
    if (row !== undefined) notes.push(fill(this.labels.boxes_steps, { row, column }));
    else if (column !== undefined) notes.push(fill(this.labels.boxes_step, { column }));
    this.note.textContent = notes.join(" ");
  }
}

// The tensor that this one is a view of, the view's elements outlined.
export class BaseGrid {
  constructor(labels, pick) {
    this.labels = labels;
    this.grid = new CellGrid({ label: labels.base_keys,
      step: (rows, columns) => this.move(rows, columns), pick: (row, column) => this.choose(this.top + row, this.left + column) });
    this.pick = pick;
    this.title = html("h4", {});
    this.note = html("p", { class: "gt-note" });
    this.element = html("section", { class: "gt-base" }, this.title, this.grid.element, this.note);
    this.top = this.left = 0;
    this.at = null;
  }

  // The ranges to be read; none where the base is not drawn.
  look(facts, place, width) {
    const base = facts.base;
    this.base = base;
    this.element.hidden = !base;
    this.drawn = Boolean(base?.same_type) && base.shape.length > 1 && !base.shape.includes(0);
    if (!this.drawn) return [];
    this.at = elementsAt(base, place).first ?? this.at ?? base.shape.map(() => 0);
    const [row, column] = this.at.slice(-2);
    const [rows, columns] = base.shape.slice(-2);
    this.rows = Math.min(rows, 12);
    this.columns = Math.max(1, Math.min(columns, Math.floor((width - 40) / BOX)));
    this.top = slide(this.top, row, this.rows, rows);
    this.left = slide(this.left, column, this.columns, columns);
    return Array.from({ length: this.rows }, (_, r) => [this.placeAt(r, 0), base.stride.at(-1), this.columns]);
  }

  placeAt(row, column) {
    return placeOf(this.base, [...this.at.slice(0, -2), this.top + row, this.left + column]);
  }

  draw(facts, cellOf) {
    if (!this.base) return;
    const values = { name: this.base.name, shape: `(${this.base.shape.join(", ")}${this.base.shape.length === 1 ? "," : ""})`, dtype: this.base.dtype };
    this.title.textContent = fill(this.base.name ? this.labels.base_named : this.labels.base, values);
    this.grid.element.hidden = !this.drawn;
    if (!this.drawn) {
      this.note.textContent = fill(this.base.same_type ? this.labels.base_line : this.labels.base_other_type, values);
      return;
    }
    this.grid.draw({ rows: this.rows, columns: this.columns, width: BOX, height: BOX_HEIGHT - 2,
      cell: (r, c) => cellOf(this.placeAt(r, c)),
      rowHead: (r) => this.top + r, columnHead: (c) => this.left + c });
    const inside = [];
    for (let r = 0; r < this.rows; r++) {
      for (let c = 0; c < this.columns; c++) if (elementsAt(facts, this.placeAt(r, c)).count) inside.push([r, c]);
    }
    this.grid.mark("part", inside);
    const [row, column] = this.at.slice(-2);
    this.grid.point(row - this.top, column - this.left);
    const lead = this.at.slice(0, -2);
    const slice = lead.length ? `${fill(this.labels.base_slice, { at: `[${[...lead, ":", ":"].join(", ")}]` })} ` : "";
    this.note.textContent = slice + this.labels.base_outlined;
  }

  move(rows, columns) {
    const [row, column] = this.at.slice(-2);
    this.choose(clampStep(row, rows, this.base.shape.at(-2)), clampStep(column, columns, this.base.shape.at(-1)));
  }

  choose(row, column) {
    this.at = [...this.at.slice(0, -2), row, column];
    this.pick(placeOf(this.base, this.at));
  }
}

const OVERVIEW = 64; // samples on the longer side

// The whole slice in small, with the part on screen outlined. Only samples of it are read.
export class Overview {
  constructor(labels, jump) {
    this.canvas = html("canvas", { "aria-hidden": "true" });
    this.frame = html("span", { "aria-hidden": "true" });
    this.element = html("div", { class: "gt-overview", title: labels.overview, onclick: (event) => {
      const box = this.canvas.getBoundingClientRect();
      jump(Math.floor(((event.clientY - box.top) / box.height) * this.size[0]),
        Math.floor(((event.clientX - box.left) / box.width) * this.size[1]));
    } }, this.canvas, this.frame);
  }

  // rows and columns of the whole, their steps in memory, and the first place.
  look(rows, columns, rowStep, columnStep, start) {
    this.size = [rows, columns];
    this.every = [Math.ceil(rows / OVERVIEW), Math.ceil(columns / OVERVIEW)];
    this.count = [Math.ceil(rows / this.every[0]), Math.ceil(columns / this.every[1])];
    this.start = start;
    this.steps = [rowStep * this.every[0], columnStep * this.every[1]];
    return Array.from({ length: this.count[0] }, (_, r) => [start + r * this.steps[0], this.steps[1], this.count[1]]);
  }

  draw(colourOf, top, left, rows, columns) {
    const [height, width] = this.count;
    this.canvas.width = width;
    this.canvas.height = height;
    const context = this.canvas.getContext("2d");
    const image = context.createImageData(width, height);
    for (let r = 0; r < height; r++) {
      for (let c = 0; c < width; c++) {
        const channels = colourOf(this.start + r * this.steps[0] + c * this.steps[1]);
        if (channels) image.data.set([...channels, 255], 4 * (r * width + c));
      }
    }
    context.putImageData(image, 0, 0);
    const scale = Math.min(120 / width, 120 / height);
    this.canvas.style.width = `${Math.max(10, width * scale)}px`;
    this.canvas.style.height = `${Math.max(10, height * scale)}px`;
    const share = (part, of) => `${(100 * part) / of}%`;
    Object.assign(this.frame.style, { left: share(left, this.size[1]), top: share(top, this.size[0]),
      width: share(columns, this.size[1]), height: share(rows, this.size[0]) });
  }
}
