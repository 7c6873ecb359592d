"""Recurrent layers: ``RNN``, ``LSTM``, ``GRU`` over whole sequences, and their cells for one step."""

from __future__ import annotations

import math
import numbers
from typing import Any

from ...core.frames import warn
from ...core.mode import THREAD
from ...core.tensor import Tensor
from ...ops import create, recurrent
from .. import init
from ..parameter import Parameter
from ..utils.rnn import PackedSequence
from .module import Module

_GATES = {"RNN_TANH": 1, "RNN_RELU": 1, "GRU": 3, "LSTM": 4}
_RUN = {
    "RNN_TANH": recurrent.rnn_tanh,
    "RNN_RELU": recurrent.rnn_relu,
    "GRU": recurrent.gru,
    "LSTM": recurrent.lstm,
}


def apply_permutation(tensor: Tensor, permutation: Tensor, dim: int = 1) -> Tensor:
    """The old name of ``tensor.index_select(dim, permutation)``; FutureWarning."""
    warn(
        "`apply_permutation` is deprecated, please use `tensor.index_select(dim, permutation)` instead",
        FutureWarning,
    )
    return tensor.index_select(dim, permutation)  # type: ignore[attr-defined]


class RNNBase(Module):
    """What ``RNN``, ``LSTM`` and ``GRU`` share: settings, parameters, checks, and the two forms of input.

    Parameters of layer k: ``weight_ih_lk`` (gates · hidden, input), ``weight_hh_lk`` (gates · hidden, hidden),
    ``bias_ih_lk``, ``bias_hh_lk``, with a projection ``weight_hr_lk`` (proj, hidden); those of the backward direction
    end in ``_reverse``. All start uniform between ``-1/sqrt(hidden_size)`` and ``1/sqrt(hidden_size)``.
    """

    _flat_weights_names: list[str]
    _all_weights: list[list[str]]

    def __init__(self, mode: str, input_size: int, hidden_size: int, num_layers: int = 1, bias: bool = True,
                 batch_first: bool = False, dropout: float = 0.0, bidirectional: bool = False, proj_size: int = 0,
                 device: Any = None, dtype: Any = None) -> None:  # fmt: skip
        super().__init__()
        self.mode = mode
        self.input_size, self.hidden_size, self.num_layers = input_size, hidden_size, num_layers
        self.bias, self.batch_first, self.bidirectional = bias, batch_first, bidirectional
        self.dropout, self.proj_size = float(dropout), proj_size
        self._check_settings(dropout)
        gates = _GATES[mode] * hidden_size
        out = proj_size or hidden_size
        shapes: dict[str, tuple[int, ...]] = {"weight_ih": (gates, input_size), "weight_hh": (gates, out)}
        if bias:
            shapes |= {"bias_ih": (gates,), "bias_hh": (gates,)}
        if proj_size:
            shapes["weight_hr"] = (proj_size, hidden_size)
        self._flat_weights_names, self._all_weights = [], []
        for layer in range(num_layers):
            if layer:
                shapes["weight_ih"] = (gates, out * self._directions)
            for suffix in ("", "_reverse")[: self._directions]:
                names = [f"{name}_l{layer}{suffix}" for name in shapes]
                for name, shape in zip(names, shapes.values(), strict=True):
                    setattr(self, name, Parameter(create.empty(shape, device=device, dtype=dtype)))
                self._flat_weights_names += names
                self._all_weights.append(names)
        self.reset_parameters()

    def _check_settings(self, dropout: Any) -> None:
        if not isinstance(dropout, numbers.Number) or isinstance(dropout, bool) or not 0 <= dropout <= 1:  # type: ignore[operator]
            raise ValueError(
                "dropout should be a number in range [0, 1] representing the probability of an element being zeroed"
            )
        if self.dropout > 0 and self.num_layers == 1:
            warn(
                "dropout option adds dropout after all but last recurrent layer, so non-zero dropout expects "
                f"num_layers greater than 1, but got dropout={dropout} and num_layers={self.num_layers}",
            )
        for name, kind in (("bias", bool), ("batch_first", bool), ("input_size", int), ("hidden_size", int)):
            value = getattr(self, name)
            if not isinstance(value, kind):
                raise TypeError(f"{name} should be of type {kind.__name__}, got: {type(value).__name__}")
            if kind is int and value <= 0:
                raise ValueError(f"{name} must be greater than zero")
        if self.num_layers <= 0:
            raise ValueError("num_layers must be greater than zero")
        if self.proj_size < 0:
            raise ValueError("proj_size should be a positive integer or zero to disable projections")
        if self.proj_size >= self.hidden_size:
            raise ValueError("proj_size has to be smaller than hidden_size")
        if self.mode not in _GATES:
            raise ValueError("Unrecognized RNN mode: " + self.mode)

    @property
    def _directions(self) -> int:
        return 2 if self.bidirectional else 1

    @property
    def _flat_weights(self) -> list[Any]:
        """All weights in order; the functions take them like this."""
        return [getattr(self, name, None) for name in self._flat_weights_names]

    @property
    def all_weights(self) -> list[list[Parameter]]:
        """The weights, a list for each layer and direction."""
        return [[getattr(self, name) for name in names] for names in self._all_weights]

    def flatten_parameters(self) -> None:
        """For PyTorch's sake: there the weights move into one block of GPU memory; here nothing needs it."""

    def reset_parameters(self) -> None:
        """Draw the parameters anew."""
        bound = 1.0 / math.sqrt(self.hidden_size)
        for weight in self.parameters():
            init.uniform_(weight, -bound, bound)

    # ------------------------------------------------------------------ checks
    def check_input(self, input: Tensor, batch_sizes: Tensor | None) -> None:
        """ValueError or RuntimeError unless the input suits the layer."""
        own = getattr(self, self._flat_weights_names[0]).dtype
        if input.dtype is not own and THREAD.autocast is None:
            raise ValueError(
                f"RNN input dtype ({input.dtype!r}) does not match weight dtype ({own!r}). Convert input: "
                f"input.to({own!r}), or convert model: model.to({input.dtype!r})"
            )
        expected = 3 if batch_sizes is None else 2
        if input._a.ndim != expected:
            raise RuntimeError(f"input must have {expected} dimensions, got {input._a.ndim}")
        if self.input_size != input._a.shape[-1]:
            raise RuntimeError(
                f"input.size(-1) must be equal to input_size. Expected {self.input_size}, got {input._a.shape[-1]}"
            )

    def _batch(self, input: Tensor, batch_sizes: Tensor | None) -> int:
        if batch_sizes is not None:
            return int(batch_sizes[0])
        return input._a.shape[0 if self.batch_first else 1]

    def get_expected_hidden_size(self, input: Tensor, batch_sizes: Tensor | None) -> tuple[int, int, int]:
        """The shape that the hidden state must have."""
        return (
            self.num_layers * self._directions,
            self._batch(input, batch_sizes),
            self.proj_size or self.hidden_size,
        )

    def check_hidden_size(
        self, hx: Tensor, expected_hidden_size: tuple, msg: str = "Expected hidden size {}, got {}"
    ) -> None:
        """RuntimeError unless a state has the expected shape."""
        if hx._a.shape != expected_hidden_size:
            raise RuntimeError(msg.format(expected_hidden_size, list(hx._a.shape)))

    def check_forward_args(self, input: Tensor, hidden: Any, batch_sizes: Tensor | None) -> None:
        """Check the input and the hidden state together."""
        self.check_input(input, batch_sizes)
        self.check_hidden_size(hidden, self.get_expected_hidden_size(input, batch_sizes))

    def permute_hidden(self, hx: Any, permutation: Tensor | None) -> Any:
        """The rows of a state in another order."""
        return hx if permutation is None else hx.index_select(1, permutation)

    # ------------------------------------------------------------------ forward
    def forward(self, input: Any, hx: Any = None) -> tuple[Any, Any]:
        batch_sizes = order = back = None
        squeezed = None  # the batch dimension that was added to a single sequence
        packed = isinstance(input, PackedSequence)
        if packed:
            input, batch_sizes, order, back = input
        else:
            if input.dim() not in (2, 3):
                raise ValueError(
                    f"{type(self).__name__}: Expected input to be 2D or 3D, got {input.dim()}D instead"
                )
            if input._a.ndim == 2:
                squeezed = 0 if self.batch_first else 1
                input = input.unsqueeze(squeezed)
            hx = self._state_given(hx, squeezed is None)
        hx = self._zeros(input, batch_sizes) if hx is None else self.permute_hidden(hx, order)
        self.check_forward_args(input, hx, batch_sizes)
        settings = (
            hx, self._flat_weights, self.bias, self.num_layers, self.dropout, self.training, self.bidirectional,
        )  # fmt: skip
        run = _RUN[self.mode]
        output, *last = (
            run(input, batch_sizes, *settings) if packed else run(input, *settings, self.batch_first)
        )
        if packed:
            output = PackedSequence(output, batch_sizes, order, back)
        elif squeezed is not None:
            output, last = output.squeeze(squeezed), [s.squeeze(1) for s in last]
        return output, self.permute_hidden(self._state_found(last), back)

    def _state_given(self, hx: Any, batched: bool) -> Any:
        """The user's state with a batch dimension; RuntimeError unless it is batched as the input is."""
        if hx is None:
            return None
        if hx.dim() != (3 if batched else 2):
            raise RuntimeError(
                f"For {'batched 3-D' if batched else 'unbatched 2-D'} input, hx should also be "
                f"{3 if batched else 2}-D but got {hx.dim()}-D tensor"
            )
        return hx if batched else hx.unsqueeze(1)

    def _state_found(self, last: list) -> Any:
        return last[0]

    def _zeros(self, input: Tensor, batch_sizes: Tensor | None) -> Any:
        """The state before the first step when none is given."""
        return input.new_zeros(self.get_expected_hidden_size(input, batch_sizes))  # type: ignore[attr-defined]

    # ------------------------------------------------------------------ description and copies
    def extra_repr(self) -> str:
        out = f"{self.input_size}, {self.hidden_size}"
        if self.proj_size:
            out += f", proj_size={self.proj_size}"
        if self.num_layers != 1:
            out += f", num_layers={self.num_layers}"
        if self.bias is not True:
            out += f", bias={self.bias}"
        if self.batch_first is not False:
            out += f", batch_first={self.batch_first}"
        if self.dropout:
            out += f", dropout={self.dropout}"
        if self.bidirectional is not False:
            out += f", bidirectional={self.bidirectional}"
        return out

    def __getstate__(self) -> dict[str, Any]:
        return {
            **super().__getstate__(),
            "_flat_weights": self._flat_weights,
        }  # which PyTorch keeps in a list

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__({k: v for k, v in state.items() if k != "_flat_weights"})
        self.__dict__.setdefault("proj_size", 0)  # files older than projections


