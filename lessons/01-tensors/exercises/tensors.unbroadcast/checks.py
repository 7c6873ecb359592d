"""Sums by definition: each element of the input collects from wherever broadcasting had put it."""

import numpy as np
from glasstorch_web.grader.checks import close


def _expected(grad, shape):
    """Give every element of the input a number, broadcast the numbers, and add up by number."""
    numbers = np.broadcast_to(np.arange(int(np.prod(shape))).reshape(shape), grad.shape)
    total = np.zeros(int(np.prod(shape)))
    np.add.at(total, numbers.ravel(), grad.ravel())
    return total.reshape(shape)


def _sizes(rng, count):
    return tuple(int(n) for n in rng.permutation([2, 3, 4, 5])[:count])


def _same(box, rng, of, shape, mistakes=None):
    grad = rng.normal(size=of).round(2)
    known = {message: wrong(grad) for message, wrong in (mistakes or {}).items()}
    what = f"the result for a gradient of shape {of} and an input of shape {shape}"
    close(box.call("unbroadcast", grad, shape), _expected(grad, shape), 1e-6, 1e-9, what, mistakes=known)


def check_added(box, rng):
    n, m, k = _sizes(rng, 3)
    mistakes = {
        "This is the mean; what a number does in several places adds up.": lambda g: g.mean(axis=0),
        "This takes the gradient from one place only; all places where the input was used count.": lambda g: (
            g[0]
        ),
        "Dimensions are added on the left, so the sum runs over the first one.": lambda g: g.sum(axis=-1),
    }
    _same(box, rng, (n, n), (n,), mistakes)
    _same(box, rng, (n, m), (m,), mistakes)
    _same(box, rng, (n, m, k), (k,))
    _same(box, rng, (n, m), ())


def check_stretched(box, rng):
    n, m, k = _sizes(rng, 3)
    mistakes = {
        "This is the mean; what a number does in several places adds up.": lambda g: g.mean(1, keepdims=True),
        "This takes the gradient from one place only; all places where the input was used count.": lambda g: (
            g[:, :1]
        ),
    }
    _same(box, rng, (n, m), (n, 1), mistakes)
    _same(box, rng, (n, m), (1, m))
    _same(box, rng, (n, m, k), (n, 1, k))
    _same(box, rng, (n, m), (1, 1))


def check_nothing(box, rng):
    sizes = _sizes(rng, 3)
    _same(box, rng, sizes, sizes)
    _same(box, rng, (1, sizes[0]), (1, sizes[0]))
    _same(box, rng, (), ())


def check_both(box, rng):
    n, m, k, j = _sizes(rng, 4)
    for of, shape in [
        ((n, m, k), (m, 1)),
        ((n, m, k, j), (1, k, 1)),
        ((n, m, k, j), (m, 1, 1)),
        ((n, m), (1,)),
        ((n, m, k), ()),
        ((n, 1, k), (1, 1)),
    ]:
        _same(box, rng, of, shape)
