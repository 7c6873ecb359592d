# expect: value: divided by the number of batches
import glasstorch as torch


@torch.no_grad()
def evaluate(model, loss_fn, batches):
    total = 0.0
    for pictures, labels in batches:
        total = total + loss_fn(model(pictures), labels).item() * len(labels)
    return total / len(batches)
