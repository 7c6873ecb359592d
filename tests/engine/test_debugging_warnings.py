"""Warnings of layers, losses, optimizers and data against PyTorch's: the same words, and silence where it is silent.

Each of ours names the line of the program, not one of the engine; PyTorch's own sometimes name a line of PyTorch.
"""

# ruff: noqa: RUF005  (what these programs do is done for the warning it gives)
from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import glasstorch
import pytest
from support.differential import torch
from support.warned import given, silent_alike, warns_alike


def params(E: Any) -> list[Any]:
    return [E.nn.Parameter(E.ones(2))]


def sched_first(E: Any) -> None:
    o = E.optim.SGD(params(E), lr=0.1)
    s = E.optim.lr_scheduler.StepLR(o, 1)
    s.step()
    o.step()


def sched_epoch(E: Any) -> None:
    o = E.optim.SGD(params(E), lr=0.1)
    s = E.optim.lr_scheduler.StepLR(o, 1)
    o.step()
    s.step(3)


def sched_get_lr(E: Any) -> None:
    o = E.optim.SGD(params(E), lr=0.1)
    s = E.optim.lr_scheduler.StepLR(o, 1)
    o.step()
    s.get_lr()


def plateau_epoch(E: Any) -> None:
    o = E.optim.SGD(params(E), lr=0.1)
    s = E.optim.lr_scheduler.ReduceLROnPlateau(o)
    s.step(1.0, epoch=2)


def onecycle_no_momentum(E: Any) -> None:
    o = E.optim.SGD(params(E), lr=0.1, momentum=0.9)
    s = E.optim.lr_scheduler.OneCycleLR(o, 0.1, total_steps=10)
    s.step()


def overridden_step(E: Any) -> None:
    o = E.optim.SGD(params(E), lr=0.1)
    s = E.optim.lr_scheduler.StepLR(o, 1)
    o.step = lambda: None
    s.step()


def save_seq(E: Any) -> None:
    o = E.optim.SGD(params(E), lr=0.1)
    s = E.optim.lr_scheduler.StepLR(o, 1)
    s.last_epoch = 5
    s.step()


def old_bw_hook(E: Any) -> None:
    m = E.nn.Sequential(E.nn.Linear(2, 2), E.nn.ReLU())
    m.register_backward_hook(lambda *a: None)
    m(E.ones(1, 2)).sum().backward()


def full_bw_hook_noinput(E: Any) -> None:
    m = E.nn.Linear(2, 2)
    m.register_full_backward_hook(lambda *a: None)
    m(E.ones(1, 2)).sum().backward()


def mha_mask(E: Any) -> None:
    m = E.nn.MultiheadAttention(4, 2)
    x = E.ones(3, 1, 4)
    m(x, x, x, attn_mask=E.zeros(3, 3), key_padding_mask=E.zeros(1, 3, dtype=E.bool))


def mha_bool_float(E: Any) -> None:
    m = E.nn.MultiheadAttention(4, 2, batch_first=True).eval()
    x = E.ones(1, 3, 4)
    m(x, x, x, attn_mask=E.zeros(3, 3), key_padding_mask=E.zeros(1, 3, dtype=E.bool))


def checkpoint_default(E: Any) -> None:
    cp = E.utils.checkpoint
    cp.checkpoint(lambda x: x * 2, E.ones(2, requires_grad=True))


def checkpoint_noinput(E: Any) -> None:
    cp = E.utils.checkpoint
    cp.checkpoint(lambda x: x * 2, E.ones(2), use_reentrant=True)


def checkpoint_seq(E: Any) -> None:
    cp = E.utils.checkpoint
    cp.checkpoint_sequential(
        E.nn.Sequential(E.nn.Linear(2, 2), E.nn.ReLU()), 1, E.ones(2, 2, requires_grad=True)
    )


def scaler_order(E: Any) -> None:
    o = E.optim.SGD(params(E), lr=0.1)
    s = E.optim.lr_scheduler.StepLR(o, 1)
    g = E.amp.GradScaler("cpu")
    o.param_groups[0]["params"][0].grad = E.ones(2)
    g.scale(E.ones(1, requires_grad=True)).sum().backward()
    s.step()
    g.step(o)
    g.update()


def autocast_old(E: Any) -> None:
    with E.cuda.amp.autocast():
        pass


def autocast_cpu_old(E: Any) -> None:
    with E.cpu.amp.autocast():
        pass


