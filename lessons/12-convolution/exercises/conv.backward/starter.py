import numpy as np


def col2im(columns, shape, kernel, stride=1, padding=0):
    """Add every column (N, C * kh * kw, windows) back to its window; the result has `shape`, (N, C, H, W)."""
    # a padded array of zeros; then one strided `+=` for each cell of the window


def conv2d_vjp(grad_out, columns, weight, shape, stride=1, padding=0):
    """The gradients of x, weight and bias, given that of the convolution's result (N, O, H', W')."""
    # three formulas, and a return of three arrays
