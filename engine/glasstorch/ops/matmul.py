"""Products of vectors and matrices."""

from __future__ import annotations

import functools
import math
from typing import Any, NoReturn

import numpy as np

from ..core.dtype import bool_, from_numpy_dtype
from ..core.forms import method
from ..core.mode import STATE, THREAD
from ..core.op import op
from ..core.outputs import C_NAMES, store
from ..core.refusals import noted
from ..core.tensor import Tensor

#: Words for operands of different types, where they are not those of ``mm``.
_MISMATCH = {
    "bmm": "expected scalar type {a} but found {b}",
    "matmul": "expected scalar type {a} but found {b}",
    "mv": "addmv input tensors must have the same dtype, but got {b}, {a}, and {b}",
    "dot": "dot : expected both vectors to have same dtype, but found {a} and {b}",
}


def _same_type(name: str, *arrays: Any) -> None:
    first = arrays[0].dtype
    for a in arrays[1:]:
        if a.dtype != first:
            words = _MISMATCH.get(name, "expected m1 and m2 to have the same dtype, but got: {ca} != {cb}")
            one, two = from_numpy_dtype(first), from_numpy_dtype(a.dtype)
            raise noted(
                RuntimeError(
                    words.format(a=one.legacy, b=two.legacy, ca=_c_name(first), cb=_c_name(a.dtype))
                ),
                f"{name}() does not promote types: convert one side with .to(...).",
            )


def refuse_bool(kernel: str, t: Any) -> None:
    """NotImplementedError for bools: PyTorch's kernels for products have none."""
    if getattr(t, "dtype", None) is bool_:
        raise NotImplementedError(f"\"{kernel}\" not implemented for 'Bool'")


def no_fit(own: tuple, target: tuple) -> NoReturn:
    """RuntimeError for what cannot be stretched to the shape of a product, in the words of ``expand``."""
    lead = len(target) - len(own)
    if lead < 0:
        raise RuntimeError(
            f"the number of sizes provided ({len(target)}) must be greater or equal to the number of dimensions in "
            f"the tensor ({len(own)})"
        )
    d = max(k for k, n in enumerate(own) if n not in (1, target[k + lead])) + lead
    raise RuntimeError(
        f"The expanded size of the tensor ({target[d]}) must match the existing size ({own[d - lead]}) at "
        f"non-singleton dimension {d}.  Target sizes: {list(target)}.  Tensor sizes: {list(own)}"
    )


def called(name: str, t: Tensor) -> Tensor:
    """``t`` with its node under the name that PyTorch gives to the last step of a product."""
    node = t._node
    if node is not None:
        node.__class__ = _renamed(name, node.__class__)
    return t


@functools.cache
def _renamed(name: str, kind: type) -> type:
    return type(name, (kind,), {"__slots__": (), "__module__": kind.__module__})


HALF = np.dtype("float16")


def _wide_product(xp: Any, a: Any, b: Any) -> Any:
    """``a @ b``, of half precision in float32: NumPy has no fast products of float16, and sums as PyTorch does."""
    if a.dtype is HALF and xp is np:
        a, b = a.astype(np.float32), b.astype(np.float32)
    return xp.matmul(a, b)


def _product(xp: Any, a: Any, b: Any) -> Any:
    """``a @ b`` in the operands' type."""
    out = _wide_product(xp, a, b)
    return out if out.dtype is a.dtype else out.astype(a.dtype)


def _shaped(x: Any, shape: tuple[int, ...]) -> Any:
    """``x`` in that shape; ``x`` itself when it has it, for a gradient that is a view costs a leaf a copy."""
    return x if tuple(x.shape) == tuple(shape) else x.reshape(shape)


def _c_name(np_dtype: Any) -> str:
    """A type as PyTorch's C++ messages call it."""
    return C_NAMES.get(str(np_dtype), str(np_dtype))


