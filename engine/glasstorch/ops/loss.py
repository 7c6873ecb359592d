"""Losses and the softmax family."""

from __future__ import annotations

from typing import Any

from .. import backends
from ..core.dims import wrap_dim
from ..core.forms import method
from ..core.op import op
from ..core.tensor import Tensor


def _raw(x: Any) -> Any:
    """The array behind a tensor; an array itself."""
    return getattr(x, "_a", x)


@op(wide=True, method=False, function=False, name="SoftmaxBackward0")
class softmax_op:
    """Exponentials along a dimension, scaled to add up to 1."""

    formula = r"\frac{e^{x_i}}{\sum_j e^{x_j}}"

    def forward(xp, input: Array, dim):
        if not input.ndim:
            return xp.ones_like(input)
        if not input.size:
            return input.copy()
        x = xp.ascontiguousarray(input)  # PyTorch's result lies row by row, and dropout after it is drawn so
        out = xp.exp(x - xp.max(x, axis=dim, keepdims=True))
        out /= xp.sum(out, axis=dim, keepdims=True)
        return out

    def d_input(F, g, out, dim):
        r"y \odot (\bar y - \sum_j \bar y_j y_j)"
        if not out.shape:
            return F.depends(g * 0, out)
        weighted = g * out
        return weighted - out * F.sum(weighted, (dim,), True)


@op(wide=True, method=False, function=False, name="LogSoftmaxBackward0")
class log_softmax_op:
    """The logarithm of softmax, without overflow."""

    formula = r"x_i - \log \sum_j e^{x_j}"

    def forward(xp, input: Array, dim):
        if not input.ndim:
            return xp.zeros_like(input)
        return _log_softmax(xp, xp.ascontiguousarray(input), dim) if input.size else input.copy()

    def d_input(F, g, out, dim):
        r"\bar y - \mathrm{softmax}(x) \sum_j \bar y_j"
        return g - F.exp(out) * F.sum(g, (dim,), True) if out.shape else F.depends(g * 0, out)


def _log_softmax(xp: Any, x: Any, dim: int) -> Any:
    shifted = x - xp.max(x, axis=dim, keepdims=True)
    return shifted - xp.log(xp.sum(xp.exp(shifted), axis=dim, keepdims=True))


def _along(name: str, run: Any, input: Tensor, dim: Any, dtype: Any) -> Tensor:
    x = input if dtype is None else input.to(dtype)
    d = wrap_dim(dim, x._a.ndim)
    if not x.dtype.is_floating_point:
        name += "_lastdim_kernel_impl" if d >= x._a.ndim - 1 else "_kernel_impl"
        raise NotImplementedError(f'"{name}" not implemented for {x.dtype.legacy!r}. Convert first: .float()')
    return run(x, d)


@method
def softmax(input: Tensor, dim: int, dtype: Any = None) -> Tensor:
    """softmax(input, dim, dtype=None) -> Tensor

    Exponentials along ``dim``, scaled to add up to 1. ``dtype``: convert the input first.
    """
    return _along("softmax", softmax_op, input, dim, dtype)


@method
def log_softmax(input: Tensor, dim: int, dtype: Any = None) -> Tensor:
    """log_softmax(input, dim, dtype=None) -> Tensor

    The logarithm of ``softmax``, without overflow.
    """
    return _along("log_softmax", log_softmax_op, input, dim, dtype)


def _check_classes(target: Any, classes: int, ignore_index: int) -> None:
    """IndexError when a target names no class, where that can be seen."""
    if not target.size or not backends.readable(target):
        return
    low, high = int(target.min()), int(target.max())
    if low >= 0 and high < classes:
        return
    bad = target[(target != ignore_index) & ((target < 0) | (target >= classes))]
    if bad.size:
        raise IndexError(
            f"Target {int(bad.reshape(-1)[0])} is out of bounds.\nThe input has {classes} classes: 0 to {classes - 1}."
        )


