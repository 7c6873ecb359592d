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
    made = export(torch.jit.trace(model, x), x, input_names=["features"], output_names=["scores"]).model_proto
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
            needed = [p for p in given if p.default is p.empty]
            assert len(needed) <= len(REGISTRY[name].params) <= len(given), name
    assert "conv" in supported_operations()


def test_what_cannot_be_written_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    x = torch.randn(3, 4)
    with pytest.raises(OnnxExporterError, match="eval"):
        export(nn.Sequential(nn.Linear(4, 4), nn.Dropout()), x)
    with pytest.raises(OnnxExporterError, match="cumprod has no translation"):
        export(lambda x: x.cumprod(1), x)
    with pytest.raises(OnnxExporterError, match="writes into an input"):
        export(lambda x: x.add_(1), x)
    with pytest.raises(ValueError, match="none of the inputs"):
        export(nn.Linear(4, 4), x, dynamic_axes={"x": [0]})
    with pytest.raises(OnnxExporterError, match="sizes size that differ: max_pool is another step"):
        export(
            lambda x: F.max_pool1d(x, 3, 2, ceil_mode=True),
            torch.randn(1, 2, 6),
            dynamic_shapes=({2: "size"},),
        )
    with pytest.raises(ValueError, match="18 or later"):
        export(nn.Linear(4, 4), x, opset_version=11)
    with pytest.raises(ValueError, match="example arguments"):
        export(nn.Linear(4, 4))
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(ImportError, match=r"glasstorch\[onnx\]"):
        export(nn.Linear(4, 4), x)


def written(x: torch.Tensor, y: torch.Tensor) -> tuple:
    """Views and what they are views of, written into in turn."""
    z = x.clone()
    row = z[0]
    z += 1
    z[:, 1] = y[:, 0]
    z.T[2] *= 2
    z[1:, 3:] = 0
    z[torch.tensor([0, 2])] += 5
    return row + z, z.masked_fill_(y > 1, 0)


