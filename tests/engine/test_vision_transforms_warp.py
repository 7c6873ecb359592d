"""Rotations, affine and perspective maps and displacements, against torchvision and against known turns."""

from __future__ import annotations

import glasstorch
import numpy as np
import pytest
from glasstorch.vision.transforms import functional as F
from support.differential import torch
from support.images import functional, image_tensor, picture
from support.torchvision_reference import torchvision

IM = torchvision.transforms.InterpolationMode
PICTURES = [picture(mode, 9, 6) for mode in ("L", "RGB", "LA", "RGBA", "1", "I", "F", "CMYK", "P")]
SHAPES = ((3, 1, 1), (1, 5, 7), (3, 12, 12), (2, 3, 9, 8))
TENSORS = [image_tensor(shape, kind) for shape in SHAPES for kind in ("float32", "uint8", "float64")]
ODD = [image_tensor(shape) for shape in ((4,), (), (2, 2, 3, 5, 4))] + [
    image_tensor((1, 5, 7), k) for k in ("bool", "int16")
]
FILLS = (None, 0.5, [1], (1, 2, 3))


@pytest.mark.parametrize("angle", [0, 90, 180, 33.3, -45.0, "a"])
def test_rotations(angle):
    for k, img in enumerate(PICTURES + TENSORS + ODD):
        near = {"near": 1}  # of bytes that fall within the last bits of one half, either neighbour is right
        functional("rotate", img, angle, list(IM)[k % 7], **near)
        functional(
            "rotate",
            img,
            angle,
            IM.NEAREST,
            expand=True,
            fill=FILLS[k % 4],
            words=img.dim() == 3 if k > 8 else True,
        )
        functional(
            "rotate", img, angle, IM.BILINEAR, center=(2, 1), fill=FILLS[k // 3 % 4], words=k < 21, **near
        )
        functional("rotate", img, angle, (0, 2, 3)[k % 3], expand=True, center=[0, 1], words=k < 21, **near)


@pytest.mark.parametrize(
    "how",
    [(10.0, (1, 2), 1.2, (5.0, 3.0)), (0, [0, 0], 1.0, 0.0), (-70, [3, -2], 0.5, [20.0]), (0, 3, 1.0, 0),
     (0, (1, 2, 3), 1.0, 0), (0, (0, 0), 0.0, 0), (0, (1, 1), 1.0, "a"), (0, (1, 1), 1.0, (1, 2, 3)),
     ("a", (1, 1), 1.0, 1)],
)  # fmt: skip
def test_affine_maps(how):
    for k, img in enumerate(PICTURES + TENSORS + ODD):
        functional("affine", img, *how, words=k < 21)
        functional("affine", img, *how, interpolation=IM.BILINEAR, fill=FILLS[k % 4], words=k < 21, near=1)
        functional("affine", img, *how, interpolation=list(IM)[k % 7], center=[0, 1], words=k < 21, near=1)


@pytest.mark.parametrize(
    "ends", [[[1, 0], [5, 1], [6, 4], [0, 3]], [[1, 1], [4, 0], [7, 7], [-2, 3]], [[0, 0]] * 3, None]
)
def test_perspective_maps(ends):
    starts = [[0, 0], [6, 0], [6, 4], [0, 4]]
    for k, img in enumerate(PICTURES + TENSORS + ODD):
        functional("perspective", img, starts, ends, words=k < 21, near=1)
        functional(
            "perspective",
            img,
            starts,
            ends,
            (IM.NEAREST, 2, IM.BICUBIC)[k % 3],
            FILLS[k % 4],
            words=k < 21,
            near=1,
        )


def test_a_perspective_map_brings_corners_to_corners():
    starts, ends = [[0, 0], [12, 0], [12, 9], [0, 9]], [[2, 1], [11, 3], [12, 8], [0, 9]]
    a, b, c, d, e, f, g, h = F.warp.perspective_coefficients(starts, ends)
    for (u, v), (x, y) in zip(starts, ends, strict=True):
        n = g * x + h * y + 1
        np.testing.assert_allclose(((a * x + b * y + c) / n, (d * x + e * y + f) / n), (u, v), atol=1e-5)
    img = picture("RGB", 13, 10)
    assert F.perspective(img, starts, starts).tobytes() == img.tobytes()
    for bad in ([[0, 0]] * 4, [[0, 0], [1, 1], [2, 2], [3, 3]], [[0, 0], [6, 0], [6, 0], [0, 4]]):
        functional("perspective", img, starts, bad, words=False)
    with pytest.raises(RuntimeError, match="does not have full rank"):
        F.perspective(img, starts, [[0, 0]] * 4)


def test_displacements():
    for k, img in enumerate(PICTURES + TENSORS + ODD[3:]):
        h, w = img.shape[-2:] if isinstance(img, torch.Tensor) else img.size[::-1]
        d = torch.from_numpy(np.random.default_rng(k).normal(size=(1, h, w, 2)).astype(np.float32)) * 0.2
        functional("elastic_transform", img, d, near=1)
        functional("elastic_transform", img, d, IM.NEAREST, 0.5)
        functional("elastic_transform", img, d, 2, FILLS[k % 4], near=1)
        functional("elastic_transform", img, d.double(), IM.BICUBIC, near=1)
        functional("elastic_transform", img, d * 0)
        functional("elastic_transform", img, d[:, :0])
        functional("elastic_transform", img, 3)
    functional("elastic_transform", "a", torch.zeros(1, 2, 2, 2))


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_quarter_turns_are_exact(turns):
    img = picture("RGB", 8, 8)
    x = F.pil_to_tensor(img)
    expected = np.rot90(x.numpy(), turns, (1, 2))
    np.testing.assert_array_equal(F.rotate(x, 90.0 * turns).numpy(), expected)
    np.testing.assert_array_equal(F.pil_to_tensor(F.rotate(img, 90.0 * turns)).numpy(), expected)


def test_whole_translations_are_exact():
    x = image_tensor((3, 6, 8)).numpy()
    moved = F.affine(glasstorch.tensor(x), 0.0, [2, -1], 1.0, [0.0, 0.0]).numpy()
    np.testing.assert_array_equal(moved[:, :-1, 2:], x[:, 1:, :-2])
    assert not moved[:, -1].any()
    assert not moved[:, :, :2].any()


def test_what_is_refused():
    for img in (PICTURES[0], TENSORS[4], TENSORS[5]):
        functional("rotate", img, 3.0, "bilinear")
        functional("rotate", img, 3.0, center=3)
        functional("rotate", img, 3.0, fill="a", words=False)
        functional("rotate", img, 3.0, fill=(1, 2, 3, 4))
        functional("affine", img, 3.0, (1, 1), 1.0, 0.0, center=3)
