"""Tensor subclasses, other types and modes: ``__torch_function__`` against PyTorch's."""

from __future__ import annotations

import inspect
import subprocess
import sys

import glasstorch
import pytest
from support.differential import torch


class World:
    """One engine with the classes of the tests; ``log`` holds what was asked."""

    def __init__(self, E):
        self.E, self.log = E, (log := [])
        F = E.nn.functional

        class Duck:
            """Not a tensor; answers with the name of the function."""

            def __init__(self, word):
                self.word = word

            @classmethod
            def __torch_function__(cls, func, types, args=(), kwargs=None):
                log.append((func.__name__, [t.__name__ for t in types if t is not E.Tensor]))
                return Duck(func.__name__)

        class Unwilling:
            @classmethod
            def __torch_function__(cls, func, types, args=(), kwargs=None):
                return NotImplemented

        class A(E.Tensor):
            pass

        class B(A):
            pass

        class C(E.Tensor):
            pass

        class Plain(E.Tensor):
            __torch_function__ = E._C._disabled_torch_function_impl

        class Logged(E.Tensor):
            @classmethod
            def __torch_function__(cls, func, types, args=(), kwargs=None):
                log.append((func.__name__, len(args)))
                return super().__torch_function__(func, types, args, kwargs)

        class Mode(E.overrides.TorchFunctionMode):
            def __torch_function__(self, func, types, args=(), kwargs=None):
                log.append(func.__name__)
                return func(*args, **(kwargs or {}))

        def within(text):
            with Mode():
                return eval(text, self.names)

        t = E.arange(6.0).reshape(2, 3)
        self.duck = Duck
        self.names = {
            "E": E, "F": F, "nn": E.nn, "A": A, "B": B, "C": C, "Plain": Plain, "within": within, "t": t, "Duck": Duck,
            "d": Duck(""), "n": Unwilling(), "a": t.as_subclass(A), "b": t.as_subclass(B), "c": t.as_subclass(C),
            "plain": t.as_subclass(Plain), "s": t.clone().as_subclass(Logged), "Logged": Logged,
        }  # fmt: skip

    def tell(self, text):
        """The value as type and text, or the class of the error, and the log."""
        self.log.clear()
        try:
            value = eval(text, self.names)
        except Exception as error:
            return f"{type(error).__name__}: {str(error)[:44]}", []
        log = list(self.log)
        return self.told(value), log

    def told(self, value):
        if isinstance(value, self.duck):
            return "Duck"
        if isinstance(value, self.E.Tensor):
            return type(value).__name__, repr(value.detach().as_subclass(self.E.Tensor))
        if isinstance(value, (tuple, list)):
            return type(value).__name__, [self.told(v) for v in value]
        if isinstance(value, type):
            return value.__name__
        return repr(value).replace("glasstorch", "torch")


@pytest.fixture(scope="module")
def worlds():
    return World(torch), World(glasstorch)


def lines(text):
    return [s.strip() for s in text.strip().splitlines() for s in s.split(" | ")]


DUCKS = lines("""
E.add(d, 1) | E.add(t, d) | E.sum(d, dim=0) | E.cat([t, d]) | E.stack((d, d)) | E.softmax(d, 1) | F.relu(d)
F.softmax(d, dim=1) | F.cross_entropy(d, d) | F.linear(t, d) | F.conv2d(d, d) | F.mse_loss(d, t) | t + d | t * d
t @ d | d + t | d * t | t == d | t.add(d) | E.where(t > 0, d, t) | E.matmul(d, d) | E.mean(d) | E.einsum('i,i', d, d)
E.max(d, 1) | E.split(d, 1) | E.zeros_like(d) | E.is_tensor(d) | E.numel(d) | E.norm(d) | nn.Linear(3, 2)(d)
nn.ReLU()(d) | nn.LayerNorm(3)(d) | nn.Dropout(.5)(d) | E.unique(d) | E.tensor(d) | E.add(d, n) | E.add(n, d)
E.exp(n) | F.relu(n) | E.autograd.grad(d, d) | F.embedding(d, t) | E.clamp(d, 0, 1) | E.reshape(d, (3,))
""")

