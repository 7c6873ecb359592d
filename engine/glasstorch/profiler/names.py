"""What events are called: PyTorch's names for its operators.

Where an op here does what one of PyTorch's does, the event has that name (``aten::mm``). An op that PyTorch has not
(one that fuses or splits things differently) is shown under its own, ``glasstorch::name``.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

from ..core.lanes import Lanes
from ..core.op import Op

#: Ops whose name differs from that of the operator in PyTorch that does the same.
_SAME = """
    HuberLoss:huber_loss NllLoss:nll_loss NllLoss2D:nll_loss2d SmoothL1Loss:smooth_l1_loss _ldexp:ldexp
    add_at:index_put alias_view:alias avg_pool:avg_pool2d batch_norm_fixed:native_batch_norm batched_matmul:bmm
    cast:_to_copy class_cross_entropy:cross_entropy_loss constant_pad:constant_pad_nd contiguous_copy:clone
    conv:convolution conv_transposed:convolution conv_weight:convolution_backward div_rounded:div
    embed_diagonal:diagonal_backward embed_slice:slice_backward embedding_bag_mean:_embedding_bag
    embedding_bag_sum:_embedding_bag embedding_gradient:embedding_dense_backward
    fake_quantize:fake_quantize_per_tensor_affine_cachemask fft_c2c:_fft_c2c fft_c2r:_fft_c2r
    fft_r2c:_fft_r2c fold_windows:unfold_backward folded_matmul:mm gru_gates:_thnn_fused_gru_cell
    index_add_at:index_add index_copy_at:index_copy index_fill_at:index_fill index_put_add_at:index_put
    index_put_values_at:index_put index_reduce_at:index_reduce logsigmoid:log_sigmoid
    lstm_gates:_thnn_fused_lstm_cell masked_scatter_at:masked_scatter masked_select_at:masked_select max_all:max
    max_along:max max_pool:max_pool2d max_pool_indices:max_pool2d_with_indices mean_all:mean median_all:median
    min_all:min min_along:min put_add_at:put put_along:scatter put_at:put put_diagonal:diagonal_scatter
    put_slice:slice_scatter reshape_copy:clone scatter_add_at:scatter_add scatter_at:scatter
    scatter_reduce_at:scatter_reduce select_view:select slice_view:slice squeeze_dims:squeeze sum_all:sum
    take_along:gather take_at:take take_index:index transfer:_to_copy true_divide:div unsqueeze_view:unsqueeze
    upsample_bicubic2d_aa:_upsample_bicubic2d_aa upsample_bilinear2d_aa:_upsample_bilinear2d_aa
    upsample_lanczos2d_aa:_upsample_lanczos2d_aa upsample_nearest_exact1d:_upsample_nearest_exact1d
    upsample_nearest_exact2d:_upsample_nearest_exact2d upsample_nearest_exact3d:_upsample_nearest_exact3d
    view_as_dtype:view view_as_shape:view
"""
#: Functions of ``special``, which PyTorch's operators are named for.
_SPECIAL = """
    airy_ai bessel_j0 bessel_j1 bessel_y0 bessel_y1 chebyshev_polynomial_t chebyshev_polynomial_u
    chebyshev_polynomial_v chebyshev_polynomial_w entr erfcx hermite_polynomial_h hermite_polynomial_he i0e i1 i1e
    laguerre_polynomial_l legendre_polynomial_p log_ndtr modified_bessel_i0 modified_bessel_i1 modified_bessel_k0
    modified_bessel_k1 ndtr ndtri scaled_modified_bessel_k0 scaled_modified_bessel_k1 shifted_chebyshev_polynomial_t
    shifted_chebyshev_polynomial_u shifted_chebyshev_polynomial_v shifted_chebyshev_polynomial_w spherical_bessel_j0
    xlog1py zeta
"""
#: Ops that are this engine's own: they are parts of what is one operator in PyTorch, or several of them in one.
_OWN = """
    add_points average_regions avg_pool_spread cross_map_lrn ctc_loss_gradient depends gauss_cdf largest_in_regions
    lobpcg max_pool_spread max_pool_take quantized_linear resample rotated_overlap shared_gradient spread_regions
    suppress_boxes take_points
