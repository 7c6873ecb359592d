"""Each VJP by its definition: sums over index pairs, in float64, and what common mistakes come to."""

import numpy as np
from glasstorch_web.grader.checks import CheckFailed, close


def _sizes(rng, count):
    return tuple(int(n) for n in rng.permutation([2, 3, 4, 5])[:count])


def check_matmul(box, rng):
    n, k, m = _sizes(rng, 3)
    for shape_a, shape_b in (((k, k), (k, k)), ((n, k), (k, m))):
        a, b = rng.normal(size=shape_a), rng.normal(size=shape_b)
        g = rng.normal(size=(shape_a[0], shape_b[1]))
        got = box.call("matmul_vjp", g, a, b)
        if not isinstance(got, (tuple, list)) or len(got) != 2:
            none = " Is a `return` missing?" if got is None else ""
            raise CheckFailed(f"`matmul_vjp` must return two gradients, of a and of b.{none}", kind="type")
        of_a, of_b = _mistakes(a, b, g) if shape_a == shape_b else ({}, {})
        close(got[0], np.einsum("iq,jq->ij", g, b), 1e-6, 1e-9, "the gradient of `a`", mistakes=of_a)
        close(got[1], np.einsum("ij,iq->jq", a, g), 1e-6, 1e-9, "the gradient of `b`", mistakes=of_b)


def _mistakes(a, b, g):
    """Of square matrices, where every product fits."""
    of_a = {
        "The two gradients have changed places: that of a comes first.": a.T @ g,
        "b has to be transposed: a gradient goes back through each weight that its result came by.": g @ b,
        "The incoming gradient is left out.": b.T,
        "The order matters: grad_out is (n, m), so b.T, which is (m, k), comes behind it.": b.T @ g,
    }
    of_b = {
        "a has to be transposed.": a @ g,
        "The order matters: a.T is (k, n), so grad_out, which is (n, m), comes behind it.": g @ a.T,
    }
    return of_a, of_b


def _expected_sum(g, shape, dim, keepdim):
    """Every element gets the gradient of the sum that it went into."""
    expected = np.zeros(shape)
    for index in np.ndindex(*shape):
        if dim is None:
            expected[index] = g
        else:
            place = list(index)
            place[dim : dim + 1] = [0] if keepdim else []
            expected[index] = g[tuple(place)]
    return expected


def check_sum(box, rng):
    n, m, k = _sizes(rng, 3)
    cases = [((n, n), 1, False), ((n, m), 0, False), ((n, m), 1, False), ((n, m), 1, True)]
    for shape, dim, keepdim in [*cases, ((n, m), None, False), ((n, m, k), 1, False), ((n, m, k), 2, True)]:
        x = rng.normal(size=shape)
        g = np.asarray(rng.normal(size=np.sum(x, axis=dim, keepdims=keepdim).shape))
        got = box.call("sum_vjp", g, x, dim, keepdim)
        what = f"the gradient of `x` of shape {shape} for `dim={dim}`, `keepdim={keepdim}`"
        expected = _expected_sum(g, shape, dim, keepdim)
        mistakes = {"These are ones: the incoming gradient is left out.": np.ones(shape)}
        if dim is not None:
            mistakes["This would be for a mean: nothing is divided in a sum."] = expected / shape[dim]
        if dim == 1 and shape == (n, n):
            message = (
                "As a row, the incoming gradient is matched with the columns. It belongs to the rows: "
                "put the dimension that was summed back as a 1 first."
            )
            mistakes[message] = np.broadcast_to(g, shape)
        close(got, expected, 1e-6, 1e-9, what, mistakes=mistakes)


def _expected_index(g, x, index):
    """Number the elements, pick the numbers, and add up by number."""
    numbers = np.arange(x.size).reshape(x.shape)[index]
    total = np.zeros(x.size)
    for number, value in zip(np.ravel(numbers), np.ravel(g)):
        total[number] += value
    return total.reshape(x.shape)


def check_index(box, rng):
    n, m = _sizes(rng, 2)
    n += 2
    twice = [int(i) for i in rng.integers(0, n, size=3)]
    for index in [[*twice, twice[0]], 1, (1, 0), (np.array([0, 1, 0]), np.array([1, 0, 1]))]:
        x = rng.normal(size=(n, m))
        g = np.asarray(rng.normal(size=x[index].shape))
        got = box.call("index_vjp", g, x, index)
        expected = _expected_index(g, x, index)
        last, once = np.zeros_like(x), np.zeros_like(x)
        last[index] = g
        once[index] = 1
        mistakes = {
            "An element that was picked twice got one contribution only. grad[index] += g writes once for each "
            "place; np.add.at adds every time.": last,
            "The incoming gradient is left out.": once,
            "The gradient does not begin with zeros.": x + expected,
        }
        close(got, expected, 1e-6, 1e-9, "the gradient of `x`", mistakes=mistakes)


def check_more(box, rng):
    n, m = _sizes(rng, 2)
    x = rng.normal(size=(n, m, 3))
    g = rng.normal(size=(n, m))
    close(box.call("sum_vjp", g, x, -1), np.repeat(g[..., None], 3, 2), 1e-6, 1e-9)
    mask = rng.random((n, m, 3)) < 0.5
    mask[0, 0, 0] = True
    picked = rng.normal(size=int(mask.sum()))
    close(box.call("index_vjp", picked, x, mask), _expected_index(picked, x, mask), 1e-6, 1e-9)
