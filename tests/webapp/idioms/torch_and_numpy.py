import numpy as np
import torch


def answer():
    shared = np.zeros(3, np.float32)
    tensor = torch.from_numpy(shared)
    tensor += 1
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    return (
        shared.sum() == 3
        and torch.tensor([1, 2]).to(device).numpy().tolist() == [1, 2]
        and tensor.tolist() == [1, 1, 1]
    )
