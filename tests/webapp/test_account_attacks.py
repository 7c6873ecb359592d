"""What somebody might try against accounts, each tried."""

from __future__ import annotations

import re
import threading
from html.parser import HTMLParser

import pytest
from fastapi.testclient import TestClient
from glasstorch_web.app.auth import form_token
from glasstorch_web.services.roster import Roster
from glasstorch_web.store import PeopleError, tables
from glasstorch_web.store.attempts import PER_ACCOUNT, PER_ADDRESS, WINDOW, Attempts
from glasstorch_web.store.sessions import ABSOLUTE, DAY, IDLE, Sessions
from glasstorch_web.words import Refusal
from sqlalchemy import select
from support.accounts import COOKIE, PASSWORD, Course, hidden, routes, session_of
from support.api import EXERCISE, assert_problem

SCRIPT = "<script>alert(1)</script>"
FORMULA = '=HYPERLINK("https://evil.example","grade")'


class Clock:
    now = 2_000_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    with Course(tmp_path_factory.mktemp("course")) as course:
        yield course


@pytest.fixture(autouse=True)
def forgotten(course):
    """No test is held up by another's failed log-ins."""
    yield
    with course.app.state.database.write() as db:
        db.execute(tables.attempts.delete())


# Forms and other sites

OPEN = {"/preferences", "/lti/login", "/lti/launch"}  # a look is no harm; a platform's messages are signed


def posts(course: Course) -> list[str]:
    """Every address that a form is sent to."""
    found = [r for method, r in routes(course.app.routes) if method == "POST" and not r.startswith("/api")]
    return [re.sub(r"\{[^}]*\}", "x", route) for route in found]


def test_every_form_wants_its_own_sessions_token(course):
    others = form_token(course.session("other"))
    guest = form_token("planted")
    addresses = [one for one in posts(course) if one not in OPEN]
    assert len(addresses) > 20
    for address in addresses:
        for csrf in ("", "x", others, guest, "\xe9" * 64):
            answer = course.ask("admin", "POST", address, {}, csrf=csrf)
            assert answer.status_code == 403, (address, csrf)
            assert course.ask(None, "POST", address, {}, csrf=csrf).status_code in (401, 403), (address, csrf)


def test_nothing_is_written_for_another_sites_page(course):
    label = "of another site"
    for headers in (
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:8766"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ):
        for address in posts(course):
            if not address.startswith("/lti/"):
                answer = course.ask("admin", "POST", address, {"label": label}, headers=headers)
                assert answer.status_code == 403, (address, headers)
        body = {"exercise": EXERCISE, "source": "x = 1"}
        sent = {"X-Glasstorch": "1", **headers}
        assert_problem(course.ask("admin", "POST", "/api/v1/submissions", json=body, headers=sent), 403)
    answer = course.ask("admin", "POST", "/api/v1/submissions", json=body)
    assert_problem(answer, 403), "a session alone is no sign that a write is meant"
    assert label not in [token.label for token in course.accounts.people.tokens(course.people["admin"].id)]


def test_pages_are_not_shown_inside_other_sites_nor_kept(course):
    for who, path in ((None, "/login"), ("learner", "/me"), ("admin", "/course/people")):
        headers = course.ask(who, "GET", path).headers
        policy = headers["content-security-policy"]
        assert "frame-ancestors 'self'" in policy
        assert "script-src 'self';" in policy
        assert "form-action 'self'" in policy
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin", "secrets in addresses stay here"


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "127.0.0.1@evil.example", ""])
def test_a_forged_host_is_refused_and_gets_into_no_link(course, host):
    assert course.ask("admin", "GET", "/course/people", headers={"Host": host}).status_code in (400, 421)
    forwarded = {
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "https",
        "Forwarded": "host=evil.example",
    }
    made = course.ask("admin", "POST", "/course/people/invitations", {}, headers=forwarded)
    assert "/join/" in made.text
    assert "evil.example" not in made.text


# Logging in


