"""Rotations, affine and perspective maps, free displacements, and crops around boxes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ....core.tensor import Tensor
from ....ops.create import tensor
from ....ops.join import cat
from ....ops.random import rand, randint
from ... import tv_tensors
from ...ops.boxes import box_iou
from ...pillow import is_image
from ..draws import between
from ..functional.warp import perspective_coefficients
from ..transforms.arguments import angle_range, check_sequence
from . import functional as F
from .functional.dispatch import is_pure_tensor
from .samples import Fills, get_bounding_boxes, has_all, has_any, query_size, two_numbers
from .transform import RandomlyApplied, Transform


class RandomRotation(Transform):
    """Turned by an angle in ``degrees`` (from, to), or up to it to either side.

    Args:
        interpolation: an ``InterpolationMode``, its name or Pillow's number.
        expand: make the result large enough for the whole turned picture.
        center: (x, y) from the upper left corner; None: the middle.
        fill: the colour outside, or a dictionary with one for each type, and "others".
    """

    def __init__(
        self,
        degrees: Any,
        interpolation: Any = "nearest",
        expand: bool = False,
        center: Any = None,
        fill: Any = 0,
    ) -> None:
        super().__init__()
        self.degrees = angle_range(degrees, "degrees")
        self.interpolation, self.expand, self.fill, self._fill = interpolation, expand, fill, Fills(fill)
        if center is not None:
            check_sequence(center, "center", (2,))
        self.center = center

    def make_params(self, flat_inputs: list[Any]) -> dict[str, Any]:
        return {"angle": between(*self.degrees)}

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        how = {"interpolation": self.interpolation, "expand": self.expand, "center": self.center}
        return self._call_kernel(F.rotate, inpt, **params, **how, fill=self._fill.of(inpt))


class RandomAffine(Transform):
    """Turned, moved, scaled and sheared.

    Args:
        degrees: the angle, from and to, or up to it to either side.
        translate: how far to move at most, as a share of width and of height.
        scale: the factor, from and to.
        shear: degrees along x, from and to, or up to it to either side; four numbers: and along y.
        interpolation, fill, center: as for ``RandomRotation``.
    """

    def __init__(
        self, degrees: Any, translate: Sequence[float] | None = None, scale: Sequence[float] | None = None,
        shear: Any = None, interpolation: Any = "nearest", fill: Any = 0, center: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self.degrees = angle_range(degrees, "degrees")
        if translate is not None:
            check_sequence(translate, "translate", (2,))
            if not all(0.0 <= t <= 1.0 for t in translate):
                raise ValueError("translation values should be between 0 and 1")
        self.translate = translate
        if scale is not None:
            check_sequence(scale, "scale", (2,))
            if any(s <= 0 for s in scale):
                raise ValueError("scale values should be positive")
        self.scale = scale
        self.shear = None if shear is None else angle_range(shear, "shear", (2, 4))
        self.interpolation, self.fill, self._fill = interpolation, fill, Fills(fill)
        if center is not None:
            check_sequence(center, "center", (2,))
        self.center = center

    def make_params(self, flat_inputs: list[Any]) -> dict[str, Any]:
        height, width = query_size(flat_inputs)
        params: dict[str, Any] = {"angle": between(*self.degrees), "translate": (0, 0), "scale": 1.0}
        if self.translate is not None:
            furthest = [float(share * n) for share, n in zip(self.translate, (width, height), strict=True)]
            params["translate"] = tuple(round(between(-far, far)) for far in furthest)
        if self.scale is not None:
            params["scale"] = between(*self.scale)
        shear = self.shear or []
        params["shear"] = (
            between(*shear[:2]) if shear else 0.0,
            between(*shear[2:]) if len(shear) == 4 else 0.0,
        )
        return params

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        how = {"interpolation": self.interpolation, "fill": self._fill.of(inpt), "center": self.center}
        return self._call_kernel(F.affine, inpt, **params, **how)


class RandomPerspective(RandomlyApplied):
    """Seen from aslant, with probability ``p``.

    Args:
        distortion_scale: how far the corners may move inwards, 1 being half a side.
        interpolation, fill: as for ``RandomRotation``.
    """

    def __init__(
        self, distortion_scale: float = 0.5, p: float = 0.5, interpolation: Any = "bilinear", fill: Any = 0
    ) -> None:
        super().__init__(p=p)
        if not 0 <= distortion_scale <= 1:
            raise ValueError("Argument distortion_scale value should be between 0 and 1")
        self.distortion_scale, self.interpolation = distortion_scale, interpolation
        self.fill, self._fill = fill, Fills(fill)

    def make_params(self, flat_inputs: list[Any]) -> dict[str, Any]:
        height, width = query_size(flat_inputs)
        far_x, far_y = (int(self.distortion_scale * (n // 2)) + 1 for n in (width, height))
        left, right, up, down = (0, far_x), (width - far_x, width), (0, far_y), (height - far_y, height)
        corners = ((left, up), (right, up), (right, down), (left, down))
        endpoints = [[int(randint(*part, (1,))) for part in corner] for corner in corners]
        startpoints = [[0, 0], [width - 1, 0], [width - 1, height - 1], [0, height - 1]]
        return {"coefficients": perspective_coefficients(startpoints, endpoints)}

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        how = {"interpolation": self.interpolation, "fill": self._fill.of(inpt)}
        return self._call_kernel(F.perspective, inpt, startpoints=None, endpoints=None, **how, **params)


class ElasticTransform(Transform):
    """Each point moved a little, neighbours alike. Source: Simard et al., https://doi.org/10.1109/ICDAR.2003.1227801

    Args:
        alpha: how far, along x and along y or one for both.
        sigma: how smoothly: the standard deviation of the blur of the displacements.
        interpolation, fill: as for ``RandomRotation``.
    """

    def __init__(
        self, alpha: Any = 50.0, sigma: Any = 5.0, interpolation: Any = "bilinear", fill: Any = 0
    ) -> None:
        super().__init__()
        self.alpha, self.sigma = two_numbers(alpha, "alpha"), two_numbers(sigma, "sigma")
        self.interpolation, self.fill, self._fill = interpolation, fill, Fills(fill)

    def make_params(self, flat_inputs: list[Any]) -> dict[str, Any]:
        height, width = query_size(flat_inputs)
        moves = []
        for alpha, sigma, n in zip(self.alpha, self.sigma, (width, height), strict=True):
            move: Any = rand(1, 1, height, width) * 2 - 1
            if sigma > 0.0:
                size = int(8 * sigma + 1) | 1  # odd
                move = F.gaussian_blur(move, [size, size], list(self.sigma))
            moves.append(move * alpha / n)
        return {"displacement": cat(moves, 1).permute([0, 2, 3, 1])}

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        how = {"fill": self._fill.of(inpt), "interpolation": self.interpolation}
        return self._call_kernel(F.elastic, inpt, **params, **how)


class RandomIoUCrop(Transform):
    """A part that overlaps some box by at least a random amount. Source: https://arxiv.org/abs/1512.02325

    Boxes whose centres are not in the part become zeros; ``SanitizeBoundingBoxes`` takes them away.

    Args:
        min_scale, max_scale: the sides of the part, as shares.
        min_aspect_ratio, max_aspect_ratio: its width over its height.
        sampler_options: the overlaps (IoU) to choose from; 1 and more leave the sample as it is.
        trials: how often to try one of them.
    """

    def __init__(
        self, min_scale: float = 0.3, max_scale: float = 1.0, min_aspect_ratio: float = 0.5,
        max_aspect_ratio: float = 2.0, sampler_options: list[float] | None = None, trials: int = 40,
    ) -> None:  # fmt: skip
        super().__init__()
        self.min_scale, self.max_scale = min_scale, max_scale
        self.min_aspect_ratio, self.max_aspect_ratio = min_aspect_ratio, max_aspect_ratio
        self.options = [0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0] if sampler_options is None else sampler_options
        self.trials = trials

    def check_inputs(self, flat_inputs: list[Any]) -> None:
        pictures = has_any(flat_inputs, is_image, tv_tensors.Image, is_pure_tensor)
        if not (has_all(flat_inputs, tv_tensors.BoundingBoxes) and pictures):
            raise TypeError(
                f"{type(self).__name__}() requires input sample to contain tensor or PIL images and bounding boxes. "
                "Sample can also contain masks."
            )

    def make_params(self, flat_inputs: list[Any]) -> dict[str, Any]:
        size = query_size(flat_inputs)
        known = get_bounding_boxes(flat_inputs)
        boxes = F.convert_bounding_box_format(known.as_subclass(Tensor), known.format, "XYXY")
        while True:
            overlap = self.options[int(randint(0, len(self.options), (1,)))]
            if overlap >= 1.0:
                return {}
            for _ in range(self.trials):
                part = self._part(size)
                if part is None:
                    continue
                left, top, right, bottom = part
                x, y = 0.5 * (boxes[..., 0] + boxes[..., 2]), 0.5 * (boxes[..., 1] + boxes[..., 3])
                inside = (left < x) & (x < right) & (top < y) & (y < bottom)
                if not inside.any():
                    continue
                there = tensor([part], dtype=boxes.dtype, device=boxes.device)
                if box_iou(boxes[inside], there).max() < overlap:  # type: ignore[attr-defined]
                    continue
                return {
                    "top": top,
                    "left": left,
                    "height": bottom - top,
                    "width": right - left,
                    "inside": inside,
                }

    def _part(self, size: tuple[int, int]) -> tuple[int, int, int, int] | None:
        """A random part as left, top, right, bottom; None if it has another shape than wanted."""
        height, width = size
        share: Any = self.min_scale + (self.max_scale - self.min_scale) * rand(2)
        new_width, new_height = int(width * share[0]), int(height * share[1])
        if not self.min_aspect_ratio <= new_width / new_height <= self.max_aspect_ratio:
            return None
        place: Any = rand(2)
        left, top = int((width - new_width) * place[0]), int((height - new_height) * place[1])
        return (left, top, left + new_width, top + new_height) if new_width and new_height else None

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        if not params:
            return inpt
        place = {k: params[k] for k in ("top", "left", "height", "width")}
        out = self._call_kernel(F.crop, inpt, **place)
        if isinstance(out, tv_tensors.BoundingBoxes):
            out[~params["inside"]] = 0
        return out
