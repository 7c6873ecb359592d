"""The older place of ``torch.ao.nn.quantized.dynamic``."""

from __future__ import annotations

from ....ao.nn.quantized.dynamic import GRU, LSTM, GRUCell, Linear, LSTMCell, RNNCell

__all__ = ["GRU", "LSTM", "GRUCell", "LSTMCell", "Linear", "RNNCell"]
