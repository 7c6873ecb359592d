"""Five people in a course that is really served: what each came for, from its first click to its last."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import time
from collections.abc import Iterator

import httpx
import pytest
from support.service import PATIENCE
from support.walks import LESSONS, LOOKS, PASSWORD, PHONE, Course, Walker, walking

pytestmark = pytest.mark.browser

EXERCISE = "start.backward-formula"
FOLDER = f"00-start-here/exercises/{EXERCISE}"
RIGHT = (LESSONS / FOLDER / "solution.py").read_text("utf-8")
WRONG = RIGHT.replace("grad_output * (s", "(s")
DAY = 24 * 3600.0


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Course]:
    made = Course(tmp_path_factory.mktemp("course")).open()
    yield made
    made.stop()


def write(walker: Walker, text: str) -> None:
    walker.page.locator(".cm-content").focus()
    walker.page.keyboard.press("ControlOrMeta+a")
    walker.page.keyboard.insert_text(text)


def hand_in(walker: Walker, expected: str) -> None:
    """Hand in what the editor holds, and wait for a result under this heading."""
    walker.button("Hand in")
    walker.page.locator("#result").get_by_role("heading", name=expected, exact=True).wait_for()


def handed_in(course: Course, session: str, *sources: str) -> str:
    """A learner's attempts at the exercise, graded; the last one's id."""
    with httpx.Client(
        base_url=course.url, cookies={"glasstorch_session": session}, headers={"X-Glasstorch": "1"}
    ) as client:
        ident = ""
        for source in sources:
            answer = client.post("/api/v1/submissions", json={"exercise": EXERCISE, "source": source})
            assert answer.status_code == 202, answer.text
            ident = answer.json()["id"]
            deadline = time.monotonic() + PATIENCE
            while client.get(f"/api/v1/submissions/{ident}").json()["status"] != "done":
                assert time.monotonic() < deadline
                time.sleep(0.05)
    return ident


def test_a_learner_joins_learns_and_leaves_with_their_data(browser, course):
    with course.accounts() as accounts:
        invitation = accounts.invite("test", "learner", max_uses=3).secret
    with walking(browser, course, **PHONE) as walker:
        page = walker.page
        walker.go(f"/join/{invitation}")
        walker.look()
        page.get_by_label("Name").fill("Nora <b>Neu</b>")
        page.get_by_label("Email").fill("nora@example.org")
        page.get_by_label("Password").fill(PASSWORD)
        walker.button("Make my account")
        walker.link("Read the lesson")
        page.get_by_text("Show the answer").first.click()
        walker.look()
        walker.button("I have read this lesson")
        walker.link("The backward formula of SiLU")
        page.wait_for_selector(".cm-content")
        write(walker, WRONG)
        hand_in(walker, "Partly there")
        result = page.locator("#result")
        assert result.locator(".heat").count() >= 1, "the difference is drawn"
        result.get_by_text("Hint 1 of").first.click()
        walker.look()
        write(walker, RIGHT)
        hand_in(walker, "Passed")
        walker.look()
        walker.link("What changed between two attempts")
        assert page.locator(".removed").count() == 1
        walker.look()
        walker.go("/review")
        assert "The next cards come on" in page.locator("main").inner_text()
        _two_days_pass(course)
        page.reload()
        page.get_by_text("Show the answer").click()
        walker.look()
        page.get_by_role("button", name="I knew it").click()
        page.locator("progress[value='1']").wait_for()
        page.locator(".menu > summary").click()
        page.locator(".menu").get_by_role("button", name="中文").click()
        page.locator("html[lang=zh-Hans]").wait_for()
        page.locator(".menu > summary").click()
        page.locator(".menu").get_by_role("button", name="深色").click()
        page.locator("html[data-theme=dark]").wait_for()
        walker.look()
        walker.go("/me")
        assert page.get_by_role("heading", level=1).inner_text() == "Nora <b>Neu</b>"
        walker.look()
        with page.expect_download() as download:
            page.get_by_role("link", name="下载你的进度").or_(
                page.get_by_role("button", name="下载你的进度")
            ).click()
        data = json.loads(download.value.path().read_text("utf-8"))
        assert [one["source"] for one in data["submissions"]].count(RIGHT) == 1
        page.locator(".menu > summary").click()
        page.locator(".menu").get_by_role("button", name="退出").click()
        page.get_by_role("heading", level=1, name="登录").wait_for()


def _two_days_pass(course: Course) -> None:
    with sqlite3.connect(course.database, timeout=30) as db:
        db.execute("UPDATE lessons_read SET read_at = read_at - ?", (2 * DAY,))
        db.execute("UPDATE scores SET updated_at = updated_at - ?", (2 * DAY,))


def test_an_assistant_comments_and_the_learner_reads_it(browser, course):
    session = course.enrol("Omar Klein")
    ident = handed_in(course, session, WRONG)
    with walking(browser, course, course.session("assistant")) as walker:
        page = walker.page
        walker.go("/course")
        walker.look()
        walker.link("Omar Klein")
        page.wait_for_url("**/course/submissions/*")
        walker.look()
        page.locator(".lines a").nth(6).click()
        page.get_by_role("textbox", name="Note to line 7").fill("And what **arrives** from above?")
        walker.button("Keep the note")
        assert page.locator("strong", has_text="arrives").count() == 1
        walker.look()
        assert walker.go("/course/audit").status == 403
        assert page.get_by_role("button", name="Make the link").count() == 0
    with walking(browser, course, session) as walker:
        walker.go(f"/submissions/{ident}")
        assert "And what arrives from above?" in walker.page.locator("main").inner_text()
        walker.look()


def test_an_instructor_runs_the_course(browser, course):
    handed_in(course, course.enrol("Pia Gleich"), RIGHT)
    handed_in(course, course.enrol("Quin Gleich"), RIGHT.replace("s + x", "s  +  x"))
    checks = course.lessons / FOLDER / "checks.py"
    with walking(browser, course, course.session("instructor")) as walker:
        page = walker.page
        walker.go("/course/people")
        roster = "name;email;section\nRosa Rot;rosa@example.org;A\nSam Süß;sam@example.org;B\n"
        page.get_by_label("CSV file").set_input_files(
            {"name": "roster.csv", "mimeType": "text/csv", "buffer": roster.encode("utf-8-sig")}
        )
        walker.button("See what would change")
        assert "Sam Süß" in page.locator("main").inner_text()
        walker.look()
        page.get_by_role("button", name="Apply").click()
        walker.go("/course/people?search=Sam")
        assert page.get_by_role("link", name="Sam Süß").count() == 1
        walker.go("/course/deadlines")
        page.locator("summary", has_text="Set rules").first.click()
        page.get_by_label("Due", exact=True).first.fill("2030-05-06T12:00")
        page.get_by_label("Percent taken off per day late").first.fill("10")
        walker.look()
        page.get_by_role("button", name="Save").first.click()
        walker.go("/")
        assert "6 May" in page.locator("main").inner_text()
        walker.go(f"/course/similarity/{EXERCISE}")
        assert "Pia Gleich" in page.locator("main").inner_text()
        walker.look()
        walker.go("/course/gradebook")
        walker.look()
        with page.expect_download() as download:
            walker.link("Download as CSV")
        rows = list(csv.reader(io.StringIO(download.value.path().read_text("utf-8-sig"))))
        assert any("Pia Gleich" in row and "10" in row for row in rows), rows
        checks.write_text(checks.read_text("utf-8") + "\n# stricter from now on\n", "utf-8")
        walker.go(f"/course/exercises/{EXERCISE}")
        walker.look()
        walker.link("Grade them again")
        walker.look()
        page.locator("form.card button").first.click()
        deadline = time.monotonic() + PATIENCE
        while page.get_by_text("another version of the checks").count():
            assert time.monotonic() < deadline
            page.wait_for_timeout(200)
            walker.go(f"/course/exercises/{EXERCISE}")
        assert page.get_by_text("Passed", exact=True).count() >= 2, "the same points as before"
        walker.go("/course/audit")
        assert page.get_by_role("link", name="regrade").count() >= 1
        walker.look()


def test_an_admin_gives_roles_and_sees_the_service(browser, course):
    course.enrol("Tess Weiter")
    with walking(browser, course) as walker:
        page = walker.page
        walker.go("/course/service")
        assert page.url.startswith(f"{course.url}/login"), "first the login, then where one wanted to go"
        page.get_by_label("Email").fill("admin@example.org")
        page.get_by_label("Password").fill(PASSWORD)
        walker.button("Log in")
        page.get_by_role("heading", level=1, name="Service").wait_for()
        assert "of 17 attacks were stopped" in page.locator("main").inner_text()
        walker.look()
        walker.go(f"/course/people/{course.ids['Tess Weiter']}")
        page.get_by_label("Role").select_option("assistant")
        page.locator("#account ~ form, section:has(#account)").get_by_role("button", name="Save").click()
        walker.look()
        walker.go("/me")
        page.get_by_label("What it is for").fill("laptop")
        walker.button("New token")
        token = page.locator("#new-token").inner_text()
        walker.look()
        asked = httpx.get(f"{course.url}/api/v1/me", headers={"Authorization": f"Bearer {token}"})
        assert asked.json()["role"] == "admin"
        page.get_by_role("button", name="Revoke").click()
        page.get_by_text("You have no token.").wait_for()
        asked = httpx.get(f"{course.url}/api/v1/me", headers={"Authorization": f"Bearer {token}"})
        assert asked.status_code == 401
        walker.go("/course/audit")
        for deed in ("role changed", "token issued", "token revoked"):
            assert page.get_by_role("link", name=deed).count() >= 1, deed
        walker.look()


def test_a_stranger_sees_nothing(browser, course):
    learner = course.enrol("Uma Privat")
    ident = handed_in(course, learner, RIGHT)
    with walking(browser, course) as walker:
        paths = (
            "/",
            "/lessons/00-start-here",
            f"/exercises/{EXERCISE}",
            f"/submissions/{ident}",
            "/review",
            "/me",
        )
        for path in (*paths, "/course", "/course/gradebook", "/course/people", "/course/service"):
            walker.go(path)
            assert walker.page.url.split("?")[0] == f"{course.url}/login", path
            assert "Uma" not in walker.page.content()
        walker.look()
        for path in ("gradebook.csv", "people.csv"):
            answer = httpx.get(f"{course.url}/course/{path}")
            assert answer.status_code in (303, 401, 404)
            assert b"Uma" not in answer.content
        walker.page.locator(".menu > summary").click()
        walker.page.locator(".menu").get_by_role("button", name="中文").click()
        walker.page.get_by_role("heading", level=1, name="登录").wait_for()
        walker.look()
    other = course.enrol("Vic Anders")
    with walking(browser, course, other) as walker:
        assert walker.go(f"/submissions/{ident}").status == 404, "another learner's work is not there"
        assert walker.go("/course/gradebook").status == 404
        walker.look()


def test_a_course_works_without_scripts(browser, course):
    """Log in, hand in, read the result, answer a card, change the language: by links and forms alone."""
    session = course.enrol("Wim Alt")
    with walking(browser, course, session, java_script_enabled=False) as walker:
        page = walker.page
        walker.go(f"/exercises/{EXERCISE}")
        page.get_by_role("textbox").fill(RIGHT)
        walker.button("Hand in")
        deadline = time.monotonic() + PATIENCE
        while page.get_by_role("heading", name="Passed", exact=True).count() == 0:
            assert time.monotonic() < deadline
            page.wait_for_timeout(200)
            page.reload()
        walker.go("/me")
        page.locator("label", has_text="中文").click()
        walker.button("Save")
        assert page.locator("html").get_attribute("lang") == "zh-Hans"


@pytest.mark.slow
@pytest.mark.parametrize("look", LOOKS)
def test_every_page_of_the_staff_in_every_look(browser, course, look, tmp_path):
    handed_in(course, course.enrol(f"Xena-{look} Lang"), WRONG, RIGHT)
    with walking(browser, course, course.session("admin"), **LOOKS[look]) as walker:
        pages = ["", "/gradebook", "/people", "/exercises", "/deadlines", "/audit", "/service"]
        pages += [
            f"/exercises/{EXERCISE}",
            f"/similarity/{EXERCISE}",
            f"/people/{course.ids[f'Xena-{look} Lang']}",
        ]
        for path in pages:
            assert walker.go(f"/course{path}").status == 200
            walker.look()
            walker.page.screenshot(path=tmp_path / f"{path.replace('/', '-')}.png", full_page=True)
