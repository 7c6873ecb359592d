"""Recurrent networks: the gates of one step, the cells, and the loop over time.

A step is few operations: the input's part of all gates is one matrix product for the whole sequence, the hidden
state's part one product a step, and the gates themselves are one op. Gate order is PyTorch's: LSTM i, f, g, o (input,
forget, candidate, output); GRU r, z, n (reset, update, new).
Sources: LSTM, Hochreiter and Schmidhuber 1997; GRU, https://arxiv.org/abs/1406.1078;
https://pytorch.org/docs/stable/generated/torch.nn.LSTM.html
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..core.forms import public
from ..core.mode import STATE, THREAD
from ..core.op import op
from ..core.tensor import Tensor
from .join import cat, stack
from .matmul import linear


def _sigmoid(xp: Any, x: Any) -> Any:
    half = x.dtype.type(0.5)
    return xp.tanh(x * half) * half + half


def _parts(F: Any, x: Any, count: int) -> list[Any]:
    """The last dimension in ``count`` equal pieces."""
    n = x.shape[-1] // count
    if isinstance(x, Tensor):
        return [F.narrow(x, -1, k * n, n) for k in range(count)]
    return [x[..., k * n : (k + 1) * n] for k in range(count)]


def _joined(F: Any, parts: Sequence[Any]) -> Any:
    """Pieces side by side in the last dimension."""
    return F.cat(list(parts), -1) if isinstance(parts[0], Tensor) else F.xp.concatenate(parts, -1)


@op(method=False, function=False, name="ThnnFusedLstmCellBackward0")
class lstm_gates:
    """The gates of an LSTM step: ``gates`` (N, 4H) before their nonlinearities and the cell state ``cx`` (N, H) give
    the new hidden state and the new cell state."""

    formula = r"c' = \sigma(f) \odot c + \sigma(i) \odot \tanh(g), \quad h' = \sigma(o) \odot \tanh(c')"
    keeps = ("opened", "squashed")
    several = True

    def forward(xp, gates: Array, cx: Array):
        i, f, k, o = _parts(None, gates, 4)
        opened = (_sigmoid(xp, i), _sigmoid(xp, f), xp.tanh(k), _sigmoid(xp, o))
        cy = opened[1] * cx + opened[0] * opened[2]
        squashed = xp.tanh(cy)
        return (opened[3] * squashed, cy), (opened, squashed)

    def d_gates(F, g, gates, cx, opened, squashed):
        r"(\bar c\, g\,i(1-i),\; \bar c\, c\,f(1-f),\; \bar c\, i\,(1-g^2),\; \bar h \tanh(c')\,o(1-o))"
        i, f, k, o, t = _opened(F, gates, cx, opened, squashed)
        to_cell = _to_cell(g, o, t)
        to_o = g[0] * t * (o * (1 - o)) if g.get(0) is not None else to_cell * 0
        return _joined(
            F, [to_cell * k * (i * (1 - i)), to_cell * cx * (f * (1 - f)), to_cell * i * (1 - k * k), to_o]
        )

    def d_cx(F, g, gates, cx, opened, squashed):
        r"\bar c \odot f, \quad \bar c = \bar c' + \bar h \odot o\,(1 - \tanh^2 c')"
        _, f, _, o, t = _opened(F, gates, cx, opened, squashed)
        return _to_cell(g, o, t) * f


def _opened(F: Any, gates: Any, cx: Any, opened: Any, squashed: Any) -> tuple:
    """The four gates after their nonlinearities and ``tanh`` of the new cell; on tensors computed anew."""
    if not isinstance(gates, Tensor):
        return (*opened, squashed)
    i, f, k, o = _parts(F, gates, 4)
    i, f, k, o = F.sigmoid(i), F.sigmoid(f), F.tanh(k), F.sigmoid(o)
    return i, f, k, o, F.tanh(f * cx + i * k)


def _to_cell(g: Any, o: Any, t: Any) -> Any:
    """The gradient that reaches the new cell: its own, and the hidden state's through ``tanh``."""
    own, hidden = g.get(1), g.get(0)
    if hidden is None:
        return own
    through = hidden * o * (1 - t * t)
    return through if own is None else own + through


