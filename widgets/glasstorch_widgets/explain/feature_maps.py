"""`feature_maps(model, image)`: what every layer of a convolutional network makes of an image."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import traitlets
from glasstorch import Tensor, nn

from ..drawing import SOFT, Picture
from ..engine import torch
from ..heat import scale_of
from ..palette import number
from ..view import View
from .receptive import receptive_spans
from .surfaces import BANDS

MOST_SIDE = 64  # rows and columns of a map that are sent; larger ones are sampled
MOST_NUMBERS = 1_000_000  # in all
PRINTED_MAPS = 8


class FeatureMaps(
    View, module="feature_maps.js", styles=("cell_grid.css", "explain.css", "maps.css"), words="maps"
):
    """A gallery of feature maps, layer below layer; see `feature_maps`."""

    title = traitlets.Unicode("").tag(sync=True)
    maps = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        model: nn.Module,
        image: Any,
        layers: Sequence[str] | None = None,
        *,
        channels: int = 16,
        title: str = "",
        lang: str | None = None,
    ) -> None:
        image = _one_image(image, model)
        names = dict(model.named_modules())
        unknown = [name for name in layers or () if name not in names]
        if unknown:
            raise ValueError(
                f"the model has no layer {unknown[0]!r}; its layers are {', '.join(filter(None, names))}"
            )
        chosen = (
            list(layers) if layers is not None else [n for n, m in names.items() if not any(m.children())]
        )
        found = watch_outputs(model, chosen, image[None])
        maps = {name: output[0].detach() for name, output in found.items()}
        if not maps:
            raise ValueError("no layer gives maps (one image as channels × height × width)")
        numbers = sum(output.numel() for output in maps.values())
        spans = receptive_spans(lambda batch: watch_outputs(model, chosen, batch), image, numbers)
        super().__init__(title=title, lang=lang)
        self._layers: dict[str, np.ndarray] = {}
        index, blocks = [], []
        left = MOST_NUMBERS
        for name, output in maps.items():
            every = [-(-n // MOST_SIDE) for n in output.shape[1:]]
            part = output[:channels, :: every[0], :: every[1]]
            part = part[: max(1, left // max(1, part[0].numel()))]
            left -= part.numel()
            sent = part.to(torch.float32).cpu().numpy()
            self._layers[name] = sent
            index.append(
                {
                    "name": name,
                    "kind": type(names[name]).__name__,
                    "shape": list(output.shape),
                    "sent": list(sent.shape),
                    "every": every,
                    "low": _end(output, torch.min),
                    "high": _end(output, torch.max),
                    "zeros": float((output == 0).to(torch.float64).mean()),
                    "spans": [list(s) for s in spans[name]] if name in spans else None,
                }
            )
            blocks.append(sent)
        self._image = image.to(torch.float32).cpu().numpy()
        blocks.append(self._image)
        self.maps = {
            "layers": index,
            "image": list(image.shape),
            "data": b"".join(np.ascontiguousarray(block, "<f4").tobytes() for block in blocks),
        }

    def text(self) -> str:
        """Every layer in order: its shape, its range, how many zeros, and how much of the input a unit sees."""
        lines = [f"{self.title or self.labels['title']}: {'×'.join(map(str, self.maps['image']))}"]
        for layer in self.maps["layers"]:
            shape = "×".join(map(str, layer["shape"]))
            seen = ""
            if layer["spans"]:
                rows, columns = (max(last - first + 1 for first, last in spans) for spans in layer["spans"])
                seen = f", {self.labels['sees']} {rows}×{columns}"
            ends = "nan" if layer["low"] is None else f"{number(layer['low'])} … {number(layer['high'])}"
            zeros = f"{100 * layer['zeros']:.0f} % {self.labels['zeros']}"
            lines.append(f"{layer['name']} ({layer['kind']}): {shape}, {ends}, {zeros}{seen}")
        return "\n".join(lines)

    def svg(self) -> str | None:
        """The first maps of every layer, a row each."""
        picture = Picture(self.text())
        picture.text(12, 20, self.title or self.labels["title"], size=13, bold=True)
        top = 34.0
        _thumbnail(picture, 12, top, self._image[0])
        picture.text(12, top + 82, self.labels["input"], fill=SOFT)
        top += 100
        for layer in self.maps["layers"]:
            picture.text(
                12,
                top,
                f"{layer['name']} · {layer['kind']} · {'×'.join(map(str, layer['shape']))}",
                fill=SOFT,
            )
            for k, plane in enumerate(self._layers[layer["name"]][:PRINTED_MAPS]):
                _thumbnail(picture, 12 + 78 * k, top + 6, plane)
            top += 96
        return picture.done()

    def __repr__(self) -> str:
        return f"<FeatureMaps of {len(self.maps['layers'])} layers>"


def feature_maps(
    model: nn.Module,
    image: Any,
    layers: Sequence[str] | None = None,
    *,
    channels: int = 16,
    title: str = "",
    lang: str | None = None,
) -> FeatureMaps:
    """Show the maps that every layer makes of an image, in the order in which the layers run.

    A map opens by Enter or a click; there the arrow keys choose a unit, and the part of the input that this unit sees
    (its receptive field) is outlined. The model runs as for evaluation and stays as it is.

    Args:
        model: a network for images, on the image's device.
        image: (channels, height, width), (height, width), or (1, channels, height, width).
        layers: names as in `model.named_modules()`; default every layer without layers of its own that gives maps.
        channels: how many maps of a layer at most.
        title: written above. lang: "en" or "zh"; default from the environment.

    Raises:
        ValueError: not one image, an unknown layer, or no layer that gives maps.
    """
    return FeatureMaps(model, image, layers, channels=channels, title=title, lang=lang)


def watch_outputs(model: nn.Module, names: Sequence[str], batch: Tensor) -> dict[str, Tensor]:
    """Run the model; what each of the layers gave (batch, channels, height, width), in the order of their first run."""
    found: dict[str, Tensor] = {}
    modules = dict(model.named_modules())

    def keep(name: str) -> Any:
        def hook(_module: nn.Module, _inputs: Any, output: Any) -> None:
            if isinstance(output, Tensor) and output.dim() == 4 and name not in found:
                # A copy: what comes after may write into it.
                found[name] = output.detach().clone()

        return hook

    hooks = [modules[name].register_forward_hook(keep(name)) for name in names]
    training = [module for module in model.modules() if module.training]
    model.eval()
    try:
        with torch.no_grad():
            model(batch)
    finally:
        for hook in hooks:
            hook.remove()
        for module in training:
            module.training = True
    return found


def _one_image(image: Any, model: nn.Module) -> Tensor:
    image = torch.as_tensor(image)
    if image.dim() == 4 and len(image) == 1:
        image = image[0]
    if image.dim() == 2:
        image = image[None]
    if image.dim() != 3 or not image.numel():
        raise ValueError(
            f"feature_maps() takes one image (channels, height, width), not shape {tuple(image.shape)}; "
            "pick one of a batch with batch[0]"
        )
    weight = next(iter(model.parameters()), None)
    dtype = torch.float32 if weight is None else weight.dtype
    found: Tensor = image.detach().to(dtype)
    return found


def _end(output: Tensor, take: Any) -> float | None:
    finite = output[torch.isfinite(output)]
    return float(take(finite)) if finite.numel() else None


def _thumbnail(picture: Picture, x: float, y: float, plane: np.ndarray, side: float = 70.0) -> None:
    """A map as few shades, neighbours in a row joined."""
    scale = scale_of(plane.reshape(-1).tolist())
    unit = side / max(plane.shape)
    shades = np.clip(np.nan_to_num(np.rint(plane / scale * BANDS), nan=0), -BANDS, BANDS)
    for r, row in enumerate(shades):
        ends = [0, *(np.flatnonzero(np.diff(row)) + 1).tolist(), len(row)]
        for start, end in itertools.pairwise(ends):
            place = (x + start * unit, y + r * unit, (end - start) * unit, unit)
            picture.cell(
                *place, float(row[start]), BANDS, text="", stroke="none", shape_rendering="crispEdges"
            )
