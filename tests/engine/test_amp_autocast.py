"""autocast against PyTorch: which type each operation runs in, gradients, nesting, the copies of parameters."""

from __future__ import annotations

import re
import threading
import warnings
from pathlib import Path

import glasstorch
import numpy as np
import pytest
from glasstorch.amp import autocast_mode, policies
from glasstorch.core.mode import STATE
from support import standin
from support.differential import raises_alike, to_numpy

torch = pytest.importorskip("torch")

CALLS = {
    "matmul": lambda E, a, b, v: a @ a,
    "matmul of a batch": lambda E, a, b, v: b @ a,
    "of vectors": lambda E, a, b, v: v @ v,
    "matrix and vector": lambda E, a, b, v: a @ v,
    "mv": lambda E, a, b, v: E.mv(a, v),
    "dot": lambda E, a, b, v: E.dot(v, v),
    "mm": lambda E, a, b, v: a.mm(a),
    "bmm": lambda E, a, b, v: E.bmm(b, b),
    "addmm": lambda E, a, b, v: E.addmm(a, a, a),
    "addbmm": lambda E, a, b, v: E.addbmm(a, b, b),
    "baddbmm": lambda E, a, b, v: E.baddbmm(b, b, b),
    "addmv": lambda E, a, b, v: E.addmv(v, a, v),
    "outer": lambda E, a, b, v: E.outer(v, v),
    "add": lambda E, a, b, v: a + a,
    "einsum": lambda E, a, b, v: E.einsum("ij,jk", a, a),
    "einsum of one": lambda E, a, b, v: E.einsum("ij->ji", a),
    "tensordot": lambda E, a, b, v: E.tensordot(a, a, 1),
    "tensordot to one number": lambda E, a, b, v: E.tensordot(a[:, :1], a[:1], ([0], [1])),
    "inner": lambda E, a, b, v: E.inner(v, v),
    "tensordot over all": lambda E, a, b, v: E.tensordot(a, a, 2),
    "vecdot": lambda E, a, b, v: E.linalg.vecdot(a, a),
    "multi_dot": lambda E, a, b, v: E.linalg.multi_dot([a, a, a]),
    "linear": lambda E, a, b, v: E.nn.functional.linear(a, a, v),
    "conv": lambda E, a, b, v: E.nn.Conv1d(2, 3, 1)(b),
    "conv_transpose": lambda E, a, b, v: E.nn.ConvTranspose1d(2, 3, 1)(b),
    "prelu": lambda E, a, b, v: E.nn.PReLU()(a),
    "softmax": lambda E, a, b, v: a.softmax(-1),
    "softmax of a product": lambda E, a, b, v: (a @ a).softmax(-1),
    "exp": lambda E, a, b, v: (a @ a).exp(),
    "sum": lambda E, a, b, v: (a @ a).sum(),
    "prod": lambda E, a, b, v: (a @ a).prod(),
    "layer_norm": lambda E, a, b, v: E.nn.functional.layer_norm(a @ a, (2,)),
    "trace": lambda E, a, b, v: (a @ a).trace(),
    "mse": lambda E, a, b, v: E.nn.functional.mse_loss(a @ a, a),
    "l1": lambda E, a, b, v: E.nn.L1Loss()(a @ a, a @ a),
    "cross_entropy": lambda E, a, b, v: E.nn.functional.cross_entropy(a @ a, E.tensor([0, 1])),
    "huber": lambda E, a, b, v: E.nn.functional.huber_loss(a @ a, a),
    "kl_div": lambda E, a, b, v: E.nn.functional.kl_div(a @ a, a),
    "bce": lambda E, a, b, v: E.nn.functional.binary_cross_entropy((a @ a).sigmoid(), a.clamp(0, 1)),
    "bce with logits": lambda E, a, b, v: E.nn.functional.binary_cross_entropy_with_logits(a @ a, a),
    "cdist": lambda E, a, b, v: E.cdist(a @ a, a @ a),
    "inverse": lambda E, a, b, v: E.linalg.inv(a @ a),
    "svd": lambda E, a, b, v: E.svd(a @ a)[1],
    "method": lambda E, a, b, v: (a @ a).inverse(),
    "qr": lambda E, a, b, v: E.linalg.qr(a @ a)[0],
    "fft": lambda E, a, b, v: E.fft.fft(a @ a),
    "max_pool3d": lambda E, a, b, v: E.nn.functional.max_pool3d((b @ b)[None, None], 2),
    "quantile": lambda E, a, b, v: (a @ a).quantile(0.5),
    "cat": lambda E, a, b, v: E.cat([a @ a, a]),
    "cat of lower": lambda E, a, b, v: E.cat([a @ a, a @ a]),
    "stack": lambda E, a, b, v: E.stack([a, a @ a]),
    "float64 stays": lambda E, a, b, v: a.double() @ a.double(),
    "ints stay": lambda E, a, b, v: a.long() @ a.long(),
    "reflect": lambda E, a, b, v: E.nn.functional.pad(b @ b, (1, 1), mode="reflect"),
    "replicate": lambda E, a, b, v: E.nn.functional.pad(b @ b, (1, 1), mode="replicate"),
    "circular": lambda E, a, b, v: E.nn.functional.pad(b @ b, (1, 1), mode="circular"),
    "constant": lambda E, a, b, v: E.nn.functional.pad(b @ b, (1, 1)),
    "attention": lambda E, a, b, v: E.nn.functional.scaled_dot_product_attention(b, b, b),
    "mha": lambda E, a, b, v: E.nn.MultiheadAttention(2, 1)(b, b, b)[0],
    "lstm": lambda E, a, b, v: E.nn.LSTM(2, 3)(b)[0],
    "gru": lambda E, a, b, v: E.nn.GRU(2, 3)(b)[0],
    "lstm cell": lambda E, a, b, v: E.nn.LSTMCell(2, 3)(a)[1],
    "bilinear": lambda E, a, b, v: E.nn.functional.bilinear(a, a, b),
    "matrix_exp": lambda E, a, b, v: E.matrix_exp(a),
    "batch norm": lambda E, a, b, v: E.nn.BatchNorm1d(2)(a @ a),
    "embedding": lambda E, a, b, v: E.nn.Embedding(2, 2)(E.tensor([1])),
    "det": lambda E, a, b, v: E.linalg.det(a),
    "transformer": lambda E, a, b, v: E.nn.TransformerEncoderLayer(2, 1, 4)(b),
    "dtype asked for": lambda E, a, b, v: (a @ a).sum(dtype=E.float64),
    "index_copy": lambda E, a, b, v: a.index_copy(0, E.tensor([0, 1]), a @ a),
}


