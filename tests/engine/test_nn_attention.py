"""Attention, the multi-head layer and the Transformer, against PyTorch."""

import copy
import importlib
import math
import warnings

import glasstorch
import numpy as np
import pytest
from support.differential import compare, equal, raises_alike, torch
from support.modules import pair, same_run

RNG = np.random.default_rng(0)


def _qkv(*lead, length=3, source=5, width=4, value=6):
    return (
        RNG.normal(size=(*lead, length, width)),
        RNG.normal(size=(*lead, source, width)),
        RNG.normal(size=(*lead, source, value)),
    )


# ---------------------------------------------------------------------- scaled dot products
@pytest.mark.parametrize("lead", [(), (2,), (2, 3)])
@pytest.mark.parametrize("settings", [{}, {"scale": -0.3}, {"is_causal": True}])
def test_scaled_dot_product(lead, settings):
    # PyTorch's fused kernel for four dimensions has no second derivative
    compare(lambda E, q, k, v: E.nn.functional.scaled_dot_product_attention(q, k, v, **settings), *_qkv(*lead),
            second=len(lead) < 2)  # fmt: skip


def test_masks():
    q, k, v = _qkv(2)
    seen = RNG.random(size=(3, 5)) > 0.4
    seen[1] = False  # sees nothing: zeros, and no gradient
    added = np.where(seen, RNG.normal(size=(3, 5)), -np.inf)

    def call(E, q, k, v, mask):
        return E.nn.functional.scaled_dot_product_attention(q, k, v, mask)

    compare(call, q, k, v, seen)
    compare(call, q, k, v, np.stack([seen, ~seen]))
    compare(call, q, k, v, RNG.normal(size=(2, 3, 5)))
    compare(call, q, k, v, added, second=False, grad=False)
    compare(
        lambda E, q, k, v, m: call(E, q.float(), k.float(), v.float(), m.float()), q, k, v, added, grad=False
    )


@pytest.mark.cpu
def test_grouped_queries_dropout_and_broadcast():
    q, k, v = RNG.normal(size=(2, 4, 3, 4)), RNG.normal(size=(2, 2, 5, 4)), RNG.normal(size=(2, 2, 5, 4))
    compare(lambda E, q, k, v: E.nn.functional.scaled_dot_product_attention(q, k, v, enable_gqa=True), q, k, v,
            second=False)  # fmt: skip
    compare(
        lambda E, q, k, v: E.nn.functional.scaled_dot_product_attention(q[0, :2], k, v), q, k, v, second=False
    )

    def dropped(E, q, k, v, p):
        E.manual_seed(5)
        return E.nn.functional.scaled_dot_product_attention(q, k, v, None, p)

    for p in (0.4, 1.0):
        compare(lambda E, q, k, v, p=p: dropped(E, q, k, v, p), *_qkv(2))


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32"])
def test_low_precision_is_computed_in_float32(dtype):
    q, k, v = _qkv(2)
    results = [
        E.nn.functional.scaled_dot_product_attention(
            *(E.tensor(a, dtype=getattr(E, dtype)) for a in (q, k, v))
        )
        for E in (glasstorch, torch)
    ]
    equal(results[0], results[1], dtype)


def test_empty():
    for shapes in (((0, 4), (3, 4), (3, 4)), ((2, 4), (0, 4), (0, 4)), ((2, 0), (3, 0), (3, 4))):
        compare(lambda E, q, k, v: E.nn.functional.scaled_dot_product_attention(q, k, v), *map(np.ones, shapes),
                grad=False)  # fmt: skip


def test_scaled_dot_product_errors():
    def call(*args, **kwargs):
        return lambda E: E.nn.functional.scaled_dot_product_attention(
            *(E.ones(a) if isinstance(a, tuple) else a for a in args),
            **{k: E.ones(m) if isinstance(m, tuple) else m for k, m in kwargs.items()},
        )

    raises_alike(call((1, 2, 4), (1, 2, 3), (1, 2, 4)), "[1, 4] but got: [1, 3]")
    raises_alike(call((4,), (4,), (4,)), "at least 2 dimensional, but got query.dim: 1")
    raises_alike(
        call((2, 4), (3, 4), (3, 4), attn_mask=(2, 3), is_causal=True), "should not be set when is_causal"
    )
    raises_alike(call((2, 4), (3, 4), (3, 4), attn_mask=(2, 5)), "size of tensor a (3) must match", "b (5)")
    raises_alike(call((2, 4), (3, 4), (3, 4), dropout_p=1.5), "between 0 and 1, but got 1.5")
    raises_alike(
        call((1, 4, 2, 4), (1, 3, 3, 4), (1, 3, 3, 4), enable_gqa=True), "must divide the number of heads"
    )
    raises_alike(call((2, 4), 3, (2, 4)), "argument 'key' (position 2) must be Tensor, not int")
    raises_alike(
        lambda E: E.nn.functional.scaled_dot_product_attention(
            E.ones(2, 4), E.ones(2, 4).double(), E.ones(2, 4)
        ),
        "query.dtype: float key.dtype: double",
    )
    raises_alike(
        lambda E: E.nn.functional.scaled_dot_product_attention(
            E.ones(2, 4), E.ones(2, 4), E.ones(2, 4), E.ones(2, 2).long()
        ),
        "got attn_mask.dtype: long int",
    )


