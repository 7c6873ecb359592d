"""Names in files: a file says ``torch.nn.modules.linear Linear`` whoever wrote it, so that PyTorch can read it.

``file_name`` gives the name that PyTorch uses for a class or function of ours; ``find`` goes back.
"""

from __future__ import annotations

import importlib
import re
from typing import Any

from ..core import dtype as dt
from ..core.results import CLASSES

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
    ("random", "Generator"): "torch._C",
    ("utils.data.collate", "default_collate"): "torch.utils.data._utils.collate",
    ("utils.data.collate", "default_convert"): "torch.utils.data._utils.collate",
    ("utils.data.worker", "get_worker_info"): "torch.utils.data._utils.worker",
    ("storage.untyped", "UntypedStorage"): "torch.storage",
    ("storage.typed", "TypedStorage"): "torch.storage",
}
_OPTIMIZERS = {"Muon": "torch.optim", "Adafactor": "torch.optim", "SparseAdam": "torch.optim.sparse_adam"}
_ONE_MODULE = ("nn.functional", "optim.lr_scheduler")  # packages of ours that are single files there
#: There each distribution has a module with its name in small letters; these have others.
_DISTRIBUTIONS = {
    "ExponentialFamily": "exp_family", "FisherSnedecor": "fishersnedecor", "StudentT": "studentT",
    "LKJCholesky": "lkj_cholesky", "OneHotCategoricalStraightThrough": "one_hot_categorical",
    "RelaxedOneHotCategorical": "relaxed_categorical", "LogitRelaxedBernoulli": "relaxed_bernoulli",
    "ExpRelaxedCategorical": "relaxed_categorical",
}  # fmt: skip
#: Where the files of a part are ours alone, and names are those by which the public knows them.
_INNER = ("core", "ops", "random", "serialization", "amp")
_COMPILED = ("_special", "_linalg", "_fft")
_PUBLIC = ("", "nn.functional", "special", "linalg", "fft", "serialization", "amp")
#: Files of ours whose classes torchvision keeps in the file of the model that they were first written for.
_VISION_MODELS = {"_anynet": "regnet", "_mbconv": "efficientnet", "_windows": "swin_transformer"}


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
    if below.startswith("distributions.") and isinstance(obj, type):
        if name.endswith(("Transform", "Constraint")) or name in ("Distribution", "constraints"):
            return (
                f"torch.distributions.{'transforms' if name.endswith('Transform') else below.partition('.')[2]}",
                name,
            )
        return f"torch.distributions.{_DISTRIBUTIONS.get(name) or _snake_case(name)}", name
    if below.startswith("vision."):
        return _vision_module(below, obj), name
    if below.partition(".")[0] in ("", *_INNER):
        for public in _PUBLIC:
            if _attribute(f"{OURS}.{public}".rstrip("."), name) is obj:
                return f"torch.{public}".rstrip("."), name
    return ("torch." + below if below else "torch"), name


def _vision_module(below: str, obj: Any) -> str:
    """torchvision's module: the same file for models; elsewhere the package, which is how the public knows them."""
    package, _, file = below.rpartition(".")
    if package.startswith("vision.models"):
        file = _VISION_MODELS.get(file, file)
    elif _attribute(f"{OURS}.{package}", obj.__qualname__) is obj:
        return "torch" + package
    return f"torch{package}.{file}"


def _snake_case(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def find(module: str, name: str) -> Any:
    """Our object for a name in a file that begins with ``torch`` or ``torchvision``.

    The module of the same path is asked first, then the packages above it: ``torch.optim.adamw AdamW`` is found
    in ``glasstorch.optim``. Only plain names of classes and functions of this package count: no dotted names, and
    nothing that a module happens to have imported. AttributeError when there is none.
    """
    if module == "torch" and name in dt.dtype._of_name:
        return dt.dtype._of_name[name]
    if (module, name) == ("torch.utils.hooks", "RemovableHandle"):
        from ..nn.modules._hooks import _ModuleHandle

        return _ModuleHandle
    if module == "torch.return_types" and name in CLASSES:
        return lambda values, others=None: CLASSES[name](*values)  # how a file makes these named tuples
    if module == "torch._C" and name == "_VariableFunctionsClass":
        return importlib.import_module(
            OURS
        )  # what torch.tanh and others are attributes of, for PyTorch's pickler
    name = name.removeprefix("torch.")  # protocol 4 writes torch.channels_last so
    if module == "torch._C":
        name = name.removeprefix("_VariableFunctionsClass.")
    # What PyTorch compiles has its home in torch._C; here it is Python, in nn.functional or at the top.
    home, *parts = module.split(".")
    if home == "torchvision":
        parts.insert(0, "vision")
    if parts[:1] == ["_C"]:
        parts = [parts[1].lstrip("_")] if len(parts) > 1 and parts[1] in _COMPILED else ["nn", "functional"]
        name = name.removeprefix(f"{parts[0]}_")  # torch._C._special has special_erf
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
