"""The HTTP API, version 1."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Body, Depends, Header, Query, Request, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.responses import JSONResponse, PlainTextResponse

from ..services.grading import GradingService, Person
from ..services.pool import WorkerPool
from ..services.texts import retold, texts_of, told_of
from ..store import Submission
from ..words import Refusal, filled
from . import identity
from .access import CALL
from .described import answers
from .exchange import HEAD
from .gradescope import GradescopeResults, results_json
from .language import current
from .problems import API_PREFIX, ProblemError, said_when_busy
from .schemas import (
    KEY,
    KEY_MEANING,
    Accepted,
    CheckOut,
    DeadlineOut,
    ExerciseDetail,
    ExerciseOut,
    Isolation,
    Me,
    QuestionOut,
    SubmissionIn,
    SubmissionOut,
    SubmissionPage,
    SubmissionSummary,
    event_id,
)

COME_AGAIN = 2000  # milliseconds after which a client whose stream broke off listens again
LARGEST_NUMBER = 2**63 - 1

Service = Annotated[GradingService, Depends(identity.service)]
Asker = Annotated[Person, Depends(identity.person)]


def pool(request: Request) -> WorkerPool:
    found: WorkerPool = request.app.state.pool
    return found


Pool = Annotated[WorkerPool, Depends(pool)]


def found_submission(request: Request, submission_id: str, service: Service) -> Submission:
    """The submission of the address; answers 404 before anything else happens."""
    try:
        found = service.submission(submission_id)
    except LookupError:
        raise ProblemError("no-such-submission", "There is no such submission, or it is not yours.") from None
    request.scope[CALL].submission = found.id
    return found


Found = Annotated[Submission, Depends(found_submission)]


def known_submission(found: Found) -> str:
    """The id of the submission of the address, for handlers that look it up themselves."""
    return found.id


router = APIRouter(prefix=API_PREFIX)


@router.post(
    "/submissions",
    status_code=202,
    tags=["Submissions"],
    dependencies=[Depends(identity.written_on_purpose)],
    responses=answers(
        *("not-json", "not-on-purpose", "other-site", "no-such-exercise", "slow-request", "too-large"),
        *("invalid-request", "unacceptable-code", "key-reused", "queue-full", "too-fast", "still-pending"),
        *("closed", "no-attempts-left", "not-ready"),
    ),
)
def submit(
    request: Request,
    response: Response,
    submission: SubmissionIn,
    service: Service,
    idempotency_key: Annotated[str | None, Header(pattern=KEY, description=KEY_MEANING)] = None,
) -> Accepted:
    """Hand in code.

    After the answer 202 the submission is on disk and never lost. The key may stand in the body or in the header
    `Idempotency-Key`, which wins; with one, a repeat after a lost answer is the same submission and costs nothing.
    """
    key = idempotency_key or submission.idempotency_key
    with said_when_busy(service):
        stored = service.submit(submission.exercise, submission.source, key)
    request.scope[CALL].submission = stored.id
    url = f"submissions/{stored.id}"
    response.headers["Location"] = url
    return Accepted(id=stored.id, status=stored.state, place=stored.place, url=url)


@router.get(
    "/submissions",
    tags=["Submissions"],
    responses=answers("invalid-request", "not-allowed"),
)
def history(
    service: Service,
    exercise: Annotated[str | None, Query(max_length=200, description="Only this exercise's")] = None,
    user: Annotated[
        str | None, Query(max_length=200, description="Somebody else's; for the course's staff")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    before: Annotated[int | None, Query(ge=0, le=LARGEST_NUMBER, description="As `next` has it")] = None,
) -> SubmissionPage:
    """Your submissions, the newest first, page by page."""
    found = service.history(exercise, user=user, limit=limit + 1, before=before)
    following = None
    if len(found) > limit:
        asked = {"exercise": exercise, "user": user, "limit": limit, "before": found[limit - 1].number}
        following = "submissions?" + urlencode(
            {name: value for name, value in asked.items() if value is not None}
        )
    return SubmissionPage(items=[SubmissionSummary.of(one) for one in found[:limit]], next=following)


@router.get("/submissions/{submission_id}", tags=["Submissions"], responses=answers("no-such-submission"))
def submission(found: Found, service: Service) -> SubmissionOut:
    """A submission's state, and its result once there is one.

    Titles of checks, hints, explanation and what the checks say come in the language that `Accept-Language` prefers,
    where the exercise has them in it.
    """
    return _told(found, service)


def _told(found: Submission, service: GradingService) -> SubmissionOut:
    exercise = service.catalogue.get(found.exercise)
    if found.result is None:
        now = told_of(exercise, current()).sentences.say(found.progress_now)  # a check's title
        return SubmissionOut.of(replace(found, progress_now=now))
    return SubmissionOut.of(replace(found, result=retold(found.result, exercise, current())))


@router.get(
    "/submissions/{submission_id}/source",
    tags=["Submissions"],
    response_class=PlainTextResponse,
    responses=answers("no-such-submission"),
)
def source(found: Found) -> str:
    """The code as it was handed in."""
    return found.source


@router.get(
    "/submissions/{submission_id}/results.json",
    tags=["Submissions"],
    responses=answers("no-such-submission", "not-graded-yet"),
)
def results(found: Found) -> GradescopeResults:
    """The result as a `results.json` of Gradescope's."""
    exported = results_json(found)
    if exported is None:
        detail = "This submission has no score yet."
        if found.result is not None:
            detail = "The grader broke down on this submission, so it has no score. Hand it in again."
        raise ProblemError("not-graded-yet", detail, {"Retry-After": "1"})
    return exported