@pytest.mark.parametrize("lower", ["bfloat16", "float16"])
@pytest.mark.parametrize("name", CALLS)
def test_types_on_the_cpu(name: str, lower: str) -> None:
    if (name, lower) == ("lstm", "float16"):
        pytest.skip("PyTorch's own kernel fails")

    def result(E):
        a = E.tensor([[2.0, 1.0], [0.5, 3.0]])
        with E.autocast("cpu", dtype=getattr(E, lower)), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return str(CALLS[name](E, a, E.stack([a, a]), a[0]).dtype)

    assert result(glasstorch) == result(torch)


def test_cpu_list_is_pytorchs() -> None:
    """Every function that PyTorch's dispatcher casts on the CPU and that exists here has a policy."""
    known = set(policies.CPU) | {"pad", "sdpa"}
    spelled = {
        "grid_sampler": "grid_sample",
        "grid_sampler_2d": "grid_sample",
        "grid_sampler_3d": "grid_sample",
        "cross_entropy_loss": "cross_entropy",
        "nll_loss2d": "nll_loss",
    }
    missing = []
    for full in torch._C._dispatch_get_all_op_names():
        if not torch._C._dispatch_has_kernel_for_dispatch_key(full, "AutocastCPU"):
            continue
        name = full.removeprefix("aten::").partition(".")[0]
        name = spelled.get(name, re.sub(r"^(linalg|fft)_", r"\1.", name))
        space, _, last = name.rpartition(".")
        homes = [getattr(glasstorch, space)] if space else [glasstorch, glasstorch.nn.functional]
        if any(hasattr(h, last) for h in homes) and name not in known:
            missing.append(name)
    assert missing == []


