"""What is left without a browser: text, static SVG, a self-contained page, formulas."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree

import numpy as np
import pytest
from glasstorch_widgets import graph
from glasstorch_widgets.graph_view.table import summary, text_table
from glasstorch_widgets.latex_mathml import mathml
from glasstorch_widgets.palette import number
from sample_graph import chain_graph, layered_graph, two_layer_graph, without_values

SVG = "{http://www.w3.org/2000/svg}"


def test_the_table_names_every_node_in_forward_order() -> None:
    record = two_layer_graph()
    lines = text_table(record).splitlines()
    assert lines[0] == "Computation graph of add: 16 nodes"
    assert [line.split()[0] for line in lines[3:]] == list(record.forward_order)
    relu = next(line for line in lines if " relu " in line)
    assert "4×5" in relu
    assert "r = relu(h)" in relu
    assert "n6" in relu
    bare = text_table(without_values(record))
    assert "gradient" not in bare
    assert "the last 10 shown" in text_table(chain_graph(50), limit=10)


def test_summaries() -> None:
    assert summary(None) == ""
    assert summary(np.float32(0.1)) == "0.1"
    assert summary(np.array([1.0, np.nan, -3.0])) == "-3 … 1 (1 not finite)"
    assert summary(np.array([np.nan, np.inf])) == "(2 not finite)"
    assert summary(np.zeros((0, 2))) == "empty"


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.1, "0.1"), (3.0, "3"), (-1e-7, "-1.00e-7"), (123456789.0, "1.23e8"), (2 / 3, "0.6667")],
)
def test_numbers_are_short(value: float, text: str) -> None:
    assert number(value) == text


def test_the_svg_survives_readers_that_drop_styles_and_scripts() -> None:
    view = graph(two_layer_graph())
    root = ElementTree.fromstring(view.svg())
    tags = {element.tag.removeprefix(SVG) for element in root.iter()}
    assert tags <= {"svg", "title", "rect", "path", "g", "text"}
    assert not any("style" in element.attrib or "class" in element.attrib for element in root.iter())
    texts = [element.text for element in root.iter(f"{SVG}text")]
    for title in ("relu", "net.2.weight", "4×5 · float32", "∇ 0.1", "learns"):
        assert title in texts


def test_the_svg_paints_bad_numbers() -> None:
    leaves = {**two_layer_graph().leaves, "n2": np.full(5, np.nan)}
    assert graph(two_layer_graph(leaves)).svg().count("#CC79A7") > 5


def test_a_notebook_keeps_text_and_svg_beside_the_widget() -> None:
    data, _metadata = graph(two_layer_graph())._repr_mimebundle_()
    assert {"application/vnd.jupyter.widget-view+json", "text/plain", "image/svg+xml"} <= set(data)
    assert data["text/plain"].startswith("Computation graph of add")


def test_the_exported_page_is_complete_and_asks_for_nothing(tmp_path) -> None:
    text = graph(two_layer_graph()).export_html(tmp_path / "graph.html").read_text("utf-8")
    addresses = set(re.findall(r"https?://[^\s\"'<)\\]+", text))
    assert addresses <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1998/Math/MathML"}
    assert "import " not in re.sub(r"//.*", "", text)
    assert '"editable": true' not in text


def test_an_exported_page_brings_every_depth_that_is_a_picture(tmp_path) -> None:
    def levels(record) -> list[int]:
        text = graph(record).export_html(tmp_path / "graph.html").read_text("utf-8")
        state = json.loads(re.search(r'id="state">(.*?)</script>', text, re.DOTALL).group(1))
        for level in state["levels"]:
            assert not any(node["editable"] for node in level["structure"]["nodes"])
            shown = {node["id"] for node in level["structure"]["nodes"]}
            assert {entry["of"] for entry in level["values"]["arrays"] if not entry["of"].isdigit()} == shown
        return [len(level["structure"]["nodes"]) for level in state["levels"]]

    assert levels(layered_graph(20)) == [3, 22, 62, 82]
    assert levels(two_layer_graph()) == []  # nothing to open
    loop = levels(chain_graph(3000, line=7))
    assert loop[0] == 1 < loop[-1] < 400  # the iterations themselves are too many


@pytest.mark.parametrize(
    "latex",
    [
        r"\bar z \odot y",
        r"\frac{\partial L}{\partial x} = \sum_i \exp(x_i)",
        r"x^\top \bar z",
        r"\left(\bar z\, W^\top\right)",
        r"\mathbb{1}[x > 0]",
        r"\log \max(0, \mathrm{softmax}(x))",
    ],
)
def test_formulas_become_mathml(latex: str) -> None:
    markup = mathml(latex)
    root = ElementTree.fromstring(markup)
    assert root.tag == "{http://www.w3.org/1998/Math/MathML}math"
    assert root.attrib["alttext"] == latex
    assert "\\" not in "".join(root.itertext())


def test_an_unreadable_formula_is_shown_as_it_is() -> None:
    markup = mathml(r"\frac{<b>")
    assert "<b>" not in markup
    assert mathml("") == ""
