"""`attention_view(...)`: which token looks at which, head by head."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import traitlets
from glasstorch import Tensor, nn

from ..drawing import SOFT, Picture
from ..engine import torch
from ..palette import number
from ..view import View

MOST_NUMBERS = 400_000
PRINTED_HEADS, PRINTED_TOKENS = 8, 16

Weigh = Callable[[list[str]], Any]


class AttentionView(
    View,
    module="attention_view.js",
    styles=("cell_grid.css", "explain.css", "attention.css"),
    words="attention",
):
    """Attention weights of one layer; see `attention_view`. The message `token` replaces a token."""

    title = traitlets.Unicode("").tag(sync=True)
    attention = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        weights: Any,
        tokens: Sequence[Any],
        *,
        keys: Sequence[Any] | None = None,
        mask: Any = None,
        function: Weigh | None = None,
        title: str = "",
        lang: str | None = None,
    ) -> None:
        self._function, self._mask = function, mask
        super().__init__(title=title, lang=lang)
        self._show(weights, list(map(str, tokens)), list(map(str, tokens if keys is None else keys)))

    def receive_token(self, message: dict[str, Any]) -> None:
        """Replace one token and weigh anew; what was shown stays if that fails."""
        if self._function is None:
            raise ValueError(
                "these weights are fixed; give a function from tokens to weights to edit the tokens"
            )
        tokens = list(self.attention["tokens"])
        tokens[int(message["index"])] = str(message["text"])
        self._show(self._function(tokens), tokens, tokens)

    def text(self) -> str:
        """For every head and token, where most of the weight goes."""
        heads, length, _ = self.weights.shape
        lines = [f"{self.title or self.labels['title']}: {heads} × {length} × {self.weights.shape[2]}"]
        for head in range(min(heads, PRINTED_HEADS)):
            found = []
            for query, row in zip(self.attention["tokens"][:PRINTED_TOKENS], self.weights[head]):
                if np.isfinite(row).all():
                    best = int(row.argmax())
                    found.append(f"{query} -> {self.attention['keys'][best]} {number(float(row[best]))}")
            lines.append(f"{self.labels['head']} {head}: " + "; ".join(found))
        return "\n".join(lines)

    def svg(self) -> str | None:
        """Every head as a small map, the first with its tokens."""
        heads, length, width = self.weights.shape
        picture = Picture(self.text())
        picture.text(12, 20, self.title or self.labels["title"], size=13, bold=True)
        rows, columns = min(length, 2 * PRINTED_TOKENS), min(width, 2 * PRINTED_TOKENS)
        queries, keys = self.attention["tokens"], self.attention["keys"]
        left = 24 + 6.5 * max(len(t) for t in queries[:rows])
        top = 56.0
        unit = 34.0 if max(rows, columns) <= PRINTED_TOKENS else 14.0
        for c, token in enumerate(keys[:columns]):
            picture.text(
                left + (c + 0.5) * unit,
                top - 6 - 11 * (c % 2),
                token[:9],
                size=10,
                anchor="middle",
                fill=SOFT,
            )
        for r in range(rows):
            picture.text(left - 6, top + (r + 0.65) * unit, queries[r], anchor="end")
            for c in range(columns):
                value = float(self.weights[0, r, c])
                picture.cell(left + c * unit, top + r * unit, unit, unit, value, self._largest(0),
                             text=f"{value:.2f}" if unit > 20 and not self.masked[r, c] else "")  # fmt: skip
                if self.masked[r, c]:
                    x, y = left + c * unit, top + r * unit
                    picture.line([(x + 3, y + unit - 3), (x + unit - 3, y + 3)], stroke=SOFT)
        picture.text(left, top + rows * unit + 16, f"{self.labels['head']} 0", fill=SOFT)
        x = left + columns * unit + 28
        small = 110 / max(rows, columns)
        for head in range(1, min(heads, PRINTED_HEADS + 1)):
            y = top + ((head - 1) % 2) * 146
            for r in range(rows):
                for c in range(columns):
                    value = float(self.weights[head, r, c])
                    picture.cell(
                        x + c * small,
                        y + r * small,
                        small,
                        small,
                        value,
                        self._largest(head),
                        text="",
                        stroke="none",
                    )
            picture.text(
                x, y + 110 * rows / max(rows, columns) + 14, f"{self.labels['head']} {head}", fill=SOFT
            )
            x += 130 if head % 2 == 0 else 0
        return picture.done()

    def __repr__(self) -> str:
        return f"<AttentionView, {' × '.join(map(str, self.weights.shape))}>"

    def _largest(self, head: int) -> float:
        finite = self.weights[head][np.isfinite(self.weights[head])]
        return float(finite.max()) if finite.size and finite.max() > 0 else 1.0

    def _show(self, weights: Any, tokens: list[str], keys: list[str]) -> None:
        found = _array(weights)
        if found.size > MOST_NUMBERS:
            raise ValueError(f"attention_view() shows at most {MOST_NUMBERS} weights, not {found.size}")
        heads, length, width = found.shape
        if (len(tokens), len(keys)) != (length, width):
            given = f"{len(tokens)} and {len(keys)}"
            raise ValueError(
                f"weights of shape {found.shape} need {length} tokens and {width} keys, not {given}"
            )
        if self._mask is not None:
            masked = np.asarray(_plain(self._mask))
            if masked.shape[-2:] != (length, width):
                raise ValueError(f"mask must have shape ({length}, {width}), not {masked.shape}")
            masked = (masked if masked.dtype == bool else ~np.isfinite(masked)).reshape(-1, length, width)
            masked = np.asarray(masked.all(0))
        else:  # softmax gives an exact zero only where the score was minus infinity
            masked = np.asarray((found == 0).all(0))
        sums = found.sum(2)
        self.weights, self.masked = found, masked
        self.attention = {
            "heads": heads,
            "tokens": tokens,
            "keys": keys,
            "editable": self._function is not None,
            "sums": bool(np.allclose(sums[np.isfinite(sums)], 1, atol=1e-3)),
            "data": found.astype("<f8").tobytes(),
            "masked": masked.astype(np.uint8).tobytes(),
        }


def attention_view(
    source: Any,
    tokens: Sequence[Any],
    *,
    inputs: Any = None,
    keys: Sequence[Any] | None = None,
    mask: Any = None,
    title: str = "",
    lang: str | None = None,
) -> AttentionView:
    """Show attention weights: all heads small, one large, with lines from a token to those it looks at.

        attention_view(layer, ["the", "cat", "sat"], inputs=x)      # an nn.MultiheadAttention and its input
        attention_view(weights, tokens)                             # weights you have: (heads, L, S)
        attention_view(lambda tokens: model(encode(tokens)), tokens)  # tokens can be edited in the view

    Up and down go through the tokens that look, left and right through those looked at.

    Args:
        source: weights of shape (heads, L, S), (L, S) or (1, heads, L, S); an `nn.MultiheadAttention`; or a function
            from the list of tokens to weights.
        tokens: the L tokens that look (queries). keys: the S tokens looked at; default the same.
        inputs: for a module, its input (L, E) or (1, L, E) where `batch_first`, or (query, key, value).
        mask: as the module's `attn_mask`: True, or minus infinity, where looking is not allowed. By default weights
            that are exactly 0 in every head count as masked.
        title: written above. lang: "en" or "zh"; default from the environment.

    Raises:
        TypeError: another source, or a module without inputs.
        ValueError: shapes that do not fit, or more than 400 000 weights.
    """
    function = None
    if isinstance(source, nn.MultiheadAttention):
        if inputs is None:
            raise TypeError(
                "with a module attention_view() needs its input too: attention_view(layer, tokens, inputs=x)"
            )
        weights = _of_module(source, inputs, mask)
    elif isinstance(source, nn.Module):
        raise TypeError(
            f"attention_view() takes nn.MultiheadAttention or weights, not {type(source).__name__}"
        )
    elif isinstance(source, Tensor) or not callable(source):
        weights = source
    else:
        function = source
        weights = function(list(map(str, tokens)))
    return AttentionView(weights, tokens, keys=keys, mask=mask, function=function, title=title, lang=lang)


def _of_module(module: nn.MultiheadAttention, inputs: Any, mask: Any) -> Any:
    """The weights of every head, without dropout; the module stays as it is."""
    query, key, value = inputs if isinstance(inputs, (tuple, list)) else (inputs, inputs, inputs)
    training = module.training
    module.eval()
    try:
        with torch.no_grad():
            _, weights = module(
                query, key, value, need_weights=True, average_attn_weights=False, attn_mask=mask
            )
    finally:
        module.train(training)
    return weights


def _plain(value: Any) -> Any:
    if isinstance(value, Tensor):
        value = value.detach().cpu()
        return value.to(torch.float64).numpy() if value.is_floating_point() else value.numpy()
    return value


def _array(weights: Any) -> np.ndarray:
    found = np.asarray(_plain(weights), dtype=np.float64)
    if found.ndim == 4 and len(found) == 1:
        found = found[0]
    if found.ndim == 2:
        found = found[None]
    if found.ndim != 3 or not found.size:
        raise ValueError(
            f"attention weights have shape (heads, L, S), not {found.shape}; pick one sample of a batch, and call the "
            "module with average_attn_weights=False"
        )
    return found
