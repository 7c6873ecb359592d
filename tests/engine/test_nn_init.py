"""First values of parameters: the same seed gives PyTorch's, for every function, type and memory layout."""

import warnings

import glasstorch
import pytest
from support.differential import equal, raises_alike, torch

ENGINES = (glasstorch, torch)
CALLS = {
    "uniform": lambda i, t: i.uniform_(t, -1, 2),
    "normal": lambda i, t: i.normal_(t, 1, 2),
    "constant": lambda i, t: i.constant_(t, 0.3),
    "ones": lambda i, t: i.ones_(t),
    "zeros": lambda i, t: i.zeros_(t.add_(1)),
    "trunc_normal": lambda i, t: i.trunc_normal_(t),
    "trunc_normal_tail": lambda i, t: i.trunc_normal_(t, 0, 1, 2.0, 3.0),
    "trunc_normal_far": lambda i, t: i.trunc_normal_(t, 5.0, 1.0, -1, 1.0),
    "xavier_uniform": lambda i, t: i.xavier_uniform_(t, 2.0),
    "xavier_normal": lambda i, t: i.xavier_normal_(t),
    "kaiming_uniform": lambda i, t: i.kaiming_uniform_(t, 0.2),
    "kaiming_normal": lambda i, t: i.kaiming_normal_(t, mode="fan_out", nonlinearity="relu"),
    "orthogonal": lambda i, t: i.orthogonal_(t, 1.5),
    "sparse": lambda i, t: i.sparse_(t, 0.4),
    "eye": lambda i, t: i.eye_(t.add_(1)),
}


def _drawn(E, call, shape, dtype, layout=None):
    """The filled tensor, and what is drawn next."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        E.manual_seed(3)
        t = E.zeros(*shape, dtype=getattr(E, dtype))
        return [call(E.nn.init, t if layout is None else layout(t)), E.rand(2)]


@pytest.mark.parametrize("name", list(CALLS))
def test_same_seed_same_values(name):
    for dtype in (
        ("float32", "float64") if name == "orthogonal" else ("float32", "float64", "float16", "bfloat16")
    ):
        for shape in ((3, 5), (17, 4)) if name in ("sparse", "eye") else ((3, 5), (17, 4), (2, 3, 4)):
            equal(*(_drawn(E, CALLS[name], shape, dtype) for E in ENGINES), f"{name} {dtype} {shape}")
    for layout in (lambda t: t.t(), lambda t: t[:, ::2]):
        equal(
            *(_drawn(E, CALLS[name], (4, 6), "float32", layout) for E in ENGINES), f"{name}, not contiguous"
        )


def test_generator():
    def drawn(E):
        g, i = E.Generator().manual_seed(7), E.nn.init
        names = ["uniform_", "normal_", "trunc_normal_", "xavier_uniform_", "kaiming_normal_", "orthogonal_"]
        return [getattr(i, n)(E.zeros(3, 4), generator=g) for n in names]

    equal(*map(drawn, ENGINES), "generator")


def test_dirac():
    for shape, groups in (((4, 2, 3), 1), ((4, 2, 3, 2), 2), ((6, 2, 2, 3, 3), 3)):
        equal(*(E.nn.init.dirac_(E.ones(*shape), groups) for E in ENGINES), f"{shape}")


def test_gains_and_fans():
    for name in ("linear", "conv1d", "conv_transpose3d", "sigmoid", "tanh", "relu", "leaky_relu", "selu"):
        for param in (None, 0.3, 2):
            assert glasstorch.nn.init.calculate_gain(name, param) == torch.nn.init.calculate_gain(name, param)
    raises_alike(
        lambda E: E.nn.init.calculate_gain("leaky_relu", True), "negative_slope True not a valid number"
    )
    raises_alike(lambda E: E.nn.init.calculate_gain("x"), "Unsupported nonlinearity x")


@pytest.mark.parametrize(
    "name", ["uniform", "normal", "eye", "xavier_uniform", "kaiming_normal", "orthogonal"]
)
def test_old_names(name):
    found = []
    for E in ENGINES:
        E.manual_seed(0)
        with pytest.warns(
            FutureWarning, match=rf"`nn.init.{name}` is now deprecated in favor of `nn.init.{name}_`."
        ):
            found.append(getattr(E.nn.init, name)(E.zeros(3, 3)))
    equal(*found, name)


def test_warnings_and_errors():
    for E in ENGINES:
        with pytest.warns(UserWarning, match="Initializing zero-element tensors is a no-op"):
            E.nn.init.kaiming_uniform_(E.zeros(0, 3))
        with pytest.warns(UserWarning, match="mean is more than 2 std from"):
            E.nn.init.trunc_normal_(E.zeros(2), 9.0)
        p = E.nn.Parameter(E.zeros(2, 2))
        version = p._version
        assert E.nn.init.orthogonal_(p) is p
        assert p._version > version
        assert p.requires_grad
    cases = [
        (lambda i, E: i.dirac_(E.ones(3, 2, 3), 2), "dim 0 must be divisible by groups"),
        (lambda i, E: i.dirac_(E.ones(2, 2)), "Only tensors with 3, 4, or 5 dimensions are supported"),
        (lambda i, E: i.eye_(E.ones(2)), "Only tensors with 2 dimensions are supported"),
        (lambda i, E: i.sparse_(E.ones(2), 0.1), "Only tensors with 2 dimensions are supported"),
        (lambda i, E: i.orthogonal_(E.ones(2)), "Only tensors with 2 or more dimensions are supported"),
        (lambda i, E: i.xavier_normal_(E.ones(2)), "Fan in and fan out can not be computed"),
        (lambda i, E: i.kaiming_normal_(E.ones(2, 2), mode="x"), "Mode x not supported"),
    ]
    for fn, words in cases:
        raises_alike(lambda E, fn=fn: fn(E.nn.init, E), words)
