def loss(x, y, w1, b1, w2, b2):
    pass
