// CommTimeline: two lanes for every rank, what it computed and what was on its way meanwhile.

import { clampStep } from "./cell_grid.js";
import { fill, html, iconButton, svg } from "./dom.js";
import { formatNumber } from "./numbers.js";
import { explainFrame } from "./step_bar.js";

const PHASE_COLOURS = { forward: "#56b4e9", backward: "#e69f00", step: "#009e73" };
const COLLECTIVE_COLOURS = ["#0072b2", "#d55e00", "#cc79a7", "#7a6a00", "#6e7781"];
const LANE_HEIGHT = 20, AROUND_LANES = 20, AXIS_HEIGHT = 22, NARROWEST = 240, LONGEST_SCALE = 64, NAMED = 6;

export class CommTimeline {
  constructor(root, host) {
    this.labels = host.get("labels");
    this.ranks = host.get("timeline").ranks;
    const { labels, ranks } = this;
    const frame = explainFrame(root, host, "gt-timeline");
    this.say = frame.say;
    this.events = ranks.flatMap((rank, row) => rank.events.map((event) => ({ ...event, row })).sort((a, b) => a.start - b.start));
    this.names = [...new Set(ranks.flatMap((rank) => rank.events.map((event) => event.name)))];
    this.last = Math.max(0, ...ranks.flatMap((rank) => [...rank.events, ...rank.phases, ...rank.waits]
      .map((span) => span.start + span.seconds))) || 1;
    this.at = 0;
    this.scale = 1;
    this.tops = [0]; // of each rank, and where the last one ends; what is on its way at the same time is drawn below each other
    ranks.forEach((rank) => this.tops.push(this.tops.at(-1) + AROUND_LANES + LANE_HEIGHT * (1 + rank.layers)));
    if (!this.events.length) {
      frame.body.replaceChildren(html("p", { class: "gt-note" }, labels.no_events));
      return;
    }
    this.reading = html("p", { class: "gt-sum" });
    this.more = html("p", { class: "gt-note" });
    this.field = html("div", { class: "gt-lanes", role: "application", tabindex: 0,
      "aria-label": fill(labels.keys, { n: this.events.length, ranks: ranks.length }), onkeydown: (event) => this.key(event) });
    const buttons = html("div", { class: "gt-scale" }, iconButton("zoom_out", labels.zoom_out, () => this.zoom(0.5)),
      iconButton("zoom_in", labels.zoom_in, () => this.zoom(2)), iconButton("fit", labels.fit, () => this.zoom(0)));
    frame.body.replaceChildren(html("div", { class: "gt-timeline-top" }, this.legend(), buttons),
      html("div", { class: "gt-timeline-field" }, this.rankNames(), this.field), this.reading, this.more, this.table(),
      ...ranks.filter((rank) => rank.dropped).map((rank) => html("p", { class: "gt-note" },
        fill(labels.dropped, { n: rank.dropped, r: rank.rank }))));
    this.watcher = new ResizeObserver(() => this.field.clientWidth !== this.width && this.draw());
    this.watcher.observe(this.field);
    this.draw();
  }

  remove() {
    this.watcher?.disconnect();
  }

  legend() {
    const { labels } = this;
    const swatch = (colour, name, opacity = 1, kind = null) => html("span", {}, svg("svg", { width: 14, height: 12, "aria-hidden": "true" },
      svg("rect", { width: 12, height: 12, fill: colour, opacity, class: kind })), ` ${name}`);
    const phases = Object.keys(PHASE_COLOURS).filter((name) => this.ranks.some((rank) => rank.phases.some((p) => p.name === name)));
    return html("div", { class: "gt-note" }, html("div", { class: "gt-chunks" },
      phases.map((name) => swatch(PHASE_COLOURS[name], labels[name], 0.6)),
      this.ranks.some((rank) => rank.waits.length) ? swatch("currentColor", labels.standing, 0.8) : null,
      this.names.map((name) => swatch(this.colour(name), name))), labels.pale);
  }

  colour(name) {
    return COLLECTIVE_COLOURS[this.names.indexOf(name) % COLLECTIVE_COLOURS.length];
  }

