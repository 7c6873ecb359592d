"""Causal masks by name instead of by their elements, for queries and keys of different lengths.

Source: https://pytorch.org/docs/stable/nn.attention.bias.html
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any

from ...core.dtype import bool_
from ...core.frames import warn
from ...core.tensor import Tensor
from ...ops.create import ones
from .. import functional as F


class CausalVariant(IntEnum):
    """Which corner the triangle of allowed places is aligned to; for square masks both are one."""

    UPPER_LEFT = 1
    LOWER_RIGHT = 2


class CausalBias(Tensor):
    """The mask of ``seq_len_q`` queries that see no later keys, of ``seq_len_kv``: an ``attn_mask`` for
    ``scaled_dot_product_attention``, which makes its elements when it needs them."""

    def __init__(self, variant: CausalVariant, seq_len_q: int, seq_len_kv: int) -> None:
        if not isinstance(variant, CausalVariant):
            raise AssertionError(f"variant must be a CausalVariant, got {type(variant).__name__}")
        super().__init__()
        self.variant, self.seq_len_q, self.seq_len_kv = variant, seq_len_q, seq_len_kv
        if seq_len_q > seq_len_kv and variant is CausalVariant.LOWER_RIGHT:
            warn(
                "Lower right causal bias will produce NaNs in the output when seq_len_q > seq_len_kv! The first "
                "queries see no key at all.",
            )

    def _materialize(self, device: Any = None) -> Tensor:
        """The mask as a tensor of truth values, True where a query sees a key."""
        shift = 0 if self.variant is CausalVariant.UPPER_LEFT else self.seq_len_kv - self.seq_len_q
        return ones(self.seq_len_q, self.seq_len_kv, dtype=bool_, device=device).tril(shift)

    @classmethod
    def __torch_function__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = dict(kwargs or {})
        if func is not F.scaled_dot_product_attention:
            return super().__torch_function__(func, types, args, kwargs)  # type: ignore[misc]
        names = ("query", "key", "value", "attn_mask", "dropout_p", "is_causal")
        given = {**dict(zip(names, args)), **kwargs}
        if given.get("is_causal"):
            raise ValueError("CausalBias should not be used with causal=True")
        given["attn_mask"] = given["attn_mask"]._materialize(given["query"].device)
        return func(**given)

    def __repr__(self) -> str:  # type: ignore[override]
        return repr(self._materialize())


def causal_upper_left(*size: int) -> CausalBias:
    """The mask of ``is_causal=True``: query i sees keys 0 to i. ``size``: the numbers of queries and of keys."""
    if len(size) != 2:
        raise AssertionError("causal_upper_left only supports 2D tensors")
    return CausalBias(CausalVariant.UPPER_LEFT, *size)


def causal_lower_right(*size: int) -> CausalBias:
    """The mask by which the last query sees all keys, as when new queries continue a long text."""
    if len(size) != 2:
        raise AssertionError("causal_lower_right only supports 2D tensors")
    return CausalBias(CausalVariant.LOWER_RIGHT, *size)


__all__ = ["CausalBias", "CausalVariant", "causal_lower_right", "causal_upper_left"]
