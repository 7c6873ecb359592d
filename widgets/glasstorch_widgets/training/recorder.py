"""Measures a training that it does not own: from hooks on backward and on the optimizer's step alone.

The hooks are the process-wide ones, so that the model and the optimizer stay as they are: copying, pickling and
saving them is as without. Neither is kept alive.
"""

from __future__ import annotations

import logging
import math
import threading
import time
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
from glasstorch.autograd.graph import register_backward_start_hook
from glasstorch.optim.optimizer import (
    register_optimizer_step_post_hook,
    register_optimizer_step_pre_hook,
)

from . import measure
from .allowance import Allowance
from .diagnosis import notes_of
from .graph_walk import Walked, kept_bytes, walk
from .history import Frame, History
from .layers import Layer, layers_of
from .memory import Memory, bytes_of

log = logging.getLogger(__name__)

WINDOW = 5  # measured steps; a unit that was zero in all of them counts as dead
MOST_OUTPUTS = 4  # of one layer in one step; a layer of a recurrent network has one for each time step
MEMORY_EVERY = 40  # measured steps


class Recorder:
    """The measuring side of `watch`.

    Args:
        model, optimizer: what to watch; without an optimizer, whichever steps a parameter of the model.
        every: measure each such step; None measures as often as its share of the time allows (`allowance.SHARE`).
        on_step: called after each step of the loop with True if it was measured.
        on_error: called with what went wrong while measuring; the loop itself goes on.
    """

    def __init__(
        self,
        model: Any,
        optimizer: Any,
        every: int | None,
        on_step: Callable[[bool], None],
        on_error: Callable[[Exception], None],
    ) -> None:
        self.history = History()
        self.allowance = Allowance()
        self.memory: Memory | None = None
        self.step = 0
        self.loss: float | None = None  # of the step that ended last
        self.first_bad: dict[int, int] = {}  # layer -> step
        self._every, self._on_step, self._on_error = every, on_step, on_error
        self._model = weakref.ref(model, lambda _: self.stop())
        self._optimizer = None if optimizer is None else weakref.ref(optimizer, lambda _: self.stop())
        self._stepped = self._optimizer
        self._losses: dict[int, Any] = {}  # by thread, since its last step
        self._outputs: dict[int, dict[str, Any]] = {}
        self._idle: dict[int, np.ndarray] = {}
        self._before: dict[int, np.ndarray] = {}
        self._kept: list[tuple[int, int]] | None = None
        self._seconds = 0.0
        self._due = True
        self._by_hand = False  # does the loop say itself when a step is over?
        self._measure_anyway = False
        self._layers: list[Layer] = []
        self._places: list[int] = []
        self._layer_of: dict[int, int] = {}
        self._look_at_model(model)
        self._handles = [
            register_backward_start_hook(self._backward_starts),
            register_optimizer_step_pre_hook(self._step_starts),
            register_optimizer_step_post_hook(self._step_ends),
        ]

    def stop(self) -> None:
        """Take the hooks away; what was measured stays."""
        for handle in self._handles:
            handle.remove()
        self._handles = []

    @property
    def watching(self) -> bool:
        """Are the hooks in place?"""
        return bool(self._handles)

    def optimizer(self) -> Any:
        """The optimizer that is watched (or that stepped last, if any may); None if it is gone, or none yet."""
        return None if self._stepped is None else self._stepped()

    # ---- hooks ----

    def _backward_starts(self, roots: tuple) -> None:
        try:
            root = roots[0]
            if len(roots) != 1 or not hasattr(root, "grad_fn") or root.numel() != 1:
                return
            loss = root.detach()
            if loss.device.type == "cpu":
                loss = loss.item()
                if not math.isfinite(loss) and self.loss is not None and math.isfinite(self.loss):
                    self._measure_anyway = True  # the first step with a broken loss is worth its time
            self._losses[threading.get_ident()] = loss
            if (self._due or self._measure_anyway) and root.grad_fn is not None:
                began = time.perf_counter()
                with np.errstate(all="ignore"):  # broken numbers are looked for, not warned about
                    self._walk(root.grad_fn)
                if self._by_hand:
                    self._keep_weights()
                self._seconds += time.perf_counter() - began
        except Exception as error:
            self._failed(error)

    def _step_starts(self, optimizer: Any, args: tuple, kwargs: dict) -> None:
        if not self._is_ours(optimizer):
            return
        try:
            if self._due or self._measure_anyway:
                began = time.perf_counter()
                self._keep_weights()
                self._seconds += time.perf_counter() - began
        except Exception as error:
            self._failed(error)

    def _step_ends(self, optimizer: Any, args: tuple, kwargs: dict) -> None:
        if not self._is_ours(optimizer):
            return
        if self._optimizer is None and self.optimizer() is not optimizer:
            self._stepped = weakref.ref(optimizer)
        self._step_is_over(optimizer)

    def step_by_hand(self) -> None:
        """A step without an optimizer is over: the weights are changed, the gradients still there."""
        self._by_hand = True
        if self._handles:
            self._step_is_over(None)

    def _step_is_over(self, optimizer: Any) -> None:
        self.step += 1
        try:
            loss = self._losses.pop(threading.get_ident(), None)
            measured = (self._due or self._measure_anyway) and bool(self._before)
            if isinstance(loss, float) or (loss is not None and measured):
                self.loss = float(loss)
            else:
                self.loss = None
            if measured:
                began = time.perf_counter()
                with np.errstate(all="ignore"):
                    self._measure(optimizer)
                self._seconds += time.perf_counter() - began
                self.allowance.spend(self._seconds)
            self._seconds, self._measure_anyway = 0.0, False
            self._outputs, self._before = {}, {}
            self._on_step(measured)
        except Exception as error:
            self._failed(error)
        self.allowance.step(time.perf_counter())
        self._due = self.step % self._every == 0 if self._every else self.allowance.free

    def _is_ours(self, optimizer: Any) -> bool:
        if self._optimizer is not None:
            return optimizer is self._optimizer()
        return any(id(p) in self._layer_of for group in optimizer.param_groups for p in group["params"])

    def _failed(self, error: Exception) -> None:
        log.debug("measuring failed", exc_info=True)
        self._outputs, self._before, self._seconds, self._measure_anyway = {}, {}, 0.0, False
        self._on_error(error)

    # ---- measuring ----

    def _keep_weights(self) -> None:
        """A sample of the weights before the step, to see how far it moves them."""
        self._before = {
            place: measure.sample(_weights(layer)) for place, layer in zip(self._places, self._layers)
        }

    def _look_at_model(self, model: Any) -> None:
        """Layers may have come, gone or been frozen since the last look."""
        self._layers = layers_of(model)
        self._places = [self.history.place(layer.name) for layer in self._layers]
        self._layer_of = {}
        for place, layer in zip(self._places, self._layers):
            self.history.layers[place].update(
                kind=layer.kind, shape=layer.shape, count=layer.count, frozen=layer.frozen
            )
            if "first_weights" not in self.history.layers[place]:
                self.history.layers[place]["first_weights"] = measure.size_of(layer.alive()).norm
            for p in layer.alive():
                self._layer_of[id(p)] = place

    def _walk(self, grad_fn: Any) -> None:
        model = self._model()
        if model is None:
            return
        self._look_at_model(model)
        found = walk(grad_fn, self._layer_of)
        if found is None:
            return
        for k, place in enumerate(found.order):
            self.history.layers[place]["order"] = k
        kinds = dict(zip(self._places, self._layers))
        self._outputs = {
            place: self._measure_outputs(place, kinds[place], outputs)
            for place, outputs in found.outputs.items()
        }
        if self.history.measured % MEMORY_EVERY == 0:
            self._note_memory(found)

    def _measure_outputs(self, place: int, layer: Layer, outputs: list) -> dict[str, Any]:
        outputs = outputs[:MOST_OUTPUTS]
        values = measure.sample([one.tensor for one in outputs])
        good = np.isfinite(values)
        figures: dict[str, Any] = {"spread": float(values[good].std()) if good.any() else np.nan}
        figures["histogram"] = measure.histogram(values)
        figures["bad"] = not good.all()
        functions = {one.function for one in outputs}
        info = self.history.layers[place]
        info["function"] = ", ".join(sorted(functions - {""}))
        if functions == {"relu"}:
            active = measure.active_units(outputs[0].tensor, layer.channels_first())
            for one in outputs[1:]:
                more = measure.active_units(one.tensor, layer.channels_first())
                active = active | more if more.shape == active.shape else active
            figures["dead"] = self._dead_share(place, active)
            info["units"] = len(active)
        elif functions <= {"sigmoid", "tanh"} and functions:
            kind = min(functions)
            figures["saturated"] = measure.saturated_share(kind, values)
        return figures

    def _dead_share(self, place: int, active: np.ndarray) -> float:
        """The share of units that were idle in every one of the last measured steps."""
        idle = self._idle.get(place)
        if idle is None or idle.shape != active.shape:
            # So that a unit that was never seen to give anything counts from the first step on.
            idle = np.full(active.shape, WINDOW - 1)
        self._idle[place] = idle = np.where(active, 0, idle + 1)
        return float((idle >= WINDOW).mean()) if idle.size else np.nan

    def _note_memory(self, found: Walked) -> None:
        weights = {p.untyped_storage().data_ptr() for layer in self._layers for p in layer.alive()}
        self._kept = list(kept_bytes(found, weights))

    def _measure(self, optimizer: Any) -> None:
        frame = Frame.empty(self.step, len(self.history.layers))
        for place, layer in zip(self._places, self._layers):
            self._measure_layer(frame, place, layer)
        self.history.add(frame)
        for place, note in zip(self._places, notes_of(self.history, self._places)):
            frame.set(place, note=note)
        if self._kept is not None:
            parameters = [p for layer in self._layers for p in layer.alive()]
            self.memory = Memory(
                step=self.step,
                kept=self._kept,
                weights=bytes_of(parameters),
                gradients={
                    place: bytes_of([p.grad for p in layer.alive() if p.grad is not None])
                    for place, layer in zip(self._places, self._layers)
                },
                optimizer=bytes_of([v for p in parameters for v in _state(optimizer, p)]),
            )
            self._kept = None

    def _measure_layer(self, frame: Frame, place: int, layer: Layer) -> None:
        parameters = layer.alive()
        weights = measure.size_of(parameters)
        frame.set(place, weights=weights.norm)
        after = measure.sample(_weights(layer))
        frame.set_histogram(place, "weights", measure.histogram(after))
        bad = 2 * (not np.isfinite(weights.norm))
        if place in self._before and not layer.frozen:
            frame.set(place, ratio=measure.ratio(self._before[place], after))
        gradients = [p.grad for p in parameters if p.grad is not None]
        if gradients:
            size = measure.size_of(gradients)
            frame.set(place, gradient=size.norm, mean=size.mean, largest=size.largest)
            frame.set_histogram(place, "gradients", measure.histogram(measure.sample(gradients)))
            bad += 1 * (not np.isfinite(size.norm))
        outputs = self._outputs.get(place)
        if outputs is not None:
            frame.set(place, spread=outputs["spread"])
            frame.set_histogram(place, "outputs", outputs["histogram"])
            frame.set(place, **{k: outputs[k] for k in ("dead", "saturated") if k in outputs})
            bad += 4 * outputs["bad"]
        frame.set(place, bad=bad)
        if bad:
            self.first_bad.setdefault(place, self.step)


def _weights(layer: Layer) -> list[Any]:
    """The parameters whose change is compared with their size: matrices and kernels, where there are some.

    Biases start at or near 0, where a ratio says nothing.
    """
    parameters = layer.alive()
    return [p for p in parameters if p.dim() > 1] or parameters


def _state(optimizer: Any, parameter: Any) -> list[Any]:
    if optimizer is None:
        return []
    # .get: asking a defaultdict by index would add an entry
    return [v for v in optimizer.state.get(parameter, {}).values() if hasattr(v, "untyped_storage")]
