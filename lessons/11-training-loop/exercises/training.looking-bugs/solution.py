import glasstorch as torch


def accuracy_of(model, batches):
    """The percentage of all examples for which the model's largest score is the label, a float."""
    model.eval()
    right = count = 0
    with torch.no_grad():
        for inputs, labels in batches:
            outputs = model(inputs)
            right += (outputs.argmax(dim=1) == labels).sum().item()
            count += len(labels)
    return 100 * right / count
