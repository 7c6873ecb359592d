"""The views on the engine's own record: names, numbers, formulas, replay."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pytest
from glasstorch_widgets import graph
from glasstorch_widgets.graph_view.table import text_table
from glasstorch_widgets.latex_mathml import mathml
from glasstorch_widgets.notebook import load_ipython_extension, unload_ipython_extension
from IPython.core.interactiveshell import InteractiveShell
from sample_graph import two_layer_graph

torch = pytest.importorskip("glasstorch")


@pytest.fixture
def recorded():
    """What `%load_ext glasstorch_widgets` does."""
    shell = InteractiveShell()
    load_ipython_extension(shell)
    yield
    unload_ipython_extension(shell)


def two_layers():
    leaves = two_layer_graph().leaves
    x, y = torch.tensor(leaves["n0"]), torch.tensor(leaves["n4"])
    w1, b1, w2 = (torch.tensor(leaves[name], requires_grad=True) for name in ("n1", "n2", "n3"))
    h = torch.relu(x @ w1 + b1)
    d = h @ w2 - y
    loss = (d**2).mean() + 0.1 * (w2**2).sum()
    return loss, {"x": "n0", "w1": "n1", "b1": "n2", "w2": "n3", "y": "n4"}


def test_values_and_gradients_agree_with_a_computation_by_hand(recorded) -> None:
    loss, names = two_layers()
    view = graph(loss)
    by_hand = {node.id: node for node in two_layer_graph().nodes}
    found = {node.title: node for node in view.record.nodes}
    assert found["loss"].value == pytest.approx(by_hand["n15"].value, rel=1e-6)
    for title, by_hand_id in names.items():
        np.testing.assert_allclose(found[title].value, by_hand[by_hand_id].value)
        if by_hand[by_hand_id].gradient is not None:
            np.testing.assert_allclose(found[title].gradient, by_hand[by_hand_id].gradient, rtol=1e-5)
    relu = next(node for node in view.record.nodes if node.op == "relu")
    np.testing.assert_allclose(relu.gradient, by_hand["n7"].gradient, rtol=1e-5)


def test_names_of_variables_and_source_lines_are_seen_through_the_widget(recorded) -> None:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    total = (x * x).sum()
    text = text_table(graph(total).record)
    assert "x (learns)" in text
    assert "total = sum" in text
    assert "total = (x * x).sum()" in text


def test_an_edit_replays_the_engine(recorded) -> None:
    loss, names = two_layers()
    view = graph(loss)
    w2 = next(node.id for node in view.record.nodes if node.title == "w2")
    view.edit(w2, 3, -1.5)
    leaves = two_layer_graph().leaves
    changed = leaves["n3"].copy()
    changed[3] = -1.5
    expected = {node.id: node for node in two_layer_graph({**leaves, "n3": changed}).nodes}
    found = {node.title: node for node in view.record.nodes}
    assert found["loss"].value == pytest.approx(expected["n15"].value, rel=1e-6)
    for title, by_hand in names.items():
        if expected[by_hand].gradient is not None:
            np.testing.assert_allclose(found[title].gradient, expected[by_hand].gradient, rtol=1e-5)
    assert loss.item() != pytest.approx(float(found["loss"].value))  # the tensor itself is untouched


def test_contributions_add_up_at_a_fan_out(recorded) -> None:
    loss, _names = two_layers()
    record = graph(loss).record
    for node in record.nodes:
        parts = [e.contribution for e in record.edges if e.source == node.id and e.contribution is not None]
        if node.gradient is not None and parts:
            np.testing.assert_allclose(sum(parts), node.gradient, rtol=1e-6)


def test_without_recording_there_is_still_a_picture() -> None:
    view = graph(two_layers()[0])
    assert not view.structure["recorded"]
    assert len(view.structure["edges"]) == len(view.record.edges) > 10
    ElementTree.fromstring(view.svg())


def test_something_that_is_no_tensor_is_refused() -> None:
    with pytest.raises(TypeError, match="tensor"):
        graph(3.0)


def test_every_formula_of_every_operation_becomes_mathml() -> None:
    from glasstorch.core.op import REGISTRY

    formulas = {
        text for op in REGISTRY.values() for text in (op.formula, *op.derivative_formulas.values()) if text
    }
    assert len(formulas) > 50
    unreadable = []
    for latex in sorted(formulas):
        root = ElementTree.fromstring(mathml(latex))
        if "\\" in "".join(root.itertext()) or len(root) == 0:
            unreadable.append(latex)
    assert not unreadable
