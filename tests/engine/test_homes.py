"""The paths of PyTorch's own files: what programs import from them is there, and is the public object."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import subprocess
import sys

import glasstorch
import pytest
from glasstorch.homes import HOMES
from support.torchvision_reference import torch

PATHS = [*HOMES, "distributions.utils", "nn.common_types", "types"]


def pair(path: str) -> tuple:
    theirs = f"torchvision.{path.removeprefix('vision.')}" if path.startswith("vision.") else f"torch.{path}"
    return importlib.import_module(f"glasstorch.{path}"), importlib.import_module(theirs)


@pytest.mark.parametrize("path", PATHS)
def test_a_path_holds_what_pytorch_keeps_there(path: str) -> None:
    ours, theirs = pair(path)
    names = [
        name
        for name in vars(ours)
        if not name.startswith("__") and name not in ("annotations", "TypeAlias", "TypeVar")
    ]
    assert names
    for name in HOMES[path][1].split() if path in HOMES else ours.__dict__.get("__all__", names):
        name = name.partition("=")[0]
        assert hasattr(ours, name), name
        if not inspect.ismodule(getattr(ours, name)):
            assert hasattr(theirs, name), name


def test_every_file_of_distributions_is_there() -> None:
    missing = []
    for info in pkgutil.iter_modules(torch.distributions.__path__, "distributions."):
        file = importlib.import_module(f"torch.{info.name}")
        public = {n for n, o in vars(file).items() if getattr(o, "__module__", None) == file.__name__}
        public &= set(glasstorch.distributions.__all__)
        if public:
            ours = importlib.import_module(f"glasstorch.{info.name}")
            missing += [f"{info.name}.{n}" for n in public if not hasattr(ours, n)]
            others = [n for n in public if getattr(ours, n, None) is not getattr(glasstorch.distributions, n)]
            assert others == [], info.name
    assert missing == []


def test_programs_import_from_them() -> None:
    program = (
        "import glasstorch.aliasing; glasstorch.aliasing.install()\n"
        "from torch.distributions.multinomial import Multinomial\n"
        "import torch.distributions.normal as normal, torch.utils.model_zoo as model_zoo\n"
        "from torch.utils.data._utils.collate import default_collate\n"
        "from torch.optim.lr_scheduler import _LRScheduler\n"
        "from torch.nn.common_types import _size_2_t\n"
        "from torch.types import Number, _size\n"
        "from torch._tensor import Tensor\n"
        "from torchvision.ops.focal_loss import sigmoid_focal_loss\n"
        "from torchvision.io.image import ImageReadMode\n"
        "import torch, torchvision\n"
        "assert Multinomial is torch.distributions.Multinomial and normal.Normal is torch.distributions.Normal\n"
        "assert model_zoo.load_url is torch.hub.load_state_dict_from_url and Tensor is torch.Tensor\n"
        "assert torchvision.ops.roi_align is torchvision.ops.roi_align and callable(torchvision.ops.roi_align)\n"
        "assert not isinstance(torch.ones(1), _LRScheduler) and isinstance(2.5, Number)\n"
        "print(_size_2_t == int | tuple[int, int], default_collate([1, 2]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.stderr == ""
    assert done.stdout == "True tensor([1, 2])\n"


def schedule(L):
    class Halving(L.optim.lr_scheduler._LRScheduler):
        def get_lr(self):
            return [base * 0.5**self.last_epoch for base in self.base_lrs]

    optimizer = L.optim.SGD([L.zeros(1, requires_grad=True)], lr=0.8)
    scheduler = Halving(optimizer)
    rates = []
    for _ in range(4):
        optimizer.step()
        scheduler.step()
        rates += scheduler.get_last_lr()
    return rates


def test_schedulers_of_old_programs() -> None:
    assert schedule(glasstorch) == schedule(torch)


@pytest.mark.parametrize("diag", [-2, -1, 0, 1])
def test_triangles_as_vectors(diag: int) -> None:
    outcomes = []
    for L in (torch, glasstorch):
        U = importlib.import_module(f"{L.__name__}.distributions.utils")
        mat = (L.arange(32.0).reshape(2, 4, 4) + 1).requires_grad_()
        vec = U.tril_matrix_to_vec(mat, diag)
        back = U.vec_to_tril_matrix(vec * vec, diag)
        (back * L.arange(16.0).reshape(4, 4)).sum().backward()
        outcomes.append((vec.tolist(), back.tolist(), mat.grad.tolist()))
    assert outcomes[0] == outcomes[1]


def test_what_triangles_refuse() -> None:
    for call in (
        lambda L, U: U.tril_matrix_to_vec(L.ones(3, 3), 3),
        lambda L, U: U.vec_to_tril_matrix(L.ones(5)),
        lambda L, U: U.broadcast_all(1.0, "x"),
    ):
        words = []
        for L in (torch, glasstorch):
            with pytest.raises(ValueError, match=" ") as caught:
                call(L, importlib.import_module(f"{L.__name__}.distributions.utils"))
            words.append(str(caught.value))
        assert words[0] == words[1]


def test_clamped_probabilities() -> None:
    for kind in ("float32", "float64"):
        mine, theirs = (
            importlib.import_module(f"{L.__name__}.distributions.utils").clamp_probs(
                L.tensor([0.0, 0.5, 1.0], dtype=getattr(L, kind))
            )
            for L in (glasstorch, torch)
        )
        assert mine.tolist() == theirs.tolist()
