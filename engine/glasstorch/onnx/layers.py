"""Activations and losses as operators of ONNX."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .operators import TRANSLATIONS, translates

if TYPE_CHECKING:
    from .export import Writer


def _op(w: Writer, operator: str, *values: Any) -> str:
    return w.node(operator, *w.alike(*values))


# ------------------------------------------------------------------ activations
TRANSLATIONS["logsigmoid"] = lambda w, input: w.node("Neg", w.node("Softplus", w.node("Neg", input)))
TRANSLATIONS["mish"] = lambda w, input: w.node("Mul", input, w.node("Tanh", w.node("Softplus", input)))
TRANSLATIONS["hardsigmoid"] = lambda w, input: w.node("HardSigmoid", input, alpha=1 / 6, beta=0.5)
TRANSLATIONS["hardswish"] = lambda w, input: w.node(
    "Mul", input, w.node("HardSigmoid", input, alpha=1 / 6, beta=0.5)
)


@translates("prelu")
def prelu(w: Writer, input: Any, weight: Any) -> str:
    """One slope, or one for each channel (the second dimension)."""
    if w.rank(weight) and w.shape(weight) != (1,) and w.rank(input) > 2:
        weight = w.node("Reshape", weight, w.integers([-1, *[1] * (w.rank(input) - 2)]))
    return w.node("PRelu", input, weight)


@translates("rrelu")
def rrelu(w: Writer, input: Any, noise: Any) -> str:
    return w.node("Where", _op(w, "Less", input, 0), _op(w, "Mul", input, noise), input)


@translates("hardshrink")
def hardshrink(w: Writer, input: Any, lambd: float) -> str:
    kept = _op(w, "Greater", w.node("Abs", input), lambd)
    return w.node("Where", kept, *w.alike(input, 0))


@translates("softshrink")
def softshrink(w: Writer, input: Any, lambd: float) -> str:
    size = w.node("Relu", _op(w, "Sub", w.node("Abs", input), lambd))
    return w.node("Mul", w.node("Sign", input), size)


@translates("threshold")
def threshold(w: Writer, input: Any, threshold: float, value: float) -> str:
    return w.node("Where", _op(w, "Greater", input, threshold), *w.alike(input, value))


@translates("glu")
def glu(w: Writer, input: Any, dim: int) -> str:
    half = w.shape(input)[dim] // 2
    left, right = w.nodes("Split", 2, input, w.integers([half, half]), axis=dim)
    return w.node("Mul", left, w.node("Sigmoid", right))


# ------------------------------------------------------------------ losses
def _reduced(w: Writer, each: str, reduction: str) -> str:
    if reduction == "none":
        return each
    return w.node("ReduceMean" if reduction == "mean" else "ReduceSum", each, keepdims=0)


@translates("mse_loss")
def mse_loss(w: Writer, input: Any, target: Any, reduction: str) -> str:
    off = w.node("Sub", input, target)
    return _reduced(w, w.node("Mul", off, off), reduction)


@translates("l1_loss")
def l1_loss(w: Writer, input: Any, target: Any, reduction: str) -> str:
    return _reduced(w, w.node("Abs", w.node("Sub", input, target)), reduction)


@translates("HuberLoss")
def huber_loss(w: Writer, input: Any, target: Any, delta: float, reduction: str) -> str:
    return _reduced(w, _corner(w, input, target, delta), reduction)


@translates("SmoothL1Loss")
def smooth_l1_loss(w: Writer, input: Any, target: Any, delta: float, reduction: str) -> str:
    return _reduced(w, _op(w, "Div", _corner(w, input, target, delta), delta), reduction)


def _corner(w: Writer, input: Any, target: Any, delta: float) -> str:
    """Half the square up to ``delta``, linear above."""
    size = w.node("Abs", w.node("Sub", input, target))
    square = _op(w, "Mul", w.node("Mul", size, size), 0.5)
    line = _op(w, "Mul", _op(w, "Sub", size, 0.5 * delta), delta)
    return w.node("Where", _op(w, "Less", size, delta), square, line)


@translates("binary_cross_entropy")
def binary_cross_entropy(w: Writer, input: Any, target: Any, weight: Any, reduction: str) -> str:
    """Logarithms are cut off at -100, as in PyTorch."""
    yes = _op(w, "Max", w.node("Log", input), -100)
    no = _op(w, "Max", w.node("Log", _op(w, "Sub", 1, input)), -100)
    each = w.node("Add", w.node("Mul", target, yes), w.node("Mul", _op(w, "Sub", 1, target), no))
    each = w.node("Neg", each)
    return _reduced(w, each if weight is None else w.node("Mul", each, weight), reduction)


@translates("binary_cross_entropy_with_logits")
def binary_cross_entropy_with_logits(
    w: Writer, input: Any, target: Any, pos_weight: Any, reduction: str
) -> str:
    """From ``log sigmoid(x) = -softplus(-x)``."""
    yes, no = w.node("Softplus", w.node("Neg", input)), w.node("Softplus", input)
    if pos_weight is not None:
        yes = w.node("Mul", yes, pos_weight)
    each = w.node("Add", w.node("Mul", target, yes), w.node("Mul", _op(w, "Sub", 1, target), no))
    return _reduced(w, each, reduction)


@translates("class_cross_entropy")
def class_cross_entropy(w: Writer, input: Any, target: Any, reduction: str) -> str:
    return w.node("SoftmaxCrossEntropyLoss", input, target, reduction=reduction)


@translates("NllLoss", "NllLoss2D")
def nll_loss(w: Writer, input: Any, target: Any, weight: Any, reduction: str, ignore_index: int) -> str:
    return w.node(
        "NegativeLogLikelihoodLoss", input, target, *([] if weight is None else [weight]), reduction=reduction,
        ignore_index=ignore_index,
    )  # fmt: skip