def test_cuda_lists_are_pytorchs() -> None:
    header = Path(torch.__file__).parent / "include" / "ATen" / "autocast_mode.h"
    text = header.read_text()
    lists = {
        "LOWER_PRECISION_FP": policies.LOWER,
        "FP32": policies.FLOAT32,
        "FP32_SET_OPT_DTYPE": policies.FLOAT32_OR_DTYPE,
        "PROMOTE": policies.WIDEST,
    }
    spelled = {"grid_sampler": "grid_sample", "nll_loss2d": "nll_loss"}
    checked = 0
    for macro, policy in lists.items():
        body = re.search(rf"#define AT_FORALL_{macro}\(_\)(.*?)\n\n", text, re.S)
        for name in re.findall(r"_\((\w+)[,)]", body[1]):
            name = spelled.get(name, re.sub(r"^linalg_", "linalg.", name))
            space, _, last = name.rpartition(".")
            homes = [getattr(glasstorch, space)] if space else [glasstorch, glasstorch.nn.functional]
            if name.startswith(("_", "upsample_")) or not any(hasattr(h, last) for h in homes):
                continue
            assert policies.CUDA.get(name) == policy, name
            checked += 1
    assert checked > 90


def test_cuda_policies_do_as_they_say(monkeypatch) -> None:
    """CUDA's lists, applied to tensors on the CPU."""
    monkeypatch.setitem(autocast_mode.POLICY, "cpu", autocast_mode.POLICY["cuda"])
    F = glasstorch.nn.functional
    x = glasstorch.tensor([[0.5, 0.25]])
    half = x.half()
    with glasstorch.autocast("cpu", dtype=glasstorch.float16):
        float32 = [
            half.exp(),
            half.softmax(-1),
            half.sum(),
            half.cumsum(1),
            F.layer_norm(half, (2,)),
            F.softplus(half),
            half**2,
            F.mse_loss(half, half),
            half.norm(),
            F.cosine_similarity(half, half),
            half.prod(),
            F.gelu(x),
            half.log(),
            glasstorch.addcmul(half, half, x),
            glasstorch.atan2(half, x),
            F.normalize(half)[0].norm(),
            half.logsumexp(1),
        ]
        float16 = [
            x.mv(x[0]),
            F.linear(x, x),
            x @ x.T,
            glasstorch.atan2(half, half),
            F.gelu(half),
            glasstorch.addmv(x[0, :1], x, x[0]),
            glasstorch.einsum("ij,kj->ik", x, x),
            F.relu(half),
            half + half,
        ]
        with pytest.raises(RuntimeError, match="unsafe to autocast"):
            F.binary_cross_entropy(half, half)
    assert {str(t.dtype) for t in float32} == {"torch.float32"}
    assert {str(t.dtype) for t in float16} == {"torch.float16"}


def test_devices_have_their_own_autocast() -> None:
    F = glasstorch.nn.functional
    with standin.installed():
        x, here = glasstorch.ones(2, 2).cuda(), glasstorch.ones(2, 2)
        layer = glasstorch.nn.Linear(2, 3).cuda()
        with glasstorch.autocast("cuda"):
            y = layer(x)
            lower = [y, x @ x, y + y, F.relu(y)]
            float32 = [
                y.softmax(-1),
                F.mse_loss(y, y),
                y.sum(),
                y.exp(),
                F.layer_norm(y, (3,)),
                glasstorch.cat([y, y.float()]),
            ]
            float32 += [here @ here, here.mm(here)]
            y.sum().backward()
            with glasstorch.autocast("cpu"):
                assert str((here @ here).dtype) == "torch.bfloat16"
                assert str((x @ x).dtype) == "torch.float16"
        assert {str(t.dtype) for t in lower} == {"torch.float16"}
        assert {str(t.dtype) for t in float32} == {"torch.float32"}
        assert layer.weight.grad.dtype is glasstorch.float32


