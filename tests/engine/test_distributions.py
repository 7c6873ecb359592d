"""Distributions against PyTorch's: densities, moments, the very same random numbers, divergences, refusals."""

from __future__ import annotations

import glasstorch
import glasstorch.distributions
import numpy as np
import pytest
from support.differential import torch

#: Name, how to make it (``f`` scales a parameter), a value.
CASES = {
    "Normal": ("D.Normal(E.tensor([0., 1., -2.]) * f, E.tensor([1., 2., .5]))", [0.0, 0.5, -1.0]),
    "Normal of numbers": ("D.Normal(0., 2. * f)", 0.3),
    "Normal broadcast": ("D.Normal(E.zeros(2, 1) * f, E.ones(3))", [[0.1, 0.2, 0.3]]),
    "Uniform": ("D.Uniform(E.tensor([0., -1.]) * f, E.tensor([2., 3.]))", [0.5, 1.0]),
    "Exponential": ("D.Exponential(E.tensor([.5, 2.]) * f)", [0.5, 1.0]),
    "Laplace": ("D.Laplace(E.tensor([.5, 2.]) * f, E.tensor([1., 2.]))", [0.5, 1.0]),
    "Cauchy": ("D.Cauchy(E.tensor([.5, 2.]) * f, E.tensor([1., 2.]))", [0.5, 1.0]),
    "Bernoulli": ("D.Bernoulli(E.tensor([.2, .5, .9]) * f)", [0.0, 1.0, 1.0]),
    "Bernoulli logits": ("D.Bernoulli(logits=E.tensor([-1., 0., 2.]) * f)", [0.0, 1.0, 1.0]),
    "Geometric": ("D.Geometric(E.tensor([.2, .5]) * f)", [3.0, 1.0]),
    "Binomial": ("D.Binomial(5, E.tensor([.2, .5]) * f)", [3.0, 1.0]),
    "Binomial logits": ("D.Binomial(5, logits=E.tensor([.2, -.5]) * f)", [3.0, 1.0]),
    "Poisson": ("D.Poisson(E.tensor([.5, 12.]) * f)", [3.0, 1.0]),
    "Categorical": ("D.Categorical(E.tensor([[.2, .3, .5], [1., 1., 2.]]) * f)", [2, 0]),
    "Categorical logits": ("D.Categorical(logits=E.tensor([.2, .3, -.5]) * f)", 1),
    "OneHotCategorical": ("D.OneHotCategorical(E.tensor([.2, .3, .5]) * f)", [0.0, 1.0, 0.0]),
    "Multinomial": ("D.Multinomial(4, E.tensor([.2, .3, .5]) * f)", [1.0, 2.0, 1.0]),
    "LogNormal": ("D.LogNormal(E.tensor([.5, 2.]) * f, E.tensor([1., .5]))", [0.5, 1.0]),
    "HalfNormal": ("D.HalfNormal(E.tensor([.5, 2.]) * f)", [0.5, 1.0]),
    "HalfCauchy": ("D.HalfCauchy(E.tensor([.5, 2.]) * f)", [0.5, 1.0]),
    "Gumbel": ("D.Gumbel(E.tensor([.5, 2.]) * f, E.tensor([1., .5]))", [0.5, 1.0]),
    "Pareto": ("D.Pareto(E.tensor([.5, 1.]) * f, E.tensor([1.5, 3.]))", [0.7, 1.5]),
    "Weibull": ("D.Weibull(E.tensor([.5, 1.]) * f, E.tensor([1.5, 3.]))", [0.7, 1.5]),
    "Gamma": ("D.Gamma(E.tensor([.5, 3.]) * f, E.tensor([1., 2.]))", [0.2, 0.3]),
    "Chi2": ("D.Chi2(E.tensor([.5, 3.]) * f)", [0.2, 0.3]),
    "Beta": ("D.Beta(E.tensor([.5, 3.]) * f, E.tensor([1., 2.]))", [0.2, 0.3]),
    "Dirichlet": ("D.Dirichlet(E.tensor([.5, 3., 1.]) * f)", [0.2, 0.3, 0.5]),
    "StudentT": ("D.StudentT(E.tensor([.5, 3.]) * f, 1., E.tensor([1., 2.]))", [0.2, 0.3]),
    "NegativeBinomial": ("D.NegativeBinomial(3, E.tensor([.5, .3]) * f)", [2.0, 3.0]),
    "InverseGamma": ("D.InverseGamma(E.tensor([.5, 3.]) * f, E.tensor([1., 2.]))", [0.2, 0.3]),
    "Kumaraswamy": ("D.Kumaraswamy(E.tensor([1.5, 3.]) * f, E.tensor([1.2, 2.]))", [0.2, 0.3]),
    "FisherSnedecor": ("D.FisherSnedecor(E.tensor([1.5, 3.]) * f, E.tensor([1.2, 5.]))", [0.2, 0.3]),
    "LogisticNormal": ("D.LogisticNormal(E.tensor([.5, 3.]) * f, E.tensor([1., 2.]))", [0.2, 0.3, 0.5]),
    "RelaxedBernoulli": ("D.RelaxedBernoulli(E.tensor(.7), E.tensor([.2, .9]) * f)", [0.2, 0.3]),
    "RelaxedOneHotCategorical": (
        "D.RelaxedOneHotCategorical(E.tensor(.7), E.tensor([.2, .9, .4]) * f)", [0.2, 0.3, 0.5]),
    "OneHotCategoricalStraightThrough": (
        "D.OneHotCategoricalStraightThrough(E.tensor([.2, .9, .4]) * f)", [0.0, 1.0, 0.0]),
    "MVN covariance": ("D.MultivariateNormal(E.tensor([.5, 1.]) * f, E.tensor([[2., .5], [.5, 1.]]))", [0.7, 1.5]),
    "MVN scale": ("D.MultivariateNormal(E.ones(2) * f, scale_tril=E.tensor([[2., 0], [.5, 1.]]))", [0.7, 1.5]),
    "MVN precision": (
        "D.MultivariateNormal(E.zeros(3, 2) * f, precision_matrix=E.tensor([[2., .5], [.5, 1.]]))", [0.7, 1.5]),
    "Independent": ("D.Independent(D.Normal(E.zeros(2, 3) * f, E.ones(2, 3)), 1)", [[0.1, 0.2, 0.3], [0, 1, 2.0]]),
    "affine exp": (
        "D.TransformedDistribution(D.LogNormal(E.zeros(2) * f, E.ones(2)), [D.AffineTransform(1., E.ones(2) * 3)])",
        [2.0, 3.0]),
    "sigmoid": ("D.TransformedDistribution(D.Normal(E.zeros(2) * f, E.ones(2)), [D.SigmoidTransform()])", [0.2, 0.3]),
    "tanh": ("D.TransformedDistribution(D.Normal(E.zeros(2) * f, E.ones(2)), D.TanhTransform())", [0.2, 0.3]),
    "stick breaking": (
        "D.TransformedDistribution(D.Normal(E.zeros(2) * f, E.ones(2)), D.StickBreakingTransform())", [0.2, 0.3, 0.5]),
}  # fmt: skip
ASKED = """
repr(d) | (d.batch_shape, d.event_shape) | repr(d.support)[:60] | d.mean | d.mode | d.variance | d.stddev
d.log_prob(v) | d.cdf(v) | d.icdf(v * 0 + .3) | d.entropy() | d.perplexity() | d.sample()
d.sample((2, 3)) | d.rsample((2,))
d.enumerate_support() | d.expand((4, *d.batch_shape)).log_prob(v) | bool(d.has_rsample) | D.kl_divergence(d, make(.9))
gradient(lambda f: make(f).log_prob(v)) | d.log_prob(E.ones(7, 5, 3)) | d.log_prob(v.double() * float('nan'))
d.expand((4, *d.batch_shape)).sample().shape
"""


