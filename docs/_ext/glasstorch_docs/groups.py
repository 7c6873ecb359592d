"""Which page of the reference a name stands on, and under which heading.

``torch`` itself is divided as PyTorch's reference divides it; the other namespaces by the file that defines a name,
because what stands together in the source belongs together.
"""

from __future__ import annotations

from . import catalogue

#: Groups of ``torch``, by the file of ``engine/glasstorch`` in which a name is written.
_FILES = {
    "creation": "create ranges exchange dlpack legacy",
    "joining": "copies index indexing inplace_views join layout pick points rearrange scatter shape slice "
               "sharing strides windows",
    "random": "random random_counts random_fill sample",
    "pointwise": "activation arithmetic bessel binary complex floats incomplete_gamma pointwise polynomials special "
                 "forms out_forms aliases",
    "reduction": "extremes reduce norms",
    "comparison": "choose",
    "spectral": "fourier spectral window_functions",
    "linear-algebra": "matmul fused products decompositions eigenpairs functions lowrank older solvers eigen factor lu "
                      "solve matrixexp matrices",
    "other": "counting covariance cumulative diagonals differences einsum hashing histograms statistics",
    "networks": "_toplevel adaptive conv linear normalization pooling nnmisc shuffle recurrent loss bag pool resample "
                "weightnorm lrn ctc grid fold packed",
    "quantization": "quantized",
    "types": "dtype device facts kinds types cast size settings printing typed untyped tensors storage "
             "streams mode anomaly state vmap reading writing",
}  # fmt: skip

#: Names that belong elsewhere than their file says.
_NAMES = {
    "creation": "as_strided as_tensor asarray complex empty_permuted empty_strided eye full polar scalar_tensor "
                "tensor to_dlpack from_dlpack",
    "joining": "where argwhere nonzero nonzero_static gather index_select masked_select take take_along_dim "
               "diagonal_scatter select_scatter slice_scatter as_strided_scatter unravel_index chunk split "
               "split_with_sizes tensor_split unsafe_chunk unsafe_split unsafe_split_with_sizes squeeze adjoint "
               "masked_fill fill clone contiguous view_as_complex view_as_real detach unbind alias_copy tile "
               "zero_ index_put",
    "random": "Generator default_generator bernoulli multinomial normal poisson binomial rand randn randint "
              "randperm manual_seed seed initial_seed get_rng_state set_rng_state rand_like randn_like "
              "randint_like",
    "pointwise": "clamp clip clamp_max clamp_min sigmoid logit fix conj angle real imag square positive sgn "
                 "rsub addcdiv addcmul lerp conj_physical resolve_conj resolve_neg float_power ldexp",
    "reduction": "all any amax amin aminmax argmax argmin count_nonzero dist hash_tensor logsumexp max mean "
                 "median min mode nanmean nanmedian nanquantile nansum norm norm_except_dim prod quantile std "
                 "std_mean sum unique unique_consecutive var var_mean frobenius_norm nuclear_norm",
    "comparison": "allclose argsort eq equal ge greater greater_equal gt isclose isfinite isin isinf isnan "
                  "isneginf isposinf isreal kthvalue le less less_equal lt maximum minimum fmax fmin msort ne "
                  "not_equal sort topk",
    "linear-algebra": "addbmm addmm addmv addr baddbmm bmm chain_matmul dot inner inverse matmul matrix_exp "
                      "matrix_power mm mv outer ger pinverse trapezoid trapz cumulative_trapezoid vdot det "
                      "logdet",
    "other": "bincount block_diag broadcast_shapes broadcast_tensors broadcast_to bucketize cartesian_prod "
             "cdist combinations corrcoef cov cross cummax cummin cumprod cumsum diag diag_embed diagflat "
             "diagonal diff einsum flatten flip fliplr flipud gradient histc histogram histogramdd kron "
             "logcumsumexp meshgrid ravel renorm repeat_interleave roll rot90 searchsorted tensordot trace tril "
             "tril_indices triu triu_indices unflatten vander atleast_1d atleast_2d atleast_3d",
    "networks": "softmax log_softmax relu threshold native_channel_shuffle channel_shuffle pixel_shuffle "
                "pixel_unshuffle constant_pad_nd prelu celu selu rrelu hardshrink",
    "types": "dtype layout memory_format Size device autocast no_grad enable_grad inference_mode "
             "set_grad_enabled finfo iinfo is_tensor is_storage is_complex is_floating_point is_nonzero numel "
             "can_cast result_type promote_types get_device typename compile cond while_loop dequantize "
             "set_default_tensor_type Event Stream AcceleratorError OutOfMemoryError TypedStorage "
             "UntypedStorage is_conj is_distributed is_inference is_neg is_same_size is_signed",
}  # fmt: skip

