"""Who may do what: every route of the application for everybody who may ask, as one table."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

import pytest
from glasstorch_web.app.auth import form_token
from glasstorch_web.store import JobQueue
from support.accounts import PASSWORD, Course, routes
from support.api import RESULT
from support.lessons import make_course

MARKER = "owners_own_marker_7c1"
SOURCE = f"def backward(x, w, dy):\n    {MARKER} = 1\n"
CARD = """
[[card]]
id = "what"
question = "What?"
answer = "That."
zh.question = "什么？"
zh.answer = "那个。"
"""

# `owner` is the learner whose submission, token or session it is, `other` is another learner; `single` is the one
# person of a service without accounts, who has no email and stays. A page sends strangers to the login page (303)
# and says 401 to their forms; to learners a page for staff does not exist (404), staff hears that it is not theirs
# (403).
ASKING = ("stranger", "other", "owner", "assistant", "instructor", "admin", "single")
TABLE = """
                                                        stranger other owner assistant instructor admin single
GET  /                                                       303   200   200       200        200   200    200
GET  /lessons/{slug}                                         303   200   200       200        200   200    200
POST /review/{card}                                          401   303   303       303        303   303    303
POST /lessons/{slug}/read                                    401   303   303       303        303   303    303
GET  /lessons/{slug}/files/{name:path}                       303   200   200       200        200   200    200
GET  /exercises/{exercise_id}                                303   200   200       200        200   200    200
POST /exercises/{exercise_id}                                401   303   303       303        303   303    303
GET  /exercises/{exercise_id}/compare                        303   200   200       200        200   200    200
GET  /exercises/{exercise_id}/compare?to={submission_id}     303   404   200       200        200   200    200
GET  /submissions/{submission_id}                            303   404   200       200        200   200    200
GET  /submissions/{submission_id}/result                     303   404   200       200        200   200    200
GET  /submissions/{submission_id}/graphs/{check_id}          303   404   200       200        200   200    200
GET  /review                                                 303   200   200       200        200   200    200
GET  /me                                                     303   200   200       200        200   200    200
GET  /me/data.json                                           303   200   200       200        200   200    200
POST /me/data                                                401   200   200       200        200   200    200
POST /me/tokens                                              401   200   200       200        200   200    404
POST /me/tokens/{token}/revoke                               401   404   303       404        404   404    404
POST /me/sessions/{session}/end                              401   404   303       404        404   404    404
POST /preferences                                            303   303   303       303        303   303    303
GET  /login                                                  200   303   303       303        303   303    404
POST /login                                                  303   303   303       303        303   303    404
POST /logout                                                 401   303   303       303        303   303    404
GET  /join/{secret}                                          200   200   200       200        200   200    404
POST /join/{secret}                                          303   303   303       303        303   303    404
GET  /password                                               303   200   200       200        200   200    404
POST /password                                               401   303   303       303        303   303    404
GET  /password/{secret}                                      200   200   200       200        200   200    404
POST /password/{secret}                                      303   303   303       303        303   303    404
GET  /login/hub                                              404   404   404       404        404   404    404
GET  /login/hub/callback                                     404   404   404       404        404   404    404
GET  /lti/login                                              404   404   404       404        404   404    404
POST /lti/login                                              404   404   404       404        404   404    404
POST /lti/launch                                             404   404   404       404        404   404    404
GET  /lti/keys                                               404   404   404       404        404   404    404
GET  /course                                                 303   404   404       200        200   200    200
GET  /course/gradebook                                       303   404   404       200        200   200    200
GET  /course/gradebook.csv                                   303   404   404       200        200   200    200
GET  /course/exercises                                       303   404   404       200        200   200    200
GET  /course/exercises/{exercise}                            303   404   404       200        200   200    200
GET  /course/exercises/{exercise}/regrade                    303   404   404       403        200   200    200
POST /course/exercises/{exercise}/regrade                    401   404   404       403        303   303    303
GET  /course/similarity/{exercise}                           303   404   404       200        200   200    200
GET  /course/submissions/{submission}                        303   404   404       200        200   200    200
POST /course/submissions/{submission}/notes                  401   404   404       303        303   303    303
POST /course/submissions/{submission}/notes/{note}           401   404   404       303        303   303    303
POST /course/submissions/{submission}/regrade                401   404   404       303        303   303    303
GET  /course/people                                          303   404   404       200        200   200    200
GET  /course/people.csv                                      303   404   404       403        200   200    200
POST /course/people/invitations                              401   404   404       403        200   200    200
POST /course/people/invitations/{invitation}/end             401   404   404       403        303   303    303
POST /course/people/import                                   401   404   404       403        200   200    200
POST /course/people/import/apply                             401   404   404       403        303   303    303
GET  /course/people/{person}                                 303   404   404       200        200   200    200
POST /course/deadlines                                       401   404   404       403        303   303    303
POST /course/people/{person}/extensions                      401   404   404       403        303   303    303
POST /course/people/{person}/account                         401   404   404       403        303   303    303
POST /course/people/{person}/password                        401   404   404       403        200   200    422
GET  /course/people/{person}/close                           303   404   404       403        200   200    200
POST /course/people/{person}/close                           401   404   404       403        303   303    422
POST /course/people/{person}/open                            401   404   404       403        303   303    303
GET  /course/deadlines                                       303   404   404       200        200   200    200
GET  /course/service                                         303   404   404       200        200   200    200
GET  /course/audit                                           303   404   404       403        200   200    200
GET  /api/v1/openapi.json                                    200   200   200       200        200   200    200
GET  /api/v1/docs                                            200   200   200       200        200   200    200
GET  /api/v1/exercises                                       401   200   200       200        200   200    200
GET  /api/v1/exercises/{exercise_id}                         401   200   200       200        200   200    200
GET  /api/v1/submissions                                     401   200   200       200        200   200    200
GET  /api/v1/submissions?user={person}                       401   403   403       200        200   200    200
POST /api/v1/submissions                                     401   202   202       202        202   202    202
GET  /api/v1/submissions/{submission_id}                     401   404   200       200        200   200    200
GET  /api/v1/submissions/{submission_id}/source              401   404   200       200        200   200    200
GET  /api/v1/submissions/{submission_id}/results.json        401   404   200       200        200   200    200
GET  /api/v1/submissions/{submission_id}/events              401   404   200       200        200   200    200
GET  /api/v1/me                                              401   200   200       200        200   200    200
GET  /api/v1/me/progress                                     401   200   200       200        200   200    200
POST /api/v1/me/progress                                     401   200   200       200        200   200    200
GET  /api/v1/isolation                                       401   200   200       200        200   200    200
GET  /healthz                                                200   200   200       200        200   200    200
GET  /readyz                                                 200   200   200       200        200   200    200
GET  /metrics                                                403   403   403       403        403   403    403
GET  /problems                                               200   200   200       200        200   200    200
GET  /problems/{slug}                                        200   200   200       200        200   200    200
GET  /static/{file}                                          200   200   200       200        200   200    200
GET  /views/{file}                                           200   200   200       200        200   200    200
"""


def table() -> dict[tuple[str, str], dict[str, int]]:
    """Method and route → by who asks, the status expected."""
    found = {}
    for line in TABLE.strip().splitlines()[1:]:
        method, route, *statuses = line.split()
        assert (method, route) not in found, "twice in the table"
        found[method, route] = dict(zip(ASKING, map(int, statuses), strict=True))
    return found


def shape(route: str) -> str:
    """A route without the names of its parameters, which are the handlers' own affair."""
    return re.sub(r"\{[^}]*\}", "{}", route.partition("?")[0])


