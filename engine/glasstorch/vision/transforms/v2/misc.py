"""Normalization, blur, noise, functions of one's own, and boxes and points that are fit to learn from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ....core.tensor import Tensor
from ....core.tree import tree_flatten, tree_unflatten
from ... import tv_tensors
from ...pillow import is_image
from ..draws import between
from ..transforms.arguments import two_sizes
from . import functional as F
from .functional.dispatch import is_pure_tensor
from .functional.misc import _fit_boxes, _fit_points
from .samples import get_bounding_boxes, get_keypoints, has_any, labels_getter_of, two_numbers
from .transform import Transform


class Identity(Transform):
    """The sample as it is."""

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        return inpt


class Lambda(Transform):
    """A function of one's own, of everything in the sample or only of what has one of the types."""

    _transformed_types = (object,)

    def __init__(self, lambd: Callable[[Any], Any], *types: type) -> None:
        super().__init__()
        self.lambd = lambd
        self.types = types or self._transformed_types

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        return self.lambd(inpt) if isinstance(inpt, self.types) else inpt

    def extra_repr(self) -> str:
        name = getattr(self.lambd, "__name__", None)
        return ", ".join(([name] if name else []) + [f"types={[t.__name__ for t in self.types]}"])


class _NotPillow(Transform):
    def check_inputs(self, flat_inputs: list[Any]) -> None:
        if has_any(flat_inputs, is_image):
            raise TypeError(f"{type(self).__name__}() does not support PIL images.")


class LinearTransformation(_NotPillow):
    """Pictures as vectors, less a mean, times a matrix: whitening, for instance.

    Args:
        transformation_matrix: (n, n), n being channels × height × width.
        mean_vector: (n,).
    """

    _transformed_types = (is_pure_tensor, tv_tensors.Image, tv_tensors.Video)

    def __init__(self, transformation_matrix: Any, mean_vector: Any) -> None:
        super().__init__()
        size = tuple(transformation_matrix.size())
        if size[0] != size[1]:
            raise ValueError(f"transformation_matrix should be square. Got {size} rectangular matrix.")
        if mean_vector.size(0) != size[0]:
            raise ValueError(
                f"mean_vector should have the same length {mean_vector.size(0)} as any one of the dimensions of the "
                f"transformation_matrix [{size}]"
            )
        for what in ("device", "dtype"):
            a, b = getattr(transformation_matrix, what), getattr(mean_vector, what)
            if a != b:
                where = "on the same device" if what == "device" else "have the same dtype"
                raise ValueError(
                    f"Input tensors should {'be ' if what == 'device' else ''}{where}. Got {a} and {b}"
                )
        self.transformation_matrix, self.mean_vector = transformation_matrix, mean_vector

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        c, h, w = inpt.shape[-3:]
        n = self.transformation_matrix.shape[0]
        if c * h * w != n:
            raise ValueError(
                f"Input tensor and transformation matrix have incompatible shape.[{c} x {h} x {w}] != {n}"
            )
        if inpt.device.type != self.mean_vector.device.type:
            raise ValueError(
                "Input tensor should be on the same device as transformation matrix and mean vector. "
                f"Got {inpt.device} vs {self.mean_vector.device}"
            )
        flat = inpt.as_subclass(Tensor).reshape(-1, n) - self.mean_vector
        out = (flat @ self.transformation_matrix.to(flat.dtype)).reshape(inpt.shape)
        return out if is_pure_tensor(inpt) else tv_tensors.wrap(out, like=inpt)


class Normalize(_NotPillow):
    """``(inpt - mean) / std`` for each channel of floating pictures; ``inplace``: change the given tensors."""

    def __init__(self, mean: Sequence[float], std: Sequence[float], inplace: bool = False) -> None:
        super().__init__()
        self.mean, self.std, self.inplace = list(mean), list(std), inplace

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        return self._call_kernel(F.normalize, inpt, mean=self.mean, std=self.std, inplace=self.inplace)


class GaussianBlur(Transform):
    """Convolved with a Gaussian.

    Args:
        kernel_size: odd: one, or (width, height).
        sigma: its standard deviation, from and to.
    """

    def __init__(self, kernel_size: int | Sequence[int], sigma: Any = (0.1, 2.0)) -> None:
        super().__init__()
        self.kernel_size = two_sizes(kernel_size, "Kernel size should be a tuple/list of two integers")
        if any(n <= 0 or n % 2 == 0 for n in self.kernel_size):
            raise ValueError("Kernel size value should be an odd and positive number.")
        self.sigma = two_numbers(sigma, "sigma")
        if not 0.0 < self.sigma[0] <= self.sigma[1]:
            raise ValueError(f"sigma values should be positive and of the form (min, max). Got {self.sigma}")

    def make_params(self, flat_inputs: list[Any]) -> dict[str, Any]:
        return {"sigma": [between(*self.sigma)] * 2}

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        return self._call_kernel(F.gaussian_blur, inpt, self.kernel_size, **params)


