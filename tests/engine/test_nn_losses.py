"""Margin losses, adaptive softmax, and what losses refuse, against PyTorch."""

from __future__ import annotations

import math

import numpy as np
import pytest
from support.differential import compare, raises_alike

rng = np.random.default_rng(0)

REDUCTIONS = ["none", "mean", "sum"]
X, Y, Z = (rng.normal(size=(4, 5)) for _ in range(3))


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_multi_margin(reduction: str) -> None:
    for p in (1, 2):
        for weight in (None, [0.5, 1, 2, 0.1, 3]):

            def loss(E, x, target, margin=0.7):
                w = None if weight is None else E.tensor(weight, dtype=x.dtype)
                return E.nn.functional.multi_margin_loss(
                    x, E.tensor(target), p, margin, w, reduction=reduction
                )

            compare(lambda E, x: loss(E, x, [0, 4, 2, 1]), X, second=False)
            compare(lambda E, x: (loss(E, x, 1), loss(E, x, [1])), X[0], second=False)
    compare(
        lambda E, x: E.nn.MultiMarginLoss(reduction=reduction)(x, E.zeros(0).long()),
        np.zeros((0, 3)),
        second=False,
    )


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_several_labels(reduction: str) -> None:
    target = [[0, 1, -1, 3, 4], [-1, 1, 2, 3, 0], [4, 3, 2, 1, 0], [2, 2, -1, 0, 0]]
    loss = lambda E, x, t: E.nn.MultiLabelMarginLoss(reduction=reduction)(x, E.tensor(t))  # noqa: E731
    compare(lambda E, x: loss(E, x, target), X, second=False)
    compare(lambda E, x: loss(E, x, target[0]), X[0], second=False)
    compare(
        lambda E, x, y, w: E.nn.functional.multilabel_soft_margin_loss(x, y, w, reduction=reduction),
        X, rng.uniform(size=(4, 5)), rng.uniform(size=5),
    )  # fmt: skip
    compare(lambda E, x, y: E.nn.MultiLabelSoftMarginLoss(reduction=reduction)(x, y.sigmoid()), X, Y)


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_triplets(reduction: str) -> None:
    city_block = lambda x, y: (x - y).abs().sum(-1)  # noqa: E731
    loss = lambda E: E.nn.functional.triplet_margin_with_distance_loss  # noqa: E731
    compare(lambda E, a, b, c: loss(E)(a, b, c, swap=True, reduction=reduction), X, Y, Z)
    compare(
        lambda E, a, b, c: loss(E)(a, b, c, distance_function=city_block, margin=2.5, reduction=reduction),
        X,
        Y,
        Z,
    )
    compare(lambda E, a, b, c: E.nn.TripletMarginWithDistanceLoss(reduction=reduction)(a, b, c), X, Y, Z)


def test_linear_cross_entropy() -> None:
    for reduction in REDUCTIONS:
        for smoothing in (0.0, 0.2):
            settings = {"reduction": reduction, "label_smoothing": smoothing}
            compare(
                lambda E, x, w, b: E.nn.functional.linear_cross_entropy(
                    x, w, E.tensor([0, 3]), linear_bias=b, **settings
                ),
                rng.normal(size=(2, 3)), rng.normal(size=(4, 3)), rng.normal(size=4),
            )  # fmt: skip
            compare(
                lambda E, x, w: E.nn.functional.linear_cross_entropy(x, w, E.tensor([[0, 3], [1, 2]]), **settings),
                rng.normal(size=(2, 3)), rng.normal(size=(4, 2, 3)),
            )  # fmt: skip


def test_adaptive_log_softmax() -> None:
    def layer(E, x):
        E.manual_seed(0)
        m = E.nn.AdaptiveLogSoftmaxWithLoss(8, 20, [5, 10], div_value=2.0, head_bias=True).to(x.dtype)
        with E.no_grad():
            for k, p in enumerate(m.parameters()):
                p.copy_(E.linspace(-1, 1.3, p.numel(), dtype=p.dtype).reshape(p.shape).sin() + k * 0.1)
        target = E.tensor([0, 7, 19, 4, 11, 10])
        batch, one = m(x, target), m(x[0], target[1])
        return *batch, *one, m.log_prob(x), m.predict(x), repr(m), list(m.state_dict())

    compare(layer, rng.normal(size=(6, 8)), second=False)


