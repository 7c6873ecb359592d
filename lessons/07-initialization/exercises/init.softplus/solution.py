import glasstorch as torch


def softplus(x):
    """log(1 + exp(x)), right for small and large numbers."""
    return torch.relu(x) + torch.log1p(torch.exp(-x.abs()))


def softplus_backward(grad_output, x):
    """The gradient of x, given the gradient of softplus(x)."""
    return grad_output * torch.sigmoid(x)
