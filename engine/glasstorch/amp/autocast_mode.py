"""``autocast``: run each operation in the type that suits it, products in a lower one, sums in float32.

While it is on, ``adapt`` is asked about every call: the general path asks for ops, and public functions that are
composed of ops are wrapped (``install``). It casts the tensor arguments by the policy for the function; casts are
recorded like any op, so gradients arrive in float32 at float32 parameters.
Source: https://pytorch.org/docs/stable/amp.html
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from .. import backends, cuda
from ..core import dtype as dt
from ..core.frames import warn
from ..core.mode import STATE, THREAD
from ..core.op import REGISTRY, Op
from ..core.tensor import Tensor
from . import policies, state
from .state import LOCAL
from .state import is_autocast_available as is_autocast_available

#: The policies by device type, for ops of the registry and for wrapped functions.
POLICY: dict[str, dict[Any, str]] = {"cpu": {}, "cuda": {}}


class autocast:
    """Run operations inside in the type that suits each. Context manager or decorator.

    ``device_type``: ``"cpu"`` or ``"cuda"``. ``dtype``: the lower type (bfloat16 on the CPU, float16 on CUDA unless
    changed). ``enabled=False`` switches autocast off for a part. ``cache_enabled``: keep the lower copies of
    parameters until the outermost region ends, so that each is cast once.

    Source: https://pytorch.org/docs/stable/amp.html#torch.autocast
    """

    def __init__(self, device_type: str, dtype: dt.dtype | None = None, enabled: bool = True,
                 cache_enabled: bool | None = None) -> None:  # fmt: skip
        if not isinstance(device_type, str):
            raise ValueError(f"Expected `device_type` of type `str`, got: `{type(device_type)}`")
        if not state.is_autocast_available(device_type):
            raise RuntimeError(f"User specified an unsupported autocast device_type '{device_type}'")
        self.device = device_type
        self.fast_dtype = state.get_autocast_dtype(device_type) if dtype is None else dtype
        self._cache_enabled = LOCAL.cache_enabled if cache_enabled is None else cache_enabled
        if enabled and device_type == "cuda" and not cuda.is_available():
            warn("CUDA is not available or torch_xla is imported. Disabling autocast.")
            enabled = False
        elif enabled and device_type != "cuda" and self.fast_dtype not in (dt.bfloat16, dt.float16):
            kind = device_type.upper()
            warn(
                f"In {kind} autocast, but the target dtype is not supported. Disabling autocast.\n"
                f"{kind} Autocast only supports dtypes of torch.bfloat16, torch.float16 currently.",
            )
            enabled = False
        self._enabled = enabled
        self._before: list[tuple[bool, bool, dt.dtype]] = []

    def __enter__(self) -> autocast:
        kind = self.device
        self._before.append((LOCAL.cache_enabled, LOCAL.enabled[kind], LOCAL.dtype[kind]))
        state.set_autocast_enabled(kind, self._enabled)
        state.set_autocast_dtype(kind, self.fast_dtype)
        state.autocast_increment_nesting()
        LOCAL.cache_enabled = self._cache_enabled
        return self

    def __exit__(self, *exc: Any) -> None:
        if state.autocast_decrement_nesting() == 0:
            state.clear_autocast_cache()
        LOCAL.cache_enabled, enabled, dtype = self._before.pop()
        state.set_autocast_enabled(self.device, enabled)
        state.set_autocast_dtype(self.device, dtype)

    def __call__(self, func: Callable) -> Callable:
        if not callable(func):
            raise TypeError(
                f"autocast()(func) requires a callable, but got {type(func).__name__}. Did you mean to use autocast as "
                "a context manager? For example:\n    with torch.autocast(device_type=...):\n"
                "        output = model(input)"
            )
        return autocast_decorator(self, func)


def autocast_decorator(autocast_instance: autocast, func: Callable) -> Callable:
    """``func``, run inside an autocast region."""

    @functools.wraps(func)
    def inside(*args: Any, **kwargs: Any) -> Any:
        with autocast_instance:
            return func(*args, **kwargs)

    return inside


# ---------------------------------------------------------------------- casting
def adapt(key: Any, args: tuple, kwargs: dict[str, Any] | None = None) -> Any:
    """The arguments of an op, cast by its policy; for a wrapped function (with ``kwargs``) the result of the call."""
    kind = _device_of((*args, *(kwargs or {}).values()))
    policy = POLICY[kind].get(key) if kind is not None and LOCAL.enabled[kind] else None
    if policy == policies.BY_ARGUMENTS:
        policy = _by_arguments(key, args, kwargs or {})
    if policy is None:
        return args if kwargs is None else key(*args, **kwargs)
    assert kind is not None
    hook, THREAD.autocast = (
        THREAD.autocast,
        None,
    )  # neither the casts nor what is inside are asked about again
    try:
        if kwargs is None:
            return _cast_arguments(policy, kind, key, args, {})[0]
        args, kwargs = _cast_arguments(policy, kind, key, args, kwargs)
        return key(*args, **kwargs)
    finally:
        THREAD.autocast = hook


def _cast_arguments(
    policy: str, kind: str, key: Any, args: tuple, kwargs: dict[str, Any]
) -> tuple[tuple, dict]:
    if policy == policies.PLAIN:
        return args, kwargs
    if policy == policies.REFUSED:
        raise RuntimeError(
            "torch.nn.functional.binary_cross_entropy and torch.nn.BCELoss are unsafe to autocast.\nMany models use a "
            "sigmoid layer right before the binary cross entropy layer.\nIn this case, combine the two layers using "
            "torch.nn.functional.binary_cross_entropy_with_logits\nor torch.nn.BCEWithLogitsLoss.  "
            "binary_cross_entropy_with_logits and BCEWithLogits are\nsafe to autocast."
        )
    if policy == policies.FLOAT32_OR_DTYPE and _names_dtype(key, args, kwargs):
        return args, kwargs
    if policy == policies.LOWER:
        target = LOCAL.dtype[kind]
    elif policy == policies.WIDEST:
        target = _widest((*args, *kwargs.values()), kind)
    else:
        target = dt.float32
    return tuple(_cast(a, kind, target) for a in args), {k: _cast(v, kind, target) for k, v in kwargs.items()}


def _by_arguments(key: Any, args: tuple, kwargs: dict[str, Any]) -> str | None:
    """The policy for ``pad`` and ``local_response_norm``, several kernels in PyTorch each, and for ``tensordot``."""
    given = inspect.signature(key).bind(*args, **kwargs).arguments
    if key.__name__ == "local_response_norm":  # avg_pool3d where the input has more than one place
        return policies.FLOAT32 if given["input"].dim() > 3 else None
    if key.__name__ == "tensordot":  # where one number is left it is a sum of products, no matrix product
        a, b, dims = given["a"], given["b"], given.get("dims", 2)
        if isinstance(dims, int):
            over = [list(range(a.dim() - dims, a.dim())), list(range(dims))]
        else:
            over = [[d] if isinstance(d, int) else [int(k) for k in d] for d in dims]
        left = [n for t, gone in ((a, over[0]), (b, over[1]))
                for k, n in enumerate(t.shape) if k not in gone and k - t.dim() not in gone]  # fmt: skip
        return policies.PLAIN if all(n == 1 for n in left) else None
    mode, sides = given.get("mode", "constant"), len(given["pad"]) // 2
    return policies.FLOAT32 if mode == "replicate" or (mode == "reflect" and sides < 3) else None


def _tensors(values: Iterable[Any]) -> Iterator[Tensor]:
    for v in values:
        if isinstance(v, Tensor):
            yield v
        elif isinstance(v, (list, tuple)):
            yield from (t for t in v if isinstance(t, Tensor))


def _device_of(values: Iterable[Any]) -> str | None:
    first = next(_tensors(values), None)
    return None if first is None else backends.place(first._a)[0]


def _names_dtype(key: Any, args: tuple, kwargs: dict[str, Any]) -> bool:
    return kwargs.get("dtype") is not None or any(isinstance(a, (dt.dtype, dt.np.dtype)) for a in args)


def _eligible(t: Tensor, kind: str) -> bool:
    """Autocast touches floating types on its device, and leaves float64 alone: somebody wanted that."""
    return t.dtype.is_floating_point and t.dtype is not dt.float64 and backends.place(t._a)[0] == kind


def _widest(values: Iterable[Any], kind: str) -> dt.dtype:
    lower = target = LOCAL.dtype[kind]
    for t in _tensors(values):
        if _eligible(t, kind):
            if t.dtype not in (lower, dt.float32):
                raise RuntimeError("Unexpected floating ScalarType in at::autocast::prioritize")
            target = dt.float32 if dt.float32 in (target, t.dtype) else lower
    return target


def _cast(value: Any, kind: str, target: dt.dtype) -> Any:
    """A tensor (or the tensors in a list) in the target type."""
    if isinstance(value, (list, tuple)) and any(isinstance(v, Tensor) for v in value):
        return type(value)([_cast(v, kind, target) for v in value])
    if not isinstance(value, Tensor) or value.dtype is target or not _eligible(value, kind):
        return value
    parameter = value._rg and value._node is None and value.dtype is dt.float32 and not value._is_view()
    if not (parameter and LOCAL.cache_enabled and THREAD.grad and target is LOCAL.dtype[kind]):
        return value.to(target)
    kept = LOCAL.weights.get((id(value), target))
    if kept is None:  # the parameter is kept too: as long as it lives, its id is its own
        kept = LOCAL.weights[id(value), target] = (value, value.to(target))
    return kept[1]


# ---------------------------------------------------------------------- which functions
def install(spaces: dict[str, Any]) -> None:
    """Note the policies of ops, and wrap the public functions that are composed of ops.

    ``spaces``: the public namespaces; a dotted name in the lists begins with one of them.
    """
    wrapped: dict[Callable, Callable] = {}
    for kind, table in (("cpu", policies.CPU), ("cuda", policies.CUDA)):
        for name, policy in table.items():
            if name in policies.ELSEWHERE:
                POLICY[kind][name] = policy
                continue
            in_registry = REGISTRY.get(name.replace(".", "_"))
            if in_registry is not None:
                POLICY[kind][in_registry] = policy
            if in_registry is not None and name in policies.OP_SUFFICES:
                continue
            for space, key, function in _homes(name, spaces):
                if isinstance(getattr(function, "op", None), Op):
                    POLICY[kind][function.op] = policy
                    continue
                plain = getattr(function, "_plain", function)
                POLICY[kind][plain] = policy
                setattr(
                    space,
                    key,
                    wrapped.setdefault(plain, function if plain is not function else _wrap(function)),
                )
        for name, public in policies.OPS.items():
            if name in REGISTRY and public in table:
                POLICY[kind][REGISTRY[name]] = table[public]


def _homes(name: str, spaces: dict[str, Any]) -> Iterator[tuple[Any, str, Any]]:
    """Where a public function is found: (namespace, name there, function)."""
    prefix, _, key = name.rpartition(".")
    homes = [spaces[prefix]] if prefix else [spaces[""], spaces["nn.functional"], Tensor]
    for space in homes:
        function = vars(space).get(key)
        if callable(function) and not isinstance(function, type):
            yield space, key, function


def _wrap(function: Callable) -> Callable:
    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if STATE.special and THREAD.autocast is not None:
            return THREAD.autocast(function, args, kwargs)
        return function(*args, **kwargs)

    call._plain = function  # type: ignore[attr-defined]
    return call


# ---------------------------------------------------------------------- custom functions
def _cast_inputs(value: Any, device_type: str, dtype: dt.dtype) -> Any:
    if isinstance(value, Tensor):
        return value.to(dtype) if _eligible(value, device_type) else value
    if isinstance(value, dict):
        return {
            _cast_inputs(k, device_type, dtype): _cast_inputs(v, device_type, dtype) for k, v in value.items()
        }
    if isinstance(value, (list, tuple)):
        return type(value)(_cast_inputs(v, device_type, dtype) for v in value)
    return value


def custom_fwd(fwd: Callable | None = None, *, device_type: str, cast_inputs: dt.dtype | None = None) -> Any:
    """Decorator for ``forward`` of an ``autograd.Function``: how it behaves inside autocast.

    With ``cast_inputs``, floating inputs are cast to that type and autocast is off inside; without, autocast stays on,
    and ``custom_bwd`` gives ``backward`` the same state.
    """
    _want_text(device_type)
    if fwd is None:
        return functools.partial(custom_fwd, device_type=device_type, cast_inputs=cast_inputs)

    @functools.wraps(fwd)
    def forward(ctx: Any, *args: Any, **kwargs: Any) -> Any:
        on = state.is_autocast_enabled(device_type)
        ctx._dtype = state.get_autocast_dtype(device_type)
        ctx._fwd_used_autocast = on and cast_inputs is None
        if cast_inputs is None or not on:
            return fwd(ctx, *args, **kwargs)
        with autocast(device_type, enabled=False):
            args, kwargs = (
                _cast_inputs(args, device_type, cast_inputs),
                _cast_inputs(kwargs, device_type, cast_inputs),
            )
            return fwd(ctx, *args, **kwargs)

    return forward


def custom_bwd(bwd: Callable | None = None, *, device_type: str) -> Any:
    """Decorator for ``backward`` of an ``autograd.Function``: it runs in the autocast state of its ``forward``."""
    _want_text(device_type)
    if bwd is None:
        return functools.partial(custom_bwd, device_type=device_type)

    @functools.wraps(bwd)
    def backward(ctx: Any, *args: Any, **kwargs: Any) -> Any:
        with autocast(device_type, enabled=ctx._fwd_used_autocast, dtype=ctx._dtype):
            return bwd(ctx, *args, **kwargs)

    return backward


def _want_text(device_type: Any) -> None:
    if not isinstance(device_type, str):
        raise ValueError(f"Expected `device_type` of type `str`, got: `{type(device_type)}`")
