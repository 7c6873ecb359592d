"""Datasets of images. Source: https://pytorch.org/vision/stable/datasets.html"""

from .mnist import KMNIST, MNIST, FashionMNIST
from .vision import VisionDataset

__all__ = ["FashionMNIST", "KMNIST", "MNIST", "VisionDataset"]
