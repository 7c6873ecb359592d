# expect: shapes: The values are off
import glasstorch as torch


def softplus(x):
    size = torch.exp(-x.abs())
    return x.relu_() + torch.log1p(size)


def softplus_backward(grad_output, x):
    return grad_output * torch.sigmoid(x)