@op(name="MmBackward0")
class mm:
    """mm(input, mat2) -> Tensor

    The product of two matrices, ``(n, k) @ (k, m)``.
    """

    formula = r"X Y"

    def check(input, other):
        refuse_bool("addmm_impl_cpu_", input)

    def forward(xp, input: Array, mat2: Array):
        for k, a in enumerate((input, mat2)):
            if a.ndim != 2:
                raise RuntimeError("self must be a matrix" if k == 0 else "mat2 must be a matrix")
        if input.shape[1] != mat2.shape[0]:
            raise RuntimeError(
                f"mat1 and mat2 shapes cannot be multiplied ({input.shape[0]}x{input.shape[1]} and "
                f"{mat2.shape[0]}x{mat2.shape[1]})"
            )
        _same_type("mm", input, mat2)
        return _product(xp, input, mat2)

    def d_input(F, g, mat2):
        r"\bar Z\, Y^{\top}"
        return F.mm(g, F.transpose(mat2, 0, 1))

    def d_mat2(F, g, input):
        r"X^{\top} \bar Z"
        return F.mm(F.transpose(input, 0, 1), g)


@op(name="BmmBackward0")
class bmm:
    """bmm(input, mat2) -> Tensor

    Products of matrices in two batches, ``(b, n, k) @ (b, k, m)``.
    """

    formula = r"X_b Y_b"

    def check(input, other):
        refuse_bool("bmm", input)

    def forward(xp, input: Array, mat2: Array):
        if input.ndim != 3 or mat2.ndim != 3:
            raise RuntimeError(
                "batch1 must be a 3D tensor" if input.ndim != 3 else "batch2 must be a 3D tensor"
            )
        if input.shape[0] != mat2.shape[0] or input.shape[2] != mat2.shape[1]:
            raise RuntimeError(
                f"Expected size for first two dimensions of batch2 tensor to be: [{input.shape[0]}, {input.shape[2]}] "
                f"but got: [{mat2.shape[0]}, {mat2.shape[1]}]."
            )
        _same_type("bmm", input, mat2)
        return _product(xp, input, mat2)

    def d_input(F, g, mat2):
        r"\bar Z_b\, Y_b^{\top}"
        return F.bmm(g, F.transpose(mat2, 1, 2))

    def d_mat2(F, g, input):
        r"X_b^{\top} \bar Z_b"
        return F.bmm(F.transpose(input, 1, 2), g)


@op(name="MvBackward0")
class mv:
    """mv(input, vec) -> Tensor

    A matrix times a vector.
    """

    formula = r"X y"

    def check(input, other):
        refuse_bool("addmv_impl_cpu", input)

    def forward(xp, input: Array, vec: Array):
        if input.ndim != 2 or vec.ndim != 1:
            raise RuntimeError(f"vector + matrix @ vector expected, got {1}, {input.ndim}, {vec.ndim}")
        if input.shape[1] != vec.shape[0]:
            raise RuntimeError(
                f"size mismatch, got input ({input.shape[0]}), mat "
                f"({input.shape[0]}x{input.shape[1]}), vec ({vec.shape[0]})"
            )
        _same_type("mv", input, vec)
        return _product(xp, input, vec)

    def d_input(F, g, vec):
        r"\bar z\, y^{\top}"
        return F.unsqueeze(g, 1) * F.unsqueeze(vec, 0)

    def d_vec(F, g, input):
        r"X^{\top} \bar z"
        return F.mv(F.transpose(input, 0, 1), g)


@op(name="DotBackward0")
class dot:
    """dot(input, tensor) -> Tensor

    The sum of products of two vectors.
    """

    formula = r"x \cdot y"

    def check(input, other):
        refuse_bool("dot", input)

    def forward(xp, input: Array, tensor: Array):
        if input.ndim != 1 or tensor.ndim != 1:
            raise RuntimeError(f"1D tensors expected, but got {input.ndim}D and {tensor.ndim}D tensors")
        if input.shape != tensor.shape:
            raise RuntimeError(
                f"inconsistent tensor size, expected tensor [{input.shape[0]}] and src [{tensor.shape[0]}] to have the "
                f"same number of elements, but got {input.shape[0]} and {tensor.shape[0]} elements respectively"
            )
        _same_type("dot", input, tensor)
        return _product(xp, input, tensor)

    def d_input(F, g, tensor):
        r"\bar z\, y"
        return g * tensor

    def d_tensor(F, g, input):
        r"\bar z\, x"
        return g * input


