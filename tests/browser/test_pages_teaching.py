"""The teaching pages in a real browser: an instructor's way through a course, what learners never see, the looks."""

from __future__ import annotations

import base64
import csv
import io
import re
from collections.abc import Iterator
from types import SimpleNamespace

import httpx
import pytest
from support.api import serving
from support.axe import violations
from support.chromium import patient
from support.teaching import DENSE, SQUARE, make_course

pytestmark = pytest.mark.browser

DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
LOOKS = {
    "desktop-light-en": {"viewport": DESKTOP, "locale": "en-GB"},
    "desktop-dark-zh": {"viewport": DESKTOP, "locale": "zh-CN", "color_scheme": "dark"},
    "phone-light-zh": {"viewport": PHONE, "locale": "zh-CN"},
    "phone-dark-en": {"viewport": PHONE, "locale": "en-GB", "color_scheme": "dark"},
}
ALWAYS = ("overview", "submission")  # in every look; the others in two, a wide and a narrow one


@pytest.fixture(scope="module")
def taught(tmp_path_factory) -> Iterator[SimpleNamespace]:
    """A course after a month, served; `paths`: the teaching pages by name."""
    course = make_course(tmp_path_factory.mktemp("taught"))
    pair = course.app.state.similarity.report(SQUARE).pairs[0]
    paths = {
        "overview": "/course",
        "gradebook": "/course/gradebook",
        "exercises": "/course/exercises",
        "exercise": f"/course/exercises/{SQUARE}",
        "regrade": f"/course/exercises/{SQUARE}/regrade",
        "similarity": f"/course/similarity/{SQUARE}",
        "pair": f"/course/similarity/{SQUARE}?a={pair.left.number}&b={pair.right.number}",
        "submission": f"/course/submissions/{course.newest}?line=3",
        "people": "/course/people",
        "person": f"/course/people/{course.ids['Grace Hopper']}",
        "close": f"/course/people/{course.ids['Grace Hopper']}/close",
        "deadlines": "/course/deadlines",
        "audit": "/course/audit",
        "service": "/course/service",
    }
    with serving(course.app) as url:
        yield SimpleNamespace(course=course, url=url, paths=paths)


def log_in(page, taught, who: str) -> None:
    cookie = {"name": taught.course.cookie, "value": taught.course.sessions[who], "url": taught.url}
    page.context.clear_cookies()
    page.context.add_cookies([cookie])


def told(page) -> str:
    """What the page says about the change that has just been made."""
    return page.locator("main [role=status]").first.inner_text()


def client(taught, who: str) -> httpx.Client:
    cookies = {taught.course.cookie: taught.course.sessions[who]}
    return httpx.Client(base_url=taught.url, cookies=cookies, timeout=60)


def token(someone: httpx.Client) -> str:
    """What their forms carry."""
    return re.search(r'name="csrf" value="([^"]+)"', someone.get("/course").text)[1]


@pytest.mark.parametrize("look", LOOKS)
def test_every_page_is_accessible_fits_and_says_the_level(browser, taught, look):
    context = patient(browser, **LOOKS[look], reduced_motion="reduce")
    page = context.new_page()
    complaints: list[str] = []
    page.on(
        "console", lambda message: message.type in ("error", "warning") and complaints.append(message.text)
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: request.url.startswith(taught.url) or complaints.append(request.url))
    log_in(page, taught, "instructor")
    turn = look in ("desktop-light-en", "phone-light-zh")
    for at, (name, path) in enumerate(({"map": "/"} | taught.paths).items()):
        if name not in ALWAYS and turn is bool(at % 2):
            continue
        taught.course.beat()
        assert page.goto(taught.url + path).status == 200, name
        assert page.locator("html").get_attribute("lang") == ("zh-Hans" if look.endswith("zh") else "en")
        level = page.locator("header a[href$='course/service']")
        assert level.is_visible(), name
        assert level.inner_text().endswith("L3"), name
        page.evaluate("document.querySelectorAll('main details').forEach(part => { part.open = true; })")
        assert violations(page, "html") == [], name
        sideways = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(sideways) <= 0, f"{name} scrolls sideways"
    assert complaints == []
    context.close()


