"""What crosses to the browser: places once, numbers exactly."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from glasstorch_widgets.graph_view import wire
from glasstorch_widgets.graph_view.groups import Tree
from glasstorch_widgets.graph_view.scene import Scene
from glasstorch_widgets.graph_view.text_width import text_width
from sample_graph import layered_graph, two_layer_graph, without_values


def first(graph) -> Scene:
    return Scene.first(graph, Tree(graph))


def unpack(message: dict) -> dict[str, np.ndarray]:
    data = np.frombuffer(message["data"], "<f8")
    return {
        f"{entry['of']}/{entry['role']}": data[entry["offset"] : entry["offset"] + entry["count"]]
        for entry in message["arrays"]
    }


def test_structure_is_plain_json_and_holds_no_numbers_of_the_computation() -> None:
    graph = two_layer_graph()
    structure = json.loads(json.dumps(wire.structure(first(graph))))
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
    arrays = unpack(wire.values(first(graph)))
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
    preview = unpack(wire.values(first(graph)))
    assert preview["n0/value"].size == wire.PREVIEW
    assert unpack(wire.full(graph, "n0"))["n0/value"].size == 120


def test_a_snapshot_without_values_has_structure_only() -> None:
    graph = without_values(two_layer_graph())
    structure = wire.structure(first(graph))
    assert not structure["recorded"]
    assert not any(node["editable"] for node in structure["nodes"])
    assert wire.values(first(graph))["arrays"] == []


def test_a_closed_group_tells_what_it_holds_and_shows_its_last_result() -> None:
    graph = layered_graph(3)
    tree = Tree(graph)
    scene = Scene(graph, tree, tree.level(1))
    structure = json.loads(json.dumps(wire.structure(scene)))
    assert [node["name"] for node in structure["nodes"]] == [
        "x", "blocks.0: Block", "blocks.1: Block", "blocks.2: Block", "loss = sum",
    ]  # fmt: skip
    assert [frame["name"] for frame in structure["frames"]] == ["Net"]
    block = structure["nodes"][2]
    assert (block["kind"], block["operations"], block["parameters"], block["bytes"]) == ("group", 3, 2, 64)
    assert (block["inputs"], block["outputs"], block["parent"]) == (
        [[2]],
        [[2]],
        structure["frames"][0]["id"],
    )
    # the residual connection and the block's own input are one line, from one tensor
    lines = [(edge["source"], edge["target"], edge["count"]) for edge in structure["edges"]]
    ids = [node["id"] for node in structure["nodes"]]
    assert lines == [(ids[0], ids[1], 2), (ids[1], ids[2], 2), (ids[2], ids[3], 2), (ids[3], ids[4], 1)]
    message = wire.values(scene)
    arrays = unpack(message)
    last = next(node for node in graph.nodes if node.id == block["main"])
    assert last.op == "add"
    np.testing.assert_array_equal(arrays[f"{block['id']}/value"], last.value)
    np.testing.assert_array_equal(arrays["1/contribution"], [2, 2])  # both parts, added up
    assert message["groups"][block["id"]] == {"bad": 0, "worst": "", "gradient_norm": math.sqrt(2)}


def test_numbers_that_are_not_finite_are_seen_through_a_closed_group() -> None:
    graph = layered_graph(3)
    node = next(node for node in graph.nodes if node.op == "relu")
    node.value[0] = math.nan
    tree = Tree(graph)
    message = wire.values(Scene(graph, tree, tree.level(1)))
    bad = {name: facts for name, facts in message["groups"].items() if facts["bad"]}
    assert [(facts["bad"], facts["worst"]) for facts in bad.values()] == [(1, node.id)]


def test_statistics_of_large_numbers_do_not_overflow() -> None:
    packer = wire.Packer(4)
    packer.add("a", "value", np.array([3e38, -3e38, 0], np.float32))
    packer.add("b", "value", np.array([60000, 60000], np.float16))
    a, b = packer.message()["arrays"]
    assert a["norm"] == pytest.approx(math.sqrt(2) * 3e38)
    assert (a["mean"], a["nan"], a["inf"]) == (0, 0, 0)
    assert b["norm"] == pytest.approx(math.sqrt(2) * 60000)
    assert b["mean"] == 60000


def test_names_fit_into_their_boxes_in_any_script() -> None:
    graph = two_layer_graph()
    long, wide = "a_very_long_name_of_a_variable_that_goes_on_and_on", "隐藏层的输出"
    nodes = tuple(
        replace(node, title={"n7": long, "n9": wide}.get(node.id, node.title)) for node in graph.nodes
    )
    drawn = {node["id"]: node for node in wire.structure(first(replace(graph, nodes=nodes)))["nodes"]}
    assert drawn["n7"]["label"].endswith("…")
    assert drawn["n7"]["name"] == f"{long} = relu"
    assert text_width(drawn["n7"]["label"]) < drawn["n7"]["width"]
    assert drawn["n9"]["label"] == f"{wide} = sub"
    assert drawn["n9"]["width"] > 6 * 12.5 + 6 * 6
