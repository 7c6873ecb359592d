// OptimizerRace: paths over a map of heights, and the losses over the steps.

import { fill, html, svg } from "./dom.js";
import { formatNumber, plainBytes } from "./numbers.js";
import { StepBar, explainField, explainFrame } from "./step_bar.js";

const RACERS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"];
const RACE_DASHES = ["", "6 3", "2 3", "9 3 2 3", "1 4", "12 4"];
const MAP = [400, 300], PLOT = [360, 200];
const MAP_LOW = [255, 255, 255], MAP_HIGH = [169, 178, 188];
const EDGE = { left: 40, top: 6, right: 8, bottom: 20 };

export class OptimizerRace {
  constructor(root, host) {
    this.host = host;
    this.labels = host.get("labels");
    const { labels } = this;
    const frame = explainFrame(root, host, "gt-race");
    this.say = frame.say;
    this.map = host.get("map");
    this.unpackRace();
    this.bar = new StepBar(labels, this.race.steps + 1, (step) => {
      this.draw();
      if (!this.bar.timer) this.announce();
    }, 60, 0);
    this.paths = svg("g");
    this.chartBody = svg("g");
    this.picture = this.drawMap();
    this.field = html("div", { class: "gt-chart-map", role: "application", tabindex: 0,
      "aria-label": fill(labels.map, { n: this.race.names.length }), onkeydown: (event) => this.key(event) }, this.picture);
    this.chart = svg("svg", { viewBox: `0 0 ${PLOT[0]} ${PLOT[1]}`, width: PLOT[0], height: PLOT[1], role: "img" });
    this.table = html("table", { class: "gt-standing" });
    const start = ["x", "y"].map((axis, k) => html("label", {}, `${labels[axis]} `, (this[`start_${axis}`] =
      explainField({ type: "number", step: "any", value: this.race.start[k], "aria-label": labels[`start_${axis}`] }, () => this.restart()))));
    frame.body.replaceChildren(this.bar.element,
      html("div", { class: "gt-panels" }, html("div", {}, this.field,
        html("p", { class: "gt-note" }, this.map.minimum ? labels.legend : labels.legend_open, host.live ? ` ${labels.click}` : ""),
        host.live ? html("div", { class: "gt-choices" }, `${labels.start} `, start) : null),
      html("div", { class: "gt-stack" }, this.table, this.chart)));
    this.drawTable();
    host.on("race", () => {
      this.unpackRace();
      this.bar.resize(this.race.steps + 1);
      this.start_x.reset(this.race.start[0]);
      this.start_y.reset(this.race.start[1]);
      this.ratesBack();
      this.draw();
    });
    host.on("error", () => host.get("error") && this.ratesBack());
    this.bar.show(this.race.steps);
    this.draw();
  }

  remove() {
    this.bar.stop();
  }

  // The message: x, y and loss at every step, one racer after the other.
  unpackRace() {
    this.race = this.host.get("race");
    const all = new Float64Array(plainBytes(this.race.data));
    let from = 0;
    this.racers = this.race.counts.map((n, i) => {
      const data = all.subarray(from, (from += 3 * n));
      return { name: this.race.names[i], count: n, at: (step) => Array.from(data.subarray(3 * step, 3 * step + 3)) };
    });
  }

  // Where a racer is at a step; it stays where it left the finite numbers.
  now(racer, step = this.bar.step) {
    return racer.at(Math.min(step, racer.count - 1));
  }

  // ---- the map ----

  place(x, y) {
    const { x: [x0, x1], y: [y0, y1] } = this.map;
    return [EDGE.left + ((x - x0) / (x1 - x0)) * MAP[0], EDGE.top + MAP[1] - ((y - y0) / (y1 - y0)) * MAP[1]];
  }

