"""The exercise pages in a real browser: edit, hand in, see, reload; looks, keyboard, accessibility."""

from __future__ import annotations

import pytest
from support.chromium import patient
from support.service import EXERCISES, Service

EXERCISE = "service.weighted-square"
GOOD = (EXERCISES / "01-service/exercises" / EXERCISE / "solution.py").read_text()
WRONG = "def backward(x, w, dy):\n    print('hello from the learner')\n    return w * x * dy\n"

pytestmark = pytest.mark.browser


@pytest.fixture
def exercise(page, running_service):
    """The exercise's page with the editor ready."""
    open_exercise(page, running_service)
    return page


def open_exercise(page, service: Service, query: str = "") -> None:
    page.goto(f"{service.url}/exercises/{EXERCISE}{query}")
    page.wait_for_selector(".cm-content")


def write(page, text: str) -> None:
    """Replace the editor's text as a paste does (typing would be helped by automatic brackets)."""
    page.locator(".cm-content").focus()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.insert_text(text)


def hand_in(page) -> None:
    page.get_by_role("button", name="Hand in").click()
    wait_until_graded(page)


def wait_until_graded(page) -> None:
    page.wait_for_selector("#work button[type=submit][aria-disabled=false]")
    assert page.locator("#result [data-state=done]").count() == 1, page.locator("#result").inner_text()


def test_from_the_list_to_a_solved_exercise_and_back(page, running_service):
    page.goto(running_service.url)
    for lesson in page.locator(".path details:not([open]) > summary").all():
        lesson.click()
    page.get_by_role("link", name="The gradient of a weighted square").click()
    page.wait_for_selector(".cm-content")
    assert page.locator("math").count() >= 3, "formulas are drawn, not written"
    write(page, WRONG)
    hand_in(page)
    result = page.locator("#result")
    assert "2 of 10 points" in result.inner_text()
    assert "at most" in result.inner_text(), "how far off"
    assert result.locator(".heat .off").count() >= 2, "the values that are off, among their neighbours"
    assert "hidden check" in result.inner_text()
    page.get_by_text("What your code printed").click()
    assert "hello from the learner" in page.locator("pre.output").inner_text()
    write(page, GOOD)
    hand_in(page)
    assert result.get_by_role("heading", name="Passed", exact=True).is_visible()
    assert "Passed" in page.locator("#announce").inner_text(), "a screen reader hears it"
    rows = page.locator("#history tbody tr")
    assert rows.count() >= 2
    assert "10 / 10" in rows.first.inner_text()
    page.reload()
    page.wait_for_selector(".cm-content")
    assert page.locator("#result").get_by_role("heading", name="Passed", exact=True).is_visible(), (
        "still there"
    )
    assert "solution-marker" in page.locator(".cm-content").inner_text()
    page.get_by_role("navigation", name="Site").get_by_role("link", name="Course map").click()
    row = page.locator(".steps li", has_text="The gradient of a weighted square")
    assert "10 / 10" in row.inner_text()


def test_keyboard_alone(exercise):
    exercise.locator(".cm-content").focus()
    exercise.keyboard.press("ControlOrMeta+a")
    exercise.keyboard.insert_text(GOOD)
    exercise.keyboard.press("Control+Enter")
    exercise.wait_for_selector("#result .passed[data-state=done]")
    wait_until_graded(exercise)
    exercise.locator(".cm-content").focus()
    exercise.keyboard.press("Tab")
    assert exercise.evaluate("document.activeElement.className").startswith("cm-content"), "Tab indents"
    exercise.keyboard.press("Escape")
    exercise.keyboard.press("Tab")
    assert exercise.evaluate("document.activeElement.textContent.trim()") == "Hand in", "the way out"
    attempts = exercise.locator("#history tbody tr").count()
    exercise.keyboard.press("Enter")
    exercise.wait_for_function(
        "before => document.querySelectorAll('#history tbody tr').length > before", arg=attempts
    )


