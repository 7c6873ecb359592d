# expect: saves: A plain attribute is not noticed
import glasstorch as torch
from glasstorch import nn
from glasstorch.nn import functional as F


class Tower(nn.Module):
    def __init__(self, mean, std, hidden, depth):
        super().__init__()
        self.mean = mean
        self.std = std
        self.enter = nn.Linear(4, hidden)
        self.layers = nn.ModuleList([nn.Linear(hidden, hidden) for _ in range(depth)])
        self.scale = nn.Parameter(torch.ones(hidden))
        self.leave = nn.Linear(hidden, 3)

    def forward(self, x):
        h = torch.relu(self.enter((x - self.mean) / self.std))
        for layer in self.layers:
            h = F.dropout(torch.relu(layer(h)), 0.2, self.training)
        return self.leave(h * self.scale)
