"""The named tuples that functions with several results return."""

from __future__ import annotations

from ..core.results import return_type

Cholesky = return_type("linalg_cholesky_ex", ("L", "info"))
QR = return_type("linalg_qr", ("Q", "R"))
SVD = return_type("linalg_svd", ("U", "S", "Vh"))
Eigh = return_type("linalg_eigh", ("eigenvalues", "eigenvectors"))
Eig = return_type("linalg_eig", ("eigenvalues", "eigenvectors"))
LU = return_type("linalg_lu", ("P", "L", "U"))
LUFactor = return_type("linalg_lu_factor", ("LU", "pivots"))
LUFactorEx = return_type("linalg_lu_factor_ex", ("LU", "pivots", "info"))
LDLFactor = return_type("linalg_ldl_factor", ("LD", "pivots"))
LDLFactorEx = return_type("linalg_ldl_factor_ex", ("LD", "pivots", "info"))
Slogdet = return_type("linalg_slogdet", ("sign", "logabsdet"))
InvEx = return_type("linalg_inv_ex", ("inverse", "info"))
SolveEx = return_type("linalg_solve_ex", ("result", "info"))
Lstsq = return_type("linalg_lstsq", ("solution", "residuals", "rank", "singular_values"))

# The older functions of the main namespace have their own.
OlderQR = return_type("qr", ("Q", "R"))
OlderSVD = return_type("svd", ("U", "S", "V"))
OlderSlogdet = return_type("slogdet", ("sign", "logabsdet"))
OlderLU = return_type("_lu_with_info", ("LU", "pivots", "info"))
LUUnpack = return_type("lu_unpack", ("P", "L", "U"))
Geqrf = return_type("geqrf", ("a", "tau"))
TriangularSolve = return_type("triangular_solve", ("solution", "cloned_coefficient"))
