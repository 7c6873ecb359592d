"""The web application: routes on top of the services."""

from __future__ import annotations

import asyncio
import importlib.util
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.responses import Response
from starlette.types import Scope

from ..services.catalogue import Catalogue
from ..services.grading import GradingService
from ..services.pool import WorkerPool
from ..settings import Settings
from ..store import Database, JobQueue, Submissions, WorkerRegistry
from . import api, pages, problems
from .guard import Guard
from .rendering import STATIC

RETRY_AFTER = 5  # seconds; a grade takes well under one, so a full queue drains in a few
LARGEST_ESCAPE = 6  # bytes of JSON that one byte of source may take, as \u0000


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application for these settings; opens the store now, starts workers when served.

    Raises:
        StoreError: the state folder's database cannot be used.
    """
    settings = settings or Settings()
    database = Database(settings.database)
    queue = JobQueue(database, limit=settings.queue_limit, lease=settings.lease)
    pool = WorkerPool(settings, queue, WorkerRegistry(database))
    service = GradingService(
        Catalogue(settings.lessons), queue, Submissions(database), settings.source_limit, pool.ring
    )

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        pool.start()
        try:
            yield
        finally:
            await asyncio.to_thread(pool.stop)
            database.close()

    # FastAPI's own documentation pages load scripts from a CDN, so there are none.
    app = FastAPI(
        title="Glasstorch grading service",
        version="1",
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.settings = settings
    app.state.database = database
    app.state.pool = pool
    app.state.service = service
    app.state.form_token = database.fact("form token", lambda: secrets.token_urlsafe(24))
    app.state.closing = asyncio.Event()
    app.include_router(api.router)
    app.include_router(api.health)
    app.include_router(pages.router)
    app.mount("/static", _KeptFiles(directory=STATIC), name="static")
    if views := _views():
        app.mount("/views", _KeptFiles(directory=views), name="views")
    problems.install(app, RETRY_AFTER)
    app.add_middleware(
        Guard,
        allowed_hosts=settings.allowed_hosts,
        body_limit=LARGEST_ESCAPE * settings.source_limit + 64 * 1024,
        root_path=settings.root_path,
    )
    return app


def _views() -> Path | None:
    """The ES modules of the notebooks' views, which are ordinary files; None when the package is not installed."""
    spec = importlib.util.find_spec("glasstorch_widgets")  # finds it without importing it
    return Path(spec.origin).parent / "static" if spec and spec.origin else None


class _KeptFiles(StaticFiles):
    """Static files that browsers keep: their addresses change with their content."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        fingerprinted = b"v=" in scope.get("query_string", b"")
        response.headers["Cache-Control"] = (
            "public, max-age=31536000, immutable" if fingerprinted else "no-cache"
        )
        return response
