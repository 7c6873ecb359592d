"""Pictures: axes in order, batches as one grid, figures as pixels."""

from __future__ import annotations

import math
from typing import Any

import numpy as np


def figure_to_image(figures: Any, close: bool = True) -> np.ndarray:
    """Pixels of a matplotlib figure, uint8 [3, H, W]; of a list of figures (all of one size), [N, 3, H, W].

    ``close``: afterwards, let pyplot forget the figures.
    """
    if isinstance(figures, list):
        return np.stack([_pixels(figure, close) for figure in figures])
    return _pixels(figures, close)


def _pixels(figure: Any, close: bool) -> np.ndarray:
    from matplotlib import pyplot
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    rgba = np.asarray(canvas.buffer_rgba())
    if close:
        pyplot.close(figure)
    return rgba[:, :, :3].transpose(2, 0, 1)


def make_grid(images: np.ndarray, ncols: int = 8) -> np.ndarray:
    """A batch of pictures [N, 1 or 3, H, W] side by side, ``ncols`` in a row: [3, rows·H, columns·W]."""
    if not isinstance(images, np.ndarray):
        raise AssertionError("plugin error, should pass numpy array here")
    if images.shape[1] == 1:
        images = np.repeat(images, 3, axis=1)
    if images.ndim != 4 or images.shape[1] != 3:
        raise AssertionError("Input should be a 4D numpy array with 3 channels")
    count, channels, height, width = images.shape
    columns = min(count, ncols)
    rows = math.ceil(count / columns)
    places = np.zeros((rows * columns, channels, height, width), images.dtype)
    places[:count] = images
    table = places.reshape(rows, columns, channels, height, width)
    return table.transpose(2, 0, 3, 1, 4).reshape(channels, rows * height, columns * width)


def convert_to_HWC(tensor: np.ndarray, input_format: str) -> np.ndarray:
    """A picture, or a batch of them as a grid, with the colours last.

    ``input_format`` names each axis of ``tensor`` by one letter of NCHW, in any order; without C the picture is grey.
    AssertionError for a letter given twice, or another number of letters than axes.
    """
    if len(set(input_format)) != len(input_format):
        raise AssertionError(
            f"You can not use the same dimension shorthand twice. input_format: {input_format}"
        )
    if tensor.ndim != len(input_format):
        raise AssertionError(
            "size of input tensor and input format are different. "
            f"tensor shape: {tensor.shape}, input_format: {input_format}"
        )
    letters = input_format.upper()

    def ordered(wanted: str) -> np.ndarray:
        return tensor.transpose([letters.find(c) for c in wanted])

    if len(letters) == 4:
        return make_grid(ordered("NCHW")).transpose(1, 2, 0)
    if len(letters) == 3:
        picture = ordered("HWC")
        return np.repeat(picture, 3, axis=2) if picture.shape[2] == 1 else picture
    if len(letters) == 2:
        return np.stack([ordered("HW")] * 3, axis=2)
    raise AssertionError(f"dataformats has 2, 3 or 4 letters of NCHW, got {input_format!r}")


def video_frames(clips: np.ndarray) -> np.ndarray:
    """Clips [N, T, C, H, W] playing side by side, in a grid: [T, H', W', C]. Empty places are black.

    The number of clips is filled up to a power of two; uint8 becomes float32 from 0 to 1.
    """
    count, time, channels, height, width = clips.shape
    if clips.dtype == np.uint8:
        clips = clips.astype(np.float32) / 255.0
    if count == 0 or count & (count - 1):
        black = np.zeros((2 ** count.bit_length() - count, time, channels, height, width))
        clips = np.concatenate((clips, black))
    rows = 2 ** ((count.bit_length() - 1) // 2)
    columns = len(clips) // rows
    table = clips.reshape(rows, columns, time, channels, height, width)
    return table.transpose(2, 0, 4, 1, 5, 3).reshape(time, rows * height, columns * width, channels)
