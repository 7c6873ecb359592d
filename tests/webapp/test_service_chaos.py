"""Processes of every kind killed at random while learners hand in; `make chaos` does the same for longer."""

from __future__ import annotations

from support.chaos import Chaos


def test_random_kills_lose_nothing_and_double_nothing(tmp_path):
    report = Chaos(tmp_path, submissions=24, kills=6, learners=4, seed=7).run()
    print(report.table())
    assert report.kills.total() == 6
    assert report.submissions == 24
    assert (report.lost, report.doubled, report.wrong) == (0, 0, [])
