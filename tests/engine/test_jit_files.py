"""Traced programs as files: they run, and train on, without the code that they were made from."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import glasstorch as torch
import pytest
from glasstorch import nn
from glasstorch.core.tree import tree_leaves

pytestmark = pytest.mark.cpu


class Residual(nn.Module):
    """Writes in place, uses a parameter twice, gives a dict with a word in it."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.Sequential(nn.Linear(4, 4), nn.ReLU(inplace=True))
        self.register_buffer("scale", torch.full((4,), 2.0))

    def forward(self, x: torch.Tensor) -> dict:
        h = self.inner(x) * self.scale
        h[:, 0] += 1
        return {"out": h @ self.inner[0].weight, "more": [x[:1], h, "word", None, 1.5]}


MODELS = {
    "mlp": (lambda: nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 3)), (5, 4)),
    "residual": (Residual, (3, 4)),
    "cnn": (lambda: nn.Sequential(
        nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.AvgPool2d(2),
        nn.Upsample(scale_factor=2, mode="bilinear"), nn.Dropout(), nn.Flatten()), (2, 1, 10, 10)),
    "lstm": (lambda: nn.LSTM(4, 6, 2, batch_first=True, bidirectional=True), (3, 5, 4)),
    "gru": (lambda: nn.GRU(4, 6), (3, 5, 4)),
    "transformer": (lambda: nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), (3, 5, 8)),
    "half": (lambda: nn.Linear(4, 3).to(torch.bfloat16), (2, 4)),
}  # fmt: skip


def tensors(result):
    return [t for t in tree_leaves(result) if isinstance(t, torch.Tensor)]


def through_a_file(made):
    file = io.BytesIO()
    torch.jit.save(made, file)
    file.seek(0)
    return torch.jit.load(file)


@pytest.mark.parametrize("name", MODELS)
def test_a_loaded_module_is_the_module(name: str) -> None:
    make, shape = MODELS[name]
    torch.manual_seed(0)
    model = make().eval()
    kind = next(model.parameters()).dtype
    loaded = through_a_file(torch.jit.trace(model, torch.randn(shape).to(kind)))
    assert list(loaded.state_dict()) == list(model.state_dict())
    for _ in range(2):  # interpreted, then replayed
        x = torch.randn(shape).to(kind).requires_grad_()
        y = x.detach().clone().requires_grad_()
        mine, theirs = tensors(loaded(x)), tensors(model(y))
        assert len(mine) == len(theirs)
        for a, b in zip(mine, theirs, strict=True):
            assert torch.equal(a, b)
            assert a.requires_grad == b.requires_grad
        for m, parts in ((loaded, mine), (model, theirs)):
            m.zero_grad()
            sum(p.square().sum() for p in parts).backward()
        assert torch.equal(x.grad, y.grad)
        for p, q in zip(loaded.parameters(), model.parameters(), strict=True):
            assert torch.equal(p.grad, q.grad)
    assert loaded._programs.reasons == []


def test_training_goes_on_after_loading() -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))
    loaded = through_a_file(torch.jit.trace(model, torch.randn(6, 4)))
    x = torch.randn(6, 4)
    for m in (model, loaded):
        optimizer = torch.optim.Adam(m.parameters(), lr=0.05)
        for _ in range(5):
            optimizer.zero_grad()
            (m(x) - 1).square().mean().backward()
            optimizer.step()
    assert all(torch.equal(v, loaded.state_dict()[k]) for k, v in model.state_dict().items())
    loaded.load_state_dict({k: torch.zeros_like(v) for k, v in model.state_dict().items()})
    assert not loaded(x).any()
    again = through_a_file(loaded)
    assert torch.equal(again(x), loaded(x))


