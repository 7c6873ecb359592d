"""Unpooling, fractional and power-average pooling, and what pools do at their edges, against PyTorch."""

from __future__ import annotations

import numpy as np
import pytest
from support.differential import compare, raises_alike

rng = np.random.default_rng(0)

SHAPES = {1: (2, 3, 7), 2: (2, 3, 5, 6), 3: (1, 2, 4, 5, 5)}


@pytest.mark.parametrize("dims", [1, 2, 3])
def test_max_unpool(dims: int) -> None:
    for shape in (SHAPES[dims], SHAPES[dims][1:]):

        def there_and_back(E, x):
            F = E.nn.functional
            top, where = getattr(F, f"max_pool{dims}d")(x, 2, return_indices=True)
            unpool = getattr(F, f"max_unpool{dims}d")
            return unpool(top, where, 2, output_size=list(shape[-dims:]))

        compare(there_and_back, rng.normal(size=shape))
    even = (2, 3, *(4,) * dims)

    def usual_size(E, x):
        F = E.nn.functional
        return getattr(F, f"max_unpool{dims}d")(*getattr(F, f"max_pool{dims}d")(x, 2, return_indices=True), 2)

    compare(usual_size, rng.normal(size=even))


@pytest.mark.parametrize("dims", [2, 3])
def test_fractional(dims: int) -> None:
    for shape in (SHAPES[dims], SHAPES[dims][1:]):
        x = rng.normal(size=shape)
        u = rng.uniform(size=(shape[0] if len(shape) == dims + 2 else 1, shape[-dims - 1], dims))
        pool = lambda E: getattr(E.nn.functional, f"fractional_max_pool{dims}d")  # noqa: E731
        for kernel, size in ((1, 2), (2, 1), (2, 2)):
            compare(
                lambda E, x, u: pool(E)(x, kernel, size, return_indices=True, _random_samples=u.detach()),
                x,
                u,
            )
        ratio = (0.5, 0.7, 0.6)[:dims]
        compare(
            lambda E, x, u: pool(E)(x, 2, output_ratio=ratio, _random_samples=u.detach()),
            x.astype(np.float32), u.astype(np.float32), second=False,
        )  # fmt: skip


@pytest.mark.cpu
def test_fractional_draws_the_stream_of_pytorch() -> None:
    def drawn(E, x):
        E.manual_seed(11)
        return E.nn.FractionalMaxPool2d(2, output_ratio=0.6)(x)

    compare(drawn, rng.normal(size=(2, 3, 9, 8)))


@pytest.mark.parametrize("dims", [1, 2, 3])
def test_power_average(dims: int) -> None:
    for window in ({"kernel_size": 2}, {"kernel_size": 3, "stride": 2, "ceil_mode": True}):
        for p in (1, 2, 3, 1.5, float("inf")):
            pool = lambda E, x: getattr(E.nn.functional, f"lp_pool{dims}d")(x, p, **window)  # noqa: E731
            compare(pool, np.abs(rng.normal(size=SHAPES[dims])) + 0.1)
            compare(pool, rng.normal(size=SHAPES[dims]), second=False)


def test_pooled_values_may_be_overwritten_before_the_backward() -> None:
    compare(lambda E, x: E.nn.functional.max_pool2d(x, 2).relu_(), rng.normal(size=(2, 3, 4, 4)))
    compare(lambda E, x: E.nn.functional.adaptive_max_pool2d(x, 3).mul_(2), rng.normal(size=(2, 3, 4, 4)))


def test_modules() -> None:
    for make in (
        lambda nn: nn.MaxUnpool1d(2), lambda nn: nn.MaxUnpool2d(2, stride=3, padding=1),
        lambda nn: nn.MaxUnpool3d((2, 1, 2)), lambda nn: nn.LPPool1d(2, 3),
        lambda nn: nn.LPPool2d(2, 3, stride=2, ceil_mode=True), lambda nn: nn.LPPool3d(1.5, 2),
        lambda nn: nn.FractionalMaxPool2d(2, output_size=3), lambda nn: nn.FractionalMaxPool3d(2, output_ratio=0.5),
    ):  # fmt: skip
        compare(lambda E, x: (repr(make(E.nn)), list(make(E.nn).state_dict())), np.zeros(1))


def test_errors() -> None:
    def unpool(index: object, **kwargs: object):
        return lambda E: E.nn.functional.max_unpool2d(E.ones(1, 1, 2, 2), E.tensor(index), 2, **kwargs)

    good = [[[[0, 3], [9, 14]]]]
    raises_alike(
        unpool([[[[0, 3], [9, 17]]]]), "Found an invalid max index: 17 (output volumes are of size 4x4)"
    )
    raises_alike(unpool([[[0, 3], [9, 14]]]), "Expected shape of indices to be same as that of the input")
    raises_alike(unpool([[[[0.0, 3], [9, 14]]]]), "elements in indices should be type int64")
    raises_alike(unpool(good, output_size=(1, 9)), "(dim 0 must be between 2 and 6)")
    raises_alike(unpool(good, output_size=(1, 9, 3)), "containing 2 or 4 elements")
    raises_alike(unpool(good, padding=3), "non-negative spatial dimensions")
    fractional = lambda E, *s: E.nn.functional.fractional_max_pool2d(E.ones(*s), 2)  # noqa: E731
    raises_alike(
        lambda E: fractional(E, 2, 3, 5, 5), "requires specifying either an output_size or an output_ratio"
    )
    raises_alike(
        lambda E: E.nn.functional.fractional_max_pool2d(E.ones(2, 5, 5), 4, output_size=3),
        "pool height 4 too large",
    )
    raises_alike(
        lambda E: E.nn.functional.fractional_max_pool2d(
            E.ones(2, 2, 5, 5), 2, output_size=3, _random_samples=E.rand(2, 2, 3)
        ),
        "equals to 2; got 3",
    )
    raises_alike(lambda E: E.nn.FractionalMaxPool2d(2, output_ratio=1.5), "must be between 0 and 1")
    raises_alike(
        lambda E: E.nn.functional.max_pool2d(E.ones(1, 1, 4, 4).bool(), 2), "not implemented for 'Bool'"
    )
    raises_alike(
        lambda E: E.nn.functional.avg_pool2d(E.ones(1, 1, 4, 4).int(), 2), "not implemented for 'Int'"
    )
    raises_alike(lambda E: E.nn.functional.avg_pool3d(E.ones(1, 1, 4, 4, 4), 5), "smaller than kernel size")


def test_nan_wins() -> None:
    x = rng.normal(size=(2, 3, 7, 8))
    x[np.abs(x) > 1] = np.nan
    for pool in (
        lambda F, x: F.max_pool2d(x, 2, return_indices=True),
        lambda F, x: F.max_pool2d(x, 3, 1, 1, return_indices=True),
        lambda F, x: F.adaptive_max_pool2d(x, 3, return_indices=True),
    ):
        compare(lambda E, x: pool(E.nn.functional, x), x, second=False)
