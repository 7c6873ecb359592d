"""Where new tensors go that name no device. ``meta`` is no device of ours, so this asks for the CPU by name."""

from __future__ import annotations

import glasstorch
import pytest
from support import standin
from support.differential import raises_alike, torch

ENGINES = [glasstorch, torch]


@pytest.mark.parametrize("E", ENGINES)
def test_the_cpu_unless_something_else_is_chosen(E) -> None:
    assert E.get_default_device() == E.device("cpu")
    try:
        E.set_default_device("cpu")
        assert E.zeros(2).device == E.get_default_device()
    finally:
        E.set_default_device(None)


def test_bad_devices() -> None:
    raises_alike(lambda E: E.set_default_device("gpu"), "gpu")


def test_factories_follow_and_likes_do_not() -> None:
    cuda = glasstorch.device("cuda", 0)
    with standin.installed():
        here = glasstorch.ones(2)
        with cuda:
            made = [
                glasstorch.zeros(2), glasstorch.tensor([1]), glasstorch.arange(3), glasstorch.full((2,), 1.5),
                glasstorch.eye(2), glasstorch.linspace(0, 1, 3), glasstorch.rand(2), glasstorch.randint(0, 3, (2,)),
            ]  # fmt: skip
            assert {t.device for t in made} == {cuda}
            assert glasstorch.zeros(2, device="cpu").device.type == "cpu"
            stays = [glasstorch.zeros_like(here), here.new_ones(2), glasstorch.rand_like(here), here + 1]
            assert {t.device.type for t in stays} == {"cpu"}
            with glasstorch.device("cpu"):
                assert glasstorch.zeros(1).device.type == "cpu"
        assert glasstorch.zeros(1).device.type == "cpu"
