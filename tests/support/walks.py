"""A course that is really served, with its people, to walk through in a browser as one of them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from glasstorch_web.services.accounts import Accounts
from glasstorch_web.store import Database
from support.chromium import LOOPBACK, patient
from support.jupyter import await_answer
from support.service import Service

LESSONS = Path(__file__).resolve().parents[2] / "lessons"
PASSWORD = "nine walruses on a tram"
STAFF = {"assistant": "Ines Assist", "instructor": "Ivo Teach", "admin": "Ada Admin"}

PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
DESKTOP = {"viewport": {"width": 1280, "height": 900}}
LOOKS: dict[str, dict[str, Any]] = {
    "desktop-light": DESKTOP,
    "desktop-dark": {**DESKTOP, "color_scheme": "dark"},
    "phone-light": PHONE,
    "phone-dark": {**PHONE, "color_scheme": "dark"},
}


class Course(Service):
    """The project's own lessons, copied, so that a walk may change them; with accounts, on loopback without TLS."""

    def __init__(self, folder: Path) -> None:
        lessons = folder / "lessons"
        shutil.copytree(LESSONS / "00-start-here", lessons / "00-start-here")
        super().__init__(folder / "state", lessons, GLASSTORCH_COURSE_NAME="Deep learning 1")
        self.state.mkdir(mode=0o700)
        self.ids: dict[str, str] = {}

    def open(self) -> Course:
        """Start it, and give each role of the staff an account, `<role>@example.org`; the admin has a password."""
        self.start("--course", "--insecure-http", "--workers", "1")
        await_answer(f"{self.url}/readyz", self.process, self.log)
        with self.accounts() as accounts:
            for role, name in STAFF.items():
                user = accounts.people.add(name, role, f"{role}@example.org")
                if role == "admin":  # a password's hash is meant to take long
                    accounts.set_password("test", user, PASSWORD)
                self.ids[role] = user.id
        return self

    @contextmanager
    def accounts(self) -> Iterator[Accounts]:
        """The accounts as the command line reaches them."""
        database = Database(self.database)
        try:
            yield Accounts(database)
        finally:
            database.close()

    def enrol(self, name: str) -> str:
        """A learner of this name; the cookie's secret of a session of theirs."""
        with self.accounts() as accounts:
            first = name.split()[0].lower()
            user = accounts.people.add(name, "learner", f"{first}@example.org")
            self.ids[name] = user.id
            return accounts.sessions.begin(user.id)

    def session(self, who: str) -> str:
        with self.accounts() as accounts:
            return accounts.sessions.begin(self.ids[who])


@dataclass
class Walker:
    """Somebody's browser; what it should not have done is collected."""

    page: Any
    course: Course
    complaints: list[str] = field(default_factory=list)

    def go(self, path: str) -> Any:
        return self.page.goto(self.course.url + path)

    def button(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def link(self, name: str) -> None:
        self.page.get_by_role("link", name=name).first.click()

    def look(self) -> None:
        """Hold the page that is open to what every page must be: accessible, and no wider than its window."""
        found = Axe().run(self.page).response["violations"]
        where = self.page.url
        self.complaints += [f"{where}: {v['id']}: {[n['html'][:160] for n in v['nodes']]}" for v in found]
        wide = self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        if wide > 0:
            self.complaints.append(f"{where}: scrolls sideways by {wide} pixels")


@contextmanager
def walking(browser: Any, course: Course, session: str = "", **look: Any) -> Iterator[Walker]:
    """A fresh browser with this session; at its end, whatever it complained of or asked of others fails the test."""
    look = {**DESKTOP, "reduced_motion": "reduce", "locale": "en-GB", **look}
    context = patient(browser, **look)
    if session:
        context.add_cookies([{"name": "glasstorch_session", "value": session, "url": course.url}])
    walker = Walker(context.new_page(), course)

    def gate(route: Any) -> None:
        if urlsplit(route.request.url).hostname in LOOPBACK:
            route.continue_()
        else:
            walker.complaints.append(f"asked {route.request.url}")
            route.abort()

    def heard(message: Any) -> None:
        # The page of a refusal is a refusal: the browser says so of the page itself.
        refused = "Failed to load resource" in message.text and message.location["url"] == walker.page.url
        if message.type in ("error", "warning") and not refused:
            walker.complaints.append(f"{walker.page.url}: {message.text}")

    context.route("**/*", gate)
    walker.page.on("console", heard)
    walker.page.on("pageerror", lambda error: walker.complaints.append(str(error)))
    yield walker
    context.close()
    assert not walker.complaints, "\n".join(walker.complaints)
