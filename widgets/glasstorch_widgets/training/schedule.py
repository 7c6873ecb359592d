"""The learning rates to come: a scheduler's copy runs ahead on an optimizer without weights."""

from __future__ import annotations

import copy
import math
import warnings
from typing import Any

import glasstorch
from glasstorch.optim import SGD
from glasstorch.optim.lr_scheduler import ReduceLROnPlateau

MOST_GROUPS = 4
MOST_AHEAD = 2000  # scheduler steps


def rates_of(optimizer: Any) -> dict[str, float]:
    """The learning rate of each parameter group (of the first few), by the name of its series."""
    groups = [group for group in optimizer.param_groups if "lr" in group][:MOST_GROUPS]
    if len(groups) == 1:
        return {"lr": float(groups[0]["lr"])}
    return {f"group {k} lr": float(group["lr"]) for k, group in enumerate(groups)}


def epoch_of(scheduler: Any) -> int:
    """How often a scheduler was stepped. A chain of schedulers has no count of its own."""
    inner = getattr(scheduler, "_schedulers", None) or [scheduler]
    return int(getattr(scheduler, "last_epoch", getattr(inner[0], "last_epoch", 0)))


def steps_ahead(scheduler: Any) -> int:
    """How far it is worth looking: to the end of the schedule where it names one, else as far again as it came."""
    done = epoch_of(scheduler)
    for name in ("total_steps", "T_max", "total_iters"):
        end = getattr(scheduler, name, None)
        if isinstance(end, int) and end > 0:
            # Some schedules turn round or stay at their end; show a little of it.
            return min(max(end - done + (-1 if name == "total_steps" else max(2, end // 10)), 0), MOST_AHEAD)
    milestones = [*getattr(scheduler, "milestones", ()), *getattr(scheduler, "_milestones", ())]
    far = max(milestones, default=0)
    return min(max(far - done + max(5, far // 5), done, 30), MOST_AHEAD)


def rates_ahead(scheduler: Any, steps: int) -> dict[str, list[float]] | None:
    """The learning rates after each of the next `steps` scheduler steps, now first; nothing real changes.

    None where the rates depend on what is not known yet (ReduceLROnPlateau), or the copy fails.
    """
    if _waits_for_results(scheduler):
        return None
    real = scheduler.optimizer
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that the stand-in's step() was never called
        try:
            stand_in = SGD([{"params": [glasstorch.Tensor(1)]} for _ in real.param_groups], lr=0.0)
            for group, own in zip(real.param_groups, stand_in.param_groups):
                own.update(copy.deepcopy({k: v for k, v in group.items() if not k.startswith("param")}))
            # The memo puts the stand-in wherever the scheduler, or one inside it, refers to the optimizer.
            ahead = copy.deepcopy(scheduler, {id(real): stand_in})
            rates = {name: [value] for name, value in rates_of(stand_in).items()}
            for _ in range(steps):
                ahead.step()
                for name, value in rates_of(stand_in).items():
                    rates[name].append(value if math.isfinite(value) else math.nan)
        except Exception:  # a scheduler of one's own may do anything; its plan is only not shown
            return None
    return rates


def _waits_for_results(scheduler: Any) -> bool:
    inner = getattr(scheduler, "_schedulers", ())
    return isinstance(scheduler, ReduceLROnPlateau) or any(map(_waits_for_results, inner))