  rankNames() {
    const { labels } = this;
    return html("div", { class: "gt-lane-names", "aria-hidden": "true" }, this.ranks.map((rank, row) => html("div",
      { style: `height: ${this.tops[row + 1] - this.tops[row]}px` }, html("b", {}, fill(labels.rank, { r: rank.rank })), html("span", {}, labels.computes), html("span", {}, labels.sends))));
  }

  table() {
    const { labels } = this;
    const cells = (rank) => {
      const sums = rank.summary;
      return [rank.rank, ...["forward", "backward", "step", "communicating", "exposed"].map((key) => this.time(sums[key])),
        `${Math.round(100 * sums.overlap)} %`, byteText(sums.sent)];
    };
    const titles = [labels.col_rank, labels.forward, labels.backward, labels.step, labels.col_communicating, labels.col_exposed,
      labels.col_hidden, labels.col_sent];
    return html("div", { class: "gt-timeline-sums", tabindex: 0, role: "region", "aria-label": labels.title }, html("table", {},
      html("thead", {}, html("tr", {}, titles.map((title) => html("th", { scope: "col" }, title)))),
      html("tbody", {}, this.ranks.map((rank) => html("tr", {}, cells(rank).map((cell, k) => (k
        ? html("td", {}, cell) : html("th", { scope: "row" }, String(cell)))))))));
  }

  time(seconds) {
    return fill(this.labels.ms, { n: milliseconds(seconds) });
  }

  zoom(by) {
    this.scale = by ? Math.max(1, Math.min(LONGEST_SCALE, this.scale * by)) : 1;
    this.draw();
    this.show();
  }

