"""The CTC loss against PyTorch, and against the sum over all alignments."""

from __future__ import annotations

import itertools

import glasstorch
import numpy as np
import pytest
from support.differential import compare, raises_alike

rng = np.random.default_rng(0)

SCORES = rng.normal(size=(8, 3, 5))
TARGETS = [([[1, 2, 2], [3, 1, 0], [4, 4, 4]], [3, 2, 1]), ([1, 2, 2, 3, 1, 4], [3, 2, 1]),
           ([[1] * 7, [1] * 7, [2] * 7], [7, 2, 0]), ([[1]] * 3, [0, 0, 0])]  # fmt: skip


@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
@pytest.mark.parametrize("zero_infinity", [False, True])
def test_batches(reduction: str, zero_infinity: bool) -> None:
    for (labels, lengths), frames in itertools.product(TARGETS, ([8, 8, 8], [8, 5, 3], [2, 0, 0])):
        compare(
            lambda E, x: E.nn.functional.ctc_loss(
                x.log_softmax(2), E.tensor(labels), E.tensor(frames), E.tensor(lengths), reduction=reduction,
                zero_infinity=zero_infinity,
            ),
            SCORES, second=False,
        )  # fmt: skip


def test_gradient_of_the_log_probabilities_is_pytorchs() -> None:
    log_probs = np.log(rng.dirichlet(np.ones(5), size=(8, 3)))
    for labels, lengths in TARGETS[:2]:
        compare(
            lambda E, x: E.nn.functional.ctc_loss(
                x, E.tensor(labels), (8, 7, 6), tuple(lengths), blank=0, reduction="sum"
            ),
            log_probs, second=False,
        )  # fmt: skip


def test_one_sequence_other_blank_and_types() -> None:
    def one(E, x, **kwargs):
        return E.nn.functional.ctc_loss(
            x.log_softmax(1), E.tensor([1, 2]), E.tensor(8), E.tensor(2), **kwargs
        )

    for reduction in ("none", "mean", "sum"):
        compare(lambda E, x: one(E, x, reduction=reduction), SCORES[:, 0], second=False)
    compare(lambda E, x: one(E, x, blank=4), SCORES[:, 0].astype(np.float32), second=False)
    compare(
        lambda E, x: E.nn.CTCLoss(blank=1)(x.log_softmax(2), E.tensor([[2], [3], [0]]), (8, 8, 8), (1, 1, 1)),
        SCORES, second=False,
    )  # fmt: skip


def test_sum_over_all_alignments() -> None:
    probabilities = rng.dirichlet(np.ones(3), size=4)  # 4 frames, classes 1 and 2, blank 0
    total = 0.0
    for path in itertools.product(range(3), repeat=4):
        merged = [c for k, c in enumerate(path) if c and (k == 0 or c != path[k - 1])]
        if merged == [1, 2]:
            total += float(np.prod([probabilities[t, c] for t, c in enumerate(path)]))
    loss = glasstorch.nn.functional.ctc_loss(
        glasstorch.tensor(np.log(probabilities)), glasstorch.tensor([1, 2]), (4,), (2,), reduction="sum"
    )
    assert abs(float(loss) + np.log(total)) < 1e-12


def test_no_second_derivative() -> None:
    def twice(E):
        x = E.zeros(4, 1, 3, requires_grad=True)
        loss = E.nn.functional.ctc_loss(x.log_softmax(2), E.tensor([[1, 2]]), (4,), (2,))
        (g,) = E.autograd.grad(loss, x, create_graph=True)
        g.sum().backward()

    raises_alike(twice, "_ctc_loss_backward is not implemented")


def test_errors() -> None:
    def on(labels: object, frames: object, lengths: object, **kwargs: object):
        return lambda E: E.nn.functional.ctc_loss(
            E.zeros(5, 2, 4), E.tensor(labels), E.tensor(frames), E.tensor(lengths), **kwargs
        )

    raises_alike(
        on([1, 2, 1], [5, 6], [2, 1]), "Expected input_lengths to have value at most 5, but got value 6"
    )
    raises_alike(on([1, 2, 1], [5, 5], [2, -1]), "Expected target_lengths to have value at least 0")
    raises_alike(
        on([1, 2, 1], [5, 5], [2, 2]), "Expected tensor to have size 4 at dimension 0, but got size 3"
    )
    raises_alike(
        on([[1, 2], [2, 2]], [5, 5], [2, 3]), "Expected tensor to have size at least 3 at dimension 1"
    )
    raises_alike(on([1, 2, 1], [5], [2, 1]), "input_lengths must be of size batch_size")
    raises_alike(on([1, 2, 1], [5, 5], [2]), "target_lengths must be of size batch_size")
    raises_alike(on([1, 2, 1], [5.0, 5.0], [2, 1]), "input_lengths must be integral")
    raises_alike(on([1, 2, 1], [5, 5], [2, 1], blank=7), "blank must be in label range")
    raises_alike(on([1, 2, 1], [5, 5], [2, 1], reduction="middle"), "is not a valid value for reduction")
    raises_alike(
        lambda E: E.nn.functional.ctc_loss(E.zeros(5, 1, 4).half(), E.tensor([1]), (5,), (1,)),
        "not implemented for 'Half'",
    )
