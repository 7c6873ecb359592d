// Histograms over time of one layer: columns are steps, height is the value, darkness how many values are there.

import { fill, html, svg } from "./dom.js";
import { shortNumber } from "./training_data.js";

const MAP_ROWS = 72;
const MAP_LEFT = 52, MAP_BOTTOM = 20, MAP_HEIGHT = 132, MAP_SIDE = 84;

export class Histograms {
  // `move(by)` asks for an earlier or later step.
  constructor(labels, kinds, move) {
    this.labels = labels;
    this.move = move;
    this.layer = null;
    this.select = html("select", { onchange: () => {
      this.layer = Number(this.select.value);
      this.draw(this.data, this.frame);
    } });
    this.maps = kinds.map((kind) => ({ kind, figure: html("div", { class: "gt-map", role: "group", tabindex: 0,
      onkeydown: (event) => this.key(event) }) }));
    this.element = html("div", {}, html("p", { class: "gt-strip-head" },
      html("label", { class: "gt-note" }, `${labels.choose_layer} `, this.select),
      html("span", { class: "gt-note" }, labels.over_time)), html("div", { class: "gt-maps" }, this.maps.map((map) => map.figure)));
  }

  choose(layer) {
    this.layer = layer;
  }

  key(event) {
    const by = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10, Home: -Infinity, End: Infinity }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    this.move(by);
  }

  draw(data, frame) {
    Object.assign(this, { data, frame });
    const places = data.inOrder();
    if (!places.includes(this.layer)) this.layer = places[0] ?? null;
    const names = places.map((i) => data.layers[i].name);
    if (names.join("\n") !== this.names) {
      this.names = names.join("\n");
      this.select.replaceChildren(...places.map((i) => html("option", { value: i }, `${data.layers[i].name} (${data.layers[i].kind})`)));
    }
    this.select.value = String(this.layer);
    if (this.layer === null || !data.shown.length) return;
    const at = data.nearestShown(data.frames[frame]?.step ?? 0);
    for (const { kind, figure } of this.maps) this.drawMap(figure, kind, at);
  }

  drawMap(figure, kind, at) {
    const { data, labels, layer } = this;
    const columns = data.shown.map((_, i) => data.histogram(i, layer, kind));
    const title = html("h4", {}, labels[`kind_${kind}`]);
    const known = columns.filter(Boolean);
    const here = columns[at];
    figure.setAttribute("aria-label", here ? fill(labels.histogram, { kind: labels[`kind_${kind}`], name: data.layers[layer].name,
      step: data.shown[at], low: shortNumber(here.low), high: shortNumber(here.high) }) : `${labels[`kind_${kind}`]}: ${labels.no_histogram}`);
    if (!known.length) {
      figure.replaceChildren(title, html("p", { class: "gt-note" }, labels.no_histogram));
      return;
    }
    // A few wild steps shall not flatten all the others.
    const sorted = (key) => known.map((one) => one[key]).sort((a, b) => a - b);
    const lows = sorted("low"), highs = sorted("high");
    let low = lows[Math.floor(0.03 * (lows.length - 1))], high = highs[Math.ceil(0.97 * (highs.length - 1))];
    if (here) [low, high] = [Math.min(low, here.low), Math.max(high, here.high)];
    if (high <= low) [low, high] = [low - (Math.abs(low) || 1) * 0.1, high + (Math.abs(high) || 1) * 0.1];
    const width = Math.max(220, figure.clientWidth || 300);
    const across = width - MAP_LEFT - MAP_SIDE - 12;
    const picture = svg("svg", { width, height: MAP_HEIGHT + MAP_BOTTOM, viewBox: `0 0 ${width} ${MAP_HEIGHT + MAP_BOTTOM}`, "aria-hidden": "true" });
    const y = (value) => 4 + ((MAP_HEIGHT - 8) * (high - value)) / (high - low);
    const x = (i) => MAP_LEFT + (across * i) / columns.length;
    const ticks = low < 0 && high > 0 ? [low, 0, high] : [low, (low + high) / 2, high];
    picture.append(
      svg("rect", { x: MAP_LEFT, y: 4, width: across, height: MAP_HEIGHT - 8, class: "gt-map-back" }),
      svg("image", { x: MAP_LEFT, y: 4, width: across, height: MAP_HEIGHT - 8, preserveAspectRatio: "none",
        href: mapImage(columns, low, high, figure) }),
      ...ticks.map((tick) => svg("g", { class: "gt-axis" }, svg("path", { d: `M${MAP_LEFT} ${y(tick)}H${MAP_LEFT + across}` }),
        svg("text", { x: MAP_LEFT - 6, y: y(tick) + (tick === high ? 9 : tick === low ? 0 : 4), "text-anchor": "end" }, shortNumber(tick)))),
      svg("g", { class: "gt-axis" }, svg("text", { x: MAP_LEFT, y: MAP_HEIGHT + 12 }, String(data.shown[0])),
        svg("text", { x: MAP_LEFT + across, y: MAP_HEIGHT + 12, "text-anchor": "end" }, String(data.shown.at(-1)))),
      svg("rect", { x: x(at) - 1, y: 3, width: Math.max(3, across / columns.length + 2), height: MAP_HEIGHT - 6, class: "gt-map-here" }));
    if (here) picture.append(sideways(here, y, MAP_LEFT + across + 10, MAP_SIDE));
    figure.replaceChildren(title, picture);
  }
}

// The histogram of the step shown, lying on its side beside the map.
function sideways({ low, high, counts }, y, left, across) {
  const group = svg("g", { class: "gt-map-bars" });
  const step = (high - low) / counts.length;
  counts.forEach((count, i) => {
    if (!count) return;
    const top = high > low ? y(low + (i + 1) * step) : y(low) - 2;
    const height = high > low ? Math.max(1, y(low + i * step) - top - 0.5) : 4;
    group.append(svg("rect", { x: left, y: top, width: (across * count) / 255, height }));
  });
  return group;
}

function mapImage(columns, low, high, element) {
  const canvas = document.createElement("canvas");
  canvas.width = columns.length;
  canvas.height = MAP_ROWS;
  const context = canvas.getContext("2d");
  const image = context.createImageData(columns.length, MAP_ROWS);
  const [r, g, b] = getComputedStyle(element).getPropertyValue("--gt-heat").split(",").map(Number);
  columns.forEach((column, i) => {
    if (!column) return;
    const bins = column.counts.length;
    for (let row = 0; row < MAP_ROWS; row++) {
      const value = high - ((row + 0.5) / MAP_ROWS) * (high - low);
      const flat = column.high <= column.low;
      if (flat ? Math.abs(value - column.low) > (high - low) / MAP_ROWS : value < column.low || value > column.high) continue;
      const bin = flat ? Math.floor(bins / 2) : Math.min(bins - 1, Math.floor(((value - column.low) / (column.high - column.low)) * bins));
      const share = column.counts[bin] / 255;
      if (share) image.data.set([r, g, b, 30 + 225 * Math.sqrt(share)], 4 * (row * columns.length + i));
    }
  });
  context.putImageData(image, 0, 0);
  return canvas.toDataURL();
}
