"""Boxes, losses and layers against torchvision; suppression and pooling of regions against their plain definitions."""

from __future__ import annotations

import itertools
from collections import OrderedDict

import glasstorch
import numpy as np
import pytest
from glasstorch.vision import ops
from glasstorch.vision.ops import feature_pyramid_network as fpn
from support.alike import attempt
from support.differential import compare, equal, torch
from support.torchvision_reference import torchvision

REFERENCE = torchvision.ops
LAYERS = [
    (lambda E, o: o.Conv2dNormActivation(3, 8, 3, 2), (2, 3, 9, 9)),
    (
        lambda E, o: o.Conv2dNormActivation(3, 8, (3, 5), dilation=2, norm_layer=None, inplace=None),
        (2, 3, 9, 9),
    ),
    (lambda E, o: o.Conv2dNormActivation(4, 8, groups=2, activation_layer=None, bias=True), (2, 4, 5, 5)),
    (lambda E, o: o.Conv3dNormActivation(3, 8, (3, 1, 1)), (2, 3, 5, 6, 6)),
    (lambda E, o: o.MLP(4, [5, 6, 7], E.nn.LayerNorm, E.nn.GELU, dropout=0.1), (3, 4)),
    (lambda E, o: o.MLP(4, [5], inplace=True), (3, 4)),
    (lambda E, o: o.SqueezeExcitation(8, 2, scale_activation=E.nn.Hardsigmoid), (2, 8, 5, 5)),
    (lambda E, o: o.Permute([0, 2, 1]), (2, 3, 4)),
    (lambda E, o: o.StochasticDepth(0.4, "row"), (6, 2, 3)),
    (lambda E, o: o.StochasticDepth(0.4, "batch"), (6, 2, 3)),
    (lambda E, o: o.DropBlock2d(0.1, 3), (2, 3, 9, 9)),
    (lambda E, o: o.DropBlock3d(0.1, 3, inplace=True), (2, 3, 7, 7, 7)),
    (lambda E, o: o.FrozenBatchNorm2d(5), (2, 5, 3, 3)),
    (lambda E, o: o.RoIAlign((2, 3), 0.5, 2, True), None),
    (lambda E, o: o.RoIPool(2, 0.5), None),
    (lambda E, o: o.PSRoIAlign((2, 3), 0.5, 2), None),
    (lambda E, o: o.PSRoIPool(2, 0.5), None),
    (lambda E, o: o.MultiScaleRoIAlign(["a", "b"], 3, 2), None),
    (lambda E, o: o.FeaturePyramidNetwork([3, 4], 5), None),
]


def both(fn):
    """What ``fn(engine, ops)`` gives, or raises, on both engines from the same seed."""
    results = []
    for engine, namespace in ((glasstorch, ops), (torch, REFERENCE)):
        engine.manual_seed(3)
        results.append(attempt(lambda: fn(engine, namespace)))
    ours, theirs = results
    if hasattr(theirs, "names"):
        assert type(ours) is type(theirs), f"torchvision raises {theirs!r}, we give {ours!r}"
        assert ours.names[0] == theirs.names[0]
        assert ours.text.splitlines()[0] == theirs.text.splitlines()[0]
    else:
        equal(ours, theirs, "result")


@pytest.mark.parametrize(("make", "shape"), LAYERS)
def test_layers(make, shape):
    both(lambda E, o: repr(make(E, o)))
    both(lambda E, o: list(make(E, o).state_dict()))
    if shape is not None:
        both(lambda E, o: make(E, o)(E.randn(shape)))


def test_frozen_batch_norm_drops_the_count_of_batches():
    state = {**glasstorch.nn.BatchNorm2d(3).state_dict()}
    frozen = ops.FrozenBatchNorm2d(3)
    frozen.load_state_dict(state)
    assert "num_batches_tracked" not in frozen.state_dict()
    assert not list(frozen.parameters())


