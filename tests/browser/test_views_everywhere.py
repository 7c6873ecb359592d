"""Every view outside JupyterLab: as an exported page, as an element under a strict policy, and over the protocol that
VS Code, Colab, Notebook and JupyterLab share, spoken by a plain event emitter with the real Python view behind it."""

from __future__ import annotations

import base64
import functools
import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser
pytest.importorskip("anywidget")
pytest.importorskip("glasstorch")

from glasstorch_widgets import bundle  # noqa: E402
from glasstorch_widgets.static_page import _bytes  # noqa: E402
from support.axe import violations  # noqa: E402
from support.views import EXAMPLES, make, recorded_comms  # noqa: E402

POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:"
NARROW = {"width": 390, "height": 844}
WIDE = {"width": 1200, "height": 900}


class Served(http.server.SimpleHTTPRequestHandler):
    """Files of a folder under a policy that allows no script, style or request but our own files."""

    extensions_map = {**http.server.SimpleHTTPRequestHandler.extensions_map, ".js": "text/javascript"}  # noqa: RUF012

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    (tmp_path / "favicon.ico").write_bytes(b"")
    handler = functools.partial(Served, directory=str(tmp_path))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def files_only(page: Any, watch: Any) -> Any:
    """The page, with files of this machine allowed as well."""

    def gate(route: Any) -> None:
        if route.request.url.startswith(("file:", "data:", "blob:")):
            route.continue_()
        else:
            watch.outside.append(route.request.url)
            route.abort()

    page.context.unroute_all()
    page.context.route("**/*", gate)
    return page


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_exported_page_is_for_everyone(name: str, files_only: Any, tmp_path: Path) -> None:
    page = files_only
    path = make(name).export_html(tmp_path / f"{name}.html")
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.goto(path.as_uri())
    page.locator("main.gt, main .gt").first.wait_for()
    assert violations(page, "body") == []
    light = page.evaluate("() => getComputedStyle(document.querySelector('.gt')).backgroundColor")
    page.emulate_media(color_scheme="dark")
    assert page.evaluate("() => getComputedStyle(document.querySelector('.gt')).backgroundColor") != light
    assert violations(page, "body") == []
    page.set_viewport_size(NARROW)
    page.wait_for_timeout(100)  # a resize is drawn in the frame after
    assert page.evaluate("() => document.documentElement.scrollWidth") <= NARROW["width"]
    assert page.evaluate("() => document.getAnimations().filter(a => a.playState === 'running').length") == 0
    # Whatever there is to press or to choose can be reached without a mouse.
    page.set_viewport_size(WIDE)
    if page.locator(".gt :is(button, input, select, [tabindex='0']):visible:not(:disabled)").count():
        page.evaluate("() => document.activeElement.blur()")
        page.keyboard.press("Tab")
        assert page.evaluate("() => Boolean(document.activeElement.closest('.gt'))")


def test_every_view_is_an_element_of_any_web_page(page: Any, served: str, tmp_path: Path) -> None:
    made = {name: make(name) for name in EXAMPLES}
    tags = {name: bundle.element_name(view.module) for name, view in made.items()}
    for name, view in made.items():
        (tmp_path / f"{tags[name]}.js").write_text(bundle.script(view.module, "element"), "utf-8")
        (tmp_path / f"{name}.json").write_text(json.dumps(view.page_state(), default=_bytes), "utf-8")
    styles = dict.fromkeys(style for view in made.values() for style in view.styles)
    (tmp_path / "views.css").write_text(bundle.style(*styles), "utf-8")
    scripts = "".join(
        f'<script type="module" src="{tag}.js"></script>' for tag in dict.fromkeys(tags.values())
    )
    elements = "".join(
        f'<section id="{name}"><{tag} src="{name}.json"></{tag}></section>' for name, tag in tags.items()
    )
    (tmp_path / "index.html").write_text(
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Views</title>{scripts}'
        f'<link rel="stylesheet" href="views.css"><body><main><h1>Views</h1>{elements}</main></html>',
        "utf-8",
    )
    page.goto(f"{served}/index.html")
    for name in EXAMPLES:
        page.locator(f"#{name} .gt").first.wait_for()
        assert page.locator(f"#{name}").inner_text().strip(), name
    # An element that leaves the page and comes back draws itself again.
    page.evaluate(
        "() => { const e = document.querySelector('#tensor > *'), p = e.parentNode; e.remove(); p.append(e); }"
    )
    page.locator("#tensor .gt").first.wait_for()
    assert page.locator("#tensor .gt").count() == 1