# ---------------------------------------------------------------------- several heads
X = RNG.normal(size=(5, 2, 4))  # (S, N, E)
Y = RNG.normal(size=(3, 2, 4))


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"bias": False, "add_zero_attn": True},
        {"add_bias_kv": True},
        {"add_bias_kv": True, "add_zero_attn": True, "kdim": 4, "vdim": 4},
    ],
)
def test_multihead(settings):
    modules = pair(lambda E: E.nn.MultiheadAttention(4, 2, **settings))
    same_run(modules, lambda E, m, x: m(x, x, x), X, second=True)
    same_run(modules, lambda E, m, y, x: m(y, x, x, need_weights=False), Y, X)
    same_run(modules, lambda E, m, y, x: m(y, x, x * 2, average_attn_weights=False), Y, X)
    same_run(modules, lambda E, m, y, x: m(y[:, 0], x[:, 0], x[:, 0]), Y, X)
    padding = np.array([[False] * 5, [False, False, True, True, True]])
    mask = RNG.normal(size=(3, 5))
    for weights in (True, False):

        def call(E, m, y, x, p, a, weights=weights):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # a bool mask beside a float one is deprecated
                return (
                    m(y, x, x, key_padding_mask=p, need_weights=weights),
                    m(y, x, x, key_padding_mask=p, attn_mask=a, need_weights=weights),
                    m(y, x, x, attn_mask=a.repeat(4, 1, 1), need_weights=weights),
                    m(y, x, x, attn_mask=a > 0.5, need_weights=weights),
                )

        same_run(modules, call, Y, X, padding, mask)


def test_multihead_other_widths_batch_first_dropout():
    modules = pair(lambda E: E.nn.MultiheadAttention(4, 2, batch_first=True, kdim=3, vdim=6, dropout=0.3))
    k, v = RNG.normal(size=(2, 5, 3)), RNG.normal(size=(2, 5, 6))
    for weights in (True, False):
        same_run(
            modules, lambda E, m, q, k, v, w=weights: m(q, k, v, need_weights=w), Y.transpose(1, 0, 2), k, v
        )
    for m in modules:
        m.eval()
    same_run(modules, lambda E, m, q, k, v: m(q, k, v), Y.transpose(1, 0, 2), k, v)
    modules = pair(lambda E: E.nn.MultiheadAttention(4, 2, batch_first=True))
    same_run(modules, lambda E, m, x, a: m(x, x, x, attn_mask=a > 0, is_causal=True, need_weights=False),
             X.transpose(1, 0, 2), np.triu(np.ones((5, 5), np.int64), 1))  # fmt: skip


def test_static_keys_and_values():
    k, v = RNG.normal(size=(2, 4, 6, 2))

    def call(E, m, x, k, v):
        return E.nn.functional.multi_head_attention_forward(
            x, x, x, 4, 2, m.in_proj_weight, m.in_proj_bias, None, None, False, 0.0, m.out_proj.weight,
            m.out_proj.bias, static_k=k, static_v=v,
        )  # fmt: skip

    same_run(pair(lambda E: E.nn.MultiheadAttention(4, 2)), call, X, k, v)


