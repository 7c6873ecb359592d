import glasstorch as torch


def cross_entropy(logits, labels):
    """The mean cross-entropy of logits (N, C) and class numbers (N,)."""
    shifted = logits - logits.max(dim=1, keepdim=True).values
    log_sum = torch.log(torch.exp(shifted).sum(dim=1))
    return (log_sum - shifted[torch.arange(len(labels)), labels]).mean()


def cross_entropy_backward(grad_output, logits, labels):
    """The gradient of the logits, given the gradient of the mean, a single number."""
    e = torch.exp(logits - logits.max(dim=1, keepdim=True).values)
    p = e / e.sum(dim=1, keepdim=True)
    p[torch.arange(len(labels)), labels] -= 1
    return grad_output * p / len(labels)
