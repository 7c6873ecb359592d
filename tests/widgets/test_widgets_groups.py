"""Groups and frames: whatever is open or closed, the picture has no cycle, no overlap, and every node in it."""

from __future__ import annotations

import itertools

import numpy as np
from glasstorch_widgets.graph_view.frames import Frame, nested
from glasstorch_widgets.graph_view.groups import LONGEST, Tree, _iterations
from glasstorch_widgets.graph_view.scene import LIMIT, OPENED, Scene
from glasstorch_widgets.graph_view.wire import structure
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_graph import Call, Edge, Graph, Node, chain_graph, layered_graph


@st.composite
def computations(draw: st.DrawFn) -> Graph:
    """Operations in nested calls of modules, entered and left at random; leaves and constants anywhere."""
    calls: list[Call] = []
    nodes, edges = [], []
    stack: list[int] = []
    for i in range(draw(st.integers(1, 36))):
        move = draw(st.integers(0, 5))
        if move == 0 and len(stack) < 4:
            calls.append(Call(f"m{draw(st.integers(0, 3))}", "M", stack[-1] if stack else None))
            stack.append(len(calls) - 1)
        elif move == 1 and stack:
            stack.pop()
        kind = "op" if i and draw(st.booleans()) else draw(st.sampled_from(["leaf", "constant"]))
        call = stack[-1] if stack else None
        name = f"n{i}"
        source = {"file": "f", "line": draw(st.integers(1, 4)), "text": ""}
        value = np.zeros(2)
        nodes.append(
            Node(name, kind, "op" if kind == "op" else "", "", (2,), value, value, call=call, source=source)
        )
        if kind == "op":
            inputs = draw(st.lists(st.integers(max(0, i - 12), i - 1), min_size=1, max_size=3))
            edges += [Edge(f"n{k}", name, "x") for k in inputs]
    order = tuple(node.id for node in nodes)
    back = tuple(node.id for node in reversed(nodes) if node.kind != "constant")
    return Graph(tuple(nodes), tuple(edges), (order[-1],), order, back, calls=tuple(calls))


