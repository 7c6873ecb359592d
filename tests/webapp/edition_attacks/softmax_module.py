# without: softmax
import torch


def attack(x):
    return torch.nn.Softmax(-1)(x)
