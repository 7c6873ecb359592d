"""What the functions do to one kind of input, by torchvision's names: ``resize_image``, ``crop_bounding_boxes``, …

They take and give plain tensors. Those for boxes and points are told what a tensor that knows what it holds would know
(``format``, ``canvas_size``, ``clamping_mode``), and give the new canvas size too where it changes.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from .....core.tensor import Tensor
from .... import tv_tensors
from .dispatch import _KERNELS
from .meta import XYXY

_KINDS = {
    "image": Tensor,
    "video": tv_tensors.Video,
    "mask": tv_tensors.Mask,
    "bounding_boxes": tv_tensors.BoundingBoxes,
    "keypoints": tv_tensors.KeyPoints,
}
#: The functions after which boxes and points are on a canvas of another size …
_CHANGES_CANVAS = {"resize", "rotate", "pad", "crop", "center_crop", "resized_crop"}
#: … and those for which the old size does not matter.
_NEW_CANVAS = {"crop", "resized_crop"}


def by_name() -> dict[str, Callable]:
    """All of them."""
    found = {}
    for function, kernels in _KERNELS.items():
        for suffix, kind in _KINDS.items():
            if kind in kernels:
                name = f"{function.__name__}_{suffix}"
                found[name] = _kernel(function, kind)
                found[name].__name__ = found[name].__qualname__ = name
                found[
                    name
                ].__doc__ = (
                    f"``{function.__name__}`` of a plain tensor, taken for {suffix.replace('_', ' ')}."
                )
    return found


def _kernel(function: Callable, kind: type) -> Callable:
    if kind is Tensor:
        return lambda image, *args, **kwargs: function(image, *args, **kwargs)
    if kind in (tv_tensors.Video, tv_tensors.Mask):
        return lambda inpt, *args, **kwargs: _plain(function(inpt.as_subclass(kind), *args, **kwargs))
    return _places_kernel(function, kind)


def _plain(out: Any) -> Any:
    if isinstance(out, tuple):
        return tuple(_plain(o) for o in out)
    return out.as_subclass(Tensor) if isinstance(out, Tensor) else out


def _places_kernel(function: Callable, kind: Any) -> Callable:
    """The kernel for boxes or points: what they know comes first, then the function's own arguments."""
    name = function.__name__
    is_box = kind is tv_tensors.BoundingBoxes
    own = [
        p
        for p in list(inspect.signature(function).parameters)[1:]
        if p not in ("interpolation", "fill", "antialias")
    ]
    known = ([] if name in _NEW_CANVAS else ["canvas_size"]) if name != "get_size" else []
    if is_box and name not in ("resize", "get_size"):
        known = ["format", *known]
    order = (
        known
        + own
        + (["format"] if is_box and name == "resize" else [])
        + (["clamping_mode"] if is_box else [])
    )
    if name == "resize" and not is_box:
        order = ["size", "canvas_size", "max_size"]

    def call(places: Any, *args: Any, **kwargs: Any) -> Any:
        given = dict(zip(order, args)) | kwargs
        knows = {"canvas_size": given.pop("canvas_size", (0, 0))}
        if is_box:
            knows |= {
                "format": given.pop("format", XYXY),
                "clamping_mode": given.pop("clamping_mode", "soft"),
            }
        if name == "get_size":
            return function(places)
        shape = places.shape
        held = kind._wrap(places.reshape(-1, shape[-1]) if is_box else places, **knows)
        out = function(held, **given)
        moved = _plain(out).reshape(shape)
        # Points are told of their canvas after every affine map; boxes only where it changes
        tells = name in _CHANGES_CANVAS or (name == "affine" and not is_box)
        return (moved, tuple(out.canvas_size)) if tells else moved

    return call
