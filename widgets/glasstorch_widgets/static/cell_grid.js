// A grid of numbers on their colours, drawn as SVG, with a cursor that follows the keys. Large grids are windows: the
// owner decides what the cells hold.

import { html, svg } from "./dom.js";
import { formatNumber } from "./numbers.js";

const PAPER_ZERO = [244, 244, 242];
const PAPER_POSITIVE = [213, 94, 0];
const PAPER_NEGATIVE = [0, 114, 178];
const PAPER_BAD = [204, 121, 167];
const HEAD = 15;

// The colour of a number: [red, green, blue]. Pale at zero; NaN has a colour of its own.
export function paper(value, scale) {
  if (Number.isNaN(value)) return PAPER_BAD;
  const share = Number.isFinite(value) ? Math.min(Math.abs(value) / (scale || 1), 1) : 1;
  const end = value < 0 ? PAPER_NEGATIVE : PAPER_POSITIVE;
  return PAPER_ZERO.map((from, k) => Math.round(from + (end[k] - from) * share));
}

export const rgb = (channels) => `rgb(${channels.join(",")})`;

// Black or white, whichever has more contrast (relative luminance as WCAG 2 defines it).
export function inkOn(channels) {
  const [r, g, b] = channels.map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return (0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05) ** 2 > 1.05 * 0.05 ? "#000" : "#fff";
}

// A number as a cell: its text, its colours.
export function numberCell(value, scale, text = formatNumber(value)) {
  if (value === undefined) return { text: "", fill: "transparent", ink: "currentColor", away: true };
  const channels = paper(value, scale);
  return { text, fill: rgb(channels), ink: inkOn(channels) };
}

// At most three significant digits, for narrow cells.
export function briefNumber(value) {
  if (!Number.isFinite(value) || (Number.isInteger(value) && Math.abs(value) < 1e5)) return formatNumber(value);
  const size = Math.abs(value);
  if (size >= 1e4 || size < 0.01) return value.toExponential(1).replace("e+", "e");
  return String(Number(value.toPrecision(3)));
}

export function scaleOf(values) {
  let most = 0;
  for (const value of values) if (Number.isFinite(value) && Math.abs(value) > most) most = Math.abs(value);
  return most || 1;
}

// What the colours mean: a bar from the full negative colour (or from zero) to the full positive one.
export function colourLegend(scale, words, fromZero = false) {
  const stops = (fromZero ? [0, 1] : [-1, 0, 1]).map((share) => rgb(paper(share, 1))).join(", ");
  return html("span", { class: "gt-colour-legend" }, fromZero ? "0" : `−${formatNumber(scale)}`,
    html("span", { class: "gt-colour-bar", "aria-hidden": "true", style: `background: linear-gradient(to right, ${stops})` }),
    `${formatNumber(scale)}${words ? `, ${words}` : ""}`);
}

const KEY_STEPS = {
  ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1],
  Home: [0, -Infinity], End: [0, Infinity], PageUp: [-8, 0], PageDown: [8, 0],
};

export class CellGrid {
  // label: what a screen reader calls it; step(rows, columns): a key was pressed; pick(row, column): a cell was
  // clicked; enter(): Enter was pressed. Without step the grid is a picture.
  constructor({ label, step = null, pick = null, enter = null }) {
    this.enter = enter;
    this.step = step;
    this.cells = svg("g");
    this.heads = svg("g", { class: "gt-cell-heads" });
    this.overlay = svg("g");
    this.pointer = svg("g");
    this.picture = svg("svg", { "aria-hidden": "true" }, this.heads, this.cells, this.overlay, this.pointer);
    this.element = html("div", { class: "gt-cells", role: step ? "application" : "img", "aria-label": label,
      tabindex: step ? 0 : null, onkeydown: (event) => this.key(event) }, this.picture);
    if (pick) {
      this.picture.classList.add("gt-cells-pick");
      this.picture.addEventListener("click", (event) => {
        const box = this.cells.getScreenCTM();
        if (!box) return;
        const column = Math.floor((event.clientX - box.e) / box.a / this.width);
        const row = Math.floor((event.clientY - box.f) / box.d / this.height);
        if (row >= 0 && row < this.rows && column >= 0 && column < this.columns) pick(row, column);
      });
    }
  }

  name(label) {
    this.element.setAttribute("aria-label", label);
  }

