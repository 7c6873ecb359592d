"""Linear algebra: ``glasstorch.linalg``, PyTorch's ``torch.linalg``. Matrices are the last two dimensions."""

from ..ops.matmul import matmul
from ..ops.matrices import LinAlgError
from ..ops.products import linalg_cross, multi_dot
from . import eigenpairs as _eigenpairs  # noqa: F401  (these three give the main namespace its names)
from . import lowrank as _lowrank  # noqa: F401
from . import older as _older  # noqa: F401
from .decompositions import (
    cholesky,
    cholesky_ex,
    eig,
    eigh,
    eigvals,
    eigvalsh,
    householder_product,
    ldl_factor,
    ldl_factor_ex,
    lu,
    lu_factor,
    lu_factor_ex,
    qr,
    svd,
    svdvals,
)
from .forms import form
from .functions import diagonal, matrix_exp, matrix_power, vander, vecdot
from .norms import cond, matrix_norm, norm, vector_norm
from .solvers import (
    det,
    inv,
    inv_ex,
    ldl_solve,
    lstsq,
    lu_solve,
    matrix_rank,
    pinv,
    slogdet,
    solve,
    solve_ex,
    solve_triangular,
    tensorinv,
    tensorsolve,
)

cross = form("linalg_cross")(linalg_cross)

__all__ = [
    "LinAlgError", "cholesky", "cholesky_ex", "cond", "cross", "det", "diagonal", "eig", "eigh", "eigvals", "eigvalsh",
    "householder_product", "inv", "inv_ex", "ldl_factor", "ldl_factor_ex", "ldl_solve", "lstsq", "lu", "lu_factor",
    "lu_factor_ex", "lu_solve", "matmul", "matrix_exp", "matrix_norm", "matrix_power", "matrix_rank", "multi_dot",
    "norm", "pinv", "qr", "slogdet", "solve", "solve_ex", "solve_triangular", "svd", "svdvals", "tensorinv",
    "tensorsolve", "vander", "vecdot", "vector_norm",
]  # fmt: skip
