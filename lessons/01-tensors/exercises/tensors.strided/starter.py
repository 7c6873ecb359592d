import glasstorch as torch


def contiguous_strides(shape):
    """The strides of a fresh tensor of this shape, as a tuple."""
    # from the last dimension to the first


def strided(line, shape, stride, offset=0):
    """The tensor of this shape that reads line, each dimension with its stride, beginning at offset."""
    # the place of every element, then line[places]
