// GraphView in a notebook: nodes show the line they came from, and a slider goes through the moments of a training.

import { GraphView } from "./graph_view.js";
import { MomentSlider } from "./graph_moments.js";
import { NotebookLines } from "./notebook_lines.js";

export class GraphNotebook extends GraphView {
  constructor(root, host) {
    super(root, host);
    for (const trait of ["moments", "moment"]) host.on(trait, () => this.refresh());
    const box = this.canvas.element;
    for (const type of ["pointerover", "focusin"]) box.addEventListener(type, (event) => this.point(event));
    for (const type of ["pointerleave", "focusout"]) box.addEventListener(type, () => this.lines.clear());
  }

  more() {
    this.moments = new MomentSlider(this.labels, (index) => this.toMoment(index));
    return [this.moments.element];
  }

  redraw() {
    this.lines = new NotebookLines(this.host.get("structure").nodes.map((node) => node.source));
    super.redraw();
  }

  refresh() {
    super.refresh();
    this.moments.update(this.host.get("moments"), this.host.get("moment"));
  }

  keys() {
    const now = this.host.get("moment");
    return { ...super.keys(), "[": () => this.toMoment(now - 1), "]": () => this.toMoment(now + 1) };
  }

  toMoment(index) {
    const count = this.host.get("moments")?.labels?.length ?? 0;
    if (index >= 0 && index < count) this.ask({ type: "moment", index });
  }

  // The line of the node under the pointer or the keyboard.
  point(event) {
    const box = event.target.closest?.("[data-node]");
    const source = box && this.steps.nodes.get(box.dataset.node)?.source;
    if (source) this.lines.show(source);
    else this.lines.clear();
  }

  showLine(source) {
    this.lines.show(source)?.scrollIntoView({ block: "center" });
  }

  remove() {
    this.lines.clear();
    super.remove();
  }
}
