"""What type a result has: ``result_type`` and ``can_cast``."""

from __future__ import annotations

from typing import Any

from ..core import dtype as dt
from ..core.dispatch import NUMBERS
from ..core.dispatch import result_type as _result_type
from ..core.forms import public
from ..core.refusals import type_name
from ..core.tensor import Tensor


@public
def result_type(tensor1: Any, tensor2: Any) -> dt.dtype:
    """result_type(tensor1, tensor2) -> dtype

    The type of arithmetic between two tensors or numbers.
    Source: https://pytorch.org/docs/stable/generated/torch.result_type.html
    """
    if not all(isinstance(v, (Tensor, *NUMBERS)) for v in (tensor1, tensor2)):
        raise TypeError(
            f"result_type() received an invalid combination of arguments - got ({type_name(tensor1)}, "
            f"{type_name(tensor2)}), but expected tensors or numbers"
        )
    return _result_type([tensor1, tensor2])


@public
def can_cast(from_: dt.dtype, to: dt.dtype) -> bool:
    """can_cast(from_, to) -> bool

    May a value of one type be stored in another? Not when that loses its kind: complex, floating, integer, bool.
    """
    for k, (name, d) in enumerate((("from_", from_), ("to", to)), 1):
        if not isinstance(d, dt.dtype):
            raise TypeError(
                f"can_cast(): argument '{name}' (position {k}) must be torch.dtype, not {type_name(d)}"
            )
    return from_.category <= to.category
