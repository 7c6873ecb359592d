"""The layered layout: nothing overlaps, everything points down, any size is placed."""

from __future__ import annotations

import itertools
import random

import pytest
from glasstorch_widgets.graph_view.coordinates import NODE_GAP
from glasstorch_widgets.graph_view.layout import layered
from hypothesis import given, settings
from hypothesis import strategies as st


@st.composite
def graphs(draw: st.DrawFn) -> tuple[dict[str, tuple[float, float]], list[tuple[str, str]]]:
    count = draw(st.integers(1, 25))
    sizes = {f"n{i}": (draw(st.sampled_from([40.0, 116.0, 250.0])), 46.0) for i in range(count)}
    edges = []
    for target in range(1, count):
        for source in draw(st.lists(st.integers(0, target - 1), max_size=3)):
            edges.append((f"n{source}", f"n{target}"))
    return sizes, edges


@given(graphs())
@settings(max_examples=80, deadline=None)
def test_no_two_nodes_touch_and_every_edge_goes_down(graph) -> None:
    sizes, edges = graph
    placed = layered(sizes, edges)
    rows: dict[int, list] = {}
    for name, box in placed.boxes.items():
        assert (box.width, box.height) == sizes[name]
        assert box.x >= 0
        assert box.x + box.width <= placed.width + 0.1
        assert box.y >= 0
        assert box.y + box.height <= placed.height + 0.1
        rows.setdefault(placed.ranks[name], []).append(box)
    for row in rows.values():
        row.sort(key=lambda box: box.x)
        for left, right in itertools.pairwise(row):
            assert right.x - (left.x + left.width) >= NODE_GAP - 0.2
    for (source, target), route in zip(edges, placed.routes):
        upper, lower = placed.boxes[source], placed.boxes[target]
        assert upper.y + upper.height < lower.y
        assert route.y == lower.y
        assert lower.x <= route.x <= lower.x + lower.width
        assert route.path.startswith("M")


def test_two_edges_between_the_same_nodes_arrive_at_two_places() -> None:
    placed = layered({"x": (100, 40), "square": (100, 40)}, [("x", "square"), ("x", "square")])
    assert placed.routes[0].x != placed.routes[1].x


def test_inputs_stand_next_to_their_first_use() -> None:
    chain = [("x", "a"), ("a", "b"), ("b", "c"), ("bias", "c")]
    placed = layered(dict.fromkeys(("x", "a", "b", "bias", "c"), (100, 40)), chain)
    assert placed.ranks["bias"] == placed.ranks["b"]


def test_crossed_lines_are_untangled() -> None:
    sizes = dict.fromkeys(("a", "b", "p", "q", "r"), (100.0, 40.0))
    placed = layered(sizes, [("a", "q"), ("b", "p"), ("p", "r"), ("q", "r")])
    a_left = placed.boxes["a"].x < placed.boxes["b"].x
    q_left = placed.boxes["q"].x < placed.boxes["p"].x
    assert a_left == q_left


def test_a_chain_of_operations_is_straight() -> None:
    edges = [("x", "o0")]
    for i in range(8):
        edges += [(f"o{i}", f"o{i + 1}"), (f"w{i}", f"o{i + 1}")]
    names = dict.fromkeys(name for edge in edges for name in edge)
    placed = layered(dict.fromkeys(names, (116.0, 46.0)), edges)
    assert len({placed.boxes[f"o{i}"].x for i in range(1, 9)}) == 1
    spine = [
        route for edge, route in zip(edges, placed.routes) if edge[0].startswith("o") and edge[0] != "o0"
    ]
    assert {x for route in spine for x, _ in route.points} == {placed.boxes["o1"].x + 58}


def test_a_long_chain_needs_no_recursion() -> None:
    names = [f"n{i}" for i in range(5000)]
    placed = layered(dict.fromkeys(names, (80.0, 40.0)), list(itertools.pairwise(names)))
    assert placed.ranks["n4999"] == 4999


def test_a_weight_used_at_every_step_does_not_explode() -> None:
    steps = 300
    edges = [("w", f"h{i}") for i in range(steps)] + [(f"h{i}", f"h{i + 1}") for i in range(steps - 1)]
    names = dict.fromkeys(name for edge in edges for name in edge)
    placed = layered(dict.fromkeys(names, (80.0, 40.0)), edges)
    assert placed.width < 400  # one shared line beside the chain


def test_large_random_graphs_are_placed() -> None:
    rng = random.Random(0)
    edges = [(f"n{rng.randrange(max(0, i - 15), i)}", f"n{i}") for i in range(1, 3000) for _ in range(2)]
    placed = layered({f"n{i}": (100.0, 46.0) for i in range(3000)}, edges)
    assert len(placed.boxes) == 3000
    assert len(placed.routes) == len(edges)


def test_empty_and_wrong_input() -> None:
    assert layered({}, []).boxes == {}
    with pytest.raises(ValueError, match="unknown node"):
        layered({"a": (1, 1)}, [("a", "b")])
    with pytest.raises(ValueError, match="cycle"):
        layered({"a": (1, 1), "b": (1, 1)}, [("a", "b"), ("b", "a")])
