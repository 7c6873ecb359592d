"""Attention in float64, its gradients by formula, and what common mistakes look like."""

import numpy as np
from glasstorch_web.grader.checks import CheckFailed, close

NAMES = ("q", "k", "v")


def _softmax(scores, axis=-1):
    e = np.exp(scores - scores.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


def _scores(q, k, mask):
    scores = q.astype(np.float64) @ np.swapaxes(k, -1, -2).astype(np.float64) / np.sqrt(q.shape[-1])
    return scores if mask is None else np.where(mask, scores, -np.inf)


def _gradients(grad_out, q, k, v, mask):
    p = _softmax(_scores(q, k, mask))
    g = grad_out.astype(np.float64) @ np.swapaxes(v, -1, -2)
    d = p * (g - (p * g).sum(-1, keepdims=True)) / np.sqrt(q.shape[-1])
    return d @ k, np.swapaxes(d, -1, -2) @ q, np.swapaxes(p, -1, -2) @ grad_out


def _inputs(rng, *lead, size=1.0):
    length, keys, width, deep = 4, 5, 9, 3
    q, k = (rng.normal(0, size, (*lead, n, width)).astype("float32") for n in (length, keys))
    return q, k, rng.normal(size=(*lead, keys, deep)).astype("float32")


def _mask(rng):
    mask = rng.uniform(size=(4, 5)) < 0.5
    mask[np.arange(4), rng.integers(0, 5, size=4)] = True
    mask[0, rng.permutation(5)[:2]] = [True, False]
    return mask


def _forward(box, q, k, v, mask, mistakes, rtol=1e-4):
    arguments = (q, k, v) if mask is None else (q, k, v, mask)
    got = box.call("harness.forward", *arguments)
    if got is None:
        raise CheckFailed("`attention` returned None. Is a `return` missing?", got="None")
    if not isinstance(got, list) or len(got) != 2:
        raise CheckFailed("`attention` must return two tensors: `(out, weights)`.", kind="type")
    out, weights = got
    expected = _softmax(_scores(q, k, mask))
    close(weights, expected, rtol, 1e-5, what="`weights`", mistakes=mistakes)
    close(out, expected @ v, rtol, 1e-5, what="`out`")


def check_forward(box, rng):
    for lead in ((), (2, 3)):
        q, k, v = _inputs(rng, *lead)
        scores = _scores(q, k, None)
        width = q.shape[-1]
        mistakes = {
            "The scores are not divided by √d.": _softmax(scores * np.sqrt(width)),
            "The scores are divided by d; it must be its square root.": _softmax(scores / np.sqrt(width)),
            "Softmax runs over the queries here. For each query, the weights of the keys add up to 1.": _softmax(
                scores, -2
            ),
            "These are the scores; the softmax is missing.": scores,
        }
        _forward(box, q, k, v, None, mistakes)


def check_mask(box, rng):
    q, k, v = _inputs(rng, 2)
    mask = _mask(rng)
    free = _softmax(_scores(q, k, None))
    zeros = np.where(mask, _scores(q, k, None), 0)
    mistakes = {
        "The mask is not used.": free,
        "Masked weights are set to 0 after the softmax: then the others no longer add up to 1.": free * mask,
        "A score of 0 is not a weight of 0: exp(0) is 1.": _softmax(zeros),
        "The mask is turned round: True must mean that looking is allowed.": _softmax(
            np.where(mask, -1e30, _scores(q, k, None))
        ),
    }
    _forward(box, q, k, v, mask, mistakes)


def check_gradients(box, rng):
    for lead, masked in (((), False), ((2,), True)):
        q, k, v = _inputs(rng, *lead)
        mask = _mask(rng) if masked else None
        grad_out = rng.normal(size=(*lead, 4, 3)).astype("float32")
        arguments = (grad_out, q, k, v) if mask is None else (grad_out, q, k, v, mask)
        got = box.call("harness.gradients", *arguments)
        if got is None:
            raise CheckFailed("`attention_vjp` returned None. Is a `return` missing?", got="None")
        if not isinstance(got, list) or len(got) != 3:
            raise CheckFailed(
                "`attention_vjp` must return three tensors: `(grad_q, grad_k, grad_v)`.", kind="type"
            )
        p = _softmax(_scores(q, k, mask))
        g = grad_out @ np.swapaxes(v, -1, -2)
        root = np.sqrt(q.shape[-1])
        expected = _gradients(grad_out, q, k, v, mask)
        sumless = p * g / root
        squared = p * (1 - p) * g / root
        turned = {"q": lambda d, k=k: d @ k, "k": lambda d, q=q: np.swapaxes(d, -1, -2) @ q}
        for name, value, wanted in zip(NAMES, got, expected):
            mistakes = {}
            if name != "v":
                back = turned[name]
                mistakes = {
                    "The softmax's backward step lacks its sum: a higher score also lowers the other weights of "
                    "its row. It is p · (g − Σ p·g).": back(sumless),
                    "p · (1 − p) is only the effect of a score on its own weight; it also lowers the others.": back(
                        squared
                    ),
                    "The division by √d is forgotten on the way back.": wanted * root,
                    "This gradient passes by the softmax: its backward step is missing.": back(g / root),
                }
            close(value, wanted, 1e-3, 1e-4, what=f"the gradient of `{name}`", mistakes=mistakes)


def check_large(box, rng):
    q, k, v = _inputs(rng, size=12.0)
    q = q * np.float32(np.sign(rng.normal()))
    k[0] = 3 * q[0]
    _forward(box, q, k, v, None, {}, rtol=1e-3)