  key(event) {
    const steps = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };
    const rows = { ArrowUp: -1, ArrowDown: 1 };
    const scales = { "+": 2, "=": 2, "-": 0.5, 0: 0 };
    if (event.ctrlKey || event.metaKey || event.altKey || !(event.key in steps || event.key in rows || event.key in scales)) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key in scales) {
      this.zoom(scales[event.key]);
      return;
    }
    this.select(event.key in rows ? this.beside(rows[event.key]) : clampStep(this.at, steps[event.key], this.events.length));
    this.say(`${this.reading.textContent} ${this.more.textContent}`);
  }

  // The same collective on another rank; of a message, what began there at about the same time.
  beside(by) {
    const here = this.events[this.at];
    const far = (event) => (here.same && event.same === here.same ? -1 : Math.abs(event.start - here.start));
    const there = this.events.filter((event) => event.row === here.row + by).sort((a, b) => far(a) - far(b));
    return there.length ? this.events.indexOf(there[0]) : this.at;
  }

  select(at) {
    this.at = at;
    this.draw();
    this.show();
  }

  // Bring the chosen one into the window.
  show() {
    const event = this.events[this.at];
    const [left, right] = [this.x(event.start), this.x(event.start + event.seconds)];
    const window = [this.field.scrollLeft, this.field.scrollLeft + this.width];
    if (left < window[0] || right > window[1]) this.field.scrollLeft = Math.max(0, (left + right - this.width) / 2);
  }

  x(seconds) {
    return 4 + (seconds / this.last) * (this.wide - 8);
  }

  draw() {
    this.width = this.field.clientWidth;
    this.wide = Math.max(NARROWEST, this.width) * this.scale;
    const height = this.tops.at(-1) + AXIS_HEIGHT;
    this.field.replaceChildren(svg("svg", { viewBox: `0 0 ${this.wide} ${height}`, width: this.wide, height, "aria-hidden": "true" },
      this.axis(height), this.ranks.map((rank, row) => this.computed(rank, this.tops[row])),
      this.events.map((event, k) => this.onItsWay(event, k))));
    this.read(this.events[this.at]);
  }

  axis(height) {
    const step = roundStep(this.last / Math.max(2, this.wide / 110));
    const marks = Array.from({ length: Math.floor(this.last / step) + 1 }, (_, k) => k * step);
    return svg("g", { class: "gt-race-axis" }, this.tops.slice(1).map((end) => svg("path", { d: `M0 ${end - 5}H${this.wide}` })),
      marks.map((seconds) => svg("path", { d: `M${this.x(seconds)} 0V${height - AXIS_HEIGHT}` })),
      marks.filter((seconds) => this.x(seconds) < this.wide - 50).map((seconds) => svg("text", { x: this.x(seconds) + 2, y: height - 6 },
        this.time(seconds))));
  }

  bar(span, y, height, attributes) {
    const x = this.x(span.start);
    return svg("rect", { x, y, width: Math.max(1.5, this.x(span.start + span.seconds) - x), height, ...attributes });
  }

  // Words inside a bar, where there is room for them.
  inside(span, y, text, solid = false) {
    const room = this.x(span.start + span.seconds) - this.x(span.start);
    const needed = [...text].reduce((sum, letter) => sum + (letter > "\u2e80" ? 12 : 6.6), 8);
    return room > needed ? svg("text", { x: this.x(span.start) + 4, y: y + 14, class: solid ? "gt-bar-text gt-bar-solid" : "gt-bar-text" }, text) : null;
  }

  computed(rank, top) {
    return svg("g", {}, rank.phases.map((phase) => [this.bar(phase, top + 4, LANE_HEIGHT,
      { fill: PHASE_COLOURS[phase.name] ?? "#6e7781", opacity: 0.6 }), this.inside(phase, top + 4, this.labels[phase.name] ?? phase.name)]).flat(),
    rank.waits.map((wait) => this.bar(wait, top + 5 + LANE_HEIGHT, 5, { class: "gt-standing-still" })));
  }

  onItsWay(event, k) {
    const height = LANE_HEIGHT - 1, colour = this.colour(event.name);
    const y = this.tops[event.row] + 11 + LANE_HEIGHT * (1 + event.layer);
    const stood = event.stood.reduce((sum, part) => sum + part.seconds, 0);
    return svg("g", { class: "gt-event", onclick: () => this.select(k) }, svg("title", {}, this.name(event)),
      this.bar(event, y, height, { fill: colour, "fill-opacity": 0.35, stroke: colour }),
      event.stood.map((part) => this.bar(part, y, height, { fill: colour })),
      this.inside(event, y, this.name(event), 2 * stood > event.seconds),
      k === this.at ? this.bar(event, y - 1, height + 2, { class: "gt-event-now" }) : null);
  }

  name(event) {
    return event.bucket === null || event.bucket === undefined ? event.name : fill(this.labels.bucket, { k: event.bucket });
  }

  read(event) {
    const { labels } = this;
    const what = this.name(event) === event.name ? event.name : fill(labels.in_bucket, { name: event.name, k: event.bucket });
    this.reading.textContent = fill(labels.event, { rank: this.ranks[event.row].rank, what, put: byteText(event.nbytes),
      sent: byteText(event.sent), received: byteText(event.received), how: event.algorithm ? fill(labels.by, { algorithm: event.algorithm }) : "",
      start: milliseconds(event.start), ms: milliseconds(event.seconds), stood: milliseconds(event.exposed), hidden: Math.round(100 * event.overlap) });
    const shown = event.parameters.slice(0, NAMED).join(", ");
    const rest = event.parameters.length - NAMED;
    const notes = [];
    if (shown) notes.push(fill(labels.carries, { names: rest > 0 ? fill(labels.and_more, { names: shown, n: rest }) : shown }));
    if (event.algorithm === "ring" && event.name === "all_reduce") {
      notes.push(fill(labels.ring, { n: event.among, put: byteText(event.nbytes), sent: byteText(event.sent) }));
    }
    if (!event.exact) notes.push(labels.at_most);
    if (!event.measured) notes.push(labels.least);
    if (event.failed) notes.push(labels.failed);
    this.more.textContent = notes.join(" ");
  }
}

function milliseconds(seconds) {
  return formatNumber(Number((1e3 * seconds).toPrecision(3)));
}

// As people read it; exact below 10 000.
function byteText(bytes) {
  if (bytes === null || bytes === undefined) return "?";
  if (bytes < 10000) return `${bytes} B`;
  const [unit, by] = [["KiB", 2 ** 10], ["MiB", 2 ** 20], ["GiB", 2 ** 30]].find(([, by]) => bytes < 1000 * by) ?? ["GiB", 2 ** 30];
  return `${formatNumber(Math.round((10 * bytes) / by) / 10)} ${unit}`;
}

// 1, 2 or 5 times a power of ten, at least this.
function roundStep(least) {
  const power = 10 ** Math.floor(Math.log10(least));
  return power * [1, 2, 5, 10].find((k) => k * power >= least);
}
