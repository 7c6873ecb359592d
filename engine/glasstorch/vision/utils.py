"""Pictures of pictures: grids of images, boxes, masks and points drawn on them, optical flow in colours.

Source: https://pytorch.org/vision/stable/utils.html
"""

from __future__ import annotations

import math
from typing import Any

from ..core import dtype as dt
from ..core.frames import warn
from ..core.mode import no_grad
from ..core.tensor import Tensor
from ..ops.binary import atan2
from ..ops.create import ones, tensor
from ..ops.join import cat, stack
from ..ops.ranges import arange
from .pillow import image_from_array, pillow
from .transforms.v2.functional.convert import convert_image_dtype, pil_to_tensor, to_pil_image

__all__ = [
    "draw_bounding_boxes",
    "draw_keypoints",
    "draw_segmentation_masks",
    "flow_to_image",
    "make_grid",
    "save_image",
]


@no_grad()
def make_grid(
    tensor: Tensor | list[Tensor],
    nrow: int = 8,
    padding: int = 2,
    normalize: bool = False,
    value_range: tuple[float, float] | None = None,
    scale_each: bool = False,
    pad_value: float = 0.0,
) -> Tensor:
    """One image (channels, height, width) with many beside and below each other.

    Args:
        tensor: images (N, C, H, W), a list of images of one size, or a single image. Grey ones get three channels.
        nrow: images in a row.
        padding: width of the frame around each.
        normalize: bring the values to [0, 1].
        value_range: the values that become 0 and 1; the smallest and largest if not given.
        scale_each: find them for each image by itself.
        pad_value: the value of the frames.
    """
    images = _batch(tensor)
    if normalize is True:
        if value_range is not None and not isinstance(value_range, tuple):
            raise TypeError("value_range has to be a tuple (min, max) if specified. min and max are numbers")
        images = images.clone()
        for part in images if scale_each is True else [images]:
            low, high = value_range or (float(part.min()), float(part.max()))
            part.clamp_(min=low, max=high).sub_(low).div_(max(high - low, 1e-5))
    if images.size(0) == 1:
        return images.squeeze(0)
    columns = min(nrow, images.size(0))
    rows = math.ceil(images.size(0) / columns)
    height, width = images.size(2) + padding, images.size(3) + padding
    size = (images.size(1), height * rows + padding, width * columns + padding)
    grid = images.new_full(size, pad_value)
    for k, image in enumerate(images):
        top, left = k // columns * height + padding, k % columns * width + padding
        grid[:, top : top + height - padding, left : left + width - padding] = image
    return grid


def _batch(images: Any) -> Any:
    """The images as one tensor (N, 3 or more, H, W)."""
    if isinstance(images, list):
        for t in images:
            if not isinstance(t, Tensor):
                raise TypeError(f"tensor or list of tensors expected, got a list containing {type(t)}")
        images = stack(images, 0)
    elif not isinstance(images, Tensor):
        raise TypeError(f"tensor or list of tensors expected, got {type(images)}")
    if images.dim() == 2:
        images = images.unsqueeze(0)
    if images.dim() == 3:
        images = images.unsqueeze(0)
    if images.dim() == 4 and images.size(1) == 1:
        images = cat((images, images, images), 1)
    return images


@no_grad()
def save_image(tensor: Tensor | list[Tensor], fp: Any, format: str | None = None, **kwargs: Any) -> None:
    """Write images with values in [0, 1] to a file, several of them as a grid.

    Args:
        tensor: as for ``make_grid``.
        fp: a path or a file open for writing bytes.
        format: Pillow's name of the format; a path has it in its ending.
        kwargs: for ``make_grid``.
    """
    grid: Any = make_grid(tensor, **kwargs)
    pixels = grid.mul(255).add_(0.5).clamp_(0, 255).permute(1, 2, 0).to("cpu", dt.uint8).numpy()
    image_from_array(pixels).save(fp, format=format)


Colour = str | tuple[int, int, int]
Colours = Colour | list[Colour] | None


