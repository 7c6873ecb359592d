"""Event files, event by event, beside those of PyTorch's SummaryWriter for the same calls."""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import glasstorch
import numpy as np
import pytest

pytest.importorskip("tensorboard")
torch = pytest.importorskip("torch")

from glasstorch.utils.tensorboard import SummaryWriter  # noqa: E402
from PIL import Image  # noqa: E402
from tensorboard.backend.event_processing.event_file_loader import LegacyEventFileLoader  # noqa: E402
from torch.utils import tensorboard as reference  # noqa: E402

RNG = np.random.default_rng(0)
GREY, RGB = RNG.random((5, 7), dtype=np.float32), RNG.random((3, 6, 8), dtype=np.float32)
BYTES = RNG.integers(0, 256, (3, 6, 8), dtype=np.uint8)
BATCH = RNG.random((10, 3, 4, 5), dtype=np.float32)
NORMAL = RNG.normal(size=1000).astype(np.float32)
LABELS, SCORES = RNG.integers(0, 2, 50), RNG.random(50, dtype=np.float32)
BOXES = np.array([[0, 0, 4, 4], [1.5, 2, 20, 16]], dtype=np.float32)
SIX_ROWS = [RNG.random(5).tolist() for _ in range(6)]


def events(folder: Path) -> dict[str, list]:
    """Every event below a folder, by the folder it is in; pictures as pixels, times left out."""
    found: dict[str, list] = {}
    for path in sorted(folder.rglob("events.out*")):
        place = found.setdefault(str(path.parent.relative_to(folder)), [])
        for event in LegacyEventFileLoader(str(path)).Load():
            event.ClearField("wall_time")
            pixels = []
            for value in event.summary.value:
                if value.image.encoded_image_string:
                    with Image.open(io.BytesIO(value.image.encoded_image_string)) as picture:
                        pixels.append(np.asarray(picture).tolist())
                    value.image.ClearField("encoded_image_string")
            if event.HasField("source_metadata"):
                event.ClearField("source_metadata")
            place.append((event.SerializeToString(deterministic=True), str(event), pixels))
    return found


def outcome(Writer: Any, T: Any, call: Callable, folder: Path) -> tuple:
    """(what was raised, what was printed, what was written)."""
    raised, printed = None, io.StringIO()
    with warnings.catch_warnings(), contextlib.redirect_stdout(printed):
        warnings.simplefilter("ignore")
        with Writer(folder) as writer:
            try:
                call(writer, T)
            except Exception as error:
                raised = type(error)
    return raised, printed.getvalue(), events(folder)


def scalars(w, T):
    for k, value in enumerate(
        [
            1,
            2.5,
            True,
            np.float16(0.1),
            np.float64(0.1),
            np.array([[3]]),
            "4.5",
            float("nan"),
            float("inf"),
            -0.0,
        ]
    ):
        w.add_scalar("numbers/python", value, k)
    for dtype in ("float16", "bfloat16", "float32", "float64", "int64", "int8", "uint8", "bool"):
        w.add_scalar("tensors/" + dtype, T.tensor([1.1]).to(getattr(T, dtype)), 3)
    w.add_scalar("grad", T.tensor(0.1, requires_grad=True) * 3, np.int64(7), walltime=1.5)
    w.add_scalar("new", 0.1, 1, new_style=True)
    w.add_scalar("new64", T.tensor(0.1, dtype=T.float64), T.tensor(2), new_style=True, double_precision=True)
    w.add_scalar("no step", 1.0)
    w.add_scalar("negative step", 1.0, -3)
    w.add_scalar("fraction of a step", 1.0, 2.9)


def several_scalars(w, T):
    w.add_scalars("loss/both", {"train": 1.0, "test": T.tensor(2.0)}, 1)
    w.add_scalars("loss/both", {"train": 0.5, "test": 1.5}, 2, walltime=3.0)


def tensors(w, T):
    for dtype in (
        "float16",
        "bfloat16",
        "float32",
        "float64",
        "int64",
        "int32",
        "int16",
        "int8",
        "uint8",
        "bool",
    ):
        w.add_tensor(dtype, T.tensor([[0, 1, 3], [2, 5, 7]]).to(getattr(T, dtype)), 1)
    for dtype in (T.complex64, T.complex128):
        w.add_tensor("complex", T.tensor([1 + 2j, -3j], dtype=dtype))
    w.add_tensor("number", T.tensor(3.5))
    w.add_tensor("empty", T.zeros(0, 3))
    w.add_tensor("not finite", T.tensor([float("nan"), float("inf")]))


