"""Which operations autocast runs in which type, on the CPU and on CUDA.

The lists are PyTorch's: https://pytorch.org/docs/stable/amp.html#autocast-op-reference. What is not listed runs in
the type of its arguments.
"""

from __future__ import annotations

#: Fast and safe in the lower type: products and convolutions.
LOWER = "lower precision"
#: Computed in float32: sums over many elements, functions that leave float16's range.
FLOAT32 = "float32"
#: The same, unless the call names a type (``dtype=…``).
FLOAT32_OR_DTYPE = "float32 unless dtype is given"
#: Arguments of several types meet in the widest of them.
WIDEST = "widest argument"
#: One kernel of its own in PyTorch: runs as it is, whatever it is composed of here.
PLAIN = "as it is"
#: Depends on how it is called: ``amp.autocast_mode`` knows.
BY_ARGUMENTS = "by its arguments"
#: Refused, because its gradient is likely to overflow.
REFUSED = "refused"


def _by_policy(lists: dict[str, str]) -> dict[str, str]:
    return {name: policy for policy, names in lists.items() for name in names.split()}


CPU = _by_policy({
    LOWER: """
        conv1d conv2d conv3d conv_transpose1d conv_transpose2d conv_transpose3d conv_tbc bmm mm addmm addbmm baddbmm
        matmul linear linalg.vecdot prelu scaled_dot_product_attention lstm
    """,
    FLOAT32: """
        avg_pool3d adaptive_avg_pool3d adaptive_max_pool3d max_pool3d max_unpool2d max_unpool3d fractional_max_pool2d
        fractional_max_pool3d grid_sample binary_cross_entropy binary_cross_entropy_with_logits cross_entropy nll_loss
        mse_loss l1_loss smooth_l1_loss huber_loss kl_div ctc_loss cosine_embedding_loss hinge_embedding_loss
        margin_ranking_loss multi_margin_loss multilabel_margin_loss poisson_nll_loss soft_margin_loss
        triplet_margin_loss cdist polar prod quantile nanquantile stft trace view_as_complex cholesky cholesky_inverse
        cholesky_solve inverse lu_solve geqrf orgqr ormqr pinverse qr svd triangular_solve
        fft.fft fft.fft2 fft.fftn fft.hfft fft.ifft fft.ifft2 fft.ifftn fft.ihfft fft.irfft fft.irfft2 fft.irfftn
        fft.rfft fft.rfft2 fft.rfftn
        linalg.cholesky linalg.cholesky_ex linalg.cond linalg.eig linalg.eigh linalg.eigvals linalg.eigvalsh
        linalg.householder_product linalg.inv linalg.inv_ex linalg.lstsq linalg.matrix_rank linalg.qr linalg.solve
        linalg.svd linalg.svdvals linalg.tensorinv linalg.tensorsolve fake_quantize_per_tensor_affine
    """,
    WIDEST: "cat stack index_copy",
    PLAIN: "matrix_exp linalg.matrix_exp linalg.lu_solve",
    BY_ARGUMENTS: "pad tensordot local_response_norm",
})  # fmt: skip

CUDA = _by_policy({
    LOWER: """
        conv1d conv2d conv3d conv_transpose1d conv_transpose2d conv_transpose3d conv_tbc prelu addmm addmv addr matmul
        einsum mm mv linalg.vecdot linear addbmm baddbmm bmm chain_matmul linalg.multi_dot scaled_dot_product_attention
        lstm_cell gru_cell rnn_tanh_cell rnn_relu_cell convolution
    """,
    FLOAT32: """
        acos asin cosh erfinv exp expm1 log log10 log2 log1p reciprocal rsqrt sinh tan pow softplus layer_norm rms_norm
        native_layer_norm
        group_norm cosine_similarity poisson_nll_loss cosine_embedding_loss nll_loss hinge_embedding_loss kl_div l1_loss
        smooth_l1_loss huber_loss mse_loss margin_ranking_loss multilabel_margin_loss soft_margin_loss
        triplet_margin_loss multi_margin_loss binary_cross_entropy_with_logits dist pdist cdist renorm logsumexp
        interpolate norm frobenius_norm nuclear_norm
    """,
    FLOAT32_OR_DTYPE: """
        prod softmax log_softmax cumprod cumsum linalg.vector_norm linalg.matrix_norm sum
    """,
    WIDEST: "addcdiv addcmul atan2 bilinear cross dot vdot grid_sample index_put tensordot scatter_add",
    REFUSED: "binary_cross_entropy",
})  # fmt: skip

#: Functions that ask by themselves.
ELSEWHERE = {
    "matmul", "lstm", "conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d",
}  # fmt: skip
#: Much used functions that do nothing but call the op of their name: only that is asked for its policy.
OP_SUFFICES = {"linear", "sum", "softmax", "log_softmax", "addmm"}
#: Ops of the registry that stand behind public functions of other names.
OPS = {
    "conv": "conv2d", "conv_transposed": "conv_transpose2d", "batched_matmul": "bmm", "sum_all": "sum",
    "class_cross_entropy": "cross_entropy", "grid_sampler_2d": "grid_sample", "grid_sampler_3d": "grid_sample",
    "NllLoss": "nll_loss", "NllLoss2D": "nll_loss", "SmoothL1Loss": "smooth_l1_loss", "HuberLoss": "huber_loss",
}  # fmt: skip