@pytest.mark.parametrize(
    "wrong",
    [
        lambda E, o: o.stochastic_depth(E.ones(2), 2.0, "row"),
        lambda E, o: o.stochastic_depth(E.ones(2), 0.2, "x"),
        lambda E, o: o.drop_block2d(E.ones(2), 0.2, 3),
        lambda E, o: o.drop_block2d(E.ones(2, 2, 6, 6), 0.2, 4),
        lambda E, o: o.drop_block3d(E.ones(2), -0.2, 3),
        lambda E, o: o.box_area(E.ones(2, 4), "xy"),
        lambda E, o: o.box_iou(E.ones(2, 4), E.ones(2, 4), "xy"),
        lambda E, o: o.box_convert(E.ones(2, 4), "xyxy", "xy"),
        lambda E, o: o.box_convert(E.ones(2, 4), "xyxy", "xywhr"),
        lambda E, o: o.sigmoid_focal_loss(E.ones(2), E.ones(2), alpha=2),
        lambda E, o: o.sigmoid_focal_loss(E.ones(2), E.ones(2), reduction="max"),
        lambda E, o: o.generalized_box_iou_loss(E.ones(2, 4), E.ones(2, 4), "max"),
        lambda E, o: o.FeaturePyramidNetwork([3, 0], 5),
        lambda E, o: o.MultiScaleRoIAlign(["a"], 2, 2)({"a": E.ones(1, 2, 4, 4)}, [E.ones(1, 4)], []),
    ],
)
def test_refusals(wrong):
    both(wrong)


def boxes(n, seed=0, scale=40, lead=(), dtype="float64"):
    b = np.random.default_rng(seed).random((*lead, n, 4)) * scale
    b[..., 2:] += b[..., :2] + 0.1
    return b.astype(dtype)


OVERLAPS = ["box_iou", "generalized_box_iou", "distance_box_iou", "complete_box_iou"]


@pytest.mark.parametrize("name", OVERLAPS)
@pytest.mark.parametrize(("n", "m", "lead"), [(5, 7, ()), (3, 2, (2, 3)), (0, 3, ())])
def test_overlaps(name, n, m, lead):
    def fn(E, a, b):
        return getattr(ops if E is glasstorch else REFERENCE, name)(a, b)

    compare(fn, boxes(n, 1, lead=lead), boxes(m, 2, lead=lead), second=False)
    for dtype in ("float32", "float16", "int32", "uint8", "int64"):
        compare(fn, boxes(n, 1, lead=lead, dtype=dtype), boxes(m, 2, lead=lead, dtype=dtype), grad=False)


@pytest.mark.parametrize("fmt", ["xyxy", "xywh", "cxcywh"])
def test_formats_of_overlap_and_area(fmt):
    both(lambda E, o: o.box_iou(E.tensor(boxes(4)), E.tensor(boxes(5, 1)), fmt))
    both(lambda E, o: o.box_area(E.tensor(boxes(4)), fmt))


COLUMNS = {"xyxy": 4, "xywh": 4, "cxcywh": 4, "xywhr": 5, "cxcywhr": 5, "xyxyxyxy": 8}


@pytest.mark.parametrize(("given", "wanted"), list(itertools.product(COLUMNS, repeat=2)))
def test_conversions(given, wanted):
    if COLUMNS[given] == 4 != COLUMNS[wanted] or COLUMNS[given] != 4 == COLUMNS[wanted]:
        both(lambda E, o: o.box_convert(E.ones(3, COLUMNS[given]), given, wanted))
        return
    x = np.random.default_rng(0).random((2, 5, COLUMNS[given])) * 50

    def fn(E, b):
        return (ops if E is glasstorch else REFERENCE).box_convert(b, given, wanted)

    compare(fn, x, second=False)
    compare(fn, x.astype("float32"), grad=False)
    compare(fn, x.astype("int64"), grad=False)


