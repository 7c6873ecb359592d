"""Derivatives against finite differences: ``gradcheck`` and ``gradgradcheck``.

A function of complex numbers is checked in parts that are real: its outputs' real and imaginary parts one after the
other, and for each complex input the conjugate Wirtinger derivative, which is what a backward computes.
Source: https://pytorch.org/docs/stable/autograd.html#numerical-gradient-checking
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ..core.backward import grad
from ..core.dtype import complex128, float64, promote_types
from ..core.forms import FUNCTIONS
from ..core.frames import warn
from ..core.lanes import NeedsExamples
from ..core.mode import enable_grad
from ..core.tensor import Tensor
from ..random import Generator
from .numerical import forward_jacobian, numerical_jacobian, numerical_product

__all__ = ["GradcheckError", "gradcheck", "gradgradcheck"]

Tensors = tuple[Tensor, ...]


class GradcheckError(RuntimeError):
    """A derivative is not what finite differences say, or is no proper derivative in another way."""


NONDETERMINISTIC = (
    "\n\nNOTE: If your op relies on non-deterministic operations i.e., it is listed here:\n"
    "https://pytorch.org/docs/stable/generated/torch.use_deterministic_algorithms.html\n"
    "this failure might be expected. Then call gradcheck/gradgradcheck with `nondet_tol=<tol>` as a keyword argument."
)
BATCHED = (
    "gradcheck or gradgradcheck failed while testing batched gradient computation. To get rid of this failure, call "
    "gradcheck/gradgradcheck with `check_batched_grad=False`."
)
UNDEFINED = 'Please look at "Notes about undefined output gradients" in "tools/autograd/derivatives.yaml"'


def _as_tuple(x: Any) -> tuple:
    return x if isinstance(x, tuple) else tuple(x) if isinstance(x, list) else (x,)


def _wanted(inputs: tuple) -> list[int]:
    return [k for k, t in enumerate(inputs) if isinstance(t, Tensor) and t.requires_grad]


def _differentiable(outputs: Any) -> Tensors:
    return tuple(o for o in _as_tuple(outputs) if o.requires_grad)


def _check_inputs(inputs: tuple) -> None:
    for k in _wanted(inputs):
        t = inputs[k]
        if t.dtype not in (float64, complex128):
            warn(
                f"Input #{k} requires gradient and is not a double precision floating point or complex. This check "
                "will likely fail if all the inputs are not of double precision floating point or complex. ",
            )
        if any(s == 0 and n > 1 for s, n in zip(t.stride(), t.shape, strict=True)):
            raise RuntimeError(
                f"The {k}th input has a dimension with stride 0. gradcheck only supports inputs that are "
                "non-overlapping to be able to compute the numerical gradients correctly. You should call .contiguous "
                "on the input before passing it to gradcheck."
            )
    if not _wanted(inputs):
        raise ValueError(
            "gradcheck expects at least one input tensor to require gradient, but none of them have requires_grad=True."
        )


# ---------------------------------------------------------------- one comparison
class _Check:
    """The settings of one call, and the comparisons it makes."""

    def __init__(
        self, eps: float, atol: float, rtol: float, nondet_tol: float, dtypes: bool, fast: bool
    ) -> None:
        self.eps, self.atol, self.rtol, self.nondet_tol = eps, atol, rtol, nondet_tol
        self.dtypes, self.fast = dtypes, fast

    def close(self, a: Tensor, b: Tensor) -> bool:
        kind = promote_types(a.dtype, b.dtype)
        return FUNCTIONS["allclose"](a.to(kind), b.to(kind), self.rtol, self.atol)

    def mismatch(
        self, where: tuple[int, int], analytical: Any, numerical: Any, prefix: str, mode: str
    ) -> GradcheckError:
        i, j = where
        return GradcheckError(
            f"{prefix}Jacobian {mode}mismatch for output {i:d} with respect to input {j:d},\nnumerical:{numerical}\n"
            f"analytical:{analytical}\n"
        )

    def backward(
        self, func: Callable, inputs: tuple, outputs: Tensors, prefix_of: Callable[[int], str]
    ) -> None:
        """The Jacobian by backward against the numerical one."""
        wanted = _wanted(inputs)
        if not outputs:
            for k in wanted:
                if any(
                    bool((n.abs() != 0).any()) for n in numerical_jacobian(func, inputs, k, self.eps, None)
                ):
                    raise GradcheckError("Numerical gradient for function expected to be zero")
            return
        if self.fast:
            self._backward_fast(func, inputs, outputs, prefix_of)
            return
        numerical = [numerical_jacobian(func, inputs, k, self.eps, outputs) for k in wanted]
        for i, o in enumerate(outputs):
            analytical = self.jacobian(o, [inputs[k] for k in wanted])
            for j, a in enumerate(analytical):
                if not self.close(a, numerical[j][i]):
                    raise self.mismatch((i, j), a, numerical[j][i], prefix_of(i), "")

    def jacobian(self, output: Tensor, xs: list[Tensor]) -> list[Tensor]:
        """The Jacobian by backward, a matrix (input elements, output elements) for each input; twice, to be sure."""
        first, again = [self._rows(output, xs) for _ in range(2)]
        for row in first:
            for g, x in zip(row, xs, strict=True):
                if g is not None and g.shape != x.shape:
                    raise GradcheckError("Analytical gradient has incorrect size")
                if g is not None and g.dtype is not x.dtype and self.dtypes:
                    raise GradcheckError("Gradient has dtype mismatch")
        one, two = (self._matrices(rows, xs) for rows in (first, again))
        for a, b in zip(one, two, strict=True):
            if a.numel() and bool((a - b).abs().max() > self.nondet_tol):
                raise GradcheckError(
                    "Backward is not reentrant, i.e., running backward with same input and grad_output multiple times "
                    "gives different values, although analytical gradient matches numerical gradient."
                    f"The tolerance for nondeterminism was {self.nondet_tol}.{NONDETERMINISTIC}"
                )
        return one

    def _rows(self, output: Tensor, xs: list[Tensor]) -> list[tuple]:
        return [grad(output, xs, seed, True, allow_unused=True) for seed in _one_hots(output)]

    @staticmethod
    def _matrices(rows: list[tuple], xs: list[Tensor]) -> list[Tensor]:
        out = []
        for k, x in enumerate(xs):
            columns = [x.new_zeros(x.numel()) if r[k] is None else r[k].reshape(-1).to(x.dtype) for r in rows]
            out.append(FUNCTIONS["stack"](columns, 1) if columns else x.new_zeros((x.numel(), 0)))
        return out

    def _backward_fast(
        self, func: Callable, inputs: tuple, outputs: Tensors, prefix_of: Callable[[int], str]
    ) -> None:
        """Of each Jacobian only v J u, for random unit vectors u and v."""
        source = Generator().manual_seed(0)
        wanted = _wanted(inputs)
        us = [_unit(inputs[k], source) for k in wanted]
        vs = [_unit(o, source) for o in outputs]
        for j, k in enumerate(wanted):
            products = numerical_product(func, inputs, k, us[j], self.eps, outputs)
            for i, (o, v) in enumerate(zip(outputs, vs, strict=True)):
                found = grad(o, inputs[k], v, True, allow_unused=True)[0]
                a = us[j].new_zeros(()) if found is None else _pairing(found, us[j])
                n = (v * products[i]).sum()
                scale = float(self.jacobian_scale(us[j], v))
                if abs(complex(a) - complex(n)) <= self.atol * scale + self.rtol * abs(complex(n)):
                    continue
                slow = _Check(self.eps, self.atol, self.rtol, self.nondet_tol, self.dtypes, False)
                whole_n = numerical_jacobian(func, inputs, k, self.eps, outputs)[i]
                whole_a = slow.jacobian(o, [inputs[k]])[0]
                text = str(self.mismatch((i, j), a, n, prefix_of(i), ""))
                raise GradcheckError(
                    f"{text}\nThe above quantities relating the numerical and analytical jacobians are computed \n"
                    "in fast mode. See: https://github.com/pytorch/pytorch/issues/53876 for more background \n"
                    "about fast mode. Below, we recompute numerical and analytical jacobians in slow mode:\n\n"
                    f"Numerical:\n {whole_n} \nAnalytical:\n{whole_a}\n\n"
                    f"The max per-element difference (slow mode) is: {(whole_n - whole_a).abs().max()}.\n"
                )

    @staticmethod
    def jacobian_scale(u: Tensor, v: Tensor) -> Tensor:
        """What an error of 1 in every element of the Jacobian would make of v J u."""
        return u.abs().sum() * v.abs().sum()

    def forward(self, func: Callable, inputs: tuple, prefix_of: Callable[[int], str]) -> None:
        """The Jacobian in forward mode against the numerical one."""
        for j, k in enumerate(_wanted(inputs)):
            numerical = numerical_jacobian(func, inputs, k, self.eps, None)
            for i, a in enumerate(forward_jacobian(func, inputs, k)):
                if not self.close(a, numerical[i]):
                    raise self.mismatch((i, j), a, numerical[i], prefix_of(j), "computed with forward mode ")


def _one_hots(output: Tensor) -> Iterator[Tensor]:
    for k in range(output.numel()):
        seed = FUNCTIONS["zeros"](output.numel(), dtype=output.dtype, device=output.device)
        seed[k] = 1
        yield seed.reshape(output.shape)


def _unit(like: Tensor, source: Generator) -> Tensor:
    v = (
        FUNCTIONS["randn"](*like.shape, dtype=like.dtype, generator=source)
        if like.dim()
        else like.detach() * 0 + 1
    )
    size = v.abs().pow(2).sum().sqrt()
    return v / size if float(size) else v


def _pairing(g: Tensor, u: Tensor) -> Tensor:
    """The directional derivative along u that a gradient stands for: Re(conj(g) u) for complex numbers."""
    return (g.conj() * u).real.sum() if g.is_complex() else (g * u).sum()


# ---------------------------------------------------------------- the parts of complex functions
def _part(func: Callable, imaginary: bool) -> Callable:
    """The function with complex outputs replaced by their real or imaginary parts."""

    def apply(*args: Any) -> tuple:
        outs = _as_tuple(func(*args))
        return tuple((o.imag if imaginary else o.real) if o.is_complex() else o for o in outs)

    return apply


def _prefix(complex_at: list[int], imaginary: bool, what: str) -> Callable[[int], str]:
    part = "imaginary" if imaginary else "real"
    return lambda i: f"While considering the {part} part of complex {what} only, " if i in complex_at else ""


def _no_prefix(i: int) -> str:
    return ""


def _check_backward(check: _Check, func: Callable, inputs: tuple, outputs: Tensors) -> None:
    complex_at = [k for k, o in enumerate(outputs) if o.is_complex()]
    if not complex_at:
        check.backward(func, inputs, outputs, _no_prefix)
        return
    for imaginary in (True, False):
        part = _part(func, imaginary)
        check.backward(
            part, inputs, _differentiable(part(*inputs)), _prefix(complex_at, imaginary, "outputs")
        )


def _check_forward(check: _Check, func: Callable, inputs: tuple) -> None:
    complex_at = [k for k in _wanted(inputs) if inputs[k].is_complex()]
    if not complex_at:
        check.forward(func, inputs, _no_prefix)
        return
    for imaginary in (True, False):

        def part(*args: Any, imaginary: bool = imaginary) -> Any:
            full = list(args)
            for k in complex_at:
                held = inputs[k].detach()
                full[k] = held.real + args[k] * 1j if imaginary else args[k] + held.imag * 1j
            return func(*full)

        real = list(inputs)
        for k in complex_at:
            held = inputs[k].detach()
            real[k] = (held.imag if imaginary else held.real).clone().requires_grad_()
        check.forward(part, tuple(real), _prefix(complex_at, imaginary, "inputs"))


# ---------------------------------------------------------------- further checks
def _check_batched(inputs: tuple, output: Tensor, i: int) -> None:
    """Gradients for two cotangents at once are those for one after the other."""
    xs = [inputs[k] for k in _wanted(inputs)]
    seeds = [FUNCTIONS["randn_like"](output) for _ in range(2)]
    single = [grad(output, xs, s, True, allow_unused=True) for s in seeds]
    try:
        found = grad(output, xs, FUNCTIONS["stack"](seeds), True, allow_unused=True, is_grads_batched=True)
    except (RuntimeError, NeedsExamples) as error:
        raise GradcheckError(f"While computing batched gradients, got: {error}\n\n{BATCHED}") from error
    for j, (b, column) in enumerate(zip(found, zip(*single, strict=True), strict=True)):
        if b is None:
            continue
        expected = FUNCTIONS["stack"](list(column))
        if not FUNCTIONS["allclose"](b, expected):
            raise GradcheckError(
                f"For output {i} and input {j}:\n\n{BATCHED}\n\nGot:\n{b}\n\nExpected:\n{expected}"
            )


def _check_zero(outputs: Tensors, inputs: tuple) -> None:
    """A cotangent of zeros gives a gradient of zeros, in the input's own shape and type."""
    xs = [inputs[k] for k in _wanted(inputs)]
    if not outputs:
        return
    zeros = [FUNCTIONS["zeros_like"](o) for o in outputs]
    for g, x in zip(grad(outputs, xs, zeros, True, allow_unused=True), xs, strict=True):
        if g is None:
            continue
        if not bool((g == 0).all()):
            raise GradcheckError("backward not multiplied by grad_output")
        for what, same in (
            ("type", g.dtype is x.dtype),
            ("device", g.device == x.device),
            ("size", g.shape == x.shape),
        ):
            if not same:
                raise GradcheckError(f"grad is incorrect {what}")