class World:
    """A course in which there is one of everything, as one of those who ask finds it."""

    def __init__(self, course: Course, owner: str) -> None:
        self.course = course
        self.accounts = course.accounts
        self.exercise = "l01.formula"
        self.owner = owner
        state = course.app.state
        result = json.loads(json.dumps(RESULT))
        result["tests"][0]["detail"]["graph"] = {"page": {"nodes": []}, "differences": []}
        self.graphed, _ = self._graded(result)
        self.submission, number = self._graded(RESULT)
        state.progress.mark_read(owner, "01-tensors-and-views", True)
        author = "local" if owner == "local" else course.people["assistant"].id
        self.note = state.annotations.add(author, number, 1, "Look here.").id
        if owner != "local":
            course.add("spare")

    def _graded(self, result: dict[str, Any]) -> tuple[str, int]:
        queue = JobQueue(self.course.app.state.database)
        ident = queue.submit(self.owner, self.exercise, SOURCE)
        claim = queue.claim("test")
        assert claim is not None
        assert queue.finish(claim, {**result, "exercise": self.exercise})
        found = self.course.app.state.service.submission(ident)
        return ident, found.number

    def address(self, route: str) -> str:
        """The route with something that is there in the place of each parameter."""
        values = {
            "slug": "token-needed" if route.startswith("/problems") else "01-tensors-and-views",
            "name:path": "pixel.png",
            "exercise_id": self.exercise,
            "exercise": self.exercise,
            "submission_id": self.graphed if "graphs" in route else self.submission,
            "submission": self.submission,
            "check_id": "values",
            "card": "what",
            "note": str(self.note),
            "file": "cell_grid.css" if route.startswith("/views") else "style.css",
            "person": "local" if self.owner == "local" else self.course.people["spare"].id,
        }
        fresh = {
            "token": self._token,
            "session": self._session,
            "secret": self._link,
            "invitation": self._invitation,
        }
        return re.sub(r"\{([^}]*)\}", lambda m: values.get(m[1]) or fresh[m[1]](route), route)

    def _token(self, route: str) -> str:
        self.accounts.people.issue_token(self.owner, "laptop")
        return self.accounts.my_tokens(self.owner)[-1].id

    def _session(self, route: str) -> str:
        self.accounts.sessions.begin(self.owner)
        return self.accounts.my_sessions(self.owner)[0].id

    def _link(self, route: str) -> str:
        if self.owner == "local":
            return "none"
        if route.startswith("/join"):
            return self.accounts.invite("test").secret
        return self.accounts.reset_link("test", self.course.people["spare"].id).secret

    def _invitation(self, route: str) -> str:
        self.accounts.invite("test")
        return self.accounts.invitations.list()[0].id

    def form(self, route: str) -> dict[str, Any]:
        """A form that the route takes."""
        roster = b"name,email\nNew,new@example.org\n"
        single = self.owner == "local"
        forms: dict[str, dict[str, Any]] = {
            "/exercises/{exercise_id}": {"source": "# mine"},
            "/review/{card}": {"knew": "true"},
            "/me/tokens": {"label": "laptop", "days": "1"},
            "/login": {"email": "spare@example.org", "password": PASSWORD},
            "/join/{secret}": {
                "name": "New",
                "email": f"{len(self.accounts.people.all())}@example.org",
                "password": PASSWORD,
            },
            "/password": {"current": PASSWORD, "password": "a-new-quiet-otter"},
            "/password/{secret}": {"password": PASSWORD},
            "/course/submissions/{submission}/notes": {"line": "1", "text": "Well done."},
            "/course/submissions/{submission}/notes/{note}": {"text": "Look there."},
            "/course/people/import/apply": {"content": base64.b64encode(roster).decode()},
            "/course/people/{person}/extensions": {"target": self.exercise, "due_at": "2030-01-01T12:00"},
            "/course/people/{person}/account": {"role": "admin" if single else "learner", "section": "A"},
            "/course/deadlines": {"target": self.exercise, "due_at": "2029-01-01T12:00"},
        }
        return forms.get(route, {})

    def files(self, route: str) -> dict[str, Any]:
        if route == "/me/data":
            kept = self.course.app.state.progress.export(self.owner)
            return {"files": {"file": ("data.json", json.dumps(kept).encode(), "application/json")}}
        if route == "/course/people/import":
            return {"files": {"file": ("people.csv", b"name,email\nAnn,ann@example.org\n", "text/csv")}}
        return {}

    def ask(self, who: str, method: str, route: str, headers: dict[str, str] | None = None) -> Any:
        """What this route answers them; `headers`: by which they are known instead of by a session."""
        name = {"stranger": None, "owner": "learner"}.get(who, who)
        self.course.app.state.registry.sign_in("worker", "host", 1, {"level": "L2", "gaps": []})
        if route.startswith("/api"):
            body: dict[str, Any] = {}
            if method == "POST":
                body = {"json": {"exercise": self.exercise, "source": "# mine"}}
            if route == "/api/v1/me/progress":
                body = {"json": self.course.app.state.progress.export(self.owner)}
            given = {"X-Glasstorch": "1", **(headers or {})}
            name = None if headers else name
            return self.course.ask(name, method, self.address(route), headers=given, **body)
        if method == "GET":
            return self.course.ask(name, "GET", self.address(route))
        form, more = self.form(route), self.files(route)
        if route in ("/login", "/join/{secret}", "/password/{secret}"):  # forms for whoever is not logged in
            more["headers"] = {"Cookie": "glasstorch_guest=here"}
            return self.course.ask(None, "POST", self.address(route), form, csrf=form_token("here"), **more)
        return self.course.ask(name, "POST", self.address(route), form, **more)


