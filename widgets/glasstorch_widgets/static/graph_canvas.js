// The picture: nodes and edges as SVG, with keyboard and zoom. Knows nothing of Python or notebooks.

import { fill, html, reducedMotion, svg } from "./dom.js";
import { drawFrame, firstInside, openCorner, placeOf } from "./graph_frames.js";
import { Minimap } from "./graph_minimap.js";
import { formatNumber, heatImage, shapeText } from "./numbers.js";

const TALLEST = 690;
const SMALLEST = 0.72; // below this a fitted picture can no longer be read; it scrolls instead

export class GraphCanvas {
  // `actions`: open(id) shows a node's details, expand(id) and collapse(id) open and close a group.
  constructor(labels, actions) {
    this.labels = labels;
    this.actions = actions;
    this.zoom = 1;
    this.fitted = true;
    this.element = html("div", { class: "gt-canvas", role: "group", "aria-label": labels.title,
      onkeydown: (event) => this.walk(event) });
    this.minimap = new Minimap(this.element, () => this.zoom);
    this.frame = html("div", { class: "gt-canvas-box" }, this.element, this.minimap.element);
    this.watcher = new ResizeObserver(() => (this.fitted ? this.fit() : this.minimap.follow()));
    this.watcher.observe(this.element);
    this.dragToPan();
  }

  // After the next drawing the keyboard is to be at this box, or at the first box in this frame, which stays where it
  // is on screen. `focus`: also when the keyboard is elsewhere now.
  keep(id, focus) {
    const place = this.structure && placeOf(this.structure, id);
    const { element: box, zoom } = this;
    this.kept = place ? { id, focus, left: place.x * zoom - box.scrollLeft, top: place.y * zoom - box.scrollTop }
      : { id, focus };
  }

  draw(structure, steps) {
    const focused = this.element.contains(document.activeElement);
    this.structure = structure;
    this.steps = steps;
    this.nodes = new Map();
    this.edges = structure.edges.map((edge) => {
      const line = svg("path", { d: edge.path, class: "gt-edge" });
      const [x, y] = edge.tip;
      const tip = svg("path", { d: `M${x - 4} ${y - 7}L${x} ${y}L${x + 4} ${y - 7}Z`, class: "gt-tip" });
      return { group: svg("g", {}, line, tip), line };
    });
    const nodes = structure.nodes.map((node) => this.drawNode(node));
    this.pills = svg("g", { "aria-hidden": "true" });
    const frames = structure.frames.map((frame) => drawFrame(frame, this.labels, this.actions.collapse));
    this.picture = svg("svg", { viewBox: `0 0 ${structure.width} ${structure.height}`, role: "presentation" },
      svg("g", { "aria-hidden": "true" }, frames, this.edges.map((edge) => edge.group)), nodes, this.pills);
    this.element.replaceChildren(this.picture);
    this.settle(focused);
    this.minimap.draw(structure);
  }

  // Where the keyboard and the window are in a new picture.
  settle(focused) {
    const { structure, kept } = this;
    this.kept = null;
    const wanted = kept && (this.nodes.has(kept.id) ? kept.id : firstInside(structure, kept.id));
    if (wanted || !this.nodes.has(this.here)) {
      this.here = wanted ?? structure.roots.at(-1) ?? structure.nodes.at(-1)?.id;
    }
    this.nodes.get(this.here)?.group.setAttribute("tabindex", "0");
    if (this.fitted) this.fit();
    else this.setZoom(this.zoom);
    const place = kept && placeOf(structure, kept.id);
    if (place && kept.left !== undefined) {
      this.element.scrollTo({ left: place.x * this.zoom - kept.left, top: place.y * this.zoom - kept.top,
        behavior: "instant" });
    }
    // The element that had the focus is gone: without this, keys would go to the notebook.
    if (focused || kept?.focus) this.nodes.get(this.here)?.group.focus({ preventScroll: true });
    if (wanted) this.reveal(wanted);
  }

  drawNode(node) {
    const half = (node.width - 34) / 2;
    const closed = node.kind === "group";
    const about = closed && node.operations > 1 ? fill(this.labels.ops_unit, { n: node.operations }) : node.dtype;
    const sub = `${shapeText(node.shape, this.labels.scalar)} · ${about}`;
    const middle = closed ? (node.width - 22) / 2 : node.width / 2; // beside the corner
    const value = svg("g", { class: "gt-thumb" });
    const gradient = svg("g", { class: "gt-thumb gt-thumb-gradient" });
    const root = this.structure.roots.includes(node.id);
    const group = svg("g", {
      class: `gt-node gt-${node.kind}${root ? " gt-root" : ""}`, "data-node": node.id, role: "button", tabindex: "-1",
      transform: `translate(${node.x} ${node.y})`, "aria-expanded": closed ? "false" : null,
      onclick: () => this.choose(node.id), ondblclick: () => closed && this.actions.expand(node.id),
      onfocus: () => this.land(node.id),
    },
    svg("path", { d: node.outline, class: "gt-outline" }),
    svg("text", { x: middle, y: 19, class: "gt-title" }, node.label),
    svg("text", { x: middle, y: 35, class: "gt-sub" }, clipText(sub, 36)),
    value, gradient,
    closed ? openCorner(node, this.labels, this.actions.expand) : null);
    this.nodes.set(node.id, { node, group, value, gradient, half });
    return group;
  }

