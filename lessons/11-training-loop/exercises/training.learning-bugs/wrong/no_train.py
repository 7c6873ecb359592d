# expect: mode: in the mode that it was in
def train_epoch_of(model, loss_fn, optimizer, batches):
    total = count = 0
    for inputs, labels in batches:
        optimizer.zero_grad()
        loss = loss_fn(model(inputs), labels)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(labels)
        count += len(labels)
    return total / count
