# expect: sizes: mean of the batches
import glasstorch as torch


def accuracy_of(model, batches):
    model.eval()
    right = count = 0
    with torch.no_grad():
        for inputs, labels in batches:
            outputs = model(inputs)
            right += (outputs.argmax(dim=1) == labels).float().mean().item()
            count += 1
    return 100 * right / count
