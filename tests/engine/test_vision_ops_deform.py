"""Deformable convolution: the ordinary one where nothing moves, its plain definition where something does."""

from __future__ import annotations

import glasstorch
import numpy as np
import pytest
from glasstorch.nn import functional as F
from glasstorch.vision import ops
from support.same_vision import same

HOW = [((1, 1), (0, 0), (1, 1)), ((2, 1), (1, 2), (1, 2))]


def numbers(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def out_size(stride, padding, dilation, size=(7, 8), kernel=(3, 2)):
    return tuple(
        (n + 2 * p - d * (k - 1) - 1) // s + 1
        for n, k, s, p, d in zip(size, kernel, stride, padding, dilation, strict=True)
    )


@pytest.mark.parametrize(("stride", "padding", "dilation"), HOW)
@pytest.mark.parametrize("groups", [1, 2])
def test_without_offsets_it_is_the_ordinary_convolution(stride, padding, dilation, groups):
    x, w, b = (glasstorch.tensor(a) for a in (numbers(2, 4, 7, 8), numbers(6, 4 // groups, 3, 2), numbers(6)))
    offset = glasstorch.zeros(2, 12, *out_size(stride, padding, dilation), dtype=glasstorch.float64)
    ours = ops.deform_conv2d(x, offset, w, b, stride, padding, dilation)
    expected = F.conv2d(x, w, b, stride, padding, dilation, groups)
    np.testing.assert_allclose(ours.numpy(), expected.numpy(), atol=1e-12)


def bilinear(image, y, x):
    """``image`` (H, W) between its elements, 0 outside."""
    top, left = int(np.floor(y)), int(np.floor(x))
    value = 0.0
    for i, j in ((top, left), (top, left + 1), (top + 1, left), (top + 1, left + 1)):
        if 0 <= i < image.shape[0] and 0 <= j < image.shape[1]:
            value += (1 - abs(y - i)) * (1 - abs(x - j)) * image[i, j]
    return value


def plain(x, offset, w, mask, stride, padding, dilation, groups):
    """The definition, element by element; one group of weights."""
    n, channels = x.shape[:2]
    out = np.zeros((n, w.shape[0], *offset.shape[2:]))
    moves = offset.reshape(n, groups, 3, 2, 2, *offset.shape[2:])
    factors = mask.reshape(n, groups, 3, 2, *offset.shape[2:])
    for k, c, i, j, p, q in np.ndindex(n, channels, 3, 2, *offset.shape[2:]):
        group = c // (channels // groups)
        y = p * stride[0] - padding[0] + i * dilation[0] + moves[k, group, i, j, 0, p, q]
        xx = q * stride[1] - padding[1] + j * dilation[1] + moves[k, group, i, j, 1, p, q]
        out[k, :, p, q] += w[:, c, i, j] * bilinear(x[k, c], y, xx) * factors[k, group, i, j, p, q]
    return out


@pytest.mark.parametrize(("stride", "padding", "dilation"), HOW)
@pytest.mark.parametrize("groups", [1, 2])
def test_with_offsets_it_reaches_where_they_say(stride, padding, dilation, groups):
    size = out_size(stride, padding, dilation)
    x, w = numbers(2, 4, 7, 8), numbers(3, 4, 3, 2, seed=1)
    offset, mask = numbers(2, 12 * groups, *size, seed=2) * 2, numbers(2, 6 * groups, *size, seed=3)
    ours = ops.deform_conv2d(
        *(glasstorch.tensor(a) for a in (x, offset, w)),
        None,
        stride,
        padding,
        dilation,
        glasstorch.tensor(mask),
    )
    expected = plain(x, offset, w, mask, stride, padding, dilation, groups)
    np.testing.assert_allclose(ours.numpy(), expected, atol=1e-10)


def test_its_slopes_are_those_of_finite_differences():
    shapes = [(1, 2, 3, 3), (1, 8, 2, 2), (2, 2, 2, 2), (2,), (1, 4, 2, 2)]
    leaves = [glasstorch.tensor(numbers(*s, seed=k) * 0.3).requires_grad_() for k, s in enumerate(shapes)]

    def fn(x, offset, w, b, mask):
        return ops.deform_conv2d(x, offset, w, b, mask=mask)

    assert glasstorch.autograd.gradcheck(fn, leaves)


def test_the_layer():
    same(lambda E, V: repr(V.ops.DeformConv2d(4, 6, (3, 2), 2, 1, 2, 2, False)))
    same(lambda E, V: repr(V.ops.DeformConv2d(4, 6, 3)))
    same(lambda E, V: dict(V.ops.DeformConv2d(4, 6, 3, groups=2).state_dict()))
    same(lambda E, V: V.ops.DeformConv2d(4, 6, 3, groups=3))
    same(lambda E, V: V.ops.DeformConv2d(3, 4, 3, groups=3))
    layer = ops.DeformConv2d(4, 6, 3)
    assert layer(glasstorch.ones(2, 4, 5, 5), glasstorch.zeros(2, 18, 3, 3)).shape == (2, 6, 3, 3)


@pytest.mark.parametrize(
    ("offset", "mask", "words"),
    [
        ((2, 17, 6, 6), None, "the shape of the offset tensor at dimension 1 is not valid"),
        ((2, 20, 6, 6), None, r"offset.shape\[1\] is not valid: got: 20 expected: 18"),
        ((1, 18, 6, 6), None, "invalid batch size of offset"),
        ((2, 18, 5, 6), None, r"offset output dims: \(5, 6\) - computed output dims: \(6, 6\)"),
        ((2, 18, 6, 6), (2, 8, 6, 6), r"mask.shape\[1\] is not valid: got: 8 expected: 9"),
        ((2, 18, 6, 6), (1, 9, 6, 6), "invalid batch size of mask"),
        ((2, 54, 6, 6), None, "cannot be shared by 3 groups of offsets"),
    ],
)
def test_shapes_that_do_not_fit(offset, mask, words):
    given = None if mask is None else glasstorch.ones(mask)
    with pytest.raises(RuntimeError, match=words):
        ops.deform_conv2d(
            glasstorch.ones(2, 4, 8, 8), glasstorch.ones(offset), glasstorch.ones(5, 4, 3, 3), mask=given
        )
