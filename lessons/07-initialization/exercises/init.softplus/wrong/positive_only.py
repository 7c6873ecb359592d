# expect: values: For negative ones an x is too much
import glasstorch as torch


def softplus(x):
    return x + torch.log1p(torch.exp(-x.abs()))


def softplus_backward(grad_output, x):
    return grad_output * torch.sigmoid(x)
