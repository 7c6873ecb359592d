"""Window functions, and evenly spaced values, against PyTorch."""

from __future__ import annotations

import glasstorch
import pytest
from support.differential import equal, raises_alike, torch

WINDOWS = [
    "bartlett",
    "blackman",
    "cosine",
    "exponential",
    "gaussian",
    "hamming",
    "hann",
    "kaiser",
    "nuttall",
]
LENGTHS = [0, 1, 2, 3, 8, 33]


def alike(fn) -> None:
    equal(fn(glasstorch), fn(torch), "value")


@pytest.mark.parametrize("name", WINDOWS)
def test_signal_windows(name: str) -> None:
    for M in LENGTHS:
        for options in ({}, {"sym": False}, {"sym": False, "requires_grad": True}):
            alike(lambda E, M=M, o=options: getattr(E.signal.windows, name)(M, **o))
        alike(lambda E, M=M: getattr(E.signal.windows, name)(M, dtype=E.float64))
    raises_alike(
        lambda E: getattr(E.signal.windows, name)(-1), "requires non-negative window length, got M=-1"
    )
    raises_alike(
        lambda E: getattr(E.signal.windows, name)(5, dtype=E.float16), "expects float32 or float64 dtypes"
    )
    raises_alike(lambda E: getattr(E.signal.windows, name)(5, True))


def test_window_options() -> None:
    for call in (
        lambda w: w.exponential(7, tau=3),
        lambda w: w.exponential(7, center=2, sym=False, tau=2),
        lambda w: w.gaussian(7, std=2.5),
        lambda w: w.kaiser(7, beta=0),
        lambda w: w.kaiser(50, beta=8.6),
        lambda w: w.general_cosine(7, a=[0.4, 0.3, 0.2]),
        lambda w: w.general_cosine(7, a=(1, 2), sym=False),
        lambda w: w.general_hamming(7, alpha=0.7),
    ):
        alike(lambda E, call=call: call(E.signal.windows))
    for call in (
        lambda w: w.exponential(7, tau=0),
        lambda w: w.exponential(7, center=2),
        lambda w: w.gaussian(7, std=0),
        lambda w: w.kaiser(7, beta=-1),
        lambda w: w.general_cosine(7, a=[]),
        lambda w: w.general_cosine(7, a=3),
        lambda w: w.general_cosine(7),
    ):
        raises_alike(lambda E, call=call: call(E.signal.windows))


def test_windows_carry_gradients() -> None:
    """With requires_grad the window is computed from a leaf, so it has a history, as in PyTorch."""
    for E in (glasstorch, torch):
        window = E.signal.windows.hann(5, requires_grad=True)
        assert window.requires_grad
        assert not window.is_leaf
        assert E.hann_window(5, requires_grad=True).is_leaf


@pytest.mark.parametrize("name", ["bartlett", "blackman", "hamming", "hann", "kaiser"])
def test_old_windows(name: str) -> None:
    for M in LENGTHS:
        for periodic in (True, False):
            for kind in ("float32", "float64", "float16", "bfloat16"):
                alike(
                    lambda E, M=M, p=periodic, k=kind: getattr(E, name + "_window")(M, p, dtype=getattr(E, k))
                )
    raises_alike(lambda E: getattr(E, name + "_window")(-1), "requires non-negative window_length")
    raises_alike(lambda E: getattr(E, name + "_window")(5.0), "must be int, not float")
    raises_alike(lambda E: getattr(E, name + "_window")(5, dtype=E.int64), "expects floating point dtypes")
    raises_alike(
        lambda E: getattr(E, name + "_window")(5, dtype=E.complex64), "not implemented for 'ComplexFloat'"
    )


def test_old_window_parameters() -> None:
    alike(lambda E: E.hamming_window(7, True, 0.6))
    alike(lambda E: E.hamming_window(7, False, 0.6, 0.3))
    alike(lambda E: E.kaiser_window(7, True, 3))