@op(method=False, function=False, name="ThnnFusedGruCellBackward0")
class gru_gates:
    """The gates of a GRU step: input's and hidden state's parts (N, 3H) and ``hx`` (N, H) give the new state."""

    formula = r"r, z = \sigma(x_{r,z} + h_{r,z}),\; n = \tanh(x_n + r \odot h_n),\; h' = n + z \odot (h - n)"
    keeps = ("opened",)

    def forward(xp, x: Array, h: Array, hx: Array):
        (xr, xz, xn), (hr, hz, hn) = _parts(None, x, 3), _parts(None, h, 3)
        r, z = _sigmoid(xp, xr + hr), _sigmoid(xp, xz + hz)
        n = xp.tanh(xn + r * hn)
        return n + z * (hx - n), ((r, z, n),)

    def d_x(F, g, x, h, hx, opened):
        r"(\bar n\,h_n\,r(1-r),\; \bar h\,(h-n)\,z(1-z),\; \bar n), \quad \bar n = \bar h\,(1-z)(1-n^2)"
        return _joined(F, _to_gates(F, g, x, h, hx, opened)[:3])

    def d_h(F, g, x, h, hx, opened):
        r"(\bar n\,h_n\,r(1-r),\; \bar h\,(h-n)\,z(1-z),\; \bar n\,r)"
        to_r, to_z, to_n, r, _ = _to_gates(F, g, x, h, hx, opened)
        return _joined(F, [to_r, to_z, to_n * r])

    def d_hx(F, g, x, h, hx, opened):
        r"\bar h \odot z"
        return g * _to_gates(F, g, x, h, hx, opened)[4]


def _to_gates(F: Any, g: Any, x: Any, h: Any, hx: Any, opened: Any) -> tuple:
    """Gradients of the three gates, and the gates r and z."""
    hn = _parts(F, h, 3)[2]
    if isinstance(x, Tensor):
        (xr, xz, xn), (hr, hz, _) = _parts(F, x, 3), _parts(F, h, 3)
        r, z = F.sigmoid(xr + hr), F.sigmoid(xz + hz)
        n = F.tanh(xn + r * hn)
    else:
        r, z, n = opened
    to_n = g * (1 - z) * (1 - n * n)
    return to_n * hn * (r * (1 - r)), g * (hx - n) * (z * (1 - z)), to_n, r, z


# ---------------------------------------------------------------------- one step
#: A step takes the input's part of the gates, the state (a tuple) and the weights that work on the state.
Step = Callable[[Tensor, tuple, Sequence[Any]], tuple]


def _step_tanh(x: Tensor, state: tuple, weights: Sequence[Any]) -> tuple:
    return ((x + linear(state[0], weights[0], weights[1])).tanh(),)


def _step_relu(x: Tensor, state: tuple, weights: Sequence[Any]) -> tuple:
    return ((x + linear(state[0], weights[0], weights[1])).relu(),)


def _step_gru(x: Tensor, state: tuple, weights: Sequence[Any]) -> tuple:
    return (gru_gates(x, linear(state[0], weights[0], weights[1]), state[0]),)


def _step_lstm(x: Tensor, state: tuple, weights: Sequence[Any]) -> tuple:
    h, c = lstm_gates(x + linear(state[0], weights[0], weights[1]), state[1])
    return (h if weights[2] is None else linear(h, weights[2], None)), c


def _check_cell(input: Tensor, states: Sequence[Tensor], w_ih: Tensor, w_hh: Tensor, gates: int) -> None:
    """RuntimeError unless the shapes of a cell's arguments fit together."""
    if input._a.shape[-1] != w_ih._a.shape[1]:
        raise RuntimeError(
            f"input has inconsistent input_size: got {input._a.shape[-1]} expected {w_ih._a.shape[1]}"
        )
    hidden = w_hh._a.shape[1]
    for k, h in enumerate(states):
        if input._a.shape[0] != h._a.shape[0]:
            raise RuntimeError(
                f"Input batch size {input._a.shape[0]} doesn't match hidden{k} batch size {h._a.shape[0]}"
            )
        if h._a.shape[1] != hidden:
            raise RuntimeError(
                f"hidden{k} has inconsistent hidden_size: got {h._a.shape[1]}, expected {hidden}"
            )
    if w_ih._a.shape[0] != gates * hidden:
        raise RuntimeError(
            f"weight_ih first dim must be {gates} * hidden_size = {gates * hidden}, but got {w_ih._a.shape[0]}"
        )


