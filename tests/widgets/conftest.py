"""The widgets need anywidget; without it (an engine-only installation) their tests are skipped."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("anywidget")
sys.path.insert(0, str(Path(__file__).parent))  # for sample_graph


@pytest.fixture
def own_state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A learner's folders of their own, no service known, and a courier that does not wait long; the state folder."""
    from glasstorch_widgets.grading import courier

    monkeypatch.setenv("GLASSTORCH_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    for name in ("GLASSTORCH_GRADER_URL", "GLASSTORCH_TOKEN", "JPY_PARENT_PID"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(courier, "FIRST_PAUSE", 0.05)
    monkeypatch.setattr(courier, "LONGEST_PAUSE", 0.2)
    monkeypatch.setattr(courier, "_couriers", {})
    yield tmp_path / "state"
    for one in courier._couriers.values():
        one.stop()
