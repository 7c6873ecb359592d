// The line of a notebook cell that a node came from: highlighted while the node is pointed at. Editors are read, never
// changed: the highlight is the browser's (CSS Custom Highlight API); where there is none, or no notebook, nothing happens.

const HIGHLIGHT = "gt-source-line";

export class NotebookLines {
  // `sources`: the {line, text} of all nodes; together they tell which cell the computation was written in.
  constructor(sources) {
    this.sources = sources.filter((source) => source && !source.file);
  }

  // The editor line (an element) of one source, or null.
  find(source) {
    if (!source || source.file) return null;
    let best = null;
    let most = 0;
    for (const editor of document.querySelectorAll(".cm-content")) {
      const line = lineOf(editor, source);
      if (!line) continue;
      const hits = this.sources.filter((other) => lineOf(editor, other)).length;
      if (hits > most) [best, most] = [line, hits];
    }
    return best;
  }

  show(source) {
    const line = this.find(source);
    if (!CSS.highlights) return line;
    if (!line) {
      this.clear();
      return null;
    }
    const range = new Range();
    range.selectNodeContents(line);
    CSS.highlights.set(HIGHLIGHT, new Highlight(range));
    return line;
  }

  clear() {
    CSS.highlights?.delete(HIGHLIGHT);
  }
}

// Editors draw only the lines on screen, so a line is known by its text, and by its number where all are drawn.
function lineOf(editor, source) {
  const lines = [...editor.querySelectorAll(".cm-line")];
  const wanted = source.text.trim();
  if (!wanted) return null;
  const whole = !editor.querySelector(".cm-gap");
  if (whole) {
    const line = lines[source.line - 1];
    return line && line.textContent.trim() === wanted ? line : null;
  }
  return lines.find((line) => line.textContent.trim() === wanted) ?? null;
}
