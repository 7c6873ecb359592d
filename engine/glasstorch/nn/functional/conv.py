"""Convolutions and their transposes, with PyTorch's checks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...backends.windows import Geometry
from ...core.frames import warn_once
from ...core.mode import STATE, THREAD
from ...core.tensor import Tensor
from ...ops.conv import conv_op, conv_transposed
from ...ops.matmul import _c_name
from ...ops.nnmisc import constant_pad


def _tuple(name: str, value: Any, n: int, dimensions: int) -> tuple[int, ...]:
    """One int for each of the weight's ``dimensions``. A single int stands for ``n``, those of the function."""
    out = tuple(int(v) for v in value) if isinstance(value, Sequence) else (int(value),) * n
    if len(out) == 1:
        out *= dimensions
    if len(out) != dimensions:
        raise RuntimeError(
            f"expected {name} to be a single integer value or a list of {dimensions} values to match the convolution "
            f"dimensions, but got {name}={list(out)}"
        )
    return out


def _tensors(name: str, input: Any, weight: Any) -> None:
    for k, (arg, v) in enumerate((("input", input), ("weight", weight))):
        if not isinstance(v, Tensor):
            raise TypeError(
                f"{name}(): argument '{arg}' (position {k + 1}) must be Tensor, not {type(v).__name__}"
            )


def _batched(name: str, input: Tensor, n: int) -> tuple[Tensor, bool]:
    """The input with a batch dimension, and whether it had one."""
    ndim = input._a.ndim
    if ndim not in (n + 1, n + 2):
        raise RuntimeError(
            f"Expected {n + 1}D (unbatched) or {n + 2}D (batched) input to {name}, but got input of size: "
            f"{list(input._a.shape)}"
        )
    return (input, True) if ndim == n + 2 else (input.unsqueeze(0), False)  # type: ignore[attr-defined]


def _check(
    x: Tensor, w: Tensor, bias: Tensor | None, geometry: Geometry, transposed: bool, pads: tuple
) -> None:
    """What PyTorch checks before every convolution, in its order and words."""
    groups, shape = geometry.groups, list(w._a.shape)
    if any(p < 0 for p in geometry.padding):
        raise RuntimeError("negative padding is not supported")
    if any(s <= 0 for s in geometry.stride):
        raise RuntimeError("non-positive stride is not supported")
    if any(d <= 0 for d in geometry.dilation):
        wide = (1, *geometry.dilation) if len(geometry.dilation) == 1 else geometry.dilation
        named = ", ".join(
            f"dilation_{a}: {d}"
            for a, d in zip(("depth", "height", "width")[-len(wide) :], wide, strict=True)
        )
        raise RuntimeError(
            f"dilation should be greater than zero, but got {named if transposed else list(wide)}"
        )
    if groups <= 0:
        raise RuntimeError("non-positive groups is not supported")
    if x._a.ndim != w._a.ndim:
        raise RuntimeError(
            f"Expected {w._a.ndim}-dimensional input for {w._a.ndim}-dimensional weight {shape}, but got "
            f"{x._a.ndim}-dimensional input of size {list(x._a.shape)} instead"
        )
    if shape[0] < groups:
        raise RuntimeError(
            f"Given groups={groups}, expected weight to be at least {groups} at dimension 0, but got weight of size "
            f"{shape} instead"
        )
    if shape[0] % groups:
        raise RuntimeError(
            f"Given groups={groups}, expected weight to be divisible by {groups} at dimension 0, but got weight of "
            f"size [{shape}] instead"
        )
    channels = shape[0] if transposed else shape[1] * groups
    outputs = shape[1] * groups if transposed else shape[0]
    if x._a.shape[1] != channels:
        kind = "transposed=1, " if transposed else ""
        said = (
            f"Given transposed=1, weight of size {shape}"
            if kind
            else f"Given groups={groups}, weight of size {shape}"
        )
        raise RuntimeError(
            f"{said}, expected input{list(x._a.shape)} to have {channels} channels, but got {x._a.shape[1]} channels "
            "instead"
        )
    if bias is not None and (bias._a.ndim != 1 or bias._a.shape[0] != outputs):
        given = "Given transposed=1, weight" if transposed else "Given weight"
        raise RuntimeError(
            f"{given} of size {shape}, expected bias to be 1-dimensional with {outputs} elements, but got bias of size "
            f"{list(bias._a.shape)} instead"
        )
    if not transposed:
        padded = [n + 2 * p + q for n, p, q in zip(x._a.shape[2:], geometry.padding, pads, strict=True)]
        spans = geometry.span(tuple(shape[2:]))
        if any(n < e for n, e in zip(padded, spans, strict=True)):
            raise RuntimeError(
                f"Calculated padded input size per channel: ({' x '.join(map(str, padded))}). Kernel size: "
                f"({' x '.join(map(str, spans))}). Kernel size can't be greater than actual input size"
            )
    if bias is not None and bias._a.dtype != x._a.dtype:
        raise RuntimeError(
            f"Input type ({_c_name(x._a.dtype)}) and bias type ({_c_name(bias._a.dtype)}) should be the same"
        )
    if w._a.dtype == x._a.dtype and w._a.dtype.kind == "b":
        raise NotImplementedError(f"\"slow_conv{max(w._a.ndim - 2, 2)}d_cpu\" not implemented for 'Bool'")
    if w._a.dtype != x._a.dtype:
        raise RuntimeError(f"expected scalar type {x.dtype.legacy} but found {w.dtype.legacy}")


