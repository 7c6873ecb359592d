// The search field: everything in the graph, also what is not drawn.

import { fill, html } from "./dom.js";

const PAUSE = 150; // milliseconds after the last key before asking

export class GraphSearch {
  // `ask(text)` answers through `show`; `go(id)` is called with the hit that was chosen.
  constructor(labels, ask, go) {
    this.labels = labels;
    this.go = go;
    this.ask = ask;
    this.field = html("input", { type: "search", placeholder: labels.search_hint, "aria-label": labels.search,
      oninput: () => this.typed() });
    this.count = html("span", { class: "gt-visually-hidden", role: "status" });
    this.list = html("ul", { class: "gt-results", "aria-label": labels.search, hidden: true });
    this.element = html("div", { class: "gt-search", onkeydown: (event) => this.key(event) }, this.field, this.count, this.list);
  }

  typed() {
    clearTimeout(this.timer);
    const text = this.field.value.trim();
    if (text) this.timer = setTimeout(() => this.ask(text), PAUSE);
    else this.close();
  }

  show(text, hits) {
    if (text !== this.field.value.trim()) return; // an answer to what was typed before
    this.count.textContent = hits.length ? fill(this.labels.found, { n: hits.length }) : this.labels.no_hits;
    this.list.replaceChildren(...(hits.length ? hits.map((hit) => html("li", {}, html("button", { type: "button",
      class: "gt-link", onclick: () => this.choose(hit.id) },
    [hit.title, hit.shape, hit.module].filter(Boolean).join(" · ")))) : [html("li", {}, this.labels.no_hits)]));
    this.list.hidden = false;
  }

  // Down and up walk through the hits and back to the field, Enter takes the first.
  key(event) {
    const hits = [...this.list.querySelectorAll("button")];
    const at = hits.indexOf(document.activeElement);
    if (event.key === "ArrowDown") hits[at + 1]?.focus();
    else if (event.key === "ArrowUp") (hits[at - 1] ?? this.field).focus();
    else if (event.key === "Enter" && at < 0) hits[0]?.click();
    else if (event.key === "Escape") {
      this.close();
      this.field.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  choose(id) {
    this.close();
    this.go(id);
  }

  close() {
    this.list.hidden = true;
    this.count.textContent = "";
    this.field.value = "";
  }

  remove() {
    clearTimeout(this.timer);
  }
}
