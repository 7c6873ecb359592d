"""What TensorBoard's own reader finds; a run that is killed; the default folder; the program's import of torch."""

from __future__ import annotations

import importlib
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import glasstorch
import numpy as np
import pytest

pytest.importorskip("tensorboard")

from glasstorch.utils.tensorboard import FileWriter, RecordWriter, SummaryWriter
from tensorboard.backend.event_processing import event_accumulator
from tensorboard.backend.event_processing.plugin_event_multiplexer import EventMultiplexer
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.plugins.projector import projector_plugin
from tensorboard.util import tensor_util


def read(folder: Path) -> event_accumulator.EventAccumulator:
    everything = dict.fromkeys(event_accumulator.DEFAULT_SIZE_GUIDANCE, 0)
    return event_accumulator.EventAccumulator(str(folder), size_guidance=everything).Reload()


def test_a_run_as_its_reader_sees_it(tmp_path: Path) -> None:
    values = glasstorch.arange(100.0)
    with SummaryWriter(tmp_path / "run", max_queue=1) as writer:
        for step in range(20):
            writer.add_scalar("loss", 1 / (step + 1), step, walltime=100.0 + step)
            writer.add_scalar("exact", 1 / 3, step, new_style=True, double_precision=True)
        writer.add_scalars("both", {"train": 1, "test": 2}, 0)
        writer.add_histogram("weights", values, 3)
        writer.add_image("picture", glasstorch.ones(3, 4, 5), 1)
        writer.add_audio("sound", glasstorch.zeros(16), 1, sample_rate=8000)
        writer.add_text("words", "**bold**", 1)
        writer.add_tensor("tensor", glasstorch.tensor([[1, 2]]), 1)
        writer.add_pr_curve("curve", glasstorch.tensor([0, 1]), glasstorch.tensor([0.2, 0.9]), 1)
        writer.add_hparams({"lr": 0.1}, {"reached": 0.9}, run_name="trial")
    reader = read(tmp_path / "run")
    assert [(e.step, e.wall_time) for e in reader.Scalars("loss")] == [(k, 100.0 + k) for k in range(20)]
    assert reader.Scalars("loss")[2].value == np.float32(1 / 3)
    assert tensor_util.make_ndarray(reader.Tensors("exact")[0].tensor_proto) == 1 / 3
    (counted,) = reader.Histograms("weights")
    histogram = counted.histogram_value
    assert (histogram.min, histogram.max, histogram.num, histogram.sum) == (0, 99, 100, 4950)
    assert sum(histogram.bucket) == 100
    assert (reader.Images("picture")[0].width, reader.Images("picture")[0].height) == (5, 4)
    assert reader.Audio("sound")[0].length_frames == 16
    assert reader.Tensors("words/text_summary")[0].tensor_proto.string_val == [b"**bold**"]
    np.testing.assert_array_equal(
        tensor_util.make_ndarray(reader.Tensors("tensor")[0].tensor_proto), [[1, 2]]
    )
    assert tensor_util.make_ndarray(reader.Tensors("curve")[0].tensor_proto).shape == (6, 127)
    for name, plugin in {"words/text_summary": "text", "curve": "pr_curves", "tensor": "tensor"}.items():
        assert reader.SummaryMetadata(name).plugin_data.plugin_name == plugin

    runs = EventMultiplexer().AddRunsFromDirectory(str(tmp_path)).Reload()
    assert set(runs.Runs()) == {"run", "run/both_train", "run/both_test", "run/trial"}
    assert set(runs.PluginRunToTagToContent("hparams")["run/trial"]) == {
        "_hparams_/experiment", "_hparams_/session_start_info", "_hparams_/session_end_info",
    }  # fmt: skip


