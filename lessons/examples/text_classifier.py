"""A Transformer reads short reviews and says whether their author liked the film.

The reviews are made here, so that the best possible accuracy is known. Each says something about two or three things,
one of which is the film: "the seat was dreadful but the film was not at all dull". Whoever counts good and bad words
does little better than guessing: what matters is which word speaks of the film, and whether a "not" stands before it.
One label in twenty is wrong on purpose, as labels are: nobody can be right about more than 95 %.

Two readers are compared: a bag of words (the mean of the words' vectors, in any order) and an embedding followed by
a Transformer encoder (Vaswani et al., "Attention Is All You Need", 2017). Reviews differ in length; the padding
that makes them equally long in a batch is hidden from the attention by a mask.

Reaches 92 % on 2,000 reviews never seen, the bag of words 63 %; about 40 s on one core.

    python lessons/examples/text_classifier.py [--epochs 5] [--reviews 24000] [--seed 0]
"""

import argparse
import random

import glasstorch as torch
from glasstorch import nn
from glasstorch.utils.data import DataLoader

GOOD = ["great", "lovely", "clever", "funny", "moving", "superb"]
BAD = ["dreadful", "dull", "silly", "boring", "poor", "awful"]
THINGS = ["seat", "cinema", "popcorn", "music", "company", "weather"]
NEGATIONS = [[], [], ["not"], ["not", "at", "all"], ["never"]]
DEGREES = [[], [], ["very"], ["rather"], ["truly"]]
WRONG_LABELS = 0.05

VOCABULARY = [
    "<pad>",
    "the",
    "was",
    "and",
    "but",
    "film",
    "not",
    "at",
    "all",
    "never",
    "very",
    "rather",
    "truly",
]
VOCABULARY += GOOD + BAD + THINGS
NUMBER = {word: number for number, word in enumerate(VOCABULARY)}


def review(rng):
    """The words of one review, and its label: 1 where the author liked the film (or the label is a wrong one)."""
    things = [*rng.sample(THINGS, rng.randint(1, 2)), "film"]
    rng.shuffle(things)
    words = []
    for thing in things:
        good, negation = rng.random() < 0.5, rng.choice(NEGATIONS)
        if thing == "film":
            liked = good != bool(negation)
        words += [rng.choice(["and", "but"])] if words else []
        words += ["the", thing, "was", *negation, *rng.choice(DEGREES), rng.choice(GOOD if good else BAD)]
    return words, int(liked != (rng.random() < WRONG_LABELS))


def collate(reviews):
    """A batch: word numbers (N, longest), filled up with 0, and labels (N,)."""
    rows = [torch.tensor([NUMBER[word] for word in words]) for words, _ in reviews]
    return nn.utils.rnn.pad_sequence(rows, batch_first=True), torch.tensor([label for _, label in reviews])


def mean_of_words(x, padding):
    """The mean over the words that are no padding: (N, L, E) and (N, L) → (N, E)."""
    real = ~padding.unsqueeze(-1)
    return (x * real).sum(1) / real.sum(1)


class BagOfWords(nn.Module):
    """Embedding → mean → two layers: it sees which words there are, not where."""

    def __init__(self, width=32):
        super().__init__()
        self.words = nn.Embedding(len(VOCABULARY), width, padding_idx=0)
        self.decide = nn.Sequential(nn.Linear(width, width), nn.ReLU(), nn.Linear(width, 2))

    def forward(self, text):
        return self.decide(mean_of_words(self.words(text), text == 0))


class Reader(nn.Module):
    """Embedding of words and positions → Transformer encoder → mean → score for each class."""

    def __init__(self, width=32, heads=4, layers=2, longest=40):
        super().__init__()
        self.words = nn.Embedding(len(VOCABULARY), width, padding_idx=0)
        self.positions = nn.Embedding(longest, width)
        layer = nn.TransformerEncoderLayer(
            width, heads, 2 * width, dropout=0.0, batch_first=True, norm_first=True
        )
        self.encoder = nn.TransformerEncoder(layer, layers, enable_nested_tensor=False)
        self.decide = nn.Linear(width, 2)

    def forward(self, text):
        padding = text == 0
        x = self.words(text) + self.positions(torch.arange(text.shape[1]))
        return self.decide(mean_of_words(self.encoder(x, src_key_padding_mask=padding), padding))


def train(model, reviews, epochs):
    """Adam with a learning rate that rises and falls; prints the loss of each epoch."""
    loader = DataLoader(reviews, batch_size=64, shuffle=True, collate_fn=collate)
    optimizer = torch.optim.Adam(model.parameters())
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, 5e-3, epochs=epochs, steps_per_epoch=len(loader)
    )
    for epoch in range(1, epochs + 1):
        total = 0.0
        for text, labels in loader:
            loss = nn.functional.cross_entropy(model(text), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item() / len(loader)
        print(f"  epoch {epoch}   loss {total:.4f}", flush=True)


@torch.no_grad()
def accuracy(model, reviews):
    model.eval()
    text, labels = collate(reviews)
    return (model(text).argmax(-1) == labels).float().mean().item()


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--reviews", type=int, default=24000, help="how many to learn from")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()

    rng = random.Random(options.seed)
    reviews, test = ([review(rng) for _ in range(count)] for count in (options.reviews, 2000))
    print(f"{' '.join(reviews[0][0])!r}: {'liked' if reviews[0][1] else 'not liked'}")
    torch.manual_seed(options.seed)
    reached = {}
    for name, model in {"bag of words": BagOfWords(), "Transformer": Reader()}.items():
        print(name)
        train(model, reviews, options.epochs)
        reached[name] = accuracy(model, test)
    print(f"best possible  {1 - WRONG_LABELS:.1%} on average")
    for name, share in reached.items():
        print(f"{name:13}  {share:.1%}")


if __name__ == "__main__":
    main()
