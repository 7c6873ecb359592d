"""Calculus on samples: differences, integrals by trapezoids, derivatives; and Vandermonde matrices."""

from __future__ import annotations

from typing import Any

from ..core import dtype as dt
from ..core.dims import wrap_dim, wrap_dims
from ..core.forms import FUNCTIONS, method, public
from ..core.tensor import Tensor
from .join import cat


@method
def diff(input: Tensor, n: int = 1, dim: int = -1, prepend: Any = None, append: Any = None) -> Tensor:
    """diff(input, n=1, dim=-1, prepend=None, append=None) -> Tensor

    The difference of neighbours along ``dim``, ``n`` times over; of bools whether they differ.
    """
    if not input._a.ndim:
        raise RuntimeError("diff expects input to be at least one-dimensional")
    d = wrap_dim(dim, input._a.ndim)
    for t in (prepend, append):
        if t is not None:
            _check_border(input, t, d)
    if n < 0:
        raise RuntimeError(f"order must be non-negative but got {n}")
    parts = [t for t in (prepend, input, append) if t is not None]
    if n == 0:
        return input.clone()
    x = cat(parts, d) if len(parts) > 1 else input
    for _ in range(min(n, x._a.shape[d])):
        m = x._a.shape[d]
        high, low = x.narrow(d, 1, m - 1), x.narrow(d, 0, m - 1)
        x = high ^ low if x.dtype is dt.bool_ else high - low
    return x


def _check_border(input: Tensor, border: Tensor, d: int) -> None:
    if border._a.ndim != input._a.ndim:
        raise RuntimeError("diff expects prepend or append to be the same dimension as input")
    for k in range(input._a.ndim):
        if k != d and border._a.shape[k] != input._a.shape[k]:
            raise RuntimeError(
                "diff expects the shape of tensor to prepend or append to match that of input except along the "
                f"differencing dimension; input.size({k}) = {input._a.shape[k]}, but got "
                f"tensor.size({k}) = {border._a.shape[k]}"
            )


# ---------------------------------------------------------------------- integrals
def _sides(y: Tensor, d: int) -> tuple[Tensor, Tensor]:
    n = y._a.shape[d]
    return y.narrow(d, 0, n - 1), y.narrow(d, 1, n - 1)


def _check_samples(name: str, y: Tensor, x: Any, dx: Any, dim: int) -> int:
    """The dimension to integrate along, after PyTorch's checks."""
    if x is not None and dx is not None:
        raise TypeError(
            f"{name}() received an invalid combination of arguments: the places 'x' and the step 'dx' exclude "
            "each other"
        )
    if not y._a.ndim:
        raise IndexError("Dimension specified as -1 but tensor has no dimensions")
    for t in (y, x):
        if isinstance(t, Tensor) and t.dtype is dt.bool_:
            which = "`y`" if x is None else "`x` or `y`"
            raise RuntimeError(f"{name}: received a bool input for {which}, but bool is not supported")
    return wrap_dim(dim, y._a.ndim)


def _steps(name: str, y: Tensor, x: Tensor, d: int) -> Tensor:
    """The distances between neighbouring places, in a shape that broadcasts against the trapezoids."""
    if x._a.ndim == 1:
        if x._a.shape[0] != y._a.shape[d]:
            raise RuntimeError(f"{name}: There must be one `x` value for each sample point")
        x = x.reshape((-1,) + (1,) * (y._a.ndim - d - 1))
        d = 0
    else:  # missing leading dimensions are 1
        x = x.reshape((1,) * (y._a.ndim - x._a.ndim) + x._a.shape)
    left, right = x[(slice(None),) * d + (slice(None, -1),)], x[(slice(None),) * d + (slice(1, None),)]
    return right - left


