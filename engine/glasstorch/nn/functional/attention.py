"""Attention: scaled dot products, and several heads with their projections. Source: https://arxiv.org/abs/1706.03762"""

from __future__ import annotations

import math
from typing import Any

from ...backends import readable
from ...core import dtype as dt
from ...core.frames import warn
from ...core.mode import STATE
from ...core.tensor import Tensor
from ...ops import create
from ...ops.join import cat
from ...ops.matmul import _c_name
from .linear import linear
from .padding import pad
from .random import _dropped


def scaled_dot_product_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attn_mask: Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    *,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Tensor:
    """``softmax(query @ key^T * scale + mask) @ value``: each query's mixture of the values.

    Shapes: query (*, L, E), key (*, S, E), value (*, S, Ev) give (*, L, Ev). ``attn_mask`` (L, S) or more dimensions:
    bool (True takes part) or float (added to the scores); ``is_causal``: a query sees the keys up to its own place;
    ``dropout_p`` is always applied; ``scale`` is ``1/sqrt(E)`` by default; ``enable_gqa``: fewer heads of keys and
    values than of queries, each shared by a group. A query that sees no key gets zeros.
    """
    _check_attention(query, key, value, attn_mask, is_causal, scale)
    dtype = query.dtype
    q: Any = query
    k: Any = key
    v: Any = value
    if dtype in (dt.float16, dt.bfloat16):  # computed in float32, rounded once at the end
        q, k, v = q.float(), k.float(), v.float()
    if enable_gqa:
        k, v = _shared_heads(q, k), _shared_heads(q, v)
    factor = 1 / math.sqrt(max(1, q._a.shape[-1])) if scale is None else float(scale)
    scores = (q * factor) @ k.transpose(-2, -1)
    if is_causal:
        rows, columns = scores._a.shape[-2:]
        seen = create.ones((rows, columns), dtype=dt.bool_, device=q.device).tril()  # type: ignore[attr-defined]
        scores = scores.masked_fill(~seen, -math.inf)
    if attn_mask is not None:
        scores = scores + _added(attn_mask, scores)
        blind = (scores == -math.inf).all(-1, keepdim=True)
        any_values = STATE.recorder is not None and STATE.recorder.for_any_values
        if any_values or not readable(blind._a) or bool(blind.any()):
            weights = scores.masked_fill(blind, 0.0).softmax(-1).masked_fill(blind, 0.0)
        else:
            weights = scores.softmax(-1)
    else:
        weights = scores.softmax(-1)
    if dropout_p > 0:
        _check_dropout(dropout_p)
        weights = _dropped(weights, dropout_p, True, False)
    return (weights @ v).to(dtype)


def _check_dropout(p: float) -> None:
    if p > 1:
        raise RuntimeError(f"dropout probability has to be between 0 and 1, but got {p}")


def _check_attention(
    query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None, is_causal: bool, scale: Any
) -> None:
    for i, (name, t) in enumerate((("query", query), ("key", key), ("value", value))):
        if not isinstance(t, Tensor):
            raise TypeError(
                f"scaled_dot_product_attention(): argument '{name}' (position {i + 1}) must be Tensor, "
                f"not {type(t).__name__}"
            )
    if not query.dtype is key.dtype is value.dtype:
        raise RuntimeError(
            "Expected query, key, and value to have the same dtype, but got query.dtype: "
            f"{_c_name(query._a.dtype)} key.dtype: {_c_name(key._a.dtype)} and value.dtype: "
            f"{_c_name(value._a.dtype)} instead."
        )
    if min(query._a.ndim, key._a.ndim, value._a.ndim) < 2:
        raise RuntimeError(
            "Expected query, key, and value to all be  at least 2 dimensional, but got query.dim: "
            f"{query._a.ndim} key.dim: {key._a.ndim} and value.dim: {value._a.ndim} instead."
        )
    if scale is not None and not isinstance(scale, (int, float)):
        raise TypeError(
            f"scaled_dot_product_attention(): argument 'scale' must be float, not {type(scale).__name__}"
        )
    if mask is not None:
        if mask.dtype not in (dt.bool_, dt.float32, query.dtype):
            raise RuntimeError(
                "Expected attn_mask dtype to be bool or float or to match query dtype, but got attn_mask.dtype: "
                f"{_c_name(mask._a.dtype)} and  query.dtype: {_c_name(query._a.dtype)} instead."
            )
        if is_causal:
            raise RuntimeError(
                "_scaled_dot_product_attention: Explicit attn_mask should not be set when is_causal=True"
            )


