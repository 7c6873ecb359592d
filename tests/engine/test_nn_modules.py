"""Modules against PyTorch's: first values for a seed, text, state_dict, forward, gradients, buffers, training."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import glasstorch
import numpy as np
import pytest
from support import differential
from support.differential import compare, equal, torch

rng = np.random.default_rng(2)

# constructor, shapes of the inputs (int arrays are class numbers)
CASES: list[tuple[str, tuple, dict, list]] = [
    ("Linear", (5, 3), {}, [(2, 4, 5)]),
    ("Linear", (5, 3), {"bias": False}, [(5,)]),
    ("Bilinear", (3, 4, 2), {}, [(5, 3), (5, 4)]),
    ("Identity", (1, 2), {"any": "thing"}, [(3,)]),
    ("Conv1d", (4, 6, 3), {"groups": 2, "dilation": 2}, [(2, 4, 9)]),
    ("Conv2d", (3, 4, (3, 2)), {"stride": 2, "padding": (1, 0)}, [(2, 3, 7, 8)]),
    ("Conv2d", (2, 3, 3), {"padding": "same", "padding_mode": "reflect", "bias": False}, [(2, 5, 6)]),
    ("Conv2d", (2, 4, 3), {"padding": 2, "padding_mode": "circular", "dilation": 2}, [(1, 2, 6, 6)]),
    ("Conv3d", (2, 2, 2), {"padding": 1}, [(1, 2, 3, 4, 3)]),
    ("ConvTranspose1d", (4, 2, 3), {"stride": 2, "output_padding": 1}, [(2, 4, 5)]),
    ("ConvTranspose2d", (4, 6, 3), {"stride": 2, "padding": 1, "groups": 2, "dilation": 2}, [(1, 4, 4, 3)]),
    ("ConvTranspose3d", (2, 3, 2), {}, [(1, 2, 2, 3, 2)]),
    ("MaxPool2d", (2,), {}, [(2, 3, 5, 6)]),
    ("MaxPool2d", (3,), {"stride": 2, "padding": 1, "ceil_mode": True, "return_indices": True}, [(2, 3, 6, 6)]),
    ("AvgPool1d", (2,), {"stride": 1}, [(2, 3, 5)]),
    ("AvgPool2d", ((2, 3),), {"padding": 1, "count_include_pad": False}, [(2, 3, 5, 6)]),
    ("AdaptiveAvgPool2d", ((2, 3),), {}, [(2, 3, 5, 7)]),
    ("AdaptiveMaxPool2d", (2,), {}, [(2, 3, 5, 7)]),
    ("BatchNorm1d", (4,), {}, [(5, 4)]),
    ("BatchNorm2d", (3,), {"momentum": None, "eps": 1e-3}, [(4, 3, 2, 2)]),
    ("BatchNorm2d", (3,), {"affine": False, "track_running_stats": False}, [(4, 3, 2, 2)]),
    ("BatchNorm3d", (2,), {}, [(2, 2, 2, 2, 2)]),
    ("InstanceNorm2d", (3,), {"affine": True, "track_running_stats": True}, [(2, 3, 4, 4)]),
    ("LayerNorm", ((4, 3),), {}, [(2, 4, 3)]),
    ("LayerNorm", (3,), {"bias": False}, [(2, 4, 3)]),
    ("GroupNorm", (2, 6), {}, [(2, 6, 3)]),
    ("RMSNorm", (5,), {}, [(2, 5)]),
    ("Embedding", (7, 3), {"padding_idx": -1}, [np.array([[1, 6, 2]])]),
    ("PReLU", (3,), {"init": 0.1}, [(2, 3, 4)]),
    ("ReLU", (), {}, [(3, 4)]),
    ("LeakyReLU", (0.2,), {}, [(3, 4)]),
    ("ELU", (), {"alpha": 1.5}, [(3, 4)]),
    ("GELU", ("tanh",), {}, [(3, 4)]),
    ("Hardtanh", (-2, 0.5), {}, [(3, 4)]),
    ("ReLU6", (), {}, [(3, 4)]),
    ("Softplus", (2,), {}, [(3, 4)]),
    ("Softmax", (1,), {}, [(3, 4)]),
    ("LogSoftmax", (), {"dim": -1}, [(3, 4)]),
    ("Softmax2d", (), {}, [(2, 3, 2, 2)]),
    ("Threshold", (0.1, 20), {}, [(3, 4)]),
    ("GLU", (), {}, [(3, 4)]),
    ("Flatten", (), {}, [(2, 3, 4)]),
    ("Flatten", (0, 1), {}, [(2, 3, 4)]),
    ("Unflatten", (1, (2, -1)), {}, [(4, 6)]),
    ("ZeroPad2d", (1,), {}, [(2, 3, 4)]),
    ("ConstantPad1d", ((1, 2), 3.5), {}, [(2, 3)]),
    ("ReflectionPad2d", ((1, 1, 0, 2),), {}, [(1, 2, 4, 4)]),
    ("CosineSimilarity", (), {"dim": 0}, [(4, 3), (4, 3)]),
    ("MSELoss", (), {}, [(3, 2), (3, 2)]),
    ("L1Loss", (), {"reduction": "sum"}, [(3, 2), (3, 2)]),
    ("SmoothL1Loss", (), {"beta": 0.5}, [(3, 2), (3, 2)]),
    ("CrossEntropyLoss", (), {"label_smoothing": 0.1}, [(3, 4), np.array([1, 0, 3])]),
    ("NLLLoss", (), {}, [(3, 4), np.array([1, 0, 3])]),
    ("BCEWithLogitsLoss", (), {}, [(3, 2), (3, 2)]),
    ("TripletMarginLoss", (), {"swap": True}, [(3, 4), (3, 4), (3, 4)]),
]  # fmt: skip


def arrays(inputs: list) -> list[np.ndarray]:
    return [a if isinstance(a, np.ndarray) else rng.normal(size=a) for a in inputs]


def text(module: Any) -> str:
    return repr(module)


@pytest.mark.parametrize(
    ("name", "args", "options", "inputs"), CASES, ids=lambda v: v if isinstance(v, str) else ""
)
@pytest.mark.parametrize("training", [True, False])
def test_module(name: str, args: tuple, options: dict, inputs: list, training: bool) -> None:
    def make(E: Any) -> Any:
        E.manual_seed(11)
        return getattr(E.nn, name)(*args, **options).double().train(training)

    ours, theirs = make(glasstorch), make(torch)
    assert text(ours) == text(theirs)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    for k, v in theirs.state_dict().items():
        equal(ours.state_dict()[k], v, f"first value of {k}")

    def run(E: Any, *x: Any) -> Any:
        m = ours if E is glasstorch else theirs
        out = m(*x)
        return (*(out if isinstance(out, tuple) else (out,)), *m.state_dict().values())

    ours.to(differential.DEVICE)
    compare(run, *arrays(inputs), second=False)

    def parameters(E: Any, *x: Any) -> Any:
        m = ours if E is glasstorch else theirs
        out = m(*x)
        out = out[0] if isinstance(out, tuple) else out
        weights = [p for p in m.parameters() if p.requires_grad]
        return E.autograd.grad((out * out).sum(), weights, allow_unused=True) if weights else ()

    compare(parameters, *arrays(inputs), second=False)


def small_net(E: Any) -> Any:
    E.manual_seed(5)
    return E.nn.Sequential(
        E.nn.Conv2d(1, 4, 3, padding=1), E.nn.BatchNorm2d(4), E.nn.ReLU(), E.nn.MaxPool2d(2), E.nn.Conv2d(4, 8, 3),
        E.nn.ReLU(inplace=True), E.nn.MaxPool2d(2), E.nn.Flatten(), E.nn.Dropout(0.25), E.nn.Linear(32, 10),
    )  # fmt: skip


@pytest.mark.parametrize("kind", ["cnn", "mlp"])
@pytest.mark.parametrize("optimizer", ["SGD", "Adam"])
def test_training_gives_pytorchs_losses(kind: str, optimizer: str) -> None:
    """From one seed, with dropout: the same losses for ten steps, and then the same predictions."""
    x = rng.normal(size=(24, 1, 14, 14))
    y = rng.integers(0, 10, size=24)

    def train(E: Any) -> tuple[list[float], Any]:
        if kind == "cnn":
            model = small_net(E)
        else:
            E.manual_seed(5)
            model = E.nn.Sequential(E.nn.Flatten(), E.nn.Linear(196, 32), E.nn.Tanh(), E.nn.Linear(32, 10))
        model.double()
        options = {"lr": 0.05, "momentum": 0.9} if optimizer == "SGD" else {"lr": 0.005}
        opt = getattr(E.optim, optimizer)(model.parameters(), **options)
        losses = []
        for _ in range(10):
            loss = E.nn.CrossEntropyLoss()(model(E.tensor(x)), E.tensor(y))
            opt.zero_grad()
            loss.backward()
            opt.step()
            losses.append(loss.item())
        with E.no_grad():
            return losses, model.eval()(E.tensor(x))

    (ours, out), (theirs, reference) = train(glasstorch), train(torch)
    np.testing.assert_allclose(ours, theirs, rtol=1e-9)
    np.testing.assert_allclose(out.numpy(), reference.numpy(), rtol=1e-7, atol=1e-7)
    assert ours[-1] < ours[0]


CONTAINERS = [
    lambda E: E.nn.Sequential(),
    lambda E: E.nn.Sequential(E.nn.Linear(1, 2), E.nn.Sequential(E.nn.ReLU(), E.nn.ReLU(inplace=True))),
    lambda E: E.nn.ModuleList([E.nn.ReLU(), E.nn.ReLU(), E.nn.Linear(1, 2), E.nn.ReLU()]),
    lambda E: E.nn.ModuleDict({"a": E.nn.ReLU(), "b": E.nn.ModuleList()}),
    lambda E: E.nn.ParameterList([E.zeros(2, 3), E.zeros(())]),
    lambda E: E.nn.ParameterDict({"w": E.zeros(2), "n": None}),
]


@pytest.mark.parametrize("make", CONTAINERS)
def test_container_text_and_keys(make: Any) -> None:
    assert text(make(glasstorch)) == text(make(torch))
    assert list(make(glasstorch).state_dict()) == list(make(torch).state_dict())


def test_sequential_as_a_list() -> None:
    def run(E: Any) -> list:
        n = E.nn
        s = n.Sequential(n.Linear(1, 2), n.ReLU(), n.Linear(2, 3))
        out = [text(s[1:]), text(s[-1])]
        s.append(n.Tanh())
        s.insert(1, n.Sigmoid())
        del s[0]
        s[0] = n.ELU()
        out += [
            text(s),
            text(s + n.Sequential(n.ReLU())),
            text(s * 2),
            len(s),
            text(s.pop(1)),
            [type(m).__name__ for m in s],
        ]
        names = n.Sequential(
            __import__("collections").OrderedDict([("first", n.Linear(1, 1)), ("second", n.ReLU())])
        )
        return [*out, text(names), list(names.state_dict()), text(names.second)]

    assert run(glasstorch) == run(torch)


def test_module_list_and_dict_as_containers() -> None:
    def run(E: Any) -> list:
        n = E.nn
        items = n.ModuleList([n.ReLU(), n.Tanh()])
        items.extend([n.Sigmoid()]).append(n.ELU())
        items.insert(1, n.GELU())
        del items[0]
        d = n.ModuleDict({"x": n.ReLU()})
        d.update({"y": n.Tanh()})
        d["z"] = n.Sigmoid()
        gone = d.pop("x")
        p = n.ParameterList([E.ones(1)])
        p.append(E.ones(2))
        p += [E.ones(3)]
        return [text(items), len(items), text(items[1:3]), text(items[-1]), text(d), list(d.keys()),
                "y" in d, text(gone), [tuple(v.shape) for v in p], [type(v).__name__ for v in p], text(p)]  # fmt: skip

    assert run(glasstorch) == run(torch)


def test_a_module_survives_copying_and_pickling() -> None:
    net = small_net(glasstorch)
    x = glasstorch.tensor(rng.normal(size=(2, 1, 14, 14)).astype("float32"))
    net.eval()
    for other in (copy.deepcopy(net), pickle.loads(pickle.dumps(net))):
        assert text(other) == text(net)
        assert np.array_equal(other(x).detach().numpy(), net(x).detach().numpy())
        assert all(isinstance(p, glasstorch.nn.Parameter) and p.requires_grad for p in other.parameters())
        assert all(p is not q for p, q in zip(other.parameters(), net.parameters(), strict=True))


def test_shared_parameters_stay_shared_in_a_copy() -> None:
    net = glasstorch.nn.Sequential(glasstorch.nn.Linear(2, 2), glasstorch.nn.Linear(2, 2))
    net[1].weight = net[0].weight
    other = copy.deepcopy(net)
    assert other[1].weight is other[0].weight
    assert len(list(net.parameters())) == 3
    assert [n for n, _ in net.named_parameters(remove_duplicate=False)] == [
        "0.weight",
        "0.bias",
        "1.weight",
        "1.bias",
    ]


@pytest.mark.parametrize("name", ["uniform_", "normal_", "xavier_uniform_", "xavier_normal_", "kaiming_uniform_",
                                  "kaiming_normal_", "trunc_normal_", "ones_", "zeros_", "eye_"])  # fmt: skip
def test_init_draws_pytorchs_numbers(name: str) -> None:
    def run(E: Any) -> Any:
        E.manual_seed(9)
        t = E.zeros(30, 20)
        assert getattr(E.nn.init, name)(t) is t
        return t

    equal(run(glasstorch), run(torch), name)


@pytest.mark.parametrize("bounds", [(-2.0, 2.0), (0.2, 0.5), (1.0, 3.0)])
def test_truncated_normal(bounds: tuple) -> None:
    def run(E: Any) -> Any:
        E.manual_seed(9)
        return E.nn.init.trunc_normal_(E.zeros(30, 20), 0.1, 0.8, *bounds)

    ours = run(glasstorch)
    equal(ours, run(torch), "truncated normal")
    assert bounds[0] <= ours.min()
    assert ours.max() <= bounds[1]


def test_init_of_special_matrices() -> None:
    E = glasstorch
    w = E.nn.init.orthogonal_(E.zeros(5, 3), gain=2.0)
    np.testing.assert_allclose((w.t() @ w).numpy(), 4 * np.eye(3), atol=1e-5)
    equal(E.nn.init.dirac_(E.ones(4, 2, 3), 2), torch.nn.init.dirac_(torch.ones(4, 2, 3), 2), "dirac")
    sparse = E.nn.init.sparse_(E.zeros(10, 4), 0.3)
    assert ((sparse == 0).sum(0) == 3).all()
    for name in ("linear", "tanh", "relu", "leaky_relu", "selu"):
        assert E.nn.init.calculate_gain(name) == torch.nn.init.calculate_gain(name)