def test_from_the_overview_to_a_note_that_the_learner_reads(page, taught):
    log_in(page, taught, "instructor")
    page.goto(f"{taught.url}/course")
    learners = taught.course.app.state.dashboard.totals().learners
    assert page.locator(".figures div", has_text="Learners").locator("dd").inner_text() == str(learners)
    chart = page.get_by_role("img", name="Submissions per day")
    assert re.search(r"\d+ in the last 28 days", chart.locator("desc").text_content())
    page.get_by_role("link", name="It stays right for large numbers").click()
    page.wait_for_url("**/course/exercises/*")
    assert "21%" in page.locator("table.shares tr", has_text="It stays right for large").inner_text()
    page.get_by_role("link", name=re.compile("Code and result .Barbara Liskov")).first.click()
    page.wait_for_url("**/course/submissions/*")
    first = page.url
    page.keyboard.press("j")
    page.wait_for_url(lambda url: url != first)
    assert page.get_by_role("heading", level=1).inner_text().startswith("John McCarthy")
    page.keyboard.press("k")
    page.wait_for_url(first)
    page.get_by_role("link", name="Write a note to line 3").click()
    note = page.get_by_role("textbox", name="Note to line 3")
    note.fill("Try $x = 3$: the slope is **6**. <script>document.title = 'broken'</script> j")
    page.get_by_role("button", name="Keep the note").click()
    assert "beside the code" in told(page)
    mine = page.locator(".said", has_text="Try")
    assert "<script>" in mine.inner_text()
    assert mine.locator("math").count() == 1
    mine.get_by_text("Change or remove").click()
    mine.get_by_label("Note (Markdown)").fill("Look at the slope once more.")
    mine.get_by_role("button", name="Save").click()
    assert "changed" in page.locator(".said", has_text="once more").inner_text()

    log_in(page, taught, "Barbara Liskov")
    page.goto(first.replace("/course/", "/"))
    assert "Look at the slope once more." in page.locator(".listing").inner_text()
    assert page.locator("header a[href$='course/service']").count() == 0

    log_in(page, taught, "instructor")
    page.goto(first)
    mine = page.locator(".said", has_text="once more")
    mine.get_by_text("Change or remove").click()
    mine.get_by_role("button", name="Remove").click()
    assert told(page) == "The note is gone."
    assert page.locator(".said").count() == 1, "the assistant's is still there"


def test_grading_again_says_how_many_and_asks(page, taught):
    log_in(page, taught, "instructor")
    page.goto(f"{taught.url}/course/exercises/{DENSE}")
    page.get_by_role("link", name="Grade all again").click()
    assert "all 5 submissions" in page.locator("form.card").inner_text()
    page.get_by_role("link", name="Leave it as it is").click()
    page.get_by_role("link", name="Grade all again").click()
    page.get_by_role("button", name="Grade again").click()
    assert told(page) == "5 submissions will be graded again."
    assert page.get_by_text("Grading again").count() == 5
    page.reload()
    page.goto(f"{taught.url}/course/audit?what=regrade")
    assert page.locator("tbody tr").count() == 1, "looking at the page again grades nothing"
    assert "submissions: 5" in page.locator("tbody tr").inner_text()


def test_deadlines_more_time_and_the_gradebook(page, taught, watch):
    watch.ignore("422")  # the refusal of a wrong deadline, which the browser logs
    log_in(page, taught, "instructor")
    page.goto(f"{taught.url}/course/deadlines")
    row = page.locator(f"[id='{DENSE}']")
    row.locator("summary").click()
    row.get_by_label("Due").fill("2031-05-01T12:00")
    row.get_by_label("Closes").fill("2031-04-01T12:00")
    row.get_by_role("button", name="Save").click()
    assert "closes when it is due or later" in page.get_by_role("alert").inner_text()
    assert row.get_by_label("Due").input_value() == "2031-05-01T12:00", "what was typed is kept"
    row.get_by_label("Closes").fill("2031-06-01T12:00")
    row.get_by_label("Percent taken off").fill("12.5")
    row.get_by_role("button", name="Save").click()
    assert told(page) == "Saved."
    assert "1 May 2031" in row.inner_text()
    assert "late: 12% less per day" in row.inner_text()
    row.locator("summary").click()
    row.get_by_role("button", name="Remove these rules").click()
    assert "as its lesson" in row.inner_text()

    page.goto(taught.url + taught.paths["person"])
    page.get_by_label("For", exact=True).select_option(label="Service")
    page.get_by_label("Due", exact=True).fill("2030-01-01T12:00")
    page.get_by_role("button", name="Give more time").click()
    later = page.locator(".mark", has_text="more time")
    assert later.count() == 5
    page.locator("li", has_text="Service").get_by_role("button", name="Take it back").click()
    assert later.count() == 3

    page.goto(f"{taught.url}/course/deadlines")
    lesson = page.locator("[id='00-fixtures']")
    lesson.locator("summary").first.click()
    lesson.get_by_role("button", name="Remove these rules").first.click()
    assert "1 learner has more time here" in page.locator("form.card").inner_text()
    page.get_by_role("link", name="Leave it as it is").click()
    assert "closes" in lesson.inner_text()

    page.goto(f"{taught.url}/course/gradebook")
    page.get_by_label("Name or email begins with").fill("al")
    page.get_by_role("button", name="Search").click()
    row = page.locator("tbody tr")
    assert row.count() == 1
    assert "Alan Turing" in row.inner_text()
    assert row.locator(".sum").last.inner_text() == "20 / 42"
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as CSV").click()
    rows = list(csv.reader(io.StringIO(download.value.path().read_text("utf-8-sig"))))
    assert download.value.suggested_filename.startswith("gradebook-")
    assert [row[-1] for row in rows if row[1] == "Alan Turing"] == ["20"]


