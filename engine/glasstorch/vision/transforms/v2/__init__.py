"""Transforms of pictures together with their masks, boxes and points.

Source: https://pytorch.org/vision/stable/transforms.html
"""

from .. import autoaugment as _older_policies
from .. import transforms as _older_transforms
from ..autoaugment import AutoAugmentPolicy
from ..functional.images import InterpolationMode
from . import functional
from .augment import JPEG, CutMix, MixUp, RandomErasing
from .autoaugment import AugMix, AutoAugment, RandAugment, TrivialAugmentWide
from .colour import (
    RGB,
    ColorJitter,
    Grayscale,
    RandomAdjustSharpness,
    RandomAutocontrast,
    RandomChannelPermutation,
    RandomEqualize,
    RandomGrayscale,
    RandomInvert,
    RandomPhotometricDistort,
    RandomPosterize,
    RandomSolarize,
)
from .container import Compose, RandomApply, RandomChoice, RandomOrder
from .convert import (
    ClampBoundingBoxes,
    ClampKeyPoints,
    ConvertBoundingBoxFormat,
    ConvertImageDtype,
    PILToTensor,
    SetClampingMode,
    ToDtype,
    ToImage,
    ToPILImage,
    ToPureTensor,
    ToTensor,
)
from .geometry import (
    CenterCrop,
    FiveCrop,
    Pad,
    RandomCrop,
    RandomHorizontalFlip,
    RandomResize,
    RandomResizedCrop,
    RandomShortestSize,
    RandomVerticalFlip,
    RandomZoomOut,
    Resize,
    ScaleJitter,
    TenCrop,
)
from .misc import (
    GaussianBlur,
    GaussianNoise,
    Identity,
    Lambda,
    LinearTransformation,
    Normalize,
    SanitizeBoundingBoxes,
    SanitizeKeyPoints,
    UniformTemporalSubsample,
)
from .samples import check_type, get_bounding_boxes, get_keypoints, has_all, has_any, query_chw, query_size
from .transform import Transform
from .warp import ElasticTransform, RandomAffine, RandomIoUCrop, RandomPerspective, RandomRotation

__all__ = [
    "JPEG", "RGB", "AugMix", "AutoAugment", "AutoAugmentPolicy", "CenterCrop", "ClampBoundingBoxes", "ClampKeyPoints",
    "ColorJitter", "Compose", "ConvertBoundingBoxFormat", "ConvertImageDtype", "CutMix", "ElasticTransform", "FiveCrop",
    "GaussianBlur", "GaussianNoise", "Grayscale", "Identity", "InterpolationMode", "Lambda", "LinearTransformation",
    "MixUp", "Normalize", "PILToTensor", "Pad", "RandAugment", "RandomAdjustSharpness", "RandomAffine", "RandomApply",
    "RandomAutocontrast", "RandomChannelPermutation", "RandomChoice", "RandomCrop", "RandomEqualize", "RandomErasing",
    "RandomGrayscale", "RandomHorizontalFlip", "RandomInvert", "RandomIoUCrop", "RandomOrder", "RandomPerspective",
    "RandomPhotometricDistort", "RandomPosterize", "RandomResize", "RandomResizedCrop", "RandomRotation",
    "RandomShortestSize", "RandomSolarize", "RandomVerticalFlip", "RandomZoomOut", "Resize", "SanitizeBoundingBoxes",
    "SanitizeKeyPoints", "ScaleJitter", "SetClampingMode", "TenCrop", "ToDtype", "ToImage", "ToPILImage",
    "ToPureTensor", "ToTensor", "Transform", "TrivialAugmentWide", "UniformTemporalSubsample", "check_type",
    "functional", "get_bounding_boxes", "get_keypoints", "has_all", "has_any", "query_chw", "query_size",
]  # fmt: skip


def _share_choices() -> None:
    """``get_params`` of the older transforms, which draws for one image, is asked for by hand: it is here as well."""
    for name in __all__:
        for older in (_older_transforms, _older_policies):
            choose = getattr(getattr(older, name, None), "get_params", None)
            if choose is not None:
                globals()[name].get_params = staticmethod(choose)


_share_choices()
