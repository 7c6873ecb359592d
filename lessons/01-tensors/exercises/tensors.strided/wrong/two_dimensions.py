# expect: any: wrong shape
import glasstorch as torch


def contiguous_strides(shape):
    strides, step = [], 1
    for size in reversed(shape):
        strides.insert(0, step)
        step = step * size
    return tuple(strides)


def strided(line, shape, stride, offset=0):
    down = (torch.arange(shape[0]) * stride[0])[:, None]
    right = torch.arange(shape[1]) * stride[1]
    return line[offset + down + right]
