"""Comparing answers with what is expected: how far off they are, and why perhaps. Authors import this from `checks`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from glasstorch_web.grader.result import Detail
from glasstorch_web.grader.window import window
from glasstorch_web.sandbox.box import Box, CallFailed


class CheckFailed(Exception):
    """A check's verdict: not right. The message is for the learner.

    expected, got, where, max_abs_diff and max_rel_diff are shown as detail, except in hidden checks,
    which show neither these nor the message. credit: the share of the check's points given all the same.
    """

    def __init__(
        self,
        message: str,
        *,
        expected: Any = None,
        got: Any = None,
        where: Any = None,
        max_abs_diff: float | None = None,
        max_rel_diff: float | None = None,
        kind: str = "wrong",
        credit: float = 0.0,
    ) -> None:
        super().__init__(message)
        self.detail = Detail(
            max_abs_diff=max_abs_diff,
            max_rel_diff=max_rel_diff,
            where=where,
            expected=expected,
            got=got,
            arrays=None,  # see close
            graph=None,  # see graph_checks
        )
        self.kind = kind
        self.credit = min(max(0.0, float(credit)), 1.0)  # in this order NaN is 0


def credit(share: float, reason: str, **detail: Any) -> CheckFailed:
    """To raise when an answer deserves a part of the check's points: `raise credit(0.5, "Right up to ...")`.

    share: of the points, from 0 to 1. reason: for the learner. detail: as for CheckFailed.
    """
    return CheckFailed(reason, credit=share, **detail)


def close(
    got: Any,
    expected: npt.ArrayLike,
    rtol: float = 1e-5,
    atol: float = 1e-6,
    what: str = "the result",
    *,
    dtype: str | None = None,
    nan: str = "fail",
    mistakes: dict[str, npt.ArrayLike] | None = None,
) -> None:
    """Require `got` to equal `expected` within atol + rtol * |expected|, with exactly its shape.

    A plain number is as good as an array of shape (). Complex numbers are none where real ones are expected, nor is a
    mask of True and False where numbers are. NaN fails, unless nan="same": then it must be
    where it is expected. dtype, e.g. "float32", requires that dtype. mistakes: well-known wrong answers by
    what to say when `got` is one of them. Raises CheckFailed with the first place that differs, how many do, how
    far off they are, and a likely cause where one can be seen.
    """
    wanted = np.asarray(expected)
    answer = _as_array(got, what, wanted)
    shape(answer, wanted.shape, what)
    if dtype is not None and answer.dtype.name != dtype:
        message = f"{_upper(what)} has dtype {answer.dtype.name}; it must be {dtype}."
        raise CheckFailed(message, expected=dtype, got=answer.dtype.name, kind="dtype")
    _require_numbers(answer, wanted, what)
    _require_finite(answer, wanted, what, nan)
    with np.errstate(invalid="ignore", over="ignore"):
        same = _same_special(answer, wanted)
        difference = np.where(same, 0, np.abs(_wide(answer) - _wide(wanted)))
        near = np.isfinite(_wide(wanted)) & (difference <= atol + rtol * np.abs(_wide(wanted)))
        off = np.asarray(~(same | near))
    if off.any():
        failed = _far_off(answer, wanted, difference, off, what)
        failed.detail["arrays"] = window(answer, wanted, off)
        for message, wrong in (mistakes or {}).items():
            if np.shape(wrong) == answer.shape and np.allclose(answer, wrong, rtol, atol):
                failed.args = (message,)
                break
        raise failed


def equal(got: Any, expected: Any, what: str = "the result") -> None:
    """Require exactly this plain value (number, text, list, dict ...), of exactly its type."""
    if type(got) is not type(expected):
        message = f"{_upper(what)} is {_a(got)}; it must be {_a(expected)}."
        raise CheckFailed(message, expected=_a(expected), got=_a(got), kind="type")
    if isinstance(expected, np.ndarray):
        close(got, expected, 0, 0, what, dtype=expected.dtype.name, nan="same")
    elif not _same(got, expected):
        message = f"{_upper(what)} is {_short(got)}; it must be {_short(expected)}."
        raise CheckFailed(message, expected=_short(expected), got=_short(got))


def _same(got: Any, expected: Any) -> bool:
    """Equality in value and type all the way in: to Python [True] == [1.0], and an array of one number equals it."""
    if type(got) is not type(expected):
        return False
    if isinstance(expected, (list, tuple)):
        return len(got) == len(expected) and all(map(_same, got, expected))
    if isinstance(expected, dict):
        keys = {(type(key), key) for key in got}
        return len(got) == len(expected) and all(
            (type(key), key) in keys and _same(got[key], value) for key, value in expected.items()
        )
    if isinstance(expected, (np.ndarray, np.generic)):
        same_kind = got.dtype == expected.dtype and got.shape == expected.shape
        return same_kind and bool(np.array_equal(got, expected, equal_nan=expected.dtype.kind in "fc"))
    return bool(got == expected)


def shape(got: Any, expected: tuple[int, ...], what: str = "the result") -> None:
    """Require an array of this shape."""
    answer = _as_array(got, what, np.empty(expected))
    if answer.shape == tuple(expected):
        return
    message = f"{_upper(what)} has shape {answer.shape}; it must have shape {tuple(expected)}."
    cause = _shape_cause(answer.shape, tuple(expected))
    raise CheckFailed(
        f"{message} {cause}".strip(),
        expected=list(expected),
        got=list(answer.shape),
        where="shape",
        kind="shape",
    )


def raises(box: Box, error: str, name: str, *args: Any, **kwargs: Any) -> CallFailed:
    """Require the learner's function to raise the built-in exception called `error`; returns the failure."""
    try:
        box.call(name, *args, **kwargs)
    except CallFailed as failed:
        if failed.kind == "exception" and failed.builtin and failed.type == error:
            return failed
        got = failed.type or failed.kind
        raise CheckFailed(
            f"`{name}` must raise {error} here; it raised {got}.", expected=error, got=got
        ) from None
    raise CheckFailed(
        f"`{name}` must raise {error} here; it returned instead.", expected=error, got="a value"
    )


