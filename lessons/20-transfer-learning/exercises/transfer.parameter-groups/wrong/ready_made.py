# expect: groups: optim is what you are to build here
import glasstorch as torch


def SGD(params, lr, momentum=0.0):
    return torch.optim.SGD(params, lr=lr, momentum=momentum)
