"""The networks of vision.models against torchvision's: small ones in full, the published ones by their state_dict."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import glasstorch
import pytest
from glasstorch.vision import models
from support.models import same_behaviour, same_start
from support.torchvision_reference import torch, torchvision

pytestmark = pytest.mark.cpu


def conv_stem(m: Any) -> list:
    return [m.vision_transformer.ConvStemConfig(8, 3, 2) for _ in range(3)]


def efficient(m: Any) -> Any:
    e = m.efficientnet
    stages = [
        e.FusedMBConvConfig(1, 3, 1, 8, 8, 1),
        e.FusedMBConvConfig(4, 3, 2, 8, 16, 2),
        e.MBConvConfig(6, 5, 2, 16, 24, 2, width_mult=1.1, depth_mult=1.2),
        e.MBConvConfig(1, 3, 1, 24, 24, 1, width_mult=1.1),
    ]
    return e.EfficientNet(stages, dropout=0.3, stochastic_depth_prob=0.5, num_classes=7, last_channel=40)


def mobile_v3(m: Any, arch: str, **kwargs: Any) -> Any:
    v3 = m.mobilenetv3
    return v3.MobileNetV3(*v3._mobilenet_v3_conf(arch, **kwargs), num_classes=6)


def resnet(m: Any, block: str, **kwargs: Any) -> Any:
    return m.resnet.ResNet(getattr(m.resnet, block), [1, 2, 1, 1], num_classes=5, **kwargs)


def regnet(m: Any, **kwargs: Any) -> Any:
    params = m.regnet.BlockParams.from_init_params(depth=5, w_0=8, w_a=6.5, w_m=2.0, group_width=8, **kwargs)
    return m.RegNet(params, num_classes=5, stem_width=8)


def convnext(m: Any) -> Any:
    stage = m.convnext.CNBlockConfig
    return m.ConvNeXt([stage(8, 16, 2), stage(16, None, 2)], 0.5, layer_scale=0.1, num_classes=5)


def swin(m: Any, **kwargs: Any) -> Any:
    return m.SwinTransformer([4, 4], 8, [2, 2], [2, 4], [4, 3], num_classes=5, **kwargs)


def v2(m: Any, part: str) -> Any:
    return getattr(m.swin_transformer, part)


def vit(m: Any, **kwargs: Any) -> Any:
    return m.VisionTransformer(32, 8, 2, 2, 16, 32, num_classes=5, **kwargs)


# name: (what makes it from either engine's models, size of the image)
SMALL: dict[str, tuple[Callable[[Any], Any], int]] = {
    "resnet": (partial(resnet, block="BasicBlock", zero_init_residual=True), 40),
    "resnext": (partial(resnet, block="Bottleneck", groups=2, width_per_group=16), 33),
    "dilated resnet": (
        partial(resnet, block="Bottleneck", replace_stride_with_dilation=(False, True, True)),
        33,
    ),
    "squeezenet 1.0": (lambda m: m.squeezenet1_0(num_classes=10), 50),
    "squeezenet 1.1": (lambda m: m.SqueezeNet("1_1", num_classes=10, dropout=0.2), 47),
    "densenet": (lambda m: m.DenseNet(8, (2, 3, 2), 16, drop_rate=0.2, num_classes=5), 40),
    "frugal densenet": (lambda m: m.DenseNet(4, (2, 2), 8, num_classes=5, memory_efficient=True), 40),
    "mobilenet v2": (
        lambda m: m.MobileNetV2(
            num_classes=5, width_mult=0.5, inverted_residual_setting=[[1, 16, 1, 1], [6, 24, 2, 2]]
        ),
        40,
    ),
    "mobilenet v3 large": (partial(mobile_v3, arch="mobilenet_v3_large", width_mult=0.25), 48),
    "mobilenet v3 small": (
        partial(mobile_v3, arch="mobilenet_v3_small", width_mult=0.3, reduced_tail=True, dilated=True),
        48,
    ),
    "efficientnet": (efficient, 40),
    "shufflenet": (lambda m: m.ShuffleNetV2([2, 1, 2], [8, 16, 16, 32, 40], num_classes=5), 40),
    "mnasnet": (lambda m: m.MNASNet(0.1, num_classes=5), 40),
    "regnet y": (partial(regnet, se_ratio=0.25), 40),
    "regnet x": (partial(regnet, bottleneck_multiplier=0.5), 40),
    "convnext": (convnext, 40),
    "googlenet": (
        lambda m: m.GoogLeNet(num_classes=5, init_weights=False, transform_input=True, dropout_aux=0.5),
        64,
    ),
    "swin": (partial(swin, dropout=0.1, attention_dropout=0.2, stochastic_depth_prob=0.5), 40),
    "swin v2": (
        lambda m: swin(m, block=v2(m, "SwinTransformerBlockV2"), downsample_layer=v2(m, "PatchMergingV2")),
        36,
    ),
    "vit": (partial(vit, representation_size=12), 32),
    "vit with dropout": (partial(vit, dropout=0.2, attention_dropout=0.1), 32),
    "vit with a stem": (lambda m: vit(m, conv_stem_configs=conv_stem(m)), 32),
}


LARGER = ("googlenet", "dilated resnet", "mobilenet v3 large")


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] if name in LARGER else []) for name in SMALL]
)
def test_a_small_network_is_torchvisions(name: str) -> None:
    make, size = SMALL[name]
    same_behaviour(*same_start(make), size)


@pytest.mark.parametrize("batch_norm", [False, True])
def test_vgg_with_narrow_linear_layers(batch_norm: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """VGG's own have a hundred million parameters, whatever its convolutions."""
    narrow = {512 * 7 * 7: 16 * 7 * 7, 4096: 20}
    for engine in (glasstorch, torch):

        class Linear(engine.nn.Linear):
            def __init__(self, width: int, out: int) -> None:
                super().__init__(narrow.get(width, width), narrow.get(out, out))

        monkeypatch.setattr(engine.nn, "Linear", Linear)
    same_behaviour(*same_start(lambda m: m.VGG(m.vgg.make_layers([8, "M", 16, "M"], batch_norm), 5)), 32)