@public
def trapezoid(y: Tensor, x: Any = None, *, dx: Any = None, dim: int = -1) -> Tensor:
    """trapezoid(y, x=None, *, dx=None, dim=-1) -> Tensor

    The integral along ``dim`` by the trapezoidal rule, at places ``x`` or ``dx`` (1) apart.
    """
    d = _check_samples("trapezoid", y, x, dx, dim)
    if not y._a.shape[d]:
        return y.new_zeros(y._a.shape[:d] + y._a.shape[d + 1 :])
    if x is None:
        ends = y.select(d, 0) + y.select(d, -1)
        return (y.sum(d) - ends * 0.5) * (1 if dx is None else dx)
    left, right = _sides(y, d)
    return (_steps("trapezoid", y, x, d) * (left + right)).sum(d) / 2.0


@public
def trapz(y: Tensor, x: Any = None, *, dx: Any = None, dim: int = -1) -> Tensor:
    """trapz(y, x=None, *, dx=None, dim=-1) -> Tensor

    ``trapezoid`` under its old name.
    """
    return trapezoid(y, x, dx=dx, dim=dim)


@public
def cumulative_trapezoid(y: Tensor, x: Any = None, *, dx: Any = None, dim: int = -1) -> Tensor:
    """cumulative_trapezoid(y, x=None, *, dx=None, dim=-1) -> Tensor

    The running integral along ``dim`` by the trapezoidal rule, one element shorter than ``y``.
    """
    d = _check_samples("cumulative_trapezoid", y, x, dx, dim)
    if not y._a.shape[d]:
        return y
    left, right = _sides(y, d)
    if x is None:
        return ((1 if dx is None else dx) / 2.0 * (left + right)).cumsum(d)
    return (_steps("cumulative_trapezoid", y, x, d) * (left + right)).cumsum(d) / 2.0


# ---------------------------------------------------------------------- derivatives
@public
def gradient(input: Tensor, *, spacing: Any = 1, dim: Any = None, edge_order: int = 1) -> tuple[Tensor, ...]:
    """gradient(input, *, spacing=1, dim=None, edge_order=1) -> tuple of Tensors

    The derivative of a sampled function along each of ``dim`` (all by default): central differences, exact for
    parabolas, and one-sided ones of ``edge_order`` 1 or 2 at the ends. ``spacing``: a number, one number or vector of
    coordinates for each dimension. Source: Fornberg, *Generation of finite difference formulas on arbitrarily
    spaced grids*, 1988.
    """
    single = isinstance(dim, int)
    dims = list(wrap_dims(dim, input._a.ndim)) if dim is None or single or len(dim) else []
    if isinstance(spacing, Tensor):
        raise TypeError(
            "gradient() received an invalid combination of arguments: 'spacing' may be a list of tensors"
        )
    listed = isinstance(spacing, (list, tuple))
    _check_gradient(input, len(spacing) if listed else None, dims, dim is not None, edge_order)
    coordinates = listed and bool(spacing) and isinstance(spacing[0], Tensor)
    for t in spacing if coordinates else ():
        if t._a.ndim != 1:
            raise RuntimeError(
                "torch.gradient expected each element of spacing to have one dimension, but got an element with "
                f"{t._a.ndim} dimensions!"
            )
    out = []
    for k, d in enumerate(dims):
        place = spacing[k] if listed else spacing
        out.append(
            _along_places(input, place, d, edge_order) if coordinates else _along(input, place, d, edge_order)
        )
    return tuple(out)


def _check_gradient(input: Tensor, given: int | None, dims: list[int], chosen: bool, edge_order: int) -> None:
    if input.dtype is dt.uint8:
        raise RuntimeError("torch.gradient does not support uint8 input.")
    ask = "torch.gradient expected spacing to be unspecified, a scalar"
    if given is not None and given != len(dims):
        if chosen:
            raise RuntimeError(
                f"{ask} or it's spacing and dim arguments to have the same length, but got a spacing argument "
                "of length "
                f"{given} and a dim argument of length {len(dims)}."
            )
        raise RuntimeError(
            f"{ask}, or a list of length equal to 'self.dim() = {input._a.ndim}', since dim argument was not "
            "given, but "
            f"got a list of length {given}"
        )
    if edge_order not in (1, 2):
        raise RuntimeError("torch.gradient only supports edge_order=1 and edge_order=2.")
    for d in dims:
        if input._a.shape[d] < edge_order + 1:
            raise RuntimeError("torch.gradient expected each dimension size to be at least edge_order+1")


