// FeatureMaps: a gallery of maps, layer below layer; one enlarged, with what its units see of the input.

import { CellGrid, briefNumber, clampStep, colourLegend, matrixPicture, numberCell, scaleOf } from "./cell_grid.js";
import { fill, html, iconButton } from "./dom.js";
import { formatNumber, plainBytes } from "./numbers.js";
import { explainFrame } from "./step_bar.js";

const ENLARGED = 380, THUMB = 62;

export class FeatureMaps {
  constructor(root, host) {
    this.labels = host.get("labels");
    const frame = explainFrame(root, host, "gt-feature-maps");
    this.say = frame.say;
    this.message = host.get("maps");
    this.unpackMaps();
    this.opened = null;
    this.large = html("section", { class: "gt-large", hidden: true, onkeydown: (event) => event.key === "Escape" && this.close() });
    this.gallery = html("div", { class: "gt-gallery" });
    frame.body.replaceChildren(html("p", { class: "gt-note" }, this.labels.help), this.gallery, this.large);
    this.drawGallery();
  }

  // The message: the maps of every layer, then the image; 32-bit numbers.
  unpackMaps() {
    const { layers, image, data } = this.message;
    const all = new Float32Array(plainBytes(data));
    let from = 0;
    const take = ([channels, rows, columns]) => Array.from({ length: channels }, () => all.subarray(from, (from += rows * columns)));
    this.layers = layers.map((layer) => ({ ...layer, planes: take(layer.sent) }));
    this.image = take(image);
  }

  drawGallery() {
    const { labels } = this;
    const [, height, width] = this.message.image;
    const inputs = this.image.map((plane) => planePicture(plane, height, width, THUMB));
    this.gallery.replaceChildren(html("section", {}, html("h4", {}, `${labels.input} ${this.message.image.join("×")}`),
      html("div", { class: "gt-row-of-maps" }, inputs)),
    ...this.layers.map((layer, i) => html("section", {},
      html("h4", {}, html("code", {}, layer.name), ` ${layer.kind} ${layer.shape.join("×")}`,
        html("span", { class: "gt-note" }, ` · ${this.about(layer)}`)),
      html("div", { class: "gt-row-of-maps", role: "group", "aria-label": layer.name, onkeydown: (event) => this.walk(event) },
        layer.planes.map((plane, c) => html("button", { type: "button", class: "gt-map-button", tabindex: c ? -1 : 0,
          "aria-label": fill(labels.open, { name: layer.name, c }), title: fill(labels.open, { name: layer.name, c }),
          onclick: () => this.open(i, c) }, planePicture(plane, layer.sent[1], layer.sent[2], THUMB))),
        layer.sent[0] < layer.shape[0] ? html("span", { class: "gt-note" }, fill(labels.first_of, { count: layer.sent[0], total: layer.shape[0] })) : null))));
  }

  about(layer) {
    const parts = [layer.low === null ? "nan" : `${formatNumber(layer.low)} … ${formatNumber(layer.high)}`,
      `${Math.round(100 * layer.zeros)} % ${this.labels.zeros}`];
    if (layer.spans) parts.push(`${this.labels.sees} ${layer.spans.map(widest).join("×")}`);
    return parts.join(" · ");
  }

  // Arrows go through the maps of a layer and on to the next.
  walk(event) {
    const moves = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
    if (!(event.key in moves)) return;
    const rows = [...this.gallery.querySelectorAll("[role=group]")].map((row) => [...row.querySelectorAll("button")]);
    const row = rows.findIndex((buttons) => buttons.includes(document.activeElement));
    if (row < 0) return;
    event.preventDefault();
    event.stopPropagation();
    const to = rows[clampStep(row, moves[event.key][0], rows.length)];
    to[clampStep(rows[row].indexOf(document.activeElement), moves[event.key][1], to.length)].focus();
  }

  open(layerIndex, channel) {
    const layer = this.layers[layerIndex];
    const { labels } = this;
    this.back = document.activeElement;
    this.opened = { layer, channel };
    this.at = [Math.floor(layer.sent[1] / 2), Math.floor(layer.sent[2] / 2)];
    this.grid = new CellGrid({ label: fill(labels.keys, { name: layer.name, c: channel }),
      step: (r, c) => this.go([clampStep(this.at[0], r, layer.sent[1]), clampStep(this.at[1], c, layer.sent[2])]),
      pick: (r, c) => this.go([r, c]) });
    this.input = new CellGrid({ label: labels.input });
    this.reading = html("p", { class: "gt-sum" });
    this.large.replaceChildren(
      html("div", { class: "gt-large-head" }, html("h4", {}, fill(labels.open, { name: layer.name, c: channel })),
        iconButton("close", labels.close, () => this.close())),
      html("div", { class: "gt-panels" },
        html("figure", {}, html("figcaption", {}, `${layer.kind} ${layer.shape.slice(1).join("×")}`), this.grid.element,
          html("p", { class: "gt-note" }, colourLegend(scaleOf(layer.planes[channel]), labels.palest))),
        html("figure", {}, html("figcaption", {}, labels.input), this.input.element)),
      this.reading, layer.every.some((n) => n > 1) ? html("p", { class: "gt-note" }, fill(labels.sampled, { n: Math.max(...layer.every) })) : "",
      layer.spans ? "" : html("p", { class: "gt-note" }, labels.no_spans));
    this.large.hidden = false;
    this.matrix(this.grid, layer.planes[channel], layer.sent[1], layer.sent[2]);
    this.matrix(this.input, this.image[0], this.message.image[1], this.message.image[2]);
    this.go(this.at);
    this.grid.element.focus();
    this.large.scrollIntoView({ block: "nearest" });
  }

  close() {
    this.large.hidden = true;
    this.back?.focus();
  }

  matrix(grid, plane, rows, columns) {
    const side = Math.max(3, Math.min(34, Math.floor(ENLARGED / Math.max(rows, columns))));
    const scale = scaleOf(plane);
    grid.draw({ rows, columns, width: side, height: side < 28 ? side : 26,
      cell: (r, c) => numberCell(plane[r * columns + c], scale, side >= 28 ? briefNumber(plane[r * columns + c]) : "") });
  }

  go(at) {
    this.at = at;
    const { layer, channel } = this.opened;
    const { labels } = this;
    this.grid.point(...at);
    const value = layer.planes[channel][at[0] * layer.sent[2] + at[1]];
    const unit = at.map((i, k) => i * layer.every[k]);
    const words = [fill(labels.unit, { at: `[${[channel, ...unit].join(", ")}]`, value: formatNumber(Number(value.toPrecision(6))) })];
    this.input.clear();
    if (layer.spans) {
      const [rows, columns] = [layer.spans[0][unit[0]], layer.spans[1][unit[1]]];
      this.input.mark("lit", [[rows[0], columns[0]]], rows[1] - rows[0] + 1, columns[1] - columns[0] + 1);
      words.push(fill(labels.field, { rows: `${rows[0]}–${rows[1]}`, columns: `${columns[0]}–${columns[1]}` }));
    }
    this.reading.textContent = words.join(" ");
    this.say(this.reading.textContent);
  }
}

// The largest number of lines that a unit sees.
function widest(spans) {
  return Math.max(...spans.map(([first, last]) => last - first + 1));
}

function planePicture(plane, rows, columns, side) {
  const canvas = matrixPicture(plane, rows, columns);
  const most = Math.max(rows, columns);
  canvas.style.width = `${(side * columns) / most}px`;
  canvas.style.height = `${(side * rows) / most}px`;
  return canvas;
}
