"""The transforms as objects: texts, refusals, and torchvision's random choices from the same seed."""

from __future__ import annotations

import copy
import pickle
import random

import glasstorch
import numpy as np
import pytest
from glasstorch import vision
from glasstorch.vision import datasets, transforms
from support import standin
from support.differential import torch
from support.images import attempt, both, image_tensor, picture
from support.torchvision_reference import torchvision

PICTURES = [picture(mode, *size) for mode, size in (("RGB", (13, 16)), ("L", (28, 28)), ("LA", (9, 12)))]
TENSORS = [
    image_tensor((3, 16, 13)),
    image_tensor((1, 28, 28), "uint8"),
    image_tensor((2, 3, 20, 17), "uint8"),
]

#: Arguments of each transform, right ones and wrong ones; E is the engine, M its interpolation modes.
CASES = {
    "ToTensor": [""],
    "PILToTensor": [""],
    "ToPILImage": ["", "'RGB'"],
    "ConvertImageDtype": ["E.uint8"],
    "Normalize": ["(0.5,), (0.2,)", "[0.1, 0.2, 0.3], [0.5, 0.4, 0.3], True"],
    "Lambda": ["len", "3"],
    "Resize": ["7", "(9,)", "[5, 7]", "(1, 2, 3)", "3.5", "None", "8, M.BICUBIC, 9", "8, 2",
        "8, M.BILINEAR, None, None"],
    "CenterCrop": ["7", "(9,)", "[5, 7]", "(1, 2, 3)", "3.5", "None"],
    "FiveCrop": ["7", "(9,)", "[5, 7]", "(1, 2, 3)", "3.5", "None"],
    "TenCrop": ["7", "(9,)", "[5, 7]", "(1, 2, 3)", "3.5", "None", "5, True"],
    "RandomCrop": ["7", "(9,)", "[5, 7]", "(1, 2, 3)", "3.5", "None", "8, 2, True, 3",
        "(1, 2), None, False, 0, 'reflect'", "40, None, True", "(30, 5), None, True, 0, 'edge'", "8, (1, 2)"],
    "RandomResizedCrop": ["7", "(9,)", "[5, 7]", "(1, 2, 3)", "3.5", "None",
        "(7, 9), (0.5, 0.6), (1.0, 2.0), M.NEAREST", "7, (5.0, 6.0)", "7, (5.0, 6.0), (3.0, 4.0)",
        "7, (5.0, 6.0), (0.1, 0.4)", "7, 3", "7, (1, 1), 4", "7, (1.0, 0.5)"],
    "GaussianBlur": ["7", "(9,)", "[5, 7]", "(1, 2, 3)", "3.5", "None", "5, 3.0", "5, (1, 2)", "5, -1",
        "5, (2, 1)", "5, 'a'", "4", "(3, 5)"],
    "Pad": ["2", "(1, 2), (1, 2, 3)", "[1, 2, 3, 4], 0, 'symmetric'", "'a'", "1, None", "1, 0, 'foo'",
        "(1, 2, 3)"],
    "RandomHorizontalFlip": ["0.0", "0.5", "1.0"],
    "RandomVerticalFlip": ["0.0", "0.5", "1.0"],
    "RandomGrayscale": ["0.0", "0.5", "1.0", ""],
    "RandomInvert": ["0.0", "0.5", "1.0"],
    "RandomAutocontrast": ["0.0", "0.5", "1.0"],
    "RandomEqualize": ["0.0", "0.5", "1.0"],
    "RandomPosterize": ["3", "2, 1.0"],
    "RandomSolarize": ["100", "0.4, 1.0"],
    "RandomAdjustSharpness": ["1.6"],
    "RandomPerspective": ["0.5, 0.5", "0.3, 1.0, M.NEAREST, 0.5", "0.7, 1.0, 2, (1, 2, 3)", "0.5, 0.5, 2, None",
        "0.5, 1, 2, {}"],
    "Grayscale": ["", "3", "2"],
    "ColorJitter": ["0.5, 0.4, 0.3, 0.2", "0, 0, 0, 0.5", "0.5", "0, 0.5",
        "(0.2, 0.3), (1.0, 1.2), (0.5, 2), (-0.3, 0.4)", "-1", "(1, 2, 3)", "0, 0, 0, 0.6",
        "0, 0, 0, (-0.6, 0.1)", "(2, 1)", "'a'", "[1, 1]"],
    "RandomRotation": ["30", "(10, 80), M.BILINEAR, True, None, 2", "90, 2, False, (2, 3), (1, 2, 3)", "-3",
        "(1, 2, 3)", "'a'", "3, 0, False, 3", "3, 0, False, (1,)", "3, 0, False, None, None",
        "3, 0, False, None, {}"],
    "RandomAffine": ["20", "(10, 80)", "0, (0.1, 0.3)", "5, None, (0.5, 2.0)", "5, None, None, 20",
        "5, None, None, (1, 30)", "5, None, None, (1, 30, 2, 40)",
        "5, (0.1, 0.3), (0.8, 0.9), [1, 2], M.BILINEAR, (1, 2, 3), (1, 2)", "5, (0.1, 3)", "5, 3",
        "5, None, (0, 1)", "5, None, 3", "5, None, None, (1, 2, 3)", "5, None, None, 'abc'",
        "5, None, None, None, 0, {}", "5, None, None, None, 0, 0, (1,)"],
    "RandomErasing": ["", "1.0", "1.0, (0.02, 0.33), (0.3, 3.3), 'random'",
        "1.0, (0.9, 1.0), (0.3, 3.3), (1, 2, 3)", "1, (0.1, 0.2), (1, 1), [1.5], True",
        "1.0, (0.1, 0.2), (1, 1), 'a'", "1.0, (0.1, 0.2), (1, 1), None", "1.0, 3", "1.0, (0.1, 0.2), 3",
        "1.0, (0.5, 0.1)", "1.0, (0.5, 2.0)", "2"],
    "ElasticTransform": ["30.0, 3.0", "[10.0, 40.0], (2.0, 4.0)", "3", "30.0, 'a'", "[1.0, 2.0, 3.0]", "[1, 2]",
        "30.0, 0.0", "30.0, 3.0, M.NEAREST, 0.5", "30.0, 3.0, 2, (1, 2, 3)", "30.0, 3.0, 2, 'a'",
        "30.0, 3.0, 2, None"],
}  # fmt: skip
ALL = [f"{name}({arguments})" for name, several in CASES.items() for arguments in several]