def test_a_planted_session_is_worth_nothing(course):
    planted = "planted-by-somebody-else"
    page = course.client.get("/login")
    guest = page.cookies["glasstorch_guest"]
    cookies = f"{COOKIE}={planted}; glasstorch_guest={guest}"
    form = {"csrf": hidden(page.text), "email": "learner@example.org", "password": PASSWORD}
    answer = course.client.post("/login", data=form, headers={"Cookie": cookies})
    fresh = session_of(answer)
    course.client.cookies.clear()
    assert fresh != planted
    assert course.ask(None, "GET", "/me", secret=planted).status_code == 303
    assert course.ask(None, "GET", "/me", secret=fresh).status_code == 200
    again = course.client.post(
        "/login", data=form, headers={"Cookie": f"{COOKIE}={fresh}; glasstorch_guest={guest}"}
    )
    course.client.cookies.clear()
    assert session_of(again) != fresh
    assert course.ask(None, "GET", "/me", secret=fresh).status_code == 303, "the former one ends"


def test_who_has_an_account_cannot_be_found_out(course):
    """By words, statuses or the work that is done; a clock is not asked."""
    course.accounts.disable("test", course.add("gone").id)
    course.people["bare"] = course.accounts.people.add("Bare", "learner", "bare@example.org")  # from a roster
    told = set()
    for name, password in (
        ("learner", "not-the-password"),
        ("nobody", PASSWORD),
        ("gone", PASSWORD),
        ("bare", PASSWORD),
        ("bare", ""),
    ):
        before = course.keeper.checks
        answer = course.log_in(name, password)
        assert course.keeper.checks == before + 1, name
        assert COOKIE not in answer.cookies
        text = re.sub(r'value="[^"]*"|nonce-[^"]*', "", answer.text)
        told.add((answer.status_code, text, tuple(sorted(set(answer.headers) - {"x-request-id"}))))
    assert len(told) == 1
    assert next(iter(told))[0] == 403


def test_guessing_is_slowed_down_for_accounts_known_and_unknown(course):
    waits = []
    for name in ("learner", "no-such-person"):
        for _ in range(PER_ACCOUNT):
            assert course.log_in(name, "a-wrong-password").status_code == 403
        before = course.keeper.checks
        answer = course.log_in(name)
        assert answer.status_code == 429, "the right password too"
        assert course.keeper.checks == before, "nothing is computed for who is too fast"
        assert 0 < int(answer.headers["retry-after"]) <= WINDOW
        waits.append(re.sub(r'value="[^"]*"|nonce-[^"]*|\d+ minutes', "", answer.text))
    assert waits[0] == waits[1]
    assert course.log_in("LEARNER").status_code == 429, "another spelling is the same account"
    assert course.log_in("other").status_code == 303, "others behind the same address are not held up"
    entry = course.accounts.audit.entries()[0]
    throttled = [one for one in course.accounts.audit.entries(50) if one.what == "log-ins throttled"][:2]
    assert {one.detail["user"] for one in throttled} == {course.people["learner"].id, None}
    assert "no-such-person" not in str(entry.detail), "people type passwords where an email belongs"


def test_an_address_has_its_limit_too_and_both_pass(course):
    clock = Clock()
    attempts = Attempts(course.app.state.database, clock)
    for number in range(PER_ADDRESS):
        assert attempts.wait(f"{number}@example.org", "192.0.2.1") == 0
        attempts.failed(f"{number}@example.org", "192.0.2.1")
    assert attempts.wait("new@example.org", "192.0.2.1") == WINDOW
    assert attempts.wait("new@example.org", "192.0.2.2") == 0
    attempts.succeeded("0@example.org")
    assert attempts.wait("new@example.org", "192.0.2.1") == WINDOW, "one's own account frees no address"
    clock.now += WINDOW
    assert attempts.wait("new@example.org", "192.0.2.1") == 0
    attempts.failed("new@example.org", "192.0.2.3")
    with course.app.state.database.read() as db:
        assert len(db.execute(select(tables.attempts)).all()) == 2, "what is past is not kept"


