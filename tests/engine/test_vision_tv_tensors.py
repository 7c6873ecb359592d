"""Tensors that know what they hold: how they are made, what keeps their type, and how they are shown."""

from __future__ import annotations

import copy
import pickle

import glasstorch
import glasstorch.vision.tv_tensors as tv
import numpy as np
import pytest
from support.same_vision import same

Image = pytest.importorskip("PIL.Image")


def told(x):
    """What a tensor knows and shows of itself."""
    if isinstance(x, (tuple, list)):
        return [told(part) for part in x]
    if not hasattr(x, "requires_grad"):
        return x
    known = [getattr(x, name, None) for name in ("canvas_size", "clamping_mode")]
    named = x.format.name if hasattr(x, "format") else None
    return [type(x).__name__, repr(x), named, *known, x.requires_grad]


MAKE = {
    "Image": lambda E, t: t.Image(E.arange(12.0).reshape(3, 2, 2)),
    "BoundingBoxes": lambda E, t: t.BoundingBoxes(
        [[1.0, 2, 3, 4], [2, 3, 4, 5]], format="XYXY", canvas_size=(10, 20)
    ),
    "KeyPoints": lambda E, t: t.KeyPoints([[1.0, 2], [3, 4]], canvas_size=(10, 20)),
    "Mask": lambda E, t: t.Mask(E.ones(2, 2)),
    "Video": lambda E, t: t.Video(E.ones(2, 1, 2, 2)),
}


@pytest.mark.parametrize(
    "make",
    [
        *MAKE.values(),
        lambda E, t: t.Image([[1, 2], [3, 4]]),
        lambda E, t: t.Image(3),
        lambda E, t: t.Image(E.rand(1, 2, 2), requires_grad=True),
        lambda E, t: t.Image(E.rand(1, 2, 2, requires_grad=True)),
        lambda E, t: t.Image(E.rand(1, 2, 2), dtype=E.float64),
        lambda E, t: t.Mask(E.zeros(2, 2), dtype=E.bool),
        lambda E, t: t.BoundingBoxes([1, 2, 3, 4], format="xywh", canvas_size=(10, 20), clamping_mode="hard"),
        lambda E, t: t.BoundingBoxes([[1, 2, 3, 4]], format=t.BoundingBoxFormat.CXCYWH, canvas_size=(1, 2)),
        lambda E, t: t.BoundingBoxes(
            [[1.0, 2, 3, 4, 5]], format="XYWHR", canvas_size=(1, 2), clamping_mode=None
        ),
        lambda E, t: t.BoundingBoxes([[1, 2, 3, 4, 5]], format="XYWHR", canvas_size=(10, 20)),
        lambda E, t: t.BoundingBoxes([[[1, 2, 3, 4]]], format="XYXY", canvas_size=(10, 20)),
        lambda E, t: t.BoundingBoxes([[1, 2, 3, 4]], format="XYXY", canvas_size=(10, 20), clamping_mode="x"),
        lambda E, t: t.BoundingBoxes([[1, 2, 3, 4]], format="WRONG", canvas_size=(10, 20)),
        lambda E, t: t.BoundingBoxes([[1, 2, 3, 4]], canvas_size=(10, 20)),
        lambda E, t: t.KeyPoints([1, 2], canvas_size=(10, 20)),
        lambda E, t: t.KeyPoints([[1, 2, 3]], canvas_size=(10, 20)),
        lambda E, t: t.is_rotated_bounding_format("XYWHR"),
        lambda E, t: t.is_rotated_bounding_format(t.BoundingBoxFormat.XYXY),
        lambda E, t: t.is_rotated_bounding_format(3),
        lambda E, t: t.set_return_type("other"),
    ],
)
def test_making(make):
    same(lambda E, V: told(make(E, V.tv_tensors)))


def test_pillow_images():
    picture = Image.fromarray(np.arange(48, dtype=np.uint8).reshape(4, 4, 3))
    same(lambda E, V: told(V.tv_tensors.Image(picture)))
    same(lambda E, V: told(V.tv_tensors.Mask(picture.convert("L"))))


