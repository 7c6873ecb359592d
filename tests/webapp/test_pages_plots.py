"""Charts' shapes, and what the course's figures are told with."""

from __future__ import annotations

import itertools

import pytest
from glasstorch_web.app import plots


def test_columns_stand_on_the_ground_and_their_heights_are_as_their_values() -> None:
    chart = plots.columns([("Mon", 3), ("Tue", 0), ("Wed", 6), ("Thu", 10)])
    assert chart.top == 10
    for bar in chart.columns:
        assert bar.height == pytest.approx(10 * bar.value)
        assert bar.y + bar.height == pytest.approx(plots.SIZE)
    edges = [(bar.x, bar.x + bar.width) for bar in chart.columns]
    assert edges[0][0] > 0
    assert edges[-1][1] < plots.SIZE
    assert all(one[1] < other[0] for one, other in itertools.pairwise(edges))


def test_nothing_to_show_is_a_chart_all_the_same() -> None:
    assert plots.columns([]) == plots.Columns((), 1)
    assert [bar.height for bar in plots.columns([("Mon", 0)]).columns] == [0]


@pytest.mark.parametrize(
    ("value", "end"),
    [(0, 1), (1, 1), (2, 2), (3, 5), (7, 10), (10, 10), (11, 20), (50, 50), (51, 100), (1234, 2000)],
)
def test_an_axis_ends_at_a_number_that_can_be_read(value: float, end: float) -> None:
    assert plots.round_above(value) == end


def test_pieces_of_a_bar_follow_each_other_and_stand_for_their_share() -> None:
    passed, begun = plots.pieces((("passed", 3), ("begun", 1)), 8)
    assert (passed.x, passed.width) == (0, 37.5)
    assert (begun.x, begun.width) == (37.5, 12.5)
    assert [piece.width for piece in plots.pieces((("passed", 0),), 0)] == [0], "nobody has begun"


def test_tenths_are_named_in_points() -> None:
    assert plots.tenths(10)[0] == "0–1"
    assert plots.tenths(10)[-1] == "9–10"
    assert plots.tenths(2.5)[1] == "0.25–0.5"
