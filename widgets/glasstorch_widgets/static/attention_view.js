// AttentionView: all heads small, one large; lines from the token that looks.

import { CellGrid, briefNumber, clampStep, colourLegend, matrixPicture, numberCell, scaleOf } from "./cell_grid.js";
import { fill, html, svg } from "./dom.js";
import { formatNumber, plainBytes } from "./numbers.js";
import { explainField, explainFrame } from "./step_bar.js";

const MOST_LINES = 24; // tokens in the picture of lines
const LINE_STEP = 26;

export class AttentionView {
  constructor(root, host) {
    this.host = host;
    this.labels = host.get("labels");
    const { labels } = this;
    const frame = explainFrame(root, host, "gt-attention");
    this.say = frame.say;
    Object.assign(this, { head: 0, query: 0, key: 0 });
    this.grid = new CellGrid({ label: "", step: (r, c) => this.go(clampStep(this.query, r, this.tokens.length), clampStep(this.key, c, this.keys.length)),
      pick: (r, c) => this.go(r, c) });
    this.heads = html("div", { class: "gt-heads", role: "group", "aria-label": labels.heads });
    this.lines = html("div", { class: "gt-lines" });
    this.reading = html("p", { class: "gt-sum" });
    this.note = html("p", { class: "gt-note" });
    this.fields = html("div", { class: "gt-tokens", role: "group", "aria-label": labels.tokens });
    this.legend = html("p", { class: "gt-note" });
    frame.body.replaceChildren(this.fields, this.heads,
      html("div", { class: "gt-panels" }, html("figure", {}, this.grid.element, this.legend), this.lines), this.reading, this.note);
    host.on("attention", () => {
      this.unpackAttention();
      this.drawHeads();
      this.draw();
    });
    host.on("error", () => host.get("error") && this.drawFields());
    this.unpackAttention();
    this.drawHeads();
    this.drawFields();
    this.draw();
  }

  unpackAttention() {
    const { heads, tokens, keys, data, masked, sums, editable } = this.host.get("attention");
    Object.assign(this, { tokens, keys, sums, editable, count: heads });
    this.size = tokens.length * keys.length;
    const all = new Float64Array(plainBytes(data));
    this.weights = Array.from({ length: heads }, (_, h) => all.subarray(h * this.size, (h + 1) * this.size));
    this.masked = new Uint8Array(plainBytes(masked));
    this.query = Math.min(this.query, tokens.length - 1);
    this.key = Math.min(this.key, keys.length - 1);
  }

  weight(r, c) {
    return this.weights[this.head][r * this.keys.length + c];
  }

  // ---- parts ----

  drawFields() {
    this.fields.hidden = !(this.editable && this.host.live);
    if (this.fields.hidden) return;
    this.fields.replaceChildren(html("span", { class: "gt-note" }, `${this.labels.tokens} `), ...this.tokens.map((token, i) =>
      explainField({ type: "text", value: token, size: Math.max(3, token.length), "aria-label": fill(this.labels.token, { i }) },
        (text) => this.host.send({ type: "token", index: i, text }))));
  }

  drawHeads() {
    this.heads.hidden = this.count < 2;
    this.heads.replaceChildren(...this.weights.map((weights, h) => html("button", { type: "button", class: "gt-button gt-head-button",
      "aria-pressed": String(h === this.head), onclick: () => {
        this.head = h;
        this.heads.querySelectorAll("button").forEach((button, i) => button.setAttribute("aria-pressed", String(i === h)));
        this.draw();
        this.say(fill(this.labels.head_chosen, { h }));
      } }, matrixPicture(weights, this.tokens.length, this.keys.length), html("span", {}, `${this.labels.head} ${h}`))));
  }

  go(query, key) {
    Object.assign(this, { query, key });
    this.draw();
    this.say(this.reading.textContent);
  }