def test_tied_weights_stay_tied_and_functions_keep_their_tensors() -> None:
    model = nn.Sequential(nn.Embedding(5, 3), nn.Linear(3, 5, bias=False))
    model[1].weight = model[0].weight
    loaded = through_a_file(torch.jit.trace(model, torch.tensor([1, 2])))
    assert len(list(loaded.parameters())) == 1
    weight = torch.randn(3, requires_grad=True)
    loaded = through_a_file(torch.jit.trace(lambda x: x * weight, torch.ones(3)))
    loaded(torch.ones(3)).sum().backward()
    assert [p.grad.tolist() for p in loaded.parameters()] == [[1, 1, 1]]


def test_another_process_needs_no_code(tmp_path: Path) -> None:
    traced = torch.jit.trace(Residual(), torch.ones(2, 4))
    traced(torch.ones(3, 4))
    path = tmp_path / "model.zip"
    traced.save(path)
    code = (
        "import sys, glasstorch as torch\n"
        f"m = torch.jit.load({str(path)!r})\n"
        "print(m(torch.ones(2, 4))['out'].sum().item(), m(torch.ones(3, 4))['out'].shape[0], m)"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    total, rows, *_ = out.split()
    assert float(total) == pytest.approx(traced(torch.ones(2, 4))["out"].sum().item())
    assert (rows, "original_name=Residual" in out) == ("3", True)


def test_what_files_do_not_hold_is_said() -> None:
    with pytest.raises(RuntimeError, match=r"takes what torch\.jit\.trace returned"):
        torch.jit.save(nn.Linear(2, 2), io.BytesIO())
    noisy = torch.jit.trace(nn.Sequential(nn.Linear(2, 2), nn.Dropout()), torch.ones(1, 2))
    with pytest.raises(RuntimeError, match=r"1: .*eval\(\)"):
        torch.jit.save(noisy, io.BytesIO())
    noisy.eval()
    with pytest.raises(RuntimeError, match="call it once"):
        torch.jit.save(noisy, io.BytesIO())
    noisy(torch.ones(1, 2))
    loaded = through_a_file(noisy)
    with pytest.raises(
        RuntimeError, match=r"no program for inputs float32 \[3, 2\], only for float32 \[1, 2\]"
    ):
        loaded(torch.ones(3, 2))
    with pytest.raises(RuntimeError, match=r"programs of eval\(\)"):
        loaded.train()(torch.ones(1, 2))
    files = {"notes.txt": ""}
    file = io.BytesIO()
    torch.jit.save(noisy, file, _extra_files={"notes.txt": "by hand"})
    torch.jit.load(io.BytesIO(file.getvalue()), _extra_files=files)
    assert files["notes.txt"] == b"by hand"


def test_files_of_others_are_refused() -> None:
    with pytest.raises(RuntimeError, match="no archive"):
        torch.jit.load(io.BytesIO(b"nothing"))
    file = io.BytesIO()
    torch.save(nn.Linear(2, 2).state_dict(), file)
    with pytest.raises(RuntimeError, match=r"torch\.load\(\)"):
        torch.jit.load(io.BytesIO(file.getvalue()))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:  # what torch.jit.save of PyTorch writes has these
        archive.writestr("archive/constants.pkl", b"")
        archive.writestr("archive/code/__torch__.py", b"")
    with pytest.raises(RuntimeError, match="TorchScript archives"):
        torch.jit.load(io.BytesIO(file.getvalue()))

    def changed(change):
        file = io.BytesIO()
        torch.jit.save(torch.jit.trace(lambda x: x * 2, torch.ones(2)), file)
        with zipfile.ZipFile(file) as archive:
            content = json.loads(archive.read("program.json"))
        change(content)
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr("program.json", json.dumps(content))
        return io.BytesIO(out.getvalue())

    def to_eval(content):
        content["programs"][0]["steps"][0]["op"] = "eval"

    def to_next_version(content):
        content["version"] = 2

    with pytest.raises(RuntimeError, match="wants an operation 'eval'"):
        torch.jit.load(changed(to_eval))
    with pytest.raises(RuntimeError, match="version 2"):
        torch.jit.load(changed(to_next_version))