@router.get(
    "/submissions/{submission_id}/events",
    tags=["Submissions"],
    response_class=EventSourceResponse,
    responses=answers("no-such-submission"),
)
async def events(
    request: Request,
    found: Found,
    service: Service,
    last_event_id: Annotated[str | None, Header(max_length=100, description="The last event heard")] = None,
) -> AsyncIterator[ServerSentEvent]:
    """The state whenever it changes (`event: progress`), and last the result (`event: result`).

    The data of each event is what GET of the submission answers. Comments keep the connection alive. A client that
    comes back with `Last-Event-ID` hears only what it does not know.
    """
    if request.scope.get(HEAD):
        return
    state, known = request.app.state, last_event_id
    with state.metrics.streams.track_inprogress(), state.news.follow(found.id) as follower:
        async for newest in follower.states():
            told = _told(newest, service)
            ident, done = event_id(told), told.status == "done"
            if done or ident != known:  # without the end again, a client would come back for it for ever
                yield ServerSentEvent(
                    data=told, event="result" if done else "progress", id=ident, retry=COME_AGAIN
                )
            known = ident
            if done:
                return


@router.get("/exercises", tags=["Exercises"], responses=answers())
def exercises(service: Service) -> list[ExerciseOut]:
    """Every exercise, in lesson order."""
    best = service.best()
    return [ExerciseOut.of(e, best.get(e.id, (None, 0))[0]) for e in service.catalogue.all().values()]


@router.get("/exercises/{exercise_id}", tags=["Exercises"], responses=answers("no-such-exercise"))
def exercise(request: Request, exercise_id: str, service: Service, asker: Asker) -> ExerciseDetail:
    """One exercise: statement, starter, what is checked, and where you stand.

    Its texts come in the language that `Accept-Language` prefers, where the exercise has them in it.
    """
    found = service.exercise(exercise_id)
    texts = texts_of(found, current(), asker.id)
    summary = ExerciseOut.of(found, service.best().get(found.id, (None, 0))[0])
    summary = summary.model_copy(update={"title": texts.title, "summary": texts.summary})
    # Only a service with a course's rules and records knows these.
    progress, course = (getattr(request.app.state, name, None) for name in ("progress", "course"))
    score = progress.scores(asker.id).get(found.id) if progress else None
    deadlines = course.deadlines(asker.id) if course else {}
    deadline = deadlines.get(found.id) or deadlines.get(found.lesson)
    return ExerciseDetail(
        **summary.model_dump(),
        attempts=(score.attempts if score else 0) if progress else None,
        deadline=DeadlineOut.of(deadline) if deadline else None,
        kind=found.kind,
        entry=list(found.entry),
        statement=texts.statement,
        starter=texts_of(found, "en", asker.id).starter,  # as notebooks have it, whose code is English
        checks=[
            CheckOut(id=c.id, title=texts.checks[c.id], points=c.points, hidden=c.hidden)
            for c in found.checks
        ],
        questions=[QuestionOut.model_validate(one, from_attributes=True) for one in texts.questions],
        drawn=texts.drawn,
    )


@router.get("/me", tags=["Service"], responses=answers())
def me(asker: Asker) -> Me:
    """Whose token this is."""
    return Me.model_validate(asker, from_attributes=True)


# For Glasstorch's own notebooks: the file is the site's, and described where learners read about it.
@router.get("/me/progress", include_in_schema=False)
def progress(request: Request, asker: Asker) -> JSONResponse:
    """What a learner has done, as the site's page about them gives it, without the records of graphs."""
    kept: dict[str, Any] = request.app.state.progress.export(asker.id)
    for one in kept["submissions"]:
        for test in (one["result"] or {}).get("tests", []):
            if test.get("detail"):
                test["detail"] = {**test["detail"], "graph": None}
    return JSONResponse(kept)


@router.post("/me/progress", include_in_schema=False, dependencies=[Depends(identity.written_on_purpose)])
def bring_progress(
    request: Request, service: Service, asker: Asker, data: Annotated[dict[str, Any], Body()]
) -> dict[str, int]:
    """Take such a file in; how many of each kind were new."""
    try:
        counts: dict[str, int] = request.app.state.progress.import_file(asker.id, data, service)
    except Refusal as error:
        raise ProblemError("invalid-request", filled(error.message, error.values)) from None
    return counts


@router.get("/isolation", tags=["Service"], responses=answers("not-ready"))
def isolation(pool: Pool, asker: Asker) -> Isolation:
    """What protects this machine from submitted code, as measured when the workers started."""
    found = pool.isolation()
    if found is None:
        raise ProblemError("not-ready", "The workers are starting; their isolation is not measured yet.")
    return Isolation.model_validate(found)