def test_multihead_errors():
    def make(E, **kwargs):
        return E.nn.MultiheadAttention(4, 2, **kwargs)

    raises_alike(lambda E: E.nn.MultiheadAttention(5, 2), "embed_dim must be divisible by num_heads")
    raises_alike(
        lambda E: E.nn.MultiheadAttention(0, 2), "must be greater than 0, got embed_dim=0 and num_heads=2"
    )
    cases = [
        (((3, 2, 4), (3, 4), (3, 4)), {}, "expected `key` and `value` to be 3-D but found 2-D and 2-D"),
        (((4,), (4,), (4,)), {}, "query should be unbatched 2D or batched 3D tensor but received 1-D"),
        (((3, 2, 5), (3, 2, 5), (3, 2, 5)), {}, "was expecting embedding dimension of 4, but got 5"),
        (((3, 2, 4), (3, 2, 4), (4, 2, 4)), {}, "does not match value shape"),
        (((3, 2, 4),) * 3, {"attn_mask": (3, 2)}, "The shape of the 2D attn_mask is", "should be (3, 3)"),
        (((3, 2, 4),) * 3, {"attn_mask": (2, 3, 3)}, "should be (4, 3, 3)"),
        (((3, 2, 4),) * 3, {"attn_mask": (3,)}, "`attn_mask` to be `None`, 2-D or 3-D but found 1-D"),
        (((3, 4),) * 3, {"attn_mask": (3, 3, 3)}, "Expected `attn_mask` shape to be (2, 3, 3)"),
        (
            ((3, 2, 4),) * 3,
            {"key_padding_mask": (3,)},
            "`key_padding_mask` to be `None` or 2-D but found 1-D",
        ),
        (((3, 2, 4),) * 3, {"key_padding_mask": (3, 3)}, "shape[0] to be 2, but got 3"),
        (((3, 2, 4),) * 3, {"is_causal": True}, "Need attn_mask if specifying the is_causal hint"),
    ]
    for shapes, kwargs, *words in cases:
        raises_alike(
            lambda E, s=shapes, k=kwargs: make(E)(
                *(E.ones(n) for n in s),
                **{a: E.zeros(m) if isinstance(m, tuple) else m for a, m in k.items()},
            ),
            *words,
        )
    raises_alike(
        lambda E: make(E)(*[E.ones(3, 2, 4)] * 3, attn_mask=E.ones(3, 3).long()), "only bool and floating"
    )


def test_mismatched_masks_warn():
    for E in (torch, glasstorch):
        x = E.ones(3, 2, 4)
        with pytest.warns(UserWarning, match="mismatched key_padding_mask and attn_mask is deprecated"):
            E.nn.MultiheadAttention(4, 2)(
                x, x, x, key_padding_mask=E.zeros(2, 3).bool(), attn_mask=E.zeros(3, 3)
            )


# ---------------------------------------------------------------------- Transformer
def _quiet(make):
    def inner(E):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return make(E)

    return inner


@pytest.mark.parametrize(
    "settings",
    [
        {"dropout": 0.0},
        {"dropout": 0.2, "norm_first": True, "activation": "gelu"},
        {"dropout": 0.0, "batch_first": True, "bias": False},
    ],
)
def test_layers(settings):
    x, y = X, Y
    if settings.get("batch_first"):
        x, y = X.transpose(1, 0, 2), Y.transpose(1, 0, 2)
    modules = pair(lambda E: E.nn.TransformerEncoderLayer(4, 2, 6, **settings))
    same_run(modules, lambda E, m, x: m(x), x)
    mask = np.triu(np.full((5, 5), -np.inf), 1)
    same_run(modules, lambda E, m, x, a: m(x, a.detach()), x, mask)
    same_run(modules, lambda E, m, x, a: m(x, a.detach(), is_causal=True), x, mask)
    modules = pair(lambda E: E.nn.TransformerDecoderLayer(4, 2, 6, **settings))
    same_run(modules, lambda E, m, y, x: m(y, x), y, x)
    padding = np.array([[False] * 5, [False, False, True, True, True]])
    same_run(modules, lambda E, m, y, x, p: m(y, x, memory_key_padding_mask=p), y, x, padding)


def test_callable_activation():
    modules = pair(lambda E: E.nn.TransformerEncoderLayer(4, 2, 6, 0.0, activation=E.tanh))
    same_run(modules, lambda E, m, x: m(x), X)
    modules = pair(lambda E: E.nn.TransformerEncoderLayer(4, 2, 6, 0.0, activation=E.nn.SiLU()))
    same_run(modules, lambda E, m, x: m(x), X)


def test_whole_transformer():
    modules = pair(_quiet(lambda E: E.nn.Transformer(4, 2, 2, 1, 6, 0.1)))
    mask = np.triu(np.full((3, 3), -np.inf), 1)
    same_run(modules, lambda E, m, x, y, a: m(x, y, tgt_mask=a.detach()), X, Y, mask)
    same_run(modules, lambda E, m, x, y: m(x[:, 0], y[:, 0]), X, Y)
    equal(*(m.generate_square_subsequent_mask(4) for m in modules), "mask")
    raises_alike(lambda E: _quiet(lambda E: E.nn.Transformer(4, 2, 1, 1, 6))(E)(E.ones(3, 2, 4), E.ones(3, 1, 4)),
                 "the batch number of src and tgt must be equal")  # fmt: skip
    raises_alike(lambda E: _quiet(lambda E: E.nn.Transformer(4, 2, 1, 1, 6))(E)(E.ones(3, 2, 5), E.ones(3, 2, 5)),
                 "must be equal to d_model")  # fmt: skip


