"""The weight and the bias of a quantized linear layer."""

from __future__ import annotations

from typing import Any

from .....core.quantized import QuantizedTensor, qint8
from .....core.tensor import Tensor
from .utils import QuantizedModule, checked, shown


class LinearPackedParams(QuantizedModule):
    """A weight (out, in) and a bias (out), or None for it. ``dtype``: ``torch.qint8`` or ``torch.float16``.

    In PyTorch the weight is laid out anew for the processor, hence the name; here it is what it was. In the state_dict
    they are the pair ``_packed_params``, the same as in PyTorch's files.
    """

    _version = 3

    def __init__(self, dtype: Any = qint8) -> None:
        super().__init__()
        self.dtype = dtype
        self._weight: Any = None
        self._bias: Tensor | None = None

    def set_weight_bias(self, weight: Any, bias: Tensor | None) -> None:
        """Other numbers: a QuantizedTensor, for float16 a tensor; and a bias or None."""
        shape = None if self._weight is None else self._weight.shape
        self._weight, self._bias = checked(weight, bias, self.dtype, shape)

    def _weight_bias(self) -> tuple[QuantizedTensor | Tensor, Tensor | None]:
        return shown(self._weight), self._bias

    def _held(self) -> dict[str, Any]:
        return {"dtype": self.dtype, "_packed_params": self._weight_bias()}

    def _hold(self, held: dict[str, Any]) -> None:
        self.dtype = held["dtype"]
        self.set_weight_bias(*held["_packed_params"])
