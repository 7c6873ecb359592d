"""Every function of transforms.v2 on every kind of input, against torchvision: values, types, canvases and errors."""

from __future__ import annotations

import glasstorch
import glasstorch.vision.tv_tensors as tv
import numpy as np
import pytest
from glasstorch.vision.transforms.v2 import functional as F
from support.same_vision import same, tensor
from support.whole_samples import BOXES, HEIGHT, LABELS, PICTURES, PLACES, POINTS, SIZE, WIDTH, rng

EVERYTHING = PICTURES | PLACES
DISPLACEMENT = (rng.random((1, *SIZE, 2)) * 0.2 - 0.1).astype("float32")
BEFORE = [[0, 0], [WIDTH - 1, 0], [WIDTH - 1, HEIGHT - 1], [0, HEIGHT - 1]]
AFTER = [[3, 2], [WIDTH - 4, 1], [WIDTH - 2, HEIGHT - 5], [1, HEIGHT - 2]]


def call(name, *args, **kwargs):
    return pytest.param(name, args, kwargs, id=f"{name}-{args}-{kwargs}"[:60])


GEOMETRY = [
    call("horizontal_flip"),
    call("vertical_flip"),
    call("get_size"),
    call("resize", (10, 12)),
    call("resize", [15]),
    call("resize", 12, max_size=14),
    call("resize", None, max_size=20),
    call("resize", (11, 13), interpolation="nearest"),
    call("resize", (11, 13), interpolation=0, antialias=False),
    call("resize", (9, 9), max_size=4),
    call("resize", (9, 9), interpolation="other"),
    call("pad", 3),
    call("pad", [2, 3], fill=7),
    call("pad", (1, 2, 3, 4), fill=[1, 2, 3]),
    call("pad", 2, padding_mode="edge"),
    call("pad", (2, 1, 0, 3), padding_mode="symmetric"),
    call("pad", [1, 2, 3]),
    call("pad", 2, padding_mode="other"),
    call("crop", 2, 3, 10, 12),
    call("crop", -3, -2, 40, 40),
    call("center_crop", 10),
    call("center_crop", [40, 20]),
    call("resized_crop", 2, 3, 15, 17, (10, 9)),
    call("resized_crop", -2, 3, 25, 17, [30], interpolation="nearest"),
    call("five_crop", (8, 9)),
    call("ten_crop", 10, vertical_flip=True),
    call("rotate", 0),
    call("rotate", 90),
    call("rotate", 90, expand=True),
    call("rotate", 180),
    call("rotate", -45.5, expand=True),
    call("rotate", 30, interpolation="bilinear", fill=5),
    call("rotate", 30, center=(3.5, 4), expand=True, fill=[1, 2, 3]),
    call("affine", 20, [2, 3], 1.2, [5, 10]),
    call("affine", -20, (2, -3), 0.7, 10, interpolation="bilinear", fill=9),
    call("affine", 45, [2, 3], 1.0, [30, -20], center=[1.5, 2]),
    call("perspective", BEFORE, AFTER),
    call("perspective", AFTER, BEFORE, interpolation="nearest", fill=[1, 2, 3]),
    call("perspective", None, None, coefficients=[1.1, 0.1, 2, 0.05, 0.9, 1, 0.001, 0.002]),
    call("perspective", None, None),
    call("elastic", "displacement"),
    call("elastic", "displacement", interpolation="nearest", fill=4),
    call("elastic", 3),
]


def run(name, args, kwargs, inputs, tolerance=2e-4, skip=()):
    """Compare ``name`` on each input; random images of many bytes may differ in few by one."""

    def called(E, V, make):
        given = [tensor(E, DISPLACEMENT) if a == "displacement" else a for a in args]
        return getattr(V.transforms.v2.functional, name)(make(E, V), *given, **kwargs)

    for kind, make in inputs.items():
        if kind not in skip:
            same(lambda E, V: called(E, V, make), tolerance, (name, args, kwargs, kind))


@pytest.mark.parametrize(("name", "args", "kwargs"), GEOMETRY)
def test_geometry(name, args, kwargs):
    # Interpolated shorts go through float32, where the last digit depends on the order of sums
    smooth = kwargs.get("interpolation") == "bilinear" or name in ("perspective", "elastic", "resize")
    run(name, args, kwargs, EVERYTHING, skip=("shorts",) if smooth else ())


