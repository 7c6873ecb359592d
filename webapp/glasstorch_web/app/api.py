"""The HTTP API, version 1."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from ..services.grading import GradingService
from ..services.pool import WorkerPool
from ..store import Database, Watch
from .schemas import (
    Accepted,
    CheckOut,
    ExerciseDetail,
    ExerciseOut,
    Problem,
    SubmissionIn,
    SubmissionOut,
)

LOOK_EVERY = 0.05  # seconds between looks for news while somebody listens


def service(request: Request) -> GradingService:
    found: GradingService = request.app.state.service
    return found


def pool(request: Request) -> WorkerPool:
    found: WorkerPool = request.app.state.pool
    return found


def written_on_purpose(x_glasstorch: Annotated[str | None, Header()] = None) -> None:
    """Another site's page cannot send this header, so a write with it is meant."""
    if x_glasstorch != "1":
        raise HTTPException(403, "A write needs the header `X-Glasstorch: 1`.")


Service = Annotated[GradingService, Depends(service)]
Pool = Annotated[WorkerPool, Depends(pool)]


def _problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    return {status: {"model": Problem} for status in statuses}


def known_submission(submission_id: str, service: Service) -> str:
    """Answers 404 before a stream begins."""
    try:
        return service.submission(submission_id).id
    except LookupError:
        raise HTTPException(404, "There is no such submission.") from None


router = APIRouter(prefix="/api/v1", tags=["v1"])
health = APIRouter(tags=["health"])


@router.post(
    "/submissions",
    status_code=202,
    dependencies=[Depends(written_on_purpose)],
    responses=_problems(403, 404, 413, 422, 429),
)
def submit(submission: SubmissionIn, service: Service) -> Accepted:
    """Hand in code. After the answer 202 the submission is never lost."""
    stored = service.submit(submission.exercise, submission.source, submission.idempotency_key)
    return Accepted(id=stored.id, status=stored.state, place=stored.place, url=f"submissions/{stored.id}")


@router.get("/submissions/{submission_id}", responses=_problems(404))
def submission(submission_id: Annotated[str, Depends(known_submission)], service: Service) -> SubmissionOut:
    """A submission's state, and its result once there is one."""
    return SubmissionOut.of(service.submission(submission_id))


@router.get(
    "/submissions/{submission_id}/events", response_class=EventSourceResponse, responses=_problems(404)
)
async def events(
    request: Request, known: Annotated[str, Depends(known_submission)], service: Service
) -> AsyncIterator[ServerSentEvent]:
    """The state whenever it changes (`event: progress`), and last the result (`event: result`)."""
    database: Database = request.app.state.database
    closing: asyncio.Event = request.app.state.closing
    watch = Watch(database)
    shown = None
    try:
        while not closing.is_set():
            if watch.changed():
                state = SubmissionOut.of(await run_in_threadpool(service.submission, known))
                if state != shown:
                    shown = state
                    done = state.status == "done"
                    yield ServerSentEvent(data=state, event="result" if done else "progress")
                    if done:
                        return
            await asyncio.sleep(LOOK_EVERY)
    finally:
        watch.close()


@router.get("/exercises")
def exercises(service: Service) -> list[ExerciseOut]:
    """Every exercise, in lesson order."""
    best = service.best()
    return [ExerciseOut.of(e, best.get(e.id, (None, 0))[0]) for e in service.catalogue.all().values()]


@router.get("/exercises/{exercise_id}", responses=_problems(404))
def exercise(exercise_id: str, service: Service) -> ExerciseDetail:
    """One exercise: statement, starter, and what is checked."""
    found = service.exercise(exercise_id)
    summary = ExerciseOut.of(found, service.best().get(found.id, (None, 0))[0])
    return ExerciseDetail(
        **summary.model_dump(),
        entry=list(found.entry),
        statement=found.read("statement.md"),
        starter=found.read("starter.py"),
        checks=[CheckOut(id=c.id, title=c.title, points=c.points, hidden=c.hidden) for c in found.checks],
    )


@router.get("/isolation", responses=_problems(503))
def isolation(pool: Pool) -> dict[str, Any]:
    """What protects this machine from submitted code, as measured when the workers started."""
    found = pool.isolation()
    if found is None:
        raise HTTPException(503, "The workers are starting; their isolation is not measured yet.")
    return found


@health.get("/healthz")
def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@health.get("/readyz", responses=_problems(503))
def readyz(pool: Pool) -> dict[str, str]:
    """Submissions are stored and graded."""
    if not pool.ready():
        raise HTTPException(503, "No worker can grade yet. Submissions are taken and wait.")
    return {"status": "ready"}
