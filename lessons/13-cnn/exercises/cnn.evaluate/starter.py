def evaluate(model, batches):
    """The share of right answers over all pictures; `batches` is a list of (pictures, labels)."""
    shares = []
    for pictures, labels in batches:
        answers = model(pictures).argmax(dim=1)
        shares.append((answers == labels).float().mean().item())
    return sum(shares) / len(shares)
