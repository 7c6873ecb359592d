# expect: plain: A tensor came back
import glasstorch as torch


def evaluate(model, loss_fn, batches):
    total, count = 0, 0
    with torch.no_grad():
        for pictures, labels in batches:
            total = total + loss_fn(model(pictures), labels) * len(labels)
            count = count + len(labels)
    return total / count
