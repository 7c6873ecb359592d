"""Transforms of whole samples against torchvision: the same seed gives the same pictures, boxes and random numbers."""

from __future__ import annotations

import glasstorch
import glasstorch.vision.tv_tensors as tv
import numpy as np
import pytest
from glasstorch.vision.transforms import v2
from support.same_vision import same, tensor
from support.whole_samples import BOXES, COUNT, HEIGHT, SAMPLES, SIZE, WIDTH

V2 = "transforms.v2"
TRANSFORMS = [
    *[
        (lambda E, v, name=name, p=p: getattr(v, name)(p=p))
        for name in (
            "RandomHorizontalFlip",
            "RandomVerticalFlip",
            "RandomEqualize",
            "RandomInvert",
            "RandomAutocontrast",
            "RandomGrayscale",
        )
        for p in (0.5, 1.0)
    ],
    lambda E, v: v.RandomPosterize(3, 1.0),
    lambda E, v: v.RandomSolarize(0.5, 1.0),
    lambda E, v: v.RandomAdjustSharpness(2, 1.0),
    lambda E, v: v.Resize(10),
    lambda E, v: v.Resize(None, max_size=20),
    lambda E, v: v.Resize((9, 12), v.InterpolationMode.NEAREST),
    lambda E, v: v.CenterCrop((40, 20)),
    lambda E, v: v.RandomResizedCrop(12),
    lambda E, v: v.RandomResizedCrop((8, 9), scale=(5.0, 6.0), ratio=(0.2, 0.3)),
    lambda E, v: v.FiveCrop(10),
    lambda E, v: v.TenCrop((8, 9), True),
    lambda E, v: v.Pad((1, 2, 3, 4), fill=5),
    lambda E, v: v.Pad(2, padding_mode="reflect"),
    lambda E, v: v.RandomZoomOut(fill=3, side_range=(1.5, 2.0), p=1.0),
    lambda E, v: v.RandomRotation(40, expand=True),
    lambda E, v: v.RandomRotation((90, 90), fill=5),
    lambda E, v: v.RandomAffine(30, translate=(0.2, 0.3), scale=(0.5, 1.5), shear=20),
    lambda E, v: v.RandomAffine((10, 20), shear=(1, 2, 3, 4), fill=9, center=(1, 2)),
    lambda E, v: v.RandomPerspective(0.8, 0.7, "nearest", fill=4),
    lambda E, v: v.ElasticTransform(alpha=[80.0, 90.0], sigma=[3.0, 0.0], interpolation="nearest"),
    lambda E, v: v.RandomCrop((20, 30), padding=4),
    lambda E, v: v.RandomCrop((40, 40), pad_if_needed=True, fill=3),
    lambda E, v: v.RandomCrop((50, 20)),
    lambda E, v: v.RandomIoUCrop(sampler_options=[0.3, 0.5]),
    lambda E, v: v.Compose([v.RandomIoUCrop(), v.SanitizeBoundingBoxes()]),
    lambda E, v: v.ScaleJitter((20, 30), interpolation="nearest"),
    lambda E, v: v.RandomShortestSize([10, 20, 30], max_size=35, interpolation="nearest"),
    lambda E, v: v.RandomResize(8, 20, interpolation="nearest"),
    lambda E, v: v.Grayscale(3),
    lambda E, v: v.RGB(),
    lambda E, v: v.ColorJitter(0.3, 0.4, 0.5, 0.2),
    lambda E, v: v.RandomChannelPermutation(),
    lambda E, v: v.RandomPhotometricDistort(p=0.7),
    lambda E, v: v.ToDtype(E.float32, scale=True),
    lambda E, v: v.ConvertImageDtype(E.int16),
    lambda E, v: v.ToImage(),
    lambda E, v: v.ToPILImage(),
    lambda E, v: v.PILToTensor(),
    lambda E, v: v.ToPureTensor(),
    lambda E, v: v.ToTensor(),
    lambda E, v: v.Identity(),
    lambda E, v: v.Lambda(lambda x: x + 1, E.Tensor),
    lambda E, v: v.Normalize([0.5, 0.4, 0.3], [0.1, 0.2, 0.3]),
    lambda E, v: v.GaussianBlur((3, 5), (0.5, 0.6)),
    lambda E, v: v.GaussianNoise(0.1, 0.2),
    lambda E, v: v.ClampBoundingBoxes("hard"),
    lambda E, v: v.ClampKeyPoints(),
    lambda E, v: v.SetClampingMode(None),
    lambda E, v: v.ConvertBoundingBoxFormat("XYWH"),
    lambda E, v: v.SanitizeBoundingBoxes(10, 100),
    lambda E, v: v.SanitizeBoundingBoxes(labels_getter=None),
    lambda E, v: v.SanitizeKeyPoints(),
    lambda E, v: v.RandomErasing(p=1.0),
    lambda E, v: v.RandomErasing(p=1.0, value="random"),
    lambda E, v: v.RandomErasing(p=1.0, value=(1, 2)),
    lambda E, v: v.UniformTemporalSubsample(3),
    lambda E, v: v.Compose([v.RandomHorizontalFlip(1.0), v.ToDtype(E.float32, True)]),
    lambda E, v: v.RandomApply([v.RandomVerticalFlip(1.0), v.Pad(1)], 0.6),
    lambda E, v: v.RandomChoice([v.Pad(1), v.CenterCrop(9), v.Identity()], [0.1, 0.2, 0.3]),
    lambda E, v: v.RandomOrder([v.Pad(1), v.CenterCrop(9), v.RandomHorizontalFlip()]),
    lambda E, v: v.AutoAugment(fill=4),
    lambda E, v: v.AutoAugment(v.AutoAugmentPolicy.SVHN),
    lambda E, v: v.RandAugment(num_ops=4, magnitude=20),
    lambda E, v: v.TrivialAugmentWide(fill=3),
    lambda E, v: v.LinearTransformation(E.eye(3 * HEIGHT * WIDTH), E.ones(3 * HEIGHT * WIDTH)),
]


