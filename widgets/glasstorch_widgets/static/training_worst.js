// Worst: the examples on which a model is most wrong.

import { html } from "./dom.js";
import { thumbList, unpackExamples } from "./training_thumbs.js";

export class Worst {
  constructor(root, host) {
    const labels = host.get("labels");
    const names = host.get("names");
    root.classList.add("gt", "gt-confusion");
    root.lang = host.get("lang") === "zh" ? "zh-CN" : "en";
    root.replaceChildren(html("h3", {}, host.get("title") || labels.worst),
      thumbList(unpackExamples(host.get("examples")), (k) => names[k] ?? String(k), labels));
  }
}
