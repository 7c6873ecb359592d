"""``Future``: a value that another thread will deliver. Source: https://pytorch.org/docs/stable/futures.html"""

from __future__ import annotations

import concurrent.futures
from collections.abc import Callable
from typing import Any


class Future:
    """A value, or an error, that comes later. ``devices`` is kept for PyTorch's programs."""

    def __init__(self, *, devices: list | None = None) -> None:
        self._inner: concurrent.futures.Future[Any] = concurrent.futures.Future()
        self._drive: Callable[[], object] | None = (
            None  # what moves on only while somebody waits (an MPI request)
        )

    def done(self) -> bool:
        """Is the value, or the error, there?"""
        return self._inner.done()

    def wait(self) -> Any:
        """Wait for the value; an error is raised."""
        if self._drive is not None:
            self._drive()
        return self._inner.result()

    def value(self) -> Any:
        """The value, which must be there already."""
        if not self.done():
            raise RuntimeError("value() can be called only on a future that is done: call wait() first")
        return self._inner.result()

    def set_result(self, result: Any) -> None:
        """Deliver the value; once only."""
        if self.done():
            raise RuntimeError("Future can only be marked completed once.")
        self._inner.set_result(result)

    def set_exception(self, result: BaseException) -> None:
        """Deliver an error instead."""
        if not isinstance(result, BaseException):
            raise AssertionError(f"{result} is of type {type(result)}, not an Exception.")
        if self.done():
            raise RuntimeError("Future can only be marked completed once.")
        self._inner.set_exception(result)

    def add_done_callback(self, callback: Callable[[Future], None]) -> None:
        """Call ``callback(self)`` once it is done."""
        self._inner.add_done_callback(lambda _: callback(self))

    def then(self, callback: Callable[[Future], Any]) -> Future:
        """A future of ``callback(self)``, which is called once this one is done."""
        following = Future()
        following._drive = self._drive

        def call(_: Any) -> None:
            try:
                following.set_result(callback(self))
            except Exception as error:
                following.set_exception(error)

        self._inner.add_done_callback(call)
        return following


def collect_all(futures: list[Future]) -> Future:
    """A future of the list of futures, done when all of them are."""
    collected = Future()
    left = len(futures)
    drives = [future._drive for future in futures if future._drive is not None]
    collected._drive = (lambda: [drive() for drive in drives]) if drives else None

    def one_done(_: Future) -> None:
        nonlocal left
        left -= 1
        if not left:
            collected.set_result(futures)

    if not futures:
        collected.set_result(futures)
    for future in futures:
        future.add_done_callback(one_done)
    return collected


def wait_all(futures: list[Future]) -> list[Any]:
    """The values of all futures; the first error is raised."""
    return [future.wait() for future in collect_all(futures).wait()]


__all__ = ["Future", "collect_all", "wait_all"]