def test_training_matches() -> None:
    rng = np.random.default_rng(0)
    first, second = rng.normal(size=(8, 4)).astype("f"), rng.normal(size=(3, 8)).astype("f")
    x = rng.normal(size=(16, 4)).astype("f")

    def run(E):
        a, b = (E.nn.Parameter(E.tensor(w)) for w in (first, second))
        opt = E.optim.SGD([a, b], lr=0.1)
        losses = []
        for _ in range(3):
            with E.autocast("cpu"):
                h = E.nn.functional.gelu(E.nn.functional.linear(E.tensor(x), a))
                loss = E.nn.functional.cross_entropy(E.nn.functional.linear(h, b), E.arange(16) % 3)
            opt.zero_grad()
            loss.backward()
            assert a.grad.dtype == E.float32
            opt.step()
            losses.append(float(loss))
        return losses, to_numpy(a), to_numpy(b)

    for ours, theirs in zip(run(glasstorch), run(torch), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=2e-2, atol=2e-2)


def test_copies_of_parameters() -> None:
    w = glasstorch.nn.Parameter(glasstorch.ones(2, 2))
    x = glasstorch.ones(1, 2)
    linear = glasstorch.nn.functional.linear
    with glasstorch.autocast("cpu"):
        with glasstorch.no_grad():
            linear(x, w)  # a copy without history must not be used later
        for _ in range(2):
            y = linear(x, w)
            assert len(autocast_mode.LOCAL.weights) == 1
        with glasstorch.no_grad():
            w.add_(1)
        assert linear(x, w).tolist() == y.tolist()  # the copy is kept until autocast ends, as in PyTorch
        y.sum().backward()
    assert w.grad.tolist() == [[1, 1], [1, 1]]
    assert not autocast_mode.LOCAL.weights
    with glasstorch.autocast("cpu", cache_enabled=False):
        linear(x, w)
        assert not autocast_mode.LOCAL.weights
        assert not glasstorch.is_autocast_cache_enabled()
    assert glasstorch.is_autocast_cache_enabled()


def test_regions() -> None:
    def facts(E):
        a, seen = E.ones(2, 2), []

        def look():
            seen.append((E.is_autocast_enabled("cpu"), str(E.get_autocast_dtype("cpu")), str((a @ a).dtype)))

        look()
        outer = E.autocast("cpu")
        with outer:
            look()
            with E.autocast("cpu", enabled=False):
                look()
                with E.autocast("cpu", dtype=E.float16):
                    look()
            look()
        with pytest.raises(KeyError), outer:
            raise KeyError
        look()

        @E.autocast("cpu", dtype=E.float16)
        def inside():
            look()

        inside()
        E.set_autocast_enabled("cpu", True)
        E.set_autocast_dtype("cpu", E.float16)
        look()
        E.set_autocast_enabled("cpu", False)
        E.set_autocast_dtype("cpu", E.bfloat16)
        look()
        with E.autocast("cpu"):
            thread = threading.Thread(target=look)  # the state is the thread's own
            thread.start()
            thread.join()
        seen += [
            E.is_autocast_enabled(),
            E.is_autocast_enabled("cuda"),
            str(E.get_autocast_dtype("cuda")),
            E.amp.is_autocast_available("cpu"),
        ]
        return seen

    assert facts(glasstorch) == facts(torch)
    assert not STATE.special


