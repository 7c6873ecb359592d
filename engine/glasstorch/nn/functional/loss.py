"""Losses, with PyTorch's checks and reductions."""

from __future__ import annotations

import math
from typing import Any

from ...backends import HostArray
from ...core import dtype as dt
from ...core.frames import warn
from ...core.tensor import Tensor
from ...ops import loss as ops
from ...ops.shape import broadcast_shapes
from ._refuse import not_tensors


def _reduction(size_average: Any, reduce: Any, reduction: str) -> str:
    """The reduction, also from the old arguments ``size_average`` and ``reduce``; ValueError for others."""
    if size_average is not None or reduce is not None:
        mean = True if size_average is None else size_average
        new = "none" if reduce is False else ("mean" if mean else "sum")
        warn(
            f"size_average and reduce args will be deprecated, please use reduction='{new}' instead.",
        )
        return new
    if reduction not in ("none", "mean", "sum"):
        raise ValueError(f"{reduction} is not a valid value for reduction")
    return reduction


def _reduce(each: Tensor, reduction: str) -> Tensor:
    if reduction == "none":
        return each
    return each.mean() if reduction == "mean" else each.sum()  # type: ignore[attr-defined]


def check_broadcast(a: tuple[int, ...], b: tuple[int, ...]) -> None:
    """RuntimeError when two shapes do not broadcast."""
    for k, (m, n) in enumerate(zip(reversed(a), reversed(b), strict=False)):
        if m != n and 1 not in (m, n):
            raise RuntimeError(
                f"The size of tensor a ({m}) must match the size of tensor b ({n}) at non-singleton dimension "
                f"{max(len(a), len(b)) - k - 1}"
            )


def _floating(kernel: str, *tensors: Tensor) -> None:
    """NotImplementedError when all of the tensors are integers."""
    if all(t.dtype.category < dt.FLOATING for t in tensors):
        raise NotImplementedError(
            f'"{kernel}" not implemented for {tensors[0].dtype.legacy!r}. Convert first: .float()'
        )


