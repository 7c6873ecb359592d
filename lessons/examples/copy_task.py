"""An LSTM learns to remember: it reads a few random symbols, waits, and writes them out again.

The copy task tests memory and nothing else: the symbols are random, so no later input helps to guess them. The network
sees 4 symbols out of 8, then 10 blanks, then a mark that says "now", and must give the 4 symbols back in order.
Whoever guesses is right once in 8 symbols, 12.5 %; so is any network that has forgotten.

Long Short-Term Memory was made for such gaps: Hochreiter and Schmidhuber, "Long Short-Term Memory", Neural
Computation 9 (8), 1997. The task in this form is from Graves, Wayne and Danihelka, "Neural Turing Machines", 2014.

One line decides between learning and not: the bias of the forget gate starts at 1, so that the cell keeps what it
holds until it learns otherwise (Gers, Schmidhuber and Cummins, "Learning to Forget", Neural Computation 12 (10), 2000).
Take it away and some seeds never leave 12.5 %.

Reaches 99.5 % of the symbols on fresh sequences after some 700 steps, in about 6 s on one core.

    python lessons/examples/copy_task.py [--steps 2000] [--seed 0]
"""

import argparse

import glasstorch as torch
from glasstorch import nn

SYMBOLS, LENGTH, GAP = 8, 4, 10
BLANK, NOW = SYMBOLS, SYMBOLS + 1  # two more inputs: nothing to read, and the mark that asks for the answer


class Copier(nn.Module):
    """Embedding → LSTM → a score for each symbol, at every time step."""

    def __init__(self, hidden=64):
        super().__init__()
        self.embedding = nn.Embedding(SYMBOLS + 2, 16)
        self.lstm = nn.LSTM(16, hidden, batch_first=True)
        self.scores = nn.Linear(hidden, SYMBOLS)
        with torch.no_grad():  # the four gates lie one after the other: input, forget, cell, output
            self.lstm.bias_ih_l0[hidden : 2 * hidden] = 1

    def forward(self, inputs):
        states, _ = self.lstm(self.embedding(inputs))
        return self.scores(states[:, -LENGTH:])  # it speaks only when asked: at the last LENGTH steps


def batch(size):
    """Fresh sequences: inputs (size, LENGTH + GAP + LENGTH) and the symbols to give back (size, LENGTH)."""
    symbols = torch.randint(0, SYMBOLS, (size, LENGTH))
    inputs = torch.full((size, LENGTH + GAP + LENGTH), BLANK)
    inputs[:, :LENGTH] = symbols
    inputs[:, -LENGTH] = NOW
    return inputs, symbols


@torch.no_grad()
def accuracy(model, size=1000):
    """The share of symbols given back right, on sequences never seen."""
    inputs, symbols = batch(size)
    return (model(inputs).argmax(-1) == symbols).float().mean().item()


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--steps", type=int, default=2000, help="at most this many batches")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()

    torch.manual_seed(options.seed)
    model = Copier()
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    print(f"before training: {accuracy(model):.1%} of the symbols; guessing gives {1 / SYMBOLS:.1%}")

    for step in range(1, options.steps + 1):
        inputs, symbols = batch(64)
        loss = nn.functional.cross_entropy(model(inputs).flatten(0, 1), symbols.flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)  # recurrent networks meet a cliff now and then
        optimizer.step()
        if step % 100 == 0:
            print(
                f"step {step:5}   loss {loss.item():.4f}   right {(right := accuracy(model)):.1%}", flush=True
            )
            if right >= 0.995:
                break

    inputs, symbols = batch(1)
    print(f"to remember: {symbols[0].tolist()}   given back: {model(inputs)[0].argmax(-1).tolist()}")
    print(f"accuracy {accuracy(model):.4f}")


if __name__ == "__main__":
    main()
