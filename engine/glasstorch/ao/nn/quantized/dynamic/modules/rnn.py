"""Recurrent layers with quantized weights: ``LSTM`` and ``GRU`` over sequences, and cells for one step.

The gates are computed as in the float layers, in float32; only the two matrix products of a step are of integers. The
input's part is one product for the whole sequence, so the sequence is quantized to one range; the hidden state is
quantized anew in every step.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ......core.quantized import QuantizedTensor, qint8
from ......core.tensor import Tensor, wrap
from ......nn.modules import container, rnn
from ......nn.utils.rnn import PackedSequence
from ......ops import recurrent
from ......ops.join import cat, stack
from ...modules.utils import QuantizedModule, checked, floats_only, multiplier, shown

Product = Callable[[Tensor], Tensor]


def _lstm_step(x: Tensor, state: tuple, product: Product) -> tuple:
    return recurrent.lstm_gates(x + product(state[0]), state[1])  # type: ignore[operator]


def _gru_step(x: Tensor, state: tuple, product: Product) -> tuple:
    return (recurrent.gru_gates(x, product(state[0]), state[0]),)


def _tanh_step(x: Tensor, state: tuple, product: Product) -> tuple:
    return ((x + product(state[0])).tanh(),)  # type: ignore[operator]


def _relu_step(x: Tensor, state: tuple, product: Product) -> tuple:
    return ((x + product(state[0])).relu(),)  # type: ignore[operator]


def _blank(rows: int, columns: int, dtype: Any) -> tuple[Any, Tensor]:
    """A weight and a bias of zeros, for layers made by hand."""
    zeros = wrap(np.zeros((rows, columns), np.int8 if dtype is qint8 else np.float32))
    weight = QuantizedTensor(zeros, qint8, 1.0, 0) if dtype is qint8 else zeros
    return weight, wrap(np.zeros(rows, np.float32))


def _refuse_other_layers(mod: Any) -> None:
    if not mod.bias:
        raise AssertionError(
            "mod.bias must be True: quantized recurrent layers have a bias, as in PyTorch. Exclude this layer, or make "
            "it with bias=True"
        )
    if getattr(mod, "proj_size", 0):
        raise NotImplementedError("an LSTM with proj_size cannot be quantized: exclude it from qconfig_spec")


class PackedParameter(QuantizedModule):
    """The weights of one layer in one direction: ``param`` is (weight_ih, bias_ih, weight_hh, bias_hh)."""

    def __init__(self, param: tuple) -> None:
        super().__init__()
        self.param = param

    @property
    def dtype(self) -> Any:
        """``torch.qint8`` or ``torch.float16``."""
        return self.param[0].dtype

    def products(self) -> tuple[Product, Product]:
        """What multiplies the input, and what the hidden state."""
        w_ih, b_ih, w_hh, b_hh = self.param
        return multiplier(w_ih, b_ih), multiplier(w_hh, b_hh)

    def _held(self) -> dict[str, Any]:
        w_ih, b_ih, w_hh, b_hh = self.param
        return {"param": (shown(w_ih), b_ih, shown(w_hh), b_hh)}

    def _hold(self, held: dict[str, Any]) -> None:
        w_ih, b_ih, w_hh, b_hh = held["param"]
        ih = checked(w_ih, b_ih, self.dtype, self.param[0].shape)
        self.param = (*ih, *checked(w_hh, b_hh, self.dtype, self.param[2].shape))


class RNNBase(QuantizedModule):
    """What the quantized ``LSTM`` and ``GRU`` share: settings, weights, and the loop over layers and directions."""

    _version = 2
    _gates: int
    _step: Any
    _float: Any

    def __init__(self, input_size: int, hidden_size: int, num_layers: int = 1, bias: bool = True,
                 batch_first: bool = False, dropout: float = 0.0, bidirectional: bool = False,
                 dtype: Any = qint8) -> None:  # fmt: skip
        super().__init__()
        self.mode = self._float.__name__
        self.input_size, self.hidden_size, self.num_layers = input_size, hidden_size, num_layers
        self.bias, self.batch_first, self.bidirectional = bias, batch_first, bidirectional
        self.dropout, self.dtype, self.training = float(dropout), dtype, False
        kept = []
        for layer in range(num_layers):
            width = input_size if layer == 0 else hidden_size * self._directions
            for _ in range(self._directions):
                ih = checked(*_blank(self._gates * hidden_size, width, dtype), dtype)
                hh = checked(*_blank(self._gates * hidden_size, hidden_size, dtype), dtype)
                kept.append(PackedParameter((*ih, *hh)))
        self._all_weight_values = container.ModuleList(kept)

    @property
    def _directions(self) -> int:
        return 2 if self.bidirectional else 1

    def _suffixes(self) -> list[str]:
        """How the names of the float layer's parameters end, in order: ``_l0``, ``_l0_reverse``, ``_l1``, …"""
        return [f"_l{k}{way}" for k in range(self.num_layers) for way in ("", "_reverse")[: self._directions]]

    # ------------------------------------------------------------------ weights
    @classmethod
    def from_float(cls, mod: Any, use_precomputed_fake_quant: bool = False) -> RNNBase:
        """The quantized layer for a float one with an attribute ``qconfig``."""
        floats_only(cls.__name__, mod, (cls._float,))
        _refuse_other_layers(mod)
        rule = mod.qconfig.weight
        new = cls(mod.input_size, mod.hidden_size, mod.num_layers, mod.bias, mod.batch_first, mod.dropout,
                  mod.bidirectional, rule.dtype)  # fmt: skip
        names = [f"{kind}{suffix}" for suffix in new._suffixes() for kind in ("weight_ih", "weight_hh")]
        weights = {name: rule.quantize(getattr(mod, name)) for name in names}
        biases = {name: getattr(mod, name) for name in (n.replace("weight", "bias") for n in names)}
        new.set_weight_bias(weights | biases)
        return new

    def set_weight_bias(self, weight_bias_dict: dict[str, Any]) -> None:
        """Other numbers: weights and biases under the names that the float layer's parameters have."""
        given = weight_bias_dict
        for kept, s in zip(self._all_weight_values, self._suffixes(), strict=True):
            kept._hold({"param": tuple(given[kind + s] for kind in ("weight_ih", "bias_ih", "weight_hh", "bias_hh"))})  # type: ignore[operator]  # fmt: skip

    def _weight_bias(self) -> dict[str, dict[str, Any]]:
        out: dict[str, dict[str, Any]] = {"weight": {}, "bias": {}}
        for kept, s in zip(self._all_weight_values, self._suffixes(), strict=True):
            w_ih, b_ih, w_hh, b_hh = kept._held()["param"]  # type: ignore[operator]
            out["weight"] |= {f"weight_ih{s}": w_ih, f"weight_hh{s}": w_hh}
            out["bias"] |= {f"bias_ih{s}": b_ih, f"bias_hh{s}": b_hh}
        return out

    def get_weight(self) -> dict[str, Any]:
        """The weights, under the names that the float layer's parameters have."""
        return self._weight_bias()["weight"]

    def get_bias(self) -> dict[str, Tensor]:
        """The biases, under the names that the float layer's parameters have."""
        return self._weight_bias()["bias"]

    # ------------------------------------------------------------------ forward
    def forward(self, input: Any, hx: Any = None) -> tuple[Any, Any]:
        sizes: Any = None
        order = back = None
        packed = isinstance(input, PackedSequence)
        if packed:
            input, sizes, order, back = input
        self._check(input, packed)
        batch = int(sizes[0]) if packed else input._a.shape[0 if self.batch_first else 1]  # type: ignore[index]
        if not packed and self.batch_first:
            input = input.transpose(0, 1)
        states = self._states(input, hx, batch, order)
        if not packed and input._a.shape[0] == 0:
            raise RuntimeError("Expected sequence length to be larger than 0 in RNN")
        output, last = self._run(input, None if sizes is None else sizes.tolist(), states)
        if packed:
            output = PackedSequence(output, sizes, order, back)
        elif self.batch_first:
            output = output.transpose(0, 1)
        if back is not None:
            last = tuple(s.index_select(1, back) for s in last)
        return output, last if len(last) == 2 else last[0]

    def _check(self, input: Tensor, packed: bool) -> None:
        expected = 2 if packed else 3
        if input._a.ndim != expected:
            raise RuntimeError(f"input must have {expected} dimensions, got {input._a.ndim}")
        if input._a.shape[-1] != self.input_size:
            raise RuntimeError(
                f"input.size(-1) must be equal to input_size. Expected {self.input_size}, got {input._a.shape[-1]}"
            )

    def _states(self, input: Any, hx: Any, batch: int, order: Any) -> tuple:
        """The states before the first step: zeros, or the user's, with the rows in the order of the packed ones."""
        count = 2 if self._step is _lstm_step else 1
        shape = (self.num_layers * self._directions, batch, self.hidden_size)
        if hx is None:
            return (input.new_zeros(shape),) * count
        given = tuple(hx) if count == 2 else (hx,)
        for k, state in enumerate(given):
            if state._a.shape != shape:
                which = f"[{k}]" if count == 2 else ""
                raise RuntimeError(f"Expected hidden{which} size {shape}, got {list(state._a.shape)}")
        return given if order is None else tuple(s.index_select(1, order) for s in given)

    def _run(self, input: Tensor, sizes: list[int] | None, states: tuple) -> tuple[Any, tuple]:
        """All layers and directions over (T, N, I), or over packed rows with ``sizes`` rows a step."""
        unbound, last = [s.unbind(0) for s in states], []
        for layer in range(self.num_layers):
            found = []
            for k in range(layer * self._directions, (layer + 1) * self._directions):
                of_input, of_hidden = self._all_weight_values[k].products()  # type: ignore[operator, union-attr]
                projected: Any = of_input(input)
                steps = projected.unbind(0) if sizes is None else projected.split(sizes)
                first = tuple(s[k] for s in unbound)
                backwards = self.bidirectional and k % 2 == 1
                outputs, state = recurrent._scan(self._step, steps, first, of_hidden, backwards)  # type: ignore[arg-type]
                found.append(stack(outputs) if sizes is None else cat(outputs))
                last.append(state)
            input = found[0] if len(found) == 1 else cat(found, -1)
            if self.dropout and self.training and layer < self.num_layers - 1:
                input = recurrent._dropped(input, self.dropout)
        return input, tuple(stack(list(s)) for s in zip(*last, strict=True))

    # ------------------------------------------------------------------ description
    def _get_name(self) -> str:
        return f"DynamicQuantized{type(self).__name__}"

    def extra_repr(self) -> str:
        return self._float.extra_repr(self)

    proj_size = 0  # of which that asks

    def __repr__(self) -> str:
        return f"{self._get_name()}({self.extra_repr()})"