def autocast_dtype(E: Any) -> None:
    with E.autocast("cpu", dtype=E.float32):
        pass


def opt_duplicate(E: Any) -> None:
    p = params(E)[0]
    E.optim.SGD([p, p], lr=0.1)


def cyclic(E: Any) -> None:
    o = E.optim.SGD(params(E), lr=0.1, momentum=0.9)
    E.optim.lr_scheduler.CyclicLR(o, 0.01, 0.1, scale_mode="x", scale_fn=lambda x: 1.0)


def clip_nonfinite(E: Any) -> None:
    p = params(E)[0]
    p.grad = E.tensor([float("nan"), 1.0])
    E.nn.utils.clip_grad_norm_([p], 1.0)


def swa(E: Any) -> None:
    m = E.nn.Linear(2, 2)
    E.optim.swa_utils.AveragedModel(m)
    o = E.optim.SGD(m.parameters(), lr=0.1)
    E.optim.swa_utils.SWALR(o, 0.1, anneal_strategy="linear")


def cosine_warm(E: Any) -> None:
    o = E.optim.SGD(params(E), lr=0.1)
    s = E.optim.lr_scheduler.CosineAnnealingWarmRestarts(o, 2)
    o.step()
    s.step(0.5)


def rnn_flatten(E: Any) -> None:
    m = E.nn.LSTM(2, 2)
    m.weight_hh_l0.data = m.weight_hh_l0.data.clone()
    m(E.ones(1, 1, 2))


def double_param_group(E: Any) -> None:
    p = params(E)[0]
    o = E.optim.SGD([p], lr=0.1)
    o.add_param_group({"params": params(E)})


def save_sched_lambda(E: Any) -> None:
    o = E.optim.SGD(params(E), lr=0.1)
    s = E.optim.lr_scheduler.LambdaLR(o, lambda e: 1.0)
    s.state_dict()
    s.load_state_dict(s.state_dict())


def copy_params_grad(E: Any) -> None:
    import copy

    m = E.nn.Linear(2, 2)
    copy.deepcopy(m)


def full_bw_hook_nograd_out(E: Any) -> None:
    m = E.nn.Linear(2, 2)
    m.register_full_backward_hook(lambda *a: None)
    with E.no_grad():
        m(E.ones(1, 2))


