"""A course in a real browser: the way through it, how it looks, what it weighs, and that scripts are a comfort."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from support.chromium import patient
from support.lessons import make_course
from support.service import EXERCISES, Service

pytestmark = pytest.mark.browser

FORMULA = (EXERCISES / "01-service/exercises/service.weighted-square/solution.py").read_text("utf-8")
WRONG = FORMULA.replace("2 *", "3 *")
PREFIX = "/hub/user/ada/grader"

LOOKS = {
    "desktop-light-en": {"viewport": {"width": 1280, "height": 900}, "locale": "en-GB"},
    "desktop-dark-zh": {
        "viewport": {"width": 1280, "height": 900},
        "locale": "zh-CN",
        "color_scheme": "dark",
    },
    "phone-light-zh": {"viewport": {"width": 390, "height": 844}, "locale": "zh-CN"},
    "phone-dark-en": {"viewport": {"width": 390, "height": 844}, "locale": "en-GB", "color_scheme": "dark"},
}


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Iterator[Service]:
    """Twenty lessons behind a proxy's prefix, JupyterLab beside them; one exercise tried twice, one passed."""
    lessons = make_course(tmp_path_factory.mktemp("course"))
    first = lessons / "01-tensors-and-views"
    (first / f"{first.name}.ipynb").write_text(_notebook(first / f"{first.name}.py"), "utf-8")
    service = Service(
        tmp_path_factory.mktemp("state"), lessons, GLASSTORCH_LAB_URL="http://127.0.0.1:9/lab/tree"
    ).start("--root-path", PREFIX)
    service.url += PREFIX
    for exercise, source in (
        ("l01.again", FORMULA),
        ("l01.formula", "def backward(:"),
        ("l01.formula", WRONG),
    ):
        service.result(service.submit(exercise, source))
    yield service
    service.stop()


def _notebook(source) -> str:
    """A notebook that was run: its first code cell has printed something."""
    import jupytext
    import nbformat

    made = jupytext.read(source)
    ran = next(cell for cell in made.cells if cell.cell_type == "code")
    ran.outputs = [nbformat.v4.new_output("stream", text="printed before\n")]
    return nbformat.writes(made)


