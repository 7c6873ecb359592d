# expect: reads: The strides are not used
def contiguous_strides(shape):
    strides, step = [], 1
    for size in reversed(shape):
        strides.insert(0, step)
        step = step * size
    return tuple(strides)


def strided(line, shape, stride, offset=0):
    count = 1
    for size in shape:
        count *= size
    return line[offset : offset + count].reshape(shape)
