"""Logging in with a hub's account and from a learning platform, each against a counterpart that speaks for real."""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import json
import time
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import pytest
import requests
from fastapi.testclient import TestClient
from glasstorch_web.services.hub import Hub
from glasstorch_web.services.lti import Lti
from glasstorch_web.store import JobQueue
from jwcrypto.jwk import JWK
from support.accounts import Course
from support.api import EXERCISE, RESULT

SITE = "https://course.example.org"
HUB = "https://hub.example.org/hub"
PLATFORM = "https://moodle.example.org"
CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
HUB_SETTINGS = {
    "public_url": SITE,
    "hub_url": HUB,
    "hub_client_id": "service-glasstorch",
    "hub_client_secret": "a-secret-of-the-hub-s",
}
LTI_SETTINGS = {
    "public_url": SITE,
    "lti_issuer": PLATFORM,
    "lti_client_id": "tool-1",
    "lti_deployments": "7",
    "lti_login_url": f"{PLATFORM}/auth",
    "lti_token_url": f"{PLATFORM}/token",
    "lti_keys_url": f"{PLATFORM}/keys",
}
SESSION = "__Host-glasstorch_session"
NUMBERS = itertools.count()  # so that each test's people are its own


class HubPeer:
    """JupyterHub's side of OAuth 2: codes that count once, PKCE, the service's own secret, who owns a token."""

    def __init__(self) -> None:
        self.name = f"ann{next(NUMBERS)}"
        self.user: dict[str, object] = {"kind": "user", "name": self.name, "admin": False}
        self.up = True
        self._codes: dict[str, dict[str, str]] = {}

    def authorize(self, url: str) -> tuple[str, str]:
        """Somebody logs in at the hub: the code and state with which their browser comes back."""
        assert url.startswith(f"{HUB}/api/oauth2/authorize?")
        asked = {key: values[0] for key, values in parse_qs(urlsplit(url).query).items()}
        assert asked["client_id"] == HUB_SETTINGS["hub_client_id"]
        assert asked["redirect_uri"] == f"{SITE}/login/hub/callback"
        assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
        code = f"code{len(self._codes)}"
        self._codes[code] = asked
        return code, asked["state"]

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if not self.up:
            raise httpx.ConnectError("refused")
        if request.url.path == "/hub/api/oauth2/token":
            sent = {key: values[0] for key, values in parse_qs(request.content.decode()).items()}
            begun = self._codes.pop(sent["code"], None)
            challenge = base64.urlsafe_b64encode(hashlib.sha256(sent["code_verifier"].encode()).digest())
            if (
                begun is None
                or challenge.decode().rstrip("=") != begun["code_challenge"]
                or sent["client_secret"] != HUB_SETTINGS["hub_client_secret"]
                or sent["redirect_uri"] != begun["redirect_uri"]
            ):
                return httpx.Response(400, json={"error": "invalid_grant"})
            return httpx.Response(200, json={"access_token": "theirs", "token_type": "Bearer"})
        assert request.url.path == "/hub/api/user"
        if request.headers["authorization"] != "Bearer theirs":
            return httpx.Response(403)
        return httpx.Response(200, json=self.user)


def browser(course: Course) -> TestClient:
    return TestClient(course.app, base_url=SITE, raise_server_exceptions=False, follow_redirects=False)


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    with Course(tmp_path_factory.mktemp("course"), **{**HUB_SETTINGS, **LTI_SETTINGS}) as course:
        yield course


@pytest.fixture
def hub(course):
    peer = HubPeer()
    course.app.state.hub = Hub(course.app.state.settings, httpx.MockTransport(peer))
    return peer


def through_hub(client: TestClient, hub: HubPeer, to: str = "") -> httpx.Response:
    begun = client.get("/login/hub", params={"next": to} if to else {})
    assert begun.status_code == 303
    code, state = hub.authorize(begun.headers["location"])
    return client.get("/login/hub/callback", params={"code": code, "state": state})


def test_whom_the_hub_lets_in_has_an_account_here(course, hub):
    client = browser(course)
    assert f"{HUB}" not in client.get("/login").text
    assert "JupyterHub" in client.get("/login").text
    answer = through_hub(client, hub, "exercises/service.weighted-square?attempt=1")
    assert answer.status_code == 303
    assert answer.headers["location"] == "../../exercises/service.weighted-square?attempt=1"
    cookie = next(c for c in answer.headers.get_list("set-cookie") if c.startswith(SESSION))
    assert {"Secure", "HttpOnly", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))
    me = client.get("/api/v1/me").json()
    assert (me["name"], me["role"]) == (hub.name, "learner")
    assert through_hub(browser(course), hub).status_code == 303
    assert [user.name for user in course.accounts.people.all()].count(hub.name) == 1, "the same one again"
    hub.user = {"kind": "user", "name": "ben", "admin": True}
    other = browser(course)
    through_hub(other, hub)
    assert other.get("/api/v1/me").json()["role"] == "learner", "the hub's admins are not the course's"
    course.accounts.disable("test", me["id"])
    hub.user = {"kind": "user", "name": hub.name}
    assert through_hub(browser(course), hub).status_code == 403


