"""New tensors of random numbers. Sampling has no gradient."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..core import dtype as dt
from ..core.device import device as Device
from ..core.device import get_default_device
from ..core.dims import sizes
from ..core.forms import public
from ..core.lanes import Lanes, batched, drawn_apart
from ..core.mode import STATE
from ..core.tensor import Tensor
from ..random import Generator, generator_for
from .create import _check_shape, empty_like, finish
from .distributions import DIGITS, Draw, integers, largest, normal, uniform


def new_random(name: str, draw: Callable[[dt.dtype], Draw], size: tuple, generator: Any, out: Tensor | None,
         dtype: dt.dtype | None, device: Any, requires_grad: bool, by_row: bool = False,
         pin_memory: bool = False) -> Tensor:  # fmt: skip
    """A tensor of fresh numbers (or ``out`` with them). ``by_row``: each example of a ``vmap`` is drawn by itself."""
    if dtype is not None and not isinstance(dtype, dt.dtype):
        raise TypeError(f"{name}(): argument 'dtype' must be torch.dtype, not {type(dtype).__name__}")
    if out is not None and dtype is not None and dtype is not out.dtype:
        raise RuntimeError(f"dtype {dtype.legacy} does not match dtype of out parameter ({out.dtype.legacy})")
    kind = dtype or (out.dtype if out is not None else dt.get_default_dtype())
    if requires_grad and kind.category < dt.FLOATING:
        raise RuntimeError("Only Tensors of floating point and complex dtype can require gradients")
    place = out.device if out is not None and device is None else Device(device or get_default_device())
    _check_shape(size)
    dt.numpy_dtype(kind)
    source, levels = generator_for(place, generator), drawn_apart() if STATE.special else ()
    if levels:  # inside vmap: numbers for every example
        lead = tuple(v.size for v in levels)
        if by_row:
            rows = [draw_numbers(draw(kind), size, kind, source, True) for _ in range(math.prod(lead))]
            a = np.stack(rows).reshape(*lead, *size)
        else:
            a = draw_numbers(draw(kind), (*lead, *size), kind, source, True)
        return batched(finish(a, place, requires_grad), levels)
    draws = (draw(kind), size, kind, source, True)
    a = draw_numbers(*draws)
    if STATE.recorder is not None:
        STATE.recorder.did(draw_numbers, draws, [a])
    if out is None:
        return finish(a, place, requires_grad, name, pin_memory)
    if out._a.shape == size:
        out._a[...] = a
    else:
        out._a = a
    out._v[0] += 1
    return out


def draw_numbers(draw: Draw, shape: tuple, kind: dt.dtype, generator: Generator, whole: bool) -> Any:
    """An array of ``shape``; ``whole`` when it will be stored without gaps."""
    n = math.prod(shape)
    if kind.is_complex:  # two real numbers for each
        parts = draw(generator.stream, 2 * n, whole).astype(dt.numpy_dtype(kind.to_real()), copy=False)
        return parts.view(dt.numpy_dtype(kind)).reshape(shape)
    return draw(generator.stream, n, whole).astype(dt.numpy_dtype(kind), copy=False).reshape(shape)


def _size(name: str, args: tuple, size: Any) -> tuple[int, ...]:
    if size is not None:
        args = (size,)
    elif not args:
        raise TypeError(
            f"{name}() received an invalid combination of arguments - got (), but expected one of:\n"
            f" * (tuple of ints size, *, torch.Generator generator, Tensor out = None, torch.dtype dtype = None, ...)"
        )
    return sizes(args)


@public
def rand(*args: Any, size: Any = None, generator: Generator | None = None, out: Tensor | None = None, dtype: Any = None,
         layout: Any = None, device: Any = None, requires_grad: bool = False,
          pin_memory: bool = False) -> Tensor:  # fmt: skip
    """rand(*size, *, generator=None, out=None, dtype=None, device=None, requires_grad=False) -> Tensor

    Uniform random numbers in [0, 1). Source: https://pytorch.org/docs/stable/generated/torch.rand.html
    """
    return new_random(
        "rand",
        uniform,
        _size("rand", args, size),
        generator,
        out,
        dtype,
        device,
        requires_grad,
        pin_memory=pin_memory,
    )


@public
def randn(*args: Any, size: Any = None, generator: Generator | None = None, out: Tensor | None = None,
          dtype: Any = None, layout: Any = None, device: Any = None, requires_grad: bool = False,
          pin_memory: bool = False) -> Tensor:  # fmt: skip
    """randn(*size, *, generator=None, out=None, dtype=None, device=None, requires_grad=False) -> Tensor

    Normal random numbers, mean 0 and variance 1. Source: https://pytorch.org/docs/stable/generated/torch.randn.html
    """
    return new_random(
        "randn",
        normal,
        _size("randn", args, size),
        generator,
        out,
        dtype,
        device,
        requires_grad,
        pin_memory=pin_memory,
    )


def _low_high(name: str, args: tuple, low: Any, high: Any) -> tuple[int, int, tuple]:
    """Split ``([low,] high, ...)`` given by position or name; the rest of the positions comes third."""
    rest = list(args)
    numbers = []
    while rest and len(numbers) < 2 and hasattr(rest[0], "__index__"):
        numbers.append(rest.pop(0).__index__())
    if low is not None:
        numbers.insert(0, low.__index__())
    if high is not None:
        numbers.append(high.__index__())
    if not 1 <= len(numbers) <= 2:
        raise TypeError(
            f"{name}() received an invalid combination of arguments: give high, or low and high, as ints"
        )
    lo, hi = (0, numbers[0]) if len(numbers) == 1 else numbers
    return lo, hi, tuple(rest)


@public
def randint(*args: Any, low: Any = None, high: Any = None, size: Any = None, generator: Generator | None = None,
            out: Tensor | None = None, dtype: Any = None, layout: Any = None, device: Any = None,
            requires_grad: bool = False,
          pin_memory: bool = False) -> Tensor:  # fmt: skip
    """randint(low=0, high, size, *, generator=None, out=None, dtype=None, device=None) -> Tensor

    Random integers in [low, high), int64 unless ``dtype`` says otherwise.
    Source: https://pytorch.org/docs/stable/generated/torch.randint.html
    """
    lo, hi, rest = _low_high("randint", args, low, high)
    size = rest[0] if size is None and len(rest) == 1 else size
    if not isinstance(size, (tuple, list)):
        if size is None and len(args) < 2:
            raise TypeError("randint() received an invalid combination of arguments: the size is missing")
        wrong = args[-1] if size is None else size
        raise TypeError(
            f"randint(): argument 'size' (position {len(args)}) must be tuple of ints, not {type(wrong).__name__}"
        )
    kind = dtype or (out.dtype if out is not None else dt.int64)
    return new_random(
        "randint",
        lambda k: integers(k, lo, hi),
        sizes((size,)),
        generator,
        out,
        kind,
        device,
        requires_grad,
        pin_memory=pin_memory,
    )


@public
def randperm(n: int, *, generator: Generator | None = None, out: Tensor | None = None, dtype: Any = None,
             layout: Any = None, device: Any = None, requires_grad: bool = False,
          pin_memory: bool = False) -> Tensor:  # fmt: skip
    """randperm(n, *, generator=None, out=None, dtype=torch.int64, device=None) -> Tensor

    The integers 0 .. n-1 in random order. Source: https://pytorch.org/docs/stable/generated/torch.randperm.html
    """
    kind = dtype or (out.dtype if out is not None else dt.int64)
    if not kind.is_floating_point and n > 0 and n > largest(kind):
        raise RuntimeError(f"value cannot be converted to type {np.dtype(kind.np).name}_t without overflow")
    if kind.is_floating_point and n > (1 << DIGITS[kind.name]) + 1:
        raise RuntimeError(f"n cannot be greater than {(1 << DIGITS[kind.name]) + 1} for {kind.legacy} type.")
    draw: Draw = lambda stream, n, whole: stream.permutation(n)  # noqa: E731
    return new_random(
        "randperm",
        lambda _: draw,
        (n.__index__(),),
        generator,
        out,
        kind,
        device,
        requires_grad,
        by_row=True,
        pin_memory=pin_memory,
    )


def _like(name: str, make: Callable, fill: str, words: str) -> Callable:
    def like(input: Tensor, *args: Any, dtype: Any = None, layout: Any = None, device: Any = None,
             requires_grad: bool = False, memory_format: Any = None, **more: Any) -> Tensor:  # fmt: skip
        if not isinstance(input, Tensor):
            raise TypeError(
                f"{name}(): argument 'input' (position 1) must be Tensor, not {type(input).__name__}"
            )
        if not isinstance(input._a, Lanes) and (memory_format is not None or not input._a.flags.c_contiguous):
            new = empty_like(input, dtype=dtype, device=device, memory_format=memory_format)
            if not new._a.flags.c_contiguous:  # the numbers come in the order of memory
                if fill == "random_":
                    *args, _ = _low_high(name, args, more.pop("low", None), more.pop("high", None))
                return getattr(new, fill)(*args, **more).requires_grad_(requires_grad)
        return make(*args, size=input._a.shape, dtype=dtype or input.dtype, device=device or input.device,
                    requires_grad=requires_grad, **more)  # fmt: skip

    like.__name__ = like.__qualname__ = name
    like.__doc__ = f"{words}, in the shape, type and place of ``input``."
    return public(like)


_OPTIONS = "dtype=None, device=None, requires_grad=False"
rand_like = _like("rand_like", rand, "uniform_", f"rand_like(input, *, {_OPTIONS}) -> Tensor\n\n"
                  "Uniform random numbers in [0, 1)")  # fmt: skip
randn_like = _like("randn_like", randn, "normal_", f"randn_like(input, *, {_OPTIONS}) -> Tensor\n\n"
                   "Normal random numbers, mean 0 and variance 1")  # fmt: skip
randint_like = _like("randint_like", randint, "random_", "randint_like(input, low=0, high, *, dtype=None, device=None) "
                     "-> Tensor\n\nRandom integers in [low, high)")  # fmt: skip
