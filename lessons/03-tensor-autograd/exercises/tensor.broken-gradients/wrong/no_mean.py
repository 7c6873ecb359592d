# expect: loss: divided by the number of elements
import glasstorch as torch


def loss_and_gradients(x, target, w1, b1, w2):
    """The loss of a two-layer network, and the gradients of w1, b1 and w2."""
    before = x @ w1 + b1
    hidden = torch.relu(before)
    out = hidden @ w2
    difference = out - target
    loss = (difference * difference).mean()

    grad_out = 2 * difference
    grad_w2 = hidden.T @ grad_out
    grad_hidden = grad_out @ w2.T
    grad_before = grad_hidden * (before > 0).float()
    grad_w1 = x.T @ grad_before
    grad_b1 = grad_before.sum(dim=0)
    return {"loss": loss, "w1": grad_w1, "b1": grad_b1, "w2": grad_w2}