def _together(name: str, input: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """Both broadcast to one shape, with PyTorch's warning when that changes one of them."""
    if not (isinstance(input, Tensor) and isinstance(target, Tensor)):
        not_tensors(name, "size", input=input, target=target)
    a, b = input._a.shape, target._a.shape
    if a == b:
        return input, target
    warn(
        f"Using a target size ({target.shape!r}) that is different to the input size "
        f"({input.shape!r}). This will likely "
        "lead to incorrect results due to broadcasting. Please ensure they have the same size.",
    )
    check_broadcast(a, b)
    shape = broadcast_shapes(a, b)
    return input.expand(*shape), target.expand(*shape)  # type: ignore[attr-defined]


def _weighted(each: Tensor, weight: Tensor | None, reduction: str) -> Tensor:
    """Element losses with weights; the mean is then over the weights."""
    if weight is None:
        return _reduce(each, reduction)
    if weight._a.shape != each._a.shape:
        raise ValueError("Weights and input must have the same size.")
    each = each * weight  # type: ignore[operator]
    return each.sum() / weight.sum() if reduction == "mean" else _reduce(each, reduction)  # type: ignore[attr-defined]


def mse_loss(input: Tensor, target: Tensor, size_average: Any = None, reduce: Any = None, reduction: str = "mean",
             weight: Tensor | None = None) -> Tensor:  # fmt: skip
    """Mean of the squared differences (``reduction``: "mean", "sum" or "none")."""
    x, y = _together("mse_loss", input, target)
    reduction = _reduction(size_average, reduce, reduction)
    _floating("mse_cpu", x, y)
    if weight is None:
        return ops.mse_loss_op(x, y, reduction)
    return _weighted(ops.mse_loss_op(x, y, "none"), weight, reduction)


def l1_loss(input: Tensor, target: Tensor, size_average: Any = None, reduce: Any = None, reduction: str = "mean",
            weight: Tensor | None = None) -> Tensor:  # fmt: skip
    """Mean of the absolute differences."""
    x, y = _together("l1_loss", input, target)
    reduction = _reduction(size_average, reduce, reduction)
    if x.dtype.category < dt.FLOATING and y.dtype.category < dt.FLOATING and reduction == "mean":
        raise RuntimeError(
            "mean(): could not infer output dtype. Input dtype must be either a floating point or complex dtype. Got: "
            f"{x.dtype.legacy}"
        )
    if weight is None:
        return ops.l1_loss_op(x, y, reduction)
    return _weighted(ops.l1_loss_op(x, y, "none"), weight, reduction)


def smooth_l1_loss(input: Tensor, target: Tensor, size_average: Any = None, reduce: Any = None,
                   reduction: str = "mean", beta: float = 1.0) -> Tensor:  # fmt: skip
    """Squared below ``beta``, absolute above: ``d²/(2 beta)`` or ``|d| - beta/2``."""
    x, y = _together("smooth_l1_loss", input, target)
    reduction = _reduction(size_average, reduce, reduction)
    if beta < 0:
        raise RuntimeError("smooth_l1_loss does not support negative values for beta.")
    _floating("smooth_l1_cpu", x, y)
    return ops.l1_loss_op(x, y, reduction) if beta == 0 else ops.smooth_l1_op(x, y, beta, reduction)


def huber_loss(input: Tensor, target: Tensor, reduction: str = "mean", delta: float = 1.0,
               weight: Tensor | None = None) -> Tensor:  # fmt: skip
    """Squared up to ``delta``, linear above: ``d²/2`` or ``delta (|d| - delta/2)``."""
    x, y = _together("huber_loss", input, target)
    reduction = _reduction(None, None, reduction)
    if delta <= 0:
        raise RuntimeError("huber_loss does not support non-positive values for delta.")
    _floating("huber_cpu", x, y)
    if weight is None:
        return ops.huber_op(x, y, delta, reduction)
    if weight._a.shape != input._a.shape:
        raise ValueError("Weights and input must have the same size.")
    return _reduce(ops.huber_op(x, y, delta, "none") * weight, reduction)  # a plain mean, unlike its kin


def _class_targets(input: Tensor, target: Tensor, weight: Tensor | None) -> None:
    """Checks of ``nll_loss``, in PyTorch's words."""
    x, t = input._a.shape, target._a.shape
    if len(x) < 1:
        raise ValueError(f"Expected 1 or more dimensions (got {len(x)})")
    if len(x) != 1 and (not t or x[0] != t[0]):
        raise ValueError(
            f"Expected input batch_size ({x[0]}) to match target batch_size ({t[0] if t else 1})."
        )
    classes = x[0] if len(x) == 1 else x[1]
    if weight is not None and weight._rg:
        raise RuntimeError(
            f"The function 'nll_loss{'' if len(x) <= 2 else '2d'}_forward' is not differentiable with respect to "
            "argument 'weight'. This input cannot have requires_grad True."
        )
    if len(x) == 1 and len(t) == 1 and t[0] != 1:
        raise ValueError(f"For 1D input, 1D target must have size 1, but got target size: {t[0]}")
    if len(x) <= 2:
        if len(t) > 1:
            raise RuntimeError("0D or 1D target tensor expected, multi-target not supported")
    elif (x[0], *x[2:]) != tuple(t):
        if len(x) == 4:
            if len(t) != 3:
                raise RuntimeError(
                    f"only batches of spatial targets supported (3D tensors) but got targets of dimension: {len(t)}"
                )
            raise RuntimeError(f"size mismatch (got input: {list(x)} , target: {list(t)}")
        raise RuntimeError(f"Expected target size {[x[0], *x[2:]]}, got {list(t)}")
    if target.dtype is not dt.int64 and target.dtype is not dt.uint8:
        raise RuntimeError(f"expected target dtype to be Long or Byte, but got {target.dtype.legacy}")
    if weight is not None:
        if weight._a.shape != (classes,):
            raise RuntimeError(
                f"weight tensor should be defined either for all {classes} classes or no classes but "
                "got weight tensor of "
                f"shape: {list(weight._a.shape)}"
            )
        if weight.dtype is not input.dtype:
            raise RuntimeError(f"expected scalar type {input.dtype.legacy} but found {weight.dtype.legacy}")
    _floating("nll_loss_out_frame" if len(x) <= 2 else "nll_loss2d_out_frame", input)


def nll_loss(input: Tensor, target: Tensor, weight: Tensor | None = None, size_average: Any = None,
             ignore_index: int = -100, reduce: Any = None, reduction: str = "mean") -> Tensor:  # fmt: skip
    """Minus the log probability (N, C, *) of the target class (N, *), weighted by class.

    Targets equal to ``ignore_index`` count as nothing; "mean" divides by the sum of the weights.
    """
    if not (isinstance(input, Tensor) and isinstance(target, Tensor)):
        not_tensors("nll_loss_nd", input=input, target=target)
    reduction = _reduction(size_average, reduce, reduction)
    _class_targets(input, target, weight)
    if input._a.ndim == 1 and target._a.ndim == 1:
        target = target.squeeze(0)  # type: ignore[attr-defined]
    fn = ops.nll_loss_op if input._a.ndim <= 2 else ops.nll_loss2d_op
    return fn(input, target, weight, reduction, ignore_index)


def cross_entropy(input: Tensor, target: Tensor, weight: Tensor | None = None, size_average: Any = None,
                  ignore_index: int = -100, reduce: Any = None, reduction: str = "mean",
                  label_smoothing: float = 0.0) -> Tensor:  # fmt: skip
    """Cross entropy of scores (N, C, *) with class numbers (N, *) or class probabilities (N, C, *).

    The scores are unnormalised (no softmax before). ``label_smoothing`` in [0, 1] moves that share of the
    target to all classes evenly. Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.cross_entropy.html
    """
    if not (isinstance(input, Tensor) and isinstance(target, Tensor)):
        not_tensors("cross_entropy_loss", input=input, target=target)
    reduction = _reduction(size_average, reduce, reduction)
    x, t = input._a, target._a
    if (x.ndim == 2 and t.ndim == 1 and weight is None and not label_smoothing and t.dtype.kind == "i"
            and x.dtype.kind == "f" and t.itemsize == 8 and x.shape[0] == t.shape[0] and x.size
            and isinstance(t, HostArray) and not bool((t == ignore_index).any())):  # fmt: skip
        return ops.class_cross_entropy(input, target, reduction)
    if x.shape == t.shape:
        return _probability_cross_entropy(input, target, weight, ignore_index, reduction, label_smoothing)
    if label_smoothing > 1.0:
        raise RuntimeError(f"label_smoothing must be between 0.0 and 1.0. Got: {label_smoothing:g}")
    logp = ops.log_softmax(input, 0 if x.ndim == 1 else 1)
    loss = nll_loss(logp, target, weight, None, ignore_index, None, reduction)
    if label_smoothing <= 0:
        return loss
    d = 0 if x.ndim == 1 else 1
    classes = x.shape[d]
    shape = (classes, *(1,) * (x.ndim - d - 1))
    each = -(logp if weight is None else logp * weight.reshape(shape)).sum(d)  # type: ignore[attr-defined]
    kept = target != ignore_index
    each = each.masked_fill(~kept, 0.0)
    if reduction == "none":
        smooth = each
    elif reduction == "sum":
        smooth = each.sum()
    elif weight is None:
        smooth = each.sum() / kept.sum()  # type: ignore[attr-defined]
    else:
        chosen = weight[target.masked_fill(~kept, 0)].masked_fill(~kept, 0.0)  # type: ignore[attr-defined, index]
        smooth = each.sum() / chosen.sum()
    return loss * (1 - label_smoothing) + smooth * (label_smoothing / classes)  # type: ignore[operator]


def _probability_cross_entropy(input: Tensor, target: Tensor, weight: Tensor | None, ignore_index: int,
                               reduction: str, label_smoothing: float) -> Tensor:  # fmt: skip
    if target.dtype.category < dt.FLOATING:
        raise RuntimeError(
            f"Expected floating point type for target with class probabilities, got {target.dtype.legacy}"
        )
    if ignore_index >= 0:
        raise RuntimeError("ignore_index is not supported for floating point target")
    if not 0.0 <= label_smoothing <= 1.0:
        raise RuntimeError(f"label_smoothing must be between 0.0 and 1.0. Got: {label_smoothing:g}")
    ndim = input._a.ndim
    d = 0 if ndim == 1 else 1
    classes = input._a.shape[d]
    if weight is not None and weight._a.shape != (classes,):
        raise RuntimeError(
            f"cross_entropy: weight tensor should be defined either for all {classes} classes or no "
            "classes but got weight "
            f"tensor of shape: {list(weight._a.shape)}"
        )
    if label_smoothing:
        target = target * (1 - label_smoothing) + label_smoothing / classes  # type: ignore[operator]
    each = ops.log_softmax(input, d) * target
    if weight is not None:
        each = each * weight.reshape((classes, *(1,) * (ndim - d - 1)))  # type: ignore[attr-defined]
    if reduction == "none":
        return -each.sum(d)
    total = -each.sum()
    n = input._a.size // classes if classes else 0
    return total if reduction == "sum" else total / n if n else total * math.nan


def _like_target(weight: Tensor, target: Tensor) -> Tensor:
    """The weights in the shape of the targets."""
    w, t = weight._a.shape, target._a.shape
    for k in range(1, min(len(w), len(t)) + 1):
        if w[-k] != t[-k] and 1 not in (w[-k], t[-k]):
            raise RuntimeError(
                f"Attempting to broadcast a dimension of length {w[-k]} at {-k}! Mismatching argument at index 1 had "
                f"{weight.shape!r}; but expected shape should be broadcastable to {list(t)}"
            )
    return weight.expand(*broadcast_shapes(w, t))  # type: ignore[attr-defined]


def binary_cross_entropy(input: Tensor, target: Tensor, weight: Tensor | None = None, size_average: Any = None,
                         reduce: Any = None, reduction: str = "mean") -> Tensor:  # fmt: skip
    """Cross entropy of probabilities (0 to 1) with targets (0 to 1), element by element."""
    if not (isinstance(input, Tensor) and isinstance(target, Tensor)):
        not_tensors("binary_cross_entropy", "size", input=input, target=target)
    reduction = _reduction(size_average, reduce, reduction)
    if input._a.shape != target._a.shape:
        raise ValueError(
            f"Using a target size ({target.shape!r}) that is different to the input size "
            f"({input.shape!r}) is deprecated. "
            "Please ensure they have the same size."
        )
    if target.dtype is not input.dtype:
        raise RuntimeError(f"Found dtype {target.dtype.legacy} but expected {input.dtype.legacy}")
    _floating("binary_cross_entropy", input)
    if weight is not None:
        weight = _like_target(weight, target)
    return ops.binary_cross_entropy_op(input, target, weight, reduction)


def binary_cross_entropy_with_logits(input: Tensor, target: Tensor, weight: Tensor | None = None,
                                     size_average: Any = None, reduce: Any = None, reduction: str = "mean",
                                     pos_weight: Tensor | None = None) -> Tensor:  # fmt: skip
    """Cross entropy of ``sigmoid(input)`` with targets, without overflow. ``pos_weight`` weighs positive targets."""
    if not (isinstance(input, Tensor) and isinstance(target, Tensor)):
        not_tensors("binary_cross_entropy_with_logits", "size", input=input, target=target)
    reduction = _reduction(size_average, reduce, reduction)
    if input._a.shape != target._a.shape:
        raise ValueError(f"Target size ({target.shape!r}) must be the same as input size ({input.shape!r})")
    if target.dtype.category < input.dtype.category:
        raise RuntimeError(
            f"result type {input.dtype.legacy} can't be cast to the desired output type {target.dtype.legacy}"
        )
    _floating("log_sigmoid_cpu", input)
    for w in (pos_weight, weight):
        if w is not None:
            check_broadcast(
                *((w._a.shape, target._a.shape) if w is pos_weight else (target._a.shape, w._a.shape))
            )
    if weight is None:
        return ops.binary_cross_entropy_with_logits_op(input, target, pos_weight, reduction)
    return _reduce(
        ops.binary_cross_entropy_with_logits_op(input, target, pos_weight, "none") * weight, reduction
    )


def kl_div(input: Tensor, target: Tensor, size_average: Any = None, reduce: Any = None, reduction: str = "mean",
           log_target: bool = False) -> Tensor:  # fmt: skip
    """Kullback-Leibler divergence from log probabilities ``input`` to ``target`` (probabilities, or their logs)."""
    if not (isinstance(input, Tensor) and isinstance(target, Tensor)):
        not_tensors("kl_div", input=input, target=target)
    batch = reduction == "batchmean"
    if not batch:
        reduction = _reduction(size_average, reduce, reduction)
        if reduction == "mean":
            warn(
                "reduction: 'mean' divides the total loss by both the batch size and the support "
                "size.'batchmean' divides "
                "only by the batch size, and aligns with the KL div math definition.'mean' will be "
                "changed to behave the "
                "same as 'batchmean' in the next major release.",
            )
    if input.dtype.category < dt.FLOATING or target.dtype.category < dt.FLOATING:
        raise RuntimeError("kl_div: Integral inputs not supported. Convert first: .float()")
    if log_target:
        each = target.exp() * (target - input)  # type: ignore[attr-defined, operator]
    else:
        safe = target.masked_fill(target == 0, 1.0)  # type: ignore[attr-defined]
        each = target * safe.log() - target * input  # type: ignore[operator]
    out = _reduce(each, "sum" if batch else reduction)
    return out / input._a.shape[0] if batch and input._a.ndim else out


def poisson_nll_loss(input: Tensor, target: Tensor, log_input: bool = True, full: bool = False,
                     size_average: Any = None, eps: float = 1e-8, reduce: Any = None,
                     reduction: str = "mean") -> Tensor:  # fmt: skip
    """Minus the log likelihood of counts under a Poisson distribution with rate ``exp(input)`` or ``input``."""
    if not (isinstance(input, Tensor) and isinstance(target, Tensor)):
        not_tensors("poisson_nll_loss", input=input, target=target)
    reduction = _reduction(size_average, reduce, reduction)
    if log_input:
        each = input.exp() - target * input  # type: ignore[attr-defined, operator]
    else:
        each = input - target * (input + eps).log()  # type: ignore[operator]
    if full:  # Stirling's approximation of log(target!)
        stirling = target * target.log() - target + 0.5 * (2 * math.pi * target).log()  # type: ignore[attr-defined, operator]
        each = each + stirling.masked_fill(target <= 1, 0.0)  # type: ignore[operator]
    return _reduce(each, reduction)


def gaussian_nll_loss(input: Tensor, target: Tensor, var: Any, full: bool = False, eps: float = 1e-6,
                      reduction: str = "mean") -> Tensor:  # fmt: skip
    """Minus the log likelihood under normal distributions with mean ``input`` and variance ``var`` (at least eps)."""
    if not isinstance(var, Tensor):
        if var < 0:
            raise ValueError("var has negative entry/entries")
        var = input.new_full(input.shape, var)  # type: ignore[attr-defined]
    elif bool((var < 0).any()):  # type: ignore[attr-defined, operator]
        raise ValueError("var has negative entry/entries")
    if var._a.shape != input._a.shape:
        if input._a.shape[:-1] == var._a.shape:
            var = var.unsqueeze(-1)
        elif (
            input._a.ndim != var._a.ndim
            or sum(m for n, m in zip(input._a.shape, var._a.shape) if n != m) != 1
        ):  # one variance for all along one dimension
            raise ValueError("var is of incorrect size")
    if reduction not in ("none", "mean", "sum"):
        raise ValueError(reduction + " is not valid")
    bounded = var + (var.detach().clamp(min=eps) - var.detach())  # the bound takes no part in the gradient
    each = 0.5 * (bounded.log() + (input - target) ** 2 / bounded)  # type: ignore[operator]
    return _reduce(each + 0.5 * math.log(2 * math.pi) if full else each, reduction)
