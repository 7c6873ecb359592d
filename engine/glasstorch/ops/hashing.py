"""A number that stands for the elements of a tensor: ``hash_tensor``."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import backends
from ..core import dtype as dt
from ..core.dims import wrap_dims
from ..core.forms import method
from ..core.tensor import Tensor, wrap
from .kinds import not_implemented


@method
def hash_tensor(input: Tensor, dim: Any = (), *, keepdim: bool = False, mode: int = 0) -> Tensor:
    """hash_tensor(input, dim=(), *, keepdim=False, mode=0) -> Tensor

    The bits of all elements (or of those along ``dim``), each as a 64-bit number, combined by exclusive or. Equal
    tensors have equal hashes, whatever the order of their elements; uint64.
    Source: https://pytorch.org/docs/stable/generated/torch.hash_tensor.html
    """
    if mode != 0:
        raise RuntimeError(f"Unknown hash_tensor mode: {mode}")
    if input.is_complex():
        not_implemented("xor_sum_cpu", input.dtype)
    xp, a = backends.namespace(input._a), input._a
    wide = a.astype(np.float64 if input.dtype.category == dt.FLOATING else np.int64)
    bits = wide.view(np.uint64) if a.ndim else wide.reshape(1).view(np.uint64).reshape(())
    dims = wrap_dims(dim, a.ndim)
    out = bits
    for d in sorted(dims, reverse=True):
        out = xp.bitwise_xor.reduce(out, axis=d, keepdims=keepdim)
    return wrap(xp.asarray(out))
