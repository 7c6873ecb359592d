def accuracy_of(model, batches):
    """The percentage of all examples for which the model's largest score is the label, a float."""
    accuracies = []
    for inputs, labels in batches:
        outputs = model(inputs)
        right = (outputs.argmax(dim=1) == labels).sum().item()
        accuracies.append(100 * right / len(labels))
    return sum(accuracies) / len(accuracies)