def _colours(colors: Any, n: int) -> list[tuple]:
    """A colour (red, green, blue) for each of ``n`` things."""
    if colors is None:
        palette = tensor([2**25 - 1, 2**15 - 1, 2**21 - 1])
        return [tuple((k * palette % 255).tolist()) for k in range(n)]
    if isinstance(colors, list):
        if len(colors) < n:
            raise ValueError(
                f"Number of colors must be equal or larger than the number of objects, but got {len(colors)} < {n}."
            )
    elif not isinstance(colors, (tuple, str)):
        raise ValueError(f"colors must be a tuple or a string, or a list thereof, but got {colors}.")
    elif isinstance(colors, tuple) and len(colors) != 3:
        raise ValueError(f"If passed as tuple, colors should be an RGB triplet, but got {colors}.")
    else:
        colors = [colors] * n
    pillow()
    from PIL import ImageColor

    return [ImageColor.getrgb(color) if isinstance(color, str) else color for color in colors]


def _check_image(image: Any, channels: tuple[int, ...], no_tensor: str, wrong_channels: str) -> None:
    if not isinstance(image, Tensor):
        raise TypeError(f"{no_tensor}, got {type(image)}")
    if not (image.dtype is dt.uint8 or image.is_floating_point()):
        raise ValueError(f"The image dtype must be uint8 or float, got {image.dtype}")
    if image.dim() != 3:
        raise ValueError("Pass individual images, not batches")
    if image.size(0) not in channels:
        raise ValueError(wrong_channels)


_RGB_ONLY = (3,), "The image must be a tensor", "Pass an RGB image. Other Image formats are not supported"


@no_grad()
def draw_bounding_boxes(
    image: Tensor,
    boxes: Tensor,
    labels: list[str] | None = None,
    colors: Colours = None,
    fill: bool | None = False,
    width: int = 1,
    font: str | None = None,
    font_size: int | None = None,
    label_colors: Colours = None,
    label_background_colors: Colours = None,
    fill_labels: bool = False,
) -> Tensor:
    """The image, in three channels, with boxes drawn on it.

    Args:
        image: (1 or 3, H, W), uint8 or floating numbers in [0, 1].
        boxes: (N, 4): x1, y1, x2, y2 in pixels; or (N, 8): the four corners of turned boxes, one side dashed.
        labels: a text for each box.
        colors: Pillow's names ("red", "#ff00ff") or (red, green, blue), one for each box or one for all.
        fill: fill the boxes, half transparently.
        width: of the lines.
        font: file of a TrueType font. font_size: its size in points, 10 if not given.
        label_colors: of the texts; those of the boxes if not given, black on filled labels.
        label_background_colors: of the filled labels; those of the boxes if not given.
        fill_labels: put a filled rectangle behind each text.
    """
    _check_image(image, (1, 3), "Tensor expected", "Only grayscale and RGB images are supported")
    upside_down: Any = boxes.shape[-1] == 4 and (boxes[:, :2] > boxes[:, 2:]).any()  # type: ignore[attr-defined]
    if upside_down:
        raise ValueError(
            "Boxes need to be in (xmin, ymin, xmax, ymax) format. Use torchvision.ops.box_convert to convert them"
        )
    n = boxes.shape[0]
    if n == 0:
        warn("boxes doesn't contain any box. No box was drawn")
        return image
    if labels is not None and len(labels) != n:
        raise ValueError(
            f"Number of boxes ({n}) and labels ({len(labels)}) mismatch. Please specify labels for each box."
        )
    colours = _colours(colors, n)
    texts = _colours(label_colors or "black", n) if label_colors or fill_labels else colours
    backs = _colours(label_background_colors, n) if fill_labels and label_background_colors else colours
    if image.size(0) == 1:
        image = image.tile((3, 1, 1))  # type: ignore[attr-defined]
    picture = to_pil_image(convert_image_dtype(image, dt.uint8))
    text_font = _font(font, font_size)
    draw = _draw_on(picture, "RGBA" if fill else None)
    corners: Any = boxes
    for k, box in enumerate(corners.to(dt.int64).tolist()):
        inside = (*colours[k], 100) if fill else None
        if len(box) == 4:
            draw.rectangle(box, width=width, outline=colours[k], fill=inside)
        else:
            _turned_rectangle(draw, box, inside, colours[k], width)
        if labels is not None and labels[k] is not None:
            at = (box[0] + width + 1, box[1] + width + 1)
            if fill_labels:
                left, top, right, bottom = draw.textbbox(at, labels[k], font=text_font)
                draw.rectangle((left - 1, top - 1, right + 1, bottom + 1), fill=backs[k])
            draw.text(at, labels[k], fill=texts[k], font=text_font)
    return convert_image_dtype(pil_to_tensor(picture), image.dtype)


