"""Every op family against PyTorch in float64: values, types, first and second gradients, odd shapes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.differential import compare, raises_alike

rng = np.random.default_rng(0)

UNARY = ["neg", "exp", "exp2", "expm1", "sin", "cos", "tan", "tanh", "sinh", "cosh", "atan", "abs", "sign", "sigmoid",
         "relu", "square", "reciprocal", "floor", "ceil", "trunc", "round", "isnan", "isinf", "isfinite", "sgn",
         "logical_not"]  # fmt: skip
POSITIVE = ["log", "log2", "log10", "log1p", "sqrt", "rsqrt"]
BOUNDED = ["asin", "acos"]

SHAPES = [(), (0,), (1,), (5,), (2, 3), (2, 0, 3), (3, 1, 2)]


def awkward(shape: tuple) -> list[np.ndarray]:
    """The same shape contiguous, transposed and with gaps."""
    a = rng.normal(size=shape)
    out = [a]
    if len(shape) >= 2:
        out.append(rng.normal(size=shape[::-1]).T)
    if shape:
        out.append(rng.normal(size=(*shape[:-1], shape[-1] * 2))[..., ::2])
    return out


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("name", UNARY)
def test_unary(name: str, shape: tuple) -> None:
    for a in awkward(shape):
        compare(lambda E, x: getattr(E, name)(x), a)


@pytest.mark.parametrize("name", POSITIVE + BOUNDED)
def test_unary_on_its_domain(name: str) -> None:
    for shape in SHAPES:
        a = rng.uniform(0.1, 0.9, size=shape)
        compare(lambda E, x: getattr(E, name)(x), a)
    compare(lambda E, x: getattr(E, name)(x), np.array([-0.5, 0.0, np.inf, np.nan]), grad=False)


BINARY = ["add", "sub", "mul", "div", "pow", "maximum", "minimum", "remainder"]
PAIRS = [
    ((), ()),
    ((), (3,)),
    ((3,), (3,)),
    ((2, 3), (3,)),
    ((2, 1), (1, 3)),
    ((0,), (1,)),
    ((4, 1, 2), (3, 1)),
]


@pytest.mark.parametrize("shapes", PAIRS, ids=str)
@pytest.mark.parametrize("name", BINARY)
def test_binary_broadcasts(name: str, shapes: tuple) -> None:
    a = rng.uniform(0.5, 2, size=shapes[0])
    b = rng.uniform(0.5, 2, size=shapes[1])
    compare(lambda E, x, y: getattr(E, name)(x, y), a, b)


@pytest.mark.parametrize(
    "name", ["eq", "ne", "lt", "le", "gt", "ge", "logical_and", "logical_or", "logical_xor"]
)
def test_comparisons(name: str) -> None:
    a, b = rng.integers(0, 3, size=(4, 1)), rng.integers(0, 3, size=(1, 5)).astype(float)
    compare(lambda E, x, y: getattr(E, name)(x, y), a, b)


def test_python_numbers_on_either_side() -> None:
    a = rng.uniform(0.5, 2, size=(3, 2)).astype(np.float32)
    compare(lambda E, x: (x + 2, 2 + x, x - 1.5, 1.5 - x, x * 3, 3 * x, x / 2, 2 / x, x**2, 2**x, x**0.5), a)
    compare(lambda E, x: (x + 2.5, x * 2, x / 2, x // 2, x % 3, -x, x**2), np.arange(1, 5))
    compare(lambda E, x: (x // 0.3, E.div(x, 0.3, rounding_mode="trunc")), a, grad=False)
    compare(lambda E, x: (E.add(x, x, alpha=3), E.sub(x, x, alpha=0.5)), a)


DTYPES = ["bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64", "complex64"]


@pytest.mark.parametrize("right", DTYPES)
@pytest.mark.parametrize("left", DTYPES)
def test_promotion_is_pytorchs(left: str, right: str) -> None:
    half_complex = (left, right) == (
        "float16",
        "complex64",
    )  # makes complex32 with a 0-d tensor, which cannot divide

    def products(E, *_):
        a, b = E.ones(2, dtype=getattr(E, left)), E.ones(2, dtype=getattr(E, right))
        zero_dim = E.tensor(1, dtype=getattr(E, right))
        return a + b, a * zero_dim, zero_dim * a, a == b, a / b, a + 1, a + 1.5

    compare(products, grad=not half_complex)


REDUCTIONS = [
    lambda E, x: x.sum(),
    lambda E, x: x.sum(0),
    lambda E, x: x.sum((0, -1), keepdim=True),
    lambda E, x: x.mean(),
    lambda E, x: x.mean(1, keepdim=True),
    lambda E, x: x.var(),
    lambda E, x: x.var(0, unbiased=False),
    lambda E, x: x.std(1),
    lambda E, x: x.max(),
    lambda E, x: x.min(),
    lambda E, x: tuple(x.max(1)),
    lambda E, x: tuple(x.min(0, keepdim=True)),
    lambda E, x: x.amax((0, 1)),
    lambda E, x: x.amin(1),
    lambda E, x: x.argmax(),
    lambda E, x: x.argmin(1, keepdim=True),
    lambda E, x: x.prod(),
    lambda E, x: x.prod(1),
    lambda E, x: x.logsumexp(1),
    lambda E, x: E.logsumexp(x, (0, 1), keepdim=True),
    lambda E, x: x.cumsum(0),
    lambda E, x: x.norm(),
    lambda E, x: x.norm(1, 1),
    lambda E, x: x.norm(dim=0, keepdim=True),
    lambda E, x: (x > 0).all(),
    lambda E, x: (x > 0).any(1),
    lambda E, x: E.count_nonzero(x > 0, 0),
    lambda E, x: tuple(x.sort(1, descending=True)),
    lambda E, x: tuple(x.topk(2, 0)),
    lambda E, x: x.argsort(0),
]


@pytest.mark.parametrize("case", range(len(REDUCTIONS)))
def test_reductions(case: int) -> None:
    for a in (rng.normal(size=(3, 4)), rng.normal(size=(4, 3)).T, rng.normal(size=(3, 4, 2))):
        compare(REDUCTIONS[case], a)


def test_reductions_of_scalars_and_nothing() -> None:
    compare(
        lambda E, x: (x.sum(), x.mean(), x.max(), x.argmax(), x.sum(0), x.logsumexp(0)), rng.normal(size=())
    )
    compare(lambda E, x: (x.sum(), x.sum(0), x.prod(), x.mean()), np.zeros((0, 3)), second=False)
    compare(lambda E, x: (x.sum(), x.sum(0), x.prod(1)), np.arange(6, dtype=np.int32).reshape(2, 3))


SHAPING = [
    lambda E, x: x.reshape(-1),
    lambda E, x: x.reshape(2, -1),
    lambda E, x: x.flatten(1),
    lambda E, x: x.permute(2, 0, 1),
    lambda E, x: x.transpose(0, -1),
    lambda E, x: x.unsqueeze(1).squeeze(),
    lambda E, x: x.squeeze(0),
    lambda E, x: x.unsqueeze(-1).expand(-1, -1, -1, 3),
    lambda E, x: x[:, :1].expand(2, 5, 2),
    lambda E, x: x.flip(0, 2),
    lambda E, x: E.cat([x, x * 2], 1),
    lambda E, x: E.stack([x, x.exp()], -1),
    lambda E, x: x.split(2, 1),
    lambda E, x: x.split([1, 4], 1),
    lambda E, x: x.chunk(3, 1),
    lambda E, x: x.unbind(2),
    lambda E, x: x.narrow(1, 1, 2),
    lambda E, x: x.select(1, -1),
    lambda E, x: x.contiguous().view(5, 4),
    lambda E, x: x.clone().detach(),
    lambda E, x: x.unflatten(1, (5, 1)),
    lambda E, x: x.mT,
    lambda E, x: x[0].t(),
    lambda E, x: x[1].T,
    lambda E, x: x.tril(-1),
    lambda E, x: x.triu(1),
    lambda E, x: x.masked_fill(x > 0, 2.0),
    lambda E, x: x.clamp(-0.5, 0.5),
    lambda E, x: x.clamp(max=0),
    lambda E, x: E.where(x > 0, x, x * 2),
    lambda E, x: E.where(x > 0, x, 1.0),
    lambda E, x: x.float().double(),
]


@pytest.mark.parametrize("case", range(len(SHAPING)))
def test_shapes(case: int) -> None:
    for a in (rng.normal(size=(2, 5, 2)), rng.normal(size=(2, 5, 2)).transpose(2, 1, 0)):
        compare(SHAPING[case], a)


READS = [
    lambda i, x: x[1],
    lambda i, x: x[-1, 2],
    lambda i, x: x[:, 1:3],
    lambda i, x: x[..., -1],
    lambda i, x: x[None, :, 0],
    lambda i, x: x[::2, 1::2],
    lambda i, x: x[i],
    lambda i, x: x[i, i],
    lambda i, x: x[:, i],
    lambda i, x: x[i[:, None], i],
    lambda i, x: x[x > 0],
    lambda i, x: x[[0, 0, 2]],
    lambda i, x: x[i, 1:3],
    lambda i, x: x[1:, i, None],
    lambda i, x: x[...],
    lambda i, x: x[x[:, 0] > 0],
    lambda i, x: x[i, ..., i],
]


@pytest.mark.parametrize("case", range(len(READS)))
def test_indexing_reads(case: int) -> None:
    a = rng.normal(size=(4, 4, 3)) if case == len(READS) - 1 else rng.normal(size=(4, 4))
    compare(lambda E, x: READS[case](E.tensor([0, 2, 2]), x), a)


WRITES = [
    lambda E, x, v: x.__setitem__(1, v),
    lambda E, x, v: x.__setitem__((slice(None), slice(1, 4)), v),
    lambda E, x, v: x.__setitem__(E.tensor([0, 2]), v),
    lambda E, x, v: x.__setitem__(x > 0, 1.5),
    lambda E, x, v: x.__setitem__(..., v),
    lambda E, x, v: x[0].mul_(v),
    lambda E, x, v: x[:, 1:4].add_(v),
    lambda E, x, v: x.t()[0:3].copy_(x[0:3].detach().reshape(3, -1)[:, :3] * 2),
    lambda E, x, v: x.fill_(v[0].detach()),
    lambda E, x, v: x.view(-1)[2:5].exp_(),
    lambda E, x, v: x.add_(1).mul_(2).sub_(0.5),
]


@pytest.mark.parametrize("case", range(len(WRITES)))
def test_writing_into_tensors_and_views(case: int) -> None:
    def fn(E, x, v):
        y = x * 1
        before = y[0]
        WRITES[case](E, y, v)
        return y * y, before

    n = 3
    compare(
        fn, rng.normal(size=(3, 3) if case == 7 else (3, n + 1 if case in (1, 6) else n)), rng.normal(size=n)
    )


MATMULS = [((2, 3), (3, 4)), ((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 2)), ((5, 2, 3), (3, 4)), ((5, 2, 3), (5, 3, 4)),
           ((5, 1, 2, 3), (4, 3, 2)), ((3,), (5, 3, 2)), ((5, 2, 3), (3,)), ((0, 3), (3, 2)),
           ((2, 0), (0, 3))]  # fmt: skip


@pytest.mark.parametrize("shapes", MATMULS, ids=str)
def test_matmul(shapes: tuple) -> None:
    compare(lambda E, x, y: x @ y, rng.normal(size=shapes[0]), rng.normal(size=shapes[1]))
    if len(shapes[0]) > 1:
        compare(
            lambda E, x, y: x @ y, rng.normal(size=shapes[0][::-1]).transpose(), rng.normal(size=shapes[1])
        )


def test_gather_and_index_select() -> None:
    a = rng.normal(size=(3, 4))
    compare(lambda E, x: x.gather(1, E.tensor([[0, 0], [3, 1], [2, 2]])), a)
    compare(lambda E, x: x.index_select(0, E.tensor([2, 0, 2])), a)


def test_complex_numbers() -> None:
    a, b = (
        rng.normal(size=(2, 3)) + 1j * rng.normal(size=(2, 3)),
        rng.normal(size=3) + 1j * rng.normal(size=3),
    )
    compare(lambda E, x, y: x * y + x / y, a, b)
    compare(lambda E, x, y: (x @ y.reshape(3, 1)).abs(), a, b)
    compare(lambda E, x: (x.exp() * x.conj()).real, a)
    compare(lambda E, x, y: x * y, rng.normal(size=3), b)


shapes = st.lists(st.integers(0, 3), max_size=4).map(tuple)


@given(shape=shapes, mask=st.lists(st.booleans(), min_size=4, max_size=4), drop=st.integers(0, 4))
@settings(max_examples=60, deadline=None)
def test_any_broadcast_has_pytorchs_gradients(shape: tuple, mask: list, drop: int) -> None:
    other = tuple(1 if m else n for n, m in zip(shape, mask, strict=False))[drop:]
    a, b = rng.uniform(0.5, 2, size=shape), rng.uniform(0.5, 2, size=other)
    compare(lambda E, x, y: x * y + x / y - y, a, b)


@given(shape=shapes.filter(bool), data=st.data())
@settings(max_examples=60, deadline=None)
def test_any_permutation_of_any_shape_reduces_alike(shape: tuple, data) -> None:
    order = data.draw(st.permutations(range(len(shape))))
    dim = data.draw(st.integers(-len(shape), len(shape) - 1))
    compare(lambda E, x: (x.permute(order) * 2).sum(dim), rng.normal(size=shape))


def test_errors_name_the_facts() -> None:
    raises_alike(lambda E: E.ones(3) + E.ones(4), "3", "4", "non-singleton dimension 0")
    raises_alike(lambda E: E.ones(2, 3) @ E.ones(4, 5), "2x3 and 4x5")
    raises_alike(lambda E: E.ones(2).sum(1), "[-1, 0]", "got 1")
    raises_alike(lambda E: E.ones(6).view(4, 2), "[4, 2]", "size 6")
    raises_alike(lambda E: E.ones(2, 3).permute(0, 0), "duplicate")
    raises_alike(lambda E: E.cat([E.ones(2, 3), E.ones(2, 4)], 0), "Expected size 3 but got size 4")
    raises_alike(lambda E: E.ones(3)[5], "index 5", "size 3")
    raises_alike(lambda E: E.ones(2).item(), "2 elements")
    raises_alike(lambda E: bool(E.ones(2)), "ambiguous")
    raises_alike(lambda E: E.arange(3).mean(), "Long")
    raises_alike(lambda E: E.ones(3, dtype=E.int64).requires_grad_(), "floating point")
    raises_alike(lambda E: E.tensor([[1, 2], [3]]), "dim 1")
    raises_alike(lambda E: E.ones(2, dtype=E.int64).add_(1.5), "Long")
    raises_alike(lambda E: E.ones(2, 2).view(-1, -1), "one dimension")
    raises_alike(lambda E: E.ones(2, 3).expand(2, 4), "(4)", "(3)")
    raises_alike(lambda E: E.exp(1.0), "must be Tensor, not float")


def test_old_constructors() -> None:
    compare(
        lambda E, *_: (
            E.Tensor(2, 3).shape, E.Tensor([1, 2]), E.Tensor((2, 3)), E.Tensor(), E.LongTensor([1, 2]),
            E.FloatTensor([1]), E.Tensor(E.Size([2, 3])).shape, E.Tensor(3).shape,
        )
    )  # fmt: skip
    raises_alike(lambda E: E.Tensor(2.5), "must be a sequence")


def test_masks_and_orders() -> None:
    a = rng.normal(size=(3, 4))
    compare(lambda E, x, v: x.masked_fill(x > 0, v), a, np.array(1.5))
    compare(lambda E, x: (x * 1).masked_fill_(x > 0, -1.0), a)
    raises_alike(lambda E: E.tensor([1j]) < E.tensor([2j]), "ComplexFloat")
    raises_alike(lambda E: E.ones(4, 4)[[0, 1], [0, 1, 2]], "[2], [3]")
    raises_alike(lambda E: E.ones(2).masked_fill(E.ones(2), 1), "boolean")
