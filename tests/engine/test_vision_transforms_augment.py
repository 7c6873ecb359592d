"""AutoAugment, RandAugment, TrivialAugment and AugMix: the same choices as torchvision from the same seed."""

from __future__ import annotations

import glasstorch
import numpy as np
import pytest
from glasstorch.vision import transforms
from support.images import as_ours, both, image_tensor, picture
from support.torchvision_reference import torchvision

pytestmark = pytest.mark.cpu

IM = torchvision.transforms.InterpolationMode
IMAGES = [
    picture("RGB", 13, 16),
    picture("L", 20, 20),
    image_tensor((3, 16, 13), "uint8"),
    image_tensor((2, 3, 9, 12), "uint8"),
]
SMOOTH = IM.BILINEAR


def run(name, arguments, seeds, images=IMAGES, **how):
    both(lambda home, *a: repr(getattr(home.transforms, name)(*a)), *arguments)
    for img in images:
        for seed in seeds:
            both(lambda home, x, *a: getattr(home.transforms, name)(*a)(x), img, *arguments, seed=seed, **how)


@pytest.mark.parametrize("policy", ["IMAGENET", "CIFAR10", "SVHN"])
def test_auto_augment(policy):
    for img in IMAGES:
        for seed in range(12):
            both(
                lambda home, x: home.transforms.AutoAugment(getattr(home.transforms.AutoAugmentPolicy, policy))(x),
                img, seed=seed,
            )  # fmt: skip


@pytest.mark.parametrize("policy", ["IMAGENET", "CIFAR10", "SVHN"])
def test_policies_are_torchvisions(policy):
    both(lambda home: home.transforms.AutoAugment(home.transforms.AutoAugmentPolicy[policy]).policies)
    both(lambda home: repr(home.transforms.AutoAugment(home.transforms.AutoAugmentPolicy[policy], fill=3)))


@pytest.mark.parametrize(
    ("name", "arguments"),
    [("RandAugment", ()), ("RandAugment", (3, 20, 31)), ("RandAugment", (0,)), ("RandAugment", (1, 31)),
     ("TrivialAugmentWide", ()), ("TrivialAugmentWide", (5,)), ("AugMix", ()),
     ("AugMix", (5, 2, 2, 0.5, False, IM.NEAREST, 3)), ("AugMix", (11,)), ("AugMix", (0,)),
     ("AutoAugment", ("imagenet",))],
)  # fmt: skip
def test_the_others(name, arguments):
    run(name, arguments, range(3 if name == "AugMix" else 8), near=1)


@pytest.mark.parametrize(("name", "arguments"), [("RandAugment", (2, 9, 31)), ("TrivialAugmentWide", (31,))])
@pytest.mark.parametrize("fill", [None, 7, [1, 2, 3]])
def test_smooth_and_filled(name, arguments, fill):
    images = [img for img in IMAGES if fill != [1, 2, 3] or img is not IMAGES[1]]
    run(name, (*arguments, IM.NEAREST, fill), range(5), images)
    run(name, (*arguments, SMOOTH, fill), range(5), images[:1])


def test_every_operation_is_drawn():
    """The strengths named in the papers' tables: over many draws each operation occurs, with both signs."""
    seen = set()

    class Listening(transforms.TrivialAugmentWide):
        def operate(self, img, name, strength, fill):
            seen.add((name, strength < 0))
            return img

    glasstorch.manual_seed(0)
    listening, img = Listening(), as_ours(IMAGES[2])
    for _ in range(600):
        assert listening(img) is img
    names = {name for name, _ in seen}
    assert len(names) == 14
    assert {name for name, minus in seen if minus} == set(transforms.autoaugment.SIGNED)


def test_they_are_modules():
    names = []
    chain = glasstorch.nn.Sequential(transforms.AutoAugment(), transforms.AugMix())
    chain.apply(lambda module: names.append(type(module).__name__))
    assert names == ["AutoAugment", "AugMix", "Sequential"]


def test_mixing_keeps_what_all_chains_keep():
    """A picture of one colour stays itself under every operation but those that change brightness."""
    flat = glasstorch.full((3, 8, 8), 90, dtype=glasstorch.uint8)
    glasstorch.manual_seed(3)
    mixed = transforms.AugMix(severity=1, all_ops=False, interpolation=transforms.InterpolationMode.NEAREST)(
        flat
    )
    assert np.abs(mixed.numpy().astype(int) - 90).max() <= 90
    assert mixed.dtype is glasstorch.uint8
