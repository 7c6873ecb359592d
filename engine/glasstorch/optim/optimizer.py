"""``Optimizer``: the base of all optimizers: parameter groups, state, saving and loading, hooks."""

from __future__ import annotations

import functools
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable
from copy import deepcopy
from itertools import chain
from typing import Any

import numpy as np

from .. import backends
from ..core import dtype as dt
from ..core.frames import warn
from ..core.mode import STATE, THREAD, enable_grad, no_grad
from ..core.node import RemovableHandle
from ..core.tensor import Tensor, wrap

CAPTURABLE = ["cuda", "xpu", "hpu", "privateuseone", "xla"]
_GLOBAL_PRE: OrderedDict[int, Callable] = OrderedDict()
_GLOBAL_POST: OrderedDict[int, Callable] = OrderedDict()


class _Required:
    """A default that has to be given for every group."""

    def __repr__(self) -> str:
        return "<required parameter>"


required = _Required()


def register_optimizer_step_pre_hook(hook: Callable) -> RemovableHandle:
    """Call ``hook(optimizer, args, kwargs)`` before every optimizer's step."""
    return RemovableHandle.add(_GLOBAL_PRE, hook)


def register_optimizer_step_post_hook(hook: Callable) -> RemovableHandle:
    """Call ``hook(optimizer, args, kwargs)`` after every optimizer's step."""
    return RemovableHandle.add(_GLOBAL_POST, hook)


def number(value: Any) -> Any:
    """A setting as a Python number (or a tuple of them), also when it was given as a tensor."""
    if isinstance(value, tuple):
        return tuple(number(v) for v in value)
    return value.item() if isinstance(value, Tensor) else value


def check(name: str, value: Any, low: float = 0.0) -> None:
    """ValueError unless ``value >= low``."""
    if not low <= value:
        raise ValueError(f"Invalid {name} value: {value}")


def check_lr(lr: Any) -> None:
    """ValueError for a negative learning rate, or a tensor with more than one element."""
    if isinstance(lr, Tensor) and lr._a.size != 1:
        raise ValueError("Tensor lr must be 1-element")
    if number(lr) < 0.0:
        raise ValueError(f"Invalid learning rate: {lr}")


def check_betas(betas: tuple) -> None:
    """ValueError unless both are in [0, 1)."""
    for k, b in enumerate(betas):
        if not 0.0 <= number(b) < 1.0:
            raise ValueError(f"Invalid beta parameter at index {k}: {b}")


def _check_ways(defaults: dict[str, Any]) -> None:
    """Refuse ways of computing the step that exclude each other, as PyTorch does, or that do not exist here.

    ``foreach``, ``fused`` and ``capturable`` choose among kernels in PyTorch; all give the same numbers, so that here
    they are accepted and change nothing.
    """
    if defaults.get("fused"):
        if defaults.get("differentiable"):
            raise RuntimeError("`fused` does not support `differentiable`")
        if defaults.get("foreach"):
            raise RuntimeError("`fused` and `foreach` cannot be `True` together.")
    if defaults.get("differentiable"):
        raise NotImplementedError(
            "differentiable=True: steps of glasstorch's optimizers change arrays in place and are not recorded. To "
            "differentiate through a step, write it with tensors: "
            "w = w - lr * torch.autograd.grad(loss, w, create_graph=True)[0]"
        )


def _with_hooks(step: Callable) -> Callable:
    """A step that runs the hooks around itself, and only pays for them when there are any."""

    @functools.wraps(step)
    def wrapper(self: Optimizer, *args: Any, **kwargs: Any) -> Any:
        run = step
        if STATE.special and THREAD.profiler is not None:
            name = f"Optimizer.step#{type(self).__name__}.step"
            run = functools.partial(THREAD.profiler.annotated, name, step)
        if not (
            _GLOBAL_PRE or _GLOBAL_POST or self._optimizer_step_pre_hooks or self._optimizer_step_post_hooks
        ):
            return run(self, *args, **kwargs)
        for hook in chain(list(_GLOBAL_PRE.values()), list(self._optimizer_step_pre_hooks.values())):
            new = hook(self, args, kwargs)
            if new is not None:
                if not (isinstance(new, tuple) and len(new) == 2):
                    raise RuntimeError(
                        f"{hook} must return None or a tuple of (new_args, new_kwargs), but got {new}."
                    )
                args, kwargs = new
        out = run(self, *args, **kwargs)
        for hook in chain(list(self._optimizer_step_post_hooks.values()), list(_GLOBAL_POST.values())):
            hook(self, args, kwargs)
        return out

    wrapper._with_hooks = True  # type: ignore[attr-defined]
    return wrapper


