"""Networks for images, with the weights that PyTorch publishes for them.

Source: https://pytorch.org/vision/stable/models.html
"""

# ruff: noqa: F401, F403  (a public namespace: each family says what it offers)
from . import segmentation
from ._api import (
    Weights,
    WeightsEnum,
    get_model,
    get_model_builder,
    get_model_weights,
    get_weight,
    list_models,
)
from .alexnet import *
from .convnext import *
from .densenet import *
from .efficientnet import *
from .googlenet import *
from .inception import *
from .mnasnet import *
from .mobilenet import *
from .regnet import *
from .resnet import *
from .shufflenetv2 import *
from .squeezenet import *
from .swin_transformer import *
from .vgg import *
from .vision_transformer import *
