// Where a view can live: in a notebook, on a page of its own, or as an element of any web page. A view is a class
// `new View(root, host)`; the host's members are get, set, on, send and live, the same at every home.

// A host for a view that runs without Python: `state` is a plain object, messages go nowhere.
export function plainHost(state) {
  const listeners = new Map();
  return {
    get: (name) => state[name],
    set(name, value) {
      state[name] = value;
      for (const call of listeners.get(name) ?? []) call();
    },
    on(name, call) {
      listeners.set(name, [...(listeners.get(name) ?? []), call]);
    },
    send: () => false,
    live: false,
  };
}

// A host for a view in a notebook: the same five members over an anywidget model.
export function notebookHost(model, signal) {
  return {
    get: (name) => model.get(name),
    set(name, value) {
      model.set(name, value);
      model.save_changes();
    },
    on(name, call) {
      const event = name === "custom message" ? "msg:custom" : `change:${name}`;
      model.on(event, call);
      signal.addEventListener("abort", () => model.off(event, call));
    },
    send(message) {
      model.send(message);
      return true;
    },
    live: true,
  };
}

// What a notebook front end expects of a module (https://anywidget.dev/en/afm/).
export function asWidget(View) {
  return {
    render({ model, el }) {
      const closing = new AbortController();
      const view = new View(el, notebookHost(model, closing.signal));
      return () => {
        closing.abort();
        view.remove?.();
      };
    },
  };
}

// start(element, state): the view without Python. The state has the names of the widget's traits.
export function asPage(View) {
  return (element, state) => new View(element, plainHost(state));
}

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