SUBCLASSES = lines("""
a + b | b + a | E.cat([a, b]) | E.cat([t, a, t]) | a + 1 | 1 + a | t + a | a * t | 2 / a | a ** 2 | 2 ** a | -a
a @ a.T | a.sum() | a.max(1) | a.sort() | a.split(1) | a.unbind() | list(a) | a[0] | a[0, 1:] | a > 1 | a == t | a.T
a.shape | a.dtype | a.grad | a.data | a.detach() | a.clone() | a.to(E.float64) | a.tolist() | len(a) | 1 in a
float(a.sum()) | bool(a.sum() > 0) | type(a.numpy()) | plain + 1 | plain + a | plain.shape | type(plain)
F.relu(a) | F.softmax(a, 1) | nn.Linear(3, 2)(a).shape | F.cross_entropy(a, E.tensor([0, 1])) | E.linalg.norm(a)
E.fft.fft(a) | E.special.expit(a) | E.einsum('ij->i', a) | E.where(a > 1, t, t) | E.zeros_like(a) | a.new_ones(2)
type(nn.Sequential(nn.Linear(3, 2), nn.ReLU(), nn.BatchNorm1d(2))(a)) | a.as_subclass(E.Tensor) | type(a.requires_grad)
type(nn.Parameter(a)) | repr(nn.Parameter(a))
isinstance(nn.Parameter(a), nn.Parameter) | nn.Parameter(a).requires_grad | isinstance(t, A)
type(nn.Parameter(t) + 1) | A([1., 2.]) | A(2, 3).shape | A() | repr(a) | E.Tensor._make_subclass(A, t, True)
t.as_subclass(int) | t.as_subclass(3) | a.foo | (setattr(a, 'foo', 3), a.foo)[1] | a.clone().add_(1) | reversed(t)
a.__torch_function__(E.add, (A,), (a, 1)) | A.__torch_function__(E.add, (C,), (a, c)) | E.equal(a, t)
(a.clone().requires_grad_() * 2).sum().grad_fn.name()
E.autograd.grad(a.clone().requires_grad_().sum(), t, allow_unused=True)
E.overrides.is_tensor_like(d) | E.overrides.is_tensor_like(3) | E.overrides.has_torch_function((t, d))
E.overrides.has_torch_function((t,)) | E.overrides.has_torch_function((plain,)) | E.overrides.has_torch_function((a,))
E.overrides.resolve_name(E.add) | E.overrides.resolve_name(F.relu) | E.overrides.resolve_name(E.linalg.norm)
E.overrides.is_tensor_method_or_property(E.Tensor.add) | E.overrides.is_tensor_method_or_property(F.linear)
f"{nn.Parameter(E.tensor(1.)):.2f}" | f"{E.tensor(1.):.2f}" | f"{t:.2f}"
""")

#: What a subclass is asked about, by name and number of arguments.
LOGS = lines("""
s + 1 | 1 + s | t + s | s - 1 | 1 - s | s * 2 | 2 * s | s / 2 | 2 / s | 2 // s | s % 2 | 2 % s | s ** 2 | 2 ** s | -s
abs(s) | s != 1 | s < 1 | 1 < s | s[0] | s.shape | s.T | s.ndim | s.requires_grad | s.is_leaf | s.size()
s.sum() | s.mean() | E.add(t, s) | t.add(s) | E.cat((s, s)) | s.unbind() | len(s) | s.tolist() | s.detach() | s.clone()
s.double() | E.zeros_like(s) | E.is_tensor(s) | s.view(-1) | s.new_zeros(2) | s.backward | E.einsum('ij->i', s)
s.retain_grad | s.norm() | s.flatten() | s.real | s.mT | s._version | E.numel(s)
s.numel() | s.stride() | s.contiguous()
s.masked_fill(t > 0, 1) | s.gather(0, E.zeros(1, 1, dtype=E.long)) | s.storage_offset() | s.dim() | E.equal(s, s)
""")

MODES = lines("""
t + 1 | t.sum() | E.zeros(2) | E.tensor(1.) | F.relu(t) | F.softmax(t, 1) | t.softmax(1) | t.shape | t.T | E.add(a, 1)
E.cat([t, t]) | t.view(-1) | t[0] | E.arange(3) | t.new_zeros(2) | E.is_tensor(t) | E.manual_seed(0) is None | E.eye(2)
E.ones(2, requires_grad=True).sum().backward() | t.matmul(t.t()) | within('t + 1') | F.linear(t, t) | t.tolist()
""")


@pytest.mark.parametrize("text", DUCKS + SUBCLASSES)
def test_as_pytorch(worlds, text):
    (theirs, log), (ours, our_log) = (world.tell(text) for world in worlds)
    assert ours == theirs
    assert our_log == log


@pytest.mark.parametrize("text", LOGS)
def test_a_subclass_is_asked_about_what_pytorch_asks(worlds, text):
    (_, log), (_, our_log) = (world.tell(text) for world in worlds)
    assert our_log == log


@pytest.mark.parametrize("text", MODES)
def test_a_mode_is_asked(worlds, text):
    (theirs, log), (ours, our_log) = (world.tell(f"within({text!r})") for world in worlds)
    assert (ours, our_log) == (theirs, log)


def test_a_mode_may_replace_results_and_leaves_no_trace():
    class Double(glasstorch.overrides.TorchFunctionMode):
        def __torch_function__(self, func, types, args=(), kwargs=None):
            result = func(*args, **(kwargs or {}))
            return result * 2 if func is glasstorch.add else result

    t = glasstorch.ones(2)
    softmax = glasstorch.Tensor.softmax
    with Double():
        assert glasstorch.add(t, t).tolist() == [4, 4]
    with pytest.raises(RuntimeError, match="must match"), Double():
        glasstorch.add(t, glasstorch.ones(3))
    assert glasstorch.add(t, t).tolist() == [2, 2]
    assert glasstorch.Tensor.softmax is softmax


