"""The functions of ``nn`` that are ``torch.<name>`` too, with the arguments they take there."""

from __future__ import annotations

import numpy as np
import pytest
from support.differential import compare, raises_alike

rng = np.random.default_rng(0)

X, IMAGE = rng.normal(size=(3, 4)), rng.normal(size=(2, 4, 5, 6))


def test_convolutions() -> None:
    w = rng.normal(size=(6, 2, 3, 2))
    compare(lambda E, x, w: E.conv2d(x, w, None, 1, 1, 1, 2), IMAGE, w)
    compare(lambda E, x, w: E.convolution(x, w, None, [2, 1], [1, 0], [1, 1], False, [0, 0], 2), IMAGE, w)
    turned = rng.normal(size=(4, 3, 3, 2))
    compare(lambda E, x, w: E.convolution(x, w, None, [2, 2], [1, 0], [1, 1], True, [1, 1], 2), IMAGE, turned)
    compare(lambda E, x, w: E.conv_transpose2d(x, w, None, 2), IMAGE, turned)
    compare(
        lambda E, x, w, b: E.conv_tbc(x, w, b, 1),
        rng.normal(size=(5, 2, 3)),
        rng.normal(size=(2, 3, 4)),
        X[0],
    )


def test_pools() -> None:
    compare(lambda E, x: (E.max_pool2d(x, 2), E.max_pool2d(x, 3, 2, 1, 1, True)), IMAGE)
    compare(
        lambda E, x: (E.max_pool1d(x, 2), E.max_pool1d_with_indices(x, 2), E.avg_pool1d(x, [2])), IMAGE[0]
    )
    compare(lambda E, x: (E.adaptive_max_pool1d(x, 3), E.adaptive_avg_pool1d(x, [3])), IMAGE[0])
    raises_alike(lambda E: E.max_pool2d(E.ones(1, 1, 4, 4), 2, return_indices=True), "return_indices")


def test_normalizations() -> None:
    w, b = rng.normal(size=4), rng.normal(size=4)

    def batch(E, x, w, b):
        mean, var = E.zeros(4, dtype=x.dtype), E.ones(4, dtype=x.dtype)
        trained = E.batch_norm(x, w, b, mean, var, True, 0.1, 1e-5, False)
        return trained, mean, var, E.batch_norm(x, w, b, mean, var, False, 0.1, 1e-5, False)

    compare(batch, IMAGE, w, b)
    compare(lambda E, x, w, b: E.native_batch_norm(x, w, b, None, None, True, 0.1, 1e-5)[0], IMAGE, w, b)
    compare(lambda E, x: E.native_batch_norm(x, None, None, None, None, True, 0.1, 1e-5), IMAGE, grad=False)
    compare(lambda E, x, w, b: E.instance_norm(x, w, b, None, None, True, 0.1, 1e-5, False), IMAGE, w, b)
    compare(
        lambda E, x, w, b: (E.group_norm(x, 2, w, b), E.layer_norm(x, (6,)), E.rms_norm(x, (6,))), IMAGE, w, b
    )
    compare(lambda E, x: E.native_layer_norm(x, (5, 6), None, None, 1e-5), IMAGE, grad=False)
    compare(lambda E, x: E.native_group_norm(x, None, None, 2, 4, 30, 2, 1e-5), IMAGE, grad=False)


@pytest.mark.cpu
def test_dropouts_draw_pytorchs_numbers() -> None:
    names = ("dropout", "alpha_dropout", "feature_dropout", "feature_alpha_dropout", "native_dropout")

    def drawn(E, x):
        E.manual_seed(3)
        out = [getattr(E, name)(x, 0.4, True) for name in names]
        y = x * 1
        return *out[:4], *out[4], E.dropout_(y, 0.5, True), y, E.dropout(x, 0.5, False)

    compare(drawn, IMAGE, second=False)
    raises_alike(lambda E: E.dropout(E.ones(3), 2.0, True), "has to be between 0 and 1")
    raises_alike(lambda E: E.dropout(E.ones(3), 0.5))


@pytest.mark.cpu
@pytest.mark.parametrize("training", [True, False])
def test_rrelu_draws_pytorchs_numbers(training: bool) -> None:
    def drawn(E, x):
        E.manual_seed(3)
        y = x * 1
        return E.rrelu(x, 0.1, 0.4, training), E.rrelu_(y, 0.1, 0.4, training), E.rand(2)

    compare(drawn, X, second=False)
    compare(drawn, X.astype(np.float32), second=False)


def test_activations_and_embeddings() -> None:
    compare(
        lambda E, x: (E.celu(x), E.selu(x), E.threshold(x, 0.1, 20), E.hardshrink(x, 0.3), x.hardshrink()), X
    )
    compare(lambda E, x: (E.prelu(x, x[0]), x.prelu(x[1, :1])), X)
    compare(lambda E, x: (E.relu_(x * 1), E.selu_(x * 1), E.celu_(x * 1), E.threshold_(x * 1, 0.1, 2)), X)
    compare(lambda E, x: E.embedding(x, E.tensor([[0, 2], [1, 1]]), 1), X)
    compare(lambda E, x: (E.embedding_renorm_(x, E.tensor([0, 2]), 0.5, 2.0), x), X, grad=False)


def test_distances_and_grids() -> None:
    y = rng.normal(size=(3, 4))
    compare(
        lambda E, x, y: (E.cosine_similarity(x, y), E.pairwise_distance(x, y), E.pdist(x)), X, y, second=False
    )
    compare(lambda E, x, y, w: E.bilinear(x, y, w), X, y, rng.normal(size=(2, 4, 4)))
    grid = rng.uniform(-1.2, 1.2, size=(2, 3, 3, 2))
    compare(
        lambda E, x, g: (E.grid_sampler(x, g, 0, 1, True), E.grid_sampler_2d(x, g, 2, 2, False)), IMAGE, grid
    )


@pytest.mark.parametrize("p", [0, 1, 2, 3, 1.5, float("inf")])
def test_pdist(p: float) -> None:
    compare(lambda E, x: E.nn.functional.pdist(x, p), X, second=False)
    compare(lambda E, x: E.nn.functional.pdist(x * 0, p), X, second=False)
    raises_alike(lambda E: E.pdist(E.ones(3)), "pdist only supports 2D tensors, got: 1D")


def test_curvature_through_examples_at_once() -> None:
    pieces = (
        lambda F, x: F.relu(x), lambda F, x: F.lp_pool1d(x[None].abs() + 1, 2, 2), lambda F, x: F.glu(x, 1),
        lambda F, x: F.local_response_norm(x[None], 2), lambda F, x: F.interpolate(x[None], scale_factor=2),
        lambda F, x: F.group_norm(x[None], 1), lambda F, x: F.pad(x, (1, 1), "reflect"),
    )  # fmt: skip
    for piece in pieces:
        compare(
            lambda E, x: E.func.hessian(lambda x: piece(E.nn.functional, x).pow(2).sum())(x),
            rng.normal(size=(2, 4)), grad=False,
        )  # fmt: skip
