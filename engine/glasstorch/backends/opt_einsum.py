"""The package opt_einsum, which finds a good order for ``einsum``. Glasstorch goes from left to right without it.

Source: https://pytorch.org/docs/stable/backends.html#torch-backends-opt-einsum
"""

from __future__ import annotations

from .switches import Inside, attach, changed, held

attach(__name__, enabled=held(False), strategy=held(None))


def is_available() -> bool:
    """Is it in use? Never here."""
    return False


def get_opt_einsum() -> None:
    """The package: None, it is not in use."""
    return None


def set_flags(_enabled: bool | None = None, _strategy: str | None = None) -> tuple:
    """Set the switches. ValueError where the package would have to be there."""
    if _enabled or _strategy is not None:
        raise ValueError(
            "opt_einsum is not available, so setting `enabled` to True will not reap the benefits of calculating an "
            "optimal path for einsum. torch.einsum will fall back to contracting from left to right."
        )
    return changed(__name__, enabled=_enabled, strategy=_strategy)


def flags(enabled: bool | None = None, strategy: str | None = None) -> Inside:
    """Other switches inside a ``with`` block."""
    return Inside(set_flags, {"enabled": enabled, "strategy": strategy})
