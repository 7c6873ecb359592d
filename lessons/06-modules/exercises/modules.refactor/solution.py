import glasstorch as torch
from glasstorch import nn


class Block(nn.Module):
    """h + relu(linear(h)), from hidden to hidden numbers."""

    def __init__(self, hidden):
        super().__init__()
        self.linear = nn.Linear(hidden, hidden)

    def forward(self, h):
        return h + torch.relu(self.linear(h))


class ResidualNet(nn.Module):
    """Four measurements in, three scores out."""

    def __init__(self, mean, std, hidden, depth):
        super().__init__()
        self.register_buffer("mean", mean)
        self.register_buffer("std", std)
        self.enter = nn.Linear(4, hidden)
        self.blocks = nn.ModuleList([Block(hidden) for _ in range(depth)])
        self.leave = nn.Linear(hidden, 3)

    def forward(self, x):
        h = torch.relu(self.enter((x - self.mean) / self.std))
        for block in self.blocks:
            h = block(h)
        return self.leave(h)
