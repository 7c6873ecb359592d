# expect: strides: are the shape itself
def contiguous_strides(shape):
    return tuple(shape)


def strided(line, shape, stride, offset=0):
    return line.reshape(shape)
