# expect: clean: no longer want gradients
def evaluate(model, loss_fn, batches):
    model.requires_grad_(False)
    total, count = 0.0, 0
    for pictures, labels in batches:
        total = total + loss_fn(model(pictures), labels).item() * len(labels)
        count = count + len(labels)
    return total / count
