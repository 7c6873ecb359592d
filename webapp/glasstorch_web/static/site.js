// On every page: times in the reader's own zone, a menu that closes, and which section is being read.
import { localTimes } from "./times.js";

localTimes(document);

for (const menu of document.querySelectorAll("details.menu")) {
  document.addEventListener("click", (event) => {
    if (menu.open && !menu.contains(event.target)) menu.open = false;
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
}

const links = new Map(
  Array.from(document.querySelectorAll(".outline ol a"), (link) => [decodeURIComponent(link.hash.slice(1)), link]),
);
if (links.size) {
  const mark = (id) => {
    for (const [anchor, link] of links) link.toggleAttribute("aria-current", anchor === id);
    links.get(id)?.setAttribute("aria-current", "true");
  };
  // The section being read is the last whose heading has passed the upper quarter of the window.
  const headings = Array.from(links.keys(), (id) => document.getElementById(id)).filter(Boolean);
  const observer = new IntersectionObserver(() => {
    const above = headings.filter((heading) => heading.getBoundingClientRect().top < innerHeight / 4);
    mark(above.at(-1)?.id);
  }, { rootMargin: "0px 0px -75% 0px" });
  for (const heading of headings) observer.observe(heading);
}