class LSTM(RNNBase):
    """``nn.LSTM`` with weights of int8 numbers; input, states and results have the shapes that they have there.

    Input (T, N, in), with ``batch_first`` (N, T, in), or a ``PackedSequence``. There is no gradient.
    ``torch.ao.quantization.quantize_dynamic`` makes such layers of trained ones.
    Source: https://pytorch.org/docs/stable/generated/torch.ao.nn.quantized.dynamic.LSTM.html
    """

    _gates, _step, _float = 4, staticmethod(_lstm_step), rnn.LSTM


class GRU(RNNBase):
    """``nn.GRU`` with weights of int8 numbers; see ``LSTM``.

    Source: https://pytorch.org/docs/stable/generated/torch.ao.nn.quantized.dynamic.GRU.html
    """

    _gates, _step, _float = 3, staticmethod(_gru_step), rnn.GRU


class RNNCellBase(QuantizedModule):
    """What the quantized cells share. They hold two pairs of a weight and a bias, for input and hidden state."""

    _gates: int
    _float: type

    def __init__(self, input_size: int, hidden_size: int, bias: bool = True, dtype: Any = qint8) -> None:
        super().__init__()
        self.input_size, self.hidden_size, self.bias, self.weight_dtype = input_size, hidden_size, bias, dtype
        rows = self._gates * hidden_size
        self._packed_weight_ih = checked(*_blank(rows, input_size, dtype), dtype)
        self._packed_weight_hh = checked(*_blank(rows, hidden_size, dtype), dtype)

    def _step_of(self) -> Any:
        return self._step  # type: ignore[attr-defined]

    def forward(self, input: Tensor, hx: Any = None) -> Any:
        if input._a.ndim != 2:
            raise RuntimeError(
                f"a quantized cell takes a batch of vectors, (N, {self.input_size}), got {input._a.ndim} dimensions"
            )
        if input._a.shape[1] != self.input_size:
            raise RuntimeError(
                f"input has inconsistent input_size: got {input._a.shape[1]}, expected {self.input_size}"
            )
        pair = isinstance(self, LSTMCell)
        if hx is None:
            zeros = input.new_zeros((input._a.shape[0], self.hidden_size))  # type: ignore[attr-defined]
            hx = (zeros, zeros) if pair else zeros
        states = tuple(hx) if pair else (hx,)
        for k, state in enumerate(states):
            if state._a.shape != (input._a.shape[0], self.hidden_size):
                raise RuntimeError(
                    f"hidden{f'[{k}]' if pair else ''} must have shape ({input._a.shape[0]}, {self.hidden_size}), got "
                    f"{tuple(state._a.shape)}"
                )
        of_input, of_hidden = multiplier(*self._packed_weight_ih), multiplier(*self._packed_weight_hh)
        new = self._step_of()(of_input(input), states, of_hidden)
        return new if pair else new[0]

    @classmethod
    def from_float(cls, mod: Any, use_precomputed_fake_quant: bool = False) -> RNNCellBase:
        """The quantized cell for a float one with an attribute ``qconfig``."""
        floats_only(cls.__name__, mod, (cls._float,))
        _refuse_other_layers(mod)
        rule = mod.qconfig.weight
        more = {"nonlinearity": mod.nonlinearity} if cls is RNNCell else {}
        new = cls(mod.input_size, mod.hidden_size, mod.bias, dtype=rule.dtype, **more)  # type: ignore[call-arg]
        new._packed_weight_ih = checked(rule.quantize(mod.weight_ih), mod.bias_ih, rule.dtype)
        new._packed_weight_hh = checked(rule.quantize(mod.weight_hh), mod.bias_hh, rule.dtype)
        return new

    def get_weight(self) -> dict[str, Any]:
        """The weights: ``weight_ih`` and ``weight_hh``."""
        return {"weight_ih": shown(self._packed_weight_ih[0]), "weight_hh": shown(self._packed_weight_hh[0])}

    def get_bias(self) -> dict[str, Tensor | None]:
        """The biases: ``bias_ih`` and ``bias_hh``."""
        return {"bias_ih": self._packed_weight_ih[1], "bias_hh": self._packed_weight_hh[1]}

    def _held(self) -> dict[str, Any]:
        pairs = {"_packed_weight_ih": self._packed_weight_ih, "_packed_weight_hh": self._packed_weight_hh}
        return {name: (shown(weight), bias) for name, (weight, bias) in pairs.items()}

    def _hold(self, held: dict[str, Any]) -> None:
        for name in self._held():
            weight, bias = held[name]
            setattr(self, name, checked(weight, bias, self.weight_dtype, getattr(self, name)[0].shape))

    def _get_name(self) -> str:
        return f"DynamicQuantized{type(self).__name__}"

    def extra_repr(self) -> str:
        return f"{self.input_size}, {self.hidden_size}"


class LSTMCell(RNNCellBase):
    """``nn.LSTMCell`` with weights of int8 numbers."""

    _gates, _step, _float = 4, staticmethod(_lstm_step), rnn.LSTMCell


class GRUCell(RNNCellBase):
    """``nn.GRUCell`` with weights of int8 numbers."""

    _gates, _step, _float = 3, staticmethod(_gru_step), rnn.GRUCell


class RNNCell(RNNCellBase):
    """``nn.RNNCell`` with weights of int8 numbers. ``nonlinearity``: "tanh" or "relu"."""

    _gates, _float = 1, rnn.RNNCell

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        dtype: Any = qint8,
    ) -> None:
        super().__init__(input_size, hidden_size, bias, dtype)
        if nonlinearity not in ("tanh", "relu"):
            raise RuntimeError(f"Unknown nonlinearity: {nonlinearity}. Choose 'tanh' or 'relu'")
        self.nonlinearity = nonlinearity

    def _step_of(self) -> Any:
        return _tanh_step if self.nonlinearity == "tanh" else _relu_step

    def extra_repr(self) -> str:
        out = super().extra_repr()
        return out if self.nonlinearity == "tanh" else f"{out}, nonlinearity={self.nonlinearity}"
