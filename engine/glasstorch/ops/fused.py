"""Products that are added to something: addmm, addmv, baddbmm, addbmm, addr."""

from __future__ import annotations

from typing import Any

from ..core import dtype as dt
from ..core.forms import method
from ..core.op import op
from ..core.outputs import store
from ..core.refusals import takes_tensors
from ..core.tensor import Tensor
from .matmul import _product, _same_type, bmm, no_fit, refuse_bool
from .products import outer


def _stretched(xp: Any, a: Any, shape: tuple) -> Any:
    """``a`` broadcast to the product's shape; RuntimeError in the words of ``expand``."""
    try:
        return xp.broadcast_to(a, shape)
    except ValueError:
        no_fit(a.shape, shape)


def _check_addmm(name: str, input: Any, a: Any, b: Any) -> tuple:
    for which, x in (("mat1", a), ("mat2", b)):
        if x.ndim != 2:
            raise RuntimeError(f"{which} must be a matrix, got {x.ndim}-D tensor")
    if a.shape[1] != b.shape[0]:
        raise RuntimeError(
            f"mat1 and mat2 shapes cannot be multiplied ({a.shape[0]}x{a.shape[1]} and {b.shape[0]}x{b.shape[1]})"
        )
    _one_type("mat1 and mat2", a, b)
    _one_type("self and mat2", input, b)
    return a.shape[0], b.shape[1]


def _check_addmv(name: str, input: Any, a: Any, b: Any) -> tuple:
    if a.ndim != 2 or b.ndim != 1 or input.ndim > 1:
        raise RuntimeError(f"vector + matrix @ vector expected, got {input.ndim}, {a.ndim}, {b.ndim}")
    size = input.shape[0] if input.ndim else 1
    if a.shape[1] != b.shape[0] or size not in (1, a.shape[0]):
        rows = a.shape[0] if size == 1 else size
        raise RuntimeError(
            f"size mismatch, got input ({rows}), mat ({a.shape[0]}x{a.shape[1]}), vec ({b.shape[0]})"
        )
    _same_type(name, input, a, b)
    return (a.shape[0],)


def _check_baddbmm(name: str, input: Any, a: Any, b: Any) -> tuple:
    for x in (a, b):
        if x.ndim < 3:
            n = max(x.ndim, 1)
            raise IndexError(
                f"Dimension out of range (expected to be in range of [{-n}, {n - 1}], but got 2)"
            )
    shape = (a.shape[0], a.shape[1], b.shape[2])
    if a.shape[0] != b.shape[0] or a.shape[2] != b.shape[1]:
        lead = len(shape) - input.ndim
        if lead < 0 or any(n not in (1, shape[k + lead]) for k, n in enumerate(input.shape)):
            no_fit(input.shape, shape)
        raise RuntimeError(
            f"Expected size for first two dimensions of batch2 tensor to be: [{a.shape[0]}, {a.shape[2]}] but got: "
            f"[{b.shape[0]}, {b.shape[1]}]."
        )
    _same_type("bmm", input, a, b)
    return shape


def _one_type(which: str, a: Any, b: Any) -> None:
    if a.dtype != b.dtype:
        kinds = [dt.from_numpy_dtype(x.dtype).legacy for x in (a, b)]
        raise RuntimeError(f"{which} must have the same dtype, but got {kinds[0]} and {kinds[1]}")


def _fused(name: str, symbol: str, check: Any, kernel: str, d_first: Any, d_second: Any, words: str, first: str,
           second: str) -> Any:  # fmt: skip
    """``beta * input + alpha * (a @ b)``, with the derivatives of the product for its two factors."""

    def forward(xp, input: Array, a: Array, b: Array, beta, alpha):
        shape = check(name, input, a, b)
        if input.dtype.kind in "iu":
            beta, alpha = int(beta), int(alpha)
        start = _stretched(xp, input, shape)
        of = input.dtype.type
        # A factor 0 means that its term is not looked at: its nan stay out.
        if beta != 1:
            start = xp.zeros(shape, input.dtype) if beta == 0 else start * of(beta)
        if alpha == 0:
            return start.copy()
        product = _product(xp, a, b)
        product = product if alpha == 1 else product * of(alpha)
        return product if beta == 0 else start + product

    def d_input(F, g, input_shape, beta):
        r"\beta\,\bar z"
        return F.sum_to_size(g if beta == 1 else g * beta, input_shape)

    def d_a(F, g, b, alpha):
        out = d_first(F, g, b)
        return out if alpha == 1 else out * alpha

    def d_b(F, g, a, alpha):
        out = d_second(F, g, a)
        return out if alpha == 1 else out * alpha

    d_a.__doc__, d_b.__doc__ = r"\alpha\,\bar Z Y^{\top}", r"\alpha\,X^{\top} \bar Z"
    body = {"__doc__": words, "label": name, "formula": rf"\beta z + \alpha {symbol}", "forward": forward,
            "d_input": d_input, "d_a": d_a, "d_b": d_b}  # fmt: skip
    made = op(method=False, function=False, name=f"{name.capitalize()}Backward0")(
        type(f"{name}_op", (), body)
    )

    def fn(
        input: Tensor, *operands: Any, beta: Any = 1, alpha: Any = 1, out: Any = None, **named: Any
    ) -> Tensor:
        a, b = (*operands, *(named.pop(k) for k in (first, second) if k in named))
        if named:
            raise TypeError(f"{name}() got an unexpected keyword argument '{next(iter(named))}'")
        _factors(name, beta, alpha)
        refuse_bool(kernel, a)
        result = made(input, a, b, beta, alpha)
        return result if out is None else store(name, result, out, exact=True, inputs=(input, a, b))

    fn.__name__ = fn.__qualname__ = name
    fn.__doc__ = f"{name}(input, {first}, {second}, *, beta=1, alpha=1, out=None) -> Tensor\n\n{words}"
    return method(fn)


