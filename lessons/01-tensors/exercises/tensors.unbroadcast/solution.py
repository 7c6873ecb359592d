def unbroadcast(grad, shape):
    """The gradient of an input of this shape, from the gradient of what it was broadcast to."""
    while grad.ndim > len(shape):
        grad = grad.sum(axis=0)
    for axis, size in enumerate(shape):
        if size == 1:
            grad = grad.sum(axis=axis, keepdims=True)
    return grad