@pytest.fixture(scope="module")
def lessons(tmp_path_factory):
    folder = make_course(tmp_path_factory.mktemp("lessons"), 1)
    (folder / "01-tensors-and-views/reviews.toml").write_text(CARD, "utf-8")
    return folder


@pytest.fixture(scope="module")
def world(lessons, tmp_path_factory):
    with Course(tmp_path_factory.mktemp("course"), lessons) as course:
        yield World(course, course.people["learner"].id)


@pytest.fixture(scope="module")
def single(lessons, tmp_path_factory):
    with Course(tmp_path_factory.mktemp("single"), lessons, multi_user=False) as course:
        yield World(course, "local")


def test_every_route_is_in_the_table(world):
    here = {(method, shape(route)) for method, route in routes(world.course.app.routes)}
    told = {(method, shape(route)) for method, route in table()}
    assert here - told == set(), "say in the table who may use a new route"
    assert told - here == set(), "these routes are gone"


@pytest.mark.parametrize("who", ASKING)
def test_everybody_gets_what_the_table_says(world, single, who):
    asked = single if who == "single" else world
    wrong = []
    for (method, route), expected in table().items():
        status = asked.ask(who, method, route).status_code
        if status != expected[who]:
            wrong.append(f"{method} {route}: {status}, not {expected[who]}")
    assert not wrong, who


