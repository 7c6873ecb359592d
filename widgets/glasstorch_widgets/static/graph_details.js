// The panel beside the picture: everything about one node.

import { fill, html, iconButton, math } from "./dom.js";
import { groupFacts } from "./graph_groups.js";
import { markNote } from "./graph_marks.js";
import { formatNumber, shapeText } from "./numbers.js";
import { TensorGrid } from "./tensor_grid.js";

export class GraphDetails {
  // `actions`: edit(id, index, value), close(), focus(id), open(id), expand(id), reveal(id), health(id), marks(),
  // line(source), work(edge, index).
  constructor(labels, actions) {
    this.labels = labels;
    this.actions = actions;
    this.element = html("div", { class: "gt-details", role: "group", "aria-label": labels.node });
    this.id = null;
    this.parts = [];
  }

  show(id, structure, steps, live) {
    this.id = id;
    this.parts = [];
    this.sums = new Map();
    const node = steps.nodes.get(id);
    const { labels } = this;
    if (!node) {
      this.element.replaceChildren(this.legend());
      return;
    }
    if (node.kind === "group") {
      this.showGroup(node, steps, structure, live);
      return;
    }
    const fact = (name, value) => (value || value === 0 ? [html("dt", {}, labels[name]), html("dd", {}, value)] : []);
    const source = node.source
      ? html("div", { class: "gt-source" }, html("span", { class: "gt-line" }, String(node.source.line)),
        html("code", {}, node.source.text.trim()),
        live && !node.source.file ? html("button", { type: "button", class: "gt-link",
          onclick: () => this.actions.line(node.source) }, labels.source_go) : null)
      : null;
    this.element.replaceChildren(...[
      html("div", { class: "gt-head" }, html("span", { class: `gt-badge gt-${node.kind}` }, labels[`kind_${node.kind}`]),
        html("h3", {}, node.name), iconButton("close", labels.close, () => this.actions.close())),
      markNote(this.actions.marks(), id),
      node.formula ? html("div", { class: "gt-formula" }, math(node.formula)) : null,
      source,
      html("dl", {}, fact("module", node.module), fact("shape", shapeText(node.shape, labels.scalar)),
        fact("dtype", node.dtype), fact("args", node.args), fact("bytes", `${node.bytes} ${labels.bytes_unit}`),
        fact("device", node.device), fact("source", node.source ? node.source.file : "")),
      this.focusButton(node, structure, live),
      this.array(node, "value", live && node.editable),
      this.gradientSection(node, structure, steps),
      this.localSection(node, structure, steps),
    ].filter(Boolean));
  }

  showGroup(node, steps, structure, live) {
    const { labels } = this;
    const section = (role, title) => {
      const part = this.array(node, role, false);
      part.querySelector("h4").textContent = title;
      return part;
    };
    this.element.replaceChildren(...[
      html("div", { class: "gt-head" }, html("span", { class: "gt-badge gt-group" }, labels.kind_group),
        html("h3", {}, node.name), iconButton("close", labels.close, () => this.actions.close())),
      markNote(this.actions.marks(), node.id),
      ...groupFacts(node, this.actions.health(node.id), labels, this.actions),
      this.focusButton(node, structure, live),
      section("value", labels.last_result), section("gradient", labels.last_gradient),
    ].filter(Boolean));
  }

  focusButton(node, structure, live) {
    if (!live || !structure.frames.some((frame) => frame.id !== node.parent)) return null;
    return html("button", { type: "button", class: "gt-button", onclick: () => this.actions.focus(node.id) },
      this.labels.focus);
  }

  array(node, role, editable) {
    const grid = new TensorGrid(this.labels, node.name,
      editable ? (index, value) => this.actions.edit(node.id, index, value) : null);
    const hint = editable ? html("div", { class: "gt-note" }, this.labels.edit_hint) : null;
    return this.section(this.labels[role], grid, `${node.id}/${role}`, hint,
      role === "value" ? (steps, k) => steps.valueShown(node.id, k) : (steps, k) => steps.gradientShown(node.id, k),
      role === "value" ? this.labels.no_value : this.labels.no_gradient);
  }

  // At a fan-out the gradient is a sum, and the parts are shown first.
  gradientSection(node, structure, steps) {
    const section = this.array(node, "gradient", false);
    const uses = steps.uses.get(node.id);
    if (uses.length < 2 || !node.requires_grad) return section;
    const rows = uses.map((e, i) => {
      const target = steps.nodes.get(structure.edges[e].target);
      return this.contribution(e, structure, steps,
        [i ? html("span", { class: "gt-sign", "aria-hidden": "true" }, "+") : null, this.link(target, "from_use")]);
    });
    section.prepend(html("h4", {}, fill(this.labels.fan_out, { n: uses.length })), ...rows,
      html("span", { class: "gt-sign", "aria-hidden": "true" }, "="));
    return section;
  }