def test_reductions_as_numbers_at_top_level() -> None:
    sign = np.array([1.0, -1, 1, -1])
    for reduction in (0, 1, 2):
        compare(
            lambda E, x, y, s: (
                E.cosine_embedding_loss(x, y, s.detach(), 0.1, reduction), E.kl_div(x, y.softmax(1), reduction),
                E.hinge_embedding_loss(x[:, 0], s.detach(), 0.5, reduction),
                E.binary_cross_entropy_with_logits(x, y.sigmoid(), None, None, reduction),
                E.margin_ranking_loss(x[:, 0], y[:, 0], s.detach(), 0.1, reduction),
                E.triplet_margin_loss(x, y, x.flip(0), reduction=reduction),
                E.poisson_nll_loss(x, y.exp(), True, False, 1e-8, reduction),
            ),
            X, Y, sign,
        )  # fmt: skip


def test_one_sample_without_a_batch() -> None:
    for reduction in REDUCTIONS:
        for name in ("cross_entropy", "nll_loss"):
            loss = lambda E, x, t: getattr(E.nn.functional, name)(x, E.tensor(t), reduction=reduction)  # noqa: E731
            compare(lambda E, x: loss(E, x, 2), X[0])
            compare(lambda E, x: loss(E, x, [2]), X[0], grad=False)


REFUSED = {
    "F.multi_margin_loss(E.ones(2, 3), E.tensor([0, 3]))": "target out of range",
    "F.multi_margin_loss(E.ones(2, 3), E.tensor([0, 1, 1]))": "Expected target size [2], but got [3]",
    "F.multi_margin_loss(E.ones(2, 3), E.tensor([0, 1]), p=3)": "only p == 1 and p == 2 supported",
    "F.multi_margin_loss(E.ones(2, 3), E.tensor([0., 1.]))": "expected scalar type Long but found Float",
    "F.multilabel_margin_loss(E.ones(2, 3), E.tensor([[0, 1, -1]]))": "inconsistent target size",
    "F.multilabel_margin_loss(E.ones(3), E.tensor([0, 1, 3]))": "is out of range",
    "F.triplet_margin_loss(E.ones(2, 3), E.ones(2, 3), E.ones(3))": "anchor 2D, positive 2D, and negative 1D",
    "F.cosine_embedding_loss(E.ones(2, 3), E.ones(2, 3), E.ones(2, 1))": "multi-target not supported",
    "F.cosine_embedding_loss(E.ones(2, 3), E.ones(2, 3), E.tensor(1))": "0D target tensor expects 1D input tensors",
    "F.hinge_embedding_loss(E.ones(2, 3), E.ones(2, 4))": "must match the size of tensor b",
    "F.kl_div(E.ones(3), E.ones(3).long())": "Integral inputs not supported",
    "F.l1_loss(E.ones(2).long(), E.ones(2).long())": "could not infer output dtype",
    "F.huber_loss(E.ones(2).long(), E.ones(2).long())": "not implemented for 'Long'",
    "F.binary_cross_entropy(E.ones(2), E.ones(2), weight=E.ones(3))": "broadcast a dimension of length 3 at -1",
    "F.binary_cross_entropy_with_logits(E.ones(2), E.ones(2), pos_weight=E.ones(3))": "must match the size of tensor b",
    "F.cross_entropy(E.ones(3), E.tensor([1, 2]))": "1D target must have size 1",
    "F.nll_loss(E.ones(2, 3), E.tensor([0, 1]), E.ones(3, requires_grad=True))": "not differentiable",
    "F.nll_loss(E.ones(2, 3).long(), E.tensor([0, 1]))": "not implemented for 'Long'",
    "E.nn.AdaptiveLogSoftmaxWithLoss(8, 20, [10, 5])": "unique, positive integers sorted in an increasing order",
    "E.nn.AdaptiveLogSoftmaxWithLoss(8, 20, [5])(E.ones(2, 8), E.tensor([1, 20]))": "values in range [1, 20]",
    "E.nn.TripletMarginWithDistanceLoss(margin=0)": "expected margin to be greater than 0",
}


@pytest.mark.parametrize("expression", REFUSED)
def test_refused(expression: str) -> None:
    raises_alike(lambda E: eval(expression, {"E": E, "F": E.nn.functional}), REFUSED[expression])


def gaussian(E, mean, target, var):
    return E.nn.functional.gaussian_nll_loss(mean, target, var, reduction="none")


@pytest.mark.parametrize("var", [(1, 3), (4, 1), (4,), (4, 3)])
def test_variances_along_one_dimension(var) -> None:
    numbers = np.random.default_rng(0).uniform(0.5, 2.0, 24)
    compare(
        gaussian,
        numbers[:12].reshape(4, 3),
        numbers[12:].reshape(4, 3),
        numbers[: math.prod(var)].reshape(var),
    )


@pytest.mark.parametrize("var", [(3,), (), (2, 3), (1,), (1, 4, 3)])
def test_variances_of_other_sizes(var) -> None:
    raises_alike(lambda E: gaussian(E, E.ones(4, 3), E.ones(4, 3), E.ones(var)), "var is of incorrect size")
