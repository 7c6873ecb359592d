"""The gradients of a convolution by the chain rule, window by window, in float64."""

import numpy as np
from glasstorch_web.grader.checks import CheckFailed, close


def _places(shape, kernel, stride, padding):
    return [(n + 2 * padding - k) // stride + 1 for n, k in zip(shape[2:], kernel)]


def _columns(x, kernel, stride, padding):
    wide = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    kh, kw = kernel
    out_h, out_w = _places(x.shape, kernel, stride, padding)
    windows = [
        wide[:, :, i * stride : i * stride + kh, j * stride : j * stride + kw].reshape(len(x), -1)
        for i in range(out_h)
        for j in range(out_w)
    ]
    return np.stack(windows, axis=2)


def _back(columns, shape, kernel, stride, padding, add=True):
    n, c, height, width = shape
    kh, kw = kernel
    wide = np.zeros((n, c, height + 2 * padding, width + 2 * padding))
    out_h, out_w = _places(shape, kernel, stride, padding)
    for number in range(out_h * out_w):
        i, j = number // out_w * stride, number % out_w * stride
        window = columns[:, :, number].reshape(n, c, kh, kw)
        if add:
            wide[:, :, i : i + kh, j : j + kw] += window
        else:
            wide[:, :, i : i + kh, j : j + kw] = window
    return wide[:, :, padding : padding + height, padding : padding + width]


def _problem(rng, stride, padding, kernel=(3, 3), shape=(2, 3, 6, 5), out=4):
    x = rng.normal(size=shape).astype("float32")
    weight = rng.normal(size=(out, shape[1], *kernel)).astype("float32")
    above = rng.normal(size=(shape[0], out, *_places(shape, kernel, stride, padding))).astype("float32")
    return above, _columns(x, kernel, stride, padding), weight


def _answer(box, above, columns, weight, shape, stride, padding):
    answer = box.call("harness.conv2d_vjp", above, columns, weight, list(shape), stride, padding)
    if answer["kind"] == "NoneType":
        raise CheckFailed("`conv2d_vjp` returned None. Is a `return` missing?", got="None", kind="type")
    if answer["result"] is None or len(answer["result"]) != 3:
        raise CheckFailed(
            "`conv2d_vjp` must return three arrays: the gradients of x, weight and bias.",
            got=answer["kind"],
            kind="type",
        )
    if answer["changed"]:
        raise CheckFailed(f"Your function changed `{answer['changed'][0]}`, which belongs to its caller.")
    return answer["result"]


def check_col2im(box, rng):
    for stride, padding, shape in [(1, 0, (2, 2, 4, 5)), (2, 1, (1, 3, 6, 5))]:
        places = _places(shape, (3, 3), stride, padding)
        columns = rng.normal(size=(shape[0], shape[1] * 9, places[0] * places[1])).astype("float32")
        got = box.call("harness.col2im", columns, list(shape), [3, 3], stride, padding)
        if got is None:
            raise CheckFailed("`col2im` returned None. Is a `return` missing?", got="None", kind="type")
        wanted = _back(columns, shape, (3, 3), stride, padding)
        mistakes = {
            "Where windows overlap the last one wins. A pixel was copied into several columns, so their gradients "
            "add up: use += instead of =.": _back(columns, shape, (3, 3), stride, padding, add=False),
        }
        cell_by_cell = _overwritten(columns, shape, stride, padding)
        mistakes["A pixel keeps one contribution only; those of all windows add up: use += instead of =."] = (
            cell_by_cell
        )
        close(got, wanted, 1e-4, 1e-4, what="what col2im gives", mistakes=mistakes)


def _overwritten(columns, shape, stride, padding):
    """The same mistake in the order of the kernel's cells."""
    n, c, height, width = shape
    out_h, out_w = _places(shape, (3, 3), stride, padding)
    cells = columns.reshape(n, c, 3, 3, out_h, out_w)
    wide = np.zeros((n, c, height + 2 * padding, width + 2 * padding))
    for i in range(3):
        for j in range(3):
            wide[:, :, i : i + stride * out_h : stride, j : j + stride * out_w : stride] = cells[:, :, i, j]
    return wide[:, :, padding : padding + height, padding : padding + width]


def check_weight(box, rng):
    shape = (2, 3, 6, 5)
    above, columns, weight = _problem(rng, 1, 0, shape=shape)
    _, got_weight, got_bias = _answer(box, above, columns, weight, shape, 1, 0)
    flat = above.reshape(2, 4, -1).astype(np.float64)
    each = np.einsum("nol,nkl->nok", flat, columns).reshape(2, *weight.shape)
    close(
        got_weight,
        each.sum(axis=0),
        1e-3,
        1e-3,
        what="the gradient of `weight`",
        mistakes={
            "This is the mean over the batch. Gradients of a weight that was used for every picture add up.": each.mean(
                axis=0
            ),
            "This is the first picture's share; the others of the batch add to it.": each[0],
        },
    )
    close(
        got_bias,
        flat.sum(axis=(0, 2)),
        1e-3,
        1e-3,
        what="the gradient of `bias`",
        mistakes={
            "The bias was added at every place of every picture: sum over all of them, not the mean.": flat.mean(
                axis=(0, 2)
            ),
        },
    )


def check_input(box, rng):
    for stride, padding, kernel in [(1, 1, (3, 3)), (2, 1, (3, 2))]:
        shape = (2, 3, 6, 5)
        above, columns, weight = _problem(rng, stride, padding, kernel)
        got, got_weight, _ = _answer(box, above, columns, weight, shape, stride, padding)
        flat = above.reshape(2, 4, -1).astype(np.float64)
        to_columns = np.einsum("ok,nol->nkl", weight.reshape(4, -1), flat)
        close(got, _back(to_columns, shape, kernel, stride, padding), 1e-3, 1e-3, what="the gradient of `x`")
        wanted = np.einsum("nol,nkl->ok", flat, columns).reshape(weight.shape)
        close(got_weight, wanted, 1e-3, 1e-3, what="the gradient of `weight`")