"""
#: What an op is called when the number is on the left.
_TURNED = {"add": "add", "mul": "mul", "sub": "rsub"}
OPERATORS = dict(pair.split(":") for pair in _SAME.split()) | {n: f"special_{n}" for n in _SPECIAL.split()}
OWN = set(_OWN.split())

#: Public functions that open no range of their own: PyTorch writes them in Python too (their parts are shown), or
#: they only ask about a tensor.
_TRANSPARENT = """
    BFloat16Tensor BoolTensor ByteTensor CharTensor DoubleTensor FloatTensor HalfTensor IntTensor LongTensor
    ShortTensor adaptive_max_pool1d_with_indices adaptive_max_pool2d_with_indices adaptive_max_pool3d_with_indices
    as_subclass as_tensor asarray broadcast_shapes can_cast cond dim_order dropout1d dropout2d dropout3d eig finish
    fold form fractional_max_pool2d_with_indices fractional_max_pool3d_with_indices from_dlpack from_numpy frombuffer
    gaussian_nll_loss gumbel_softmax interpolate linear_cross_entropy lobpcg local_response_norm logsigmoid lp_pool1d
    lp_pool2d lp_pool3d lstsq lu matrix_rank max_unpool1d multi_head_attention_forward multilabel_soft_margin_loss
    normalize numel pca_lowrank result_type softmin softsign solve store svd_lowrank symeig tanhshrink tensor
    to_dlpack to_sparse_coo triplet_margin_with_distance_loss typename unique unravel_index upsample upsample_bilinear
    upsample_nearest while_loop with_out wrap_dim
"""
TRANSPARENT = set(_TRANSPARENT.split())
#: Names in PyTorch of functions that are called otherwise here.
_FUNCTIONS = {
    "cross_entropy": "cross_entropy_loss", "norm": "linalg_vector_norm", "affine_grid": "affine_grid_generator",
    "grid_sample": "grid_sampler", "true_divide": "div", "divide": "div", "inv": "inverse",
    "householder_product": "orgqr", "special_mvlgamma": "special_multigammaln",
}  # fmt: skip
_NAMESPACES = {
    "glasstorch": "", "glasstorch.nn.functional": "", "glasstorch.linalg": "linalg_", "glasstorch.fft": "fft_",
    "glasstorch.special": "special_",
}  # fmt: skip
#: Parameters that PyTorch's operators have not: they choose the operator, or are of its Python side only.
_DROPPED = {"inplace", "size_average", "reduce", "_stacklevel", "return_indices", "out"}


@functools.cache
def of_function(func: Callable) -> str | None:
    """The event's name for a public function that is no op; None when it shows as its parts."""
    name = getattr(func, "__name__", "")
    space = _NAMESPACES.get(getattr(func, "__module__", "") or "")
    if space is None or transparent(name) or not name.isidentifier():
        return None
    full = name if name.startswith(space) else space + name
    return f"aten::{_FUNCTIONS.get(full, full)}"


def transparent(name: str) -> bool:
    """Does a function or method show as its parts, or not at all?"""
    return name in TRANSPARENT or name.startswith(("is_", "get_", "set_", "clear_", "autocast_"))


@functools.cache
def shown_parameters(func: Callable) -> tuple[tuple[int, Any], ...] | None:
    """Which arguments of a function to show, as positions and defaults; None for all that are given."""
    params = list(inspect.signature(func).parameters.values())
    if any(p.kind is p.VAR_POSITIONAL for p in params):
        return None
    return tuple((k, p.default) for k, p in enumerate(params) if p.name not in _DROPPED)


def of_op(op: Op, args: tuple) -> tuple[str, tuple]:
    """The event's name for an op, and the arguments to show."""
    if op.name == "linear":  # one product, as PyTorch's linear makes it: addmm with a bias, mm without
        input, weight, bias = args
        a = getattr(weight, "_a", None)
        turned = weight if a is None or a.__class__ is Lanes else a.T
        return ("aten::mm", (input, turned)) if bias is None else ("aten::addmm", (bias, input, turned))
    if op.name == "conv":
        *tensors, g = args
        return f"aten::conv{len(g.stride)}d", (*tensors, g.stride, g.padding, g.dilation, g.groups)
    if op.name == "conv_transposed":
        *tensors, _, g = args
        return f"aten::conv_transpose{len(g.stride)}d", (*tensors, g.stride, g.padding, g.groups, g.dilation)
    if op.name in _TURNED and not hasattr(args[0], "shape"):  # 2 * x: PyTorch's kernels have the tensor first
        return f"aten::{_TURNED[op.name]}", (args[1], args[0], *args[2:])
    return operator(op.name), args


def operator(name: str) -> str:
    """The event's name for an op by its name here."""
    return f"glasstorch::{name}" if name in OWN else f"aten::{OPERATORS.get(name, name)}"
