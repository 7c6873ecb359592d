"""Histograms: of all elements (``histc``, ``histogram``) and of points in several dimensions (``histogramdd``)."""

from __future__ import annotations

import math
from typing import Any

from .. import backends
from ..backends import determinism
from ..core import dtype as dt
from ..core.forms import method, public
from ..core.outputs import C_NAMES
from ..core.results import return_type
from ..core.tensor import Tensor, wrap
from .kinds import not_implemented, supports
from .ranges import linspace


def _outer_edges(
    name: str, dimension: int, values: Any, given: Any, margin: float, subject: str
) -> tuple[Any, Any]:
    """The histogram's ends: those given, else the data's own; apart by ``margin`` on both sides if they are one."""
    if given is not None:
        low, high = given
        if low > high:
            raise RuntimeError(
                "torch.histc: max must be larger than min" if name == "histc" else
                f"torch.{name}: min should not exceed max, but got min {low:g} max {high:g} for dimension {dimension}"
            )  # fmt: skip
    else:
        low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 1.0)
    if not (math.isfinite(low) and math.isfinite(high)):
        raise RuntimeError(f"torch.{name}: {subject}[{low:g}, {high:g}] is not finite")
    return (low - margin, high + margin) if low == high else (low, high)


@method
def histc(input: Tensor, bins: int = 100, min: Any = 0, max: Any = 0) -> Tensor:
    """histc(input, bins=100, min=0, max=0) -> Tensor

    How many elements fall into each of ``bins`` equal intervals from ``min`` to ``max`` (both 0: the data's own range).
    Elements outside do not count; the last interval has both of its ends.
    """
    if isinstance(bins, bool) or not hasattr(bins, "__index__"):
        raise TypeError(f"histc(): argument 'bins' must be int, not {type(bins).__name__}")
    supports(input.dtype, "aminmax_cpu", complex=False)
    supports(input.dtype, "linspace_cpu", boolean=False)
    if bins <= 0:
        raise RuntimeError(f"torch.histogram(): bins must be > 0, but got {bins} for dimension 0")
    if input.dtype.category == dt.INTEGRAL:
        not_implemented("histogram_cpu", input.dtype)
    xp, a = backends.namespace(input._a), input._a.reshape(-1)
    low, high = _outer_edges("histc", 0, a, None if min == max else (min, max), 1, "range of ")
    inside = (a >= low) & (a <= high)
    wide = a[inside] if a.dtype.itemsize > 2 else a[inside].astype(xp.float32)
    place = ((wide - low) * bins / (high - low)).astype(xp.int64)
    return wrap(xp.bincount(xp.minimum(place, bins - 1), minlength=bins).astype(a.dtype))


# ---------------------------------------------------------------------- histogram, histogramdd
_Histogram = return_type("histogram", ("hist", "bin_edges"))
_Histogramdd = return_type("histogramdd", ("hist", "bin_edges"))


def _edges(points: Any, bins: Any, range: Any, input: Tensor) -> list[Tensor]:
    """The bins' edges for each dimension: tensors as they are, numbers of bins as equal intervals."""
    n = points.shape[1]
    out = []
    for k, b in enumerate(bins):
        if not isinstance(b, Tensor):
            if b <= 0:
                raise RuntimeError(f"torch.histogram(): bins must be > 0, but got {b} for dimension {k}")
            given = None if range is None else (range[2 * k], range[2 * k + 1])
            low, high = _outer_edges("histogramdd", k, points[:, k], given, 0.5, f"dimension {k}'s range ")
            out.append(linspace(low, high, b + 1, dtype=input.dtype, device=input.device))
            continue
        if b.dtype is not input.dtype:
            ours, theirs = (C_NAMES.get(t.dtype.name, t.dtype.name) for t in (input, b))
            raise RuntimeError(
                "torch.histogramdd: input tensor and bins tensors should have the same dtype, but got input with dtype "
                f"{ours} and bins for dimension {k} with dtype {theirs}"
            )
        if b._a.ndim != 1:
            raise RuntimeError(
                f"torch.histogramdd: bins tensor should have one dimension, but got {b._a.ndim} dimensions in the bins "
                f"tensor for dimension {k}"
            )
        if b._a.size < 2:
            raise RuntimeError(
                f"torch.histogram(): bins must be > 0, but got {b._a.size - 1} for dimension {k}"
            )
        out.append(b.detach().clone())
    assert len(out) == n
    return out


