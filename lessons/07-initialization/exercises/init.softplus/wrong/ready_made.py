# expect: values: softplus is what you are to build here
import glasstorch as torch


def softplus(x):
    return torch.nn.functional.softplus(x)


def softplus_backward(grad_output, x):
    return grad_output * torch.sigmoid(x)