@pytest.mark.parametrize("make", TRANSFORMS, ids=range(len(TRANSFORMS)))
def test_transforms(make):
    same(lambda E, V: repr(make(E, V.transforms.v2)))
    for kind, sample in SAMPLES.items():

        def transformed(E, V, sample=sample):
            out = make(E, V.transforms.v2)(sample(E, V))
            return [out, E.rand(1)]  # as many random numbers were drawn

        same(transformed, 2e-4, kind, seed=101)


WRONG = [
    lambda E, v: v.RandomHorizontalFlip(2),
    lambda E, v: v.Resize(None),
    lambda E, v: v.Resize((1, 2, 3)),
    lambda E, v: v.CenterCrop((1, 2, 3)),
    lambda E, v: v.RandomResizedCrop(8, scale=3),
    lambda E, v: v.Pad("a"),
    lambda E, v: v.Pad(2, padding_mode="x"),
    lambda E, v: v.Pad(2, fill="a"),
    lambda E, v: v.RandomZoomOut(side_range=(0.5, 2.0)),
    lambda E, v: v.RandomRotation(-3),
    lambda E, v: v.RandomRotation([1, 2, 3]),
    lambda E, v: v.RandomAffine(30, translate=(2, 0.3)),
    lambda E, v: v.RandomAffine(30, scale=(0, 0.3)),
    lambda E, v: v.RandomPerspective(2),
    lambda E, v: v.ElasticTransform("a"),
    lambda E, v: v.ElasticTransform([1, 2, 3]),
    lambda E, v: v.ColorJitter(-1),
    lambda E, v: v.ColorJitter(hue=0.7),
    lambda E, v: v.ColorJitter(contrast="a"),
    lambda E, v: v.ToDtype(3),
    lambda E, v: v.GaussianBlur(4),
    lambda E, v: v.GaussianBlur(3, 0.0),
    lambda E, v: v.SetClampingMode("x"),
    lambda E, v: v.SanitizeBoundingBoxes(0.5),
    lambda E, v: v.SanitizeBoundingBoxes(labels_getter=3),
    lambda E, v: v.RandomErasing(value="x"),
    lambda E, v: v.RandomErasing(scale=(0.5, 1.5)),
    lambda E, v: v.JPEG(0),
    lambda E, v: v.JPEG(True),
    lambda E, v: v.Compose([]),
    lambda E, v: v.Compose(3),
    lambda E, v: v.RandomChoice([v.Pad(1)], [1, 2]),
    lambda E, v: v.RandomApply([v.Pad(1)], 2),
    lambda E, v: v.AutoAugment("x"),
    lambda E, v: v.RandAugment(num_ops=-1),
    lambda E, v: v.AugMix(severity=11),
    lambda E, v: v.LinearTransformation(E.ones(2, 3), E.ones(2)),
    lambda E, v: v.LinearTransformation(E.ones(2, 2), E.ones(3)),
    lambda E, v: v.LinearTransformation(E.ones(2, 2), E.ones(2).double()),
]


