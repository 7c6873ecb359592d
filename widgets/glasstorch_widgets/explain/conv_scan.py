"""`conv_scan(conv, image)`: the window of a convolution or pooling, place by place, with its products and its sum."""

from __future__ import annotations

from typing import Any

import numpy as np
import traitlets
from glasstorch import Tensor, nn

from ..drawing import SOFT, Picture
from ..engine import torch
from ..heat import scale_of
from ..palette import BLACK, number
from ..view import View
from .scan import MOST_NUMBERS, Scan, scan_of

LARGEST_PRINTED = 240.0  # pixels of a grid in the static picture


class ConvScan(View, module="conv_scan.js", styles=("cell_grid.css", "explain.css"), words="conv"):
    """A window that slides over an image; see `conv_scan`. The message `settings` moves it differently."""

    title = traitlets.Unicode("").tag(sync=True)
    scan = traitlets.Dict().tag(sync=True)
    at = traitlets.List(traitlets.Int(), [0, 0]).tag(sync=True)

    def __init__(self, scan: Scan, image: Tensor, *, title: str = "", lang: str | None = None) -> None:
        self._scan = scan
        self._image = _channels_first(image, scan.flat).detach()
        super().__init__(title=title, lang=lang)
        self._update(scan)
        _, height, width = self._output.shape
        self.at = [height // 2, width // 2]

    def receive_settings(self, message: dict[str, Any]) -> None:
        self._update(self._scan.with_settings(message["stride"], message["padding"], message["dilation"]))

    def window(self, channel: int, row: int, column: int) -> tuple[np.ndarray, np.ndarray]:
        """What the output cell is made of: the numbers in the window, and what they are multiplied with.

        Returns:
            Two arrays (input channels, height, width); NaN where the window hangs over the padded image. For a maximum
            the factors are 1 at the winner and 0 elsewhere; for a mean, 1 / divisor.
        """
        scan, padded = self._scan, self._padded
        rows = row * scan.stride[0] + scan.dilation[0] * np.arange(scan.size[0])
        columns = column * scan.stride[1] + scan.dilation[1] * np.arange(scan.size[1])
        if scan.weight is not None:
            each = scan.weight.shape[1]
            first = channel // (len(scan.weight) // scan.groups) * each
            channels = np.arange(first, first + each)
        else:
            channels = np.array([channel])
        inside = (rows < padded.shape[1])[:, None] & (columns < padded.shape[2])
        safe = np.ix_(
            channels, np.minimum(rows, padded.shape[1] - 1), np.minimum(columns, padded.shape[2] - 1)
        )
        found = padded[safe]
        values = np.where(inside, found, np.nan)
        if scan.weight is not None:
            return values, _doubles(scan.weight[channel])
        if scan.kind == "avg":
            return values, np.full(values.shape, 1 / self._divisors[row, column])
        factors = np.zeros(values.shape)
        factors.reshape(-1)[np.argmax(np.where(inside, found, -np.inf))] = 1
        return values, factors

    def text(self) -> str:
        """The size of the output, and how the chosen output cell comes about."""
        row, column = self.at
        values, factors = self.window(0, row, column)
        out = [f"{self.scan['kind_word']}: {_shape(self._image.shape)} -> {_shape(self._output.shape)}"]
        out += [f"size of the output: {line}" for line in self.scan["formulas"]]
        inside = np.nan_to_num(values, nan=0.0)
        if self._scan.kind == "max":
            told = ", ".join(number(v) for v in values.reshape(-1).tolist() if v == v)
            out.append(f"output[0, {row}, {column}] = max({told}) = {number(self._output[0, row, column])}")
        else:
            pairs = zip(inside.reshape(-1).tolist(), factors.reshape(-1).tolist())
            told = " + ".join(
                f"{number(v)}·{f'({number(w)})' if w < 0 else number(w)}" for v, w in list(pairs)[:27]
            )
            more = " + …" if values.size > 27 else ""
            bias = f" + bias {number(self.scan['bias'][0])}" if self.scan["bias"] else ""
            out.append(
                f"output[0, {row}, {column}] = {told}{more}{bias} = {number(self._output[0, row, column])}"
            )
        return "\n".join(out)

    def svg(self) -> str | None:
        """Input, kernel, products and output at the chosen place, for the first channels."""
        row, column = self.at
        scan, words = self._scan, self.labels
        values, factors = self.window(0, row, column)
        picture = Picture(self.text())
        picture.text(12, 20, self.title or f"{self.scan['kind_word']}", size=13, bold=True)
        for k, line in enumerate(self.scan["formulas"]):
            picture.text(12, 38 + 15 * k, line, fill=SOFT)
        top = 60.0 + 15 * (len(self.scan["formulas"]) - 1)
        first = 0
        side = _grid(picture, 12, top, self._padded[first], words["input"], scan.padding)
        unit = side / max(self._padded.shape[1:])
        y, x = row * scan.stride[0], column * scan.stride[1]
        for r in range(scan.size[0]):
            for c in range(scan.size[1]):
                place = (12 + (x + c * scan.dilation[1]) * unit, top + 16 + (y + r * scan.dilation[0]) * unit)
                picture.rect(*place, unit, unit, fill="none", stroke=BLACK, stroke_width=1.6)
        left = 12 + self._padded.shape[2] * unit + 24
        if scan.kind == "conv":
            _grid(picture, left, top, factors[0], words["kernel"], most=130)
            _grid(
                picture, left, top + 160, np.nan_to_num(values[0]) * factors[0], words["products"], most=130
            )
        else:
            _grid(picture, left, top, values[0], words["window"], most=130)
        left += 154
        side = _grid(picture, left, top, self._output[0], words["output"])
        unit = side / max(self._output.shape[1:])
        picture.rect(
            left + column * unit,
            top + 16 + row * unit,
            unit,
            unit,
            fill="none",
            stroke=BLACK,
            stroke_width=1.6,
        )
        return picture.done()

    def __repr__(self) -> str:
        return f"<ConvScan {self.scan['kind_word']}, {_shape(self._image.shape)} to {_shape(self._output.shape)}>"

    def _update(self, scan: Scan) -> None:
        """Scan anew. When the engine refuses, everything stays as it was."""
        with torch.no_grad():
            output = scan.output(self._image)
            padded = scan.padded(self._image)
        if (
            max(output.numel(), padded.numel(), 0 if scan.weight is None else scan.weight.numel())
            > MOST_NUMBERS
        ):
            raise ValueError(
                f"conv_scan() shows at most {MOST_NUMBERS} numbers of image, kernel or output; "
                "take a part such as image[:, :32, :32]"
            )
        if output.numel() == 0:
            raise ValueError("the output has no elements")
        self._scan = scan
        self._padded, self._output = _doubles(padded), _doubles(output)
        self._divisors = scan.divisors(self._image, output) if scan.kind == "avg" else np.zeros((0, 0))
        self.at = [min(a, n - 1) for a, n in zip(self.at, output.shape[1:])]
        blocks = [self._padded, self._output, self._divisors]
        blocks += [] if scan.weight is None else [_doubles(scan.weight)]
        self.scan = {
            "kind": scan.kind,
            "kind_word": {"conv": "conv", "max": "max_pool", "avg": "avg_pool"}[scan.kind]
            + ("1d" if scan.flat else "2d"),
            "image": list(self._image.shape),
            "padded": list(padded.shape),
            "output": list(output.shape),
            "weight": [] if scan.weight is None else list(scan.weight.shape),
            "bias": [] if scan.bias is None else _doubles(scan.bias).tolist(),
            "size": list(scan.size),
            "stride": list(scan.stride),
            "padding": list(scan.padding),
            "dilation": list(scan.dilation),
            "groups": scan.groups,
            "mode": scan.mode,
            "flat": scan.flat,
            "formulas": scan.formulas(self._image, output),
            "data": b"".join(np.ascontiguousarray(block, "<f8").tobytes() for block in blocks),
        }


def conv_scan(
    module: nn.Module | Tensor,
    image: Any,
    *,
    bias: Any = None,
    stride: Any = None,
    padding: Any = None,
    dilation: Any = None,
    groups: int | None = None,
    title: str = "",
    lang: str | None = None,
) -> ConvScan:
    """Watch a convolution or pooling window slide over an image, by the arrow keys.

    For every place: the numbers under the window, the kernel, their products, and the sum that the output cell holds.
    Stride, padding and dilation can be changed in the view to see what they do; the module stays as it is.

    Args:
        module: `nn.Conv2d`, `nn.MaxPool2d`, `nn.AvgPool2d`, the same with 1d, or a convolution's weight: (out, in /
            groups, height, width), (height, width), or (out, in / groups, length) for a line.
        image: (height, width), (channels, height, width) or (1, channels, height, width), on the module's device; for a
            line the same without height.
        bias, stride, padding, dilation, groups: as `F.conv2d` takes them, beside a weight only.
        title: written above. lang: "en" or "zh"; default from the environment.

    Raises:
        TypeError: another kind of module, or settings beside a module.
        ValueError: not one image, or more than 65 536 numbers to show.
        RuntimeError: what the operation itself refuses (channels that do not fit, a kernel larger than the image).
    """
    settings = {"bias": bias, "stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    return ConvScan(scan_of(module, **settings), image, title=title, lang=lang)


def _channels_first(image: Any, flat: bool) -> Tensor:
    image = torch.as_tensor(image)
    if flat:
        if image.dim() == 3 and len(image) == 1:
            image = image[0]
        image = (
            image[None, None] if image.dim() == 1 else image.unsqueeze(1) if image.dim() == 2 else image[None]
        )
    if image.dim() == 4 and len(image) == 1:
        image = image[0]
    if image.dim() == 2:
        image = image[None]
    if image.dim() != 3 or image.numel() == 0:
        raise ValueError(
            f"conv_scan() takes one image (channels, height, width), not shape {tuple(image.shape)}; "
            "pick one of a batch with batch[0]"
        )
    found: Tensor = image if image.is_floating_point() else image.to(torch.float32)
    return found


def _doubles(tensor: Tensor) -> np.ndarray:
    numbers: np.ndarray = tensor.detach().to(torch.float64).cpu().numpy()
    return numbers


def _shape(shape: Any) -> str:
    return "×".join(map(str, shape))


def _grid(
    picture: Picture,
    x: float,
    y: float,
    values: np.ndarray,
    name: str,
    pads: tuple[int, int, int, int] = (0, 0, 0, 0),
    most: float = LARGEST_PRINTED,
) -> float:
    """A matrix of numbers, dashed where it is padding; returns the length of its longer side."""
    rows, columns = values.shape
    unit = min(34.0, most / max(rows, columns))
    scale = scale_of(values.reshape(-1).tolist())
    picture.text(x, y + 10, f"{name} {rows}×{columns}", fill=SOFT)
    for r, row in enumerate(values.tolist()):
        for c, value in enumerate(row):
            inner = pads[0] <= r < rows - pads[1] and pads[2] <= c < columns - pads[3]
            look = {} if inner else {"stroke_dasharray": "3 2", "fill": "#FFFFFF"}
            text = None if unit > 22 and value == value and (inner or value != 0) else ""
            picture.cell(x + c * unit, y + 16 + r * unit, unit, unit, value, scale, text=text, **look)
    return float(unit * max(rows, columns))
