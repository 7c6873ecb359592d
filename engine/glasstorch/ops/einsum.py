"""``einsum``: products and sums written with letters."""

from __future__ import annotations

import math
from typing import Any

from ..core.forms import public
from ..core.refusals import noted
from ..core.tensor import Tensor
from .matmul import bmm

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


@public
def einsum(*args: Any) -> Tensor:
    """einsum(equation, *operands) -> Tensor

    Sum of products in Einstein's notation: ``einsum("ij,jk->ik", a, b)`` is the matrix product. ``...`` stands for
    dimensions that broadcast; a letter that is missing on the right is summed over. Also ``einsum(a, [0, 1], ...)``.
    """
    if len(args) < 2:
        raise ValueError("einsum(): must specify the equation string and at least one operand, "
                         "or at least one operand and its subscripts list")  # fmt: skip
    if isinstance(args[0], Tensor):
        equation, operands = _from_lists(args)
    else:
        equation, operands = args[0], list(args[1:])
    if not isinstance(equation, str):
        raise TypeError(
            f"einsum(): argument 'equation' (position 1) must be str, not {type(equation).__name__}"
        )
    if len(operands) == 1 and isinstance(operands[0], (list, tuple)):
        operands = list(operands[0])
    for k, t in enumerate(operands):
        if not isinstance(t, Tensor):
            raise TypeError(f"expected Tensor as element {k} in argument 1, but got {type(t).__name__}")
    inputs, output = _parse(equation, operands)
    return _contract(operands, inputs, output)


def _from_lists(args: tuple) -> tuple[str, list]:
    def letter(s: Any) -> str:
        if s is Ellipsis:
            return "..."
        if not 0 <= s < len(_LETTERS):
            raise ValueError("einsum(): subscript in subscript list is not within the valid range [0, 52)")
        return _LETTERS[s]

    def text(subscripts: Any) -> str:
        return "".join(letter(s) for s in subscripts)

    pairs = len(args) // 2
    operands = [args[2 * k] for k in range(pairs)]
    equation = ",".join(text(args[2 * k + 1]) for k in range(pairs))
    return equation + ("->" + text(args[-1]) if len(args) % 2 else ""), operands


def _letters(text: str, start: int, whose: str, found: str) -> tuple[str, bool, str]:
    """The letters before ``...``, whether there is one, and those after. ``start``: where the text begins."""
    before, dots, after = text.partition("...")
    for part, offset in ((before, 0), (after, len(before) + 3)):
        for k, c in enumerate(part):
            if c == "." and (dots and offset):
                raise RuntimeError(f"einsum(): found '.' for {whose} {found}")
            if c == ".":
                raise RuntimeError(f"einsum(): found '.' for {whose} that is not part of any ellipsis")
            if c != " " and c not in _LETTERS:
                raise RuntimeError(
                    f"einsum(): invalid subscript given at index {start + offset + k} in the equation string, "
                    "subscripts must be in [a-zA-Z]"
                )
    return before.replace(" ", ""), bool(dots), after.replace(" ", "")


def _parse(equation: str, operands: list) -> tuple[list[list[Any]], list[Any]]:
    """Labels of each operand's dimensions and of the output's. Dimensions of ``...`` are labelled -k from the end."""
    left, arrow, right = equation.partition("->")
    terms, start = [], 0
    for k, term in enumerate(left.split(",")):
        terms.append(_letters(term, start, f"operand {k}", "for which an ellipsis was already found"))
        start += len(term) + 1
    if len(terms) != len(operands):
        how = "more" if len(operands) > len(terms) else "fewer"
        raise noted(
            RuntimeError(f"einsum(): {how} operands were provided than specified in the equation"),
            f"{len(operands)} operands, {len(terms)} terms in {equation!r}",
        )
    inputs, widest = [], 0
    for k, ((before, dots, after), t) in enumerate(zip(terms, operands, strict=True)):
        named = len(before) + len(after)
        rest = t._a.ndim - named
        if rest < 0 or (rest and not dots):
            how = "is more than" if dots else "does not match"
            raise RuntimeError(
                f"einsum(): the number of subscripts in the equation ({named}) {how} the number of dimensions "
                f"({t._a.ndim}) for operand {k}" + ("" if dots else " and no ellipsis was given")
            )
        widest = max(widest, rest)
        inputs.append([*before, *range(-rest, 0), *after])
    used = [c for labels in inputs for c in labels]
    if not arrow:
        once = sorted({c for c in used if isinstance(c, str) and used.count(c) == 1})
        return inputs, [*range(-widest, 0), *once]
    before, dots, after = _letters(right, len(left) + 2, "output", "but an ellipsis (...) was already found")
    for c in before + after:
        if c not in used:
            raise RuntimeError(
                f"einsum(): output subscript {c} does not appear in the equation for any input operand"
            )
        if (before + after).count(c) > 1:
            raise RuntimeError(f"einsum(): output subscript {c} appears more than once in the output")
    return inputs, [*before, *(range(-widest, 0) if dots else ()), *after]


