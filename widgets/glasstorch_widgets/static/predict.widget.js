// Predict in a notebook.

import { notebookHost } from "./dom.js";
import { Predict } from "./predict.js";

function render({ model, el }) {
  const closing = new AbortController();
  new Predict(el, notebookHost(model, closing.signal));
  return () => closing.abort();
}

export default { render };