def _at(x: Tensor, d: int, *places: int) -> list[Tensor]:
    """Slices of length 1 along a dimension, counted from the end where negative."""
    n = x._a.shape[d]
    return [x.narrow(d, p % n, 1) for p in places]


def _along(x: Tensor, h: Any, d: int, edge_order: int) -> Tensor:
    """Samples ``h`` apart."""
    n = x._a.shape[d]
    middle = (x.narrow(d, 2, n - 2) - x.narrow(d, 0, n - 2)) / h / 2
    if edge_order == 1:
        (a, b), (y, z) = _at(x, d, 0, 1), _at(x, d, -2, -1)
        first, last = (b - a) / h, (z - y) / h
    else:
        (a, b, c), (p, q, r) = _at(x, d, 0, 1, 2), _at(x, d, -3, -2, -1)
        first = (a * -1.5 + b * 2 - c * 0.5) / h
        last = (p * 0.5 - q * 2 + r * 1.5) / h
    return cat([first, middle, last], d)


def _along_places(x: Tensor, places: Tensor, d: int, edge_order: int) -> Tensor:
    """Samples at places of any distance: the derivative of the parabola through three neighbours."""
    step = diff(places).reshape((-1,) + (1,) * (x._a.ndim - d - 1))
    m = step._a.shape[0]
    h, k = step.narrow(0, 0, m - 1), step.narrow(0, 1, m - 1)
    left, here, right = (x.narrow(d, i, max(min(m - 1, x._a.shape[d] - i), 0)) for i in range(3))
    middle = left * (-k / (h * (h + k))) + here * ((k - h) / (h * k)) + right * (h / (k * (h + k)))
    if edge_order == 1:
        (a, b), (y, z) = _at(x, d, 0, 1), _at(x, d, -2, -1)
        first, last = (b - a) / step[0], (z - y) / step[-1]
    else:
        (a, b, c), (p, q, r) = _at(x, d, 0, 1, 2), _at(x, d, -3, -2, -1)
        h, k = step[0], step[1]
        first = a * (-(2 * h + k) / (h * (h + k))) + b * ((h + k) / (h * k)) + c * (-h / (k * (h + k)))
        h, k = step[-2], step[-1]
        last = p * (k / (h * (h + k))) + q * (-(h + k) / (h * k)) + r * ((2 * k + h) / (k * (h + k)))
    return cat([first, middle, last], d)


# ---------------------------------------------------------------------- powers
@public
def vander(x: Tensor, N: int | None = None, increasing: bool = False) -> Tensor:
    """vander(x, N=None, increasing=False) -> Tensor

    The matrix of the powers N-1 to 0 (``increasing``: 0 to N-1) of each element of a vector, one row each.
    """
    if x._a.ndim != 1:
        raise RuntimeError("x must be a one-dimensional tensor.")
    columns = x._a.shape[0] if N is None else N
    if columns < 0:
        raise RuntimeError("N must be non-negative.")
    kind = dt.int64 if x.dtype.category < dt.FLOATING else x.dtype
    if not columns:
        return x.new_zeros((x._a.shape[0], 0), dtype=kind)
    out = x.new_ones((x._a.shape[0], 1), dtype=kind)
    if columns > 1:
        powers = x.to(kind).unsqueeze(1).expand(x._a.shape[0], columns - 1).cumprod(1)
        out = cat([out, powers], 1)
    return out if increasing else FUNCTIONS["flip"](out, (1,))
