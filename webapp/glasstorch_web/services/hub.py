"""Logging in with a JupyterHub's accounts: OAuth 2 with a state and PKCE, by authlib."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

import httpx
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import OAuth2Client

from ..settings import Settings

SECONDS = 10.0  # for each question to the hub


class HubError(Exception):
    """The hub does not answer, or not as it should."""


@dataclass(frozen=True)
class Begun:
    """A log-in under way: where the browser goes, and what it has to bring back."""

    url: str
    state: str
    verifier: str


class Hub:
    """The hub that the settings name."""

    def __init__(self, settings: Settings, transport: httpx.BaseTransport | None = None) -> None:
        self.url = settings.hub_url
        self._api = settings.hub_api_url or f"{settings.hub_url}/api"
        self._id = settings.hub_client_id
        secret = settings.hub_client_secret
        self._secret = secret.get_secret_value() if secret else ""
        self._back = f"{settings.public_url}/login/hub/callback"
        self._transport = transport

    def begin(self) -> Begun:
        """The way to the hub's own login page."""
        verifier = secrets.token_urlsafe(48)
        with self._client() as client:
            url, state = client.create_authorization_url(
                f"{self.url}/api/oauth2/authorize", code_verifier=verifier
            )
        return Begun(str(url), str(state), verifier)

    def complete(self, code: str, verifier: str) -> str:
        """The name of the user whom the hub has let in.

        Raises:
            HubError: the hub does not answer or does not vouch for anybody.
        """
        try:
            with self._client() as client:
                client.fetch_token(f"{self._api}/oauth2/token", code=code, code_verifier=verifier)
                answer = client.get(f"{self._api}/user")
                answer.raise_for_status()
                user: Any = answer.json()
        except (httpx.HTTPError, OAuthError, ValueError) as error:
            raise HubError(type(error).__name__) from error
        # A service of the hub's may also own a token; it is nobody who hands in.
        if not isinstance(user, dict) or user.get("kind") != "user" or not isinstance(user.get("name"), str):
            raise HubError("no user")
        return str(user["name"])

    def _client(self) -> OAuth2Client:
        return OAuth2Client(
            self._id,
            self._secret,
            token_endpoint_auth_method="client_secret_post",
            redirect_uri=self._back,
            code_challenge_method="S256",
            timeout=SECONDS,
            transport=self._transport,
        )
