"""The whole documentation site as a reader opens it: from files, without a network, on a desk and on a phone."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote, urldefrag

import pytest
from support.axe import violations
from support.chromium import patient

pytestmark = [pytest.mark.slow, pytest.mark.browser]
DOCS = Path(__file__).resolve().parents[2] / "docs"

#: One of each kind.
PAGES = [
    "index.html", "start/learner.html", "course.html", "gallery/README.html", "api/index.html", "api/random.html",
    "api/optim.html", "api/tensor.html", "compatibility.html", "how/life-of-a-call.html",
    "how/reading-order.html", "operating.html", "genindex.html", "search.html",
    "source/engine/glasstorch/core/walk.py.html", "source/index.html",
]  # fmt: skip


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """What ``make docs`` builds."""
    pytest.importorskip("sphinx", reason="the site is built with the extra [docs]")
    out = tmp_path_factory.mktemp("docs")
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html", "-d", out / "trees", DOCS,
               out / "html"]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=DOCS.parent)
    assert done.returncode == 0, done.stdout + done.stderr
    return out / "html"


@pytest.fixture
def reader(browser):
    """Opens a page of the site without a network; gives it back with what it asked for and complained of."""
    contexts = []

    def read(path, width=1400, scheme="light", query=""):
        context = patient(
            browser,
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
            offline=True,
            reduced_motion="reduce",
        )
        contexts.append(context)
        page = context.new_page()
        page.complaints = []
        page.on("console", lambda message: message.type == "error" and page.complaints.append(message.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("request", lambda request: note(page, request.url))
        page.goto(path.as_uri() + query)
        return page

    def note(page, url):
        if not url.startswith(("file:", "data:")):
            page.complaints.append(url)

    yield read
    for context in contexts:
        context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1400, 390])
def test_pages_open_without_a_network_and_are_for_everyone(site, reader, width, scheme):
    wrong = []
    for name in PAGES:
        page = reader(site / name, width, scheme)
        page.wait_for_load_state("load")
        wrong += [f"{name}: {complaint}" for complaint in page.complaints]
        if page.evaluate("document.documentElement.scrollWidth") > width:
            wrong.append(f"{name} scrolls sideways")
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        light = sum(int(n) for n in re.findall(r"\d+", ground)[:3]) > 380
        if light != (scheme == "light"):
            wrong.append(f"{name} is {ground} in the {scheme} theme")
        wrong += [f"{name}: {violation}" for violation in violations(page, "html")]
        page.context.close()
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(("words", "expected"), [
    ("logsumexp", "torch.logsumexp"),
    ("chain rule", "life of y.backward"),
])  # fmt: skip
def test_the_search_finds_things_offline(site, reader, words, expected):
    page = reader(site / "search.html", query=f"?q={words.replace(' ', '+')}")
    page.wait_for_selector("#search-results li")
    found = page.locator("#search-results li").all_inner_texts()
    assert any(expected in text for text in found), found[:10]
    assert not page.complaints


def test_a_link_to_source_opens_its_line(site, reader):
    page = reader(site / "api" / "reduction.html")
    page.locator('[id="torch.logsumexp"] .source a').click()
    page.wait_for_selector(".line:target")
    assert "logsumexp" in page.locator(".line:target").inner_text()


def test_every_link_inside_the_site_resolves(site):
    pages = {path.relative_to(site).as_posix(): path.read_text("utf-8") for path in site.rglob("*.html")}
    anchors = {name: set(re.findall(r'\bid="([^"]+)"', text)) for name, text in pages.items()}
    assert len(pages) > 400
    broken = []
    for name, text in pages.items():
        for href in set(re.findall(r'<a [^>]*href="([^"]+)"', text)):
            if href == "#" or re.match(r"[a-z]+:", href):
                continue
            target, anchor = urldefrag(unquote(href))
            file = (site / name).parent / target if target else site / name
            if not file.resolve().is_file():
                broken.append(f"{name}: {href}")
                continue
            path = file.resolve().relative_to(site.resolve()).as_posix()
            if anchor and path in anchors and anchor not in anchors[path]:
                broken.append(f"{name}: {href}")
        for source in set(re.findall(r'<(?:img|script|link)[^>]+(?:src|href)="([^"]+)"', text)) - {"#"}:
            file = (site / name).parent / unquote(source.partition("?")[0].partition("#")[0])
            if source.startswith("http") or not file.is_file():
                broken.append(f"{name}: {source}")
    assert not broken, "\n".join(broken[:50])


def test_every_operation_and_every_public_function_has_its_entry(site):
    sys.path.insert(0, str(DOCS / "_ext"))
    from glasstorch_docs import catalogue

    html = {path.name: path.read_text("utf-8") for path in (site / "api").glob("*.html")}
    ids = {found for text in html.values() for found in re.findall(r'\bid="([^"]+)"', text)}
    names = {f"torch.{n}" for n in catalogue.public_names("torch")}
    names |= {f"ops.{n}" for n in catalogue.registered_ops()}
    for space in ("nn", "nn.functional", "optim", "linalg", "fft", "utils.data", "autograd", "distributed"):
        names |= {f"torch.{space}.{n}" for n in catalogue.public_names(f"torch.{space}")}
    assert names - ids == set()
    entries = dict(zip(*[iter(re.split(r'id="(ops\.[^"]+)"', html["operations.html"])[1:])] * 2))
    differentiable = [n for n, op in catalogue.registered_ops().items() if op.derivatives]
    assert [n for n in differentiable if entries[f"ops.{n}"].count("<math") < 2] == []
