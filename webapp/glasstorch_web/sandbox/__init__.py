"""Run untrusted learner code in a box that computes and does nothing else.

`process.Sandbox` starts boxes, `box.Box` is how a check talks to one, `selftest.measure` attacks a box
to find out what isolation is really in force. The modules `zygote`, `preloaded`, `keeper`, `edition_zygotes`,
`edition`, `engine_map`, `boxed`, `isolation`, `entry`, `readable`, `tensors`, `graphs`, `failures` and `kernel` run on
the other side and import nothing of the checker.
"""

from __future__ import annotations

from typing import Any


def isolation_report() -> dict[str, Any]:
    """Measure what isolation a box has on this machine: see `selftest.measure`."""
    from glasstorch_web.sandbox.process import Sandbox
    from glasstorch_web.sandbox.selftest import measure

    with Sandbox() as sandbox:
        return measure(sandbox)
