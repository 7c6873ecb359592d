"""Pictures, masks, boxes and points for the tests of transforms: each made for either engine by ``make(E, V)``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from support.same_vision import tensor, torch, torchvision

Image = pytest.importorskip("PIL.Image")

HEIGHT, WIDTH, COUNT = 23, 31, 6
SIZE = (HEIGHT, WIDTH)
rng = np.random.default_rng(0)
NOISE = rng.integers(0, 256, (3, *SIZE), dtype=np.uint8)
FLOATS = rng.random((3, *SIZE)).astype("float32")
rows, columns = np.mgrid[:HEIGHT, :WIDTH]
SMOOTH = np.stack([rows * 11, columns * 8, (rows + columns) * 4]).astype(np.uint8)
MASKS = rng.random((COUNT, *SIZE)) > 0.5
LABELS = rng.integers(0, 5, SIZE).astype(np.uint8)
POINTS = rng.random((5, 4, 2)) * [WIDTH, HEIGHT]

corner_size = np.concatenate(
    [rng.random((COUNT, 2)) * [WIDTH * 0.6, HEIGHT * 0.6], rng.random((COUNT, 2)) * [15, 11] + 1], 1
)
corners = np.concatenate([corner_size[:, :2], corner_size[:, :2] + corner_size[:, 2:]], 1)
centre_size = np.concatenate([corner_size[:, :2] + corner_size[:, 2:] / 2, corner_size[:, 2:]], 1)
turned = np.concatenate([centre_size, rng.random((COUNT, 1)) * 360 - 180], 1)


def _turned(fmt: str) -> np.ndarray:
    return torchvision.ops.box_convert(torch.tensor(turned), "cxcywhr", fmt).numpy()


BOXES = {
    "XYXY": corners,
    "XYWH": corner_size,
    "CXCYWH": centre_size,
    "XYWHR": _turned("xywhr"),
    "CXCYWHR": turned,
    "XYXYXYXY": _turned("xyxyxyxy"),
}


def boxes(fmt: str, dtype: str = "float32", mode: str | None = "soft") -> Callable[[Any, Any], Any]:
    def make(E: Any, V: Any) -> Any:
        values = tensor(E, BOXES[fmt].astype(dtype))
        return V.tv_tensors.BoundingBoxes(values, format=fmt, canvas_size=SIZE, clamping_mode=mode)

    return make


PICTURES: dict[str, Callable[[Any, Any], Any]] = {
    "bytes": lambda E, V: tensor(E, NOISE),
    "image": lambda E, V: V.tv_tensors.Image(tensor(E, SMOOTH)),
    "floats": lambda E, V: V.tv_tensors.Image(tensor(E, FLOATS)),
    "doubles": lambda E, V: tensor(E, np.stack([FLOATS, FLOATS * 0.5]).astype("float64")),
    "shorts": lambda E, V: tensor(E, NOISE.astype("int16") * 100),
    "grey": lambda E, V: V.tv_tensors.Image(tensor(E, NOISE[:1])),
    "video": lambda E, V: V.tv_tensors.Video(tensor(E, np.stack([[NOISE, SMOOTH], [SMOOTH, SMOOTH]]))),
    "pillow": lambda E, V: Image.fromarray(NOISE.transpose(1, 2, 0)),
    "grey pillow": lambda E, V: Image.fromarray(NOISE[0]),
}
PLACES: dict[str, Callable[[Any, Any], Any]] = {
    "mask": lambda E, V: V.tv_tensors.Mask(tensor(E, LABELS)),
    "masks": lambda E, V: V.tv_tensors.Mask(tensor(E, MASKS)),
    "points": lambda E, V: V.tv_tensors.KeyPoints(tensor(E, POINTS.astype("float32")), canvas_size=SIZE),
    "whole points": lambda E, V: V.tv_tensors.KeyPoints(tensor(E, POINTS.astype("int64")), canvas_size=SIZE),
    "no boxes": lambda E, V: V.tv_tensors.BoundingBoxes(E.zeros(0, 4), format="XYXY", canvas_size=SIZE),
    **{f"boxes {fmt}": boxes(fmt, "float64") for fmt in BOXES},
    **{f"whole boxes {fmt}": boxes(fmt, "int64") for fmt in ("XYXY", "XYWH", "CXCYWH")},
    **{f"hard boxes {fmt}": boxes(fmt, "float64", "hard") for fmt in ("XYWHR", "CXCYWHR", "XYXYXYXY")},
    "free boxes": boxes("CXCYWHR", "float32", None),
}


def detection(E: Any, V: Any) -> Any:
    """What a detector learns from: an image, and boxes, masks, labels and points on it."""
    target = {
        "boxes": boxes("XYXY")(E, V),
        "masks": PLACES["masks"](E, V),
        "labels": E.arange(COUNT),
        "id": 3,
        "points": PLACES["points"](E, V),
    }
    return V.tv_tensors.Image(tensor(E, NOISE)), target


SAMPLES: dict[str, Callable[[Any, Any], Any]] = {
    "tensor": PICTURES["bytes"],
    "floats": PICTURES["floats"],
    "pillow": PICTURES["pillow"],
    "video": PICTURES["video"],
    "grey": PICTURES["grey"],
    "detection": detection,
    "dictionary": lambda E, V: {
        "image": Image.fromarray(SMOOTH.transpose(1, 2, 0)),
        "boxes": boxes("CXCYWH", "float64")(E, V),
        "labels": E.arange(COUNT),
        "more": [E.rand(3), None, "x"],
    },
    "turned": lambda E, V: [tensor(E, FLOATS), boxes("CXCYWHR", "float64")(E, V), E.arange(COUNT)],
    "nothing": lambda E, V: 5,
}
