"""What can go wrong, each kind with a stable address, a page that explains it, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """One kind of problem. Its `type` in problem+json is `/problems/<slug>`, where a page explains it."""

    slug: str
    status: int
    title: str
    meaning: str
    remedy: str

    @property
    def type(self) -> str:
        return f"/problems/{self.slug}"


def _kinds(*kinds: Kind) -> dict[str, Kind]:
    return {kind.slug: kind for kind in kinds}


KINDS = _kinds(
    Kind(
        "invalid-request",
        422,
        "The request could not be understood",
        "A field is missing, has another type than documented, or is unknown. `errors` names each one.",
        "Compare the request with the documentation of its route.",
    ),
    Kind(
        "not-json",
        400,
        "The body is not JSON",
        "The body could not be read as UTF-8 text with one JSON value.",
        "Send a JSON object with the header `Content-Type: application/json`.",
    ),
    Kind(
        "token-needed",
        401,
        "You are not signed in",
        "This service has accounts, and the request named none.",
        "A program sends the header `Authorization: Bearer TOKEN` with the token that your instructor gave you.",
    ),
    Kind(
        "login-needed",
        401,
        "Log in first",
        "The page is for people who are logged in, and the session has ended or never began.",
        "Log in, in another tab if there is something on this page to keep, and try again.",
    ),
    Kind(
        "too-many-logins",
        429,
        "Too many attempts to log in",
        "The account or the address that the attempts came from had too many wrong passwords within 15 minutes.",
        "Take a break, and try again later; or ask your instructor for a link to set a new password.",
    ),
    Kind(
        "token-refused",
        401,
        "The token was refused",
        "The token is not one of this service's, has expired, or was revoked.",
        "Ask your instructor for a new one: `glasstorch token new NAME`.",
    ),
    Kind(
        "not-allowed",
        403,
        "Your role does not allow this",
        "Only the course's staff (assistants, instructors, administrators) may see what others handed in, and only "
        "this machine or the holder of its token may ask for the metrics.",
        "Ask for your own, or ask your instructor.",
    ),
    Kind(
        "refused",
        403,
        "That request was not accepted",
        "The service does not do this for whoever asked.",
        "`detail` says why.",
    ),
    Kind(
        "not-on-purpose",
        403,
        "The write carries no sign that it is meant",
        "A page of another site could send a plain form to this service. Such a page cannot send a header of "
        "its own choice, so each write carries one.",
        "Send the header `X-Glasstorch: 1`, or a token.",
    ),
    Kind(
        "other-site",
        403,
        "The request comes from another site's page",
        "The browser said that a page of another origin wanted this write. Nothing was changed.",
        "Write from this service's own pages, or from a program. Other origins are never allowed (no CORS).",
    ),
    Kind(
        "closed",
        403,
        "This exercise takes nothing more",
        "The course has closed it. What was handed in before is kept, with its results.",
        "Ask your instructor, who can give you a later deadline.",
    ),
    Kind(
        "no-attempts-left",
        403,
        "All attempts are used",
        "The course takes so many submissions to this exercise from each learner. One on which the grader itself "
        "broke down is not counted.",
        "Read the results that you have, or ask your instructor.",
    ),
    Kind(
        "not-found",
        404,
        "There is nothing here",
        "No route has this address.",
        "The documentation lists every address.",
    ),
    Kind(
        "unknown-version",
        404,
        "There is no such version of the API",
        "Addresses begin with the version of the API, and this service has not that one. `versions` lists "
        "what it has.",
        "Ask below `/api/v1`.",
    ),
    Kind(
        "no-such-exercise",
        404,
        "There is no such exercise",
        "No exercise has this id here. It may have been renamed, or its author may have broken it.",
        "The list of exercises shows what there is.",
    ),
    Kind(
        "no-such-submission",
        404,
        "There is no such submission",
        "No submission has this id, or it is somebody else's.",
        "Your history lists your submissions.",
    ),
    Kind(
        "method-not-allowed",
        405,
        "That cannot be done here",
        "The address exists and does not take this method. The header `Allow` lists those that it takes.",
        "Use one of the methods listed.",
    ),
    Kind(
        "slow-request",
        408,
        "The request took too long to arrive",
        "The body was not complete in time, so the connection was given to others. Nothing was stored.",
        "Send it again; with the same idempotency key nothing is graded twice.",
    ),
    Kind(
        "not-graded-yet",
        409,
        "There is no result yet",
        "The submission waits or is being graded, or the grader itself broke down on it and it has no score.",
        "Ask again after the seconds in `Retry-After`, or listen to its events.",
    ),
    Kind(
        "too-large",
        413,
        "That is too long",
        "The code or the whole request is longer than this service takes.",
        "Hand in only what is asked for, without data or outputs.",
    ),
    Kind(
        "wrong-host",
        421,
        "This is not the address of this service",
        "The request names a host that this service does not know itself by. Answering would let a page of "
        "another site pass for this one.",
        "Open it by its own address, or name the host in GLASSTORCH_ALLOWED_HOSTS.",
    ),
    Kind(
        "unacceptable-code",
        422,
        "The code cannot be graded",
        "There is no code in the submission, or it is not text.",
        "`detail` says what is wrong; nothing was stored.",
    ),
    Kind(
        "key-reused",
        422,
        "The idempotency key belongs to other code",
        "The same key came before with other code. A key stands for one submission, so that a repeat after a "
        "lost answer is not graded twice.",
        "Make a new key for new code.",
    ),
    Kind(
        "queue-full",
        429,
        "The queue is full",
        "As many submissions wait as this service takes. What waits is safe; this one was not stored.",
        "Hand it in again after the seconds in `Retry-After`.",
    ),
    Kind(
        "too-fast",
        429,
        "That was too many in one minute",
        "One learner may hand in so many times a minute, so that everybody's code is graded soon.",
        "Hand it in again after the seconds in `Retry-After`.",
    ),
    Kind(
        "still-pending",
        429,
        "Your earlier submissions are not graded yet",
        "One learner may have so many submissions to one exercise waiting or being graded.",
        "Wait for their results; `earlier` says where the first one is.",
    ),
    Kind(
        "internal",
        500,
        "Something broke on our side",
        "The service made a mistake. What was handed in before is safe.",
        "Try again; the service's log says more under the id in `instance`.",
    ),
    Kind(
        "not-ready",
        503,
        "The service is not ready",
        "No worker can grade yet, or the store does not answer. `reasons` says which.",
        "Ask again after a moment. Submissions that are taken meanwhile wait and are not lost.",
    ),
)