def _check_capturable(params: list[Tensor]) -> None:
    """``capturable`` is for steps recorded on a GPU; the processor has no such recording."""
    if any(p._grad is not None and p.device.type not in CAPTURABLE for p in params):
        raise AssertionError(
            f"If capturable=True, params and state_steps must be on supported devices: {CAPTURABLE}."
        )


class Optimizer:
    """Base of all optimizers. ``params``: tensors, (name, tensor) pairs, or dictionaries that are groups with settings.

    A subclass calls ``super().__init__(params, defaults)`` and defines ``step``; or, like those here, ``update``
    for one parameter. Source: https://pytorch.org/docs/stable/optim.html
    """

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        step = cls.__dict__.get("step")
        if step is not None and not getattr(step, "_with_hooks", False):
            cls.step = _with_hooks(step)  # type: ignore[method-assign]

    def __init__(self, params: Any, defaults: dict[str, Any]) -> None:
        self.defaults = defaults
        _check_ways(defaults)
        self._make_hooks()
        if isinstance(params, Tensor):
            raise TypeError(
                "params argument given to the optimizer should be an iterable of Tensors or dicts, but got "
                f"torch.{params.dtype.legacy}Tensor"
            )
        self.state: defaultdict[Tensor, Any] = defaultdict(dict)
        self.param_groups: list[dict[str, Any]] = []
        groups = list(params)
        if not groups:
            raise ValueError("optimizer got an empty parameter list")
        for group in groups if isinstance(groups[0], dict) else [{"params": groups}]:
            self.add_param_group(group)

    def _make_hooks(self) -> None:
        for kind in (
            "step_pre",
            "step_post",
            "state_dict_pre",
            "state_dict_post",
            "load_state_dict_pre",
            "load_state_dict_post",
        ):
            self.__dict__.setdefault(f"_optimizer_{kind}_hooks", OrderedDict())

    _optimizer_step_pre_hooks: OrderedDict[int, Callable]
    _optimizer_step_post_hooks: OrderedDict[int, Callable]

    def __getstate__(self) -> dict[str, Any]:
        return {"defaults": self.defaults, "state": self.state, "param_groups": self.param_groups}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._make_hooks()
        self.defaults.setdefault("differentiable", False)

    def __repr__(self) -> str:
        lines = [type(self).__name__ + " ("]
        for k, group in enumerate(self.param_groups):
            lines += ["", f"Parameter Group {k}"] if k else [f"Parameter Group {k}"]
            lines += [f"    {key}: {group[key]}" for key in sorted(group) if key != "params"]
        return "\n".join(lines) + "\n)"

    # ------------------------------------------------------------------ groups
    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Add a group: ``{"params": …}`` with settings that differ from the defaults."""
        if not isinstance(param_group, dict):
            raise TypeError(f"param_group must be a dict, but got {type(param_group)}")
        params = param_group["params"]
        if isinstance(params, Tensor):
            params = [params]
        elif isinstance(params, set):
            raise TypeError(
                "optimizer parameters need to be organized in ordered collections, but the ordering "
                "of tensors in sets will "
                "change between runs. Please use a list instead."
            )
        params = list(params)
        names = []
        if any(isinstance(p, tuple) for p in params):
            if not all(isinstance(p, tuple) for p in params):
                raise ValueError(
                    "all optimizer params should be with/without names. Some param names are missing"
                )
            names, params = [n for n, _ in params], [p for _, p in params]
        for p in params:
            if not isinstance(p, Tensor):
                raise TypeError(
                    "optimizer can only optimize Tensors, but one of the params is " + type(p).__name__
                )
            if not (p._node is None or p.retains_grad):
                raise ValueError("can't optimize a non-leaf Tensor")
        param_group["params"] = params
        if names:
            param_group["param_names"] = names
        for name, default in self.defaults.items():
            if default is required and name not in param_group:
                raise ValueError(
                    f"parameter group didn't specify a value of required optimization parameter {name}"
                )
            param_group.setdefault(name, default)
        if len(params) != len(set(params)):
            warn(
                "optimizer contains a parameter group with duplicate parameters; in future, this "
                "will cause an error; see "
                "github.com/pytorch/pytorch/issues/40967 for more information",
            )
        taken = {p for g in self.param_groups for p in g["params"]}
        if not taken.isdisjoint(params):
            raise ValueError("some parameters appear in more than one parameter group")
        if self.param_groups and ("param_names" in self.param_groups[0]) != ("param_names" in param_group):
            raise ValueError(
                "all optimizer param groups should be with/without names. cannot add param group "
                "with names to the optimizer"
                if names
                else "all optimizer param groups should be with/without names. cannot add param "
                "group without names to the optimizer"
            )
        self.param_groups.append(param_group)

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Drop the gradients of all parameters, or (``set_to_none=False``) set them to zero."""
        for group in self.param_groups:
            for p in group["params"]:
                g = p._grad
                if g is None:
                    continue
                if set_to_none:
                    p._grad = None
                else:
                    g.detach_() if g._node is not None else g.requires_grad_(False)
                    g.zero_()

    # ------------------------------------------------------------------ the step
    @_with_hooks
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Change every parameter that has a gradient, once. ``closure`` recomputes the loss first and returns it."""
        if type(self).update is Optimizer.update:
            raise NotImplementedError(f"{type(self).__name__} must define step() or update()")
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        with no_grad():
            for group in self.param_groups:
                if group.get("capturable"):
                    _check_capturable(group["params"])
                settings = self.settings(group)
                for p in self.together(group, settings):
                    grad = p._grad
                    if grad is None:
                        continue
                    a, g = working_view(p._a), working_view(grad._a)
                    self.update(p, a, -g if group.get("maximize") else g, settings)
                    p._v[0] += 1
        return loss

    def together(self, group: dict[str, Any], settings: dict[str, Any]) -> list[Tensor]:
        """Change parameters of a group that can go together; those left take their steps one by one."""
        return group["params"]

    def settings(self, group: dict[str, Any]) -> dict[str, Any]:
        """A group's settings as plain numbers."""
        return {k: number(v) for k, v in group.items() if k not in ("params", "param_names")}

    def update(self, p: Tensor, a: Any, g: Any, s: dict[str, Any]) -> None:
        """Change one parameter's array ``a`` in place by its gradient's array ``g`` (not to be changed).

        ``s``: the group's settings. Complex arrays come as real ones with a last dimension of two.
        """
        raise NotImplementedError(f"{type(self).__name__} must define step() or update()")

    def kept_state(self, p: Tensor, *names: str, value: float = 0.0) -> dict[str, Any]:
        """The state of a parameter; what is missing is made: a step count, and arrays like the parameter."""
        state = self.state[p]
        if not state:
            state["step"] = scalar(0.0)
        for name in names:
            if name not in state:
                state[name] = like(p, value)
        return state

    def state_of(self, p: Tensor, *names: str, value: float = 0.0) -> dict[str, Any]:
        """``kept_state``, with this step counted."""
        state = self.kept_state(p, *names, value=value)
        state["step"]._a += 1
        return state

    # ------------------------------------------------------------------ saving and loading
    def state_dict(self) -> dict[str, Any]:
        """The state and the groups, with parameters replaced by their numbers."""
        for hook in list(self.__dict__["_optimizer_state_dict_pre_hooks"].values()):
            hook(self)
        numbers: dict[int, int] = {}
        groups = []
        for group in self.param_groups:
            packed = {k: v for k, v in group.items() if k != "params"}
            for p in group["params"]:
                numbers.setdefault(id(p), len(numbers))
            packed["params"] = [numbers[id(p)] for p in group["params"]]
            groups.append(packed)
        state = {(numbers[id(k)] if isinstance(k, Tensor) else k): v for k, v in self.state.items()}
        out: dict[str, Any] = {"state": state, "param_groups": groups}
        for hook in list(self.__dict__["_optimizer_state_dict_post_hooks"].values()):
            new = hook(self, out)
            out = out if new is None else new
        return out

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take back a ``state_dict``: the groups' settings and each parameter's state, in the parameters' types."""
        state_dict = dict(state_dict)
        for hook in list(self.__dict__["_optimizer_load_state_dict_pre_hooks"].values()):
            new = hook(self, state_dict)
            state_dict = state_dict if new is None else new
        saved = deepcopy(state_dict["param_groups"])
        if len(self.param_groups) != len(saved):
            raise ValueError("loaded state dict has a different number of parameter groups")
        if any(len(g["params"]) != len(h["params"]) for g, h in zip(self.param_groups, saved)):
            raise ValueError(
                "loaded state dict contains a parameter group that doesn't match the size of optimizer's group"
            )
        own = dict(
            zip(chain(*(h["params"] for h in saved)), chain(*(g["params"] for g in self.param_groups)))
        )
        state: defaultdict[Any, Any] = defaultdict(dict)
        for k, v in state_dict["state"].items():
            state[own.get(k, k)] = _fitted(own[k], v) if k in own else v
        groups = []
        for group, new in zip(self.param_groups, saved):
            new["params"] = group["params"]
            if "param_names" in group and "param_names" not in new:
                new["param_names"] = group["param_names"]
            groups.append(new)
        self.__setstate__({"state": state, "param_groups": groups})
        for hook in list(self.__dict__["_optimizer_load_state_dict_post_hooks"].values()):
            hook(self)

    # ------------------------------------------------------------------ hooks
    def _add_hook(self, kind: str, hook: Callable, prepend: bool = False) -> RemovableHandle:
        hooks = self.__dict__[f"_optimizer_{kind}_hooks"]
        handle = RemovableHandle.add(hooks, hook)
        if prepend:
            hooks.move_to_end(handle.id, last=False)
        return handle

    def register_step_pre_hook(self, hook: Callable) -> RemovableHandle:
        """Call ``hook(optimizer, args, kwargs)`` before ``step``; a result replaces the arguments."""
        return self._add_hook("step_pre", hook)

    def register_step_post_hook(self, hook: Callable) -> RemovableHandle:
        """Call ``hook(optimizer, args, kwargs)`` after ``step``."""
        return self._add_hook("step_post", hook)

    def register_state_dict_pre_hook(self, hook: Callable, prepend: bool = False) -> RemovableHandle:
        """Call ``hook(optimizer)`` before ``state_dict``."""
        return self._add_hook("state_dict_pre", hook, prepend)

    def register_state_dict_post_hook(self, hook: Callable, prepend: bool = False) -> RemovableHandle:
        """Call ``hook(optimizer, state_dict)`` after ``state_dict``; a result replaces it."""
        return self._add_hook("state_dict_post", hook, prepend)

    def register_load_state_dict_pre_hook(self, hook: Callable, prepend: bool = False) -> RemovableHandle:
        """Call ``hook(optimizer, state_dict)`` before loading; a result replaces the dictionary."""
        return self._add_hook("load_state_dict_pre", hook, prepend)

    def register_load_state_dict_post_hook(self, hook: Callable, prepend: bool = False) -> RemovableHandle:
        """Call ``hook(optimizer)`` after loading."""
        return self._add_hook("load_state_dict_post", hook, prepend)