def _draw_on(picture: Any, mode: str | None = None) -> Any:
    from PIL import ImageDraw

    return ImageDraw.Draw(picture, mode)


def _font(font: str | None, size: int | None) -> Any:
    pillow()
    from PIL import ImageFont

    if font is not None:
        return ImageFont.truetype(font=font, size=size or 10)
    if size is not None:
        warn("Argument 'font_size' will be ignored since 'font' is not set.")
    return ImageFont.load_default()


def _turned_rectangle(draw: Any, corners: list, fill: Any, outline: tuple, width: int) -> None:
    """A rectangle by its four corners; the dashed side tells which way it is turned."""
    points = list(zip(corners[::2], corners[1::2], strict=True))
    _dashes(draw, points[0], points[1], outline, width)
    for start, end in zip(points[1:], [*points[2:], points[0]], strict=True):
        draw.line((start, end), width=width, fill=outline)
    draw.polygon(corners, fill=fill, outline=None, width=0)


def _dashes(draw: Any, start: tuple, end: tuple, colour: tuple, width: int, dash: float = 5) -> None:
    """A line of dashes and gaps that are equally long."""
    (x, y), (end_x, end_y) = start, end
    left = math.hypot(end_x - x, end_y - y)
    visible = True
    while left > 0:
        step = min(left, dash)
        angle = math.atan2(end_y - y, end_x - x)
        to = (x + math.cos(angle) * step, y + math.sin(angle) * step)
        if visible:
            draw.line([(x, y), to], colour, width)
        (x, y), left, visible = to, left - step, not visible


@no_grad()
def draw_segmentation_masks(
    image: Tensor, masks: Tensor, alpha: float = 0.8, colors: Colours = None
) -> Tensor:
    """The image with coloured masks over it; where masks overlap it turns dark.

    Args:
        image: (3, H, W), uint8 or floating numbers in [0, 1].
        masks: bool, (N, H, W) or (H, W).
        alpha: 0 leaves the image as it is, 1 covers it.
        colors: one for each mask or one for all, as for ``draw_bounding_boxes``.
    """
    _check_image(image, *_RGB_ONLY)
    if masks.ndim == 2:
        masks = masks[None]
    if masks.ndim != 3:
        raise ValueError("masks must be of shape (H, W) or (batch_size, H, W)")
    if masks.dtype is not dt.bool_:
        raise ValueError(f"The masks must be of dtype bool. Got {masks.dtype}")
    if masks.shape[-2:] != image.shape[-2:]:
        raise ValueError("The image and the masks must have the same height and width")
    if masks.shape[0] == 0:
        warn("masks doesn't contain any mask. No mask was drawn")
        return image
    covered: Any = image.detach().clone()  # type: ignore[attr-defined]
    full = 255 if image.is_floating_point() else 1
    for mask, colour in zip(masks, _colours(colors, masks.shape[0])):  # type: ignore[call-overload]
        levels = tensor([level / full for level in colour], dtype=image.dtype, device=image.device)
        covered[:, mask] = levels[:, None]
    covered[:, masks.sum(dim=0) > 1] = 0  # type: ignore[attr-defined]
    return (image * (1 - alpha) + covered * alpha).to(image.dtype)


