"""Functions of neural networks.

Written by ``python -m glasstorch.stubs``; do not edit.
"""

from builtins import bool as _bool, complex as _complex, float as _float, int as _int, object as _object, str as _str
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from glasstorch.core.device import device as _device
from glasstorch.core.dtype import dtype as _dtype
from glasstorch.core.size import Size as _Size
from glasstorch.core.tensor import Tensor

def adaptive_avg_pool1d(input: Tensor, output_size: Any) -> Tensor:
    """Means of ``output_size`` windows that cover (N, C, L) or (C, L) evenly."""
def adaptive_avg_pool2d(input: Tensor, output_size: Any) -> Tensor:
    """Means of ``output_size`` (an int, or two, None to keep a length) windows that cover the image evenly."""
def adaptive_avg_pool3d(input: Tensor, output_size: Any) -> Tensor:
    """Means of ``output_size`` windows that cover (N, C, D, H, W) or (C, D, H, W) evenly."""
def adaptive_max_pool1d(input: Tensor, output_size: Any, return_indices: _bool = False) -> Any:
    """Largest elements of ``output_size`` windows that cover (N, C, L) or (C, L) evenly."""
def adaptive_max_pool1d_with_indices(input: Tensor, output_size: Any, return_indices: _bool = False) -> Any:
    """``adaptive_max_pool1d`` with the indices."""
def adaptive_max_pool2d(input: Tensor, output_size: Any, return_indices: _bool = False) -> Any:
    """Largest elements of ``output_size`` windows that cover the image evenly; see ``adaptive_max_pool1d``."""
def adaptive_max_pool2d_with_indices(input: Tensor, output_size: Any, return_indices: _bool = False) -> Any:
    """``adaptive_max_pool2d`` with the indices."""
def adaptive_max_pool3d(input: Tensor, output_size: Any, return_indices: _bool = False) -> Any:
    """Largest elements of ``output_size`` windows that cover (N, C, D, H, W) or (C, D, H, W) evenly."""
def adaptive_max_pool3d_with_indices(input: Tensor, output_size: Any, return_indices: _bool = False) -> Any:
    """``adaptive_max_pool3d`` with the indices."""
def affine_grid(theta: Tensor, size: Any, align_corners: _bool | None = None) -> Tensor:
    """The grid for ``grid_sample`` that samples through affine maps ``theta`` (N, 2, 3) or (N, 3, 4)."""
def alpha_dropout(input: Tensor, p: _float = 0.5, training: _bool = False, inplace: _bool = False) -> Tensor:
    """Dropout for ``selu``: dropped elements take its lower limit, and mean and variance are kept."""
def avg_pool1d(input: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, ceil_mode: _bool = False, count_include_pad: _bool = True) -> Tensor:
    """The mean of every window of (N, C, L) or (C, L); see ``avg_pool2d``."""
def avg_pool2d(input: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, ceil_mode: _bool = False, count_include_pad: _bool = True, divisor_override: _int | None = None) -> Tensor:
    """The mean of every window of (N, C, H, W) or (C, H, W)."""
def avg_pool3d(input: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, ceil_mode: _bool = False, count_include_pad: _bool = True, divisor_override: _int | None = None) -> Tensor:
    """The mean of every window of (N, C, D, H, W) or (C, D, H, W); see ``avg_pool2d``."""
def batch_norm(input: Tensor, running_mean: Tensor | None, running_var: Tensor | None, weight: Tensor | None = None, bias: Tensor | None = None, training: _bool = False, momentum: _float = 0.1, eps: _float = 1e-05) -> Tensor:
    """Standardise every channel of (N, C, *), then scale and shift it."""
