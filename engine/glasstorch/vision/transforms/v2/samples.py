"""What transforms ask of a sample and of their arguments."""

from __future__ import annotations

import numbers
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ... import tv_tensors
from ...pillow import is_image
from .functional.dispatch import is_pure_tensor
from .functional.meta import get_dimensions, get_size

Check = type | Callable[[Any], bool]


def check_type(obj: Any, types_or_checks: Sequence[Check]) -> bool:
    """Is it of one of the types, or does one of the functions say so?"""
    return any(isinstance(obj, c) if isinstance(c, type) else c(obj) for c in types_or_checks)


def has_any(flat_inputs: list[Any], *types_or_checks: Check) -> bool:
    """Is there one of any of these?"""
    return any(check_type(inpt, types_or_checks) for inpt in flat_inputs)


def has_all(flat_inputs: list[Any], *types_or_checks: Check) -> bool:
    """Is there one of each of these?"""
    return all(has_any(flat_inputs, c) for c in types_or_checks)


def _only(found: set, nothing: str, several: str) -> Any:
    if not found:
        raise TypeError(nothing)
    if len(found) > 1:
        listed = ", ".join(f"'{x}'" for x in sorted(found))
        raise ValueError(f"{several}: {listed}")
    return found.pop()


_PICTURES: tuple[Check, ...] = (is_pure_tensor, tv_tensors.Image, is_image, tv_tensors.Video)
_SIZED = (*_PICTURES, tv_tensors.Mask, tv_tensors.BoundingBoxes, tv_tensors.KeyPoints)


def query_chw(flat_inputs: list[Any]) -> tuple[int, int, int]:
    """Channels, height and width of the pictures, which must agree."""
    found = {tuple(get_dimensions(inpt)) for inpt in flat_inputs if check_type(inpt, _PICTURES)}
    return _only(
        found, "No image or video was found in the sample", "Found multiple CxHxW dimensions in the sample"
    )


def query_size(flat_inputs: list[Any]) -> tuple[int, int]:
    """Height and width of the pictures, masks, and what boxes and points are on; they must agree."""
    found = {tuple(get_size(inpt)) for inpt in flat_inputs if check_type(inpt, _SIZED)}
    nothing = "No image, video, mask, bounding box of keypoint was found in the sample"
    return _only(found, nothing, "Found multiple HxW dimensions in the sample")


def get_bounding_boxes(flat_inputs: list[Any]) -> Any:
    """The first boxes; ValueError if there are none."""
    for inpt in flat_inputs:
        if isinstance(inpt, tv_tensors.BoundingBoxes):
            return inpt
    raise ValueError("No bounding boxes were found in the sample")


def get_keypoints(flat_inputs: list[Any]) -> Any:
    """The first points; ValueError if there are none."""
    for inpt in flat_inputs:
        if isinstance(inpt, tv_tensors.KeyPoints):
            return inpt
    raise ValueError("No keypoints were found in the sample")


def _found_labels(inputs: Any) -> Any:
    """The second part of a tuple, if that is a tensor; else in a dictionary what is called labels, or much like it."""
    if isinstance(inputs, (tuple, list)):
        inputs = inputs[1]
    if is_pure_tensor(inputs):
        return inputs
    if not isinstance(inputs, Mapping):
        raise ValueError(
            "When using the default labels_getter, the input passed to forward must be a dictionary or a two-tuple "
            f"whose second item is a dictionary or a tensor, but got {inputs} instead."
        )
    keys = [k for k in inputs if k.lower() == "labels"] + [k for k in inputs if "label" in k.lower()]
    if not keys:
        raise ValueError(
            "Could not infer where the labels are in the sample. Try passing a callable as the labels_getter parameter?"
            "If there are no labels in the sample by design, pass labels_getter=None."
        )
    return inputs[keys[0]]


def labels_getter_of(labels_getter: Any) -> Callable[[Any], Any]:
    """The function that finds a sample's labels: "default", one's own, or None for samples without."""
    if labels_getter == "default":
        return _found_labels
    if callable(labels_getter):
        return labels_getter
    if labels_getter is None:
        return lambda inputs: None
    raise ValueError(
        f"labels_getter should either be 'default', a callable, or None, but got {labels_getter}."
    )


def two_numbers(arg: Any, name: str) -> list[float]:
    """One number twice, or two."""
    if not isinstance(arg, (int, float, Sequence)):
        raise TypeError(f"{name} should be a number or a sequence of numbers. Got {type(arg)}")
    if isinstance(arg, (int, float)):
        return [float(arg)] * 2
    if len(arg) not in (1, 2):
        raise ValueError(f"If {name} is a sequence its length should be 1 or 2. Got {len(arg)}")
    for element in arg:
        if not isinstance(element, (int, float)):
            raise ValueError(f"{name} should be a sequence of numbers. Got {type(element)}")
    return [float(arg[0]), float(arg[-1])]


class Fills:
    """The colours outside: one for all, or a dictionary with one for each type and "others" for the rest."""

    def __init__(self, fill: Any) -> None:
        by_type = fill if isinstance(fill, dict) else {"others": fill}
        self._by_type = {kind: self._checked(value) for kind, value in by_type.items()}

    @staticmethod
    def _checked(fill: Any) -> Any:
        if fill is not None and not isinstance(fill, (numbers.Number, tuple, list)):
            raise TypeError("Got inappropriate fill arg, only Numbers, tuples, lists and dicts are allowed.")
        return fill if fill is None or isinstance(fill, (int, float)) else [float(v) for v in fill]  # type: ignore[union-attr]

    def of(self, inpt: Any) -> Any:
        """The colour for an input."""
        return self._by_type.get(type(inpt), self._by_type.get("others"))


def check_padding(padding: Any) -> None:
    """ValueError unless it is one, two or four integers."""
    several = isinstance(padding, (tuple, list))
    fine = (
        len(padding) in (1, 2, 4) and all(isinstance(p, int) for p in padding)
        if several
        else isinstance(padding, int)
    )
    if not fine:
        raise ValueError(f"Padding must be an int or a 1, 2, or 4 element of tuple or list, got {padding}.")


def check_padding_mode(padding_mode: str) -> None:
    """ValueError for a mode that ``pad`` does not know."""
    if padding_mode not in ("constant", "edge", "reflect", "symmetric"):
        raise ValueError("Padding mode should be either constant, edge, reflect or symmetric")
