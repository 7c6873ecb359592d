"""Train the network of half-the-digits.safetensors again: `python lessons/data/half-the-digits/make.py`. Ten seconds.

It learns to tell the digits 0 to 4 apart, and never sees a 5, 6, 7, 8 or 9. Lesson 20 begins with it.
"""

from pathlib import Path

import glasstorch as torch
from glasstorch import nn
from glasstorch.nn import functional as F
from glasstorch.safetensors import save_file
from glasstorch.vision.datasets import MNIST

HERE = Path(__file__).resolve().parent
EPOCHS, BATCH, RATE = 6, 96, 0.01


class DigitNet(nn.Module):
    """Features of a digit, and a layer that tells classes apart by them."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 16, 5, stride=2, padding=2, bias=False),
            nn.BatchNorm2d(16),
            nn.ReLU(),
            nn.Conv2d(16, 32, 3, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(32),
            nn.ReLU(),
            nn.Conv2d(32, 64, 3, padding=1, bias=False),
            nn.BatchNorm2d(64),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
        )
        self.head = nn.Linear(576, classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Scores (N, classes) of digits (N, 1, 28, 28)."""
        return self.head(self.features(x))


def digits_0_to_4(train: bool) -> tuple[torch.Tensor, torch.Tensor]:
    """Pictures (N, 1, 28, 28) from 0 to 1, and labels."""
    data = MNIST(HERE.parent, train=train)
    chosen = data.targets < 5
    return data.data[chosen][:, None] / 255, data.targets[chosen]


def main() -> None:
    torch.manual_seed(0)
    net = DigitNet(5)
    images, labels = digits_0_to_4(train=True)
    optimizer = torch.optim.Adam(net.parameters(), lr=RATE)
    steps = EPOCHS * -(-len(images) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=RATE, total_steps=steps)
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(images)).split(BATCH):
            move = torch.randint(-1, 2, (2,)).tolist()
            optimizer.zero_grad()
            F.cross_entropy(net(images[batch].roll(move, dims=(2, 3))), labels[batch]).backward()
            optimizer.step()
            schedule.step()
    net.eval()
    test_images, test_labels = digits_0_to_4(train=False)
    with torch.no_grad():
        right = (net(test_images).argmax(dim=1) == test_labels).float().mean().item()
    print(f"{len(images)} digits 0 to 4 learned; of {len(test_images)} others it reads {100 * right:.1f} %")
    save_file(net.state_dict(), HERE / "half-the-digits.safetensors")


if __name__ == "__main__":
    main()
