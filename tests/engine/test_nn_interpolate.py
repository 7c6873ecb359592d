"""Resizing against PyTorch: every mode, sizes and factors, types, antialiasing, adaptive pooling, errors."""

from __future__ import annotations

import numpy as np
import pytest
from support.differential import compare, raises_alike

rng = np.random.default_rng(0)

SHAPES = {1: (2, 3, 7), 2: (2, 3, 5, 6), 3: (1, 2, 3, 4, 5)}
MODES = [(1, "nearest"), (1, "nearest-exact"), (1, "linear"), (2, "nearest"), (2, "nearest-exact"), (2, "bilinear"),
         (2, "bicubic"), (3, "nearest"), (3, "nearest-exact"), (3, "trilinear"), (1, "area"), (2, "area"),
         (3, "area")]  # fmt: skip
SIZES = [{"size": 3}, {"size": 11}, {"size": 1}, {"scale_factor": 2}, {"scale_factor": 1.7}, {"scale_factor": 0.6},
         {"scale_factor": 1.7, "recompute_scale_factor": True}]  # fmt: skip


@pytest.mark.parametrize(("dims", "mode"), MODES)
def test_modes(dims: int, mode: str) -> None:
    x = rng.normal(size=SHAPES[dims])
    plain = mode.startswith("nearest") or mode == "area"
    for size in SIZES:
        for align in (None,) if plain else (True, False):
            compare(lambda E, x: E.nn.functional.interpolate(x, mode=mode, align_corners=align, **size), x)
        compare(
            lambda E, x: E.nn.functional.interpolate(x, mode=mode, **size), x.astype(np.float32), second=False
        )
        compare(lambda E, x: E.nn.functional.interpolate(x.half(), mode=mode, **size), x, grad=False)


@pytest.mark.parametrize("mode", ["bilinear", "bicubic", "lanczos"])
def test_antialias(mode: str) -> None:
    image = rng.normal(size=(2, 3, 11, 9))
    for size in ((3, 4), (2, 2), (9, 13), (1, 1)):
        compare(lambda E, x: E.nn.functional.interpolate(x, size=size, mode=mode, antialias=True), image)
        if mode != "lanczos":
            compare(
                lambda E, x: E.nn.functional.interpolate(
                    x, size=size, mode=mode, antialias=True, align_corners=True
                ),
                image.astype(np.float32), second=False,
            )  # fmt: skip


@pytest.mark.parametrize("mode", ["nearest", "nearest-exact", "bilinear", "bicubic"])
def test_bytes_to_the_bit(mode: str) -> None:
    image = rng.integers(0, 256, (2, 3, 7, 9)).astype(np.uint8)
    for size in ((3, 4), (2, 5), (12, 13)):
        compare(lambda E, x: E.nn.functional.interpolate(x, size=size, mode=mode), image)
        if mode.startswith("bi"):
            compare(lambda E, x: E.nn.functional.interpolate(x, size=size, mode=mode, antialias=True), image)


def test_infinities_stay_where_they_are() -> None:
    x = np.zeros((1, 1, 4, 4))
    x[0, 0, 1, 2] = np.inf
    compare(lambda E, x: E.nn.functional.interpolate(x, scale_factor=2), x, grad=False)
    compare(lambda E, x: E.nn.functional.adaptive_avg_pool2d(x, 3), x, grad=False)


def test_old_names_and_modules() -> None:
    x = rng.normal(size=(1, 2, 3, 4))
    with pytest.warns(UserWarning, match="deprecated"):
        compare(lambda E, x: E.nn.functional.upsample_bilinear(x, scale_factor=2), x)
    with pytest.warns(UserWarning, match="deprecated"):
        compare(lambda E, x: E.nn.functional.upsample_nearest(x, size=(5, 6)), x)
    for make in (
        lambda E: E.nn.Upsample(scale_factor=(1.5, 2)),
        lambda E: E.nn.Upsample(size=(3, 5), mode="bilinear", align_corners=True),
        lambda E: E.nn.UpsamplingNearest2d(scale_factor=2),
        lambda E: E.nn.UpsamplingBilinear2d(size=4),
    ):
        compare(lambda E, x: (make(E)(x), repr(make(E))), x)


@pytest.mark.parametrize("dims", [1, 2, 3])
@pytest.mark.parametrize("kind", ["avg", "max"])
def test_adaptive_pooling(dims: int, kind: str) -> None:
    for shape in (SHAPES[dims], SHAPES[dims][1:]):
        x = rng.normal(size=shape)
        for size in (1, 2, 3, 7):
            compare(lambda E, x: getattr(E.nn.functional, f"adaptive_{kind}_pool{dims}d")(x, size), x)
        if kind == "max":  # of equal elements the first counts
            compare(
                lambda E, x: getattr(E.nn.functional, f"adaptive_max_pool{dims}d")(x, 2, return_indices=True),
                np.round(x),
            )


def test_errors() -> None:
    def on(shape: tuple, **kwargs: object):
        return lambda E: E.nn.functional.interpolate(E.zeros(shape), **kwargs)

    raises_alike(on((1, 1, 4), size=2, scale_factor=2), "only one of size or scale_factor should be defined")
    raises_alike(on((1, 1, 4)), "either size or scale_factor should be defined")
    raises_alike(on((1, 1, 4), size=(2, 2)), "same number of spatial dimensions")
    raises_alike(on((1, 1, 4), size=(2.5,)), "expected size to be one of int")
    raises_alike(on((1, 1, 4), size=0), "Input and output sizes should be greater than 0")
    raises_alike(on((1, 0, 4, 4), size=2), "Non-empty 4D data tensor expected")
    raises_alike(on((1, 4, 4, 4), size=2, mode="linear"), "Got 4D input, but linear mode needs 3D input")
    raises_alike(on((1, 4, 4, 4), size=2, mode="cubist"), "Only 3D, 4D and 5D input Tensors supported")
    raises_alike(on((1, 4, 4, 4), size=2, align_corners=True), "align_corners option can only be set")
    raises_alike(on((1, 4, 4, 4), size=2, antialias=True), "Anti-alias option is restricted")
    raises_alike(on((1, 4, 4, 4), size=2, mode="lanczos"), "Lanczos mode requires antialias=True")
    raises_alike(
        on((1, 4, 4, 4), size=2, recompute_scale_factor=True), "not meaningful with an explicit size"
    )
    raises_alike(
        lambda E: E.nn.functional.interpolate(E.zeros(1, 1, 4).long(), size=2), "not implemented for 'Long'"
    )
    raises_alike(
        lambda E: E.nn.functional.adaptive_avg_pool2d(E.zeros(2, 4, 4), -1), "greater than or equal to 0"
    )
    raises_alike(
        lambda E: E.nn.functional.adaptive_max_pool1d(E.zeros(2, 0, 4), 2), "dimension 1 being empty"
    )
