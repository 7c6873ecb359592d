"""Connectionist temporal classification: the likelihood of a labelling, summed over all its alignments.

Source: Graves et al. 2006, https://www.cs.toronto.edu/~graves/icml_2006.pdf (the equations' numbers are its).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .. import backends
from ..core.op import op


@dataclass(frozen=True, eq=False)
class Labelling:
    """Targets of a batch: ``labels`` (N, S), of which the first ``lengths`` count, for so many ``frames`` each."""

    labels: Any
    lengths: Any
    frames: Any
    blank: int

    def states(self, xp: Any) -> tuple[Any, Any]:
        """The labels with blanks between and around (N, 2 S + 1), and where a blank may be skipped."""
        n, s = self.labels.shape
        out = xp.full((n, 2 * s + 1), self.blank, xp.int64)
        out[:, 1::2] = self.labels
        skip = xp.zeros(out.shape, bool)
        skip[:, 2:] = out[:, 2:] != out[:, :-2]
        return out, skip


def _log_sum(xp: Any, *terms: Any) -> Any:
    """``log(sum(exp))`` of arrays, -inf where all are."""
    top = terms[0]
    for t in terms[1:]:
        top = xp.maximum(top, t)
    base = xp.where(xp.isneginf(top), 0, top)
    return xp.log(sum(xp.exp(t - base) for t in terms)) + base


def _shifted(xp: Any, a: Any, by: int) -> Any:
    """``a`` moved along its last dimension, -inf coming in."""
    out = xp.full(a.shape, -xp.inf, a.dtype)
    if by > 0:
        out[:, by:] = a[:, :-by]
    else:
        out[:, :by] = a[:, -by:]
    return out


def _emissions(xp: Any, log_probs: Any, states: Any) -> Any:
    """Log probability of each state at each time: (T, N, 2 S + 1)."""
    return xp.take_along_axis(log_probs, xp.broadcast_to(states, (len(log_probs), *states.shape)), axis=2)


def _forward_variables(xp: Any, emit: Any, skip: Any, labelling: Labelling) -> Any:
    """Log probability of all beginnings that are in a state at a time (eq. 6 and 7)."""
    alpha = xp.full(emit.shape, -xp.inf, emit.dtype)
    alpha[0, :, 0] = emit[0, :, 0]
    if emit.shape[2] > 1:
        alpha[0, :, 1] = xp.where(labelling.lengths > 0, emit[0, :, 1], -xp.inf)
    for t in range(1, len(emit)):
        last = alpha[t - 1]
        jump = xp.where(skip, _shifted(xp, last, 2), -xp.inf)
        alpha[t] = _log_sum(xp, last, _shifted(xp, last, 1), jump) + emit[t]
    return alpha


def _backward_variables(xp: Any, emit: Any, skip: Any, labelling: Labelling) -> Any:
    """Log probability of all endings that are in a state at a time (eq. 9 and 10)."""
    beta = xp.full(emit.shape, -xp.inf, emit.dtype)
    place = xp.arange(emit.shape[2])
    final = (place == 2 * labelling.lengths[:, None]) | (place == 2 * labelling.lengths[:, None] - 1)
    onwards = xp.zeros_like(skip)
    onwards[:, :-2] = skip[:, 2:]
    for t in range(len(emit) - 1, -1, -1):
        ends = (labelling.frames == t + 1)[:, None]
        if t + 1 < len(emit):
            following = beta[t + 1]
            jump = xp.where(onwards, _shifted(xp, following, -2), -xp.inf)
            beta[t] = _log_sum(xp, following, _shifted(xp, following, -1), jump) + emit[t]
        beta[t] = xp.where(ends, xp.where(final, emit[t], -xp.inf), beta[t])
    return beta


@op(method=False, function=False, name="CtcLossBackward0")
class ctc_loss_op:
    """Minus the log likelihood of each labelling: (N,)."""

    formula = r"-\log \sum_{\pi \in \mathcal B^{-1}(l)} \prod_t y^t_{\pi_t}"
    keeps = ("alpha", "loss")

    def forward(xp, input: Array, labelling, zero_infinity):
        states, skip = labelling.states(xp)
        alpha = _forward_variables(xp, _emissions(xp, input, states), skip, labelling)
        rows = xp.arange(len(states))
        end = alpha[xp.maximum(labelling.frames - 1, 0), rows]
        last = 2 * labelling.lengths
        before = xp.where(labelling.lengths > 0, end[rows, xp.maximum(last - 1, 0)], -xp.inf)
        loss = -_log_sum(xp, end[rows, last], before)
        empty = xp.where(labelling.lengths == 0, 0, xp.inf)  # without frames only nothing can be said
        loss = xp.where(labelling.frames == 0, empty, loss).astype(input.dtype)
        out = xp.where(xp.isposinf(loss), 0, loss).astype(input.dtype) if zero_infinity else loss.copy()
        return out, (alpha, loss)

    def d_input(F, g, input, labelling, zero_infinity, alpha, loss):
        r"\bar y\,(y^t_k - \frac{1}{y^t_k\, p(l)} \sum_{s : l_s = k} \alpha_t(s)\, \beta_t(s))"
        alpha, loss = (getattr(v, "_a", v) for v in (alpha, loss))
        return F.ctc_loss_gradient(g, input, labelling, zero_infinity, alpha, loss)


def _no_second_derivative(*_: Any) -> Any:
    raise RuntimeError("derivative for aten::_ctc_loss_backward is not implemented")


@op(method=False, function=False, name="CtcLossBackwardBackward0")
class ctc_loss_gradient:
    """The gradient of ``ctc_loss_op``, as PyTorch has it: that of the scores whose log_softmax ``log_probs`` is."""

    formula = r"\bar y\,(y^t_k - \gamma_t(k))"

    def forward(xp, input: Array, log_probs: Array, labelling, zero_infinity, alpha, loss):
        states, skip = labelling.states(xp)
        both = alpha + _backward_variables(xp, _emissions(xp, log_probs, states), skip, labelling)
        top = xp.max(both, axis=2, keepdims=True)
        top = xp.where(xp.isneginf(top), 0, top)
        t, n, c = log_probs.shape
        where = ((xp.arange(t * n) * c).reshape(t, n, 1) + states).reshape(-1)
        share = (
            backends.kernels(both).add_flat(xp.exp(both - top).reshape(-1), where, t * n * c).reshape(t, n, c)
        )
        out = xp.exp(log_probs) - xp.exp(xp.log(share) + top + loss[:, None] - log_probs)
        out = out * input[:, None]
        keep = (xp.arange(t)[:, None] < labelling.frames)[..., None]
        if zero_infinity:
            keep = keep & ~xp.isposinf(loss)[:, None]
        return xp.where(keep, out, 0).astype(log_probs.dtype)

    def d_input(F, g):
        r"\text{not implemented, as in PyTorch}"
        return _no_second_derivative()

    def d_log_probs(F, g):
        r"\text{not implemented, as in PyTorch}"
        return _no_second_derivative()