def tell(E, case):
    """What the distribution says to everything that is asked, as plain values."""
    text, value = CASES[case]
    D = E.distributions

    def make(f):
        return eval(text, {"E": E, "D": D, "f": f})

    def gradient(fn):
        f = E.tensor(1.0, requires_grad=True)
        return E.autograd.grad(fn(f).sum(), f)[0]

    names = {"E": E, "D": D, "make": make, "gradient": gradient, "d": make(1.0), "v": E.tensor(value)}
    out = {}
    for question in [q.strip() for q in ASKED.replace("\n", "|").split("|") if q.strip()]:
        E.manual_seed(0)
        try:
            answer = eval(question, names)
        except Exception as error:
            out[question] = type(error).__name__
            continue
        if isinstance(answer, E.Tensor):
            answer = tuple(answer.shape), str(answer.dtype), answer.detach().double().numpy()
        out[question] = answer if isinstance(answer, tuple) else str(answer).replace("glasstorch", "torch")
    return out


@pytest.fixture(autouse=True)
def _pytorch_checks_arguments():
    """PyTorch's compiler switches these checks off for good when another test has loaded it."""
    torch.distributions.Distribution.set_default_validate_args(True)


@pytest.mark.parametrize("case", CASES)
def test_as_pytorch(case):
    ours, theirs = tell(glasstorch, case), tell(torch, case)
    for question, answer in theirs.items():
        mine = ours[question]
        if isinstance(answer, tuple) and len(answer) == 3:
            assert mine[:2] == answer[:2], question
            np.testing.assert_allclose(mine[2], answer[2], rtol=2e-4, atol=2e-5, err_msg=question)
        else:
            assert str(mine) == str(answer), question


