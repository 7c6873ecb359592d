import glasstorch as torch


def contiguous_strides(shape):
    """The strides of a fresh tensor of this shape, as a tuple."""
    strides, step = [], 1
    for size in reversed(shape):
        strides.insert(0, step)
        step = step * size
    return tuple(strides)


def strided(line, shape, stride, offset=0):
    """The tensor of this shape that reads line, each dimension with its stride, beginning at offset."""
    places = torch.tensor(offset)
    for size, step in zip(shape, stride):
        places = places.unsqueeze(-1) + torch.arange(size) * step
    return line[places]