def test_a_log_in_form_of_another_browsers_is_refused(course):
    """Else somebody could log others in as themselves, and read what they then hand in."""
    csrf = hidden(course.client.get("/login").text)
    course.client.cookies.clear()
    form = {"csrf": csrf, "email": "other@example.org", "password": PASSWORD}
    for cookie in ("", "glasstorch_guest=another"):
        answer = course.client.post("/login", data=form, headers={"Cookie": cookie})
        assert answer.status_code == 403
        assert COOKIE not in answer.cookies


@pytest.mark.parametrize(
    "away",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/%09/evil.example",
        "javascript:alert(1)",
        "x//evil.example",
        "../../evil",
        "exercises/../../evil",
        "me\r\nSet-Cookie: a=b",
        "http:evil.example",
        ".//evil.example",
        "@evil.example",
    ],
)
def test_logging_in_leads_nowhere_else(course, away):
    forms = [
        course.guest_form("/login", {"email": "other@example.org", "password": PASSWORD, "next": away}),
        course.ask("other", "GET", "/login", params={"next": away}),
        course.ask("other", "POST", "/preferences", {"theme": "dark", "back": away}),
    ]
    for answer in forms:
        assert answer.status_code == 303
        assert answer.headers["location"] == "./", away
        assert "a=b" not in str(answer.headers.get_list("set-cookie"))
    page = course.ask(None, "GET", "/login", params={"next": away})
    assert "evil" not in page.text


def test_after_logging_in_one_is_where_one_wanted_to_be(course):
    asked = course.ask(None, "GET", f"/exercises/{EXERCISE}?attempt=x")
    assert asked.headers["location"] == f"../login?next=exercises/{EXERCISE}%3Fattempt%3Dx"
    page = course.client.get(f"/login?next=exercises/{EXERCISE}%3Fattempt%3Dx")
    to = re.search(r'name="next" value="([^"]*)"', page.text)[1]
    answer = course.guest_form("/login", {"email": "other@example.org", "password": PASSWORD, "next": to})
    assert answer.headers["location"] == f"./exercises/{EXERCISE}?attempt=x"


# Sessions and tokens


@pytest.mark.parametrize(
    "change", [lambda s: s[:-1], lambda s: s + "A", lambda s: s.swapcase(), lambda s: ""]
)
def test_a_cookie_that_was_changed_opens_nothing(course, change):
    assert course.ask(None, "GET", "/me", secret=change(course.session("learner"))).status_code == 303


@pytest.mark.parametrize("cookie", ["admin", "1", "x" * 9000, "\xe9", '"', "a=b", "' OR 1=1 --"])
def test_a_made_up_cookie_opens_nothing(course, cookie):
    headers = {"Cookie": f"{COOKIE}={cookie}".encode("latin-1")}
    assert course.client.get("/me", headers=headers).status_code == 303
    assert_problem(course.client.get("/api/v1/me", headers=headers), 401)


def test_logging_out_ends_the_session_in_the_store(course):
    secret, another = course.session("learner"), course.session("learner")
    answer = course.ask(None, "POST", "/logout", {}, secret=secret)
    assert answer.status_code == 303
    assert f'{COOKIE}=""' in answer.headers["set-cookie"]
    assert course.ask(None, "GET", "/me", secret=secret).status_code == 303
    assert course.ask(None, "GET", "/me", secret=another).status_code == 200


def test_what_staff_changes_counts_from_the_next_request_on(course):
    user = course.add("mover", "assistant")
    secret = course.session("mover")
    token = {"Authorization": f"Bearer {course.accounts.people.issue_token(user.id, 'test')}"}

    def sees() -> tuple[int, int]:
        page = course.ask(None, "GET", "/course", secret=secret).status_code
        return page, course.ask(None, "GET", "/api/v1/me", headers=token).status_code

    assert sees() == (200, 200)
    course.accounts.set_role("test", user.id, "learner")
    assert sees() == (404, 200)
    course.accounts.set_role("test", user.id, "instructor")
    assert sees() == (200, 200)
    course.accounts.disable("test", user.id)
    assert sees() == (303, 401)
    course.accounts.enable("test", user.id)
    assert sees() == (303, 200), "sessions do not come back to life"


