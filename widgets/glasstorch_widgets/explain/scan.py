"""The arithmetic of a window that slides over an image: convolution and pooling."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from glasstorch import Tensor, nn
from glasstorch.nn import functional as F

MOST_NUMBERS = 65_536  # in each of image, kernel and output
Pair = tuple[int, int]


@dataclass(frozen=True)
class Scan:
    """What slides over the image, and how.

    kind: "conv", "max" or "avg". size, stride, padding (top, bottom, left, right), dilation: of the window. weight
    (out, in / groups, height, width) and bias (out,), for a convolution. mode: what padding holds ("zeros", ...).
    flat: it slides over a line, which is an image of height 1.
    """

    kind: str
    size: Pair
    stride: Pair = (1, 1)
    padding: tuple[int, int, int, int] = (0, 0, 0, 0)
    dilation: Pair = (1, 1)
    groups: int = 1
    weight: Tensor | None = None
    bias: Tensor | None = None
    mode: str = "zeros"
    ceil: bool = False
    count_padding: bool = True
    divisor: int | None = None
    flat: bool = False

    def padded(self, image: Tensor) -> Tensor:
        """The image (channels, height, width) with its padding; minus infinity there for a maximum."""
        top, bottom, left, right = self.padding
        if self.mode != "zeros":
            return F.pad(image[None], (left, right, top, bottom), mode=self.mode)[0]
        fill = float("-inf") if self.kind == "max" else 0.0
        return F.pad(image, (left, right, top, bottom), value=fill)

    def output(self, image: Tensor) -> Tensor:
        """What the engine makes of it: (channels, height, width)."""
        if self.kind == "conv":
            weight: Any = self.weight
            padded = self.padded(image)[None]
            return F.conv2d(padded, weight, self.bias, self.stride, 0, self.dilation, self.groups)[0]
        around = (self.padding[0], self.padding[2])
        if self.kind == "max":
            found: Tensor = F.max_pool2d(
                image[None], self.size, self.stride, around, self.dilation, self.ceil
            )
            return found[0]
        return F.avg_pool2d(
            image[None], self.size, self.stride, around, self.ceil, self.count_padding, self.divisor
        )[0]

    def divisors(self, image: Tensor, output: Tensor) -> np.ndarray:
        """By what each mean was divided: (height, width)."""
        counted: list[np.ndarray] = []
        for axis in (0, 1):
            before, after = self.padding[2 * axis : 2 * axis + 2]
            length, size = image.shape[axis + 1], self.size[axis]
            start = np.arange(output.shape[axis + 1]) * self.stride[axis] - before
            end = np.minimum(start + size, length + after)
            if not self.count_padding:
                start, end = np.maximum(start, 0), np.minimum(end, length)
            counted.append(end - start)
        if self.divisor is not None:
            return np.full((len(counted[0]), len(counted[1])), self.divisor)
        products: np.ndarray = np.outer(*counted)
        return products

    def with_settings(self, stride: Any, padding: Any, dilation: Any) -> Scan:
        """The same window moved differently: numbers for both directions."""
        try:
            stride, padding, dilation = int(stride), int(padding), int(dilation)
        except ValueError:
            raise ValueError("stride, padding and dilation must be whole numbers") from None
        if stride < 1 or dilation < 1 or padding < 0:
            raise ValueError("stride and dilation must be at least 1, padding at least 0")
        if self.kind == "avg" and dilation != 1:
            raise ValueError("an average has no dilation")
        if self.flat:
            return replace(self, stride=(1, stride), padding=(0, 0, padding, padding), dilation=(1, dilation))
        return replace(self, stride=(stride, stride), padding=(padding,) * 4, dilation=(dilation, dilation))

    def formulas(self, image: Tensor, output: Tensor) -> list[str]:
        """The size of the output, filled with numbers: one line for each direction, or one for both."""
        lines = []
        for axis in (0, 1):
            n, k, s, d = image.shape[axis + 1], self.size[axis], self.stride[axis], self.dilation[axis]
            before, after = self.padding[2 * axis : 2 * axis + 2]
            pad = f"2·{before}" if before == after else f"{before} + {after}"
            left, right = ("⌈", "⌉") if self.ceil else ("⌊", "⌋")
            places = (n + before + after - d * (k - 1) - 1) / s
            counted = (math.ceil(places) if self.ceil else math.floor(places)) + 1
            # With ceil, a window that would start in the padding behind the image is left out.
            fewer = "" if counted == output.shape[axis + 1] else f" − {counted - output.shape[axis + 1]}"
            lines.append(
                f"{left}({n} + {pad} − {d}·({k} − 1) − 1) / {s}{right} + 1{fewer} = {output.shape[axis + 1]}"
            )
        return lines[1:] if self.flat or lines[0] == lines[1] else lines


def scan_of(module: Any, **settings: Any) -> Scan:
    """The scan of a module, or of a convolution's weight.

    Args:
        module: `nn.Conv2d`, `nn.MaxPool2d`, `nn.AvgPool2d`, the same with 1d, or a weight: (out, in / groups, height,
            width), (out, in / groups, length) or (height, width).
        settings: for a weight: bias, stride, padding, dilation, groups.

    Raises:
        TypeError: anything else, or settings beside a module, which has its own.
    """
    if isinstance(module, nn.Module) and any(v is not None for v in settings.values()):
        raise TypeError(
            "the module has its own stride, padding, dilation and groups; give none, or give its weight"
        )
    line = isinstance(module, (nn.Conv1d, nn.MaxPool1d, nn.AvgPool1d))
    if isinstance(module, Tensor) and module.dim() in (2, 3, 4):
        line = module.dim() == 3
        kernel = module[None, None] if module.dim() == 2 else module
        given = {"stride": 1, "padding": 0, "dilation": 1, "groups": 1} | {
            name: value for name, value in settings.items() if value is not None
        }
        return _conv(kernel, line, given.get("bias"), **{k: v for k, v in given.items() if k != "bias"})
    if isinstance(module, (nn.Conv1d, nn.Conv2d)):
        return _conv(
            module.weight, line, module.bias, module.stride, module.padding, module.dilation, module.groups,
            module.padding_mode,
        )  # fmt: skip
    if not isinstance(module, (nn.MaxPool1d, nn.MaxPool2d, nn.AvgPool1d, nn.AvgPool2d)):
        shape = f"a tensor of shape {tuple(module.shape)}" if isinstance(module, Tensor) else None
        raise TypeError(
            "conv_scan() takes Conv2d, MaxPool2d, AvgPool2d, the same with 1d, or a weight of 2 to 4 dimensions, "
            f"not {shape or type(module).__name__}"
        )
    size = _pair(module.kernel_size, line)
    stride = size if module.stride is None else _pair(module.stride, line)
    around = _around(_pair(module.padding, line, still=0))
    if isinstance(module, (nn.MaxPool1d, nn.MaxPool2d)):
        dilation = _pair(module.dilation, line)
        return Scan("max", size, stride, around, dilation, ceil=module.ceil_mode, flat=line)
    return Scan(
        "avg", size, stride, around, ceil=module.ceil_mode, count_padding=module.count_include_pad,
        divisor=getattr(module, "divisor_override", None), flat=line,
    )  # fmt: skip


def _conv(
    weight: Any,
    line: bool,
    bias: Any,
    stride: Any,
    padding: Any,
    dilation: Any,
    groups: int,
    mode: str = "zeros",
) -> Scan:
    weight = weight.detach().unsqueeze(2) if line else weight.detach()
    size = (int(weight.shape[2]), int(weight.shape[3]))
    spread = _pair(dilation, line)
    if padding == "same":
        total = [d * (k - 1) for d, k in zip(spread, size)]
        around = (total[0] // 2, total[0] - total[0] // 2, total[1] // 2, total[1] - total[1] // 2)
    elif isinstance(padding, str):
        around = (0, 0, 0, 0)
    else:
        around = _around(_pair(padding, line, still=0))
    bias = None if bias is None else bias.detach()
    return Scan("conv", size, _pair(stride, line), around, spread, groups, weight, bias, mode, flat=line)


def _pair(value: int | Sequence[int], line: bool = False, still: int = 1) -> Pair:
    """For height and width; along a line, what leaves the height alone and the value."""
    if line:
        return (still, int(value if isinstance(value, int) else value[0]))
    if isinstance(value, int):
        return (value, value)
    first, second = value
    return (int(first), int(second))


def _around(padding: Pair) -> tuple[int, int, int, int]:
    return (padding[0], padding[0], padding[1], padding[1])
