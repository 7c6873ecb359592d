"""What boxes need that no composition of other ops gives at a bearable cost: suppression, overlap of rotated boxes."""

from __future__ import annotations

from typing import Any

from ..core.op import op


@op(method=False, function=False)
class suppress_boxes:
    """Places of the boxes (N, 4), best first, that overlap no kept box before them by more than ``threshold``."""

    formula = r"\{i : \mathrm{IoU}(b_i, b_j) \le t \ \text{for every kept } j < i\}"
    unsupported = ("nms_kernel", "bich")

    def forward(xp, input: Array, threshold):
        x1, y1, x2, y2 = input.T
        area = (x2 - x1) * (y2 - y1)
        left, kept = xp.arange(len(input)), []
        while left.size:
            best, left = left[:1], left[1:]
            kept.append(best)
            width = xp.minimum(x2[best], x2[left]) - xp.maximum(x1[best], x1[left])
            height = xp.minimum(y2[best], y2[left]) - xp.maximum(y1[best], y1[left])
            shared = xp.maximum(width, 0) * xp.maximum(height, 0)
            overlap = shared / (area[best] + area[left] - shared)
            # In double, as PyTorch compares: 0.7 as a float32 is less than 0.7
            left = left[~(overlap.astype(xp.float64) > threshold)]
        return xp.concatenate(kept) if kept else xp.zeros(0, xp.int64)


def _corners(xp: Any, boxes: Any, centre: Any) -> Any:
    """The corners (…, 4, 2) of boxes (…, centre x and y, width, height, degrees) in turn, seen from ``centre``."""
    angle = boxes[..., 4] * (xp.pi / 180)
    # Half the sides as vectors; y points down, angles turn counter-clockwise on the screen
    across = xp.stack([xp.cos(angle), -xp.sin(angle)], -1) * boxes[..., 2:3] / 2
    down = xp.stack([xp.sin(angle), xp.cos(angle)], -1) * boxes[..., 3:4] / 2
    middle = boxes[..., :2] - centre
    return xp.stack(
        [middle - across - down, middle + across - down, middle + across + down, middle - across + down], -2
    )


def _cross(a: Any, b: Any) -> Any:
    return a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]


def _crossings(xp: Any, p: Any, q: Any) -> tuple[Any, Any]:
    """Where the edges of polygons ``p`` and ``q`` (…, 4, 2) cross: points (…, 16, 2), and which of them are any."""
    p_edge, q_edge = (xp.roll(c, -1, axis=-2) - c for c in (p, q))
    between = q[..., None, :, :] - p[..., :, None, :]
    p_edge, q_edge = p_edge[..., :, None, :], q_edge[..., None, :, :]
    turn = _cross(p_edge, q_edge)
    parallel = xp.abs(turn) <= 1e-14
    turn = xp.where(parallel, 1, turn)
    along_p, along_q = _cross(between, q_edge) / turn, _cross(between, p_edge) / turn
    real = ~parallel & (along_p >= 0) & (along_p <= 1) & (along_q >= 0) & (along_q <= 1)
    points = p[..., :, None, :] + p_edge * along_p[..., None]
    flat = (*turn.shape[:-2], 16)
    return points.reshape(*flat, 2), real.reshape(flat)


def _inside(xp: Any, p: Any, q: Any) -> Any:
    """Which corners of ``p`` lie in the rectangle ``q``, its edges included."""
    from_corner = p - q[..., :1, :]
    inside = True
    for other in (1, 3):
        side = q[..., other : other + 1, :] - q[..., :1, :]
        along, length = (from_corner * side).sum(-1), (side * side).sum(-1)
        inside = inside & (along > -1e-6) & (along < length + 1e-6)
    return inside


def _convex_area(xp: Any, points: Any, real: Any) -> Any:
    """Area of the convex polygons with corners ``points`` (…, K, 2), in any order, of those that are ``real``."""
    count = xp.maximum(real.sum(-1), 1)[..., None]
    middle = (points * real[..., None]).sum(-2) / count
    # Points that are none stand in the middle, where they add nothing once the others are in turn
    spokes = xp.where(real[..., None], points - middle[..., None, :], 0)
    angle = xp.where(real, xp.arctan2(spokes[..., 1], spokes[..., 0]), xp.inf)
    turn = xp.argsort(angle, axis=-1)
    spokes = xp.take_along_axis(spokes, turn[..., None], axis=-2)
    last = xp.take_along_axis(spokes, count[..., None] - 1, axis=-2)
    # The triangle between the last point and the first closes the polygon
    between = _cross(spokes[..., :-1, :], spokes[..., 1:, :]).sum(-1)
    return xp.abs(between + _cross(last[..., 0, :], spokes[..., 0, :])) / 2


@op(method=False, function=False)
class rotated_overlap:
    """Intersection over union (N, M) of boxes (N, 5) and (M, 5): centre x and y, width, height, degrees.

    The intersection of two rectangles is convex. Its corners are the corners of each that lie in the other, and the
    points where their edges cross.
    """

    formula = r"\frac{|a_i \cap b_j|}{|a_i \cup b_j|}"
    unsupported = ("box_iou_rotated_cpu", "bich")

    def forward(xp, input: Array, other: Array):
        for name, boxes in (("boxes1", input), ("boxes2", other)):
            if boxes.ndim != 2 or boxes.shape[1] != 5:
                raise RuntimeError(f"{name} should have shape (N, 5), got {list(boxes.shape)}")
        a, b = input[:, None].astype(xp.float64), other[None].astype(xp.float64)
        areas = a[..., 2] * a[..., 3], b[..., 2] * b[..., 3]
        centre = (a[..., :2] + b[..., :2]) / 2  # boxes far from the origin keep their digits
        p, q = _corners(xp, a, centre), _corners(xp, b, centre)
        crossings, crossed = _crossings(xp, p, q)
        points = xp.concatenate([crossings, p, q], -2)
        real = xp.concatenate([crossed, _inside(xp, p, q), _inside(xp, q, p)], -1)
        shared = _convex_area(xp, points, real)
        empty = (areas[0] < 1e-14) | (areas[1] < 1e-14)
        union = xp.where(empty, 1, areas[0] + areas[1] - shared)
        return xp.where(empty, 0, shared / union).astype(xp.float32)
