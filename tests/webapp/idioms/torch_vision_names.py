import torch
from torch import Tensor
from torch.nn import Module, Parameter


class Scale(Module):
    def __init__(self):
        super().__init__()
        self.by = Parameter(torch.ones(1))
        self.register_buffer("seen", torch.zeros(1))

    def forward(self, x: Tensor) -> Tensor:
        self.seen += 1
        return x * self.by


def answer():
    scale = Scale().train()
    scale(torch.ones(2))
    return scale.seen.item() == 1 and "seen" in scale.state_dict() and scale.training