def test_turned_boxes_overlap_as_their_outlines_do():
    turned = glasstorch.tensor([[0.0, 0, 2, 2, 45], [0, 0, 4, 1, 90], [9, 9, 1, 1, 3]])
    upright = glasstorch.tensor([[0.0, 0, 2, 2, 0], [0, 0, 1, 4, 180]])
    octagon = 8 * (2**0.5 - 1)  # two squares of side 2, half a right angle apart
    across = 4 * 0.5 * 2**0.5 - 2 * 0.25  # the middle of a square on its corner, one wide
    iou = ops.box_iou(turned, upright, "cxcywhr")
    assert iou.dtype is glasstorch.float32
    expected = [[octagon / (8 - octagon), across / (8 - across)], [2 / 6, 1], [0, 0]]
    np.testing.assert_allclose(iou.numpy(), expected, rtol=1e-5, atol=1e-6)
    corners = [ops.box_convert(b, "cxcywhr", "xyxyxyxy") for b in (turned, upright)]
    np.testing.assert_allclose(ops.box_iou(*corners, "xyxyxyxy").numpy(), expected, rtol=1e-4, atol=1e-5)


LOSSES = ["generalized_box_iou_loss", "distance_box_iou_loss", "complete_box_iou_loss"]


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
def test_losses_of_boxes(name, reduction):
    def fn(E, a, b):
        return getattr(ops if E is glasstorch else REFERENCE, name)(a, b, reduction)

    compare(fn, boxes(6, 1), boxes(6, 2), second=False)
    compare(fn, boxes(6, 1)[0], boxes(6, 2)[0], second=False)
    compare(fn, boxes(0, 1), boxes(0, 2), grad=False)
    compare(fn, boxes(6, 1, dtype="float16"), boxes(6, 2, dtype="float16"), grad=False)


@pytest.mark.parametrize(("alpha", "gamma"), [(0.25, 2), (-1, 0), (1, 1.5)])
def test_focal_loss(alpha, gamma):
    x = np.random.default_rng(0).normal(size=(5, 6))

    def fn(E, x, y):
        namespace = ops if E is glasstorch else REFERENCE
        return [namespace.sigmoid_focal_loss(x, y, alpha, gamma, r) for r in ("none", "mean", "sum")]

    compare(fn, x, (np.random.default_rng(1).random((5, 6)) > 0.5).astype("float64"), second=False)


def test_clipping_and_small_boxes_and_boxes_of_masks():
    both(lambda E, o: o.clip_boxes_to_image(E.tensor(boxes(5, lead=(2,))), (30, 20)))
    both(lambda E, o: o.remove_small_boxes(E.tensor(boxes(9)), 10))
    masks = np.random.default_rng(0).random((6, 9, 11)) > 0.9
    masks[2], masks[3] = False, True
    for dtype in ("bool", "uint8", "float32"):
        both(lambda E, o: o.masks_to_boxes(E.tensor(masks.astype(dtype))))
    both(lambda E, o: o.masks_to_boxes(E.zeros(0, 3, 3)))


def plain_nms(b, scores, threshold):
    """The definition, box by box."""
    kept = []
    for i in np.argsort(-scores, kind="stable"):
        overlaps = ops.box_iou(glasstorch.tensor(b[i : i + 1]), glasstorch.tensor(b[kept])).numpy()
        if not (overlaps > threshold).any():
            kept.append(i)
    return kept


@pytest.mark.parametrize("threshold", [0.0, 0.3, 0.7, 1.0])
@pytest.mark.parametrize("n", [0, 1, 60])
def test_suppression(n, threshold):
    rng = np.random.default_rng(n)
    b, scores = boxes(n, 5, scale=20), np.round(rng.random(n) * 20) / 20
    kept = ops.nms(glasstorch.tensor(b), glasstorch.tensor(scores), threshold)
    assert kept.dtype is glasstorch.int64
    assert kept.tolist() == plain_nms(b, scores, threshold)
    kinds = rng.integers(0, 3, n)
    kept = ops.batched_nms(*(glasstorch.tensor(x) for x in (b, scores, kinds)), threshold)
    expected = [
        np.flatnonzero(kinds == k)[plain_nms(b[kinds == k], scores[kinds == k], threshold)] for k in range(3)
    ]
    assert sorted(kept.tolist()) == sorted(np.concatenate(expected).tolist())