def histograms(w, T):
    for given in (
        NORMAL,
        T.tensor(NORMAL),
        T.tensor(NORMAL).half(),
        T.arange(10),
        np.arange(5),
        T.tensor([True, False]),
    ):
        w.add_histogram("default", given, 1)
    w.add_histogram("one value", 3.0)
    w.add_histogram("zeros", T.zeros(4))
    w.add_histogram("some not finite", T.tensor([1.0, float("nan"), float("inf"), -2.0]))
    w.add_histogram("matrix", T.tensor(NORMAL).reshape(10, 100).T)
    for bins in (10, "auto", "fd", [-1.0, 0.0, 0.5, 2.0], np.linspace(-3, 3, 50)):
        w.add_histogram("bins", NORMAL, 2, bins=bins)
    for most in (1, 3, 7, 64, 2000):
        w.add_histogram("most bins", NORMAL, 3, max_bins=most)
    w.add_histogram("most of 50", NORMAL, 4, bins=50, max_bins=7)
    w.add_histogram_raw("raw", 0, 3.0, 6, 9, 14.5, [1, 2, 3], [1, 2, 3], 5)


def pictures(w, T):
    w.add_image("chw", T.tensor(RGB), 1)
    w.add_image("grey", T.tensor(GREY), 1, dataformats="HW")
    w.add_image("wh", GREY, 1, dataformats="wh")
    w.add_image("one channel", GREY[None])
    w.add_image("hwc", RGB.transpose(1, 2, 0), dataformats="HWC")
    w.add_image("four channels", RNG.random((4, 3, 3)) * 0 + 0.5)
    w.add_image("two channels", RGB[:2])
    w.add_image("bytes", T.tensor(BYTES))
    w.add_image("out of range", RGB * 4 - 2)
    w.add_image("half", T.tensor(RGB).half())
    w.add_image("bool", T.tensor(RGB) > 0.5)
    w.add_image("int64", T.tensor(BYTES.astype(np.int64)))
    w.add_images("batch", T.tensor(BATCH), 2)
    w.add_images("batch hwc", BATCH.transpose(0, 2, 3, 1), 2, dataformats="NHWC")
    w.add_images("grey batch", T.tensor(BATCH[:, :1]), 2)
    w.add_images("bytes batch", (BATCH[:3] * 255).astype(np.uint8))
    w.add_image("a batch in add_image", BATCH, dataformats="NCHW")
    w.add_image_with_boxes("boxes", T.tensor(RGB).repeat(1, 4, 4), T.tensor(BOXES), 1, labels=["a", "bg"])
    w.add_image_with_boxes("other", BYTES.repeat(4, 1).repeat(4, 2), BOXES, rescale=2.5, labels="too few")
    w.add_image_with_boxes("one", BYTES.repeat(4, 1).repeat(4, 2), BOXES[:1].astype(int), labels="one")


def sound_and_text(w, T):
    wave = np.sin(np.arange(200) / 5).astype(np.float32)
    w.add_audio("mono", T.tensor(wave), 1)
    w.add_audio("row", wave[None], 1, sample_rate=8000)
    w.add_audio("loud", T.tensor(wave * 3, dtype=T.float64))
    w.add_audio("half", T.tensor(wave).half())
    w.add_text("words", "# title\n**Grüße** 你好", 2)
    w.add_text("nothing", "")


def curves(w, T):
    w.add_pr_curve("arrays", LABELS, SCORES, 1)
    w.add_pr_curve("tensors", T.tensor(LABELS), T.tensor(SCORES), 1, num_thresholds=11)
    w.add_pr_curve("bools", T.tensor(LABELS) > 0, T.tensor(SCORES, dtype=T.float64), num_thresholds=500)
    w.add_pr_curve("weights", LABELS, SCORES, weights=np.linspace(0, 2, 50))
    w.add_pr_curve("no positives", LABELS * 0, SCORES, num_thresholds=5)
    w.add_pr_curve_raw("raw", *SIX_ROWS, 3, num_thresholds=5)
    w.add_pr_curve_raw("raw arrays", *map(np.array, SIX_ROWS), num_thresholds=300)


def layouts(w, T):
    w.add_custom_scalars_multilinechart(["a", "b"])
    w.add_custom_scalars_marginchart(["a", "low", "high"], category="c", title="t")
    w.add_custom_scalars(
        {"x": {"one": ["Multiline", ["a", "b"]], "two": ["Margin", ["a", "b", "c"]]}, "y": {}}
    )


