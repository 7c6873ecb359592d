"""A small example of every view: what tests that hold all views to the same promises go through."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import comm
import glasstorch as torch
from comm.base_comm import BaseComm
from glasstorch import nn
from glasstorch.autograd import graph as recording
from glasstorch_widgets import attention_view as attention
from glasstorch_widgets import broadcast as broadcasting
from glasstorch_widgets import (
    comm_ring,
    comm_timeline,
    confusion,
    conv_scan,
    exercise,
    feature_maps,
    graph,
    loss_curve,
    optimizer_race,
    predict,
    tensor_view,
    watch,
    worst,
)
from glasstorch_widgets.view import View

Made = tuple[View, list[torch.Tensor]]  # a view, and the tensors it was made of
EXAMPLES: dict[str, Callable[[str], Made]] = {}


def example(make: Callable[[str], Made]) -> Callable[[str], Made]:
    EXAMPLES[make.__name__] = make
    return make


def make(name: str, lang: str = "en") -> View:
    """One of the examples."""
    return EXAMPLES[name](lang)[0]


def kinds() -> list[type[View]]:
    """Every kind of view there is."""
    # Making a view makes a subclass of its kind, which is no further kind.
    return [kind for kind in View.__subclasses__() if kind.__module__.startswith("glasstorch_widgets.")]


@contextmanager
def recorded() -> Iterator[None]:
    """What `%load_ext glasstorch_widgets` does."""
    recording.start_recording()
    try:
        yield
    finally:
        recording.stop_recording()


@example
def computation(lang: str) -> Made:
    with recorded():
        x = torch.tensor([[1.0, 2.0], [0.5, -1.0]])
        w = torch.tensor([[3.0, 0.0], [-1.0, -1.0]], requires_grad=True)
        hidden = torch.relu(x @ w)
        loss = (hidden * hidden).sum()
        return graph(loss, lang=lang), [x, w, hidden, loss]


@example
def nested_computation(lang: str) -> Made:
    with recorded():
        torch.manual_seed(0)
        model = nn.Sequential(*(nn.Sequential(nn.Linear(4, 4), nn.Tanh(), nn.Linear(4, 4)) for _ in range(8)))
        x = torch.randn(2, 4)
        loss = model(x).pow(2).mean()
        return graph(loss, lang=lang), [x, loss, *model.parameters()]


@example
def curve(lang: str) -> Made:
    view = loss_curve("Digits", lang=lang)
    losses = [torch.tensor(2.3 / (k + 1)) for k in range(30)]
    for k, loss in enumerate(losses):
        view.add(loss=loss, test_loss=loss * 1.1, accuracy=1 - 0.9 / (k + 1))
    view.flush()
    return view, losses


@example
def question(lang: str) -> Made:
    x = torch.tensor([1.0, 2.0])
    return predict("What is the sum of 1 and 2?", ["2", "3"], answer=int(x.sum()), lang=lang), [x]


@example
def check_button(lang: str) -> Made:
    return exercise("start.training-step", lang=lang), []


@example
def tensor(lang: str) -> Made:
    base = torch.arange(24.0).reshape(4, 6)
    part = base[1:, 1:4].T
    return tensor_view(part, lang=lang), [base, part]


@example
def broadcast(lang: str) -> Made:
    a, b = torch.tensor([[1.0], [2.0], [3.0]]), torch.tensor([10.0, 20.0, 30.0, 40.0])
    return broadcasting(a, b, lang=lang), [a, b]


@example
def convolution(lang: str) -> Made:
    kernel, image = torch.tensor([[1.0, 0.0], [0.0, -1.0]]), torch.arange(16.0).reshape(4, 4)
    return conv_scan(kernel, image, padding=1, lang=lang), [kernel, image]


@example
def race(lang: str) -> Made:
    return optimizer_race("ravine", steps=40, lang=lang), []


@example
def weights_of_attention(lang: str) -> Made:
    torch.manual_seed(0)
    weights = torch.softmax(torch.randn(2, 4, 4), -1)
    return attention(weights, ["the", "cat", "sat", "down"], lang=lang), [weights]


@example
def maps(lang: str) -> Made:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2))
    image = torch.randn(12, 12)
    return feature_maps(model, image, lang=lang), [image, *model.parameters()]


@example
def ring(lang: str) -> Made:
    vectors = [torch.tensor([1.0, 2.0, 3.0]) * k for k in (1, 10, 100)]
    return comm_ring(vectors, lang=lang), vectors


@example
def timeline(lang: str) -> Made:
    return comm_timeline([recorded_rank(0), recorded_rank(1)], lang=lang), []


def recorded_rank(rank: int) -> dict[str, Any]:
    """What a rank of two recorded in one step of training, with plain numbers: two buckets and a broadcast."""
    late = 0.0005 * rank
    spans = {
        "broadcast": (0.0, 0.002, None),
        "all_reduce": (0.008, 0.006, 0),
        "all_reduce ": (0.014, 0.004, 1),
    }
    events = [
        {"name": name.strip(), "backend": "gloo", "group": [0, 1], "nbytes": 40_000, "sent": 40_000,
         "received": 40_000, "measured": True, "asynchronous": bucket is not None, "bucket": bucket,
         "parameters": [] if bucket is None else [f"{2 - 2 * bucket}.bias", f"{2 - 2 * bucket}.weight"],
         "algorithm": "binomial tree" if bucket is None else "ring", "start": start + late, "seconds": seconds,
         "exact": True, "waited": 0.0, "exposed": stood, "overlap": 1 - stood / seconds, "failed": False}
        for (name, (start, seconds, bucket)), stood in zip(spans.items(), (0.002, 0.002, 0.004), strict=True)
    ]  # fmt: skip
    phases = {"forward": (0.0, 0.005), "backward": (0.005, 0.0135), "step": (0.0185, 0.002)}
    summary = {"forward": 0.005, "backward": 0.0135, "step": 0.002, "communicating": 0.012, "exposed": 0.008,
               "overlap": 1 / 3, "sent": 120_000}  # fmt: skip
    return {
        "rank": rank, "world_size": 2, "host": "here", "epoch": 1.7e9, "events": events, "summary": summary,
        "phases": [{"name": n, "start": s + late, "seconds": t} for n, (s, t) in phases.items()],
        "waits": [{"start": s + late, "seconds": t} for s, t in ((0.0, 0.002), (0.012, 0.006))], "dropped": rank,
    }  # fmt: skip


@example
def training(lang: str) -> Made:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    x, y = torch.randn(32, 4), torch.arange(32) % 3
    view = watch(model, optimizer, every=2, title="Three classes", lang=lang)
    for _ in range(10):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        view.log(accuracy=(model(x).argmax(1) == y).float().mean())
    return view.stop(), [x, y, loss, *model.parameters()]


def _judged() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    torch.manual_seed(0)
    return torch.randn(30, 6, 6), torch.randn(30, 3), torch.arange(30) % 3


@example
def matrix(lang: str) -> Made:
    pictures, scores, targets = made = _judged()
    view = confusion(targets, scores, classes=["low", "middle", "high"], images=pictures, lang=lang)
    return view, list(made)


@example
def mistakes(lang: str) -> Made:
    pictures, scores, targets = made = _judged()
    return worst(pictures, scores, targets, n=6, lang=lang), list(made)


class RecordingComm(BaseComm):
    """The kernel's end of a widget's channel, without a kernel: what is sent stays here."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.sent: list[tuple[str, dict[str, Any], list[bytes]]] = []
        super().__init__(*args, **kwargs)

    def publish_msg(
        self, msg_type: str, data: Any = None, metadata: Any = None, buffers: Any = None, **keys: Any
    ) -> None:
        blocks = [bytes(b) for b in buffers or []]
        self.sent.append((msg_type, json.loads(json.dumps(data or {})), blocks))

    def receive(self, data: dict[str, Any], buffers: Any = ()) -> None:
        """A message from the browser."""
        self.handle_msg({"content": {"data": data}, "buffers": list(buffers)})

    def bytes_sent(self) -> list[int]:
        """The size of every message: its JSON text and its blocks."""
        return [len(json.dumps(data).encode()) + sum(map(len, buffers)) for _, data, buffers in self.sent]


@contextmanager
def recorded_comms() -> Iterator[list[RecordingComm]]:
    """The channels of all widgets made meanwhile."""
    made: list[RecordingComm] = []

    def create(*args: Any, **keys: Any) -> RecordingComm:
        made.append(RecordingComm(*args, **keys))
        return made[-1]

    before, comm.create_comm = comm.create_comm, create
    try:
        yield made
    finally:
        comm.create_comm = before
