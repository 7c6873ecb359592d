// A training's history as it came over the wire: figures and histograms by step and layer.

import { fill } from "./dom.js";
import { formatNumber, plainBytes } from "./numbers.js";

export class TrainingData {
  constructor(scheme) {
    this.scheme = scheme;
    this.column = new Map(scheme.columns.map((name, i) => [name, i]));
    this.layers = [];
    this.frames = [];
    this.shown = [];
  }

  // The traits `layers`, `history` and `now`; a latest frame that is newer than the history is put at its end.
  update(layers, history, now) {
    this.layers = layers;
    if (history !== this.history) {
      this.history = history;
      const width = history.layers * this.scheme.columns.length;
      const figures = new Float32Array(plainBytes(history.figures));
      this.old = history.steps.map((step, i) => ({ step, figures: figures.subarray(i * width, (i + 1) * width) }));
      this.ranges = new Float32Array(plainBytes(history.ranges));
      this.counts = new Uint8Array(plainBytes(history.counts));
      this.shown = history.shown;
      this.later = [];
    }
    const last = this.later.at(-1)?.step ?? this.old.at(-1)?.step ?? -1;
    if (now.step > last) this.later.push({ step: now.step, figures: new Float32Array(plainBytes(now.figures)) });
    this.frames = [...this.old, ...this.later];
  }

  get last() {
    return this.frames.length - 1;
  }

  // NaN where nothing was measured, or the layer came later.
  figure(frame, layer, name) {
    return this.frames[frame]?.figures[layer * this.scheme.columns.length + this.column.get(name)] ?? NaN;
  }

  series(layer, name) {
    return this.frames.map((_, i) => this.figure(i, layer, name));
  }

  note(frame, layer) {
    const code = this.figure(frame, layer, "note");
    return this.scheme.notes[Number.isNaN(code) ? 0 : code];
  }

  // Layers from input to output; those that never took part come last.
  inOrder() {
    const places = this.layers.map((_, i) => i);
    return places.sort((a, b) => (this.layers[a].order ?? Infinity) - (this.layers[b].order ?? Infinity) || a - b);
  }

  reference() {
    return this.inOrder().filter((i) => this.layers[i].order !== undefined && !this.layers[i].frozen).at(-1);
  }

  // {low, high, counts} of the shown frame number `at`.
  histogram(at, layer, kind) {
    const { kinds, bins } = this.scheme;
    if (layer >= this.history.layers) return null;
    const place = (at * this.history.layers + layer) * kinds.length + kinds.indexOf(kind);
    const low = this.ranges[2 * place], high = this.ranges[2 * place + 1];
    return Number.isNaN(low) ? null : { low, high, counts: this.counts.subarray(place * bins, (place + 1) * bins) };
  }

  // Which of the frames with histograms is nearest to a step.
  nearestShown(step) {
    let best = 0;
    this.shown.forEach((other, i) => {
      if (Math.abs(other - step) < Math.abs(this.shown[best] - step)) best = i;
    });
    return best;
  }

  // What a layer's note says at a frame, its figures filled in.
  noteText(labels, frame, layer) {
    const info = this.layers[layer];
    const value = (name) => this.figure(frame, layer, name);
    const reference = this.reference();
    const bits = value("bad") || 0;
    return fill(labels[`note_${this.note(frame, layer)[0]}_long`], {
      where: [1, 2, 4].filter((bit) => bits & bit).map((bit) => labels[`bad_${bit}`]).join(", "),
      first_bad: info.first_bad ?? "?",
      times: formatNumber(Math.round(value("weights") / info.first_weights)),
      units: info.units ?? "?",
      dead: percentText(value("dead")),
      saturated: percentText(value("saturated")),
      function: info.function ?? "",
      ratio: percentText(value("ratio")),
      gradient: shortNumber(value("gradient")),
      largest: shortNumber(value("largest")),
      above: shortNumber(reference === undefined ? NaN : this.figure(frame, reference, "largest")),
      reference: this.layers[reference]?.name ?? "?",
    });
  }
}

export function percentText(share) {
  return Number.isNaN(share) ? "nan" : `${formatNumber(Number((100 * share).toPrecision(3)))} %`;
}

// Two or three figures are enough where sizes are compared.
export function shortNumber(value) {
  if (!Number.isFinite(value) || value === 0) return formatNumber(value);
  const size = Math.abs(value);
  if (size >= 1e4 || size < 1e-3) return value.toExponential(1).replace("e+", "e").replace(".0e", "e");
  return String(Number(value.toPrecision(3)));
}

export function bytesText(bytes) {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let power = 0;
  while (bytes >= 1000 && power < units.length - 1) {
    bytes /= 1000;
    power += 1;
  }
  return `${Number(bytes.toPrecision(3))} ${units[power]}`;
}
