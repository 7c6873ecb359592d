"""Summaries of pictures, videos and sound."""

from __future__ import annotations

import io
import tempfile
import wave
from collections.abc import Sequence
from typing import Any

import numpy as np
from tensorboard.compat.proto.summary_pb2 import Summary

from ._convert_np import make_np
from ._utils import convert_to_HWC, video_frames


def _bytes_of(pixels: np.ndarray) -> np.ndarray:
    """uint8 as it is; any other type from the range 0 to 1. What lies outside is cut off."""
    scale = 1 if pixels.dtype == np.uint8 else 255
    return (pixels.astype(np.float32) * scale).clip(0, 255).astype(np.uint8)


def image(tag: str, tensor: Any, rescale: float = 1, dataformats: str = "NCHW") -> Summary:
    """A picture, or a batch of pictures as one grid: uint8, or numbers from 0 to 1."""
    pixels = convert_to_HWC(make_np(tensor), dataformats)
    return Summary(value=[Summary.Value(tag=tag, image=make_image(_bytes_of(pixels), rescale=rescale))])


def image_boxes(
    tag: str,
    tensor_image: Any,
    tensor_boxes: Any,
    rescale: float = 1,
    dataformats: str = "CHW",
    labels: Sequence[str] | None = None,
) -> Summary:
    """A picture with rectangles [N, 4] drawn in it: left, top, right, bottom, in pixels."""
    pixels = convert_to_HWC(make_np(tensor_image), dataformats)
    drawn = make_image(_bytes_of(pixels), rescale=rescale, rois=make_np(tensor_boxes), labels=labels)
    return Summary(value=[Summary.Value(tag=tag, image=drawn)])


def make_image(
    tensor: np.ndarray,
    rescale: float = 1,
    rois: np.ndarray | None = None,
    labels: Sequence[str] | None = None,
) -> Summary.Image:
    """The ``Image`` message (a PNG) of uint8 pixels [H, W, C]."""
    from PIL import Image

    height, width, channels = tensor.shape
    picture = Image.fromarray(tensor)
    if rois is not None:
        picture = draw_boxes(picture, rois, labels=labels)
    picture = picture.resize((int(width * rescale), int(height * rescale)), Image.Resampling.LANCZOS)
    file = io.BytesIO()
    picture.save(file, format="PNG")
    return Summary.Image(
        height=height, width=width, colorspace=channels, encoded_image_string=file.getvalue()
    )


def draw_boxes(disp_image: Any, boxes: np.ndarray, labels: Sequence[str] | None = None) -> Any:
    """Draw red rectangles [N, 4] into a Pillow image, each with its label in the lower left corner."""
    from PIL import ImageDraw, ImageFont

    draw, font = ImageDraw.Draw(disp_image), ImageFont.load_default()
    for k, (left, top, right, bottom) in enumerate(boxes[:, :4]):
        corners = [(left, top), (left, bottom), (right, bottom), (right, top), (left, top)]
        draw.line(corners, width=2, fill="Red")
        if labels is None or not labels[k]:
            continue
        x0, y0, x1, y1 = font.getbbox(labels[k])
        width, height = x1 - x0, y1 - y0
        margin = np.ceil(0.05 * height)
        draw.rectangle([(left, bottom - height - 2 * margin), (left + width, bottom)], fill="Red")
        draw.text((left + margin, bottom - height - margin), labels[k], fill="black", font=font)
    return disp_image


def video(tag: str, tensor: Any, fps: float = 4) -> Summary:
    """Clips [N, T, C, H, W], playing side by side: uint8, or numbers from 0 to 1."""
    frames = _bytes_of(video_frames(make_np(tensor)))
    return Summary(value=[Summary.Value(tag=tag, image=make_video(frames, fps))])


def make_video(tensor: np.ndarray, fps: float) -> Summary.Image | None:
    """The ``Image`` message (an animated GIF) of uint8 frames [T, H, W, C]; None, and a word why, without moviepy."""
    try:
        try:
            from moviepy import ImageSequenceClip  # moviepy 2
        except ImportError:
            from moviepy.editor import ImageSequenceClip
    except ImportError:
        print("add_video needs package moviepy: pip install moviepy. The video is left out.")  # noqa: T201
        return None
    _, height, width, channels = tensor.shape
    clip = ImageSequenceClip(list(tensor), fps=fps)
    with tempfile.NamedTemporaryFile(suffix=".gif") as file:
        clip.write_gif(file.name, logger=None)
        return Summary.Image(
            height=height, width=width, colorspace=channels, encoded_image_string=file.read()
        )


def audio(tag: str, tensor: Any, sample_rate: int = 44100) -> Summary:
    """One channel of sound, numbers from −1 to 1, as a WAV file with 16 bits."""
    samples = make_np(tensor).squeeze()
    if abs(samples).max() > 1:
        print("warning: audio amplitude out of range, auto clipped.")  # noqa: T201
        samples = samples.clip(-1, 1)
    if samples.ndim != 1:
        raise AssertionError("input tensor should be 1 dimensional.")
    samples = (samples * np.iinfo(np.int16).max).astype("<i2")
    file = io.BytesIO()
    with wave.open(file, "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(sample_rate)
        wav.writeframes(samples.tobytes())
    sound = Summary.Audio(
        sample_rate=sample_rate,
        num_channels=1,
        length_frames=len(samples),
        encoded_audio_string=file.getvalue(),
        content_type="audio/wav",
    )
    return Summary(value=[Summary.Value(tag=tag, audio=sound)])