class GaussianNoise(Transform):
    """With noise; see ``functional.gaussian_noise``."""

    def __init__(self, mean: float = 0.0, sigma: float = 0.1, clip: bool = True) -> None:
        super().__init__()
        self.mean, self.sigma, self.clip = mean, sigma, clip

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        return self._call_kernel(F.gaussian_noise, inpt, mean=self.mean, sigma=self.sigma, clip=self.clip)


class UniformTemporalSubsample(Transform):
    """``num_samples`` frames of a video, evenly spaced."""

    _transformed_types = (Tensor,)

    def __init__(self, num_samples: int) -> None:
        super().__init__()
        self.num_samples = num_samples

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        return self._call_kernel(F.uniform_temporal_subsample, inpt, self.num_samples)


class _Sanitizing(Transform):
    """What takes places away that are not fit, and their labels with them."""

    #: torchvision's words for labels of another number.
    mismatch: str
    #: What loses entries besides the labels.
    kinds: tuple[type, ...]

    def __init__(self, labels_getter: Any) -> None:
        super().__init__()
        self.labels_getter = labels_getter
        self._labels_getter = labels_getter_of(labels_getter)

    def _places(self, flat_inputs: list[Any]) -> Any:
        raise NotImplementedError

    def _fit(self, places: Any) -> Any:
        """A mask of the places that are fit."""
        raise NotImplementedError

    def forward(self, *inputs: Any) -> Any:
        sample = inputs if len(inputs) > 1 else inputs[0]
        labels = self._labels(sample)
        flat, spec = tree_flatten(sample)
        places = self._places(flat)
        for label in labels:
            if places.shape[0] != label.shape[0]:
                raise ValueError(
                    f"{self.mismatch.format(places.shape)} match the number of labels.Found labels with "
                    f"shape={label.shape})."
                )
        params = {"fit": self._fit(places), "labels": labels}
        return tree_unflatten([self.transform(inpt, params) for inpt in flat], spec)

    def _labels(self, sample: Any) -> tuple:
        found = self._labels_getter(sample)
        if found is None:
            return ()
        several = found if isinstance(found, (tuple, list)) else (found,)
        for label in several:
            if not isinstance(label, Tensor):
                raise ValueError(
                    "The labels in the input to forward() must be a tensor or None, got "
                    f"{type(label)} instead."
                )
        return tuple(several)

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        is_label = any(inpt is label for label in params["labels"])
        if not is_label and not isinstance(inpt, self.kinds):
            return inpt
        try:
            out = inpt[params["fit"]]
        except IndexError:  # a mask for the whole picture, not one for each box
            if not isinstance(inpt, tv_tensors.Mask):
                raise
            return inpt
        return out if is_label else tv_tensors.wrap(out, like=inpt)


class SanitizeBoundingBoxes(_Sanitizing):
    """Without the boxes that are too small or reach beyond their picture, and without their labels and masks.

    Args:
        min_size: the smallest side a box may have, at least 1.
        min_area: its smallest area, at least 1.
        labels_getter: "default" looks for labels; a function finds them in a sample (one tensor, or several); None: the
            sample has none.
    """

    mismatch = "Number of boxes (shape={}) and must"
    kinds = (tv_tensors.BoundingBoxes, tv_tensors.Mask)

    def __init__(self, min_size: float = 1.0, min_area: float = 1.0, labels_getter: Any = "default") -> None:
        if min_size < 1:
            raise ValueError(f"min_size must be >= 1, got {min_size}.")
        if min_area < 1:
            raise ValueError(f"min_area must be >= 1, got {min_area}.")
        super().__init__(labels_getter)
        del self.labels_getter
        self.min_size, self.min_area, self.labels_getter = min_size, min_area, labels_getter

    def _places(self, flat_inputs: list[Any]) -> Any:
        return get_bounding_boxes(flat_inputs)

    def _fit(self, places: Any) -> Any:
        plain = places.as_subclass(Tensor)
        return _fit_boxes(plain, places.format, places.canvas_size, self.min_size, self.min_area)


class SanitizeKeyPoints(_Sanitizing):
    """Without the points (or groups of points) beyond their picture, and without their labels.

    ``labels_getter``: as for ``SanitizeBoundingBoxes``.
    """

    mismatch = "Number of kepyoints (shape={}) must"
    kinds = (tv_tensors.KeyPoints,)

    def __init__(self, labels_getter: Any = None) -> None:
        super().__init__(labels_getter)

    def _places(self, flat_inputs: list[Any]) -> Any:
        return get_keypoints(flat_inputs)

    def _fit(self, places: Any) -> Any:
        return _fit_points(places.as_subclass(Tensor), places.canvas_size)