@pytest.mark.cpu
def test_one_draw_goes_on_where_the_other_stopped():
    """Gamma numbers are made of normal ones, which come in pairs: the spare one is for the next draw."""
    found = {}
    for E in (glasstorch, torch):
        E.manual_seed(4)
        D, drawn = E.distributions, []
        for _ in range(5):
            drawn += [D.Gamma(E.tensor([0.3, 1.0, 2.5]), E.tensor(1.0)).sample(), E.randn(3)]
            drawn += [
                D.Dirichlet(E.tensor([0.5, 1.0, 1.0])).sample(),
                E.randn(16),
                E.poisson(E.tensor([3.0, 20.0])),
            ]
            drawn += [D.Gamma(E.tensor([0.3, 7.0], dtype=E.float64), 1.0).sample(), E.rand(2)]
        found[E] = [t.tolist() for t in drawn]
    assert found[glasstorch] == found[torch]


def test_gamma_samples_carry_gradients():
    """Against the closed form: the mean of x, and of log x, over many samples."""
    E = glasstorch
    E.manual_seed(0)
    a = E.tensor([0.7, 2.5], dtype=E.float64, requires_grad=True)
    x = E.distributions.Gamma(a, E.ones(2, dtype=E.float64)).rsample((4000,))
    slope = E.autograd.grad(x.mean(0).sum(), a, retain_graph=True)[0]
    np.testing.assert_allclose(slope.numpy(), 1.0, atol=0.08)
    slope = E.autograd.grad(x.log().mean(0).sum(), a)[0]
    np.testing.assert_allclose(slope.numpy(), E.polygamma(1, a).detach().numpy(), rtol=0.15)


def test_mixtures():
    for make in (
        lambda E, D: D.MixtureSameFamily(D.Categorical(E.tensor([0.3, 0.7])), D.Normal(E.tensor([0.0, 3.0]), 1.0)),
        lambda E, D: D.MixtureSameFamily(
            D.Categorical(E.tensor([0.3, 0.7])), D.Independent(D.Normal(E.zeros(2, 2), E.ones(2, 2)), 1)),
    ):  # fmt: skip
        ours, theirs = (make(E, E.distributions) for E in (glasstorch, torch))
        value = [0.5] * max(1, sum(theirs.event_shape))
        np.testing.assert_allclose(ours.mean.numpy(), theirs.mean.numpy(), rtol=1e-5)
        np.testing.assert_allclose(ours.variance.numpy(), theirs.variance.numpy(), rtol=1e-5)
        np.testing.assert_allclose(
            ours.log_prob(glasstorch.tensor(value)).numpy(),
            theirs.log_prob(torch.tensor(value)).numpy(),
            rtol=1e-5,
        )
        for E in (glasstorch, torch):
            E.manual_seed(3)
        np.testing.assert_allclose(ours.sample((5,)).numpy(), theirs.sample((5,)).numpy(), rtol=1e-5)


