# expect: large: Never give `exp` a large positive number
import glasstorch as torch


def softplus(x):
    return torch.log1p(torch.exp(x))


def softplus_backward(grad_output, x):
    return grad_output * torch.sigmoid(x)
