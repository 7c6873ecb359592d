"""The web application: routes on top of the services."""

from __future__ import annotations

import asyncio
import importlib.util
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.types import Scope

from ..services.accounts import Accounts
from ..services.annotations import Annotations
from ..services.catalogue import Catalogue
from ..services.course import CourseService
from ..services.dashboard import Dashboard
from ..services.dispatch import Dispatcher
from ..services.gradebook import Gradebook
from ..services.grading import LOCAL, GradingService
from ..services.lessons import Lessons
from ..services.pool import WorkerPool
from ..services.progress import Progress
from ..services.regrade import Regrades
from ..services.reviews import Reviews
from ..services.similarity import Similarity
from ..settings import Settings
from ..store import Database, JobQueue, Submissions, WorkerRegistry
from ..store.figures import Figures
from . import api, documentation, health, pages, problems
from .access import Access
from .auth import Asking, session_cookie
from .described import describe
from .exchange import Exchange
from .guard import Guard
from .language import Speaking
from .metrics import Metrics
from .news import News
from .platform import GradeSender, connect
from .rendering import STATIC

LARGEST_ESCAPE = 6  # bytes of JSON that one byte of source may take, as \u0000


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application for these settings; opens the store now, starts workers when served.

    Raises:
        StoreError: the state folder's database cannot be used.
    """
    settings = settings or Settings()
    database = Database(settings.database)
    dispatcher = Dispatcher(database)
    catalogue = Catalogue(settings.lessons)
    queue = JobQueue(
        database,
        limit=settings.queue_limit,
        lease=settings.lease,
        rate_per_minute=settings.rate,
        pending_per_exercise=settings.pending_per_exercise,
        on_submit=dispatcher.on_submit,
        lesson_of=catalogue.lesson_of,
    )
    registry = WorkerRegistry(database)
    figures = Figures(database)
    submissions = Submissions(database)
    pool = WorkerPool(settings, queue, registry, dispatcher)
    service = GradingService(catalogue, queue, submissions, settings.source_limit, pool.ring)
    accounts = Accounts(database)
    news = News(database, submissions)
    metrics = Metrics(figures, registry)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        pool.start()
        sender.start()
        try:
            yield
        finally:
            await asyncio.to_thread(sender.stop)
            await news.stop()
            await asyncio.to_thread(pool.stop)
            database.close()

    # FastAPI's own documentation pages load scripts from a CDN; documentation.py makes one that needs none.
    app = _App(
        title="Glasstorch grading service",
        version="1.0",
        openapi_url=f"{problems.API_PREFIX}/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # an address has one spelling
        lifespan=lifespan,
    )
    app.state.grades = sender = GradeSender(app)
    app.state.settings = settings
    app.state.database = database
    app.state.pool = pool
    app.state.registry = registry
    app.state.figures = figures
    app.state.people = accounts.people
    app.state.accounts = accounts
    if not settings.multi_user:
        app.state.local_person = accounts.people.ensure(LOCAL, "You", "admin")
    app.state.news = news
    app.state.metrics = metrics
    app.state.service = service
    app.state.lessons = Lessons(settings.lessons)
    _add_course(app, database, catalogue, pool, dispatcher)
    connect(app, settings, database)
    app.state.form_token = database.fact("form token", lambda: secrets.token_urlsafe(24))
    app.include_router(api.router)
    app.include_router(health.router)
    app.include_router(documentation.router)
    app.include_router(pages.router)
    # Compressed here alone: a page holds a secret (its forms' token) beside what others may have written.
    app.mount("/static", GZipMiddleware(_KeptFiles(directory=STATIC)), name="static")
    if views := _views():
        app.mount("/views", GZipMiddleware(_KeptFiles(directory=views)), name="views")
    problems.install(app)
    if settings.multi_user:
        app.add_middleware(Asking, sessions=accounts.sessions, cookie=session_cookie(settings))
    app.add_middleware(Exchange)
    app.add_middleware(
        Guard,
        allowed_hosts=settings.hosts,
        body_limit=LARGEST_ESCAPE * settings.source_limit + 64 * 1024,
        root_path=settings.root_path,
    )
    app.add_middleware(Speaking)
    app.add_middleware(Access, metrics=metrics)  # added last, so outermost
    return app


def _add_course(
    app: FastAPI, database: Database, catalogue: Catalogue, pool: WorkerPool, dispatcher: Dispatcher
) -> None:
    """What the pages of learners and staff ask."""

    def ring() -> None:
        pool.ring()
        dispatcher.hint()

    settings: Settings = app.state.settings
    regrades = Regrades(database, catalogue, ring)
    app.state.annotations = Annotations(database)
    app.state.course = CourseService(database, catalogue)
    app.state.dashboard = Dashboard(database, catalogue, regrades)
    app.state.gradebook = Gradebook(database, catalogue, everybody=not settings.multi_user)
    alone = not settings.multi_user
    app.state.progress = Progress(database, trust_files=alone, state=settings.state if alone else None)
    app.state.regrades = regrades
    app.state.reviews = Reviews(database, catalogue, settings.lessons)
    app.state.similarity = Similarity(database, catalogue)


class _App(FastAPI):
    """Describes itself as the API's errors and tokens really are."""

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            self.openapi_schema = describe(self, self.state.settings.multi_user)
        return self.openapi_schema


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