def test_people_come_by_a_link_or_a_list_and_leave_when_asked_twice(page, taught, tmp_path):
    log_in(page, taught, "instructor")
    page.goto(f"{taught.url}/course/people")
    assert page.get_by_label("Role").locator("option").all_inner_texts() == ["Learner", "Assistant"]
    page.get_by_label("For how many people").fill("3")
    page.get_by_role("button", name="Make the link").click()
    link = page.get_by_label("Address").input_value()
    assert link.startswith(f"{taught.url}/join/")
    assert httpx.get(link).status_code == 200
    page.goto(f"{taught.url}/course/people")
    assert page.get_by_label("Address").count() == 0, "shown once"
    page.get_by_role("button", name="End it").click()
    assert told(page) == "The link no longer works."
    assert httpx.get(link).status_code == 404

    roster = tmp_path / "people.csv"
    roster.write_text(
        "name,email,section\n=Ken Thompson,ken@example.org,C\nAda King,ada@example.org,A\n", "utf-8"
    )
    page.get_by_label("CSV file").set_input_files(roster)
    page.get_by_role("button", name="See what would change").click()
    lines = page.locator("tbody tr").all_inner_texts()
    assert "will be added" in lines[0]
    assert "before: Ada Lovelace" in lines[1]
    page.get_by_role("button", name="Apply 2 changes").click()
    assert told(page) == "2 people were added or changed."
    page.get_by_role("link", name="=Ken Thompson").click()
    page.get_by_role("link", name="Close the account").click()
    page.get_by_role("button", name="Close the account").click()
    assert "What was handed in is kept" in told(page)
    page.get_by_role("button", name="Open the account again").click()
    assert told(page) == "The account is open again."
    page.get_by_role("button", name="Make a link to set a password").click()
    assert page.get_by_label("Address").input_value().startswith(f"{taught.url}/password/")


def test_learners_find_nothing_here_and_assistants_change_only_what_is_theirs(taught):
    ids = taught.course.ids
    posts = [
        f"/course/submissions/{taught.course.newest}/notes",
        f"/course/submissions/{taught.course.newest}/notes/1",
        f"/course/submissions/{taught.course.newest}/regrade",
        f"/course/exercises/{SQUARE}/regrade",
        "/course/deadlines",
        "/course/people/invitations",
        "/course/people/import/apply",
        *(
            f"/course/people/{ids['Grace Hopper']}/{what}"
            for what in ("account", "password", "close", "open")
        ),
    ]
    with client(taught, "Grace Hopper") as learner:
        for path in (*taught.paths.values(), "/course/gradebook.csv", "/course/people.csv"):
            assert learner.get(path).status_code == 404, path
        for path in posts:
            assert learner.post(path).status_code == 404, path
    with client(taught, "assistant") as assistant:
        allowed = {name: assistant.get(path).status_code for name, path in taught.paths.items()}
        refused = {name for name, status in allowed.items() if status == 403}
        assert refused == {"regrade", "close", "audit"}
        assert {status for name, status in allowed.items() if name not in refused} == {200}
        csrf = token(assistant)
        data = {"csrf": csrf, "target": SQUARE, "due_at": "2031-01-01T00:00", "which": "all", "role": "admin"}
        for path in posts[3:]:
            assert assistant.post(path, data=data).status_code == 403, path
        note = taught.course.app.state.annotations.add(ids["instructor"], 1, 1, "Mine.")
        one = taught.course.app.state.course.submissions(before=2, limit=1)[0]
        path = f"/course/submissions/{one.id}/notes/{note.id}"
        assert assistant.post(path, data={"csrf": csrf, "text": "Yours?"}).status_code == 403
    with client(taught, "instructor") as instructor:
        answer = instructor.post("/course/deadlines", data={"csrf": "guessed", "target": SQUARE})
        assert answer.status_code == 403, "a form of another site's"
        elsewhere = instructor.get("/course?told=<script>&num=99999999999")
        assert 'role="status"' not in elsewhere.text
        new = base64.b64encode(b"name,email\nDennis Ritchie,dennis@example.org\n").decode()
        data = {"csrf": token(instructor), "content": new, "links": "true"}
        answer = instructor.post("/course/people/import/apply", data=data)
        assert answer.headers["content-disposition"] == 'attachment; filename="links.csv"'
        assert answer.headers["cache-control"] == "no-store"
        (row,) = csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff")))
        assert httpx.get(row["link"]).status_code == 200, "the way to a password"
        text = instructor.get("/course/service").text
        assert taught.course.app.state.settings.state.as_posix() not in text, "no path of the machine"