@op(method=False, function=False, name="BmmBackward0")
class batched_matmul:
    """Matrix product over the last two dimensions, batch dimensions broadcast."""

    label = "matmul"
    formula = r"X Y"

    def check(input, other):
        refuse_bool("bmm", input)

    def forward(xp, input: Array, other: Array):
        _same_type("matmul", input, other)
        return _product(xp, input, other)

    def d_input(F, g, input_shape, other):
        r"\bar Z\, Y^{\top}"
        return F.sum_to_size(F.batched_matmul(g, F.transpose(other, -2, -1)), input_shape)

    def d_other(F, g, input, other_shape):
        r"X^{\top} \bar Z"
        return F.sum_to_size(F.batched_matmul(F.transpose(input, -2, -1), g), other_shape)


@op(method=False, function=False, name="UnsafeViewBackward0")
class folded_matmul:
    """A batch of matrices times one matrix: one big product instead of many small ones."""

    label = "matmul"
    formula = r"X Y"

    def check(input, other):
        refuse_bool("addmm_impl_cpu_", input)

    def forward(xp, input: Array, other: Array):
        lead, inside = input.shape[:-1], input.shape[-1]
        if inside != other.shape[0]:
            raise RuntimeError(
                f"mat1 and mat2 shapes cannot be multiplied ({math.prod(lead)}x{inside} and "
                f"{other.shape[0]}x{other.shape[1]})"
            )
        _same_type("mm", input, other)
        rows = input.reshape((math.prod(lead), inside))
        return _product(xp, rows, other).reshape((*lead, other.shape[1]))

    def d_input(F, g, input_shape, other):
        r"\bar Z\, Y^{\top}"
        rows = g.reshape((math.prod(input_shape[:-1]), other.shape[1]))
        return F.mm(rows, F.transpose(other, 0, 1)).reshape(input_shape)

    def d_other(F, g, input, other_shape):
        r"X^{\top} \bar Z"
        n = math.prod(input.shape[:-1])
        rows = input.reshape((n, other_shape[0]))
        return F.mm(F.transpose(rows, 0, 1), g.reshape((n, other_shape[1])))


