"""Formulas on the learner's Tensor, against the same formulas on plain arrays and their differences."""

import numpy as np
from glasstorch_web.grader.checks import CallFailed, CheckFailed, close, numerical_gradient


class Plain:
    """A float64 array with the methods of the learner's Tensor, and no gradients."""

    __array_ufunc__ = None

    def __init__(self, data):
        self.data = np.asarray(data, dtype=np.float64)

    def _with(self, other, operate):
        return Plain(operate(self.data, other.data if isinstance(other, Plain) else other))

    __add__ = __radd__ = lambda self, other: self._with(other, np.add)
    __mul__ = __rmul__ = lambda self, other: self._with(other, np.multiply)
    __sub__ = lambda self, other: self._with(other, np.subtract)  # noqa: E731
    __rsub__ = lambda self, other: Plain(other - self.data)  # noqa: E731
    __truediv__ = lambda self, other: self._with(other, np.divide)  # noqa: E731
    __rtruediv__ = lambda self, other: Plain(other / self.data)  # noqa: E731
    __pow__ = lambda self, power: Plain(self.data**power)  # noqa: E731
    __matmul__ = lambda self, other: self._with(other, np.matmul)  # noqa: E731
    __neg__ = lambda self: Plain(-self.data)  # noqa: E731
    __getitem__ = lambda self, index: Plain(self.data[index])  # noqa: E731

    def exp(self):
        return Plain(np.exp(self.data))

    def log(self):
        return Plain(np.log(self.data))

    def relu(self):
        return Plain(np.maximum(self.data, 0))

    def sum(self, dim=None, keepdim=False):
        return Plain(self.data.sum(axis=dim, keepdims=keepdim))

    def mean(self, dim=None, keepdim=False):
        return Plain(self.data.mean(axis=dim, keepdims=keepdim))

    def reshape(self, *shape):
        return Plain(self.data.reshape(*shape))


def _evaluate(formula, arrays):
    return eval(formula, {name: Plain(array) for name, array in arrays.items()}).data


def _same(box, rng, formula, fixed=(), mistakes=None, **arrays):
    """The formula's value, and the gradients of its arrays for a random incoming gradient."""
    value = _evaluate(formula, arrays)
    upstream = np.asarray(rng.normal(size=value.shape))
    try:
        got = box.call("harness.evaluate", formula, arrays, list(fixed), upstream)
    except CallFailed as failed:
        if "is a `return` missing?" in failed.message:
            raise CheckFailed(failed.message, kind="type") from None
        raise
    close(got["value"], value, 1e-5, 1e-6, f"the value of `{formula}`")
    for name, array in arrays.items():
        gradient, what = got["grads"][name], f"the gradient of `{name}` in `{formula}`"
        if name in fixed:
            if gradient is not None:
                raise CheckFailed(
                    f"`{name}` requires no gradient, so its `.grad` must stay None.", kind="type"
                )
            continue
        if gradient is None:
            raise CheckFailed(
                f"No gradient has arrived at `{name}` in `{formula}`: its `.grad` is None.", kind="type"
            )
        expected = numerical_gradient(
            lambda at, name=name: float((_evaluate(formula, {**arrays, name: at}) * upstream).sum()), array
        )
        known = {message: wrong for message, (who, wrong) in (mistakes or {}).items() if who == name}
        close(gradient, expected, 1e-4, 1e-5, what, mistakes=known)
    return got, upstream


def _normal(rng, *size):
    return rng.normal(size=size)


def _positive(rng, *size):
    return rng.uniform(1.2, 3, size=size)


def check_arithmetic(box, rng):
    a, b = _positive(rng, 2, 3), _positive(rng, 2, 3)
    _same(box, rng, "a + b", a=a, b=b)
    _same(box, rng, "a * b", a=a, b=-b)
    _same(box, rng, "a ** 3", a=a)
    _same(box, rng, "a - b / (a + 1)", a=a, b=b)
    _same(box, rng, "2 * a + 1 / b - (3 - a) * 0.5", a=a, b=b)
    row, column, one = _positive(rng, 3), _positive(rng, 2, 1), _positive(rng)
    _same(box, rng, "a * row + column", a=a, row=row, column=column)
    _same(box, rng, "column / row", row=row, column=column)
    _same(box, rng, "a * one - one", a=a, one=np.asarray(one))


def check_functions(box, rng):
    a = np.where(rng.random((3, 4)) < 0.5, -1, 1) * _positive(rng, 3, 4)
    a[0, :2] = 1.5, -1.5
    _same(box, rng, "a.exp()", a=a)
    _same(box, rng, "a.log()", a=abs(a))
    _same(box, rng, "a.relu() * b", a=a - np.sign(a), b=_normal(rng, 4))
    _same(box, rng, "((-a).exp() + 1).log()", a=a)