def _coefficients(
    xp: Any, target: Any, classes: int, weight: Any, ignore_index: int, dtype: Any
) -> tuple[Any, Any]:
    """The class index of each target (0 where ignored) and its weight (0 where ignored).

    On a GPU, where looking at the targets would mean waiting for them, one that names no class has the weight nan.
    """
    kept = target != ignore_index
    wrong = None if isinstance(target, backends.HostArray) else kept & ((target < 0) | (target >= classes))
    index = xp.where(kept if wrong is None else kept & ~wrong, target, 0)
    each = xp.ones(target.shape, dtype) if weight is None else weight[index]
    each = xp.where(kept, each, 0)
    return index, (each if wrong is None else xp.where(wrong, xp.nan, each)).astype(dtype, copy=False)


def _nll(name: str) -> Any:
    def forward(xp, input: Array, target: Array, weight: Array | None, reduction, ignore_index):  # type: ignore
        d = 1 if input.ndim > 1 else 0
        _check_classes(target, input.shape[d], ignore_index)
        index, each = _coefficients(xp, target, input.shape[d], weight, ignore_index, input.dtype)
        picked = xp.take_along_axis(input, xp.expand_dims(index, d), axis=d).squeeze(d)
        loss = -(picked * each)
        loss = xp.where(each == 0, 0, loss).astype(input.dtype, copy=False)  # 0 * inf counts as nothing
        if reduction == "none":
            return loss
        total = xp.sum(loss, dtype=input.dtype)
        return total if reduction == "sum" else total / xp.sum(each, dtype=input.dtype)

    def d_input(F, g, input, target, weight, reduction, ignore_index):  # type: ignore
        r"-\frac{w_t}{\sum w}\,\bar y \text{ at the target class}"
        target, weight, a = _raw(target), _raw(weight), _raw(input)
        xp = backends.namespace(a)
        d = 1 if a.ndim > 1 else 0
        index, each = _coefficients(xp, target, a.shape[d], weight, ignore_index, a.dtype)
        if reduction == "mean":
            each = xp.where(each == 0, 0, each / xp.sum(each, dtype=a.dtype)).astype(a.dtype, copy=False)
        share = g * F.constant(-each, g)
        placed = F.put_along(
            F.unsqueeze(share, d), F.constant(xp.expand_dims(index, d), g), tuple(a.shape), d
        )
        return F.depends(placed, input)

    body = {
        "__doc__": "Minus the log probability of the target class, weighted.", "formula": r"-w_t\, x_t",
        "forward": forward, "d_input": d_input,
    }  # fmt: skip
    return op(method=False, function=False, name=f"{name}Backward0")(type(name, (), body))


nll_loss_op = _nll("NllLoss")
nll_loss2d_op = _nll("NllLoss2D")


@op(wide=True, method=False, function=False, name="NllLossBackward0")
class class_cross_entropy:
    """Cross entropy of rows of scores with class numbers: ``log_softmax`` and ``nll_loss`` in one step."""

    label = "cross_entropy"
    formula = r"-\frac{1}{N} \sum_n \log \mathrm{softmax}(x_n)_{t_n}"
    keeps = ("log_probability",)

    def forward(xp, input: Array, target: Array, reduction):
        n, classes = input.shape
        _check_classes(target, classes, -(1 << 62))
        logp = _log_softmax(xp, input, 1)
        loss = -logp[xp.arange(n), target]
        if reduction != "none":
            loss = xp.sum(loss, dtype=input.dtype)
            loss = loss / input.dtype.type(n) if reduction == "mean" else loss
        return loss, (logp,)

    def d_input(F, g, input, target, reduction, log_probability):
        r"\frac{\bar y}{N} (\mathrm{softmax}(x) - \mathrm{onehot}(t))"
        n, classes = input.shape
        index = _raw(target)
        each = g / n if reduction == "mean" else g
        if reduction == "none":
            each = F.unsqueeze(each, 1)
        if isinstance(input, Tensor):  # the probabilities depend on the input: needed for higher derivatives
            hot = backends.namespace(index).zeros((n, classes), input._a.dtype)
            hot[backends.namespace(index).arange(n), index] = 1
            return (F.softmax(input, 1) - F.constant(hot, g)) * each
        xp = backends.namespace(index)
        out = xp.exp(log_probability)
        out[xp.arange(n), index] -= 1
        out *= each
        return out


