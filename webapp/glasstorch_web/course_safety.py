"""What a service with accounts must have before it lets anybody in."""

from __future__ import annotations

import importlib.util
import ipaddress
import os
import stat
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import SecretStr
from sqlalchemy import make_url

from .settings import Settings

SHORTEST_SECRET = 16  # characters
GUESSED = {"postgres", "postgresql", "password", "secret", "glasstorch", "changeme", "admin", "root"}


def faults(settings: Settings, host: str) -> list[str]:
    """Why a service with accounts may not listen on this address with these settings; each says what to do."""
    found = [
        *_transport(settings, host),
        *_hosts(settings),
        *_secrets(settings),
        *_elsewhere(settings),
        *_database(settings.database_url),
        *_state(settings.state),
    ]
    return found


def _transport(settings: Settings, host: str) -> list[str]:
    found = []
    if not settings.is_https and not settings.insecure_http:
        found.append(
            "Passwords and sessions would cross the network for everybody to read. Put a proxy with TLS in front and "
            "name its address: --public-url https://course.example.org. On a private network alone, "
            "--insecure-http does without."
        )
    if settings.insecure_http and not settings.is_https and not _is_private(host):
        found.append(
            f"--insecure-http is for private networks, and {host} is none of their addresses. "
            "Name the machine's private one: --host 10.0.0.5."
        )
    path = urlsplit(settings.public_url).path.rstrip("/")
    if settings.public_url and path != settings.root_path:
        found.append(
            f"public_url ends in {path or '/'!r}, and root_path is {settings.root_path or '/'!r}. They must agree."
        )
    return found


def _hosts(settings: Settings) -> list[str]:
    found = []
    if "*" in settings.hosts:
        found.append(
            'allowed_hosts is "*", so a page of any name could pass for this site. Name the hosts: '
            "GLASSTORCH_ALLOWED_HOSTS=course.example.org."
        )
    if any("*" in address or address in ("0.0.0.0/0", "::/0") for address in settings.trusted_proxies):
        found.append(
            "trusted_proxies trusts everybody, so whoever asks could name any address as their own. Name your "
            "proxy's address alone."
        )
    return found


def _secrets(settings: Settings) -> list[str]:
    found = []
    for key in ("metrics_token", "hub_client_secret"):
        secret: SecretStr | None = getattr(settings, key)
        if secret is not None and _is_weak(secret.get_secret_value()):
            found.append(
                f"{key} is easily guessed. Make one with: "
                'python -c "import secrets; print(secrets.token_urlsafe(32))"'
            )
    return found


def _elsewhere(settings: Settings) -> list[str]:
    """Logging in with a hub's or a learning platform's accounts needs all that belongs to it, and libraries."""
    needed: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {}
    if settings.has_hub:
        needed["hub_url"] = (("hub_client_id", "hub_client_secret"), ("authlib", "httpx"))
    if settings.has_platform:
        theirs = ("lti_client_id", "lti_deployments", "lti_login_url", "lti_token_url", "lti_keys_url")
        needed["lti_issuer"] = (theirs, ("pylti1p3",))
    found = []
    for first, (keys, libraries) in needed.items():
        if missing := [key for key in ("public_url", *keys) if not getattr(settings, key)]:
            found.append(f"{first} is set, and with it belong {', '.join(missing)}.")
        if any(importlib.util.find_spec(library) is None for library in libraries):
            found.append(f'{first} is set, which needs: pip install "glasstorch[sso]"')
    if settings.has_platform and not settings.is_https:
        found.append(
            "lti_issuer is set, and browsers carry LTI's cookies over https only: public_url must be https."
        )
    return found


def _is_weak(secret: str) -> bool:
    return len(secret) < SHORTEST_SECRET or len(set(secret)) < 6 or secret.casefold() in GUESSED


def _database(address: str) -> list[str]:
    url = make_url(address) if address else None
    if url is None or url.get_backend_name() != "postgresql":
        return []
    over_network = url.host is not None and not url.host.startswith("/") and "host" not in url.query
    elsewhere = any(name in os.environ for name in ("PGPASSWORD", "PGPASSFILE", "PGSERVICE"))
    certificate = "sslcert" in url.query or "passfile" in url.query or (Path.home() / ".pgpass").exists()
    password = url.password
    if password is None:
        if over_network and not elsewhere and not certificate:
            fault = (
                "database_url names no password, so whoever reaches the database's port could read and change all "
                "grades. Give its user a password."
            )
            return [fault]
        return []
    if str(password).casefold() in GUESSED | {str(url.username).casefold()} or len(str(password)) < 8:
        return ["The password in database_url is one of the first that anybody would try. Choose another."]
    return []


def _state(folder: Path) -> list[str]:
    try:
        mode = folder.stat().st_mode
    except OSError:  # it is made with the right mode
        return []
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        words = "Other users of this machine can get at the state folder, which holds grades and secrets"
        return [f"{words}: chmod 700 {folder}"]
    return []


def _is_private(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_private and not address.is_unspecified
