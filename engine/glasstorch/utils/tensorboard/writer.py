"""``SummaryWriter``: what a training logs, into event files that TensorBoard reads.

Source: https://pytorch.org/docs/stable/tensorboard.html
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from tensorboard.compat.proto.event_pb2 import Event, SessionLog
from tensorboard.plugins.projector.projector_config_pb2 import ProjectorConfig

from ._convert_np import make_np
from ._embedding import get_embedding_info, make_mat, make_sprite, make_tsv, new_folder, write_config
from ._graph import graph
from ._onnx_graph import load_onnx_graph
from ._utils import figure_to_image
from .file_writer import FileWriter
from .summary import (
    audio,
    custom_scalars,
    histogram,
    histogram_raw,
    hparams,
    image,
    image_boxes,
    mesh,
    pr_curve,
    pr_curve_raw,
    scalar,
    tensor_proto,
    text,
    video,
)

__all__ = ["FileWriter", "SummaryWriter"]


class SummaryWriter:
    """Logs a training for TensorBoard; ``tensorboard --logdir runs`` shows it, also while it runs.

    Each ``add_...`` method takes a tag (parts before a slash group what belongs together), what to log, and mostly a
    ``global_step`` and a ``walltime`` (seconds since 1970; None: now). Tensors may be on any device and need no
    ``detach()``; NumPy arrays and numbers do as well.

    ``log_dir``: the folder of this run; by default ``runs/<date>_<time>_<host><comment>``. ``purge_step``: when a run
    goes on from here in the same folder, hide what an earlier one logged from this step on. ``max_queue``,
    ``flush_secs``, ``filename_suffix``: see ``FileWriter``. Events are in the file after ``flush()``, and after
    ``flush_secs`` at the latest; a process that is killed loses later ones only.

    Source: https://pytorch.org/docs/stable/tensorboard.html#torch.utils.tensorboard.writer.SummaryWriter
    """

    def __init__(
        self, log_dir: str | os.PathLike | None = None, comment: str = "", purge_step: int | None = None,
        max_queue: int = 10, flush_secs: float = 120, filename_suffix: str = "",
    ) -> None:  # fmt: skip
        if not log_dir:
            now = datetime.now().strftime("%b%d_%H-%M-%S")
            log_dir = os.path.join("runs", f"{now}_{socket.gethostname()}{comment}")
        self.log_dir = log_dir
        self.purge_step = purge_step
        self.max_queue = max_queue
        self.flush_secs = flush_secs
        self.filename_suffix = filename_suffix
        self.file_writer: FileWriter | None = None
        self.all_writers: dict[str, FileWriter] | None = None
        self._projector_config = ProjectorConfig()
        self._get_file_writer()
        self.default_bins = _default_bins()

    def _get_file_writer(self) -> FileWriter:
        """The writer of this run's own file; a new one after ``close``."""
        if self.all_writers is None or self.file_writer is None:
            self.file_writer = self._new_writer(self.log_dir)
            self.all_writers = {self.file_writer.get_logdir(): self.file_writer}
            if self.purge_step is not None:
                step, self.purge_step = self.purge_step, None
                self.file_writer.add_event(Event(step=step, file_version="brain.Event:2"))
                start = SessionLog(status=SessionLog.START)
                self.file_writer.add_event(Event(step=step, session_log=start))
        return self.file_writer

    def _new_writer(self, log_dir: str | os.PathLike) -> FileWriter:
        return FileWriter(log_dir, self.max_queue, self.flush_secs, self.filename_suffix)

    def _add(self, summary: Any, global_step: Any = None, walltime: float | None = None) -> None:
        self._get_file_writer().add_summary(summary, global_step, walltime)

    def get_logdir(self) -> str | os.PathLike:
        """The folder of this run."""
        return self.log_dir

    # ------------------------------------------------------------------ numbers
    def add_scalar(
        self, tag: str, scalar_value: Any, global_step: Any = None, walltime: float | None = None,
        new_style: bool = False, double_precision: bool = False,
    ) -> None:  # fmt: skip
        """A number, such as a loss. ``new_style``: as a tensor, which loads faster; with it, ``double_precision``."""
        summary = scalar(tag, scalar_value, new_style=new_style, double_precision=double_precision)
        self._add(summary, global_step, walltime)

    def add_scalars(
        self,
        main_tag: str,
        tag_scalar_dict: Mapping[str, Any],
        global_step: Any = None,
        walltime: float | None = None,
    ) -> None:
        """Several numbers in one chart. Each name gets a file of its own, in a folder below this run's."""
        walltime = time.time() if walltime is None else walltime
        folder = self._get_file_writer().get_logdir()
        assert self.all_writers is not None
        for tag, value in tag_scalar_dict.items():
            place = f"{folder}/{main_tag.replace('/', '_')}_{tag}"
            if place not in self.all_writers:
                self.all_writers[place] = self._new_writer(place)
            self.all_writers[place].add_summary(scalar(main_tag, value), global_step, walltime)

    def add_tensor(
        self, tag: str, tensor: Any, global_step: Any = None, walltime: float | None = None
    ) -> None:
        """A whole tensor, for programs that read event files. ValueError from 2 GB on."""
        self._add(tensor_proto(tag, tensor), global_step, walltime)

    def add_histogram(
        self, tag: str, values: Any, global_step: Any = None, bins: Any = "tensorflow", walltime: float | None = None,
        max_bins: int | None = None,
    ) -> None:  # fmt: skip
        """How often which values occur, such as the weights of a layer.

        ``bins``: limits, a number of bins, or a rule of ``numpy.histogram``; by default bins that grow with the
        distance from 0. More than ``max_bins`` are put together. ValueError without values, or without finite ones.
        """
        if isinstance(bins, str) and bins == "tensorflow":
            bins = self.default_bins
        self._add(histogram(tag, values, bins, max_bins=max_bins), global_step, walltime)

    def add_histogram_raw(
        self, tag: str, min: float, max: float, num: int, sum: float, sum_squares: float,
        bucket_limits: Sequence[float], bucket_counts: Sequence[float], global_step: Any = None,
        walltime: float | None = None,
    ) -> None:  # fmt: skip
        """A histogram that was counted elsewhere: the upper end of each bucket, and how much is in it."""
        if len(bucket_limits) != len(bucket_counts):
            raise ValueError(
                "len(bucket_limits) != len(bucket_counts): each bucket has an upper end and a count, got "
                f"{len(bucket_limits)} and {len(bucket_counts)}"
            )
        counted = histogram_raw(tag, min, max, num, sum, sum_squares, bucket_limits, bucket_counts)
        self._add(counted, global_step, walltime)

    # ------------------------------------------------------------------ pictures, sound, text
    def add_image(
        self,
        tag: str,
        img_tensor: Any,
        global_step: Any = None,
        walltime: float | None = None,
        dataformats: str = "CHW",
    ) -> None:
        """A picture: uint8, or numbers from 0 to 1. ``dataformats`` names its axes: CHW, HWC, HW (grey)."""
        self._add(image(tag, img_tensor, dataformats=dataformats), global_step, walltime)

    def add_images(
        self,
        tag: str,
        img_tensor: Any,
        global_step: Any = None,
        walltime: float | None = None,
        dataformats: str = "NCHW",
    ) -> None:
        """A batch of pictures as one grid, eight in a row."""
        self._add(image(tag, img_tensor, dataformats=dataformats), global_step, walltime)

    def add_image_with_boxes(
        self, tag: str, img_tensor: Any, box_tensor: Any, global_step: Any = None, walltime: float | None = None,
        rescale: float = 1, dataformats: str = "CHW", labels: str | Sequence[str] | None = None,
    ) -> None:  # fmt: skip
        """A picture with rectangles [N, 4] in it (left, top, right, bottom), each with its label, if there are N."""
        names = [labels] if isinstance(labels, str) else labels
        if names is not None and len(names) != box_tensor.shape[0]:
            names = None
        drawn = image_boxes(
            tag, img_tensor, box_tensor, rescale=rescale, dataformats=dataformats, labels=names
        )
        self._add(drawn, global_step, walltime)

    def add_figure(
        self,
        tag: str,
        figure: Any,
        global_step: Any = None,
        close: bool = True,
        walltime: float | None = None,
    ) -> None:
        """A figure of matplotlib, or a list of them; ``close`` lets pyplot forget it afterwards."""
        layout = "NCHW" if isinstance(figure, list) else "CHW"
        self.add_image(tag, figure_to_image(figure, close), global_step, walltime, dataformats=layout)

    def add_video(
        self,
        tag: str,
        vid_tensor: Any,
        global_step: Any = None,
        fps: float = 4,
        walltime: float | None = None,
    ) -> None:
        """Clips [N, T, C, H, W], uint8 or from 0 to 1, playing side by side. Needs the package ``moviepy``."""
        self._add(video(tag, vid_tensor, fps), global_step, walltime)

    def add_audio(
        self,
        tag: str,
        snd_tensor: Any,
        global_step: Any = None,
        sample_rate: int = 44100,
        walltime: float | None = None,
    ) -> None:
        """One channel of sound [samples] or [1, samples], from −1 to 1."""
        self._add(audio(tag, snd_tensor, sample_rate=sample_rate), global_step, walltime)

    def add_text(
        self, tag: str, text_string: str, global_step: Any = None, walltime: float | None = None
    ) -> None:
        """Text, shown as Markdown."""
        self._add(text(tag, text_string), global_step, walltime)

    # ------------------------------------------------------------------ graphs
    def add_graph(
        self, model: Any, input_to_model: Any = None, verbose: bool = False, use_strict_trace: bool = True
    ) -> None:
        """Run a model once, in evaluation mode, and draw what it did, folded by module.

        ``input_to_model``: a tensor, or a tuple of arguments. ``verbose`` prints the nodes. A model that returns a
        dictionary needs ``use_strict_trace=False``. What the model raises is raised; then nothing is written.
        """
        self._get_file_writer().add_graph(graph(model, input_to_model, verbose, use_strict_trace))

    def add_onnx_graph(self, prototxt: Any) -> None:
        """Draw the graph in an ONNX file. Needs the package ``onnx``."""
        self._get_file_writer().add_onnx_graph(load_onnx_graph(prototxt))

    # ------------------------------------------------------------------ points in space
    def add_embedding(
        self, mat: Any, metadata: Sequence | None = None, label_img: Any = None, global_step: Any = None,
        tag: str = "default", metadata_header: Sequence[str] | None = None,
    ) -> None:  # fmt: skip
        """Points [N, D] for the projector, with a label and a picture each.

        ``metadata``: N labels, or N rows with ``metadata_header`` naming their columns. ``label_img``: [N, C, H, W],
        from 0 to 1. AssertionError when the numbers differ.
        """
        points = make_np(mat)
        global_step = 0 if global_step is None else global_step
        subdir = f"{str(global_step).zfill(5)}/{self._encode(tag)}"
        folder = self._get_file_writer().get_logdir()
        save_path = os.path.join(folder, subdir)
        new_folder(save_path)
        if metadata is not None:
            if len(points) != len(metadata):
                raise AssertionError(
                    f"#labels should equal with #data points: {len(metadata)} and {len(points)}"
                )
            make_tsv(metadata, save_path, metadata_header=metadata_header)
        if label_img is not None:
            if len(points) != len(label_img):
                raise AssertionError(
                    f"#images should equal with #data points: {len(label_img)} and {len(points)}"
                )
            make_sprite(label_img, save_path)
        if points.ndim != 2:
            raise AssertionError("mat should be 2D, where mat.size(0) is the number of data points")
        make_mat(points, save_path)
        info = get_embedding_info(metadata, label_img, subdir, global_step, tag)
        self._projector_config.embeddings.append(info)
        write_config(folder, self._projector_config)

    @staticmethod
    def _encode(rawstr: str) -> str:
        """A tag as the name of a folder."""
        return rawstr.replace("%", "%25").replace("/", "%2f").replace("\\", "%5c")

    def add_mesh(
        self, tag: str, vertices: Any, colors: Any = None, faces: Any = None,
        config_dict: Mapping[str, Any] | None = None, global_step: Any = None, walltime: float | None = None,
    ) -> None:  # fmt: skip
        """Points in space [N, points, 3], their colours from 0 to 255, and triangles (three indices each)."""
        self._add(mesh(tag, vertices, colors, faces, config_dict), global_step, walltime)

    # ------------------------------------------------------------------ precision and recall
    def add_pr_curve(
        self, tag: str, labels: Any, predictions: Any, global_step: Any = None, num_thresholds: int = 127,
        weights: Any = None, walltime: float | None = None,
    ) -> None:  # fmt: skip
        """Precision and recall of predictions from 0 to 1 for labels 0 or 1, at up to 127 thresholds."""
        curve = pr_curve(tag, make_np(labels), make_np(predictions), num_thresholds, weights)
        self._add(curve, global_step, walltime)

    def add_pr_curve_raw(
        self, tag: str, true_positive_counts: Any, false_positive_counts: Any, true_negative_counts: Any,
        false_negative_counts: Any, precision: Any, recall: Any, global_step: Any = None, num_thresholds: int = 127,
        weights: Any = None, walltime: float | None = None,
    ) -> None:  # fmt: skip
        """A curve that was computed elsewhere: six rows, with one number for each threshold."""
        curve = pr_curve_raw(
            tag,
            true_positive_counts,
            false_positive_counts,
            true_negative_counts,
            false_negative_counts,
            precision,
            recall,
            num_thresholds,
            weights,
        )
        self._add(curve, global_step, walltime)

    # ------------------------------------------------------------------ layouts of charts
    def add_custom_scalars_multilinechart(
        self, tags: list[str], category: str = "default", title: str = "untitled"
    ) -> None:
        """One chart for several tags."""
        self.add_custom_scalars({category: {title: ("Multiline", tags)}})

    def add_custom_scalars_marginchart(
        self, tags: list[str], category: str = "default", title: str = "untitled"
    ) -> None:
        """A line with a band around it: the tags of value, lower and upper end."""
        if len(tags) != 3:
            raise AssertionError(f"Expected 3 tags, got {len(tags)}.")
        self.add_custom_scalars({category: {title: ("Margin", tags)}})

    def add_custom_scalars(self, layout: Mapping[str, Mapping[str, Any]]) -> None:
        """A whole layout: ``{category: {title: ["Multiline" or "Margin", tags]}}``. Say it once for a run."""
        self._add(custom_scalars(layout))

    # ------------------------------------------------------------------ hyperparameters
    def add_hparams(
        self, hparam_dict: dict[str, Any], metric_dict: dict[str, Any],
        hparam_domain_discrete: dict[str, list] | None = None, run_name: str | None = None, global_step: Any = None,
    ) -> None:  # fmt: skip
        """The hyperparameters of a run and what it reached, to compare runs by.

        Written into a folder of its own below this run's, called ``run_name`` (default: the time). Values are
        numbers, strings, bools, tensors of one element, or None. ``hparam_domain_discrete``: the values to choose from.
        """
        if type(hparam_dict) is not dict or type(metric_dict) is not dict:
            raise TypeError("hparam_dict and metric_dict should be dictionary.")
        summaries = hparams(hparam_dict, metric_dict, hparam_domain_discrete)
        folder = os.path.join(self._get_file_writer().get_logdir(), run_name or str(time.time()))
        with SummaryWriter(log_dir=folder) as writer:
            for summary in summaries:
                writer._add(summary, global_step)
            for name, value in metric_dict.items():
                writer.add_scalar(name, value, global_step)

    # ------------------------------------------------------------------ the end
    def flush(self) -> None:
        """Wait until everything so far is in the files."""
        for writer in (self.all_writers or {}).values():
            writer.flush()

    def close(self) -> None:
        """Flush and end the files. Whatever is added later goes into a new file of the same folder."""
        for writer in (self.all_writers or {}).values():
            writer.flush()
            writer.close()
        self.file_writer = self.all_writers = None

    def __enter__(self) -> SummaryWriter:
        return self

    def __exit__(self, exc_type: Any, exc_val: Any, exc_tb: Any) -> None:
        self.close()


def _default_bins() -> list[float]:
    """Limits from −1e20 to 1e20, each a tenth further from 0 than the one before, beginning at 1e-12."""
    limits, limit = [], 1e-12
    while limit < 1e20:
        limits.append(limit)
        limit *= 1.1
    return [-x for x in reversed(limits)] + [0.0, *limits]