@given(computations(), st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_any_choice_of_open_groups_is_a_picture(graph: Graph, random) -> None:
    tree = Tree(graph)
    scene = Scene(graph, tree, {name for name in tree.groups if random.random() < 0.6})
    assert set(scene.stand_in) == {node.id for node in graph.nodes}
    drawn = structure(scene)  # raises where edges form a cycle
    boxes = {part["id"]: part for part in [*drawn["nodes"], *drawn["frames"]]}
    for edge in drawn["edges"]:
        upper, lower = boxes[edge["source"]], boxes[edge["target"]]
        assert upper["y"] + upper["height"] < lower["y"]
    for a in boxes.values():
        if a["parent"]:
            outer = boxes[a["parent"]]
            assert outer["x"] < a["x"]
            assert a["x"] + a["width"] < outer["x"] + outer["width"]
            assert outer["y"] < a["y"]
            assert a["y"] + a["height"] < outer["y"] + outer["height"]
    for a, b in itertools.combinations(boxes.values(), 2):
        if a["parent"] == b["parent"]:
            apart_x = a["x"] + a["width"] <= b["x"] or b["x"] + b["width"] <= a["x"]
            assert apart_x or a["y"] + a["height"] <= b["y"] or b["y"] + b["height"] <= a["y"]
    # one forward step for each box; an input is never later than what is made of it
    assert sorted(drawn["forward_order"]) == sorted(node["id"] for node in drawn["nodes"])
    turn = {name: i for i, name in enumerate(drawn["forward_order"])}
    assert all(turn[edge["source"]] < turn[edge["target"]] for edge in drawn["edges"])
    back = {name: i for i, name in enumerate(drawn["backward_order"])}
    assert all(
        back[edge["source"]] > back[edge["target"]]
        for edge in drawn["edges"]
        if edge["source"] in back and edge["target"] in back
    )
    # the moment survives opening and closing everything
    whole = Scene(graph, tree, tree.level(tree.deepest))
    for step in range(0, scene.last + 1, 3):
        moment = whole.same_moment(step, scene)
        assert whole.same_moment(scene.same_moment(moment, whole), scene) == moment


def test_a_line_through_a_frame_meets_its_two_halves() -> None:
    sizes = dict.fromkeys(("x", "a", "b", "y"), (100.0, 40.0))
    frames = {"f": Frame("", 60.0), "g": Frame("f", 400.0)}
    edges = [("x", "a"), ("a", "b"), ("b", "y"), ("x", "b"), ("a", "y")]
    placed = nested(sizes, {"a": "f", "b": "g"}, frames, edges)
    assert placed.boxes["g"].width == 400
    for (source, target), route in zip(edges, placed.routes):
        above, below = placed.boxes[source], placed.boxes[target]
        assert route.points[0] == (above.x + 50, above.y + 40)
        assert route.y == below.y
        assert below.x <= route.x <= below.x + 100
        heights = [y for _, y in route.points]
        assert heights == sorted(heights)
        # between the borders of frames it bends, on them it does not: the two halves meet
        for frame in ("f", "g"):
            for border in (placed.boxes[frame].y, placed.boxes[frame].y + placed.boxes[frame].height):
                if heights[0] < border < heights[-1]:
                    assert border in heights


def test_calls_of_one_module_are_boxes_of_their_own() -> None:
    graph = layered_graph(3, calls_of=0)
    tree = Tree(graph)
    names = [node["name"] for node in structure(Scene(graph, tree, tree.level(1)))["nodes"]]
    assert names[1:4] == [f"blocks.0: Block (call {i} of 3)" for i in (1, 2, 3)]


def test_a_large_model_opens_at_the_level_of_its_blocks() -> None:
    graph = layered_graph(20)
    scene = Scene.first(graph, Tree(graph))
    assert len(scene.shown) == 22 <= OPENED
    small = layered_graph(3)
    assert len(Scene.first(small, Tree(small)).shown) == len(small.nodes)


def test_a_picture_does_not_open_with_next_to_nothing() -> None:
    graph = chain_graph(35, line=3)
    scene = Scene.first(graph, Tree(graph))
    assert len(scene.shown) == 35 > OPENED  # the iterations, rather than the loop alone


def test_iterations_of_a_loop_are_found_and_cut_into_parts() -> None:
    graph = chain_graph(3000, line=3)
    tree = Tree(graph)
    loop = next(group for group in tree.groups.values() if group.kind == "loop")
    assert (loop.title, loop.count) == ("3", 3000)
    assert all(len(group.children) <= LONGEST for group in tree.groups.values())
    assert sorted(tree.members(loop.id), key=tree.order.__getitem__) == list(graph.forward_order)
    assert len(Scene.first(graph, tree).shown) <= OPENED
    without_lines = Tree(chain_graph(3000))
    assert all(len(group.children) <= 2 * LONGEST for group in without_lines.groups.values())
    for node in (graph.nodes[1], graph.nodes[3001]):
        assert len(Scene(graph, tree, set(tree.around(node.id))).shown) < LIMIT


def test_many_leaves_of_one_operation_are_put_together() -> None:
    leaves = [Node(f"n{i}", "leaf", "", f"w{i}", (), np.float32(i)) for i in range(500)]
    stack = Node("n500", "op", "stack", "stack", (500,), np.zeros(500))
    order = tuple(f"n{i}" for i in range(501))
    graph = Graph(
        (*leaves, stack), tuple(Edge(leaf.id, "n500", "tensors") for leaf in leaves), ("n500",), order, order
    )
    scene = Scene.first(graph, Tree(graph))
    assert 2 < len(scene.shown) <= OPENED
    assert {group.kind for group in scene.tree.groups.values()} == {"picture", "inputs"}


def test_what_counts_as_a_loop() -> None:
    keys = list("pabcabcabcq")
    assert _iterations(keys, [1, 4, 7]) == [(1, 4), (4, 7), (7, 10)]
    twice_in_each = list("aabaabaabaab")
    assert _iterations(twice_in_each, [0, 1, 3, 4, 6, 7, 9, 10]) == [(0, 3), (3, 6), (6, 9), (9, 12)]
    assert _iterations(list("abcab"), [0, 3]) == []  # twice is no loop
    assert _iterations(list("axaybbazzza"), [0, 2, 6, 10]) == []  # nothing that comes again