def test_a_new_password_ends_all_sessions_but_the_new_one(course):
    course.add("changer")
    first, second = course.session("changer"), course.session("changer")
    new = "a-much-newer-otter"
    form = {"current": PASSWORD, "password": new}
    wrong = course.ask(None, "POST", "/password", form | {"current": "guess"}, secret=first)
    assert wrong.status_code == 403
    assert (
        course.ask(None, "POST", "/password", form | {"password": "short"}, secret=first).status_code == 422
    )
    changed = course.ask(None, "POST", "/password", form, secret=first)
    fresh = session_of(changed)
    opened = {s: course.ask(None, "GET", "/me", secret=s).status_code for s in (first, second, fresh)}
    assert opened == {first: 303, second: 303, fresh: 200}
    assert course.log_in("changer").status_code == 403
    assert course.log_in("changer", new).status_code == 303
    for _ in range(PER_ACCOUNT):
        course.ask(None, "POST", "/password", form | {"current": "guess"}, secret=fresh)
    held = course.ask(None, "POST", "/password", form | {"current": new}, secret=fresh)
    assert held.status_code == 429, "who sits at somebody's open browser cannot guess either"


def test_sessions_end_by_themselves(course):
    clock = Clock()
    sessions = Sessions(course.app.state.database, clock)
    learner = course.people["learner"].id
    idle, used = sessions.begin(learner), sessions.begin(learner)
    for _ in range(int(ABSOLUTE / DAY) - 1):
        clock.now += DAY
        assert sessions.get(used) is not None
    assert sessions.get(idle) is None, f"unused for more than {IDLE} seconds"
    clock.now += DAY
    assert sessions.get(used) is None, "however much it was used"


def test_one_ends_only_ones_own_sessions_and_tokens(course):
    ones, others = course.session("learner"), course.session("other")
    session = course.accounts.my_sessions(course.people["other"].id)[0]
    assert course.ask("learner", "POST", f"/me/sessions/{session.id}/end", {}).status_code == 404
    assert course.ask(None, "GET", "/me", secret=others).status_code == 200
    answer = course.ask(None, "POST", "/me/sessions/others/end", {}, secret=ones)
    assert answer.status_code == 303
    assert [s.browser for s in course.accounts.my_sessions(course.people["learner"].id)] == ["a test"]


def test_a_token_counts_in_its_header_alone(course):
    secret = course.accounts.people.issue_token(course.people["learner"].id, "test")
    for name in ("token", "access_token", "authorization", "api_key"):
        assert_problem(course.client.get("/api/v1/me", params={name: secret}), 401)
    assert course.ask(None, "GET", "/api/v1/me", secret=secret).status_code == 401, "nor as a cookie"
    bearer = {"Authorization": f"Bearer {course.session('learner')}"}
    assert course.client.get("/api/v1/me", headers=bearer).status_code == 401, "nor a session as a token"


def test_no_secret_is_in_the_store_or_its_record(course):
    admin = course.people["admin"]
    learner = course.people["learner"]
    secrets = [
        course.session("learner"),
        course.accounts.issue_token(learner, "laptop"),
        course.accounts.invite(admin).secret,
        course.accounts.reset_link(admin, learner.id).secret,
        PASSWORD,
    ]
    with course.app.state.database.read() as db:
        everything = "".join(
            str(row)
            for table in (tables.sessions, tables.tokens, tables.invitations, tables.passwords, tables.audit)
            for row in db.execute(select(table))
        )
    assert learner.id in everything
    assert not [one for one in secrets if one in everything]


def test_cookies_behind_https_are_of_this_host_and_https_alone(tmp_path):
    for root, name in (("", "__Host-glasstorch_session"), ("/torch", "__Secure-glasstorch_session")):
        site = f"https://course.example.org{root}"
        state = tmp_path / (root or "/root").strip("/")
        with Course(state, public_url=site, root_path=root) as course:
            client = TestClient(course.app, base_url="https://course.example.org", follow_redirects=False)
            page = client.get(f"{root}/login")
            form = {"csrf": hidden(page.text), "email": "learner@example.org", "password": PASSWORD}
            cookie = client.post(f"{root}/login", data=form).headers["set-cookie"]
            assert cookie.startswith(f"{name}=")
            assert {"HttpOnly", "Secure", "SameSite=lax", f"Path={root or '/'}"} <= set(cookie.split("; "))
            assert client.get(f"{root}/me").status_code == 200


