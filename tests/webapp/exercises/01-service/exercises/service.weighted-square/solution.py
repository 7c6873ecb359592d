def backward(x, w, dy):
    return 2 * w * x * dy  # solution-marker-41f0