def check_shapes(box, rng):
    a = _normal(rng, 3, 4)
    _same(box, rng, "a.sum()", a=a)
    _same(box, rng, "a.sum(0)", a=a)
    _same(box, rng, "a.sum(1) * b", a=_normal(rng, 3, 3), b=_normal(rng, 3))
    _same(box, rng, "a / a.sum(1, keepdim=True)", a=_positive(rng, 3, 4))
    _same(box, rng, "a.mean() + a.mean(0)", a=a)
    _same(box, rng, "a.reshape(2, 6) * b", a=a, b=_normal(rng, 6))
    _same(box, rng, "a[1] * a[:, 0:1]", a=a)
    x = _normal(rng, 5)
    got, g = _same(box, rng, "a[[0, 2, 0]]", a=_normal(rng, 4))
    _same(box, rng, "(a * 2)[[4, 4, 1, 4]]", a=x)


def check_matmul(box, rng):
    n, k, m = (int(size) for size in rng.permutation([2, 3, 4]))
    _same(box, rng, "a @ b", a=_normal(rng, 3, 3), b=_normal(rng, 3, 3))
    _same(box, rng, "a @ b", a=_normal(rng, n, k), b=_normal(rng, k, m))
    _same(
        box, rng, "(x @ w + bias).relu() @ v", fixed=("x",), x=_normal(rng, n, k), w=_normal(rng, k, 5),
        bias=_normal(rng, 5), v=_normal(rng, 5, m),
    )  # fmt: skip


def check_graph(box, rng):
    a, b = _positive(rng, 2, 3), _positive(rng, 2, 3)
    _same(box, rng, "a * a + a", a=a)
    _same(box, rng, "(a * 2) + (a * 2).exp() * (b + a)", a=a / 4, b=b)
    _same(box, rng, "(a * b).sum() * a", fixed=("b",), a=a, b=b)
    _two_walks(box, a)
    _own(box, a, rng)
    try:
        box.call("harness.evaluate", "a * 2", {"a": a}, [], None)
    except CallFailed as failed:
        if failed.type == "RuntimeError":
            return
        raise CheckFailed(
            f"`backward()` of a tensor with six elements must raise RuntimeError; it raised {failed.type}.",
            expected="RuntimeError",
            got=failed.type,
        ) from None
    raise CheckFailed(
        "`backward()` without a gradient must raise RuntimeError for a tensor with six elements."
    )


def _two_walks(box, a):
    got = box.call("harness.two_walks", a)
    message = "Two walks, from `h * 3` and `h * 5` with `h = a * 2`:"
    mistakes = {
        f"{message} the second has overwritten what the first left; add to .grad.": np.full(a.shape, 10.0),
        f"{message} in the second, h has passed on again what the first left in it.": np.full(a.shape, 22.0),
    }
    close(got, np.full(a.shape, 16.0), 1e-5, what="the gradient of `a` after two walks", mistakes=mistakes)


def _own(box, a, rng):
    gradient = rng.normal(size=a.shape)
    got_a, got_b, after = box.call("harness.passed_on", a, gradient)
    mistakes = {
        "a and b got the same array, and a contribution that b got later went to a too. Make new arrays: old + new, "
        "never +=.": 18 * gradient
    }
    formula = "(a + b) + (b * 5 + a * 2)"
    close(got_a, 3 * gradient, 1e-5, what=f"the gradient of `a` in `{formula}`", mistakes=mistakes)
    close(got_b, 6 * gradient, 1e-5, what=f"the gradient of `b` in `{formula}`", mistakes=mistakes)
    if not np.array_equal(after, gradient):
        raise CheckFailed("`backward(grad)` has changed the array that it was given.")
    said = box.call("harness.own_arrays", a)
    if not said["same"]:
        raise CheckFailed(
            "After `(a + b).sum().backward()`, `a.grad` and `b.grad` are one and the same array: who scales one "
            "scales both. Give each leaf a copy."
        )


def check_network(box, rng):
    sizes, n = (5, 7, 3), 12
    x, labels = rng.normal(size=(n, sizes[0])), rng.integers(0, sizes[2], size=n)
    arrays = [
        rng.normal(0, 0.5, sizes[:2]),
        np.zeros(sizes[1]),
        rng.normal(0, 0.5, sizes[1:]),
        np.zeros(sizes[2]),
    ]
    right = np.eye(sizes[2])[labels]
    expected = _train(arrays, x, right, 0.2, 20)
    try:
        losses = box.call("harness.train", arrays, x, right, 0.2, 20)
    except CallFailed as failed:
        if failed.type in ("TypeError", "AttributeError") and "None" in failed.message:
            raise CheckFailed("An operation that the network needs gives None.", kind="type") from None
        raise
    close(np.array(losses), expected, 1e-3, 1e-4)
    a = rng.normal(size=(2,))
    close(box.call("harness.chain", 3000, a), np.ones(2), 1e-6)


def _train(arrays, x, right, rate, steps):
    w1, b1, w2, b2 = arrays
    losses = []
    for _ in range(steps):
        before = x @ w1 + b1
        hidden = np.maximum(before, 0)
        scores = hidden @ w2 + b2
        exponentials = np.exp(scores)
        losses.append((np.log(exponentials.sum(1)) - (scores * right).sum(1)).mean())
        g = (exponentials / exponentials.sum(1, keepdims=True) - right) / len(x)
        g_before = (g @ w2.T) * (before > 0)
        w2, b2 = w2 - rate * hidden.T @ g, b2 - rate * g.sum(0)
        w1, b1 = w1 - rate * x.T @ g_before, b1 - rate * g_before.sum(0)
    return np.array(losses)