# Invitations


def test_an_invitation_is_used_as_often_as_it_says_however_fast(course):
    link = course.accounts.invite("test", "assistant", max_uses=2)
    made, refused = [], []

    def join(number: int) -> None:
        try:
            made.append(course.accounts.join(link.secret, "New", f"race{number}@example.org", PASSWORD))
        except PeopleError as error:
            refused.append(error)

    threads = [threading.Thread(target=join, args=[number]) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(made), len(refused)) == (2, 4)
    assert {user.role for user in made} == {"assistant"}
    assert course.ask(None, "GET", f"/join/{link.secret}").status_code == 404


def test_invitations_end(course):
    clock = Clock()
    accounts = type(course.accounts)(course.app.state.database, course.keeper, clock)
    admin = course.people["admin"]
    short = accounts.invite(admin, days=1)
    clock.now += DAY
    bound = accounts.invite(admin, email="Bound@Example.org")
    taken_back = accounts.invite(admin)
    assert accounts.revoke_invitation(admin, accounts.invitations.get(taken_back.secret).id)
    password = accounts.reset_link(admin, course.people["other"].id)
    newer = accounts.reset_link(admin, course.people["other"].id)
    for secret, email in [
        (short.secret, "late@example.org"),
        (taken_back.secret, "late@example.org"),
        (bound.secret, "thief@example.org"),
        (newer.secret, "late@example.org"),
        ("guess", "late@example.org"),
        ("", "late@example.org"),
    ]:
        with pytest.raises(PeopleError):
            accounts.join(secret, "Late", email, PASSWORD)
    with pytest.raises(PeopleError):
        accounts.join(accounts.invite(admin).secret, "Copy", "ADMIN@example.org", PASSWORD)
    assert accounts.join(bound.secret, "Bound", "bound@example.org", PASSWORD).email == "bound@example.org"
    with pytest.raises(PeopleError):
        accounts.set_password_by_link(password.secret, PASSWORD)
    accounts.set_password_by_link(newer.secret, PASSWORD)
    with pytest.raises(PeopleError):
        accounts.set_password_by_link(newer.secret, PASSWORD)


def test_fields_that_no_form_has_change_nothing(course):
    more = {
        "role": "admin",
        "id": "mine",
        "section": "X",
        "created_at": "0",
        "disabled_at": "0",
        "user": "admin",
    }
    link = course.accounts.invite("test", "learner", section="A")
    form = {"name": "New", "email": "massive@example.org", "password": PASSWORD, **more}
    joined = course.guest_form(f"/join/{link.secret}", form)
    assert joined.status_code == 303
    user = course.accounts.people.by_email("massive@example.org")
    assert (user.role, user.section, user.disabled_at) == ("learner", "A", None)
    assert user.id != "mine"
    before = len(course.accounts.people.tokens(course.people["admin"].id))
    course.ask("learner", "POST", "/me/tokens", {"label": "mine", **more})
    course.ask("learner", "POST", "/preferences", {"language": "zh", **more})
    assert len(course.accounts.people.tokens(course.people["admin"].id)) == before
    me = course.accounts.people.get(course.people["learner"].id)
    assert (me.role, me.language) == ("learner", "zh")
    body = {"exercise": EXERCISE, "source": "x", "user": course.people["other"].id}
    sent = course.ask("learner", "POST", "/api/v1/submissions", json=body, headers={"X-Glasstorch": "1"})
    assert_problem(sent, 422)


