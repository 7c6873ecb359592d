"""Datasets of images. Source: https://pytorch.org/vision/stable/datasets.html"""

from ...homes import open_homes as _open_homes
from . import folder, utils
from .caltech import Caltech101, Caltech256
from .celeba import CelebA
from .cifar import CIFAR10, CIFAR100
from .cityscapes import Cityscapes
from .clevr import CLEVRClassification
from .clip_sets import Country211, RenderedSST2
from .coco import CocoCaptions, CocoDetection
from .dtd import DTD
from .eurosat import EuroSAT
from .fakedata import FakeData
from .fer2013 import FER2013
from .fgvc_aircraft import FGVCAircraft
from .flickr import Flickr8k, Flickr30k
from .flowers102 import Flowers102
from .folder import DatasetFolder, ImageFolder
from .food101 import Food101
from .gtsrb import GTSRB
from .imagenet import ImageNet
from .imagenette import Imagenette
from .inaturalist import INaturalist
from .kitti import Kitti
from .lfw import LFWPairs, LFWPeople
from .mnist import EMNIST, KMNIST, MNIST, QMNIST, FashionMNIST
from .moving_mnist import MovingMNIST
from .omniglot import Omniglot
from .oxford_iiit_pet import OxfordIIITPet
from .places365 import Places365
from .sbd import SBDataset
from .semeion import SEMEION
from .stanford_cars import StanfordCars
from .stl10 import STL10
from .sun397 import SUN397
from .svhn import SVHN
from .usps import USPS
from .vision import VisionDataset
from .voc import VOCDetection, VOCSegmentation
from .widerface import WIDERFace
from .wrapping import wrap_dataset_for_transforms_v2

__all__ = [
    "CIFAR10",
    "CIFAR100",
    "EMNIST",
    "KMNIST",
    "MNIST",
    "QMNIST",
    "STL10",
    "SVHN",
    "USPS",
    "Caltech101",
    "Caltech256",
    "CelebA",
    "CocoCaptions",
    "CocoDetection",
    "DatasetFolder",
    "FakeData",
    "FashionMNIST",
    "Flowers102",
    "Food101",
    "ImageFolder",
    "ImageNet",
    "OxfordIIITPet",
    "VOCDetection",
    "VOCSegmentation",
    "VisionDataset",
    "folder",
    "utils",
    "wrap_dataset_for_transforms_v2",
    "Cityscapes",
    "CLEVRClassification",
    "Country211",
    "RenderedSST2",
    "SBDataset",
    "DTD",
    "EuroSAT",
    "FER2013",
    "FGVCAircraft",
    "GTSRB",
    "Imagenette",
    "Kitti",
    "MovingMNIST",
    "Omniglot",
    "SEMEION",
    "StanfordCars",
    "SUN397",
    "WIDERFace",
    "Flickr8k",
    "Flickr30k",
    "INaturalist",
    "LFWPairs",
    "LFWPeople",
    "Places365",
]

_open_homes(__name__)
