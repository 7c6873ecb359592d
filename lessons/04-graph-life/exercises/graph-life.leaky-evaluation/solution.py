import glasstorch as torch


def evaluate(model, loss_fn, batches):
    """The mean loss per picture over batches of (pictures, labels), as a float."""
    total, count = 0.0, 0
    with torch.no_grad():
        for pictures, labels in batches:
            loss = loss_fn(model(pictures), labels)
            total = total + loss.item() * len(labels)
            count = count + len(labels)
    return total / count
