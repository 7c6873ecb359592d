"""What the comparisons of checks.py accept, and what they tell when they do not."""

from __future__ import annotations

import numpy as np
import pytest
from glasstorch_web.grader.checks import CheckFailed, close, equal, numerical_gradient, shape

X = np.array([[1.0, -2.0, 3.0], [4.0, 5.0, -6.0]])
NAN, INF = float("nan"), float("inf")
NAN_ARRAY = np.array([NAN, 1.0])


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (X, X),
        (X.astype(np.float32), X),
        (X + 1e-7, X),
        (X * (1 + 1e-6), X),
        (2.0, 2),
        (2, 2.0),
        (np.float32(2), 2.0),
        (np.array(2.0), 2.0),
        (np.array([INF, -INF]), [INF, -INF]),
        (np.zeros((0, 3)), np.zeros((0, 3))),
        (np.array([True, False]), [True, False]),
        (np.array([1 + 2j]), [1 + 2j]),
        (np.array([-0.0]), [0.0]),
    ],
)
def test_close_accepts(got: object, expected: object) -> None:
    close(got, expected)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("got", "expected", "message"),
    [
        (None, X, "The result is None; it must be an array of shape (2, 3). Is a `return` missing?"),
        ("no", X, "The result is a text; it must be an array"),
        ([1.0], [1.0], "The result is a list; it must be an array"),
        (X[0], 1.0, "has shape (3,); it must have shape (). A single number is asked for: is a sum"),
        (X.T, X, "has shape (3, 2); it must have shape (2, 3). Is it transposed?"),
        (X.ravel(), X, "The number of values is right, their arrangement is not."),
        (X, X.sum(0), "Is a sum over the dimensions missing that broadcasting had stretched?"),
        (X, np.zeros((4, 3)), "has shape (2, 3); it must have shape (4, 3)."),
        (np.array([1, NAN]), [1, 2], "The result holds NaN in 1 of 2 values (first at [1])."),
        (np.array([INF, 1]), [1, 1], "holds infinity in 1 of 2 values (first at [0])."),
        (np.array([INF]), [-INF], "is off at [0]"),
        (np.array([1.0, 2.5, 3.0]), [1, 2, 3], "is off at [1]: got 2.5, expected 2"),
        (-X, X, "Your values are right except for the sign."),
        (X / 6, X, "All your values are the right ones divided by 6."),
        (X * 2, X, "All your values are 2 times the right ones."),
        (X * 0, X, "All your values are 0."),
        (X[:, :2].T, X[:, :2], "Your values are right but transposed."),
        (X + 0.5, X, "All your values are off by the same 0.5."),
        (3.0, 2.0, "The result is off: got 3.0, expected 2.0, by 1 (50 %)."),
        (1507.2, 1.0, "The result is off: got 1507.2, expected 1.0, by 1506 (150620 %)."),
        (np.array([1 + 1j]), [1.0], "holds complex numbers (dtype complex128); it must hold real numbers."),
        (np.array([1 + 0j]), [1.0], "holds complex numbers"),
        (True, 1.0, "holds True and False (dtype bool); it must hold numbers."),
        (np.array([True]), [1], "holds True and False"),
    ],
)
def test_close_explains(got: object, expected: object, message: str) -> None:
    with pytest.raises(CheckFailed) as failed:
        close(got, expected)  # type: ignore[arg-type]
    assert message in str(failed.value)


def test_true_and_false_are_not_measured() -> None:
    with pytest.raises(CheckFailed) as failed:
        close(np.array([True, True, True]), np.array([True, False, False]), what="the mask")
    assert str(failed.value).startswith(
        "The mask is off at [1]: got True, expected False; 2 of 3 values are off."
    )
    detail = failed.value.detail
    assert (detail["got"], detail["expected"]) == (True, False)
    assert detail["max_abs_diff"] is detail["max_rel_diff"] is None


def test_close_says_how_far_off() -> None:
    got = X.copy()
    got[0, 2] += 0.25
    got[1, 1] *= 1.5
    with pytest.raises(CheckFailed) as failed:
        close(got, X, what="the gradient of w")
    message = "The gradient of w is off at [0, 2]: got 3.25, expected 3.0; 2 of 6 values are off"
    assert str(failed.value) == f"{message}, by 2.5 at most (50 %)."
    assert failed.value.detail == {
        "max_abs_diff": 2.5,
        "max_rel_diff": 0.5,
        "where": [0, 2],
        "expected": 3.0,
        "got": 3.25,
        "arrays": {
            "shape": [2, 3],
            "origin": [0, 0],
            "part": False,
            "expected": X.tolist(),
            "got": got.tolist(),
            "off": [[False, False, True], [False, True, False]],
        },
        "graph": None,
    }