  key(event) {
    if (!this.step || event.altKey || event.metaKey) return;
    if (event.key === "Enter" && this.enter) this.enter();
    else if (event.key in KEY_STEPS) {
      const [rows, columns] = KEY_STEPS[event.key];
      // With Ctrl, Home and End go to the first and last row as well.
      this.step(event.ctrlKey && columns ? columns : rows, columns);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  // cell(row, column) gives {text, fill, ink}; rowHead and columnHead give texts, or are left out.
  draw({ rows, columns, width, height, cell, rowHead = null, columnHead = null, foot = null }) {
    Object.assign(this, { rows, columns, width, height });
    const names = Array.from({ length: rows }, (_, r) => (rowHead ? String(rowHead(r)) : ""));
    const left = rowHead ? 10 + 7 * Math.max(1, ...names.map((name) => name.length)) : 2;
    const top = columnHead ? HEAD + 2 : 2;
    const size = Math.min(12, height * 0.56);
    const label = (x, y, anchor, text) => svg("text", { x, y, "text-anchor": anchor }, text);
    this.heads.replaceChildren(
      ...names.map((name, r) => (name ? label(left - 5, top + (r + 0.5) * height + 4, "end", name) : null)).filter(Boolean),
      ...(columnHead ? Array.from({ length: columns }, (_, c) => columnHead(c)).map((text, c) =>
        (text === "" ? null : label(left + (c + 0.5) * width, top - 4, "middle", text))).filter(Boolean) : []),
      ...(foot ? Array.from({ length: columns }, (_, c) => foot(c)).map((text, c) =>
        (text === "" ? null : label(left + (c + 0.5) * width, top + rows * height + 13, "middle", text))).filter(Boolean) : []));
    const drawn = [];
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < columns; c++) {
        const { text, fill, ink, away, ghost } = cell(r, c);
        drawn.push(svg("rect", { x: c * width, y: r * height, width, height, fill,
          class: away ? "gt-cell gt-cell-away" : ghost ? "gt-cell gt-cell-ghost" : "gt-cell" }));
        if (text) {
          const fitted = Math.min(size, (1.62 * (width - 4)) / text.length);
          drawn.push(svg("text", { x: (c + 0.5) * width, y: (r + 0.5) * height + fitted * 0.36, fill: ghost ? null : ink,
            "font-size": fitted, "text-anchor": "middle", class: ghost ? "gt-cell-ghost-text" : null }, text));
        }
      }
    }
    this.cells.replaceChildren(...drawn);
    for (const group of [this.cells, this.overlay, this.pointer]) group.setAttribute("transform", `translate(${left} ${top})`);
    const whole = [left + columns * width + 2, top + rows * height + (foot ? 17 : 2)];
    this.picture.setAttribute("width", whole[0]);
    this.picture.setAttribute("height", whole[1]);
    this.picture.setAttribute("viewBox", `0 0 ${whole[0]} ${whole[1]}`);
    this.overlay.replaceChildren();
    this.pointer.replaceChildren();
  }

  // Outlines: kind is one of lit, part, next-row, next-column, window, clash.
  mark(kind, places, rows = 1, columns = 1) {
    for (const [r, c] of places) {
      this.overlay.append(svg("rect", { x: c * this.width + 1, y: r * this.height + 1, width: columns * this.width - 2,
        height: rows * this.height - 2, class: `gt-cell-mark gt-mark-${kind}` }));
    }
  }

  clear() {
    this.overlay.replaceChildren();
  }

  // A line through cells, in order, from a dot.
  route(places) {
    // Beside the digits: at the right and the bottom of a cell.
    const at = ([r, c]) => [((c + 0.86) * this.width).toFixed(1), ((r + 0.82) * this.height).toFixed(1)];
    if (!places.length) return;
    const [x, y] = at(places[0]);
    this.overlay.append(svg("path", { d: `M${places.map((place) => at(place).join(" ")).join("L")}`, class: "gt-cell-route" }),
      svg("circle", { cx: x, cy: y, r: 3, class: "gt-cell-route-start" }));
  }

  point(row, column) {
    if (row === null || row < 0 || column < 0 || row >= this.rows || column >= this.columns) {
      this.pointer.replaceChildren();
      return;
    }
    const place = { x: column * this.width, y: row * this.height, width: this.width, height: this.height };
    this.pointer.replaceChildren(svg("rect", { ...place, class: "gt-cell-halo" }), svg("rect", { ...place, class: "gt-cell-cursor" }));
  }
}

// One key's step along `size` cells; an infinite step goes to the end.
export function clampStep(from, step, size) {
  return Math.max(0, Math.min(size - 1, from + (Number.isFinite(step) ? step : Math.sign(step) * size)));
}

// Where a window of `shown` out of `size` starts, so that `at` is inside; it moves as little as it can.
export function slide(start, at, shown, size) {
  if (at < start) start = at;
  if (at >= start + shown) start = at - shown + 1;
  return Math.max(0, Math.min(size - shown, start));
}

// A small picture of a matrix.
export function matrixPicture(values, rows, columns) {
  const canvas = document.createElement("canvas");
  canvas.width = columns;
  canvas.height = rows;
  const context = canvas.getContext("2d");
  const image = context.createImageData(columns, rows);
  const scale = scaleOf(values);
  for (let i = 0; i < rows * columns; i++) image.data.set([...paper(values[i], scale), 255], 4 * i);
  context.putImageData(image, 0, 0);
  canvas.setAttribute("aria-hidden", "true");
  return canvas;
}
