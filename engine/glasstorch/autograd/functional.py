"""Jacobians, Hessians and their products with vectors, of functions of tensors.

Source: https://pytorch.org/docs/stable/autograd.html#functional-higher-level-api
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..core.backward import grad
from ..core.forms import FUNCTIONS
from ..core.mode import enable_grad
from ..core.tensor import Tensor

__all__ = ["hessian", "hvp", "jacobian", "jvp", "vhp", "vjp"]

Tensors = tuple[Tensor, ...]


# ---------------------------------------------------------------- arguments and results
def _as_tuple(x: Any, what: str, name: str) -> tuple[bool, Tensors]:
    """Was it a tuple? And the tensors as one."""
    several = isinstance(x, tuple)
    values = x if several else (x,)
    for k, t in enumerate(values):
        if not isinstance(t, Tensor):
            raise TypeError(
                f"The {what} given to {name} must be either a Tensor or a tuple of Tensors but the "
                + (
                    f"value at index {k} has type {type(t)}."
                    if several
                    else f"given {what} has type {type(t)}."
                )
            )
    return several, values


def _entered(inputs: Tensors, create_graph: bool, need_graph: bool) -> Tensors:
    """Inputs to differentiate with respect to: part of the caller's graph if that is to go on behind the result."""

    def one(t: Tensor) -> Tensor:
        if create_graph and t.requires_grad:
            return t.view_as(t)
        return t.detach().requires_grad_(need_graph)

    return tuple(one(t) for t in inputs)


def _left(x: Any, create_graph: bool) -> Any:
    """Results as the caller gets them."""
    if isinstance(x, tuple):
        return tuple(_left(v, create_graph) for v in x)
    return x if create_graph else x.detach()


def _unwrapped(x: tuple, *several: bool) -> Any:
    """Tuples of one where the caller gave or returned a single tensor: the tensor itself."""
    if len(several) == 2:
        x = x if several[1] else tuple(row[0] for row in x)
    return x if several[0] else x[0]


def _check_v(v: Tensors, other: Tensors, several: bool) -> None:
    if len(v) != len(other):
        raise RuntimeError(
            f"v is a tuple of invalid length: should be {len(other)} but got {len(v)}."
            if several
            else "The given v should contain a single Tensor."
        )
    for k, (a, b) in enumerate(zip(v, other, strict=True)):
        if a.shape != b.shape:
            entry = f"Entry {k} in " if several else ""
            raise RuntimeError(f"{entry}v has invalid size: should be {b.shape} but got {a.shape}.")


_INDEPENDENT = {
    "outputs": "Output {} of the user-provided function does not require gradients. The outputs must be computed in a "
    "differentiable manner from the input when running in strict mode.",
    "grad_inputs": "The gradient with respect to input {} is independent of the inputs of the user-provided function. "
    "This is not allowed in strict mode.",
    "jacobian": "While computing the hessian, found that the jacobian of the user-provided function with respect to "
    "input {} is independent of the input. This is not allowed in strict mode. You should ensure that your function is "
    "twice differentiable and that the jacobian depends on the inputs (this would be violated by a linear function for "
    "example).",
    "hessian": "The hessian of the user-provided function with respect to input {} is independent of the "
    "input. This is not allowed in strict mode. You should ensure that your function is thrice "
    "differentiable and that the hessian "
    "depends on the inputs.",
}

_MISSING = {
    "back": "The output of the user-provided function is independent of input {}. This is not allowed in strict mode.",
    "back_trick": "The gradient with respect to the input is independent of entry {} in the grad_outputs "
    "when using the double backward trick to compute forward mode gradients. This is not allowed in strict mode.",
    "double_back": "The jacobian of the user-provided function is independent of input {}. This is not "
    "allowed in strict mode.",
    "double_back_trick": "The hessian of the user-provided function is independent of entry {} in the grad_jacobian. "
    "This is not allowed in strict mode as it prevents from using the double backward trick to replace "
    "forward mode AD.",
}


def _require(values: tuple, kind: str, strict: bool) -> None:
    """In strict mode, RuntimeError for a value that depends on nothing."""
    for k, t in enumerate(values if strict else ()):
        if t is None:
            raise RuntimeError(_MISSING["back"].format(k))
        if not t.requires_grad:
            raise RuntimeError(_INDEPENDENT[kind].format(k))


