"""What every transform is: a module that finds what to change in a sample, and how, and puts it back where it was."""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Any

from ....core.tensor import Tensor
from ....core.tree import tree_flatten, tree_unflatten
from ....nn import Module
from ....ops.random import rand
from ... import tv_tensors
from ...pillow import is_image
from .functional.dispatch import is_pure_tensor, kernel_for
from .samples import check_type, has_any


class Transform(Module):
    """The base of all transforms, and of one's own.

    A sample is anything made of tuples, lists and dictionaries. Pictures, masks, boxes and points in it are changed
    together; a plain tensor is taken for an image if there is no other, and only the first.

    A class of one's own overrides ``transform``; for random numbers, drawn once for the whole sample, ``make_params``;
    and ``check_inputs`` to refuse samples. Source: https://pytorch.org/vision/stable/transforms.html
    """

    #: Types, or functions that tell whether to change something; all else passes through.
    _transformed_types: tuple[type | Callable[[Any], bool], ...] = (Tensor, is_image)

    def check_inputs(self, flat_inputs: list[Any]) -> None:
        """Raise an error for a sample, given as the list of all in it, that cannot be transformed."""

    def make_params(self, flat_inputs: list[Any]) -> dict[str, Any]:
        """The choices for one sample; ``flat_inputs`` are all in it that will be changed."""
        return {}

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        """One picture, mask, set of boxes or points, changed as ``params`` say."""
        raise NotImplementedError

    def _call_kernel(self, functional: Callable, inpt: Any, *args: Any, **kwargs: Any) -> Any:
        """``functional`` of an input, or the input itself if that has no kernel for it."""
        return kernel_for(functional, inpt, passthrough=True)(inpt, *args, **kwargs)

    def forward(self, *inputs: Any) -> Any:
        """The sample, transformed. Override ``transform`` instead."""
        sample = inputs if len(inputs) > 1 else inputs[0]
        flat, spec = tree_flatten(sample)
        self.check_inputs(flat)
        if not self._happens():
            return sample
        wanted = self._needs_transform_list(flat)
        params = self.make_params([inpt for inpt, want in zip(flat, wanted) if want])
        out = [self.transform(inpt, params) if want else inpt for inpt, want in zip(flat, wanted)]
        return tree_unflatten(out, spec)

    def _happens(self) -> bool:
        return True

    def _needs_transform_list(self, flat_inputs: list[Any]) -> list[bool]:
        """Which of a sample's parts are to be changed."""
        takes_plain = not has_any(flat_inputs, tv_tensors.Image, tv_tensors.Video, is_image)
        wanted = []
        for inpt in flat_inputs:
            want = check_type(inpt, self._transformed_types)
            if want and is_pure_tensor(inpt):
                want, takes_plain = takes_plain, False
            wanted.append(want)
        return wanted

    def extra_repr(self) -> str:
        shown = (bool, int, float, str, tuple, list, enum.Enum)
        known = {k: v for k, v in vars(self).items() if not k.startswith("_") and k != "training"}
        return ", ".join(f"{k}={v}" for k, v in known.items() if isinstance(v, shown))


class RandomlyApplied(Transform):
    """A transform that happens with probability ``p``."""

    def __init__(self, p: float = 0.5) -> None:
        if not 0.0 <= p <= 1.0:
            raise ValueError("`p` should be a floating point value in the interval [0.0, 1.0].")
        super().__init__()
        self.p = p

    def _happens(self) -> bool:
        return rand(1).item() < self.p