def make(home, text):
    """The transform that ``text`` describes, of our ``vision`` or of torchvision."""
    engine = torch if home is torchvision else glasstorch
    return eval(f"T.{text}", {"T": home.transforms, "M": home.transforms.InterpolationMode, "E": engine})


@pytest.mark.cpu
@pytest.mark.parametrize("text", ALL)
def test_as_torchvision(text):
    if not isinstance(both(lambda home: repr(make(home, text))), str):
        return  # refused
    tolerance = 5e-6 if text.startswith(("ElasticTransform", "ColorJitter")) else 1e-6
    rounds = text.startswith(
        ("Resize", "RandomResized", "GaussianBlur", "RandomRot", "RandomAffine", "Elastic")
    )
    for img in [*TENSORS, *PICTURES]:
        if not text.startswith("RandomErasing") or isinstance(img, torch.Tensor):
            for seed in range(3 if text.startswith(("Random", "ColorJitter")) else 1):
                both(
                    lambda home, x: make(home, text)(x), img, seed=seed, tolerance=tolerance, near=int(rounds)
                )


@pytest.mark.cpu
def test_get_params():
    img = image_tensor((3, 40, 30))
    calls = {
        "RandomCrop": (img, (7, 9)),
        "RandomResizedCrop": (img, [0.2, 0.5], [0.5, 2.0]),
        "RandomErasing": (img, (0.1, 0.3), (0.5, 2.0), [1.0, 2.0, 3.0]),
        "RandomPerspective": (30, 40, 0.6),
        "RandomRotation": ([-10.0, 30.0],),
        "RandomAffine": ([-10.0, 30.0], (0.3, 0.2), (0.5, 1.5), (-5.0, 5.0, 1.0, 9.0), [30, 40]),
        "ColorJitter": ((0.5, 1.5), None, (0.1, 2.0), (-0.1, 0.1)),
        "GaussianBlur": (0.5, 2.0),
        "ElasticTransform": ([20.0, 30.0], [2.0, 3.0], [12, 9]),
        "AutoAugment": (25,),
    }
    for seed in range(5):
        for name, arguments in calls.items():
            both(
                lambda home, *a: getattr(home.transforms, name).get_params(*a),
                *arguments,
                seed=seed,
                tolerance=5e-6,
            )
    both(lambda home, x: home.transforms.RandomCrop.get_params(x, (41, 2)), img)
    both(
        lambda home, x: home.transforms.RandomErasing.get_params(x, (0.1, 0.3), (0.5, 2.0), None)[4],
        img,
        seed=3,
    )