def test_encoder_leaves_padding_out_as_pytorch_does():
    modules = pair(lambda E: E.nn.TransformerEncoder(
        E.nn.TransformerEncoderLayer(4, 2, 6, batch_first=True), 2, E.nn.LayerNorm(4)))  # fmt: skip
    x = X.transpose(1, 0, 2)
    padding = np.array([[False] * 5, [False, False, True, True, True]])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch's nested tensors are a prototype
        for gradients in (True, False):
            out = []
            for E, m in zip((glasstorch, torch), modules, strict=True):
                m.eval()
                with E.set_grad_enabled(gradients):
                    out.append(m(E.tensor(x), src_key_padding_mask=E.tensor(padding)))
            equal(out[0], out[1], f"gradients: {gradients}")


def test_encoder_warnings_and_copies():
    for E in (torch, glasstorch):
        with pytest.warns(
            UserWarning, match="self.use_nested_tensor is False because .*batch_first was not True"
        ):
            m = E.nn.TransformerEncoder(E.nn.TransformerEncoderLayer(4, 2, 6), 2)
        with pytest.warns(UserWarning, match="norm_first was True"):
            E.nn.TransformerEncoder(E.nn.TransformerEncoderLayer(4, 2, 6, norm_first=True), 2)
        assert E.equal(m.layers[0].linear1.weight, m.layers[1].linear1.weight)
        assert m.layers[0].linear1.weight is not m.layers[1].linear1.weight
        copy.deepcopy(m)
    raises_alike(
        lambda E: E.nn.TransformerEncoderLayer(4, 2, activation="x"), "activation should be relu/gelu, not x"
    )


@pytest.mark.parametrize("lengths", [(3, 5), (4, 4), (5, 3), (1, 6)])
@pytest.mark.parametrize("kind", ["causal_upper_left", "causal_lower_right"])
@pytest.mark.filterwarnings("ignore:Lower right causal bias")
def test_causal_masks_by_name(kind, lengths):
    def attention(E, q, k, v):
        mask = getattr(importlib.import_module(f"{E.__name__}.nn.attention.bias"), kind)(*lengths)
        out = E.nn.functional.scaled_dot_product_attention(q, k, v, mask, scale=0.3)
        return out.nan_to_num() if out.isnan().any() else out

    queries, keys = lengths
    numbers = np.random.default_rng(0)
    q, k, v = (numbers.normal(size=(2, 2, n, 4)) for n in (queries, keys, keys))
    compare(attention, q, k, v, second=False)
    texts = [repr(getattr(importlib.import_module(f"{E.__name__}.nn.attention.bias"), kind)(*lengths))
             for E in (glasstorch, torch)]  # fmt: skip
    assert texts[0] == texts[1]


def test_causal_masks_that_make_no_sense():
    def bias(E):
        return importlib.import_module(f"{E.__name__}.nn.attention.bias")

    raises_alike(lambda E: bias(E).causal_upper_left(3), "causal_upper_left only supports 2D tensors")
    raises_alike(lambda E: bias(E).CausalBias(1, 2, 3), "variant must be a CausalVariant, got int")
    q = (1, 1, 2, 4)
    raises_alike(
        lambda E: E.nn.functional.scaled_dot_product_attention(
            E.ones(q), E.ones(q), E.ones(q), bias(E).causal_upper_left(2, 2), is_causal=True
        ),
        "CausalBias should not be used with causal=True",
    )
    for E in (torch, glasstorch):
        with pytest.warns(UserWarning, match="Lower right causal bias will produce NaNs"):
            bias(E).causal_lower_right(3, 2)


@pytest.mark.parametrize("shape", [None, (3, 3), (4, 3, 3)])
@pytest.mark.parametrize("padding", [False, True])
def test_merged_masks(shape, padding):
    merged = []
    for E in (glasstorch, torch):
        m = E.nn.MultiheadAttention(4, 2)
        mask = None if shape is None else E.arange(float(math.prod(shape))).reshape(shape)
        pad = E.tensor([[0.0, 0, -1], [0, -1, -1]]) if padding else None
        merged.append(m.merge_masks(mask, pad, E.ones(2, 3, 4)))
    assert merged[0][1] == merged[1][1]
    assert (merged[0][0] is None) == (merged[1][0] is None)
    if merged[0][0] is not None:
        equal(merged[0][0], merged[1][0], "mask")
