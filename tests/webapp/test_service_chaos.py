"""Servers and workers killed at random while people hand in: nothing acknowledged is lost or graded twice."""

from __future__ import annotations

import random
import sqlite3
import threading

import httpx
import psutil
import pytest
from support.service import EXERCISES, Service

EXERCISE = "service.weighted-square"
GOOD = (EXERCISES / "01-service/exercises" / EXERCISE / "solution.py").read_text()
SUBMISSIONS = 300
KILLS = 25


@pytest.mark.slow
def test_random_kills(tmp_path):
    service = Service(tmp_path / "state", GLASSTORCH_LEASE="2").start()
    acknowledged: dict[str, str] = {}
    handing_in = threading.Event()

    def hand_in() -> None:
        for number in range(SUBMISSIONS):
            body = {"exercise": EXERCISE, "source": f"{GOOD}# {number}\n", "idempotency_key": f"n{number}"}
            while str(number) not in acknowledged:
                try:
                    answer = httpx.post(
                        f"{service.url}/api/v1/submissions",
                        json=body,
                        headers={"X-Glasstorch": "1"},
                        timeout=10,
                    )
                except httpx.TransportError:
                    handing_in.wait(0.05)
                    continue
                if answer.status_code == 202:
                    acknowledged[str(number)] = answer.json()["id"]
                else:
                    assert answer.status_code == 429, answer.text
                    handing_in.wait(0.2)

    client = threading.Thread(target=hand_in)
    client.start()
    chance = random.Random(7)
    kills = {"server": 0, "worker": 0}
    while sum(kills.values()) < KILLS:
        handing_in.wait(chance.uniform(0.2, 1.2))
        workers = psutil.Process(service.process.pid).children()
        if chance.random() < 0.4 or not workers:
            service.kill()
            service.start(port=service.port)
            kills["server"] += 1
        else:
            try:
                chance.choice(workers).kill()
                kills["worker"] += 1
            except psutil.NoSuchProcess:  # it ended by itself just now
                pass
    client.join()
    try:
        assert min(kills.values()) > 0
        assert len(set(acknowledged.values())) == SUBMISSIONS
        statuses = {service.result(ident)["result"]["status"] for ident in acknowledged.values()}
        assert statuses == {"passed"}
    finally:
        service.stop()
    db = sqlite3.connect(service.state / "grades.sqlite3")
    counts = db.execute(
        "SELECT count(*), (SELECT count(*) FROM results), (SELECT sum(failures) FROM jobs) FROM submissions"
    ).fetchone()
    db.close()
    print(f"{counts[0]} submissions, {counts[1]} results, {kills} killed, {counts[2]} leases ran out")
    assert counts[:2] == (SUBMISSIONS, SUBMISSIONS)
