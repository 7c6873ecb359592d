// Reviewing by keyboard: Space shows the answer, then 1 is "not yet" and 2 "I knew it".

const answer = document.getElementById("answer");

document.addEventListener("keydown", (event) => {
  if (!answer || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === " " && !answer.open && event.target === document.body) {
    event.preventDefault();
    answer.open = true;
  } else if (answer.open && (event.key === "1" || event.key === "2")) {
    answer.querySelector(`button[value="${event.key === "2"}"]`).click();
  }
});

answer?.addEventListener("toggle", () => {
  if (answer.open) answer.querySelector('button[value="true"]').focus();
});
