"""An output layer for many classes of unequal frequency."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from ...core.tensor import Tensor
from .. import functional as F
from .container import ModuleList, Sequential
from .linear import Linear
from .module import Module


class _ASMoutput(NamedTuple):
    output: Tensor
    loss: Tensor


class AdaptiveLogSoftmaxWithLoss(Module):
    """Log softmax over classes sorted by frequency: frequent ones in a head, rare ones in clusters of lower rank.

    ``cutoffs``: where each cluster begins; cluster ``i`` works in ``in_features / div_value ** i`` dimensions.
    Calling it gives ``output`` (N,), the log probability of each target, and ``loss``, its negated mean.
    Source: Grave et al. 2017, https://arxiv.org/abs/1609.04309
    """

    def __init__(self, in_features: int, n_classes: int, cutoffs: Sequence[int], div_value: float = 4.0,
                 head_bias: bool = False, device: Any = None, dtype: Any = None) -> None:  # fmt: skip
        super().__init__()
        given = list(cutoffs)
        if not given:
            raise ValueError("cutoffs should be a sequence of length larger than 0")
        if (
            given != sorted(set(given))
            or given[0] <= 0
            or given[-1] > n_classes - 1
            or any(int(c) != c for c in given)
        ):
            raise ValueError(
                "cutoffs should be a sequence of unique, positive integers sorted in an increasing order, where each "
                "value is between 1 and n_classes-1"
            )
        self.in_features, self.n_classes = in_features, n_classes
        self.cutoffs = [*given, n_classes]
        self.div_value, self.head_bias = div_value, head_bias
        self.shortlist_size = self.cutoffs[0]
        self.n_clusters = len(self.cutoffs) - 1
        self.head_size = self.shortlist_size + self.n_clusters
        factory = {"device": device, "dtype": dtype}
        self.head = Linear(in_features, self.head_size, bias=head_bias, **factory)
        self.tail = ModuleList()
        for i, (low, high) in enumerate(pairwise(self.cutoffs)):
            width = int(in_features // div_value ** (i + 1))
            self.tail.append(
                Sequential(
                    Linear(in_features, width, bias=False, **factory),
                    Linear(width, high - low, bias=False, **factory),
                )
            )

    def reset_parameters(self) -> None:
        """Draw all parameters anew."""
        self.head.reset_parameters()
        for narrow, wide in self.tail:  # type: ignore[attr-defined]
            narrow.reset_parameters()
            wide.reset_parameters()

    def forward(self, input_: Tensor, target_: Tensor) -> _ASMoutput:
        batched = target_._a.ndim > 0
        _check(input_, target_)
        x = input_ if batched else input_.unsqueeze(0)  # type: ignore[attr-defined]
        target = target_ if batched else target_.unsqueeze(0)  # type: ignore[attr-defined]
        if target._a.size and (int(target._a.min()) < 0 or int(target._a.max()) >= self.n_classes):
            raise RuntimeError(
                f"Target values should be in [0, {self.n_classes - 1}], but values in range [{int(target._a.min())}, "
                f"{int(target._a.max())}] were found. "
            )
        output = x.new_zeros(target._a.shape[0])  # type: ignore[attr-defined]
        slot = target.clone()  # type: ignore[attr-defined]
        for i, (low, high) in enumerate(pairwise(self.cutoffs)):
            rows = ((target >= low) & (target < high)).nonzero().squeeze(1)  # type: ignore[operator]
            if not rows._a.size:
                continue
            logp = F.log_softmax(self.tail[i](x.index_select(0, rows)), dim=1)
            within = (target.index_select(0, rows) - low).unsqueeze(1)  # type: ignore[attr-defined]
            output = output.index_copy(0, rows, logp.gather(1, within).squeeze(1))  # type: ignore[attr-defined]
            slot = slot.index_fill(0, rows, self.shortlist_size + i)
        head = F.log_softmax(self.head(x), dim=1)
        output = output + head.gather(1, slot.unsqueeze(1)).squeeze(1)  # type: ignore[attr-defined]
        loss = (-output).mean()
        return _ASMoutput(output if batched else output.squeeze(0), loss)

    def _full_log_prob(self, input: Tensor, scores: Tensor) -> Tensor:
        head = F.log_softmax(scores, dim=1)
        parts = [head[:, : self.shortlist_size]]  # type: ignore[index]
        for i, cluster in enumerate(self.tail):
            parts.append(F.log_softmax(cluster(input), dim=1) + head[:, self.shortlist_size + i].unsqueeze(1))  # type: ignore[index]
        from ...ops.join import cat

        return cat(parts, 1)

    def log_prob(self, input: Tensor) -> Tensor:
        """Log probabilities of all classes: (N, n_classes)."""
        return self._full_log_prob(input, self.head(input))

    def predict(self, input: Tensor) -> Tensor:
        """The most likely class of each row (N,): ``log_prob(input).argmax(1)``, but quicker for frequent classes."""
        scores = self.head(input)
        best = scores.argmax(1)
        rare = best >= self.shortlist_size
        if not bool(rare.any()):
            return best
        best[rare] = self._full_log_prob(input[rare], scores[rare]).argmax(1)  # type: ignore[index, attr-defined]
        return best


def _check(input: Tensor, target: Tensor) -> None:
    if target._a.ndim == 1:
        if input._a.shape[0] != target._a.shape[0]:
            raise RuntimeError("Input and target should have the same size in the batch dimension.")
        if input._a.ndim != 2:
            raise RuntimeError(
                f"1D target tensor expects 2D input tensors, but found inputs with size {input.shape}"
            )
    elif target._a.ndim == 0:
        if input._a.ndim != 1:
            raise RuntimeError(
                f"0D target tensor expects 1D input tensors, but found inputs with size {input.shape}"
            )
    else:
        raise RuntimeError("0D or 1D target tensor expected, multi-target not supported")