@pytest.mark.parametrize("make", WRONG, ids=range(len(WRONG)))
def test_wrong_arguments(make):
    same(lambda E, V: make(E, V.transforms.v2))


def test_types_by_kind():
    def converted(E, V, **how):
        wanted = {V.tv_tensors.Image: E.float32, V.tv_tensors.Mask: E.int64, **how}
        return V.transforms.v2.ToDtype(wanted, scale=True)(SAMPLES["detection"](E, V))

    same(lambda E, V: converted(E, V, others=None))
    with pytest.raises(ValueError, match="No dtype was specified for type"):
        converted(glasstorch, glasstorch.vision)


def test_fills_by_kind():
    def padded(E, V):
        fill = {V.tv_tensors.Image: 7, V.tv_tensors.Mask: 1, "others": 0}
        return V.transforms.v2.Pad([1, 2], fill=fill)(SAMPLES["detection"](E, V))

    same(padded)


def test_an_augmented_mixture_has_the_same_weights():
    def mixed(E, V):
        image = SAMPLES["floats"](E, V)
        return V.transforms.v2.AugMix(severity=7, mixture_width=2, all_ops=False)(image)

    same(mixed, 1e-3)
    same(lambda E, V: repr(V.transforms.v2.AugMix()))


def batch(E, V, kind):
    numbers = np.random.default_rng(4)
    images, labels = tensor(E, numbers.random((5, 3, 8, 9)).astype("float32")), E.arange(5)
    return {
        "tensors": (images, labels),
        "image": (V.tv_tensors.Image(images), {"labels": labels, "more": 1}),
        "video": {"v": V.tv_tensors.Video(images[:, None]), "my_label": E.eye(6)[:5]},
        "one image": (images[0], labels),
        "fewer images": (images[:4], labels),
        "no labels": (images, 3),
        "strange labels": (images, labels[None, None]),
        "masks": (images, V.tv_tensors.Mask(images)),
    }[kind]


KINDS = ["tensors", "image", "video", "one image", "fewer images", "no labels", "strange labels", "masks"]