def meshes(w, T):
    points, faces = RNG.random((1, 4, 3), dtype=np.float32) * 0 + 0.25, [[[0, 1, 2], [1, 2, 3]]]
    w.add_mesh("points", T.tensor(points), global_step=1)
    w.add_mesh("all", points, T.tensor(points * 255).to(T.uint8), T.tensor(faces), {"b": 1, "a": {"c": 2}}, 2)


def hyperparameters(w, T):
    w.add_hparams(
        {
            "lr": 0.1,
            "batch": 4,
            "bool": True,
            "name": "x",
            "none": None,
            "tensor": T.tensor([0.5]),
            "np": np.float64(2),
        },
        {"acc": 1.0, "loss": T.tensor(2.0)},
        {"lr": [0.1, 0.2], "name": ["x", "y"], "bool": [True, False]},
        run_name="first",
        global_step=3,
    )
    w.add_hparams({}, {}, run_name="empty")


CALLS = [
    scalars,
    several_scalars,
    tensors,
    histograms,
    pictures,
    sound_and_text,
    curves,
    layouts,
    meshes,
    hyperparameters,
]


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.__name__)
def test_every_event_is_as_pytorchs(call: Callable, tmp_path: Path) -> None:
    ours = outcome(SummaryWriter, glasstorch, call, tmp_path / "ours")
    theirs = outcome(reference.SummaryWriter, torch, call, tmp_path / "theirs")
    assert ours[:2] == theirs[:2]
    assert ours[0] is None
    assert ours[2].keys() == theirs[2].keys()
    for place in theirs[2]:
        assert len(ours[2][place]) == len(theirs[2][place])
        for mine, other in zip(ours[2][place], theirs[2][place], strict=True):
            if mine[0] != other[0]:
                assert mine[1] == other[1]  # the bytes may have their fields in another order
            assert mine[2] == other[2]
    assert sum(map(len, theirs[2].values())) > 2


