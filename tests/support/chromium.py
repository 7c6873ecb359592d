"""A real Chromium for tests: the system's own, kept on this machine, its complaints collected.

`page` refuses and records every request that leaves this machine, and records console errors; a test in which
either happened fails.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LOOPBACK = {"127.0.0.1", "localhost", "[::1]", "::1"}
PATIENCE_MS = 120_000


def chromium_path() -> str | None:
    return next((path for name in CHROMIUM_NAMES if (path := shutil.which(name))), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """The system's Chromium, driven by Playwright; tests skip where there is none."""
    path = chromium_path()
    if path is None:
        pytest.skip("no chromium here (Debian: apt install chromium)")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as running:
        chromium = running.chromium.launch(executable_path=path, args=CHROMIUM_OPTIONS)
        yield chromium
        chromium.close()


def patient(browser: Any, **looks: Any) -> Any:
    """A browser context whose waits are as long as a busy machine needs; `looks` are Playwright's."""
    context = browser.new_context(**looks)
    context.set_default_timeout(PATIENCE_MS)
    return context


@dataclass
class Watch:
    """What a page did that it should not have done."""

    outside: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)

    def ignore(self, part: str) -> None:
        """Accept console errors that contain `part` (say why where you call this)."""
        self.ignored.append(part)

    def complaints(self) -> list[str]:
        errors = [error for error in self.errors if not any(part in error for part in self.ignored)]
        return [f"request to {url}" for url in self.outside] + [f"console error: {error}" for error in errors]


@pytest.fixture
def watch() -> Watch:
    # JupyterLab logs this when a kernel ends before its debugger has answered, as it does on a busy machine.
    return Watch(ignored=["Could not restore the debugger state: Canceled"])


@pytest.fixture
def page(browser: Any, watch: Watch) -> Iterator[Any]:
    """A fresh page that reaches this machine only; the test fails if it tried to go elsewhere."""
    context = patient(browser, viewport={"width": 1400, "height": 950}, reduced_motion="reduce")

    def gate(route: Any) -> None:
        parts = urlsplit(route.request.url)
        if parts.scheme in ("data", "blob") or parts.hostname in LOOPBACK:
            route.continue_()
        else:
            watch.outside.append(route.request.url)
            route.abort()

    context.route("**/*", gate)
    opened = context.new_page()
    opened.on("console", lambda message: message.type == "error" and watch.errors.append(message.text))
    opened.on("pageerror", lambda error: watch.errors.append(str(error)))
    yield opened
    context.close()
    assert not watch.complaints(), "\n".join(watch.complaints())
