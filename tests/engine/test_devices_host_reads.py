"""A training step on a GPU must not wait for it: nothing is read back to the host that PyTorch does not read back.

Without a GPU the stand-in counts: whatever brings values, or sizes that depend on values, from the device. The ``gpu``
test holds the GPU up and sees whether the program goes on.
"""

from __future__ import annotations

import threading
import warnings
from typing import Any

import glasstorch
import numpy as np
import pytest
from support import standin

nn, F = glasstorch.nn, glasstorch.nn.functional
stood_in = pytest.mark.cpu  # the stand-in is no device for the rest of a run on a real one


def classifier() -> tuple:
    model = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 4))
    return model, (5, 8), lambda x, y: F.cross_entropy(model(x), y)


def network() -> tuple:
    model = nn.Sequential(
        nn.Conv2d(3, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(),
        nn.Conv2d(4, 4, 3, stride=2, groups=2), nn.GroupNorm(2, 4), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
        nn.Linear(4, 4),
    )  # fmt: skip
    return model, (5, 3, 8, 8), lambda x, y: F.cross_entropy(model(x), y, ignore_index=2, label_smoothing=0.1)


def language() -> tuple:
    model = nn.ModuleDict({
        "embed": nn.Embedding(11, 8),
        "layer": nn.TransformerEncoderLayer(8, 2, 16, activation="gelu", batch_first=True), "head": nn.Linear(8, 11),
    })  # fmt: skip
    causal = nn.Transformer.generate_square_subsequent_mask(5, device="cuda")

    def loss(x: Any, y: Any) -> Any:
        words = (x * 3).abs().long() % 11
        hidden = model["layer"](model["embed"](words), src_mask=causal, is_causal=True)
        return F.cross_entropy(model["head"](hidden).transpose(1, 2), words)

    return model, (5, 5), loss


def recurrent() -> tuple:
    model = nn.ModuleList([nn.LSTM(4, 6, batch_first=True), nn.Linear(6, 4)])
    return model, (5, 3, 4), lambda x, y: F.nll_loss(model[1](model[0](x)[0][:, -1]).log_softmax(1), y)


def regression() -> tuple:
    model = nn.Sequential(nn.Linear(4, 4), nn.LayerNorm(4), nn.SiLU(), nn.Linear(4, 1))

    def loss(x: Any, y: Any) -> Any:
        z, t = model(x).squeeze(1), (y % 2).float()
        picked = x.gather(1, y[:, None]).squeeze(1) + x[glasstorch.arange(5, device="cuda"), y]
        return F.mse_loss(z, picked) + F.binary_cross_entropy_with_logits(z, t) + F.smooth_l1_loss(z, t)

    return model, (5, 4), loss


MODELS = [classifier, network, language, recurrent, regression]
OPTIMIZERS = {
    "SGD": lambda p: glasstorch.optim.SGD(p, 0.1, momentum=0.9, weight_decay=0.01),
    "Adam": glasstorch.optim.Adam,
    "AdamW": glasstorch.optim.AdamW,
    "RMSprop": glasstorch.optim.RMSprop,
}


def step_of(make: Any, optimizer: str = "Adam", mixed: bool = False, clip: bool = False) -> Any:
    """A function that does one whole training step of the model on the GPU."""
    model, shape, loss_of = make()
    model.cuda()
    opt = OPTIMIZERS[optimizer](model.parameters())
    schedule = glasstorch.optim.lr_scheduler.StepLR(opt, 3)
    scaler = glasstorch.amp.GradScaler(enabled=mixed, init_scale=2.0)
    x, y = glasstorch.randn(*shape, device="cuda"), glasstorch.randint(0, 4, (shape[0],), device="cuda")

    def step() -> None:
        opt.zero_grad()
        with glasstorch.autocast("cuda", enabled=mixed):
            loss = loss_of(x, y)
        scaler.scale(loss).backward()
        if clip:
            scaler.unscale_(opt)
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        scaler.step(opt)
        scaler.update()
        schedule.step()

    return step


def reads_in_a_step(*args: Any) -> list[str]:
    with standin.installed(), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        step = step_of(*args)
        step()  # the first one makes the optimizer's state
        with standin.host_reads() as seen:
            step()
    return seen


@stood_in
@pytest.mark.parametrize("clip", [False, True], ids=["plain", "clipped"])
@pytest.mark.parametrize("make", MODELS)
def test_a_step_reads_nothing_back(make, clip):
    assert reads_in_a_step(make, "Adam", False, clip) == []


@stood_in
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_optimizers_read_nothing_back(optimizer):
    assert reads_in_a_step(classifier, optimizer) == []


@stood_in
@pytest.mark.parametrize("make", MODELS)
def test_mixed_precision_looks_once_for_inf(make):
    seen = reads_in_a_step(make, "SGD", True, True)
    assert [line.partition(" ")[0] for line in seen] == ["item()"], seen


@stood_in
def test_the_counter_counts():
    with standin.installed(), standin.host_reads() as seen:
        x = glasstorch.ones(3, device="cuda")
        x.sum().item()
        float(x[0])
        x.cpu()
        x.tolist()
        x[x > 0]
        x.nonzero()
        bool((x > 0).all())
    assert len(seen) >= 7


@stood_in
def test_wrong_classes_and_rows_are_nan_where_they_cannot_be_looked_at():
    with standin.installed():
        x = glasstorch.ones(2, 3, device="cuda", requires_grad=True)
        wrong = glasstorch.tensor([1, 3], device="cuda")
        loss = F.cross_entropy(x, wrong)
        loss.backward()
        rows = F.embedding(wrong, glasstorch.ones(3, 2, device="cuda"))
        assert np.isnan(loss.item())
        assert np.isnan(x.grad.cpu().numpy()).any()
        assert rows.isnan().tolist() == [[False, False], [True, True]]
        ignored = F.cross_entropy(x, glasstorch.tensor([1, -100], device="cuda"))
        assert ignored.item() == pytest.approx(np.log(3))


@pytest.mark.gpu
@pytest.mark.parametrize("make", [classifier, regression])
def test_a_step_on_a_gpu_does_not_wait(make):
    """The GPU is kept busy by a kernel that ends only when this test says so; the step must be queued behind it."""
    import cupy
    import cupyx

    go = cupyx.zeros_pinned(1, np.int32)
    code = 'extern "C" __global__ void wait(volatile int* go) { while (*go == 0) {} }'
    wait = cupy.RawKernel(code, "wait")
    step = step_of(make, "Adam", False, True)
    step()
    step()
    cupy.cuda.Device().synchronize()
    rescue = threading.Timer(60, go.fill, (1,))  # a step that waits must not hang the tests
    rescue.start()
    wait((1,), (1,), (np.uint64(go.ctypes.data),))
    behind = cupy.cuda.get_current_stream().record()
    step()
    went_on = not behind.done
    go.fill(1)
    rescue.cancel()
    cupy.cuda.Device().synchronize()
    assert went_on
