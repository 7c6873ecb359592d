# expect: share: the mean of the batches
import glasstorch as torch


def evaluate(model, batches):
    """The share of right answers over all pictures; `batches` is a list of (pictures, labels)."""
    was_training = model.training
    model.eval()
    shares = []
    with torch.no_grad():
        for pictures, labels in batches:
            answers = model(pictures).argmax(dim=1)
            shares.append((answers == labels).float().mean().item())
    model.train(was_training)
    return sum(shares) / len(shares)
