"""``assert_close``: are two results the same up to rounding? With a message that says where they are not."""

from __future__ import annotations

import cmath
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, NoReturn

import numpy as np

from ..core import dtype as dt
from ..core.forms import FUNCTIONS
from ..core.frames import warn
from ..core.tensor import Tensor

Message = str | Callable[[str], str] | None

#: Relative and absolute tolerance for each type; others are compared exactly.
TOLERANCES = {
    dt.float16: (1e-3, 1e-5),
    dt.bfloat16: (1.6e-2, 1e-5),
    dt.float32: (1.3e-6, 1e-5),
    dt.float64: (1e-7, 1e-7),
    dt.complex64: (1.3e-6, 1e-5),
    dt.complex128: (1e-7, 1e-7),
}
_TYPE_OF_NUMBER = {int: dt.int64, float: dt.float64, complex: dt.complex128}


class _Mismatch(Exception):
    """A difference: the error's class, its text, and the item it is in."""

    def __init__(self, kind: type[Exception], text: str, item: tuple) -> None:
        super().__init__(text)
        self.kind, self.text, self.item = kind, text, item

    def error(self, message: Message = None) -> Exception:
        if isinstance(message, str):
            return self.kind(message)
        text = self.text
        if self.item:
            text += f"\n\nThe failure occurred for item {''.join(str([i]) for i in self.item)}"
        return self.kind(message(text) if callable(message) else text)


def assert_close(
    actual: Any,
    expected: Any,
    *,
    allow_subclasses: bool = True,
    rtol: float | None = None,
    atol: float | None = None,
    equal_nan: bool = False,
    check_device: bool = True,
    check_dtype: bool = True,
    check_layout: bool = True,
    check_stride: bool = False,
    msg: Message = None,
) -> None:
    """AssertionError unless ``|actual - expected| <= atol + rtol * |expected|`` for every element.

    Tensors, what can be made into tensors, numbers, None, and sequences and mappings of them. The tolerances are by
    type unless both are given. Shapes must agree, and types, devices and (on request) strides.
    ``msg``: the error's text, or a function that makes it from the usual text.
    Source: https://pytorch.org/docs/stable/testing.html#torch.testing.assert_close
    """
    options = _Options(
        allow_subclasses, rtol, atol, equal_nan, check_device, check_dtype, check_layout, check_stride
    )
    try:
        comparisons = list(_comparisons(actual, expected, options, ()))
    except _Mismatch as mismatch:
        raise mismatch.error() from None
    for compare in comparisons:
        try:
            compare()
        except _Mismatch as mismatch:
            raise mismatch.error(msg) from None


class _Options:
    """The arguments of ``assert_close``."""

    def __init__(self, subclasses: bool, rtol: Any, atol: Any, nan: bool, device: bool, dtype: bool, layout: bool,
                 stride: bool) -> None:  # fmt: skip
        self.subclasses, self.rtol, self.atol, self.nan = subclasses, rtol, atol, nan
        self.device, self.dtype, self.layout, self.stride = device, dtype, layout, stride

    def tolerances(self, types: Sequence[dt.dtype], item: tuple) -> tuple[float, float]:
        if (self.rtol is None) != (self.atol is None):
            missing = "rtol" if self.rtol is None else "atol"
            raise _Mismatch(
                ValueError,
                f"Both 'rtol' and 'atol' must be either specified or omitted, but got no {missing}.",
                item,
            )
        if self.rtol is not None:
            return self.rtol, self.atol
        found = [TOLERANCES.get(t, (0.0, 0.0)) for t in types]
        return max(r for r, _ in found), max(a for _, a in found)


