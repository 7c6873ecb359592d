"""The functions of this package that are ``torch.<name>`` as well, with the arguments they take there.

PyTorch's are bound straight to its library: no ``training=True``, reductions as numbers (0 none, 1 mean, 2 sum), and
running statistics in another place.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ... import backends
from ...core.tensor import Tensor, wrap
from ...ops.grid import Sampling
from . import activation, adaptive, conv, loss, normalization, pooling, random, vision
from . import ctc as _ctc
from .bags import _bags
from .linear import _renormalise, bilinear, cosine_similarity, pairwise_distance, pdist
from .linear import embedding as _embedding
from .margin import cosine_embedding_loss as _cosine_embedding_loss
from .margin import hinge_embedding_loss as _hinge_embedding_loss
from .margin import margin_ranking_loss as _margin_ranking_loss
from .margin import triplet_margin_loss as _triplet_margin_loss

_REDUCTIONS = ("none", "mean", "sum")

#: What becomes ``glasstorch.<name>``.
NAMES: dict[str, Callable] = {}

for _function in (
    activation.celu, activation.celu_, activation.hardshrink, activation.prelu, activation.relu_, activation.selu_,
    adaptive.adaptive_avg_pool1d, conv.conv1d, conv.conv2d, conv.conv3d, conv.conv_tbc, conv.conv_transpose1d,
    conv.conv_transpose2d, conv.conv_transpose3d, bilinear, cosine_similarity, pairwise_distance, pdist,
    normalization.rms_norm, pooling.avg_pool1d,
):  # fmt: skip
    NAMES[_function.__name__] = _function


def _add(fn: Callable) -> Callable:
    NAMES[fn.__name__] = fn
    return fn


@_add
def selu(input: Tensor) -> Tensor:
    """``nn.functional.selu``."""
    return activation.selu(input)


@_add
def threshold(input: Tensor, threshold: float, value: float) -> Tensor:
    """``nn.functional.threshold``."""
    return activation.threshold(input, threshold, value)


@_add
def threshold_(input: Tensor, threshold: float, value: float) -> Tensor:
    """In-place ``threshold``."""
    return activation.threshold_(input, threshold, value)


@_add
def rrelu(input: Tensor, lower: float = 1.0 / 8, upper: float = 1.0 / 3, training: bool = False,
          generator: Any = None) -> Tensor:  # fmt: skip
    """``nn.functional.rrelu``."""
    return activation._rrelu(input, lower, upper, training, generator, False)


@_add
def rrelu_(input: Tensor, lower: float = 1.0 / 8, upper: float = 1.0 / 3, training: bool = False,
           generator: Any = None) -> Tensor:  # fmt: skip
    """In-place ``rrelu``."""
    return activation._rrelu(input, lower, upper, training, generator, True)


def _dropout(name: str, run: Callable) -> None:
    def out_of_place(input: Tensor, p: float, train: bool) -> Tensor:
        return run(input, _probability(p), train, False)

    def in_place(input: Tensor, p: float, train: bool) -> Tensor:
        return run(input, _probability(p), train, True)

    for fn, suffix in ((out_of_place, ""), (in_place, "_")):
        fn.__name__ = fn.__qualname__ = name + suffix
        fn.__doc__ = f"``{name}`` of ``nn.functional``{', in place' if suffix else ''}."
        _add(fn)


def _probability(p: float) -> float:
    if not 0 <= p <= 1:
        raise RuntimeError(f"dropout probability has to be between 0 and 1, but got {p}")
    return p


def _feature_dropout(input: Tensor, p: float, train: bool, inplace: bool) -> Tensor:
    if input._a.ndim < 2:
        raise RuntimeError("Feature dropout requires at least 2 dimensions in the input")
    return random._dropped(input, p, train, inplace, True)


_dropout("dropout", random.dropout)
_dropout("alpha_dropout", random.alpha_dropout)
_dropout("feature_alpha_dropout", random.feature_alpha_dropout)
_dropout("feature_dropout", _feature_dropout)


@_add
def native_dropout(input: Tensor, p: float, train: bool | None) -> tuple[Tensor, Tensor]:
    """Dropout, and the mask of what was kept."""
    shape = input._a.shape
    if train is False or p == 0 or not input._a.size:
        return input.clone(), input.new_ones(shape).bool()  # type: ignore[attr-defined]
    kept = input.new_empty(shape).bernoulli_(1 - p)  # type: ignore[attr-defined]
    return input * kept * (1 / (1 - p) if p < 1 else 0.0), kept.bool()  # type: ignore[operator]


def _max_pool(n: int) -> None:
    whole: Callable = (pooling.max_pool1d, pooling.max_pool2d, pooling.max_pool3d)[n - 1]

    def run(input: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1,
            ceil_mode: bool = False) -> Tensor:  # fmt: skip
        return whole(input, kernel_size, stride, padding, dilation, ceil_mode)

    run.__name__ = run.__qualname__ = f"max_pool{n}d"
    run.__doc__ = f"``nn.functional.max_pool{n}d``, without indices."
    _add(run)


for _n in (1, 2, 3):
    _max_pool(_n)


@_add
def max_pool1d_with_indices(input: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1,
                            ceil_mode: bool = False) -> tuple[Tensor, Tensor]:  # fmt: skip
    """The maxima of windows and where they are."""
    return pooling.max_pool1d(input, kernel_size, stride, padding, dilation, ceil_mode, True)


@_add
def adaptive_max_pool1d(input: Tensor, output_size: Any) -> tuple[Tensor, Tensor]:
    """The maxima of ``output_size`` windows and where they are."""
    return adaptive.adaptive_max_pool1d(input, output_size, True)


@_add
def batch_norm(input: Tensor, weight: Tensor | None, bias: Tensor | None, running_mean: Tensor | None,
               running_var: Tensor | None, training: bool, momentum: float, eps: float,
               cudnn_enabled: bool) -> Tensor:  # fmt: skip
    """``nn.functional.batch_norm``."""
    return normalization._batch_norm(input, running_mean, running_var, weight, bias, training, momentum, eps)


@_add
def native_batch_norm(input: Tensor, weight: Tensor | None, bias: Tensor | None, running_mean: Tensor | None,
                      running_var: Tensor | None, training: bool, momentum: float,
                      eps: float) -> tuple[Tensor, Tensor, Tensor]:  # fmt: skip
    """Batch normalization; in training also the mean and one over the standard deviation of each channel."""
    out = normalization._batch_norm(input, running_mean, running_var, weight, bias, training, momentum, eps)
    if not training:
        return out, input.new_empty(0), input.new_empty(0)  # type: ignore[attr-defined]
    x = input._a
    dims = (0, *range(2, x.ndim))
    return out, wrap(x.mean(dims)), wrap((1 / (x.var(dims) + eps) ** 0.5).astype(x.dtype))


@_add
def instance_norm(input: Tensor, weight: Tensor | None, bias: Tensor | None, running_mean: Tensor | None,
                  running_var: Tensor | None, use_input_stats: bool, momentum: float, eps: float,
                  cudnn_enabled: bool) -> Tensor:  # fmt: skip
    """``nn.functional.instance_norm``."""
    return normalization.instance_norm(
        input, running_mean, running_var, weight, bias, use_input_stats, momentum, eps
    )


@_add
def layer_norm(input: Tensor, normalized_shape: Any, weight: Tensor | None = None, bias: Tensor | None = None,
               eps: float = 1e-5, cudnn_enable: bool = True) -> Tensor:  # fmt: skip
    """``nn.functional.layer_norm``."""
    return normalization.layer_norm(input, normalized_shape, weight, bias, eps)


@_add
def group_norm(input: Tensor, num_groups: int, weight: Tensor | None = None, bias: Tensor | None = None,
               eps: float = 1e-5, cudnn_enabled: bool = True) -> Tensor:  # fmt: skip
    """``nn.functional.group_norm``."""
    return normalization._group_norm(input, num_groups, weight, bias, eps)


def _mean_and_rstd(x: Any, dims: tuple[int, ...], eps: float, keep: bool) -> tuple[Tensor, Tensor]:
    xp = backends.namespace(x)
    mean, var = x.mean(dims, keepdims=keep), x.var(dims, keepdims=keep)
    return wrap(xp.asarray(mean)), wrap(xp.asarray((1 / xp.sqrt(var + eps)).astype(x.dtype)))


@_add
def native_layer_norm(input: Tensor, normalized_shape: Any, weight: Tensor | None, bias: Tensor | None,
                      eps: float) -> tuple[Tensor, Tensor, Tensor]:  # fmt: skip
    """Layer normalization, the means, and one over the standard deviations."""
    out = normalization.layer_norm(input, normalized_shape, weight, bias, eps)
    dims = tuple(range(-len(tuple(normalized_shape)), 0))
    return out, *_mean_and_rstd(input._a, dims, eps, True)


@_add
def native_group_norm(input: Tensor, weight: Tensor | None, bias: Tensor | None, N: int, C: int, HxW: int,
                      group: int, eps: float) -> tuple[Tensor, Tensor, Tensor]:  # fmt: skip
    """Group normalization of (N, C, HxW), the means, and one over the standard deviations: (N, group)."""
    out = normalization._group_norm(input, group, weight, bias, eps)
    return out, *_mean_and_rstd(input._a.reshape(N, group, C // group * HxW), (2,), eps, False)


@_add
def embedding(weight: Tensor, indices: Tensor, padding_idx: int = -1, scale_grad_by_freq: bool = False,
              sparse: bool = False) -> Tensor:  # fmt: skip
    """``nn.functional.embedding`` with the table first."""
    return _embedding(
        indices, weight, None if padding_idx < 0 else padding_idx, None, 2.0, scale_grad_by_freq
    )


@_add
def embedding_renorm_(input: Tensor, indices: Tensor, max_norm: float, norm_type: float) -> Tensor:
    """The rows of a table that ``indices`` names, scaled down to ``max_norm`` in place."""
    _renormalise(input, indices, max_norm, norm_type)
    return input


@_add
def embedding_bag(weight: Tensor, indices: Tensor, offsets: Tensor, scale_grad_by_freq: bool = False, mode: int = 0,
                   sparse: bool = False, per_sample_weights: Tensor | None = None, include_last_offset: bool = False,
                   padding_idx: int | None = None) -> tuple[Tensor, Tensor, Tensor, Tensor]:  # fmt: skip
    """Bags of embeddings (``mode`` 0 sum, 1 mean, 2 max), the bag of each index, the bags' sizes, the largest rows.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.embedding_bag.html
    """
    return _bags(
        weight, indices, offsets, scale_grad_by_freq, ("sum", "mean", "max")[mode], per_sample_weights,
        include_last_offset, padding_idx,
    )  # fmt: skip


@_add
def ctc_loss(log_probs: Tensor, targets: Tensor, input_lengths: Any, target_lengths: Any, blank: int = 0,
             reduction: int = 0, zero_infinity: bool = False) -> Tensor:  # fmt: skip
    """``nn.functional.ctc_loss``."""
    return _ctc.ctc_loss(
        log_probs, targets, input_lengths, target_lengths, blank, _REDUCTIONS[reduction], zero_infinity
    )


@_add
def kl_div(input: Tensor, target: Tensor, reduction: int = 0, *, log_target: bool = False) -> Tensor:
    """``nn.functional.kl_div``."""
    each = loss.kl_div(input, target, reduction="none", log_target=log_target)
    return loss._reduce(each, _REDUCTIONS[reduction])


@_add
def cosine_embedding_loss(input1: Tensor, input2: Tensor, target: Tensor, margin: float = 0.0,
                          reduction: int = 0) -> Tensor:  # fmt: skip
    """``nn.functional.cosine_embedding_loss``."""
    return _cosine_embedding_loss(input1, input2, target, margin, reduction=_REDUCTIONS[reduction])


@_add
def hinge_embedding_loss(input: Tensor, target: Tensor, margin: float = 1.0, reduction: int = 0) -> Tensor:
    """``nn.functional.hinge_embedding_loss``."""
    return _hinge_embedding_loss(input, target, margin, reduction=_REDUCTIONS[reduction])


@_add
def margin_ranking_loss(input1: Tensor, input2: Tensor, target: Tensor, margin: float = 0.0,
                        reduction: int = 0) -> Tensor:  # fmt: skip
    """``nn.functional.margin_ranking_loss``."""
    return _margin_ranking_loss(input1, input2, target, margin, reduction=_REDUCTIONS[reduction])


@_add
def triplet_margin_loss(anchor: Tensor, positive: Tensor, negative: Tensor, margin: float = 1.0, p: float = 2,
                        eps: float = 1e-6, swap: bool = False, reduction: int = 0) -> Tensor:  # fmt: skip
    """``nn.functional.triplet_margin_loss``."""
    return _triplet_margin_loss(
        anchor, positive, negative, margin, p, eps, swap, reduction=_REDUCTIONS[reduction]
    )


@_add
def poisson_nll_loss(
    input: Tensor, target: Tensor, log_input: bool, full: bool, eps: float, reduction: int
) -> Tensor:
    """``nn.functional.poisson_nll_loss``."""
    return loss.poisson_nll_loss(input, target, log_input, full, eps=eps, reduction=_REDUCTIONS[reduction])


@_add
def binary_cross_entropy_with_logits(input: Tensor, target: Tensor, weight: Tensor | None = None,
                                     pos_weight: Tensor | None = None, reduction: int = 0) -> Tensor:  # fmt: skip
    """``nn.functional.binary_cross_entropy_with_logits``."""
    return loss.binary_cross_entropy_with_logits(
        input, target, weight, reduction=_REDUCTIONS[reduction], pos_weight=pos_weight
    )


@_add
def grid_sampler(
    input: Tensor, grid: Tensor, interpolation_mode: int, padding_mode: int, align_corners: bool
) -> Tensor:
    """``nn.functional.grid_sample`` with modes as numbers: 0 bilinear, 1 nearest, 2 bicubic; 0 zeros, 1 border, …"""
    how = Sampling(
        vision._MODES[interpolation_mode],
        vision._PADDINGS[padding_mode],
        bool(align_corners),
        input._a.ndim == 5,
    )
    return vision._grid_sampler(input, grid, how)


NAMES["grid_sampler_2d"] = NAMES["grid_sampler_3d"] = grid_sampler


@_add
def affine_grid_generator(theta: Tensor, size: Any, align_corners: bool) -> Tensor:
    """``nn.functional.affine_grid``."""
    return vision._affine_grid(theta, size, bool(align_corners))


@_add
def convolution(input: Tensor, weight: Tensor, bias: Tensor | None, stride: Any, padding: Any, dilation: Any,
                transposed: bool, output_padding: Any, groups: int) -> Tensor:  # fmt: skip
    """Any convolution or transposed convolution; the number of dimensions comes from ``weight``."""
    n = weight._a.ndim - 2
    if transposed:
        return conv._conv_transpose(
            f"conv_transpose{n}d", n, input, weight, bias, stride, padding, output_padding, groups, dilation
        )
    return conv._conv(f"conv{n}d", n, input, weight, bias, stride, padding, dilation, groups)


for _name in ("hardshrink", "prelu"):
    if not hasattr(Tensor, _name):
        setattr(Tensor, _name, NAMES[_name])