# A front end in a few lines: anywidget's contract (https://anywidget.dev/en/afm/) over a plain event emitter. The
# module comes from a blob, as VS Code and Colab load it; the kernel is the Python view in this process.
FRONT_END = """async ([script, messages]) => {
  const url = URL.createObjectURL(new Blob([script], {type: 'text/javascript'}));
  const widget = (await import(url)).default;
  const state = {}, listeners = new Map(), changed = new Set();
  window.used = new Set();
  const put = (data, paths = [], buffers = []) => {
    paths.forEach((path, i) => {
      let at = data;
      for (const key of path.slice(0, -1)) at = at[key];
      const bytes = Uint8Array.from(atob(buffers[i]), c => c.charCodeAt(0));
      at[path.at(-1)] = new DataView(bytes.buffer);
    });
    Object.assign(state, data);
    for (const name of Object.keys(data)) emit(`change:${name}`);
  };
  const emit = (event, ...what) => [...listeners.get(event) ?? []].forEach(call => call(...what));
  const tell = async message => {
    for (const {data, buffers} of await window.toKernel(message)) {
      if (data.method === 'update' || data.method === 'echo_update') put(data.state, data.buffer_paths, buffers);
      if (data.method === 'custom') emit('msg:custom', data.content, []);
    }
  };
  window.model = {
    get: name => state[name],
    set(name, value) { state[name] = value; changed.add(name); emit(`change:${name}`); },
    save_changes() {
      const part = Object.fromEntries([...changed].map(name => [name, state[name]]));
      changed.clear();
      return tell({method: 'update', state: part, buffer_paths: []});
    },
    on(event, call) { listeners.set(event, [...listeners.get(event) ?? [], call]); },
    off(event, call) { listeners.set(event, (listeners.get(event) ?? []).filter(one => one !== call)); },
    send: content => tell({method: 'custom', content}),
  };
  window.listening = () => [...listeners.values()].reduce((n, calls) => n + calls.length, 0);
  const model = new Proxy(window.model, {get(target, name) { window.used.add(String(name)); return target[name]; }});
  for (const {data, buffers} of messages) put(data.state, data.buffer_paths, buffers);
  window.show = async () => {
    const el = document.body.appendChild(document.createElement('div'));
    const done = await widget.render({model, el});
    return {el, close() { done(); el.remove(); }};
  };
  window.shown = [await window.show(), await window.show()];
}"""


def packed(message: tuple[str, dict[str, Any], list[bytes]]) -> dict[str, Any]:
    _, data, buffers = message
    return {"data": data, "buffers": [base64.b64encode(block).decode("ascii") for block in buffers]}


@pytest.fixture
def front_end(page: Any) -> Any:
    """Shows a view twice in a front end that knows nothing but the protocol."""
    kernel: dict[str, Any] = {}

    def to_kernel(message: dict[str, Any]) -> list[dict[str, Any]]:
        before = len(kernel["channel"].sent)
        kernel["channel"].receive(message)
        return [packed(one) for one in kernel["channel"].sent[before:]]

    page.expose_function("toKernel", to_kernel)

    def show(name: str) -> Any:
        with recorded_comms() as comms:
            view = make(name)
        kernel["channel"] = next(one for one in comms if one.comm_id == view.model_id)
        page.goto("about:blank")
        page.set_content(f'<!doctype html><html lang="en"><title>Front end</title><style>{view._css}</style>')
        page.evaluate(FRONT_END, [view._esm, [packed(message) for message in kernel["channel"].sent]])
        return view

    return show


