"""What a service with accounts has besides its own log-in: a hub, a learning platform, grades sent there."""

from __future__ import annotations

import logging
import threading

from fastapi import FastAPI

from ..settings import Settings
from ..store import Database, UnavailableError
from ..store.platform import Platform

log = logging.getLogger("glasstorch.service")

SEND_EVERY = 20.0  # seconds


class GradeSender:
    """A thread that tells the learning platform grades that have changed. Several servers may do so: each tells
    the grade as it is, so telling it twice changes nothing."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._send, name="grades", daemon=True)

    def start(self) -> None:
        if getattr(self._app.state, "lti", None) is not None:
            self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(timeout=SEND_EVERY)

    def _send(self) -> None:
        while not self._stopped.wait(SEND_EVERY):
            try:
                self._app.state.lti.send_due(self.points)
            except UnavailableError as error:
                log.warning("%s", error)
            except Exception:  # the next round may succeed
                log.exception("grades could not be sent to the learning platform")

    def points(self, user: str, target: str) -> tuple[float, float] | None:
        """What somebody has reached in an exercise, a lesson, or (for an empty target) the course."""
        state = self._app.state
        counted = state.progress.scores(user)
        exercises = [
            one for one in state.service.catalogue.all().values() if target in ("", one.id, one.lesson)
        ]
        maximum = sum(one.points for one in exercises)
        if not maximum or not any(one.id in counted for one in exercises):
            return None
        return sum(counted[one.id].counted for one in exercises if one.id in counted), maximum


def connect(app: FastAPI, settings: Settings, database: Database) -> None:
    """Put the hub and the learning platform that the settings name where the pages find them."""
    if settings.has_hub:
        from ..services.hub import Hub

        app.state.hub = Hub(settings)
    if settings.has_platform:
        from ..services.lti import Lti

        app.state.platform = Platform(database)
        app.state.lti = Lti(settings, app.state.platform)
