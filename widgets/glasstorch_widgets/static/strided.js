// The arithmetic of strided memory, and the numbers that have arrived from Python.

import { plainBytes } from "./numbers.js";

// Where an element lies, counted in elements from the start of the storage.
export function placeOf({ shape, stride, offset }, index) {
  return shape.reduce((place, _, axis) => place + index[axis] * stride[axis], offset);
}

// Which elements lie at a place: how many, and the index of the first. Largest strides first, so that all but
// overlapping layouts leave one choice in each dimension.
export function elementsAt({ shape, stride, offset }, place) {
  const axes = shape.map((_, axis) => axis).sort((a, b) => stride[b] - stride[a]);
  const reach = new Array(axes.length + 1).fill(0);
  for (let k = axes.length - 1; k >= 0; k--) reach[k] = reach[k + 1] + Math.max(0, shape[axes[k]] - 1) * stride[axes[k]];
  const index = shape.map(() => 0);
  const found = { count: 0, first: null };
  const walk = (k, rest, times) => {
    if (k === axes.length) {
      if (rest !== 0) return;
      found.count += times;
      found.first ??= [...index];
      return;
    }
    const axis = axes[k], size = shape[axis], step = stride[axis];
    if (step === 0) {
      index[axis] = 0;
      walk(k + 1, rest, times * size);
      return;
    }
    const from = Math.max(0, Math.ceil((rest - reach[k + 1]) / step));
    const to = Math.min(size - 1, Math.floor(rest / step));
    for (let i = from; i <= to && found.count < 1000; i++) {
      index[axis] = i;
      walk(k + 1, rest - i * step, times);
    }
  };
  if (!shape.includes(0)) walk(0, place - offset, 1);
  return found;
}

// Numbers by place. Complex ones are pairs.
export class Places {
  constructor(complex) {
    this.complex = complex;
    this.numbers = new Map();
    this.exact = new Map();
  }

  fill(message) {
    if (message.fresh) {
      this.numbers.clear();
      this.exact.clear();
    }
    const data = new Float64Array(plainBytes(message.data));
    let k = 0;
    for (const [start, step, count] of message.ranges ?? []) {
      for (let i = 0; i < count; i++, k++) {
        this.numbers.set(start + i * step, this.complex ? [data[2 * k], data[2 * k + 1]] : data[k]);
      }
    }
    for (const [place, text] of Object.entries(message.exact ?? {})) this.exact.set(Number(place), text);
  }

  get(place) {
    return this.numbers.get(place);
  }

  // The ranges of which some number has not arrived yet.
  missing(ranges) {
    return ranges.filter(([start, step, count]) => {
      for (let i = 0; i < count; i++) if (!this.numbers.has(start + i * step)) return true;
      return false;
    });
  }
}
