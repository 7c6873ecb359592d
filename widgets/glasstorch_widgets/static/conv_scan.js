// ConvScan: a window over the input, the kernel, their products, and the output cell they sum to.

import { CellGrid, briefNumber, clampStep, numberCell, scaleOf } from "./cell_grid.js";
import { fill, html } from "./dom.js";
import { formatNumber, plainBytes } from "./numbers.js";
import { StepBar, explainChoice, explainField, explainFrame } from "./step_bar.js";

const WIDEST = 350; // pixels of a large grid
const NUMBER_SIDE = 34, SMALLEST = 5;

export class ConvScan {
  constructor(root, host) {
    this.host = host;
    this.labels = host.get("labels");
    Object.assign(this, { into: 0, out: 0, at: [...host.get("at")] });
    const frame = explainFrame(root, host, "gt-conv");
    this.body = frame.body;
    this.say = frame.say;
    this.grids = {};
    const pick = (row, column) => this.go([row, column]);
    this.grids.input = new CellGrid({ label: "" });
    this.grids.kernel = new CellGrid({ label: "" });
    this.grids.products = new CellGrid({ label: "" });
    this.grids.output = new CellGrid({ label: "", step: (r, c) => this.step(r, c), pick });
    host.on("scan", () => this.update());
    host.on("error", () => host.get("error") && this.settingsBack());
    this.unpackScan();
    this.build();
    this.drawChoices();
    this.draw();
  }

  remove() {
    this.bar.stop();
  }

  // The message: padded image, output, divisors, weight, one after the other.
  unpackScan() {
    const scan = (this.scan = this.host.get("scan"));
    const all = new Float64Array(plainBytes(scan.data));
    let from = 0;
    const take = (n) => all.subarray(from, (from += n));
    const count = (shape) => shape.reduce((a, b) => a * b, 1);
    this.padded = take(count(scan.padded));
    this.output = take(count(scan.output));
    this.divisors = scan.kind === "avg" ? take(scan.output[1] * scan.output[2]) : null;
    this.weight = scan.kind === "conv" ? take(count(scan.weight)) : null;
  }

  build() {
    const { scan, labels } = this;
    this.bar = new StepBar(labels, scan.output[1] * scan.output[2], (step) => {
      const columns = this.scan.output[2];
      this.go([Math.floor(step / columns), step % columns]);
    }, 500);
    this.choices = html("div", { class: "gt-choices" });
    this.formulas = html("span", {});
    this.note = html("p", { class: "gt-note" });
    this.sum = html("p", { class: "gt-sum" });
    const conv = scan.kind === "conv";
    const figure = (name, caption) => html("figure", {}, (this[`${name}_caption`] = html("figcaption", {}, caption)), this.grids[name].element);
    this.body.replaceChildren(this.choices,
      html("p", { class: "gt-arithmetic" }, html("span", { class: "gt-note" }, `${labels.size} `), this.formulas),
      this.bar.element,
      html("div", { class: "gt-panels" }, figure("input", labels.input), html("div", { class: "gt-stack" },
        conv ? figure("kernel", labels.kernel) : null, figure("products", conv ? labels.products : labels.window)),
      figure("output", labels.output)),
      this.sum, this.note);
  }

  // Other settings: everything but the numbers stays, and with it the focus.
  update() {
    this.unpackScan();
    this.at = this.at.map((a, k) => Math.min(a, this.scan.output[k + 1] - 1));
    this.bar.stop();
    this.bar.resize(this.scan.output[1] * this.scan.output[2]);
    this.settingsBack();
    this.draw();
  }

  // ---- choices ----

  // Input channels that the chosen output channel reads.
  channels() {
    const { kind, weight, output, groups } = this.scan;
    if (kind !== "conv") return [this.out];
    const group = Math.floor(this.out / (output[0] / groups));
    return Array.from({ length: weight[1] }, (_, c) => group * weight[1] + c);
  }

  drawChoices() {
    const { labels, scan } = this;
    const numbers = (n) => Array.from({ length: n }, (_, i) => [i, String(i)]);
    const parts = [];
    const conv = scan.kind === "conv";
    if (scan.output[0] > 1) {
      parts.push(explainChoice(conv ? labels.output_channel : labels.channel, numbers(scan.output[0]), this.out, (value) => {
        this.out = Number(value);
        this.into = 0;
        this.drawChoices();
        this.draw();
        this.choices.querySelector("select").focus();
      }));
    }
    if (conv && this.channels().length > 1) {
      parts.push(explainChoice(labels.input_channel, this.channels().map((c, k) => [k, String(c)]), this.into, (value) => {
        this.into = Number(value);
        this.draw();
      }));
    }
    this.fields = [];
    if (this.host.live) {
      for (const [name, least] of [["stride", 1], ["padding", 0], ["dilation", 1]]) {
        if (name === "dilation" && scan.kind === "avg") continue;
        const field = explainField({ type: "number", min: least, max: 9, value: scan[name].at(-1) }, () => this.sendSettings());
        this.fields.push([name, field]);
        parts.push(html("label", {}, `${labels[name]} `, field));
      }
    } else {
      const told = ["stride", "padding", "dilation"].map((name) => `${labels[name]} ${scan.flat ? scan[name].at(-1) : [...new Set(scan[name])].join(", ")}`);
      parts.push(html("span", { class: "gt-note" }, told.join(" · ")));
    }
    this.choices.replaceChildren(...parts);
  }

