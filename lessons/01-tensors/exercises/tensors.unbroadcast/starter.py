def unbroadcast(grad, shape):
    """The gradient of an input of this shape, from the gradient of what it was broadcast to."""
    # sum over the dimensions that were added, then over those that were stretched
