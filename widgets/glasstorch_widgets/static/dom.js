// Small helpers to build HTML and SVG without a library.

const SVG_NAMESPACE = "http://www.w3.org/2000/svg";
const MATHML_NAMESPACE = "http://www.w3.org/1998/Math/MathML";

// html("button", {class: "x", onclick: f, "aria-label": "y"}, "text", child): attributes of value null or false are
// left out, functions become listeners.
export function html(tag, attributes = {}, ...children) {
  return dress(document.createElement(tag), attributes, children);
}

export function svg(tag, attributes = {}, ...children) {
  return dress(document.createElementNS(SVG_NAMESPACE, tag), attributes, children);
}

function dress(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (name === "style") element.style.cssText = value; // a policy of the page may refuse the attribute
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

// Text with what stands in `backticks` as code: the parts to append.
export function withCode(text) {
  return text.split(/`([^`\n]+)`/).map((part, i) => (i % 2 ? html("code", {}, part) : part));
}

// "Step {k} of {n}" with {k: 1, n: 2}.
export function fill(text, values = {}) {
  return text.replace(/\{(\w+)\}/g, (all, name) => (name in values ? String(values[name]) : all));
}

// Icons are drawn, not taken from a font: a machine without emoji shows them too.
const ICONS = {
  first: "M4 3v10M13 3L6 8l7 5z",
  back: "M12 3L5 8l7 5z",
  play: "M4 2l10 6-10 6z",
  pause: "M5 3v10M11 3v10",
  next: "M4 3l7 5-7 5z",
  last: "M3 3l7 5-7 5zM12 3v10",
  zoom_in: "M8 3v10M3 8h10",
  zoom_out: "M3 8h10",
  fit: "M3 6V3h3M10 3h3v3M13 10v3h-3M6 13H3v-3",
  close: "M4 4l8 8M12 4l-8 8",
};

// A named icon, or the path of another.
export function icon(name) {
  return svg(
    "svg",
    { viewBox: "0 0 16 16", width: 16, height: 16, class: "gt-icon", "aria-hidden": "true", focusable: "false" },
    svg("path", { d: ICONS[name] ?? name }),
  );
}

export function iconButton(name, label, onclick) {
  return html("button", { type: "button", class: "gt-button gt-icon-button", title: label, "aria-label": label, onclick },
    icon(name));
}

export function swapIcon(button, name, label) {
  button.replaceChildren(icon(name));
  button.title = label;
  button.setAttribute("aria-label", label);
}

// A <math> element from markup that came over the wire: MathML elements only, no attribute that could act.
export function math(markup) {
  const parsed = new DOMParser().parseFromString(markup, "text/html").querySelector("math");
  if (!parsed) return html("code", {}, markup);
  for (const element of [parsed, ...parsed.querySelectorAll("*")]) {
    if (element.namespaceURI !== MATHML_NAMESPACE || element.localName === "annotation-xml") {
      element.remove();
      continue;
    }
    for (const { name } of [...element.attributes]) {
      if (name.startsWith("on") || name.includes("href") || name === "style") element.removeAttribute(name);
    }
  }
  return document.importNode(parsed, true);
}

export function reducedMotion() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}
