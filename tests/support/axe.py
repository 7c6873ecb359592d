"""What axe finds wrong with the accessibility of a part of a page."""

from __future__ import annotations

from typing import Any

import pytest


def violations(page: Any, part: str) -> list[str]:
    """The rules that the elements under the selector `part` break, with some of each; skips without axe."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    found = axe.Axe().run(page, context=part).response["violations"]
    return [f"{one['id']}: {[n['html'][:200] for n in one['nodes']]}" for one in found]