def test_of_large_arrays_the_part_around_the_first_difference_is_told() -> None:
    expected = np.zeros((3, 40, 50), np.float32)
    got = expected.copy()
    got[1, 30, 45] = 2
    got[2] = 1
    with pytest.raises(CheckFailed) as failed:
        close(got, expected)
    arrays = failed.value.detail["arrays"]
    assert (arrays["shape"], arrays["origin"], arrays["part"]) == ([3, 40, 50], [1, 22, 34], True)
    assert (len(arrays["got"]), len(arrays["got"][0])) == (16, 16)
    assert arrays["got"][30 - 22][45 - 34] == 2
    assert sum(map(sum, arrays["off"])) == 1, "the first of the three pictures is another part"
    with pytest.raises(CheckFailed) as failed:
        close(np.arange(30.0), np.arange(30.0)[::-1])
    arrays = failed.value.detail["arrays"]
    assert (arrays["origin"], len(arrays["got"]), len(arrays["got"][0])) == ([0], 1, 16)
    for single in (np.float32(1), np.array([1.0])):
        with pytest.raises(CheckFailed) as failed:
            close(single, np.zeros_like(single))
        assert failed.value.detail["arrays"] is None, "one number needs no table"


def test_tolerances() -> None:
    close(np.array([1.001]), [1.0], rtol=1e-2)
    close(np.array([0.001]), [0.0], atol=1e-2)
    with pytest.raises(CheckFailed):
        close(np.array([0.001]), [0.0])


def test_nan_policy() -> None:
    close(np.array([1, NAN]), [1, NAN], nan="same")
    for expected in ([1, 2], [NAN, 1]):
        with pytest.raises(CheckFailed, match="NaN"):
            close(np.array([1, NAN]), expected, nan="same")
    with pytest.raises(CheckFailed, match="NaN"):
        close(np.array([1, NAN]), [1, NAN])


def test_a_missing_nan_fails_too() -> None:
    with pytest.raises(CheckFailed, match=r"is off at \[1\]: got 2.0, expected nan; 1 of 2 values are off\."):
        close(np.array([1.0, 2.0]), [1, NAN], nan="same")


def test_dtype_is_required_when_asked() -> None:
    close(X.astype(np.float32), X, dtype="float32")
    with pytest.raises(CheckFailed, match="has dtype float64; it must be float32"):
        close(X, X, dtype="float32")


@pytest.mark.parametrize(
    "value", [1, 1.5, True, "text", None, [1, "a"], (1,), {"a": [1]}, np.arange(3), [NAN_ARRAY]]
)
def test_equal_accepts(value: object) -> None:
    equal(value, value)


@pytest.mark.parametrize(
    ("got", "expected", "message"),
    [
        (1, 1.0, "is an int; it must be a float"),
        (True, 1, "is a bool; it must be an int"),
        ([1], (1,), "is a list; it must be a tuple"),
        ([True, 2], [1, 2], "is [True, 2]; it must be [1, 2]."),
        ([1.0], [1], "is [1.0]; it must be [1]."),
        ({"a": (1, 2.0)}, {"a": (1, 2)}, "it must be"),
        ({True: 1}, {1: 1}, "it must be"),
        ([np.ones((1, 1))], [1.0], "it must be"),
        ([np.ones(3)], [np.ones((3, 1))], "it must be"),
        ([np.zeros(0)], [np.zeros((0, 2))], "it must be"),
        ("a", "b", "The answer is 'a'; it must be 'b'."),
        ("x" * 500, "b", "..."),
        (np.arange(3.0), np.arange(3), "dtype"),
    ],
)
def test_equal_explains(got: object, expected: object, message: str) -> None:
    with pytest.raises(CheckFailed) as failed:
        equal(got, expected, what="the answer")
    assert message in str(failed.value)
    assert len(str(failed.value)) < 400


def test_credit_is_a_share() -> None:
    shares = [CheckFailed("almost", credit=share).credit for share in (NAN, -INF, INF, 0.25)]
    assert shares == [0, 0, 1, 0.25]


def test_shape_alone() -> None:
    shape(X, (2, 3))
    with pytest.raises(CheckFailed):
        shape(X, (3, 2))


def test_numerical_gradient() -> None:
    gradient = numerical_gradient(lambda x: float((x**3).sum()), X)
    np.testing.assert_allclose(gradient, 3 * X**2, rtol=1e-6)
    np.testing.assert_allclose(numerical_gradient(lambda x: float(x * x), 3.0), 6.0, rtol=1e-6)
