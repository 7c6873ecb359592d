"""Every module in an autocast region on the CPU: the types of results and of gradients are PyTorch's."""

from __future__ import annotations

import warnings
from typing import Any

import glasstorch
import numpy as np
import pytest
from support.differential import to_numpy, torch

pytestmark = pytest.mark.cpu

#: Arguments of a module, and the shape of its input.
SHAPED: dict[str, tuple] = {
    "Linear": ((4, 3), (2, 4)), "Conv1d": ((4, 2, 3), (2, 4, 6)), "Conv2d": ((4, 2, 3), (2, 4, 6, 6)),
    "Conv3d": ((4, 2, 3), (2, 4, 4, 4, 4)), "ConvTranspose1d": ((4, 2, 3), (2, 4, 6)),
    "ConvTranspose2d": ((4, 2, 3), (2, 4, 6, 6)), "ConvTranspose3d": ((4, 2, 3), (2, 4, 4, 4, 4)),
    "BatchNorm1d": ((4,), (2, 4, 6)), "BatchNorm2d": ((4,), (2, 4, 6, 6)), "LayerNorm": ((6,), (2, 4, 6)),
    "RMSNorm": ((6,), (2, 4, 6)), "GroupNorm": ((2, 4), (2, 4, 6, 6)), "InstanceNorm2d": ((4,), (2, 4, 6, 6)),
    "LocalResponseNorm": ((2,), (2, 4, 6, 6)), "CrossMapLRN2d": ((2,), (2, 4, 6, 6)),
    "MaxPool1d": ((2,), (2, 4, 6)), "MaxPool2d": ((2,), (2, 4, 6, 6)), "MaxPool3d": ((2,), (2, 4, 4, 4, 4)),
    "AvgPool2d": ((2,), (2, 4, 6, 6)), "AvgPool3d": ((2,), (2, 4, 4, 4, 4)), "LPPool2d": ((2, 2), (2, 4, 6, 6)),
    "AdaptiveAvgPool2d": ((2,), (2, 4, 6, 6)), "AdaptiveAvgPool3d": ((2,), (2, 4, 4, 4, 4)),
    "AdaptiveMaxPool3d": ((2,), (2, 4, 4, 4, 4)), "ReLU": ((), (2, 4)), "GELU": ((), (2, 4)), "SiLU": ((), (2, 4)),
    "Softplus": ((), (2, 4)), "Sigmoid": ((), (2, 4)), "LogSigmoid": ((), (2, 4)), "Softmax": ((1,), (2, 4)),
    "LogSoftmax": ((1,), (2, 4)), "GLU": ((), (2, 4)), "PReLU": ((), (2, 4)), "LeakyReLU": ((), (2, 4)),
    "Dropout": ((), (2, 4)), "Flatten": ((), (2, 4, 6)), "PixelShuffle": ((2,), (2, 4, 6, 6)),
    "ReflectionPad2d": ((1,), (2, 4, 6, 6)), "ReplicationPad3d": ((1,), (2, 4, 4, 4, 4)),
    "CircularPad2d": ((1,), (2, 4, 6, 6)), "Unfold": ((2,), (2, 4, 6, 6)), "Upsample": ((None, 2), (2, 4, 6, 6)),
    "RNN": ((4, 3), (5, 2, 4)), "GRU": ((4, 3), (5, 2, 4)), "LSTM": ((4, 3), (5, 2, 4)), "GRUCell": ((4, 3), (2, 4)),
    "LSTMCell": ((4, 3), (2, 4)), "TransformerEncoderLayer": ((4, 2, 8), (3, 2, 4)),
}  # fmt: skip
LOSSES = ["MSELoss", "L1Loss", "SmoothL1Loss", "HuberLoss", "BCELoss", "BCEWithLogitsLoss", "KLDivLoss",
          "SoftMarginLoss", "PoissonNLLLoss", "CosineSimilarity", "PairwiseDistance"]  # fmt: skip


