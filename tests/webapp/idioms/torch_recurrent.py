import torch
from torch import nn


def answer():
    lstm = nn.LSTM(3, 5, batch_first=True)
    out, (h, _c) = lstm(torch.randn(2, 4, 3))
    embedded = nn.Embedding(10, 3)(torch.tensor([[1, 2]]))
    normed = nn.LayerNorm(3)(embedded)
    return out.shape == (2, 4, 5) and h.shape == (1, 2, 5) and normed.shape == (1, 2, 3)