class RNN(RNNBase):
    """``h_t = tanh(W_ih x_t + b_ih + W_hh h_{t-1} + b_hh)`` over a sequence, in ``num_layers`` layers.

    RNN(input_size, hidden_size, num_layers=1, nonlinearity="tanh", bias=True, batch_first=False, dropout=0.0,
    bidirectional=False). Input (T, N, in), with ``batch_first`` (N, T, in), one sequence (T, in), or a
    ``PackedSequence``; the first state ``hx`` (layers · directions, N, hidden), zeros by default. Gives the last
    layer's states (T, N, directions · hidden) and the last state of every layer. ``nonlinearity``: "tanh" or "relu";
    ``dropout`` after every layer but the last. Source: https://pytorch.org/docs/stable/generated/torch.nn.RNN.html
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        _refuse_projection(kwargs)
        if len(args) > 3:
            nonlinearity, args = args[3], (*args[:3], *args[4:])
        else:
            nonlinearity = kwargs.pop("nonlinearity", "tanh")
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(f"Unknown nonlinearity '{nonlinearity}'. Select from 'tanh' or 'relu'.")
        super().__init__(f"RNN_{nonlinearity.upper()}", *args, **kwargs)
        self.nonlinearity = nonlinearity


class GRU(RNNBase):
    """Gated recurrent units over a sequence; arguments, shapes and results as of ``RNN``, without ``nonlinearity``.

    Source: https://arxiv.org/abs/1406.1078
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        _refuse_projection(kwargs)
        super().__init__("GRU", *args, **kwargs)


