"""The loss for sequences without alignment."""

from __future__ import annotations

from typing import Any

from ... import backends
from ...core import dtype as dt
from ...core.tensor import Tensor, wrap
from ...ops.ctc import Labelling, ctc_loss_op
from .loss import _reduction

_WHERE = "(while checking arguments for ctc_loss_allocate_outputs)"


def ctc_loss(log_probs: Tensor, targets: Tensor, input_lengths: Any, target_lengths: Any, blank: int = 0,
             reduction: str = "mean", zero_infinity: bool = False) -> Tensor:  # fmt: skip
    """Minus the log likelihood of label sequences, summed over all alignments with the frames.

    Args:
        log_probs: log probabilities (T, N, C), or (T, C) for one sequence.
        targets: labels (N, S) padded, or all labels one after the other (sum of ``target_lengths``).
        input_lengths, target_lengths: how many frames and labels count, one for each sequence; tensors or sequences.
        blank: the class that means "no label".
        reduction: "mean" divides each loss by its number of labels first.
        zero_infinity: count sequences that do not fit in their frames as 0, without gradient.

    Source: Graves et al. 2006; https://pytorch.org/docs/stable/generated/torch.nn.functional.ctc_loss.html
    """
    reduction = _reduction(None, None, reduction)
    single = log_probs._a.ndim == 2 and not (isinstance(input_lengths, Tensor) and input_lengths._a.size > 1)
    if single and targets._a.ndim == 1:
        log_probs = log_probs.unsqueeze(1)  # type: ignore[attr-defined]
    elif log_probs._a.ndim != 3:
        raise RuntimeError(
            f"Expected 3-dimensional tensor, but got {log_probs._a.ndim}-dimensional tensor for argument #1 "
            f"'log_probs' {_WHERE}"
        )
    frames, lengths = _lengths("input_lengths", input_lengths), _lengths("target_lengths", target_lengths)
    labelling = _labelling(log_probs, targets, frames, lengths, blank)
    each = ctc_loss_op(log_probs, labelling, bool(zero_infinity))
    if reduction == "mean":
        count = wrap(labelling.lengths.clip(1).astype(each._a.dtype))
        return (each / count).mean()
    if reduction == "sum":
        return each.sum()
    return each.squeeze(0) if single else each


def _lengths(name: str, given: Any) -> Any:
    if isinstance(given, Tensor):
        if given.dtype.category != dt.INTEGRAL:
            raise RuntimeError(f"{name} must be integral")
        return given._a.reshape(-1)
    from ...ops.create import tensor

    return tensor([int(k) for k in given], dtype=dt.int64)._a


def _labelling(log_probs: Tensor, targets: Tensor, frames: Any, lengths: Any, blank: int) -> Labelling:
    """The targets in one form, checked in PyTorch's words."""
    time, batch, classes = log_probs._a.shape
    if not log_probs._a.size:
        raise RuntimeError("log_probs tensor must not be empty")
    if not 0 <= blank < classes:
        raise RuntimeError("blank must be in label range")
    for name, v in (("input_lengths", frames), ("target_lengths", lengths)):
        if v.size != batch:
            raise RuntimeError(f"{name} must be of size batch_size")
        if int(v.min()) < 0:
            raise RuntimeError(
                f"Expected {name} to have value at least 0, but got value {int(v.min())} {_WHERE}"
            )
    if int(frames.max()) > time:
        raise RuntimeError(
            f"Expected input_lengths to have value at most {time}, but got value {int(frames.max())} {_WHERE}"
        )
    if log_probs.dtype not in (dt.float32, dt.float64):
        raise NotImplementedError(
            f'"ctc_loss_cpu" not implemented for {log_probs.dtype.legacy!r}. Convert first: .float()'
        )
    xp = backends.namespace(log_probs._a)
    lengths, frames = (xp.asarray(v).astype(xp.int64) for v in (lengths, frames))
    longest = int(lengths.max())
    t = xp.asarray(targets._a).astype(xp.int64)
    if t.ndim == 1:
        if t.size != int(lengths.sum()):
            raise RuntimeError(
                f"Expected tensor to have size {int(lengths.sum())} at dimension 0, but got size {t.size} for argument "
                f"#2 'targets' {_WHERE}"
            )
        start = xp.cumsum(lengths) - lengths
        at = xp.minimum(start[:, None] + xp.arange(longest), max(t.size - 1, 0))
        t = t[at] if t.size else xp.zeros((batch, longest), xp.int64)
    else:
        if t.ndim != 2 or t.shape[0] != batch:
            raise RuntimeError(
                f"Expected tensor to have size {batch} at dimension 0, but got size {t.shape[0]} for argument #2 "
                f"'targets' {_WHERE}"
            )
        if t.shape[1] < longest:
            raise RuntimeError(
                f"Expected tensor to have size at least {longest} at dimension 1, but got size {t.shape[1]} for "
                f"argument #2 'targets' {_WHERE}"
            )
        t = t[:, :longest]
    counted = xp.arange(longest) < lengths[:, None]
    t = xp.where(counted, t, blank)
    if t.size and (int(t.min()) < 0 or int(t.max()) >= classes):
        raise RuntimeError(f"ctc_loss: targets must be classes from 0 to {classes - 1}")
    return Labelling(t, lengths, frames, int(blank))
