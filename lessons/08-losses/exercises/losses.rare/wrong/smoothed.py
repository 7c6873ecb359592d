# expect: rare: in the mean it hardly counts
import glasstorch as torch
from glasstorch import nn
from glasstorch.nn import functional as F


def train_fair(x, y):
    torch.manual_seed(0)
    counts = torch.bincount(y, minlength=3).float()
    weight = counts.sum() / (3 * counts)
    model = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 3))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    for _ in range(100):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y, label_smoothing=0.1)
        loss.backward()
        optimizer.step()
    return model
