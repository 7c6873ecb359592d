"""Names in files: a file says ``torch.nn.modules.linear Linear`` whoever wrote it, so that PyTorch can read it.

``file_name`` gives the name that PyTorch uses for a class or function of ours; ``find`` goes back.
"""

from __future__ import annotations

import importlib
from typing import Any

from ..core import dtype as dt

OURS = __name__.partition(".")[0]

#: Where PyTorch keeps what we keep elsewhere: our module (below the package) and name -> its module.
_MOVED = {
    ("core.tensor", "Tensor"): "torch",
    ("core.size", "Size"): "torch",
    ("core.device", "device"): "torch",
    ("nn.modules._hooks", "_WrappedHook"): "torch.nn.modules.module",
    ("nn.modules.attention", "MultiheadAttention"): "torch.nn.modules.activation",
    ("nn.modules.parameter_container", "ParameterList"): "torch.nn.modules.container",
    ("nn.modules.parameter_container", "ParameterDict"): "torch.nn.modules.container",
    ("nn.modules.fold", "ChannelShuffle"): "torch.nn.modules.channelshuffle",
    ("nn.modules.fold", "PixelShuffle"): "torch.nn.modules.pixelshuffle",
    ("nn.modules.fold", "PixelUnshuffle"): "torch.nn.modules.pixelshuffle",
    ("nn.modules.heads", "LinearCrossEntropyLoss"): "torch.nn.modules.loss",
    ("nn.modules.heads", "LinearCrossEntropyOptions"): "torch.nn.modules.linear_cross_entropy_options",
    **{
        ("nn.modules.unpool", f"{kind}{n}d"): "torch.nn.modules.pooling"
        for kind in ("FractionalMaxPool", "LPPool", "MaxUnpool")
        for n in (1, 2, 3)
    },
    ("core.node", "RemovableHandle"): "torch.utils.hooks",
    ("storage.untyped", "UntypedStorage"): "torch.storage",
    ("storage.typed", "TypedStorage"): "torch.storage",
}
_OPTIMIZERS = {"Muon": "torch.optim", "Adafactor": "torch.optim", "SparseAdam": "torch.optim.sparse_adam"}
_ONE_MODULE = ("nn.functional", "optim.lr_scheduler")  # packages of ours that are single files there


def file_name(obj: Any) -> tuple[str, str] | None:
    """PyTorch's module and name for one of our classes or functions; None for what is not ours."""
    module = getattr(obj, "__module__", None) or ""
    top, _, below = module.partition(".")
    name = getattr(obj, "__qualname__", None)
    if top != OURS or name is None:
        return None
    if (below, name) == ("nn.modules._hooks", "_ModuleHandle"):
        return "torch.utils.hooks", "RemovableHandle"
    if (below, name) in _MOVED:
        return _MOVED[below, name], name
    if below == "nn.modules.lazy" and name.startswith("Lazy"):  # there beside the layer that it becomes
        layer = file_name(find("torch.nn.modules", name.removeprefix("Lazy")))
        return layer and (layer[0], name)
    for package in _ONE_MODULE:
        if below == package or below.startswith(package + "."):
            return f"torch.{package}", name
    if below.startswith("optim.") and isinstance(obj, type) and below.count(".") == 1:
        if name == "Optimizer" or below == "optim.swa_utils":
            return f"torch.{below}", name
        return _OPTIMIZERS.get(name, f"torch.optim.{name.lower()}"), name
    return ("torch." + below if below else "torch"), name


def find(module: str, name: str) -> Any:
    """Our object for a name in a file that begins with ``torch``.

    The module of the same path is asked first, then the packages above it: ``torch.optim.adamw AdamW`` is found
    in ``glasstorch.optim``. Only plain names of classes and functions of this package count: no dotted names, and
    nothing that a module happens to have imported. AttributeError when there is none.
    """
    if module == "torch" and name in dt.dtype._of_name:
        return dt.dtype._of_name[name]
    if (module, name) == ("torch.utils.hooks", "RemovableHandle"):
        from ..nn.modules._hooks import _ModuleHandle

        return _ModuleHandle
    # What PyTorch compiles has its home in torch._C; here it is Python, in nn.functional or at the top.
    parts = ["nn", "functional"] if module.startswith("torch._C") else module.split(".")[1:]
    while "." not in name:
        found = _attribute(".".join([OURS, *parts]), name)
        if found is not None:
            return found
        if not parts:
            break
        parts.pop()
    raise AttributeError(f"the file uses {module}.{name}, which {OURS} does not have")


def _attribute(module: str, name: str) -> Any:
    try:
        found = getattr(importlib.import_module(module), name, None)
    except ImportError:
        return None
    return found if (getattr(found, "__module__", None) or "").partition(".")[0] == OURS else None