REFUSED: dict[str, Callable] = {
    "two numbers": lambda w, T: w.add_scalar("a", T.ones(2)),
    "no number": lambda w, T: w.add_scalar("a", T.ones(0)),
    "a word": lambda w, T: w.add_scalar("a", "word"),
    "None": lambda w, T: w.add_scalar("a", None),
    "a list": lambda w, T: w.add_scalar("a", [1.0]),
    "complex": lambda w, T: w.add_scalar("a", T.tensor(1j)),
    "step is a word": lambda w, T: w.add_scalar("a", 1.0, "word"),
    "tag is no string": lambda w, T: w.add_scalar(3, 1.0),
    "no histogram": lambda w, T: w.add_histogram("a", T.ones(0)),
    "nothing finite": lambda w, T: w.add_histogram("a", T.tensor([float("nan"), float("inf")])),
    "bins that fit nothing": lambda w, T: w.add_histogram("a", T.ones(3), bins=[5.0, 6.0, 7.0]),
    "nan with automatic bins": lambda w, T: w.add_histogram("a", T.tensor([float("nan")]), bins="auto"),
    "raw of two lengths": lambda w, T: w.add_histogram_raw("a", 0, 1, 2, 1, 1, [1, 2], [1]),
    "unknown bins": lambda w, T: w.add_histogram("a", T.ones(3), bins="none such"),
    "three axes, two letters": lambda w, T: w.add_image("a", RGB, dataformats="HW"),
    "a letter twice": lambda w, T: w.add_image("a", RGB, dataformats="CCW"),
    "five channels in a batch": lambda w, T: w.add_images("a", np.zeros((1, 5, 2, 2))),
    "an empty picture": lambda w, T: w.add_image("a", np.zeros((3, 0, 4))),
    "an empty batch": lambda w, T: w.add_images("a", np.zeros((0, 3, 4, 4))),
    "stereo": lambda w, T: w.add_audio("a", np.zeros((2, 10))),
    "silence": lambda w, T: w.add_audio("a", np.zeros(0)),
    "text is a number": lambda w, T: w.add_text("a", 3),
    "margin of two": lambda w, T: w.add_custom_scalars_marginchart(["a", "b"]),
    "layout with a margin of two": lambda w, T: w.add_custom_scalars({"c": {"t": ["Margin", ["a"]]}}),
    "hparams is a list": lambda w, T: w.add_hparams([1], {}),
    "a list as a hyperparameter": lambda w, T: w.add_hparams({"a": [1]}, {}),
    "an unknown domain": lambda w, T: w.add_hparams({"a": 1}, {}, {"b": [1]}),
    "a domain of another type": lambda w, T: w.add_hparams({"a": 1}, {}, {"a": ["x"]}),
    "a domain that is no list": lambda w, T: w.add_hparams({"a": 1}, {}, {"a": (1,)}),
    "domains that are no dictionary": lambda w, T: w.add_hparams({"a": 1}, {}, [1]),
    "flat mesh": lambda w, T: w.add_mesh("a", T.ones(3, 3)),
    "tensor is an array": lambda w, T: w.add_tensor("a", np.ones(3)),
    "curve with text": lambda w, T: w.add_pr_curve("a", "x", [1]),
    "flat embedding": lambda w, T: w.add_embedding(T.ones(3)),
    "too few labels": lambda w, T: w.add_embedding(T.ones(3, 2), ["a"]),
    "too few pictures": lambda w, T: w.add_embedding(T.ones(3, 2), label_img=T.ones(2, 3, 4, 4)),
    "header of another width": lambda w, T: w.add_embedding(
        T.ones(1, 2), [["a", "b"]], metadata_header=["h"]
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_pytorch_refuses(name: str, tmp_path: Path) -> None:
    ours = outcome(SummaryWriter, glasstorch, REFUSED[name], tmp_path / "ours")
    theirs = outcome(reference.SummaryWriter, torch, REFUSED[name], tmp_path / "theirs")
    assert theirs[0] is not None
    assert ours[0] is theirs[0]
    assert [e[1] for e in ours[2]["."]] == [e[1] for e in theirs[2]["."]]  # and nothing is written


def test_a_run_that_goes_on_hides_what_came_later(tmp_path: Path) -> None:
    for name, Writer in (("ours", SummaryWriter), ("theirs", reference.SummaryWriter)):
        with Writer(tmp_path / name, purge_step=5, filename_suffix=".again") as writer:
            writer.add_scalar("a", 1.0, 5)
        (path,) = (tmp_path / name).iterdir()
        assert path.name.endswith(".again")
    assert events(tmp_path / "ours") == events(tmp_path / "theirs")


def embedding_files(Writer: Any, T: Any, folder: Path) -> dict[str, Any]:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), Writer(folder) as w:
        points = T.tensor(BATCH[:, 0, :, 0])
        w.add_embedding(points)
        w.add_embedding(points.half(), metadata=list("abcdefghij"), global_step=2, tag="a/b%\\c")
        w.add_embedding(
            (points * 10).int().numpy(),
            metadata=[["x", k] for k in range(10)],
            metadata_header=["name", "number"],
            label_img=T.tensor(BATCH),
            global_step=12,
            tag="pictures",
        )
        w.add_embedding(points[:5], label_img=T.tensor(BATCH[:5, :1]), global_step=2, tag="a/b%\\c")
    files: dict[str, Any] = {"printed": printed.getvalue()}
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".png":
            with Image.open(path) as sprite:
                files[str(path.relative_to(folder))] = np.asarray(sprite).tolist()
        elif path.is_file() and "events.out" not in path.name:
            files[str(path.relative_to(folder))] = path.read_bytes()
    return files


def test_embedding_files_are_as_pytorchs(tmp_path: Path) -> None:
    ours = embedding_files(SummaryWriter, glasstorch, tmp_path / "ours")
    theirs = embedding_files(reference.SummaryWriter, torch, tmp_path / "theirs")
    assert ours == theirs
    assert {
        "projector_config.pbtxt",
        "00012/pictures/sprite.png",
        "00002/a%2fb%25%5cc/metadata.tsv",
    } <= ours.keys()
    (tmp_path / "ours" / "00007").write_text("a file")
    with SummaryWriter(tmp_path / "ours") as w, pytest.raises(NotADirectoryError):
        w.add_embedding(glasstorch.ones(1, 2), global_step=7, tag="../00007")


def test_figures_are_as_pytorchs(tmp_path: Path) -> None:
    pyplot = pytest.importorskip("matplotlib.pyplot")

    def figure():
        fig, axes = pyplot.subplots(figsize=(2, 1.5), dpi=50)
        axes.plot([1, 3, 2])
        return fig

    def call(w, T):
        w.add_figure("one", figure(), 1)
        w.add_figure("two", [figure(), figure()], 2)
        assert not pyplot.get_fignums()
        kept = figure()
        w.add_figure("kept", kept, close=False)
        assert pyplot.get_fignums() == [kept.number]
        pyplot.close(kept)

    backend = pyplot.get_backend()
    pyplot.switch_backend("agg")
    try:
        ours = outcome(SummaryWriter, glasstorch, call, tmp_path / "ours")
        theirs = outcome(reference.SummaryWriter, torch, call, tmp_path / "theirs")
    finally:
        pyplot.switch_backend(backend)
    assert ours[0] is None
    assert [e[1:] for e in ours[2]["."]] == [e[1:] for e in theirs[2]["."]]