  // Show step k. `changed` holds the "id/role" keys that the last edit changed.
  update(k, values, changed, selected) {
    const { phase, id } = this.steps.at(k);
    for (const [name, drawn] of this.nodes) {
      const seen = this.steps.valueShown(name, k);
      const value = seen ? values.get(`${name}/value`) : null;
      const gradient = this.steps.gradientShown(name, k) ? values.get(`${name}/gradient`) : null;
      const bad = [value, gradient].some((entry) => entry && entry.nan + entry.inf > 0);
      const now = name === id && phase !== "start";
      this.dress(drawn, value, gradient, {
        "gt-unseen": !seen,
        "gt-now": now,
        "gt-backward": now && phase === "backward",
        "gt-selected": name === selected,
        "gt-touched": changed.has(`${name}/value`) || changed.has(`${name}/gradient`),
        "gt-not-finite": bad || Boolean(seen && values.get(`${name}/health`)?.bad),
      }, values.has(`${name}/gradient`));
    }
    this.minimap.light(phase === "start" ? null : id, selected);
    const flowing = new Set(this.steps.flowing(k));
    this.edges.forEach((edge, i) => {
      edge.group.setAttribute("class", [
        flowing.has(i) ? `gt-flow gt-flow-${phase}` : "",
        this.steps.valueShown(this.structure.edges[i].target, k) ? "" : "gt-unseen",
        this.steps.contributionShown(i, k) && values.has(`${i}/contribution`) ? "gt-carried" : "",
      ].join(" "));
    });
    this.pills.replaceChildren(...[...flowing].map((i) => this.pill(i, phase, values)).filter(Boolean));
  }

  // One node's look at a step. Most nodes look as they did at the step before, and are left alone.
  dress(drawn, value, gradient, marks, hasGradient) {
    const { node, group, half } = drawn;
    const look = Object.values(marks).map(Number).join("");
    if (drawn.look === look && drawn.valueEntry === value && drawn.gradientEntry === gradient) {
      group.setAttribute("aria-label", drawn.said);
      return;
    }
    drawn.look = look;
    drawn.said = this.describe(node, value, gradient);
    // A node without a gradient gives its value the whole width.
    this.thumb(drawn, "value", value, 14, hasGradient ? half : 2 * half + 6, "");
    this.thumb(drawn, "gradient", gradient, 20 + half, half, "∇ ");
    for (const [name, on] of Object.entries(marks)) group.classList.toggle(name, on);
    group.setAttribute("aria-pressed", String(marks["gt-selected"]));
    group.setAttribute("aria-label", drawn.said);
  }

  thumb(drawn, which, entry, x, width, prefix) {
    const place = drawn[which];
    if (drawn[`${which}Entry`] === entry) return;
    drawn[`${which}Entry`] = entry;
    if (!entry || !entry.count) {
      place.replaceChildren();
    } else if (entry.total === 1) {
      place.replaceChildren(svg("text", { x: x + width / 2, y: 55, class: "gt-number" },
        prefix + formatNumber(entry.data[0])));
    } else {
      place.replaceChildren(
        svg("rect", { x: x - 0.5, y: 42.5, width: width + 1, height: 16, class: "gt-frame" }),
        svg("image", { x, y: 43, width, height: 15, preserveAspectRatio: "none", href: heatImage(entry) }));
    }
  }

  // What travels along an edge in this step: a number, or a small picture.
  pill(index, phase, values) {
    const edge = this.structure.edges[index];
    const entry = phase === "forward" ? values.get(`${edge.source}/value`) : values.get(`${index}/contribution`);
    if (!entry || !entry.count) return null;
    const line = this.edges[index].line;
    const at = line.getPointAtLength(line.getTotalLength() / 2);
    const single = entry.total === 1;
    const text = single ? formatNumber(entry.data[0]) : "";
    const width = single ? Math.max(26, text.length * 7 + 10) : 44;
    return svg("g", { class: `gt-pill gt-pill-${phase}`, transform: `translate(${at.x - width / 2} ${at.y - 9})` },
      svg("rect", { width, height: 18, rx: 5 }),
      single ? svg("text", { x: width / 2, y: 13 }, text)
        : svg("image", { x: 4, y: 4, width: width - 8, height: 10, preserveAspectRatio: "none",
          href: heatImage(entry) }));
  }

  describe(node, value, gradient) {
    const { labels } = this;
    const parts = [node.name, labels[`kind_${node.kind}`], `${shapeText(node.shape, labels.scalar)} ${node.dtype}`];
    if (node.kind === "group") parts.push(fill(labels.ops_unit, { n: node.operations }));
    if (value?.total === 1) parts.push(`${labels.value} ${formatNumber(value.data[0])}`);
    if (gradient?.total === 1) parts.push(`${labels.gradient} ${formatNumber(gradient.data[0])}`);
    if (node.module) parts.push(node.module);
    return parts.join(", ");
  }