  sendSettings() {
    const settings = Object.fromEntries(this.fields.map(([name, field]) => [name, field.value]));
    this.host.send({ type: "settings", dilation: 1, ...settings });
  }

  // What is in force: after Python took it, or refused.
  settingsBack() {
    for (const [name, field] of this.fields) field.reset(this.scan[name].at(-1));
  }

  // ---- moving ----

  step(rows, columns) {
    this.go([clampStep(this.at[0], rows, this.scan.output[1]), clampStep(this.at[1], columns, this.scan.output[2])]);
  }

  go(at) {
    this.at = at;
    this.bar.show(at[0] * this.scan.output[2] + at[1]);
    this.draw();
    this.say(fill(this.labels.said, { at: `[${[this.out, ...at].join(", ")}]`, value: `${this.sum.textContent}` }));
  }

  // ---- numbers ----

  paddedAt(channel, row, column) {
    const [, rows, columns] = this.scan.padded;
    if (row >= rows || column >= columns) return undefined; // a window that hangs over (ceil)
    return this.padded[(channel * rows + row) * columns + column];
  }

  // Where the k-th row and column of the window lies in the padded image.
  inImage(r, c) {
    const { stride, dilation } = this.scan;
    return [this.at[0] * stride[0] + r * dilation[0], this.at[1] * stride[1] + c * dilation[1]];
  }

  weightAt(k, r, c) {
    const { weight, size } = this.scan;
    return this.weight[((this.out * weight[1] + k) * size[0] + r) * size[1] + c];
  }

  // The window's sum over one input channel.
  channelSum(k, channel) {
    let sum = 0;
    this.eachCell((r, c) => (sum += this.paddedAt(channel, ...this.inImage(r, c)) * this.weightAt(k, r, c)));
    return sum;
  }

  eachCell(call) {
    for (let r = 0; r < this.scan.size[0]; r++) for (let c = 0; c < this.scan.size[1]; c++) call(r, c);
  }

  outputAt(row, column) {
    const [, rows, columns] = this.scan.output;
    return this.output[(this.out * rows + row) * columns + column];
  }

  // ---- drawing ----

  draw() {
    const { scan, labels, grids } = this;
    this.formulas.textContent = scan.formulas.join(" ; ");
    this.bar.show(this.at[0] * scan.output[2] + this.at[1]);
    const channel = this.channels()[this.into];
    const [, rows, columns] = scan.padded;
    const plane = this.padded.subarray(channel * rows * columns, (channel + 1) * rows * columns);
    const scale = scaleOf(plane);
    const [top, bottom, left, right] = scan.padding;
    const isPadding = (r, c) => r < top || r >= rows - bottom || c < left || c >= columns - right;
    this.matrix(grids.input, rows, columns, WIDEST, (r, c, words) => {
      const value = plane[r * columns + c];
      const cell = numberCell(value, scale, words ? briefNumber(value) : "");
      return isPadding(r, c) ? { ...cell, fill: "transparent", ink: "currentColor", away: true } : cell;
    });
    const places = [];
    this.eachCell((r, c) => this.paddedAt(channel, ...this.inImage(r, c)) !== undefined && places.push(this.inImage(r, c)));
    grids.input.mark("window", places);
    grids.input.name(fill(labels.input_name, { shape: `${rows}×${columns}`, at: `[${this.inImage(0, 0).join(", ")}]` }));
    this.input_caption.textContent = `${labels.input} ${scan.image[0] > 1 ? `[${channel}] ` : ""}${rows}×${columns}`;
    if (scan.kind === "conv") this.drawProducts(channel, scale);
    else this.drawWindow(channel, scale);
    this.drawOutput();
    const notes = [];
    if (scan.padding.some(Boolean)) notes.push(`${labels.dashed}${scan.mode === "zeros" ? "" : ` (${scan.mode})`}`);
    if (scan.groups > 1) {
      const read = this.channels();
      notes.push(fill(labels.groups, { g: scan.groups, o: this.out, from: read[0], to: read.at(-1) }));
    }
    this.note.textContent = notes.join(" ");
  }

