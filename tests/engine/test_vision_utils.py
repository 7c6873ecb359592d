"""Grids, boxes, masks, points and flow drawn as torchvision draws them, pixel by pixel."""

from __future__ import annotations

import io

import glasstorch
import numpy as np
import pytest
from glasstorch.vision import utils
from support.same_vision import same, tensor

Image = pytest.importorskip("PIL.Image")
ImageFont = pytest.importorskip("PIL.ImageFont")

rng = np.random.default_rng(0)
BYTES = rng.integers(0, 256, (3, 60, 80), dtype=np.uint8)
FLOATS = rng.random((3, 60, 80)).astype("float32")
GREY, COLOURS = (rng.random((n, c, 6, 7)).astype("float32") * 4 - 1 for n, c in ((5, 1), (7, 3)))


@pytest.mark.parametrize("images", [GREY, COLOURS, COLOURS[:1], COLOURS[0], COLOURS[0, 0], GREY[0]])
@pytest.mark.parametrize(
    "how",
    [
        {},
        {"nrow": 3},
        {"padding": 0},
        {"padding": 3, "pad_value": 0.5},
        {"normalize": True},
        {"normalize": True, "scale_each": True},
        {"normalize": True, "value_range": (-1, 2)},
        {"normalize": True, "value_range": [-1, 2]},
    ],
)
def test_grids(images, how):
    same(lambda E, V: V.utils.make_grid(tensor(E, images), **how))


def test_grids_of_lists_and_of_bytes():
    same(lambda E, V: V.utils.make_grid([tensor(E, x) for x in COLOURS]))
    same(lambda E, V: V.utils.make_grid(tensor(E, BYTES[None].repeat(3, 0))))
    for wrong in (3, [3]):
        same(lambda E, V: V.utils.make_grid(wrong))


