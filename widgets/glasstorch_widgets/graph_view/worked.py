r"""One element of a gradient worked out: the derivative's formula with the numbers of this very graph in it.

`\bar z \odot y` becomes `1.5 \cdot 2 = 3`; a matrix product becomes its row times its column. What cannot be written
out in a line (convolutions, decompositions) stays as its formula.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np

from ..latex_mathml import mathml
from ..palette import number

TERMS = 4  # of a sum that are written out

# A formula of these words alone means the same for every element, whatever its shape.
_WORDS = {
    "odot", "cdot", "frac", "sqrt", "bar", "alpha", "mathbb", "mathrm", "left", "right", "leq", "geq", "sin", "cos",
    "tan", "sinh", "cosh", "tanh", "log", "pi", "sigma", "min", "max", ",", " ", ";", "text",
}  # fmt: skip
_NAMES = {"sgn", "sign", "trunc", "round", "floor", "atan2"}  # functions in \mathrm{...} of one element
_COMMAND = re.compile(r"\\(?!pi$)(?:[a-zA-Z]+|.)$")  # a formula that ends in one: a function, or a space
_FOR_EVERY = r"\text{ for every } i"
_TOKEN = re.compile(r"\\bar\s*([a-zA-Z])|\\mathrm\{([^}]*)\}|\\mathbb\{1\}|\\([a-zA-Z]+|.)|([a-zA-Z])")

# (operation, argument) whose gradient is a matrix product: its factors ("'" transposes; g is the output's gradient).
_PRODUCTS = {
    ("mm", "input"): ("g", "mat2'"), ("mm", "mat2"): ("input'", "g"),
    ("matmul", "input"): ("g", "other'"), ("matmul", "other"): ("input'", "g"),
    ("linear", "input"): ("g", "weight"), ("linear", "weight"): ("g'", "input"),
    ("mv", "vec"): ("input'", "g"),
}  # fmt: skip


def worked(graph: Any, edge: int, index: int | None = None) -> dict[str, Any] | None:
    """The gradient that flows along one edge, worked out for one element.

    Args:
        graph: a `glasstorch.autograd.graph.Graph` with values and gradients.
        edge: its number in `graph.edges`.
        index: flat index of the element; default the one of largest size.

    Returns:
        {"index": flat index, "latex": "1.5 \\cdot 2 = 3"}, or None where the formula cannot be filled in.
    """
    line = graph.edges[edge]
    part = line.contribution
    if part is None or not np.size(part) or np.asarray(part).dtype.kind == "c":
        return None
    nodes = {node.id: node for node in graph.nodes}
    target = nodes[line.target]
    if target.gradient is None:
        return None
    flat = np.asarray(part, dtype=np.float64).reshape(-1)
    if index is None:
        index = int(np.nanargmax(np.abs(flat))) if np.isfinite(flat).any() else 0
    if not 0 <= index < flat.size:
        return None
    place = tuple(int(i) for i in np.unravel_index(index, np.shape(part)))
    inputs = {e.arg: nodes[e.source].value for e in graph.edges if e.target == line.target}
    for way in (_product, _cross_entropy, _element_by_element):
        terms = way(target, line, inputs, place)
        if terms is not None:
            text, result = _sum(*terms), number(float(flat[index]))
            if text in (result, f"({result})"):  # nothing to work out: the gradient is passed on as it is
                text = r"\bar y"
            return {"index": index, "latex": f"{text} = {result}"}
    return None


def sums(graph: Any, wanted: Callable[[Any], bool], index: int | None = None) -> dict[str, dict[str, Any]]:
    """The worked gradients of the edges for which `wanted(edge)` holds, as the browser shows them.

    Returns:
        by `sums_key`: {"index": flat index, "where": "[0, 1]", "mathml": ...}.
    """
    out = {}
    for k, edge in enumerate(graph.edges):
        found = worked(graph, k, index) if wanted(edge) else None
        if found is not None:
            place = np.unravel_index(found["index"], np.shape(edge.contribution))
            where = f"[{', '.join(str(int(i)) for i in place)}]" if place else ""
            out[sums_key(edge)] = {"index": found["index"], "where": where, "mathml": mathml(found["latex"])}
    return out


def sums_key(edge: Any) -> str:
    """What an edge is called in messages: who feeds whom, as what."""
    return f"{edge.source}|{edge.target}|{edge.arg}"


def _sum(term: Callable[[int], str], count: int) -> str:
    written = [term(k) for k in range(min(count, TERMS if count > TERMS + 1 else count))]
    if not written:
        return "0"
    return " + ".join(written) + (r" + \dots" if len(written) < count else "")


Terms = tuple[Callable[[int], str], int]


def _product(target: Any, edge: Any, inputs: dict[str, Any], place: tuple[int, ...]) -> Terms | None:
    """A row times a column."""
    arg = edge.arg
    gradient = np.asarray(target.gradient)
    if (target.op, arg) == ("linear", "bias"):
        column = gradient.reshape(-1, gradient.shape[-1])[:, place[-1]]
        return (lambda k: _number(column[k])), column.size
    factors = _PRODUCTS.get((target.op, arg))
    if factors is None:
        return None
    matrices = []
    for name in factors:
        array = gradient if name[0] == "g" else inputs.get(name.rstrip("'"))
        if array is None:
            return None
        array = np.asarray(array)
        if target.op == "linear":  # the dimensions before the last count as one
            array = array.reshape(-1, array.shape[-1]) if array.ndim else array
        if array.ndim == 1:
            array = array[:, None]
        if array.ndim != 2:
            return None
        matrices.append(array.T if name.endswith("'") else array)
    left, right = matrices
    width = right.shape[1]
    row, column_number = divmod(int(np.ravel_multi_index(place, np.shape(edge.contribution))), width)
    if left.shape[1] != right.shape[0] or row >= left.shape[0]:
        return None
    a, b = left[row], right[:, column_number]
    return (lambda k: rf"{_number(a[k])} \cdot {_number(b[k])}"), a.size


def _cross_entropy(target: Any, edge: Any, inputs: dict[str, Any], place: tuple[int, ...]) -> Terms | None:
    """(softmax - one-hot) / N, for class numbers without weights."""
    logits, classes = inputs.get("input"), inputs.get("target")
    if target.op != "cross_entropy" or edge.arg != "input" or logits is None or classes is None:
        return None
    if np.ndim(logits) != 2 or np.ndim(classes) != 1 or target.args != "reduction='mean'" or len(inputs) != 2:
        return None
    n, c = place
    row = np.asarray(logits[n], dtype=np.float64)
    share = np.exp(row - row.max())
    probability, hit = share[c] / share.sum(), int(classes[n]) == c
    gradient = _number(np.asarray(target.gradient).item())
    return (lambda k: rf"\frac{{{gradient}}}{{{len(logits)}}} ({_number(probability)} - {int(hit)})"), 1


def _element_by_element(
    target: Any, edge: Any, inputs: dict[str, Any], place: tuple[int, ...]
) -> Terms | None:
    """Each element by itself; where broadcasting stretched the argument, a sum over its copies."""
    formula = edge.formula.replace(_FOR_EVERY, "")
    if "alpha=" not in target.args:  # 1 unless it was given
        formula = formula.replace(r"\alpha\,", "")
    letters = _letters(formula)
    if letters is None:
        return None
    known = _known(target, edge, inputs, letters)
    if known is None:
        return None
    shape = np.shape(edge.contribution)
    arrays = [a for a in known.values() if not isinstance(a, str)]
    try:
        whole = np.broadcast_shapes(shape, *(np.shape(a) for a in arrays))
    except ValueError:
        return None
    lead = len(whole) - len(shape)
    stretched = [d for d in range(len(whole)) if d < lead or (shape[d - lead] == 1 and whole[d] != 1)]
    if stretched and _FOR_EVERY in edge.formula:
        return None
    sizes = [whole[d] for d in stretched]

    def term(k: int) -> str:
        at = [0] * lead + list(place)
        for d, i in zip(stretched, np.unravel_index(k, sizes) if sizes else ()):
            at[d] = int(i)
        values = {
            name: a if isinstance(a, str) else _number(np.broadcast_to(a, whole)[tuple(at)])
            for name, a in known.items()
        }
        return _fill(formula, values)

    return term, math.prod(sizes)


def _letters(formula: str) -> set[str] | None:
    """The symbols of an element-wise formula ("bar y" for a gradient); None when it is not element-wise."""
    found = set()
    for gradient, name, word, letter in _TOKEN.findall(formula):
        if gradient:
            found.add(f"bar {gradient}")
        elif name:
            if name not in _NAMES:
                return None
        elif word:
            if word not in _WORDS:
                return None
            if word == "alpha":
                found.add("alpha")
        elif letter and letter != "e":
            found.add(letter)
    return (
        None
        if "_" in formula or r"\text" in formula or not any(s.startswith("bar") for s in found)
        else found
    )


def _known(target: Any, edge: Any, inputs: dict[str, Any], letters: set[str]) -> dict[str, Any] | None:
    """What each symbol stands for: an array, or the text of a number."""
    output = next(s[-1] for s in letters if s.startswith("bar"))
    if output not in "yz":  # capital letters stand for matrices
        return None
    given = dict(re.findall(r"(\w+)=(-?[\d.]+(?:e[-+]?\d+)?)(?:,|$)", target.args))
    values = list(inputs.values())
    if output == "z" and len(values) == 1:  # the other operand is a number
        numbers = [
            np.asarray(float(v))
            for name, v in given.items()
            if name in ("other", "exponent", "input", "tensor")
        ]
        values = (numbers + values) if "input" in given else (values + numbers)
    names = ("x", "y") if output == "z" else ("x",)
    known: dict[str, Any] = dict(zip(names, values))
    known |= {output: target.value, f"bar {output}": target.gradient, "alpha": given.get("alpha")}
    if "n" in letters:
        reduced = target.op == "mean" or "reduction='mean'" in target.args
        size = (
            np.size(values[0]) // max(1, np.size(target.gradient)) if values and values[0] is not None else 0
        )
        if not reduced or not size:
            return None
        known["n"] = str(size)
    if any(known.get(s) is None for s in letters):
        return None
    kinds = {np.asarray(a).dtype.kind for s, a in known.items() if s in letters and not isinstance(a, str)}
    return None if "c" in kinds else {s: known[s] for s in letters}


def _fill(formula: str, values: dict[str, str]) -> str:
    """The formula with numbers for symbols, and a dot where two numbers would touch."""

    def replace(match: re.Match[str]) -> str:
        gradient, _, word, letter = match.groups()
        if word in ("odot", ","):
            return r" \cdot "
        value = values.get(f"bar {gradient}" if gradient else letter or word or "")
        if value is None:
            return match.group()
        before, after = formula[: match.start()].rstrip(), formula[match.end() :].lstrip()
        joined = before and not _COMMAND.search(before) and (before[-1].isalnum() or before[-1] in ")}")
        return (r" \cdot " if joined else " ") + value + (r" \cdot " if after.startswith("(") else " ")

    return re.sub(r"\s+", " ", _TOKEN.sub(replace, formula)).strip()


def _number(value: Any) -> str:
    """A number as LaTeX, a negative one in brackets."""
    text = number(float(value))
    if "e" in text:
        digits, exponent = text.split("e")
        text = rf"{digits} \cdot 10^{{{int(exponent)}}}"
        return f"({text})"
    text = text.replace("inf", r"\infty").replace("nan", r"\text{NaN}")
    return f"({text})" if text.startswith("-") else text
