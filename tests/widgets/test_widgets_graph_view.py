"""GraphView's Python half: edits, replays, messages and their errors."""

from __future__ import annotations

import numpy as np
import pytest
from glasstorch_widgets import GraphView, graph
from sample_graph import chain_graph, two_layer_graph, without_values


@pytest.fixture
def view() -> GraphView:
    return graph(two_layer_graph(), lang="en")


def value(view: GraphView, node_id: str) -> np.ndarray:
    return next(node.value for node in view.record.nodes if node.id == node_id)


def test_it_opens_after_the_last_step(view: GraphView) -> None:
    assert view.step == 30
    assert graph(two_layer_graph(), step=0).step == 0
    assert graph(two_layer_graph(), step=999).step == 30


def test_an_edit_changes_what_lies_downstream_and_every_gradient(view: GraphView) -> None:
    before = value(view, "n15").copy()
    view.edit("n3", (1, 0), 5.0)
    assert value(view, "n3")[1, 0] == 5.0
    assert value(view, "n15") != before
    expected = two_layer_graph({**two_layer_graph().leaves, "n3": value(view, "n3")})
    for got, want in zip(view.record.nodes, expected.nodes):
        np.testing.assert_array_equal(got.value, want.value)
        if want.gradient is not None:
            np.testing.assert_array_equal(got.gradient, want.gradient)
    assert view.edits == {"n3": True}


def test_edits_add_up_and_can_be_taken_back(view: GraphView) -> None:
    before = value(view, "n15").copy()
    view.edit("n3", 0, 1.0)
    view.edit("n0", (0, 0), 2.0)
    assert value(view, "n3")[0, 0] == 1.0
    assert value(view, "n0")[0, 0] == 2.0
    view.reset()
    assert value(view, "n15") == before
    assert view.edits == {}


@pytest.mark.parametrize(
    ("node", "index", "number", "error", "words"),
    [
        ("n7", 0, 1.0, TypeError, "relu is computed from its inputs"),
        ("n99", 0, 1.0, KeyError, "n99"),
        ("n2", 5, 1.0, IndexError, "5 elements"),
        ("n2", -1, 1.0, IndexError, "5 elements"),
    ],
)
def test_edits_that_make_no_sense_say_why(view, node, index, number, error, words) -> None:
    with pytest.raises(error, match=words):
        view.edit(node, index, number)
    assert view.edits == {}


def test_whole_numbers_stay_whole() -> None:
    record = two_layer_graph()
    nodes = tuple(record.nodes)
    labels = type(nodes[0])("n4", "constant", "", "labels", (2,), np.array([0, 1]), dtype="int64")
    changed = type(record)((labels,), (), ("n4",), ("n4",), ())
    with pytest.raises(ValueError, match="whole number"):
        graph(changed).edit("n4", 0, 0.5)


def test_without_recorded_values_there_is_nothing_to_edit() -> None:
    view = graph(without_values(two_layer_graph()))
    with pytest.raises(TypeError, match="no recorded value"):
        view.edit("n3", 0, 1.0)


def test_messages_edit_and_reset(view: GraphView) -> None:
    view._receive(view, {"type": "edit", "id": "n2", "index": 3, "value": "nan"}, [])
    assert np.isnan(value(view, "n2")[3])
    assert view.error == ""
    view._receive(view, {"type": "reset"}, [])
    assert view.edits == {}


@pytest.mark.parametrize(
    "message",
    [
        {"type": "edit", "id": "n7", "index": 0, "value": 1},
        {"type": "edit", "id": "n2", "index": 0, "value": "five"},
        {"type": "edit"},
        {"type": "dance"},
        {"type": "focus", "id": "nowhere"},
        {},
    ],
)
def test_a_failing_message_is_shown_and_changes_nothing(view: GraphView, message: dict) -> None:
    before = view.values
    view._receive(view, message, [])
    assert view.error
    assert view.values is before


def test_a_replay_that_fails_is_shown(view: GraphView) -> None:
    class Failing:
        def __init__(self, graph) -> None:
            self.__dict__.update(vars(graph))

        def replay(self, changes):
            raise RuntimeError("log of a negative number")

    view = graph(Failing(two_layer_graph()))
    view._receive(view, {"type": "edit", "id": "n2", "index": 0, "value": 1}, [])
    assert view.error == "RuntimeError: log of a negative number"


def test_long_arrays_and_searches_are_answered(view: GraphView, monkeypatch) -> None:
    sent = []
    monkeypatch.setattr(view, "send", lambda content, buffers=None: sent.append((content, buffers)))
    view._receive(view, {"type": "full", "id": "n1"}, [])
    content, buffers = sent.pop()
    assert content["type"] == "full"
    assert [entry["role"] for entry in content["arrays"]] == ["value", "gradient"]
    assert len(buffers[0]) == 8 * 30
    view._receive(view, {"type": "search", "text": "relu"}, [])
    assert [hit["id"] for hit in sent.pop()[0]["nodes"]] == ["n7"]


def test_a_large_graph_can_be_walked() -> None:
    view = graph(chain_graph(300))
    assert len(view.structure["nodes"]) < 100
    view._receive(view, {"type": "focus", "id": "n100"}, [])
    assert view.error == ""
    assert view.structure["centre"] == "n100"
    assert view.selected == "n100"
