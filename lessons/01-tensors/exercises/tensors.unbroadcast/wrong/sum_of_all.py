# expect: added: has shape ()
def unbroadcast(grad, shape):
    return grad.sum()
