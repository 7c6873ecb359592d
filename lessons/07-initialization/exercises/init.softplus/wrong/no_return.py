# expect: values: Is a `return` missing?
import glasstorch as torch


def softplus(x):
    torch.relu(x) + torch.log1p(torch.exp(-x.abs()))


def softplus_backward(grad_output, x):
    return grad_output * torch.sigmoid(x)