def _check_undefined(func: Callable, inputs: tuple) -> None:
    """A backward copes with outputs that get no gradient: as if it were zero."""
    xs = [inputs[k] for k in _wanted(inputs)]
    with enable_grad():
        outputs = _differentiable(func(*inputs))
    for used in range(len(outputs) if len(outputs) > 1 else 0):
        o = outputs[used]
        try:
            found = grad(o, xs, FUNCTIONS["zeros_like"](o), True, allow_unused=True)
        except RuntimeError as error:
            raise GradcheckError(
                f"Expected backward function to handle undefined output grads. {UNDEFINED}"
            ) from error
        if any(g is not None and not bool((g == 0).all()) for g in found):
            raise GradcheckError(
                "Expected all input grads to be undefined or zero when all output grads are undefined or zero. "
                + UNDEFINED
            )


def gradcheck(
    func: Callable,
    inputs: Any,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    check_batched_forward_grad: bool = False,
    check_forward_ad: bool = False,
    check_backward_ad: bool = True,
    fast_mode: bool = False,
    masked: bool | None = None,
) -> bool:
    """Compare the gradients of ``func`` at ``inputs`` with finite differences (step ``eps``): True, or GradcheckError.

    Only inputs that require grad are checked; they should be float64 or complex128. ``raise_exception=False``: False
    instead of the error. ``nondet_tol``: how much two backwards may differ. ``check_batched_grad``: also gradients for
    several cotangents at once; ``check_forward_ad``: also forward mode. ``fast_mode``: a random projection of each
    Jacobian instead of the whole. ``masked`` is for sparse tensors, and changes nothing.
    Source: https://pytorch.org/docs/stable/generated/torch.autograd.gradcheck.gradcheck.html
    """
    if not (check_forward_ad or check_backward_ad):
        raise AssertionError("Expected at least one of check_forward_ad or check_backward_ad to be True")
    if check_batched_grad and not check_backward_ad:
        raise AssertionError("Setting check_batched_grad=True requires check_backward_ad to be True")
    if check_batched_forward_grad and not check_forward_ad:
        raise AssertionError("Setting check_batched_forward_grad=True requires check_forward_ad to be True")
    xs = _as_tuple(inputs)
    _check_inputs(xs)
    check = _Check(eps, atol, rtol, nondet_tol, check_grad_dtypes, fast_mode)
    try:
        outputs = _differentiable(func(*xs))
        if check_backward_ad:
            _check_backward(check, func, xs, outputs)
        if check_forward_ad:
            _check_forward(check, func, xs)
        if not check_backward_ad:
            return True
        for i, o in enumerate(outputs if check_batched_grad else ()):
            _check_batched(xs, o, i)
        _check_zero(outputs, xs)
        if check_undefined_grad:
            _check_undefined(func, xs)
    except GradcheckError:
        if raise_exception:
            raise
        return False
    return True


