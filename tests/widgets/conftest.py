"""The widgets need anywidget; without it (an engine-only installation) their tests are skipped."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

pytest.importorskip("anywidget")
sys.path.insert(0, str(Path(__file__).parent))  # for sample_graph