def _count(input: Tensor, points_shape: tuple, bins: Any, range: Any, weight: Any, density: bool) -> tuple:
    """The histogram of points, one in each row of ``input`` seen in that shape, and its bin edges."""
    xp = backends.namespace(input._a)
    shape = points_shape[:-1]
    n = points_shape[-1]
    if range is not None and len(range) != 2 * n:
        raise RuntimeError(
            f"torch.histogramdd: for a {n}-dimensional histogram range should have {2 * n} elements, but got "
            f"{len(range)}"
        )
    if weight is not None and weight.dtype is not input.dtype:
        ours, theirs = (C_NAMES.get(t.dtype.name, t.dtype.name) for t in (input, weight))
        raise RuntimeError(
            "torch.histogramdd: if weight tensor is provided, input tensor and weight tensor should have the same "
            f"dtype, but got input({ours}), and weight({theirs})"
        )
    if weight is not None and weight._a.shape != shape:
        raise RuntimeError(
            "torch.histogramdd: if weight tensor is provided it should have the same shape as the input tensor "
            "excluding "
            f"its innermost dimension, but got input with shape {list(points_shape)} and weight with shape "
            f"{list(weight._a.shape)}"
        )
    points = input._a.reshape(-1, n)
    if input.dtype not in (dt.float32, dt.float64):
        not_implemented("histogramdd", input.dtype)
    edges = _edges(points, bins, range, input)
    sizes = tuple(e._a.size - 1 for e in edges)
    inside = xp.ones(len(points), bool)
    place = xp.zeros(len(points), xp.int64)
    for k, (e, size) in enumerate(zip(edges, sizes, strict=True)):
        x, e = points[:, k], e._a
        inside &= (x >= e[0]) & (x <= e[-1])
        place = place * size + xp.clip(xp.searchsorted(e, x, side="right") - 1, 0, size - 1)
    counted = None if weight is None else weight._a.reshape(-1)[inside]
    if counted is not None and not isinstance(counted, backends.HostArray):
        determinism.check("histogramdd", counted)
    hist = xp.bincount(place[inside], counted, math.prod(sizes)).reshape(sizes).astype(input._a.dtype)
    if density:
        hist = hist / hist.sum()
        for k, e in enumerate(edges):
            hist = hist / xp.diff(e._a).reshape((-1,) + (1,) * (n - k - 1))
    return wrap(hist.astype(input._a.dtype)), edges


@method
def histogram(
    input: Tensor, bins: Any = 100, *, range: Any = None, weight: Tensor | None = None, density: bool = False
) -> Any:
    """histogram(input, bins=100, *, range=None, weight=None, density=False) -> (hist, bin_edges)

    How many elements (or what ``weight``) lie in each bin, and the bins' edges. ``bins``: a number of equal bins over
    ``range`` (the data's own by default), or a vector of increasing edges. ``density`` divides by the total and the
    bin's width. float32 and float64; the last bin has both of its ends.
    """
    if isinstance(bins, bool) or not (isinstance(bins, Tensor) or hasattr(bins, "__index__")):
        raise TypeError(
            f"histogram() received an invalid combination of arguments: 'bins' must be int or Tensor, not "
            f"{type(bins).__name__}"
        )
    if isinstance(bins, Tensor) and range is not None:
        raise TypeError(
            "histogram() received an invalid combination of arguments: 'range' goes with a number of bins, not "
            "with edges"
        )
    hist, edges = _count(input, (input._a.size, 1), [bins], range,
                         None if weight is None else _flat_weight(input, weight), density)  # fmt: skip
    return _Histogram(hist, edges[0])


def _flat_weight(input: Tensor, weight: Tensor) -> Tensor:
    return weight.reshape(-1) if weight._a.shape == input._a.shape else weight


@public
def histogramdd(
    input: Tensor, bins: Any, *, range: Any = None, weight: Tensor | None = None, density: bool = False
) -> Any:
    """histogramdd(input, bins, *, range=None, weight=None, density=False) -> (hist, bin_edges)

    The histogram of points in N dimensions, the rows (last dimension) of ``input``. ``bins``: a number for all
    dimensions, a list of numbers, or a list of vectors of edges; ``range``: 2 N numbers.
    """
    if input._a.ndim < 2:
        raise RuntimeError("torch.histogramdd: input tensor should have at least 2 dimensions")
    n = input._a.shape[-1]
    bins = [bins] * n if hasattr(bins, "__index__") and not isinstance(bins, Tensor) else list(bins)
    if len(bins) != n:
        if bins and isinstance(bins[0], Tensor):
            raise RuntimeError(
                f"torch.histogramdd: expected {n} sequences of bin edges for a {n}-dimensional histogram but got "
                f"{len(bins)}"
            )
        raise RuntimeError(
            "histogramdd: The size of bins must be equal to the innermost dimension of the input."
        )
    hist, edges = _count(input, input._a.shape, bins, range, weight, density)
    return _Histogramdd(hist, tuple(edges))
