"""What crosses to the browser: places once, numbers exactly."""

from __future__ import annotations

import json
import math

import numpy as np
from glasstorch_widgets.graph_view import neighbourhood, wire
from sample_graph import chain_graph, two_layer_graph, without_values


def unpack(message: dict) -> dict[str, np.ndarray]:
    data = np.frombuffer(message["data"], "<f8")
    return {
        f"{entry['of']}/{entry['role']}": data[entry["offset"] : entry["offset"] + entry["count"]]
        for entry in message["arrays"]
    }


def test_structure_is_plain_json_and_holds_no_numbers_of_the_computation() -> None:
    graph = two_layer_graph()
    structure = json.loads(json.dumps(wire.structure(graph)))
    assert structure["version"] == 1
    assert [node["id"] for node in structure["nodes"]] == [node.id for node in graph.nodes]
    assert structure["forward_order"] == list(graph.forward_order)
    assert structure["backward_order"] == list(graph.backward_order)
    weight = next(node for node in structure["nodes"] if node["id"] == "n3")
    assert weight["name"] == "net.2.weight"
    assert weight["editable"]
    relu = next(node for node in structure["nodes"] if node["op"] == "relu")
    assert not relu["editable"]
    assert relu["source"] == {"file": "", "line": 6, "text": "r = relu(h)"}
    assert "<math" in relu["formula"]
    assert not {"value", "gradient"} & set(relu)


def test_numbers_arrive_bit_for_bit() -> None:
    graph = two_layer_graph()
    arrays = unpack(wire.values(graph, wire.structure(graph)))
    for node in graph.nodes:
        np.testing.assert_array_equal(arrays[f"{node.id}/value"], node.value.reshape(-1).astype(float))
        if node.gradient is None:
            assert f"{node.id}/gradient" not in arrays
        else:
            np.testing.assert_array_equal(arrays[f"{node.id}/gradient"], node.gradient.reshape(-1))
    for number, edge in enumerate(graph.edges):
        if edge.contribution is not None:
            np.testing.assert_array_equal(
                arrays[f"{number}/contribution"], np.asarray(edge.contribution, float).reshape(-1)
            )


def test_nan_infinity_integers_booleans_and_complex_numbers() -> None:
    packer = wire.Packer(64)
    packer.add("a", "value", np.array([[math.nan, 1.5], [math.inf, -math.inf]], np.float32))
    packer.add("b", "value", np.array([2**40, -1]))
    packer.add("c", "value", np.array([True, False]))
    packer.add("d", "value", np.array([3 + 4j]))
    packer.add("e", "value", np.zeros((0, 3)))
    packer.add("f", "value", None)
    message = packer.message()
    arrays = unpack(message)
    np.testing.assert_array_equal(arrays["a/value"], [math.nan, 1.5, math.inf, -math.inf])
    np.testing.assert_array_equal(arrays["b/value"], [2.0**40, -1])
    np.testing.assert_array_equal(arrays["c/value"], [1, 0])
    np.testing.assert_array_equal(arrays["d/value"], [5])
    assert "f/value" not in arrays
    first = message["arrays"][0]
    assert (first["nan"], first["inf"], first["min"], first["max"]) == (1, 2, 1.5, 1.5)
    empty = message["arrays"][4]
    assert (empty["count"], empty["shape"], empty["min"]) == (0, [0, 3], None)
    json.dumps(message["arrays"], allow_nan=False)  # the index itself must be valid JSON


def test_previews_are_short_and_an_open_node_gets_more() -> None:
    graph = two_layer_graph({**two_layer_graph().leaves, "n0": np.ones((40, 3)), "n4": np.ones((40, 1))})
    preview = unpack(wire.values(graph, wire.structure(graph)))
    assert preview["n0/value"].size == wire.PREVIEW
    assert unpack(wire.full(graph, "n0"))["n0/value"].size == 120


def test_a_snapshot_without_values_has_structure_only() -> None:
    graph = without_values(two_layer_graph())
    structure = wire.structure(graph)
    assert not structure["recorded"]
    assert not any(node["editable"] for node in structure["nodes"])
    assert wire.values(graph, structure)["arrays"] == []


def test_a_large_graph_is_drawn_around_one_node() -> None:
    graph = chain_graph(300)
    structure = wire.structure(graph)
    assert structure["total"] == 601
    assert structure["centre"] == graph.roots[0]
    assert len(structure["nodes"]) == neighbourhood.FOCUS_SIZE
    drawn = {node["id"] for node in structure["nodes"]}
    assert graph.roots[0] in drawn
    assert set(structure["forward_order"]) == drawn
    assert any(node["hidden"] for node in structure["nodes"])
    elsewhere = wire.structure(graph, centre="n101")
    assert "n101" in {node["id"] for node in elsewhere["nodes"]}
    # the values follow the drawn edges, so that their numbers agree
    arrays = wire.values(graph, elsewhere)["arrays"]
    assert {entry["of"] for entry in arrays} == {node["id"] for node in elsewhere["nodes"]}


def test_search_finds_by_title_module_and_id() -> None:
    graph = chain_graph(300)
    assert [hit["id"] for hit in neighbourhood.search(graph, "c299")] == ["n599"]
    assert [hit["module"] for hit in neighbourhood.search(graph, "LAYERS.42")] == ["layers.42"]
    assert len(neighbourhood.search(graph, "mul")) == 20
    assert neighbourhood.search(graph, "  ") == []
