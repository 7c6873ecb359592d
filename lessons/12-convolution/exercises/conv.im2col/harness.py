"""Hand the learner's functions NumPy arrays, on an engine that has no convolution of its own."""

import submission


def im2col(x, kernel, stride, padding):
    before = x.numpy().copy()
    x = x.numpy()
    settings = () if (stride, padding) == (1, 0) else (stride, padding)
    result = submission.im2col(x, tuple(kernel), *settings)
    return {"result": result, "kept": bool((x == before).all())}


def conv2d(x, weight, bias, stride, padding):
    x, weight, bias = x.numpy(), weight.numpy(), bias.numpy()
    if (stride, padding) == (1, 0):
        return submission.conv2d(x, weight, bias)
    return submission.conv2d(x, weight, bias, stride, padding)