def test_a_video_has_four_dimensions():
    with pytest.raises(ValueError, match="at least 4 dimensions"):
        tv.Video(glasstorch.ones(1, 2, 2))


OPERATIONS = {
    "add": lambda E, x: x + 1,
    "reversed": lambda E, x: 1 + x,
    "clone": lambda E, x: x.clone(),
    "to": lambda E, x: x.to(E.float64),
    "detach": lambda E, x: x.detach(),
    "requires_grad_": lambda E, x: x.requires_grad_(),
    "add_": lambda E, x: x.add_(1),
    "index": lambda E, x: x[0],
    "stack": lambda E, x: E.stack([x, x]),
    "sum": lambda E, x: x.sum(),
    "deepcopy": lambda E, x: copy.deepcopy(x),
    "shape": lambda E, x: tuple(x.shape),
    "ndim": lambda E, x: x.ndim,
    "dtype": lambda E, x: str(x.dtype).split(".")[-1],
    "chunk": lambda E, x: x.chunk(2),
    "unbind": lambda E, x: x.unbind(),
    "sort": lambda E, x: x.sort(),
    "max": lambda E, x: x.max(0),
    "times a plain one": lambda E, x: x * E.ones(2, 2, 2, 2)[:1, 0, 0, 0],
    "compare": lambda E, x: x == x,
    "view": lambda E, x: x.view(-1),
    "as_subclass": lambda E, x: x.as_subclass(E.Tensor),
    "len": lambda E, x: len(x),
}


@pytest.mark.parametrize("kind", MAKE)
@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("mode", ["Tensor", "tvtensor"])
def test_what_operations_give(kind, operation, mode):
    def run(E, V):
        with V.tv_tensors.set_return_type(mode):
            return told(OPERATIONS[operation](E, MAKE[kind](E, V.tv_tensors)))

    same(run)
    assert type(tv.Image(glasstorch.ones(1, 2, 2)) + 1) is glasstorch.Tensor  # the mode is over


def test_the_mode_can_be_set_for_good():
    try:
        tv.set_return_type("TVTensor")
        assert isinstance(tv.Mask(glasstorch.ones(2, 2)) + 1, tv.Mask)
    finally:
        tv.set_return_type("Tensor")
    assert not isinstance(tv.Mask(glasstorch.ones(2, 2)) + 1, tv.Mask)


def test_to_looks_only_at_what_it_is_given():
    same(lambda E, V: told(E.ones(2).to(MAKE["Image"](E, V.tv_tensors))))


@pytest.mark.parametrize(
    ("kind", "plain", "known"),
    [
        ("BoundingBoxes", (2, 4), {"canvas_size": (3, 4)}),
        ("BoundingBoxes", (2, 4), {"format": "XYWH"}),
        ("BoundingBoxes", (2, 4), {"clamping_mode": "hard"}),
        ("KeyPoints", (2, 2), {}),
        ("KeyPoints", (2, 2), {"canvas_size": (3, 4)}),
        ("Image", (1, 2, 4), {}),
    ],
)
def test_wrapping_again(kind, plain, known):
    same(lambda E, V: told(V.tv_tensors.wrap(E.ones(plain), like=MAKE[kind](E, V.tv_tensors), **known)))


def test_gradients_pass_through():
    def run(E, V):
        x = V.tv_tensors.Image(E.ones(1, 2, 2)).requires_grad_()
        (x * 2).sum().backward()
        return [type(x.grad).__name__, x.grad.tolist()]

    same(run)


def test_pickle_keeps_what_boxes_know():
    boxes = MAKE["BoundingBoxes"](glasstorch, tv)
    assert told(pickle.loads(pickle.dumps(boxes))) == told(boxes)


class Heat(tv.TVTensor):
    """A kind of one's own."""


def test_a_class_of_ones_own():
    heat = glasstorch.ones(2, 2).as_subclass(Heat)
    assert isinstance(heat.clone(), Heat)
    assert type(heat + 1) is glasstorch.Tensor
    assert isinstance(tv.wrap(glasstorch.ones(1), like=heat), Heat)