def _refuse_projection(kwargs: dict) -> None:
    if "proj_size" in kwargs:
        raise ValueError("proj_size argument is only supported for LSTM, not RNN or GRU")


class LSTM(RNNBase):
    """Long short-term memory over a sequence; arguments and shapes as of ``RNN``, without ``nonlinearity``.

    The state is a pair: hidden and cell state. ``proj_size``: the hidden state is projected to this length
    (https://arxiv.org/abs/1402.1128). Source: Hochreiter and Schmidhuber 1997
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__("LSTM", *args, **kwargs)

    def get_expected_cell_size(self, input: Tensor, batch_sizes: Tensor | None) -> tuple[int, int, int]:
        """The shape that the cell state must have."""
        return (self.num_layers * self._directions, self._batch(input, batch_sizes), self.hidden_size)

    def check_forward_args(self, input: Tensor, hidden: Any, batch_sizes: Tensor | None) -> None:
        """Check the input, the hidden state and the cell state together."""
        self.check_input(input, batch_sizes)
        expected = self.get_expected_hidden_size(input, batch_sizes)
        self.check_hidden_size(hidden[0], expected, "Expected hidden[0] size {}, got {}")
        expected = self.get_expected_cell_size(input, batch_sizes)
        self.check_hidden_size(hidden[1], expected, "Expected hidden[1] size {}, got {}")

    def permute_hidden(self, hx: Any, permutation: Tensor | None) -> Any:
        """The rows of both states in another order."""
        return hx if permutation is None else tuple(s.index_select(1, permutation) for s in hx)

    def _state_given(self, hx: Any, batched: bool) -> Any:
        if hx is None:
            return None
        if any(hx[k].dim() != (3 if batched else 2) for k in (0, 1)):
            raise RuntimeError(
                f"For {'batched 3-D' if batched else 'unbatched 2-D'} input, hx and cx should also be "
                f"{3 if batched else 2}-D but got ({hx[0].dim()}-D, {hx[1].dim()}-D) tensors"
            )
        return hx if batched else tuple(s.unsqueeze(1) for s in hx)

    def _state_found(self, last: list) -> Any:
        return tuple(last)

    def _zeros(self, input: Tensor, batch_sizes: Tensor | None) -> Any:
        h = super()._zeros(input, batch_sizes)
        return h, input.new_zeros(self.get_expected_cell_size(input, batch_sizes))  # type: ignore[attr-defined]


class RNNCellBase(Module):
    """What the cells share: ``weight_ih``, ``weight_hh``, ``bias_ih``, ``bias_hh`` and the care for single samples."""

    def __init__(self, input_size: int, hidden_size: int, bias: bool, num_chunks: int, device: Any = None,
                 dtype: Any = None) -> None:  # fmt: skip
        super().__init__()
        self.input_size, self.hidden_size, self.bias = input_size, hidden_size, bias
        make = {"device": device, "dtype": dtype}
        rows = num_chunks * hidden_size
        self.weight_ih = Parameter(create.empty((rows, input_size), **make))
        self.weight_hh = Parameter(create.empty((rows, hidden_size), **make))
        self.register_parameter("bias_ih", Parameter(create.empty(rows, **make)) if bias else None)
        self.register_parameter("bias_hh", Parameter(create.empty(rows, **make)) if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the parameters anew."""
        bound = 1.0 / math.sqrt(self.hidden_size) if self.hidden_size > 0 else 0
        for weight in self.parameters():
            init.uniform_(weight, -bound, bound)

    def _weights(self) -> tuple:
        return self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh

    def _check(self, value: Tensor, what: str) -> None:
        if value.dim() not in (1, 2):
            raise ValueError(
                f"{type(self).__name__}: Expected {what} to be 1D or 2D, got {value.dim()}D instead"
            )

    def _one_state(self, cell: Any, input: Tensor, hx: Tensor | None) -> Tensor:
        """Call a cell with one state; a single sample gets a batch dimension for the time of the call."""
        self._check(input, "input")
        if hx is not None:
            self._check(hx, "hidden")
        single = input._a.ndim == 1
        x: Any = input.unsqueeze(0) if single else input  # type: ignore[attr-defined]
        if hx is None:
            hx = x.new_zeros((x._a.shape[0], self.hidden_size))
        elif single:
            hx = hx.unsqueeze(0)  # type: ignore[attr-defined]
        out = cell(x, hx, *self._weights())
        return out.squeeze(0) if single else out

    def extra_repr(self) -> str:
        out = f"{self.input_size}, {self.hidden_size}"
        if self.bias is not True:
            out += f", bias={self.bias}"
        if getattr(self, "nonlinearity", "tanh") != "tanh":
            out += f", nonlinearity={self.nonlinearity}"
        return out