def _comparisons(actual: Any, expected: Any, options: _Options, item: tuple) -> Iterator[Callable[[], None]]:
    """One comparison for each pair of leaves."""
    both = (actual, expected)
    if all(isinstance(x, Sequence) and not isinstance(x, str) for x in both):
        if len(actual) != len(expected):
            text = f"The length of the sequences mismatch: {len(actual)} != {len(expected)}"
            raise _Mismatch(AssertionError, text, item)
        for k in range(len(actual)):
            yield from _comparisons(actual[k], expected[k], options, (*item, k))
    elif all(isinstance(x, Mapping) for x in both):
        keys, wanted = set(actual), set(expected)
        if keys != wanted:
            raise _Mismatch(
                AssertionError,
                f"The keys of the mappings do not match:\nMissing keys in the actual mapping: {sorted(wanted - keys)}\n"
                f"Additional keys in the actual mapping: {sorted(keys - wanted)}",
                item,
            )
        order: Any = keys
        with suppress(TypeError):
            order = sorted(keys)
        for key in order:
            yield from _comparisons(actual[key], expected[key], options, (*item, key))
    else:
        yield _leaf(actual, expected, options, item)


def _leaf(actual: Any, expected: Any, options: _Options, item: tuple) -> Callable[[], None]:
    both = (actual, expected)
    if actual is None or expected is None:
        return lambda: _compare_none(actual, expected, item)
    if all(isinstance(x, (bool, np.bool_)) for x in both):
        return lambda: _compare_bools(bool(actual), bool(expected), item)
    if all(isinstance(x, (int, float, complex, np.number)) for x in both):
        a, b = (x.item() if isinstance(x, np.number) else x for x in both)
        types = [_TYPE_OF_NUMBER[type(x)] for x in (a, b)]
        rtol, atol = options.tolerances(types, item)
        return lambda: _compare_numbers(a, b, rtol, atol, options, item)
    related = isinstance(actual, type(expected)) or isinstance(expected, type(actual))
    if related and (options.subclasses or type(actual) is type(expected)):
        try:
            x, y = (t if isinstance(t, Tensor) else FUNCTIONS["as_tensor"](t) for t in both)
        except Exception:
            pass  # no tensors: refused below
        else:
            rtol, atol = options.tolerances([x.dtype, y.dtype], item)
            return lambda: _compare_tensors(x, y, rtol, atol, options, item)
    raise _Mismatch(
        TypeError,
        f"No comparison pair was able to handle inputs of type {type(actual)} and {type(expected)}.",
        item,
    )


# ---------------------------------------------------------------- the kinds of leaves
def _compare_none(actual: Any, expected: Any, item: tuple) -> None:
    if not (actual is None and expected is None):
        raise _Mismatch(AssertionError, f"None mismatch: {actual} is not {expected}", item)


def _compare_bools(actual: bool, expected: bool, item: tuple) -> None:
    if actual is not expected:
        raise _Mismatch(AssertionError, f"Booleans mismatch: {actual} is not {expected}", item)


def _compare_numbers(
    actual: Any, expected: Any, rtol: float, atol: float, options: _Options, item: tuple
) -> None:
    if options.dtype and type(actual) is not type(expected):
        raise _Mismatch(
            AssertionError, f"The (d)types do not match: {type(actual)} != {type(expected)}.", item
        )
    if actual == expected or (options.nan and cmath.isnan(actual) and cmath.isnan(expected)):
        return
    difference = abs(actual - expected)
    if cmath.isfinite(difference) and difference <= atol + rtol * abs(expected):
        return
    raise _Mismatch(AssertionError, _number_text(actual, expected, rtol, atol), item)


