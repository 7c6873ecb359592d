// Draws the graph of a check that failed, when its part of the result is opened: the view that notebooks have.
// Its modules and styles come from the package of views (served under views/) and are loaded only then.

const STYLES = ["common.css", "tensor_grid.css", "graph_view.css"];
const ROOT = new URL("../", import.meta.url);
const VIEWS = new URL("views/", ROOT);

let ready = null;

// `toggle` does not bubble. A result that is put in later is heard all the same.
document.addEventListener("toggle", (event) => {
  const part = event.target;
  if (part.matches?.("details[data-graph]") && part.open) show(part);
}, true);
for (const part of document.querySelectorAll("details[data-graph][open]")) show(part);

async function show(part) {
  if (part.querySelector("gt-graph-view")) return;
  const view = document.createElement("gt-graph-view");
  view.setAttribute("src", new URL(part.dataset.graph, ROOT));
  part.append(view);
  try {
    await (ready ??= load());
    part.querySelector(".differences").hidden = true; // the picture says the same, and more
  } catch {
    ready = null;
    view.remove(); // the list stays
  }
}

async function load() {
  const [{ GraphPage }, { asElement }] = await Promise.all([
    import(new URL("graph_view_page.js", VIEWS)),
    import(new URL("home_element.js", VIEWS)),
    ...STYLES.map(style),
  ]);
  asElement(GraphPage, "gt-graph-view");
}

function style(name) {
  return new Promise((resolve, reject) => {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = new URL(name, VIEWS);
    link.addEventListener("load", resolve);
    link.addEventListener("error", reject);
    document.head.append(link);
  });
}
