"""The same result every time: PyTorch's switches, new memory that is filled, training twice, a GPU's limits."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import glasstorch
import numpy as np
import pytest
from glasstorch.backends import threads
from support.alike import alike, attempt
from support.differential import torch

ENGINES = (glasstorch, torch)


@pytest.fixture(autouse=True)
def switched_off() -> Iterator[None]:
    yield
    for E in ENGINES:
        E.use_deterministic_algorithms(False)
        memory(E).fill_uninitialized_memory = True


def memory(E: Any) -> Any:
    return importlib.import_module(f"{E.__name__}.utils.deterministic")


def facts(E: Any) -> tuple:
    return (
        E.are_deterministic_algorithms_enabled(), E.is_deterministic_algorithms_warn_only_enabled(),
        E.get_deterministic_debug_mode(),
    )  # fmt: skip


SWITCHES: dict[str, Callable] = {
    "on": lambda E: E.use_deterministic_algorithms(True),
    "by name": lambda E: E.use_deterministic_algorithms(mode=True, warn_only=True),
    "off": lambda E: E.use_deterministic_algorithms(False, warn_only=True),
    "a number": lambda E: E.use_deterministic_algorithms(1),
    "warn_only a number": lambda E: E.use_deterministic_algorithms(True, warn_only=1),
    "two in a row": lambda E: E.use_deterministic_algorithms(True, True),
    **{f"debug mode {m!r}": lambda E, m=m: E.set_deterministic_debug_mode(m)
       for m in (0, 1, 2, 3, -1, "default", "warn", "error", "loud", True, 1.0, None)},
    "fill off": lambda E: setattr(memory(E), "fill_uninitialized_memory", False),
    "fill a number": lambda E: setattr(memory(E), "fill_uninitialized_memory", 1),
}  # fmt: skip


@pytest.mark.parametrize("switch", SWITCHES)
def test_switches(switch: str) -> None:
    def program(E: Any) -> Any:
        result = attempt(lambda: SWITCHES[switch](E))
        return result, facts(E), memory(E).fill_uninitialized_memory

    alike(program)


KINDS = ["float32", "float64", "float16", "bfloat16", "complex64", "int8", "uint8", "int32", "int64", "bool"]
EMPTY: dict[str, Callable] = {
    "empty": lambda E, k: E.empty(2, 3, dtype=k),
    "empty scalar": lambda E, k: E.empty((), dtype=k),
    "empty none": lambda E, k: E.empty(0, dtype=k),
    "empty out": lambda E, k: E.empty(2, out=E.ones(2, dtype=k)),
    "like": lambda E, k: E.empty_like(E.ones(2, 3, dtype=k).t()),
    "new": lambda E, k: E.ones(2, dtype=k).new_empty(3),
    "strided": lambda E, k: E.empty_strided((2, 2), (1, 2), dtype=k),
    "permuted": lambda E, k: E.empty_permuted((2, 3), (1, 0), dtype=k),
    "new strided": lambda E, k: E.ones(2, dtype=k).new_empty_strided((2,), (1,)),
    "resize": lambda E, k: E.ones(2, dtype=k).resize_(2, 2),
    "smaller": lambda E, k: E.ones(4, dtype=k).resize_(2),
}  # fmt: skip


@pytest.mark.parametrize("form", EMPTY)
def test_new_memory_is_filled(form: str) -> None:
    def program(E: Any) -> Any:
        E.use_deterministic_algorithms(True)
        made = [EMPTY[form](E, getattr(E, kind)) for kind in KINDS]
        return [(m.tolist() if m.dtype is not E.complex64 else str(m)) for m in map(plain, made)]

    def plain(t: Any) -> Any:
        return t.float() if "float16" in str(t.dtype) else t

    assert str(program(glasstorch)) == str(program(torch))


def test_old_constructors_and_the_switch_of_filling() -> None:
    def program(E: Any) -> Any:
        E.use_deterministic_algorithms(True)
        made = [
            E.Tensor(2),
            E.FloatTensor(2),
            E.ones(2).new(3),
            E.zeros(2),
            E.nn.Linear(2, 2).weight.isnan().any(),
        ]
        memory(E).fill_uninitialized_memory = False
        return [str(m) for m in made], bool(E.empty(3, dtype=E.int64).eq(2**63 - 1).all())

    assert program(glasstorch) == program(torch)
    glasstorch.use_deterministic_algorithms(False)
    assert not glasstorch.empty(3).isnan().any()


# ------------------------------------------------------------------ training twice
class Pictures(glasstorch.utils.data.Dataset):
    """Noisy stripes: the noise is drawn by the worker that loads them."""

    def __len__(self) -> int:
        return 24

    def __getitem__(self, k: int) -> tuple:
        picture = glasstorch.zeros(1, 8, 8)
        picture[0, :, k % 2 :: 2] = 1.0
        return picture + 0.1 * glasstorch.randn(1, 8, 8), k % 2


def train(workers: int) -> bytes:
    glasstorch.manual_seed(3)
    nn = glasstorch.nn
    net = nn.Sequential(
        nn.Conv2d(1, 6, 3, padding=1), nn.BatchNorm2d(6), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(0.3),
        nn.Conv2d(6, 4, 3), nn.Flatten(), nn.Linear(16, 2),
    )  # fmt: skip
    optimizer = glasstorch.optim.Adam(net.parameters(), lr=1e-2)
    loader = glasstorch.utils.data.DataLoader(Pictures(), 8, shuffle=True, num_workers=workers)
    for _ in range(2):
        for x, y in loader:
            optimizer.zero_grad()
            nn.functional.cross_entropy(net(x), y).backward()
            optimizer.step()
    return b"".join(v.numpy().tobytes() for v in net.state_dict().values())


@pytest.mark.parametrize("workers", [0, 2])
def test_training_twice_gives_the_same_bits(monkeypatch: pytest.MonkeyPatch, workers: int) -> None:
    monkeypatch.setattr(threads, "WORTH", 1)  # so that these small convolutions are shared among threads, too
    before = glasstorch.get_num_threads()
    glasstorch.use_deterministic_algorithms(True)
    glasstorch.set_num_threads(2)
    try:
        first, second = train(workers), train(workers)
    finally:
        glasstorch.set_num_threads(before)
    assert first == second
    assert len(first) > 1000


def test_every_operation_is_deterministic_on_the_cpu() -> None:
    glasstorch.use_deterministic_algorithms(True)
    x = glasstorch.arange(16.0).reshape(1, 1, 4, 4)
    pooled, where = glasstorch.nn.functional.max_pool2d(x, 2, return_indices=True)
    assert glasstorch.nn.functional.max_unpool2d(pooled, where, 2).sum() == pooled.sum()
    assert x.cumsum(-1)[0, 0, 0, -1] == 6
    assert glasstorch.bincount(glasstorch.tensor([0, 0]), glasstorch.tensor([0.5, 0.25]))[0] == 0.75


# ------------------------------------------------------------------ on a GPU
ON_A_GPU = """
import json, os, sys
from support import standin
standin.install()
import warnings
import glasstorch as T
F, nn = T.nn.functional, T.nn
x, at = T.randn(6, 3).cuda(), T.tensor([0, 2, 0, 2, 2, 1]).cuda()
said = {}
def attempt(name, f):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            f()
            said[name] = [str(w.message) for w in caught if w.category is UserWarning and w.filename == "<string>"]
        except RuntimeError as error:
            said[name] = str(error)