def _gradients(outputs: tuple, inputs: Tensors, seeds: tuple | None, create_graph: bool) -> tuple:
    """``autograd.grad`` that passes over outputs without a history; None for inputs without influence."""
    seeds = (None,) * len(outputs) if seeds is None else seeds
    live = [(o, s) for o, s in zip(outputs, seeds, strict=True) if o is not None and o.requires_grad]
    if not live:
        return (None,) * len(inputs)
    return grad([o for o, _ in live], inputs, [s for _, s in live], True, create_graph, allow_unused=True)


def _filled(grads: tuple, like: Tensors, strict: bool, create_graph: bool, stage: str) -> Tensors:
    """Zeros for None; in strict mode RuntimeError."""
    done = []
    for k, (g, x) in enumerate(zip(grads, like, strict=True)):
        if g is None:
            if strict:
                raise RuntimeError(_MISSING[stage].format(k))
            g = FUNCTIONS["zeros_like"](x)
        elif strict and create_graph and not g.requires_grad:
            what = "hessian" if stage.startswith("double") else "jacobian"
            raise RuntimeError(
                f"The {what} of the user-provided function is independent of input {k}. This is not allowed in strict "
                "mode when create_graph=True."
            )
        done.append(g)
    return tuple(done)


def _with_grad_as(create_graph: bool) -> Any:
    return enable_grad() if create_graph else _Same()


