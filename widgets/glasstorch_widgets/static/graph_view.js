// GraphView: toolbar, picture, details and announcements over one `host` (see dom.js): a notebook or a plain page.

import { fill, html, iconButton, swapIcon } from "./dom.js";
import { differences, formatNumber, indexText, unpack } from "./numbers.js";
import { Steps } from "./graph_steps.js";
import { GraphCanvas } from "./graph_canvas.js";
import { GraphDetails, graphTable } from "./graph_details.js";
import { headline, paintMarks } from "./graph_marks.js";
import { GraphSearch } from "./graph_search.js";

const PLAY_INTERVAL = 1100; // milliseconds from step to step
const SETTLING = 5000; // milliseconds in which what was sent before a new picture may still come back
const PATIENCE = 1500; // milliseconds before saying that Python has not answered

export class GraphView {
  constructor(root, host) {
    this.host = host;
    this.labels = host.get("labels");
    this.values = unpack(host.get("values"));
    this.changed = new Map();
    this.full = new Map();
    this.asTable = false;
    this.root = root;
    root.classList.add("gt", "gt-graph");
    root.lang = host.get("lang") === "zh" ? "zh-CN" : "en";
    // Keys typed here are meant for this view, not for the notebook's shortcuts.
    root.dataset.lmSuppressShortcuts = "true";
    root.addEventListener("keydown", (event) => this.key(event));

    this.canvas = new GraphCanvas(this.labels, {
      open: (id) => this.open(id),
      expand: (id) => this.expand(id),
      collapse: (id) => this.collapse(id),
    });
    this.details = new GraphDetails(this.labels, {
      edit: (id, index, value) => this.edit(id, index, value),
      close: () => this.open(""),
      focus: (id) => this.regroup({ type: "focus", id }, id),
      open: (id) => this.open(id),
      expand: (id) => this.expand(id),
      reveal: (id) => this.reveal(id),
      health: (id) => this.values.get(`${id}/health`),
      marks: () => this.host.get("marks"),
      line: (source) => this.showLine(source),
      work: (edge, index) => this.host.send({ type: "worked", id: this.host.get("selected"), edge, index }),
    });
    this.search = new GraphSearch(this.labels, (text) => this.find(text), (id) => this.reveal(id));
    this.table = html("div", { class: "gt-table-box", hidden: true, tabindex: 0, role: "region",
      "aria-label": this.labels.table });
    this.say = html("p", { class: "gt-say", role: "status", "aria-live": "polite" });
    this.alarm = html("p", { class: "gt-alarm", role: "alert", hidden: true });
    this.notice = html("div", { class: "gt-notice", hidden: true });
    root.replaceChildren(this.toolbar(), ...this.more(), this.notice, this.say, this.alarm,
      html("div", { class: "gt-body" }, this.canvas.frame, this.table, this.details.element));

    const heard = { structure: () => this.redraw(), values: () => this.receive(),
      step: () => this.late("step") || this.refresh(), selected: () => this.late("selected") || this.reopen(),
      error: () => this.showError(), edits: () => this.refresh(),
      marks: () => this.drawNotice() ?? this.refresh() };
    for (const [trait, call] of Object.entries(heard)) host.on(trait, () => this.quiet || call());
    host.on("custom message", (message, buffers) => this.message(message, buffers));
    this.redraw();
  }

  // What a home puts below the toolbar.
  more() {
    return [];
  }

