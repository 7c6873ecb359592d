// Teaching pages: from submission to submission by keyboard.

const typing = (element) => element.closest("input, textarea, select, [contenteditable]") !== null;

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  const direction = { j: "next", k: "prev" }[event.key];
  const link = direction && document.querySelector(`a[data-go="${direction}"]`);
  if (link) location.assign(link.href);
});
