# expect: weight: changed `grad_out`
import numpy as np


def col2im(columns, shape, kernel, stride=1, padding=0):
    """Add every column (N, C * kh * kw, windows) back to its window; the result has `shape`, (N, C, H, W)."""
    n, c, height, width = shape
    kh, kw = kernel
    out_h = (height + 2 * padding - kh) // stride + 1
    out_w = (width + 2 * padding - kw) // stride + 1
    columns = columns.reshape(n, c, kh, kw, out_h, out_w)
    x = np.zeros((n, c, height + 2 * padding, width + 2 * padding), columns.dtype)
    for i in range(kh):
        for j in range(kw):
            x[:, :, i : i + stride * out_h : stride, j : j + stride * out_w : stride] += columns[:, :, i, j]
    return x[:, :, padding : padding + height, padding : padding + width]


def conv2d_vjp(grad_out, columns, weight, shape, stride=1, padding=0):
    """The gradients of x, weight and bias, given that of the convolution's result (N, O, H', W')."""
    n, out = grad_out.shape[:2]
    grad_out *= 2
    grad_out /= 2.0001
    grad_out = grad_out.reshape(n, out, -1)
    grad_columns = weight.reshape(out, -1).T @ grad_out
    grad_x = col2im(grad_columns, shape, weight.shape[2:], stride, padding)
    grad_weight = np.einsum("nol,nkl->ok", grad_out, columns).reshape(weight.shape)
    grad_bias = grad_out.sum(axis=(0, 2))
    return grad_x, grad_weight, grad_bias
