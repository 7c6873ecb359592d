"""Hand the learner's functions NumPy arrays, on an engine without convolution and without autograd."""

import submission


def col2im(columns, shape, kernel, stride, padding):
    settings = () if (stride, padding) == (1, 0) else (stride, padding)
    return submission.col2im(columns.numpy(), tuple(shape), tuple(kernel), *settings)


def conv2d_vjp(grad_out, columns, weight, shape, stride, padding):
    arrays = [one.numpy() for one in (grad_out, columns, weight)]
    before = [one.copy() for one in arrays]
    settings = () if (stride, padding) == (1, 0) else (stride, padding)
    result = submission.conv2d_vjp(*arrays, tuple(shape), *settings)
    names = ["grad_out", "columns", "weight"]
    changed = [name for name, one, was in zip(names, arrays, before) if not (one == was).all()]
    several = list(result) if isinstance(result, (tuple, list)) else None
    return {"kind": type(result).__name__, "result": several, "changed": changed}
