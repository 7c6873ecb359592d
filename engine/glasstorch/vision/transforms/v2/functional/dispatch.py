"""One function for every kind of input: what it does to each is registered here as a kernel.

A kernel for boxes or points works on plain tensors and is told what they know as ``format``, ``canvas_size`` and
``clamping_mode``; it returns the new tensor, or that and the new size of the canvas.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

from .....core.tensor import Tensor
from .... import tv_tensors
from ....pillow import is_image

PILLOW = "PIL.Image.Image"  # stands for that class, which is imported only when an image is
PICTURES = (Tensor, tv_tensors.Image, tv_tensors.Video)
MASKS, BOXES, POINTS = (tv_tensors.Mask,), (tv_tensors.BoundingBoxes,), (tv_tensors.KeyPoints,)

_KERNELS: dict[Callable, dict[Any, Callable]] = {}
_BUILT_IN = {
    getattr(tv_tensors, name) for name in ("TVTensor", "Image", "Video", "Mask", "BoundingBoxes", "KeyPoints")
}


def is_pure_tensor(inpt: Any) -> bool:
    """Is it a tensor that does not know what it holds?"""
    return isinstance(inpt, Tensor) and not isinstance(inpt, tv_tensors.TVTensor)


def functional(description: Callable) -> Callable:
    """Decorator: a function that passes its arguments to the kernel for the type of the first.

    What is decorated says only its parameters and its documentation.
    """
    signature = inspect.signature(description)
    first = next(iter(signature.parameters))

    @functools.wraps(description)
    def call(*args: Any, **kwargs: Any) -> Any:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        given = dict(bound.arguments)
        inpt = given.pop(first)
        return kernel_for(call, inpt)(inpt, **given)

    _KERNELS[call] = {}
    return call


def kernel(function: Callable, *types: Any) -> Callable:
    """Decorator: registers a kernel of ``function`` for types. Known tensors are unwrapped and wrapped again."""

    def decorate(fn: Callable) -> Callable:
        for t in types:
            wrapped = t is not PILLOW and issubclass(t, tv_tensors.TVTensor)
            _KERNELS[function][t] = _wrapping(fn, t) if wrapped else fn
        return fn

    return decorate


_KNOWN = {
    tv_tensors.BoundingBoxes: ("format", "canvas_size", "clamping_mode"),
    tv_tensors.KeyPoints: ("canvas_size",),
}


def _wrapping(fn: Callable, cls: type) -> Callable:
    parameters = inspect.signature(fn).parameters
    takes_all = any(p.kind is p.VAR_KEYWORD for p in parameters.values())
    known = [name for name in _KNOWN.get(cls, ()) if name in parameters or takes_all]

    @functools.wraps(fn)
    def call(inpt: Any, *args: Any, **kwargs: Any) -> Any:
        # Plain tensors inside: the kernel pays nothing for the type, and its results are wrapped once
        plain = inpt.as_subclass(Tensor)
        out = fn(plain, *args, **kwargs, **{name: getattr(inpt, name) for name in known})
        if cls not in _KNOWN:
            many = isinstance(out, tuple)  # of five_crop and ten_crop
            return (
                tuple(tv_tensors.wrap(o, like=inpt) for o in out) if many else tv_tensors.wrap(out, like=inpt)
            )
        if isinstance(out, tuple):
            return tv_tensors.wrap(out[0], like=inpt, canvas_size=tuple(out[1]))
        return tv_tensors.wrap(out, like=inpt)

    return call


def kernel_for(function: Callable, inpt: Any, passthrough: bool = False) -> Callable:
    """The kernel of ``function`` for an input; TypeError (or one that does nothing) if there is none."""
    found = _KERNELS[function]
    if is_image(inpt) and PILLOW in found:
        return found[PILLOW]
    for cls in type(inpt).__mro__:
        if cls in found:
            return found[cls]
        if cls is tv_tensors.TVTensor:
            break  # classes of one's own are not taken for images
    if passthrough:
        return lambda inpt, *args, **kwargs: inpt
    names = [t if isinstance(t, str) else t.__name__ for t in found]
    raise TypeError(
        f"Functional F.{function.__name__} supports inputs of type {names}, but got {type(inpt)} instead."
    )


def register_kernel(functional: Callable | str, tv_tensor_cls: type) -> Callable:
    """Decorator: a kernel of a function (or its name) for a ``TVTensor`` class of one's own.

    The kernel gets such a tensor and the function's arguments as keywords, and returns what the function shall.
    """
    if isinstance(functional, str):
        by_name = {f.__name__: f for f in _KERNELS}
        if functional not in by_name:
            raise ValueError(
                f"Could not find functional with name '{functional}' in torchvision.transforms.v2.functional."
            )
        functional = by_name[functional]
    elif functional not in _KERNELS:
        raise ValueError(
            "Kernels can only be registered on functionals from the torchvision.transforms.v2.functional namespace, "
            f"but got {functional}."
        )
    if not (isinstance(tv_tensor_cls, type) and issubclass(tv_tensor_cls, tv_tensors.TVTensor)):
        raise ValueError(
            "Kernels can only be registered for subclasses of torchvision.tv_tensors.TVTensor, but got "
            f"{tv_tensor_cls}."
        )
    if tv_tensor_cls in _BUILT_IN:
        raise ValueError(
            f"Kernels cannot be registered for the builtin tv_tensor classes, but got {tv_tensor_cls}"
        )
    found = _KERNELS[functional]
    if tv_tensor_cls in found:
        raise ValueError(f"Functional {functional} already has a kernel registered for type {tv_tensor_cls}.")

    def decorate(fn: Callable) -> Callable:
        found[tv_tensor_cls] = fn
        return fn

    return decorate


def on_batch(fn: Callable, image: Any, *args: Any, **kwargs: Any) -> Any:
    """``fn`` of (N, C, H, W) for images with any dimensions before height and width."""
    if image.ndim in (3, 4):
        return fn(image, *args, **kwargs)
    if image.ndim == 2:
        return fn(image.unsqueeze(0), *args, **kwargs).squeeze(0)
    out = fn(image.reshape(-1, *image.shape[-3:]), *args, **kwargs)
    return out.reshape(*image.shape[:-3], *out.shape[-3:])


def with_channel(fn: Callable, mask: Any, *args: Any, **kwargs: Any) -> Any:
    """``fn`` of a mask that has at least three dimensions."""
    return fn(mask.unsqueeze(0), *args, **kwargs).squeeze(0) if mask.ndim < 3 else fn(mask, *args, **kwargs)
