"""A learning platform (LTI 1.3), by PyLTI1p3: its people come in, and their points go back to its gradebook.

The library checks signatures, audience, deployment and message. Ours is what it leaves open: nonces come from the
store and count once, a token needs an expiry, and the state must come back in this browser's cookie.
"""

from __future__ import annotations

import datetime
import json
import logging
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

import requests
from jwcrypto.jwk import JWK
from pylti1p3.assignments_grades import AssignmentsGradesService
from pylti1p3.cookie import CookieService
from pylti1p3.deployment import Deployment
from pylti1p3.exception import LtiException
from pylti1p3.grade import Grade
from pylti1p3.message_launch import MessageLaunch
from pylti1p3.oidc_login import OIDCLogin
from pylti1p3.redirect import Redirect
from pylti1p3.registration import Registration
from pylti1p3.request import Request
from pylti1p3.roles import TeacherRole, TeachingAssistantRole
from pylti1p3.service_connector import ServiceConnector
from pylti1p3.session import SessionService
from pylti1p3.tool_config import ToolConfAbstract

from ..settings import Settings
from ..store.people import Role
from ..store.platform import DueGrade, Platform, SigningKey

log = logging.getLogger("glasstorch.service")

SECONDS = 10.0  # for each question to the platform
RETIRE = 30 * 24 * 3600.0  # seconds after which a replaced key is not published any more
ENDPOINT = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
CUSTOM = "https://purl.imsglobal.org/spec/lti/claim/custom"
TARGET = "https://purl.imsglobal.org/spec/lti/claim/target_link_uri"
SCORE: Final = "https://purl.imsglobal.org/spec/lti-ags/scope/score"

__all__ = ["Launch", "Lti", "LtiException"]


class Launch:
    """Somebody whom the platform has sent, and where to."""

    def __init__(self, message: MessageLaunch[Any, Any, Any, Any], site: str) -> None:
        data: Mapping[str, Any] = message.get_launch_data()
        self.subject = str(data.get("sub") or "")
        self.name = str(data.get("name") or data.get("given_name") or "").strip()
        self.email: str | None = data.get("email") or None
        self.role: Role = _role(data)
        self.page = _page(str(data.get(TARGET) or ""), data.get(CUSTOM), site)
        endpoint = data.get(ENDPOINT) or {}
        line = endpoint.get("lineitem") if SCORE in endpoint.get("scope", []) else None
        self.line_item = line if isinstance(line, str) else None


class Lti:
    """The platform that the settings name."""

    def __init__(
        self, settings: Settings, platform: Platform, session: requests.Session | None = None
    ) -> None:
        self.issuer = settings.lti_issuer
        self._settings = settings
        self._platform = platform
        self._session = session or _PatientSession()
        self._site = settings.public_url

    def begin(self, asked: Mapping[str, str]) -> tuple[str, str]:
        """The platform has asked us to log somebody in: where the browser goes, and the state it brings back.

        Raises:
            LtiException: it is not the platform that we know.
        """
        kept = _State({})
        login = _Login(_Asked(asked), _Config(self), _Nonces(self._platform), kept)
        return str(login.redirect(f"{self._site}/lti/launch")), kept.given

    def launch(self, asked: Mapping[str, str], state: str) -> Launch:
        """Who comes back from the platform; `state`: what this browser has kept.

        Raises:
            LtiException: the message is not the platform's, not for us, old, or repeated.
        """
        kept = _State({state: state} if state else {})
        message = _Message(
            _Asked(asked), _Config(self), _Nonces(self._platform), kept, requests_session=self._session
        )
        message.set_jwt_verify_options({"verify_aud": False, "require": ["exp", "iat", "nonce"]})  # type: ignore[dict-item]
        try:
            message.validate()
        except (AttributeError, KeyError, TypeError, ValueError) as error:  # the library trusts shapes
            raise LtiException(f"malformed: {type(error).__name__}") from error
        if not message.is_resource_launch():
            raise LtiException("only resource links can be opened")
        found = Launch(message, self._site)
        if not found.subject:
            raise LtiException("nobody is named")
        return found

    def public_keys(self) -> dict[str, Any]:
        """Our public keys, by which the platform knows our messages."""
        return {"keys": [_public(key) for key in self._keys()]}

    def rotate(self) -> str:
        """A new key that signs from now on; the former stays published for a while. Its id."""
        key = JWK.generate(kty="RSA", size=2048)
        kid = str(key.thumbprint())
        self._platform.add_key(kid, key.export_to_pem(private_key=True, password=None).decode(), RETIRE)
        return kid

    def _keys(self) -> list[SigningKey]:
        keys = self._platform.keys()
        if not keys:
            self.rotate()
            keys = self._platform.keys()
        return keys

    def registration(self) -> Registration:
        """What the library wants to know about the platform and us."""
        settings, key = self._settings, self._keys()[0]
        registration = _Registered(key)
        registration.set_issuer(settings.lti_issuer).set_client_id(settings.lti_client_id)
        registration.set_auth_login_url(settings.lti_login_url).set_auth_token_url(settings.lti_token_url)
        registration.set_key_set_url(settings.lti_keys_url).set_tool_private_key(key.private_key)
        return registration

    def knows(self, deployment: str) -> bool:
        return deployment in self._settings.lti_deployments

    def send_due(self, points: Callable[[str, str], tuple[float, float] | None]) -> int:
        """Tell the platform the grades that have changed; how many. `points`: score and maximum of (user, target)."""
        told = 0
        for grade in self._platform.due():
            now = time.time()
            score = points(grade.user, grade.target)
            if score is None or score[0] == grade.sent_score:
                self._platform.sent(grade, grade.sent_score or 0.0 if score is None else score[0], now)
                continue
            try:
                self._send(grade, *score)
            except (LtiException, requests.RequestException, ValueError, KeyError) as error:
                log.warning("a grade could not be sent to the learning platform (%s)", type(error).__name__)
                self._platform.failed(grade)
            else:
                self._platform.sent(grade, score[0], now)
                told += 1
        return told

    def _send(self, grade: DueGrade, score: float, maximum: float) -> None:
        connector = ServiceConnector(self.registration(), self._session)
        service = AssignmentsGradesService(connector, {"scope": [SCORE], "lineitem": grade.line_item})
        told = Grade().set_score_given(score).set_score_maximum(maximum).set_user_id(grade.subject)
        told.set_activity_progress("Submitted").set_grading_progress("FullyGraded")
        told.set_timestamp(datetime.datetime.now(datetime.UTC).isoformat())
        service.put_grade(told)


