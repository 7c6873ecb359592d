"""Summaries for TensorBoard's plugins: hyperparameters, precision and recall, layouts of charts, meshes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from google.protobuf import struct_pb2
from tensorboard.compat.proto.summary_pb2 import Summary, SummaryMetadata
from tensorboard.compat.proto.tensor_pb2 import TensorProto
from tensorboard.compat.proto.tensor_shape_pb2 import TensorShapeProto
from tensorboard.plugins.custom_scalar import layout_pb2
from tensorboard.plugins.hparams import api_pb2, plugin_data_pb2
from tensorboard.plugins.hparams import metadata as hparams_metadata
from tensorboard.plugins.mesh import metadata as mesh_metadata
from tensorboard.plugins.mesh.plugin_data_pb2 import MeshPluginData
from tensorboard.plugins.pr_curve.plugin_data_pb2 import PrCurvePluginData

from ...core.tensor import Tensor
from ._convert_np import make_np

MOST_THRESHOLDS = 127  # a message with more is not understood


def _metadata(plugin: str, content: bytes = b"") -> SummaryMetadata:
    return SummaryMetadata(plugin_data=SummaryMetadata.PluginData(plugin_name=plugin, content=content))


def _floats(array: np.ndarray) -> TensorProto:
    shape = TensorShapeProto(dim=[TensorShapeProto.Dim(size=n) for n in array.shape])
    return TensorProto(dtype="DT_FLOAT", float_val=array.reshape(-1).tolist(), tensor_shape=shape)


# ---------------------------------------------------------------------- hyperparameters
def hparams(
    hparam_dict: dict[str, Any],
    metric_dict: dict[str, Any],
    hparam_domain_discrete: dict[str, list] | None = None,
) -> tuple[Summary, Summary, Summary]:
    """Three summaries: what the hyperparameters and metrics are called, the values of one run, and that it ended well.

    Values are numbers, strings, tensors with one element, or None (left out). ``hparam_domain_discrete`` lists the
    values that some of them can have. TypeError and ValueError for anything else.
    """
    for name, given in (
        ("hparam_dict", hparam_dict),
        ("metric_dict", metric_dict),
        ("hparam_domain_discrete", hparam_domain_discrete or {}),
    ):
        if not isinstance(given, dict):
            raise TypeError(f"parameter: {name} should be a dictionary, nothing logged.")
    domains = hparam_domain_discrete or {}
    for key, choices in domains.items():
        if (
            key not in hparam_dict
            or not isinstance(choices, list)
            or not all(isinstance(choice, type(hparam_dict[key])) for choice in choices)
        ):
            raise TypeError(
                f"parameter: hparam_domain_discrete[{key}] should be a list of same type as hparam_dict[{key}]."
            )

    start, infos = plugin_data_pb2.SessionStartInfo(), []
    for key, value in hparam_dict.items():
        if value is None:
            continue
        info = api_pb2.HParamInfo(name=key)
        if isinstance(value, str):
            kind, info.type = "string_value", api_pb2.DATA_TYPE_STRING
        elif isinstance(value, (int, float, Tensor)):  # bool is an int, and is kept as a number
            kind, info.type = "number_value", api_pb2.DATA_TYPE_FLOAT64
        else:
            raise ValueError(
                "value should be one of int, float, str, bool, or torch.Tensor, "
                f"but {key!r} is a {type(value).__name__}"
            )
        if key in domains and not isinstance(value, Tensor):
            listed = [struct_pb2.Value(**{kind: choice}) for choice in domains[key]]
            info.domain_discrete.CopyFrom(struct_pb2.ListValue(values=listed))
        setattr(start.hparams[key], kind, make_np(value).item() if isinstance(value, Tensor) else value)
        infos.append(info)

    metrics = [api_pb2.MetricInfo(name=api_pb2.MetricName(tag=key)) for key in metric_dict]
    experiment = api_pb2.Experiment(hparam_infos=infos, metric_infos=metrics)
    end = plugin_data_pb2.SessionEndInfo(status=api_pb2.STATUS_SUCCESS)

    def summary(tag: str, **content: Any) -> Summary:
        data = plugin_data_pb2.HParamsPluginData(version=hparams_metadata.PLUGIN_DATA_VERSION, **content)
        metadata = _metadata(hparams_metadata.PLUGIN_NAME, data.SerializeToString())
        return Summary(value=[Summary.Value(tag=tag, metadata=metadata)])

    return (
        summary(hparams_metadata.EXPERIMENT_TAG, experiment=experiment),
        summary(hparams_metadata.SESSION_START_INFO_TAG, session_start_info=start),
        summary(hparams_metadata.SESSION_END_INFO_TAG, session_end_info=end),
    )


# ---------------------------------------------------------------------- precision and recall
def pr_curve(
    tag: str, labels: np.ndarray, predictions: np.ndarray, num_thresholds: int = 127, weights: Any = None
) -> Summary:
    """Precision and recall at thresholds from 0 to 1; at most 127 of them."""
    num_thresholds = min(num_thresholds, MOST_THRESHOLDS)
    return _curve(tag, compute_curve(labels, predictions, num_thresholds, weights), num_thresholds)


def pr_curve_raw(
    tag: str,
    tp: Any,
    fp: Any,
    tn: Any,
    fn: Any,
    precision: Any,
    recall: Any,
    num_thresholds: int = 127,
    weights: Any = None,
) -> Summary:
    """A curve that was computed elsewhere: six rows with one number for each threshold. ``weights`` is not used."""
    return _curve(tag, np.stack((tp, fp, tn, fn, precision, recall)), min(num_thresholds, MOST_THRESHOLDS))


def _curve(tag: str, rows: np.ndarray, num_thresholds: int) -> Summary:
    content = PrCurvePluginData(version=0, num_thresholds=num_thresholds).SerializeToString()
    return Summary(
        value=[Summary.Value(tag=tag, metadata=_metadata("pr_curves", content), tensor=_floats(rows))]
    )


def compute_curve(
    labels: np.ndarray, predictions: np.ndarray, num_thresholds: int, weights: Any = None
) -> np.ndarray:
    """[6, thresholds]: true and false positives, true and false negatives, precision, recall.

    ``labels`` are 0 or 1, ``predictions`` lie between 0 and 1; an example counts as positive at all thresholds up to
    its prediction, with its weight.
    """
    weights = 1.0 if weights is None else make_np(weights)
    bucket = np.floor(predictions * (num_thresholds - 1)).astype(np.int32)
    truth = labels.astype(np.float64)

    def counted(weight: Any) -> np.ndarray:
        """The weight of everything at or above each threshold."""
        each, _ = np.histogram(bucket, bins=num_thresholds, range=(0, num_thresholds - 1), weights=weight)
        return np.cumsum(each[::-1])[::-1]

    tp, fp = counted(truth * weights), counted((1.0 - truth) * weights)
    tn, fn = fp[0] - fp, tp[0] - tp
    tiny = 1e-7  # no examples at all: 0, not NaN
    return np.stack((tp, fp, tn, fn, tp / np.maximum(tiny, tp + fp), tp / np.maximum(tiny, tp + fn)))


# ---------------------------------------------------------------------- layouts of charts
def custom_scalars(layout: Mapping[str, Mapping[str, tuple[str, list[str]]]]) -> Summary:
    """Which figures share a chart: ``{category: {title: ("Multiline" or "Margin", tags)}}``; a margin takes 3 tags."""
    categories = [
        layout_pb2.Category(title=category, chart=[_chart(title, *chart) for title, chart in charts.items()])
        for category, charts in layout.items()
    ]
    content = layout_pb2.Layout(category=categories).SerializeToString()
    proto = TensorProto(dtype="DT_STRING", string_val=[content], tensor_shape=TensorShapeProto())
    value = Summary.Value(tag="custom_scalars__config__", tensor=proto, metadata=_metadata("custom_scalars"))
    return Summary(value=[value])


def _chart(title: str, kind: str, tags: list[str]) -> layout_pb2.Chart:
    if kind != "Margin":
        return layout_pb2.Chart(title=title, multiline=layout_pb2.MultilineChartContent(tag=tags))
    if len(tags) != 3:
        raise AssertionError(f"len(tags) != 3: a margin chart takes value, lower and upper, got {tags}")
    series = layout_pb2.MarginChartContent.Series(value=tags[0], lower=tags[1], upper=tags[2])
    return layout_pb2.Chart(title=title, margin=layout_pb2.MarginChartContent(series=[series]))


# ---------------------------------------------------------------------- meshes
def mesh(
    tag: str,
    vertices: Any,
    colors: Any,
    faces: Any,
    config_dict: Mapping[str, Any] | None,
    display_name: str | None = None,
    description: str | None = None,
) -> Summary:
    """Points in space [N, points, 3], their colours (0 to 255), and the triangles between them (three indices each).

    ``config_dict`` goes to the viewer (three.js): camera, material, light.
    """
    config = "{}" if config_dict is None else json.dumps(config_dict, sort_keys=True)
    parts = [
        (np.asarray(make_np(given) if isinstance(given, Tensor) else given), kind)
        for given, kind in (
            (vertices, MeshPluginData.VERTEX),
            (faces, MeshPluginData.FACE),
            (colors, MeshPluginData.COLOR),
        )
        if given is not None
    ]
    components = mesh_metadata.get_components_bitmask([kind for _, kind in parts])
    values = []
    for array, kind in parts:
        metadata = mesh_metadata.create_summary_metadata(
            tag, display_name, kind, components, array.shape, description, json_config=config
        )
        name = mesh_metadata.get_instance_name(tag, kind)
        values.append(Summary.Value(tag=name, tensor=_floats(array), metadata=metadata))
    return Summary(value=values)
