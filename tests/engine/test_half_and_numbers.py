"""Tensors of half precision and Python numbers: every bit as PyTorch's."""

import glasstorch
import numpy as np
import pytest
from support.differential import torch

CASES = {
    "add": lambda x: x + 0.1,
    "sub": lambda x: x - 0.1,
    "rsub": lambda x: 0.1 - x,
    "mul": lambda x: x * 0.1,
    "mul beyond": lambda x: x * 1e6,
    "div": lambda x: x / 0.3,
    "rdiv": lambda x: 0.1 / x,
    "pow": lambda x: x**1.7,
    "rpow": lambda x: 0.3**x,
    "remainder": lambda x: x % 0.3,
    "floor_divide": lambda x: x // 0.3,
    "add_": lambda x: x.clone().add_(0.1),
    "mul_": lambda x: x.clone().mul_(0.1),
    "clamp": lambda x: x.clamp(0.1, 0.5),
    "integers": lambda x: x * 3 + 2,
    "compare": lambda x: (x < 0.1) * 1.0,
}


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize("name", list(CASES))
def test_same_bits(name, dtype):
    theirs = torch.tensor(np.random.default_rng(0).random(500), dtype=getattr(torch, dtype))
    ours = glasstorch.tensor(theirs.float().numpy(), dtype=getattr(glasstorch, dtype))
    a, b = CASES[name](ours), CASES[name](theirs)
    assert str(a.dtype) == str(b.dtype)
    np.testing.assert_array_equal(a.float().numpy(), b.float().numpy())


def test_a_number_over_a_tensor_is_a_product():
    x = np.random.default_rng(0).random(500).astype(np.float32)
    a, b = 0.1 / glasstorch.tensor(x, requires_grad=True), 0.1 / torch.tensor(x, requires_grad=True)
    np.testing.assert_array_equal(a.detach().numpy(), b.detach().numpy())
    assert a.grad_fn.name() == b.grad_fn.name() == "MulBackward0"
