// The exercise page with scripts: an editor instead of the textarea, and grading without leaving the page.
// Everything shown is made by the server; this module asks for it and puts it in its place.
import { follow } from "./live.js";
import { localTimes } from "./times.js";

const form = document.getElementById("work");
const textarea = document.getElementById("source"); // a prediction has fields instead
const draftNote = document.getElementById("draft");
const announce = document.getElementById("announce");
const notice = document.getElementById("notice");
const button = form.querySelector("button[type=submit]");
const { root, exercise, csrf } = form.dataset;
const words = JSON.parse(form.dataset.words);

const drafts = draftStore(`glasstorch:draft:${location.pathname}`);
let busy = false;
let editor = null;

if (textarea) {
  takeUpDraft();
  textarea.addEventListener("input", keepDraft);
  prepareStartOver();
  // The textarea can be used at once; the editor, which is large, comes when the page has been shown.
  requestAnimationFrame(() => setTimeout(openEditor));
}
const shown = document.querySelector("#result [data-submission]");
if (shown && shown.dataset.state !== "done") watch(shown.dataset.submission);

form.addEventListener("submit", (event) => {
  event.preventDefault();
  handIn();
});
addEventListener("offline", () => refuse(words.offline, "wait"));
addEventListener("online", () => notice.replaceChildren());

function takeUpDraft() {
  const draft = form.dataset.keep === "yes" ? drafts.get() : null;
  if (draft === null || draft === textarea.value) return;
  textarea.value = draft;
  draftNote.textContent = words.kept;
}

function keepDraft() {
  drafts.set(textarea.value);
  draftNote.textContent = "";
}

function prepareStartOver() {
  const reset = document.getElementById("reset");
  const starter = document.getElementById("starter").content.textContent;
  reset.hidden = false;
  reset.addEventListener("click", () => {
    if (editor) editor.replace(starter);
    else textarea.value = starter;
    draftNote.textContent = words.again;
    (editor ?? textarea).focus();
  });
}

async function openEditor() {
  let createEditor;
  try {
    ({ createEditor } = await import(new URL(form.dataset.editor, location.href)));
  } catch {
    return; // the connection is slow or gone: the textarea does
  }
  const label = document.getElementById("editor-label");
  editor = createEditor(textarea, {
    label: label.textContent.trim(),
    describedBy: "editor-help",
    nonce: document.querySelector("meta[name=style-nonce]").content,
    onSubmit: handIn,
    onChange: keepDraft,
  });
  for (const hint of document.querySelectorAll("[data-scripts]")) hint.hidden = false;
  label.querySelector("label").addEventListener("click", () => editor.focus());
}

async function handIn() {
  if (busy) return;
  setBusy(true);
  notice.replaceChildren();
  try {
    const accepted = textarea ? await send(textarea.value, newKey()) : await sendAnswers();
    drafts.clear();
    draftNote.textContent = "";
    say(words.handedIn);
    await watch(accepted.id);
  } catch (problem) {
    refuse(problem.message, problem.tone);
    setBusy(false);
    if (problem.seconds) countDown(problem.seconds);
  }
}

/** Store a submission. The key makes a repeat after a lost answer the same submission. */
async function send(source, key, attempts = 3) {
  for (let attempt = 1; ; attempt += 1) {
    let response;
    try {
      response = await fetch(`${root}api/v1/submissions`, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-Glasstorch": "1", "X-CSRF-Token": csrf },
        body: JSON.stringify({ exercise, source, idempotency_key: key }),
      });
    } catch {
      if (!navigator.onLine) throw Object.assign(new Error(words.offline), { tone: "wait" });
      if (attempt === attempts) throw new Error(words.silent);
      await new Promise((resolve) => setTimeout(resolve, 500 * attempt));
      continue;
    }
    const answer = await response.json().catch(() => ({}));
    if (response.status === 429) throw tooMany(answer, response);
    if (!response.ok) throw new Error(answer.detail ?? words.error.replace("{status}", response.status));
    return answer;
  }
}

/** Hand in a prediction's fields: the server makes the code of them, and leads on to the submission or says why not. */
async function sendAnswers() {
  let response;
  try {
    response = await fetch(form.action, { method: "POST", body: new FormData(form) });
  } catch {
    throw new Error(words.silent);
  }
  const id = response.redirected && response.url.match(/\/submissions\/([^/?#]+)$/)?.[1];
  if (id) return { id };
  const told = parsed(await response.text()).querySelector("#notice [role=alert]")?.textContent.trim();
  throw new Error(told ?? words.error.replace("{status}", response.status));
}

/** A refusal for now: why, and after how many seconds to try again. */
function tooMany({ type = "" }, response) {
  const reason = type.endsWith("/too-fast") ? words.rate : type.endsWith("/still-pending") ? words.pending : words.queue;
  const seconds = Number(response.headers.get("Retry-After")) || 5;
  return Object.assign(new Error(reason), { tone: "wait", seconds });
}

/** Count down on the button until another try makes sense. It can be pressed all the same. */
function countDown(seconds) {
  if (busy) return;
  button.textContent = seconds > 0 ? words.wait.replace("{seconds}", seconds) : words.handIn;
  if (seconds > 0) setTimeout(countDown, 1000, seconds - 1);
}

/** Show a submission while it is graded, then its result and the new history. */
async function watch(id) {
  setBusy(true);
  try {
    await show(id);
    await follow(`${root}api/v1/submissions/${id}`, showProgress);
    const heading = await show(id);
    await refresh("facts", "history");
    notice.replaceChildren();
    const points = heading.parentElement.querySelector(".figure");
    say([heading.textContent.trim(), points?.textContent.trim()].filter(Boolean).join(", "));
  } catch {
    refuse(words.lost);
  }
  setBusy(false);
}

async function show(id) {
  const section = parsed(await text(`${root}submissions/${id}/result`)).body.firstElementChild;
  document.getElementById("result").replaceChildren(section);
  localTimes(section);
  return section.querySelector("#result-heading");
}

function showProgress({ status, place, progress }) {
  const section = document.querySelector("#result [data-submission]");
  if (!section || section.dataset.state === "done") return;
  section.classList.toggle("running", status === "running");
  const waiting = status === "queued";
  section.querySelector("#result-heading").textContent = waiting ? words.waiting : words.now;
  section.querySelector(".now").textContent = waiting
    ? words.place.replace("{place}", place)
    : progress.now || words.starting;
  const bar = section.querySelector("progress");
  if (progress.total && !waiting) {
    bar.max = progress.total;
    bar.value = progress.done;
  } else {
    bar.removeAttribute("value");
  }
}

/** Parts of this page as they are now: points reached, attempts. */
async function refresh(...ids) {
  const page = parsed(await text(`${root}exercises/${encodeURIComponent(exercise)}`));
  for (const id of ids) {
    const part = page.getElementById(id);
    document.getElementById(id).replaceWith(part);
    localTimes(part);
  }
}

/** HTML made by the server, which escapes everything in it. */
function parsed(html) {
  return new DOMParser().parseFromString(html, "text/html");
}

async function text(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return response.text();
}

function refuse(message, tone = "bad") {
  const note = document.createElement("div");
  note.className = `note ${tone}`;
  note.setAttribute("role", "alert");
  note.textContent = message;
  notice.replaceChildren(note);
}

function setBusy(now) {
  busy = now;
  // Not `disabled`: that would throw the keyboard's focus away.
  button.setAttribute("aria-disabled", String(now));
  button.textContent = now ? words.grading : words.handIn;
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