def _reduced(xp: Any, each: Any, reduction: str) -> Any:
    if reduction == "none":
        return each
    total = xp.sum(each, dtype=each.dtype)
    return total if reduction == "sum" else total / each.dtype.type(each.size or xp.nan)


def _share(g: Any, shape: tuple, reduction: str) -> Any:
    """The gradient of the reduction: what reaches each element."""
    if reduction != "mean":
        return g
    n = 1
    for k in shape:
        n *= k
    return g / n if n else g


@op(types="promote", method=False, function=False, inplace=False, name="MseLossBackward0", fast=True)
class mse_loss_op:
    """Squared differences."""

    formula = r"\frac{1}{n} \sum_i (x_i - y_i)^2"

    def forward(xp, input: Array, target: Array, reduction):
        each = input - target
        if each.ndim == 0:
            return each * each
        each *= each
        return _reduced(xp, each, reduction)

    def d_input(F, g, input, target, reduction):
        r"\frac{2}{n} \bar z\,(x - y)"
        return (input - target) * (_share(g, input.shape, reduction) * 2)

    def d_target(F, g, input, target, reduction):
        r"\frac{2}{n} \bar z\,(y - x)"
        return (target - input) * (_share(g, input.shape, reduction) * 2)


@op(types="promote", method=False, function=False, inplace=False, name="MeanBackward0")
class l1_loss_op:
    """Absolute differences."""

    formula = r"\frac{1}{n} \sum_i |x_i - y_i|"

    def forward(xp, input: Array, target: Array, reduction):
        return _reduced(xp, xp.abs(xp.asarray(input - target)), reduction)

    def d_input(F, g, input, target, reduction):
        r"\frac{\bar z}{n}\,\mathrm{sign}(x - y)"
        return F.sign(input - target) * _share(g, input.shape, reduction)

    def d_target(F, g, input, target, reduction):
        r"\frac{\bar z}{n}\,\mathrm{sign}(y - x)"
        return F.sign(target - input) * _share(g, input.shape, reduction)


def _rounded_corner(
    name: str, about: str, formula: str, inside: Any, outside: Any, slope: Any, edge: Any
) -> Any:
    """Register a loss that is quadratic for small differences (below ``edge(delta)``) and linear beyond."""

    def forward(xp, input: Array, target: Array, delta, reduction):  # type: ignore
        z = xp.abs(xp.asarray(input - target))
        each = xp.where(z < edge(delta), inside(z, delta), outside(z, delta)).astype(z.dtype, copy=False)
        return _reduced(xp, each, reduction)

    def both(F: Any, g: Any, input: Any, target: Any, delta: float, reduction: str) -> Any:
        d = input - target
        low, high = slope(d, delta, F.sign(d))
        return F.where(F.abs(d) < edge(delta), low, high) * _share(g, input.shape, reduction)

    def d_input(F, g, input, target, delta, reduction):  # type: ignore
        r"\frac{\bar z}{n}\,\ell'(x - y)"
        return both(F, g, input, target, delta, reduction)

    def d_target(F, g, input, target, delta, reduction):  # type: ignore
        r"-\frac{\bar z}{n}\,\ell'(x - y)"
        return -both(F, g, input, target, delta, reduction)

    body = {
        "__doc__": about,
        "formula": formula,
        "forward": forward,
        "d_input": d_input,
        "d_target": d_target,
    }
    return op(types="promote", method=False, function=False, inplace=False, name=f"{name}Backward0")(
        type(name, (), body)
    )


