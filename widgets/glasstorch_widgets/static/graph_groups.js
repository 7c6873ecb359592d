// What the details say of a closed group.

import { fill, html } from "./dom.js";
import { formatNumber, shapeText } from "./numbers.js";

// `health` are the numbers of not finite elements, where the first is, and the norm of its parameters' gradients.
export function groupFacts(node, health, labels, actions) {
  const shapes = (list) => list.map((shape) => shapeText(shape, labels.scalar)).join(", ");
  const fact = (name, value) => (value || value === 0 ? [html("dt", {}, labels[name]), html("dd", {}, value)] : []);
  const many = (n) => n.toLocaleString("en").replaceAll(",", "\u202f");
  const norm = health?.gradient_norm;
  return [
    html("div", { class: "gt-group-actions" },
      html("button", { type: "button", class: "gt-button gt-primary", onclick: () => actions.expand(node.id) },
        labels.expand)),
    html("dl", {}, fact("module", node.module), fact("operations", many(node.operations)),
      fact("parameters", many(node.parameters)), fact("inputs", shapes(node.inputs)),
      fact("outputs", shapes(node.outputs)), fact("bytes", `${many(node.bytes)} ${labels.bytes_unit}`),
      fact("gradient_norm", norm === null || norm === undefined ? "" : formatNumber(norm))),
    health?.bad ? html("p", { class: "gt-bad-inside" }, fill(labels.not_finite_inside, { n: many(health.bad) }), " ",
      html("button", { type: "button", class: "gt-link", onclick: () => actions.reveal(health.worst) },
        labels.show_worst)) : null,
  ];
}
