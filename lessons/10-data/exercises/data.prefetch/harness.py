"""Beside the learner's code: sources that tell what was fetched from them, and by which thread."""

import threading
import time

import submission

PATIENCE = 2.5  # seconds that a thread gets to show up


class Broken(Exception):
    pass


class Source:
    def __init__(self, items, breaks=False):
        self.items, self.breaks, self.fetched, self.threads = items, breaks, 0, set()

    def __iter__(self):
        for item in self.items:
            self.fetched += 1
            self.threads.add(threading.get_ident())
            yield item
        if self.breaks:
            raise Broken("the source is broken")


def _until(condition):
    deadline = time.monotonic() + PATIENCE
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.002)


def _taken(made, most):
    """At most so many items; a consumer of its own, so that one that waits forever is noticed."""
    seen, raised, done, consumer = [], [], threading.Event(), []

    def consume():
        consumer.append(threading.get_ident())
        try:
            for item in made:
                seen.append(item)
                if len(seen) >= most:
                    break
        except Exception as error:
            raised.append("the source's own" if isinstance(error, Broken) else type(error).__name__)
        done.set()

    threading.Thread(target=consume, daemon=True).start()
    ended = done.wait(PATIENCE)
    return {"items": list(seen), "ended": ended, "raised": raised[0] if raised else "", "consumer": consumer}


def all_of(items, ahead):
    source = Source(items)
    got = _taken(submission.prefetch(source, ahead), len(items) + 5)
    return got | {"own thread": bool(source.threads) and not source.threads & set(got["consumer"])}


def waiting(items, ahead, take):
    """How many items were fetched when `take` of them were taken, and all has come to rest."""
    source = Source(items)
    made = iter(submission.prefetch(source, ahead) if ahead else submission.prefetch(source))
    ahead = ahead or 2
    taken = [next(made) for _ in range(take)]
    _until(lambda: source.fetched >= take + ahead)
    time.sleep(0.05)
    return taken, source.fetched


def broken(items, ahead):
    hook, threading.excepthook = threading.excepthook, lambda args: None
    try:
        return _taken(submission.prefetch(Source(items, breaks=True), ahead), len(items) + 5)
    finally:
        threading.excepthook = hook


def left(items, ahead):
    """Whether threads that would keep the program from ending are there after one item was taken."""
    before = set(threading.enumerate())
    made = submission.prefetch(Source(items), ahead)
    first = next(made)
    made.close()
    _until(lambda: not [t for t in set(threading.enumerate()) - before if not t.daemon])
    return first, [t.daemon for t in set(threading.enumerate()) - before if t.is_alive()]
