# expect: forward: not divided by
import glasstorch as torch


def attention(q, k, v, mask=None):
    """The mixture of values for each query, and the weights."""
    scores = q @ k.transpose(-2, -1)
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    e = torch.exp(scores - scores.amax(-1, keepdim=True))
    weights = e / e.sum(-1, keepdim=True)
    return weights @ v, weights


def attention_vjp(grad_out, q, k, v, mask=None):
    """The gradients of q, k and v, given the gradient of attention's output."""
    _, p = attention(q, k, v, mask)
    grad_v = p.transpose(-2, -1) @ grad_out
    g = grad_out @ v.transpose(-2, -1)
    d = p * (g - (p * g).sum(-1, keepdim=True)) / q.shape[-1] ** 0.5
    return d @ k, d.transpose(-2, -1) @ q, grad_v
