// The whole picture small, with the part in view marked; drag the mark, or click, to go elsewhere. Only shown while the
// picture is larger than its window. Keyboards have no use for it: moving from node to node scrolls.

import { svg } from "./dom.js";

const WIDEST = 110;
const TALLEST_MAP = 150;
const WORTH = 1.4; // times its window, from which on the picture needs a map

export class Minimap {
  // `box` is the scrolling element; `zoom()` gives its pixels per unit of the picture.
  constructor(box, zoom) {
    this.box = box;
    this.zoom = zoom;
    this.mark = svg("rect", { class: "gt-mini-mark" });
    this.dots = svg("g");
    this.element = svg("svg", { class: "gt-minimap", "aria-hidden": "true" }, this.dots, this.mark);
    this.element.addEventListener("pointerdown", (event) => this.grab(event));
    this.element.addEventListener("pointermove", (event) => this.held && this.centre(event));
    for (const end of ["pointerup", "pointercancel"]) this.element.addEventListener(end, () => (this.held = false));
    box.addEventListener("scroll", () => this.follow(), { passive: true });
  }

  draw(structure) {
    this.size = structure;
    this.scale = Math.min(WIDEST / structure.width, TALLEST_MAP / structure.height);
    this.element.setAttribute("width", Math.ceil(structure.width * this.scale));
    this.element.setAttribute("height", Math.ceil(structure.height * this.scale));
    this.element.setAttribute("viewBox", `0 0 ${structure.width} ${structure.height}`);
    const rect = (part, kind) => svg("rect", { class: `gt-mini-${kind}`, x: part.x, y: part.y, width: part.width,
      height: part.height });
    this.spots = new Map(structure.nodes.map((node) => [node.id, rect(node, node.kind)]));
    this.dots.replaceChildren(...structure.frames.map((frame) => rect(frame, "frame")), ...this.spots.values());
    this.follow();
  }

  // Mark the node of the current step and the selected one.
  light(now, selected) {
    for (const [id, spot] of this.spots) {
      spot.classList.toggle("gt-mini-now", id === now);
      spot.classList.toggle("gt-mini-selected", id === selected);
    }
  }

  follow() {
    if (!this.size) return;
    const { box } = this;
    const zoom = this.zoom();
    const larger = box.scrollWidth > WORTH * box.clientWidth || box.scrollHeight > WORTH * box.clientHeight;
    this.element.classList.toggle("gt-mini-off", !larger);
    const place = { x: box.scrollLeft / zoom, y: box.scrollTop / zoom, width: box.clientWidth / zoom,
      height: box.clientHeight / zoom };
    for (const [name, value] of Object.entries(place)) this.mark.setAttribute(name, value);
  }

  grab(event) {
    event.preventDefault();
    event.stopPropagation();
    this.held = true;
    this.element.setPointerCapture(event.pointerId);
    this.centre(event);
  }

  centre(event) {
    const { box } = this;
    const frame = this.element.getBoundingClientRect();
    const zoom = this.zoom();
    const x = ((event.clientX - frame.left) / this.scale) * zoom - box.clientWidth / 2;
    const y = ((event.clientY - frame.top) / this.scale) * zoom - box.clientHeight / 2;
    box.scrollTo({ left: x, top: y, behavior: "instant" });
  }
}