@pytest.mark.cpu
def test_putting_transforms_together():
    programs = [
        lambda T: T.Compose([T.RandomCrop(9), T.RandomHorizontalFlip(), T.ToTensor(), T.Normalize([0.5], [0.2])]),
        lambda T: T.RandomApply([T.RandomRotation(30), T.ColorJitter(0.3)], p=0.6),
        lambda T: T.RandomOrder([T.RandomRotation(30), T.RandomHorizontalFlip(), T.CenterCrop(8)]),
        lambda T: T.RandomChoice([T.CenterCrop(8), T.RandomCrop(5), T.Pad(3)]),
        lambda T: T.RandomChoice([T.CenterCrop(8), T.RandomCrop(5), T.Pad(3)], p=[0.7, 0.2, 0.1]),
        lambda T: T.Compose([T.RandomChoice((T.Grayscale(3), T.RandomInvert(1.0))), T.TenCrop(7)]),
        lambda T: T.RandomOrder("ab"),
        lambda T: T.RandomOrder(3),
        lambda T: T.RandomChoice([T.Pad(3)], p=3),
        lambda T: T.transforms.RandomTransforms([T.Pad(3)]),
    ]  # fmt: skip
    for program in programs:
        both(lambda home: repr(program(home.transforms)))
        for seed in range(6):
            both(lambda home, x: program(home.transforms)(x), PICTURES[0], seed=seed)


@pytest.mark.cpu
def test_sequential_and_module_list():
    for seed in range(4):
        found = []
        for nn, T, x in (
            (torch.nn, torchvision.transforms, TENSORS[0]),
            (glasstorch.nn, transforms, glasstorch.tensor(TENSORS[0].numpy())),
        ):
            (torch if nn is torch.nn else glasstorch).manual_seed(seed)
            steps = nn.Sequential(
                T.RandomResizedCrop([9, 7]),
                T.RandomApply(nn.ModuleList([T.ColorJitter(0.4, 0.3)]), p=0.7),
                T.RandomHorizontalFlip(),
                T.Normalize((0.4, 0.5, 0.6), (0.2, 0.2, 0.3)),
            )
            found.append((steps(x).numpy(), repr(steps)))
        np.testing.assert_allclose(found[1][0], found[0][0], atol=1e-5)
        assert found[1][1] == found[0][1]