# No message of theirs can fail: they send none, or answer in words of their own.
NO_ALARM = {"curve", "question", "check_button", "broadcast", "matrix", "mistakes"}
AFM = {"get", "set", "save_changes", "on", "off", "send"}


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_widget_protocol_is_all_a_view_needs(name: str, page: Any, front_end: Any) -> None:
    view = front_end(name)
    said = "() => window.shown.map(one => one.el.innerText)"
    first, second = page.evaluate(said)
    assert first.strip()
    assert first == second
    # A message goes to Python and the answer, a changed trait, comes back to both places.
    page.evaluate("() => window.model.send({type: 'no such message'})")
    assert "no such message" in view.error
    page.wait_for_function("() => window.model.get('error').includes('no such message')")
    if name not in NO_ALARM:
        page.wait_for_function(f"() => ({said})().every(text => text.includes('no such message'))")
    # One place closes and the other goes on; what was closed can be shown again; in the end nothing listens.
    listening = page.evaluate("() => window.listening()")
    page.evaluate("() => window.shown[0].close()")
    assert page.evaluate("() => window.listening()") == listening / 2
    page.evaluate("() => window.model.send({type: 'other message'})")
    page.wait_for_function("() => window.model.get('error').includes('other message')")
    if name not in NO_ALARM:
        page.wait_for_function("() => window.shown[1].el.innerText.includes('other message')")
    page.evaluate("async () => { window.shown[0] = await window.show(); }")
    assert page.evaluate("() => window.shown[0].el.innerText").strip()
    page.evaluate("() => window.shown.forEach(one => one.close())")
    assert page.evaluate("() => window.listening()") == 0
    assert set(page.evaluate("() => [...window.used]")) <= AFM


def test_an_edit_goes_to_python_and_comes_back(page: Any, front_end: Any) -> None:
    view = front_end("weights_of_attention")
    page.evaluate("() => window.model.send({type: 'token', index: 0, text: 'a'})")
    assert "these weights are fixed" in view.error
    view = front_end("question")
    page.get_by_label("2", exact=True).first.check()
    page.get_by_role("button").first.click()
    page.wait_for_function("() => window.model.get('state') === 'revealed'")
    assert view.guess == "2"
    assert view.outcome["verdict"] == "wrong"
    assert all("3" in text for text in page.evaluate("() => window.shown.map(one => one.el.innerText)"))


def test_a_prediction_with_numbers_of_ones_own_is_answered_in_the_view(page: Any, front_end: Any) -> None:
    view, heard = front_end("check_button"), []

    def ask(message: dict[str, Any]) -> None:
        view.statement = "A matrix of `7` rows.\n\nNothing is run."
        view.questions = [
            {"id": "mean", "prompt": "What is `x.mean()`?", "kind": "number", "choices": []},
            {"id": "grows", "prompt": "Does it grow?", "kind": "bool", "choices": []},
            {"id": "why", "prompt": "Why?", "kind": "choice", "choices": ["left", "right"]},
        ]

    view.receive_ask, view.receive_check = ask, heard.append
    assert not page.locator(".gt-asked").first.is_visible()
    page.evaluate("() => window.model.send({type: 'ask'})")
    form = page.locator(".gt-asked").first
    form.get_by_label("What is x.mean()?").fill("2.5")
    form.get_by_label("Does it grow?").select_option("No")
    form.get_by_label("Why?").select_option("right")
    assert form.locator("code").first.text_content() == "7"
    assert violations(page, ".gt-asked") == []
    page.locator(".gt-check-buttons button.gt-primary").first.click()
    page.wait_for_timeout(50)
    assert [message["answers"] for message in heard] == [{"mean": "2.5", "grows": "no", "why": "right"}]


def test_of_a_wrong_prediction_only_what_was_answered_is_shown(page: Any, front_end: Any) -> None:
    view = front_end("check_button")
    detail = {"expected": None, "got": "(32, 8, 8)"}
    test = {
        "id": "pool",
        "name": "Pooling",
        "status": "failed",
        "score": 0,
        "max_score": 4,
        "output": "Down.",
    }

    def graded(message: dict[str, Any]) -> None:
        view.result = {"tests": [{**test, "detail": detail}], "score": 0, "max_score": 4}

    view.receive_check = graded
    page.locator(".gt-check-buttons button.gt-primary").first.click()
    side = page.locator("[data-check=pool] .gt-diff > div").first
    side.wait_for()
    assert side.inner_text().split() == ["yours", "(32,", "8,", "8)"]
    assert page.locator(".gt-check").first.locator(".gt-diff > div").count() == 1
