# expect: reads: have changed places
import glasstorch as torch


def contiguous_strides(shape):
    strides, step = [], 1
    for size in reversed(shape):
        strides.insert(0, step)
        step = step * size
    return tuple(strides)


def strided(line, shape, stride, offset=0):
    places = torch.tensor(offset)
    for size, step in zip(shape, reversed(stride)):
        places = places.unsqueeze(-1) + torch.arange(size) * step
    return line[places]