def test_linear_transformation():
    both(
        lambda home, m, v: repr(home.transforms.LinearTransformation(m, v)), torch.eye(3) * 0.5, torch.ones(3)
    )
    both(
        lambda home, m, v, x: home.transforms.LinearTransformation(m, v)(x),
        image_tensor((12, 12)), image_tensor((12,)), image_tensor((5, 3, 2, 2)),
    )  # fmt: skip
    for m, v, x in (((3, 4), (3,), (3, 1, 1)), ((3, 3), (4,), (3, 1, 1)), ((3, 3), (3,), (2, 1, 1))):
        both(
            lambda home, m, v, x: home.transforms.LinearTransformation(m, v)(x),
            image_tensor(m), image_tensor(v), image_tensor(x),
        )  # fmt: skip
    both(
        lambda home, m, v: home.transforms.LinearTransformation(m, v),
        image_tensor((3, 3)),
        image_tensor((3,), "float64"),
    )


def test_whitening():
    """As the documentation has it: with a matrix made of the data's covariance, the result's is the identity."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2000, 12)) @ rng.normal(size=(12, 12)) + 3
    values, vectors = np.linalg.eigh(np.cov(x.T))
    whiten = transforms.LinearTransformation(
        glasstorch.tensor(vectors / np.sqrt(values)), glasstorch.tensor(x.mean(0))
    )
    white = whiten(glasstorch.tensor(x.reshape(2000, 3, 2, 2))).reshape(2000, 12).numpy()
    np.testing.assert_allclose(np.cov(white.T), np.eye(12), atol=1e-9)


def test_all_names_are_there():
    theirs = {n for n in dir(torchvision.transforms) if isinstance(getattr(torchvision.transforms, n), type)}
    assert theirs <= set(dir(transforms))
    public = [n for n in dir(torchvision.transforms.functional) if n[0].islower()]
    functions = {n for n in public if callable(getattr(torchvision.transforms.functional, n))}
    assert functions <= set(dir(transforms.functional))


@pytest.mark.cpu
def test_images_on_a_gpu():
    """The random numbers are the CPU's; what is done with them happens where the image is. By CuPy's rules."""
    made = [
        transforms.RandomResizedCrop(5), transforms.ColorJitter(0.3, 0.3, 0.3, 0.3), transforms.RandomAffine(20),
        transforms.RandomErasing(1.0, value="random"), transforms.RandAugment(), transforms.AutoAugment(),
        transforms.AugMix(), transforms.RandomEqualize(1.0),
    ]  # fmt: skip
    pixels = image_tensor((3, 12, 10), "uint8").numpy()
    with standin.installed():
        for transform in made:
            results = []
            for device in ("cpu", "cuda"):
                glasstorch.manual_seed(2)
                x = glasstorch.tensor(pixels, device=device)
                results.append(transform(x))
                assert results[-1].device.type == device
            np.testing.assert_array_equal(results[1].cpu().numpy(), results[0].numpy())


def test_copies_and_pickles():
    for text in ALL:
        made, _ = attempt(make, vision, text)
        if callable(made):
            assert repr(pickle.loads(pickle.dumps(made))) == repr(made) == repr(copy.deepcopy(made))


class Pictures(datasets.VisionDataset):
    """A data set of few pictures."""

    def __init__(self, transform=None):
        super().__init__("somewhere", transform=transform)

    def __len__(self):
        return 6

    def __getitem__(self, k):
        return self.transform(picture("RGB", 16, 12, k)), k


@pytest.mark.cpu
@pytest.mark.parametrize("workers", [0, 2])
def test_in_a_data_loader(workers):
    steps = [
        transforms.RandomCrop(8, 2),
        transforms.RandomHorizontalFlip(),
        transforms.RandAugment(),
        transforms.ToTensor(),
    ]
    data = Pictures(transforms.Compose(steps))
    glasstorch.manual_seed(0)
    batches = [
        (x.shape, y.tolist()) for x, y in glasstorch.utils.data.DataLoader(data, 3, num_workers=workers)
    ]
    assert batches == [((3, 3, 8, 8), [0, 1, 2]), ((3, 3, 8, 8), [3, 4, 5])]


def test_python_random_is_left_alone():
    random.seed(1)
    before = random.getstate()
    transforms.ColorJitter(0.4)(PICTURES[0])
    transforms.RandomResizedCrop(5)(PICTURES[0])
    assert random.getstate() == before
