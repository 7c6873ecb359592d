# expect: gradient: the gradient that arrives from above is left out
import glasstorch as torch


def softplus(x):
    return torch.relu(x) + torch.log1p(torch.exp(-x.abs()))


def softplus_backward(grad_output, x):
    return torch.sigmoid(x)
