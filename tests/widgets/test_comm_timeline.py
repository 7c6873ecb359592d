"""The timeline of real collectives: recordings of one or more ranks, on one clock, and what was hidden."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

torch = pytest.importorskip("glasstorch")

import glasstorch.distributed as dist  # noqa: E402
from glasstorch_widgets import CommTimeline, comm_ring, comm_timeline  # noqa: E402
from glasstorch_widgets.explain.comm_timeline import size  # noqa: E402
from support.views import recorded_rank  # noqa: E402


@pytest.fixture
def alone():
    dist.init_process_group("gloo", store=dist.HashStore(), rank=0, world_size=1)
    yield
    dist.destroy_process_group()


def test_a_recording_becomes_a_timeline(alone, tmp_path: Path) -> None:
    model = torch.nn.parallel.DistributedDataParallel(torch.nn.Linear(3, 2))
    with dist.traffic.record() as recording:
        model(torch.ones(4, 3)).sum().backward()
        dist.broadcast(torch.ones(3), 0)
    dist.traffic.save(tmp_path / "traffic.json", recording)
    view = comm_timeline(tmp_path / "traffic.json", lang="en")
    assert isinstance(view, CommTimeline)
    (rank,) = view.timeline["ranks"]
    assert [(e["name"], e["bucket"]) for e in rank["events"]] == [("all_reduce", 0), ("broadcast", None)]
    assert rank["events"][0]["parameters"] == ["bias", "weight"]
    assert [p["name"] for p in rank["phases"]] == ["forward", "backward"]
    assert min(s["start"] for part in ("events", "phases", "waits") for s in rank[part]) == 0
    assert "bucket 0 (bias, weight): 32 B put in, 0 B sent (alone);" in view.text()
    for e in rank["events"]:  # what is drawn in full colour is what the engine calls exposed
        assert sum(part["seconds"] for part in e["stood"]) == pytest.approx(e["exposed"], abs=1e-6)
    for same in (recording, [recording], recording.to_dict(), [recording.to_dict()]):
        assert comm_timeline(same).timeline["ranks"][0]["summary"] == rank["summary"]
    bare = comm_ring(list(recording))  # events alone, as before there were phases
    assert [e["name"] for e in bare.timeline["ranks"][0]["events"]] == ["all_reduce", "broadcast"]
    assert bare.timeline["ranks"][0]["phases"] == []


def test_ranks_share_a_clock() -> None:
    late = recorded_rank(1)
    late["epoch"] += 2.0
    for part in ("events", "phases", "waits"):
        for span in late[part]:
            span["start"] -= 2.0  # its own clock began two seconds after the other one's
    first, second = (comm_timeline([recorded_rank(0), other]) for other in (recorded_rank(1), late))
    for one, two in zip(first.timeline["ranks"], second.timeline["ranks"], strict=True):
        for a, b in zip(one["events"], two["events"], strict=True):
            assert a["start"] == pytest.approx(b["start"], abs=1e-6)
    assert first.seconds == pytest.approx(0.021, abs=1e-6)
    shown = first.timeline["ranks"][0]["events"][1]
    assert [(p["start"], p["seconds"]) for p in shown["stood"]] == [
        (pytest.approx(0.012, abs=1e-6), pytest.approx(0.002, abs=1e-6))
    ]


def test_what_goes_on_at_the_same_time_is_drawn_below_each_other() -> None:
    spans = [(0, 4), (1, 2), (3, 3), (4, 1), (6, 1)]
    events = [{"name": "all_reduce", "start": s, "seconds": t, "nbytes": 8, "waited": 0, "algorithm": ""}
              for s, t in spans]  # fmt: skip
    (rank,) = comm_timeline({"events": events}).timeline["ranks"]
    assert [e["layer"] for e in rank["events"]] == [0, 1, 1, 0, 0]
    assert rank["layers"] == 2
    assert [e["same"] for e in rank["events"]] == ["0 1", "0 2", "0 3", "0 4", "0 5"]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_text_and_picture(lang: str) -> None:
    view = comm_timeline([recorded_rank(0), recorded_rank(1)], title="<step>", lang=lang)
    root = ElementTree.fromstring(view.svg())
    assert not any("style" in element.attrib or "class" in element.attrib for element in root.iter())
    assert "<step>" in view.text()
    assert view.text().count("67 %") == 2
    assert "{" not in view.text()


def test_sizes() -> None:
    assert [size(n) for n in (None, 0, 9999, 10_000, 2**20, 3 * 2**30, 2**50)] == [
        "?", "0 B", "9999 B", "9.8 KiB", "1 MiB", "3 GiB", "1.05e6 GiB"
    ]  # fmt: skip


def test_wrong_arguments_say_what_is_right(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match=r"traffic\.save"):
        comm_timeline([1, 2])
    with pytest.raises(ValueError, match="at most 400"):
        comm_timeline([{"nbytes": 1}] * 500)
    (tmp_path / "other.json").write_text("[1]")
    with pytest.raises(ValueError, match="no recordings"):
        comm_timeline(str(tmp_path / "other.json"))
