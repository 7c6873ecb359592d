# expect: value: the pictures of the small last batch count too much
import glasstorch as torch


@torch.no_grad()
def evaluate(model, loss_fn, batches):
    losses = [loss_fn(model(pictures), labels).item() for pictures, labels in batches]
    return sum(losses) / len(losses)