def test_only_a_log_in_that_was_begun_here_is_completed(course, hub):
    victim, attacker = browser(course), browser(course)
    begun = attacker.get("/login/hub")
    code, state = hub.authorize(begun.headers["location"])
    assert victim.get("/login/hub/callback", params={"code": code, "state": state}).status_code == 403
    victim.get("/login/hub")
    for wrong in ({"code": code, "state": state}, {"code": code}, {"state": state}, {}):
        assert victim.get("/login/hub/callback", params=wrong).status_code == 403
    assert SESSION not in victim.cookies
    begun = victim.get("/login/hub")
    _, own = hub.authorize(begun.headers["location"])
    stolen = victim.get("/login/hub/callback", params={"code": code, "state": own})
    assert stolen.status_code == 502, "a code of another log-in does not fit this one's verifier"
    away = through_hub(victim, hub, "//evil.example/")
    assert away.headers["location"] == "../../"


@pytest.mark.parametrize("user", [{"kind": "service", "name": "cron"}, {"kind": "user"}, {"name": "x"}])
def test_the_hub_must_vouch_for_a_user(course, hub, user):
    hub.user = user
    assert through_hub(browser(course), hub).status_code == 502


def test_a_hub_that_is_away_is_said(course, hub):
    client = browser(course)
    begun = client.get("/login/hub")
    code, state = hub.authorize(begun.headers["location"])
    hub.up = False
    answer = client.get("/login/hub/callback", params={"code": code, "state": state})
    assert answer.status_code == 502
    assert "hub" in answer.text
    assert "Traceback" not in answer.text


def test_a_name_at_the_hub_opens_nobodys_account_here(course, hub):
    hub.user = {"kind": "user", "name": "admin@example.org"}
    client = browser(course)
    assert through_hub(client, hub).status_code == 303
    assert client.get("/api/v1/me").json()["role"] == "learner"


# The learning platform


KEYS = [JWK.generate(kty="RSA", size=2048, kid="p1") for _ in range(2)]  # the platform's, and a forger's


class PlatformPeer(requests.adapters.BaseAdapter):
    """A learning platform: signs launches, publishes its keys, gives access tokens, and has a gradebook."""

    def __init__(self, course: Course) -> None:
        super().__init__()
        self.key = KEYS[0]
        self.subject = f"u{next(NUMBERS)}"
        self.email = f"{self.subject}@school.example.org"
        self.scores: list[dict[str, object]] = []
        self.up = True
        self._tool = browser(course)
        session = requests.Session()
        session.mount("https://", self)
        state = course.app.state
        state.lti = Lti(state.settings, state.platform, session)

    def claims(self, nonce: str, **more: object) -> dict[str, object]:
        now = int(time.time())
        return {
            "iss": PLATFORM,
            "aud": "tool-1",
            "sub": self.subject,
            "iat": now,
            "exp": now + 300,
            "nonce": nonce,
            "name": f"Ann {self.subject}",
            "email": self.email,
            f"{CLAIM}deployment_id": "7",
            f"{CLAIM}message_type": "LtiResourceLinkRequest",
            f"{CLAIM}version": "1.3.0",
            f"{CLAIM}resource_link": {"id": "r1"},
            f"{CLAIM}roles": ["http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"],
            f"{CLAIM}target_link_uri": f"{SITE}/exercises/{EXERCISE}",
            "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint": {
                "scope": ["https://purl.imsglobal.org/spec/lti-ags/scope/score"],
                "lineitem": f"{PLATFORM}/lines/3",
            },
            **more,
        }

    def sign(self, claims: dict[str, object], key: JWK | None = None, **options: str) -> str:
        pem = (key or self.key).export_to_pem(private_key=True, password=None)
        return jwt.encode(claims, pem, **{"algorithm": "RS256", "headers": {"kid": "p1"}, **options})

    def send(self, request, **options):
        if not self.up:
            raise requests.ConnectionError("refused")
        status, body = self._answer(request)
        response = requests.Response()
        response.status_code, response._content, response.url = status, json.dumps(body).encode(), request.url
        response.request = request
        return response

    def close(self) -> None:
        pass

    def _answer(self, request) -> tuple[int, object]:
        path = urlsplit(request.url).path
        if path == "/keys":
            return 200, {"keys": [{**json.loads(self.key.export_public()), "alg": "RS256", "use": "sig"}]}
        if path == "/token":
            sent = {key: values[0] for key, values in parse_qs(request.body).items()}
            known = {key["kid"]: key for key in self._tool.get("/lti/keys").json()["keys"]}
            assertion = sent["client_assertion"]
            public = jwt.PyJWK(known[jwt.get_unverified_header(assertion)["kid"]])
            claims = jwt.decode(assertion, public.key, algorithms=["RS256"], audience=f"{PLATFORM}/token")
            assert claims["iss"] == claims["sub"] == "tool-1"
            return 200, {"access_token": "for-scores"}
        assert path == "/lines/3/scores"
        assert request.headers["Authorization"] == "Bearer for-scores"
        self.scores.append(json.loads(request.body))
        return 200, {}


