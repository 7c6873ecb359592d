"""Gradients through transforms of tensors, against torchvision: an image is a tensor like any other."""

from __future__ import annotations

import glasstorch
import numpy as np
import pytest
from glasstorch import vision
from support.differential import compare
from support.images import torchvision

STARTS, ENDS = [[0, 0], [7, 0], [7, 8], [0, 8]], [[1, 0], [6, 1], [7, 7], [0, 8]]
FUNCTIONS = {
    "resize": lambda E, F, x: F.resize(x, [5, 11]),
    "resize bicubic": lambda E, F, x: F.resize(x, [5, 11], F.InterpolationMode.BICUBIC),
    "resize plain": lambda E, F, x: F.resize(x, [5, 11], antialias=False),
    "resize nearest": lambda E, F, x: F.resize(x, [5, 11], F.InterpolationMode.NEAREST_EXACT),
    "rotate": lambda E, F, x: F.rotate(x, 33.0, F.InterpolationMode.BILINEAR, expand=True, fill=[0.1, 0.2, 0.3]),
    "rotate nearest": lambda E, F, x: F.rotate(x, 33.0, fill=[0.1]),
    "affine": lambda E, F, x: F.affine(x, 10.0, [1, 2], 1.2, [5.0, 3.0], F.InterpolationMode.BILINEAR),
    "perspective": lambda E, F, x: F.perspective(x, STARTS, ENDS),
    "elastic": lambda E, F, x: F.elastic_transform(x, E.linspace(-0.2, 0.2, 144, dtype=E.float64).view(1, 9, 8, 2)),
    "blur": lambda E, F, x: F.gaussian_blur(x, [3, 5]),
    "brightness": lambda E, F, x: F.adjust_brightness(x, 1.4),
    "contrast": lambda E, F, x: F.adjust_contrast(x, 0.4),
    "saturation": lambda E, F, x: F.adjust_saturation(x, 2.4),
    "gamma": lambda E, F, x: F.adjust_gamma(x, 1.7, 0.9),
    "sharpness": lambda E, F, x: F.adjust_sharpness(x, 0.6),
    "normalize": lambda E, F, x: F.normalize(x, [0.1, 0.2, 0.3], [0.5, 0.6, 0.7]),
    "pad reflect": lambda E, F, x: F.pad(x, [1, 2, 3, 1], padding_mode="reflect"),
    "pad symmetric": lambda E, F, x: F.pad(x, [1, 2, 3, 1], padding_mode="symmetric"),
    "pad edge": lambda E, F, x: F.pad(x, [1, 2, 3, 1], padding_mode="edge"),
    "crop": lambda E, F, x: F.crop(x, -1, 2, 6, 9),
    "ten crops": lambda E, F, x: E.stack(F.ten_crop(x, 4)),
    "grey": lambda E, F, x: F.rgb_to_grayscale(x, 3),
    "invert": lambda E, F, x: F.invert(x),
    "solarize": lambda E, F, x: F.solarize(x, 0.5),
    "erase": lambda E, F, x: F.erase(x, 1, 2, 3, 4, E.tensor(0.3, dtype=E.float64)),
}  # fmt: skip


@pytest.mark.parametrize("name", FUNCTIONS)
def test_gradients(name):
    def run(E, x):
        home = vision if E is glasstorch else torchvision
        return FUNCTIONS[name](E, home.transforms.functional, x)

    for shape in ((3, 9, 8), (2, 3, 9, 8)):
        compare(run, np.random.default_rng(0).random(shape), second=False)


def test_hue():
    """Turned in float32, whatever the image's type."""

    def run(E, x):
        return (vision if E is glasstorch else torchvision).transforms.functional.adjust_hue(x, 0.3)

    compare(run, np.random.default_rng(0).random((3, 9, 8), np.float32), second=False)


def test_autocontrast():
    """torchvision's changes in place what its own gradient needs, and raises; by finite differences then."""
    x = glasstorch.tensor(np.random.default_rng(0).random((3, 3, 4)), requires_grad=True)
    assert glasstorch.autograd.gradcheck(vision.transforms.functional.autocontrast, (x,))
