# expect: clean: The parameters have gradients now
def evaluate(model, loss_fn, batches):
    total, count = 0.0, 0
    for pictures, labels in batches:
        loss = loss_fn(model(pictures), labels)
        loss.backward()
        total = total + loss.item() * len(labels)
        count = count + len(labels)
    return total / count
