"""Sliding blocks of images as columns, and back."""

from __future__ import annotations

from typing import Any

from ...backends.windows import Geometry
from ...core import dtype as dt
from ...core.tensor import Tensor
from ...ops.fold import col2im, im2col
from ._refuse import not_tensors


def _pair(name: str, value: Any) -> tuple[int, int]:
    out = tuple(value) if isinstance(value, (tuple, list)) else (value, value)
    if len(out) != 2:
        raise RuntimeError(f"It is expected {name} equals to 2, but got size {len(out)}")
    return int(out[0]), int(out[1])


def _geometry(kernel_size: Any, dilation: Any, padding: Any, stride: Any) -> tuple[tuple[int, int], Geometry]:
    """The kernel and how its windows lie, checked in PyTorch's words."""
    kernel, dilation = _pair("kernel_size", kernel_size), _pair("dilation", dilation)
    padding, stride = _pair("padding", padding), _pair("stride", stride)
    for what, short, (a, b) in (("kernel size", "kernel", kernel), ("dilation", "dilation", dilation)):
        if a <= 0 or b <= 0:
            raise RuntimeError(
                f"{what} should be greater than zero, but got {short}_height: {a} {short}_width: {b}"
            )
    if min(padding) < 0:
        raise RuntimeError(
            f"padding should be non-negative, but got pad_height: {padding[0]} pad_width: {padding[1]}"
        )
    if min(stride) <= 0:
        raise RuntimeError(
            f"stride should be greater than zero, but got stride_height: {stride[0]} stride_width: {stride[1]}"
        )
    return kernel, Geometry(stride, padding, dilation)


def _of_type(kernel: str, input: Tensor) -> None:
    if input.dtype.category < dt.FLOATING and input.dtype is not dt.bool_:
        raise NotImplementedError(
            f'"{kernel}" not implemented for {input.dtype.legacy!r}. Convert first: .float()'
        )


def unfold(input: Tensor, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Tensor:
    """Every block that a window covers as a column: (N, C, H, W) to (N, C * taps, blocks); without N as well.

    A convolution is a matrix product with these columns.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.Unfold.html
    """
    if not isinstance(input, Tensor):
        not_tensors("im2col", input=input)
    kernel, geometry = _geometry(kernel_size, dilation, padding, stride)
    shape, ndim = input._a.shape, input._a.ndim
    if ndim not in (3, 4) or 0 in shape[ndim - 3 :]:
        if ndim < 3:
            raise IndexError(
                f"Dimension out of range (expected to be in range of [{-ndim}, {ndim - 1}], but got 2)"
            )
        raise RuntimeError(
            "Expected 3D or 4D (batch mode) tensor with possibly 0 batch size and other non-zero dimensions for input, "
            f"but got: {list(shape)}"
        )
    size = shape[-2:]
    blocks = geometry.output_size(size, kernel)
    if min(blocks) < 1:
        raise RuntimeError(
            f"Given input with spatial size {tuple(size)}, kernel_size={kernel}, dilation={geometry.dilation}, "
            f"padding={geometry.padding}, calculated shape of the array of sliding blocks as {blocks}, but its "
            "components must be at least one."
        )
    _of_type("im2col_out_cpu", input)
    if ndim == 4:
        return im2col(input, kernel, geometry)
    return im2col(input.unsqueeze(0), kernel, geometry).squeeze(0)  # type: ignore[attr-defined]


def fold(input: Tensor, output_size: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0,
         stride: Any = 1) -> Tensor:  # fmt: skip
    """The transpose of ``unfold``: columns (N, C * taps, blocks) added up where they lie on (N, C, *output_size).

    Where blocks overlap, elements add up. Source: https://pytorch.org/docs/stable/generated/torch.nn.Fold.html
    """
    if not isinstance(input, Tensor):
        not_tensors("col2im", input=input)
    size = _pair("output_size", output_size)
    kernel, geometry = _geometry(kernel_size, dilation, padding, stride)
    shape, ndim = input._a.shape, input._a.ndim
    if ndim not in (2, 3) or 0 in shape[ndim - 2 :]:
        raise RuntimeError(
            "Expected 2D or 3D (batch mode) tensor for input with possibly 0 batch size and non-zero dimensions for "
            f"input, but got: {list(shape)}"
        )
    taps = kernel[0] * kernel[1]
    if shape[-2] % taps:
        raise RuntimeError(
            "Expected size of input's dimension 1 to be divisible by the product of kernel_size, but got "
            f"input.size(1)={shape[-2]} and kernel_size={kernel}."
        )
    blocks = geometry.output_size(size, kernel)
    if shape[-1] != blocks[0] * blocks[1] or min(blocks) < 1:
        raise RuntimeError(
            f"Given output_size={size}, kernel_size={kernel}, dilation={geometry.dilation}, "
            f"padding={geometry.padding}, stride={geometry.stride}, expected size of input's dimension 2 to match the "
            f"calculated number of sliding blocks {blocks[0]} * {blocks[1]} = {blocks[0] * blocks[1]}, but got "
            f"input.size(2)={shape[-1]}."
        )
    _of_type("col2im_out_cpu", input)
    if ndim == 3:
        return col2im(input, size, kernel, geometry)
    return col2im(input.unsqueeze(0), size, kernel, geometry).squeeze(0)  # type: ignore[attr-defined]
