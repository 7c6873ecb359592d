"""PyTorch's own module paths, for programs that import from the file in which PyTorch keeps a name.

There ``Normal`` is in ``torch.distributions.normal`` and ``Multinomial`` in ``torch.distributions.multinomial``; here a
family shares a file. ``open_homes`` makes those paths importable: modules that hold the public objects alone.
"""

from __future__ import annotations

import importlib
import sys
from importlib.machinery import ModuleSpec
from types import ModuleType

from .serialization.names import OURS, file_name

#: The functions that PyTorch writes in Python.
_IN_PYTHON = (
    "atleast_1d atleast_2d atleast_3d block_diag broadcast_shapes broadcast_tensors cartesian_prod cdist chain_matmul "
    "einsum istft lu meshgrid norm pca_lowrank split stft svd_lowrank tensordot unique unique_consecutive unravel_index"
)
_IMAGES = "decode_avif decode_gif decode_image decode_jpeg decode_png decode_webp encode_jpeg encode_png"
_FILES = "ImageReadMode read_file read_image write_file write_jpeg write_png"

#: Path -> where the names are public, and the names (NEW=OLD where PyTorch spells one otherwise there).
HOMES: dict[str, tuple[str, str]] = {
    "_tensor": ("", "Tensor"),
    "autograd.anomaly_mode": ("autograd", "detect_anomaly set_detect_anomaly"),
    "distributions.constraint_registry": ("distributions", "biject_to transform_to"),
    "functional": ("", _IN_PYTHON),
    "profiler.profiler": (
        "profiler",
        "ProfilerAction profile schedule supported_activities tensorboard_trace_handler",
    ),
    "utils.data._utils": ("utils.data", "collate worker"),
    "utils.data._utils.collate": ("utils.data.collate", "collate default_collate default_convert"),
    "utils.data._utils.worker": ("utils.data.worker", "WorkerInfo get_worker_info"),
    "utils.model_zoo": ("hub", "load_url=load_state_dict_from_url"),
    "vision.datasets.country211": ("vision.datasets", "Country211"),
    "vision.datasets.rendered_sst2": ("vision.datasets", "RenderedSST2"),
    "vision.io.image": ("vision.io", f"{_IMAGES} {_FILES}"),
    "vision.ops.ciou_loss": ("vision.ops", "complete_box_iou_loss"),
    "vision.ops.diou_loss": ("vision.ops", "distance_box_iou_loss"),
    "vision.ops.focal_loss": ("vision.ops", "sigmoid_focal_loss"),
    "vision.ops.giou_loss": ("vision.ops", "generalized_box_iou_loss"),
    **{
        f"vision.ops.{function}": ("vision.ops", f"{function} {layer}")
        for function, layer in (
            ("ps_roi_align", "PSRoIAlign"),
            ("ps_roi_pool", "PSRoIPool"),
            ("roi_align", "RoIAlign"),
            ("roi_pool", "RoIPool"),
        )
    },
}


def open_homes(package: str = OURS) -> None:
    """Make paths importable; what is a file of ours already gets the names that it lacks.

    The packages of vision are imported when first asked for; each opens its own paths then.
    """
    package = package.removeprefix(OURS).lstrip(".")
    for path, (source, names) in HOMES.items():
        if package != (source if source.startswith("vision.") else ""):
            continue
        public = importlib.import_module(f"{OURS}.{source}".rstrip("."))
        pairs = (name.rpartition("=") for name in names.split())
        _open(path, {new or old: getattr(public, old) for new, _, old in pairs})
    if package:
        return
    distributions = importlib.import_module(f"{OURS}.distributions")
    for name in distributions.__all__:
        home = file_name(getattr(distributions, name))
        if home is not None:
            _open(home[0].removeprefix("torch."), {name: getattr(distributions, name)})


def _open(path: str, names: dict[str, object]) -> None:
    full = f"{OURS}.{path}"
    module = sys.modules.get(full)
    if module is None:
        module = sys.modules[full] = ModuleType(full, f"What PyTorch keeps in ``torch.{path}``.")
        package = any(other.startswith(path + ".") for other in HOMES)
        module.__all__ = []  # type: ignore[attr-defined]
        module.__spec__ = ModuleSpec(full, None, is_package=package)
        if package:
            module.__path__ = []
        above, _, file = full.rpartition(".")
        parent = sys.modules[above]
        if not hasattr(parent, file):  # torchvision.ops.roi_align is a function, and a file's name
            setattr(parent, file, module)
    for name, value in names.items():
        if not hasattr(module, name):
            setattr(module, name, value)
            if module.__spec__ is not None and module.__spec__.loader is None:  # it is no file
                module.__all__.append(name)
