"""The learner's module against NumPy in float64, with what common mistakes come to; then its gradients as well."""

import numpy as np
from glasstorch_web.grader.checks import CheckFailed, close, same_module


def _input(rng, length=5, width=12):
    return rng.normal(size=(2, length, width)).astype("float32")


def _softmax(scores, axis=-1):
    e = np.exp(scores - scores.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


def _split(x, heads):
    return np.swapaxes(x.reshape(*x.shape[:2], heads, -1), 1, 2)


def _interleaved(x, heads):
    return x.reshape(*x.shape[:2], -1, heads).transpose(0, 3, 1, 2)


def _raw(x, heads):
    return x.reshape(x.shape[0], heads, x.shape[1], -1)


def _joined(out, x):
    return np.swapaxes(out, 1, 2).reshape(x.shape)


def _attention(x, weights, heads, split=_split, join=_joined, root=None, axis=-1, last=True, mask=None):
    query, key, value, output = weights.astype(np.float64)
    q, k, v = (split(x @ one.T, heads) for one in (query, key, value))
    scores = q @ np.swapaxes(k, -1, -2) / np.sqrt(q.shape[-1] if root is None else root)
    if mask is not None:
        scores = np.where(mask, scores, -np.inf)
    out = join(_softmax(scores, axis) @ v, x)
    return out @ output.T if last else out


def _result(box, x, weights, *how):
    got = box.call("harness.result", x, weights, 12, *how)
    if isinstance(got, dict):
        raise CheckFailed(f"`MultiHeadAttention` has no layer `{got['missing']}`.", kind="type")
    if got is None:
        raise CheckFailed("`forward` returned None. Is a `return` missing?", got="None")
    return got


def _compared(box, rng, heads):
    x = _input(rng)
    weights = rng.normal(0, 0.6, (4, 12, 12)).astype("float32")
    got = _result(box, x, weights, heads)
    made = {
        "The scores are not divided by the root of a head's width.": {"root": 1},
        "The scores are divided by the width; it must be its square root.": {"root": (12 // heads) ** 2},
        "Softmax runs over the queries here; it must run over the keys, the last dimension.": {"axis": -2},
        "The last layer, `output`, is left out.": {"last": False},
    }
    if heads > 1:
        made |= {
            "The scores are divided by √width. A head has only `width // heads` numbers: take the root of that.": {
                "root": 12
            },
            "All of it is one head here: each head must have its own softmax.": {"heads": 1},
            "`view` alone mixes tokens and heads up: first split the last dimension, then swap heads and tokens.": {
                "split": _raw,
                "join": lambda out, x: out.reshape(x.shape),
            },
            "The heads are not moved back before they are joined: swap heads and tokens again first.": {
                "join": lambda out, x: out.reshape(x.shape)
            },
            "The heads take every third number; head 0 must get the first `width // heads` of them.": {
                "split": _interleaved,
            },
        }
    mistakes = {said: _attention(x, weights, **{"heads": heads, **how}) for said, how in made.items()}
    close(got, _attention(x, weights, heads), 1e-3, 1e-4, what="the result", mistakes=mistakes)


def check_one(box, rng):
    _compared(box, rng, 1)
    same_module(box, "MultiHeadAttention", rng, [_input(rng)], 12, 1)


def check_heads(box, rng):
    _compared(box, rng, 3)
    same_module(box, "MultiHeadAttention", rng, [_input(rng, 6)], 12, 6)


def check_causal(box, rng):
    x = _input(rng)
    weights = rng.normal(0, 0.6, (4, 12, 12)).astype("float32")
    allowed = np.tri(5, dtype=bool)
    mistakes = {
        "Every position sees every other: the causal mask is missing.": None,
        "Here each position sees itself and the later ones: the mask is turned round.": allowed.T,
    }
    close(
        _result(box, x, weights, 3, True),
        _attention(x, weights, 3, mask=allowed),
        1e-3,
        1e-4,
        what="the result with a causal mask",
        mistakes={said: _attention(x, weights, 3, mask=mask) for said, mask in mistakes.items()},
    )
    for length in (1, 7):
        same_module(box, "MultiHeadAttention", rng, [_input(rng, length)], 12, 3, causal=True)