def test_many_boxes_are_suppressed_category_by_category():
    b, scores = boxes(1100, 5, scale=200), np.random.default_rng(0).permutation(1100) / 1100
    kinds = np.arange(1100) % 4
    t = [glasstorch.tensor(x) for x in (b, scores, kinds)]
    kept = ops.batched_nms(*t, 0.5).tolist()
    moved = glasstorch.tensor(b + kinds[:, None] * 1000.0)
    assert kept == ops.nms(moved, t[1], 0.5).tolist()


@pytest.mark.parametrize(
    ("b", "s", "error", "words"),
    [
        ((3,), (3,), RuntimeError, "boxes should be a 2d tensor, got 1D"),
        ((3, 3), (3,), RuntimeError, "boxes should have 4 elements in dimension 1, got 3"),
        ((3, 4), (3, 1), RuntimeError, "scores should be a 1d tensor, got 2D"),
        ((3, 4), (2,), RuntimeError, "same number of elements in dimension 0, got 3 and 2"),
    ],
)
def test_suppression_of_wrong_shapes(b, s, error, words):
    with pytest.raises(error, match=words):
        ops.nms(glasstorch.ones(b), glasstorch.ones(s), 0.5)


def test_suppression_of_wrong_types():
    with pytest.raises(RuntimeError, match="dets should have the same type as scores"):
        ops.nms(glasstorch.ones(2, 4), glasstorch.ones(2).double(), 0.5)
    with pytest.raises(NotImplementedError, match="\"nms_kernel\" not implemented for 'Half'"):
        ops.nms(glasstorch.ones(2, 4).half(), glasstorch.ones(2).half(), 0.5)


IMAGES = np.random.default_rng(0).normal(size=(2, 8, 7, 9))
ROIS = np.array([[0, 1.2, 0.7, 6.1, 5.3], [1, -2, -1, 12, 3.5], [0, 4, 4, 5, 5], [1, 3.3, 2.5, 8.8, 6.9]])


def bilinear(image, y, x):
    """``image`` (C, H, W) between its elements; 0 more than one element outside, the border up to there."""
    h, w = image.shape[1:]
    if not (-1 <= y <= h and -1 <= x <= w):
        return np.zeros(len(image))
    y, x = np.clip(y, 0, h - 1), np.clip(x, 0, w - 1)
    top, left = int(y), int(x)
    below, right = min(top + 1, h - 1), min(left + 1, w - 1)
    upper = image[:, top, left] * (1 - x + left) + image[:, top, right] * (x - left)
    lower = image[:, below, left] * (1 - x + left) + image[:, below, right] * (x - left)
    return upper * (1 - y + top) + lower * (y - top)


def plain_roi_align(images, rois, size, scale, ratio, shift, smallest):
    out = np.zeros((len(rois), images.shape[1], *size))
    for k, (n, *box) in enumerate(rois):
        x1, y1, x2, y2 = np.array(box) * scale - shift
        height, width = max(y2 - y1, smallest) / size[0], max(x2 - x1, smallest) / size[1]
        rows, columns = (ratio or int(np.ceil(side)) for side in (height, width))
        for p, q in np.ndindex(*size):
            for i, j in np.ndindex(rows, columns):
                y, x = y1 + height * (p + (i + 0.5) / rows), x1 + width * (q + (j + 0.5) / columns)
                out[k, :, p, q] += bilinear(images[int(n)], y, x) / (rows * columns)
    return out