smooth_l1_op = _rounded_corner(
    "SmoothL1Loss", "Squared below ``beta``, absolute above.", r"\frac{1}{n} \sum_i \ell_\beta(x_i - y_i)",
    lambda z, b: z * z * (0.5 / b), lambda z, b: z - 0.5 * b, lambda d, b, s: (d / b, s), lambda b: b,
)  # fmt: skip
huber_op = _rounded_corner(
    "HuberLoss", "Squared up to ``delta``, linear above.", r"\frac{1}{n} \sum_i h_\delta(x_i - y_i)",
    lambda z, b: z * z * 0.5, lambda z, b: (z - 0.5 * b) * b, lambda d, b, s: (d, s * b), lambda b: b,
)  # fmt: skip


@op(wide=True, method=False, function=False, name="BinaryCrossEntropyBackward0")
class binary_cross_entropy_op:
    """Cross entropy of probabilities with targets between 0 and 1; logarithms are cut off at -100."""

    formula = r"-\frac{1}{n} \sum_i w_i (y_i \log x_i + (1 - y_i) \log(1 - x_i))"

    def forward(xp, input: Array, target: Array, weight: Array | None, reduction):
        if input.size and backends.readable(input) and not bool(((input >= 0) & (input <= 1)).all()):
            raise RuntimeError("all elements of input should be between 0 and 1")
        floor = input.dtype.type(-100)
        each = (target - 1) * xp.maximum(xp.log1p(-input), floor) - target * xp.maximum(xp.log(input), floor)
        return _reduced(xp, xp.asarray(each if weight is None else each * weight), reduction)

    def d_input(F, g, input, target, weight, reduction):
        r"\frac{\bar z}{n}\,w\,\frac{x - y}{x (1 - x)}"
        spread = input * (1 - input)
        small = spread < 1e-12
        out = (input - target) / F.where(small, spread * 0 + 1e-12, spread)
        out = out if weight is None else out * weight
        return out * _share(g, input.shape, reduction)

    def d_target(F, g, input, target, weight, reduction):
        r"\frac{\bar z}{n}\,w\,(\log(1 - x) - \log x)"
        out = F.clamp(F.log(1 - input), -100.0, None) - F.clamp(F.log(input), -100.0, None)
        out = out if weight is None else out * weight
        return out * _share(g, input.shape, reduction)


@op(
    types="promote", method=False, function=False, inplace=False, name="BinaryCrossEntropyWithLogitsBackward0"
)
class binary_cross_entropy_with_logits_op:
    """Cross entropy of ``sigmoid(input)`` with targets, without overflow."""

    formula = r"(1 - y)\,x + (1 + (p - 1) y) \log(1 + e^{-x})"

    def forward(xp, input: Array, target: Array, pos_weight: Array | None, reduction):
        soft = xp.log1p(xp.exp(-xp.abs(input))) + xp.maximum(-input, 0)  # log(1 + exp(-x))
        scale = 1 if pos_weight is None else (pos_weight - 1) * target + 1
        return _reduced(xp, xp.asarray((1 - target) * input + scale * soft), reduction)

    def d_input(F, g, input, target, pos_weight, reduction):
        r"\bar z\,((1 - y)\,\sigma(x) - p\,y\,(1 - \sigma(x)))"
        s, g = F.sigmoid(input), _share(g, input.shape, reduction)
        if pos_weight is None:
            return g * (s - target)
        return g * (s * (1 + (pos_weight - 1) * target) - pos_weight * target)

    def d_target(F, g, input, pos_weight, reduction):
        r"\bar z\,(-x + (p - 1) \log(1 + e^{-x}))"
        g = _share(g, input.shape, reduction)
        if pos_weight is None:
            return -g * input
        return g * ((pos_weight - 1) * F.softplus(-input, 1.0, 20.0) - input)
