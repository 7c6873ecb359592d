import torch
from torch import nn, optim
from torch.optim.lr_scheduler import StepLR


def answer():
    model = nn.Linear(2, 1)
    optimizer = optim.SGD(model.parameters(), lr=1.0, momentum=0.9, weight_decay=1e-4)
    scheduler = StepLR(optimizer, step_size=1, gamma=0.5)
    for _ in range(2):
        nn.MSELoss()(model(torch.ones(1, 2)), torch.zeros(1, 1)).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        scheduler.step()
    return optimizer.param_groups[0]["lr"] == 0.25
