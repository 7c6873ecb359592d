# expect: leftovers: it moved the parameters with old gradients
def train_step(model, loss_fn, optimizer, images, labels):
    loss = loss_fn(model(images), labels)
    optimizer.step()
    loss.backward()
    return loss.item()