CASES: dict[str, tuple[Any, tuple]] = {
    "activations": (lambda x: [f(x) for f in (
        nn.SELU(), nn.CELU(0.5), nn.Mish(), nn.Hardswish(), nn.Hardsigmoid(), nn.LogSigmoid(), nn.Softsign(),
        nn.Tanhshrink(), nn.Hardshrink(), nn.Softshrink(), nn.GLU(), nn.Threshold(0.1, 2.0), nn.Softmin(1))], (3, 4)),
    "losses": (lambda x: [f(x, x.flip(0)) for f in (
        F.mse_loss, F.l1_loss, F.huber_loss, F.smooth_l1_loss, F.soft_margin_loss)] + [
        F.binary_cross_entropy(x.sigmoid(), x.flip(0).sigmoid()), F.binary_cross_entropy_with_logits(x, x.sigmoid()),
        F.cross_entropy(x, x.argmin(1), label_smoothing=0.1), F.nll_loss(x, x.argmin(1)),
        F.triplet_margin_loss(x, x.flip(0), x.roll(1)), F.kl_div(x, x.exp())], (3, 4)),
    "norms": (nn.Sequential(nn.GroupNorm(2, 4), nn.InstanceNorm2d(4, affine=True), nn.LocalResponseNorm(2),
                            nn.LayerNorm(5, elementwise_affine=False)), (2, 4, 5, 5)),
    "paddings": (nn.Sequential(
        nn.ReflectionPad2d(1), nn.ReplicationPad2d((1, 0, 2, 1)), nn.ConstantPad2d((1, -1, 0, 1), 3.0),
        nn.CircularPad2d(1), nn.Conv2d(2, 2, 3, padding="same", padding_mode="reflect")), (1, 2, 5, 5)),
    "transposed": (nn.ConvTranspose2d(4, 6, 3, 2, 1, 1, groups=2, dilation=2), (2, 4, 5, 5)),
    "volumes": (nn.Sequential(nn.Conv3d(2, 4, 2, dilation=2), nn.MaxPool3d(2), nn.ConvTranspose3d(4, 2, 2, 2),
                              nn.BatchNorm3d(2), nn.Upsample(scale_factor=2, mode="trilinear")), (1, 2, 6, 6, 6)),
    "resized": (lambda x: [F.interpolate(x, s, mode=m, **o) for s, m, o in (
        ((5, 7), "nearest", {}), ((5, 7), "bilinear", {}), ((6, 6), "bicubic", {"align_corners": True}),
        ((2, 2), "bilinear", {"antialias": True}))] + [F.adaptive_avg_pool2d(x, (2, 3)), F.adaptive_max_pool2d(x, 2),
        F.pixel_shuffle(x, 2), F.max_pool2d(x[0], 2), F.max_pool2d(x, 2, return_indices=True)], (1, 4, 4, 4)),
    "masks": (lambda x: [F.scaled_dot_product_attention(x, x, x, is_causal=True),
                         F.scaled_dot_product_attention(x, x, x, torch.ones(4, 4).tril().bool())], (2, 4, 8)),
    "places": (lambda x: (lambda i: [
        x[i], x[i, i], x[:, i], x[[0, 2]], x.gather(1, x.argsort(1)), x.scatter(1, x.argsort(1), x), x.topk(2),
        x.scatter_add(0, i[:, None].expand(3, 4), x), x.index_add(1, i, x[:, :3]), x.sort(0, descending=True),
        x.flip(0), x.roll((1, 2), (0, 1)), x.repeat(2, 3), x.split([1, 3], 1), x.unfold(1, 2, 1), x.diagonal(1),
        x.max(1), x.take(i),
        torch.einsum("ij,kj->ik", x, x), x.cumsum(1), x.norm(dim=1), x.var(1), x.prod(0), x.argmax(),
    ])(torch.tensor([2, 0, 1])), (3, 4)),
    "integers": (lambda x: (lambda i: [
        i // 2, i % 3, -7 // (i.abs() + 1), i & 1, ~(i > 0), (i > 0) & (i < 2), i / 2])((x * 5).long()), (3, 4)),
    "types": (lambda x: [
        (x.double().sin() @ x.double().T).softmax(-1), x.int(), x.bool(), x.half() * 2, x + x.double()], (3, 4)),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_what_is_translated_computes_the_same(name: str) -> None:
    torch.manual_seed(0)
    model, shape = CASES[name]
    same(model.eval() if isinstance(model, nn.Module) else model, torch.randn(shape))


def test_writes_become_new_values() -> None:
    torch.manual_seed(0)
    same(written, torch.randn(3, 4), torch.randn(3, 4))


SIZED = {
    "mlp": (lambda: nn.Sequential(nn.Linear(4, 3), nn.Softmax(-1)), (1, 4), {0: "batch"}, (5, 4)),
    "cnn": (MODELS["cnn"][0], (2, 1, 8, 8), {0: "batch"}, (3, 1, 8, 8)),
    "lstm": (lambda: nn.LSTM(4, 5, batch_first=True), (2, 3, 4), {0: "batch"}, (5, 3, 4)),
    "transformer": (lambda: nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), (2, 4, 8), {0: "batch", 1: "time"},
                    (3, 7, 8)),
    "means": (lambda: lambda x: (x.mean(0), x.var(0), x * x.shape[0]), (2, 4), {0: "batch"}, (5, 4)),
}  # fmt: skip


@pytest.mark.parametrize("name", SIZED)
def test_sizes_may_differ(name: str) -> None:
    make, shape, marks, other = SIZED[name]
    torch.manual_seed(0)
    model = make()
    model = model.eval() if isinstance(model, nn.Module) else model
    made = export(model, torch.randn(shape), input_names=["x"], dynamic_axes={"x": marks})
    dims = made.model_proto.graph.input[0].type.tensor_type.shape.dim
    assert [dims[k].dim_param for k in marks] == list(marks.values())
    for size in (shape, other):
        x = torch.randn(size)
        with torch.no_grad():
            expected = [t for t in tree_leaves(model(x)) if isinstance(t, torch.Tensor)]
        for g, e in zip(made(x), expected, strict=True):
            np.testing.assert_allclose(g.numpy(), e.numpy(), rtol=1e-4, atol=1e-5)


def test_ways_to_mark_sizes_and_to_leave_parameters_out() -> None:
    def f(x, more):
        return x + more[0].sum(0) + more[1]

    x, y = torch.randn(2, 3), torch.randn(4, 3)
    made = export(f, (x, [y, y[0]]), dynamic_shapes={"x": {0: "n"}, "more": [{0: "m"}, None]})
    assert torch.allclose(made(x[:1], y[:2], y[0])[0], f(x[:1], [y[:2], y[0]]))
    assert [d.dim_param for d in made.model_proto.graph.output[0].type.tensor_type.shape.dim] == ["n", ""]
    bare = export(nn.Linear(3, 2), x, export_params=False).model_proto
    assert [i.name for i in bare.graph.input] == ["input_0", "weight", "bias"]
    assert "nodes, input_0" in repr(made)
