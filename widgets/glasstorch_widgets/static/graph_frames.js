// Frames around what an open group holds, and the signs on closed ones. Drawing only.

import { fill, svg } from "./dom.js";

// One frame: its border, its name, and a button that closes it. Keyboards close it with "-" from any node inside.
export function drawFrame(frame, labels, close) {
  const title = fill("{action}: {name}", { action: labels.collapse, name: frame.name });
  return svg("g", { class: "gt-group-frame", "data-frame": frame.id, transform: `translate(${frame.x} ${frame.y})` },
    svg("rect", { width: frame.width, height: frame.height, rx: 8 }),
    svg("text", { x: 26, y: 15 }, frame.label),
    corner("M4 8h8", { x: 5, y: 4 }, title, () => close(frame.id)));
}

// The sign on a closed group that opens it.
export function openCorner(node, labels, open) {
  return corner("M8 4v8M4 8h8", { x: node.width - 25, y: 4 }, fill("{action}: {name}", { action: labels.expand, name: node.name }),
    () => open(node.id));
}

function corner(path, at, title, press) {
  return svg("g", { class: "gt-corner", "aria-hidden": "true", transform: `translate(${at.x} ${at.y})`,
    onclick: (event) => {
      event.stopPropagation();
      press();
    } },
  svg("title", {}, title), svg("rect", { width: 16, height: 16, rx: 4 }), svg("path", { d: path }));
}

// Where a name is: a drawn box, or a frame; null for what is not drawn.
export function placeOf(structure, id) {
  return structure.nodes.find((node) => node.id === id) ?? structure.frames.find((frame) => frame.id === id) ?? null;
}

// The topmost box inside a frame, where the keyboard goes when it has opened.
export function firstInside(structure, id) {
  const parents = new Map(structure.frames.map((frame) => [frame.id, frame.parent]));
  const within = (parent) => {
    for (let at = parent; at; at = parents.get(at)) if (at === id) return true;
    return false;
  };
  const inside = structure.nodes.filter((node) => within(node.parent));
  return inside.sort((a, b) => a.y - b.y || a.x - b.x)[0]?.id ?? null;
}
