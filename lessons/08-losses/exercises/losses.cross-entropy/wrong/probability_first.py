# expect: large: Do not compute the probability at all
import glasstorch as torch


def cross_entropy(logits, labels):
    shifted = logits - logits.max(dim=1, keepdim=True).values
    e = torch.exp(shifted)
    p = e / e.sum(dim=1, keepdim=True)
    return -torch.log(p[torch.arange(len(labels)), labels]).mean()


def cross_entropy_backward(grad_output, logits, labels):
    e = torch.exp(logits - logits.max(dim=1, keepdim=True).values)
    p = e / e.sum(dim=1, keepdim=True)
    p[torch.arange(len(labels)), labels] -= 1
    return grad_output * p / len(labels)
