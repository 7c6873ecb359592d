// GraphView on a page without Python, which holds one picture for each depth of groups.

import { firstInside, placeOf } from "./graph_frames.js";
import { Steps } from "./graph_steps.js";
import { GraphView } from "./graph_view.js";

export class GraphPage extends GraphView {
  // The first picture in which the wish is fulfilled.
  turnTo({ type, id, depth }) {
    const levels = this.host.get("levels") ?? [];
    const shows = (level) => placeOf(level.structure, id);
    const level = type === "depth" ? levels[depth]
      : type === "expand" ? levels.find((one) => firstInside(one.structure, id))
        : type === "collapse" ? levels.findLast((one) => one.structure.nodes.some((node) => node.id === id))
          : levels.find(shows);
    if (!level) {
      this.regrouped = null;
      this.showAlarm(this.labels.no_picture);
      this.drawDepth();
      return;
    }
    const step = new Steps(level.structure).sameMoment(this.step, this.steps);
    this.quiet = true; // everything changes at once, and is drawn once
    for (const name of ["structure", "values", "marks"]) this.host.set(name, level[name]);
    this.host.set("step", step);
    this.host.set("selected", type === "reveal" ? id : "");
    this.quiet = false;
    this.redraw();
  }

  wantWorked() {
    if (this.host.get("worked")) this.details.fillIn(this.host.get("worked"));
  }

  find(text) {
    const pictures = (this.host.get("levels") ?? []).map((level) => level.structure);
    this.search.show(text, searchPictures([this.structure, ...pictures], text));
  }
}

// What the pictures that came along hold.
function searchPictures(structures, text) {
  const wanted = text.toLowerCase();
  const found = new Map();
  for (const { nodes } of structures) {
    for (const node of nodes) {
      const said = [node.id, node.name, node.op, node.module, node.source?.text].filter(Boolean).join(" ");
      if (!found.has(node.id) && said.toLowerCase().includes(wanted)) {
        const closed = node.kind === "group"; // its name is its module
        found.set(node.id, { id: node.id, title: node.name, shape: node.shape?.join("×") ?? "",
          module: closed ? "" : node.module });
      }
    }
  }
  return [...found.values()].slice(0, 20);
}