@pytest.fixture
def platform(course):
    return PlatformPeer(course)


def begin(client: TestClient, method: str = "POST") -> dict[str, str]:
    """The platform announces somebody; what we then ask the platform for."""
    told = {"iss": PLATFORM, "login_hint": "42", "target_link_uri": f"{SITE}/", "client_id": "tool-1"}
    given = {"params": told} if method == "GET" else {"data": told}
    answer = client.request(method, "/lti/login", headers={"Origin": PLATFORM}, **given)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(f"{PLATFORM}/auth?")
    cookie = answer.headers["set-cookie"]
    assert "SameSite=none" in cookie, "it has to come along with a form of the platform's"
    assert {"Secure", "HttpOnly"} <= set(cookie.split("; "))
    asked = {k: v[0] for k, v in parse_qs(urlsplit(answer.headers["location"]).query).items()}
    assert asked["redirect_uri"] == f"{SITE}/lti/launch"
    assert (asked["response_mode"], asked["prompt"], asked["scope"]) == ("form_post", "none", "openid")
    return asked


def launch(client: TestClient, platform: PlatformPeer, **claims: object) -> httpx.Response:
    asked = begin(client)
    token = platform.sign(platform.claims(asked["nonce"], **claims))
    return post(client, token, asked["state"])


def post(client: TestClient, token: str, state: str) -> httpx.Response:
    form = {"id_token": token, "state": state}
    return client.post("/lti/launch", data=form, headers={"Origin": PLATFORM})


def hand_in_and_grade(course: Course, user: str, score: float) -> None:
    queue = JobQueue(course.app.state.database)
    queue.submit(user, EXERCISE, f"# {score}")
    claim = queue.claim("test")
    queue.finish(claim, {**RESULT, "score": score})


def test_who_comes_from_the_platform_is_let_in_and_their_points_go_back(course, platform, monkeypatch):
    client = browser(course)
    answer = launch(client, platform)
    assert answer.status_code == 303, answer.text
    assert answer.headers["location"] == f"../exercises/{EXERCISE}"
    me = client.get("/api/v1/me").json()
    assert (me["name"], me["role"]) == (f"Ann {platform.subject}", "learner")
    lti, sender = course.app.state.lti, course.app.state.grades
    assert lti.send_due(sender.points) == 0, "nothing was handed in"
    hand_in_and_grade(course, me["id"], 2)
    assert lti.send_due(sender.points) == 1
    (told,) = platform.scores
    assert (told["userId"], told["scoreGiven"], told["scoreMaximum"]) == (platform.subject, 2, 10)
    assert (told["gradingProgress"], told["activityProgress"]) == ("FullyGraded", "Submitted")
    assert lti.send_due(sender.points) == 0, "it is known there"
    hand_in_and_grade(course, me["id"], 10)
    platform.up = False
    assert lti.send_due(sender.points) == 0
    platform.up = True
    assert lti.send_due(sender.points) == 0, "not at once again"
    monkeypatch.setattr(course.app.state.platform, "_clock", lambda: time.time() + 120)
    assert lti.send_due(sender.points) == 1
    assert platform.scores[-1]["scoreGiven"] == 10
    first = lti.public_keys()["keys"][0]["kid"]
    second = lti.rotate()
    assert [key["kid"] for key in client.get("/lti/keys").json()["keys"]] == [second, first]
    assert "d" not in client.get("/lti/keys").json()["keys"][0], "the private part stays here"
    hand_in_and_grade(course, me["id"], 1)
    assert lti.send_due(sender.points) == 0, "the best counts"
    assert launch(browser(course), platform).status_code == 303
    assert [user.name for user in course.accounts.people.all()].count(me["name"]) == 1


def forged(platform: PlatformPeer, claims: dict[str, object]) -> str:
    return platform.sign(claims, KEYS[1])


