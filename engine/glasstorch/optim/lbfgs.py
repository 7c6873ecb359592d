"""L-BFGS: a quasi-Newton method that remembers a few steps instead of a matrix, with a line search on request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from ..core.mode import enable_grad, no_grad
from ..core.tensor import Tensor, wrap
from ..ops.join import cat
from .optimizer import Optimizer, check_lr, number


class Point(NamedTuple):
    """A place on the search line: the step there, the loss, the gradient, and its slope along the line."""

    t: Any
    loss: float
    grad: Tensor
    slope: Any


def _cubic_minimum(a: Point, b: Point, low: Any = None, high: Any = None) -> Any:
    """Where the cubic through two points, with their slopes, is least; kept between ``low`` and ``high``."""
    if low is None:
        low, high = (a.t, b.t) if a.t <= b.t else (b.t, a.t)
    d1 = a.slope + b.slope - 3 * (a.loss - b.loss) / (a.t - b.t)
    square = d1**2 - a.slope * b.slope
    if square < 0:
        return (low + high) / 2.0
    d2 = square**0.5
    if a.t <= b.t:
        t = b.t - (b.t - a.t) * ((b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2))
    else:
        t = a.t - (a.t - b.t) * ((a.slope + d2 - d1) / (a.slope - b.slope + 2 * d2))
    return min(max(t, low), high)


def strong_wolfe(evaluate: Callable[[Any], Point], start: Point, t: Any, size: Any, tolerance_change: float,
                 max_ls: int, c1: float = 1e-4, c2: float = 0.9) -> tuple[Point, int]:  # fmt: skip
    """A step after which the loss has fallen enough (``c1``) and the slope is flat enough (``c2``).

    ``evaluate(t)`` gives the point at step ``t``; ``start`` is the point at 0, ``size`` the largest part of the
    direction. First the step grows until it brackets such a place, then the bracket is narrowed.
    Source: Nocedal and Wright, Numerical Optimization, algorithms 3.5 and 3.6.
    """
    before, now = start, evaluate(t)
    calls, rounds = 1, 0
    bracket: list[Point] = []
    done = False

    def too_high(p: Point) -> bool:
        return p.loss > start.loss + c1 * p.t * start.slope

    def flat(p: Point) -> bool:
        return bool(abs(p.slope) <= -c2 * start.slope)

    while rounds < max_ls:
        if too_high(now) or (rounds > 1 and now.loss >= before.loss):
            bracket = [before, now]
            break
        if flat(now):
            bracket, done = [now], True
            break
        if now.slope >= 0:
            bracket = [before, now]
            break
        far = _cubic_minimum(before, now, now.t + 0.01 * (now.t - before.t), now.t * 10)
        before, now = now, evaluate(far)
        calls, rounds = calls + 1, rounds + 1
    if rounds == max_ls:
        bracket = [start, now]
    low, high = (0, 1) if bracket[0].loss <= bracket[-1].loss else (1, 0)
    stuck = False
    while not done and rounds < max_ls:
        left, right = min(p.t for p in bracket), max(p.t for p in bracket)
        if abs(bracket[1].t - bracket[0].t) * size < tolerance_change:
            break
        t = _cubic_minimum(bracket[0], bracket[1])
        # A step very near an end narrows little: twice in a row, move a tenth of the bracket inwards.
        margin = 0.1 * (right - left)
        if min(right - t, t - left) < margin:
            if stuck or t >= right or t <= left:
                t = right - margin if abs(t - right) < abs(t - left) else left + margin
                stuck = False
            else:
                stuck = True
        else:
            stuck = False
        now = evaluate(t)
        calls, rounds = calls + 1, rounds + 1
        if too_high(now) or now.loss >= bracket[low].loss:
            bracket[high] = now
            low, high = (0, 1) if bracket[0].loss <= bracket[1].loss else (1, 0)
        else:
            if flat(now):
                done = True
            elif now.slope * (bracket[high].t - bracket[low].t) >= 0:
                bracket[high] = bracket[low]
            bracket[low] = now
    return bracket[low], calls


class LBFGS(Optimizer):
    """Steps along ``-H g``, where ``H`` is built from the last ``history_size`` changes of place and gradient.

    ``step(closure)`` makes up to ``max_iter`` iterations and calls the closure (which clears the gradients, computes
    the loss, calls ``backward`` and returns the loss) up to about ``max_eval`` times. ``line_search_fn``: None takes
    steps of ``lr``, ``"strong_wolfe"`` searches for good ones. It ends early when the largest gradient is below
    ``tolerance_grad`` or a change below ``tolerance_change``. One group of parameters only.
    Source: Nocedal and Wright, Numerical Optimization, algorithm 7.4.
    """

    def __init__(self, params: Any, lr: Any = 1, max_iter: int = 20, max_eval: int | None = None,
                 tolerance_grad: float = 1e-7, tolerance_change: float = 1e-9, history_size: int = 100,
                 line_search_fn: str | None = None) -> None:  # fmt: skip
        check_lr(lr)
        super().__init__(params, {
            "lr": lr, "max_iter": max_iter, "max_eval": max_iter * 5 // 4 if max_eval is None else max_eval,
            "tolerance_grad": tolerance_grad, "tolerance_change": tolerance_change, "history_size": history_size,
            "line_search_fn": line_search_fn,
        })  # fmt: skip
        if len(self.param_groups) != 1:
            raise ValueError("LBFGS doesn't support per-parameter options (parameter groups)")
        self._params = self.param_groups[0]["params"]

    def _real(self, p: Tensor) -> Tensor:
        """A parameter's memory as real numbers."""
        a = p._a
        return (
            wrap(a[..., None].view("f4" if a.itemsize == 8 else "f8")) if a.dtype.kind == "c" else p.detach()
        )

    def _gradient(self) -> Tensor:
        """All gradients in one vector."""
        return cat(
            [self._real(p.new_zeros(p.shape) if p.grad is None else p.grad).reshape(-1) for p in self._params]
        )

    def _move(self, t: Any, direction: Tensor) -> None:
        """``t`` times a vector of all parameters, added to them."""
        at = 0
        for p in self._params:
            real = self._real(p)
            real.add_(direction[at : at + real.numel()].view(real.shape), alpha=number(t))
            p._v[0] += 1
            at += real.numel()

    @no_grad()
    def step(self, closure: Callable[[], Any]) -> Any:  # type: ignore[override]
        """Iterate; returns the loss at the start."""
        compute = enable_grad()(closure)
        group, state = self.param_groups[0], self.state[self._params[0]]
        lr, tolerance = number(group["lr"]), group["tolerance_change"]
        state.setdefault("func_evals", 0)
        state.setdefault("n_iter", 0)
        first = compute()
        loss, evaluations = float(first), 1
        state["func_evals"] += 1
        grad = self._gradient()
        if grad.abs().max() <= group["tolerance_grad"]:
            return first
        names = ("d", "t", "old_dirs", "old_stps", "ro", "H_diag", "prev_flat_grad", "prev_loss")
        mind = {name: state.get(name) for name in names}
        for n in range(1, group["max_iter"] + 1):
            state["n_iter"] += 1
            d = self._direction(mind, state, grad, group["history_size"])
            mind["prev_flat_grad"], mind["prev_loss"], mind["d"] = grad.clone(), loss, d
            t = min(1.0, 1.0 / grad.abs().sum()) * lr if state["n_iter"] == 1 else lr
            mind["t"] = t
            slope = grad.dot(d)
            if slope > -tolerance:
                break
            calls = 0
            if group["line_search_fn"] is not None:
                if group["line_search_fn"] != "strong_wolfe":
                    raise RuntimeError("only 'strong_wolfe' is supported")
                found, calls = strong_wolfe(
                    self._evaluator(compute, d), Point(0, loss, grad.clone(), slope), t, d.abs().max(), tolerance,
                    group["max_eval"] - evaluations,
                )  # fmt: skip
                mind["t"] = t = found.t
                loss, grad = found.loss, found.grad
                self._move(t, d)
            else:
                self._move(t, d)
                if n != group["max_iter"]:  # the last iteration's loss would not be used
                    loss, calls = float(compute()), 1
                    grad = self._gradient()
            evaluations += calls
            state["func_evals"] += calls
            if (n == group["max_iter"] or evaluations >= group["max_eval"]
                    or grad.abs().max() <= group["tolerance_grad"] or (d * t).abs().max() <= tolerance
                    or abs(loss - mind["prev_loss"]) < tolerance):  # fmt: skip
                break
        state.update(mind)
        return first

    def _direction(self, mind: dict[str, Any], state: dict[str, Any], grad: Tensor, history: int) -> Tensor:
        """Note the last change, and give ``-H g`` by the two-loop recursion."""
        if state["n_iter"] == 1:
            mind.update(old_dirs=[], old_stps=[], ro=[], H_diag=1)
            return -grad
        dirs, steps, ro = mind["old_dirs"], mind["old_stps"], mind["ro"]
        y, s = grad - mind["prev_flat_grad"], mind["d"] * mind["t"]
        ys = y.dot(s)
        if ys > 1e-10:
            if len(dirs) == history:
                for kept in (dirs, steps, ro):
                    kept.pop(0)
            dirs.append(y)
            steps.append(s)
            ro.append(1.0 / ys)
            mind["H_diag"] = ys / y.dot(y)
        al = state.setdefault("al", [None] * history)
        q = -grad
        for i in reversed(range(len(dirs))):
            al[i] = steps[i].dot(q) * ro[i]
            q = q - dirs[i] * al[i]
        r = q * mind["H_diag"]
        for i in range(len(dirs)):
            r = r + steps[i] * (al[i] - dirs[i].dot(r) * ro[i])
        return r

    def _evaluator(self, compute: Callable[[], Any], d: Tensor) -> Callable[[Any], Point]:
        """The point at a step along ``d``; the parameters are put back afterwards."""
        start = [p._a.copy() for p in self._params]

        def evaluate(t: Any) -> Point:
            self._move(t, d)
            loss = float(compute())
            grad = self._gradient()
            for p, a in zip(self._params, start, strict=True):
                p._a[...] = a
                p._v[0] += 1
            return Point(t, loss, grad, grad.dot(d))

        return evaluate
