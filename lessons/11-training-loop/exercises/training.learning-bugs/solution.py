def train_epoch_of(model, loss_fn, optimizer, batches):
    """Train on all batches once; returns the mean loss of an example, a float."""
    model.train()
    total = count = 0
    for inputs, labels in batches:
        optimizer.zero_grad()
        outputs = model(inputs)
        loss = loss_fn(outputs, labels)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(labels)
        count += len(labels)
    return total / count
