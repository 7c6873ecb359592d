// TensorView: a tensor as a heat map; a cursor that knows index, value and place in memory.

import { CellGrid, clampStep, colourLegend, numberCell, paper, slide } from "./cell_grid.js";
import { fill, html } from "./dom.js";
import { formatNumber, shapeText } from "./numbers.js";
import { Places, elementsAt, placeOf } from "./strided.js";
import { BaseGrid, Overview, StorageLine, statisticsPanel } from "./tensor_panels.js";

const NUMBER = [58, 25], COLOUR = [15, 15];
const NARROW = 640, SIDE = 258; // as in the style sheet
const MOST_ROWS = { numbers: 14, colours: 28 };
const LONGEST_ROUTE = 400; // cells in the line of memory order

export class TensorView {
  constructor(root, host) {
    this.host = host;
    this.labels = host.get("labels");
    this.facts = host.get("facts");
    this.complex = this.facts.kind === "c";
    const look = this.facts.look;
    Object.assign(this, { rows: look.rows, columns: look.columns, at: [...look.at], top: 0, left: 0, part: "size" });
    this.empty = this.facts.shape.includes(0);
    this.places = new Places(this.complex);
    this.places.fill(host.get("memory"));
    this.loose = null; // a place in memory that is no element, while the cursor is there
    this.build(root);
    this.mode = this.size(0) <= MOST_ROWS.numbers && this.size(1) <= this.fitting("numbers") ? "numbers" : "colours";
    this.chooseMode.value = this.mode;
    host.on("memory", () => this.arrived(host.get("memory")));
    host.on("facts", () => {
      this.facts = host.get("facts");
      this.draw();
    });
    host.on("statistics", () => this.draw());
    host.on("written", () => this.told());
    host.on("error", () => {
      this.asked = "";
      this.alarm.textContent = host.get("error");
      this.alarm.hidden = !host.get("error");
    });
    this.watcher = new ResizeObserver(() => this.root.clientWidth !== this.lastWidth && this.draw());
    this.watcher.observe(root);
    this.draw();
  }

  remove() {
    this.watcher.disconnect();
  }

  // ---- parts ----

  build(root) {
    const { labels, facts } = this;
    this.root = root;
    root.classList.add("gt", "gt-tensor-view");
    root.lang = this.host.get("lang") === "zh" ? "zh-CN" : "en";
    root.dataset.lmSuppressShortcuts = "true";
    const told = [shapeText(facts.shape, labels.scalar), facts.dtype, facts.device,
      facts.contiguous ? labels.contiguous : labels.not_contiguous];
    if (facts.grad_fn) told.push(facts.grad_fn);
    else if (facts.requires_grad) told.push("requires_grad");
    this.version = html("span", {});
    this.controls = html("div", { class: "gt-controls" });
    this.grid = new CellGrid({ label: "", step: (r, c) => this.step(r, c), pick: (r, c) => this.go(this.top + r, this.left + c),
      enter: () => this.input.focus() });
    this.said = html("p", { class: "gt-visually-hidden", role: "status", "aria-live": "polite" });
    this.alarm = html("p", { class: "gt-alarm", role: "alert", hidden: true });
    this.where = html("strong", {});
    this.value = html("span", { class: "gt-value" });
    this.sum = html("p", { class: "gt-note" });
    this.input = html("input", { type: "text", size: 12, autocomplete: "off", spellcheck: "false", "aria-label": labels.new_value,
      onkeydown: (event) => this.typed(event) });
    this.field = html("label", { class: "gt-field" }, `${labels.new_value} `, this.input);
    this.counted = html("div", {});
    this.overview = new Overview(labels, (r, c) => this.go(r, c));
    this.legend = html("div", { class: "gt-note" });
    this.shown = html("div", { class: "gt-note" });
    this.storage = new StorageLine(labels, (place) => this.goPlace(place));
    this.base = new BaseGrid(labels, (place) => this.goPlace(place));
    this.side = html("div", { class: "gt-side" }, html("p", { class: "gt-place" }, this.where, " ", this.value), this.sum, this.field,
      this.overview.element, this.counted);
    root.replaceChildren(
      html("div", { class: "gt-tensor-head" }, html("h3", {}, this.host.get("title") || labels.title),
        html("span", { class: "gt-note" }, told.join(" · "), this.version)),
      this.controls, this.alarm,
      this.empty ? html("p", { class: "gt-note" }, labels.empty) : html("div", { class: "gt-main" },
        html("div", { class: "gt-heat" }, this.grid.element, this.shown, this.legend), this.side),
      ...(this.empty ? [] : [this.storage.element, this.base.element]), this.said);
    this.chooseMode = this.select(labels.show, [["numbers", labels.as_numbers], ["colours", labels.as_colours]], (value) => {
      this.mode = value;
    });
    this.chooseRoute = html("input", { type: "checkbox", onchange: () => this.draw() });
    this.buildControls();
  }

