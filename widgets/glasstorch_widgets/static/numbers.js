// Arrays from the wire, numbers as text, numbers as colour.

const POSITIVE = [213, 94, 0];
const NEGATIVE = [0, 114, 178];
const BAD = [204, 121, 167];

// The `values` message: Map of "of/role" -> {shape, count, total, min, max, mean, nan, inf, data: Float64Array}, and of
// "group/health" -> {bad, worst, gradient_norm} for closed groups.
export function unpack(message, buffer) {
  const bytes = plainBytes(buffer ?? message.data);
  const all = new Float64Array(bytes);
  const arrays = new Map();
  for (const entry of message.arrays ?? []) {
    const data = all.subarray(entry.offset, entry.offset + entry.count);
    arrays.set(`${entry.of}/${entry.role}`, { ...entry, data });
  }
  for (const [id, facts] of Object.entries(message.groups ?? {})) arrays.set(`${id}/health`, facts);
  return arrays;
}

export function plainBytes(data) {
  if (!data) return new ArrayBuffer(0);
  if (data.$bytes !== undefined) return Uint8Array.from(atob(data.$bytes), (c) => c.charCodeAt(0)).buffer;
  if (data instanceof ArrayBuffer) return data;
  // A view into a larger message may start anywhere; doubles must start at a multiple of eight.
  return data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength);
}

// At most four significant digits, like the Python side.
export function formatNumber(value) {
  if (value == null) return ""; // or undefined
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  if (Number.isInteger(value) && Math.abs(value) < 1e6) return String(value);
  const size = Math.abs(value);
  if (size >= 1e5 || size < 1e-4) return value.toExponential(2).replace("e+", "e");
  return String(Number(value.toPrecision(4)));
}

// What a learner may type: 0.5, -1e-3, -1/3, nan, inf. Anything else is undefined.
export function parseNumber(text) {
  const word = text.trim().toLowerCase().replace("−", "-");
  if (word === "nan") return NaN;
  if (/^[+-]?inf(inity)?$/.test(word)) return word.startsWith("-") ? -Infinity : Infinity;
  const [top, by = 1] = word.split("/");
  const number = top && top / by;
  if (Number.isFinite(number)) return number;
}

export function shapeText(shape, scalar = "scalar") {
  if (!shape) return "?";
  return shape.length ? shape.join("×") : scalar;
}

// Flat index -> "[1, 2]".
export function indexText(flat, shape) {
  if (!shape.length) return "";
  const at = [];
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    at.unshift(flat % shape[axis]);
    flat = Math.floor(flat / shape[axis]);
  }
  return `[${at.join(", ")}]`;
}

export function largest(data) {
  let most = 0;
  for (const value of data) if (Number.isFinite(value) && Math.abs(value) > most) most = Math.abs(value);
  return most;
}

// Zero is transparent, so the same colours work on a light and on a dark page.
export function heat(value, most) {
  if (!Number.isFinite(value)) return [...BAD, 1];
  if (!most || !value) return [0, 0, 0, 0];
  const strength = Math.abs(value) / most;
  return [...(value > 0 ? POSITIVE : NEGATIVE), 0.12 + 0.78 * strength];
}

export function heatCss(value, most, ceiling = 1) {
  const [r, g, b, a] = heat(value, most);
  return `rgba(${r},${g},${b},${(a * ceiling).toFixed(3)})`;
}

// One canvas paints all small pictures, and each is painted once: a graph has hundreds, and shows them at every step.
const easel = { canvas: null, done: new WeakMap() };

// A small picture of an array, as an image address: rows and columns if it is a matrix that fits, else one row.
export function heatImage(entry) {
  if (!easel.done.has(entry)) easel.done.set(entry, paintHeat(entry));
  return easel.done.get(entry);
}

function paintHeat(entry) {
  const shape = entry.shape;
  let columns = entry.count;
  let rows = 1;
  if (shape.length >= 2 && shape.at(-1) <= entry.count) {
    columns = shape.at(-1);
    rows = Math.max(1, Math.min(Math.floor(entry.count / columns), 16));
  }
  const canvas = easel.canvas ??= document.createElement("canvas");
  canvas.width = columns;
  canvas.height = rows;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const image = context.createImageData(columns, rows);
  const most = largest(entry.data);
  for (let i = 0; i < rows * columns; i++) {
    const [r, g, b, a] = heat(entry.data[i], most);
    image.data.set([r, g, b, Math.round(a * 255)], 4 * i);
  }
  context.putImageData(image, 0, 0);
  return canvas.toDataURL();
}

// Which elements differ between two messages: Map of key -> Set of flat indices.
export function differences(before, after) {
  const changed = new Map();
  for (const [key, entry] of after) {
    const old = before.get(key);
    if (!entry.data || !old || old.count !== entry.count) continue;
    const places = new Set();
    for (let i = 0; i < entry.count; i++) if (!Object.is(old.data[i], entry.data[i])) places.add(i);
    if (places.size || old.mean !== entry.mean || old.norm !== entry.norm) changed.set(key, places);
  }
  return changed;
}