  matrix(grid, rows, columns, widest, cell) {
    const side = Math.max(SMALLEST, Math.min(NUMBER_SIDE, Math.floor(widest / Math.max(rows, columns))));
    grid.draw({ rows, columns, width: side < 22 ? side : side + 8, height: side < 22 ? side : side - 8, cell: (r, c) => cell(r, c, side >= 26) });
  }

  drawProducts(channel) {
    const { scan, labels, grids } = this;
    const [height, width] = scan.size;
    const kernelScale = scaleOf(this.weight);
    this.matrix(grids.kernel, height, width, 240, (r, c, words) => {
      const value = this.weightAt(this.into, r, c);
      return numberCell(value, kernelScale, words ? briefNumber(value) : "");
    });
    grids.kernel.name(fill(labels.kernel_name, { shape: `${height}×${width}` }));
    const values = [];
    this.eachCell((r, c) => values.push(this.paddedAt(channel, ...this.inImage(r, c)) * this.weightAt(this.into, r, c)));
    const scale = scaleOf(values);
    this.matrix(grids.products, height, width, 240, (r, c, words) => {
      const value = values[r * width + c];
      return numberCell(value, scale, words ? briefNumber(value) : "");
    });
    grids.products.name(labels.products_name);
    const read = this.channels();
    const sums = read.map((each, k) => this.channelSum(k, each));
    const bias = scan.bias.length ? scan.bias[this.out] : null;
    const terms = sums.map((sum, k) => (read.length > 1 ? fill(labels.sum_channel, { c: read[k], sum: formatNumber(sum) }) : formatNumber(sum)));
    if (bias !== null) terms.push(fill(labels.bias, { b: formatNumber(bias) }));
    const shown = terms.length > 8 ? [...terms.slice(0, 6), "…", terms.at(-1)] : terms;
    // Few products are written out.
    const factors = read.length === 1 && values.length <= 9 ? this.written(channel) : "";
    this.tell(`${factors}${factors && bias === null ? "" : shown.join(" + ")}`, sums.reduce((a, b) => a + b, bias ?? 0));
  }

  // "2·1 + 3·-1 = "
  written(channel) {
    const terms = [];
    this.eachCell((r, c) => terms.push(`${formatNumber(this.paddedAt(channel, ...this.inImage(r, c)))}·${inBrackets(this.weightAt(this.into, r, c))}`));
    return terms.join(" + ") + (this.scan.bias.length ? " = " : "");
  }

  drawWindow(channel, scale) {
    const { scan, labels, grids } = this;
    const [height, width] = scan.size;
    const values = [];
    this.eachCell((r, c) => values.push(this.paddedAt(channel, ...this.inImage(r, c))));
    this.matrix(grids.products, height, width, 240, (r, c, words) => {
      const value = values[r * width + c];
      return numberCell(value, scale, words && value !== undefined ? briefNumber(value) : "");
    });
    grids.products.name(labels.window_name);
    const there = values.filter((value) => value !== undefined);
    const told = (there.length > 16 ? [...there.slice(0, 15).map(formatNumber), "…"] : there.map(formatNumber));
    if (scan.kind === "max") {
      const best = there.some(Number.isNaN) ? NaN : Math.max(...there);
      const winner = values.findIndex((value) => Object.is(value, best) || value === best);
      grids.products.mark("lit", [[Math.floor(winner / width), winner % width]]);
      grids.input.mark("lit", [this.inImage(Math.floor(winner / width), winner % width)]);
      this.tell(`max(${told.join(", ")})`, best);
      return;
    }
    const divisor = this.divisors[this.at[0] * scan.output[2] + this.at[1]];
    this.tell(fill(labels.mean_of, { sum: told.join(" + "), n: divisor }), there.reduce((a, b) => a + b, 0) / divisor);
  }

  tell(sum, value) {
    this.sum.replaceChildren(`${sum} = `, html("b", { "data-sum": value }, formatNumber(this.outputAt(...this.at))));
  }

  drawOutput() {
    const { scan, labels, grids } = this;
    const [, rows, columns] = scan.output;
    const scale = scaleOf(this.output.subarray(this.out * rows * columns, (this.out + 1) * rows * columns));
    this.matrix(grids.output, rows, columns, WIDEST, (r, c, words) => {
      const value = this.outputAt(r, c);
      return numberCell(value, scale, words ? briefNumber(value) : "");
    });
    grids.output.point(...this.at);
    grids.output.name(fill(labels.output_keys, { shape: `${rows}×${columns}` }));
    this.output_caption.textContent = `${labels.output} ${scan.output[0] > 1 ? `[${this.out}] ` : ""}${rows}×${columns}`;
  }
}

function inBrackets(value) {
  return value < 0 ? `(${formatNumber(value)})` : formatNumber(value);
}
