// A view at home in any web page, as an element (see home_widget.js).

import { plainHost } from "./home_page.js";

// A custom element. Its state is JSON, in a <script type="application/json"> inside it or at the address in `src`.
export function asElement(View, name) {
  class ViewElement extends HTMLElement {
    async connectedCallback() {
      const { src } = this.attributes;
      const inside = this.querySelector('script[type="application/json"]');
      if (!src && !inside) return;
      const state = src ? await (await fetch(src.value)).json() : JSON.parse(inside.textContent);
      const root = document.createElement("div");
      this.replaceChildren(root);
      this.view = new View(root, plainHost(state));
    }

    disconnectedCallback() {
      this.view?.remove?.();
    }
  }
  if (!customElements.get(name)) customElements.define(name, ViewElement);
  return ViewElement;
}
