// Teaching pages: from submission to submission by keyboard (j: the older one, k: the newer one).

const typing = (element) => element.closest("input, textarea, select, [contenteditable]") !== null;

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  const direction = { j: "next", k: "prev" }[event.key];
  const link = direction && document.querySelector(`a[data-go="${direction}"]`);
  if (link) location.assign(link.href);
});

// An address that is shown once is selected as soon as somebody goes to it.
for (const field of document.querySelectorAll("input[data-select]")) {
  field.addEventListener("focus", () => field.select());
}

// The sections are wider than a phone: the one that is open is scrolled to.
document.querySelector(".sections [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
