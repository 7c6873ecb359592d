"""Write the public names of PyTorch and torchvision, which the compatibility table compares with.

    python tests/support/pytorch_names.py            # writes docs/_ext/glasstorch_docs/pytorch_names.txt
    python tests/support/pytorch_names.py --check    # says whether it is up to date

Only this program needs PyTorch; building the site reads the file. A name is public when a namespace lists it in
``__all__``, or, where there is no such list, when it has no underscore in front and is PyTorch's own.
"""

from __future__ import annotations

import argparse
import importlib
import inspect
import re
import sys
import textwrap
import types
import warnings
from pathlib import Path
from typing import Any

TARGET = Path(__file__).resolve().parents[2] / "docs" / "_ext" / "glasstorch_docs" / "pytorch_names.txt"

SPACES = [
    "torch",
    "torch.Tensor",
    "torch.nn",
    "torch.nn.Module",
    "torch.nn.functional",
    "torch.nn.init",
    "torch.nn.utils",
    "torch.nn.utils.rnn",
    "torch.nn.utils.parametrize",
    "torch.nn.utils.parametrizations",
    "torch.nn.utils.prune",
    "torch.nn.utils.stateless",
    "torch.nn.parallel",
    "torch.nn.attention",
    "torch.nn.attention.bias",
    "torch.nn.attention.flex_attention",
    "torch.optim",
    "torch.optim.Optimizer",
    "torch.optim.lr_scheduler",
    "torch.optim.swa_utils",
    "torch.autograd",
    "torch.autograd.Function",
    "torch.autograd.functional",
    "torch.autograd.forward_ad",
    "torch.autograd.graph",
    "torch.autograd.profiler",
    "torch.func",
    "torch.linalg",
    "torch.fft",
    "torch.special",
    "torch.signal.windows",
    "torch.masked",
    "torch.random",
    "torch.amp",
    "torch.cuda",
    "torch.cuda.amp",
    "torch.cpu",
    "torch.mps",
    "torch.xpu",
    "torch.accelerator",
    "torch.backends.cuda",
    "torch.backends.cudnn",
    "torch.backends.cpu",
    "torch.backends.mkl",
    "torch.backends.opt_einsum",
    "torch.utils.data",
    "torch.utils.checkpoint",
    "torch.utils.tensorboard",
    "torch.utils.dlpack",
    "torch.utils.hooks",
    "torch.utils.benchmark",
    "torch.utils.mobile_optimizer",
    "torch.utils.cpp_extension",
    "torch.distributions",
    "torch.distributions.constraints",
    "torch.distributions.transforms",
    "torch.distributions.kl",
    "torch.distributed",
    "torch.distributed.algorithms",
    "torch.distributed.nn",
    "torch.distributed.device_mesh",
    "torch.distributed.optim",
    "torch.distributed.rpc",
    "torch.distributed.fsdp",
    "torch.distributed.tensor",
    "torch.distributed.pipelining",
    "torch.distributed.checkpoint",
    "torch.multiprocessing",
    "torch.futures",
    "torch.profiler",
    "torch.serialization",
    "torch.hub",
    "torch.storage",
    "torch.overrides",
    "torch.testing",
    "torch.sparse",
    "torch.nested",
    "torch.jit",
    "torch.onnx",
    "torch.export",
    "torch.fx",
    "torch.compiler",
    "torch.library",
    "torch.package",
    "torch.ao.quantization",
    "torch.monitor",
    "torchvision",
    "torchvision.transforms",
    "torchvision.transforms.functional",
    "torchvision.transforms.v2",
    "torchvision.transforms.v2.functional",
    "torchvision.datasets",
    "torchvision.models",
    "torchvision.models.detection",
    "torchvision.models.segmentation",
    "torchvision.models.video",
    "torchvision.models.quantization",
    "torchvision.models.optical_flow",
    "torchvision.ops",
    "torchvision.io",
    "torchvision.utils",
    "torchvision.tv_tensors",
    "torchvision.models.feature_extraction",
]

#: What torchvision's wheel asks for by name when it is built for another PyTorch; there is no code behind them.
OPERATORS = ("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
             "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")  # fmt: skip


def _own(name: str, value: Any, whole: str) -> bool:
    if isinstance(value, (types.ModuleType, types.GenericAlias)) or name.isupper():
        return False
    home = getattr(value, "__module__", None)
    if inspect.isclass(value) or inspect.isfunction(value):
        if not isinstance(home, str) or not home.startswith(whole.partition(".")[0]):
            return False
        # Inside a namespace only what is made there, or behind an underscore or in C, and shown there.
        made_here = home.startswith(whole) or "._" in home or home in ("torch", "torch._C")
        return whole in ("torch", "torchvision") or made_here
    if inspect.isbuiltin(value):
        return True
    return type(value).__module__.startswith("torch") and whole == "torch"


def _find(path: str) -> Any:
    try:
        return importlib.import_module(path)
    except ImportError:
        space, _, name = path.rpartition(".")
        return getattr(importlib.import_module(space), name)


def names_of(path: str) -> list[str]:
    """The public names of one namespace or class."""
    found = _find(path)
    if inspect.isclass(found):
        return sorted(n for n in dir(found) if not n.startswith("_"))
    listed = {n for n in getattr(found, "__all__", ()) if not n.startswith("_")}
    listed = {n for n in listed if not isinstance(getattr(found, n, None), types.ModuleType)}
    if listed and path not in ("torch", "torch.autograd"):
        return sorted(listed)
    own = {n for n in dir(found) if not n.startswith("_") and _own(n, getattr(found, n), path)}
    return sorted(listed | own)


def text() -> str:
    """The whole file."""
    import torch

    library = torch.library.Library("torchvision", "FRAGMENT")
    for schema in OPERATORS:
        try:
            library.define(schema)
        except RuntimeError:  # torchvision has its own
            break
    import torchvision

    version = [re.match(r"[\d.]+", module.__version__)[0] for module in (torch, torchvision)]  # type: ignore[index]
    out = [f"# PyTorch {version[0]}, torchvision {version[1]}. Written by tests/support/pytorch_names.py.\n"]
    for path in SPACES:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            names = names_of(path)
        out.append(f"\n[{path}]\n" + textwrap.fill(" ".join(names), 110, break_on_hyphens=False) + "\n")
    return "".join(out)


def main(arguments: list[str] | None = None) -> int:
    """Write the file, or check it."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--check", action="store_true")
    if parser.parse_args(arguments).check:
        return text() != TARGET.read_text("utf-8")
    TARGET.write_text(text(), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
