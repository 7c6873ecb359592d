"""Pillow images, arrays and tensors turned into each other, against torchvision; and what is refused."""

from __future__ import annotations

import io
import sys

import glasstorch
import numpy as np
import pytest
from glasstorch.vision.transforms import functional as F
from support.differential import torch
from support.images import MODES, Image, functional, image_tensor, picture

SIZES = ((1, 1), (7, 5), (4, 9))
TYPES = ("float32", "float64", "float16", "uint8", "int8", "int16", "int32", "int64", "bool", "uint16")
SHAPES = ((3, 4, 5), (1, 3, 3), (4, 2, 6), (2, 5, 4), (5, 6), (2, 3, 4, 5), (5, 2, 2), (4,), ())
ARRAYS = {
    "grey": np.arange(12.0).reshape(3, 4),
    "grey bytes": np.arange(12, dtype=np.uint8).reshape(3, 4),
    "bytes": np.arange(60, dtype=np.uint8).reshape(4, 5, 3),
    "floats": np.linspace(0, 1, 60, dtype=np.float32).reshape(4, 5, 3),
    "one channel": np.arange(20).reshape(4, 5, 1),
    "two channels": np.arange(40, dtype=np.uint8).reshape(4, 5, 2),
    "four channels": np.arange(80, dtype=np.uint8).reshape(4, 5, 4),
    "five channels": np.zeros((3, 4, 5), np.uint8),
    "int16": np.arange(-6, 6, dtype=np.int16).reshape(3, 4),
    "int32": np.arange(-6, 6, dtype=np.int32).reshape(3, 4),
    "int32 in colour": np.zeros((3, 4, 3), np.int32),
    "bool": np.eye(3, dtype=bool),
    "4-D": np.zeros((2, 3, 4, 5)),
    "1-D": np.zeros(3),
}  # fmt: skip


@pytest.mark.parametrize("mode", MODES)
def test_pictures_as_tensors(mode):
    for size in SIZES:
        img = picture(mode, *size)
        functional("to_tensor", img)
        functional("pil_to_tensor", img)
        for ask in ("get_dimensions", "get_image_size", "get_image_num_channels"):
            functional(ask, img)


def test_there_and_back():
    for mode in ("L", "RGB", "RGBA", "LA", "I", "F"):
        img = picture(mode, 6, 4)
        back = F.to_pil_image(F.pil_to_tensor(img), mode="F" if mode == "F" else None)
        assert (back.mode, back.tobytes()) == (mode, img.tobytes())
    img = picture("RGB", 6, 4)
    assert F.to_pil_image(F.to_tensor(img)).tobytes() == img.tobytes()


def test_to_tensor_is_the_bytes_over_255():
    img = picture("RGB", 5, 3)
    np.testing.assert_array_equal(
        F.to_tensor(img).numpy(), np.asarray(img).transpose(2, 0, 1).astype(np.float32) / np.float32(255)
    )


@pytest.mark.parametrize("name", ARRAYS)
def test_arrays(name):
    a = ARRAYS[name]
    functional("to_tensor", a)
    for mode in (None, *MODES):
        functional("to_pil_image", a, mode)


def test_arrays_that_run_backwards():
    """PyTorch takes no negative strides; here they are copied."""
    a = ARRAYS["bytes"]
    np.testing.assert_array_equal(
        F.to_tensor(a[::-1, ::-1]).numpy(), F.to_tensor(a[::-1, ::-1].copy()).numpy()
    )


@pytest.mark.parametrize("kind", TYPES)
def test_tensors_as_pictures(kind):
    for shape in SHAPES:
        for mode in (None, "L", "RGB", "F", "LA", "YCbCr", "CMYK", "I", "I;16"):
            functional("to_pil_image", image_tensor(shape, kind), mode)


@pytest.mark.parametrize("source", TYPES)
def test_types_of_pixels(source):
    x = image_tensor((3, 6, 5), source)
    for target in TYPES:
        if source == "uint16" and target in ("uint8", "int8", "int16", "bool"):
            continue  # PyTorch cannot divide this type; here it can
        functional("convert_image_dtype", x, getattr(torch, target))
    if not source.startswith("float"):
        return
    for target in ("uint8", "int16"):  # 0 and 1 are black and white, whatever the type
        ends = F.convert_image_dtype(glasstorch.tensor([0.0, 1.0]), getattr(glasstorch, target))
        assert ends.tolist() == [0, np.iinfo(target).max]


def test_normalize():
    for shape in SHAPES:
        for kind in ("float32", "float64", "uint8"):
            x = image_tensor(shape, kind)
            for mean, std in (
                ([0.5, 0.2, 0.1], [0.1, 0.2, 0.3]),
                ([0.5], [2.0]),
                ([0.5], [0.0]),
                (0.5, 2.0),
                ([0.5, 0.1], [1.0]),
            ):
                functional("normalize", x, mean, std, words=shape in ((3, 4, 5), (4,), ()))
    x = glasstorch.ones(1, 2, 2)
    assert F.normalize(x, [0.5], [0.5], inplace=True) is x
    assert float(x.sum()) == 4.0
    functional("normalize", picture("RGB", 3, 3), [0.5], [0.5])


def test_erase():
    for shape in SHAPES:
        x = image_tensor(shape)
        functional("erase", x, 0, 1, 2, 1, torch.tensor(0.25))
        functional("erase", x, 1, 0, 9, 9, 3, words=False)
    x = glasstorch.ones(1, 3, 3)
    assert F.erase(x, 0, 0, 2, 2, 0.0, inplace=True) is x
    assert float(x.sum()) == 5.0
    functional("erase", picture("L", 2, 2), 0, 0, 1, 1, 0)


@pytest.mark.parametrize("bad", ["words", None, 3, [1, 2]])
def test_what_is_no_image(bad):
    for name in ("to_tensor", "pil_to_tensor", "get_dimensions", "get_image_size", "get_image_num_channels", "hflip",
                 "vflip", "invert", "autocontrast", "equalize", "to_grayscale", "rgb_to_grayscale", "to_pil_image",
                 "convert_image_dtype"):  # fmt: skip
        functional(name, bad)
    for name, argument in (("adjust_brightness", 1.0), ("adjust_hue", 0.1), ("adjust_gamma", 1.0), ("posterize", 3),
                           ("solarize", 3), ("adjust_sharpness", 2.0), ("rotate", 3.0), ("pad", 1), ("center_crop", 2),
                           ("resize", 3), ("gaussian_blur", 3)):  # fmt: skip
        functional(name, bad, argument)


def test_a_truncated_file():
    whole = io.BytesIO()
    picture("RGB", 64, 64).save(whole, "PNG")
    cut = Image.open(io.BytesIO(whole.getvalue()[:-200]))
    with pytest.raises(OSError, match=r"truncated|broken"):
        F.to_tensor(cut)


def test_without_pillow(monkeypatch):
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(ImportError, match=r"pip install 'glasstorch\[vision\]'"):
        F.to_pil_image(glasstorch.zeros(3, 2, 2))
    assert tuple(F.resize(glasstorch.zeros(3, 2, 2), 5).shape) == (3, 5, 5)


def test_a_default_type_of_double():
    try:
        for E in (glasstorch, torch):
            E.set_default_dtype(E.float64)
        functional("to_tensor", picture("RGB", 3, 4))
    finally:
        for E in (glasstorch, torch):
            E.set_default_dtype(E.float32)