def _factors(name: str, beta: Any, alpha: Any) -> None:
    for which, v in (("beta", beta), ("alpha", alpha)):
        if not isinstance(v, (int, float, complex, Tensor)):
            raise TypeError(f"{name}(): argument '{which}' must be Number, not {type(v).__name__}")


def _turn(F: Any, x: Any) -> Any:
    return F.transpose(x, -2, -1)


addmm = _fused(
    "addmm", "X Y", _check_addmm, "addmm_impl_cpu_", lambda F, g, b: F.mm(g, _turn(F, b)),
    lambda F, g, a: F.mm(_turn(F, a), g),
    "``beta * input + alpha * (mat1 @ mat2)`` for matrices; ``input`` broadcasts.", "mat1", "mat2",
)  # fmt: skip
addmv = _fused(
    "addmv", "X y", _check_addmv, "addmv_impl_cpu", lambda F, g, b: F.unsqueeze(g, 1) * F.unsqueeze(b, 0),
    lambda F, g, a: F.mv(_turn(F, a), g), "``beta * input + alpha * (mat @ vec)``; ``input`` broadcasts.", "mat", "vec",
)  # fmt: skip
baddbmm = _fused(
    "baddbmm", "X_b Y_b", _check_baddbmm, "baddbmm", lambda F, g, b: F.bmm(g, _turn(F, b)),
    lambda F, g, a: F.bmm(_turn(F, a), g),
    "``beta * input + alpha * (batch1 @ batch2)`` for batches of matrices; ``input`` broadcasts.", "batch1", "batch2",
)  # fmt: skip


def _scaled(input: Tensor, product: Tensor, beta: Any, alpha: Any) -> Tensor:
    if input.dtype is dt.bool_:
        return (input & bool(beta)) | (product & bool(alpha))
    product = product if alpha == 1 else product * alpha
    return product if beta == 0 else (input if beta == 1 else input * beta) + product


@method
@takes_tensors()
def addbmm(input: Tensor, batch1: Tensor, batch2: Tensor, *, beta: Any = 1, alpha: Any = 1) -> Tensor:
    """addbmm(input, batch1, batch2, *, beta=1, alpha=1) -> Tensor

    ``beta * input + alpha * sum of batch1[b] @ batch2[b]``; ``input`` broadcasts.
    """
    refuse_bool("addmm_impl_cpu_", batch1)
    total = bmm(batch1, batch2).sum(0)
    if input.dtype.category < dt.FLOATING:
        total, beta, alpha = total.to(input.dtype), int(beta), int(alpha)
    return _scaled(input.expand(*total._a.shape), total, beta, alpha)


@method
@takes_tensors()
def addr(input: Tensor, vec1: Tensor, vec2: Tensor, *, beta: Any = 1, alpha: Any = 1) -> Tensor:
    """addr(input, vec1, vec2, *, beta=1, alpha=1) -> Tensor

    ``beta * input + alpha * outer(vec1, vec2)``; ``input`` broadcasts.
    """
    for name, v in (("vec1", vec1), ("vec2", vec2)):
        if v._a.ndim != 1:
            raise RuntimeError(f"addr: Expected 1-D argument {name}, but got {v._a.ndim}-D")
    for name, v in (("beta", beta), ("alpha", alpha)):
        if input.dtype.category < dt.FLOATING and isinstance(v, float):
            raise RuntimeError(
                f"For integral input tensors, argument {name} must not be a floating point number."
            )
    product = outer(vec1, vec2)
    return _scaled(input.expand(*product._a.shape), product, beta, alpha)