def chains(E: Any) -> Any:
    """Layers in a row, so that a lower result meets parameters in float32."""
    n = E.nn
    return n.Sequential(
        n.Conv2d(4, 4, 3), n.BatchNorm2d(4), n.ReLU(), n.Conv2d(4, 4, 3), n.ConvTranspose2d(4, 4, 2), n.MaxPool2d(2),
        n.Flatten(), n.Linear(16, 3), n.LayerNorm(3), n.Linear(3, 2), n.Softmax(1),
    )  # fmt: skip


def types(value: Any) -> Any:
    if isinstance(value, (tuple, list)):
        return [types(v) for v in value]
    return str(value.dtype)


def in_region(E: Any, make: Any, lower: str, source: str, shapes: tuple) -> Any:
    """The types of the result, and of the gradients of parameters and inputs."""
    model = make(E)
    inputs = [
        E.full(shape, 0.5, dtype=getattr(E, source), requires_grad=not k) for k, shape in enumerate(shapes)
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with E.autocast("cpu", dtype=getattr(E, lower)):
            out = model(*inputs)
        first = out[0] if isinstance(out, tuple) else out
        if first.requires_grad:
            first.float().sum().backward()
    return (
        types(out),
        [types(p.grad) for p in model.parameters() if p.grad is not None],
        types(inputs[0].grad),
    )


@pytest.mark.parametrize(
    ("lower", "source"), [("bfloat16", "float32"), ("bfloat16", "bfloat16"), ("float16", "float32")]
)
def test_types_of_modules(lower, source):
    wrong = []
    cases = [
        (name, lambda E, name=name: getattr(E.nn, name)(*SHAPED[name][0]), (SHAPED[name][1],))
        for name in SHAPED
    ]
    cases += [(name, lambda E, name=name: getattr(E.nn, name)(), ((2, 4), (2, 4))) for name in LOSSES]
    cases += [("chain", chains, ((2, 4, 7, 7),))]
    for name, make, shapes in cases:
        if (name, lower) == ("LSTM", "float16"):
            continue  # PyTorch's own kernel fails
        ours, theirs = (in_region(E, make, lower, source, shapes) for E in (glasstorch, torch))
        if ours != theirs:
            wrong.append(f"{name}: ours {ours}; torch {theirs}")
    assert not wrong, "\n".join(wrong)


def test_switches_of_devices_that_are_not_here():
    def seen(E):
        kinds = ("cpu", "cuda", "xpu", "mps", "ipu", "mtia", "hpu", "xla", "maia")
        return [
            (E.amp.is_autocast_available(k), E.is_autocast_enabled(k), str(E.get_autocast_dtype(k)))
            for k in kinds
        ]

    assert seen(glasstorch) == seen(torch)
    for call in (
        lambda E: E.is_autocast_enabled(5), lambda E: E.set_autocast_enabled("cpu", 5),
        lambda E: E.set_autocast_enabled(5, True), lambda E: E.get_autocast_dtype("meta"),
        lambda E: E.set_autocast_dtype("cpu", 1), lambda E: E.set_autocast_cache_enabled(5),
        lambda E: E.is_autocast_enabled("nowhere"),
    ):  # fmt: skip
        with pytest.raises((TypeError, RuntimeError)) as theirs:
            call(torch)
        with pytest.raises(theirs.type) as ours:
            call(glasstorch)
        assert str(ours.value).splitlines()[0] == str(theirs.value).splitlines()[0]


def test_gradients_add_up_within_one_region() -> None:
    """The lower copy of a parameter is made once, and several backwards run through it; so do those of any cast."""

    def program(E):
        E.manual_seed(0)
        model = E.nn.Sequential(E.nn.Linear(4, 3), E.nn.LSTM(3, 2))
        x = E.linspace(-1, 1, 24).reshape(2, 3, 4)
        with E.autocast("cpu"):
            for part in x:
                model(part)[0].sum().backward()
        found = [p.grad for p in model.parameters()]
        y = E.ones(3, requires_grad=True)
        for once in (y.double(), y.to("cpu", E.float16, copy=True), y.as_strided((2, 2), (1, 1))):
            once.sum().backward()
            once.sum().backward()
        return [*found, y.grad]

    for ours, theirs in zip(program(glasstorch), program(torch), strict=True):
        np.testing.assert_allclose(to_numpy(ours), to_numpy(theirs), rtol=2e-2, atol=1e-2)
