"""Colours, tones, blurring and sharpening, against torchvision, Pillow and plain formulas."""

from __future__ import annotations

import colorsys

import glasstorch
import numpy as np
import pytest
from glasstorch.vision.transforms import functional as F
from support.images import MODES, Image, functional, image_tensor, picture

PICTURES = [picture(mode, 7, 5) for mode in MODES] + [picture("RGB", 1, 1)]
SHAPES = (
    (3, 1, 1),
    (1, 5, 7),
    (3, 8, 5),
    (2, 3, 9, 8),
    (2, 2, 3, 5, 4),
    (5, 6),
    (4, 5, 6),
    (3, 2, 2),
    (4,),
    (),
)
TENSORS = [image_tensor(shape, kind) for shape in SHAPES for kind in ("float32", "uint8")]
TENSORS += [image_tensor((3, 8, 5), kind) for kind in ("float64", "float16", "int16", "int8", "bool")]
IMAGES = PICTURES + TENSORS


@pytest.mark.parametrize("name", ["brightness", "contrast", "saturation", "gamma"])
def test_adjusting(name):
    for img in IMAGES:
        near = 1 if "int16" in str(getattr(img, "dtype", "")) else 0  # float32 holds not much more than these
        for factor in (0, 0.3, 1.7, -1):
            functional(f"adjust_{name}", img, factor, near=near)
    for img in PICTURES:
        functional("adjust_gamma", img, 0.6, 2.0)


def test_sharpness():
    for img in IMAGES:
        if getattr(img, "shape", (1, 1, 1)) == (5, 6):
            continue  # without channels torchvision ends in an IndexError; here it is one grey channel
        for factor in (0, 0.3, 1.7, -1):
            functional(
                "adjust_sharpness", img, factor, near=1 if "int16" in str(getattr(img, "dtype", "")) else 0
            )


def test_hue():
    for img in IMAGES:
        for factor in (0.3, -0.27, -0.5, 0.6):
            functional("adjust_hue", img, factor)


def test_grey():
    for img in IMAGES:
        functional("to_grayscale", img)
        for channels in (1, 3, 2):
            functional("rgb_to_grayscale", img, channels)
        functional("to_grayscale", img, 3)


def test_tones():
    for img in IMAGES:
        for name in ("invert", "autocontrast", "equalize"):
            functional(name, img)
        for bits in (0, 4, 8, 9, -1):
            functional("posterize", img, bits)
        for threshold in (0.4, 100, 300):
            functional("solarize", img, threshold)


def test_pictures_without_pixels():
    for shape in ((3, 0, 4), (3, 4, 0), (0, 3, 5, 5), (1, 0, 0)):
        for kind in ("float32", "uint8"):
            x = image_tensor(shape, kind)
            for name in ("invert", "equalize", "hflip", "rgb_to_grayscale", "to_pil_image"):
                functional(name, x)
            for name in (
                "pad",
                "center_crop",
                "resize",
                "adjust_brightness",
                "adjust_contrast",
                "adjust_gamma",
                "rotate",
            ):
                functional(name, x, 2)
    for size in ((0, 4), (4, 0)):
        for name in ("to_tensor", "pil_to_tensor", "hflip", "equalize", "rgb_to_grayscale"):
            functional(name, Image.new("RGB", size))


def test_tones_of_a_flat_picture():
    for value in (0, 7, 255):
        flat = np.full((3, 6, 6), value, np.uint8)
        for name in ("autocontrast", "equalize"):
            assert (getattr(F, name)(glasstorch.tensor(flat)).numpy() == value).all()


@pytest.mark.parametrize("name", ["invert", "autocontrast", "equalize", "hflip", "vflip"])
def test_tensors_and_pillow_images_agree(name):
    img = picture("RGB", 23, 17)
    a, b = getattr(F, name)(F.pil_to_tensor(img)).numpy(), F.pil_to_tensor(getattr(F, name)(img)).numpy()
    assert np.abs(a.astype(int) - b.astype(int)).max() <= (1 if name == "autocontrast" else 0)


@pytest.mark.parametrize(
    ("kernel", "sigma"),
    [(3, None), ((3, 5), None), (5, 2.0), ((1, 3), (0.5, 1.5)), (4, 1.0), (-1, 1), ((3,), 1.0), (3, 0.0), (3, "a"),
     (3, (1.0, 2.0, 3.0)), ("a", 1.0), ([7, 7], [1.0]), (9, 1.0)],
)  # fmt: skip
def test_blurring(kernel, sigma):
    for img in IMAGES:
        if getattr(img, "shape", (1, 1, 1)) == (5, 6):
            continue  # as above
        words = getattr(img, "shape", (1,)) != (2, 2, 3, 5, 4)
        functional("gaussian_blur", img, kernel, sigma, near=1, words=words)


def test_a_blurred_point_is_the_gaussian():
    point = glasstorch.zeros(1, 9, 9, dtype=glasstorch.float64)
    point[0, 4, 4] = 1
    x = np.arange(-2, 3)
    bell = np.exp(-0.5 * (x / 1.3) ** 2)
    bell /= bell.sum()
    np.testing.assert_allclose(
        F.gaussian_blur(point, 5, 1.3)[0, 2:7, 2:7].numpy(), np.outer(bell, bell), atol=1e-12
    )


def test_hue_and_back_are_colorsys():
    rng = np.random.default_rng(0)
    pixels = np.concatenate([rng.random((3, 40)), np.eye(3), np.ones((3, 1)), np.zeros((3, 1))], 1)
    img = glasstorch.tensor(pixels.reshape(3, 5, 9))
    parts = [p.numpy().ravel() for p in F.colour.rgb_to_hsv(img)]
    expected = np.array([colorsys.rgb_to_hsv(*p) for p in pixels.T]).T
    np.testing.assert_allclose(parts, expected, atol=1e-12)
    back = F.colour.hsv_to_rgb(*F.colour.rgb_to_hsv(img))
    np.testing.assert_allclose(back.numpy(), img.numpy(), atol=1e-12)
    np.testing.assert_allclose(
        F.adjust_hue(img.float(), 0.5).numpy()[:, 4, 4:7], [[0, 1, 1], [1, 0, 1], [1, 1, 0]], atol=1e-6
    )


def test_factors_of_one_change_nothing():
    x = glasstorch.tensor(image_tensor((3, 6, 7), "uint8").numpy())
    for name in ("brightness", "contrast", "saturation", "sharpness"):
        assert getattr(F, f"adjust_{name}")(x, 1.0).tolist() == x.tolist()
    assert F.invert(F.invert(x)).tolist() == x.tolist()
    assert F.posterize(x, 8).tolist() == x.tolist()
    assert not F.posterize(x, 0).any()
