"""Indices, order and images: gathering, scattering, sorting, padding, resizing, as operators of ONNX."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .operators import TRANSLATIONS, translates

if TYPE_CHECKING:
    from .export import Writer


# ------------------------------------------------------------------ gathering and scattering
@translates("gather")
def gather(w: Writer, input: Any, dim: int, index: Any, sparse_grad: bool = False) -> str:
    if w.rank(input) == 0:
        w.refuse("gather of a tensor without dimensions")
    return w.node("GatherElements", input, index, axis=dim)


@translates("take_index")
def take_index(w: Writer, input: Any, index: Any) -> str:
    """``x[i]``, ``x[:, i]``, ``x[i, j]``: slices first, then indices of neighbouring dimensions."""
    at = list(index) if isinstance(index, (list, tuple)) else [index]
    picked = [d for d, i in enumerate(at) if isinstance(i, str)]
    if any(not isinstance(i, str) and i != slice(None) for i in at) or not picked:
        w.refuse("this kind of index")
    if any(w.dtype(at[d]).kind == "b" for d in picked):
        w.refuse("a mask as an index")
    if len(picked) == 1:
        return w.node("Gather", input, at[picked[0]], axis=picked[0])
    if picked != list(range(len(picked))):
        w.refuse("index tensors behind a slice")
    return w.node("GatherND", input, _joined(w, input, [at[d] for d in picked]))


def _joined(w: Writer, input: str, at: list[str]) -> str:
    """Index tensors that broadcast, as one with a last dimension; negative ones made positive."""
    shape = np.broadcast_shapes(*(w.shape(a) for a in at))
    parts = []
    for d, a in enumerate(at):
        wide = w.cast(a, np.dtype(np.int64)) if w.dtype(a) != np.int64 else a
        size = w.integers(w.shape(input)[d])
        wide = w.node("Mod", wide, size)  # of the divisor's sign
        wide = wide if w.shape(a) == shape else w.node("Expand", wide, w.integers(shape))
        parts.append(w.node("Unsqueeze", wide, w.integers([-1])))
    return parts[0] if len(parts) == 1 else w.node("Concat", *parts, axis=-1)


def _scatter(name: str, reduction: str) -> None:
    def translate(w: Writer, input: Any, src: Any, at: Any, reduction: str = reduction) -> str:
        """``scatter`` along one dimension: the places of the other ones count up."""
        along = [d for d, i in enumerate(at) if not _counts_up(w, i, d)]
        if len(along) > 1:
            w.refuse("scatter to these places")
        dim = along[0] if along else 0
        shape = np.broadcast_shapes(*(w.shape(i) for i in at))
        index, src = (
            v if w.shape(v) == shape else w.node("Expand", v, w.integers(shape)) for v in (at[dim], src)
        )
        more = {"reduction": reduction} if reduction else {}
        return w.node("ScatterElements", input, index, src, axis=dim, **more)

    TRANSLATIONS[name] = translate


def _counts_up(w: Writer, index: Any, dim: int) -> bool:
    a = w.known(index)
    return a is not None and a.size == a.shape[dim] and np.array_equal(a.reshape(-1), np.arange(a.size))


_scatter("scatter_at", "")
_scatter("scatter_add_at", "add")


def _rows(name: str, reduction: str) -> None:
    def translate(w: Writer, input: Any, src: Any, at: Any) -> str:
        """Elements at index tensors, or lines at one index of one dimension: written or added."""
        picked = [d for d, i in enumerate(at) if isinstance(i, str)]
        if any(not isinstance(i, str) and i != slice(None) for i in at):
            w.refuse("writing at this kind of index")
        indices = [at[d] for d in picked]
        lead = np.broadcast_shapes(*(w.shape(i) for i in indices))
        if any(w.dtype(i).kind == "b" for i in indices):
            if len(at) == 1 and not w.shape(src) and not reduction:
                return w.node("Where", _wide_mask(w, input, indices[0]), src, input)
            w.refuse("writing at a mask")
        sizes, rank = w.shape(input), w.rank(input)
        more = {"reduction": reduction} if reduction else {}
        if picked == list(range(len(picked))):
            shape = (*lead, *sizes[len(picked) :])
            src = src if w.shape(src) == shape else w.node("Expand", src, w.integers(shape))
            return w.node("ScatterND", input, _joined(w, input, indices), src, **more)
        if len(picked) > 1 or len(lead) != 1:
            w.refuse("writing at index tensors behind a slice")
        dim = picked[0]
        shape = (*sizes[:dim], *lead, *sizes[dim + 1 :])
        src = src if w.shape(src) == shape else w.node("Expand", src, w.integers(shape))
        lying = w.node("Reshape", indices[0], w.integers([-1 if d == dim else 1 for d in range(rank)]))
        return w.node(
            "ScatterElements", input, w.node("Expand", lying, w.integers(shape)), src, axis=dim, **more
        )

    TRANSLATIONS[name] = translate


def _wide_mask(w: Writer, input: str, mask: str) -> str:
    missing = w.rank(input) - w.rank(mask)
    return w.node("Unsqueeze", mask, w.integers(range(-missing, 0))) if missing else mask


for _name, _reduction in {
    "index_put_values_at": "", "index_copy_at": "", "index_fill_at": "", "put_at": "", "index_add_at": "add",
    "index_put_add_at": "add",
}.items():  # fmt: skip
    _rows(_name, _reduction)


# ------------------------------------------------------------------ order
@translates("sort")
def sort(w: Writer, input: Any, dim: int, descending: bool, stable: Any) -> list[str]:
    """All of them, from ``TopK``: of equal ones it takes the first first."""
    if w.rank(input) == 0:
        w.refuse("sort of a tensor without dimensions")
    size = w.integers([w.shape(input)[dim]])
    return w.nodes("TopK", 2, input, size, axis=dim, largest=int(descending), sorted=1)


@translates("flip")
def flip(w: Writer, input: Any, dims: Sequence[int]) -> str:
    n = len(dims)
    end = -(2**31)
    return w.node("Slice", input, *map(w.integers, ([-1] * n, [end] * n, list(dims), [-1] * n)))


@translates("roll")
def roll(w: Writer, input: Any, shifts: Sequence[int], dims: Sequence[int]) -> str:
    shape, out = w.shape(input), input
    if not dims:
        out = w.node("Reshape", out, w.integers([-1]))
        shape, dims = (math.prod(shape),), (0,)
    for shift, dim in zip(shifts, dims, strict=True):
        size = max(shape[dim], 1)
        index = (np.arange(size) - shift) % size
        out = w.node("Gather", out, w.integers(index), axis=dim)
    return out if len(shape) == w.rank(input) else w.node("Reshape", out, w.integers(w.shape(input)))


@translates("take_at")
def take_at(w: Writer, input: Any, at: Any) -> str:
    return take_index(w, input, at)


@translates("repeat")
def repeat(w: Writer, input: Any, repeats: Sequence[int]) -> str:
    extra = len(repeats) - w.rank(input)
    out = w.node("Unsqueeze", input, w.integers(range(extra))) if extra else input
    return w.node("Tile", out, w.integers(list(repeats)))


@translates("split_with_sizes", "unsafe_split")
def split_with_sizes(w: Writer, input: Any, lengths: Sequence[int], dim: int) -> list[str]:
    return w.nodes("Split", len(lengths), input, w.integers(lengths), axis=dim)


@translates("diagonal")
def diagonal(w: Writer, input: Any, offset: int, dim1: int, dim2: int) -> str:
    rank, shape = w.rank(input), w.shape(input)
    one, two = dim1 % rank, dim2 % rank
    front = w.node("Transpose", input, perm=[one, two, *(d for d in range(rank) if d not in (one, two))])
    size = max(0, min(shape[one] - max(0, -offset), shape[two] - max(0, offset)))
    at = np.stack([np.arange(size) + max(0, -offset), np.arange(size) + max(0, offset)], -1)
    out = w.node("GatherND", front, w.integers(at))
    return w.node("Transpose", out, perm=[*range(1, rank - 1), 0])


@translates("unfold")
def unfold(w: Writer, input: Any, dimension: int, size: int, step: int) -> str:
    rank = w.rank(input)
    dim = dimension % rank
    starts = np.arange(0, w.shape(input)[dim] - size + 1, step)
    out = w.node("Gather", input, w.integers(starts[:, None] + np.arange(size)), axis=dim)
    return w.node("Transpose", out, perm=[d for d in range(rank + 1) if d != dim + 1] + [dim + 1])


_REDUCTIONS = {"prod": "mul", "amax": "max", "amin": "min", "sum": "add"}


@translates("scatter_reduce_at")
def scatter_reduce(w: Writer, input: Any, src: Any, at: Any, reduce: str, include_self: bool) -> str:
    if reduce not in _REDUCTIONS or not include_self:
        w.refuse(f"scatter_reduce by {reduce}{'' if include_self else ' without the tensor itself'}")
    return TRANSLATIONS["scatter_at"](w, input, src, at, _REDUCTIONS[reduce])


# ------------------------------------------------------------------ images
@translates("conv_transposed")
def conv_transposed(w: Writer, input: Any, weight: Any, bias: Any, size: Sequence[int], geometry: Any) -> str:
    """The size asked for fixes what is added at the end (``output_padding``)."""
    kernel = w.shape(weight)[2:]
    least = [
        (n - 1) * s - 2 * p + e
        for n, s, p, e in zip(
            w.shape(input)[2:], geometry.stride, geometry.padding, geometry.span(kernel), strict=True
        )
    ]
    return w.node(
        "ConvTranspose", input, weight, *([] if bias is None else [bias]), strides=list(geometry.stride),
        pads=[*geometry.padding] * 2, dilations=list(geometry.dilation), group=geometry.groups,
        kernel_shape=list(kernel), output_padding=[a - b for a, b in zip(size, least, strict=True)],
    )  # fmt: skip


@translates("constant_pad")
def constant_pad(w: Writer, input: Any, pads: Sequence[tuple[int, int]], value: Any) -> str:
    """``pads``: before and after, for each dimension; negative ones take away."""
    before, after = zip(*pads, strict=True)
    return w.node("Pad", input, w.integers([*before, *after]), w.constant(np.asarray(value, w.kind)))


def _mapped(w: Writer, input: Any, maps: Sequence[Any]) -> str:
    """Interpolation, adaptive means, reflected and repeated edges: a sparse matrix for each of the last dimensions."""
    rank, out = w.rank(input), input
    for k, m in enumerate(maps):
        if m is None:
            continue
        dim = rank - len(maps) + k
        if m.weight is None and len(m.target) == m.targets and np.array_equal(m.target, np.arange(m.targets)):
            out = w.node("Gather", out, w.integers(m.source), axis=dim)
            continue
        turn = [d for d in range(rank) if d != dim] + [dim]
        back = [int(d) for d in np.argsort(turn)]
        out = out if dim == rank - 1 else w.node("Transpose", out, perm=turn)
        out = w.node("MatMul", out, w.constant(m.dense.T.astype(w.kind)))
        out = out if dim == rank - 1 else w.node("Transpose", out, perm=back)
    return out if out is not input else w.node("Identity", input)


for _kind in (
    "nearest1d", "nearest2d", "nearest3d", "nearest_exact1d", "nearest_exact2d", "nearest_exact3d", "linear1d",
    "bilinear2d", "trilinear3d", "bicubic2d", "bilinear2d_aa", "bicubic2d_aa", "lanczos2d_aa",
):  # fmt: skip
    TRANSLATIONS[f"upsample_{_kind}"] = _mapped
for _count in (1, 2, 3):
    for _kind in ("adaptive_avg_pool", "reflection_pad", "replication_pad"):
        TRANSLATIONS[f"{_kind}{_count}d"] = _mapped


@translates("adaptive_max_pool1d", "adaptive_max_pool2d", "adaptive_max_pool3d")
def adaptive_max_pool(w: Writer, input: Any, windows: Any) -> list[str]:
    """``MaxPool``, where all windows are of one size."""
    count = len(windows)
    given, made = w.shape(input)[-count:], w.result.shape[-count:]
    if any(n % m for n, m in zip(given, made, strict=True)) or w.rank(input) != count + 2:
        w.refuse(
            f"adaptive maximum pooling from {list(given)} to {list(made)} elements: the windows differ, which"
        )
    kernel = [n // m for n, m in zip(given, made, strict=True)]
    return [w.node("MaxPool", input, kernel_shape=kernel, strides=kernel)]


@translates("pixel_shuffle")
def pixel_shuffle(w: Writer, input: Any, upscale_factor: int) -> str:
    return w.node("DepthToSpace", input, blocksize=upscale_factor, mode="CRD")


@translates("pixel_unshuffle")
def pixel_unshuffle(w: Writer, input: Any, downscale_factor: int) -> str:
    n, c, height, width = w.shape(input)
    r = downscale_factor
    parts = w.node("Reshape", input, w.integers([n, c, height // r, r, width // r, r]))
    turned = w.node("Transpose", parts, perm=[0, 1, 3, 5, 2, 4])
    return w.node("Reshape", turned, w.integers([n, c * r * r, height // r, width // r]))


@translates("channel_shuffle")
def channel_shuffle(w: Writer, input: Any, groups: int) -> str:
    shape = w.shape(input)
    parts = w.node("Reshape", input, w.integers([shape[0], groups, shape[1] // groups, *shape[2:]]))
    turned = w.node("Transpose", parts, perm=[0, 2, 1, *range(3, len(shape) + 1)])
    return w.node("Reshape", turned, w.integers(shape))


@translates("grid_sampler_2d")
def grid_sampler(w: Writer, input: Any, grid: Any, how: Any) -> str:
    if how.mode == "bicubic":
        w.refuse("bicubic sampling")
    return w.node(
        "GridSample",
        input,
        grid,
        mode=how.mode,
        padding_mode=how.padding,
        align_corners=int(how.align_corners),
    )