@pytest.mark.parametrize("text", ["t + n", "n + t", "a + c", "E.cat([a, c])", "E.mm(a, n)"])
def test_when_nobody_is_willing(worlds, text):
    for world in worlds:
        with pytest.raises(TypeError):
            eval(text, world.names)


def test_handlers_by_function():
    """The pattern of PyTorch's own notes: a table from function to implementation."""
    handled = {}

    class Scalar:
        def __init__(self, n, value):
            self.n, self.value = n, value

        @classmethod
        def __torch_function__(cls, func, types, args=(), kwargs=None):
            if func not in handled or not all(issubclass(t, (glasstorch.Tensor, Scalar)) for t in types):
                return NotImplemented
            return handled[func](*args, **(kwargs or {}))

    def implements(function):
        return lambda f: handled.setdefault(function, f)

    @implements(glasstorch.mean)
    def _mean(x):
        return x.value / x.n

    @implements(glasstorch.nn.functional.gelu)
    def _gelu(x, approximate="none"):
        return approximate

    s = Scalar(2, 3.0)
    assert glasstorch.mean(s) == 1.5
    assert glasstorch.nn.functional.gelu(s, approximate="tanh") == "tanh"
    with pytest.raises(TypeError, match=r"torch\.exp"):
        glasstorch.exp(s)


def test_gradients_pass_through_subclasses():
    class Tagged(glasstorch.Tensor):
        pass

    for E, cls in ((glasstorch, Tagged), (torch, type("Tagged", (torch.Tensor,), {}))):
        x = E.arange(4.0).as_subclass(cls).requires_grad_()
        loss = (E.nn.functional.softmax(x * 2, 0) ** 2).sum()
        loss.backward()
        second = E.autograd.grad((x**3).sum(), x, create_graph=True)[0]
        assert type(second) is cls
        if E is glasstorch:
            ours = x.grad
        else:
            assert glasstorch.allclose(ours, glasstorch.tensor(x.grad.tolist()))
            assert type(ours).__name__ == type(x.grad).__name__


@pytest.mark.parametrize("module", ["glasstorch", "glasstorch.vision.datasets", "glasstorch.vision.ops"])
def test_nothing_of_ours_switches_the_protocol_on(module):
    """Plain programs pay nothing for it."""
    code = f"import {module}; from glasstorch.core.mode import STATE; print(STATE.overrides, STATE.special)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_plain_tensors_stay_on_the_fast_path():
    class Seen(glasstorch.Tensor):
        pass

    plain = glasstorch.ones(2)
    assert type(plain + plain) is glasstorch.Tensor
    mixed = plain + plain.as_subclass(Seen)
    assert type(mixed) is Seen
    back = mixed.as_subclass(glasstorch.Tensor)
    assert type(back._a).__name__ == "ndarray"  # no mark is left on the memory
    assert type((back * 2)._a).__name__ == "ndarray"
    assert type(mixed.numpy()).__name__ == "ndarray"


def required_arguments(function, make):
    """Positional and keyword arguments for all parameters without a default."""
    args, kwargs = [], {}
    for p in inspect.signature(function).parameters.values():
        if p.kind is p.VAR_POSITIONAL or (p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD):
            args.append(make())
        elif p.default is p.empty and p.kind is p.KEYWORD_ONLY:
            kwargs[p.name] = make()
    return args, kwargs


def test_every_public_function_and_every_method_asks():
    class Asked(glasstorch.Tensor):
        @classmethod
        def __torch_function__(cls, func, types, args=(), kwargs=None):
            return Answer(func)

    class Answer:
        def __init__(self, func):
            self.func = func

    def make():
        return glasstorch.ones(2).as_subclass(Asked)

    silent, count = [], 0
    for space, functions in glasstorch.overrides.get_overridable_functions().items():
        for function in functions if space is not glasstorch.Tensor else ():
            args, kwargs = required_arguments(function, make)
            answer = function(*args, **kwargs) if args or kwargs else Answer(function)
            count += bool(args or kwargs)
            if not isinstance(answer, Answer) or answer.func is not function:
                silent.append(f"{space.__name__}.{function.__name__}")
    for name, method in vars(glasstorch.Tensor).items():
        if name.startswith("_") or name == "as_subclass" or not inspect.isfunction(method):
            continue
        args, kwargs = required_arguments(method, make)
        count += 1
        if not isinstance(getattr(make(), name)(*args[1:], **kwargs), Answer):
            silent.append(f"Tensor.{name}")
    assert count > 800
    assert not silent
