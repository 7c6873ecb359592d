# expect: small: There is a function for the logarithm of 1 plus something small
import glasstorch as torch


def softplus(x):
    return torch.relu(x) + torch.log(1 + torch.exp(-x.abs()))


def softplus_backward(grad_output, x):
    return grad_output * torch.sigmoid(x)
