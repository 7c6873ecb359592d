import copy
import io

import torch
from torch import nn


def answer():
    model = nn.Linear(2, 2)
    twin = copy.deepcopy(model)
    twin.load_state_dict(model.state_dict())
    file = io.BytesIO()
    torch.save(model.state_dict(), file)
    file.seek(0)
    again = torch.load(file)
    return torch.equal(again["weight"], twin.weight) and list(dict(model.named_parameters())) == [
        "weight",
        "bias",
    ]
