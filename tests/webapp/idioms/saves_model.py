# says: PermissionError ... files to write
import torch


def answer():
    torch.save({"a": torch.ones(1)}, "model.pt")
    return True