WARNS: dict[str, Callable] = {
    "mse size": lambda E: E.nn.functional.mse_loss(E.ones(3, 1), E.ones(3)),
    "mse module": lambda E: E.nn.MSELoss()(E.ones(3, 1), E.ones(3)),
    "l1 size": lambda E: E.nn.functional.l1_loss(E.ones(3, 1), E.ones(3)),
    "smooth size": lambda E: E.nn.functional.smooth_l1_loss(E.ones(3, 1), E.ones(3)),
    "huber size": lambda E: E.nn.HuberLoss()(E.ones(3, 1), E.ones(3)),
    "softmax dim": lambda E: E.nn.functional.softmax(E.ones(2, 3)),
    "softmax module": lambda E: E.nn.Softmax()(E.ones(2, 3)),
    "log softmax dim": lambda E: E.nn.functional.log_softmax(E.ones(2, 3)),
    "log softmax module": lambda E: E.nn.LogSoftmax()(E.ones(2, 3)),
    "softmin dim": lambda E: E.nn.functional.softmin(E.ones(2, 3)),
    "gumbel eps": lambda E: E.nn.functional.gumbel_softmax(E.ones(2, 3), eps=1e-05),
    "size average": lambda E: E.nn.functional.mse_loss(E.ones(3), E.ones(3), size_average=False),
    "size average module": lambda E: E.nn.MSELoss(size_average=True),
    "reduce module": lambda E: E.nn.CrossEntropyLoss(reduce=False),
    "transformer nested": lambda E: E.nn.TransformerEncoder(E.nn.TransformerEncoderLayer(4, 2), 1),
    "transformer nested odd": lambda E: E.nn.TransformerEncoder(
        E.nn.TransformerEncoderLayer(3, 3, batch_first=True), 1
    ),
    "transformer norm first": lambda E: E.nn.TransformerEncoder(
        E.nn.TransformerEncoderLayer(4, 2, batch_first=True, norm_first=True), 1
    ),
    "many workers": lambda E: E.utils.data.DataLoader(range(4), num_workers=64),
    "random split frac": lambda E: E.utils.data.random_split(
        E.utils.data.TensorDataset(E.ones(3)), [0.1, 0.1, 0.8]
    ),
    "clip old": lambda E: E.nn.utils.clip_grad_norm(params(E), 1.0),
    "clip empty gen": lambda E: E.nn.utils.clip_grad_norm_((p for p in []), 1.0),
    "dropout2d 2d": lambda E: E.nn.functional.dropout2d(E.ones(2, 3)),
    "dropout2d 3d": lambda E: E.nn.functional.dropout2d(E.ones(2, 3, 4)),
    "dropout2d module": lambda E: E.nn.Dropout2d()(E.ones(2, 3, 4)),
    "upsample": lambda E: E.nn.functional.upsample(E.ones(1, 1, 2, 2), scale_factor=2),
    "upsample nearest": lambda E: E.nn.functional.upsample_nearest(E.ones(1, 1, 2, 2), scale_factor=2),
    "upsample bilinear": lambda E: E.nn.functional.upsample_bilinear(E.ones(1, 1, 2, 2), scale_factor=2),
    "grid sample": lambda E: E.nn.functional.grid_sample(E.ones(1, 1, 2, 2), E.zeros(1, 2, 2, 2)),
    "affine grid": lambda E: E.nn.functional.affine_grid(E.ones(1, 2, 3), (1, 1, 2, 2)),
    "hardtanh minval": lambda E: E.nn.Hardtanh(min_value=-1.0, max_value=1.0),
    "hardtanh old": lambda E: E.nn.Hardtanh(min_val=-1.0, max_val=1.0, min_value=-2.0),
    "amp custom fwd": lambda E: E.cuda.amp.custom_fwd(lambda x: x),
    "autocast enabled old": lambda E: E.is_autocast_cpu_enabled(),
    "gpu dtype old": lambda E: E.get_autocast_gpu_dtype(),
    "lstm dropout": lambda E: E.nn.LSTM(2, 2, dropout=0.5),
    "gru dropout": lambda E: E.nn.GRU(2, 2, 1, dropout=0.5),
    "init zero": lambda E: E.nn.init.kaiming_uniform_(E.empty(0, 2)),
    "init old": lambda E: E.nn.init.xavier_uniform(E.empty(2, 2)),
    "trunc normal": lambda E: E.nn.init.trunc_normal_(E.empty(3), mean=10.0),
    "linear zero": lambda E: E.nn.Linear(0, 2),
    "kl mean": lambda E: E.nn.functional.kl_div(E.zeros(2, 3), E.ones(2, 3)),
    "kl module": lambda E: E.nn.KLDivLoss()(E.zeros(2, 3), E.ones(2, 3)),
    "nll old": lambda E: E.nn.functional.nll_loss(E.zeros(2, 3), E.tensor([0, 1]), size_average=True),
    "cosine margin": lambda E: E.nn.functional.cosine_embedding_loss(
        E.ones(2, 3), E.ones(2, 3), E.ones(2), reduce=False
    ),
    "triplet broadcast": lambda E: E.nn.functional.poisson_nll_loss(E.ones(2), E.ones(2), reduce=True),
    "conv same even": lambda E: E.nn.functional.conv1d(E.ones(1, 1, 5), E.ones(1, 1, 4), padding="same"),
    "conv same even mod": lambda E: E.nn.Conv1d(1, 1, 4, padding="same")(E.ones(1, 1, 5)),
    "instancenorm dim": lambda E: E.nn.InstanceNorm1d(3)(E.ones(2, 4, 5)),
    "container": lambda E: E.nn.Container(),
    "state dict positional": lambda E: E.nn.Linear(2, 2).state_dict({}),
    "to complex": lambda E: E.nn.Linear(2, 2).to(E.complex64),
    "weight norm": lambda E: E.nn.utils.weight_norm(E.nn.Linear(2, 2)),
    "stateless": lambda E: E.nn.utils.stateless.functional_call(E.nn.Linear(2, 2), {}, E.ones(1, 2)),
    "embedding bag swapped": lambda E: E.nn.functional.embedding_bag(
        E.ones(3, 2), E.tensor([0, 1]), E.tensor([0])
    ),
    "multi margin": lambda E: E.nn.functional.multilabel_margin_loss(
        E.ones(1, 3), E.tensor([[0, -1, 1]]), reduce=False
    ),
    "sched first": sched_first,
    "sched epoch": sched_epoch,
    "sched get lr": sched_get_lr,
    "plateau epoch": plateau_epoch,
    "onecycle no momentum": onecycle_no_momentum,
    "overridden step": overridden_step,
    "save seq": save_seq,
    "old bw hook": old_bw_hook,
    "full bw hook noinput": full_bw_hook_noinput,
    "mha mask": mha_mask,
    "mha bool float": mha_bool_float,
    "checkpoint default": checkpoint_default,
    "checkpoint noinput": checkpoint_noinput,
    "checkpoint seq": checkpoint_seq,
    "scaler order": scaler_order,
    "autocast old": autocast_old,
    "autocast cpu old": autocast_cpu_old,
    "autocast dtype": autocast_dtype,
    "opt duplicate": opt_duplicate,
}

