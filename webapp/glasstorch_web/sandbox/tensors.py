"""Inside a box: between arrays and the tensors of the preloaded framework."""

from __future__ import annotations

import types
from typing import Any

import numpy as np


class Tensors:
    """The framework as the box needs it; with module None there are only arrays."""

    def __init__(self, module: types.ModuleType | None) -> None:
        self._torch = module

    def try_out(self) -> None:
        """Use everything once: what fails, fails here, and what is made on first use is made."""
        self.seed(0)
        leaf = self.require_gradient(self.from_array(np.ones((2, 2), np.float32)))
        reason = self.backward(leaf @ leaf, None)
        if reason or self.gradient(leaf) is None:
            raise RuntimeError(reason or "it computes no gradients")

    def seed(self, seed: int) -> None:
        if self._torch is not None:
            self._torch.manual_seed(seed)

    def _is_tensor(self, value: object) -> bool:
        return self._torch is not None and isinstance(value, self._torch.Tensor)

    def from_array(self, array: np.ndarray) -> Any:
        if self._torch is None:
            raise RuntimeError("there is no tensor framework in this box")
        return self._torch.from_numpy(np.array(array))

    def to_array(self, value: Any) -> np.ndarray | None:
        """The array of a tensor, None for anything else."""
        return value.detach().cpu().numpy() if self._is_tensor(value) else None

    def require_gradient(self, tensor: Any) -> Any:
        return tensor.requires_grad_(True)

    def backward(self, result: Any, upstream: np.ndarray | None) -> str:
        """Run backward from `result`; the reason, for the learner, when that is impossible."""
        if not self._is_tensor(result):
            what = "None" if result is None else f"a {type(result).__name__}"
            return f"the function returned {what}, so there is nothing to differentiate"
        if not result.requires_grad:
            return (
                "the returned tensor does not depend on the inputs as far as autograd can see "
                "(was the graph cut by .detach(), .item(), .numpy() or no_grad?)"
            )
        if upstream is None:
            seed = self._torch.ones_like(result)  # type: ignore[union-attr]
        else:
            seed = upstream if self._is_tensor(upstream) else self.from_array(upstream)
        result.backward(seed)
        return ""

    def gradient(self, leaf: Any) -> np.ndarray | None:
        return None if leaf.grad is None else self.to_array(leaf.grad)