  choose(id) {
    this.nodes.get(id).group.focus({ preventScroll: true });
    this.actions.open(id);
  }

  // Only one node at a time is in the tab order.
  land(id) {
    this.nodes.get(this.here)?.group.setAttribute("tabindex", "-1");
    this.here = id;
    this.nodes.get(id).group.setAttribute("tabindex", "0");
  }

  // Arrows follow edges: down to a use, up to an input; left and right go to the next box at the same height. Plus and
  // minus open a closed group and close the one around.
  walk(event) {
    const { edges } = this.structure;
    const across = (ids) => ids.sort((a, b) => this.nodes.get(a).node.x - this.nodes.get(b).node.x);
    const node = this.nodes.get(this.here)?.node;
    if (!node || event.ctrlKey || event.metaKey || event.altKey) return;
    const closed = node.kind === "group";
    let to;
    if (event.key === "ArrowDown") to = across(this.steps.uses.get(node.id).map((e) => edges[e].target))[0];
    else if (event.key === "ArrowUp") to = across(this.steps.inputs.get(node.id).map((e) => edges[e].source))[0];
    else if (event.key === "ArrowLeft" || event.key === "ArrowRight") to = this.beside(node, event.key === "ArrowLeft");
    else if (closed && ["Enter", "+", "="].includes(event.key)) this.actions.expand(node.id);
    else if (event.key === "-" && node.parent) this.actions.collapse(node.parent);
    else if (event.key === "Enter" || event.key === " ") this.actions.open(node.id);
    else return;
    event.preventDefault();
    event.stopPropagation();
    if (to) {
      this.nodes.get(to).group.focus({ preventScroll: true });
      this.reveal(to);
    }
  }

  // The nearest box to the left or right whose height range overlaps.
  beside(node, left) {
    let best = null;
    for (const { node: other } of this.nodes.values()) {
      const distance = left ? node.x - other.x : other.x - node.x;
      const overlaps = other.y < node.y + node.height && node.y < other.y + other.height;
      if (overlaps && distance > 0 && (!best || distance < best.distance)) best = { id: other.id, distance };
    }
    return best?.id;
  }

  reveal(id) {
    const node = this.nodes.get(id)?.node;
    if (!node) return;
    const { element: box, zoom } = this;
    const margin = 30;
    const left = node.x * zoom, right = (node.x + node.width) * zoom;
    const top = node.y * zoom, bottom = (node.y + node.height) * zoom;
    const to = { left: box.scrollLeft, top: box.scrollTop, behavior: reducedMotion() ? "auto" : "smooth" };
    if (left < box.scrollLeft + margin) to.left = left - margin;
    else if (right > box.scrollLeft + box.clientWidth - margin) to.left = right - box.clientWidth + margin;
    if (top < box.scrollTop + margin) to.top = top - margin;
    else if (bottom > box.scrollTop + box.clientHeight - margin) to.top = bottom - box.clientHeight + margin;
    if (to.left !== box.scrollLeft || to.top !== box.scrollTop) box.scrollTo(to);
  }

  fit() {
    const room = this.element.clientWidth;
    if (!room || !this.structure) return;
    const { width, height } = this.structure;
    const whole = Math.min(1.1, (room - 2) / width, TALLEST / height);
    this.fitted = true;
    this.setZoom(Math.max(whole, SMALLEST));
    const root = this.structure.roots.at(-1);
    if (whole < this.zoom && root) this.element.scrollLeft = (width * this.zoom - room) / 2;
  }

  zoomBy(factor) {
    this.fitted = false;
    this.setZoom(Math.max(0.2, Math.min(3, this.zoom * factor)));
  }

  setZoom(zoom) {
    this.zoom = zoom;
    this.picture.setAttribute("width", Math.round(this.structure.width * zoom));
    this.picture.setAttribute("height", Math.round(this.structure.height * zoom));
    const height = Math.min(TALLEST, Math.round(this.structure.height * zoom)) + 4;
    this.element.style.height = `${height}px`;
    this.frame.parentElement?.style.setProperty("--gt-canvas-height", `${height}px`);
    this.minimap.follow();
  }

  dragToPan() {
    const box = this.element;
    let from = null;
    box.addEventListener("pointerdown", (event) => {
      if (event.target.closest(".gt-node, .gt-corner") || event.button !== 0 || event.pointerType !== "mouse") return;
      from = { x: event.clientX + box.scrollLeft, y: event.clientY + box.scrollTop };
      box.setPointerCapture(event.pointerId);
    });
    box.addEventListener("pointermove", (event) => {
      if (from) box.scrollTo(from.x - event.clientX, from.y - event.clientY);
    });
    box.addEventListener("pointerup", () => (from = null));
    box.addEventListener("pointercancel", () => (from = null));
    box.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      this.zoomBy(event.deltaY < 0 ? 1.1 : 1 / 1.1);
    }, { passive: false });
  }

  remove() {
    this.watcher.disconnect();
  }
}

function clipText(text, most) {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}