  toolbar() {
    const { labels } = this;
    this.playButton = iconButton("play", labels.play, () => this.play(!this.timer));
    this.scrubber = html("input", { type: "range", min: 0, class: "gt-scrubber", "aria-label": labels.scrubber,
      oninput: () => this.go(Number(this.scrubber.value)) });
    this.counter = html("span", { class: "gt-counter" });
    this.phases = html("span", { class: "gt-phases", "aria-hidden": "true" },
      html("span", {}, labels.forward), html("span", {}, labels.backward));
    this.tableButton = html("button", { type: "button", class: "gt-button", "aria-pressed": "false",
      onclick: () => this.toggleTable() }, labels.table);
    this.resetButton = html("button", { type: "button", class: "gt-button", hidden: true,
      onclick: () => this.ask({ type: "reset" }) }, labels.reset);
    return html("div", { class: "gt-toolbar" },
      html("div", { class: "gt-buttons" },
        iconButton("first", labels.first, () => this.go(0)),
        iconButton("back", labels.back, () => this.go(this.step - 1)),
        this.playButton,
        iconButton("next", labels.next, () => this.go(this.step + 1)),
        iconButton("last", labels.last, () => this.go(this.steps.last))),
      html("div", { class: "gt-track" }, this.scrubber, this.phases),
      this.counter,
      html("div", { class: "gt-buttons" }, this.resetButton, this.search.element, this.depthChooser(), this.tableButton,
        iconButton("zoom_out", labels.zoom_out, () => this.canvas.zoomBy(1 / 1.25)),
        iconButton("zoom_in", labels.zoom_in, () => this.canvas.zoomBy(1.25)),
        iconButton("fit", labels.fit, () => this.canvas.fit())));
  }

  // How many levels of groups are open; chosen for the whole picture, mixed when single groups were opened.
  depthChooser() {
    this.depth = html("select", { title: this.labels.depth_hint, onchange: () => this.toDepth(Number(this.depth.value)) });
    this.depthBox = html("label", { class: "gt-depth" }, this.labels.depth, " ", this.depth);
    return this.depthBox;
  }

  get step() {
    return Math.max(0, Math.min(this.host.get("step"), this.steps.last));
  }

  redraw() {
    this.structure = this.host.get("structure");
    this.drawnValues = this.host.get("values");
    this.steps = new Steps(this.structure);
    this.scrubber.max = this.steps.last;
    this.phases.style.setProperty("--split", this.steps.forward.length / Math.max(1, this.steps.last));
    this.canvas.draw(this.structure, this.steps);
    this.values = unpack(this.host.get("values"));
    this.changed = new Map();
    this.drawNotice();
    this.drawDepth();
    this.settled = this.regrouped && this.host.live ? { step: this.structure.step,
      selected: this.host.get("selected"), until: performance.now() + SETTLING } : null;
    this.late("step");
    this.reopen();
    this.showError();
    if (this.regrouped) {
      this.answered();
      this.announcement = this.regrouped();
      this.regrouped = null;
      this.refresh();
    }
  }

  drawDepth() {
    const { depth: levels, frames, nodes } = this.structure;
    this.depthBox.hidden = !levels;
    const depths = new Map(frames.map((frame) => [frame.id, 1]));
    for (const frame of frames) depths.set(frame.id, (depths.get(frame.parent) ?? 0) + 1); // outer ones come first
    const open = Math.max(0, ...depths.values());
    // A mixed picture is at no depth.
    const mixed = nodes.some((node) => node.kind === "group" && (depths.get(node.parent) ?? 0) < open);
    this.depth.replaceChildren(...(mixed ? [html("option", { value: -1, disabled: true }, "–")] : []),
      ...Array.from({ length: levels + 1 }, (_, i) => html("option", { value: i },
        i === levels ? `${i} (${this.labels.depth_all})` : String(i))));
    this.depth.value = mixed ? -1 : open;
  }

  // New numbers from Python, after an edit.
  receive() {
    if (this.drawnValues === this.host.get("values")) return; // came with a new picture, and is drawn
    this.drawnValues = this.host.get("values");
    const before = this.values;
    this.values = unpack(this.host.get("values"));
    this.changed = differences(before, this.values);
    this.full.clear();
    this.answered();
    if (this.edited) {
      const nodes = new Set([...this.changed.keys()].filter((key) => !key.endsWith("contribution"))
        .map((key) => key.split("/")[0]));
      this.announcement = fill(this.labels.edited, { ...this.edited, n: nodes.size });
      this.edited = null;
    }
    // What is said of a closed group is written when it is selected, but its numbers are new.
    const selected = this.steps.nodes.get(this.host.get("selected"));
    if (selected?.kind === "group") this.details.show(selected.id, this.structure, this.steps, this.host.live);
    this.wantFull();
    this.wantWorked();
    this.refresh();
  }

  message(message, buffers) {
    this.answered();
    if (message.type === "full" && message.id === this.host.get("selected")) {
      this.full = unpack(message, buffers[0]);
      this.refreshDetails();
    } else if (message.type === "worked") {
      this.details.fillIn(message.edges);
      this.refreshDetails();
    } else if (message.type === "found") {
      this.search.show(message.text, message.nodes);
    }
  }