@pytest.mark.parametrize(
    "kind", ["float64", "float32", "float16", "bfloat16", "int64", "int32", "int8", "complex64"]
)
def test_evenly_spaced(kind: str) -> None:
    for ends in ((0, 1, 5), (0, 1, 1), (-3, 5, 7), (5, -3, 6), (0, 1, 0), (0.5, 2.5, 3), (1.7, 3.9, 5)):
        alike(lambda E, e=ends: E.linspace(*e, dtype=getattr(E, kind)))
        alike(lambda E, e=ends: E.logspace(*e, base=2, dtype=getattr(E, kind)))
        alike(lambda E, e=ends: E.logspace(*e, 3.0, dtype=getattr(E, kind)))
    if kind != "complex64":
        for steps in ((1, 9), (0, 5, 2), (5, 1, -1), (1.5, 7, 2.5), (-2.5, 7, 1.5)):
            alike(lambda E, s=steps: E.arange(*s, dtype=getattr(E, kind)))


def test_evenly_spaced_from_tensors() -> None:
    alike(lambda E: E.linspace(E.tensor(0.0), 3, 4))
    alike(lambda E: E.logspace(1, E.tensor(2), 4, base=3))
    alike(lambda E: E.linspace(0, 1 + 2j, 5))
    alike(lambda E: E.logspace(0, 3, 4, -2.0))
    alike(
        lambda E: (E.arange(end=4), E.arange(E.tensor(1), E.tensor(7), E.tensor(2)), E.arange(0, 3, step=0.5))
    )
    alike(lambda E: E.linspace(0, 5, 3, out=E.empty(3, dtype=E.int64)))
    raises_alike(
        lambda E: E.linspace(E.tensor([0.0]), 3, 4), "only supports 0-dimensional start and end tensors"
    )
    raises_alike(lambda E: E.linspace(0, 1, -1), "number of steps must be non-negative")
    raises_alike(
        lambda E: E.linspace(0, 1j, 5, dtype=E.float32), "can't be safely cast to passed dtype Float"
    )
    raises_alike(lambda E: E.linspace(0, 1, 3, dtype=E.float32, out=E.empty(3, dtype=E.float64)))
    raises_alike(lambda E: E.logspace(0, 1, 5, dtype=E.bool), "\"logspace_cpu\" not implemented for 'Bool'")
    raises_alike(lambda E: E.arange(float("inf")), "unsupported range: 0 -> inf")
    raises_alike(lambda E: E.arange(1, 5, -1), "upper bound and lower bound inconsistent with step sign")


@pytest.mark.filterwarnings("ignore:torch.range is deprecated")
def test_range_includes_its_end() -> None:
    alike(lambda E: (E.range(0, 4), E.range(1, 2.5, 0.5), E.range(5, 1, -1), E.range(0, 4, dtype=E.int64)))
    raises_alike(lambda E: E.range(0, 1, 0), "step must be nonzero")


def test_full_and_eye() -> None:
    alike(lambda E: (E.full((2,), True), E.full((2,), 1j), E.full((2,), 1.5, dtype=E.int64), E.full((), 3)))
    alike(
        lambda E: (E.full((2,), -1, dtype=E.uint8), E.full([2, 3], float("inf")), E.full((2,), E.tensor(3.0)))
    )
    alike(lambda E: E.full((2,), 1, out=E.empty(2, dtype=E.float64)))
    alike(lambda E: (E.eye(2, 3), E.eye(3, dtype=E.bool), E.eye(0), E.eye(2, out=E.empty(0, dtype=E.int64))))
    for value, kind in (
        (300, "uint8"),
        (300, "int8"),
        (float("nan"), "int64"),
        (1e40, "float32"),
        (1j, "float64"),
    ):
        raises_alike(
            lambda E, v=value, k=kind: E.full((2,), v, dtype=getattr(E, k)),
            "value cannot be converted to type",
        )
    raises_alike(lambda E: E.full(2, 3), "must be tuple of ints, not int")
    raises_alike(lambda E: E.eye(-1), "n must be greater or equal to 0, got -1")
    raises_alike(lambda E: E.eye(2, -1), "m must be greater or equal to 0, got -1")
