"""embedding_bag against PyTorch: every mode, padding, weights, frequencies, and the function at top level."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from support.differential import compare, raises_alike

rng = np.random.default_rng(0)

TABLE = rng.normal(size=(7, 3))
INDICES = [0, 1, 2, 4, 4, 1, 6, 2, 2]


@pytest.mark.parametrize("mode", ["sum", "mean", "max"])
def test_modes(mode: str) -> None:
    for offsets, last, padding in itertools.product(
        ([0, 0, 3, 3, 9], [0, 4, 9]), (False, True), (None, 2, -1)
    ):
        for by_frequency in (False, True) if mode != "max" else (False,):
            bag = lambda E, w: E.nn.functional.embedding_bag(  # noqa: E731
                E.tensor(INDICES), w, E.tensor(offsets), mode=mode, include_last_offset=last, padding_idx=padding,
                scale_grad_by_freq=by_frequency,
            )  # fmt: skip
            compare(bag, TABLE, second=False)
            compare(bag, TABLE.astype(np.float32), second=False)
            compare(bag, TABLE.astype(np.float16), grad=False)
    rows = lambda E, w: E.nn.functional.embedding_bag(E.tensor([[1, 2, 3], [4, 4, 1]]), w, mode=mode)  # noqa: E731
    compare(rows, TABLE, second=False)
    compare(rows, np.round(TABLE), second=False)  # equal elements


def test_weights_for_each_sample() -> None:
    for padding in (None, 2):
        compare(
            lambda E, w, s: E.nn.functional.embedding_bag(
                E.tensor(INDICES), w, E.tensor([0, 0, 4]), mode="sum", per_sample_weights=s, padding_idx=padding
            ),
            TABLE, rng.normal(size=len(INDICES)), second=False,
        )  # fmt: skip


@pytest.mark.parametrize(("max_norm", "norm_type"), [(1.0, 2.0), (0.5, 1.0), (1.0, 3.0)])
def test_max_norm_changes_the_table(max_norm: float, norm_type: float) -> None:
    def bag(E, w):
        out = E.nn.functional.embedding_bag(
            E.tensor([[1, 2, 3], [4, 4, 1]]), w, max_norm=max_norm, norm_type=norm_type
        )
        return out, w

    compare(bag, TABLE, grad=False)


def test_top_level_gives_all_four() -> None:
    for mode, padding in itertools.product((1, 2), (None, 1)):
        compare(
            lambda E, w: E.embedding_bag(
                w, E.tensor(INDICES), E.tensor([0, 2, 2, 5]), False, mode, False, None, False, padding
            ),
            TABLE, second=False,
        )  # fmt: skip


def test_module() -> None:
    def layer(E, w):
        m = E.nn.EmbeddingBag.from_pretrained(w, mode="sum", padding_idx=1, include_last_offset=True)
        return (
            m(E.tensor([0, 1, 2]), E.tensor([0, 2, 3])),
            repr(m),
            list(m.state_dict()),
            m.weight.requires_grad,
        )

    compare(layer, TABLE, grad=False)
    compare(lambda E, w: repr(E.nn.EmbeddingBag(3, 2, max_norm=1.0, scale_grad_by_freq=True)), TABLE)


def test_errors() -> None:
    def on(indices: object, offsets: object = None, **kwargs: object):
        def run(E):
            o = None if offsets is None else E.tensor(offsets)
            return E.nn.functional.embedding_bag(E.tensor(indices), E.ones(5, 3), o, **kwargs)

        return run

    raises_alike(on([0, 1], [1]), "offsets[0] has to be 0")
    raises_alike(on([0, 1], [0, 5]), "offsets[-1] can not be greater than input's length 2")
    raises_alike(on([0, 7], [0]))
    raises_alike(on([0, 1]), "offsets has to be a 1D Tensor but got None")
    raises_alike(on([[0, 1]], [0]), "if input is 2D, then offsets has to be None")
    raises_alike(on([[[0, 1]]]), "input has to be 1D or 2D Tensor")
    raises_alike(on([0.0, 1.0], [0]), "scalar types: Long, Int")
    raises_alike(on([0, 1], [0], mode="median"), "mode has to be one of sum, mean or max")
    raises_alike(
        on([0, 1], [0], mode="max", scale_grad_by_freq=True), "does not support scaling the gradient"
    )
    raises_alike(on([0, 1], [0], padding_idx=7), "-5 through 4, but got 7")
    raises_alike(
        lambda E: E.nn.EmbeddingBag(3, 2, padding_idx=4), "padding_idx must be within num_embeddings"
    )
    raises_alike(
        lambda E: E.nn.functional.embedding_bag(
            E.tensor([0, 1]), E.ones(5, 3), E.tensor([0]), mode="mean", per_sample_weights=E.ones(2)
        ),
        "only supported for mode='sum'",
    )
