"""The ring all-reduce: sums, chunks and bytes."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pytest

torch = pytest.importorskip("glasstorch")

from glasstorch_widgets import comm_ring  # noqa: E402

REDUCED = {"sum": np.sum, "product": np.prod, "max": np.max, "min": np.min}


@pytest.mark.parametrize("op", REDUCED)
@pytest.mark.parametrize(("ranks", "length"), [(2, 5), (3, 3), (4, 8), (5, 7), (8, 3), (3, 1)])
def test_every_rank_ends_with_the_reduction_of_all(ranks: int, length: int, op: str) -> None:
    values = np.random.default_rng(ranks).integers(-3, 4, (ranks, length))
    view = comm_ring(torch.from_numpy(values), op=op)
    expected = REDUCED[op](values, axis=0)
    for held in view.steps[-1].values:
        np.testing.assert_array_equal(held.numpy(), expected)
    assert len(view.steps) == 1 + 2 * (ranks - 1)
    assert all(count == ranks for parts in view.steps[-1].parts for count in parts)
    np.testing.assert_array_equal(view.steps[0].values[1].numpy(), values[1])


def test_after_the_first_half_each_rank_has_one_finished_chunk() -> None:
    view = comm_ring(4)
    middle = view.steps[3]
    assert middle.phase == "reduce"
    for rank, parts in enumerate(middle.parts):
        assert [c for c, count in enumerate(parts) if count == 4] == [(rank + 1) % 4]
    # what is marked as finished is finished
    total = view.result
    for rank, held in enumerate(middle.values):
        start, end = view.ring["chunks"][(rank + 1) % 4]
        assert torch.equal(held[start:end], total[start:end])


def test_each_step_sends_one_chunk_to_the_right_and_the_bytes_follow_the_formula() -> None:
    view = comm_ring([torch.ones(12, dtype=torch.float64) for _ in range(4)])
    for step in view.steps[1:]:
        assert sorted((m.source, m.target) for m in step.messages) == [(0, 1), (1, 2), (2, 3), (3, 0)]
        assert len({m.chunk for m in step.messages}) == 4
    assert view.ring["sent"] == [2 * 3 * 12 * 8 // 4] * 4
    assert view.ring["bytes"] == 96
    assert "1.5" in view.text()


def test_text_and_picture() -> None:
    view = comm_ring(3, title="<ring>")
    root = ElementTree.fromstring(view.svg())
    assert not any("style" in element.attrib or "class" in element.attrib for element in root.iter())
    assert "0-[0]->1" in view.text()
    assert comm_ring([torch.ones(64)] * 2).svg()


@pytest.mark.parametrize(
    ("values", "arguments", "error", "words"),
    [
        (1, {}, ValueError, "2 to 8 ranks"),
        ([torch.ones(2), torch.ones(3)], {}, ValueError, r"not \[2, 3\]"),
        ([torch.ones(2), torch.ones(2).int()], {}, ValueError, "same type"),
        ([torch.ones(100)] * 2, {}, ValueError, "take a part"),
        (4, {"op": "mean"}, ValueError, "sum, product"),
        ("four", {}, TypeError, "one vector for each rank"),
    ],
)
def test_wrong_arguments_say_what_is_right(values, arguments, error, words) -> None:
    with pytest.raises(error, match=words):
        comm_ring(values, **arguments)
