"""Tells everybody who follows a submission when it has changed, at the price of one watcher per process.

However many follow, the store is asked once per change, for all submissions that anybody follows. A follower holds
the newest state only: one that reads slowly misses steps, never the end, and costs no memory.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

from starlette.concurrency import run_in_threadpool

from ..store import Database, Submission, Submissions, Watch

log = logging.getLogger("glasstorch.service")

LOOK_EVERY = 0.05  # seconds between looks for news while somebody follows
PAUSE_AFTER_FAILURE = 2.0


class Follower:
    """One who follows a submission."""

    def __init__(self, submission: str) -> None:
        self.submission = submission
        self._newest: Submission | None = None
        self._told = asyncio.Event()

    def tell(self, state: Submission | None) -> None:
        if state is None or state != self._newest:
            self._newest = state
            self._told.set()

    async def states(self) -> AsyncIterator[Submission]:
        """Each new state that there is time to read, until the service stops."""
        while True:
            await self._told.wait()
            self._told.clear()
            if self._newest is None:
                return
            yield self._newest


class News:
    """The watcher and those who follow. Used in one event loop."""

    def __init__(self, database: Database, submissions: Submissions) -> None:
        self._database = database
        self._submissions = submissions
        self._followers: set[Follower] = set()
        self._new: set[Follower] = set()  # those that were told nothing yet
        self._task: asyncio.Task[None] | None = None
        self._closed = False

    @contextmanager
    def follow(self, submission: str) -> Iterator[Follower]:
        """Follow a submission for as long as the block lasts."""
        follower = Follower(submission)
        if self._closed:
            follower.tell(None)
        self._followers.add(follower)
        self._new.add(follower)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._watch(), name="news")
        try:
            yield follower
        finally:
            self._followers.discard(follower)
            self._new.discard(follower)

    @property
    def followed(self) -> int:
        return len(self._followers)

    def close(self) -> None:
        """Everybody's stream ends; clients come again when the service is back."""
        self._closed = True
        for follower in self._followers:
            follower.tell(None)

    async def stop(self) -> None:
        """End the watcher."""
        self.close()
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _watch(self) -> None:
        while self._followers and not self._closed:
            watch = Watch(self._database)
            try:
                await self._look_while_followed(watch)
            except Exception:  # such as a database that is away: say so, and look again
                log.exception("looking for news failed")
                await asyncio.sleep(PAUSE_AFTER_FAILURE)
            finally:
                watch.close()

    async def _look_while_followed(self, watch: Watch) -> None:
        while self._followers and not self._closed:
            changed = await run_in_threadpool(watch.changed)  # it may have to connect anew
            wanted = self._followers if changed else self._new
            if wanted:
                ids = {follower.submission for follower in wanted}
                self._new = set()
                states = await run_in_threadpool(self._submissions.many, sorted(ids))
                for follower in self._followers:
                    if follower.submission in states:
                        follower.tell(states[follower.submission])
            await asyncio.sleep(LOOK_EVERY)
