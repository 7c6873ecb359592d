"""The ``out=`` form of functions that are made of several ops (single ops have theirs from the registry)."""

from __future__ import annotations

import inspect

from ..core.forms import FUNCTIONS
from ..core.outputs import with_out

NAMES = [
    "addbmm", "addr", "alias_copy", "all", "amax", "amin", "aminmax", "any", "argmax", "argmin",
    "as_strided_copy", "bmm", "bucketize", "cholesky", "cholesky_inverse", "cholesky_solve", "clamp_max",
    "clamp_min", "column_stack", "complex", "conj_physical", "cross", "cummax", "cummin", "cumprod", "cumsum",
    "detach_copy", "diag", "diagonal_copy", "diff", "dot", "dstack", "expand_copy", "float_power", "frexp",
    "frobenius_norm", "geqrf", "ger", "hardshrink", "histc", "histogram", "hstack", "index_add", "index_copy",
    "index_reduce", "inner", "inverse", "isin", "kron", "kthvalue", "ldexp", "log_softmax", "logcumsumexp",
    "logspace", "logsumexp", "lu_solve", "lu_unpack", "masked_select", "matrix_power", "max", "mean", "median",
    "min", "mode", "msort", "mvlgamma", "nanmean", "nanmedian", "nanquantile", "nansum", "narrow_copy",
    "nonzero", "nonzero_static", "nuclear_norm", "orgqr", "ormqr", "outer", "permute_copy", "polar",
    "polygamma", "prod", "qr", "quantile", "range", "renorm", "scatter", "scatter_add", "scatter_reduce",
    "searchsorted", "select_copy", "slice_copy", "slice_scatter", "slogdet", "softmax", "sort", "split_copy",
    "split_with_sizes_copy", "square", "squeeze_copy", "std", "sum", "svd", "t_copy", "take", "take_along_dim",
    "threshold", "topk", "transpose_copy", "triangular_solve", "tril", "triu", "unbind_copy", "unfold_copy",
    "unsqueeze_copy", "var", "vdot", "view_as_complex_copy", "view_as_real_copy", "view_copy", "vstack",
    "row_stack",
]  # fmt: skip

for _name in NAMES:
    _fn = FUNCTIONS.get(_name)
    if _fn is not None and "out" not in inspect.signature(_fn).parameters:
        FUNCTIONS[_name] = with_out(_name)(_fn)