  refresh() {
    const k = this.step;
    const text = fill(this.labels.step, { k, n: this.steps.last });
    this.scrubber.value = k;
    this.scrubber.setAttribute("aria-valuetext", `${text}: ${this.narrate(k)}`);
    this.counter.textContent = text;
    this.resetButton.hidden = !Object.keys(this.host.get("edits") ?? {}).length;
    this.canvas.update(k, this.values, this.changed, this.host.get("selected"));
    paintMarks(this.canvas, this.host.get("marks"));
    if (this.asTable) {
      this.table.replaceChildren(graphTable(this.structure, this.steps, k, this.values, this.labels,
        (id) => this.open(id)));
    }
    this.say.textContent = this.announcement ?? this.narrate(k);
    this.refreshDetails();
  }

  refreshDetails() {
    this.details.update(this.step, this.steps, this.values, this.changed, this.full);
  }

  // One sentence for step k.
  narrate(k) {
    const { labels, steps } = this;
    const { phase, id } = steps.at(k);
    if (phase === "start") return labels.at_start;
    if (!id) return labels.at_end;
    const title = this.name(id);
    const inputs = steps.inputs.get(id).map((e) => this.name(this.structure.edges[e].source));
    if (phase === "forward") {
      if (!inputs.length) return fill(labels.says_input, { title });
      return fill(labels.says_forward, { title, inputs: inputs.join(", ") });
    }
    const receivers = steps.inputs.get(id).filter((e) => this.values.has(`${e}/contribution`))
      .map((e) => this.name(this.structure.edges[e].source));
    const sent = steps.uses.get(id).filter((e) => this.values.has(`${e}/contribution`)).length;
    const parts = [];
    if (this.structure.roots.includes(id)) parts.push(fill(labels.says_root, { title }));
    else if (!inputs.length) parts.push(fill(labels.says_leaf, { title }));
    if (sent > 1) parts.push(fill(labels.says_sum, { n: sent }));
    if (receivers.length) parts.push(fill(labels.says_backward, { title, inputs: receivers.join(", ") }));
    else if (steps.nodes.get(id).kind === "group") parts.push(fill(labels.says_inside, { title }));
    return parts.join(" ");
  }

  name(id) {
    return this.steps.nodes.get(id).name;
  }

  // ---- what the learner does ----

  put(name, value) {
    if (this.settled) this.settled[name] = value;
    this.host.set(name, value);
  }

  // A step taken just before a box was opened may reach Python, and come back, only after the new picture: it counts
  // the boxes of the old one. Then the new picture's is said again.
  late(name) {
    const { settled } = this;
    if (!settled || performance.now() > settled.until || this.host.get(name) === settled[name]) return false;
    this.host.set(name, settled[name]);
    return true;
  }

  go(k) {
    k = Math.max(0, Math.min(k, this.steps.last));
    if (k >= this.steps.last) this.play(false);
    const { id } = this.steps.at(k);
    this.changed = new Map();
    this.announcement = null;
    this.put("step", k);
    if (id) {
      this.open(id);
      this.canvas.reveal(id);
    } else {
      this.refresh();
    }
  }

  play(on) {
    clearInterval(this.timer);
    this.timer = null;
    if (on) {
      if (this.step >= this.steps.last) this.go(0);
      this.timer = setInterval(() => this.go(this.step + 1), PLAY_INTERVAL);
    }
    swapIcon(this.playButton, on ? "pause" : "play", on ? this.labels.pause : this.labels.play);
  }

  key(event) {
    const typing = event.target.matches("input:not([type=range]), select");
    if (event.key === "Escape" && this.host.get("selected")) {
      this.open("");
      this.canvas.nodes.get(this.canvas.here)?.group.focus({ preventScroll: true });
      event.stopPropagation();
      return;
    }
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    const press = this.keys()[event.key.toLowerCase()];
    if (!press) return;
    press();
    event.preventDefault();
    event.stopPropagation();
  }

  keys() {
    return { n: () => this.go(this.step + 1), p: () => this.go(this.step - 1), home: () => this.go(0),
      end: () => this.go(this.steps.last), "/": () => this.search.field.focus() };
  }

