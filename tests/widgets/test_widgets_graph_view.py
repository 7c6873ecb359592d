"""GraphView's Python half: edits, replays, messages and their errors."""

from __future__ import annotations

import numpy as np
import pytest
from glasstorch_widgets import GraphView, graph
from sample_graph import chain_graph, layered_graph, two_layer_graph, without_values


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
        {"type": "expand", "id": "n7"},
        {"type": "depth", "depth": "deep"},
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

        def nonfinite(self):
            return None

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


def names(view: GraphView) -> list[str]:
    return [node["name"] for node in view.structure["nodes"]]


def group(view: GraphView, name: str) -> str:
    return next(
        part["id"] for part in [*view.structure["nodes"], *view.structure["frames"]] if part["name"] == name
    )


def test_groups_open_and_close_and_the_computation_stays_where_it_is() -> None:
    view = graph(layered_graph(20), lang="en")
    blocks = [f"blocks.{i}: Block" for i in range(20)]
    assert names(view) == ["x", *blocks, "loss = sum"]
    view.step = 3  # the first two blocks are done
    view._receive(view, {"type": "expand", "id": group(view, blocks[2])}, [])
    assert view.error == ""
    assert names(view)[3:6] == ["blocks.2.lin: Scale", "relu", "add"]
    assert view.structure["forward_order"][view.step - 1] == group(view, blocks[1])
    view.step += 2  # in the middle of the third
    view._receive(view, {"type": "collapse", "id": group(view, blocks[2])}, [])
    assert names(view) == ["x", *blocks, "loss = sum"]
    assert view.step == 3
    last = len(view.structure["forward_order"]) + len(view.structure["backward_order"])
    view.step = last
    view._receive(view, {"type": "depth", "depth": 3}, [])
    assert len(names(view)) == len(view.record.nodes)
    assert view.step == len(view.record.forward_order) + len(view.record.backward_order)
    backward = list(view.structure["backward_order"])
    view.step = (
        len(view.record.forward_order) + backward.index("n77") + 1
    )  # the gradient went through the last block
    view.show_depth(1)
    assert view.structure["backward_order"][view.step - len(view.structure["forward_order"]) - 1] == group(
        view, blocks[19]
    )


def test_a_box_opens_at_the_step_of_the_browser_which_messages_overtake() -> None:
    view = graph(layered_graph(20), lang="en")
    view.step = 0
    view._receive(view, {"type": "expand", "id": group(view, "blocks.2: Block"), "step": 4}, [])
    assert view.structure["forward_order"][view.step - 1] == view.structure["nodes"][5]["id"]
    assert view.structure["step"] == view.step == 6


def test_what_is_not_drawn_is_found_and_shown(monkeypatch) -> None:
    view, sent = graph(layered_graph(20), lang="en"), []
    monkeypatch.setattr(view, "send", lambda content, buffers=None: sent.append(content))
    view._receive(view, {"type": "search", "text": "BLOCKS.7"}, [])
    hits = sent.pop()["nodes"]
    assert [hit["title"] for hit in hits] == ["blocks.7: Block", "blocks.7.lin: Scale", "blocks.7.lin.weight"]
    view._receive(view, {"type": "reveal", "id": hits[2]["id"]}, [])
    assert view.selected == hits[2]["id"]
    assert "blocks.7.lin.weight" in names(view)
    assert "blocks.6: Block" in names(view)
    view._receive(view, {"type": "focus", "id": "n1"}, [])
    assert [frame["name"] for frame in view.structure["frames"]] == [
        "Net",
        "blocks.0: Block",
        "blocks.0.lin: Scale",
    ]
    view._receive(view, {"type": "search", "text": "mul"}, [])
    assert len(sent.pop()["nodes"]) == 20
    view._receive(view, {"type": "search", "text": "  "}, [])
    assert sent.pop()["nodes"] == []


def test_a_loop_of_thousands_opens_small_and_everything_can_be_reached() -> None:
    view = graph(chain_graph(5000, line=7), lang="en")
    assert len(names(view)) < 30
    assert [frame["name"] for frame in view.structure["frames"]] == ["line 7 × 5000"]
    before = view.structure
    view._receive(view, {"type": "depth", "depth": view.structure["depth"]}, [])
    assert "boxes are too many" in view.error
    assert view.structure is before
    view.reveal("n5001")
    assert "n5001" in {node["id"] for node in view.structure["nodes"]}
    assert len(names(view)) < 120
