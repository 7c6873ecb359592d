// Examples as small pictures with what they are and what they were taken for.

import { fill, html } from "./dom.js";
import { formatNumber, plainBytes } from "./numbers.js";

// The `examples` message: a list of {index, target, predicted, loss, width, height, pixels}.
export function unpackExamples(message) {
  const pixels = new Uint8Array(plainBytes(message.pixels));
  let at = 0;
  return (message.examples ?? []).map(([index, target, predicted, loss, height, width]) => {
    const size = 3 * height * width;
    at += size;
    return { index, target, predicted, loss, width, height, pixels: pixels.subarray(at - size, at) };
  });
}

export function thumbList(examples, name, labels) {
  return html("ul", { class: "gt-thumbs" }, examples.map((one) => {
    const values = { index: one.index, target: name(one.target), predicted: name(one.predicted),
      loss: one.loss === null ? "?" : formatNumber(one.loss) };
    const right = one.target === one.predicted;
    return html("li", { class: right ? "gt-thumb" : "gt-thumb gt-thumb-wrong" }, thumb(one, fill(labels.example, values)),
      html("span", {}, right ? values.target : fill(labels.caption, values)),
      one.loss === null ? null : html("span", { class: "gt-note" }, fill(labels.loss, values)));
  }));
}

function thumb({ width, height, pixels }, label) {
  if (!width) return html("span", { class: "gt-note" }, label);
  const canvas = html("canvas", { width, height, role: "img", "aria-label": label, title: label });
  const context = canvas.getContext("2d");
  const image = context.createImageData(width, height);
  for (let i = 0; i < width * height; i++) image.data.set([...pixels.subarray(3 * i, 3 * i + 3), 255], 4 * i);
  context.putImageData(image, 0, 0);
  return canvas;
}
