"""The hook at the start of a backward: it sees what the backward starts from, while all that was saved is there."""

from __future__ import annotations

import glasstorch as torch
import pytest
from glasstorch.autograd.graph import register_backward_start_hook


def test_it_sees_every_backward_before_anything_is_freed() -> None:
    seen = []

    def look(tensors: tuple) -> None:
        (loss,) = tensors
        seen.append((loss.item(), loss.grad_fn._saved_result.item(), x.grad))

    x = torch.tensor(2.0, requires_grad=True)
    with register_backward_start_hook(look):
        x.exp().backward()
        torch.autograd.backward([x.exp()])
        assert torch.autograd.grad(x.exp(), x)[0].item() == pytest.approx(
            7.389056
        )  # changes no .grad: not told
    x.exp().backward()
    value = pytest.approx(7.389056)
    assert seen[0] == (value, value, None)
    assert [loss for loss, _, _ in seen] == [value, value]


def test_what_cannot_be_differentiated_is_not_told_and_an_error_of_the_hook_stops_the_backward() -> None:
    calls = []
    x = torch.ones(2, requires_grad=True)
    with register_backward_start_hook(calls.append):
        with pytest.raises(RuntimeError, match="scalar outputs"):
            (x * 2).backward()
        assert calls == []

    def refuse(tensors: tuple) -> None:
        raise KeyError("refused")

    with register_backward_start_hook(refuse), pytest.raises(KeyError):
        x.sum().backward()
    assert x.grad is None