def working_view(a: Any) -> Any:
    """The same memory for arithmetic in place: complex numbers as pairs of real ones, 0-d arrays with one dimension."""
    if a.dtype.kind == "c":
        return a[..., None].view("f4" if a.itemsize == 8 else "f8")
    return a if a.ndim else a.reshape(1)


def like(p: Tensor, value: complex = 0.0) -> Tensor:
    """A state tensor in the shape, type and place of a parameter."""
    xp = backends.namespace(p._a)
    return wrap(xp.full_like(p._a, value) if value else xp.zeros_like(p._a))


def scalar(value: float) -> Tensor:
    """A 0-d state tensor, as PyTorch keeps step counts (float32, or float64 when that is the default type)."""
    kind = np.float64 if dt.get_default_dtype() is dt.float64 else np.float32
    return wrap(np.array(value, kind))


def _fitted(p: Tensor, value: Any, key: Any = None) -> Any:
    """A loaded value for parameter ``p``: tensors in its type and place, except step counts."""
    if isinstance(value, Tensor):
        if key == "step":
            return value.clone() if value._a.ndim == 0 else value  # type: ignore[attr-defined]
        if p.is_floating_point():
            return value.to(device=p.device, dtype=p.dtype, copy=True)  # type: ignore[attr-defined]
        return value.to(device=p.device, copy=True)  # type: ignore[attr-defined]
    if isinstance(value, dict):
        return {k: _fitted(p, v, k) for k, v in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, (str, bytes)):
        return type(value)(_fitted(p, v) for v in value)  # type: ignore[call-arg]
    return value
