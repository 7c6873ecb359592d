"""Resizing, padding, cropping and flipping, against torchvision, Pillow and NumPy."""

from __future__ import annotations

import itertools

import glasstorch
import numpy as np
import pytest
from glasstorch.vision.transforms import functional as F
from support.images import MODES, Image, functional, image_tensor, picture
from support.torchvision_reference import torchvision

IM = torchvision.transforms.InterpolationMode
PICTURES = [picture(mode, 7, 5) for mode in MODES] + [picture("RGB", 1, 1), picture("L", 1, 6)]
SHAPES = ((3, 1, 1), (1, 5, 7), (3, 8, 5), (2, 3, 9, 8), (2, 2, 3, 5, 4), (5, 6))
TENSORS = [image_tensor(shape, kind) for shape in SHAPES for kind in ("float32", "uint8")]
FLAT = [image_tensor(shape) for shape in ((4,), ())] + [
    image_tensor((3, 8, 5), k) for k in ("float64", "int16", "bool")
]
IMAGES = PICTURES + TENSORS + FLAT


def test_flips():
    for img in IMAGES:
        functional("hflip", img)
        functional("vflip", img)


@pytest.mark.parametrize(
    "part", [(0, 0, 2, 2), (-1, -2, 4, 9), (3, 3, 10, 10), (30, 2, 3, 3), (1, 1, 0, 2), (-9, -9, 3, 3)]
)
def test_crops(part):
    for img in IMAGES:
        functional("crop", img, *part)


@pytest.mark.parametrize("size", [1, 4, (3,), [2, 5], (7, 9), (20, 3), 0])
def test_center_crops(size):
    for img in IMAGES:
        functional("center_crop", img, size)


@pytest.mark.parametrize("size", [1, 2, (2,), [2, 1], (1, 2, 3), (200, 1)])
def test_five_and_ten_crops(size):
    for img in IMAGES:
        functional("five_crop", img, size)
        functional("ten_crop", img, size, vertical_flip=len(str(img)) % 2 == 0)


@pytest.mark.parametrize("mode", ["constant", "edge", "reflect", "symmetric"])
@pytest.mark.parametrize("padding", [0, 2, [1], (1, 2), [1, 2, 3, 0], (1, 2, 3), "a", [20, 1]])
def test_pads(padding, mode):
    for img in IMAGES:
        functional("pad", img, padding, padding_mode=mode)


@pytest.mark.parametrize("padding", [(-1, 0, 2, -1), -1])
def test_negative_pads_cut_off(padding):
    for img, mode in itertools.product(PICTURES + TENSORS, ("constant", "edge", "reflect", "symmetric")):
        if min(F.get_image_size(glasstorch.tensor(img.numpy()) if hasattr(img, "numpy") else img)) > 4:
            functional("pad", img, padding, padding_mode=mode)


@pytest.mark.parametrize("fill", [7, 2.5, (1, 2, 3), [3], None, (1, 2), "a", (1, 2, 3, 4)])
def test_colours_of_pads(fill):
    for img in IMAGES:
        functional("pad", img, 1, fill)


def test_pads_are_numpys():
    x = np.arange(24.0).reshape(1, 4, 6)
    for theirs, ours in (
        ("edge", "edge"),
        ("reflect", "reflect"),
        ("symmetric", "symmetric"),
        ("constant", "constant"),
    ):
        expected = np.pad(x, ((0, 0), (2, 3), (1, 3)), theirs)
        np.testing.assert_array_equal(
            F.pad(glasstorch.tensor(x), [1, 2, 3, 3], padding_mode=ours).numpy(), expected
        )
    functional("pad", image_tensor((1, 3, 3)), 1, 0, "foo")
    functional("pad", picture("L", 3, 3), 1, 0, "foo")
    functional("pad", image_tensor((1, 3, 3)), 1, 0, 3)


@pytest.mark.parametrize("size", [1, 4, 9, (5,), [3, 8], (16, 4), (1, 2, 3), [], "a", 33, 0, (3, 0)])
def test_resizing_pictures(size):
    for k, img in enumerate(PICTURES):
        for interpolation in (IM.BILINEAR, list(IM)[k % 7], k % 6):
            functional("resize", img, size, interpolation)
        functional("resize", img, size, IM.BICUBIC, 12)
        functional("resize", img, size, antialias=False)


@pytest.mark.parametrize("size", [1, 4, (5,), [3, 8], (16, 4), (1, 2, 3), 13])
def test_resizing_tensors(size):
    for k, img in enumerate(TENSORS):
        for antialias in (True, False):
            functional("resize", img, size, list(IM)[k % 7], antialias=antialias, near=1)
        functional("resize", img, size, IM.BILINEAR, (5, 12, 40)[k % 3], near=1)


def test_few_resized_bytes_round_otherwise():
    """Where a sum of weights comes within its last bits of one half, either of two neighbouring bytes is right."""
    apart, total = 0, 0
    for seed, interpolation in itertools.product(range(4), (IM.BILINEAR, IM.BICUBIC)):
        x = image_tensor((3, 64, 48), "uint8", seed)
        theirs = torchvision.transforms.functional.resize(x, [23 + 30 * seed, 31], interpolation).numpy()
        ours = F.resize(
            glasstorch.tensor(x.numpy()), [23 + 30 * seed, 31], F.InterpolationMode(interpolation.value)
        )
        apart, total = apart + int((ours.numpy() != theirs).sum()), total + theirs.size
    assert apart / total < 1e-3


@pytest.mark.parametrize("mode", [m.name for m in IM])
def test_resizing_is_pillows(mode):
    img = picture("RGB", 31, 20)
    ours = F.resize(img, [13, 40], F.InterpolationMode[mode])
    assert ours.tobytes() == img.resize((40, 13), Image.Resampling[mode.removesuffix("_EXACT")]).tobytes()


@pytest.mark.parametrize("mode", ["BILINEAR", "BICUBIC"])
def test_tensors_shrink_as_pillow_images_do(mode):
    """The antialiasing filter is the one that Pillow uses; Pillow rounds between the two passes."""
    img = picture("RGB", 61, 47)
    small = F.resize(img, [20, 30], F.InterpolationMode[mode])
    ours = F.resize(F.pil_to_tensor(img), [20, 30], F.InterpolationMode[mode])
    assert np.abs(ours.numpy().astype(int) - F.pil_to_tensor(small).numpy().astype(int)).max() <= 1


def test_the_longer_edge():
    img = picture("L", 30, 10)
    assert F.resize(img, 5).size == (15, 5)
    assert F.resize(img, 5, max_size=12).size == (12, 4)
    functional("resize", img, 5, IM.BILINEAR, 5)
    functional("resize", img, (5, 6), IM.BILINEAR, 9)
    functional("resize", img, 5, "bilinear")
    same = image_tensor((3, 4, 5))
    ours = glasstorch.tensor(same.numpy())
    assert F.resize(ours, 4) is ours


def test_resized_crops():
    for img in PICTURES + TENSORS:
        functional("resized_crop", img, 0, 1, 3, 4, (5, 6), near=1)
        functional("resized_crop", img, -1, 1, 9, 4, 5, IM.NEAREST)
