"""Samples whose distribution is given by tensors: bernoulli, normal, multinomial. Sampling has no gradient."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import backends
from ..core.dims import sizes
from ..core.forms import method, public
from ..core.tensor import Tensor, wrap
from ..random import Generator, generator_for
from .distributions import check_chances, trials
from .distributions import normal as normal_numbers
from .random import draw_numbers, new_random


@method
def bernoulli(input: Tensor, p: float | None = None, *, generator: Generator | None = None,
              out: Tensor | None = None) -> Tensor:  # fmt: skip
    """bernoulli(input, p=None, *, generator=None, out=None) -> Tensor

    Zeros and ones in the shape and type of ``input``: ones with the probability that ``input`` holds there, or with
    probability ``p`` everywhere. Source: https://pytorch.org/docs/stable/generated/torch.bernoulli.html
    """
    xp = backends.namespace(input._a)
    fresh = wrap(xp.zeros(input._a.shape, input._a.dtype))
    if p is None:
        check_chances(input)
        a = draw_numbers(trials(input._a, input._a.shape), input._a.shape, input.dtype,
                     generator_for(input.device, generator), True)  # fmt: skip
        fresh._a[...] = a
    else:
        fresh.bernoulli_(p, generator=generator)
    if out is None:
        return fresh
    out._a = fresh._a.astype(out._a.dtype)
    out._v[0] += 1
    return out


@public
def normal(mean: Any = 0.0, std: Any = 1.0, size: Any = None, *, generator: Generator | None = None,
           out: Tensor | None = None, dtype: Any = None, layout: Any = None, device: Any = None,
           requires_grad: bool = False, pin_memory: bool = False) -> Tensor:  # fmt: skip
    """normal(mean, std, *, generator=None, out=None) / normal(mean, std, size, *, dtype=None, device=None) -> Tensor

    Normal random numbers. ``mean`` and ``std`` are tensors (one or both, they broadcast), or numbers with a ``size``.
    Source: https://pytorch.org/docs/stable/generated/torch.normal.html
    """
    if not isinstance(mean, Tensor) and not isinstance(std, Tensor):
        if size is None:
            raise TypeError("normal() received an invalid combination of arguments: two numbers need a size")
        m, s = float(mean), float(std)
        return new_random(
            "normal",
            lambda k: normal_numbers(k, m, s),
            sizes((size,)),
            generator,
            out,
            dtype,
            device,
            requires_grad,
            pin_memory=pin_memory,
        )
    if isinstance(std, Tensor):
        if std.is_complex():
            raise RuntimeError("normal expects standard deviation to be non-complex")
        if std._a.size and not bool((std._a >= 0).all()):
            raise RuntimeError("normal expects all elements of std >= 0.0")
    like = mean if isinstance(mean, Tensor) else std
    shapes = [t.shape for t in (mean, std) if isinstance(t, Tensor)]
    shape = shapes[0] if len(shapes) == 1 else broadcast_shape(*shapes)
    spread = 1.0 if isinstance(std, Tensor) else float(std)
    result = new_random(
        "normal",
        lambda k: normal_numbers(k, 0, spread),
        tuple(shape),
        generator,
        None,
        like.dtype,
        like.device,
        False,
    )
    if isinstance(std, Tensor):
        result.mul_(std.detach())
    result.add_(mean.detach() if isinstance(mean, Tensor) else mean)
    if out is None:
        return result
    out._a = result._a.astype(out._a.dtype)
    out._v[0] += 1
    return out


def broadcast_shape(a: tuple, b: tuple) -> tuple:
    """The common shape of two; RuntimeError naming the dimension where they differ."""
    n = max(len(a), len(b))
    out = []
    for i in range(-n, 0):
        x, y = a[i] if -i <= len(a) else 1, b[i] if -i <= len(b) else 1
        if x != y and 1 not in (x, y):
            raise RuntimeError(
                f"The size of tensor a ({x}) must match the size of tensor b ({y}) at non-singleton dimension {n + i}"
            )
        out.append(y if x == 1 else x)
    return tuple(out)


@method
def multinomial(input: Tensor, num_samples: int, replacement: bool = False, *, generator: Generator | None = None,
                out: Tensor | None = None) -> Tensor:  # fmt: skip
    """multinomial(input, num_samples, replacement=False, *, generator=None, out=None) -> Tensor

    ``num_samples`` column numbers for each row of ``input``, whose entries are weights (they need not sum to 1).
    Source: https://pytorch.org/docs/stable/generated/torch.multinomial.html
    """
    w = input._a
    if w.ndim not in (1, 2):
        raise RuntimeError("prob_dist must be 1 or 2 dim")
    if not input.is_floating_point():
        raise RuntimeError(
            f"multinomial only supports floating-point dtypes for input, got: {input.dtype.legacy}"
        )
    if num_samples <= 0:
        raise RuntimeError("cannot sample n_sample <= 0 samples")
    if not replacement and num_samples > w.shape[-1]:
        raise RuntimeError("cannot sample n_sample > prob_dist.size(-1) samples without replacement")
    if w.shape[-1] == 0 and w.shape != (0, 0):
        what = "aminmax(): cannot compute aminmax over an empty dimension as the operation has no identity."
        zero = "invalid multinomial distribution (sum of probabilities <= 0)"
        raise RuntimeError(what if num_samples == 1 else zero)
    if w.shape[-1] > 1 << 24:
        raise RuntimeError("number of categories cannot exceed 2^24")
    xp = backends.namespace(w)
    source = generator_for(input.device, generator)
    if w.size == 0:
        a = xp.zeros((*w.shape[:-1], num_samples), np.int64)
    elif replacement and num_samples > 1:
        a = _with_replacement(xp, w, num_samples, source)
    else:
        if not bool(((w >= 0) & xp.isfinite(w)).all()):
            raise RuntimeError("probability tensor contains either `inf`, `nan` or element < 0")
        if bool((w.sum(-1) == 0).any()):
            raise RuntimeError("invalid multinomial distribution (sum of probabilities <= 0)")
        # A race: each category waits an exponential time with its weight as the rate; the first ones win.
        u = source.stream.uniform(w.size, np.dtype(np.float64))
        waits = -backends.exact_functions(u).log1p(-u).astype(w.dtype).reshape(w.shape)
        speed = w / waits
        if num_samples == 1:
            a = speed.argmax(-1)[..., None]
        else:
            a = xp.argsort(-speed, axis=-1, kind="stable")[..., :num_samples]
    result = a.astype(np.int64)
    if out is None:
        return wrap(result)
    out._a = result
    out._v[0] += 1
    return out


def _with_replacement(xp: Any, w: Any, n: int, source: Generator) -> Any:
    """Look each uniform number up in the running sums of the weights."""
    if not bool((w >= 0).all()):
        raise RuntimeError("invalid multinomial distribution (encountering probability entry < 0)")
    if not bool(xp.isfinite(w).all()):
        raise RuntimeError(
            "invalid multinomial distribution (encountering probability entry = infinity or NaN)"
        )
    rows = w.reshape(-1, w.shape[-1])
    sums = xp.cumsum(rows, axis=-1, dtype=w.dtype)
    if bool((sums[:, -1] <= 0).any()):
        raise RuntimeError("invalid multinomial distribution (sum of probabilities <= 0)")
    sums = (sums / sums[:, -1:]).astype(np.float64)
    u = source.stream.uniform(rows.shape[0] * n, np.dtype(np.float64)).reshape(rows.shape[0], n)
    picks = [xp.searchsorted(s, v, side="left") for s, v in zip(sums, u, strict=True)]
    return xp.stack(picks).reshape(*w.shape[:-1], n)