SILENT: dict[str, Callable] = {
    "upsample align": lambda E: E.nn.functional.interpolate(
        E.ones(1, 1, 2, 2), scale_factor=2, mode="bilinear"
    ),
    "interp recompute": lambda E: E.nn.functional.interpolate(
        E.ones(1, 1, 4, 4), scale_factor=1.5, mode="bilinear", align_corners=False
    ),
    "load nonstrict": lambda E: E.nn.Linear(2, 2).load_state_dict({}, strict=False),
    "spectral norm": lambda E: E.nn.utils.spectral_norm(E.nn.Linear(2, 2)),
    "adam tensor lr": lambda E: E.optim.Adam(params(E), lr=E.tensor(0.1)),
    "gumbel dim": lambda E: E.nn.functional.gumbel_softmax(E.ones(2, 3), dim=-1),
    "instancenorm affine": lambda E: E.nn.InstanceNorm1d(3, affine=True),
    "sdpa mask": lambda E: E.nn.functional.scaled_dot_product_attention(
        E.ones(1, 2, 2), E.ones(1, 2, 2), E.ones(1, 2, 2), is_causal=True
    ),
    "embedding bag old": lambda E: E.nn.functional.embedding_bag(
        E.tensor([0, 1]), E.ones(3, 2), E.tensor([0])
    ),
    "lr tensor": lambda E: E.optim.lr_scheduler.StepLR(E.optim.SGD(params(E), lr=E.tensor(0.1)), 1),
    "modulelist add": lambda E: E.nn.ModuleList([E.nn.ReLU()]) + [E.nn.ReLU()],
    "parameter list": lambda E: str(E.nn.ParameterList([E.ones(2)])),
    "lazy": lambda E: E.nn.LazyLinear(2),
    "cyclic": cyclic,
    "clip nonfinite": clip_nonfinite,
    "swa": swa,
    "cosine warm": cosine_warm,
    "rnn flatten": rnn_flatten,
    "double param group": double_param_group,
    "save sched lambda": save_sched_lambda,
    "copy params grad": copy_params_grad,
    "full bw hook nograd out": full_bw_hook_nograd_out,
}


@pytest.mark.parametrize("case", WARNS)
def test_warns_as_pytorch_does(case: str) -> None:
    warns_alike(WARNS[case], __file__)


@pytest.mark.parametrize("case", SILENT)
def test_is_silent_where_pytorch_is(case: str) -> None:
    silent_alike(SILENT[case])


def test_training_as_it_should_be_gives_no_warning() -> None:
    def program(E: Any) -> None:
        E.manual_seed(0)
        net = E.nn.Sequential(E.nn.Linear(4, 8), E.nn.ReLU(), E.nn.Dropout(0.1), E.nn.Linear(8, 3))
        optimizer = E.optim.AdamW(net.parameters(), lr=1e-2)
        scheduler = E.optim.lr_scheduler.CosineAnnealingLR(optimizer, 4)
        data = E.utils.data.TensorDataset(E.randn(12, 4), E.arange(12) % 3)
        for _ in range(2):
            for x, y in E.utils.data.DataLoader(data, batch_size=4, shuffle=True):
                optimizer.zero_grad()
                loss = E.nn.functional.cross_entropy(net(x), y, label_smoothing=0.1)
                loss.backward()
                E.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
                optimizer.step()
                loss.item()
            scheduler.step()
        file = io.BytesIO()
        E.save(net.state_dict(), file)
        file.seek(0)
        net.load_state_dict(E.load(file))

    for E in (torch, glasstorch):
        assert given(program, E) == []