TITLES = {
    "creation": "Making tensors",
    "joining": "Indexing, slicing, joining, reshaping",
    "random": "Random numbers",
    "pointwise": "Element by element",
    "reduction": "Reductions",
    "comparison": "Comparing and sorting",
    "spectral": "Spectra and windows",
    "linear-algebra": "Matrices and vectors",
    "other": "Other operations",
    "networks": "Functions of networks",
    "quantization": "Quantized tensors",
    "types": "Types, devices, settings",
}


def _table(words: dict[str, str]) -> dict[str, str]:
    return {name: group for group, text in words.items() for name in text.split()}


_BY_FILE, _BY_NAME = _table(_FILES), _table(_NAMES)


def group_of(name: str) -> str:
    """The group of one name of ``torch``; KeyError when its file is in no group."""
    base = name.rstrip("_") or name
    for known in (name, base):
        if known in _BY_NAME:
            return _BY_NAME[known]
    value = getattr(catalogue.glasstorch, name)
    op = getattr(catalogue.origin(value), "op", None)
    place = catalogue.op_place(op) if op is not None else catalogue.place_of(value)
    if place is None:  # constants, types made by a function
        return "types"
    return _BY_FILE[place.path.rpartition("/")[2].removesuffix(".py")]


def names_of(group: str) -> list[str]:
    """The names of ``torch`` in a group."""
    return [name for name in catalogue.public_names("torch") if name != "Tensor" and group_of(name) == group]


#: Headings for the files of a namespace, where the file's name says too little.
HEADINGS = {
    "rnn": "Recurrent networks", "batchnorm": "Batch normalization", "instancenorm": "Instance normalization",
    "conv": "Convolution", "sparse": "Embeddings", "pixelshuffle": "Shuffling pixels", "container": "Containers",
    "channelshuffle": "Shuffling channels", "parameter_container": "Containers of parameters",
    "fold": "Fold and unfold",
    "parameter": "Parameters", "module": "Module", "data_parallel": "Several devices", "lazy": "Lazy modules",
    "linear_cross_entropy_options": "Linear layer with cross entropy", "adaptive": "Adaptive pooling and softmax",
    "bags": "Embeddings", "ctc": "CTC", "heads": "Linear layer with cross entropy", "unpool": "Unpooling",
    "adam_variants": "Adam's relatives", "lbfgs": "L-BFGS", "clip_grad": "Clipping gradients",
    "dataloader": "DataLoader", "regions": "Regions of interest", "_api": "Finding models", "misc": "More",
    "comm_ring": "Ring all-reduce", "comm_timeline": "Communication over time",
    "conv_scan": "Convolution, window by window", "graph_view": "Graph",
    "landscape": "Loss landscape", "pair": "Two graphs side by side", "race": "Optimizer race",
    "notebook": "In a notebook",
    "mine": "Your own work", "predict": "Predict, then see", "confusion": "Confusion matrix",
    "elementwise": "Element by element", "resample": "Resizing", "": "More", "__init__": "More",
}  # fmt: skip


def heading(stem: str) -> str:
    """A file's name as a heading."""
    return HEADINGS.get(stem) or stem.replace("_", " ").strip().capitalize()
