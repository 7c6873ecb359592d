"""Layers with int8 weights that quantize their input to its own range in every call."""

from __future__ import annotations

from .modules import GRU, LSTM, GRUCell, Linear, LSTMCell, RNNCell

__all__ = ["GRU", "LSTM", "GRUCell", "LSTMCell", "Linear", "RNNCell"]
