"""People, their tokens, the audit, and hearing of what others wrote."""

from __future__ import annotations

import math
import time

import pytest
from glasstorch_web.store import Audit, Database, JobQueue, People, PeopleError, Watch, tables
from glasstorch_web.store import watch as watch_module
from sqlalchemy import select


@pytest.fixture
def database(store_place):
    database = Database(store_place)
    yield database
    database.close()


class Clock:
    now = 1_000_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def people(database, clock):
    return People(database, clock)


def test_a_token_is_shown_once_and_kept_as_a_hash(people, database):
    ann = people.add("Ann", "instructor", email="ann@example.org")
    secret = people.issue_token(ann.id, "laptop")
    assert people.by_token(secret) == ann
    assert people.by_token(secret[:-1]) is None
    assert people.by_token("") is None
    assert people.by_token("\ud800\x00") is None
    with database.read() as db:
        stored = db.execute(select(tables.tokens)).one()
    assert secret not in str(tuple(stored))
    assert stored.sha256 not in str(people.tokens(ann.id))


def test_tokens_end(people, clock):
    ann, ben = people.add("Ann"), people.add("Ben")
    short, long = people.issue_token(ann.id, "today", lifetime=100), people.issue_token(ann.id, "always")
    other = people.issue_token(ben.id, "Ben's")
    clock.now += 100
    assert people.by_token(short) is None
    assert people.by_token(long) == ann
    first, second = people.tokens(ann.id)
    assert {first.label, second.label} == {"today", "always"}
    always = first if first.label == "always" else second
    assert not people.revoke(always.id, user=ben.id), "it is not Ben's to revoke"
    assert people.by_token(long) == ann
    assert people.revoke(always.id)
    assert not people.revoke(always.id)
    assert people.by_token(long) is None
    assert people.by_token(other) == ben
    assert people.disable(ben.id)
    assert people.by_token(other) is None
    assert people.get(ben.id).disabled_at == clock.now
    assert people.enable(ben.id)
    assert people.by_token(other) == ben


def test_when_a_token_was_used_is_known_to_the_minute(people, clock, database):
    ann = people.add("Ann")
    secret = people.issue_token(ann.id, "laptop")
    used = []
    for _ in range(4):
        people.by_token(secret)
        used.append(people.tokens(ann.id)[0].last_used_at - 1_000_000)
        clock.now += 25
    assert used == [0, 0, 0, 75]


def test_who_cannot_be_is_said(people):
    people.add("Ann", id="ann")
    with pytest.raises(PeopleError, match="already"):
        people.add("Another", id="ann")
    with pytest.raises(PeopleError, match="no role"):
        people.add("Ben", "king")
    for name in ("", "  ", "B\x00"):
        with pytest.raises(PeopleError, match="name"):
            people.add(name)
    with pytest.raises(PeopleError, match="no user"):
        people.issue_token("nobody", "label")
    assert people.ensure("ann", "Ann", "admin").role == "learner", "who is there stays as they are"
    assert people.ensure("local", "You", "admin") == people.get("local")
    assert [user.id for user in people.all()] == ["ann", "local"]


def test_the_audit_only_grows(database, clock):
    audit = Audit(database, clock)
    for n in range(5):
        clock.now += 1
        audit.record("ann", "looked", at=f"exercise {n}")
    page = audit.entries(limit=3)
    assert [entry.detail["at"] for entry in page] == ["exercise 4", "exercise 3", "exercise 2"]
    assert [entry.detail["at"] for entry in audit.entries(before=page[-1].number)] == [
        "exercise 1",
        "exercise 0",
    ]
    assert (page[0].who, page[0].what, page[0].at) == ("ann", "looked", clock.now)


def test_every_write_is_heard_of_by_who_watches(database, store_place, monkeypatch):
    monkeypatch.setattr(watch_module, "LOOK_ANYWAY", math.inf)  # only what is told counts here
    other = Database(store_place)
    queue = JobQueue(other)
    watch = Watch(database)
    assert watch.changed(), "at first there may be anything"
    assert not watch.changed()
    queue.submit("ann", "start.x", "code")
    await_news(watch)
    claim = queue.claim("w")
    await_news(watch)
    queue.progress(claim, 1, 2, "the first check")
    await_news(watch)
    queue.finish(claim, {"status": "passed", "tests": []})
    await_news(watch)
    assert not watch.changed()
    watch.close()
    other.close()


def await_news(watch):
    """One piece of news: PostgreSQL brings it a moment later."""
    deadline = time.monotonic() + 60
    while not watch.changed():
        assert time.monotonic() < deadline
        time.sleep(0.005)