def test_nobody_gives_what_is_not_below_them(course):
    people, accounts = course.people, course.accounts
    for who, target, role in [
        ("instructor", "learner", "instructor"),
        ("instructor", "learner", "admin"),
        ("instructor", "admin", "learner"),
        ("instructor", "instructor", "admin"),
        ("assistant", "learner", "assistant"),
        ("learner", "learner", "admin"),
        ("admin", "admin", "learner"),
    ]:
        with pytest.raises(Refusal):
            accounts.set_role(people[who], people[target].id, role)
    for who, role in [("instructor", "instructor"), ("instructor", "admin"), ("assistant", "learner")]:
        with pytest.raises(Refusal):
            accounts.invite(people[who], role)
    for who in ("assistant", "instructor"):
        for deed in (accounts.disable, accounts.reset_link, accounts.end_sessions):
            with pytest.raises(Refusal):
                deed(people[who], people["admin"].id)
    with pytest.raises(Refusal):
        accounts.disable("command line", people["admin"].id)  # the only one
    roster = b"name,email,role\nAdmin,admin@example.org,learner\n"
    assert Roster(accounts).preview(people["instructor"], roster).faults
    assert [people[name].role for name in people if name in ("learner", "admin")] == ["learner", "admin"]
    for form in ({"role": "admin"}, {"role": "king"}):
        page = f"/course/people/{people['other'].id}/account"
        assert course.ask("instructor", "POST", page, {"section": "", **form}).status_code == 422
    assert accounts.people.get(people["other"].id).role == "learner"


# What people write about themselves


class Tags(HTMLParser):
    """The elements of a page whose attributes or text might run something."""

    def __init__(self) -> None:
        super().__init__()
        self.bad: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if (
            (tag == "script" and not given.get("src"))
            or tag == "img"
            or any(n.startswith("on") for n in given)
        ):
            self.bad.append(str(self.get_starttag_text()))


def test_what_people_write_is_shown_as_text(course):
    accounts, admin = course.accounts, course.people["admin"]
    name = f'{SCRIPT}"><img src=x onerror=alert(1)>'
    link = accounts.invite(admin)
    for email in ('"<img src=x>"@example.org', "a@b\u202eexample.org", "a b@example.org", "a@b,c@d"):
        with pytest.raises(PeopleError):
            accounts.join(link.secret, "Ann", email, PASSWORD)
    user = accounts.join(link.secret, name, "script@example.org", PASSWORD)
    course.people["script"] = user
    accounts.change(admin, user.id, section="<b>A</b>")
    secret = accounts.sessions.begin(user.id, f"Mozilla {SCRIPT}")
    accounts.issue_token(user, SCRIPT)
    body = {"exercise": EXERCISE, "source": f'"""{SCRIPT}"""'}
    sent = {"X-Glasstorch": "1"}
    ident = course.ask(None, "POST", "/api/v1/submissions", secret=secret, json=body, headers=sent).json()[
        "id"
    ]
    pages = [
        (None, "/me"),
        (None, f"/submissions/{ident}"),
        (None, f"/exercises/{EXERCISE}"),
        (None, "/password"),
    ]
    pages += [
        ("admin", f"/course{rest}") for rest in ("", "/people", f"/people/{user.id}", "/gradebook", "/audit")
    ]
    pages += [("admin", f"/course/submissions/{ident}"), ("admin", f"/course/exercises/{EXERCISE}")]
    for who, path in pages:
        answer = course.ask(who, "GET", path, **({"secret": secret} if who is None else {}))
        assert answer.status_code == 200, path
        tags = Tags()
        tags.feed(answer.text)
        assert not tags.bad, path
    assert "&lt;script&gt;" in course.ask("admin", "GET", "/course/people").text
    back = course.guest_form("/login", {"email": f'"><{SCRIPT}@x', "password": "x"})
    assert SCRIPT not in back.text
    accounts.change(admin, user.id, name=FORMULA)
    for path in ("/course/people.csv", "/course/gradebook.csv"):
        cells = course.ask("admin", "GET", path).text
        assert "'=HYPERLINK" in cells
        assert not re.search(r'(^|,|\n)"?=', cells), path
    preview = Roster(accounts).preview(admin, Roster(accounts).export().encode())
    assert not preview.faults
    assert {change.kind for change in preview.changes} == {"same"}, "what goes out comes in unchanged"
