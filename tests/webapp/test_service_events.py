"""Following a submission: one watcher for all who follow, nothing missed at the end, nothing left behind."""

from __future__ import annotations

import asyncio
import json
import threading

import pytest
from glasstorch_web.app import news as news_module
from glasstorch_web.app.news import News
from glasstorch_web.store import Database, JobQueue, Submissions
from support.api import EXERCISE, GOOD, RESULT, hand_in, make_app, open_client


@pytest.fixture
def database(store_place):
    made = Database(store_place)
    yield made
    made.close()


class Counted(Submissions):
    """Counts how often the store is asked."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.asked: list[int] = []

    def many(self, ids):
        self.asked.append(len(ids))
        return super().many(ids)


def events_of(lines) -> list[dict[str, str]]:
    """The events of a stream: event, data, id, retry by name."""
    found: list[dict[str, str]] = [{}]
    for line in lines:
        if not line:
            found.append({})
        elif not line.startswith(":"):
            name, _, value = line.partition(":")
            found[-1][name] = value.strip()
    return [event for event in found if event]


async def following(news: News, ident: str, states: list[str], slowly: asyncio.Event | None = None) -> None:
    with news.follow(ident) as follower:
        async for state in follower.states():
            states.append(state.state)
            if slowly is not None:
                await slowly.wait()
            if state.state == "done":
                return


def test_a_hundred_followers_cost_one_question_per_change(database):
    queue, submissions = JobQueue(database), Counted(database)
    first, second = (queue.submit("local", EXERCISE, GOOD + f"# {n}") for n in range(2))
    seen: list[list[str]] = [[] for _ in range(100)]

    async def all_follow() -> None:
        news = News(database, submissions)
        tasks = [
            asyncio.create_task(following(news, first if n % 2 else second, states))
            for n, states in enumerate(seen)
        ]
        while not all(seen):
            await asyncio.sleep(0.01)
        for _ in range(2):
            claim = await asyncio.to_thread(queue.claim, "test")
            await asyncio.to_thread(queue.finish, claim, RESULT)
        await asyncio.gather(*tasks)
        assert news.followed == 0
        await news.stop()

    asyncio.run(all_follow())
    assert all(states[0] == "queued" and states[-1] == "done" for states in seen)
    # Two claims and two results are four changes; some rounds more may pass before all follow.
    assert len(submissions.asked) < 20
    assert max(submissions.asked) == 2, "whoever follows the same submission costs nothing"


def test_who_reads_slowly_misses_steps_but_not_the_end(database):
    queue = JobQueue(database)
    ident = queue.submit("local", EXERCISE, GOOD)
    states: list[str] = []

    async def follow_slowly() -> None:
        news, go_on = News(database, Submissions(database)), asyncio.Event()
        task = asyncio.create_task(following(news, ident, states, go_on))
        while not states:
            await asyncio.sleep(0.01)
        claim = await asyncio.to_thread(queue.claim, "test")
        for step in range(30):
            await asyncio.to_thread(queue.progress, claim, step, 30, "a check")
        await asyncio.to_thread(queue.finish, claim, RESULT)
        while next(iter(news._followers))._newest.state != "done":
            await asyncio.sleep(0.01)
        go_on.set()
        await task
        await news.stop()

    asyncio.run(follow_slowly())
    assert states == ["queued", "done"]


def test_a_store_that_fails_for_a_while_is_asked_again(database, monkeypatch, caplog):
    monkeypatch.setattr(news_module, "PAUSE_AFTER_FAILURE", 0.01)
    queue, submissions = JobQueue(database), Submissions(database)
    ident = queue.submit("local", EXERCISE, GOOD)
    failures = 3
    ask = submissions.many

    def many(ids):
        nonlocal failures
        failures -= 1
        if failures >= 0:
            raise OSError("the disk is away")
        return ask(ids)

    monkeypatch.setattr(submissions, "many", many)
    states: list[str] = []

    async def follow() -> None:
        news = News(database, submissions)
        task = asyncio.create_task(following(news, ident, states))
        while not states:
            await asyncio.sleep(0.01)
        news.close()
        await task
        await news.stop()

    asyncio.run(follow())
    assert states == ["queued"]
    assert "looking for news failed" in caplog.text


def test_the_service_stops_and_every_stream_ends(database):
    ident = JobQueue(database).submit("local", EXERCISE, GOOD)
    states: list[str] = []

    async def follow() -> None:
        news = News(database, Submissions(database))
        task = asyncio.create_task(following(news, ident, states))
        while not states:
            await asyncio.sleep(0.01)
        news.close()
        await task
        await following(news, ident, states)  # one who comes too late
        await news.stop()

    asyncio.run(follow())
    assert states == ["queued"]


def test_events_have_ids_and_who_comes_back_hears_only_what_is_new(tmp_path):
    app = make_app(tmp_path)
    with open_client(app) as client:
        ident = hand_in(client).json()["id"]
        url = f"/api/v1/submissions/{ident}/events"
        queue = JobQueue(app.state.database)
        claim = queue.claim("test")
        finish = threading.Thread(target=queue.finish, args=(claim, RESULT))
        with client.stream("GET", url) as stream:
            assert stream.headers["cache-control"] == "no-cache"
            lines = []
            for line in stream.iter_lines():
                lines.append(line)
                if line.startswith("event:") and finish.ident is None:
                    finish.start()
        finish.join()
        events = events_of(lines)
        assert [event["event"] for event in events] == ["progress", "result"]
        assert len({event["id"] for event in events}) == 2
        assert all(int(event["retry"]) > 0 for event in events)
        assert json.loads(events[-1]["data"]) == client.get(f"/api/v1/submissions/{ident}").json()
        # The end is told again, or its listener would come back for ever; what came before it is not.
        for event in events:
            with client.stream("GET", url, headers={"Last-Event-ID": event["id"]}) as stream:
                again = events_of(stream.iter_lines())
            assert [one["event"] for one in again] == ["result"]
        head = client.head(url)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-type"].startswith("text/event-stream")


def test_a_quiet_stream_says_that_it_lives(tmp_path, monkeypatch):
    monkeypatch.setattr("fastapi.routing._PING_INTERVAL", 0.05)
    app = make_app(tmp_path)
    with open_client(app) as client:
        ident = hand_in(client).json()["id"]
        finish = threading.Event()

        def worker() -> None:
            finish.wait(60)
            queue = JobQueue(app.state.database)
            queue.finish(queue.claim("test"), RESULT)

        thread = threading.Thread(target=worker)
        thread.start()
        with client.stream("GET", f"/api/v1/submissions/{ident}/events") as stream:
            comments = 0
            for line in stream.iter_lines():
                comments += line.startswith(":")
                if comments == 3:
                    finish.set()
        thread.join()
    assert comments >= 3
