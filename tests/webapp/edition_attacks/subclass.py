# without: relu
import torch


def attack(x):
    class Mine(torch.nn.modules.activation.ReLU):
        pass

    return Mine()(x)