@pytest.mark.parametrize("images", [FLOATS, GREY, COLOURS])
def test_saved_pictures(images, tmp_path):
    def saved(E, V):
        file = io.BytesIO()
        V.utils.save_image(tensor(E, images), file, "PNG", nrow=2, normalize=True)
        return Image.open(file).convert("RGB")

    same(saved)
    utils.save_image(glasstorch.tensor(FLOATS), tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as back:
        assert np.array(back).shape == (60, 80, 3)


BOXES = np.array([[5, 6, 30, 40], [0, 0, 79, 59], [20.7, 10.2, 60.9, 50.9], [3, 3, 3, 3]], "float32")
TURNED = np.array([[10, 10, 40, 15, 38, 40, 8, 35], [30, 5, 70, 5, 70, 50, 30, 50]], "float32")
LABELS = ["a", "Bq", None, "w"]


@pytest.mark.parametrize("image", [BYTES, FLOATS, BYTES[:1], FLOATS.astype("float16")])
@pytest.mark.parametrize("boxes", [BOXES, TURNED])
@pytest.mark.parametrize(
    "how",
    [
        {},
        {"colors": "red"},
        {"colors": (1, 2, 3), "width": 4},
        {"colors": ["red", "#ff00ff", (9, 8, 7), "blue", "green"]},
        {"fill": True, "width": 3},
        {"labels": LABELS},
        {"labels": LABELS, "fill_labels": True},
        {"labels": LABELS, "fill_labels": True, "label_colors": "white", "label_background_colors": "green"},
        {"labels": LABELS, "label_colors": ["red", "blue", "green", "cyan"]},
    ],
)
def test_boxes(image, boxes, how):
    how = {**how, "labels": how["labels"][: len(boxes)]} if "labels" in how else how
    same(lambda E, V: V.utils.draw_bounding_boxes(tensor(E, image), tensor(E, boxes), **how), 1e-3)


def test_a_font_of_ones_own():
    font = "DejaVuSans.ttf"
    try:
        ImageFont.truetype(font)
    except OSError:
        pytest.skip("this system has no DejaVu Sans to draw with")
    for size in (None, 14):
        how = {"labels": ["x"] * 4, "font": font, "font_size": size}
        same(lambda E, V: V.utils.draw_bounding_boxes(tensor(E, BYTES), tensor(E, BOXES), **how))


WRONG_BOXES = [
    (lambda E: 3, lambda E: tensor(E, BOXES), {}),
    (lambda E: tensor(E, BYTES).long(), lambda E: tensor(E, BOXES), {}),
    (lambda E: tensor(E, BYTES)[None], lambda E: tensor(E, BOXES), {}),
    (lambda E: tensor(E, BYTES)[:2], lambda E: tensor(E, BOXES), {}),
    (lambda E: tensor(E, BYTES), lambda E: tensor(E, BOXES[:, [2, 1, 0, 3]]), {}),
    (lambda E: tensor(E, BYTES), lambda E: tensor(E, BOXES[:0]), {}),
    (lambda E: tensor(E, BYTES), lambda E: tensor(E, BOXES), {"labels": ["a"]}),
    (lambda E: tensor(E, BYTES), lambda E: tensor(E, BOXES), {"colors": ["red"]}),
    (lambda E: tensor(E, BYTES), lambda E: tensor(E, BOXES), {"colors": 3}),
    (lambda E: tensor(E, BYTES), lambda E: tensor(E, BOXES), {"colors": (1, 2)}),
    (lambda E: tensor(E, BYTES), lambda E: tensor(E, BOXES), {"colors": "no colour"}),
]


@pytest.mark.parametrize(("image", "boxes", "how"), WRONG_BOXES)
def test_boxes_that_cannot_be_drawn(image, boxes, how):
    same(lambda E, V: V.utils.draw_bounding_boxes(image(E), boxes(E), **how))


MASKS = rng.random((3, 60, 80)) > 0.7


@pytest.mark.parametrize("image", [BYTES, FLOATS])
@pytest.mark.parametrize("masks", [MASKS, MASKS[0], MASKS[:0]])
@pytest.mark.parametrize(
    "how", [{}, {"alpha": 0.3}, {"colors": "red"}, {"colors": ["red", (1, 2, 3), "#00ff00"]}]
)
def test_masks(image, masks, how):
    same(lambda E, V: V.utils.draw_segmentation_masks(tensor(E, image), tensor(E, masks), **how))


@pytest.mark.parametrize(
    ("image", "masks"),
    [
        (BYTES[:1], MASKS),
        (BYTES[None], MASKS),
        (BYTES, MASKS[:, :3]),
        (BYTES, MASKS[None]),
        (BYTES, MASKS.astype(int)),
    ],
)
def test_masks_that_cannot_be_drawn(image, masks):
    same(lambda E, V: V.utils.draw_segmentation_masks(tensor(E, image), tensor(E, masks)))


POINTS, SEEN = rng.random((3, 5, 2)) * [80, 60], rng.random((3, 5)) > 0.3


@pytest.mark.parametrize("image", [BYTES, FLOATS])
@pytest.mark.parametrize(
    "how",
    [
        {},
        {"colors": "red", "radius": 4},
        {"connectivity": [(0, 1), (1, 3)]},
        {"connectivity": [(0, 1), (1, 3)], "width": 1, "visibility": SEEN},
        {"visibility": SEEN[..., None].astype("float32")},
        {"visibility": SEEN[0]},
        {"visibility": SEEN[:2]},
    ],
)
def test_points(image, how):
    def drawn(E, V):
        given = {k: tensor(E, v) if k == "visibility" else v for k, v in how.items()}
        return V.utils.draw_keypoints(tensor(E, image), tensor(E, POINTS), **given)

    same(drawn)


def test_points_that_cannot_be_drawn():
    same(lambda E, V: V.utils.draw_keypoints(tensor(E, BYTES), tensor(E, POINTS[0])))
    same(lambda E, V: V.utils.draw_keypoints(3, tensor(E, POINTS)))


FLOW = rng.normal(size=(2, 2, 30, 40)).astype("float32")


@pytest.mark.parametrize("flow", [FLOW, FLOW[0], FLOW * 0, FLOW * 100, FLOW.astype("float64"), FLOW[:, :1]])
def test_flow(flow):
    same(lambda E, V: V.utils.flow_to_image(tensor(E, flow)))
