// CommRing: ranks on a circle, chunks on their way from one to the next.

import { CellGrid, briefNumber, numberCell, scaleOf } from "./cell_grid.js";
import { fill, html, svg } from "./dom.js";
import { formatNumber } from "./numbers.js";
import { StepBar, explainFrame } from "./step_bar.js";

const CHUNKS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#f0e442", "#999999"];
const CIRCLE = 300, NODE = 26;

export class CommRing {
  constructor(root, host) {
    this.labels = host.get("labels");
    this.ring = host.get("ring");
    const { labels, ring } = this;
    const frame = explainFrame(root, host, "gt-ring");
    this.say = frame.say;
    this.bar = new StepBar(labels, ring.steps.length, () => this.go(), 1500, 0);
    this.scale = scaleOf(ring.steps.flatMap((step) => step.values.flat()));
    this.picture = svg("svg", { viewBox: `0 0 ${CIRCLE} ${CIRCLE}`, width: CIRCLE, height: CIRCLE, "aria-hidden": "true" });
    this.circle = html("div", { class: "gt-chart-map", role: "application", tabindex: 0, "aria-label": fill(labels.keys, { n: ring.ranks }),
      onkeydown: (event) => this.key(event) }, this.picture);
    this.grids = Array.from({ length: ring.ranks }, (_, r) => new CellGrid({ label: fill(labels.rank, { r }) }));
    this.reading = html("p", { class: "gt-sum" });
    this.traffic = html("p", { class: "gt-note" });
    frame.body.replaceChildren(this.bar.element, this.reading,
      html("div", { class: "gt-panels" }, this.circle, html("div", { class: "gt-stack" }, ring.chunks.length > 1 ? this.legend() : null,
        this.grids.map((grid, r) => html("figure", {}, html("figcaption", {}, fill(labels.rank, { r })), grid.element)),
        html("p", { class: "gt-note" }, labels.outlined))), this.traffic);
    this.draw();
  }

  remove() {
    this.bar.stop();
  }

  legend() {
    return html("div", { class: "gt-note gt-chunks" }, this.ring.chunks.map(([start, end], c) => html("span", {},
      svg("svg", { width: 14, height: 12, "aria-hidden": "true" }, svg("rect", { width: 12, height: 12, fill: CHUNKS[c] })),
      ` ${fill(this.labels.chunk, { c })} [${start}:${end}]`)));
  }

  key(event) {
    const moves = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };
    if (!(event.key in moves)) return;
    event.preventDefault();
    event.stopPropagation();
    this.bar.by(moves[event.key]);
  }

  go() {
    this.draw();
    if (!this.bar.timer) this.say(this.reading.textContent);
  }

  place(r) {
    const angle = (2 * Math.PI * r) / this.ring.ranks - Math.PI / 2;
    return [CIRCLE / 2 + (CIRCLE / 2 - NODE - 14) * Math.cos(angle), CIRCLE / 2 + (CIRCLE / 2 - NODE - 14) * Math.sin(angle)];
  }

  // Two ranks have two wires beside each other.
  wire(source, target) {
    const beside = this.ring.ranks === 2 ? (source ? -16 : 16) : 0;
    return [source, target].map((r) => [this.place(r)[0] + beside, this.place(r)[1]]);
  }

  draw() {
    const { ring, labels } = this;
    const step = ring.steps[this.bar.step];
    const parts = [];
    for (let r = 0; r < ring.ranks; r++) {
      const [from, to] = this.wire(r, (r + 1) % ring.ranks);
      parts.push(arrow(from, to, "gt-wire"));
    }
    for (const [source, target, chunk, bytes] of step.messages) {
      if (!bytes) continue;
      const [from, to] = this.wire(source, target);
      const line = arrow(from, to, "gt-wire gt-wire-used");
      line.style.stroke = CHUNKS[chunk];
      const [x, y] = [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2];
      parts.push(line, svg("rect", { x: x - 11, y: y - 11, width: 22, height: 22, rx: 4, fill: CHUNKS[chunk], class: "gt-parcel" }),
        svg("text", { x, y: y + 5, "text-anchor": "middle", class: "gt-parcel-text" }, String(chunk)));
    }
    for (let r = 0; r < ring.ranks; r++) {
      const [x, y] = this.place(r);
      parts.push(svg("circle", { cx: x, cy: y, r: NODE, class: "gt-rank" }),
        svg("text", { x, y: y + 5, "text-anchor": "middle", class: "gt-rank-text" }, String(r)));
    }
    this.picture.replaceChildren(...parts);
    this.grids.forEach((grid, r) => this.drawRank(grid, r, step));
    this.reading.textContent = this.read(step);
    this.traffic.textContent = this.bytes();
  }

  drawRank(grid, r, step) {
    const { ring } = this;
    const width = ring.length <= 12 ? 40 : ring.length <= 24 ? 24 : 12;
    const arrived = step.messages.find((message) => message[1] === r);
    grid.draw({ rows: 1, columns: ring.length, width, height: 24,
      cell: (_, i) => numberCell(step.values[r][i], this.scale, width > 30 ? briefNumber(step.values[r][i]) : "") });
    ring.chunks.forEach(([start, end], c) => {
      if (end === start) return;
      grid.overlay.append(svg("rect", { x: start * width + 1, y: 20, width: (end - start) * width - 2, height: 4, fill: CHUNKS[c] }));
      if (step.parts[r][c] === ring.ranks) grid.mark("window", [[0, start]], 1, end - start);
      if (arrived && arrived[2] === c) grid.mark("lit", [[0, start]], 1, end - start);
    });
  }

  read(step) {
    const { labels } = this;
    if (step.phase === "start") return labels.phase_start;
    const all = step.messages.map(([source, target, chunk]) => fill(labels.sends, { source, target, chunk }));
    return `${labels[`phase_${step.phase}`]} ${all.join("; ")}.`;
  }

  bytes() {
    const { ring, labels } = this;
    const far = ring.steps.slice(0, this.bar.step + 1).flatMap((step) => step.messages);
    const sent = ring.sent.map((_, r) => far.filter(([source]) => source === r).reduce((sum, message) => sum + message[3], 0));
    const n = ring.ranks;
    return `${fill(labels.so_far, { sent: Math.max(...sent) })} ${fill(labels.traffic, { n, sent: Math.max(...ring.sent), all: ring.bytes,
      share: formatNumber((2 * (n - 1)) / n), central: (n - 1) * ring.bytes })}`;
  }
}

// A line from circle to circle with a tip.
function arrow([x0, y0], [x1, y1], kind) {
  const length = Math.hypot(x1 - x0, y1 - y0) || 1;
  const [dx, dy] = [(x1 - x0) / length, (y1 - y0) / length];
  const [ax, ay, bx, by] = [x0 + dx * NODE, y0 + dy * NODE, x1 - dx * (NODE + 3), y1 - dy * (NODE + 3)];
  const tip = (side) => `${(bx - 8 * dx + side * 5 * dy).toFixed(1)} ${(by - 8 * dy - side * 5 * dx).toFixed(1)}`;
  return svg("path", { d: `M${ax.toFixed(1)} ${ay.toFixed(1)}L${bx.toFixed(1)} ${by.toFixed(1)}M${tip(1)}L${bx.toFixed(1)} ${by.toFixed(1)}L${tip(-1)}`, class: kind });
}
