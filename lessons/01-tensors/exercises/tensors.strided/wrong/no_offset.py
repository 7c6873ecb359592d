# expect: offset: The offset is left out
import glasstorch as torch


def contiguous_strides(shape):
    strides, step = [], 1
    for size in reversed(shape):
        strides.insert(0, step)
        step = step * size
    return tuple(strides)


def strided(line, shape, stride, offset=0):
    places = torch.tensor(0)
    for size, step in zip(shape, stride):
        places = places.unsqueeze(-1) + torch.arange(size) * step
    return line[places]
