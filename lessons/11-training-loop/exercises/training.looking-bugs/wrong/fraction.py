# expect: sizes: between 0 and 1
import glasstorch as torch


def accuracy_of(model, batches):
    model.eval()
    right = count = 0
    with torch.no_grad():
        for inputs, labels in batches:
            outputs = model(inputs)
            right += (outputs.argmax(dim=1) == labels).sum().item()
            count += len(labels)
    return right / count
