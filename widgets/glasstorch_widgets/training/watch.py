"""`watch(model, optimizer)`: a training, seen while it runs."""

from __future__ import annotations

import math
import time
import weakref
from typing import Any

import traitlets

from ..charts.series import Series, one_number
from ..notebook import after_each_cell, shell
from ..view import View
from . import static, wire
from .diagnosis import loss_note
from .recorder import Recorder
from .schedule import epoch_of, rates_ahead, rates_of, steps_ahead

INTERVAL = 0.1  # seconds between two messages with the latest figures
HISTORY_INTERVAL = 2.0  # and between two with all of them
SENDING = 0.02  # share of the loop's time that messages may take, besides `allowance.SHARE` for measuring


class Training(View, module="training_view.js", styles=("loss_curve.css", "training.css"), words="training"):
    """What `watch` returns: curves, the health of every layer, histograms, gradient flow, learning rate, memory.

    Also a context manager, which stops watching at its end. See `watch` for the arguments.
    """

    title = traitlets.Unicode("").tag(sync=True)
    tab = traitlets.Unicode("overview").tag(sync=True)  # open in the browser
    scheme = traitlets.Dict().tag(sync=True)
    layers: Any = traitlets.List().tag(sync=True)
    series = traitlets.Dict().tag(sync=True)
    now = traitlets.Dict().tag(sync=True)
    history = traitlets.Dict().tag(sync=True)
    rates = traitlets.Dict().tag(sync=True)
    memory = traitlets.Dict().tag(sync=True)

    def __init__(
        self, model: Any, optimizer: Any, scheduler: Any, *, every: int | None, title: str, lang: str | None
    ) -> None:
        self._curves, self._rates = Series(), Series()
        self._own_loss = False  # does the user log it?
        self._scheduler = weakref.ref(scheduler) if scheduler is not None else lambda: None
        self._axis = "step" if scheduler is None else "epoch"
        self._next_message = self._next_history = 0.0
        self._waiting = False
        self._on_show = False
        self._display: Any = None
        super().__init__(title=title, lang=lang, scheme=wire.layout())
        self.recorder = Recorder(model, optimizer, every, self._step_ended, self._failed)
        self._note_rates(optimizer)
        self._fill()
        after_each_cell(self._cell_ended)

    # ---- for the loop ----

    def log(self, step: float | None = None, **values: Any) -> None:
        """Add points to the curves; the loss is seen by itself, unless you log it here under that name.

        Args:
            step: where on the horizontal axis; default the number of optimizer steps so far.
            values: numbers, or tensors and arrays of one element.

        Raises:
            ValueError: a value has more than one element, or none was given. TypeError: a value is no number.
        """
        if not values:
            raise ValueError("log() needs at least one named value, such as log(accuracy=accuracy)")
        numbers = {name: one_number(name, value) for name, value in values.items()}
        if "loss" in numbers and not self._own_loss:
            self._own_loss = True
            self._curves.steps.pop("loss", None)
            self._curves.values.pop("loss", None)
        self._curves.add(float(self.recorder.step if step is None else step), numbers)
        self._waiting = True
        self._send_if_time()

    def step(self) -> None:
        """For loops without an optimizer: call it when the weights were changed, before the gradients are dropped."""
        self.recorder.step_by_hand()

    def stop(self) -> Training:
        """Stop watching. What was seen stays on show."""
        self.recorder.stop()
        self.flush()
        return self

    def __enter__(self) -> Training:
        return self

    def __exit__(self, *exc: Any) -> None:
        self.stop()

    def flush(self) -> None:
        """Send all that was seen; happens by itself while the loop runs and when the cell ends."""
        self._waiting = False
        self._fill()

    # ---- what is known ----

    def values(self, name: str) -> list[float]:
        """Every value of one curve.

        Raises:
            KeyError: no such curve.
        """
        return list(self._curves.values[name])

    def health(self) -> list[dict[str, Any]]:
        """The latest figures of every layer, in the order in which they take part: `history.COLUMNS` and the note."""
        return static.rows(self.recorder.history)

    def text(self) -> str:
        """A table of the layers' health, the worst first."""
        return static.table(self.recorder, self._curves, self._loss_note(), self.labels, self.title)

    def svg(self) -> str | None:
        """Curves and health strip."""
        return static.picture(self.recorder, self._curves, self.labels, self.title)

    def __repr__(self) -> str:
        watching = "watching" if self.recorder.watching else "stopped"
        seen = self.recorder.history
        return f"<Training, {watching}, {self.recorder.step} steps, {seen.measured} of them measured>"

    def page_state(self) -> dict[str, Any]:
        """With everything up to now."""
        self._fill()
        return super().page_state()

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        self._on_show = True
        return super()._repr_mimebundle_(**kwargs)

    # ---- while the loop runs ----

    def _step_ended(self, measured: bool) -> None:
        recorder = self.recorder
        self._note_rates(recorder.optimizer())
        if recorder.loss is not None and not self._own_loss:
            self._curves.add(float(recorder.step), {"loss": recorder.loss})
        self._waiting = True
        if not self._on_show and shell() is not None:
            self._show()
        self._send_if_time()

    def _send_if_time(self) -> None:
        began = time.perf_counter()
        if not self._on_show or began < self._next_message:
            return
        with_history = began >= self._next_history
        if with_history:
            self._send_history(wire.LIVE_BYTES)
        self._send_latest()
        ended = time.perf_counter()
        self._next_message = ended + max(INTERVAL, (ended - began) / SENDING)
        if with_history:
            self._next_history = ended + max(HISTORY_INTERVAL, (ended - began) / SENDING)

    def _note_rates(self, optimizer: Any) -> None:
        if optimizer is None:
            return
        scheduler = self._scheduler()
        at = float(self.recorder.step if scheduler is None else epoch_of(scheduler))
        for name, rate in rates_of(optimizer).items():
            steps, values = self._rates.steps.get(name), self._rates.values.get(name)
            if steps is None or values is None:
                self._rates.add(at, {name: rate})
            elif len(values) > 1 and values[-2] == values[-1] == rate:
                steps[-1] = at  # a rate that stays needs two points only: where it began and where it is
            elif steps[-1] != at or values[-1] != rate:
                self._rates.add(at, {name: rate})

    def _failed(self, error: Exception) -> None:
        self.error = f"{self.labels['measuring_failed']} {type(error).__name__}: {error}"

    def _show(self) -> None:
        from IPython.display import display

        self._on_show = True
        self._display = display(self, display_id=True)

    def _cell_ended(self) -> None:
        if not self._waiting and self._display is None:
            return
        self.flush()
        if self._display is not None:
            # What the notebook saves was drawn at the first step; leave the finished training behind.
            self._display.update(self)
            self._display = None

    # ---- messages ----

    def _fill(self) -> None:
        self._send_history(wire.REST_BYTES)
        self._send_latest()
        self.rates = self._rates_message(ahead=True)

    def _send_history(self, most_bytes: int) -> None:
        self.history = wire.history_message(self.recorder.history, most_bytes)
        self.rates = self._rates_message(ahead=False)
        memory = self.recorder.memory
        if memory is not None and self.memory.get("step") != memory.step:
            self.memory = memory.message()

    def _send_latest(self) -> None:
        history = self.recorder.history
        first_bad = self.recorder.first_bad
        layers = [{**info, "first_bad": first_bad.get(k)} for k, info in enumerate(history.layers)]
        if layers != self.layers:
            self.layers = layers
        frame = wire.frame_message(history.frames[-1], len(layers)) if history.frames else {}
        self.now = {
            **frame,
            "steps": self.recorder.step,
            "measured": history.measured,
            "watching": self.recorder.watching,
            "loss_note": self._loss_note(),
        }
        self.series = self._curves.message()

    def _loss_note(self) -> str:
        values = self._curves.values.get("loss")
        if not values:
            return ""
        finite = [v for v in values[:: max(1, len(values) // 500)] if math.isfinite(v)]
        if not finite:
            return "loss_bad"
        return loss_note(finite[0], min(finite), values[-1])

    def _rates_message(self, ahead: bool) -> dict[str, Any]:
        scheduler = self._scheduler()
        message: dict[str, Any] = {
            "series": self._rates.message(),
            "axis": self._axis,
            "ahead": self.rates.get("ahead") if not ahead else None,
        }
        if scheduler is not None and ahead:
            plan = rates_ahead(scheduler, steps_ahead(scheduler))
            if plan is not None:
                message["ahead"] = {"from": epoch_of(scheduler), "rates": plan}
        return message


def watch(
    model: Any,
    optimizer: Any = None,
    scheduler: Any = None,
    *,
    every: int | None = None,
    title: str = "",
    lang: str | None = None,
) -> Training:
    """Watch a training: put this line before the loop, and nothing into it.

        view = watch(model, optimizer)

    Curves of the loss (what `backward()` is called on) and of whatever `view.log(accuracy=…)` gets; for every layer
    the gradient, how far a step moves the weights, dead ReLU units, saturated sigmoid and tanh units, NaN, with a note
    in plain words; histograms over time; gradient flow from input to output; the learning rate, also to come; the
    memory that a step keeps. Gradients are measured as the optimizer gets them: unscaled and clipped, if you do that.

    Nothing is attached to the model or the optimizer, and neither is kept alive: hooks on backward and on optimizers'
    steps see the loop. They go with `view.stop()`, at the end of a `with` block, or when the model is gone.

    Args:
        model: an `nn.Module`.
        optimizer: the one that trains it; default any that steps a parameter of the model.
        scheduler: a learning rate scheduler, to show the rates to come.
        every: measure every such step; default as many as 4 % of the loop's time allow.
        title: written above. lang: "en" or "zh"; default from the environment.

    Raises:
        TypeError: not a module, or not an optimizer. ValueError: no parameters to watch, or `every` under 1.
    """
    if not callable(getattr(model, "named_modules", None)):
        raise TypeError(f"watch() takes a model, an nn.Module, not {type(model).__name__}")
    if optimizer is not None and not hasattr(optimizer, "param_groups"):
        raise TypeError(f"optimizer must be an optimizer of glasstorch.optim, not {type(optimizer).__name__}")
    if every is not None and every < 1:
        raise ValueError(f"every must be at least 1, not {every}")
    if not any(True for _ in model.parameters()):
        raise ValueError(f"{type(model).__name__} has no parameters, so there is nothing to watch")
    return Training(model, optimizer, scheduler, every=every, title=title, lang=lang)