def numerical_gradient(
    function: Callable[[np.ndarray], float], at: npt.ArrayLike, step: float = 1e-6
) -> np.ndarray:
    """The gradient of a scalar NumPy function by central differences, in float64."""
    point = np.array(at, dtype=np.float64)
    gradient = np.zeros_like(point)
    for index in np.ndindex(point.shape):
        here = point[index]
        point[index] = here + step
        above = float(function(point))
        point[index] = here - step
        below = float(function(point))
        point[index] = here
        gradient[index] = (above - below) / (2 * step)
    return gradient


def _as_array(got: Any, what: str, wanted: np.ndarray) -> np.ndarray:
    if type(got) in (bool, int, float) or isinstance(got, np.generic):
        return np.asarray(got)
    if type(got) is np.ndarray:
        return got
    number = "a number" if wanted.shape == () else f"an array of shape {wanted.shape}"
    if got is None:
        message = f"{_upper(what)} is None; it must be {number}. Is a `return` missing?"
    else:
        message = f"{_upper(what)} is {_a(got)}; it must be {number}."
    raise CheckFailed(message, expected=number, got=_a(got), kind="type")


def _require_numbers(answer: np.ndarray, wanted: np.ndarray, what: str) -> None:
    for kind, name, ask in (("c", "complex numbers", "real numbers"), ("b", "True and False", "numbers")):
        if answer.dtype.kind == kind != wanted.dtype.kind and wanted.dtype.kind in "biuf":
            message = f"{_upper(what)} holds {name} (dtype {answer.dtype.name}); it must hold {ask}."
            raise CheckFailed(message, expected=ask, got=name, kind="dtype")


def _require_finite(answer: np.ndarray, wanted: np.ndarray, what: str, nan: str) -> None:
    if answer.dtype.kind not in "fc" or np.isfinite(answer).all():
        return
    for name, test in (("NaN", np.isnan), ("infinity", np.isinf)):
        expected_there = (
            test(wanted) if wanted.dtype.kind in "fc" and (nan == "same" or name != "NaN") else False
        )
        unexpected = np.asarray(test(answer) & ~np.asarray(expected_there))
        if unexpected.any():
            where = _first(unexpected)
            count = int(unexpected.sum())
            place = f" (first at {_index(where)})" if where else ""
            message = f"{_upper(what)} holds {name} in {count} of {answer.size} values{place}."
            raise CheckFailed(
                message,
                expected=_number(wanted[where]),
                got=name,
                where=list(where) or None,
                kind="not finite",
            )