def _cell(step: Step, gates: int, name: str, words: str) -> Callable:
    """``<name>(input, hx, w_ih, w_hh, b_ih=None, b_hh=None)`` for the cells with one state."""

    def fn(
        input: Tensor, hx: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Any = None, b_hh: Any = None
    ) -> Tensor:
        _check_cell(input, [hx], w_ih, w_hh, gates)
        return step(linear(input, w_ih, b_ih), (hx,), (w_hh, b_hh))[0]

    fn.__name__ = fn.__qualname__ = name
    fn.__doc__ = f"{name}(input, hx, w_ih, w_hh, b_ih=None, b_hh=None) -> Tensor\n\n{words}"
    return public(fn)


rnn_tanh_cell = _cell(
    _step_tanh, 1, "rnn_tanh_cell", "``tanh(x W_ih^T + b_ih + h W_hh^T + b_hh)``, shape (N, H)."
)
rnn_relu_cell = _cell(
    _step_relu, 1, "rnn_relu_cell", "``relu(x W_ih^T + b_ih + h W_hh^T + b_hh)``, shape (N, H)."
)
gru_cell = _cell(_step_gru, 3, "gru_cell", "One step of a gated recurrent unit: the new state, shape (N, H).")


@public
def lstm_cell(
    input: Tensor, hx: Any, w_ih: Tensor, w_hh: Tensor, b_ih: Any = None, b_hh: Any = None
) -> tuple[Tensor, Tensor]:
    """lstm_cell(input, hx, w_ih, w_hh, b_ih=None, b_hh=None) -> (Tensor, Tensor)

    One step of an LSTM. ``hx``: the hidden and the cell state, each (N, H); gives the new ones.
    """
    if not isinstance(hx, (tuple, list)):
        raise TypeError(
            f"lstm_cell(): argument 'hx' (position 2) must be tuple of Tensors, not {type(hx).__name__}"
        )
    if len(hx) != 2:
        raise RuntimeError("lstm_cell expects two hidden states")
    _check_cell(input, hx, w_ih, w_hh, 4)
    h, c = _step_lstm(linear(input, w_ih, b_ih), tuple(hx), (w_hh, b_hh, None))
    return h, c


# ---------------------------------------------------------------------- the loop over time
def _scan(step: Step, inputs: Sequence[Tensor], state: tuple, weights: Sequence[Any], reverse: bool) -> tuple:
    """Run ``step`` over the inputs of one layer in one direction: all hidden states in order, and the last state.

    With packed sequences the rows get fewer from step to step: forwards, a row's state is put aside when its sequence
    ends; backwards, a row joins with its first state when its sequence begins.
    """
    first = state
    now = inputs[-1 if reverse else 0]._a.shape[0]
    state = tuple(s if s._a.shape[0] == now else s.narrow(0, 0, now) for s in state)
    outputs: list[Tensor] = []
    ended: list[tuple] = []
    for x in reversed(inputs) if reverse else inputs:
        rows = x._a.shape[0]
        if rows < now:
            ended.append(tuple(s.narrow(0, rows, now - rows) for s in state))
            state = tuple(s.narrow(0, 0, rows) for s in state)
        elif rows > now:
            more = (f.narrow(0, now, rows - now) for f in first)
            state = tuple(cat([s, m]) for s, m in zip(state, more, strict=True))
        now = rows
        state = step(x, state, weights)
        outputs.append(state[0])
    if ended:
        state = tuple(cat([s, *reversed(rest)]) for s, *rest in zip(state, *ended, strict=True))
    return outputs[::-1] if reverse else outputs, state


def _layers(step: Step, input: Tensor, sizes: list[int] | None, states: tuple, params: Sequence[Tensor],
            has_biases: bool, num_layers: int, dropout: float, train: bool, bidirectional: bool) -> tuple:  # fmt: skip
    """All layers and directions over (T, N, I), or over packed rows with ``sizes`` rows a step."""
    groups = _weights(params, has_biases, len(states) == 2 and states[0]._a.shape[2] != states[1]._a.shape[2])
    directions = 2 if bidirectional else 1
    if len(groups) < num_layers * directions:
        raise RuntimeError(
            f"expected weights for {num_layers * directions} layers and directions, got {len(groups)}"
        )
    unbound = tuple(s.unbind(0) for s in states)
    last: list[tuple] = []
    for layer in range(num_layers):
        found = []
        for direction in range(directions):
            k = layer * directions + direction
            w_ih, w_hh, b_ih, b_hh, w_hr = groups[k]
            projected = linear(input, w_ih, b_ih)
            steps = projected.unbind(0) if sizes is None else projected.split(sizes)
            outputs, state = _scan(
                step, steps, tuple(s[k] for s in unbound), (w_hh, b_hh, w_hr), direction == 1
            )
            found.append(stack(outputs) if sizes is None else cat(outputs))
            last.append(state)
        input = found[0] if directions == 1 else cat(found, -1)
        if dropout and train and layer < num_layers - 1:
            input = _dropped(input, dropout)
    return input, tuple(stack(list(s)) for s in zip(*last, strict=True))


