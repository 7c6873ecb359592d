// The exercise page with scripts: an editor instead of the textarea, and grading without leaving the page.
// Everything shown is made by the server; this module asks for it and puts it in its place.
import { follow } from "./live.js";
import { localTimes } from "./times.js";

const form = document.getElementById("work");
const textarea = document.getElementById("source");
const draftNote = document.getElementById("draft");
const announce = document.getElementById("announce");
const button = form.querySelector("button[type=submit]");
const { root, exercise } = form.dataset;

const starter = document.getElementById("starter").content.textContent;
const drafts = draftStore(`glasstorch:draft:${location.pathname}`);
let busy = false;

const editor = await openEditor();
localTimes(document);
const shown = document.querySelector("#result [data-submission]");
if (shown && shown.dataset.state !== "done") watch(shown.dataset.submission);

form.addEventListener("submit", (event) => {
  event.preventDefault();
  handIn();
});

const reset = document.getElementById("reset");
reset.hidden = false;
reset.addEventListener("click", () => {
  editor.replace(starter);
  draftNote.textContent = "Back to the start. Undo brings your code back.";
  editor.focus();
});

async function openEditor() {
  const draft = form.dataset.keep === "yes" ? drafts.get() : null;
  if (draft !== null && draft !== textarea.value) {
    textarea.value = draft;
    draftNote.textContent = "Your unfinished code was kept in this browser.";
  }
  const { createEditor } = await import(new URL(form.dataset.editor, location.href));
  for (const hint of document.querySelectorAll("[data-scripts]")) hint.hidden = false;
  const label = document.getElementById("editor-label");
  const made = createEditor(textarea, {
    label: label.textContent.trim(),
    describedBy: "editor-help",
    nonce: document.querySelector("meta[name=style-nonce]").content,
    onSubmit: handIn,
    onChange: () => {
      drafts.set(textarea.value);
      draftNote.textContent = "";
    },
  });
  label.querySelector("label").addEventListener("click", () => made.focus());
  return made;
}

async function handIn() {
  if (busy) return;
  setBusy(true);
  const key = newKey();
  try {
    const accepted = await send(editor.value(), key);
    drafts.clear();
    draftNote.textContent = "";
    say("Handed in.");
    await watch(accepted.id);
  } catch (problem) {
    refuse(problem.message);
    setBusy(false);
  }
}

/** Store a submission. The key makes a repeat after a lost answer the same submission. */
async function send(source, key, attempts = 3) {
  for (let attempt = 1; ; attempt += 1) {
    let response;
    try {
      response = await fetch(`${root}api/v1/submissions`, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-Glasstorch": "1" },
        body: JSON.stringify({ exercise, source, idempotency_key: key }),
      });
    } catch {
      if (attempt === attempts) {
        throw new Error("The grading service does not answer. Is it still running? Your code is kept here.");
      }
      await new Promise((resolve) => setTimeout(resolve, 500 * attempt));
      continue;
    }
    const answer = await response.json().catch(() => ({}));
    if (!response.ok) throw new Error(answer.detail ?? `The service answered with error ${response.status}.`);
    return answer;
  }
}

/** Show a submission while it is graded, then its result and the new history. */
async function watch(id) {
  setBusy(true);
  await show(id);
  try {
    await follow(`${root}api/v1/submissions/${id}`, showProgress);
    const heading = await show(id);
    const history = await fragment(`${root}exercises/${encodeURIComponent(exercise)}/history`);
    document.getElementById("history").replaceWith(history);
    localTimes(history);
    const points = heading.parentElement.querySelector(".figure");
    say([heading.textContent.trim(), points?.textContent.trim()].filter(Boolean).join(", "));
  } catch {
    refuse("The connection to the grading service was lost. Your code is stored; reload to see its result.");
  }
  setBusy(false);
}

async function show(id) {
  const section = await fragment(`${root}submissions/${id}/result`);
  document.getElementById("result").replaceChildren(section);
  localTimes(section);
  return section.querySelector("#result-heading");
}

function showProgress({ status, place, progress }) {
  const section = document.querySelector("#result [data-submission]");
  if (!section || section.dataset.state === "done") return;
  section.classList.toggle("running", status === "running");
  const waiting = status === "queued";
  section.querySelector("#result-heading").textContent = waiting ? "Waiting to be graded" : "Grading";
  section.querySelector(".now").textContent = waiting
    ? `Your code is stored. Place in the queue: ${place}.`
    : progress.now || "Starting";
  const bar = section.querySelector("progress");
  if (progress.total && !waiting) {
    bar.max = progress.total;
    bar.value = progress.done;
  } else {
    bar.removeAttribute("value");
  }
}

/** An HTML fragment made by the server (which escapes everything in it). */
async function fragment(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  const template = document.createElement("template");
  template.innerHTML = await response.text();
  return template.content.firstElementChild;
}

function refuse(message) {
  const note = document.createElement("div");
  note.className = "note bad";
  note.setAttribute("role", "alert");
  note.textContent = message;
  document.getElementById("result").replaceChildren(note);
}

function setBusy(now) {
  busy = now;
  // Not `disabled`: that would throw the keyboard's focus away.
  button.setAttribute("aria-disabled", String(now));
  button.textContent = now ? "Grading …" : "Hand in";
}

function say(text) {
  announce.textContent = text;
}

function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** What is typed and not yet handed in. Some browsers refuse storage; then nothing is kept. */
function draftStore(name) {
  const attempt = (action) => {
    try {
      return action();
    } catch {
      return null;
    }
  };
  return {
    get: () => attempt(() => localStorage.getItem(name)),
    set: (text) => attempt(() => localStorage.setItem(name, text)),
    clear: () => attempt(() => localStorage.removeItem(name)),
  };
}