def violations(page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{v['id']}: {[n['html'][:200] for n in v['nodes']]}" for v in found]


def sideways(page) -> int:
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


def test_the_way_through_the_course_by_keyboard(page, course):
    page.goto(f"{course.url}/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # the first thing on the page: continue where you were
    page.wait_for_url("**/exercises/l01.formula")
    page.get_by_role("navigation", name="Where you are").get_by_role("link", name="Tensors and views").click()
    page.wait_for_url("**/lessons/01-tensors-and-views")
    assert page.title().startswith("Tensors and views"), "no script of a lesson's text has run"
    assert page.locator("math").count() == 2
    assert page.locator("article img").evaluate("image => image.naturalWidth") == 1
    assert "printed before" in page.locator(".printed").inner_text()
    lab = page.get_by_role("link", name="Open in JupyterLab").get_attribute("href")
    assert lab == "http://127.0.0.1:9/lab/tree/01-tensors-and-views/01-tensors-and-views.ipynb"
    question = page.get_by_role("group", name="Guess first")
    assert not question.get_by_text("1 + 2 is 3.").is_visible()
    question.get_by_text("Show the answer").focus()
    page.keyboard.press("Enter")
    assert question.get_by_text("1 + 2 is 3.").is_visible()
    exercise = page.locator(".step-card")
    assert exercise.count() == 1, "the code's cell and the button's cell are one exercise"
    page.get_by_role("link", name="After this Autograd by hand").click()
    page.get_by_role("link", name="the lesson before").click()
    page.wait_for_url("**/lessons/01-tensors-and-views")
    exercise.click()
    page.wait_for_url("**/exercises/l01.formula")
    page.wait_for_selector(".cm-content")
    page.get_by_role("link", name="What changed between two attempts").click()
    assert "Lines removed: 1." in page.locator("main").inner_text()
    assert page.locator(".removed").inner_text().endswith("def backward(:")
    page.get_by_role("radio", name="Side by side").check()
    page.get_by_role("button", name="Compare").click()
    assert page.locator(".lines.split .none").count() > 0


@pytest.mark.parametrize("look", LOOKS)
def test_every_page_is_accessible_and_fits(browser, course, look, tmp_path):
    context = patient(browser, **LOOKS[look], reduced_motion="reduce")
    page = context.new_page()
    errors: list[str] = []
    elsewhere: list[str] = []
    page.on("console", lambda message: message.type in ("error", "warning") and errors.append(message.text))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("request", lambda request: request.url.startswith(course.url) or elsewhere.append(request.url))
    chinese = look.endswith("zh")
    newest = course.get("/api/v1/submissions?exercise=l01.formula")["items"][0]["id"]
    paths = {
        "map": "/",
        "lesson": "/lessons/01-tensors-and-views",
        "exercise": "/exercises/l01.formula",
        "prediction": "/exercises/l02.predict",
        "attempt": f"/submissions/{newest}",
        "compare": "/exercises/l01.formula/compare?view=split",
        "me": "/me",
    }
    for name, path in paths.items():
        page.goto(course.url + path)
        if name == "exercise":
            page.wait_for_selector(".cm-content")
        page.evaluate("document.querySelectorAll('main details').forEach(part => { part.open = true; })")
        page.locator(".menu > summary").click()
        assert page.locator(".menu > .card").bounding_box()["x"] >= 0, name
        assert page.locator("html").get_attribute("lang") == ("zh-Hans" if chinese else "en")
        assert violations(page) == [], name
        assert sideways(page) <= 0, name
        page.screenshot(path=tmp_path / f"{name}.png", full_page=True)
    assert (errors, elsewhere) == ([], [])
    page.goto(course.url + "/nothing-here")
    assert violations(page) == []
    assert page.get_by_role("heading", level=1).inner_text() == (
        "这里什么也没有" if chinese else "There is nothing here"
    )
    context.close()


def test_the_first_page_is_light_and_the_editor_comes_after_it(browser, course):
    context = patient(browser, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(f"{course.url}/", wait_until="networkidle")
    weights = page.evaluate(
        """() => Object.fromEntries(performance.getEntries().filter(one => 'encodedBodySize' in one)
            .map(one => [one.name, one.encodedBodySize]))"""
    )
    print("first page", weights)
    assert len(weights) > 1
    assert sum(weights.values()) < 100_000, weights
    assert not any("editor" in name for name in weights)
    page.route("**/editor.js*", lambda route: None)  # a network so slow that the editor has not come
    page.goto(f"{course.url}/exercises/l03.formula")
    page.get_by_label("Your code").fill(FORMULA)
    page.get_by_role("button", name="Hand in").click()
    page.get_by_role("heading", name="Passed", exact=True).wait_for()
    page.locator("#facts", has_text="10 of 10 points").wait_for()  # the page's head knows it too
    page.unroute("**/editor.js*")
    context.close()
    context = patient(browser)
    page = context.new_page()
    with page.expect_response("**/editor.js*") as response:
        page.goto(f"{course.url}/exercises/l03.formula")
    page.wait_for_selector(".cm-content")
    size = page.evaluate(
        "() => performance.getEntriesByType('resource').find(one => one.name.includes('/editor.js')).encodedBodySize"
    )
    print("editor", size)
    assert size < 150_000, "it comes compressed"
    assert "immutable" in response.value.headers["cache-control"]
    context.close()


def test_without_scripts_everything_can_be_done(browser, course):
    context = patient(browser, java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    page.goto(f"{course.url}/exercises/l02.predict")
    page.locator(".menu summary").click()
    page.get_by_role("button", name="中文").click()
    assert page.url == f"{course.url}/exercises/l02.predict", "back where it was chosen"
    assert page.get_by_role("button", name="提交").is_visible()
    page.locator(".menu summary").click()
    page.get_by_role("button", name="深色").click()
    assert page.locator("html").get_attribute("data-theme") == "dark"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 22, 26)"
    page.locator(".menu summary").click()
    page.get_by_role("button", name="English").click()
    page.get_by_label("What is the shape").fill("(9, 9)")
    page.get_by_label("What is total.mean").fill("about two")
    page.get_by_role("radio", name="one over the number of elements").check()
    page.get_by_role("button", name="Hand in").click()
    assert "cannot be read as a number" in page.get_by_role("alert").inner_text()
    assert page.get_by_label("What is the shape").input_value() == "(9, 9)", "the answers are still there"
    assert page.get_by_role("radio", name="one over the number of elements").is_checked()
    page.get_by_label("What is total.mean").fill("1e6")
    page.get_by_role("button", name="Hand in").click()
    page.get_by_role("heading", name="Partly there").wait_for()  # the page asks again by itself
    assert "4 of 10 points" in page.locator(".result").inner_text()
    hints = page.locator(".checks > li", has_text="The mean").first.locator(".hint")
    assert [hint.is_visible() for hint in hints.all()] == [True, False, False]
    hints.first.locator("> summary").click()
    assert [hint.is_visible() for hint in hints.all()] == [True, True, False], "one by one"
    context.close()


def test_progress_is_brought_along_reviewed_and_taken_away(page, course, tmp_path):
    brought = {
        "format": "glasstorch-learner",
        "version": 1,
        "lessons": [
            {"lesson": "20-a-project-of-your-own", "read_at": 1_700_000_000}
        ],  # its cards are due since long
    }
    (tmp_path / "brought.json").write_text(json.dumps(brought), "utf-8")
    page.goto(f"{course.url}/me")
    page.get_by_label("Restore progress from such a file").set_input_files(tmp_path / "brought.json")
    page.get_by_role("button", name="Restore", exact=True).click()
    assert "1 lessons read" in page.get_by_role("status").inner_text()
    with page.expect_navigation():
        page.get_by_role("navigation", name="Site").get_by_role("link", name="Review").click()
    card = page.locator("#card")
    seen = []
    for key in ("2", "1"):
        seen.append(card.locator(".question").inner_text())
        assert not card.locator(".answer").is_visible()
        page.keyboard.press("Space")
        assert card.locator(".answer").is_visible()
        assert violations(page) == []
        with page.expect_navigation():
            page.keyboard.press(key)
    assert len(set(seen)) == 2
    assert page.get_by_role("heading", name="That was all for today").is_visible()
    assert violations(page) == []
    page.get_by_role("link", name="To the course map").click()
    assert "Next cards to review" in page.locator(".reviews").inner_text()
    page.goto(f"{course.url}/lessons/19-reinforcement-learning")
    page.get_by_role("button", name="I have read this lesson").click()
    assert page.get_by_text("You have read this lesson").is_visible()
    page.goto(f"{course.url}/me")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download your progress").click()
    kept = json.loads(download.value.path().read_text("utf-8"))
    assert {one["lesson"] for one in kept["lessons"]} == {
        "20-a-project-of-your-own",
        "19-reinforcement-learning",
    }
    assert sorted(one["last_answer"] for one in kept["reviews"]) == [0, 1]


def test_a_line_that_is_full_and_a_lost_network_are_told_kindly(page, tmp_path, watch):
    watch.ignore("429")  # the refusal itself
    watch.ignore("ERR_INTERNET_DISCONNECTED")
    service = Service(tmp_path, GLASSTORCH_PENDING_PER_EXERCISE="2").start(
        "--workers", "0"
    )  # what is handed in waits
    exercise = "service.weighted-square"
    try:
        page.goto(f"{service.url}/exercises/{exercise}")
        page.wait_for_selector(".cm-content")
        assert page.get_by_text("The grader is not ready yet.").is_visible()
        for source in ("# first", "# second"):
            service.submit(exercise, source)
        page.locator(".cm-content").fill("# my own")
        page.get_by_role("button", name="Hand in").click()
        assert "still being graded" in page.get_by_role("alert").inner_text()
        page.get_by_role("button", name=re.compile(r"Again in \d+ s")).wait_for()
        page.get_by_role("button", name="Hand in").wait_for()
        assert page.locator("#source").input_value() == "# my own"
        assert "# my own" in json.dumps(page.evaluate("Object.values(localStorage)")), (
            "a draft outlives the page"
        )
        page.context.set_offline(True)
        page.get_by_text("You are offline").wait_for()
        page.context.set_offline(False)
        page.get_by_text("You are offline").wait_for(state="detached")
    finally:
        service.stop()
