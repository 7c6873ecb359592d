"""Random numbers like a tensor that lies otherwise than row by row: PyTorch draws them in the order of memory."""

from __future__ import annotations

import glasstorch
import pytest
from support.differential import torch

SHAPE = (2, 16, 3, 4)
LAYOUTS = {
    "rows": lambda x: x,
    "channels_last": lambda x: x.to(memory_format=type_of(x).channels_last),
    "reversed": lambda x: x.permute(3, 2, 1, 0).contiguous().permute(3, 2, 1, 0),
    "gaps": lambda x: x.repeat_interleave(2, 3)[..., ::2],
    "expanded": lambda x: x[:, :1].expand(SHAPE),
}
DRAWS = {
    "rand_like": lambda E, x: E.rand_like(x),
    "randn_like": lambda E, x: E.randn_like(x),
    "randint_like": lambda E, x: E.randint_like(x, 50),
    "randint_like from": lambda E, x: E.randint_like(x, -5, 5),
    "randint_like by name": lambda E, x: E.randint_like(x, low=2, high=9),
    "rows": lambda E, x: E.randn_like(x, memory_format=E.contiguous_format),
    "channels": lambda E, x: E.rand_like(x, memory_format=E.channels_last),
    "double": lambda E, x: E.randn_like(x, dtype=E.float64),
    "half": lambda E, x: E.rand_like(x, dtype=E.bfloat16),
}


def type_of(x):
    return torch if isinstance(x, torch.Tensor) else glasstorch


@pytest.mark.cpu
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("draw", DRAWS)
def test_numbers_like_a_tensor(draw: str, layout: str) -> None:
    outcomes = []
    for E in (torch, glasstorch):
        x = LAYOUTS[layout](E.ones(SHAPE))
        E.manual_seed(3)
        y = DRAWS[draw](E, x)
        outcomes.append((y.stride(), str(y.dtype), y.requires_grad, y.double().tolist(), E.rand(1).item()))
    assert outcomes[0][1].removeprefix("torch.") == outcomes[1][1].rpartition(".")[2]
    for theirs, ours in zip(*(o[:1] + o[2:] for o in outcomes), strict=True):
        assert ours == theirs


def test_they_can_require_gradients() -> None:
    for E in (torch, glasstorch):
        x = LAYOUTS["channels_last"](E.ones(SHAPE))
        y = E.randn_like(x, requires_grad=True)
        assert y.requires_grad
        assert y.is_leaf
        (y * 3).sum().backward()
        assert bool((y.grad == 3).all())


@pytest.mark.cpu
@pytest.mark.parametrize("name", ["softmax", "log_softmax", "layer_norm"])
def test_attention_drops_what_pytorch_drops(name: str) -> None:
    """Scores that einsum left in another order come out of a softmax row by row, and dropout is drawn in that order."""
    outcomes = []
    for E in (torch, glasstorch):
        q, k = (E.arange(7 * 2 * 4 * 8.0).reshape(7, 2, 4, 8).sin() * f for f in (1, 2))
        scores = E.einsum("ibhd,jbhd->ijbh", q, k)
        assert not scores.is_contiguous()
        E.manual_seed(5)
        F = E.nn.functional
        out = F.layer_norm(scores, (4,)) if name == "layer_norm" else getattr(F, name)(scores, 1)
        dropped = F.dropout(out, 0.5)
        outcomes.append((out.stride(), dropped.stride(), (dropped == 0).tolist(), E.rand(1).item()))
    assert outcomes[0] == outcomes[1]
