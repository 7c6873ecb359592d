"""Some digits are rare: what a network learns when its classes are out of balance, and three ways to help it.

Of the digits 0 to 4 there are a thousand pictures each, of 5 to 9 only twenty. A network that is trained as usual
hardly ever says 5 to 9: there are so few of them that this costs it little. Three remedies, for the same network and
as many steps:

* class weights: `CrossEntropyLoss(weight=...)` counts a mistake on a rare digit as much more as the digit is rarer;
* `WeightedRandomSampler` draws the rare digits as often as the others, the same few again and again, which is why it
  helps that every picture is shifted a little each time it is seen;
* the focal loss, a loss of our own (Lin et al., "Focal Loss for Dense Object Detection", 2017): on top of class
  weights, what is right already counts less.

Judged by balanced accuracy, the mean over the digits of the share read right, on 2,000 test digits of every kind.

Reaches 75 % as usual, 89 % with class weights, 94 % with the sampler; about 25 s on one core. Guessing gives 10 %.

    python lessons/examples/imbalanced_digits.py [--many 1000] [--few 20] [--epochs 6] [--seed 0]
"""

import argparse
from pathlib import Path

import glasstorch as torch
from glasstorch import nn
from glasstorch.utils.data import DataLoader, Dataset, WeightedRandomSampler
from glasstorch.vision import datasets

DATA = Path(__file__).resolve().parents[1] / "data"
FREQUENT, RARE = slice(0, 5), slice(5, 10)


class UnbalancedDigits(Dataset):
    """MNIST's digits, of each class only so many: `counts[c]` of class c."""

    def __init__(self, counts, transform=None):
        digits = datasets.MNIST(DATA, train=True)
        kept = [(digits.targets == c).nonzero().flatten()[:count] for c, count in enumerate(counts)]
        kept = torch.cat(kept)
        self.images, self.labels = pixels(digits.data[kept]), digits.targets[kept]
        self.transform = transform

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, index):
        image = self.images[index]
        return (self.transform(image) if self.transform else image), self.labels[index]


class FocalLoss(nn.Module):
    """Cross entropy × (1 − p)^gamma, where p is the probability given to the right class."""

    def __init__(self, weight, gamma=2.0):
        super().__init__()
        self.register_buffer("weight", weight)
        self.gamma = gamma

    def forward(self, scores, labels):
        log_p = nn.functional.log_softmax(scores, 1).gather(1, labels[:, None]).squeeze(1)
        weight = self.weight[labels]
        return -(weight * (1 - log_p.exp()) ** self.gamma * log_p).sum() / weight.sum()


def pixels(images):
    """Bytes (N, 28, 28) as numbers around 0, (N, 1, 28, 28)."""
    return (images.float().unsqueeze(1) / 255 - 0.1307) / 0.3081


def shifted(image):
    """Up to two pixels up or down, left or right; digits have margins wider than that."""
    return torch.roll(image, torch.randint(-2, 3, (2,)).tolist(), (1, 2))


def network():
    return nn.Sequential(
        *(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(8, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Dropout(0.3), nn.Linear(16 * 7 * 7, 10)),
    )


def train(loader, criterion, epochs, seed):
    """A network that begins with the same weights every time."""
    torch.manual_seed(seed)
    model = network()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(epochs):
        for images, labels in loader:
            loss = criterion(model(images), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return model


@torch.no_grad()
def recalls(model, images, labels):
    """For each digit: the share read right."""
    right = model.eval()(images).argmax(1) == labels
    return torch.stack([right[labels == c].float().mean() for c in range(10)])


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--many", type=int, default=1000, help="pictures of each of the digits 0 to 4")
    parser.add_argument("--few", type=int, default=20, help="pictures of each of the digits 5 to 9")
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()

    digits = UnbalancedDigits([options.many] * 5 + [options.few] * 5, transform=shifted)
    test = datasets.MNIST(DATA, train=False)
    images, labels = pixels(test.data), test.targets

    counts = torch.bincount(digits.labels, minlength=10)
    weight = len(digits) / (10 * counts.float())  # 1 for every class if all were equally frequent
    as_often = WeightedRandomSampler(weight[digits.labels].tolist(), len(digits))
    shuffled, balanced = DataLoader(digits, 128, shuffle=True), DataLoader(digits, 128, sampler=as_often)

    print(f"pictures of each digit: {counts.tolist()}")
    print(f"{'':18}{'balanced':>9}{'frequent':>11}{'rare digits':>14}")
    for name, loader, criterion in (
        ("plain", shuffled, nn.CrossEntropyLoss()),
        ("class weights", shuffled, nn.CrossEntropyLoss(weight=weight)),
        ("focal loss", shuffled, FocalLoss(weight)),
        ("weighted sampler", balanced, nn.CrossEntropyLoss()),
    ):
        right = recalls(train(loader, criterion, options.epochs, options.seed), images, labels)
        frequent, rare = right[FREQUENT].mean().item(), right[RARE].mean().item()
        print(f"{name:18}{right.mean().item():9.2%}{frequent:11.2%}{rare:14.2%}", flush=True)


if __name__ == "__main__":
    main()
