// What scrolls sideways (wide tables, code, formulas) can be reached and scrolled with the keyboard.
const SCROLLERS = ".highlight pre, .table-wrapper, .formula, dl.facts > dd, dt.sig";

function reachable() {
  for (const box of document.querySelectorAll(SCROLLERS)) {
    if (box.scrollWidth > box.clientWidth + 1) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
}

addEventListener("load", reachable);
addEventListener("resize", reachable);

// Two regions of the same kind are told apart by their names.
for (const [part, name] of [[".sidebar-drawer", "Site"], [".toc-drawer", "On this page"]]) {
  document.querySelector(part)?.setAttribute("aria-label", name);
}
