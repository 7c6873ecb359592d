"""``emit_nvtx`` and ``emit_itt``: ranges for other companies' profilers."""

from __future__ import annotations

from typing import Any

from ..backends import gpu_clock
from ..cuda import nvtx
from . import itt
from .arguments import Shown
from .attach import attach, detach
from .recorder import BACKWARD, FUNCTION, OP, Range, Recorder, Settings


class _Emitter(Recorder):
    """Hands every range on to NVIDIA's tools as it opens and closes, and keeps none."""

    def __init__(self, record_shapes: bool) -> None:
        super().__init__(Settings(shapes=record_shapes))

    def open(self, name: str, args: tuple = (), kind: str = OP, scope: int = FUNCTION) -> Range:
        r = super().open(name, args, kind, scope)
        self.ranges.clear()
        sizes = "" if r.seen is None else f", sizes = {Shown(name, r.seen).shapes}"
        nvtx.range_push(name + ("" if scope != BACKWARD else ", stashed") + sizes)
        return r

    def close(self, r: Range) -> None:
        if not r.end:
            nvtx.range_pop()
        super().close(r)


class emit_nvtx:
    """Every operation in the ``with`` block as an NVTX range, for Nsight Systems and its like. Needs a GPU.

    ``record_shapes`` adds the shapes of arguments to the range's name. AssertionError or RuntimeError without a GPU.
    Source: https://pytorch.org/docs/stable/generated/torch.autograd.profiler.emit_nvtx.html
    """

    def __init__(self, enabled: bool = True, record_shapes: bool = False) -> None:
        self.enabled, self.record_shapes, self.entered = enabled, record_shapes, False

    def __enter__(self) -> Any:
        if not self.enabled:
            return None
        if self.entered:
            raise RuntimeError("NVTX annotation context manager is not reentrant")
        self.entered = True
        gpu_clock.wait()
        self._recorder = _Emitter(self.record_shapes)
        attach(self._recorder)
        return self

    def __exit__(self, *exc: Any) -> None:
        if self.enabled:
            gpu_clock.wait()
            detach(self._recorder)


class emit_itt:
    """PyTorch's ranges for Intel's VTune. Glasstorch has no binding to its library, so only ``enabled=False`` works."""

    def __init__(self, enabled: bool = True, record_shapes: bool = False) -> None:
        self.enabled, self.record_shapes = enabled, record_shapes

    def __enter__(self) -> Any:
        if self.enabled:
            itt.mark("")
        return None

    def __exit__(self, *exc: Any) -> None:
        pass
