# expect: gradient: no argument called `x`
import torch
from torch import nn


def square_norm(a, w):
    return ((a * w) ** 2).sum()


class Doubler(nn.Module):
    def __init__(self, start):
        super().__init__()
        self.calls = start

    def forward(self, x):
        self.calls += 1
        return torch.mul(x, 2)


def train_step(model, loss_fn, optimizer, x, y):
    optimizer.zero_grad()
    loss = loss_fn(model(x), y)
    loss.backward()
    optimizer.step()
    return loss.item()
