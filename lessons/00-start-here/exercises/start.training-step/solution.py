def train_step(model, loss_fn, optimizer, images, labels):
    """One step of training on one batch; returns the loss as a float."""
    optimizer.zero_grad()
    outputs = model(images)
    loss = loss_fn(outputs, labels)
    loss.backward()
    optimizer.step()
    return loss.item()
