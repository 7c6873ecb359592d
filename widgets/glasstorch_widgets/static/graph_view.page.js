// GraphView on a plain page: start(host element, state). The state has the widget's trait names.

import { plainHost } from "./dom.js";
import { GraphView } from "./graph_view.js";

export function start(element, state) {
  return new GraphView(element, plainHost(state));
}