@pytest.mark.parametrize(
    ("name", "args", "kwargs"),
    [
        call("affine", 2, [2, 3], 0, [5]),
        call("affine", "a", [2, 3], 1.2, [5]),
        call("affine", 2, [2], 1, [5]),
        call("affine", 2, [2, 2], 1, [1, 2, 3]),
    ],
)
def test_wrong_maps(name, args, kwargs):
    run(name, args, kwargs, EVERYTHING, skip=("no boxes",))


ADJUSTABLE = ("brightness", "contrast", "saturation", "sharpness")
COLOURS = [
    *[call(f"adjust_{what}", factor) for what in ADJUSTABLE for factor in (-1, 0, 0.5, 1.7)],
    *[call("adjust_hue", turn) for turn in (-0.5, 0.3, 0.7)],
    call("adjust_gamma", 0.7, gain=1.5),
    call("adjust_gamma", -1),
    *[call("posterize", bits) for bits in (0, 2, 8)],
    *[call("solarize", threshold) for threshold in (0, 0.5, 100, 300)],
    *[call(name) for name in ("autocontrast", "equalize", "invert", "grayscale_to_rgb", "get_dimensions")],
    *[call(name) for name in ("get_num_channels", "get_num_frames", "to_image", "gaussian_noise")],
    *[call("rgb_to_grayscale", num_output_channels=n) for n in (1, 2, 3)],
    call("permute_channels", [2, 0, 1]),
    call("normalize", [0.5, 0.4, 0.3], [0.2, 0.3, 0.4]),
    call("normalize", [0.5], [0.0]),
    call("gaussian_blur", 3),
    call("gaussian_blur", [3, 5], sigma=[0.5, 1.2]),
    call("gaussian_blur", 2),
    call("gaussian_blur", 3, sigma=0.0),
    call("gaussian_noise", 0.1, 0.3, False),
    call("gaussian_noise", sigma=-1.0),
    call("erase", 2, 3, 5, 6, 0),
    call("uniform_temporal_subsample", 2),
]  # fmt: skip


@pytest.mark.parametrize(("name", "args", "kwargs"), COLOURS)
def test_colours(name, args, kwargs):
    run(name, args, kwargs, PICTURES, 1e-5, skip=("shorts",) if name == "gaussian_blur" else ())


def test_more_bits_than_there_are():
    run("posterize", (9,), {}, PICTURES, skip=("pillow", "grey pillow"))  # Pillow has its own words


@pytest.mark.parametrize("wanted", ["float32", "uint8", "int16", "float64", "int32", "uint16"])
@pytest.mark.parametrize("scale", [True, False])
def test_types(wanted, scale):
    for kind, make in EVERYTHING.items():
        same(
            lambda E, V: V.transforms.v2.functional.to_dtype(make(E, V), getattr(E, wanted), scale),
            where=kind,
        )


BOXES_AND_POINTS = [
    *[call("convert_bounding_box_format", new_format=fmt) for fmt in BOXES],
    *[call("clamp_bounding_boxes", clamping_mode=mode) for mode in ("soft", "hard", None, "auto", "other")],
    call("convert_bounding_box_format"),
    call("clamp_keypoints"),
    call("sanitize_bounding_boxes"),
    call("sanitize_bounding_boxes", min_size=8, min_area=60),
    call("sanitize_keypoints"),
]


@pytest.mark.parametrize(("name", "args", "kwargs"), BOXES_AND_POINTS)
def test_boxes_and_points(name, args, kwargs):
    run(name, args, kwargs, PLACES)


def test_plain_boxes_and_points():
    def plain(E, fmt="XYXY"):
        return tensor(E, BOXES[fmt])

    same(lambda E, V: V.transforms.v2.functional.convert_bounding_box_format(plain(E), "XYXY", "xywh"))
    same(lambda E, V: V.transforms.v2.functional.convert_bounding_box_format(plain(E), new_format="xywh"))
    same(lambda E, V: V.transforms.v2.functional.clamp_bounding_boxes(plain(E)))
    same(lambda E, V: V.transforms.v2.functional.sanitize_bounding_boxes(plain(E), "xyxy", SIZE))
    same(lambda E, V: V.transforms.v2.functional.sanitize_bounding_boxes(plain(E)))
    same(lambda E, V: V.transforms.v2.functional.clamp_keypoints(plain(E)[:, :2], SIZE))
    same(lambda E, V: V.transforms.v2.functional.sanitize_keypoints(plain(E)[:, :2] * 2, SIZE))


