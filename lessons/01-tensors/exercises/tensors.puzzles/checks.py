"""Each puzzle against NumPy, with sizes that differ, then with equal ones, where wrong axes go unnoticed."""

import ast

import numpy as np
from glasstorch_web.grader.checks import CheckFailed, close

LOOPS = (ast.For, ast.While, ast.ListComp, ast.GeneratorExp, ast.SetComp, ast.DictComp)


def _no_loop(box, name):
    for function in ast.walk(ast.parse(box.source)):
        if isinstance(function, ast.FunctionDef) and function.name == name:
            for node in ast.walk(function):
                if isinstance(node, LOOPS):
                    raise CheckFailed(
                        f"`{name}` has a loop in line {node.lineno}. Right or not: here it must do without.",
                        kind="wrong",
                    )


def _sizes(rng, count):
    return tuple(int(n) for n in rng.permutation([2, 3, 4, 5, 6])[:count])


def _normal(rng, *size):
    return rng.normal(size=size).astype("float32")


def check_outer(box, rng):
    _no_loop(box, "outer")
    n, m = _sizes(rng, 2)
    for left, right in ((n, n), (n, m)):
        a, b = _normal(rng, left), _normal(rng, right)
        mistakes = {"a and b have changed places: a belongs to the rows.": np.outer(b, a)}
        if left == right:
            mistakes["This multiplies pair by pair; every a[i] is to meet every b[j]."] = a * b
        close(box.call("outer", a, b), np.outer(a, b), 1e-5, what="`outer(a, b)`", mistakes=mistakes)


def check_checkerboard(box, rng):
    _no_loop(box, "checkerboard")
    sizes = [(int(rng.choice([3, 5])), int(rng.choice([4, 6]))), _sizes(rng, 2), (5, 5)]
    for height, width in sizes:
        expected = np.add.outer(np.arange(height), np.arange(width)) % 2
        mistakes = {
            "Look at the first corner: row 0 + column 0 is even, so it must be 0.": 1 - expected,
            "These are row + column; only whether they are odd is asked for.": np.add.outer(
                np.arange(height), np.arange(width)
            ),
            "This counts all fields through; with an even width, every row begins the same way.": np.arange(
                height * width
            ).reshape(height, width)
            % 2,
        }
        what = f"`checkerboard({height}, {width})`"
        close(box.call("checkerboard", height, width), expected, 0, 0, what, mistakes=mistakes)


def check_one_hot(box, rng):
    _no_loop(box, "one_hot")
    classes = int(rng.integers(4, 7))
    for count in (classes + 2, classes):
        labels = rng.integers(0, classes, size=count)
        labels[:2] = 0, 1
        expected = np.eye(classes, dtype="float32")[labels]
        got = box.call("one_hot", labels, classes)
        if isinstance(got, np.ndarray) and got.dtype == bool and got.shape == expected.shape:
            raise CheckFailed(
                "These are True and False; 1.0 and 0.0 are asked for: `.float()`.", kind="dtype"
            )
        mistakes = {"This is a diagonal: it does not look at the labels.": np.eye(count, classes)}
        close(got, expected, 0, 0, "`one_hot(labels, classes)`", dtype="float32", mistakes=mistakes)


def check_centred(box, rng):
    _no_loop(box, "centred")
    n, m = _sizes(rng, 2)
    for shape in ((n, n), (n, m)):
        x = _normal(rng, *shape) + np.arange(shape[0], dtype="float32")[:, None] * 3
        mistakes = {
            "The mean of everything is taken away; every row has a mean of its own.": x - x.mean(),
            "The means of the columns are taken away; the rows are asked for.": x - x.mean(0),
        }
        if n == shape[1]:
            message = (
                "The means of the rows are taken from the columns: as a plain row of shape (n,) they are matched "
                "with the last dimension. `keepdim=True` keeps them a column."
            )
            mistakes[message] = x - x.mean(1)
        expected = x.astype(float) - x.astype(float).mean(1, keepdims=True)
        close(box.call("centred", x), expected, 1e-4, 1e-5, "`centred(x)`", mistakes=mistakes)


def check_distances(box, rng):
    _no_loop(box, "distances")
    n, m, d = _sizes(rng, 3)
    for left, right in ((n, n), (n, m)):
        a, b = _normal(rng, left, d), _normal(rng, right, d)
        squares = ((a[:, None].astype(float) - b) ** 2).sum(2)
        mistakes = {
            "These are the squares of the distances; the root is missing.": squares,
            "This adds up the sizes of the differences; distance is the root of the sum of squares.": np.abs(
                a[:, None] - b
            ).sum(2),
            "This is the distance from b to a: a belongs to the rows.": np.sqrt(squares).T,
        }
        close(
            box.call("distances", a, b), np.sqrt(squares), 1e-4, 1e-4, "`distances(a, b)`", mistakes=mistakes
        )
