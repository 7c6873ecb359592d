# expect: gradient: the truth is not subtracted yet
import glasstorch as torch


def cross_entropy(logits, labels):
    shifted = logits - logits.max(dim=1, keepdim=True).values
    log_sum = torch.log(torch.exp(shifted).sum(dim=1))
    return (log_sum - shifted[torch.arange(len(labels)), labels]).mean()


def cross_entropy_backward(grad_output, logits, labels):
    e = torch.exp(logits - logits.max(dim=1, keepdim=True).values)
    p = e / e.sum(dim=1, keepdim=True)
    return grad_output * p / len(labels)