def _same(stride: tuple, dilation: tuple, kernel: tuple) -> tuple[tuple, tuple]:
    """Padding that keeps the size: the same at both ends, and what is missing at the far end."""
    if any(s != 1 for s in stride):
        raise RuntimeError("padding='same' is not supported for strided convolutions")
    total = [d * (k - 1) for d, k in zip(dilation, kernel, strict=True)]
    return tuple(t // 2 for t in total), tuple(t % 2 for t in total)


def _conv(name: str, n: int, input: Tensor, weight: Tensor, bias: Tensor | None, stride: Any, padding: Any,
          dilation: Any, groups: int) -> Tensor:  # fmt: skip
    _tensors(name, input, weight)
    if STATE.special and THREAD.autocast is not None:
        input, weight, bias = THREAD.autocast(name, (input, weight, bias))
    x, batched = _batched(name, input, n)
    k = weight._a.ndim - 2  # PyTorch counts the spatial dimensions by the weight
    strides, dilations = _tuple("stride", stride, n, k), _tuple("dilation", dilation, n, k)
    extra = (0,) * k
    if padding == "same":
        pads, extra = _same(strides, dilations, weight._a.shape[2:])
        if any(extra):
            warn_once(
                "Using padding='same' with even kernel lengths and odd dilation may require a zero-padded copy of the "
                "input be created"
            )
    elif padding == "valid":
        pads = (0,) * k
    elif isinstance(padding, str):
        raise RuntimeError(f"Invalid padding string: '{padding}'")
    else:
        pads = _tuple("padding", padding, n, k)
    geometry = Geometry(strides, pads, dilations, int(groups))
    _check(x, weight, bias, geometry, False, extra)
    if any(extra):
        x = constant_pad(x, ((0, 0), (0, 0), *((0, e) for e in extra)), 0)
    out = conv_op(x, weight, bias, geometry)
    return out if batched else out.squeeze(0)


def conv1d(input: Tensor, weight: Tensor, bias: Tensor | None = None, stride: Any = 1, padding: Any = 0,
           dilation: Any = 1, groups: int = 1) -> Tensor:  # fmt: skip
    """Slide ``weight`` (O, C / groups, k) over ``input`` (N, C, L) or (C, L); see ``conv2d``."""
    return _conv("conv1d", 1, input, weight, bias, stride, padding, dilation, groups)


def conv2d(input: Tensor, weight: Tensor, bias: Tensor | None = None, stride: Any = 1, padding: Any = 0,
           dilation: Any = 1, groups: int = 1) -> Tensor:  # fmt: skip
    """Slide ``weight`` (O, C / groups, kH, kW) over ``input`` (N, C, H, W) or (C, H, W).

    ``padding``: zeros at both ends, or "same" (output as large as the input) or "valid" (none). ``dilation``:
    distance between the taps of a window. ``groups``: channels are split and convolved group by group.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.conv2d.html
    """
    return _conv("conv2d", 2, input, weight, bias, stride, padding, dilation, groups)


def conv3d(input: Tensor, weight: Tensor, bias: Tensor | None = None, stride: Any = 1, padding: Any = 0,
           dilation: Any = 1, groups: int = 1) -> Tensor:  # fmt: skip
    """Slide ``weight`` (O, C / groups, kD, kH, kW) over ``input`` (N, C, D, H, W) or (C, D, H, W); see ``conv2d``."""
    return _conv("conv3d", 3, input, weight, bias, stride, padding, dilation, groups)


def _conv_transpose(name: str, n: int, input: Tensor, weight: Tensor, bias: Tensor | None, stride: Any, padding: Any,
                    output_padding: Any, groups: int, dilation: Any) -> Tensor:  # fmt: skip
    _tensors(name, input, weight)
    if STATE.special and THREAD.autocast is not None:
        input, weight, bias = THREAD.autocast(name, (input, weight, bias))
    x, batched = _batched(name, input, n)
    k = weight._a.ndim - 2
    geometry = Geometry(
        _tuple("stride", stride, n, k), _tuple("padding", padding, n, k), _tuple("dilation", dilation, n, k),
        int(groups),
    )  # fmt: skip
    more = _tuple("output_padding", output_padding, n, k)
    _check(x, weight, bias, geometry, True, more)
    for p, s, d in zip(more, geometry.stride, geometry.dilation, strict=True):
        if p >= s and p >= d:
            raise RuntimeError(
                f"output padding must be smaller than either stride or dilation, but got output_padding: {list(more)}, "
                f"stride: {list(geometry.stride)}, dilation: {list(geometry.dilation)}"
            )
    spans = geometry.span(weight._a.shape[2:])
    size = tuple(
        (m - 1) * s - 2 * p + e + q
        for m, s, p, e, q in zip(x._a.shape[2:], geometry.stride, geometry.padding, spans, more, strict=True)
    )
    if any(m <= 0 for m in size):
        raise RuntimeError(
            f"Given input size per channel: ({' x '.join(map(str, x._a.shape[2:]))}). Calculated "
            "output size per channel: "
            f"({' x '.join(map(str, size))}). Output size is too small"
        )
    unseen = [q // t for q, t in zip(more, geometry.stride, strict=True)]
    if any(unseen):  # the output padding makes room for more windows: nothing flows from them
        x = constant_pad(x, ((0, 0), (0, 0), *((0, u) for u in unseen)), 0)
    out = conv_transposed(x, weight, bias, size, geometry)
    return out if batched else out.squeeze(0)


def conv_transpose1d(input: Tensor, weight: Tensor, bias: Tensor | None = None, stride: Any = 1, padding: Any = 0,
                     output_padding: Any = 0, groups: int = 1, dilation: Any = 1) -> Tensor:  # fmt: skip
    """The transpose of ``conv1d``; see ``conv_transpose2d``."""
    return _conv_transpose(
        "conv_transpose1d", 1, input, weight, bias, stride, padding, output_padding, groups, dilation
    )


def conv_transpose2d(input: Tensor, weight: Tensor, bias: Tensor | None = None, stride: Any = 1, padding: Any = 0,
                     output_padding: Any = 0, groups: int = 1, dilation: Any = 1) -> Tensor:  # fmt: skip
    """The transpose of ``conv2d``: spread ``weight`` (C, O / groups, kH, kW) from every element of ``input``.

    ``output_padding``: extra rows and columns at the far end, since several input sizes give one output size
    when the stride is above 1. Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.conv_transpose2d.html
    """
    return _conv_transpose(
        "conv_transpose2d", 2, input, weight, bias, stride, padding, output_padding, groups, dilation
    )


def conv_transpose3d(input: Tensor, weight: Tensor, bias: Tensor | None = None, stride: Any = 1, padding: Any = 0,
                     output_padding: Any = 0, groups: int = 1, dilation: Any = 1) -> Tensor:  # fmt: skip
    """The transpose of ``conv3d``; see ``conv_transpose2d``."""
    return _conv_transpose(
        "conv_transpose3d", 3, input, weight, bias, stride, padding, output_padding, groups, dilation
    )


def conv_tbc(input: Tensor, weight: Tensor, bias: Tensor, pad: int = 0) -> Tensor:
    """``conv1d`` of (time, batch, channels) with ``weight`` (k, C, O); ``pad`` zeros at both ends of the time."""
    if input._a.ndim != 3:
        raise RuntimeError("Input must have 3 dims: time, batch, in_channel")
    if weight._a.ndim != 3:
        raise RuntimeError("Weight tensor must have 3 dims: kernel_width, in_channels, out_channels.")
    if bias._a.ndim != 1:
        raise RuntimeError("Bias must be 1-D")
    if input._a.shape[2] != weight._a.shape[1]:
        raise RuntimeError("Input dim 2 (input channels) is not == dim 1 in the weight tensor")
    if weight._a.shape[2] != bias._a.shape[0]:
        raise RuntimeError("Bias size must equal dim 2 in the weight tensor (output channels).")
    out = conv1d(input.permute(1, 2, 0), weight.permute(2, 1, 0), bias, padding=pad)  # type: ignore[attr-defined]
    return out.permute(2, 0, 1)  # type: ignore[attr-defined]