def test_progress_is_shown_while_it_runs_and_found_again_after_a_reload(exercise):
    write(exercise, "import time\ntime.sleep(2)\n" + GOOD)
    exercise.get_by_role("button", name="Hand in").click()
    exercise.wait_for_selector("#result [data-state=queued], #result [data-state=running]")
    assert exercise.locator("#work button[type=submit]").get_attribute("aria-disabled") == "true"
    exercise.reload()
    exercise.wait_for_selector("#result .passed[data-state=done]")
    wait_until_graded(exercise)


def test_unfinished_code_survives_a_reload_and_start_over_can_be_undone(exercise):
    write(exercise, "# half a thought")
    exercise.reload()
    exercise.wait_for_selector(".cm-content")
    editor = exercise.locator(".cm-content")
    assert "# half a thought" in editor.inner_text()
    exercise.get_by_role("button", name="Start over").click()
    assert "np.zeros_like" in editor.inner_text()
    exercise.keyboard.press("ControlOrMeta+z")
    assert "# half a thought" in editor.inner_text()


def test_an_attempt_can_be_looked_at_and_continued(exercise, running_service):
    write(exercise, GOOD + "# an attempt to come back to\n")
    hand_in(exercise)
    write(exercise, GOOD + "# a later attempt\n")
    hand_in(exercise)
    exercise.locator("#history tbody tr").nth(1).get_by_role("link").click()
    assert "# an attempt to come back to" in exercise.locator(".listing").inner_text()
    exercise.get_by_role("link", name="Continue from this code").click()
    exercise.wait_for_selector(".cm-content")
    assert "# an attempt to come back to" in exercise.locator(".cm-content").inner_text()


def test_what_a_learner_prints_is_text(exercise):
    nasty = "<img src=x onerror=document.title='broken'><script>document.title='broken'</script>"
    write(exercise, f"def backward(x, w, dy):\n    print({nasty!r})\n    raise ValueError({nasty!r})\n")
    hand_in(exercise)
    exercise.get_by_text("What your code printed").click()
    assert "<script>" in exercise.locator("pre.output").inner_text()
    assert exercise.locator("#result img, #result script").count() == 0
    assert "broken" not in exercise.title()


def test_a_refusal_is_told_and_the_code_kept(exercise, watch):
    watch.ignore("413")  # the refusal itself, which the browser logs
    write(exercise, "# " + "x" * (257 * 1024))
    exercise.get_by_role("button", name="Hand in").click()
    assert "256 KiB" in exercise.get_by_role("alert").inner_text()
    assert exercise.locator("#source").input_value().startswith("# xxx")
    write(exercise, GOOD)
    hand_in(exercise)


def test_a_service_that_is_gone_is_told_and_one_that_comes_back_grades(page, tmp_path, watch):
    # The service is killed on purpose: what the browser calls a lost connection depends on the moment.
    for lost in ("CONNECTION_REFUSED", "CONNECTION_RESET", "CONNECTION_CLOSED", "EMPTY_RESPONSE"):
        watch.ignore(f"ERR_{lost}")
    watch.ignore("ERR_INCOMPLETE_CHUNKED_ENCODING")
    service = Service(tmp_path / "state").start()
    open_exercise(page, service)
    write(page, "import time\ntime.sleep(1)\n" + GOOD)
    page.get_by_role("button", name="Hand in").click()
    page.wait_for_selector("#result [data-state=queued], #result [data-state=running]")
    service.kill()
    service.start(port=service.port)
    try:
        page.wait_for_selector("#result .passed[data-state=done]")
    finally:
        service.stop()
    write(page, GOOD + "# nobody is there")
    page.get_by_role("button", name="Hand in").click()
    assert "does not answer" in page.get_by_role("alert").inner_text()
    assert "# nobody is there" in page.locator(".cm-content").inner_text()


def test_without_scripts(browser, running_service):
    context = patient(browser, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{running_service.url}/exercises/{EXERCISE}")
    page.get_by_label("Your code").fill(GOOD)
    page.get_by_role("button", name="Hand in").click()
    page.get_by_role("heading", name="Passed", exact=True).wait_for()  # the page asks again by itself
    assert page.get_by_role("link", name="Continue from this code").is_visible()
    context.close()