KILLED = """
import numpy, os, signal, sys
from glasstorch.utils.tensorboard import SummaryWriter
writer = SummaryWriter(sys.argv[1], flush_secs=3600)
for step in range(200):
    writer.add_scalar("loss", step, step)
writer.add_histogram("last", numpy.arange(1000.0), 200)
writer.flush()
for step in range(200, 205):
    writer.add_scalar("loss", step, step)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_was_flushed_outlives_the_process(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], timeout=120)
    assert done.returncode == -signal.SIGKILL
    steps = [event.step for event in read(tmp_path).Scalars("loss")]
    assert steps[:200] == list(range(200))
    assert len(read(tmp_path).Histograms("last")) == 1
    (path,) = tmp_path.glob("events*")
    whole = path.read_bytes()
    path.write_bytes(whole[:-7])  # broken off in the middle of a record
    assert [event.step for event in read(tmp_path).Scalars("loss")][:199] == list(range(199))

    path.rename(
        tmp_path / "events.out.tfevents.1.earlier"
    )  # files are read in the order of the seconds in their names
    with SummaryWriter(tmp_path, purge_step=150) as writer:  # and the run goes on
        writer.add_scalar("loss", -1.0, 150)
    assert [e.step for e in read(tmp_path).Scalars("loss")] == list(range(151))
    assert read(tmp_path).Scalars("loss")[-1].value == -1


def test_an_embedding_as_the_projector_reads_it(tmp_path: Path) -> None:
    with SummaryWriter(tmp_path) as writer:
        writer.add_embedding(
            glasstorch.arange(6.0).reshape(3, 2), ["a", "b", "c"], glasstorch.ones(3, 3, 4, 4), 5, "t"
        )
    from google.protobuf import text_format
    from tensorboard.plugins.projector.projector_config_pb2 import ProjectorConfig

    config = text_format.Parse((tmp_path / "projector_config.pbtxt").read_text(), ProjectorConfig())
    (info,) = config.embeddings
    points = projector_plugin._read_tensor_tsv_file(str(tmp_path / info.tensor_path))
    np.testing.assert_array_equal(points, [[0, 1], [2, 3], [4, 5]])
    assert (tmp_path / info.metadata_path).read_text() == "a\nb\nc\n"
    assert list(info.sprite.single_image_dim) == [4, 4]
    assert info.tensor_name == "t:00005"


def test_folders_by_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    SummaryWriter(comment="_lr_0.1").close()
    (made,) = Path("runs").iterdir()
    assert re.fullmatch(
        r"[A-Z][a-z]{2}\d\d_\d\d-\d\d-\d\d_" + re.escape(socket.gethostname()) + "_lr_0.1", made.name
    )
    assert SummaryWriter(tmp_path / "given", comment="unused").get_logdir() == tmp_path / "given"


def test_closing_opens_a_new_file_when_more_comes(tmp_path: Path) -> None:
    writer = SummaryWriter(tmp_path, filename_suffix=".one")
    writer.add_scalar("a", 1.0, 1)
    writer.close()
    writer.close()
    writer.flush()
    assert writer.file_writer is None
    writer.filename_suffix = ".two"
    writer.add_scalar("a", 2.0, 2)
    writer.close()
    assert sorted(p.suffix for p in tmp_path.iterdir()) == [".one", ".two"]
    assert {e.step for p in tmp_path.iterdir() for e in read(p).Scalars("a")} == {1, 2}

    low = FileWriter(tmp_path / "low")
    low.close()
    low.reopen()
    low.add_event(Event(file_version="again"), step=3)
    low.close()
    assert len(list((tmp_path / "low").iterdir())) == 2
    assert RecordWriter.__module__.startswith("tensorboard")


def test_videos_need_moviepy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "moviepy", None)
    with SummaryWriter(tmp_path) as writer:
        writer.add_video("clip", glasstorch.zeros(3, 2, 3, 4, 4))
    assert "add_video needs package moviepy" in capsys.readouterr().out
    monkeypatch.setitem(sys.modules, "onnx", None)
    with SummaryWriter(tmp_path) as writer, pytest.raises(ImportError, match="pip install onnx"):
        writer.add_onnx_graph("model.onnx")


def test_frames_lie_side_by_side_as_pytorchs() -> None:
    pytest.importorskip("torch")
    from glasstorch.utils.tensorboard._utils import video_frames
    from torch.utils.tensorboard._utils import _prepare_video

    rng = np.random.default_rng(0)
    for count in (1, 2, 3, 4, 5, 16):
        clips = rng.random((count, 2, 3, 4, 5), dtype=np.float32)
        np.testing.assert_array_equal(video_frames(clips), _prepare_video(clips))
        bytes_ = (clips * 255).astype(np.uint8)
        np.testing.assert_array_equal(video_frames(bytes_), _prepare_video(bytes_))


def test_without_the_package_the_import_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    import glasstorch.utils

    for name in [n for n in sys.modules if n.startswith("glasstorch.utils.tensorboard")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    monkeypatch.delattr(glasstorch.utils, "tensorboard", raising=False)
    with pytest.raises(ImportError, match="pip install tensorboard"):
        importlib.import_module("glasstorch.utils.tensorboard")


SCRIPT = """
import sys, torch
from torch.utils.tensorboard import SummaryWriter
from torch.utils.tensorboard.summary import hparams
import torch.utils.tensorboard as tb
with SummaryWriter("runs/experiment_1") as writer:
    writer.add_scalar("Loss/train", torch.tensor(0.5), 1)
    writer.add_graph(torch.nn.Linear(2, 1), torch.ones(1, 2))
print(tb.__name__, "matplotlib" in sys.modules, "tensorflow" in sys.modules)
"""


def test_a_pytorch_program_finds_it(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(SCRIPT)
    done = subprocess.run(
        [sys.executable, "-m", "glasstorch.cli", "run", "program.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stdout == "glasstorch.utils.tensorboard False False\n", done.stderr
    reader = read(tmp_path / "runs" / "experiment_1")
    assert reader.Scalars("Loss/train")[0].value == 0.5
    assert {n.name for n in reader.Graph().node} >= {"input/input", "Linear/linear", "Linear/weight"}


def test_steps_and_times_from_other_libraries(tmp_path: Path) -> None:
    with SummaryWriter(tmp_path) as writer:
        steps: list[Any] = [np.int64(1), np.float32(2), glasstorch.tensor(3), True + 3]
        for step in steps:
            writer.add_scalar("a", 0.0, step, walltime=np.float64(9))
    assert [(e.step, e.wall_time) for e in read(tmp_path).Scalars("a")] == [(k, 9) for k in (1, 2, 3, 4)]