  select(label, options, chosen) {
    const box = html("select", { "aria-label": label, onchange: () => {
      chosen(box.value);
      this.draw();
    } }, options.map(([value, text]) => html("option", { value }, text)));
    return box;
  }

  buildControls() {
    const { labels, facts } = this;
    const field = (text, box) => html("label", {}, `${text} `, box);
    const axes = facts.shape.map((size, axis) => [String(axis), fill(labels.dimension, { axis, size })]);
    const parts = [];
    if (facts.shape.length > 1) {
      for (const [name, other] of [["rows", "columns"], ["columns", "rows"]]) {
        const box = this.select(labels[name], axes, (value) => {
          // Choosing what the other has swaps the two.
          if (Number(value) === this[other]) this[other] = this[name];
          this[name] = Number(value);
          this.top = this.left = 0;
          this.buildControls();
          this.controls.querySelector(`[data-of="${name}"]`).focus();
        });
        box.value = String(this[name]);
        box.dataset.of = name;
        parts.push(field(labels[name], box));
      }
      facts.shape.forEach((size, axis) => {
        if (axis === this.rows || axis === this.columns || size < 2) return;
        const told = html("b", {}, String(this.at[axis]));
        const slider = html("input", { type: "range", min: 0, max: size - 1, value: this.at[axis],
          "aria-label": fill(labels.dimension, { axis, size }), oninput: () => {
            this.at[axis] = Number(slider.value);
            told.textContent = slider.value;
            this.draw();
            this.announce();
          } });
        slider.dataset.axis = axis;
        parts.push(html("label", {}, `${fill(labels.dimension, { axis, size })} `, slider, " ", told));
      });
    }
    if (facts.shape.length) parts.push(field(labels.show, this.chooseMode));
    if (this.complex) {
      this.choosePart ??= this.select(labels.part, ["size", "phase", "real", "imaginary"].map((name) => [name, labels[`part_${name}`]]),
        (value) => (this.part = value));
      parts.push(field(labels.part, this.choosePart));
    }
    if (facts.shape.length) parts.push(html("label", {}, this.chooseRoute, " ", labels.order));
    this.controls.replaceChildren(...parts);
    this.controls.hidden = !parts.length || this.empty;
  }

  // ---- geometry ----

  size(which) {
    const axis = which ? this.columns : this.rows;
    return axis === null ? 1 : this.facts.shape[axis];
  }

  stride(which) {
    const axis = which ? this.columns : this.rows;
    return axis === null ? 0 : this.facts.stride[axis];
  }

  indexAt(row, column) {
    const index = [...this.at];
    if (this.rows !== null) index[this.rows] = row;
    if (this.columns !== null) index[this.columns] = column;
    return index;
  }

  here() {
    return this.loose ?? placeOf(this.facts, this.at);
  }

  fitting(mode) {
    const width = this.root.clientWidth || 860;
    const room = width > NARROW ? width - SIDE : width;
    return Math.max(1, Math.floor((room - 74) / (mode === "numbers" ? NUMBER : COLOUR)[0]));
  }

  step(rows, columns) {
    const row = this.rows === null ? 0 : clampStep(this.at[this.rows], rows, this.size(0));
    this.go(row, this.columns === null ? 0 : clampStep(this.at[this.columns], columns, this.size(1)));
  }

  go(row, column) {
    this.loose = null;
    this.at = this.indexAt(row, column);
    this.draw();
    this.announce();
  }

  // To a place in memory: to the first element there, if the tensor has one.
  goPlace(place) {
    const { first } = elementsAt(this.facts, place);
    this.loose = first ? null : place;
    if (first) {
      this.at = first;
      this.buildControls();
    }
    this.draw();
    this.announce();
  }

  // ---- numbers ----

