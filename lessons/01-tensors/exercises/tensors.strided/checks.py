"""Places worked out index by index in NumPy, and what comes out when a part of the rule is forgotten."""

import numpy as np
from glasstorch_web.grader.checks import CheckFailed, close


def _strides(shape):
    return tuple(int(np.prod(shape[k + 1 :])) for k in range(len(shape)))


def _read(line, shape, stride, offset=0):
    places = [offset + sum(i * s for i, s in zip(index, stride)) for index in np.ndindex(*shape)]
    return line[np.array(places, int)].reshape(shape)


def _line(rng, size):
    return rng.permutation(size * 3)[:size].astype("float32")


def check_strides(box, rng):
    sizes = [int(n) for n in rng.permutation([2, 3, 4, 5])]
    for shape in [tuple(sizes[:2]), (sizes[0],), tuple(sizes), ()]:
        got = box.call("contiguous_strides", shape)
        if got is None:
            raise CheckFailed("`contiguous_strides` returned None. Is a `return` missing?", kind="type")
        got = tuple(got) if isinstance(got, list) else got
        if got == _strides(shape):
            continue
        message = f"For shape {shape} the strides are {got!r}; they must be {_strides(shape)}."
        if len(shape) > 1 and got == _strides(shape)[::-1]:
            message += " Yours are those of a tensor whose first index runs fastest."
        elif len(shape) > 1 and got == _strides(shape[::-1])[::-1]:
            message += " Multiply the sizes to the right of a dimension, not those to its left."
        elif got == shape:
            message += " Yours are the shape itself."
        raise CheckFailed(message, expected=list(_strides(shape)), got=repr(got))


def check_reads(box, rng):
    rows, columns = (int(n) for n in rng.permutation([3, 4, 5])[:2])
    line = _line(rng, 24)
    # Fresh, turned, and with gaps.
    for stride in [(columns, 1), (1, rows), (columns + 1, 1)]:
        _same(box, line, (rows, columns), stride)


def _same(box, line, shape, stride, offset=0):
    got = box.call("strided", line, shape, stride, *([offset] if offset else []))
    mistakes = {}
    if len(shape) == 2:
        mistakes = {
            "The strides are not used: this reads the line from its start without gaps.": line[
                : int(np.prod(shape))
            ].reshape(shape),
            "The two strides have changed places: stride[0] belongs to the rows.": _clipped(
                line, shape, stride[::-1], offset
            ),
            "The offset is left out: the first element lies in place `offset`.": _read(line, shape, stride),
            "The offset is added once for each dimension; it counts once.": _clipped(
                line, shape, stride, offset * len(shape)
            ),
        }
    what = f"`strided(line, {shape}, {stride}{f', {offset}' if offset else ''})`"
    close(got, _read(line, shape, stride, offset), 0, 0, what, mistakes=mistakes)


def _clipped(line, shape, stride, offset):
    """Like _read, where a mistake may reach beyond the line; then an array that equals nothing."""
    try:
        return _read(line, shape, stride, offset)
    except IndexError:
        return np.full(shape, np.nan)


def check_offset(box, rng):
    offset = int(rng.integers(2, 7))
    line = _line(rng, 30)
    _same(box, line, (3, 4), (5, 1), offset)
    _same(box, line, (4, 3), (1, 5), offset)


def check_any(box, rng):
    line = _line(rng, 70)
    a, b, c = (int(n) for n in rng.permutation([2, 3, 4]))
    start = int(rng.integers(0, 5))
    for shape, stride in [
        ((a, b, c), (b * c, c, 1)),
        ((a, b, c), (1, c * a, a)),
        ((b,), (3,)),
        ((a, b), (0, 1)),
        ((b, c), (1, 1)),
        ((), ()),
        ((a, 2, b, 2), (2 * b, b, 1, 0)),
    ]:
        got = box.call("strided", line, shape, stride, start)
        close(got, _read(line, shape, stride, start), 0, 0)