  drawMap() {
    const { map } = this;
    const bytes = new Uint8Array(plainBytes(map.data));
    const canvas = document.createElement("canvas");
    canvas.width = map.columns;
    canvas.height = map.rows;
    const context = canvas.getContext("2d");
    const image = context.createImageData(map.columns, map.rows);
    for (let r = 0; r < map.rows; r++) {
      for (let c = 0; c < map.columns; c++) {
        const share = bytes[r * map.columns + c] / (map.bands - 1);
        const colour = MAP_LOW.map((low, k) => Math.round(low + (MAP_HIGH[k] - low) * share));
        image.data.set([...colour, 255], 4 * ((map.rows - 1 - r) * map.columns + c)); // the largest y on top
      }
    }
    context.putImageData(image, 0, 0);
    const [width, height] = [EDGE.left + MAP[0] + EDGE.right, EDGE.top + MAP[1] + EDGE.bottom];
    const marks = (ends, call) => evenTicks(...ends).map(call);
    const picture = svg("svg", { viewBox: `0 0 ${width} ${height}`, width, height, "aria-hidden": "true" },
      svg("image", { href: canvas.toDataURL(), x: EDGE.left, y: EDGE.top, width: MAP[0], height: MAP[1], preserveAspectRatio: "none",
        style: "image-rendering: pixelated" }),
      svg("rect", { x: EDGE.left, y: EDGE.top, width: MAP[0], height: MAP[1], class: "gt-map-edge" }),
      svg("g", { class: "gt-race-axis" },
        marks(map.x, (tick) => svg("text", { x: this.place(tick, 0)[0], y: height - 5, "text-anchor": "middle" }, formatNumber(tick))),
        marks(map.y, (tick) => svg("text", { x: EDGE.left - 5, y: this.place(0, tick)[1] + 4, "text-anchor": "end" }, formatNumber(tick)))),
      svg("clipPath", { id: (this.clip = `gt-clip-${Math.random().toString(36).slice(2)}`) },
        svg("rect", { x: EDGE.left, y: EDGE.top, width: MAP[0], height: MAP[1] })),
      map.minimum ? cross(...this.place(...map.minimum)) : null, this.paths);
    this.paths.setAttribute("clip-path", `url(#${this.clip})`);
    if (this.host.live) {
      picture.classList.add("gt-map-pick");
      picture.addEventListener("click", (event) => {
        const box = picture.getBoundingClientRect();
        const scale = box.width / width;
        const [px, py] = [(event.clientX - box.left) / scale, (event.clientY - box.top) / scale];
        const { x: [x0, x1], y: [y0, y1] } = map;
        const x = x0 + ((px - EDGE.left) / MAP[0]) * (x1 - x0);
        const y = y0 + ((EDGE.top + MAP[1] - py) / MAP[1]) * (y1 - y0);
        if (x >= x0 && x <= x1 && y >= y0 && y <= y1) this.send(Number(x.toPrecision(4)), Number(y.toPrecision(4)));
      });
    }
    return picture;
  }

  restart() {
    const [x, y] = [this.start_x.valueAsNumber, this.start_y.valueAsNumber];
    if (Number.isFinite(x) && Number.isFinite(y)) this.send(x, y);
  }

  send(x, y) {
    this.bar.stop();
    this.host.send({ type: "start", x, y });
  }