def _weights(params: Sequence[Tensor], has_biases: bool, projected: bool) -> list[tuple]:
    """Groups of (w_ih, w_hh, b_ih, b_hh, w_hr), None for what there is not."""
    n = (4 if has_biases else 2) + projected
    if len(params) % n:
        raise RuntimeError(f"the number of weights must be a multiple of {n}, but got {len(params)}")
    out = []
    for k in range(0, len(params), n):
        group = list(params[k : k + n])
        w_hr = group.pop() if projected else None
        out.append((*group, *(() if has_biases else (None, None)), w_hr))
    return out


def _dropped(x: Tensor, p: float) -> Tensor:
    if p == 1:
        return x * x.new_zeros(x._a.shape)
    return x * x.new_empty(x._a.shape).bernoulli_(1 - p).div_(1 - p)


def _run(step: Step, args: tuple, packed: bool, states: tuple) -> tuple:
    """The arguments after the states, of the plain and of the packed form alike."""
    if packed:
        data, batch_sizes, _, params, has_biases, num_layers, dropout, train, bidirectional = args
        return _layers(step, data, batch_sizes.tolist(), states, params, has_biases, num_layers, dropout, train,
                       bidirectional)  # fmt: skip
    input, _, params, has_biases, num_layers, dropout, train, bidirectional, batch_first = args
    if batch_first:
        input = input.transpose(0, 1)
    if input._a.shape[0] == 0:
        raise RuntimeError("Expected sequence length to be larger than 0 in RNN")
    output, last = _layers(
        step, input, None, states, params, has_biases, num_layers, dropout, train, bidirectional
    )
    return output.transpose(0, 1) if batch_first else output, last


def _network(step: Step, name: str, words: str) -> Callable:
    """``<name>`` for the networks with one state, in both of PyTorch's forms."""

    def fn(*args: Any) -> tuple[Tensor, Tensor]:
        packed = isinstance(args[2], Tensor)
        output, (last,) = _run(step, args, packed, (args[2] if packed else args[1],))
        return output, last

    fn.__name__ = fn.__qualname__ = name
    rest = "params, has_biases, num_layers, dropout, train, bidirectional"
    fn.__doc__ = (
        f"{name}(input, hx, {rest}, batch_first) -> (Tensor, Tensor)\n"
        f"{name}(data, batch_sizes, hx, {rest}) -> (Tensor, Tensor)\n\n"
        f"{words} All hidden states of the last layer, and the last hidden state of every layer. The second form takes "
        "packed sequences."
    )
    return public(fn)


rnn_tanh = _network(_step_tanh, "rnn_tanh", "A recurrent network with tanh.")
rnn_relu = _network(_step_relu, "rnn_relu", "A recurrent network with relu.")
gru = _network(_step_gru, "gru", "A network of gated recurrent units.")


@public
def lstm(*args: Any) -> tuple[Tensor, Tensor, Tensor]:
    """lstm(input, hx, params, has_biases, num_layers, dropout, train, bidirectional, batch_first) -> 3 Tensors
    lstm(data, batch_sizes, hx, params, has_biases, num_layers, dropout, train, bidirectional) -> 3 Tensors

    A network of LSTM cells: all hidden states of the last layer, and the last hidden and cell states of every layer.
    ``hx``: the first hidden and cell states. ``params``: for each layer and direction w_ih, w_hh, (b_ih, b_hh), and
    w_hr where the hidden state is projected. The second form takes packed sequences.
    """
    packed = isinstance(args[1], Tensor)
    hx = tuple(args[2] if packed else args[1])
    if len(hx) != 2:
        raise RuntimeError("lstm expects two hidden states")
    if STATE.special and THREAD.autocast is not None and not packed:
        args = THREAD.autocast("lstm", args)
        hx = tuple(args[1])
    output, (h, c) = _run(_step_lstm, args, packed, hx)
    return output, h, c
