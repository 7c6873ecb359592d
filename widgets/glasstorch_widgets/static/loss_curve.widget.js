// LossCurve in a notebook.

import { notebookHost } from "./dom.js";
import { LossCurve } from "./loss_curve.js";

function render({ model, el }) {
  const closing = new AbortController();
  const view = new LossCurve(el, notebookHost(model, closing.signal));
  return () => {
    closing.abort();
    view.remove();
  };
}

export default { render };