@pytest.mark.parametrize("who", ASKING[1:-1])
def test_a_token_opens_of_the_api_what_a_session_opens_and_no_page(world, who):
    name = "learner" if who == "owner" else who
    secret = world.accounts.people.issue_token(world.course.people[name].id, "test")
    headers = {"Authorization": f"Bearer {secret}"}
    wrong = []
    for (method, route), expected in table().items():
        if route.startswith("/api"):
            status = world.ask(who, method, route, headers).status_code
            if status != expected[who]:
                wrong.append(f"{method} {route}: {status}, not {expected[who]}")
    assert not wrong
    for page in ("/me", "/course", "/course/people", f"/submissions/{world.submission}"):
        assert world.course.ask(None, "GET", page, headers=headers).status_code == 303, page


def test_no_page_shows_a_learner_what_another_handed_in(world):
    owner = world.course.people["learner"]
    secrets = (MARKER, owner.id, str(owner.email), world.submission)
    asked = 0
    for method, route in table():
        if method == "GET":
            text = world.ask("other", method, route).text
            shown = [one for one in secrets if one in text.replace(world.address(route).lstrip("/"), "")]
            assert not shown, route
            asked += 1
    attempt = world.course.ask("other", "GET", f"/exercises/{world.exercise}?attempt={world.submission}")
    assert attempt.status_code == 200
    assert MARKER not in attempt.text
    own = world.course.ask("learner", "GET", f"/exercises/{world.exercise}?attempt={world.submission}")
    assert MARKER in own.text
    assert asked > 40
