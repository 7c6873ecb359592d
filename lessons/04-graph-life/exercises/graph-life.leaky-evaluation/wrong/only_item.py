# expect: graphless: The answer is not right
def evaluate(model, loss_fn, batches):
    total, count = 0.0, 0
    for pictures, labels in batches:
        total = total + loss_fn(model(pictures), labels).item() * len(labels)
        count = count + len(labels)
    return total / count
