# expect: values: The logit of the right class is still to be subtracted
import glasstorch as torch


def cross_entropy(logits, labels):
    largest = logits.max(dim=1).values
    shifted = logits - largest.unsqueeze(1)
    log_sum = torch.log(torch.exp(shifted).sum(dim=1))
    return (log_sum + largest).mean()


def cross_entropy_backward(grad_output, logits, labels):
    e = torch.exp(logits - logits.max(dim=1, keepdim=True).values)
    p = e / e.sum(dim=1, keepdim=True)
    p[torch.arange(len(labels)), labels] -= 1
    return grad_output * p / len(labels)
