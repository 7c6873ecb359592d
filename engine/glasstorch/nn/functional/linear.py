"""Linear maps, embeddings and distances."""

from __future__ import annotations

from ... import backends
from ...core import dtype as dt
from ...core.mode import no_grad
from ...core.tensor import Tensor, wrap
from ...ops import matmul
from ...ops.nnmisc import embedding_op
from ...ops.rearrange import broadcast_tensors
from ._refuse import not_tensors


def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """``input @ weight.T + bias``. Shapes: (*, in), (out, in), (out,) give (*, out)."""
    return matmul.linear(input, weight, bias)


def bilinear(input1: Tensor, input2: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """``x1 W_k x2 + b_k`` for each output k. Shapes: (*, in1), (*, in2), (out, in1, in2), (out,) give (*, out)."""
    if not (isinstance(input1, Tensor) and isinstance(input2, Tensor) and isinstance(weight, Tensor)):
        not_tensors("bilinear", input1=input1, input2=input2, weight=weight)
    if weight._a.ndim != 3:
        nd = weight._a.ndim
        raise IndexError(
            f"Dimension out of range (expected to be in range of [{-nd}, {nd - 1}], but got {nd})"
        )
    if input1._a.shape[:-1] != input2._a.shape[:-1]:
        if input1._a.ndim != input2._a.ndim:
            raise RuntimeError(
                f"bilinear(): input dimensions do not match: got {input1._a.ndim} and {input2._a.ndim}"
            )
        d = next(k for k, (a, b) in enumerate(zip(input1._a.shape, input2._a.shape, strict=True)) if a != b)
        raise RuntimeError(
            f"bilinear(): input batch dimensions do not match at dim {d}: got {input1._a.shape[d]} and "
            f"{input2._a.shape[d]}"
        )
    given = {"input1": input1, "input2": input2, "weight": weight, "bias": bias}
    tensors = {k: t for k, t in given.items() if t is not None}
    if len({t.dtype for t in tensors.values()}) > 1:
        kinds = ", ".join(f"{k}: {matmul._c_name(t._a.dtype)}" for k, t in tensors.items())
        raise RuntimeError(f"All tensors must have the same dtype, got {kinds}")
    o, m, n = weight._a.shape
    if input1._a.shape[-1] != m:
        raise RuntimeError(
            f"bilinear(): input1 size does not match weight size: got {input1._a.shape[-1]} but expected {m}"
        )
    if input2._a.shape[-1] != n:
        raise RuntimeError(
            f"bilinear(): input2 size does not match weight size: got {input2._a.shape[-1]} but expected {n}"
        )
    lead = input1._a.shape[:-1]
    for d, (a, b) in enumerate(zip(lead, input2._a.shape[:-1], strict=False)):
        if a != b:
            raise RuntimeError(f"bilinear(): input batch dimensions do not match at dim {d}: got {a} and {b}")
    if bias is not None and bias._a.shape[-1:] != (o,):
        raise RuntimeError(
            f"bilinear(): bias size does not match weight size: got {bias._a.shape[0] if bias._a.ndim else 1} "
            f"but expected {o}"
        )
    left = input1.reshape(-1, m) @ weight.permute(1, 0, 2).reshape(m, o * n)  # type: ignore[attr-defined]
    out = (left.reshape(-1, o, n) * input2.reshape(-1, 1, n)).sum(-1, dtype=input1.dtype)  # type: ignore[attr-defined]
    out = out if bias is None else out + bias
    return out.reshape(*lead, o)


def embedding(input: Tensor, weight: Tensor, padding_idx: int | None = None, max_norm: float | None = None,
              norm_type: float = 2.0, scale_grad_by_freq: bool = False, sparse: bool = False) -> Tensor:  # fmt: skip
    """The rows of ``weight`` (rows, width) named by ``input``.

    ``padding_idx``: a row that gets no gradient. ``max_norm``: rows used that are longer are scaled down in
    place first. ``scale_grad_by_freq``: divide a row's gradient by how often it occurs. Gradients are always
    dense; ``sparse`` is accepted.
    """
    if not (isinstance(weight, Tensor) and isinstance(input, Tensor)):
        not_tensors("embedding", weight=weight, indices=input)
    if weight._a.ndim != 2:
        raise RuntimeError("'weight' must be 2-D")
    rows = weight._a.shape[0]
    if padding_idx is not None:
        if not -rows <= padding_idx < rows:
            raise AssertionError("Padding_idx must be within num_embeddings")
        padding_idx %= rows
    if input.dtype is not dt.int64 and input.dtype is not dt.int32:
        raise RuntimeError(
            "Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int; but got "
            f"torch.{input.dtype.legacy}Tensor instead (while checking arguments for embedding)"
        )
    if max_norm is not None:
        _renormalise(weight, input, max_norm, norm_type)
    return embedding_op(weight, input, -1 if padding_idx is None else padding_idx, bool(scale_grad_by_freq))


def _renormalise(weight: Tensor, input: Tensor, max_norm: float, norm_type: float) -> None:
    """Scale the rows that are used down to ``max_norm``, in place."""
    xp = backends.namespace(weight._a)
    rows = xp.unique(input._a)
    with no_grad():
        size = xp.linalg.norm(weight._a[rows], ord=norm_type, axis=1)
        scale = xp.where(size > max_norm, max_norm / (size + 1e-7), 1).astype(weight._a.dtype)
        weight._a[rows] *= scale[:, None]
        weight._v[0] += 1


def one_hot(tensor: Tensor, num_classes: int = -1) -> Tensor:
    """Rows of 0 with a 1 at each index: int64 (*, num_classes)."""
    if not isinstance(tensor, Tensor):
        not_tensors("one_hot", input=tensor)
    if tensor.dtype is not dt.int64:
        raise RuntimeError("one_hot is only applicable to index tensor of type LongTensor.")
    a = tensor._a
    if a.size == 0:
        if num_classes <= 0:
            raise RuntimeError("Can not infer total number of classes from empty tensor.")
        return wrap(backends.namespace(a).zeros((*a.shape, num_classes), a.dtype))
    seen = backends.readable(a)
    if seen and int(a.min()) < 0:
        raise RuntimeError("Class values must be non-negative.")
    n = int(a.max()) + 1 if num_classes == -1 else num_classes
    if seen and int(a.max()) >= n:
        raise RuntimeError("Class values must be smaller than num_classes.")
    xp = backends.namespace(a)
    return wrap((a[..., None] == xp.arange(n)).astype(xp.int64))


def normalize(
    input: Tensor, p: float = 2.0, dim: int = 1, eps: float = 1e-12, out: Tensor | None = None
) -> Tensor:
    """Divided by its p-norm along ``dim`` (at least ``eps``)."""
    size = input.norm(p, dim, keepdim=True).clamp_min(eps)  # type: ignore[attr-defined]
    result = input / size  # type: ignore[operator]
    return result if out is None else out.copy_(result)  # type: ignore[attr-defined]


def cosine_similarity(x1: Tensor, x2: Tensor, dim: int = 1, eps: float = 1e-8) -> Tensor:
    """The cosine of the angle between vectors along ``dim``; lengths count as at least ``eps``."""
    if not (isinstance(x1, Tensor) and isinstance(x2, Tensor)):
        not_tensors("cosine_similarity", x1=x1, x2=x2)
    x1, x2 = broadcast_tensors(x1, x2)
    common = dt.promote_types(x1.dtype, x2.dtype)
    if common.category < dt.FLOATING:
        raise RuntimeError(f"expected common dtype to be floating point, yet common dtype is {common.legacy}")
    a = x1.norm(2, dim, keepdim=True).clamp_min(eps)  # type: ignore[attr-defined]
    b = x2.norm(2, dim, keepdim=True).clamp_min(eps)  # type: ignore[attr-defined]
    return ((x1 / a) * (x2 / b)).sum(dim)  # type: ignore[operator]


def pairwise_distance(
    x1: Tensor, x2: Tensor, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False
) -> Tensor:
    """The p-norm of ``x1 - x2 + eps`` over the last dimension."""
    if not (isinstance(x1, Tensor) and isinstance(x2, Tensor)):
        not_tensors("pairwise_distance", x1=x1, x2=x2)
    return (x1 - x2 + eps).norm(p, -1, keepdim=keepdim)  # type: ignore[operator]


def pdist(input: Tensor, p: float = 2) -> Tensor:
    """The p-norm distance of every pair of rows i < j of (N, M): N (N - 1) / 2 numbers, row by row."""
    if input._a.ndim != 2:
        raise RuntimeError(f"pdist only supports 2D tensors, got: {input._a.ndim}D")
    if not input.dtype.is_floating_point:
        raise RuntimeError("pdist only supports floating-point dtypes")
    if p < 0:
        raise RuntimeError("pdist only supports non-negative p values")
    n = input._a.shape[0]
    i, j = backends.namespace(input._a).triu_indices(n, 1)
    first, second = (input.index_select(0, wrap(k)) for k in (i, j))  # type: ignore[attr-defined]
    if not input._a.shape[1]:
        return (first - second).sum(1)
    return (first - second).norm(p, 1)