@pytest.mark.parametrize("ratio", [0, 2])
@pytest.mark.parametrize("scale", [1.0, 0.5])
@pytest.mark.parametrize("aligned", [True, False])
def test_roi_align(ratio, scale, aligned):
    t = glasstorch.tensor(IMAGES), glasstorch.tensor(ROIS)
    ours = ops.roi_align(*t, (2, 3), scale, ratio, aligned)
    shift, smallest = (0.5, 0) if aligned else (0, 1)
    expected = plain_roi_align(IMAGES, ROIS, (2, 3), scale, ratio, shift, smallest)
    np.testing.assert_allclose(ours.numpy(), expected, atol=1e-12)
    own = ops.ps_roi_align(*t, (2, 2), scale, ratio).numpy()
    every = plain_roi_align(IMAGES, ROIS, (2, 2), scale, ratio, 0.5, 0).reshape(4, 2, 4, 4)
    np.testing.assert_allclose(own.reshape(4, 2, 4), every[:, :, range(4), range(4)], atol=1e-12)


def plain_roi_pool(images, rois, size, reduce, ends):
    h, w = images.shape[2:]
    out = np.zeros((len(rois), images.shape[1], *size))
    for k, (n, *box) in enumerate(rois):
        x1, y1, x2, y2 = np.floor(np.array(box) + 0.5)
        height, width = (max(side + ends, 1) for side in (y2 - y1, x2 - x1))
        for p, q in np.ndindex(*size):
            top, bottom = np.floor(p * height / size[0]) + y1, np.ceil((p + 1) * height / size[0]) + y1
            left, right = np.floor(q * width / size[1]) + x1, np.ceil((q + 1) * width / size[1]) + x1
            last = 1 - ends  # averages leave out the last row and column
            top, bottom = (int(np.clip(e, 0, h - last)) for e in (top, bottom))
            left, right = (int(np.clip(e, 0, w - last)) for e in (left, right))
            part = images[int(n), :, top:bottom, left:right]
            out[k, :, p, q] = reduce(part, axis=(1, 2)) if part.size else 0
    return out


def test_roi_pool():
    t = glasstorch.tensor(IMAGES), glasstorch.tensor(ROIS)
    expected = plain_roi_pool(IMAGES, ROIS, (2, 3), np.max, 1)
    np.testing.assert_allclose(ops.roi_pool(*t, (2, 3)).numpy(), expected)
    every = plain_roi_pool(IMAGES, ROIS, (2, 2), np.mean, 0).reshape(4, 2, 4, 4)
    own = ops.ps_roi_pool(*t, 2).numpy().reshape(4, 2, 4)
    np.testing.assert_allclose(own, every[:, :, range(4), range(4)], atol=1e-12)


POOLS = {
    "roi_align": lambda x, r: ops.roi_align(x, r, 2, 0.5, 2),
    "roi_pool": lambda x, r: ops.roi_pool(x, r, 2),
    "ps_roi_align": lambda x, r: ops.ps_roi_align(x, r, 2),
    "ps_roi_pool": lambda x, r: ops.ps_roi_pool(x, r, 2),
}


@pytest.mark.parametrize("name", POOLS)
def test_pooling_of_regions_has_the_slope_of_finite_differences(name):
    x = glasstorch.tensor(IMAGES[:1, :4, :4, :4]).requires_grad_()
    r = glasstorch.tensor(ROIS[[0, 2]] * [1, 0.5, 0.5, 0.5, 0.5])
    assert glasstorch.autograd.gradcheck(lambda x: POOLS[name](x, r), x)
    assert glasstorch.autograd.gradgradcheck(lambda x: POOLS[name](x, r) ** 2, x)