def kernels(E, V):
    """Plain tensors through what the functions are made of, told what they need to know."""
    f, xyxy = V.transforms.v2.functional, V.tv_tensors.BoundingBoxFormat.XYXY
    image, mask = PICTURES["bytes"](E, V), tensor(E, LABELS)
    boxes, points = tensor(E, BOXES["XYXY"]), tensor(E, POINTS.astype("float32"))
    displacement = tensor(E, DISPLACEMENT)
    return [
        f.resize_image(image, [10, 12], "nearest"),
        f.adjust_brightness_image(image, 1.5),
        f.horizontal_flip_video(image[None]),
        f.resize_mask(mask, [10, 12]),
        f.rotate_mask(mask, 30),
        f.get_size_mask(mask),
        f.get_dimensions_image(image),
        f.five_crop_video(image[None], 8),
        f.horizontal_flip_bounding_boxes(boxes, xyxy, SIZE),
        f.resize_bounding_boxes(boxes, SIZE, [10, 12]),
        f.affine_bounding_boxes(boxes, xyxy, SIZE, 20, [1, 2], 1.1, [3, 4]),
        f.rotate_bounding_boxes(boxes, xyxy, SIZE, 20, expand=True),
        f.pad_bounding_boxes(boxes, xyxy, SIZE, [1, 2, 3, 4]),
        f.crop_bounding_boxes(boxes, xyxy, 1, 2, 10, 11),
        f.center_crop_bounding_boxes(boxes, xyxy, SIZE, [8, 9]),
        f.resized_crop_bounding_boxes(boxes, xyxy, 1, 2, 10, 11, [5, 6]),
        f.perspective_bounding_boxes(boxes, xyxy, SIZE, BEFORE, AFTER),
        f.elastic_bounding_boxes(boxes, xyxy, SIZE, displacement),
        f.vertical_flip_keypoints(points, SIZE),
        f.resize_keypoints(points, [10, 12], SIZE),
        f.affine_keypoints(points, SIZE, 20, [1, 2], 1.1, [3, 4]),
        f.pad_keypoints(points, SIZE, [1, 2, 3, 4]),
        f.crop_keypoints(points, 1, 2, 10, 11),
        f.elastic_keypoints(points, SIZE, displacement),
    ]


def test_what_the_functions_are_made_of():
    same(kernels, 2e-4)


def test_conversion_in_place():
    boxes = glasstorch.tensor(BOXES["XYXY"])
    out = F.convert_bounding_box_format(boxes, "XYXY", "CXCYWH", inplace=True)
    assert out is boxes
    np.testing.assert_allclose(boxes.numpy(), BOXES["CXCYWH"])


def test_compression():
    image = PICTURES["image"](glasstorch, glasstorch.vision)
    out = F.jpeg(image, 30)
    assert isinstance(out, tv.Image)
    encoded = glasstorch.vision.io.encode_jpeg(image.as_subclass(glasstorch.Tensor), 30)
    assert glasstorch.equal(out.as_subclass(glasstorch.Tensor), glasstorch.vision.io.decode_jpeg(encoded))
    assert F.jpeg(PICTURES["pillow"](glasstorch, glasstorch.vision), 30).size == (WIDTH, HEIGHT)
    assert F.jpeg(PICTURES["video"](glasstorch, glasstorch.vision), 30).shape == (2, 2, 3, *SIZE)


class Sound(tv.TVTensor):
    """A kind of one's own."""


def test_kernels_of_ones_own():
    sound = glasstorch.arange(4.0).as_subclass(Sound)
    with pytest.raises(TypeError, match=r"Functional F\.horizontal_flip supports inputs of type"):
        F.horizontal_flip(sound)

    @F.register_kernel("horizontal_flip", Sound)
    def backwards(sound):
        return tv.wrap(sound.flip(0), like=sound)

    assert F.horizontal_flip(sound).tolist() == [3, 2, 1, 0]
    assert glasstorch.vision.transforms.v2.RandomHorizontalFlip(p=1.0)(sound).tolist() == [3, 2, 1, 0]
    for function, kind, words in (
        ("no_such", Sound, "Could not find functional with name 'no_such'"),
        (len, Sound, "can only be registered on functionals"),
        (F.crop, glasstorch.Tensor, "can only be registered for subclasses"),
        (F.crop, tv.Image, "cannot be registered for the builtin"),
        (F.horizontal_flip, Sound, "already has a kernel"),
    ):
        with pytest.raises(ValueError, match=words):
            F.register_kernel(function, kind)
