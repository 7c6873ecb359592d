"""The site of a big course (support/seeded.py), and an address for each of its pages and API routes."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from glasstorch_web.store import Database
from httpx import Response
from support.accounts import Course
from support.seeded import make_lessons, seed

# What is no page that somebody waits for: a stream, files, and what other programs or one-time links lead to.
ELSEWHERE = ("/events", "/static", "/views", "/join/", "/password/", "/lti/", "/login", "/files/", "/metrics")


class BusySite:
    """A context. Learners ask for their own pages, an instructor for those of the course."""

    def __init__(
        self, folder: Path, url: str = "", *, learners: int = 1000, submissions: int = 50_000, each: int = 4
    ) -> None:
        """url: of an empty PostgreSQL database in place of a file in `folder`."""
        lessons = make_lessons(folder / "lessons", lessons=10, each=each)
        state = folder / "state"
        database = Database(url or state / "grades.sqlite3")
        self.learners = seed(database, lessons, learners=learners, submissions=submissions)
        self.submissions = submissions
        self.exercises = [path.name for path in sorted(lessons.glob("*/exercises/*"))]
        self.lessons = [path.name for path in sorted(lessons.iterdir())]
        # A lesson to read.
        for name in self.lessons:
            (lessons / name / f"{name}.py").write_text("# %% [markdown]\n# # A lesson\n#\n# Text.\n", "utf-8")
        database.close()
        self.course = Course(state, lessons, **({"database_url": url} if url else {}))
        self.draw = random.Random(1)

    def __enter__(self) -> BusySite:
        self.course.__enter__()
        self.sessions = {
            user: self._session(user) for user in (*self.draw.sample(self.learners, 20), "staff-1")
        }
        return self

    def __exit__(self, *error: object) -> None:
        self.course.__exit__(*error)

    def _session(self, user: str) -> str:
        return str(self.course.accounts.sessions.begin(user, "a test"))

    def routes(self) -> list[str]:
        """Every page and API route that is asked for with GET."""
        found = {
            route
            for route in get_routes(self.course.app.routes)
            if not any(one in route for one in ELSEWHERE)
        }
        return sorted(found)

    def address(self, route: str) -> tuple[str, str]:
        """Somebody who may ask for a page of this route, and such a page, drawn by chance."""
        user = "staff-1" if route.startswith("/course") else self.draw.choice(list(self.sessions)[:-1])
        values = {
            "submissions": self._submission_of(user),
            "exercises": self.draw.choice(self.exercises),
            "similarity": self.draw.choice(self.exercises),
            "lessons": self.draw.choice(self.lessons),
            "people": self.draw.choice(self.learners),
            "graphs": "values",
            "problems": "closed",
        }
        path = re.sub(r"(\w+)/\{[^}]+\}", lambda part: f"{part[1]}/{values[part[1]]}", route)
        if route in ("/course/gradebook", "/course/people"):
            path += self.draw.choice(["", f"?after={self.draw.choice(self.learners)}", "?section=group 2"])
        if route == "/api/v1/submissions" or route.startswith(("/course/exercises/{", "/course/people/{")):
            path += f"?before={self.draw.randrange(1, self.submissions)}"
        return user, path

    def ask(self, user: str, path: str) -> Response:
        return self.course.ask(None, "GET", path, secret=self.sessions[user])

    def _submission_of(self, user: str) -> str:
        """One that this person may see."""
        course = self.course.app.state.course
        found = course.submissions(user=None if user == "staff-1" else user, limit=20)
        return str(self.draw.choice(found).id)


def get_routes(of: Any, prefix: str = "") -> Iterator[str]:
    """The routes that answer GET, those of included routers too."""
    for route in of:
        if hasattr(route, "original_router"):
            yield from get_routes(route.original_router.routes, prefix + route.include_context.prefix)
        elif "GET" in (getattr(route, "methods", None) or ()):
            yield prefix + route.path
