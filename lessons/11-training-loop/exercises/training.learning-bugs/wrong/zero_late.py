# expect: fresh: has not moved
def train_epoch_of(model, loss_fn, optimizer, batches):
    model.train()
    total = count = 0
    for inputs, labels in batches:
        loss = loss_fn(model(inputs), labels)
        loss.backward()
        optimizer.zero_grad()
        optimizer.step()
        total += loss.item() * len(labels)
        count += len(labels)
    return total / count
