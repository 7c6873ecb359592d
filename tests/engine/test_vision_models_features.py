"""A model's inner outputs by name, and the networks that give a class to every pixel, against torchvision's."""

from __future__ import annotations

import copy
from typing import Any

import glasstorch
import numpy as np
import pytest
from glasstorch.vision import models
from glasstorch.vision.models import feature_extraction as our_features
from support.models import same_behaviour, same_start
from support.torchvision_reference import torch, torchvision
from torchvision.models import feature_extraction as their_features

pytestmark = pytest.mark.cpu


def small(m: Any) -> Any:
    return m.resnet.ResNet(m.resnet.BasicBlock, [1, 2, 1, 1], num_classes=5)


def both(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
    ours, theirs = same_start(small)
    return (
        our_features.create_feature_extractor(ours, *args, **kwargs),
        their_features.create_feature_extractor(theirs, *args, **kwargs),
    )


IMAGE = np.random.default_rng(0).normal(size=(2, 3, 40, 40)).astype("float32")


@pytest.mark.parametrize(
    "nodes",
    [
        ["layer1", "layer3.0.bn2"],
        {"layer2.1.relu_1": "second", "layer2.1.relu": "first", "avgpool": "mean"},
        {"fc": "out", "conv1": "in", "layer4": 3},
    ],
)
def test_inner_outputs(nodes: Any) -> None:
    ours, theirs = both(nodes)
    for mode in ("eval", "train"):
        getattr(ours, mode)()
        getattr(theirs, mode)()
        mine, real = ours(glasstorch.tensor(IMAGE)), theirs(torch.tensor(IMAGE))
        assert set(mine) == set(real)
        for name, value in real.items():
            np.testing.assert_allclose(mine[name].detach().numpy(), value.detach().numpy(), rtol=0, atol=1e-4)


def test_training_and_evaluation_may_differ() -> None:
    ours, theirs = both(train_return_nodes={"layer1": "a"}, eval_return_nodes={"layer2": "b"})
    for mode in ("train", "eval"):
        assert list(getattr(ours, mode)()(glasstorch.tensor(IMAGE))) == list(
            getattr(theirs, mode)()(torch.tensor(IMAGE))
        )


def test_an_extractor_is_a_module() -> None:
    net = small(models)
    extractor = our_features.create_feature_extractor(net, ["layer2"])
    assert list(extractor.state_dict()) == list(net.state_dict())
    assert [id(p) for p in extractor.parameters()] == [id(p) for p in net.parameters()]
    extractor(glasstorch.tensor(IMAGE))["layer2"].sum().backward()
    assert net.conv1.weight.grad is not None
    assert net.fc.weight.grad is None  # what comes after is not computed
    assert not net.layer2._forward_hooks
    twin = copy.deepcopy(extractor).eval()
    assert net.training
    with glasstorch.no_grad():
        net.conv1.weight.zero_()
    assert twin(glasstorch.tensor(IMAGE))["layer2"].abs().sum() > 0
    assert extractor.double().conv1.weight.dtype == glasstorch.float64


def test_names_are_those_of_modules() -> None:
    ours, theirs = same_start(small)
    names = our_features.get_graph_node_names(ours)
    assert names[0] == names[1]
    real = their_features.get_graph_node_names(theirs)[0]
    assert set(names[0]) <= set(real)


WRONG = [
    {"return_nodes": ["nothing"]},
    {},
    {"train_return_nodes": ["layer1"]},
    {"return_nodes": ["layer1"], "eval_return_nodes": ["layer1"]},
]


@pytest.mark.parametrize("arguments", WRONG)
def test_names_that_are_not_there(arguments: dict) -> None:
    with pytest.raises(ValueError, match=r"specified|present") as theirs:
        their_features.create_feature_extractor(small(torchvision.models), **arguments)
    with pytest.raises(ValueError, match=r"specified|present") as ours:
        our_features.create_feature_extractor(small(models), **arguments)
    assert str(ours.value)[:60] == str(theirs.value)[:60]


SEGMENTATION = models.list_models(models.segmentation)


@pytest.mark.parametrize("aux", [pytest.param(False, marks=pytest.mark.slow), True])
def test_a_class_for_every_pixel(aux: bool) -> None:
    def made(m: Any) -> Any:
        s, kind = m.segmentation, "DeepLabV3" if aux else "FCN"
        net = m.resnet.ResNet(
            m.resnet.Bottleneck, [1, 1, 1, 1], replace_stride_with_dilation=[False, True, True]
        )
        layers = {"layer4": "out", "layer3": "aux"} if aux else {"layer4": "out"}
        backbone = m._utils.IntermediateLayerGetter(net, layers)
        head = s.deeplabv3.DeepLabHead(2048, 3, (2, 3)) if aux else s.fcn.FCNHead(2048, 3)
        return getattr(s, kind)(backbone, head, s.fcn.FCNHead(1024, 3) if aux else None)

    same_behaviour(*same_start(made), 32, tolerance=1e-5)


def test_a_class_for_every_pixel_on_a_telephone() -> None:
    made = same_start(
        lambda m: m.segmentation.lraspp_mobilenet_v3_large(weights_backbone=None, num_classes=3)
    )
    same_behaviour(*made, 48, tolerance=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("name", SEGMENTATION)
@pytest.mark.parametrize("kwargs", [{}, {"num_classes": 4, "aux_loss": True}])
def test_published_segmentation(name: str, kwargs: dict) -> None:
    if name.startswith("lraspp"):
        kwargs = {k: v for k, v in kwargs.items() if k != "aux_loss"}
    same_start(lambda m: m.get_model(name, weights_backbone=None, **kwargs))


def test_their_names_and_mistakes() -> None:
    assert set(SEGMENTATION) == set(torchvision.models.list_models(torchvision.models.segmentation))
    assert (
        models.get_weight("FCN_ResNet50_Weights.DEFAULT") is models.segmentation.FCN_ResNet50_Weights.DEFAULT
    )
    mistakes = [
        lambda m: m.segmentation.fcn_resnet50(weights="DEFAULT", num_classes=3),
        lambda m: m.segmentation.deeplabv3_resnet50(weights="DEFAULT", aux_loss=False),
        lambda m: m.segmentation.lraspp_mobilenet_v3_large(aux_loss=True),
        lambda m: m.segmentation.fcn_resnet50(weights=m.ResNet50_Weights.DEFAULT),
    ]
    for mistake in mistakes:
        with pytest.raises(Exception) as theirs:  # noqa: PT011
            mistake(torchvision.models)
        with pytest.raises(type(theirs.value)) as ours:
            mistake(models)
        assert str(ours.value) == str(theirs.value)
