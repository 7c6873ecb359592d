"""Sliding blocks, shuffles of pixels and channels, local normalization, against PyTorch."""

from __future__ import annotations

import numpy as np
import pytest
from support.differential import compare, raises_alike

rng = np.random.default_rng(0)

WINDOWS = [{"kernel_size": 2}, {"kernel_size": (2, 3), "padding": 1},
           {"kernel_size": 3, "dilation": 2, "padding": (2, 1)},
           {"kernel_size": 2, "stride": (2, 1)}, {"kernel_size": 1, "stride": 2, "padding": 1}]  # fmt: skip


@pytest.mark.parametrize("window", WINDOWS, ids=str)
def test_unfold_and_fold(window: dict) -> None:
    for shape in ((2, 3, 7, 6), (3, 7, 6)):
        x = rng.normal(size=shape)
        compare(lambda E, x: E.nn.functional.unfold(x, **window), x)
        compare(lambda E, x: E.nn.functional.unfold(x.transpose(-1, -2), **window), x)
        compare(lambda E, x: E.nn.functional.fold(E.nn.functional.unfold(x, **window), (7, 6), **window), x)
    z = rng.normal(size=(2, 3, 7, 6)) + 1j * rng.normal(size=(2, 3, 7, 6))
    compare(lambda E, x: E.nn.functional.unfold(x, **window), z)
    compare(lambda E, x: E.nn.functional.unfold(x > 0, **window), rng.normal(size=(2, 3, 7, 6)), grad=False)
    compare(lambda E, x: E.nn.Fold((7, 6), **window)(E.nn.Unfold(**window)(x)), rng.normal(size=(1, 2, 7, 6)))


def test_convolution_is_a_product_with_the_columns() -> None:
    def difference(E, x, w):
        columns = E.nn.functional.unfold(x, 3, padding=1)
        product = (w.reshape(4, -1) @ columns).reshape(2, 4, 5, 5)
        return (product - E.nn.functional.conv2d(x, w, padding=1)).abs().max() < 1e-10

    compare(difference, rng.normal(size=(2, 3, 5, 5)), rng.normal(size=(4, 3, 3, 3)), grad=False)


@pytest.mark.parametrize("dtype", ["d", "f", "D", "i8", "?", "e"])
def test_shuffles(dtype: str) -> None:
    for shape in ((2, 8, 2, 4), (8, 4, 2), (2, 2, 4, 2, 6)):
        x = (rng.normal(size=shape) * 3).astype(dtype)
        compare(lambda E, x: (E.nn.functional.pixel_unshuffle(x, 2), E.pixel_unshuffle(x, 1)), x)
        if shape[-3] % 4 == 0:
            compare(lambda E, x: (E.nn.functional.pixel_shuffle(x, 2), E.nn.PixelShuffle(2)(x)), x)
    x = (rng.normal(size=(2, 6, 3, 2)) * 3).astype(dtype)
    compare(lambda E, x: (E.nn.functional.channel_shuffle(x, 3), E.channel_shuffle(x, 2)), x)


def test_local_response_norm() -> None:
    for shape in ((2, 5, 3), (2, 5, 3, 4), (2, 5, 2, 3, 2)):
        for size in (1, 2, 3, 5):
            compare(
                lambda E, x: E.nn.functional.local_response_norm(x, size, 0.5, 0.75, 1.5),
                rng.normal(size=shape),
            )
    for channels, size in ((5, 3), (5, 2), (6, 4), (3, 5)):
        x = rng.normal(size=(2, channels, 2, 3))
        compare(lambda E, x: E.nn.CrossMapLRN2d(size, 0.5, 0.75, 1.5)(x), x, second=False)


def test_representations() -> None:
    for make in (
        lambda nn: nn.Fold((3, 4), 2), lambda nn: nn.Unfold(3, padding=1), lambda nn: nn.PixelShuffle(2),
        lambda nn: nn.PixelUnshuffle(3), lambda nn: nn.ChannelShuffle(2), lambda nn: nn.LocalResponseNorm(2),
        lambda nn: nn.CrossMapLRN2d(3),
    ):  # fmt: skip
        compare(lambda E, x: repr(make(E.nn)), np.zeros(1))


def test_errors() -> None:
    def unfold(shape: tuple, *args: object, **kwargs: object):
        return lambda E: E.nn.functional.unfold(E.ones(shape), *args, **kwargs)

    def fold(shape: tuple, *args: object, **kwargs: object):
        return lambda E: E.nn.functional.fold(E.ones(shape), *args, **kwargs)

    raises_alike(unfold((2, 3, 4, 4), 5), "calculated shape of the array of sliding blocks as (0, 0)")
    raises_alike(unfold((2, 3, 4, 4), (1, 2, 3)), "It is expected kernel_size equals to 2, but got size 3")
    raises_alike(unfold((2, 3, 4, 4), 2, stride=0), "stride should be greater than zero")
    raises_alike(unfold((2, 0, 4, 4), 2), "Expected 3D or 4D (batch mode) tensor")
    raises_alike(fold((2, 5, 4), (3, 3), 2), "divisible by the product of kernel_size")
    raises_alike(fold((2, 4, 5), (3, 3), 2), "calculated number of sliding blocks 2 * 2 = 4")
    raises_alike(fold((2, 4, 5, 4), (3, 3), 2), "Expected 2D or 3D (batch mode) tensor")
    raises_alike(lambda E: E.nn.functional.unfold(E.ones(2, 4, 4).long(), 2), "not implemented for 'Long'")
    raises_alike(lambda E: E.nn.functional.pixel_shuffle(E.ones(1, 3, 2, 2), 2), "is not divisible by 4")
    raises_alike(lambda E: E.nn.functional.pixel_unshuffle(E.ones(1, 3, 3, 2), 2), "height to be divisible")
    raises_alike(lambda E: E.nn.functional.pixel_shuffle(E.ones(4, 2), 2), "at least 3 dimensions")
    raises_alike(lambda E: E.nn.functional.channel_shuffle(E.ones(2, 4), 2), "expects input with > 2 dims")
    raises_alike(lambda E: E.nn.functional.channel_shuffle(E.ones(2, 4, 1), 0), "must be positive")
    raises_alike(lambda E: E.nn.functional.local_response_norm(E.ones(2, 4), 2), "Expected 3D or higher")