  open(id) {
    if (this.host.get("selected") !== id) this.put("selected", id);
    else this.reopen();
  }

  reopen() {
    const id = this.host.get("selected");
    this.full.clear();
    this.announcement = null;
    this.details.show(id, this.structure, this.steps, this.host.live);
    this.wantFull();
    this.wantWorked();
    this.refresh();
  }

  // The derivatives of the open node with numbers in them.
  wantWorked() {
    const id = this.host.get("selected");
    if (id) this.host.send({ type: "worked", id });
  }

  // Ask for more elements of the open node than the preview holds.
  wantFull() {
    const id = this.host.get("selected");
    const short = ["value", "gradient"].some((role) => {
      const entry = this.values.get(`${id}/${role}`);
      return entry && entry.count < entry.total;
    });
    if (short && this.host.live) this.host.send({ type: "full", id });
  }

  edit(id, index, value) {
    const node = this.steps.nodes.get(id);
    this.edited = { title: this.name(id), index: indexText(index, node.shape), value: formatNumber(value) };
    // JSON has no NaN and no infinity; Python's float() reads the words.
    this.ask({ type: "edit", id, index, value: Number.isFinite(value) ? value : formatNumber(value) });
  }

  ask(message) {
    this.asked = performance.now();
    clearTimeout(this.patience);
    this.patience = setTimeout(() => this.showAlarm(this.labels.no_kernel), PATIENCE);
    this.host.send(message);
  }

  answered() {
    clearTimeout(this.patience);
    if (this.alarm.textContent === this.labels.no_kernel) this.showAlarm("");
    if (this.asked) this.root.dataset.latency = (performance.now() - this.asked).toFixed(1);
    this.asked = null;
  }

  showError() {
    const error = this.host.get("error");
    if (error) {
      this.answered();
      this.regrouped = null; // there will be no other picture
      this.canvas.kept = null;
      this.drawDepth();
      this.refreshDetails();
    }
    this.showAlarm(error ?? "");
  }

  showAlarm(text) {
    this.alarm.textContent = text;
    this.alarm.hidden = !text;
  }

  toggleTable() {
    this.asTable = !this.asTable;
    this.tableButton.textContent = this.asTable ? this.labels.picture : this.labels.table;
    this.tableButton.setAttribute("aria-pressed", String(this.asTable));
    this.table.hidden = !this.asTable;
    this.canvas.frame.hidden = this.asTable;
    this.refresh();
  }

  // ---- groups ----

  expand(id) {
    const title = this.name(id);
    this.regroup({ type: "expand", id }, id,
      () => fill(this.labels.opened, { title, n: this.structure.nodes.length }));
  }

  collapse(id) {
    const title = this.structure.frames.find((frame) => frame.id === id).name;
    this.regroup({ type: "collapse", id }, id, () => fill(this.labels.closed, { title }));
  }

  toDepth(depth) {
    this.regroup({ type: "depth", depth }, null);
  }

  // Show a node or group, wherever it is.
  reveal(id) {
    if (this.steps.nodes.has(id)) {
      this.open(id);
      this.canvas.choose(id);
      this.canvas.reveal(id);
    } else {
      this.regroup({ type: "reveal", id }, id);
    }
  }

  // Ask for another picture of the same graph: `keep` stays where it is on screen, `say()` is announced.
  regroup(message, keep, say = () => null) {
    this.play(false);
    if (keep) this.canvas.keep(keep, message.type !== "expand" && message.type !== "collapse");
    this.regrouped = say;
    this.turnTo(message);
  }

  // Python draws it; a page without Python turns to a picture that it has (graph_view_page.js).
  turnTo(message) {
    this.ask({ ...message, step: this.step });
  }

  find(text) {
    this.ask({ type: "search", text });
  }

  drawNotice() {
    const said = [headline(this.host.get("marks"), this.labels, (id) => this.reveal(id)),
      this.structure.recorded ? null : html("p", {}, this.labels.not_recorded)].filter(Boolean);
    this.notice.replaceChildren(...said);
    this.notice.hidden = !said.length;
  }

  remove() {
    this.play(false);
    clearTimeout(this.patience);
    this.search.remove();
    this.canvas.remove();
  }
}