def test_the_first_version_of_mnasnet() -> None:
    def loaded(m: Any) -> Any:
        old = m.MNASNet(0.2, num_classes=2)
        for i, layer in enumerate(m.MNASNet(1.0).layers[:8]):
            old.layers[i] = layer
        old.layers[8] = m.mnasnet._stack(16, 8, 3, 2, 3, 3, 0.1)
        state = old.state_dict()
        state._metadata[""]["version"] = 1
        new = m.MNASNet(0.2, num_classes=2)
        with pytest.warns(UserWarning, match="version"):
            new.load_state_dict(state)
        return {k: tuple(v.shape) for k, v in new.state_dict().items()}, new._version

    assert loaded(models) == loaded(torchvision.models)


def without_first_values(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let modules keep whatever is in their memory: hundreds of millions of random numbers take minutes."""
    for name in (
        "kaiming_normal_",
        "kaiming_uniform_",
        "normal_",
        "trunc_normal_",
        "uniform_",
        "xavier_uniform_",
    ):
        for engine in (glasstorch, torch):
            monkeypatch.setattr(engine.nn.init, name, lambda tensor, *args, **kwargs: tensor)


QUICK = [
    *("alexnet", "vgg11_bn", "resnet18", "resnext50_32x4d", "wide_resnet50_2", "squeezenet1_1", "densenet121"),
    *("mobilenet_v2", "mobilenet_v3_large", "mobilenet_v3_small", "efficientnet_b0", "vit_b_32"),
]  # fmt: skip
REST = [name for name in models.list_models(models) if name not in QUICK]


def published_shape(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    without_first_values(monkeypatch)
    arguments = {"init_weights": False} if name in ("googlenet", "inception_v3") else {}  # no warning
    with torch.device("cpu" if "regnet" in name else "meta"):  # RegNet computes its widths by tensors
        theirs = torchvision.models.get_model(name, **arguments)
    ours = models.get_model(name, **arguments)
    mine = {k: (tuple(v.shape), str(v.dtype)) for k, v in ours.state_dict().items()}
    assert mine == {k: (tuple(v.shape), str(v.dtype)) for k, v in theirs.state_dict().items()}
    assert repr(ours) == repr(theirs)
    assert [p for p, _ in ours.named_parameters()] == [p for p, _ in theirs.named_parameters()]


@pytest.mark.parametrize("name", QUICK)
def test_a_published_network_has_torchvisions_parts(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    published_shape(name, monkeypatch)


@pytest.mark.slow
@pytest.mark.parametrize("name", REST)
def test_the_other_published_networks(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    published_shape(name, monkeypatch)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "size"), [("resnet18", 64), ("mobilenet_v2", 64), ("alexnet", 64)])
def test_published_networks_in_full(name: str, size: int) -> None:
    same_behaviour(*same_start(lambda m: getattr(m, name)()), size)


def test_positions_learnt_for_another_size() -> None:
    def resized(engine: Any, m: Any, **kwargs: Any) -> Any:
        engine.manual_seed(0)
        state = vit(m).state_dict()
        return m.vision_transformer.interpolate_embeddings(48, 8, state, **kwargs)

    for kwargs in ({}, {"reset_heads": True}, {"interpolation_mode": "bilinear"}):
        ours, theirs = resized(glasstorch, models, **kwargs), resized(torch, torchvision.models, **kwargs)
        assert list(ours) == list(theirs)
        name = "encoder.pos_embedding"
        assert ours[name].numpy() == pytest.approx(theirs[name].numpy(), abs=1e-6)


MISTAKES = {
    "vit patch": lambda E, m: m.VisionTransformer(30, 8, 1, 1, 8, 8),
    "vit height": lambda E, m: vit(m)(E.zeros(1, 3, 31, 32)),
    "vit width": lambda E, m: vit(m)(E.zeros(1, 3, 32, 40)),
    "squeezenet": lambda E, m: m.SqueezeNet("2_0"),
    "groups": lambda E, m: resnet(m, "BasicBlock", groups=2),
    "dilation": lambda E, m: resnet(m, "BasicBlock", replace_stride_with_dilation=[True, True, True]),
    "three": lambda E, m: resnet(m, "Bottleneck", replace_stride_with_dilation=[True]),
    "stride": lambda E, m: m.mobilenetv2.InvertedResidual(3, 3, 3, 1),
    "setting": lambda E, m: m.MobileNetV2(inverted_residual_setting=[[1, 2]]),
    "no stage": lambda E, m: m.EfficientNet([], 0.1),
    "no list": lambda E, m: m.EfficientNet([3], 0.1),
    "no block": lambda E, m: m.MobileNetV3([], 8),
    "no config": lambda E, m: m.MobileNetV3(["x"], 8),
    "regnet": lambda E, m: m.regnet.BlockParams.from_init_params(4, 9, 2.0, 2.0, 8),
    "shuffled": lambda E, m: m.shufflenetv2.InvertedResidual(8, 10, 1),
    "shuffle stride": lambda E, m: m.shufflenetv2.InvertedResidual(8, 10, 4),
    "shuffle stages": lambda E, m: m.ShuffleNetV2([1, 1], [1, 1, 1, 1, 1]),
    "shuffle widths": lambda E, m: m.ShuffleNetV2([1, 1, 1], [1, 1, 1, 1]),
    "mnasnet": lambda E, m: m.MNASNet(0),
    "mnasnet version": lambda E, m: m.MNASNet(0.1).load_state_dict({}),
    "blocks": lambda E, m: m.GoogLeNet(init_weights=False, blocks=[1]),
    "inception blocks": lambda E, m: m.Inception3(init_weights=False, inception_blocks=[1]),
    "no convnext": lambda E, m: m.ConvNeXt([]),
    "no convnext config": lambda E, m: m.ConvNeXt([1]),
    "window": lambda E, m: m.swin_transformer.ShiftedWindowAttention(8, [4], [2, 2], 2),
    "no arch": lambda E, m: m.mobilenetv3._mobilenet_v3_conf("mobilenet_v9"),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_refused_as_by_torchvision(name: str) -> None:
    with pytest.raises(Exception) as theirs:  # noqa: PT011
        MISTAKES[name](torch, torchvision.models)
    with pytest.raises(type(theirs.value)) as ours:
        MISTAKES[name](glasstorch, models)
    assert str(ours.value) == str(theirs.value)
