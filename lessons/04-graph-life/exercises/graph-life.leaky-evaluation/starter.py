import glasstorch as torch


def evaluate(model, loss_fn, batches):
    """The mean loss per picture over batches of (pictures, labels), as a float."""
    total, count = 0, 0
    for pictures, labels in batches:
        loss = loss_fn(model(pictures), labels)
        loss.backward(retain_graph=True)  # somebody had an error here
        total = total + loss
        count = count + 1
    return total / count