def _shared_heads(q: Any, x: Any) -> Any:
    """Each head of ``x`` repeated for the query heads of its group."""
    heads, own = q._a.shape[-3], x._a.shape[-3]
    if own == 0 or heads % own:
        raise RuntimeError(
            f"Number of heads in key and value must divide the number of heads in query, got {own} and {heads}"
        )
    return x if heads == own else x.repeat_interleave(heads // own, -3)


def _added(mask: Any, scores: Any) -> Any:
    """A mask as numbers to add to the scores: 0 or minus infinity for a bool mask."""
    if mask.dtype is dt.bool_:
        return scores.new_zeros(mask._a.shape).masked_fill_(~mask, -math.inf)
    return mask.to(scores.dtype)


# ---------------------------------------------------------------------- several heads
def _canonical_mask(mask: Any, mask_name: str, other_type: Any, other_name: str, target_type: dt.dtype,
                    check_other: bool = True) -> Any:  # fmt: skip
    """A mask as numbers to add: a bool mask (True is left out) becomes minus infinity where it is True."""
    if mask is None:
        return None
    if mask.dtype is not dt.bool_ and not mask.is_floating_point():
        raise AssertionError(f"only bool and floating types of {mask_name} are supported")
    if check_other and other_type is not None and mask.dtype is not other_type:
        warn(
            f"Support for mismatched {mask_name} and {other_name} is deprecated. Use same type for both instead.",
        )
    if mask.dtype is dt.bool_:
        return mask.new_zeros(mask._a.shape, dtype=target_type).masked_fill_(mask, -math.inf)
    return mask


def _none_or_dtype(input: Tensor | None) -> Any:
    if input is not None and not isinstance(input, Tensor):
        raise RuntimeError("input to _none_or_dtype() must be None or torch.Tensor")
    return None if input is None else input.dtype


def _mha_shape_check(
    query: Tensor, key: Tensor, value: Tensor, padding: Any, mask: Any, num_heads: int
) -> bool:
    """AssertionError unless the dimensions fit together. Is there a batch?"""
    ndim = query._a.ndim
    if ndim not in (2, 3):
        raise AssertionError(
            f"query should be unbatched 2D or batched 3D tensor but received {ndim}-D query tensor"
        )
    start = f"For {'batched' if ndim == 3 else 'unbatched'} ({ndim}-D) `query`, expected "
    if key._a.ndim != ndim or value._a.ndim != ndim:
        raise AssertionError(
            f"{start}`key` and `value` to be {ndim}-D but found {key._a.ndim}-D and {value._a.ndim}-D tensors "
            "respectively"
        )
    if padding is not None and padding._a.ndim != ndim - 1:
        raise AssertionError(
            f"{start}`key_padding_mask` to be `None` or {ndim - 1}-D but found {padding._a.ndim}-D tensor instead"
        )
    if mask is not None:
        if mask._a.ndim not in (2, 3):
            raise AssertionError(
                f"{start}`attn_mask` to be `None`, 2-D or 3-D but found {mask._a.ndim}-D tensor instead"
            )
        expected = (num_heads, query._a.shape[0], key._a.shape[0])
        if ndim == 2 and mask._a.ndim == 3 and mask._a.shape != expected:
            raise AssertionError(f"Expected `attn_mask` shape to be {expected} but got {mask.shape!r}")
    return ndim == 3


def _in_projection_packed(q: Any, k: Any, v: Any, w: Any, b: Any = None) -> tuple:
    """The three projections whose weights are stacked in ``w``; one product where the inputs are the same tensor."""
    e = q._a.shape[-1]
    if q is k and k is v:
        return linear(q, w, b).split(e, -1)  # type: ignore[attr-defined]
    if k is v:
        to_q, to_kv = w.split([e, 2 * e])
        b_q, b_kv = (None, None) if b is None else b.split([e, 2 * e])
        return linear(q, to_q, b_q), *linear(k, to_kv, b_kv).split(e, -1)  # type: ignore[attr-defined]
    biases = (None,) * 3 if b is None else b.split(e)
    return tuple(linear(x, y, z) for x, y, z in zip((q, k, v), w.split(e), biases, strict=True))


def _in_projection(q: Any, k: Any, v: Any, w_q: Any, w_k: Any, w_v: Any, b_q: Any = None, b_k: Any = None,
                   b_v: Any = None) -> tuple:  # fmt: skip
    """The three projections with a weight each."""
    e, out = q._a.shape[-1], []
    for name, x, w, b in (("query", q, w_q, b_q), ("key", k, w_k, b_k), ("value", v, w_v, b_v)):
        expected = (e, x._a.shape[-1])
        if w is None:
            raise AssertionError(f"use_separate_proj_weight is True but {name[0]}_proj_weight is None")
        if w._a.shape != expected:
            raise AssertionError(f"expecting {name} weights shape of {expected}, but got {w.shape!r}")
        if b is not None and b._a.shape != (e,):
            raise AssertionError(f"expecting {name} bias shape of {(e,)}, but got {b.shape!r}")
        out.append(linear(x, w, b))
    return tuple(out)


def _heads(x: Any, static: Any, name: str, batch_heads: int, head_dim: int) -> Any:
    """(length, batch, embedding) as (batch · heads, length, head); ``static`` takes its place when given."""
    if static is None:
        return x.reshape(x._a.shape[0], batch_heads, head_dim).transpose(0, 1)
    for axis, expected in ((0, batch_heads), (2, head_dim)):
        if static._a.shape[axis] != expected:
            raise AssertionError(
                f"expecting {name}.size({axis}) of {expected}, but got {static._a.shape[axis]}"
            )
    return static


def _check_mask(mask: Any, batch_heads: int, target: int, source: int) -> Any:
    """The attention mask with a batch dimension; RuntimeError when its shape does not fit."""
    expected = (target, source) if mask._a.ndim == 2 else (batch_heads, target, source)
    if mask._a.shape != expected:
        raise RuntimeError(
            f"The shape of the {mask._a.ndim}D attn_mask is {mask.shape!r}, but should be {expected}."
        )
    return mask.unsqueeze(0) if mask._a.ndim == 2 else mask


def multi_head_attention_forward(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    embed_dim_to_check: int,
    num_heads: int,
    in_proj_weight: Tensor | None,
    in_proj_bias: Tensor | None,
    bias_k: Tensor | None,
    bias_v: Tensor | None,
    add_zero_attn: bool,
    dropout_p: float,
    out_proj_weight: Tensor,
    out_proj_bias: Tensor | None,
    training: bool = True,
    key_padding_mask: Tensor | None = None,
    need_weights: bool = True,
    attn_mask: Tensor | None = None,
    use_separate_proj_weight: bool = False,
    q_proj_weight: Tensor | None = None,
    k_proj_weight: Tensor | None = None,
    v_proj_weight: Tensor | None = None,
    static_k: Tensor | None = None,
    static_v: Tensor | None = None,
    average_attn_weights: bool = True,
    is_causal: bool = False,
) -> tuple[Tensor, Tensor | None]:
    """Project query, key and value, attend in each of ``num_heads`` parts, join the parts and project again.

    Shapes: query (L, N, E) or (L, E), key (S, N, Ek), value (S, N, Ev). Gives the output like ``query``, and with
    ``need_weights`` the weights (N, L, S), the mean over the heads, or (N, heads, L, S). ``key_padding_mask`` (N, S)
    and ``attn_mask`` (L, S) or (N · heads, L, S): bool (True is left out) or float (added); ``is_causal`` is a hint
    that ``attn_mask`` is the causal one. ``bias_k``, ``bias_v``: one more key and value, learned; ``add_zero_attn``:
    one of zeros. ``static_k``, ``static_v``: in place of the projected ones.
    """
    batched = _mha_shape_check(query, key, value, key_padding_mask, attn_mask, num_heads)
    if not batched:
        if query is key is value:
            query = key = value = query.unsqueeze(1)  # type: ignore[attr-defined]
        else:
            query, key, value = (x.unsqueeze(1) for x in (query, key, value))  # type: ignore[attr-defined]
        key_padding_mask = None if key_padding_mask is None else key_padding_mask.unsqueeze(0)  # type: ignore[attr-defined]
    target, batch, embed_dim = query._a.shape
    source = key._a.shape[0]
    padding: Any = _canonical_mask(key_padding_mask, "key_padding_mask", _none_or_dtype(attn_mask), "attn_mask",
                                   query.dtype)  # fmt: skip
    if is_causal and attn_mask is None:
        raise RuntimeError(
            "Need attn_mask if specifying the is_causal hint. You may use the Transformer module method "
            "`generate_square_subsequent_mask` to create this mask."
        )
    is_causal = is_causal and padding is None and not need_weights  # then the mask itself need not be added
    mask: Any = None if is_causal else _canonical_mask(attn_mask, "attn_mask", None, "", query.dtype, False)
    head_dim = embed_dim // num_heads
    _check_embedding(query, key, value, embed_dim_to_check, num_heads, use_separate_proj_weight)
    if use_separate_proj_weight:
        biases: Any = () if in_proj_bias is None else in_proj_bias.chunk(3)  # type: ignore[attr-defined]
        q, k, v = _in_projection(query, key, value, q_proj_weight, k_proj_weight, v_proj_weight, *biases)
    else:
        if in_proj_weight is None:
            raise AssertionError("use_separate_proj_weight is False but in_proj_weight is None")
        q, k, v = _in_projection_packed(query, key, value, in_proj_weight, in_proj_bias)
    if mask is not None:
        mask = _check_mask(mask, batch * num_heads, target, source)
    more = 0  # keys that the masks do not know of yet
    if bias_k is not None and bias_v is not None:
        for name, static in (("key", static_k), ("value", static_v)):
            if static is not None:
                raise AssertionError(f"bias cannot be added to static {name}.")
        k = cat([k, bias_k.repeat(1, batch, 1)])  # type: ignore[attr-defined]
        v = cat([v, bias_v.repeat(1, batch, 1)])  # type: ignore[attr-defined]
        more += 1
    elif bias_k is not None or bias_v is not None:
        a, b = ("bias_k", "bias_v") if bias_v is None else ("bias_v", "bias_k")
        raise AssertionError(f"{a} is set but {b} is None")
    q = _heads(q, None, "", batch * num_heads, head_dim)
    k = _heads(k, static_k, "static_k", batch * num_heads, head_dim)
    v = _heads(v, static_v, "static_v", batch * num_heads, head_dim)
    if add_zero_attn:
        k, v = (pad(x, (0, 0, 0, 1)) for x in (k, v))
        more += 1
    if more:
        mask = None if mask is None else pad(mask, (0, more))
        padding = None if padding is None else pad(padding, (0, more))
    source = k._a.shape[1]
    if padding is not None:
        for axis, expected in enumerate((batch, source)):
            if padding._a.shape[axis] != expected:
                raise AssertionError(
                    f"Expected key_padded_mask.shape[{axis}] to be {expected}, but got {padding._a.shape[axis]}"
                )
        padding = padding.reshape(batch, 1, 1, source).expand(-1, num_heads, -1, -1)
        padding = padding.reshape(batch * num_heads, 1, source)
        mask = padding if mask is None else mask + padding
    p = dropout_p if training else 0.0
    if not need_weights:
        if mask is not None and mask._a.shape[0] != 1:
            mask = mask.reshape(batch, num_heads, -1, source)
        q, k, v = (x.reshape(batch, num_heads, -1, head_dim) for x in (q, k, v))
        attended = scaled_dot_product_attention(q, k, v, mask, p, is_causal)
        attended = attended.permute(2, 0, 1, 3)  # type: ignore[attr-defined]
        weights = None
    else:
        scores = (q * math.sqrt(1.0 / head_dim)) @ k.transpose(-2, -1)
        weights = (scores if mask is None else scores + mask).softmax(-1)
        if p > 0:
            weights = _dropped(weights, p, True, False)
        attended = (weights @ v).transpose(0, 1)
        weights = weights.reshape(batch, num_heads, target, source)
        weights = weights.mean(1) if average_attn_weights else weights
    out: Any = linear(attended.reshape(target, batch, embed_dim), out_proj_weight, out_proj_bias)
    if not batched:
        return out.squeeze(1), None if weights is None else weights.squeeze(0)
    return out, weights


def _check_embedding(
    query: Tensor, key: Tensor, value: Tensor, expected: int, heads: int, separate: bool
) -> None:
    """AssertionError unless the embedding has the length promised and can be cut into the heads."""
    e = query._a.shape[-1]
    if e != expected:
        raise AssertionError(f"was expecting embedding dimension of {expected}, but got {e}")
    if e % heads:
        raise AssertionError(f"embed_dim {e} not divisible by num_heads {heads}")
    if separate and key._a.shape[:2] != value._a.shape[:2]:
        raise AssertionError(
            f"key's sequence and batch dims {key.shape[:2]!r} do not match value's {value.shape[:2]!r}"
        )
    if not separate and key._a.shape != value._a.shape:
        raise AssertionError(f"key shape {key.shape!r} does not match value shape {value.shape!r}")
