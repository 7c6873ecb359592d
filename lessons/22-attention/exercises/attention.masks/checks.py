"""Who may look at whom, by the definition and in plain loops."""

import numpy as np
from glasstorch_web.grader.checks import CheckFailed, close


def _table(n, allowed):
    return np.array([[bool(allowed(i, j)) for j in range(n)] for i in range(n)])


def _mask(box, expected, mistakes, name, *arguments):
    got = box.call(name, *arguments)
    if got is None:
        raise CheckFailed(f"`{name}` returned None. Is a `return` missing?", got="None")
    if isinstance(got, np.ndarray) and got.dtype != bool:
        raise CheckFailed(
            f"`{name}` must return True and False (dtype bool); it returned numbers of dtype {got.dtype.name}.",
            expected="bool",
            got=got.dtype.name,
        )
    close(got, expected, what=f"the mask of `{name}`", mistakes=mistakes)


def check_causal(box, rng):
    n = int(rng.integers(4, 8))
    mistakes = {
        "Here each position looks at itself and at those that come later: rows and columns are swapped.": _table(
            n, lambda i, j: j >= i
        ),
        "Nearly: a position may also look at itself.": _table(n, lambda i, j: j < i),
        "This is the opposite: True must mean that looking is allowed.": _table(n, lambda i, j: j > i),
    }
    _mask(box, _table(n, lambda i, j: j <= i), mistakes, "causal", n)


def check_window(box, rng):
    n = int(rng.integers(6, 15))
    for width in (1, int(rng.integers(2, 6)), n + 2):
        _window(box, n, width)


def _window(box, n, width):
    mistakes = {
        "Nearly: with itself it must see `width` positions, and here it sees one more.": _table(
            n, lambda i, j: 0 <= i - j <= width
        ),
        "This window also looks ahead. The mask is causal: nothing after the position itself.": _table(
            n, lambda i, j: abs(i - j) < width
        ),
        "These positions are all before it, but it may look at itself too.": _table(
            n, lambda i, j: 0 < i - j < width
        ),
    }
    _mask(box, _table(n, lambda i, j: 0 <= i - j < width), mistakes, "window", n, width)


def check_padding(box, rng):
    longest = int(rng.integers(5, 8))
    lengths = np.array([longest, *rng.integers(1, longest, size=2)])
    expected = np.array([[[j < length for j in range(longest)]] for length in lengths])
    mistakes = {
        "This is the opposite: True must stand where a token is real.": ~expected,
        "Nearly: a sample of length n has its real tokens at 0 to n - 1, and here one more is let in.": np.array(
            [[[j <= length for j in range(longest)]] for length in lengths]
        ),
    }
    got = box.call("padding", lengths, longest)
    if isinstance(got, np.ndarray) and got.shape == (len(lengths), longest):
        raise CheckFailed(
            "The mask has shape (batch, longest). Between the two a dimension of size 1 is needed, which is stretched "
            "over all rows: as it is, the samples would be taken for the positions that look.",
            expected=[len(lengths), 1, longest],
            got=list(got.shape),
        )
    _mask(box, expected, mistakes, "padding", lengths, longest)


def check_documents(box, rng):
    number = np.repeat([0, 1, 2], rng.integers(2, 4, size=3))
    n = len(number)
    mistakes = {
        "Here a text also sees the texts before it. Look only within one text.": _table(
            n, lambda i, j: j <= i
        ),
        "Here a position also sees what comes later in its text.": _table(
            n, lambda i, j: number[i] == number[j]
        ),
    }
    expected = _table(n, lambda i, j: j <= i and number[i] == number[j])
    _mask(box, expected, mistakes, "documents", number)


def check_for_multihead(box, rng):
    mask = rng.integers(0, 2, size=(4, 5)).astype(bool)
    mistakes = {
        "This is the mask as it was. To `nn.MultiheadAttention` True means the opposite: leave out.": mask
    }
    _mask(box, ~mask, mistakes, "for_multihead", mask)