  localSection(node, structure, steps) {
    const inputs = steps.inputs.get(node.id).filter((e) => structure.edges[e].formula);
    if (!inputs.length) return null;
    return html("div", { class: "gt-section" }, html("h4", {}, this.labels.local), inputs.map((e) =>
      this.contribution(e, structure, steps, [
        html("span", { class: "gt-arg" }, structure.edges[e].arg),
        this.link(steps.nodes.get(structure.edges[e].source), "contribution_to"),
      ])));
  }

  contribution(edge, structure, steps, heading) {
    const { formula } = structure.edges[edge];
    const key = edgeKey(structure.edges[edge]);
    const grid = new TensorGrid(this.labels, `${structure.edges[edge].arg} ${this.labels.gradient}`, null,
      (index) => this.actions.work(key, index));
    // A long sum scrolls, so the keyboard must reach it.
    const sum = html("div", { class: "gt-worked", "aria-live": "polite", hidden: true, tabindex: 0, role: "group",
      "aria-label": `${structure.edges[edge].arg} ${this.labels.gradient}` });
    this.sums.set(key, { sum, grid });
    const row = this.section(null, grid, `${edge}/contribution`, null,
      (reached, k) => reached.contributionShown(edge, k), this.labels.no_gradient);
    row.classList.add("gt-contribution");
    row.prepend(html("div", { class: "gt-contribution-head" }, heading, formula ? math(formula) : null));
    row.append(sum);
    return row;
  }

  // The formulas of this node's edges with numbers in them: `worked` by edge key, {index, mathml, where}.
  fillIn(worked) {
    for (const [key, { index, mathml, where }] of Object.entries(worked)) {
      const place = this.sums?.get(key);
      if (!place) continue;
      place.sum.replaceChildren(where ? html("span", { class: "gt-arg" }, where) : "", math(mathml));
      place.known = true;
      place.grid.mark(index);
    }
  }

  link(node, text) {
    return html("button", { type: "button", class: "gt-link", onclick: () => this.actions.open(node.id) },
      fill(this.labels[text], { title: node.name }));
  }

  section(title, grid, key, hint, shown, missing) {
    const note = html("div", { class: "gt-note" });
    const element = html("div", { class: "gt-section", "data-array": key },
      title ? html("h4", {}, title) : null, hint, grid.element, note);
    this.parts.push({ grid, key, shown, note, missing, hint });
    return element;
  }

  // `full` holds longer arrays that were asked for after opening.
  update(k, steps, values, changed, full) {
    for (const { grid, key, shown, note, missing, hint } of this.parts) {
      const entry = full.get(key) ?? values.get(key);
      const visible = entry && shown(steps, k);
      grid.element.hidden = !visible;
      if (hint) hint.hidden = !visible;
      note.hidden = Boolean(visible);
      note.textContent = entry ? this.labels.not_yet : missing;
      if (visible) grid.update(entry, changed.get(key));
    }
    for (const place of this.sums?.values() ?? []) place.sum.hidden = !place.known || place.grid.element.hidden;
  }

  legend() {
    const { labels } = this;
    const item = (shape, text) => html("li", {}, html("span", { class: `gt-swatch ${shape}`, "aria-hidden": "true" }), text);
    return html("div", { class: "gt-legend" }, html("p", {}, labels.open_node), html("ul", {},
      item("gt-leaf", labels.legend_leaf), item("gt-constant", labels.legend_constant), item("gt-op", labels.legend_op),
      item("gt-group", labels.legend_group),
      item("gt-positive", labels.legend_positive), item("gt-negative", labels.legend_negative),
      item("gt-bad", labels.legend_bad)));
  }
}

// What an edge is called in messages to Python.
export function edgeKey(edge) {
  return `${edge.source}|${edge.target}|${edge.arg}`;
}

// The same graph as a table, for those who read better than they see.
export function graphTable(structure, steps, k, values, labels, open) {
  const text = (key, shown) => {
    const entry = shown ? values.get(key) : null;
    if (!entry) return "";
    return entry.total === 1 ? formatNumber(entry.data[0]) : `${formatNumber(entry.min)} … ${formatNumber(entry.max)}`;
  };
  const heads = ["node", "shape", "dtype", "inputs", "value", "gradient", "source"];
  return html("table", { class: "gt-table" },
    html("caption", {}, labels.title),
    html("thead", {}, html("tr", {}, heads.map((name) => html("th", { scope: "col" }, labels[name])))),
    html("tbody", {}, structure.forward_order.map((id) => {
      const node = steps.nodes.get(id);
      const inputs = steps.inputs.get(id).map((e) => steps.nodes.get(structure.edges[e].source).name).join(", ");
      return html("tr", { class: steps.at(k).id === id ? "gt-now" : "" },
        html("th", { scope: "row" }, html("button", { type: "button", class: "gt-link", onclick: () => open(id) }, node.name),
          " ", html("small", {}, labels[`kind_${node.kind}`])),
        html("td", {}, shapeText(node.shape, labels.scalar)), html("td", {}, node.dtype), html("td", {}, inputs),
        html("td", {}, text(`${id}/value`, steps.valueShown(id, k))),
        html("td", {}, text(`${id}/gradient`, steps.gradientShown(id, k))),
        html("td", {}, node.source ? html("code", {}, node.source.text.trim()) : ""));
    })));
}
