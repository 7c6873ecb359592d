"""grid_sample and affine_grid against PyTorch, with gradients for the image and for the grid."""

from __future__ import annotations

import numpy as np
import pytest
from support.differential import compare, raises_alike

rng = np.random.default_rng(0)

IMAGE, POINTS = rng.normal(size=(2, 3, 4, 5)), rng.uniform(-1.6, 1.6, size=(2, 3, 6, 2))
VOLUME, PLACES = rng.normal(size=(2, 2, 3, 4, 5)), rng.uniform(-1.6, 1.6, size=(2, 3, 2, 4, 3))
PADDINGS = ["zeros", "border", "reflection"]


@pytest.mark.parametrize("padding", PADDINGS)
@pytest.mark.parametrize("mode", ["bilinear", "nearest", "bicubic"])
def test_images(mode: str, padding: str) -> None:
    edges = rng.choice([-1.0, -0.5, 0.0, 1 / 3, 0.5, 1.0, -1.5, 1.25, 3.0, -4.0], size=POINTS.shape)
    for align in (True, False):
        sample = lambda E, x, g: E.nn.functional.grid_sample(x, g, mode, padding, align)  # noqa: E731
        compare(sample, IMAGE, POINTS)
        compare(sample, IMAGE, edges, second=False)
        compare(sample, IMAGE.astype(np.float32), POINTS.astype(np.float32), second=False)
        compare(sample, IMAGE.astype(np.float16), POINTS.astype(np.float16), grad=False)


@pytest.mark.parametrize("padding", PADDINGS)
@pytest.mark.parametrize("mode", ["bilinear", "nearest"])
def test_volumes(mode: str, padding: str) -> None:
    for align in (True, False):
        compare(lambda E, x, g: E.nn.functional.grid_sample(x, g, mode, padding, align), VOLUME, PLACES)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_points_that_are_nowhere(bad: float) -> None:
    for image, grid in ((IMAGE, POINTS.copy()), (VOLUME, PLACES.copy())):
        grid[0, 1, 1, ..., 0] = bad
        for padding in PADDINGS:
            for mode in ("bilinear", "nearest"):
                compare(
                    lambda E, x, g: E.nn.functional.grid_sample(x, g, mode, padding, False),
                    image,
                    grid,
                    grad=False,
                )


def test_infinite_pixels_outside_do_not_count() -> None:
    image = np.full((1, 1, 2, 2), np.inf)
    grid = np.array([[[[-3.0, -3.0], [0.0, 0.0]]]])
    compare(lambda E, x, g: E.nn.functional.grid_sample(x, g, align_corners=False), image, grid, grad=False)


@pytest.mark.parametrize("align", [True, False])
def test_affine_grid(align: bool) -> None:
    for d, size in ((2, (2, 3, 4, 5)), (3, (2, 1, 2, 3, 4))):
        theta = rng.normal(size=(2, d, d + 1))
        compare(lambda E, t: E.nn.functional.affine_grid(t, size, align), theta)
    compare(lambda E, t: E.affine_grid_generator(t, [2, 1, 3, 3], align), rng.normal(size=(2, 2, 3)))


def test_identity_gives_the_image_back() -> None:
    def same(E, x):
        grid = E.nn.functional.affine_grid(E.eye(2, 3, dtype=x.dtype)[None].expand(2, 2, 3), x.shape, False)
        return E.nn.functional.grid_sample(x, grid, align_corners=False) - x

    compare(same, IMAGE)


def test_errors() -> None:
    def on(x: tuple, g: tuple, **kwargs: object):
        return lambda E: E.nn.functional.grid_sample(E.ones(x), E.ones(g), align_corners=False, **kwargs)

    raises_alike(
        on((1, 1, 2, 2), (2, 1, 1, 2)), "grid_sampler(): expected grid and input to have same batch size"
    )
    raises_alike(on((1, 1, 2, 2), (1, 1, 1, 3)), "to have size 2 in last dimension")
    raises_alike(on((1, 1, 2, 2), (1, 1, 2)), "same number of dimensions")
    raises_alike(on((1, 1, 0, 2), (1, 1, 1, 2)), "non-empty spatial dimensions")
    raises_alike(on((1, 1, 2, 2), (1, 1, 1, 2), mode="cubist"), "expected mode to be")
    raises_alike(on((1, 1, 2, 2), (1, 1, 1, 2), padding_mode="wrap"), "expected padding_mode to be")
    raises_alike(on((1, 1, 2, 2, 2), (1, 1, 1, 1, 3), mode="bicubic"), "only supports 4D input")
    raises_alike(
        lambda E: E.nn.functional.grid_sample(
            E.ones(1, 1, 2, 2), E.ones(1, 1, 1, 2).double(), align_corners=True
        ),
        "expected scalar type Float but found Double",
    )
    raises_alike(lambda E: E.nn.functional.affine_grid(E.ones(1, 2, 3), (1, 1, 2, 2, 2), False), "Nx3x4")
    raises_alike(
        lambda E: E.nn.functional.affine_grid(E.ones(1, 2, 3).long(), (1, 1, 2, 2), False), "floating point"
    )
    raises_alike(
        lambda E: E.nn.functional.affine_grid(E.ones(1, 2, 3), (1, 1, 0, 2), False), "non-zero, positive"
    )
