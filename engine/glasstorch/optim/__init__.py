"""Optimizers: what changes parameters by their gradients; and schedules of the learning rate."""

from __future__ import annotations

from .adam import Adam, AdamW
from .optimizer import Optimizer, register_optimizer_step_post_hook, register_optimizer_step_pre_hook
from .sgd import SGD

__all__ = ["Adam", "AdamW", "Optimizer", "SGD", "register_optimizer_step_post_hook", "register_optimizer_step_pre_hook"]
