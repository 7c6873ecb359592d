"""``add_graph``: modules as scopes, beside PyTorch's own; every mode, many inputs, shared modules; what is refused."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import glasstorch
import pytest

pytest.importorskip("tensorboard")

from glasstorch.utils.tensorboard import SummaryWriter
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.graph import graph_util


def models(T: Any) -> dict[str, tuple]:
    """name: (class or module, arguments), of either engine."""
    nn, F = T.nn, T.nn.functional

    class CNN(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv1 = nn.Conv2d(1, 4, 3, padding=1)
            self.bn = nn.BatchNorm2d(4)
            self.pool = nn.MaxPool2d(2, 2)
            self.head = nn.Sequential(nn.Linear(4 * 4 * 4, 8), nn.ReLU(), nn.Dropout(0.5), nn.Linear(8, 2))

        def forward(self, x):
            x = self.pool(F.relu(self.bn(self.conv1(x))))
            return self.head(x.view(x.size(0), -1))

    class Twice(nn.Module):
        """One module under two names, called twice; a second argument; two results."""

        def __init__(self) -> None:
            super().__init__()
            self.one = nn.Linear(3, 3)
            self.same = self.one

        def forward(self, x, shift, unused):
            y = self.same(self.one(x) + shift)
            return y, y.argmax(1)

    class Words(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embed = nn.Embedding(10, 4)
            self.layers = nn.ModuleDict(
                {"a": nn.Linear(4, 4), "b": nn.ModuleList([nn.Tanh(), nn.Linear(4, 1)])}
            )

        def forward(self, batch):
            x = self.layers["a"](self.embed(batch["words"]).mean(1))
            for layer in self.layers["b"]:
                x = layer(x)
            return x

    return {
        "CNN": (CNN(), T.ones(2, 1, 8, 8)),
        "Twice": (Twice(), (T.ones(2, 3), T.ones(3), T.ones(1))),
        "Words": (Words(), ({"words": T.tensor([[1, 2, 3]])},)),
        "Sequential": (nn.Sequential(nn.Linear(2, 3), nn.Sequential(nn.Sigmoid())), T.ones(1, 2)),
    }


def drawn(folder: Path, Writer: Any, model: Any, args: Any, **options: Any) -> Any:
    with Writer(folder) as writer:
        writer.add_graph(model, args, **options)
    reader = EventAccumulator(str(folder)).Reload()
    assert reader.Tags()["run_metadata"] == ["step1"]
    assert reader.RunMetadata("step1").step_stats.dev_stats[0].device == "/device:CPU:0"
    return reader.Graph()


def shape(node: Any) -> list[int]:
    return [d.size for d in node.attr["_output_shapes"].list.shape[0].dim]


def scope(name: str) -> str:
    return name.rpartition("/")[0]


@pytest.mark.parametrize("name", models(glasstorch))
def test_scopes_inputs_and_results_are_as_pytorchs(name: str, tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    from torch.utils.tensorboard import SummaryWriter as TheirWriter

    ours = drawn(tmp_path / "ours", SummaryWriter, *models(glasstorch)[name])
    theirs = drawn(tmp_path / "theirs", TheirWriter, *models(torch)[name])
    assert ours.versions == theirs.versions
    nodes = {node.name: node for node in ours.node}
    assert len(nodes) == len(ours.node)
    assert all(source.partition(":")[0] in nodes for node in ours.node for source in node.input)

    def scopes(graph: Any) -> set[str]:
        """Where something is computed. PyTorch leaves out modules that only hold others, such as ModuleDict."""
        given = ("IO Node", "Parameter", "Buffer", "Constant", "aten::dropout")
        found = {scope(n.name) for n in graph.node if n.op not in given and not n.op.startswith("prim::")}
        return {"/".join(p for p in s.split("/") if not p.startswith("Module")) for s in found}

    assert scopes(ours) == scopes(theirs)

    def inputs(graph: Any) -> list[tuple]:
        shapes = [
            shape(n)
            for n in graph.node
            if n.name.startswith("input/") and n.attr["_output_shapes"].list.shape
        ]
        return sorted(shapes)

    if name != "Words":  # PyTorch gives an argument that is a dictionary no shape
        assert inputs(ours) == inputs(theirs)
    parameters = {n.name for n in ours.node if n.op == "Parameter"}
    assert len(parameters) == len(list(models(glasstorch)[name][0].parameters()))


def test_every_node_says_what_it_is(tmp_path: Path) -> None:
    model, args = models(glasstorch)["CNN"]
    nodes = {n.name: n for n in drawn(tmp_path, SummaryWriter, model, args).node}
    conv = nodes["CNN/Conv2d[conv1]/conv"]
    assert list(conv.input) == ["input/x", "CNN/Conv2d[conv1]/weight", "CNN/Conv2d[conv1]/bias"]
    assert (conv.op, shape(conv), conv.attr["dtype"].s) == ("conv", [2, 4, 8, 8], b"float32")
    assert b"padding=(1, 1)" in conv.attr["attr"].s
    assert nodes["CNN/relu"].attr["line"].s.endswith(b"x = self.pool(F.relu(self.bn(self.conv1(x))))")
    assert nodes["CNN/relu"].attr["line"].s.startswith(b"test_tensorboard_graph.py:")
    assert nodes["CNN/BatchNorm2d[bn]/running_mean"].op == "Buffer"
    assert list(nodes["output/output.1"].input) == ["CNN/Sequential[head]/Linear[3]/linear"]
    assert shape(nodes["output/output.1"]) == [2, 2]


@pytest.mark.parametrize("mode", [glasstorch.enable_grad, glasstorch.no_grad, glasstorch.inference_mode])
def test_the_same_graph_in_every_mode(mode: Callable, tmp_path: Path) -> None:
    model, args = models(glasstorch)["Twice"]
    model.train()
    model.one.eval()
    for p in model.parameters():
        p.requires_grad_(False)
    state = glasstorch.get_rng_state()
    with mode():
        graph = drawn(tmp_path, SummaryWriter, model, args)
    names = [node.name for node in graph.node]
    assert names == [
        "input/x", "input/shift", "output/output.1", "output/output.2", "Twice/Linear[one]/weight",
        "Twice/Linear[one]/bias", "Twice/Linear[one]/linear", "Twice/add", "Twice/Linear[one]/linear_1", "Twice/argmax",
    ]  # fmt: skip
    assert (model.training, model.one.training) == (True, False)  # each module as it was
    assert glasstorch.equal(state, glasstorch.get_rng_state())
    assert all(p.grad is None for p in model.parameters())


def test_recurrent_networks_and_operations_with_several_results(tmp_path: Path) -> None:
    class Net(glasstorch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.rnn = glasstorch.nn.LSTM(3, 2)

        def forward(self, x, state):
            out, (h, c) = self.rnn(x, state)
            return {"out": out, "state": [h, c]}

    x, state = glasstorch.ones(2, 1, 3), (glasstorch.zeros(1, 1, 2), glasstorch.zeros(1, 1, 2))
    graph = drawn(tmp_path, SummaryWriter, Net(), (x, state), use_strict_trace=False)
    nodes = {n.name: n for n in graph.node}
    assert {"input/x", "input/state.0", "input/state.1", "output/output.3"} <= nodes.keys()
    several = [n for n in graph.node if len(n.attr["_output_shapes"].list.shape) > 1]
    assert several
    assert any(":1" in source for n in graph.node for source in n.input)
    graph_util.merge_graph_defs([graph, graph])  # TensorBoard's own check: no name twice


def refused(tmp_path: Path, model: Any, args: Any) -> tuple[BaseException, str]:
    printed = io.StringIO()
    with SummaryWriter(tmp_path) as writer:
        with pytest.raises(Exception) as caught, contextlib.redirect_stdout(printed):  # noqa: PT011
            writer.add_graph(model, args)
        writer.add_scalar("a", 1.0)
    reader = EventAccumulator(str(tmp_path)).Reload()
    assert not reader.Tags()["graph"]
    assert reader.Tags()["scalars"] == ["a"]  # the file goes on
    assert not glasstorch.autograd.graph.recording()
    return caught.value, printed.getvalue()


class Calls(glasstorch.nn.Module):
    def __init__(self, function: Callable) -> None:
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


def fails(x):
    raise RuntimeError("my own")


def is_wrong(x):
    raise ValueError("my own")


@pytest.mark.parametrize(
    ("function", "args", "kind", "words"),
    [
        (fails, glasstorch.ones(1), RuntimeError, "my own"),
        (glasstorch.nn.Linear(3, 2), glasstorch.ones(2, 5), RuntimeError, "cannot be multiplied"),
        (lambda x: {"a": x + 1}, glasstorch.ones(1), RuntimeError, "use_strict_trace=False"),
        (lambda x: 3, glasstorch.ones(1), RuntimeError, "Only tensors, lists, tuples of tensors"),
        (lambda x: (x, None), glasstorch.ones(1), RuntimeError, "Only tensors, lists, tuples of tensors"),
        (lambda x: None, glasstorch.ones(1), RuntimeError, "didn't return any values"),
        (lambda x: x, None, RuntimeError, "needs input_to_model"),
        (lambda x: x, 3, RuntimeError, "cannot be traced"),
        (lambda x: x, (glasstorch.ones(1), 3), RuntimeError, "cannot be traced"),
    ],
)
def test_what_cannot_be_drawn(function: Callable, args: Any, kind: type, words: str, tmp_path: Path) -> None:
    error, printed = refused(tmp_path, Calls(function).train(), args)
    assert type(error) is kind
    assert words in str(error)
    assert printed == f"{error}\nError occurs, No graph saved\n"


def test_what_is_no_runtime_error_is_only_raised(tmp_path: Path) -> None:
    model = Calls(is_wrong)
    assert [type(v) for v in refused(tmp_path / "a", model, glasstorch.ones(1))] == [ValueError, str]
    assert model.training
    error, printed = refused(tmp_path / "b", lambda x: x, glasstorch.ones(1))
    assert (type(error), printed) == (AttributeError, "")
    error, printed = refused(tmp_path / "c", Calls(lambda x: x), (glasstorch.ones(1), glasstorch.ones(1)))
    assert type(error) is TypeError  # forward takes one argument


def test_verbose_prints_the_nodes(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    drawn(tmp_path, SummaryWriter, *models(glasstorch)["Sequential"], verbose=True)
    assert (
        "Sequential/Linear[0]/linear: linear(input/input, Sequential/Linear[0]/weight"
        in capsys.readouterr().out
    )
