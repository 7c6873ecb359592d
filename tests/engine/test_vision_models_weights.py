"""Published weights: torchvision's names, addresses, figures and preprocessing; loading; models by name; old calls."""

from __future__ import annotations

import copy
import pickle
import warnings
from enum import Enum
from typing import Any

import glasstorch
import numpy as np
import pytest
from glasstorch import hub, nn
from glasstorch.vision import models
from glasstorch.vision.models import _utils
from support.torchvision_reference import torch, torchvision

ENUMS = [
    name
    for package in (models, *(getattr(models, n) for n in ("segmentation",) if hasattr(models, n)))
    for name, value in vars(package).items()
    if isinstance(value, type) and issubclass(value, models.WeightsEnum) and value is not models.WeightsEnum
]


def real(name: str) -> Any:
    return getattr(torchvision.models, name, None) or getattr(torchvision.models.segmentation, name)


def plain(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value


@pytest.mark.parametrize("name", ENUMS)
def test_the_facts_are_torchvisions(name: str) -> None:
    ours, theirs = getattr(models, name, None) or getattr(models.segmentation, name), real(name)
    assert list(ours.__members__) == list(theirs.__members__)
    for member, there in theirs.__members__.items():
        here = ours[member]
        assert here.name == there.name  # DEFAULT is another name of the same one
        assert here.url == there.url
        facts = {k: str(v) for k, v in there.meta.items() if k != "_docs"}  # str: no nan is equal to itself
        assert {k: str(v) for k, v in here.meta.items()} == facts
        assert here.transforms.func.__name__ == there.transforms.func.__name__
        mine = {k: plain(v) for k, v in here.transforms.keywords.items()}
        assert mine == {k: plain(v) for k, v in there.transforms.keywords.items()}
        assert repr(here) == repr(there)
        assert repr(here.transforms()) == repr(there.transforms())


def test_members_are_found_copied_and_pickled() -> None:
    W = models.ResNet50_Weights
    assert W.verify("IMAGENET1K_V2") is W.verify("ResNet50_Weights.IMAGENET1K_V2") is W.DEFAULT
    assert W.verify(None) is None
    assert models.get_weight("ResNet50_Weights.DEFAULT") is W.IMAGENET1K_V2
    assert copy.deepcopy(W.DEFAULT) is pickle.loads(pickle.dumps(W.DEFAULT)) is W.DEFAULT
    assert W.DEFAULT.value == copy.deepcopy(W.DEFAULT.value) != W.IMAGENET1K_V1.value
    for lookup in (models.get_model_weights, torchvision.models.get_model_weights):
        assert lookup("resnet50").__name__ == "ResNet50_Weights"
    assert models.get_model_weights(models.resnet50) is W


def test_models_by_name() -> None:
    for kwargs in (
        {},
        {"include": "res*"},
        {"include": ["vgg*", "alex*"], "exclude": "*_bn"},
        {"exclude": ["*"]},
    ):
        known = set(models.list_models())
        theirs = [n for n in torchvision.models.list_models(**kwargs) if n in known]
        assert models.list_models(**kwargs) == theirs
    here = models.list_models(module=models)
    assert set(here) <= set(torchvision.models.list_models(module=torchvision.models))
    assert isinstance(models.get_model("SqueezeNet1_1", num_classes=2), models.SqueezeNet)
    assert models.get_model_builder("squeezenet1_1") is models.squeezenet1_1


def mistakes(m: Any) -> list:
    return [
        lambda: m.get_model("resnet19"),
        lambda: m.get_model_weights("resnet19"),
        lambda: m.get_weight("ResNet18_Weights"),
        lambda: m.get_weight("ResNet19_Weights.DEFAULT"),
        lambda: m.get_weight("ResNet18_Weights.OTHER"),
        lambda: m.resnet18(weights=m.ResNet34_Weights.DEFAULT),
        lambda: m.resnet18(weights="OTHER"),
        lambda: m.resnet18(weights="DEFAULT", num_classes=10),
        lambda: m.resnext50_32x4d(groups=2),
        lambda: m.vit_h_14(pretrained=True),
        lambda: m.resnet18(True, True, num_classes=3),
        lambda: m._utils.IntermediateLayerGetter(m.squeezenet1_1(), {"nothing": "x"}),
    ]  # fmt: skip


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("k", range(len(mistakes(models))))
def test_mistakes_are_refused_as_by_torchvision(k: int) -> None:
    with pytest.raises(Exception) as theirs:  # noqa: PT011
        mistakes(torchvision.models)[k]()
    with pytest.raises(type(theirs.value)) as ours:
        mistakes(models)[k]()
    assert str(ours.value) == str(theirs.value)


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    """Puts weights, saved by PyTorch, where PyTorch's downloads lie; nothing is fetched."""
    monkeypatch.setattr(hub, "_hub_dir", str(tmp_path))
    (tmp_path / "checkpoints").mkdir()

    def put(weights: Any, state: dict) -> None:
        torch.save(state, tmp_path / "checkpoints" / weights.url.rpartition("/")[2])

    return put


def test_weights_are_loaded(shelf) -> None:
    theirs = torchvision.models.squeezenet1_1()
    shelf(models.SqueezeNet1_1_Weights.DEFAULT, theirs.state_dict())
    x = np.random.default_rng(0).normal(size=(1, 3, 64, 64)).astype("float32")
    expected = theirs.eval()(torch.tensor(x)).detach().numpy()
    for weights in (models.SqueezeNet1_1_Weights.DEFAULT, "DEFAULT", "SqueezeNet1_1_Weights.IMAGENET1K_V1"):
        ours = models.squeezenet1_1(weights=weights).eval()
        np.testing.assert_allclose(
            ours(glasstorch.tensor(x)).detach().numpy(), expected, rtol=1e-4, atol=1e-4
        )


def test_densenets_files_are_older_than_its_names(shelf) -> None:
    theirs = torchvision.models.densenet121().state_dict()
    for part in ("norm", "conv"):
        theirs = {
            k.replace(f".{part}1.", f".{part}.1.").replace(f".{part}2.", f".{part}.2."): v
            for k, v in theirs.items()
        }
    assert "features.denseblock1.denselayer1.conv.2.weight" in theirs
    shelf(models.DenseNet121_Weights.DEFAULT, theirs)
    ours = models.densenet121(weights="DEFAULT").state_dict()
    name = "features.denseblock4.denselayer16.conv{}2.weight"
    assert ours[name.format("")].numpy() == pytest.approx(theirs[name.format(".")].numpy())


def test_fine_tuning_as_tutorials_write_it(shelf) -> None:
    """Freeze a pretrained ResNet, replace its last layer, train that."""
    theirs = torchvision.models.resnet18()
    shelf(models.ResNet18_Weights.DEFAULT, theirs.state_dict())
    with pytest.warns(UserWarning, match="deprecated since 0.13") as warned:
        model = models.resnet18(pretrained=True)
    assert len(warned) == 2
    assert "'pretrained'" in str(warned[0].message)
    assert "weights=ResNet18_Weights.IMAGENET1K_V1" in str(warned[1].message)
    for param in model.parameters():
        param.requires_grad = False
    model.fc = nn.Linear(512, 3)
    before = {k: v.clone() for k, v in model.state_dict().items()}
    optimizer = glasstorch.optim.SGD(model.parameters(), lr=0.1)
    model.eval()
    loss = nn.functional.cross_entropy(model(glasstorch.randn(2, 3, 40, 40)), glasstorch.tensor([0, 2]))
    loss.backward()
    optimizer.step()
    changed = [k for k, v in model.state_dict().items() if not glasstorch.equal(v, before[k])]
    assert changed == ["fc.weight", "fc.bias"]
    assert model.layer1[0].conv1.weight.numpy() == pytest.approx(
        theirs.layer1[0].conv1.weight.detach().numpy()
    )


OLD = [{"args": (False,)}, {"kwargs": {"pretrained": False}}, {"args": (None, True)}]


@pytest.mark.parametrize("call", OLD)
def test_old_calls_warn_as_often_as_torchvision(call: dict) -> None:
    def made(m: Any) -> int:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            m.squeezenet1_1(*call.get("args", ()), **call.get("kwargs", {}))
        assert all(w.category is UserWarning for w in caught)
        assert all("deprecated since 0.13" in str(w.message) for w in caught)
        assert all(w.filename == __file__ for w in caught) or m is not models
        return len(caught)

    assert made(models) == made(torchvision.models) > 0


def test_preprocessing_is_torchvisions() -> None:
    image = pytest.importorskip("PIL.Image")
    rng = np.random.default_rng(0)
    picture = image.fromarray(rng.integers(0, 256, (70, 90, 3), dtype=np.uint8))
    for name in ("ResNet50_Weights", "EfficientNet_B0_Weights", "ViT_B_32_Weights"):
        ours, theirs = getattr(models, name).DEFAULT.transforms(), real(name).DEFAULT.transforms()
        np.testing.assert_allclose(ours(picture).numpy(), theirs(picture).numpy(), rtol=0, atol=1e-5)
        pixels = np.asarray(picture).transpose(2, 0, 1).copy()
        mine = ours(glasstorch.from_numpy(pixels).unsqueeze(0)).numpy()
        there = theirs(torch.from_numpy(pixels).unsqueeze(0)).numpy()
        np.testing.assert_allclose(mine, there, rtol=0, atol=0.02)  # one step of 255 in rounding
        assert "224" in ours.describe()


def test_outputs_of_inner_layers() -> None:
    def features(E: Any, m: Any) -> tuple[list, dict]:
        E.manual_seed(0)
        net = m.squeezenet1_1().features
        getter = m._utils.IntermediateLayerGetter(net, {"2": "pooled", "4": "fire"})
        return list(getter.state_dict()), getter(E.ones(1, 3, 40, 40))

    (names, ours), (their_names, theirs) = features(glasstorch, models), features(torch, torchvision.models)
    assert names == their_names
    assert list(ours) == list(theirs) == ["pooled", "fire"]
    for name, value in theirs.items():
        np.testing.assert_allclose(ours[name].detach().numpy(), value.detach().numpy(), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("v", "divisor"), [(16.4, 8), (3, 8), (90.9, 8), (17, 4), (0.2, 1)])
def test_widths_are_rounded_as_by_torchvision(v: float, divisor: int) -> None:
    assert _utils._make_divisible(v, divisor) == torchvision.models._utils._make_divisible(v, divisor)
    assert _utils._make_divisible(v, divisor, 2) == torchvision.models._utils._make_divisible(v, divisor, 2)