@pytest.mark.parametrize("reentrant", [False, True])
def test_checkpoints_and_penalties(reentrant: bool) -> None:
    def gradients(E):
        from importlib import import_module

        checkpoint = import_module(E.__name__ + ".utils.checkpoint").checkpoint
        w = E.nn.Parameter(E.tensor([[0.5, -1.0, 2.0]]))
        x = E.ones(4, 3, requires_grad=True)
        seen = []

        def part(z):
            seen.append((E.is_autocast_enabled("cpu"), str(E.get_autocast_dtype("cpu"))))
            return E.nn.functional.linear(z, w).relu()

        with E.autocast("cpu", dtype=E.float16):
            y = checkpoint(part, x, use_reentrant=reentrant)
            (g,) = E.autograd.grad(E.nn.functional.linear(x, w).sum(), x, create_graph=True)
            penalty = (g.norm() - 1) ** 2
        (
            y.float().sum() + penalty
        ).backward()  # the second run is cast as the first, outside of the region too
        return seen, str(y.dtype), str(w.grad.dtype), w.grad.tolist(), E.is_autocast_enabled("cpu")

    ours, theirs = gradients(glasstorch), gradients(torch)
    assert ours[:3] == theirs[:3]
    np.testing.assert_allclose(ours[3], theirs[3], rtol=1e-3)
    assert ours[4] is theirs[4] is False


def test_in_place_and_out_keep_their_type() -> None:
    def facts(E):
        a, out = E.ones(2, 2), E.zeros(2, 2)
        with E.autocast("cpu"):
            a.addmm_(out + 1, out + 1)
            E.mm(a, a, out=out)
        return a.tolist(), str(a.dtype), out.tolist(), str(out.dtype)

    assert facts(glasstorch) == facts(torch)


def test_refusals_and_warnings() -> None:
    def mixed(E):
        with E.autocast("cpu"):
            E.cat([E.ones(2).half(), E.ones(2)])

    raises_alike(mixed, "Unexpected floating ScalarType in at::autocast::prioritize")
    raises_alike(lambda E: E.autocast(3), "Expected `device_type` of type `str`")
    raises_alike(lambda E: E.autocast("nowhere"), "device type at start of device string")
    raises_alike(lambda E: E.autocast("cpu")(3), "autocast()(func) requires a callable, but got int")
    raises_alike(lambda E: E.amp.custom_fwd(device_type=3), "Expected `device_type` of type `str`")
    if torch.cuda.is_available() or glasstorch.cuda.is_available():
        return
    for make in (
        lambda E: E.autocast("cuda"),
        lambda E: E.autocast("cpu", dtype=E.float32),
        lambda E: E.cuda.amp.autocast(),
        lambda E: E.cpu.amp.autocast(),
        lambda E: E.cuda.amp.GradScaler(),
        lambda E: E.cuda.amp.custom_bwd(lambda c, g: g),
        lambda E: E.cuda.amp.custom_fwd(lambda c, g: g),
        lambda E: E.cpu.amp.GradScaler(),
        lambda E: E.amp.GradScaler(),
    ):
        said = []
        for E in (torch, glasstorch):
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                make(E)
            said.append([(w.category, str(w.message)) for w in caught])
        assert said[0] == said[1] != []


@pytest.mark.parametrize("cast", [None, "float32"])
def test_custom_functions(cast: str | None) -> None:
    def facts(E):
        seen = []

        class Product(E.autograd.Function):
            @staticmethod
            @E.amp.custom_fwd(device_type="cpu", cast_inputs=cast and getattr(E, cast))
            def forward(ctx, x, w):
                ctx.save_for_backward(x, w)
                y = x @ w
                seen.append((str(x.dtype), str(y.dtype), E.is_autocast_enabled("cpu")))
                return y

            @staticmethod
            @E.amp.custom_bwd(device_type="cpu")
            def backward(ctx, g):
                x, w = ctx.saved_tensors
                seen.append((str(g.dtype), str((x @ w).dtype), E.is_autocast_enabled("cpu")))
                return g.to(w.dtype) @ w.t(), x.t() @ g.to(x.dtype)

        x, w = (E.ones(2, 2, requires_grad=True) for _ in range(2))
        with E.autocast("cpu"):
            y = Product.apply(x @ x, w)
        y.float().sum().backward()
        Product.apply(x, w).sum().backward()
        return seen, str(x.grad.dtype), x.grad.tolist()

    assert facts(glasstorch) == facts(torch)