def _same_special(answer: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    if answer.dtype.kind not in "fc" or wanted.dtype.kind not in "fc":
        return np.zeros(wanted.shape, bool)
    return np.asarray((np.isnan(answer) & np.isnan(wanted)) | (np.isinf(answer) & (answer == wanted)))


def _far_off(
    answer: np.ndarray, wanted: np.ndarray, difference: np.ndarray, off: np.ndarray, what: str
) -> CheckFailed:
    where = _first(off)
    largest = float(np.max(difference[off]))
    scale = np.asarray(np.abs(_wide(wanted)))
    measurable = off & (scale > 0) & np.isfinite(scale)
    relative = np.divide(difference, scale, out=np.full(difference.shape, np.nan), where=measurable)
    largest_relative = None if np.isnan(relative).all() else float(np.nanmax(relative))
    truth = answer.dtype.kind == wanted.dtype.kind == "b"
    got, expected = _number(answer[where]), _number(wanted[where])
    if where:
        place = f" at {_index(where)}: got {got}, expected {expected}"
        place += f"; {int(off.sum())} of {off.size} values are off"
    else:
        place = f": got {got}, expected {expected}"
    sentence = f"{_upper(what)} is off{place}"
    if np.isfinite(largest) and not truth:
        sentence += f", by {_figure(largest)}" + (" at most" if where else "")
        sentence += f" ({_figure(100 * largest_relative)} %)" if largest_relative is not None else ""
    message = f"{sentence}. {_value_cause(answer, wanted)}".strip()
    return CheckFailed(
        message,
        expected=expected,
        got=got,
        where=list(where) or None,
        max_abs_diff=None if truth else largest,
        max_rel_diff=None if truth else largest_relative,
        kind="values",
    )


def _value_cause(answer: np.ndarray, wanted: np.ndarray) -> str:
    """A pattern in the mistake that points to its cause, in words; empty when none is seen."""
    got, expected = _wide(answer).ravel(), _wide(wanted).ravel()
    if not np.isfinite(got).all() or not np.isfinite(expected).all() or not expected.any():
        return ""
    if not got.any():
        return "All your values are 0."
    factor = (got @ expected.conj()) / (expected @ expected.conj())
    if expected.size > 1 and np.allclose(
        got, factor * expected, rtol=1e-4, atol=1e-7 * np.abs(expected).max()
    ):
        factor = float(np.real(factor))
        if abs(factor + 1) < 1e-4:
            return "Your values are right except for the sign."
        inverse = 1 / factor if factor else 0.0
        if abs(factor) < 1 and abs(inverse - round(inverse)) < 1e-3 * abs(inverse):
            return f"All your values are the right ones divided by {inverse:.0f}."
        return f"All your values are {factor:.4g} times the right ones."
    if (
        wanted.ndim == 2
        and wanted.shape[0] == wanted.shape[1]
        and np.allclose(_wide(answer).T, _wide(wanted), 1e-4)
    ):
        return "Your values are right but transposed."
    shift = got - expected
    if expected.size > 1 and np.allclose(shift, shift[0], rtol=1e-3, atol=0):
        return f"All your values are off by the same {_number(shift[0])}."
    return ""


def _shape_cause(got: tuple[int, ...], expected: tuple[int, ...]) -> str:
    if len(got) >= 2 and got[::-1] == expected:
        return "Is it transposed?"
    if got and not expected:
        return "A single number is asked for: is a sum or a mean missing?"
    if int(np.prod(got)) == int(np.prod(expected)):
        return "The number of values is right, their arrangement is not."
    padded = (1,) * (len(got) - len(expected)) + expected
    if len(padded) == len(got) and all(want in (1, have) for have, want in zip(got, padded)):
        return "Is a sum over the dimensions missing that broadcasting had stretched?"
    return ""


def _first(mask: np.ndarray) -> tuple[int, ...]:
    return tuple(int(i) for i in np.argwhere(mask)[0])


def _index(where: tuple[int, ...]) -> str:
    return "[" + ", ".join(map(str, where)) + "]"


def _wide(array: np.ndarray) -> np.ndarray:
    return np.array(array, dtype=np.complex128 if array.dtype.kind == "c" else np.float64)


def _number(value: Any) -> Any:
    """A number as JSON takes it, with no more digits than float32 has."""
    value = np.asarray(value)
    if value.dtype.kind in "biu":
        return value.item()
    if value.dtype.kind == "c":
        return f"{complex(value):.7g}"
    return float(f"{float(value):.7g}") + 0.0  # -0.0 would only puzzle


def _figure(value: float) -> str:
    """Three digits, and all before the point as long as they can be read."""
    return f"{value:.0f}" if 1000 <= value < 1e6 else f"{value:.3g}"


def _a(value: Any) -> str:
    name = {"ndarray": "array", "str": "text", "NoneType": "None"}.get(
        type(value).__name__, type(value).__name__
    )
    return name if name == "None" else f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 120 else text[:117] + "..."


def _upper(what: str) -> str:
    return what[:1].upper() + what[1:]