class _Same:
    """The grad mode stays as it is."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, *exc: Any) -> None:
        pass


# ---------------------------------------------------------------- products with vectors
def vjp(
    func: Callable, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple:
    """``(outputs, vᵀ J)`` for the Jacobian J of ``func`` at ``inputs``. ``v``: like the outputs (None for one number).

    ``strict``: RuntimeError where an output does not depend on an input, instead of zeros.
    """
    with enable_grad():
        several, xs = _as_tuple(inputs, "inputs", "vjp")
        xs = _entered(xs, create_graph, True)
        several_out, outputs = _as_tuple(func(*xs), "outputs of the user-provided function", "vjp")
        _require(outputs, "outputs", strict)
        vs = None
        if v is not None:
            _, vs = _as_tuple(v, "v", "vjp")
            vs = _entered(vs, create_graph, False)
            _check_v(vs, outputs, several_out)
        elif len(outputs) != 1 or outputs[0].numel() != 1:
            raise RuntimeError(
                "The vector v can only be None if the user-provided function returns a single Tensor with a single "
                "element."
            )
    with _with_grad_as(create_graph):
        result = _filled(_gradients(outputs, xs, vs, create_graph), xs, strict, create_graph, "back")
    return _unwrapped(_left(outputs, create_graph), several_out), _unwrapped(
        _left(result, create_graph), several
    )


def jvp(
    func: Callable, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple:
    """``(outputs, J v)`` for the Jacobian J of ``func`` at ``inputs``. ``v``: like the inputs (None for one number).

    Computed as the derivative of a vector-Jacobian product.
    Source: https://j-towns.github.io/2017/06/12/A-new-trick.html
    """
    with enable_grad():
        several, xs = _as_tuple(inputs, "inputs", "jvp")
        xs = _entered(xs, create_graph, True)
        if v is not None:
            _, vs = _as_tuple(v, "v", "jvp")
            vs = _entered(vs, create_graph, False)
            _check_v(vs, xs, several)
        else:
            vs = None
            if len(xs) != 1 or xs[0].numel() != 1:
                raise RuntimeError(
                    "The vector v can only be None if the input to the user-provided function is a single Tensor with "
                    "a single element."
                )
        several_out, outputs = _as_tuple(func(*xs), "outputs of the user-provided function", "jvp")
        _require(outputs, "outputs", strict)
        seeds = tuple(FUNCTIONS["zeros_like"](o).requires_grad_() for o in outputs)
        pulled = _gradients(outputs, xs, seeds, True)
        _require(pulled, "grad_inputs", strict)
    with _with_grad_as(create_graph):
        if create_graph:
            found = _gradients(pulled, seeds, vs, True)
        else:
            found = _gradients(pulled, seeds, vs, False)
        result = _filled(found, outputs, strict, create_graph, "back_trick")
    return _unwrapped(_left(outputs, create_graph), several_out), _unwrapped(
        _left(result, create_graph), several_out
    )


def _single_number(outputs: Tensors, several: bool, name: str) -> None:
    if several or not isinstance(outputs[0], Tensor):
        raise RuntimeError(f"The function given to {name} should return a single Tensor")
    if outputs[0].numel() != 1:
        raise RuntimeError(
            f"The Tensor returned by the function given to {name} should contain a single element"
        )


def _second(
    name: str, func: Callable, inputs: Any, v: Any, create_graph: bool, strict: bool
) -> tuple[bool, Tensors, Tensors, Tensors | None, tuple]:
    """What ``vhp`` and ``hvp`` share: inputs, outputs, v, and the gradient of the output."""
    several, xs = _as_tuple(inputs, "inputs", name)
    xs = _entered(xs, create_graph, True)
    vs = None
    if v is not None:
        _, vs = _as_tuple(v, "v", name)
        vs = _entered(vs, create_graph, False)
        _check_v(vs, xs, several)
    elif len(xs) != 1 or xs[0].numel() != 1:
        raise RuntimeError(
            "The vector v can only be None if the input to the user-provided function is a single Tensor with a single "
            "element."
        )
    several_out, outputs = _as_tuple(func(*xs), "outputs of the user-provided function", name)
    _require(outputs, "outputs", strict)
    _single_number(outputs, several_out, name)
    jac = _gradients(outputs, xs, None, True)
    _require(jac, "jacobian", strict)
    return several, xs, outputs, vs, jac


def vhp(
    func: Callable, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple:
    """``(output, vᵀ H)`` for the Hessian H of ``func``, whose output is one number. ``v``: like the inputs."""
    with enable_grad():
        several, xs, outputs, vs, jac = _second("vhp", func, inputs, v, create_graph, strict)
    with _with_grad_as(create_graph):
        found = _gradients(jac, xs, vs, create_graph)
        result = _filled(found, xs, strict, create_graph, "double_back")
    return _left(outputs, create_graph)[0], _unwrapped(_left(result, create_graph), several)


def hvp(
    func: Callable, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple:
    """``(output, H v)`` for the Hessian H of ``func``, whose output is one number. ``v``: like the inputs."""
    with enable_grad():
        several, xs, outputs, vs, jac = _second("hvp", func, inputs, v, create_graph, strict)
        seeds = tuple(FUNCTIONS["zeros_like"](x).requires_grad_() for x in xs)
        double = _gradients(jac, xs, seeds, True)
        _require(double, "hessian", strict)
    with _with_grad_as(create_graph):
        found = _gradients(double, seeds, vs, create_graph)
        result = _filled(found, xs, strict, create_graph, "double_back_trick")
    return _left(outputs, create_graph)[0], _unwrapped(_left(result, create_graph), several)


# ---------------------------------------------------------------- whole matrices
def jacobian(
    func: Callable,
    inputs: Any,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    strategy: str = "reverse-mode",
) -> Any:
    """The Jacobian of ``func`` at ``inputs``: for each output and input a tensor of shape output.shape + input.shape.

    Tuples of outputs and of inputs give tuples of tuples. ``vectorize``: all rows at once instead of one by one.
    ``strategy``: "reverse-mode" (by rows), or "forward-mode" (by columns; only with ``vectorize``).
    """
    if strategy not in ("forward-mode", "reverse-mode"):
        raise AssertionError(
            'Expected strategy to be either "forward-mode" or "reverse-mode". Hint: If your function has more outputs '
            'than inputs, "forward-mode" tends to be more performant. Otherwise, prefer to use "reverse-mode".'
        )
    if strategy == "forward-mode":
        return _by_columns(func, inputs, create_graph, strict, vectorize)
    with enable_grad():
        several, xs = _as_tuple(inputs, "inputs", "jacobian")
        xs = _entered(xs, create_graph, True)
        several_out, outputs = _as_tuple(func(*xs), "outputs of the user-provided function", "jacobian")
        _require(outputs, "outputs", strict)
        if vectorize and strict:
            raise RuntimeError(
                "torch.autograd.functional.jacobian: `strict=True` and `vectorized=True` are not supported together. "
                "Please either set `strict=False` or `vectorize=False`."
            )
        if vectorize:
            result = _rows_at_once(outputs, xs, create_graph)
        else:
            result = tuple(_row_by_row(o, k, xs, create_graph, strict) for k, o in enumerate(outputs))
    return _unwrapped(_left(result, create_graph), several_out, several)


def _row_by_row(output: Tensor, k: int, xs: Tensors, create_graph: bool, strict: bool) -> Tensors:
    columns: list[list[Tensor]] = [[] for _ in xs]
    flat = output.reshape(-1)
    for j in range(output.numel()):
        found = _gradients((flat[j],), xs, None, create_graph)
        for n, (g, x, column) in enumerate(zip(found, xs, columns, strict=True)):
            if g is None:
                if strict:
                    raise RuntimeError(
                        f"Output {k} of the user-provided function is independent of input {n}. This is not allowed in "
                        "strict mode."
                    )
                g = FUNCTIONS["zeros_like"](x)
            elif strict and create_graph and not g.requires_grad:
                raise RuntimeError(
                    f"The jacobian of the user-provided function is independent of input {k}. This is not allowed in "
                    "strict mode when create_graph=True."
                )
            column.append(g)
    return tuple(
        FUNCTIONS["stack"](column, 0).reshape(*output.shape, *x.shape)
        if column
        else x.new_zeros((*output.shape, *x.shape))
        for column, x in zip(columns, xs, strict=True)
    )


def _rows_at_once(outputs: Tensors, xs: Tensors, create_graph: bool) -> tuple[Tensors, ...]:
    from ..func.reverse import assemble, basis

    seeds = next(basis(list(outputs), None), [])
    live = [(o, s) for o, s in zip(outputs, seeds) if o.requires_grad]
    found: tuple = (None,) * len(xs)
    if live:
        found = grad([o for o, _ in live], xs, [s for _, s in live], True, create_graph, allow_unused=True,
                     is_grads_batched=True)  # fmt: skip
    n = sum(o.numel() for o in outputs)
    rows = [x.new_zeros((n, *x.shape)) if g is None else g for g, x in zip(found, xs, strict=True)]
    return tuple(tuple(row) for row in assemble([rows], list(outputs), list(xs)))


def _by_columns(func: Callable, inputs: Any, create_graph: bool, strict: bool, vectorize: bool) -> Any:
    from ..func import jacfwd

    for given, other in ((create_graph, "`create_graph=True`"), (strict, "`strict=True`")):
        if given:
            error = NotImplementedError if create_graph else RuntimeError
            name = other.replace("=True", "=False")
            raise error(
                f'torch.autograd.functional.jacobian: {other} and `strategy="forward-mode"` are not supported together '
                f'(yet). Please either set {name} or `strategy="reverse-mode"`.'
            )
    several, xs = _as_tuple(inputs, "inputs", "jacobian")
    if not vectorize:
        raise NotImplementedError(
            "Computing Jacobian using forward-AD or forward-over-reverse Hessian isonly implemented for "
            "`vectorize=True`."
        )
    kind: list[bool] = []

    def checked(*args: Tensor) -> Tensors:
        several_out, outputs = _as_tuple(func(*args), "outputs of the user-provided function", "jacobian")
        kind.append(several_out)
        return outputs

    result = jacfwd(checked, tuple(range(len(xs))))(*xs)
    return _unwrapped(result, kind[0], several)


def hessian(
    func: Callable,
    inputs: Any,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    outer_jacobian_strategy: str = "reverse-mode",
) -> Any:
    """The Hessian of ``func``, whose output is one number: for each pair of inputs a tensor of both shapes together.

    A tuple of inputs gives a tuple of tuples. ``vectorize``, ``outer_jacobian_strategy``: as for ``jacobian``.
    """
    several, xs = _as_tuple(inputs, "inputs", "hessian")
    if outer_jacobian_strategy not in ("forward-mode", "reverse-mode"):
        raise AssertionError('Expected strategy to be either "forward-mode" or "reverse-mode".')

    def number(*args: Tensor) -> Tensor:
        out = func(*args)
        several_out, values = _as_tuple(out, "outputs of the user-provided function", "hessian")
        _require(values, "outputs", strict)
        _single_number(values, several_out, "hessian")
        return out.squeeze()

    def gradient(*args: Tensor) -> Any:
        if outer_jacobian_strategy == "forward-mode":
            from ..func import jacrev

            return jacrev(number, tuple(range(len(args))))(*args)
        jac = jacobian(number, args, create_graph=True)
        _require(jac, "jacobian", strict)
        return jac

    if outer_jacobian_strategy == "forward-mode":
        xs = _entered(xs, create_graph, True)
    result = jacobian(
        gradient,
        xs,
        create_graph=create_graph,
        strict=strict,
        vectorize=vectorize,
        strategy=outer_jacobian_strategy,
    )
    return _unwrapped(result, several, several)
