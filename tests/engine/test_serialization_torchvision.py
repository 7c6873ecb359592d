"""Whole models and transforms in files: torchvision reads ours, and we read torchvision's."""

from __future__ import annotations

import enum
import importlib
import inspect
import io
import pickle
import pkgutil

import glasstorch
import numpy as np
import pytest
from glasstorch import vision
from glasstorch.serialization.names import file_name, find
from support.torchvision_reference import torch, torchvision

T, G = (torch, torchvision), (glasstorch, vision)
#: One of each family whose blocks lie in a file of another name here.
MODELS = ("squeezenet1_1", "mobilenet_v3_small", "regnet_y_400mf", "shufflenet_v2_x0_5")


def through_a_file(obj, writer, reader):
    file = io.BytesIO()
    writer.save(obj, file)
    file.seek(0)
    return reader.load(file, weights_only=False)


@pytest.mark.parametrize(("writer", "reader"), [(T, G), (G, T), (G, G)], ids=["theirs", "ours", "both"])
@pytest.mark.parametrize("name", MODELS)
def test_whole_models(name: str, writer, reader) -> None:
    model = getattr(writer[1].models, name)(weights=None, num_classes=7).eval()
    back = through_a_file(model, writer[0], reader[0])
    assert type(back) is getattr(reader[1].models, type(model).__name__)
    x = np.random.default_rng(0).standard_normal((1, 3, 64, 64), np.float32)
    with torch.no_grad(), glasstorch.no_grad():
        expected, actual = (L.tensor(x) for L in (writer[0], reader[0]))
        expected, actual = model(expected).numpy(), back(actual).numpy()
    np.testing.assert_allclose(actual, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("writer", "reader"), [(T, G), (G, T)], ids=["theirs", "ours"])
def test_transforms(writer, reader) -> None:
    home = writer[1].transforms
    steps = [
        home.Resize(5),
        home.RandomRotation(3, interpolation=home.InterpolationMode.BILINEAR),
        home.ToTensor(),
        home.Normalize((0.5,), (0.2,)),
    ]
    back = through_a_file(home.Compose(steps), writer[0], reader[0])
    assert isinstance(back, reader[1].transforms.Compose)
    assert repr(back) == repr(home.Compose(steps))
    assert type(back.transforms[1].interpolation) is reader[1].transforms.InterpolationMode


def test_a_class_on_the_safe_list_is_known_by_torchvisions_name() -> None:
    module = vision.models.squeezenet1_1(num_classes=2).features[3]
    assert type(module).__name__ == "Fire"
    file = io.BytesIO()
    torch.save(torchvision.models.squeezenet1_1(num_classes=2).features[3], file)
    file.seek(0)
    layers = [type(module), glasstorch.nn.Conv2d, glasstorch.nn.ReLU]
    with glasstorch.serialization.safe_globals(layers):
        assert type(glasstorch.load(file, weights_only=True)) is type(module)
    file.seek(0)
    with pytest.raises(pickle.UnpicklingError, match=r"torchvision\.models\.squeezenet\.Fire"):
        glasstorch.load(file)


def shared() -> list:
    """Our public classes that torchvision has as well."""
    found = {}
    for info in pkgutil.walk_packages(vision.__path__, vision.__name__ + "."):
        ours = importlib.import_module(info.name)
        try:
            theirs = importlib.import_module(info.name.replace("glasstorch.vision", "torchvision"))
        except ImportError:
            continue
        for name, obj in vars(ours).items():
            if not inspect.isclass(obj) or obj.__qualname__ != name or issubclass(obj, enum.Enum):
                continue
            of_vision = obj.__module__.startswith(vision.__name__ + ".")
            if of_vision and inspect.isclass(getattr(theirs, name, None)):
                found[obj] = None
    return list(found)


def test_names_go_both_ways() -> None:
    classes = shared()
    assert len(classes) > 200
    for cls in classes:
        module, name = file_name(cls)
        theirs = getattr(importlib.import_module(module), name, None)
        assert inspect.isclass(theirs), f"{cls} is written as {module}.{name}, which torchvision lacks"
        assert find(module, name) is cls
        assert find(theirs.__module__, name) is cls, f"{theirs} is read as {find(theirs.__module__, name)}"