def _compare_tensors(x: Tensor, y: Tensor, rtol: float, atol: float, options: _Options, item: tuple) -> None:
    def differ(name: str, a: Any, b: Any) -> NoReturn:
        raise _Mismatch(AssertionError, f"The values for attribute '{name}' do not match: {a} != {b}.", item)

    if x.shape != y.shape:
        differ("shape", x.shape, y.shape)
    if options.stride and x.stride() != y.stride():
        differ("stride()", x.stride(), y.stride())
    if options.device and x.device != y.device:
        differ("device", x.device, y.device)
    if options.dtype and x.dtype != y.dtype:
        differ("dtype", x.dtype, y.dtype)
    if x.device != y.device:
        x, y = x.cpu(), y.cpu()
    if x.dtype != y.dtype:
        kinds = [dt.int64 if t.dtype in (dt.uint16, dt.uint32, dt.uint64) else t.dtype for t in (x, y)]
        common = dt.promote_types(*kinds)
        x, y = x.to(common), y.to(common)
    x, y = x.detach(), y.detach()
    matches = FUNCTIONS["isclose"](x, y, rtol=rtol, atol=atol, equal_nan=options.nan)
    if bool(matches.all()):
        return
    if x.dim() == 0:
        text = _number_text(x.item(), y.item(), rtol, atol)
    else:
        text = _tensor_text(x, y, matches, rtol, atol)
    raise _Mismatch(AssertionError, text, item)


# ---------------------------------------------------------------- messages
def _number_text(actual: Any, expected: Any, rtol: float, atol: float) -> str:
    absolute = abs(actual - expected)
    relative = float("inf") if expected == 0 else absolute / abs(expected)
    extra = f"Expected {expected} but got {actual}."
    return _text("Scalars", extra, (absolute, None, atol), (relative, None, rtol))


def _tensor_text(x: Tensor, y: Tensor, matches: Tensor, rtol: float, atol: float) -> str:
    total = matches.numel()
    wrong = total - int(matches.sum())
    a, b, same = x.flatten(), y.flatten(), matches.flatten()
    if x.dtype.category < dt.FLOATING:
        a, b = a.to(dt.int64), b.to(dt.int64)
    absolute = (a - b).abs()
    absolute[same] = 0
    relative = absolute / b.abs()
    relative[same] = 0

    def worst(t: Tensor) -> tuple[Any, tuple[int, ...]]:
        value, where = t.max(0)
        return value.item(), tuple(int(i) for i in np.unravel_index(int(where), tuple(x.shape)))

    extra = f"Mismatched elements: {wrong} / {total} ({wrong / total:.1%})"
    return _text("Tensor-likes", extra, (*worst(absolute), atol), (*worst(relative), rtol))


def _text(what: str, extra: str, absolute: tuple, relative: tuple) -> str:
    exact = absolute[2] == 0 and relative[2] == 0
    lines = [f"{what} are not {'equal' if exact else 'close'}!", "", extra]
    for name, (value, where, tolerance) in (("absolute", absolute), ("relative", relative)):
        head = f"{name.title()} difference: {value}" if where is None else (
            f"Greatest {name} difference: {value} at index {where}")  # fmt: skip
        lines.append(head if exact else f"{head} (up to {tolerance} allowed)")
    return "\n".join(lines)


def assert_allclose(
    actual: Any, expected: Any, rtol: float | None = None, atol: float | None = None, equal_nan: bool = True,
    msg: str = "",
) -> None:  # fmt: skip
    """The old form of ``assert_close``: types may differ, and nan equals nan."""
    warn(
        "`torch.testing.assert_allclose()` is deprecated since 1.12 and will be removed in a future "
        "release. Please use "
        "`torch.testing.assert_close()` instead. You can find detailed upgrade instructions in "
        "https://github.com/pytorch/pytorch/issues/61844.",
        FutureWarning,
    )
    x = actual if isinstance(actual, Tensor) else FUNCTIONS["tensor"](actual)
    y = expected if isinstance(expected, Tensor) else FUNCTIONS["tensor"](expected, dtype=x.dtype)
    if rtol is None and atol is None:
        usual = {dt.float16: (1e-3, 1e-3), dt.float32: (1e-4, 1e-5), dt.float64: (1e-5, 1e-8)}
        rtol, atol = (max(v) for v in zip(*(usual.get(t.dtype, (0.0, 0.0)) for t in (x, y)), strict=True))
    assert_close(
        x, y, rtol=rtol, atol=atol, equal_nan=equal_nan, check_device=True, check_dtype=False, msg=msg or None
    )
