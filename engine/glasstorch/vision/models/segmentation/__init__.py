"""Networks that give a class to every pixel. Source: https://pytorch.org/vision/stable/models.html#semantic-segmentation"""

# ruff: noqa: F403  (a public namespace: each family says what it offers)
from .deeplabv3 import *
from .fcn import *
from .lraspp import *
