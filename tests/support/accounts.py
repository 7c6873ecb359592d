"""A course with accounts: its application, one person of each role, and requests as any of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from fastapi import FastAPI
from glasstorch_web.app import create_app
from glasstorch_web.app.auth import form_token
from glasstorch_web.services.passwords import PasswordKeeper
from glasstorch_web.settings import Settings
from glasstorch_web.store.people import ROLES, User
from httpx import Response
from starlette.routing import Mount
from support.api import EXERCISES, open_client

PASSWORD = "quiet-otter-lantern"
COOKIE = "glasstorch_session"


class CountingKeeper(PasswordKeeper):
    """Hashes that cost next to nothing, and how often one was checked."""

    def __init__(self) -> None:
        super().__init__(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        self.checks = 0

    def check(self, hash: str | None, password: str) -> bool:
        self.checks += 1
        return super().check(hash, password)


class Course:
    """One application, used as a context; its people are called by their roles, and `other` is a second learner."""

    def __init__(self, state: Path, lessons: Path = EXERCISES, **settings: Any) -> None:
        settings = {"multi_user": True, "rate_per_minute": 0, "pending_per_exercise": 0, **settings}
        self.app: FastAPI = create_app(Settings(state=state, lessons=lessons, workers=0, **settings))
        self.accounts = self.app.state.accounts
        self.accounts.keeper = self.keeper = CountingKeeper()
        self.people: dict[str, User] = {}
        self._sessions: dict[str, str] = {}
        self.client = open_client(self.app, follow_redirects=False)

    def __enter__(self) -> Course:
        self.client.__enter__()
        if self.app.state.settings.multi_user:
            for name in (*ROLES, "other"):
                self.add(name, name if name in ROLES else "learner")
        return self

    def __exit__(self, *error: object) -> None:
        self.client.__exit__(*error)

    def add(self, name: str, role: Any = "learner") -> User:
        """Somebody more, who can log in as NAME@example.org with PASSWORD."""
        user = self.accounts.people.add(name.capitalize(), role, f"{name}@example.org")
        self.accounts.set_password("test", user, PASSWORD)
        self.people[name] = user
        return user

    def session(self, who: str) -> str:
        """The secret of a new session of that person's."""
        return str(self.accounts.sessions.begin(self.people[who].id, "a test"))

    def ask(
        self,
        who: str | None,
        method: str,
        path: str,
        form: dict[str, Any] | None = None,
        *,
        secret: str | None = None,
        csrf: str | None = None,
        headers: dict[str, str] | None = None,
        **more: Any,
    ) -> Response:
        """A request as somebody (None: a stranger; "single": the person of a service without accounts).

        Forms carry what belongs to the session, or `csrf`. Nothing is kept from one request to the next.
        """
        headers = dict(headers or {})
        if who is not None and who != "single" and secret is None:
            secret = self._sessions.get(who, "")
            if self.accounts.sessions.get(secret) is None:
                secret = self._sessions[who] = self.session(who)
        if secret is not None:
            headers["Cookie"] = f"{COOKIE}={secret}"
        if form is not None:
            token = self.app.state.form_token if who == "single" else form_token(secret or "")
            form = {"csrf": token if csrf is None else csrf, **form}
        answer = self.client.request(method, path, data=form, headers=headers, **more)
        self.client.cookies.clear()
        return answer

    def log_in(self, name: str, password: str = PASSWORD, **more: Any) -> Response:
        """What the login form answers, asked for and sent by a browser that was never here."""
        return self.guest_form("/login", {"email": f"{name}@example.org", "password": password}, **more)

    def guest_form(self, path: str, form: dict[str, Any], **more: Any) -> Response:
        """What a form for those who are not logged in answers, after it was asked for."""
        csrf = hidden(self.client.get(path).text)
        answer = self.client.post(path, data={"csrf": csrf, **form}, **more)
        self.client.cookies.clear()
        return answer


def hidden(html: str) -> str:
    """The token in a page's last form."""
    return re.findall(r'name="csrf" value="([^"]*)"', html)[-1]


def session_of(answer: Response) -> str:
    """The secret of the session that an answer begins."""
    return answer.cookies[COOKIE]


def routes(of: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Every method and route of an application, those of included routers too."""
    for route in of:
        if isinstance(route, Mount):
            yield "GET", f"{prefix}{route.path}/{{file}}"
        elif hasattr(route, "original_router"):
            yield from routes(route.original_router.routes, prefix + route.include_context.prefix)
        else:
            for method in route.methods - {"HEAD"}:
                yield method, prefix + route.path
