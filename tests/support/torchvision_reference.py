"""The real torchvision, for tests to compare with: ``from support.torchvision_reference import torchvision``.

Its wheel is built for CUDA, so its compiled operators do not load beside PyTorch's CPU build; all that is written in
Python does (transforms, models, datasets, utils, the box arithmetic of ``ops``). Importing it asks only that the
operators it describes exist by name, so the two it looks for are declared here, without any code behind them.
"""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="vision is compared with real torchvision")

DECLARED = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)


def _declare() -> torch.library.Library:
    library = torch.library.Library("torchvision", "FRAGMENT")
    for schema in DECLARED:
        library.define(schema)
    return library


_library = _declare()  # as long as this lives, the names do

torchvision = pytest.importorskip("torchvision", reason="vision is compared with real torchvision")
