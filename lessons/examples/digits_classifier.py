"""A convolutional network reads handwritten digits: the whole of a training, with all that belongs to it.

Transforms that shift the digits a little, data loaders, a part kept aside to judge by, a learning rate that falls when
nothing improves, an end when nothing has improved for long (early stopping), and the best weights on the way saved
and loaded again. The digits are those that come with the lessons: 12,000 of MNIST's to learn from, 2,000 to test.

Reaches 98.8 % on the test digits, in about 60 s on one core. Guessing gives 10 %.

    python lessons/examples/digits_classifier.py [--epochs 10] [--patience 2] [--digits 11000] [--save best.pth]
"""

import argparse
import tempfile
from pathlib import Path

import glasstorch as torch
from glasstorch import nn
from glasstorch.utils.data import DataLoader, Subset
from glasstorch.vision import datasets, transforms

DATA = Path(__file__).resolve().parents[1] / "data"


def network():
    """28 × 28 → 14 × 14 → 7 × 7, wider at each step, then 1568 → 64 → 10."""
    return nn.Sequential(
        *(nn.Conv2d(1, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(16, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Linear(32 * 7 * 7, 64), nn.ReLU(), nn.Dropout(0.3)),
        nn.Linear(64, 10),
    )


def loaders(count):
    """Digits to learn from (shifted at random), digits to judge by on the way, and the test digits."""
    plain = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.1307,), (0.3081,))])
    shifted = transforms.Compose([transforms.RandomCrop(28, padding=2), plain])
    order = torch.randperm(12_000).tolist()
    learn = Subset(datasets.MNIST(DATA, train=True, transform=shifted), order[:count])
    judge = Subset(datasets.MNIST(DATA, train=True, transform=plain), order[11_000:])
    test = datasets.MNIST(DATA, train=False, transform=plain)
    return DataLoader(learn, 64, shuffle=True), DataLoader(judge, 500), DataLoader(test, 500)


class EarlyStopping:
    """Says when the loss has not fallen for more than `patience` epochs; `improved` is about the last one."""

    def __init__(self, patience):
        self.patience, self.best, self.waited, self.improved = patience, float("inf"), 0, False

    def __call__(self, loss):
        self.improved = loss < self.best
        self.best, self.waited = (loss, 0) if self.improved else (self.best, self.waited + 1)
        return self.waited > self.patience


def train(model, loader, optimizer):
    """One epoch; the mean loss."""
    model.train()
    total = 0.0
    for images, labels in loader:
        loss = nn.functional.cross_entropy(model(images), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
    return total / len(loader)


@torch.no_grad()
def evaluate(model, loader):
    """The mean loss and the share read right."""
    model.eval()
    loss = right = 0.0
    for images, labels in loader:
        scores = model(images)
        loss += nn.functional.cross_entropy(scores, labels, reduction="sum").item()
        right += (scores.argmax(1) == labels).sum().item()
    return loss / len(loader.dataset), right / len(loader.dataset)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--epochs", type=int, default=10, help="at most this many")
    parser.add_argument("--patience", type=int, default=2, help="epochs to wait for something better")
    parser.add_argument("--digits", type=int, default=11_000, help="how many to learn from")
    parser.add_argument(
        "--save", type=Path, help="where to keep the best weights (default: a file that goes)"
    )
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()

    torch.manual_seed(options.seed)
    learn, judge, test = loaders(options.digits)
    model = network()
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
    schedule = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.2, patience=0)
    stop = EarlyStopping(options.patience)

    with tempfile.TemporaryDirectory() as folder:
        best = options.save or Path(folder) / "best.pth"
        for epoch in range(1, options.epochs + 1):
            rate, learnt = optimizer.param_groups[0]["lr"], train(model, learn, optimizer)
            loss, right = evaluate(model, judge)
            print(
                f"epoch {epoch:2}   rate {rate:.5f}   loss {learnt:.4f}   judged {loss:.4f}, {right:.2%} right",
                flush=True,
            )
            over = stop(loss)
            if stop.improved:
                torch.save({"epoch": epoch, "model": model.state_dict()}, best)
            if over:
                break
            schedule.step(loss)

        checkpoint = torch.load(best)
    model = network()  # a new one, which knows only what the file holds
    model.load_state_dict(checkpoint["model"])
    print(f"best epoch     {checkpoint['epoch']}")
    print(f"test accuracy  {evaluate(model, test)[1]:.2%}")


if __name__ == "__main__":
    main()
