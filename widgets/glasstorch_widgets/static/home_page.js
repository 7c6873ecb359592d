// A view at home on a page of its own, without Python (see home_widget.js).

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

// start(element, state): the view without Python. The state has the names of the widget's traits.
export function asPage(View) {
  return (element, state) => new View(element, plainHost(state));
}
