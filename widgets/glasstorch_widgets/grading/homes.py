"""Where submissions go: which grading service, and as whom.

In this order:

1. GLASSTORCH_GRADER_URL when it names another machine or comes with GLASSTORCH_TOKEN: somebody meant it.
2. The course that `glasstorch login` was told of.
3. GLASSTORCH_GRADER_URL otherwise (`glasstorch start` sets it), else the service that runs on this machine.
4. The one that this notebook's Jupyter server starts on the first visit, as on Binder.

A token goes to the address it was given for, never to another, and over an open connection only within this machine.
"""

from __future__ import annotations

import ipaddress
import json
import os
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

LOCAL = "local"
START_SECONDS = 60.0  # for a service to start behind the Jupyter server


@dataclass(frozen=True)
class Home:
    """A grading service as we know it.

    Attributes:
        url: its address, without a slash at the end.
        token: proves who hands in, or None; never shown.
    """

    url: str
    token: str | None = field(default=None, repr=False)

    @property
    def is_local(self) -> bool:
        """Whether it is on this machine."""
        return is_local(self.url)

    @property
    def name(self) -> str:
        """What submissions kept for it are filed under. A service on this machine may change its port."""
        return LOCAL if self.is_local else self.url


class CannotLogIn(Exception):
    """The address or token cannot be used; the message says why."""


def find() -> Home | None:
    """The service to hand in to, or None when there is none so far. Asks nobody."""
    url, token = checked(os.environ.get("GLASSTORCH_GRADER_URL")), os.environ.get("GLASSTORCH_TOKEN") or None
    if url and (token or not is_local(url)):
        return Home(url, token)
    course = logged_in()
    if course is not None:
        return Home(course.url, token or course.token)
    url = url or checked(_json(state_folder() / "service.json").get("url"))
    return Home(url, token) if url and is_local(url) else None


def checked(url: object) -> str | None:
    """A web address without the slash at its end; None for anything else."""
    if not isinstance(url, str):
        return None
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 (raises for a port that is no number)
    except ValueError:
        return None
    return url.rstrip("/") if parts.scheme in ("http", "https") and parts.hostname else None


def is_local(url: str) -> bool:
    """Whether an address is this machine's own."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def wake() -> bool:
    """Visit the service behind this notebook's Jupyter server, which starts it; whether it answered.

    Once it runs it says in the state folder where it listens, and `find` knows.
    """
    server = jupyter_server()
    if server is None:
        return False
    url, token = server
    headers = {"Authorization": f"token {token}"} if token else {}
    request = urllib.request.Request(f"{url}grader/healthz", headers=headers)
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}), NoRedirect())
    try:
        with direct.open(request, timeout=START_SECONDS) as answer:
            return bool(answer.status == 200)
    except (OSError, ValueError):
        return False


def jupyter_server() -> tuple[str, str] | None:
    """Address and token of the Jupyter server that started this kernel, from the file that it wrote for its owner."""
    parent = os.environ.get("JPY_PARENT_PID", "")
    if not parent.isdecimal():
        return None
    try:
        from jupyter_core.paths import jupyter_runtime_dir
    except ImportError:
        return None
    about = _json(Path(jupyter_runtime_dir()) / f"jpserver-{parent}.json")
    url = checked(about.get("url"))
    if url is None:
        return None
    if about.get("hostname") in ("0.0.0.0", "::", ""):  # the file then names the machine, not loopback
        url = f"http://127.0.0.1:{about.get('port')}{str(about.get('base_url', '/')).rstrip('/')}"
    return f"{url}/", str(about.get("token") or os.environ.get("JUPYTERHUB_API_TOKEN") or "")


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """An answer that sends us elsewhere is an error: a token must not go along."""

    def redirect_request(self, *args: Any) -> None:
        return None


# ---- the course of `glasstorch login` ---


def token_file() -> Path:
    base = os.environ.get("XDG_CONFIG_HOME")
    return (Path(base) if base else Path.home() / ".config") / "glasstorch" / "token"


def logged_in() -> Home | None:
    about = _json(token_file())
    url, token = checked(about.get("url")), about.get("token")
    return Home(url, token) if url and isinstance(token, str) and token else None


def log_in(url: str, token: str) -> None:
    """Remember the course and who one is there, for this user of the machine only.

    Raises:
        CannotLogIn: see `usable`. OSError: the file cannot be written.
    """
    home = usable(url, token)
    path = token_file()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".token.{os.getpid()}")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump({"url": home.url, "token": home.token}, file)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def usable(url: str, token: str) -> Home:
    """The home of an address and a token as people type them.

    Raises:
        CannotLogIn: the address is none, the token could be read on the way, or is none.
    """
    found = checked(url.strip())
    if found is None:
        raise CannotLogIn(f"{url.strip()!r} is not a web address. It looks like https://course.example.edu")
    if not found.startswith("https:") and not is_local(found):
        raise CannotLogIn(
            f"{found} is not encrypted, so others could read your token on the way. Use the https address."
        )
    parts = urlsplit(found)
    if parts.username or parts.query or parts.fragment:
        raise CannotLogIn("Give the course's address alone: no user name, no `?` and no `#`.")
    token = token.strip()
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise CannotLogIn("That is not a token. Copy it whole from the page where it was shown.")
    return Home(found, token)


def log_out() -> bool:
    """Forget the course; whether there was one."""
    known = token_file().exists()
    token_file().unlink(missing_ok=True)
    return known


def state_folder() -> Path:
    """Where the service says that it runs, and where submissions are kept (GLASSTORCH_STATE, else XDG's)."""
    chosen = os.environ.get("GLASSTORCH_STATE")
    if chosen:
        return Path(chosen)
    base = os.environ.get("XDG_STATE_HOME")
    return (Path(base) if base else Path.home() / ".local" / "state") / "glasstorch"


def _json(path: Path) -> dict[str, Any]:
    """A small file's JSON object; empty when there is none."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