def _diagonals(which: int, t: Tensor, labels: list) -> tuple[Tensor, list]:
    """Letters that an operand has twice: its diagonal."""
    labels = list(labels)
    for c in dict.fromkeys(labels):
        while labels.count(c) > 1:
            i = labels.index(c)
            j = labels.index(c, i + 1)
            if t._a.shape[i] != t._a.shape[j]:
                raise RuntimeError(
                    f"einsum(): subscript {c} is repeated for operand {which} but the sizes don't match, "
                    f"{t._a.shape[j]} != {t._a.shape[i]}"
                )
            t = t.diagonal(0, i, j)
            labels = [x for k, x in enumerate(labels) if k not in (i, j)] + [c]
    return t, labels


def _contract(operands: list, inputs: list, output: list) -> Tensor:
    pairs = [_diagonals(k, t, labels) for k, (t, labels) in enumerate(zip(operands, inputs, strict=True))]
    sizes: dict[Any, int] = {}
    for k, (t, labels) in enumerate(pairs):
        for c, n in zip(labels, t._a.shape, strict=True):
            if sizes.get(c, 1) not in (1, n) and n != 1:
                raise RuntimeError(
                    f"einsum(): subscript {c} has size {n} for operand {k} which does not broadcast with "
                    f"previously seen size {sizes[c]}"
                )
            sizes[c] = n if sizes.get(c, 1) == 1 else sizes[c]
    t, labels = pairs[0]
    for k in range(1, len(pairs)):
        later = {c for _, other in pairs[k + 1 :] for c in other} | set(output)
        t, labels = _multiply(t, labels, *pairs[k], later)
    gone = [k for k, c in enumerate(labels) if c not in output]
    if gone:
        t = t.sum(gone)
        labels = [c for c in labels if c in output]
    order = [labels.index(c) for c in output if c in labels]
    if len(operands) == 1 or order != sorted(order):
        t = t.permute(*order)
    missing = [k for k, c in enumerate(output) if c not in labels]
    for k in missing:
        t = t.unsqueeze(k)
    want = tuple(sizes[c] for c in output)
    return t if t._a.shape == want else t.expand(*want)


def _summed(t: Tensor, labels: list, gone: list) -> tuple[Tensor, list]:
    """``t`` without some of its letters; lengths of 1 are dropped, which keeps the type of integers."""
    size = dict(zip(labels, t._a.shape, strict=True))
    for drop, take in (
        (Tensor.squeeze, [c for c in gone if size[c] == 1]),
        (Tensor.sum, [c for c in gone if size[c] != 1]),
    ):
        if take:
            t, labels = drop(t, [labels.index(c) for c in take]), [c for c in labels if c not in take]
    return t, labels


def _multiply(a: Tensor, la: list, b: Tensor, lb: list, later: set) -> tuple[Tensor, list]:
    """Two operands as one batch of matrix products: letters in both and later are the batch, in both only the sum."""
    # What only one of them has and nobody wants is summed at once.
    a, la = _summed(a, la, [c for c in la if c not in lb and c not in later])
    b, lb = _summed(b, lb, [c for c in lb if c not in la and c not in later])
    both = [c for c in la if c in lb]
    size_a, size_b = dict(zip(la, a._a.shape, strict=True)), dict(zip(lb, b._a.shape, strict=True))
    for c in [c for c in both if c not in later and size_a[c] != size_b[c]]:
        # A length 1 against n: sum the long side first, so that neither is copied out.
        if size_a[c] == 1:
            b = b.sum(lb.index(c), keepdim=True)
            size_b[c] = 1
        else:
            a = a.sum(la.index(c), keepdim=True)
            size_a[c] = 1
    ones = [c for c in both if c not in later and size_a[c] == size_b[c] == 1]
    if ones:  # nothing to sum either
        a, la = a.squeeze([la.index(c) for c in ones]), [c for c in la if c not in ones]
        b, lb = b.squeeze([lb.index(c) for c in ones]), [c for c in lb if c not in ones]
        both = [c for c in both if c not in ones]
    batch, inside = [c for c in both if c in later], [c for c in both if c not in later]
    rows, columns = [c for c in la if c not in lb], [c for c in lb if c not in la]
    if not inside:  # nothing to sum: each element of one with the elements of the other
        x = a.permute(*[la.index(c) for c in batch + rows])
        y = b.permute(*[lb.index(c) for c in batch + columns])
        x = x.reshape(*x._a.shape, *[1] * len(columns))
        y = y.reshape(*y._a.shape[: len(batch)], *[1] * len(rows), *y._a.shape[len(batch) :])
        return x * y, batch + rows + columns
    n = [max(size_a[c], size_b[c]) if 0 not in (size_a[c], size_b[c]) else 0 for c in batch]
    shape_a, shape_b = [size_a[c] for c in rows], [size_b[c] for c in columns]
    x = a.permute(*[la.index(c) for c in batch + rows + inside])
    y = b.permute(*[lb.index(c) for c in batch + inside + columns])
    shape_in = [size_a[c] for c in inside]
    x = x.expand(*n, *shape_a, *shape_in).reshape(math.prod(n), math.prod(shape_a), math.prod(shape_in))
    y = y.expand(*n, *shape_in, *shape_b).reshape(math.prod(n), math.prod(shape_in), math.prod(shape_b))
    return bmm(x, y).reshape(*n, *shape_a, *shape_b), batch + rows + columns