@pytest.mark.parametrize("name", POOLS)
def test_boxes_come_as_one_tensor_or_one_for_each_image(name):
    x = glasstorch.tensor(IMAGES)
    parts = [glasstorch.tensor(ROIS[ROIS[:, 0] == n, 1:]) for n in (0, 1)]
    rois = glasstorch.tensor(ROIS[np.argsort(ROIS[:, 0], kind="stable")])
    assert glasstorch.equal(POOLS[name](x, parts), POOLS[name](x, rois))
    assert POOLS[name](x, [parts[0][:0], parts[1][:0]]).shape == (0, *POOLS[name](x, rois).shape[1:])
    with pytest.raises(AssertionError, match=r"The boxes tensor shape is not correct as Tensor\[K, 5\]"):
        POOLS[name](x, rois[:, 1:])
    with pytest.raises(AssertionError, match=r"not correct as List\[Tensor\[L, 4\]\]"):
        POOLS[name](x, [rois])
    with pytest.raises(RuntimeError, match=f"checking arguments for {name}_forward_kernel"):
        POOLS[name](x, rois.float())
    with pytest.raises(NotImplementedError, match=f"\"{name}_forward_kernel\" not implemented for 'Long'"):
        POOLS[name](x.long(), rois.long())


def test_channels_for_each_bin():
    with pytest.raises(RuntimeError, match="must be a multiple of pooling height"):
        ops.ps_roi_pool(glasstorch.ones(1, 3, 4, 4), glasstorch.ones(1, 5), 2)


def _pyramid(E, o, extra, norm):
    blocks = fpn if E is glasstorch else REFERENCE.feature_pyramid_network
    more = None if extra is None else blocks.LastLevelP6P7(extra, 6) if extra else blocks.LastLevelMaxPool()
    net = o.FeaturePyramidNetwork([3, 4, 5], 6, more, E.nn.BatchNorm2d if norm else None)
    maps = OrderedDict((str(c), E.randn(2, c, s, s + 1)) for c, s in ((3, 17), (4, 9), (5, 5)))
    out = net(maps)
    return [list(out), *out.values(), list(net.state_dict())]


@pytest.mark.parametrize("extra", [None, 0, 5, 6])
@pytest.mark.parametrize("norm", [True, False])
def test_feature_pyramid(extra, norm):
    both(lambda E, o: _pyramid(E, o, extra, norm))


def test_feature_pyramids_of_the_first_version_load():
    net = ops.FeaturePyramidNetwork([3], 5)
    old = {
        k.replace(".0.weight", ".weight").replace(".0.bias", ".bias"): v + 1
        for k, v in net.state_dict().items()
    }
    expected = [v + 1 for v in net.state_dict().values()]
    net.load_state_dict(old)
    assert all(glasstorch.equal(a, b) for a, b in zip(net.state_dict().values(), expected, strict=True))


def test_boxes_are_pooled_from_the_level_of_their_size():
    glasstorch.manual_seed(0)
    maps = {f"f{k}": glasstorch.rand(2, 3, 64 >> k, 64 >> k) for k in range(3)}
    b = [glasstorch.rand(7, 4) * 200, glasstorch.rand(6, 4) * 250]
    b[0][:3, 2:] += 400  # sqrt(area) from some hundred pixels on belongs to a coarser level
    for x in b:
        x[:, 2:] += x[:, :2]
    pool = ops.MultiScaleRoIAlign(["f0", "f1", "f2"], 3, 2)
    out = pool(maps, b, [(512, 512), (500, 400)])
    assert pool.scales == [1 / 8, 1 / 16, 1 / 32]
    rois = np.concatenate([np.insert(x.numpy(), 0, n, axis=1) for n, x in enumerate(b)])
    side = np.sqrt((rois[:, 3] - rois[:, 1]) * (rois[:, 4] - rois[:, 2]))
    level = np.clip(np.floor(4 + np.log2(side / 224) + 1e-6), 3, 5).astype(int) - 3
    assert len(set(level.tolist())) > 1
    for k, roi in enumerate(rois):
        f, scale = maps[f"f{level[k]}"], pool.scales[level[k]]
        assert glasstorch.equal(out[k], ops.roi_align(f, glasstorch.tensor(roi[None]), 3, scale, 2)[0])
