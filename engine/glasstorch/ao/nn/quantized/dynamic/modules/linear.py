"""The linear layer with a quantized weight."""

from __future__ import annotations

from typing import Any

import numpy as np

from ......core import dtype as dt
from ......core.quantized import QuantizedTensor, qint8
from ......core.tensor import Tensor, wrap
from ......nn.modules.linear import Linear as FloatLinear
from ......ops.create import tensor
from ......ops.matmul import linear
from ......ops.quantized import dynamic_linear
from ...modules.linear import LinearPackedParams
from ...modules.utils import QuantizedModule, floats_only


class Linear(QuantizedModule):
    """``nn.Linear`` with a weight of int8 numbers: (*, N, in_features) to (*, N, out_features), float32.

    In each call the input is quantized to the range of its own numbers, multiplied as integers, and the result scaled
    back: ``y = s_x s_W (X_q - z) W_q^T + b``. There is no gradient. ``torch.ao.quantization.quantize_dynamic`` makes
    such layers of trained ones; made by hand, the weight is zeros until ``set_weight_bias``.
    Source: https://pytorch.org/docs/stable/generated/torch.ao.nn.quantized.dynamic.Linear.html

    Args:
        bias_: is there a bias?
        dtype: ``torch.qint8``, or ``torch.float16``: the weight in half precision, everything else as in ``nn.Linear``.
    """

    _version = 4

    def __init__(self, in_features: int, out_features: int, bias_: bool = True, dtype: Any = qint8) -> None:
        super().__init__()
        self.in_features, self.out_features = in_features, out_features
        self._packed_params = LinearPackedParams(dtype)
        zeros = wrap(np.zeros((out_features, in_features), np.float32 if dtype is dt.float16 else np.int8))
        self._packed_params.set_weight_bias(
            QuantizedTensor(zeros, qint8, 1.0, 0) if dtype is qint8 else zeros,
            wrap(np.zeros(out_features, np.float32)) if bias_ else None,
        )
        self.scale, self.zero_point = 1.0, 0  # of the output where that is quantized too; here it is not

    def forward(self, x: Tensor) -> Tensor:
        kept = self._packed_params
        if kept.dtype is qint8:
            return dynamic_linear(x, kept._weight, kept._bias)
        return linear(x, kept._weight.float(), kept._bias)

    def weight(self) -> Any:
        """The weight: a QuantizedTensor, for float16 a float32 tensor."""
        return self._packed_params._weight_bias()[0]

    def bias(self) -> Tensor | None:
        """The bias."""
        return self._packed_params._bias

    def _weight_bias(self) -> tuple:
        return self._packed_params._weight_bias()

    def set_weight_bias(self, w: Any, b: Tensor | None) -> None:
        """Other numbers of the same shapes: ``w`` as ``weight()`` gives them."""
        self._packed_params.set_weight_bias(w, b)

    @classmethod
    def from_float(cls, mod: Any, use_precomputed_fake_quant: bool = False) -> Linear:
        """The quantized layer for an ``nn.Linear`` with an attribute ``qconfig``."""
        floats_only("Linear", mod, (FloatLinear,))
        rule = mod.qconfig.weight
        new = cls(mod.in_features, mod.out_features, mod.bias is not None, rule.dtype)
        new.set_weight_bias(rule.quantize(mod.weight), mod.bias)
        return new

    def _held(self) -> dict[str, Any]:
        return {"scale": tensor(self.scale), "zero_point": tensor(self.zero_point)}

    def _hold(self, held: dict[str, Any]) -> None:
        self.scale, self.zero_point = float(held["scale"]), int(held["zero_point"])

    def _get_name(self) -> str:
        return "DynamicQuantizedLinear"

    def extra_repr(self) -> str:
        kept = self._packed_params
        out = f"in_features={self.in_features}, out_features={self.out_features}, dtype={kept.dtype}"
        return f"{out}, qscheme={kept._weight.qscheme()}" if kept.dtype is qint8 else out

    def __repr__(self) -> str:
        return f"{self._get_name()}({self.extra_repr()})"
