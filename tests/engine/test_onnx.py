"""Models written as ONNX: ONNX Runtime computes the same outputs, and what cannot be written is said."""

from __future__ import annotations

import inspect
import io
import sys
from typing import Any

import glasstorch as torch
import numpy as np
import pytest
from glasstorch import nn
from glasstorch.core.op import REGISTRY
from glasstorch.core.tree import tree_leaves
from glasstorch.nn import functional as F
from glasstorch.onnx import OnnxExporterError, export, supported_operations
from glasstorch.onnx.operators import TRANSLATIONS

pytestmark = pytest.mark.cpu
pytest.importorskip("onnx")
runtime = pytest.importorskip("onnxruntime")


def run(model: Any, inputs: tuple, **options: Any) -> list[np.ndarray]:
    """What ONNX Runtime computes from the exported model."""
    file = io.BytesIO()
    export(model, inputs, file, **options)
    settings = runtime.SessionOptions()
    settings.log_severity_level = 3
    settings.intra_op_num_threads = 1
    session = runtime.InferenceSession(file.getvalue(), settings, providers=["CPUExecutionProvider"])
    given = {i.name: x.detach().numpy() for i, x in zip(session.get_inputs(), inputs, strict=True)}
    return session.run(None, given)


def same(model: Any, *inputs: torch.Tensor) -> None:
    got = run(model, inputs)
    with torch.no_grad():
        expected = [t for t in tree_leaves(model(*inputs)) if isinstance(t, torch.Tensor)]
    assert len(got) == len(expected)
    for g, e in zip(got, expected, strict=True):
        assert g.dtype == e.numpy().dtype
        np.testing.assert_allclose(g, e.numpy(), rtol=1e-4, atol=1e-5)


class LanguageModel(nn.Module):
    """One block with a causal mask over characters."""

    def __init__(self, activation: str) -> None:
        super().__init__()
        self.embedding = nn.Embedding(20, 16)
        self.block = nn.TransformerEncoderLayer(16, 2, 32, batch_first=True, activation=activation)
        self.head = nn.Linear(16, 20)

    def forward(self, letters: torch.Tensor) -> torch.Tensor:
        size = letters.shape[1]
        mask = torch.triu(torch.full((size, size), float("-inf")), 1)
        return self.head(self.block(self.embedding(letters), src_mask=mask))


class Residual(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv, self.norm = nn.Conv2d(4, 4, 3, padding=1, groups=2), nn.BatchNorm2d(4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.relu(self.norm(self.conv(x)) + x, inplace=True)


MODELS = {
    "mlp": (lambda: nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3), nn.Softmax(-1)), (2, 4)),
    "cnn": (lambda: nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(), nn.Flatten(),
                                  nn.Linear(64, 3)), (2, 1, 8, 8)),
    "residual": (lambda: nn.Sequential(Residual(), nn.MaxPool2d(2, ceil_mode=True), nn.AvgPool2d(3, 1, 1),
                                       nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.LogSoftmax(1)), (2, 4, 7, 7)),
    "lstm": (lambda: nn.LSTM(4, 6, 2, batch_first=True, bidirectional=True), (2, 5, 4)),
    "gru": (lambda: nn.GRU(4, 6), (5, 2, 4)),
    "activations": (lambda: nn.Sequential(nn.GELU(), nn.SiLU(), nn.ELU(), nn.LeakyReLU(), nn.Softplus(),
                                          nn.Softplus(2.0), nn.Hardtanh(), nn.GELU("tanh"), nn.ReLU6(),
                                          nn.LayerNorm(4)), (3, 4)),
}  # fmt: skip


@pytest.mark.parametrize("name", MODELS)
def test_onnx_runtime_computes_the_same(name: str) -> None:
    make, shape = MODELS[name]
    torch.manual_seed(0)
    same(make().eval(), torch.randn(shape))


@pytest.mark.parametrize("activation", ["relu", "gelu"])
def test_a_transformer_with_a_causal_mask(activation: str) -> None:
    torch.manual_seed(0)
    same(LanguageModel(activation).eval(), torch.randint(0, 20, (2, 6)))


def functions(x: torch.Tensor, y: torch.Tensor) -> tuple:
    kept = x.clone()
    kept += 1
    kept.mul_(2)
    return (
        torch.where(x > 0, x * 2 - y, y.clamp(-1, 1)).sum(1, keepdim=True), x.mean(), (x**2).rsqrt(), x[1:, ::2], x[0],
        x[None, ..., 1], torch.cat([x, y], 1), torch.stack([x, y]), x.double().exp(), x.unbind(1)[2], kept, x @ y.T,
        x.logsumexp(1), x.argmax(1), x.masked_fill(y > 0, -3.0), x.round(), x.squeeze(), y.expand(2, 3, 4), x.flatten(),
        x.index_select(1, torch.tensor([2, 0])), torch.addmm(x[:, :3], x, y.T, alpha=2), x.tril(), 3 - x, x.amax(0),
    )  # fmt: skip


def test_single_operations() -> None:
    torch.manual_seed(0)
    same(functions, torch.randn(3, 4), torch.randn(3, 4))


def test_names_and_a_traced_module() -> None:
    model = nn.Linear(4, 2)
    x = torch.randn(3, 4)
    made = export(torch.jit.trace(model, x), x, input_names=["features"], output_names=["scores"])
    assert [i.name for i in made.graph.input] == ["features"]
    assert [o.name for o in made.graph.output] == ["scores"]
    assert {i.name for i in made.graph.initializer} == {"weight", "bias"}
    assert made.graph.node[0].doc_string == "linear"


def test_every_translation_takes_what_its_operation_takes() -> None:
    for name, translation in TRANSLATIONS.items():
        given = [
            p
            for p in list(inspect.signature(translation).parameters.values())[1:]
            if p.kind is not p.KEYWORD_ONLY
        ]
        if not any(p.kind is p.VAR_POSITIONAL for p in given):
            assert len(given) == len(REGISTRY[name].params), name
    assert "conv" in supported_operations()


def test_what_cannot_be_written_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    x = torch.randn(3, 4)
    with pytest.raises(OnnxExporterError, match="eval"):
        export(nn.Sequential(nn.Linear(4, 4), nn.Dropout()), x)
    with pytest.raises(OnnxExporterError, match="cumsum has no translation"):
        export(lambda x: x.cumsum(1), x)
    with pytest.raises(OnnxExporterError, match="use a view"):
        export(lambda x: _write_below_a_view(x.clone()), x)
    with pytest.raises(ValueError, match="constant shapes"):
        export(nn.Linear(4, 4), x, dynamic_axes={"x": [0]})
    with pytest.raises(ValueError, match="18 or later"):
        export(nn.Linear(4, 4), x, opset_version=11)
    with pytest.raises(ValueError, match="example arguments"):
        export(nn.Linear(4, 4))
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(ImportError, match=r"glasstorch\[onnx\]"):
        export(nn.Linear(4, 4), x)


def _write_below_a_view(x: torch.Tensor) -> torch.Tensor:
    row = x[0]
    x += 1
    return row + x
