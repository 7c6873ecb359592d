def train_epoch_of(model, loss_fn, optimizer, batches):
    """Train on all batches once; returns the mean loss of an example, a float."""
    total = count = 0
    for inputs, labels in batches:
        outputs = model(inputs)
        loss = loss_fn(outputs, labels)
        loss.backward()
        total += loss * len(labels)
        count += len(labels)
    optimizer.step()
    return total / count
