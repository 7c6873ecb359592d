"""Attention weights: those of the module, masks, edited tokens."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pytest

torch = pytest.importorskip("glasstorch")

from glasstorch import nn  # noqa: E402
from glasstorch_widgets import attention_view  # noqa: E402

TOKENS = ["the", "cat", "<sat>"]


def sent(view) -> np.ndarray:
    about = view.attention
    shape = about["heads"], len(about["tokens"]), len(about["keys"])
    return np.frombuffer(about["data"]).reshape(shape)


def test_the_weights_are_the_modules_and_it_stays_in_training() -> None:
    torch.manual_seed(0)
    layer = nn.MultiheadAttention(8, 2, dropout=0.5, batch_first=True)
    x = torch.randn(1, 3, 8)
    view = attention_view(layer, TOKENS, inputs=x)
    assert layer.training
    layer.eval()
    _, expected = layer(x, x, x, average_attn_weights=False)
    np.testing.assert_array_equal(sent(view), expected[0].detach().numpy())
    # and by its definition: softmax of the scaled products of queries and keys, head by head
    q, k, _ = torch.nn.functional.linear(x[0], layer.in_proj_weight, layer.in_proj_bias).chunk(3, -1)
    by_hand = torch.softmax(q[:, 4:] @ k[:, 4:].T / 2, -1)
    np.testing.assert_allclose(sent(view)[1], by_hand.detach().numpy(), rtol=1e-5)


@pytest.mark.parametrize("kind", [torch.bool, torch.float32])
def test_masked_places_are_known(kind) -> None:
    layer = nn.MultiheadAttention(4, 2)
    causal = torch.triu(torch.ones(3, 3, dtype=torch.bool), 1)
    mask = causal if kind == torch.bool else torch.zeros(3, 3).masked_fill(causal, float("-inf"))
    view = attention_view(layer, TOKENS, inputs=torch.randn(3, 4), mask=mask)
    np.testing.assert_array_equal(view.masked, causal.numpy())
    again = attention_view(view.weights, TOKENS)  # exact zeros tell as much
    np.testing.assert_array_equal(again.masked, causal.numpy())


def test_cross_attention_has_its_own_keys() -> None:
    layer = nn.MultiheadAttention(4, 1)
    query, memory = torch.randn(2, 4), torch.randn(5, 4)
    view = attention_view(layer, ["a", "b"], inputs=(query, memory, memory), keys=range(5))
    assert sent(view).shape == (1, 2, 5)
    assert view.attention["keys"] == list("01234")


def test_editing_a_token_weighs_anew_and_a_failure_changes_nothing() -> None:
    def weigh(tokens):
        if "boom" in tokens:
            raise KeyError("boom is no word")
        lengths = torch.tensor([[float(len(t)) for t in tokens]])
        return torch.softmax(lengths.T * lengths, -1)

    view = attention_view(weigh, TOKENS)
    assert view.attention["editable"]
    view.receive_token({"index": 1, "text": "elephant"})
    assert view.attention["tokens"] == ["the", "elephant", "<sat>"]
    np.testing.assert_allclose(sent(view)[0], weigh(["the", "elephant", "<sat>"]).numpy(), rtol=1e-6)
    before = view.attention
    view._receive(view, {"type": "token", "index": 0, "text": "boom"}, [])
    assert "boom is no word" in view.error
    assert view.attention is before
    fixed = attention_view(torch.ones(1, 3, 3) / 3, TOKENS)
    fixed._receive(fixed, {"type": "token", "index": 0, "text": "x"}, [])
    assert "give a function" in fixed.error


def test_rows_that_are_no_distribution_are_noticed() -> None:
    assert attention_view(torch.full((1, 3, 3), 1 / 3), TOKENS).attention["sums"]
    assert not attention_view(torch.full((1, 3, 3), 0.5), TOKENS).attention["sums"]
    rows = torch.full((1, 3, 3), 1 / 3)
    rows[0, 0] = float("nan")  # a token that may look at nothing
    view = attention_view(rows, TOKENS)
    assert view.attention["sums"]
    assert "nan" not in view.text()


def test_text_and_picture() -> None:
    weights = torch.eye(3).repeat(3, 1, 1)
    view = attention_view(weights, TOKENS, lang="en")
    assert "head 2: the -> the 1; cat -> cat 1; <sat> -> <sat> 1" in view.text()
    root = ElementTree.fromstring(view.svg())
    assert not any("style" in element.attrib or "class" in element.attrib for element in root.iter())
    assert attention_view(torch.ones(40, 40) / 40, range(40)).svg()


@pytest.mark.parametrize(
    ("source", "arguments", "error", "words"),
    [
        (nn.MultiheadAttention(4, 1), {}, TypeError, "inputs=x"),
        (nn.Linear(2, 2), {}, TypeError, "MultiheadAttention"),
        (torch.ones(2, 2), {}, ValueError, "need 2 tokens"),
        (torch.ones(2, 1, 3, 3), {}, ValueError, "average_attn_weights=False"),
        (torch.ones(3, 3), {"mask": torch.ones(2, 2)}, ValueError, r"shape \(3, 3\)"),
    ],
)
def test_wrong_arguments_say_what_is_right(source, arguments, error, words) -> None:
    with pytest.raises(error, match=words):
        attention_view(source, TOKENS, **arguments)