@pytest.mark.parametrize("name", ["MixUp", "CutMix"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "how", [{"num_classes": 6}, {"alpha": 0.3, "num_classes": 6}, {}, {"num_classes": 7}]
)
def test_mixing(name, kind, how):
    same(lambda E, V: getattr(V.transforms.v2, name)(**how)(batch(E, V, kind)), where=kind)
    same(lambda E, V: repr(getattr(V.transforms.v2, name)(**how)))


def test_compression():
    image = tv.Image(glasstorch.arange(3 * 16 * 16, dtype=glasstorch.uint8).reshape(3, 16, 16))
    glasstorch.manual_seed(0)
    out, boxes = v2.JPEG((20, 40))(
        image, tv.BoundingBoxes([[1, 2, 3, 4]], format="XYXY", canvas_size=(16, 16))
    )
    qualities = [v2.functional.jpeg(image, q) for q in range(20, 41)]
    assert any(glasstorch.equal(out, q) for q in qualities)
    assert boxes.tolist() == [[1, 2, 3, 4]]
    assert repr(v2.JPEG(50)) == "JPEG(quality=[50, 50])"


def test_labels_of_several_kinds():
    boxes = tv.BoundingBoxes([[0, 0, 5, 5], [3, 3, 3, 3]], format="XYXY", canvas_size=SIZE)
    sample = {"boxes": boxes, "labels": glasstorch.tensor([1, 2]), "scores": glasstorch.tensor([0.5, 0.6])}
    out = v2.SanitizeBoundingBoxes(labels_getter=lambda s: (s["labels"], s["scores"]))(sample)
    assert (out["boxes"].tolist(), out["labels"].tolist(), out["scores"].tolist()) == (
        [[0, 0, 5, 5]],
        [1],
        [0.5],
    )
    with pytest.raises(ValueError, match="match the number of labels"):
        v2.SanitizeBoundingBoxes()({"boxes": boxes, "labels": glasstorch.ones(3)})
    with pytest.raises(ValueError, match="Could not infer where the labels are"):
        v2.SanitizeBoundingBoxes()({"boxes": boxes})


def test_what_a_sample_holds():
    def asked(E, V, name, *parts):
        return getattr(V.transforms.v2, name)([SAMPLES[p](E, V) for p in parts])

    for name in ("query_size", "query_chw"):
        for parts in (["tensor"], ["tensor", "pillow"], ["nothing"], ["tensor", "grey"]):
            same(lambda E, V: asked(E, V, name, *parts))
    flat = [SAMPLES["floats"](glasstorch, glasstorch.vision), 3]
    assert v2.has_any(flat, tv.Mask, tv.Image)
    assert not v2.has_all(flat, tv.Mask, tv.Image)
    assert v2.check_type(3, (int,))
    with pytest.raises(ValueError, match="No bounding boxes were found"):
        v2.get_bounding_boxes(flat)
    with pytest.raises(ValueError, match="No keypoints were found"):
        v2.get_keypoints(flat)


class Shift(v2.Transform):
    """A transform of one's own: adds a number drawn once for the sample."""

    def make_params(self, flat_inputs):
        return {"by": int(glasstorch.randint(1, 10, ())), "parts": len(flat_inputs)}

    def transform(self, inpt, params):
        return inpt + params["by"] if isinstance(inpt, tv.Image) else inpt


def test_a_transform_of_ones_own():
    image, boxes = tv.Image(glasstorch.zeros(1, 2, 2)), glasstorch.ones(COUNT, 4)
    out, same_boxes, name = Shift()(image, boxes, "name")
    assert 1 <= out[0, 0, 0].item() < 10
    assert same_boxes is boxes
    assert name == "name"
    with pytest.raises(NotImplementedError):
        v2.Transform()(image)


def test_choices_are_drawn_by_hand_as_from_the_older_transforms():
    def drawn(E, V):
        v, image = V.transforms.v2, SAMPLES["tensor"](E, V)
        return [
            v.RandomCrop.get_params(image, (10, 12)),
            v.RandomResizedCrop.get_params(image, [0.2, 0.5], [0.5, 2.0]),
            v.RandomRotation.get_params([10.0, 20.0]),
            v.AutoAugment.get_params(25)[0],
        ]

    same(drawn)


def test_moving_a_transform_to_a_device_leaves_it_whole():
    for transform in (v2.AutoAugment(), v2.Compose([v2.Resize(3)]), v2.Normalize([0.0], [1.0])):
        assert transform.to("cpu").eval().train() is transform


def _home(module, name):
    return getattr(getattr(module, name), "__module__", "").split(".")[0]


def test_every_name_of_torchvision_is_there():
    from support.torchvision_reference import torchvision

    for ours, theirs in (
        (v2, torchvision.transforms.v2),
        (v2.functional, torchvision.transforms.v2.functional),
    ):
        public = {n for n in dir(theirs) if not n.startswith("_") and _home(theirs, n) == "torchvision"}
        assert sorted(n for n in public if not hasattr(ours, n)) == []


@pytest.mark.parametrize("fmt", BOXES)
def test_empty_boxes_go_through_everything(fmt):
    columns = BOXES[fmt].shape[1]
    boxes = tv.BoundingBoxes(glasstorch.zeros(0, columns), format=fmt, canvas_size=SIZE)
    image = tv.Image(glasstorch.zeros(3, *SIZE))
    for transform in (
        v2.RandomHorizontalFlip(1.0),
        v2.Resize(10),
        v2.RandomRotation(30),
        v2.Pad(2),
        v2.CenterCrop(9),
    ):
        _, out = transform(image, boxes)
        assert out.shape == (0, columns)