def gradgradcheck(
    func: Callable,
    inputs: Any,
    grad_outputs: Any = None,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    gen_non_contig_grad_outputs: bool = False,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    check_fwd_over_rev: bool = False,
    check_rev_over_rev: bool = True,
    fast_mode: bool = False,
    masked: bool = False,
) -> bool:
    """``gradcheck`` of the gradient of ``func``: are its second derivatives right?

    ``grad_outputs``: the cotangents to use, random ones by default (not contiguous with
    ``gen_non_contig_grad_outputs``). Other arguments as for ``gradcheck``.
    Source: https://pytorch.org/docs/stable/generated/torch.autograd.gradcheck.gradgradcheck.html
    """
    if not (check_fwd_over_rev or check_rev_over_rev):
        raise AssertionError("Expected at least one of check_fwd_over_rev or check_rev_over_rev to be True")
    if check_undefined_grad and not check_rev_over_rev:
        raise AssertionError("Setting check_undefined_grad=True requires check_rev_over_rev to be True")
    if check_batched_grad and not check_rev_over_rev:
        raise AssertionError("Setting check_batched_grad=True requires check_rev_over_rev to be True")
    xs = _as_tuple(inputs)
    if grad_outputs is None:
        seeds = tuple(_random_cotangent(o, gen_non_contig_grad_outputs) for o in _differentiable(func(*xs)))
    else:
        seeds = _as_tuple(grad_outputs)
    n = len(seeds)

    def gradient(*args: Any) -> tuple:
        now = args[: len(args) - n] if n else args
        outputs = _differentiable(func(*now))
        wanted = tuple(a for a in now if isinstance(a, Tensor) and a.requires_grad)
        found = grad(outputs, wanted, args[len(args) - n :], create_graph=True, allow_unused=True)
        return tuple(g for g in found if g is not None)

    return gradcheck(
        gradient, (*xs, *seeds), eps=eps, atol=atol, rtol=rtol, raise_exception=raise_exception, nondet_tol=nondet_tol,
        check_undefined_grad=check_undefined_grad, check_grad_dtypes=check_grad_dtypes,
        check_batched_grad=check_batched_grad, fast_mode=fast_mode, check_forward_ad=check_fwd_over_rev,
        check_backward_ad=check_rev_over_rev, masked=masked,
    )  # fmt: skip


def _random_cotangent(o: Tensor, gaps: bool) -> Tensor:
    from ..testing import make_tensor

    return make_tensor(
        o.shape, dtype=o.dtype if o.is_floating_point() or o.is_complex() else float64, device=o.device, low=-1, high=1,
        requires_grad=True, noncontiguous=gaps,
    )  # fmt: skip
