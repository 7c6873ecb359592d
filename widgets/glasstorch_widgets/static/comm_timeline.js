// CommTimeline: a lane for every rank, a bar for every collective; the dark part is time spent waiting.

import { clampStep } from "./cell_grid.js";
import { fill, html, svg } from "./dom.js";
import { formatNumber } from "./numbers.js";
import { explainFrame } from "./step_bar.js";

const EVENTS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"];
const LANE = 34, NAME = 70, WIDTH = 760;

export class CommTimeline {
  constructor(root, host) {
    this.labels = host.get("labels");
    this.ranks = host.get("timeline").ranks;
    const { labels } = this;
    const frame = explainFrame(root, host, "gt-timeline");
    frame.body.parentElement.querySelector("h3").textContent = host.get("title") || labels.timeline;
    this.say = frame.say;
    this.events = this.ranks.flatMap((events, rank) => events.map((event) => ({ ...event, rank })));
    this.names = [...new Set(this.events.map((event) => event.name))];
    this.last = Math.max(0, ...this.events.map((event) => event.start + event.seconds)) || 1;
    this.at = 0;
    this.reading = html("p", { class: "gt-sum" });
    if (!this.events.length) {
      frame.body.replaceChildren(html("p", { class: "gt-note" }, labels.no_events));
      return;
    }
    this.field = html("div", { class: "gt-chart-map", role: "application", tabindex: 0, "aria-label": fill(labels.timeline_keys, { n: this.events.length }),
      onkeydown: (event) => this.key(event) });
    frame.body.replaceChildren(html("div", { class: "gt-note gt-chunks" }, this.names.map((name, k) => html("span", {},
      svg("svg", { width: 14, height: 12, "aria-hidden": "true" }, svg("rect", { width: 12, height: 12, fill: EVENTS[k % 6] })), ` ${name}`))),
    this.field, this.reading, html("p", { class: "gt-note" }, labels.waiting));
    this.draw();
  }

  key(event) {
    const moves = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -1, ArrowDown: 1, Home: -Infinity, End: Infinity };
    if (!(event.key in moves)) return;
    event.preventDefault();
    event.stopPropagation();
    this.at = clampStep(this.at, moves[event.key], this.events.length);
    this.draw();
    this.say(this.reading.textContent);
  }

  draw() {
    const { labels, last } = this;
    const height = this.ranks.length * LANE + 20;
    const x = (seconds) => NAME + (seconds / last) * (WIDTH - NAME - 8);
    this.field.replaceChildren(svg("svg", { viewBox: `0 0 ${WIDTH} ${height}`, width: WIDTH, height, "aria-hidden": "true" },
      this.ranks.map((_, r) => svg("g", { class: "gt-race-axis" }, svg("text", { x: 2, y: r * LANE + 20 }, fill(labels.rank, { r })),
        svg("path", { d: `M${NAME} ${r * LANE + 28}H${WIDTH}` }))),
      svg("g", { class: "gt-race-axis" }, svg("text", { x: NAME, y: height - 4 }, "0"),
        svg("text", { x: WIDTH - 4, y: height - 4, "text-anchor": "end" }, `${formatNumber(1e3 * last)} ms`)),
      this.events.map((event, i) => {
        const fill_ = EVENTS[this.names.indexOf(event.name) % 6];
        const place = { x: x(event.start), y: event.rank * LANE + 6, width: Math.max(2, x(event.seconds) - NAME), height: 20 };
        const waited = Math.min(1, event.seconds ? event.waited / event.seconds : 0);
        return svg("g", { class: "gt-event", onclick: () => {
          this.at = i;
          this.draw();
        } }, svg("rect", { ...place, fill: fill_, opacity: 0.45 }), svg("rect", { ...place, width: place.width * waited, fill: fill_ }),
        i === this.at ? svg("rect", { ...place, class: "gt-event-now" }) : null);
      })));
    const event = this.events[this.at];
    const ms = (seconds) => formatNumber(Number((1e3 * seconds).toPrecision(3)));
    this.reading.textContent = fill(labels.event, { rank: event.rank, name: event.name, bytes: event.nbytes, how: event.algorithm || "–",
      start: ms(event.start), ms: ms(event.seconds), wait: ms(event.waited) });
  }
}
