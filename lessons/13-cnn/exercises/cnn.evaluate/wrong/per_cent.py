# expect: mode: not per cent
import glasstorch as torch


def evaluate(model, batches):
    """The share of right answers over all pictures; `batches` is a list of (pictures, labels)."""
    was_training = model.training
    model.eval()
    right = count = 0
    with torch.no_grad():
        for pictures, labels in batches:
            answers = model(pictures).argmax(dim=1)
            right += (answers == labels).sum().item()
            count += len(labels)
    model.train(was_training)
    return 100 * right / count
