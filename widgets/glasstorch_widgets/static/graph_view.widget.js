// GraphView in a notebook.

import { notebookHost } from "./dom.js";
import { GraphView } from "./graph_view.js";

function render({ model, el }) {
  const closing = new AbortController();
  const view = new GraphView(el, notebookHost(model, closing.signal));
  return () => {
    closing.abort();
    view.remove();
  };
}

export default { render };