def bilinear(input1: Tensor, input2: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """``x1 W_k x2 + b_k`` for each output k. Shapes: (*, in1), (*, in2), (out, in1, in2), (out,) give (*, out)."""
def binary_cross_entropy(input: Tensor, target: Tensor, weight: Tensor | None = None, size_average: Any = None, reduce: Any = None, reduction: _str = 'mean') -> Tensor:
    """Cross entropy of probabilities (0 to 1) with targets (0 to 1), element by element."""
def binary_cross_entropy_with_logits(input: Tensor, target: Tensor, weight: Tensor | None = None, size_average: Any = None, reduce: Any = None, reduction: _str = 'mean', pos_weight: Tensor | None = None) -> Tensor:
    """Cross entropy of ``sigmoid(input)`` with targets, without overflow. ``pos_weight`` weighs positive targets."""
def celu(input: Tensor, alpha: _float = 1.0, inplace: _bool = False) -> Tensor:
    """``x`` above 0, ``alpha (exp(x / alpha) - 1)`` below."""
def celu_(input: Tensor, alpha: _float = 1.0) -> Tensor:
    """In-place ``celu``."""
def channel_shuffle(input: Tensor, groups: Any, *, out: Tensor | None = None) -> Tensor:
    """The channels of (N, C, *) in another order: one of each group in turn."""
def conv1d(input: Tensor, weight: Tensor, bias: Tensor | None = None, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: _int = 1) -> Tensor:
    """Slide ``weight`` (O, C / groups, k) over ``input`` (N, C, L) or (C, L); see ``conv2d``."""
def conv2d(input: Tensor, weight: Tensor, bias: Tensor | None = None, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: _int = 1) -> Tensor:
    """Slide ``weight`` (O, C / groups, kH, kW) over ``input`` (N, C, H, W) or (C, H, W)."""
def conv3d(input: Tensor, weight: Tensor, bias: Tensor | None = None, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: _int = 1) -> Tensor:
    """Slide ``weight`` (O, C / groups, kD, kH, kW) over ``input`` (N, C, D, H, W) or (C, D, H, W); see ``conv2d``."""
def conv_tbc(input: Tensor, weight: Tensor, bias: Tensor, pad: _int = 0) -> Tensor:
    """``conv1d`` of (time, batch, channels) with ``weight`` (k, C, O); ``pad`` zeros at both ends of the time."""
def conv_transpose1d(input: Tensor, weight: Tensor, bias: Tensor | None = None, stride: Any = 1, padding: Any = 0, output_padding: Any = 0, groups: _int = 1, dilation: Any = 1) -> Tensor:
    """The transpose of ``conv1d``; see ``conv_transpose2d``."""
def conv_transpose2d(input: Tensor, weight: Tensor, bias: Tensor | None = None, stride: Any = 1, padding: Any = 0, output_padding: Any = 0, groups: _int = 1, dilation: Any = 1) -> Tensor:
    """The transpose of ``conv2d``: spread ``weight`` (C, O / groups, kH, kW) from every element of ``input``."""
def conv_transpose3d(input: Tensor, weight: Tensor, bias: Tensor | None = None, stride: Any = 1, padding: Any = 0, output_padding: Any = 0, groups: _int = 1, dilation: Any = 1) -> Tensor:
    """The transpose of ``conv3d``; see ``conv_transpose2d``."""
def cosine_embedding_loss(input1: Tensor, input2: Tensor, target: Tensor, margin: _float = 0, size_average: Any = None, reduce: Any = None, reduction: _str = 'mean') -> Tensor:
    """``1 - cos`` for targets 1, ``max(0, cos - margin)`` for targets -1."""
def cosine_similarity(x1: Tensor, x2: Tensor, dim: _int = 1, eps: _float = 1e-08) -> Tensor:
    """The cosine of the angle between vectors along ``dim``; lengths count as at least ``eps``."""
def cross_entropy(input: Tensor, target: Tensor, weight: Tensor | None = None, size_average: Any = None, ignore_index: _int = -100, reduce: Any = None, reduction: _str = 'mean', label_smoothing: _float = 0.0) -> Tensor:
    """Cross entropy of scores (N, C, *) with class numbers (N, *) or class probabilities (N, C, *)."""
def ctc_loss(log_probs: Tensor, targets: Tensor, input_lengths: Any, target_lengths: Any, blank: _int = 0, reduction: _str = 'mean', zero_infinity: _bool = False) -> Tensor:
    """Minus the log likelihood of label sequences, summed over all alignments with the frames."""
def dropout(input: Tensor, p: _float = 0.5, training: _bool = True, inplace: _bool = False) -> Tensor:
    """In training, zero each element with probability ``p`` and scale the rest by ``1 / (1 - p)``."""
def dropout1d(input: Tensor, p: _float = 0.5, training: _bool = True, inplace: _bool = False) -> Tensor:
    """``dropout`` of whole channels of (N, C, L) or (C, L)."""
def dropout2d(input: Tensor, p: _float = 0.5, training: _bool = True, inplace: _bool = False) -> Tensor:
    """``dropout`` of whole channels of (N, C, H, W). An input (N, C, L) is taken as one with a batch."""
def dropout3d(input: Tensor, p: _float = 0.5, training: _bool = True, inplace: _bool = False) -> Tensor:
    """``dropout`` of whole channels of (N, C, D, H, W) or (C, D, H, W)."""
def elu(input: Tensor, alpha: _float = 1.0, inplace: _bool = False) -> Tensor:
    """``x`` above 0, ``alpha (exp(x) - 1)`` below."""
def elu_(input: Tensor, alpha: _float = 1.0) -> Tensor:
    """In-place ``elu``."""
def embedding(input: Tensor, weight: Tensor, padding_idx: _int | None = None, max_norm: _float | None = None, norm_type: _float = 2.0, scale_grad_by_freq: _bool = False, sparse: _bool = False) -> Tensor:
    """The rows of ``weight`` (rows, width) named by ``input``."""
def embedding_bag(input: Tensor, weight: Tensor, offsets: Tensor | None = None, max_norm: _float | None = None, norm_type: _float = 2, scale_grad_by_freq: _bool = False, mode: _str = 'mean', sparse: _bool = False, per_sample_weights: Tensor | None = None, include_last_offset: _bool = False, padding_idx: _int | None = None) -> Tensor:
    """Rows of ``weight`` added up, averaged or maximised bag by bag, without keeping the rows: (bags, width)."""
def feature_alpha_dropout(input: Tensor, p: _float = 0.5, training: _bool = False, inplace: _bool = False) -> Tensor:
    """``alpha_dropout`` of whole channels."""
def fold(input: Tensor, output_size: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Tensor:
    """The transpose of ``unfold``: columns (N, C * taps, blocks) added up where they lie on (N, C, *output_size)."""
def fractional_max_pool2d(input: Tensor, kernel_size: Any, output_size: Any = None, output_ratio: Any = None, return_indices: _bool = False, _random_samples: Tensor | None = None) -> Any:
    """Largest elements of windows laid pseudo-randomly over (N, C, H, W) or (C, H, W), so that any size can come out."""
def fractional_max_pool2d_with_indices(input: Tensor, kernel_size: Any, output_size: Any = None, output_ratio: Any = None, return_indices: _bool = False, _random_samples: Tensor | None = None) -> Any:
    """``fractional_max_pool2d`` with the indices."""
def fractional_max_pool3d(input: Tensor, kernel_size: Any, output_size: Any = None, output_ratio: Any = None, return_indices: _bool = False, _random_samples: Tensor | None = None) -> Any:
    """Largest elements of windows laid pseudo-randomly over (N, C, D, H, W); see ``fractional_max_pool2d``."""
def fractional_max_pool3d_with_indices(input: Tensor, kernel_size: Any, output_size: Any = None, output_ratio: Any = None, return_indices: _bool = False, _random_samples: Tensor | None = None) -> Any:
    """``fractional_max_pool3d`` with the indices."""
def gaussian_nll_loss(input: Tensor, target: Tensor, var: Any, full: _bool = False, eps: _float = 1e-06, reduction: _str = 'mean') -> Tensor:
    """Minus the log likelihood under normal distributions with mean ``input`` and variance ``var`` (at least eps)."""
def gelu(input: Tensor, approximate: _str = 'none') -> Tensor:
    """``x`` times the normal distribution function; ``approximate="tanh"`` takes a tanh for it."""
def glu(input: Tensor, dim: _int = -1) -> Tensor:
    """The first half along ``dim`` times the sigmoid of the second."""
def grid_sample(input: Tensor, grid: Tensor, mode: _str = 'bilinear', padding_mode: _str = 'zeros', align_corners: _bool | None = None) -> Tensor:
    """The input (N, C, H, W) or (N, C, D, H, W) at the points of a grid (N, *points, 2 or 3)."""
def group_norm(input: Tensor, num_groups: _int, weight: Tensor | None = None, bias: Tensor | None = None, eps: _float = 1e-05) -> Tensor:
    """Standardise each of ``num_groups`` groups of channels of each sample of (N, C, *); scale and shift channels."""
def gumbel_softmax(logits: Tensor, tau: _float = 1, hard: _bool = False, eps: _float = 1e-10, dim: _int = -1) -> Tensor:
    """A differentiable draw from categories with these unnormalised log probabilities."""
def hardshrink(input: Tensor, lambd: _float = 0.5) -> Tensor:
    """0 for what is nearer to 0 than ``lambd``, else unchanged."""
def hardsigmoid(input: Tensor, inplace: _bool = False) -> Tensor:
    """A sigmoid made of straight lines: ``min(max(x + 3, 0), 6) / 6``."""
def hardswish(input: Tensor, inplace: _bool = False) -> Tensor:
    """``x`` times ``hardsigmoid(x)``."""
def hardtanh(input: Tensor, min_val: _float = -1.0, max_val: _float = 1.0, inplace: _bool = False) -> Tensor:
    """Cut off below ``min_val`` and above ``max_val``."""
def hardtanh_(input: Tensor, min_val: _float = -1.0, max_val: _float = 1.0) -> Tensor:
    """In-place ``hardtanh``."""
def hinge_embedding_loss(input: Tensor, target: Tensor, margin: _float = 1.0, size_average: Any = None, reduce: Any = None, reduction: _str = 'mean') -> Tensor:
    """A distance x for targets 1, ``max(0, margin - x)`` for targets -1."""
def huber_loss(input: Tensor, target: Tensor, reduction: _str = 'mean', delta: _float = 1.0, weight: Tensor | None = None) -> Tensor:
    """Squared up to ``delta``, linear above: ``d²/2`` or ``delta (|d| - delta/2)``."""
def instance_norm(input: Tensor, running_mean: Tensor | None = None, running_var: Tensor | None = None, weight: Tensor | None = None, bias: Tensor | None = None, use_input_stats: _bool = True, momentum: _float = 0.1, eps: _float = 1e-05) -> Tensor:
    """Standardise every channel of every sample of (N, C, *), then scale and shift channels."""
def interpolate(input: Tensor, size: Any = None, scale_factor: Any = None, mode: _str = 'nearest', align_corners: _bool | None = None, recompute_scale_factor: _bool | None = None, antialias: _bool = False) -> Tensor:
    """The input (N, C, L), (N, C, H, W) or (N, C, D, H, W) in another spatial size."""
def kl_div(input: Tensor, target: Tensor, size_average: Any = None, reduce: Any = None, reduction: _str = 'mean', log_target: _bool = False) -> Tensor:
    """Kullback-Leibler divergence from log probabilities ``input`` to ``target`` (probabilities, or their logs)."""
def l1_loss(input: Tensor, target: Tensor, size_average: Any = None, reduce: Any = None, reduction: _str = 'mean', weight: Tensor | None = None) -> Tensor:
    """Mean of the absolute differences."""
def layer_norm(input: Tensor, normalized_shape: Any, weight: Tensor | None = None, bias: Tensor | None = None, eps: _float = 1e-05) -> Tensor:
    """Standardise over the last dimensions (their lengths: ``normalized_shape``), then scale and shift."""
def leaky_relu(input: Tensor, negative_slope: _float = 0.01, inplace: _bool = False) -> Tensor:
    """``x`` above 0, ``negative_slope * x`` below."""
def leaky_relu_(input: Tensor, negative_slope: _float = 0.01) -> Tensor:
    """In-place ``leaky_relu``."""
def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """``input @ weight.T + bias``. Shapes: (*, in), (out, in), (out,) give (*, out)."""
def linear_cross_entropy(input: Tensor, linear_weight: Tensor, target: Tensor, *, linear_bias: Tensor | None = None, weight: Tensor | None = None, reduction: _str = 'mean', ignore_index: _int | None = None, label_smoothing: _float = 0.0, options: Any = None) -> Tensor:
    """``cross_entropy`` of ``input @ linear_weight.T + linear_bias``."""
def local_response_norm(input: Tensor, size: _int, alpha: _float = 0.0001, beta: _float = 0.75, k: _float = 1.0) -> Tensor:
    """``x / (k + alpha * mean square over size neighbouring channels)^beta`` of (N, C, *)."""
def log_softmax(input: Tensor, dim: _int | None = None, _stacklevel: _int = 3, dtype: Any = None) -> Tensor:
    """The logarithm of ``softmax``, without overflow."""
def logsigmoid(input: Tensor) -> Tensor:
    """The logarithm of the sigmoid, without overflow."""
def lp_pool1d(input: Tensor, norm_type: _float, kernel_size: _int, stride: Any = None, ceil_mode: _bool = False) -> Tensor:
    """``(sum of x^p)^(1/p)`` over every window of (N, C, L) or (C, L); p = inf gives the largest absolute value."""
def lp_pool2d(input: Tensor, norm_type: _float, kernel_size: Any, stride: Any = None, ceil_mode: _bool = False) -> Tensor:
    """``(sum of x^p)^(1/p)`` over every window of (N, C, H, W) or (C, H, W)."""
def lp_pool3d(input: Tensor, norm_type: _float, kernel_size: Any, stride: Any = None, ceil_mode: _bool = False) -> Tensor:
    """``(sum of x^p)^(1/p)`` over every window of (N, C, D, H, W) or (C, D, H, W)."""
def margin_ranking_loss(input1: Tensor, input2: Tensor, target: Tensor, margin: _float = 0, size_average: Any = None, reduce: Any = None, reduction: _str = 'mean') -> Tensor:
    """``max(0, -y (x1 - x2) + margin)``: y = 1 wants x1 larger, y = -1 wants x2 larger."""
def max_pool1d(input: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1, ceil_mode: _bool = False, return_indices: _bool = False) -> Any:
    """The largest element of every window of (N, C, L) or (C, L); see ``max_pool2d``."""
def max_pool1d_with_indices(input: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1, ceil_mode: _bool = False, return_indices: _bool = True) -> Any:
    """``max_pool1d`` with the indices."""
def max_pool2d(input: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1, ceil_mode: _bool = False, return_indices: _bool = False) -> Any:
    """The largest element of every window of (N, C, H, W) or (C, H, W)."""
def max_pool2d_with_indices(input: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1, ceil_mode: _bool = False, return_indices: _bool = True) -> Any:
    """``max_pool2d`` with the indices."""
def max_pool3d(input: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1, ceil_mode: _bool = False, return_indices: _bool = False) -> Any:
    """The largest element of every window of (N, C, D, H, W) or (C, D, H, W); see ``max_pool2d``."""
def max_pool3d_with_indices(input: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1, ceil_mode: _bool = False, return_indices: _bool = True) -> Any:
    """``max_pool3d`` with the indices."""
def max_unpool1d(input: Tensor, indices: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, output_size: Any = None) -> Tensor:
    """Zeros with the maxima of ``max_pool1d`` put back where ``indices`` says they were; see ``max_unpool2d``."""
def max_unpool2d(input: Tensor, indices: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, output_size: Any = None) -> Tensor:
    """Zeros with the maxima of ``max_pool2d`` put back where ``indices`` says they were."""
def max_unpool3d(input: Tensor, indices: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, output_size: Any = None) -> Tensor:
    """Zeros with the maxima of ``max_pool3d`` put back where ``indices`` says they were; see ``max_unpool2d``."""
def mish(input: Tensor, inplace: _bool = False) -> Tensor:
    """``x`` times the tanh of its softplus."""
def mse_loss(input: Tensor, target: Tensor, size_average: Any = None, reduce: Any = None, reduction: _str = 'mean', weight: Tensor | None = None) -> Tensor:
    """Mean of the squared differences (``reduction``: "mean", "sum" or "none")."""
def multi_head_attention_forward(query: Tensor, key: Tensor, value: Tensor, embed_dim_to_check: _int, num_heads: _int, in_proj_weight: Tensor | None, in_proj_bias: Tensor | None, bias_k: Tensor | None, bias_v: Tensor | None, add_zero_attn: _bool, dropout_p: _float, out_proj_weight: Tensor, out_proj_bias: Tensor | None, training: _bool = True, key_padding_mask: Tensor | None = None, need_weights: _bool = True, attn_mask: Tensor | None = None, use_separate_proj_weight: _bool = False, q_proj_weight: Tensor | None = None, k_proj_weight: Tensor | None = None, v_proj_weight: Tensor | None = None, static_k: Tensor | None = None, static_v: Tensor | None = None, average_attn_weights: _bool = True, is_causal: _bool = False) -> tuple[Tensor, Tensor | None]:
    """Project query, key and value, attend in each of ``num_heads`` parts, join the parts and project again."""
def multi_margin_loss(input: Tensor, target: Tensor, p: _int = 1, margin: _float = 1.0, weight: Tensor | None = None, size_average: Any = None, reduce: Any = None, reduction: _str = 'mean') -> Tensor:
    """``sum over j != y of max(0, margin - x_y + x_j)^p / C`` for scores (N, C) or (C) and classes y (N) or a number."""
def multilabel_margin_loss(input: Tensor, target: Tensor, size_average: Any = None, reduce: Any = None, reduction: _str = 'mean') -> Tensor:
    """``sum of max(0, 1 - (x_j - x_i)) / C`` over target classes j and all other classes i."""
def multilabel_soft_margin_loss(input: Tensor, target: Tensor, weight: Tensor | None = None, size_average: Any = None, reduce: Any = None, reduction: _str = 'mean') -> Tensor:
    """The mean over classes of binary cross entropies with logits, for scores (N, C) and targets of 0 and 1."""
def native_channel_shuffle(input: Tensor, groups: Any, *, out: Tensor | None = None) -> Tensor:
    """The channels of (N, C, *) in another order: one of each group in turn."""
def nll_loss(input: Tensor, target: Tensor, weight: Tensor | None = None, size_average: Any = None, ignore_index: _int = -100, reduce: Any = None, reduction: _str = 'mean') -> Tensor:
    """Minus the log probability (N, C, *) of the target class (N, *), weighted by class."""
def normalize(input: Tensor, p: _float = 2.0, dim: _int = 1, eps: _float = 1e-12, out: Tensor | None = None) -> Tensor:
    """Divided by its p-norm along ``dim`` (at least ``eps``)."""
def one_hot(tensor: Tensor, num_classes: _int = -1) -> Tensor:
    """Rows of 0 with a 1 at each index: int64 (*, num_classes)."""
def pad(input: Tensor, pad: Any, mode: _str = 'constant', value: _float | None = None) -> Tensor:
    """A border around the last dimensions; ``pad`` is (before, after) of the last, then of the one before it, …"""
def pairwise_distance(x1: Tensor, x2: Tensor, p: _float = 2.0, eps: _float = 1e-06, keepdim: _bool = False) -> Tensor:
    """The p-norm of ``x1 - x2 + eps`` over the last dimension."""
def pdist(input: Tensor, p: _float = 2) -> Tensor:
    """The p-norm distance of every pair of rows i < j of (N, M): N (N - 1) / 2 numbers, row by row."""
def pixel_shuffle(input: Tensor, upscale_factor: Any, *, out: Tensor | None = None) -> Tensor:
    """Channels spread out into pixels: (*, C r², H, W) to (*, C, H r, W r), with r the ``upscale_factor``."""
def pixel_unshuffle(input: Tensor, downscale_factor: Any, *, out: Tensor | None = None) -> Tensor:
    """Pixels gathered into channels: (*, C, H r, W r) to (*, C r², H, W), with r the ``downscale_factor``."""
def poisson_nll_loss(input: Tensor, target: Tensor, log_input: _bool = True, full: _bool = False, size_average: Any = None, eps: _float = 1e-08, reduce: Any = None, reduction: _str = 'mean') -> Tensor:
    """Minus the log likelihood of counts under a Poisson distribution with rate ``exp(input)`` or ``input``."""
def prelu(input: Tensor, weight: Tensor) -> Tensor:
    """``x`` above 0, ``weight`` times it below; ``weight`` has one entry, or one for each channel."""
def relu(input: Tensor, inplace: _bool = False) -> Tensor:
    """The positive part: ``max(0, x)``."""
def relu6(input: Tensor, inplace: _bool = False) -> Tensor:
    """``min(max(0, x), 6)``."""
def relu_(input: Tensor) -> Tensor:
    """In-place ``relu``."""
def rms_norm(input: Tensor, normalized_shape: Any, weight: Tensor | None = None, eps: _float | None = None) -> Tensor:
    """Divided by the root of the mean square over the last dimensions, then scaled. ``eps``: the type's own if None."""
def rrelu(input: Tensor, lower: _float = 0.125, upper: _float = 0.3333333333333333, training: _bool = False, inplace: _bool = False) -> Tensor:
    """``x`` above 0; below, times a slope: random from ``lower`` to ``upper`` in training, their mean otherwise."""
def rrelu_(input: Tensor, lower: _float = 0.125, upper: _float = 0.3333333333333333, training: _bool = False) -> Tensor:
    """In-place ``rrelu``."""
def scaled_dot_product_attention(query: Tensor, key: Tensor, value: Tensor, attn_mask: Tensor | None = None, dropout_p: _float = 0.0, is_causal: _bool = False, *, scale: _float | None = None, enable_gqa: _bool = False) -> Tensor:
    """``softmax(query @ key^T * scale + mask) @ value``: each query's mixture of the values."""
def selu(input: Tensor, inplace: _bool = False) -> Tensor:
    """``elu`` with the constants that keep mean 0 and variance 1 (Klambauer et al. 2017)."""
def selu_(input: Tensor) -> Tensor:
    """In-place ``selu``."""
def sigmoid(input: Tensor) -> Tensor:
    """``1 / (1 + exp(-x))``."""
def silu(input: Tensor, inplace: _bool = False) -> Tensor:
    """``x`` times its sigmoid."""
def smooth_l1_loss(input: Tensor, target: Tensor, size_average: Any = None, reduce: Any = None, reduction: _str = 'mean', beta: _float = 1.0) -> Tensor:
    """Squared below ``beta``, absolute above: ``d²/(2 beta)`` or ``|d| - beta/2``."""
def soft_margin_loss(input: Tensor, target: Tensor, size_average: Any = None, reduce: Any = None, reduction: _str = 'mean') -> Tensor:
    """``log(1 + exp(-y x))`` for targets y of 1 and -1."""
def softmax(input: Tensor, dim: _int | None = None, _stacklevel: _int = 3, dtype: Any = None) -> Tensor:
    """Exponentials along ``dim``, scaled to add up to 1."""
def softmin(input: Tensor, dim: _int | None = None, _stacklevel: _int = 3, dtype: Any = None) -> Tensor:
    """``softmax(-x)``."""
def softplus(input: Tensor, beta: _float = 1.0, threshold: _float = 20.0) -> Tensor:
    """``log(1 + exp(beta x)) / beta``; linear once ``beta x`` is above ``threshold``."""
def softshrink(input: Tensor, lambd: _float = 0.5) -> Tensor:
    """Moved towards 0 by ``lambd``; 0 for what is nearer."""
def softsign(input: Tensor) -> Tensor:
    """``x / (1 + |x|)``."""
def tanh(input: Tensor) -> Tensor:
    """The hyperbolic tangent."""
def tanhshrink(input: Tensor) -> Tensor:
    """``x - tanh(x)``."""
def threshold(input: Tensor, threshold: _float, value: _float, inplace: _bool = False) -> Tensor:
    """``x`` above ``threshold``, else ``value``."""
def threshold_(input: Tensor, threshold: _float, value: _float) -> Tensor:
    """In-place ``threshold``."""
def triplet_margin_loss(anchor: Tensor, positive: Tensor, negative: Tensor, margin: _float = 1.0, p: _float = 2, eps: _float = 1e-06, swap: _bool = False, size_average: Any = None, reduce: Any = None, reduction: _str = 'mean') -> Tensor:
    """``max(0, d(anchor, positive) - d(anchor, negative) + margin)`` in the p-norm."""
def triplet_margin_with_distance_loss(anchor: Tensor, positive: Tensor, negative: Tensor, *, distance_function: Callable[[Tensor, Tensor], Tensor] | None = None, margin: _float = 1.0, swap: _bool = False, reduction: _str = 'mean') -> Tensor:
    """``max(0, d(anchor, positive) - d(anchor, negative) + margin)`` for any distance (``pairwise_distance`` if None)."""
def unfold(input: Tensor, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Tensor:
    """Every block that a window covers as a column: (N, C, H, W) to (N, C * taps, blocks); without N as well."""
def upsample(input: Tensor, size: Any = None, scale_factor: Any = None, mode: _str = 'nearest', align_corners: _bool | None = None) -> Tensor:
    """``interpolate`` under its old name."""
def upsample_bilinear(input: Tensor, size: Any = None, scale_factor: Any = None) -> Tensor:
    """``interpolate`` with mode "bilinear" and aligned corners, under its old name."""
def upsample_nearest(input: Tensor, size: Any = None, scale_factor: Any = None) -> Tensor:
    """``interpolate`` with mode "nearest", under its old name."""