@pytest.mark.parametrize("text", [
    "D.Normal(0., -1.)", "D.Bernoulli(2.)", "D.Bernoulli()", "D.Bernoulli(.5, .5)", "D.Uniform(1., 0.)",
    "D.Normal('a', 1.)", "D.Categorical(E.tensor(1.))", "D.Dirichlet(E.tensor(1.))", "D.Geometric(0.)",
    "D.Normal(E.zeros(2), E.ones(3))", "D.MultivariateNormal(E.zeros(2))",
    "D.MultivariateNormal(E.zeros(2), E.eye(2), E.eye(2))", "D.kl_divergence(D.Normal(0., 1.), D.Poisson(1.))",
    "D.Independent(D.Normal(0., 1.), 1)", "D.Exponential(1.).log_prob(E.tensor(-1.))", "D.Normal(0., 1.).log_prob(1.)",
    "D.Poisson(1.).rsample()", "D.Normal(0., 1.).enumerate_support()",
])  # fmt: skip
def test_refusals(text):
    errors = []
    for E in (torch, glasstorch):
        with pytest.raises(Exception) as caught:  # noqa: PT011
            eval(text, {"E": E, "D": E.distributions})
        errors.append(caught.value)
    assert type(errors[1]).__name__ == type(errors[0]).__name__


@pytest.mark.parametrize("registry", ["transform_to", "biject_to"])
@pytest.mark.parametrize("constraint", [
    "real", "positive", "nonnegative", "unit_interval", "simplex", "greater_than(2.)", "less_than(2.)",
    "interval(-1., 3.)", "half_open_interval(0., 2.)", "independent(constraints.positive, 1)", "real_vector",
    "lower_cholesky", "positive_definite",
])  # fmt: skip
def test_registries(registry, constraint):
    if registry == "biject_to" and constraint in ("lower_cholesky", "positive_definite"):
        with pytest.raises(NotImplementedError, match="Cannot transform"):
            glasstorch.distributions.biject_to(getattr(glasstorch.distributions.constraints, constraint))
        return
    results = []
    for E in (glasstorch, torch):
        D = E.distributions
        text = constraint.replace("constraints.", "D.constraints.")
        region = eval(f"D.constraints.{text}", {"D": D})
        x = E.tensor([[0.3, -1.2], [2.0, 0.5]])
        y = getattr(D, registry)(region)(x)
        assert bool(region.check(y).all())
        results.append(y.numpy())
    np.testing.assert_allclose(*results, rtol=1e-5)


TRANSFORMS = {
    "ExpTransform()": [0.3, -1.0], "PowerTransform(2.)": [0.3, 1.0], "SigmoidTransform()": [0.3, -1.0],
    "SoftplusTransform()": [0.3, -1.0], "TanhTransform()": [0.3, -1.0], "AffineTransform(1., -2.)": [0.3, -1.0],
    "AffineTransform(1., 2., event_dim=1)": [0.3, -1.0], "StickBreakingTransform()": [0.3, -1.0],
    "ComposeTransform([D.ExpTransform(), D.AffineTransform(0., 2.)])": [0.3, -1.0],
    "ComposeTransform([D.ExpTransform(), D.AffineTransform(0., 2.)]).inv": [0.3, 1.0],
    "IndependentTransform(D.ExpTransform(), 1)": [0.3, -1.0], "ExpTransform().inv": [0.3, 1.0],
    "ReshapeTransform((4,), (2, 2))": [0.3, 1.0, 2.0, 3.0],
    "CumulativeDistributionTransform(D.Normal(0., 1.))": [0.3, 1.0],
    "CatTransform([D.ExpTransform(), D.AffineTransform(0., 2.)], lengths=[1, 2])": [0.3, -1.0, 0.5],
    "StackTransform([D.ExpTransform(), D.AffineTransform(0., 2.)])": [0.3, -1.0], "identity_transform": [0.3, -1.0],
}  # fmt: skip


@pytest.mark.parametrize("text", TRANSFORMS)
def test_transforms(text):
    seen = []
    for E in (glasstorch, torch):
        x = E.tensor(TRANSFORMS[text])
        t = eval("D." + text, {"D": E.distributions})
        y = t(x)
        seen.append([y, t.inv(y), t.log_abs_det_jacobian(x, y), E.tensor(list(t.forward_shape(x.shape)))])
    for mine, real in zip(*seen, strict=True):
        assert tuple(mine.shape) == tuple(real.shape)
        np.testing.assert_allclose(mine.double().numpy(), real.double().numpy(), rtol=1e-4, atol=1e-6)