@no_grad()
def draw_keypoints(
    image: Tensor,
    keypoints: Tensor,
    connectivity: list[tuple[int, int]] | None = None,
    colors: Colour | None = None,
    radius: int = 2,
    width: int = 3,
    visibility: Tensor | None = None,
) -> Tensor:
    """The image with points drawn on it, and lines between them.

    Args:
        image: (3, H, W), uint8 or floating numbers in [0, 1].
        keypoints: (instances, K, 2): x and y of each point.
        connectivity: pairs of points to be joined in each instance.
        colors: of the points.
        radius: of the points.
        width: of the lines.
        visibility: (instances, K): which points, and lines between two such, to draw; all if not given.
    """
    _check_image(image, *_RGB_ONLY)
    if keypoints.ndim != 3:
        raise ValueError("keypoints must be of shape (num_instances, K, 2)")
    visible: Any = ones(keypoints.shape[:-1], dtype=dt.bool_) if visibility is None else visibility
    if visible.ndim == 3:
        visible = visible.squeeze(-1)
    if visible.ndim != 2:
        raise ValueError(f"visibility must be of shape (num_instances, K). Got ndim={visible.ndim}")
    if visible.shape != keypoints.shape[:-1]:
        raise ValueError(
            "keypoints and visibility must have the same dimensionality for num_instances and K. "
            f"Got visibility.shape={visible.shape!r} and keypoints.shape={keypoints.shape!r}"
        )
    picture = to_pil_image(convert_image_dtype(image, dt.uint8))
    draw = _draw_on(picture)
    places: Any = keypoints
    for points, seen in zip(places.to(dt.int64).tolist(), visible.bool().tolist(), strict=True):
        for (x, y), drawn in zip(points, seen, strict=True):
            if drawn:
                circle = [x - radius, y - radius, x + radius, y + radius]
                draw.ellipse(circle, fill=colors, outline=None, width=0)
        for a, b in connectivity or ():
            if seen[a] and seen[b]:
                draw.line((tuple(points[a]), tuple(points[b])), width=width)
    return convert_image_dtype(pil_to_tensor(picture), image.dtype)


@no_grad()
def flow_to_image(flow: Tensor) -> Tensor:
    """Optical flow in colours: hue for the direction, paleness for slowness. Source: https://doi.org/10.1109/ICCV.2007.4408903

    Args:
        flow: float32, (2, H, W) or (N, 2, H, W): movement to the right and down.

    Returns a uint8 image (3, H, W) or (N, 3, H, W).
    """
    if flow.dtype is not dt.float32:
        raise ValueError(f"Flow should be of dtype torch.float, got {flow.dtype}.")
    moved: Any = flow[None] if flow.ndim == 3 else flow
    if moved.ndim != 4 or moved.shape[1] != 2:
        raise ValueError(f"Input flow should have shape (2, H, W) or (N, 2, H, W), got {flow.shape}.")
    fastest = moved.pow(2).sum(dim=1).sqrt().max()
    moved = moved / (fastest + dt.finfo(dt.float32).eps)
    speed = moved.pow(2).sum(dim=1).sqrt()
    wheel: Any = _colour_wheel().to(flow.device)
    n = wheel.shape[0]
    turn = (atan2(-moved[:, 1], -moved[:, 0]) / math.pi + 1) / 2 * (n - 1)
    low = turn.floor().to(dt.int64)
    high = (low + 1) % n
    share = turn - low
    channels = []
    for hue in wheel.unbind(1):
        colour = (1 - share) * (hue[low] / 255.0) + share * (hue[high] / 255.0)
        channels.append((255 * (1 - speed * (1 - colour))).floor())
    image: Any = stack(channels, 1).to(dt.uint8)
    return image[0] if flow.ndim == 3 else image


#: The six stretches of the colour wheel: steps, the channel at full, the channel that changes, and whether it falls.
_STRETCHES = (
    (15, 0, 1, False),
    (6, 1, 0, True),
    (4, 1, 2, False),
    (11, 2, 1, True),
    (13, 2, 0, False),
    (6, 0, 2, True),
)


def _colour_wheel() -> Tensor:
    """The colours (55, 3) around the wheel of Baker et al., from red by yellow, green, cyan, blue and magenta."""
    stretches = []
    for steps, full, changing, falls in _STRETCHES:
        rising: Any = (255 * arange(steps) / steps).floor()
        colours: list[Any] = [rising * 0] * 3
        colours[full] = rising * 0 + 255
        colours[changing] = 255 - rising if falls else rising
        stretches.append(stack(colours, 1))
    return cat(stretches)