  // What the colour of a number stands for.
  number(value) {
    if (!this.complex || value === undefined) return value;
    const [re, im] = value;
    return { size: Math.hypot(re, im), phase: Math.atan2(im, re), real: re, imaginary: im }[this.part];
  }

  cell(place) {
    const value = this.number(this.places.get(place));
    return numberCell(value, this.scale, value === undefined ? "" : this.short(value));
  }

  short(value) {
    if (this.facts.kind === "b") return value ? "True" : "False";
    return formatNumber(value);
  }

  // The value with all its digits.
  exactly(place) {
    const value = this.places.get(place);
    if (value === undefined) return this.labels.not_here;
    const { kind, digits } = this.facts;
    if (kind === "b") return value ? "True" : "False";
    const one = (x) => (Number.isFinite(x) ? String(Number(x.toPrecision(digits))) : formatNumber(x));
    if (!this.complex) return this.places.exact.get(place) ?? (kind === "i" ? String(value) : one(value));
    const [re, im] = value;
    const sign = im < 0 || Object.is(im, -0) ? "-" : "+";
    return `${one(re)}${sign}${one(Math.abs(im))}j`;
  }

  // ---- drawing ----

  draw() {
    const { facts, labels } = this;
    this.version.textContent = facts.version === null ? ` · ${labels.no_version}` : ` · ${fill(labels.version, { n: facts.version })}`;
    this.counted.replaceChildren(statisticsPanel(labels, this.host.get("statistics"), this.complex));
    if (this.empty) return;
    this.lastWidth = this.root.clientWidth;
    const width = Math.max(200, this.root.clientWidth - 26);
    const [cellWidth, cellHeight] = this.mode === "numbers" ? NUMBER : COLOUR;
    const shown = [Math.min(this.size(0), MOST_ROWS[this.mode]), Math.min(this.size(1), this.fitting(this.mode))];
    const [row, column] = [this.rows === null ? 0 : this.at[this.rows], this.columns === null ? 0 : this.at[this.columns]];
    this.top = slide(this.top, row, shown[0], this.size(0));
    this.left = slide(this.left, column, shown[1], this.size(1));
    const place = (r, c) => placeOf(facts, this.indexAt(this.top + r, this.left + c));
    const part = shown[0] < this.size(0) || shown[1] < this.size(1);
    const ranges = [
      ...Array.from({ length: shown[0] }, (_, r) => [place(r, 0), this.stride(1), shown[1]]),
      this.storage.look(facts, this.here(), width),
      ...this.base.look(facts, this.here(), width),
      ...(part ? this.overview.look(this.size(0), this.size(1), this.stride(0), this.stride(1),
        placeOf(facts, this.indexAt(0, 0))) : []),
    ];
    this.ask(ranges);
    this.overview.element.hidden = !part || (!this.host.live && this.places.missing(ranges).length > 0);
    const counted = this.host.get("statistics");
    this.scale = this.part === "phase" ? Math.PI : Math.max(Math.abs(counted.min ?? 0), Math.abs(counted.max ?? 0)) || 1;
    this.grid.name(fill(labels.keys, { shape: shapeText(facts.shape, labels.scalar) }));
    const every = this.mode === "numbers" ? 1 : 5;
    this.grid.draw({ rows: shown[0], columns: shown[1], width: cellWidth, height: cellHeight,
      cell: (r, c) => this.gridCell(place(r, c)),
      rowHead: this.rows === null ? null : (r) => ((this.top + r) % every ? "" : this.top + r),
      columnHead: this.columns === null ? null : (c) => ((this.left + c) % every ? "" : this.left + c) });
    this.marks(place, shown);
    const window_ = { rows: `${this.top}–${this.top + shown[0] - 1}`, columns: `${this.left}–${this.left + shown[1] - 1}`,
      all: `${this.size(0)}×${this.size(1)}` };
    this.shown.textContent = part ? fill(labels.window, window_) : "";
    this.legend.replaceChildren(...(facts.kind === "b" ? [] : [`${labels.colours} `, colourLegend(this.scale,
      this.complex ? labels[`part_${this.part}`] : labels.palest, this.complex && this.part === "size")]));
    this.storage.draw(facts, (at) => this.cell(at), { "next-row": this.rows === null ? undefined : this.stride(0),
      "next-column": this.columns === null ? undefined : this.stride(1) });
    this.base.draw(facts, (at) => this.cell(at));
    if (part) {
      this.overview.draw((at) => {
        const value = this.number(this.places.get(at));
        return value === undefined ? null : paper(value, this.scale);
      }, this.top, this.left, ...shown);
    }
    this.readOut();
  }