class RNNCell(RNNCellBase):
    """One step of ``RNN``: input (N, in) or (in,) and state (N, hidden) or (hidden,) give the new state."""

    def __init__(self, input_size: int, hidden_size: int, bias: bool = True, nonlinearity: str = "tanh",
                 device: Any = None, dtype: Any = None) -> None:  # fmt: skip
        super().__init__(input_size, hidden_size, bias, 1, device, dtype)
        self.nonlinearity = nonlinearity

    def forward(self, input: Tensor, hx: Tensor | None = None) -> Tensor:
        if self.nonlinearity not in ("tanh", "relu"):
            raise RuntimeError(f"Unknown nonlinearity: {self.nonlinearity}")
        cell = recurrent.rnn_tanh_cell if self.nonlinearity == "tanh" else recurrent.rnn_relu_cell
        return self._one_state(cell, input, hx)


class GRUCell(RNNCellBase):
    """One step of ``GRU``: input (N, in) or (in,) and state (N, hidden) or (hidden,) give the new state."""

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__(input_size, hidden_size, bias, 3, device, dtype)

    def forward(self, input: Tensor, hx: Tensor | None = None) -> Tensor:
        return self._one_state(recurrent.gru_cell, input, hx)


class LSTMCell(RNNCellBase):
    """One step of ``LSTM``: input (N, in) or (in,) and the pair of states give the new pair (hidden, cell)."""

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__(input_size, hidden_size, bias, 4, device, dtype)

    def forward(self, input: Tensor, hx: Any = None) -> tuple[Tensor, Tensor]:
        self._check(input, "input")
        for k, state in enumerate(hx or () if not isinstance(hx, Tensor) else ()):
            self._check(state, f"hx[{k}]")
        single = input._a.ndim == 1
        x: Any = input.unsqueeze(0) if single else input  # type: ignore[attr-defined]
        if hx is None:
            zeros = x.new_zeros((x._a.shape[0], self.hidden_size))
            hx = (zeros, zeros)
        elif single:
            hx = tuple(s.unsqueeze(0) for s in hx)
        h, c = recurrent.lstm_cell(x, hx, *self._weights())
        return (h.squeeze(0), c.squeeze(0)) if single else (h, c)
