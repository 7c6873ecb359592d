// A view at home in a notebook. A view is a class `new View(root, host)`; the host's members are get, set, on, send and
// live, the same at every home, and in a notebook child.

// A host for a view in a notebook: the same members over an anywidget model.
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
    // Another widget, as a trait names it ("IPY_MODEL_..."), drawn as an element of its own.
    async child(name) {
      const child = await model.widget_manager.get_model(name.replace("IPY_MODEL_", ""));
      const view = await model.widget_manager.create_view(child);
      signal.addEventListener("abort", () => view.remove());
      return view.el;
    },
    live: true,
  };
}

// Keys pressed inside a view are the view's: Notebook 7 looks for its shortcuts before any element hears a key, and an
// arrow would leave the view for the next cell. Saving, running the cell and the like stay the notebook's.
function keepKeys(el, signal) {
  const decide = ({ target, key, shiftKey, ctrlKey, metaKey }) => {
    const forNotebook = ctrlKey || metaKey || (shiftKey && key === "Enter");
    if (el.contains(target)) target.toggleAttribute("data-lm-suppress-shortcuts", !forNotebook);
  };
  window.addEventListener("keydown", decide, { capture: true, signal });
}

// What a notebook front end expects of a module (https://anywidget.dev/en/afm/).
export function asWidget(View) {
  return {
    render({ model, el }) {
      const closing = new AbortController();
      const view = new View(el, notebookHost(model, closing.signal));
      keepKeys(el, closing.signal);
      return () => {
        closing.abort();
        view.remove?.();
      };
    },
  };
}
