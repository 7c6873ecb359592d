"""A check that failed on a graph, where learners see it: below the Check button in JupyterLab, and on the site."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from support.chromium import patient
from support.service import EXERCISES

pytestmark = pytest.mark.browser

EXERCISE = "fixture.two-layer-loss"
WRONG = (EXERCISES / "00-fixtures/exercises" / EXERCISE / "wrong" / "no_relu.py").read_text("utf-8")
LOOKS = {
    "desktop-light": {"viewport": {"width": 1280, "height": 900}},
    "desktop-dark": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
    "phone-light": {"viewport": {"width": 360, "height": 740}},
    "phone-dark": {"viewport": {"width": 360, "height": 740}, "color_scheme": "dark"},
}


def violations(page, part: str | None = None) -> list[str]:
    found = Axe().run(page, context=part).response["violations"]
    return [f"{v['id']}: {[n['html'][:200] for n in v['nodes']]}" for v in found]


def opened_at(graph) -> str:
    """The name of the node whose details are open."""
    graph.locator(".gt-details h3").wait_for()
    return graph.locator(".gt-details h3").inner_text()


def test_the_check_button_shows_where_the_graph_differs(
    page, jupyter_lab, write_notebook, running_service, tmp_path
) -> None:
    setup = f"""import os
os.environ["GLASSTORCH_GRADER_URL"] = {running_service.url!r}
from glasstorch_widgets import exercise
button = exercise({EXERCISE!r}, lang="en")"""
    answer = f"# @exercise {EXERCISE}\n{WRONG}# @end"
    page.set_viewport_size({"width": 1300, "height": 1200})
    jupyter_lab.open(page, write_notebook(setup, answer, "button.submit().wait()\nbutton"))
    assert [cell["errors"] for cell in jupyter_lab.run_all(page)] == [[], [], []]
    check = page.locator(".gt-check")
    check.and_(page.locator("[data-state=failed]")).wait_for()
    assert check.locator("[data-check=hidden] .gt-check-graph").count() == 0
    show = check.locator("[data-check=graph]").get_by_role("button", name="Show where it differs")
    show.focus()
    page.keyboard.press("Enter")
    graph = check.locator(".gt-graph")
    graph.locator(".gt-node").first.wait_for()
    assert opened_at(graph).startswith("mm")
    assert "the value of mm is" in graph.locator(".gt-headline").inner_text()
    assert graph.locator(".gt-node.gt-mark-differs").count() > 1
    assert violations(page, ".gt-check") == []
    check.screenshot(path=tmp_path / "notebook.png")
    check.get_by_role("button", name="Hide the graph").click()
    assert not graph.is_visible()
    show.click()
    assert graph.is_visible()
    assert page.locator(".gt-graph").count() == 1
    # Another check of the same code: the old graph goes, a new one can be opened.
    check.get_by_role("button", name="Check again").click()
    graph.wait_for(state="detached")
    check.and_(page.locator("[data-state=failed]")).wait_for()
    show.click()
    graph.locator(".gt-node").first.wait_for()
    jupyter_lab.close(page)


@pytest.fixture(scope="module")
def attempt(running_service) -> str:
    """A failed attempt's address, without the server's."""
    ident = running_service.submit(EXERCISE, WRONG)
    running_service.result(ident)
    return f"/submissions/{ident}"


@pytest.mark.parametrize("look", LOOKS)
def test_the_site_shows_the_same_view(browser, running_service, attempt, look, tmp_path) -> None:
    context = patient(browser, **LOOKS[look], reduced_motion="reduce")
    page = context.new_page()
    errors: list[str] = []
    page.on("console", lambda message: message.type == "error" and errors.append(message.text))
    page.on("pageerror", lambda error: errors.append(str(error)))
    if look == "desktop-light":  # the exercise's page, where the result is put in by a script
        page.goto(f"{running_service.url}/exercises/{EXERCISE}")
        page.wait_for_selector(".cm-content")
        page.locator(".cm-content").focus()
        page.keyboard.press("ControlOrMeta+a")
        page.keyboard.insert_text(WRONG)
        page.get_by_role("button", name="Hand in").click()
        page.wait_for_selector("#work button[type=submit][aria-disabled=false]")
    else:
        page.goto(running_service.url + attempt)
    summary = page.locator("summary", has_text="Show where it differs")
    assert summary.count() == 1, "the hidden check has none"
    summary.focus()
    page.keyboard.press("Enter")
    graph = page.locator("gt-graph-view .gt-graph")
    graph.locator(".gt-node").first.wait_for()
    assert opened_at(graph).startswith("mm")
    assert "the value of mm is" in graph.locator(".gt-headline").inner_text()
    counter = graph.locator(".gt-toolbar .gt-counter")
    graph.locator(".gt-node").first.focus()
    page.keyboard.press("Home")
    page.keyboard.press("n")
    assert counter.inner_text().startswith("Step 1 ")
    page.keyboard.press("End")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    assert errors == []
    page.locator(".checks").screenshot(path=tmp_path / f"{look}.png")
    context.close()


def test_without_scripts_the_differences_are_a_list(browser, running_service, attempt) -> None:
    context = patient(browser, java_script_enabled=False)
    page = context.new_page()
    page.goto(running_service.url + attempt)
    page.get_by_text("Show where it differs").click()
    assert "the value of mm is" in page.locator(".differences li").first.inner_text()
    context.close()


@pytest.mark.parametrize("look", ["desktop-light", "phone-dark"])
def test_the_site_tells_chinese_readers_in_chinese(browser, running_service, attempt, look, tmp_path) -> None:
    context = patient(browser, **LOOKS[look], locale="zh-CN", reduced_motion="reduce")
    page = context.new_page()
    page.goto(running_service.url + attempt)
    checks = page.locator(".checks")
    assert checks.locator(".message[lang=en]").count() == 0
    assert "得到" in checks.locator(".message").first.inner_text()
    details = checks.locator("details.graph")
    assert details.locator("li[lang=en]").count() == 0
    first = details.locator("li").first.text_content()
    # Which row differs first is a matter of the draw.
    assert re.search(r"mm 的值在 \[\d, 0\] 处是", first), first
    details.locator("summary").click()
    graph = page.locator("gt-graph-view .gt-graph")
    graph.locator(".gt-node").first.wait_for()
    assert graph.locator(".gt-headline").inner_text().startswith("不一致：mm 的值在")
    assert graph.locator(".gt-toolbar .gt-counter").inner_text().startswith("第")
    assert violations(page) == []
    checks.screenshot(path=tmp_path / f"{look}.png")
    context.close()


def test_the_page_loads_the_styles_that_the_view_names() -> None:
    from glasstorch_web.app.rendering import STATIC
    from glasstorch_widgets import GraphView

    script = (STATIC / "graph.js").read_text("utf-8")
    assert f"const STYLES = {list(GraphView.styles)};".replace("'", '"') in script
