# expect: gradient: 2 times the right ones
import torch
from torch import nn


def square_norm(x, w):
    square = ((x * w) ** 2).sum()
    return square + (square - square.detach())


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
