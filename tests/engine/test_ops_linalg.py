"""linalg, fft and complex numbers against PyTorch: values and two orders of gradients."""

from __future__ import annotations

import glasstorch
import numpy as np
import pytest
from support.differential import compare, raises_alike

rng = np.random.default_rng(0)


def positive(E, x):
    return x @ x.mT + E.eye(x.shape[-1], dtype=x.dtype)


SQUARE = [
    lambda E, x: (E.linalg.inv(x), x.inverse()),
    lambda E, x: (E.linalg.solve(x, x + 1), E.linalg.solve(x, x[..., 0]), E.linalg.solve(x, x.mT, left=False)),
    lambda E, x: (E.linalg.det(x), x.det() * 2, x.logdet().nan_to_num(), E.linalg.slogdet(x)[1]),
    lambda E, x: (E.linalg.cholesky(positive(E, x)), E.linalg.cholesky(positive(E, x), upper=True)),
    lambda E, x: (E.linalg.eigvalsh(x + x.mT), (E.linalg.eigh(x + x.mT)[1] ** 2).sum(-2)),
    lambda E, x: (E.linalg.matrix_power(x, 3), E.linalg.matrix_power(x, -2), x.matrix_power(0) * x),
    lambda E, x: (E.linalg.pinv(x), E.linalg.cond(x), E.linalg.matrix_exp(x * 0.3)),
    lambda E, x: (E.linalg.solve_triangular(x, x + 1, upper=True),
                  E.linalg.solve_triangular(x, x, upper=False, unitriangular=True)),
    lambda E, x: (E.linalg.matrix_norm(x), E.linalg.matrix_norm(x, "nuc"), E.linalg.matrix_norm(x, 2)),
    lambda E, x: (E.linalg.matrix_norm(x, 1), E.linalg.matrix_norm(x, -float("inf"), keepdim=True)),
]  # fmt: skip


@pytest.mark.parametrize("case", range(len(SQUARE)))
def test_square_matrices(case: int) -> None:
    for shape in ((3, 3), (2, 3, 3)):
        compare(SQUARE[case], rng.normal(size=shape) + 2 * np.eye(3))


ANY = [
    lambda E, x: tuple(E.linalg.qr(x)),
    lambda E, x: (E.linalg.svdvals(x), (E.linalg.svd(x, full_matrices=False)[0] ** 2)),
    lambda E, x: E.linalg.svd(x, full_matrices=False)[2] ** 2,
    lambda E, x: (E.linalg.pinv(x), E.linalg.matrix_rank(x), E.linalg.lstsq(x, x[..., :1] + 1)[0]),
    lambda E, x: (E.linalg.norm(x), E.linalg.vector_norm(x, 3, -1), E.linalg.vector_norm(x, 0.5, -1)),
    lambda E, x: (E.linalg.vecdot(x, x + 1), E.linalg.diagonal(x), E.linalg.vander(x, N=3)),
]


@pytest.mark.parametrize("case", range(len(ANY)))
def test_any_matrices(case: int) -> None:
    for shape in ((4, 3), (3, 4), (2, 3, 3)):
        compare(ANY[case], rng.normal(size=shape), second=case not in (1, 2))


def test_the_determinant_of_a_singular_matrix_has_pytorchs_gradients() -> None:
    a = np.array([[1.0, 2.0], [2.0, 4.0]])
    compare(lambda E, x: E.linalg.det(x), a, second=False)  # zeros
    compare(lambda E, x: E.linalg.det(x), a)  # with create_graph the cofactors
    compare(lambda E, x: E.linalg.det(x), np.stack([a, a + np.eye(2)]), second=False)


def test_subgradients_of_norms_at_zero() -> None:
    a = np.array([[0.0, 1.0, -2.0], [0.0, 0.0, 0.0]])
    for p in (0.5, 1, 1.5, 2, 3):
        compare(lambda E, x, p=p: E.linalg.vector_norm(x, p, 1), a, second=False)


TRANSFORMS = ["fft", "ifft", "rfft", "irfft", "hfft", "ihfft"]


@pytest.mark.parametrize("norm", ["backward", "forward", "ortho"])
@pytest.mark.parametrize("name", TRANSFORMS)
def test_fourier(name: str, norm: str) -> None:
    a = rng.normal(size=(3, 6))
    for n in (None, 5, 8):
        compare(lambda E, x, n=n: getattr(E.fft, name)(x, n, norm=norm), a)
        compare(lambda E, x: getattr(E.fft, name)(x, dim=0, norm=norm), a)
    if name not in ("rfft", "ihfft"):
        compare(lambda E, x: getattr(E.fft, name)(x, norm=norm), a + 1j * rng.normal(size=(3, 6)))


def test_fourier_over_several_dimensions() -> None:
    a = rng.normal(size=(2, 4, 3))
    for name in TRANSFORMS:
        compare(lambda E, x, name=name: getattr(E.fft, name + "n")(x, (3, 4), (0, 1)), a)
        compare(lambda E, x, name=name: getattr(E.fft, name + "2")(x), a)
    compare(lambda E, x: (E.fft.fftshift(x), E.fft.ifftshift(x, 1)), a)
    compare(lambda E, *_: (E.fft.fftfreq(5, 0.5), E.fft.rfftfreq(6)))


def test_complex_parts() -> None:
    a = rng.normal(size=(2, 3)) + 1j * rng.normal(size=(2, 3))
    compare(lambda E, x: (x.imag, x.real, x.angle(), E.view_as_real(x), x.mH, x.H, E.isreal(x)), a)
    compare(lambda E, x, y: (E.complex(x, y), E.polar(x.abs(), y), E.view_as_complex(E.stack([x, y], -1))),
            a.real, a.imag)  # fmt: skip


def test_errors() -> None:
    with pytest.raises(glasstorch.linalg.LinAlgError, match="singular"):
        glasstorch.linalg.inv(glasstorch.zeros(2, 2))
    with pytest.raises(glasstorch.linalg.LinAlgError, match="positive-definite"):
        glasstorch.linalg.cholesky(-glasstorch.eye(2))
    raises_alike(lambda E: E.linalg.inv(E.zeros(2, 3)), "square", "2 by 3")
    raises_alike(lambda E: E.linalg.det(E.ones(2, 2, dtype=E.int64)), "Long")
    raises_alike(lambda E: E.fft.fft(E.ones(3), norm="x"), "x")
