"""Windows cut out one by one, in loops: slow, and easy to believe."""

import numpy as np
from glasstorch_web.grader.checks import CheckFailed, close


def _windows(x, kernel, stride, padding):
    """(N, C, kh, kw, out_h, out_w) in float64."""
    x = np.pad(x.astype(np.float64), ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    kh, kw = kernel
    out_h, out_w = (x.shape[2] - kh) // stride + 1, (x.shape[3] - kw) // stride + 1
    found = np.zeros((*x.shape[:2], kh, kw, out_h, out_w))
    for i in range(out_h):
        for j in range(out_w):
            found[..., i, j] = x[:, :, i * stride : i * stride + kh, j * stride : j * stride + kw]
    return found


def _columns(x, kernel, stride, padding):
    windows = _windows(x, kernel, stride, padding)
    n, c, kh, kw, out_h, out_w = windows.shape
    return windows.reshape(n, c * kh * kw, out_h * out_w)


def _conv2d(x, weight, bias, stride, padding):
    windows = _windows(x, weight.shape[2:], stride, padding)
    return np.einsum("ncklij,ockl->noij", windows, weight) + bias[:, None, None]


def _draw(rng, n, c, height, width, out, kh, kw):
    x = rng.normal(size=(n, c, height, width)).astype("float32")
    weight = rng.normal(size=(out, c, kh, kw)).astype("float32")
    return x, weight, rng.normal(size=out).astype("float32")


def _array(got, name):
    if got is None:
        raise CheckFailed(f"`{name}` returned None. Is a `return` missing?", got="None", kind="type")
    return got


def check_columns(box, rng):
    x = rng.normal(size=(2, 3, 5, 6)).astype("float32")
    answer = box.call("harness.im2col", x, [3, 3], 1, 0)
    got = _array(answer["result"], "im2col")
    windows = _windows(x, (3, 3), 1, 0)
    mistakes = {
        "The order inside a column is row, column, channel; it must be channel, row, column of the window.": (
            windows.transpose(0, 2, 3, 1, 4, 5).reshape(2, 27, 12)
        ),
        "The windows follow column by column; they must follow row by row.": (
            windows.transpose(0, 1, 2, 3, 5, 4).reshape(2, 27, 12)
        ),
        "Within each window rows and columns are exchanged.": (
            windows.transpose(0, 1, 3, 2, 4, 5).reshape(2, 27, 12)
        ),
    }
    if getattr(got, "shape", None) == (2, 12, 27):
        raise CheckFailed(
            "Rows and columns are exchanged: each window must be a column, so the last dimension counts the windows.",
            expected=[2, 27, 12],
            got=[2, 12, 27],
            kind="shape",
        )
    close(got, windows.reshape(2, 27, 12), what="the array of columns", mistakes=mistakes)
    if not answer["kept"]:
        raise CheckFailed("Your function changed `x`, which belongs to its caller.")


def check_product(box, rng):
    x, weight, bias = _draw(rng, 2, 3, 6, 5, 4, 3, 3)
    got = _array(box.call("harness.conv2d", x, weight, bias, 1, 0), "conv2d")
    mistakes = {
        "The bias is left out.": _conv2d(x, weight, 0 * bias, 1, 0),
        "The kernel is turned upside down, as in signal processing; networks use it as it is.": (
            _conv2d(x, weight[:, :, ::-1, ::-1], bias, 1, 0)
        ),
    }
    close(got, _conv2d(x, weight, bias, 1, 0), 1e-4, 1e-4, what="the convolution", mistakes=mistakes)


def check_settings(box, rng):
    for stride, padding, kernel, size in [
        (2, 1, (3, 3), (8, 7)),
        (3, 0, (2, 4), (9, 8)),
        (1, 2, (5, 1), (4, 6)),
    ]:
        x, weight, bias = _draw(rng, 2, 2, *size, 3, *kernel)
        columns = _array(box.call("harness.im2col", x, list(kernel), stride, padding)["result"], "im2col")
        close(columns, _columns(x, kernel, stride, padding), what="the array of columns")
        got = _array(box.call("harness.conv2d", x, weight, bias, stride, padding), "conv2d")
        close(got, _conv2d(x, weight, bias, stride, padding), 1e-4, 1e-4, what="the convolution")