  // Too narrow for digits: only what a colour cannot say is written.
  gridCell(place) {
    const cell = this.cell(place);
    if (this.mode === "numbers") return cell;
    const value = this.number(this.places.get(place));
    return { ...cell, text: Number.isNaN(value) ? "×" : value === Infinity ? "+" : value === -Infinity ? "−" : "" };
  }

  marks(place, shown) {
    const here = this.here();
    const cells = [];
    for (let r = 0; r < shown[0]; r++) for (let c = 0; c < shown[1]; c++) cells.push([place(r, c), r, c]);
    const sharing = cells.filter(([at]) => at === here).map(([, r, c]) => [r, c]);
    if (sharing.length > 1) this.grid.mark("lit", sharing);
    if (this.chooseRoute.checked && cells.length <= LONGEST_ROUTE) {
      const seen = new Set();
      const order = cells.sort((a, b) => a[0] - b[0]).filter(([at]) => !seen.has(at) && seen.add(at));
      this.grid.route(order.map(([, r, c]) => [r, c]));
    }
    if (this.loose === null) this.grid.point(this.rows === null ? 0 : this.at[this.rows] - this.top,
      this.columns === null ? 0 : this.at[this.columns] - this.left);
  }

  readOut() {
    const { facts, labels } = this;
    const place = this.here();
    this.where.textContent = this.loose === null ? `[${this.at.join(", ")}]` : labels.not_an_element;
    this.value.textContent = `= ${this.exactly(place)}`;
    this.sum.textContent = fill(labels.place, { place: this.placeSum(), byte: place * facts.itemsize });
    if (this.complex && this.places.get(place)) {
      const [re, im] = this.places.get(place);
      this.sum.textContent += ` · ${fill(labels.polar, { size: formatNumber(Math.hypot(re, im)), phase: formatNumber(Math.atan2(im, re)) })}`;
    }
    this.field.hidden = !this.host.live || this.loose !== null;
    if (document.activeElement !== this.input) this.input.value = this.exactly(place);
  }

  // "5 + 1·4 + 2·1 = 11": the offset, and each index times its stride.
  placeSum() {
    const { offset, stride } = this.facts;
    if (this.loose !== null) return String(this.loose);
    const terms = [offset, ...this.at.map((i, axis) => `${i}·${stride[axis]}`)];
    return terms.length > 1 ? `${terms.join(" + ")} = ${this.here()}` : String(offset);
  }

  announce() {
    this.note?.remove();
    const place = this.here();
    const { count } = elementsAt(this.facts, place);
    const shared = count > 1 ? ` ${fill(this.labels.shared, { n: count })}` : "";
    this.said.textContent = `${this.where.textContent} ${this.value.textContent}. ${fill(this.labels.place_short, { place })}${shared}`;
  }

  // ---- Python ----

  ask(ranges) {
    const missing = this.host.live ? this.places.missing(ranges) : [];
    const key = JSON.stringify(missing);
    if (!missing.length || this.asked) return;
    this.asked = key;
    if (this.refused !== key) this.host.send({ type: "read", ranges: missing });
    this.refused = key; // asked once; the same again would be answered the same
  }

  arrived(message) {
    this.asked = "";
    if (message.fresh) this.refused = "";
    this.places.fill(message);
    this.draw();
    if (message.fresh) this.input.value = this.exactly(this.here());
  }

  typed(event) {
    if (event.key === "Escape") this.grid.element.focus();
    if (event.key !== "Enter") return;
    event.preventDefault();
    this.refused = "";
    this.host.send({ type: "write", index: this.at, text: this.input.value });
  }

  told() {
    const { index, before, after } = this.host.get("written");
    if (!index) return;
    const { count } = elementsAt(this.facts, placeOf(this.facts, index));
    const words = [fill(this.labels.written, { index: `[${index.join(", ")}]`, before, after })];
    if (count > 1) words.push(fill(this.labels.written_shared, { n: count - 1 }));
    if (this.facts.base) words.push(this.labels.written_base);
    this.said.textContent = words.join(" ");
    this.shownNote(words.join(" "));
  }

  shownNote(text) {
    this.note ??= html("p", { class: "gt-note gt-written" });
    this.note.textContent = text;
    if (!this.note.isConnected) this.field.after(this.note);
  }
}
