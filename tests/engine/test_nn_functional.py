"""Functions of nn against PyTorch in float64: values, gradients, gradients of gradients, odd shapes and layouts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.differential import compare, raises_alike, torch

rng = np.random.default_rng(1)
pytestmark = [
    pytest.mark.filterwarnings("ignore:Using padding='same'"),
    pytest.mark.filterwarnings("ignore:reduction. 'mean' divides"),
]


def functional(engine: Any) -> Any:
    """``nn.functional`` of either engine."""
    return engine.nn.functional


def layouts(*shape: int) -> list[np.ndarray]:
    """Random arrays of one shape: contiguous, with the dimensions stored in reverse, and with gaps."""
    gaps = rng.normal(size=(*shape[:-1], shape[-1] * 2 + 1))
    return [rng.normal(size=shape), rng.normal(size=shape[::-1]).T, gaps[..., 1::2]]


ACTIVATIONS = [
    ("relu", ()), ("leaky_relu", (0.2,)), ("elu", (1.5,)), ("celu", (0.5,)), ("selu", ()), ("gelu", ()), ("silu", ()),
    ("mish", ()), ("softplus", (2.0, 5.0)), ("logsigmoid", ()), ("hardtanh", (-0.5, 0.8)),
    ("relu6", ()), ("hardsigmoid", ()),
    ("hardswish", ()), ("threshold", (0.1, -3.0)), ("softshrink", (0.3,)), ("hardshrink", (0.3,)), ("tanhshrink", ()),
    ("softsign", ()), ("sigmoid", ()), ("tanh", ()),
]  # fmt: skip


@pytest.mark.parametrize(("name", "args"), ACTIVATIONS)
def test_activations(name: str, args: tuple) -> None:
    for a in (np.array(0.3), np.zeros((0, 2)), *layouts(3, 5)):
        if name == "hardsigmoid":  # PyTorch's derivative takes a sixth in float32, and has none of its own
            compare(lambda E, x: functional(E).hardsigmoid(x), (a * 4).astype("float32"), second=False)
        else:
            compare(lambda E, x: getattr(functional(E), name)(x, *args), a * 4)


def test_gelu_by_tanh_and_in_float32() -> None:
    a = rng.normal(size=(4, 3)) * 3
    compare(lambda E, x: functional(E).gelu(x, approximate="tanh"), a)
    compare(lambda E, x: functional(E).gelu(x), a.astype("float32"))


@pytest.mark.parametrize(
    "name", ["relu", "leaky_relu", "elu", "selu", "celu", "silu", "hardtanh", "threshold"]
)
def test_activations_in_place(name: str) -> None:
    args = (0.1, 2.0) if name == "threshold" else ()

    def run(E: Any, x: Any) -> Any:
        y = x * 1.5
        out = getattr(functional(E), name)(y, *args, inplace=True)
        assert out is y
        return out * x

    compare(run, rng.normal(size=(3, 4)))


@pytest.mark.parametrize("name", ["softmax", "log_softmax", "softmin"])
@pytest.mark.parametrize("shape", [(), (4,), (3, 0), (2, 3, 4)], ids=str)
def test_softmax_family(name: str, shape: tuple) -> None:
    a = rng.normal(size=shape) * 30
    for dim in range(-len(shape) or -1, len(shape) or 1):
        compare(lambda E, x: getattr(functional(E), name)(x, dim), a)
    compare(
        lambda E, x: getattr(functional(E), name)(x, 0, dtype=E.float64), a.astype("float32"), second=False
    )


def test_prelu_and_glu() -> None:
    for shape, n in (((3, 4), 4), ((2, 3, 2), 3), ((5,), 1), ((), 1)):
        compare(lambda E, x, w: functional(E).prelu(x, w), rng.normal(size=shape), rng.normal(size=n))
    compare(lambda E, x: functional(E).glu(x, 1), rng.normal(size=(2, 4, 3)))


@st.composite
def convolutions(draw: st.DrawFn) -> tuple:
    """Shapes and settings of a convolution of 1 to 3 dimensions."""
    n = draw(st.integers(1, 3))
    groups = draw(st.integers(1, 3))
    kernel = [draw(st.integers(1, 3)) for _ in range(n)]
    stride = [draw(st.integers(1, 3)) for _ in range(n)]
    padding = [draw(st.integers(0, 2)) for _ in range(n)]
    dilation = [draw(st.integers(1, 2)) for _ in range(n)]
    size = [d * (k - 1) + 1 + draw(st.integers(0, 3)) for d, k in zip(dilation, kernel, strict=True)]
    batch, c, o = draw(st.integers(0, 2)), groups * draw(st.integers(1, 2)), groups * draw(st.integers(1, 2))
    return n, (batch, c, *size), (o, c // groups, *kernel), stride, padding, dilation, groups


@settings(max_examples=40, deadline=None)
@given(case=convolutions(), bias=st.booleans())
def test_convolution(case: tuple, bias: bool) -> None:
    n, x, w, stride, padding, dilation, groups = case
    arrays = [rng.normal(size=x), rng.normal(size=w)] + ([rng.normal(size=w[0])] if bias else [])

    def run(E: Any, *t: Any) -> Any:
        b = t[2] if bias else None
        return getattr(functional(E), f"conv{n}d")(t[0], t[1], b, stride, padding, dilation, groups)

    compare(run, *arrays)


@settings(max_examples=30, deadline=None)
@given(case=convolutions(), extra=st.integers(0, 2))
def test_transposed_convolution(case: tuple, extra: int) -> None:
    n, x, w, stride, padding, dilation, groups = case
    channels = w[0]
    more = [min(extra, max(s, d) - 1) for s, d in zip(stride, dilation, strict=True)]
    spans = [d * (k - 1) + 1 for d, k in zip(dilation, w[2:], strict=True)]
    out = [(m - 1) * s - 2 * p + e + q
           for m, s, p, e, q in zip(x[2:], stride, padding, spans, more, strict=True)]  # fmt: skip
    if min(out) < 1 or x[0] == 0:
        return

    def run(E: Any, a: Any, k: Any, b: Any) -> Any:
        return getattr(functional(E), f"conv_transpose{n}d")(a, k, b, stride, padding, more, groups, dilation)

    a = rng.normal(size=(x[0], channels, *x[2:]))
    compare(run, a, rng.normal(size=w), rng.normal(size=w[1] * groups))


def test_convolution_of_many_blocks_and_odd_layouts() -> None:
    """Larger than one block of columns, stored in other orders, without a batch, and with text for the padding."""
    big, w = rng.normal(size=(40, 3, 24, 24)), rng.normal(size=(4, 3, 5, 5))
    compare(lambda E, x, k: functional(E).conv2d(x, k, padding=2), big, w, second=False)
    compare(lambda E, x, k: functional(E).conv2d(x, k, stride=2), big, w, second=False)
    for a in layouts(2, 3, 6, 7):
        compare(lambda E, x, k: functional(E).conv2d(x, k), a, w[:, :, :3, :2])
    compare(lambda E, x, k: functional(E).conv2d(x, k, padding="same"), big[0], w[:, :, :2, :4])
    compare(lambda E, x, k: functional(E).conv2d(x, k, padding="valid"), big[0], w)
    out = functional(__import__("glasstorch")).conv2d(*(map(__import__("glasstorch").tensor, (big, w))))
    assert out.is_contiguous()  # as PyTorch's, so that .view() works on it


POOLS = [
    ((2,), {}), ((3,), {"stride": 2}), ((3,), {"stride": 1, "padding": 1}), ((2,), {"stride": 3, "ceil_mode": True}),
    (((3, 2),), {"stride": (2, 1), "padding": (1, 0), "ceil_mode": True}),
]  # fmt: skip


@pytest.mark.parametrize(("args", "options"), POOLS)
def test_pooling_of_images(args: tuple, options: dict) -> None:
    for a in [*layouts(2, 3, 7, 6), rng.normal(size=(3, 7, 6))]:
        compare(lambda E, x: functional(E).max_pool2d(x, *args, **options), a)
        compare(lambda E, x: functional(E).max_pool2d(x, *args, **options, return_indices=True), a)
        compare(lambda E, x: functional(E).avg_pool2d(x, *args, **options), a)
        compare(lambda E, x: functional(E).avg_pool2d(x, *args, **options, count_include_pad=False), a)
    compare(lambda E, x: functional(E).max_pool2d(x, 2, dilation=2, stride=1), a)
    compare(lambda E, x: functional(E).avg_pool2d(x, 2, divisor_override=3), a)


def test_max_pool_gives_ties_to_the_first_and_keeps_nan() -> None:
    ties = np.zeros((1, 1, 4, 6))
    compare(lambda E, x: functional(E).max_pool2d(x, 2, return_indices=True), ties)
    compare(lambda E, x: functional(E).max_pool2d(x, 3, stride=1, padding=1, return_indices=True), ties)
    compare(lambda E, x: functional(E).max_pool2d(x, 2, return_indices=True), -np.inf * np.ones((1, 1, 2, 2)))
    some = rng.normal(size=(1, 2, 4, 4))
    some[0, 0, 1, 1] = np.nan
    compare(lambda E, x: functional(E).max_pool2d(x, 2, return_indices=True), some)
    compare(lambda E, x: functional(E).max_pool2d(x, 2), np.arange(16).reshape(1, 1, 4, 4), grad=False)


def test_pooling_of_lines_and_volumes() -> None:
    line, volume = rng.normal(size=(2, 3, 9)), rng.normal(size=(1, 2, 4, 5, 6))
    compare(lambda E, x: functional(E).max_pool1d(x, 3, 2, 1), line)
    compare(lambda E, x: functional(E).avg_pool1d(x, 3, 2, 1), line)
    compare(lambda E, x: functional(E).max_pool3d(x, 2, return_indices=True), volume)
    compare(lambda E, x: functional(E).avg_pool3d(x, 2, 1), volume)


@pytest.mark.parametrize("size", [1, (2, 3), (3, None), (5, 7), 6])
def test_adaptive_pooling(size: Any) -> None:
    a = rng.normal(size=(2, 3, 6, 9))
    compare(lambda E, x: functional(E).adaptive_avg_pool2d(x, size), a)
    compare(lambda E, x: functional(E).adaptive_max_pool2d(x, size, return_indices=True), a)


REDUCTIONS = ["mean", "sum", "none"]


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("shape", [(), (0,), (4,), (3, 2)], ids=str)
def test_elementwise_losses(reduction: str, shape: tuple) -> None:
    x, y = rng.normal(size=shape) * 2, rng.normal(size=shape)
    losses = [
        ("mse_loss", {}),
        ("l1_loss", {}),
        ("smooth_l1_loss", {"beta": 0.7}),
        ("smooth_l1_loss", {"beta": 0}),
    ]
    for name, options in [*losses, ("huber_loss", {"delta": 0.6})]:
        compare(lambda E, a, b: getattr(functional(E), name)(a, b, reduction=reduction, **options), x, y)
    p, q = rng.uniform(0.05, 0.95, size=shape), rng.uniform(0, 1, size=shape)
    compare(lambda E, a, b: functional(E).binary_cross_entropy(a, b, reduction=reduction), p, q)
    compare(lambda E, a, b: functional(E).binary_cross_entropy_with_logits(
        a, b, E.tensor(p), pos_weight=E.tensor(q), reduction=reduction), x * 20, q)  # fmt: skip
    compare(lambda E, a, b: functional(E).kl_div(a, b, reduction=reduction), np.log(p), q)


def test_losses_broadcast_with_a_warning() -> None:
    x, y = rng.normal(size=(3, 1)), rng.normal(size=4)
    with pytest.warns(UserWarning, match="different to the input size"):
        compare(lambda E, a, b: functional(E).mse_loss(a, b), x, y)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("smoothing", [0.0, 0.3])
@pytest.mark.parametrize("shape", [(5,), (4, 5), (0, 5), (3, 5, 2), (2, 5, 2, 3)], ids=str)
def test_cross_entropy(reduction: str, smoothing: float, shape: tuple) -> None:
    x = rng.normal(size=shape) * 3
    classes = shape[0] if len(shape) == 1 else shape[1]
    target = rng.integers(0, classes, size=() if len(shape) == 1 else (shape[0], *shape[2:]))
    weight = rng.uniform(0.2, 2, size=classes)
    ignored = int(target.reshape(-1)[0]) if target.size else 2
    for index in (-100, ignored):
        for w in (None, weight):

            def run(E: Any, a: Any) -> Any:
                return functional(E).cross_entropy(
                    a, E.tensor(target), None if w is None else E.tensor(w), ignore_index=index, reduction=reduction,
                    label_smoothing=smoothing,
                )  # fmt: skip

            compare(run, x)
    if len(shape) > 1:
        soft = rng.uniform(size=shape)
        compare(lambda E, a, b: functional(E).cross_entropy(
            a, b, E.tensor(weight), reduction=reduction, label_smoothing=smoothing), x, soft)  # fmt: skip
    compare(lambda E, a: functional(E).nll_loss(a, E.tensor(target), E.tensor(weight), reduction=reduction,
                                                ignore_index=ignored), x)  # fmt: skip


def test_cross_entropy_where_everything_is_ignored_or_overflows() -> None:
    x = rng.normal(size=(3, 4))
    compare(lambda E, a: functional(E).cross_entropy(a, E.tensor([-100] * 3)), x)
    compare(lambda E, a: functional(E).cross_entropy(a, E.tensor([1, 2, 0])), x * 1e4)
    compare(
        lambda E, a: functional(E).cross_entropy(a, E.tensor([1, 2, 0])), x.astype("float32"), second=False
    )


def test_normalization() -> None:
    x, w, b = rng.normal(size=(4, 6, 5)), rng.normal(size=6), rng.normal(size=6)
    compare(lambda E, a, s, t: functional(E).batch_norm(a, None, None, s, t, training=True), x, w, b)
    compare(lambda E, a, s, t: functional(E).batch_norm(a, s, t.abs(), s, t, eps=0.1), x, w, b, grad=False)
    compare(lambda E, a: functional(E).batch_norm(a, None, None, training=True), rng.normal(size=(5, 3)))
    compare(lambda E, a, s, t: functional(E).layer_norm(a, (6,), s, t), x.transpose(0, 2, 1), w, b)
    compare(lambda E, a, s: functional(E).layer_norm(a, (6, 5), s), x, rng.normal(size=(6, 5)))
    compare(lambda E, a, s, t: functional(E).group_norm(a, 3, s, t), x, w, b)
    compare(lambda E, a, s, t: functional(E).instance_norm(a, weight=s, bias=t), x, w, b)
    compare(lambda E, a, s: functional(E).rms_norm(a, (5,), s, 1e-5), x, rng.normal(size=5))


def test_running_statistics_move_as_in_pytorch() -> None:
    def run(E: Any, x: Any, mean: Any, var: Any) -> Any:
        functional(E).batch_norm(x, mean, var, training=True, momentum=0.3)
        return mean, var

    compare(run, rng.normal(size=(4, 3, 2)), rng.normal(size=3), rng.uniform(1, 2, size=3), grad=False)


def test_embedding_and_one_hot() -> None:
    table, index = rng.normal(size=(6, 3)), np.array([[1, 4, 1], [0, 5, 1]])
    for options in ({}, {"padding_idx": 1}, {"padding_idx": -2}, {"scale_grad_by_freq": True}):
        compare(lambda E, w: functional(E).embedding(E.tensor(index), w, **options), table)
    compare(lambda E, w: functional(E).embedding(E.tensor(index[:0]), w), table)
    compare(lambda E, i: functional(E).one_hot(i), index)
    compare(lambda E, i: functional(E).one_hot(i, 9), index)

    def renormalised(E: Any, w: Any) -> Any:
        return functional(E).embedding(E.tensor(index), w, max_norm=1.0), w

    compare(renormalised, table, grad=False)


@pytest.mark.parametrize("mode", ["constant", "reflect", "replicate", "circular"])
def test_pad(mode: str) -> None:
    a = rng.normal(size=(2, 3, 4, 5))
    for pads in ((1, 2), (2, 1, 1, 0), (-1, 2, 1, -1)):
        compare(lambda E, x: functional(E).pad(x, pads, mode), a if len(pads) == 4 else a[0])
    compare(lambda E, x: functional(E).pad(x, (1, 1, 0, 2, 1, 0), value=3.5), a)


def test_linear_maps_and_distances() -> None:
    x, w, b = rng.normal(size=(2, 3, 4)), rng.normal(size=(5, 4)), rng.normal(size=5)
    compare(lambda E, a, k, c: functional(E).linear(a, k, c), x, w, b)
    compare(lambda E, a, k: functional(E).linear(a, k), x[0, 0], w)
    compare(lambda E, a, k, c, d: functional(E).bilinear(a, c, k, d), x[0], rng.normal(size=(5, 4, 2)),
            rng.normal(size=(3, 2)), b)  # fmt: skip
    compare(lambda E, a, c: functional(E).cosine_similarity(a, c), x[0], x[1])
    compare(lambda E, a, c: functional(E).pairwise_distance(a, c), x[0], x[1])
    compare(lambda E, a: functional(E).normalize(a, dim=-1), x)


@pytest.mark.cpu
def test_dropout_draws_pytorch_numbers() -> None:
    """With the same seed the same elements are dropped."""
    for name, shape in (("dropout", (40,)), ("dropout2d", (4, 6, 2, 2)), ("alpha_dropout", (30,))):

        def run(E: Any, x: Any) -> Any:
            E.manual_seed(3)
            return getattr(functional(E), name)(x, 0.4, training=True)

        compare(run, rng.normal(size=shape))
    compare(lambda E, x: functional(E).dropout(x, 1.0), rng.normal(size=3))
    compare(lambda E, x: functional(E).dropout(x, 0.5, training=False), rng.normal(size=3))


@pytest.mark.cpu
def test_dropout_draws_in_the_order_of_memory() -> None:
    def dropped(E: Any, x: Any) -> Any:
        E.manual_seed(0)
        out = functional(E).dropout(x.permute(1, 0, 2), 0.5)
        assert out.stride() == (5, 20, 1)
        return out

    compare(dropped, rng.normal(size=(3, 4, 5)))


ERRORS = [
    (
        lambda E: functional(E).conv2d(E.zeros(2, 5, 8, 8), E.zeros(4, 3, 3, 3)),
        "to have 3 channels, but got 5",
    ),
    (
        lambda E: functional(E).conv2d(E.zeros(2, 3, 2, 2), E.zeros(4, 3, 3, 3)),
        "Kernel size can't be greater",
    ),
    (
        lambda E: functional(E).conv2d(E.zeros(3, 3), E.zeros(4, 3, 3, 3)),
        "Expected 3D (unbatched) or 4D (batched)",
    ),
    (
        lambda E: functional(E).conv2d(E.zeros(2, 3, 8, 8), E.zeros(4, 3, 3, 3), stride=0),
        "non-positive stride",
    ),
    (lambda E: functional(E).conv2d(E.zeros(2, 3, 8, 8), E.zeros(4, 3, 3, 3), padding="most"), "'most'"),
    (
        lambda E: functional(E).conv2d(E.zeros(2, 3, 8, 8), E.zeros(4, 3, 3, 3), E.zeros(5)),
        "4 elements",
        "[5]",
    ),
    (lambda E: functional(E).max_pool2d(E.zeros(2, 3, 2, 2), 3), "Calculated output size: (3x0x0)"),
    (
        lambda E: functional(E).max_pool2d(E.zeros(2, 3, 8, 8), 3, padding=2),
        "at most half of effective kernel",
    ),
    (
        lambda E: functional(E).cross_entropy(E.zeros(3, 5), E.tensor([1, 2])),
        "batch_size (3)",
        "batch_size (2)",
    ),
    (lambda E: functional(E).cross_entropy(E.zeros(3, 5), E.tensor([1, 2, 7])), "Target 7 is out of bounds."),
    (
        lambda E: functional(E).cross_entropy(E.zeros(3, 5), E.tensor([1.0, 2, 3])),
        "Long or Byte, but got Float",
    ),
    (
        lambda E: functional(E).cross_entropy(E.zeros(3, 5), E.tensor([1, 2, 3]), reduction="foo"),
        "foo is not a valid",
    ),
    (
        lambda E: functional(E).nll_loss(E.zeros(3, 5), E.tensor([1, 2, 3]), E.zeros(4)),
        "for all 5 classes",
        "[4]",
    ),
    (lambda E: functional(E).binary_cross_entropy(E.ones(3) * 5, E.ones(3)), "between 0 and 1"),
    (lambda E: functional(E).mse_loss(E.zeros(3), E.zeros(4)), "must match the size of tensor b (4)"),
    (lambda E: functional(E).dropout(E.zeros(3), 1.5), "between 0 and 1, but got 1.5"),
    (lambda E: functional(E).embedding(E.tensor([1, 9]), E.zeros(4, 2)), "index out of range in self"),
    (
        lambda E: functional(E).batch_norm(E.zeros(1, 3), None, None, training=True),
        "more than 1 value per channel",
    ),
    (lambda E: functional(E).layer_norm(E.zeros(2, 3), (4,)), "normalized_shape=[4]", "[2, 3]"),
    (lambda E: functional(E).softmax(E.arange(3), 0), "not implemented for 'Long'"),
    (lambda E: functional(E).pad(E.zeros(2, 3), (1,)), "Padding length must be divisible by 2"),
]


@pytest.mark.filterwarnings("ignore:Using a target size")
@pytest.mark.parametrize("case", ERRORS, ids=lambda c: c[1])
def test_errors(case: tuple) -> None:
    raises_alike(*case)
    with pytest.raises(Exception) as theirs:  # noqa: PT011
        case[0](torch)
    for needle in case[1:]:
        assert needle in str(theirs.value), f"the test itself is out of date: {theirs.value}"
