# expect: gradient: This is the slope of ReLU
import glasstorch as torch


def softplus(x):
    return torch.relu(x) + torch.log1p(torch.exp(-x.abs()))


def softplus_backward(grad_output, x):
    return grad_output * (x > 0)
