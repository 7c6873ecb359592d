# expect: values: divided by 2
def backward(x, w, dy):
    return w * x * dy
