# expect: graphs: records a graph
def accuracy_of(model, batches):
    model.eval()
    right = count = 0
    for inputs, labels in batches:
        outputs = model(inputs)
        right += (outputs.argmax(dim=1) == labels).sum().item()
        count += len(labels)
    return 100 * right / count
