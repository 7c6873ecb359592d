"""The confusion matrix: what is counted, which examples are kept, and what is refused before anything is lost."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pytest

torch = pytest.importorskip("glasstorch")
from glasstorch.nn import functional as F  # noqa: E402
from glasstorch_widgets import confusion, worst  # noqa: E402
from glasstorch_widgets.training.confusion import MOST_CLASSES, MOST_EXAMPLES, PER_CELL  # noqa: E402
from glasstorch_widgets.training.examples import SIDE, classes_and_losses, thumbnail  # noqa: E402


def test_counts_and_losses_are_those_of_the_scores() -> None:
    torch.manual_seed(0)
    scores, targets = torch.randn(200, 5) * 3, torch.randint(0, 5, (200,))
    view = confusion(targets, scores, lang="en")
    expected = np.zeros((5, 5), int)
    for target, predicted in zip(targets.tolist(), scores.argmax(1).tolist()):
        expected[target, predicted] += 1
    assert (view.counts == expected).all()
    assert view.accuracy == (scores.argmax(1) == targets).sum().item() / 200
    _, _, losses = classes_and_losses(targets, scores)
    assert losses == pytest.approx(
        F.cross_entropy(scores, targets, reduction="none").numpy(), rel=1e-5, abs=1e-6
    )
    target, predicted, count = view.mistakes()[0]
    assert count == (expected * (1 - np.eye(5, dtype=int))).max() == expected[target, predicted]
    assert view.text().splitlines()[0] == f"Confusion matrix: {100 * view.accuracy:g} % right of 200"
    rows = ElementTree.fromstring(view.svg()).iter("{http://www.w3.org/2000/svg}text")
    assert str(expected.max()) in [row.text for row in rows]


def test_batches_add_up_and_update_starts_anew() -> None:
    scores, targets = torch.randn(64, 4), torch.randint(0, 4, (64,))
    whole, parts = confusion(targets, scores), confusion()
    assert parts.svg() is None
    for start in range(0, 64, 16):
        parts.add(targets[start : start + 16], scores[start : start + 16])
    assert (parts.counts == whole.counts).all()
    assert parts.matrix == whole.matrix
    parts.update(targets[:8], scores[:8].argmax(1))
    assert parts.matrix["total"] == 8
    parts.add(torch.zeros(0, dtype=torch.long), torch.zeros(0, 4))
    assert parts.matrix["total"] == 8


def test_the_worst_examples_of_a_cell_are_kept_with_their_pictures() -> None:
    targets = np.zeros(100, int)
    scores = np.zeros((100, 2))
    scores[:, 1] = np.arange(100)  # the later, the worse: all but the first are taken for 1
    images = np.zeros((100, 1, 4, 4), np.float32)
    images[:, 0, 0, 0] = np.arange(100)
    view = confusion(classes=["a", "b"])
    for part in range(0, 100, 20):
        chosen = slice(part, part + 20)
        view.add(targets[chosen], scores[chosen], images[chosen])
    kept = [one for one in view.examples["examples"] if one[1] != one[2]]
    assert [one[0] for one in kept] == list(range(99, 99 - PER_CELL, -1))
    assert kept[0][3] == pytest.approx(99, abs=1e-3)
    assert len(view.examples["pixels"]) == 3 * sum(h * w for *_, h, w in view.examples["examples"])
    few = worst(images, scores, targets, n=3, lang="en")
    assert [one.index for one in few.found] == [99, 98, 97]
    assert "number 99: 0, taken for 1, loss 99" in few.text()


def test_many_classes_are_cut_to_those_that_are_confused() -> None:
    targets = np.arange(100).repeat(5)
    predictions = targets.copy()
    predictions[targets >= 90] = 3
    view = confusion(targets, predictions, images=np.zeros((500, 40, 60)))
    shown = [k for k, _ in view.matrix["classes"]]
    assert len(shown) == MOST_CLASSES
    assert {3, *range(90, 100)} <= set(shown)
    assert len(view.examples["examples"]) <= MOST_EXAMPLES
    assert len(view.text().splitlines()) < MOST_CLASSES + 12


def test_thumbnails() -> None:
    grey = thumbnail(np.array([[0.0, np.nan], [5.0, 10.0]]))
    assert grey[..., 0].tolist() == [[0, 0], [128, 255]]
    assert (grey[..., 0] == grey[..., 2]).all()
    assert thumbnail(torch.rand(3, 100, 50)).shape == (34, 17, 3)
    assert max(thumbnail(np.zeros((SIDE, SIDE))).shape) == SIDE
    with pytest.raises(ValueError, match="a picture must have shape"):
        thumbnail(np.zeros((4, 5, 5)))


@pytest.mark.parametrize(
    ("targets", "predictions", "images", "words"),
    [
        ([0.5, 1.0], [0, 1], None, "class numbers"),
        ([0, 1], [0, 1, 1], None, "for the 2 targets"),
        ([0, 1], [0.5, 1.5], None, "must be class numbers"),
        ([0, -1], [0, 1], None, "class numbers"),
        ([0, 3], [[1.0, 2.0, 3.0]] * 2, None, "a target 3, but scores for classes 0 to 2"),
        ([0, 2], [0, 1], None, "only 2 names"),
        ([0, 1], [0, 1], np.zeros((3, 4, 4)), "2 targets and 3 images"),
        ([0, 1], [0, 1], np.zeros((2, 5, 4, 4)), "a picture must have shape"),
    ],
)
def test_what_does_not_fit_is_explained_and_changes_nothing(targets, predictions, images, words) -> None:
    view = confusion([0, 1, 1], [0, 1, 0], classes=["a", "b"])
    before = view.counts.copy()
    for call in (view.add, view.update):
        with pytest.raises(ValueError, match=words):
            call(targets, predictions, images)
    assert (view.counts == before).all()
    assert view.matrix["total"] == 3


def test_worst_needs_scores() -> None:
    with pytest.raises(ValueError, match="logits must be scores"):
        worst(np.zeros((2, 4, 4)), np.array([0, 1]), [0, 1])