@method
def matmul(input: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
    """matmul(input, other, *, out=None) -> Tensor

    The matrix product ``input @ other``: vectors, matrices, or batches of matrices (batch dimensions
    broadcast). A vector on the left counts as a row, on the right as a column.
    """
    for k, v in enumerate((input, other)):
        if not isinstance(v, Tensor):
            raise TypeError(
                f"matmul(): argument '{('input', 'other')[k]}' (position {k + 1}) must be Tensor, "
                f"not {type(v).__name__}"
            )
    if out is not None:
        return store("matmul", matmul(input, other), out, exact=True, inputs=(input, other))
    a, b = input._a.ndim, other._a.ndim
    if a == 2 and b == 2:
        return mm(input, other)
    if STATE.special and THREAD.autocast is not None:
        input, other = THREAD.autocast("matmul", (input, other))
    if a == 0 or b == 0:
        raise RuntimeError(f"both arguments to matmul need to be at least 1D, but they are {a}D and {b}D")
    if a == 1 and b == 1:
        return dot(input, other)
    if a == 2 and b == 1:
        return mv(input, other)
    if a == 1 and b == 2:
        return called("SqueezeBackward4", mm(input.unsqueeze(0), other).squeeze(0))
    xs, ys = input._a.shape, other._a.shape
    if b == 2:
        return folded_matmul(input, other)
    if b == 1:
        product = mv(input.reshape(math.prod(xs[:-1]), xs[-1]), other).reshape(xs[:-1])
        return called("UnsafeViewBackward0", product)
    if xs[-1] != ys[-2]:
        rows = xs[0] if a > 1 else ys[0]
        raise RuntimeError(
            f"Expected size for first two dimensions of batch2 tensor to be: [{rows}, {xs[-1]}] "
            f"but got: [{ys[0]}, {ys[-2]}]."
        )
    last = max(a, b) - 3
    for k, (m, n) in enumerate(zip(reversed(xs[:-2]), reversed(ys[:-2]), strict=False)):
        if m != n and 1 not in (m, n):
            raise RuntimeError(
                f"The size of tensor a ({m}) must match the size of tensor b ({n}) at non-singleton dimension "
                f"{last - k}"
            )
    if a == 1:
        return called("UnsafeViewBackward0", batched_matmul(input.unsqueeze(0), other).squeeze(-2))
    folded = a == 2 and input._rg  # PyTorch then turns the product around
    return called("CloneBackward0" if folded else "UnsafeViewBackward0", batched_matmul(input, other))


def _operators() -> None:
    from ..core.overrides import guard, wants_a_say

    asked = guard(matmul)
    Tensor.__matmul__ = lambda self, other: (
        matmul(self, other)
        if isinstance(other, Tensor)
        else asked(self, other)
        if wants_a_say(other)
        else NotImplemented
    )


_operators()


@op(method=False, function=False, name="AddmmBackward0")
class linear:
    r"""``input @ weight.T + bias`` in one step."""

    node_names = (("bias", "MmBackward0"),)
    edge_order = (2, 0, 1)  # bias first, as for ``addmm``
    formula = r"X W^{\top} + b"

    def check(input, weight, bias):
        refuse_bool("addmm_impl_cpu_", input)
        if bias is not None and input.dtype is not weight.dtype:
            raise RuntimeError(
                f"mat1 and mat2 must have the same dtype, but got {input.dtype.legacy} and {weight.dtype.legacy}"
            )
        if bias is not None and bias.dtype is not weight.dtype:
            raise RuntimeError(
                f"self and mat2 must have the same dtype, but got {bias.dtype.legacy} and {weight.dtype.legacy}"
            )
        if bias is not None and bias._a.shape[-1:] not in ((), (1,), weight._a.shape[:1]):
            no_fit(bias._a.shape, (*input._a.shape[:-1], *weight._a.shape[:-1]))

    def forward(xp, input: Array, weight: Array, bias: Array | None):
        _same_type("linear", input, weight)
        if weight.ndim > 2:
            raise RuntimeError(f"t() expects a tensor with <= 2 dimensions, but self is {weight.ndim}D")
        if weight.ndim == 2 and input.shape[-1:] != weight.shape[1:]:
            if not input.ndim:
                raise RuntimeError("both arguments to linear need to be at least 1D, but they are 0D and 2D")
            rows = input.size // max(input.shape[-1], 1)
            raise noted(
                RuntimeError(
                    f"mat1 and mat2 shapes cannot be multiplied ({rows}x{input.shape[-1]} and "
                    f"{weight.shape[1]}x{weight.shape[0]})"
                ),
                f"The layer expects {weight.shape[1]} input features, the input has {input.shape[-1]} in its last "
                "dimension.",
            )
        out = _wide_product(xp, input, weight.T)
        if bias is not None:
            out += bias
        return (
            out if out.dtype is input.dtype else out.astype(input.dtype)
        )  # bfloat16 was computed in float32

    def d_input(F, g, input_shape, weight):
        r"\bar Y W"
        rows = g.reshape((-1, weight.shape[0] if len(weight.shape) == 2 else 1))
        return _shaped(F.mm(rows, weight if len(weight.shape) == 2 else F.unsqueeze(weight, 0)), input_shape)

    def d_weight(F, g, input, weight_shape):
        r"\bar Y^{\top} X"
        rows = g.reshape((math.prod(input.shape[:-1]), weight_shape[0] if len(weight_shape) == 2 else 1))
        return _shaped(
            F.mm(F.transpose(rows, 0, 1), input.reshape((rows.shape[0], input.shape[-1]))), weight_shape
        )

    def d_bias(F, g, bias_shape):
        r"\sum_n \bar Y_n"
        return F.sum_to_size(g, bias_shape)
