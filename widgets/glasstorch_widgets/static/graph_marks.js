// What is painted onto the picture besides its numbers: failures, where NaN began and its way, differences.

import { html, svg } from "./dom.js";

const WARNING = "M8 1L15 14H1ZM8 5.5v4M8 11.6v.4";

// `marks` as Python sends them: {nodes: {id: {kind, text}}, lines: [edge numbers], headline}. Call after each update of
// the canvas, which sets its classes and labels anew.
export function paintMarks(canvas, marks) {
  const { nodes = {}, lines = [] } = marks ?? {};
  for (const [id, { node, group }] of canvas.nodes) {
    const mark = nodes[id];
    for (const kind of ["failed", "origin", "path", "differs"]) group.classList.toggle(`gt-mark-${kind}`, mark?.kind === kind);
    group.classList.toggle("gt-mark-first", marks?.headline?.id === id);
    group.querySelector(".gt-mark")?.remove();
    if (!mark) continue;
    if (mark.kind !== "path") {
      group.append(svg("g", { class: "gt-mark", transform: `translate(${node.width - 14} -7)` },
        svg("path", { d: WARNING })));
    }
    group.setAttribute("aria-label", `${group.getAttribute("aria-label")}, ${firstLine(mark.text)}`);
  }
  for (const line of lines) canvas.edges[line]?.group.classList.add("gt-bad-way");
}

// The sentence above the picture, with a button that leads to the node.
export function headline(marks, labels, go) {
  if (!marks?.headline) return null;
  const { id, text } = marks.headline;
  return html("p", { class: "gt-headline" }, svg("svg", { viewBox: "0 0 16 16", width: 16, height: 16, class: "gt-mark",
    "aria-hidden": "true" }, svg("path", { d: WARNING })), html("span", {}, text), " ",
  html("button", { type: "button", class: "gt-button", onclick: () => go(id) }, labels.mark_go));
}

// What is said of one node in its details.
export function markNote(marks, id) {
  const mark = marks?.nodes?.[id];
  if (!mark) return null;
  const [first, ...more] = mark.text.split("\n");
  return html("div", { class: `gt-note gt-mark-note gt-mark-${mark.kind}` }, first,
    more.length ? html("pre", {}, more.join("\n")) : null);
}

function firstLine(text) {
  return text.split("\n", 1)[0];
}
