"""``GradScaler``: keep small gradients of float16 from vanishing by scaling the loss."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from enum import Enum
from typing import Any

from .. import backends, cuda
from ..core import dtype as dt
from ..core.frames import warn
from ..core.tensor import Tensor, wrap
from ..optim import Optimizer


class OptState(Enum):
    """Where an optimizer stands in the present iteration."""

    READY = 0
    UNSCALED = 1
    STEPPED = 2


def _refresh_per_optimizer_state() -> dict[str, Any]:
    return {"stage": OptState.READY, "found_inf_per_device": {}}


class GradScaler:
    """Scales the loss, so that float16 gradients do not underflow, and unscales the gradients before the step.

    ``scaler.scale(loss).backward(); scaler.step(optimizer); scaler.update()``: a step whose gradients hold inf or nan
    is skipped, and the scale is then multiplied by ``backoff_factor``; after ``growth_interval`` good steps in a row it
    is multiplied by ``growth_factor``.

    Source: https://pytorch.org/docs/stable/amp.html#torch.amp.GradScaler
    """

    _scale: Tensor | None
    _growth_tracker: Tensor | None

    def __init__(self, device: str = "cuda", init_scale: float = 2.0**16, growth_factor: float = 2.0,
                 backoff_factor: float = 0.5, growth_interval: int = 2000, enabled: bool = True) -> None:  # fmt: skip
        self._device, self._enabled = device, enabled
        if enabled and device == "cuda" and not cuda.is_available():
            warn("torch.cuda.amp.GradScaler is enabled, but CUDA is not available.  Disabling.")
            self._enabled = False
        if not self._enabled:
            return
        if growth_factor <= 1.0:
            raise AssertionError("The growth factor must be > 1.0.")
        if backoff_factor >= 1.0:
            raise AssertionError("The backoff factor must be < 1.0.")
        self._init_scale, self._init_growth_tracker = init_scale, 0
        self._scale = self._growth_tracker = None  # tensors from the first scale() on
        self._growth_factor, self._backoff_factor = growth_factor, backoff_factor
        self._growth_interval = growth_interval
        self._per_optimizer_states: defaultdict[int, dict[str, Any]] = defaultdict(
            _refresh_per_optimizer_state
        )

    # ------------------------------------------------------------------ the loss
    def scale(self, outputs: Any) -> Any:
        """The outputs (a tensor, or tensors in lists, tuples or other iterables) times the scale."""
        if not self._enabled:
            return outputs
        if isinstance(outputs, Tensor):
            if self._scale is None:
                self._start(outputs)
            return outputs * self._scale.to(outputs.device)  # type: ignore[union-attr]
        if isinstance(outputs, Iterable):
            scaled = map(self.scale, outputs)
            return type(outputs)(scaled) if isinstance(outputs, (list, tuple)) else scaled  # type: ignore[call-arg]
        raise ValueError("outputs must be a Tensor or an iterable of Tensors")

    def _start(self, like: Tensor) -> None:
        xp = backends.namespace(like._a)
        self._scale = wrap(xp.full((), self._init_scale, dt.numpy_dtype(dt.float32)))
        self._growth_tracker = wrap(xp.full((), self._init_growth_tracker, dt.numpy_dtype(dt.int32)))

    def _started(self, caller: str) -> Tensor:
        if self._scale is None:
            raise AssertionError(
                f"Attempted {caller} but _scale is None.  This may indicate your script did not use "
                "scaler.scale(loss or outputs) earlier in the iteration."
            )
        return self._scale

    # ------------------------------------------------------------------ the gradients
    def unscale_(self, optimizer: Optimizer) -> None:
        """Divide the gradients of the optimizer's parameters by the scale, in place, for example before clipping them.

        ``step`` does it when it was not done. RuntimeError when it was done since the last ``update``.
        """
        if not self._enabled:
            return
        scale = self._started("unscale_")
        of_optimizer = self._per_optimizer_states[id(optimizer)]
        if of_optimizer["stage"] is OptState.UNSCALED:
            raise RuntimeError(
                "unscale_() has already been called on this optimizer since the last update()."
            )
        if of_optimizer["stage"] is OptState.STEPPED:
            raise RuntimeError("unscale_() is being called after step().")
        inverse = wrap((1.0 / scale._a.astype("float64")).astype("float32"))
        of_optimizer["found_inf_per_device"] = _unscale(optimizer, inverse, allow_half=False)
        of_optimizer["stage"] = OptState.UNSCALED

    def step(self, optimizer: Optimizer, *args: Any, **kwargs: Any) -> Any:
        """``optimizer.step(*args, **kwargs)`` on unscaled gradients, unless one of them is inf or nan."""
        if not self._enabled:
            return optimizer.step(*args, **kwargs)
        if "closure" in kwargs:
            raise RuntimeError("Closure use is not currently supported if GradScaler is enabled.")
        scale = self._started("step")
        of_optimizer = self._per_optimizer_states[id(optimizer)]
        if of_optimizer["stage"] is OptState.STEPPED:
            raise RuntimeError("step() has already been called since the last update().")
        if getattr(optimizer, "_step_supports_amp_scaling", False):
            result = self._let_it_unscale(optimizer, of_optimizer, scale, args, kwargs)
        else:
            if of_optimizer["stage"] is OptState.READY:
                self.unscale_(optimizer)
            if not of_optimizer["found_inf_per_device"]:
                raise AssertionError("No inf checks were recorded for this optimizer.")
            bad = any(float(t) for t in of_optimizer["found_inf_per_device"].values())
            result = None if bad else optimizer.step(*args, **kwargs)
        of_optimizer["stage"] = OptState.STEPPED
        return result

    def _let_it_unscale(
        self, optimizer: Any, of_optimizer: dict, scale: Tensor, args: tuple, kwargs: dict
    ) -> Any:
        """The step of an optimizer that divides by ``grad_scale`` and minds ``found_inf`` by itself."""
        ready = of_optimizer["stage"] is OptState.READY
        if ready:
            one = wrap(backends.namespace(scale._a).ones((), "float32"))
            of_optimizer["found_inf_per_device"] = _unscale(optimizer, one, allow_half=True)
        before = getattr(optimizer, "grad_scale", None)
        optimizer.grad_scale = scale * (1 if before is None else before) if ready else before
        optimizer.found_inf = sum(t.to(scale.device) for t in of_optimizer["found_inf_per_device"].values())
        try:
            return optimizer.step(*args, **kwargs)
        finally:
            del optimizer.grad_scale, optimizer.found_inf

    # ------------------------------------------------------------------ the scale
    def update(self, new_scale: Any = None) -> None:
        """Adapt the scale to what the steps since the last update found; or set it to ``new_scale``."""
        if not self._enabled:
            return
        scale, tracker = self._started("update"), self._growth_tracker
        assert tracker is not None
        if new_scale is not None:
            self._set_scale(scale, new_scale)
        else:
            found = [
                t for s in self._per_optimizer_states.values() for t in s["found_inf_per_device"].values()
            ]
            if not found:
                raise AssertionError("No inf checks were recorded prior to update.")
            self._adapt(scale, tracker, found)
        self._per_optimizer_states = defaultdict(_refresh_per_optimizer_state)

    def _adapt(self, scale: Tensor, tracker: Tensor, found: list[Tensor]) -> None:
        """Back off after inf or nan, grow after enough good steps: where the scale lies, without looking at it."""
        xp, now = backends.namespace(scale._a), scale._a.astype("float64")
        bad = sum(t.to(scale.device)._a for t in found) > 0
        steps = tracker._a + 1
        due = steps == self._growth_interval
        grown = (now * self._growth_factor).astype("float32")
        good = xp.where(due & xp.isfinite(grown), grown, scale._a)
        scale._a[...] = xp.where(bad, now * self._backoff_factor, good)
        tracker._a[...] = xp.where(bad | due, 0, steps)

    def _set_scale(self, scale: Tensor, new_scale: Any) -> None:
        if isinstance(new_scale, float):
            scale.fill_(new_scale)
            return
        fits = (
            isinstance(new_scale, Tensor) and new_scale.device.type == self._device and new_scale.numel() == 1
        )
        if not fits or new_scale.requires_grad:
            raise AssertionError(
                "new_scale should be a float or a 1-element torch.cuda.FloatTensor or torch.FloatTensor with "
                "requires_grad=False."
            )
        scale._a[...] = new_scale._a.reshape(())

    def get_scale(self) -> float:
        """The scale; 1.0 when not enabled."""
        if not self._enabled:
            return 1.0
        return self._init_scale if self._scale is None else self._scale.item()

    def _get_growth_tracker(self) -> int:
        if not self._enabled:
            return 0
        return self._init_growth_tracker if self._growth_tracker is None else self._growth_tracker.item()

    def get_growth_factor(self) -> float:
        """What the scale is multiplied by after ``growth_interval`` good steps."""
        return self._growth_factor

    def set_growth_factor(self, new_factor: float) -> None:
        """Set the growth factor."""
        self._growth_factor = new_factor

    def get_backoff_factor(self) -> float:
        """What the scale is multiplied by after a step with inf or nan."""
        return self._backoff_factor

    def set_backoff_factor(self, new_factor: float) -> None:
        """Set the backoff factor."""
        self._backoff_factor = new_factor

    def get_growth_interval(self) -> int:
        """How many good steps in a row make the scale grow."""
        return self._growth_interval

    def set_growth_interval(self, new_interval: int) -> None:
        """Set the growth interval."""
        self._growth_interval = new_interval

    def is_enabled(self) -> bool:
        """Does it scale?"""
        return self._enabled

    # ------------------------------------------------------------------ saving and loading
    def state_dict(self) -> dict[str, Any]:
        """The scale, the factors, the interval and the count of good steps; empty when not enabled."""
        if not self._enabled:
            return {}
        return {
            "scale": self.get_scale(),
            "growth_factor": self._growth_factor,
            "backoff_factor": self._backoff_factor,
            "growth_interval": self._growth_interval,
            "_growth_tracker": self._get_growth_tracker(),
        }

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take back a ``state_dict``. RuntimeError for an empty one, which comes from a disabled scaler."""
        if not self._enabled:
            return
        if not state_dict:
            raise RuntimeError(
                "The source state dict is empty, possibly because it was saved from a disabled instance of GradScaler."
            )
        self._init_scale, self._init_growth_tracker = state_dict["scale"], state_dict["_growth_tracker"]
        self._growth_factor, self._backoff_factor = state_dict["growth_factor"], state_dict["backoff_factor"]
        self._growth_interval = state_dict["growth_interval"]
        if self._scale is not None and self._growth_tracker is not None:
            self._scale.fill_(state_dict["scale"])
            self._growth_tracker.fill_(state_dict["_growth_tracker"])

    def __getstate__(self) -> dict[str, Any]:
        state = dict(self.__dict__)
        if self._enabled:
            if self._per_optimizer_states:
                raise AssertionError(
                    "A GradScaler instance may only be pickled at the beginning of an iteration, or at the end after "
                    "scaler.update()."
                )
            state.update(_init_scale=self.get_scale(), _init_growth_tracker=self._get_growth_tracker(),
                         _scale=None, _growth_tracker=None)  # fmt: skip
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)


def _unscale(optimizer: Optimizer, inverse: Tensor, allow_half: bool) -> dict[Any, Tensor]:
    """Multiply all gradients by ``inverse``, in place; for each device, did any hold inf or nan (1.0) or not (0.0)?"""
    finite: dict[Any, list] = {}
    for group in optimizer.param_groups:
        for p in group["params"]:
            grad = p._grad
            if grad is None:
                continue
            if grad.dtype is dt.float16 and not allow_half:
                raise ValueError("Attempting to unscale FP16 gradients.")
            a = grad._a
            finite.setdefault(grad.device, []).append(backends.namespace(a).isfinite(a).all())
            # The product in float32 at least, as PyTorch's kernel does for the lower types.
            wide = a.astype("float32") if a.dtype.itemsize < 4 else a
            a[...] = (wide * inverse.to(grad.device)._a.astype(wide.real.dtype)).astype(a.dtype)
            grad._v[0] += 1
    found = {}
    for device, flags in finite.items():  # one look at all of them, by whoever asks
        xp = backends.namespace(flags[0])
        found[device] = wrap(xp.asarray(~xp.stack(flags).all()).astype("float32"))
    return found
