"""Types of results for every pair of types and for Python numbers; casts; numbers that do not fit."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from tests.support.outcomes import alike

TYPES = [
    "bool", "uint8", "int8", "int16", "int32", "int64", "float16", "bfloat16", "float32", "float64",
    "complex64", "complex128",
]  # fmt: skip
VALUES = {
    "b": [True, False, True],
    "u": [3, 250, 1],
    "i": [3, -2, 1],
    "f": [1.5, -2.0, 0.5],
    "c": [1 + 2j, -2j, 0.5],
}
NUMBERS = [True, 2, -1, 0, 2.5, 1 + 2j]

OPS = {
    name: (lambda name: lambda E, a, b: getattr(E, name)(a, b))(name)
    for name in [
        "add",
        "sub",
        "mul",
        "div",
        "floor_divide",
        "remainder",
        "fmod",
        "pow",
        "float_power",
        "atan2",
        "maximum",
        "fmin",
        "eq",
        "lt",
        "bitwise_and",
        "bitwise_left_shift",
        "logical_xor",
        "copysign",
        "hypot",
        "logaddexp",
        "xlogy",
        "gcd",
        "nextafter",
        "heaviside",
    ]
} | {
    "div floor": lambda E, a, b: E.div(a, b, rounding_mode="floor"),
    "div trunc": lambda E, a, b: E.div(a, b, rounding_mode="trunc"),
    "add alpha": lambda E, a, b: E.add(a, b, alpha=2),
    "where": lambda E, a, b: E.where(E.tensor([True, False, True]), a, b),
    "lerp": lambda E, a, b: E.lerp(a, b, 0.5),
}


def numbers(dtype: str, shape: str, shift: int = 0) -> Any:
    row = VALUES[
        "b" if dtype == "bool" else "u" if dtype == "uint8" else "f" if "float" in dtype else dtype[0]
    ]
    row = row[shift:] + row[:shift]
    return row if shape == "vector" else row[0]


def half_complex(*dtypes: str) -> bool:
    """float16 beside complex numbers is complex32, which needs a package."""
    return "float16" in dtypes and any(d.startswith("complex") for d in dtypes)


@pytest.mark.parametrize("op", OPS, ids=lambda name: name.replace(" ", "_"))
def test_pairs_of_types(op: str) -> None:
    pairs = list(itertools.product(TYPES, TYPES))[len(op) % 3 :: 3]  # a third of the table for each operation
    for (a, b), (m, n) in itertools.product(
        pairs, [("vector", "vector"), ("vector", "number"), ("number", "vector")]
    ):
        if half_complex(a, b):
            continue

        def pair(E: Any, a: str = a, b: str = b, m: str = m, n: str = n) -> Any:
            x = E.tensor(numbers(a, m), dtype=getattr(E, a))
            return OPS[op](E, x, E.tensor(numbers(b, n, 1), dtype=getattr(E, b)))

        alike(pair)


@pytest.mark.parametrize(
    "op", ["add", "sub", "mul", "div", "floor_divide", "remainder", "pow", "eq", "lt", "xlogy"]
)
def test_tensors_and_python_numbers(op: str) -> None:
    for dtype, shape, number in itertools.product(TYPES, ["vector", "number"], NUMBERS):
        if dtype == "float16" and isinstance(number, complex):
            continue
        alike(
            lambda E, d=dtype, s=shape, v=number: OPS[op](E, E.tensor(numbers(d, s), dtype=getattr(E, d)), v)
        )
        if op not in ("eq", "lt", "pow"):
            alike(
                lambda E, d=dtype, s=shape, v=number: OPS[op](
                    E, v, E.tensor(numbers(d, s), dtype=getattr(E, d))
                )
            )


def test_result_type_and_can_cast() -> None:
    for a, b in itertools.product(TYPES, TYPES):
        alike(lambda E, a=a, b=b: E.can_cast(getattr(E, a), getattr(E, b)))
        if not half_complex(a, b):
            alike(lambda E, a=a, b=b: E.promote_types(getattr(E, a), getattr(E, b)))
    alike(lambda E: [E.result_type(E.ones(1, dtype=E.int8), v) for v in (True, 2, 2.0, 1j)])
    alike(lambda E: [E.result_type(E.tensor(1), E.ones(1, dtype=E.int8)), E.result_type(1, 2.0)])
    alike(lambda E: E.can_cast(1, E.int8))
    alike(lambda E: E.promote_types(E.int8, 1))


def test_casts() -> None:
    data = [0, 1, 2, 100, -3.7, 1.9, -1.9, 300.7, -300.7, 1e4]
    for a, b in itertools.product(["float16", "bfloat16", "float32", "float64", "complex64"], TYPES):
        if not half_complex(a, b):
            alike(lambda E, a=a, b=b: E.tensor(data, dtype=getattr(E, a)).to(getattr(E, b)))
    odd = [float("inf"), -float("inf"), float("nan")] * 4
    for a, b in itertools.product(["float32", "float64"], TYPES[:6]):
        alike(lambda E, a=a, b=b: E.tensor(odd, dtype=getattr(E, a)).to(getattr(E, b)))
    alike(lambda E: E.tensor([2j, 0j]).to(E.bool))
    alike(lambda E: E.tensor([-1, 256, 257]).to(E.uint8))


@pytest.mark.parametrize(
    "do",
    [
        lambda E: E.tensor(2**70),
        lambda E: E.tensor([2**70]),
        lambda E: E.tensor(300, dtype=E.uint8),
        lambda E: E.tensor(-1, dtype=E.uint8),
        lambda E: E.tensor([300], dtype=E.int8),
        lambda E: E.tensor(2**63),
        lambda E: E.tensor(float("inf"), dtype=E.int32),
        lambda E: E.tensor(1j, dtype=E.float32),
        lambda E: E.tensor(["a"]),
        lambda E: E.tensor([1, [2]]),
        lambda E: E.tensor([[1], 2]),
        lambda E: E.tensor({1: 2}),
        lambda E: E.tensor([E.ones(2), E.ones(2)]),
        lambda E: E.tensor([E.tensor(1), E.tensor(2.0)]),
        lambda E: E.tensor([True, 2]),
        lambda E: E.tensor([1, 2j]),
        lambda E: E.tensor([3.9, -3.9], dtype=E.int64),
        lambda E: E.tensor([1]) + 2**70,
        lambda E: E.tensor([127], dtype=E.int8) + 200,
        lambda E: E.tensor([1], dtype=E.uint8) - 2,
        lambda E: E.tensor([1], dtype=E.uint8) == 300,
        lambda E: E.tensor([1]) // 0,
        lambda E: E.tensor([1]) % 0,
        lambda E: E.tensor([1.0, -1.0, 0.0]) // 0,
        lambda E: E.tensor([2]) ** -1,
        lambda E: E.tensor([2, 1, -1]) ** E.tensor([-1, -1, -3]),
        lambda E: E.tensor([True]) - E.tensor([True]),
        lambda E: E.tensor([True]) - 1,
        lambda E: 1 - E.tensor([True]),
        lambda E: -E.tensor([True]),
        lambda E: E.tensor([True, False]) ** True,
        lambda E: E.tensor([True]) // (1 + 2j),
        lambda E: E.add(E.tensor([1]), E.tensor([1]), alpha=1.5),
        lambda E: E.add(E.ones(1), 1, alpha=True),
        lambda E: E.ones(2).masked_fill(E.tensor([True, False]), 1j),
        lambda E: E.ones(1).half().fill_(1e9),
        lambda E: E.ldexp(E.tensor([1.5, 2.0], dtype=E.float64), E.tensor([250, -200])),
        lambda E: E.logaddexp(E.tensor([1 + 2j]), E.tensor([0.5 - 1j])),
    ],
)
def test_numbers_that_fit_and_those_that_do_not(do: Any) -> None:
    alike(do)


@pytest.mark.parametrize(
    "do",
    [
        lambda E: [type(E.tensor(v).item()).__name__ for v in (1, 1.0, True, 1j)],
        lambda E: E.ones(2).item(),
        lambda E: E.ones(0).item(),
        lambda E: int(E.ones(2)),
        lambda E: float(E.tensor(1j)),
        lambda E: int(E.tensor(1.7)),
        lambda E: int(E.tensor(float("nan"))),
        lambda E: bool(E.ones(2)),
        lambda E: bool(E.ones(0)),
        lambda E: [1, 2, 3][E.tensor(1)],
        lambda E: [1, 2][E.tensor(1.0)],
        lambda E: [1, 2][E.tensor([1, 0])],
        lambda E: list(range(E.tensor(3))),
        lambda E: E.tensor([1.5]).half().tolist(),
        lambda E: E.tensor([1.5]).bfloat16().tolist(),
        lambda E: (1 in E.ones(2), 5 in E.ones(2)),
        lambda E: "a" in E.ones(2),
        lambda E: ~E.ones(2),
        lambda E: ~E.tensor([1, 2]),
        lambda E: round(E.tensor(1.567), 2),
        lambda E: f"{E.tensor(1.234):.1f}",
        lambda E: len(E.tensor(1)),
        lambda E: list(E.tensor(1)),
    ],
)
def test_python_numbers_from_tensors(do: Any) -> None:
    alike(do)


class Foreign:
    def __radd__(self, other: Any) -> str:
        return "foreign"

    def __gt__(self, other: Any) -> str:
        return "foreign"


@pytest.mark.parametrize(
    "do",
    [
        lambda E: E.ones(2) + Foreign(),
        lambda E: E.ones(2) < Foreign(),
        lambda E: E.ones(2) + "a",
        lambda E: E.ones(2) < "a",
        lambda E: E.ones(2) == "a",
        lambda E: E.ones(2) @ "a",
        lambda E: "a" + E.ones(2),
        lambda E: E.add(E.ones(2), "a"),
        lambda E: E.mul(E.ones(2), None),
        lambda E: E.pow(E.ones(2), "a"),
        lambda E: E.eq(1, E.ones(2)),
        lambda E: E.maximum(E.ones(2), 1),
        lambda E: E.abs(1),
        lambda E: E.exp([1]),
        lambda E: np.float64(2) * E.ones(2),
        lambda E: E.ones(2) * np.int64(2),
        lambda E: 2 // E.tensor([4.0]),
        lambda E: E.div(E.ones(2), [1]),
        lambda E: E.abs(np.ones(2)),
    ],
)
def test_foreign_operands(do: Any) -> None:
    alike(do)