def with_public_key(platform: PlatformPeer, claims: dict[str, object]) -> str:
    public = platform.key.export_to_pem()
    header, body = (
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=")
        for part in ({"alg": "HS256", "typ": "JWT", "kid": "p1"}, claims)
    )
    mark = base64.urlsafe_b64encode(hmac.digest(public, header + b"." + body, "sha256")).rstrip(b"=")
    return b".".join((header, body, mark)).decode()


def unsigned(platform: PlatformPeer, claims: dict[str, object]) -> str:
    return jwt.encode(claims, None, algorithm="none", headers={"kid": "p1"})


@pytest.mark.parametrize(
    "change",
    [
        {"aud": "another-tool"},
        {"aud": ["another-tool", "tool-1"]},
        {"iss": "https://evil.example"},
        {f"{CLAIM}deployment_id": "8"},
        {"exp": 1_000_000},
        {"exp": None},
        {"nonce": "guessed"},
        {"nonce": None},
        {"sub": None},
        {f"{CLAIM}message_type": "LtiDeepLinkingRequest"},
        {f"{CLAIM}version": "1.1"},
        forged,
        with_public_key,
        unsigned,
        "garbage",
        "a.b.c",
    ],
    ids=lambda change: change.__name__ if callable(change) else str(change)[:50],
)
def test_what_the_platform_did_not_say_now_and_to_us_is_refused(course, platform, change):
    client, before = browser(course), len(course.accounts.people.all())
    asked = begin(client)
    claims = platform.claims(asked["nonce"])
    if isinstance(change, str):
        token = change
    elif callable(change):
        token = change(platform, claims)
    else:
        token = platform.sign({k: v for k, v in (claims | change).items() if v is not None})
    answer = post(client, token, asked["state"])
    assert answer.status_code == 403
    assert SESSION not in client.cookies
    assert len(course.accounts.people.all()) == before


def test_a_launch_counts_once_and_in_the_browser_that_began_it(course, platform):
    victim, thief = browser(course), browser(course)
    asked = begin(victim)
    token = platform.sign(platform.claims(asked["nonce"]))
    begin(thief)
    assert post(thief, token, asked["state"]).status_code == 403, "another browser's state"
    assert post(victim, token, "").status_code == 403
    assert post(victim, token, asked["state"]).status_code == 303
    thief.cookies.set("glasstorch_lti", asked["state"])
    assert post(thief, token, asked["state"]).status_code == 403, "a token that was used"
    unknown = {"iss": "https://evil.example", "login_hint": "1", "target_link_uri": SITE}
    assert victim.post("/lti/login", data=unknown).status_code == 403
    assert begin(browser(course), "GET")


@pytest.mark.parametrize(
    ("claims", "to"),
    [
        ({f"{CLAIM}target_link_uri": "https://evil.example/x"}, "../"),
        ({f"{CLAIM}target_link_uri": f"{SITE}.evil.example/x"}, "../"),
        ({f"{CLAIM}target_link_uri": f"{SITE}//evil.example"}, "../"),
        ({f"{CLAIM}custom": {"page": "//evil.example"}}, "../"),
        ({f"{CLAIM}custom": {"page": "/lessons/01-service"}}, "../lessons/01-service"),
    ],
)
def test_a_launch_leads_to_pages_of_this_site_only(course, platform, claims, to):
    assert launch(browser(course), platform, **claims).headers["location"] == to


def test_whose_account_it_is_here_decides_not_the_email_there(course, platform):
    people = course.accounts.people
    client = browser(course)
    assert launch(client, platform, email="admin@example.org").status_code == 403, "it has a password"
    course.accounts.people.add("Ann, from the roster", "learner", platform.email)
    assert launch(client, platform).status_code == 303
    assert client.get("/api/v1/me").json()["name"] == "Ann, from the roster"
    user = people.by_email(platform.email)
    course.accounts.disable("test", user.id)
    assert client.get("/api/v1/me").status_code == 401
    assert launch(browser(course), platform).status_code == 403
    roles = {
        "membership#Instructor": "instructor",
        "membership/Instructor#TeachingAssistant": "assistant",
        "institution/person#Faculty": "learner",
        "system/person#Administrator": "learner",
    }
    for number, (role, expected) in enumerate(roles.items()):
        told = {f"{CLAIM}roles": [f"http://purl.imsglobal.org/vocab/lis/v2/{role}"]}
        client = browser(course)
        launch(client, platform, sub=f"{platform.subject}-{number}", email=None, name="\u202e", **told)
        me = client.get("/api/v1/me").json()
        assert (role, me["role"], me["name"]) == (role, expected, "–")
