"""The whole product as one command starts it: the lesson in JupyterLab, its Check button, the exercise pages."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from support.jupyter import Lab
from support.launcher import Started

pytestmark = pytest.mark.browser
ROOT = Path(__file__).resolve().parents[2]
SCREENSHOTS = ROOT / "test-results"
EXERCISE = "start.backward-formula"


@dataclass
class Product:
    """`glasstorch start`, with what it printed."""

    lab: Lab
    first_page: str
    exercises: str


@pytest.fixture(scope="module")
def product(browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    folder = tmp_path_factory.mktemp("start")
    lessons = folder / "lessons"
    shutil.copytree(ROOT / "lessons", lessons)
    ports = ("--port", "0", "--grader-port", "0")
    started = Started(folder, "--lessons", str(lessons), *ports, "--", "--LabApp.expose_app_in_browser=True")
    try:
        first_page = started.address("Lessons")
        parts = urlsplit(first_page)
        lab = Lab(f"{parts.scheme}://{parts.netloc}", parse_qs(parts.query)["token"][0], lessons)
        yield Product(lab, first_page, started.address("Exercises"))
    finally:
        started.end()


def solution(product: Product) -> str:
    (path,) = product.lab.folder.glob(f"*/exercises/{EXERCISE}/solution.py")
    return path.read_text("utf-8")


def hand_in(page, url: str, source: str) -> None:
    """Solve the exercise on its page, as a learner does."""
    page.goto(url)
    page.get_by_role("link", name="backward").first.click()
    page.locator(".cm-content").focus()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.insert_text(source)
    # The page shows the last attempt from before, which is done too: wait for another one.
    before = page.evaluate("document.querySelector('#result [data-submission]')?.dataset.submission ?? ''")
    page.get_by_role("button", name="Hand in").click()
    page.wait_for_function(
        """before => {
            const shown = document.querySelector("#result [data-submission]");
            return shown && shown.dataset.submission !== before && shown.dataset.state === "done";
        }""",
        arg=before,
    )
    assert "passed" in page.locator("#result").inner_text().lower()


def test_the_printed_address_opens_the_first_lesson(page, product: Product) -> None:
    page.goto(product.first_page)
    page.wait_for_function("() => window.jupyterapp?.shell?.currentWidget?.context?.path?.startsWith('00-')")
    product.lab.close(page)


def test_the_file_list_shows_notebooks_and_neither_solutions_nor_what_lessons_are_made_of(
    page, product
) -> None:
    page.goto(product.first_page)  # signs in
    (folder,) = product.lab.folder.glob("00-*")
    listed = page.request.get(f"{product.lab.url}/api/contents/{folder.name}").json()["content"]
    shown = {entry["name"] for entry in listed}
    assert shown == {path.name for path in folder.glob("*.ipynb")} != set()
    assert {path.name for path in folder.iterdir()} - shown >= {
        "exercises",
        "lesson.toml",
        f"{folder.name}.py",
    }


def test_lesson_runs_and_its_exercise_is_solved_and_checked(page, product: Product) -> None:
    lab = product.lab
    (notebook,) = (
        path.relative_to(lab.folder)
        for path in lab.folder.glob("00-*/*.ipynb")
        if not path.name.endswith(".zh.ipynb")
    )
    lab.open(page, notebook.as_posix())
    cells = lab.run_all(page, seconds=300)
    assert not [cell for cell in cells if cell["errors"]]
    graph = lab.show(page, "graph-of-loss")
    assert graph.locator(".gt-graph .gt-node").count() >= 4
    lab.rewrite(page, "exercise-1-code", f"# @exercise {EXERCISE}\n{solution(product)}\n# @end\n")
    check = lab.show(page, "exercise-1-check").locator(".gt-check")
    check.get_by_role("button", name="Check").click()
    page.wait_for_selector(".gt-check[data-state=passed]")
    page.screenshot(path=SCREENSHOTS / "lesson-solved.png")
    assert not page.get_by_text("Jupyter news").count()
    lab.close(page)


def test_the_exercise_is_solved_on_its_own_page(page, product: Product) -> None:
    hand_in(page, product.exercises, solution(product))


def test_the_same_service_answers_inside_jupyterlab(page, product: Product) -> None:
    """The launcher tile leads to the service that runs already, not to a second one."""
    page.goto(f"{product.lab.url}/lab?token={product.lab.token}")
    hand_in(page, f"{product.lab.url}/grader/", solution(product))
    page.goto(f"{product.exercises}exercises/{EXERCISE}")
    assert page.get_by_text("passed").count() >= 1