  key(event) {
    const moves = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10, Home: -Infinity, End: Infinity };
    if (!(event.key in moves)) return;
    event.preventDefault();
    event.stopPropagation();
    this.bar.by(moves[event.key]);
  }

  // ---- drawing ----

  draw() {
    const step = this.bar.step;
    this.paths.replaceChildren(
      ...this.racers.flatMap((racer, i) => {
        const points = [];
        for (let k = 0; k <= Math.min(step, racer.count - 1); k++) {
          const [x, y] = this.place(...racer.at(k));
          // Far outside the map a line is cut off anyway; huge coordinates upset browsers.
          points.push(`${clampTo(x).toFixed(1)} ${clampTo(y).toFixed(1)}`);
        }
        const [x, y] = this.place(...this.now(racer)).map(clampTo);
        return [svg("path", { d: `M${points.join("L")}`, stroke: RACERS[i], class: "gt-path", "stroke-dasharray": RACE_DASHES[i] || null }),
          svg("circle", { cx: x, cy: y, r: 5, fill: RACERS[i], class: "gt-racer" })];
      }),
      svg("circle", { cx: this.place(...this.race.start)[0], cy: this.place(...this.race.start)[1], r: 6, class: "gt-start" }));
    this.racers.forEach((racer, i) => {
      const [x, y, loss] = this.now(racer);
      const row = this.rows[i];
      row.loss.textContent = formatNumber(loss);
      row.at.textContent = `(${formatNumber(Number(x.toPrecision(3)))}, ${formatNumber(Number(y.toPrecision(3)))})`;
      row.note.textContent = step >= racer.count ? fill(this.labels.diverged, { n: racer.count - 1 }) : "";
    });
    this.drawChart(step);
  }

  drawTable() {
    const { labels, race, host } = this;
    this.rows = this.racers.map((racer, i) => {
      const rate = host.live
        ? explainField({ type: "number", step: "any", min: 0, value: race.rates[racer.name], "aria-label": fill(labels.rate, { name: racer.name }) },
          (rate) => host.send({ type: "rate", name: racer.name, rate }))
        : formatNumber(race.rates[racer.name]);
      const row = { rate, loss: html("td", { class: "gt-digits" }), at: html("td", { class: "gt-digits" }), note: html("div", { class: "gt-note" }) };
      row.element = html("tr", {}, html("th", { scope: "row" }, svg("svg", { width: 26, height: 12, "aria-hidden": "true" },
        svg("path", { d: "M1 6H25", stroke: RACERS[i], class: "gt-path", "stroke-dasharray": RACE_DASHES[i] || null })), ` ${racer.name}`, row.note),
      html("td", {}, rate), row.loss, row.at);
      return row;
    });
    this.table.replaceChildren(html("thead", {}, html("tr", {}, [labels.optimizer, labels.rate_short, labels.loss, "(x, y)"].map((word) => html("th", { scope: "col" }, word)))),
      html("tbody", {}, this.rows.map((row) => row.element)));
  }

  // The rates that Python has; the table stays, and with it the focus.
  ratesBack() {
    this.racers.forEach((racer, i) => this.rows[i].rate.reset?.(this.race.rates[racer.name]));
  }

  drawChart(step) {
    const every = this.racers.flatMap((racer) => Array.from({ length: racer.count }, (_, k) => racer.at(k)[2]));
    const edge = { left: 58, right: 16, top: 8, bottom: 30 };
    const x = (k) => edge.left + (k / this.race.steps) * (PLOT[0] - edge.left - edge.right);
    const { up, marks, word } = lossScale(Math.min(...every), Math.max(...every));
    const y = (loss) => PLOT[1] - edge.bottom - up(loss) * (PLOT[1] - edge.top - edge.bottom);
    this.chart.setAttribute("aria-label", this.labels[word]);
    this.chart.replaceChildren(
      svg("g", { class: "gt-race-axis" },
        marks.map((mark) => svg("g", {}, svg("path", { d: `M${edge.left} ${y(mark)}H${PLOT[0] - edge.right}` }),
          svg("text", { x: edge.left - 5, y: y(mark) + 4, "text-anchor": "end" }, formatNumber(mark)))),
        evenTicks(0, this.race.steps).map((tick) => svg("text", { x: x(tick), y: PLOT[1] - 16, "text-anchor": "middle" }, formatNumber(tick))),
        svg("text", { x: PLOT[0] - edge.right, y: PLOT[1] - 3, "text-anchor": "end" }, this.labels.step),
        svg("text", { x: 4, y: PLOT[1] - 3 }, this.labels.loss)),
      ...this.racers.map((racer, i) => {
        const points = Array.from({ length: racer.count }, (_, k) => `${x(k).toFixed(1)} ${y(racer.at(k)[2]).toFixed(1)}`);
        return svg("path", { d: `M${points.join("L")}`, stroke: RACERS[i], class: "gt-path", "stroke-dasharray": RACE_DASHES[i] || null });
      }),
      svg("path", { d: `M${x(step)} ${edge.top}V${PLOT[1] - edge.bottom}`, class: "gt-step-line" }),
      ...this.racers.map((racer, i) => svg("circle", { cx: x(Math.min(step, racer.count - 1)), cy: y(this.now(racer)[2]), r: 3.5, fill: RACERS[i] })));
  }

  announce() {
    const all = this.racers.map((racer) => {
      const [x, y, loss] = this.now(racer).map((value) => formatNumber(Number(value.toPrecision(3))));
      return fill(this.labels.one, { name: racer.name, loss, x, y });
    });
    this.say(fill(this.labels.said, { k: this.bar.step, all: all.join("; ") }));
  }
}

// Logarithmic where all losses are positive (what is below 1e-12 lies on the ground), else even.
function lossScale(low, high) {
  if (low <= 0) {
    const span = high - low || 1;
    return { up: (loss) => (loss - low) / span, marks: evenTicks(low, high), word: "chart_even" };
  }
  const from = Math.floor(Math.max(Math.log10(low), -12));
  const to = Math.max(Math.ceil(Math.log10(high)), from + 1);
  const every = Math.ceil((to - from) / 6);
  const marks = Array.from({ length: Math.floor((to - from) / every) + 1 }, (_, k) => 10 ** (from + k * every));
  return { up: (loss) => (Math.max(Math.log10(loss), from) - from) / (to - from), marks, word: "chart" };
}

function clampTo(value) {
  return Math.max(-2000, Math.min(3000, value));
}

function cross(x, y) {
  return svg("path", { d: `M${x - 6} ${y}H${x + 6}M${x} ${y - 6}V${y + 6}`, class: "gt-minimum" });
}

// Round numbers inside a range.
function evenTicks(low, high, wanted = 4) {
  const raw = (high - low) / wanted;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((m) => m * power).find((m) => m >= raw * 0.999);
  const first = Math.ceil(low / step - 1e-9);
  return Array.from({ length: Math.floor(high / step + 1e-9) - first + 1 }, (_, k) => Number(((first + k) * step).toPrecision(12)));
}