  draw() {
    const { tokens, keys, labels } = this;
    const most = Math.max(tokens.length, keys.length);
    const wide = most <= 12 ? 46 : Math.max(6, Math.floor(480 / most));
    const high = most <= 12 ? 28 : Math.max(6, Math.min(22, wide));
    const scale = scaleOf(this.weights[this.head]);
    const longest = Math.floor(wide / 6.5);
    const short = (text, room) => (text.length > room ? `${text.slice(0, Math.max(1, room - 1))}…` : text);
    this.grid.name(fill(labels.keys, { h: this.head, n: tokens.length, m: keys.length }));
    this.grid.draw({ rows: tokens.length, columns: keys.length, width: wide, height: high,
      cell: (r, c) => (this.masked[r * keys.length + c] ? { text: wide > 20 ? "–" : "", fill: "transparent", ink: "currentColor", away: true }
        : numberCell(this.weight(r, c), scale, wide > 40 ? briefNumber(Number(this.weight(r, c).toFixed(2))) : "")),
      rowHead: high > 11 ? (r) => short(tokens[r], 12) : null, columnHead: wide > 20 ? (c) => short(keys[c], longest) : null });
    this.grid.mark("part", [[this.query, 0]], 1, keys.length);
    this.grid.point(this.query, this.key);
    this.legend.replaceChildren(`${labels.colours} `, colourLegend(scale, labels.weight, true),
      this.masked.some(Boolean) ? html("span", {}, ` · ${labels.masked}`) : "");
    this.drawLines(scale);
    this.read();
  }

  read() {
    const { labels, keys } = this;
    const row = Array.from({ length: keys.length }, (_, c) => this.weight(this.query, c));
    const weight = this.weight(this.query, this.key);
    const hidden = this.masked[this.query * keys.length + this.key];
    const values = { from: this.tokens[this.query], to: keys[this.key], weight: formatNumber(weight), h: this.head };
    // The number of tokens over which as much would be spread evenly: e to the entropy.
    const entropy = -row.reduce((sum, w) => sum + (w > 0 ? w * Math.log(w) : 0), 0);
    const over = Number(Math.exp(entropy).toPrecision(2));
    const spread = !row.every(Number.isFinite) ? labels.nothing
      : over === 1 ? labels.spread_one : fill(labels.spread, { n: formatNumber(over) });
    this.reading.textContent = `${fill(hidden ? labels.reading_masked : labels.reading, values)} ${spread}`;
    this.note.textContent = this.sums ? "" : labels.sums;
  }

  drawLines() {
    const { tokens, keys } = this;
    const rows = Math.min(Math.max(tokens.length, keys.length), MOST_LINES);
    const from = this.query >= MOST_LINES ? this.query - MOST_LINES + 1 : 0;
    const [left, right, width, height] = [96, 224, 320, rows * LINE_STEP + 8];
    const y = (i) => (i - from + 0.5) * LINE_STEP + 4;
    const inside = (i) => i >= from && i < from + rows;
    const parts = [];
    for (let r = 0; r < tokens.length; r++) {
      for (let c = 0; c < keys.length; c++) {
        const weight = this.weight(r, c);
        if (!inside(r) || !inside(c) || !(weight > 0.02)) continue;
        const chosen = r === this.query;
        parts.push([chosen, svg("path", { d: `M${left} ${y(r)}C${left + 60} ${y(r)} ${right - 60} ${y(c)} ${right} ${y(c)}`,
          class: chosen ? "gt-attend gt-attend-chosen" : "gt-attend", "stroke-width": 0.6 + 7 * weight })]);
      }
    }
    parts.sort((a, b) => a[0] - b[0]);
    const name = (list, i, x, anchor, chosen) => svg("text", { x, y: y(i) + 4, "text-anchor": anchor, class: chosen ? "gt-token gt-token-chosen" : "gt-token" },
      list[i].length > 12 ? `${list[i].slice(0, 11)}…` : list[i]);
    this.lines.replaceChildren(svg("svg", { viewBox: `0 0 ${width} ${height}`, width, height, "aria-hidden": "true" }, parts.map(([, path]) => path),
      tokens.map((_, i) => (inside(i) ? name(tokens, i, left - 6, "end", i === this.query) : null)).filter(Boolean),
      keys.map((_, i) => (inside(i) ? name(keys, i, right + 6, "start", i === this.key) : null)).filter(Boolean)));
  }
}
