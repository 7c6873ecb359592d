"""Factorisations that NumPy lacks, for batches of matrices in the last two dimensions: LU, LDL, triangular solve.

Written with array functions only, so one text serves NumPy and CuPy. LU and the triangular solve halve the matrix
until a few columns are left, so that most of the work is matrix products (Toledo, *Locality of reference in LU
decomposition with partial pivoting*, 1997). Pivots are LAPACK's: numbers of rows, counted from 1.
"""

from __future__ import annotations

from typing import Any

import numpy as np

FEW = 16  # columns that are worked on one by one


def flat(a: Any) -> Any:
    """The batch dimensions as one."""
    count = 1
    for n in a.shape[:-2]:
        count *= n
    return a.reshape((count, *a.shape[-2:]))


def solve_triangular(xp: Any, a: Any, b: Any, upper: bool, unit: bool) -> Any:
    """The x with ``a x = b``; only one triangle of ``a`` is read. A 0 on the diagonal gives inf or nan."""
    n = a.shape[-1]
    if n <= FEW:
        batch = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
        x = xp.array(xp.broadcast_to(b, (*batch, *b.shape[-2:])))
        for i in reversed(range(n)) if upper else range(n):
            if not unit:
                x[..., i, :] /= a[..., i, i, None]
            rest = slice(0, i) if upper else slice(i + 1, n)
            x[..., rest, :] -= a[..., rest, i, None] * x[..., i, None, :]
        return x
    one, two = slice(0, n // 2), slice(n // 2, n)
    first, last = (two, one) if upper else (one, two)
    x1 = solve_triangular(xp, a[..., first, first], b[..., first, :], upper, unit)
    rest = b[..., last, :] - a[..., last, first] @ x1
    x2 = solve_triangular(xp, a[..., last, last], rest, upper, unit)
    return xp.concatenate([x2, x1] if upper else [x1, x2], axis=-2)


def lu(xp: Any, a: Any) -> tuple[Any, Any, Any]:
    """``P a = L U`` with row swaps: L (its diagonal of ones left out) and U in one matrix, pivots, info.

    ``info`` is the number of the first pivot that is 0, or 0.
    """
    m, n = a.shape[-2:]
    k = min(m, n)
    work = xp.array(flat(a))
    pivots = xp.empty((work.shape[0], k), xp.int32)
    if work.size:
        _eliminate(xp, work, pivots, 0, k)
        if n > k:
            work[:, :, k:] = solve_triangular(xp, work[:, :, :k], work[:, :, k:], False, True)
    diagonal = xp.diagonal(work, axis1=-2, axis2=-1)
    zero = diagonal == 0
    info = xp.where(zero.any(-1), zero.argmax(-1) + 1, 0) if k else xp.zeros(work.shape[0])
    batch = a.shape[:-2]
    return work.reshape(a.shape), pivots.reshape((*batch, k)), info.reshape(batch).astype(xp.int32)


def _size(xp: Any, x: Any) -> Any:
    """What LAPACK compares when it looks for a pivot."""
    return xp.abs(x.real) + xp.abs(x.imag) if x.dtype.kind == "c" else xp.abs(x)


def _eliminate(xp: Any, w: Any, pivots: Any, low: int, high: int) -> None:
    """Factor the columns from ``low`` to ``high`` of ``w``, in place; whole rows are swapped."""
    if high - low > FEW:
        middle = (low + high) // 2
        _eliminate(xp, w, pivots, low, middle)
        left, right = slice(low, middle), slice(middle, high)
        w[:, left, right] = solve_triangular(xp, w[:, left, left], w[:, left, right], False, True)
        w[:, middle:, right] -= w[:, middle:, left] @ w[:, left, right]
        _eliminate(xp, w, pivots, middle, high)
        return
    every = xp.arange(w.shape[0])
    for j in range(low, high):
        row = _size(xp, w[:, j:, j]).argmax(-1) + j
        pivots[:, j] = row + 1
        found = w[every, row]
        w[every, row] = w[:, j]
        w[:, j] = found
        pivot = w[:, j, None, j]
        w[:, j + 1 :, j] /= xp.where(pivot == 0, 1, pivot)  # below a pivot of 0 all are 0
        w[:, j + 1 :, j + 1 : high] -= w[:, j + 1 :, j, None] * w[:, j, None, j + 1 : high]


def permutation(xp: Any, pivots: Any, rows: int) -> Any:
    """The row numbers that swapping by ``pivots`` leads to: row ``i`` of ``P a`` is row ``order[i]`` of ``a``."""
    swaps = flat(pivots[..., None])[..., 0].astype(xp.int64) - 1
    order = xp.array(xp.broadcast_to(xp.arange(rows), (swaps.shape[0], rows)))
    every = xp.arange(swaps.shape[0])
    for j in range(swaps.shape[1]):
        other = order[every, swaps[:, j]]
        order[every, swaps[:, j]] = order[:, j]
        order[:, j] = other
    return order.reshape((*pivots.shape[:-1], rows))


GROWTH = (1 + 17**0.5) / 8  # bounds the growth of elements with blocks of 1 and of 2 alike


def ldl(xp: Any, a: Any, hermitian: bool) -> tuple[Any, Any, Any]:
    """``P a P^T = L D L^T`` (or ``L D L^H``) by Bunch and Kaufman's pivoting, reading the lower triangle.

    D has blocks of one and two rows; it lies in the result's diagonal (and, for a block of two, in the element
    below), L in the rest. A block of two has the negative pivot in both rows. ``info`` as for ``lu``.
    Bunch and Kaufman, *Some stable methods for calculating inertia and solving symmetric linear systems* (1977).
    """
    work = xp.tril(flat(a))
    n = a.shape[-1]
    pivots = xp.empty((work.shape[0], n), xp.int32)
    info = xp.zeros(work.shape[0], xp.int32)
    for b in range(work.shape[0]):  # where the blocks lie differs from matrix to matrix
        info[b] = _ldl_of_one(xp, work[b], pivots[b], hermitian)
    batch = a.shape[:-2]
    return work.reshape(a.shape), pivots.reshape((*batch, n)), info.reshape(batch)


def _ldl_of_one(xp: Any, w: Any, pivots: Any, hermitian: bool) -> int:
    turn = xp.conj if hermitian else (lambda x: x)
    n, k, info = w.shape[-1], 0, 0
    while k < n:
        if hermitian:
            w[k, k] = w[k, k].real
        step, other = _ldl_pivot(xp, w, k)
        if not step:
            info = info or k + 1
            pivots[k], k = k + 1, k + 1
            continue
        at = k + step - 1  # the row that is swapped with row `other`
        if other != at:
            _swap(xp, w, k, at, other, turn)
        rest = slice(k + step, n)
        if step == 1:
            pivots[k] = other + 1
            column = w[rest, k] / w[k, k]
            w[rest, rest] -= xp.tril(xp.outer(column, turn(w[rest, k])))
            w[rest, k] = column
        else:
            pivots[k : k + 2] = -(other + 1)
            block = _block(xp, w, k, turn)
            columns = w[rest, k : k + 2]
            scaled = xp.linalg.solve(block.T, columns.T).T
            w[rest, rest] -= xp.tril(scaled @ turn(columns).T)
            w[rest, k : k + 2] = scaled
        k += step
    return info


def _ldl_pivot(xp: Any, w: Any, k: int) -> tuple[int, int]:
    """How many rows the next block of D has (0 for a column of zeros), and the row to swap."""
    here = float(_size(xp, w[k, k]))
    below = _size(xp, w[k + 1 :, k])
    if not below.size:
        return (1 if here != 0 else 0), k
    other = int(below.argmax()) + k + 1
    largest = float(below[other - k - 1])
    if max(here, largest) == 0:
        return 0, k
    if here >= GROWTH * largest:
        return 1, k
    row = xp.concatenate([w[other, k:other], w[other + 1 :, other]])
    widest = float(_size(xp, row).max())
    if here * widest >= GROWTH * largest * largest:
        return 1, k
    if float(_size(xp, w[other, other])) >= GROWTH * widest:
        return 1, other
    return 2, other


def _block(xp: Any, w: Any, k: int, turn: Any) -> Any:
    """The block of two rows of D at ``k``."""
    corner = w[k + 1, k]
    return xp.stack([xp.stack([w[k, k], turn(corner)]), xp.stack([corner, w[k + 1, k + 1]])])


def _swap(xp: Any, w: Any, k: int, i: int, j: int, turn: Any) -> None:
    """Swap rows and columns ``i < j`` of a symmetric matrix of which the lower triangle is held, from column ``k``."""
    w[[i, j], k:i] = w[[j, i], k:i]
    w[[i, j], [i, j]] = w[[j, i], [j, i]]
    between = slice(i + 1, j)
    column = turn(w[between, i].copy())
    w[between, i] = turn(w[j, between])
    w[j, between] = column
    w[j, i] = turn(w[j, i])
    w[j + 1 :, [i, j]] = w[j + 1 :, [j, i]]


def ldl_solve(xp: Any, ld: Any, pivots: Any, b: Any, hermitian: bool) -> Any:
    """The x with ``a x = b`` from a's LDL factors."""
    batch = np.broadcast_shapes(ld.shape[:-2], b.shape[:-2])
    matrices = flat(xp.broadcast_to(ld, (*batch, *ld.shape[-2:])))
    swaps = flat(xp.broadcast_to(pivots, (*batch, pivots.shape[-1]))[..., None])[..., 0]
    x = xp.array(flat(xp.broadcast_to(b, (*batch, *b.shape[-2:]))))
    for k in range(len(x)):
        _ldl_solve_one(xp, matrices[k], swaps[k].tolist(), x[k], hermitian)
    return x.reshape((*batch, *b.shape[-2:]))


def _ldl_solve_one(xp: Any, w: Any, pivots: list, x: Any, hermitian: bool) -> None:
    turn = xp.conj if hermitian else (lambda v: v)
    n = len(pivots)
    starts, k = [], 0
    while k < n:
        starts.append(k)
        k += 1 if pivots[k] > 0 else 2
    for k in starts:
        step = 1 if pivots[k] > 0 else 2
        at, other = k + step - 1, abs(pivots[k]) - 1
        x[[at, other]] = x[[other, at]]
        x[k + step :] -= w[k + step :, k : k + step] @ x[k : k + step]
        if step == 1:
            x[k] /= w[k, k]
        else:
            block = _block(xp, w, k, turn)
            x[k : k + 2] = xp.linalg.solve(block, x[k : k + 2])
    for k in reversed(starts):
        step = 1 if pivots[k] > 0 else 2
        x[k : k + step] -= turn(w[k + step :, k : k + step]).T @ x[k + step :]
        at, other = k + step - 1, abs(pivots[k]) - 1
        x[[at, other]] = x[[other, at]]
