# expect: steps: only once, after the last batch
def train_epoch_of(model, loss_fn, optimizer, batches):
    model.train()
    total = count = 0
    for inputs, labels in batches:
        optimizer.zero_grad()
        loss = loss_fn(model(inputs), labels)
        loss.backward()
        total += loss.item() * len(labels)
        count += len(labels)
    optimizer.step()
    return total / count
