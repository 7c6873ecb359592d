// Check in a notebook.

import { notebookHost } from "./dom.js";
import { Check } from "./check.js";

function render({ model, el }) {
  const closing = new AbortController();
  new Check(el, notebookHost(model, closing.signal));
  return () => closing.abort();
}

export default { render };
