# says:
import torch
from torch.utils.data import DataLoader, TensorDataset


def answer():
    return len(list(DataLoader(TensorDataset(torch.ones(4)), num_workers=2))) == 4
