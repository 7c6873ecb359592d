# expect: leftovers: nothing but the gradients left over
def train_step(model, loss_fn, optimizer, images, labels):
    loss = loss_fn(model(images), labels)
    optimizer.step()
    return loss.item()
