# expect: columns: it must be channel, row, column
import numpy as np


def im2col(x, kernel, stride=1, padding=0):
    """Every window of x (N, C, H, W) as a column: (N, C * kh * kw, windows)."""
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    n, c, height, width = x.shape
    kh, kw = kernel
    out_h = (height - kh) // stride + 1
    out_w = (width - kw) // stride + 1
    columns = np.empty((n, c, kh, kw, out_h, out_w), x.dtype)
    for i in range(kh):
        for j in range(kw):
            columns[:, :, i, j] = x[:, :, i : i + stride * out_h : stride, j : j + stride * out_w : stride]
    return columns.transpose(0, 2, 3, 1, 4, 5).reshape(n, c * kh * kw, out_h * out_w)


def conv2d(x, weight, bias, stride=1, padding=0):
    """The convolution of x (N, C, H, W) with weight (O, C, kh, kw) and bias (O,): (N, O, H', W')."""
    out, _, kh, kw = weight.shape
    columns = im2col(x, (kh, kw), stride, padding)
    result = weight.reshape(out, -1) @ columns + bias[:, None]
    out_h = (x.shape[2] + 2 * padding - kh) // stride + 1
    return result.reshape(x.shape[0], out, out_h, -1)
