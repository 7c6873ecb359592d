"""Summaries: one protocol message for each kind of thing that TensorBoard shows.

Each function gives a ``Summary`` message that ``FileWriter.add_summary`` writes. Pictures and sound are made in
``_media``; hyperparameters, precision and recall, layouts and meshes in ``_plugins``.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from tensorboard.compat.proto.summary_pb2 import HistogramProto, Summary, SummaryMetadata
from tensorboard.compat.proto.tensor_pb2 import TensorProto
from tensorboard.compat.proto.tensor_shape_pb2 import TensorShapeProto
from tensorboard.plugins.text.plugin_data_pb2 import TextPluginData

from ...core import dtype as dt
from ...core.tensor import Tensor
from ._convert_np import make_np
from ._media import audio, draw_boxes, image, image_boxes, make_image, make_video, video
from ._plugins import compute_curve, custom_scalars, hparams, mesh, pr_curve, pr_curve_raw

__all__ = [
    "half_to_int", "int_to_half", "hparams", "scalar", "histogram_raw", "histogram", "make_histogram", "image",
    "image_boxes", "draw_boxes", "make_image", "video", "make_video", "audio", "custom_scalars", "text",
    "tensor_proto", "pr_curve_raw", "pr_curve", "compute_curve", "mesh",
]  # fmt: skip

MESSAGE_LIMIT = 1 << 31  # bytes that a protocol message can hold


def scalar(
    name: str,
    tensor: Any,
    collections: Any = None,
    new_style: bool = False,
    double_precision: bool = False,
) -> Summary:
    """One number: in the field ``simple_value`` (float32), or as a tensor with ``new_style``.

    ``double_precision``: keep float64 (new style only). AssertionError for more than one element. ``collections``
    is taken for compatibility and not used.
    """
    value = make_np(tensor).squeeze()
    if value.ndim != 0:
        raise AssertionError(
            "Tensor should contain one element (0 dimensions). "
            f"Was given size: {value.size} and {value.ndim} dimensions."
        )
    number = float(value)
    if not new_style:
        return Summary(value=[Summary.Value(tag=name, simple_value=number)])
    if double_precision:
        proto = TensorProto(double_val=[number], dtype="DT_DOUBLE")
    else:
        proto = TensorProto(float_val=[number], dtype="DT_FLOAT")
    metadata = SummaryMetadata(plugin_data=SummaryMetadata.PluginData(plugin_name="scalars"))
    return Summary(value=[Summary.Value(tag=name, tensor=proto, metadata=metadata)])


# ---------------------------------------------------------------------- whole tensors
def half_to_int(f: float) -> int:
    """The bits of a number as float32, as an int: how PyTorch keeps half precision in the field ``half_val``."""
    return struct.unpack("i", struct.pack("f", f))[0]


def int_to_half(i: int) -> float:
    """The number that ``half_to_int`` was given."""
    return struct.unpack("f", struct.pack("i", i))[0]


def _values(t: Tensor) -> list:
    return t.flatten().tolist()


def _half_bits(t: Tensor) -> list[int]:
    return [half_to_int(x) for x in t.flatten().tolist()]


def _pairs(t: Tensor) -> list[float]:
    return [part for z in t.flatten().tolist() for part in (z.real, z.imag)]


#: For each dtype: the name of its type in the message, the field for its values, and how to list them.
_FIELDS: dict[dt.dtype, tuple[str, str, Callable[[Tensor], list]]] = {
    dt.float16: ("DT_HALF", "half_val", _half_bits),
    dt.bfloat16: ("DT_BFLOAT16", "half_val", _half_bits),
    dt.float32: ("DT_FLOAT", "float_val", _values),
    dt.float64: ("DT_DOUBLE", "double_val", _values),
    dt.uint8: ("DT_UINT8", "uint32_val", _values),
    dt.int8: ("DT_INT8", "int_val", _values),
    dt.int16: ("DT_INT16", "int_val", _values),
    dt.int32: ("DT_INT32", "int_val", _values),
    dt.int64: ("DT_INT64", "int64_val", _values),
    dt.bool_: ("DT_BOOL", "bool_val", _values),
    dt.complex64: ("DT_COMPLEX64", "scomplex_val", _pairs),
    dt.complex128: ("DT_COMPLEX128", "dcomplex_val", _pairs),
}


def tensor_proto(tag: str, tensor: Tensor) -> Summary:
    """A whole tensor with its shape and type. ValueError for 2 GB or more, and for types the format lacks."""
    if tensor.numel() * tensor.itemsize >= MESSAGE_LIMIT:
        raise ValueError("tensor is bigger than protocol buffer's hard limit of 2GB in size")
    if tensor.dtype not in _FIELDS:
        raise ValueError(f"{tag} has unsupported tensor dtype {tensor.dtype}")
    type_name, field, values = _FIELDS[tensor.dtype]
    shape = TensorShapeProto(dim=[TensorShapeProto.Dim(size=n) for n in tensor.shape])
    proto = TensorProto(dtype=type_name, tensor_shape=shape, **{field: values(tensor)})
    metadata = SummaryMetadata(plugin_data=SummaryMetadata.PluginData(plugin_name="tensor"))
    return Summary(value=[Summary.Value(tag=tag, metadata=metadata, tensor=proto)])


# ---------------------------------------------------------------------- histograms
def histogram_raw(
    name: str,
    min: float,
    max: float,
    num: int,
    sum: float,
    sum_squares: float,
    bucket_limits: Sequence[float],
    bucket_counts: Sequence[float],
) -> Summary:
    """A histogram that was counted elsewhere: the upper end of each bucket, and what is in it."""
    counted = HistogramProto(
        min=min,
        max=max,
        num=num,
        sum=sum,
        sum_squares=sum_squares,
        bucket_limit=bucket_limits,
        bucket=bucket_counts,
    )
    return Summary(value=[Summary.Value(tag=name, histo=counted)])


def histogram(name: str, values: Any, bins: Any, max_bins: int | None = None) -> Summary:
    """How often which values occur. ``bins``: the limits, or what ``numpy.histogram`` takes."""
    counted = make_histogram(make_np(values).astype(float), bins, max_bins)
    return Summary(value=[Summary.Value(tag=name, histo=counted)])


def make_histogram(values: np.ndarray, bins: Any, max_bins: int | None = None) -> HistogramProto:
    """Count float64 values. Where there are more than ``max_bins`` bins, neighbours are put together.

    ValueError without values, or when none lies inside the bins.
    """
    if values.size == 0:
        raise ValueError("The input has no element.")
    values = values.reshape(-1)
    counts, limits = np.histogram(values, bins=bins)
    if max_bins is not None and len(counts) > max_bins:
        counts, limits = _coarser(counts, limits, len(counts) // max_bins)

    used = np.flatnonzero(counts > 0)
    if used.size == 0:
        raise ValueError(
            "The histogram is empty: no value lies inside its bins "
            f"(they run from {limits[0]:g} to {limits[-1]:g}). Are all values infinite or NaN?"
        )
    # The message has only the upper end of each bucket, so an empty bucket goes in front to say where the first begins.
    first, end = int(used[0]), int(used[-1]) + 1
    counts = counts[first - 1 : end] if first else np.concatenate([[0], counts[:end]])
    return HistogramProto(
        min=values.min(),
        max=values.max(),
        num=len(values),
        sum=values.sum(),
        sum_squares=values.dot(values),
        bucket_limit=limits[first : end + 1].tolist(),
        bucket=counts.tolist(),
    )


def _coarser(counts: np.ndarray, limits: np.ndarray, step: int) -> tuple[np.ndarray, np.ndarray]:
    """Bins ``step`` times as wide; the last may be narrower."""
    filled = np.pad(counts, (0, -len(counts) % step))
    return filled.reshape(-1, step).sum(axis=1), np.append(limits[:-1:step], limits[-1])


# ---------------------------------------------------------------------- text
def text(tag: str, text: str) -> Summary:
    """Text, which TensorBoard shows as Markdown."""
    content = TextPluginData(version=0).SerializeToString()
    metadata = SummaryMetadata(plugin_data=SummaryMetadata.PluginData(plugin_name="text", content=content))
    proto = TensorProto(
        dtype="DT_STRING",
        string_val=[text.encode("utf-8")],
        tensor_shape=TensorShapeProto(dim=[TensorShapeProto.Dim(size=1)]),
    )
    return Summary(value=[Summary.Value(tag=tag + "/text_summary", metadata=metadata, tensor=proto)])