programs = {
    "cumsum": lambda: x.cumsum(0), "whole numbers": lambda: at.cumsum(0), "cumprod": lambda: x.cumprod(0),
    "bincount": lambda: T.bincount(at), "weights": lambda: T.bincount(at, x[:, 0]), "mm": lambda: x @ x.T,
    "linear": lambda: nn.Linear(3, 2).cuda()(x),
    "unpool": lambda: F.max_unpool2d(x[:1, :1].reshape(1, 1, 1, 1), T.zeros(1, 1, 1, 1, dtype=T.int64).cuda(), 2),
}
for mode in ("default", "warn", "error"):
    T.set_deterministic_debug_mode(mode)
    for name, program in programs.items():
        attempt(f"{mode} {name}", program)
os.environ["CUBLAS_WORKSPACE_CONFIG"] = ":4096:8"
attempt("configured mm", programs["mm"])
def sums(device):
    h, k = x.detach().clone().to(device).requires_grad_(), at.to(device)
    T.manual_seed(1)
    table = nn.Embedding(3, 3).to(device)
    table(k).mul(h.detach()).sum().backward()
    h[k].square().sum().backward()
    z = T.zeros(3, 3, device=device)
    out = [h.grad, table.weight.grad, z.index_add(0, k, x.to(device)), z.index_copy(0, k, x.to(device)),
           z.scatter_add(0, k[:, None].expand(6, 3), x.to(device)), z.index_put((k,), x.to(device)),
           z.scatter_reduce(0, k[:, None].expand(6, 3), x.to(device), "mean"),
           z.index_put((k,), x.to(device), accumulate=True), h.detach().gather(0, k[:, None])]
    return [o.cpu().tolist() for o in out]
said["sums"] = [sums("cuda"), sums("cpu")]
print(json.dumps(said))
"""


@pytest.mark.cpu
def test_what_a_gpu_cannot_promise() -> None:
    """On the stand-in for a GPU, whose rules and paths are those of CuPy."""
    environment = {k: v for k, v in os.environ.items() if k != "CUBLAS_WORKSPACE_CONFIG"}
    done = subprocess.run(
        [sys.executable, "-c", ON_A_GPU], capture_output=True, text=True, check=False,
        env={**environment, "PYTHONPATH": str(Path(__file__).parents[1])},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    kernels = {"cumsum": "cumsum_cuda_kernel", "cumprod": "cumprod_cuda_kernel", "weights": "_bincount_cuda",
               "unpool": "max_unpooling2d_forward_out"}  # fmt: skip
    words = (
        "does not have a deterministic implementation, but you set 'torch.use_deterministic_algorithms(True"
    )
    for name, kernel in kernels.items():
        assert said[f"error {name}"].startswith(f"{kernel} {words})'. You can turn off determinism")
        assert said[f"warn {name}"][0].startswith(
            f"{kernel} {words}, warn_only=True)'. You can file an issue"
        )
    for name in ("mm", "linear"):
        assert "CUBLAS_WORKSPACE_CONFIG=:4096:8 or CUBLAS_WORKSPACE_CONFIG=:16:8" in said[f"error {name}"]
        assert "it uses CuBLAS" in said[f"warn {name}"][0]
    quiet = [said[f"default {name}"] for name in (*kernels, "mm", "linear")]
    assert [*quiet, said["error whole numbers"], said["error bincount"], said["configured mm"]] == [[]] * 9
    for there, here in zip(*said["sums"], strict=True):
        np.testing.assert_allclose(there, here, rtol=1e-6)
