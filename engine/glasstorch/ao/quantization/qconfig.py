"""How a layer is quantized: the three settings of dynamic quantization."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from ...backends import int8
from ...core import dtype as dt
from ...core.frames import warn
from ...core.quantized import SCHEMES, QuantizedTensor, qint8, qscheme, quint8
from ...core.tensor import Tensor, wrap

_LARGEST_HALF = 65504.0


@dataclass(frozen=True)
class Weights:
    """What becomes of a weight: ``dtype`` qint8 with a scale for the tensor or for each row, or float16."""

    dtype: Any
    qscheme: qscheme | None = None

    def quantize(self, weight: Tensor) -> Any:
        """The weight as a QuantizedTensor, or as a float16 tensor.

        The largest magnitude becomes 127.5 steps, so that the scale is ``max|w| / 127.5``, and 0 stays 0.
        """
        if weight.device.type != "cpu":
            raise RuntimeError(
                f"quantized layers compute on the CPU, and a weight is on {weight.device}: move the model (model.cpu())"
            )
        w = np.asarray(weight._a).astype(np.float32)
        if not np.isfinite(w).all():
            raise ValueError("a weight with nan or infinity cannot be quantized: its range is unknown")
        if self.dtype is dt.float16:
            if w.size and abs(w).max() > _LARGEST_HALF:
                warn("weights beyond 65504, the largest float16 number, are cut to it")
            return wrap(np.clip(w, -_LARGEST_HALF, _LARGEST_HALF).astype(np.float16))
        channels = self.qscheme is SCHEMES["per_channel_symmetric"]
        size = abs(w).max(axis=1 if channels else None, initial=0)
        scale = np.maximum(size.astype(np.float32) / np.float32(127.5), np.finfo(np.float32).eps)
        q = int8.quantize(np, w, scale[:, None] if channels else scale, 0, -128, 127, fused=False)
        ints = wrap(q.astype(np.int8))
        if channels:
            return QuantizedTensor(
                ints, qint8, wrap(scale.astype(np.float64)), wrap(np.zeros(len(w), np.int64)), 0
            )
        return QuantizedTensor(ints, qint8, float(scale), 0)


class QConfig(NamedTuple):
    """A setting: what becomes of what comes in, and of the weights. Those that there are have names of their own:
    ``default_dynamic_qconfig``, ``per_channel_dynamic_qconfig``, ``float16_dynamic_qconfig``."""

    activation: Any
    weight: Any


default_dynamic_qconfig = QConfig(quint8, Weights(qint8, SCHEMES["per_tensor_symmetric"]))
per_channel_dynamic_qconfig = QConfig(quint8, Weights(qint8, SCHEMES["per_channel_symmetric"]))
float16_dynamic_qconfig = QConfig(dt.float32, Weights(dt.float16))


def weights_of(config: Any) -> Weights:
    """The rule for the weights in a setting. TypeError when the setting is none of the three."""
    rule = getattr(config, "weight", None)
    if not isinstance(rule, Weights):
        raise TypeError(
            "a qconfig must be default_dynamic_qconfig, per_channel_dynamic_qconfig or float16_dynamic_qconfig of "
            f"torch.ao.quantization: there are no observers to build others from. Got {config!r}"
        )
    return rule