def _role(data: Mapping[str, Any]) -> Role:
    """The role of a new account, from the role in the course; who teaches elsewhere may learn here."""
    message: Any = data
    if TeachingAssistantRole(message).check():
        return "assistant"
    return "instructor" if TeacherRole(message).check() else "learner"


def _page(link: str, custom: Any, site: str) -> str:
    """The page of this site that the platform's link leads to, relative to the first page."""
    asked = custom.get("page") if isinstance(custom, dict) else None
    if isinstance(asked, str):
        return asked.removeprefix("/")
    return link.removeprefix(f"{site}/") if link.startswith(f"{site}/") else ""


def _public(key: SigningKey) -> dict[str, Any]:
    exported: dict[str, Any] = json.loads(JWK.from_pem(key.private_key.encode()).export_public())
    return {**exported, "kid": key.kid, "alg": "RS256", "use": "sig"}


class _PatientSession(requests.Session):
    """Waits for the platform, but not for ever, and is not led elsewhere."""

    def request(self, method: str, url: str, **options: Any) -> requests.Response:  # type: ignore[override]
        return super().request(method, url, **{"timeout": SECONDS, "allow_redirects": False, **options})


class _Registered(Registration):
    def __init__(self, key: SigningKey) -> None:
        self._kid = key.kid

    def get_kid(self) -> str:
        return self._kid


class _Config(ToolConfAbstract[Any]):
    """The one platform, as the library asks for it."""

    def __init__(self, lti: Lti) -> None:
        self._lti = lti

    def check_iss_has_one_client(self, iss: str) -> bool:
        return False

    def find_registration_by_issuer(self, iss: str, *args: Any, **more: Any) -> Registration:
        raise LtiException("the client is not named")

    def find_registration_by_params(self, iss: str, client_id: str, *args: Any, **more: Any) -> Registration:
        registration = self._lti.registration()
        # A platform may leave out who we are when it asks for a log-in; its token names us.
        if iss != self._lti.issuer or client_id not in (None, "", registration.get_client_id()):
            raise LtiException("another platform, or another tool")
        return registration

    def find_deployment(self, iss: str, deployment_id: str) -> Deployment | None:
        return self.find_deployment_by_params(iss, deployment_id, "")

    def find_deployment_by_params(
        self, iss: str, deployment_id: str, client_id: str, *args: Any, **more: Any
    ) -> Deployment | None:
        return Deployment().set_deployment_id(deployment_id) if self._lti.knows(deployment_id) else None


class _Asked(Request):
    def __init__(self, asked: Mapping[str, str]) -> None:
        self._asked = asked

    @property
    def session(self) -> dict[str, Any]:
        return {}

    def is_secure(self) -> bool:
        return True

    def get_param(self, key: str) -> str:
        return self._asked.get(key, "")


class _State(CookieService):
    """The one state that a browser keeps."""

    def __init__(self, kept: dict[str, str]) -> None:
        self._kept = kept
        self.given = ""

    def get_cookie(self, name: str) -> str | None:
        return self._kept.get(name)

    def set_cookie(self, name: str, value: str | int, exp: int | None = 3600) -> None:
        self.given = str(value)


class _Nonces(SessionService):
    """Nonces in the store; nothing else is kept between log-in and launch."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    def save_nonce(self, nonce: str) -> None:
        self._platform.add_nonce(nonce)

    def check_nonce(self, nonce: str) -> bool:
        return self._platform.use_nonce(nonce)

    def check_state_is_valid(self, state: str, id_token_hash: str) -> bool:
        return False  # the cookie decides

    def set_state_valid(self, state: str, id_token_hash: str) -> None:
        pass

    def save_launch_data(self, key: str, jwt_body: Mapping[str, Any]) -> None:
        pass


class _Redirect(Redirect[str]):
    def __init__(self, location: str) -> None:
        self._location = location

    def do_redirect(self) -> str:
        return self._location

    def do_js_redirect(self) -> str:
        return self._location

    def set_redirect_url(self, location: str) -> None:
        self._location = location

    def get_redirect_url(self) -> str:
        return self._location


class _Login(OIDCLogin[Any, Any, Any, Any, str]):
    def get_redirect(self, url: str) -> _Redirect:
        return _Redirect(url)


class _Message(MessageLaunch[Any, Any, Any, Any]):
    def _get_request_param(self, key: str) -> str:
        return str(self._request.get_param(key))
