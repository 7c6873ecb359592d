# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown] name="title"
# # Attention
#
# Cn y rd ths sntnc? You filled in the vowels without effort. For each gap you looked at a few letters and ignored
# the rest, and for the next gap at others. A layer that always weighs the same inputs in the same way cannot do
# that. **How can a network choose where to look?**
#
# At the end of this lesson a network of your own reads *Alice in Wonderland* without vowels and puts them back. You
# will see where it looks, and find out what it loses when it may not look ahead or does not know the order.

# %% name="setup"
import math
import re
from collections import Counter, defaultdict

import glasstorch as torch
from glasstorch import nn
from glasstorch.nn import functional as F
from glasstorch_widgets import attention_view, exercise, loss_curve, predict

# %load_ext glasstorch_widgets

# %% [markdown] name="lookup"
# ## 1 · A soft lookup
#
# A dictionary compares what you ask for, the **query**, with its **keys**, and gives the **value** of the one that
# is equal. Attention is a dictionary that is never quite sure. It compares the query with *every* key, by a dot
# product: that is its **score**. Softmax turns the scores into **weights**, which are positive and add up to 1. The
# answer is the average of the values with these weights.

# %% name="soft-lookup"
keys = torch.tensor([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]])
values = torch.tensor([10.0, 20.0, 60.0])


def look_up(query):
    scores = keys @ query
    weights = scores.softmax(dim=0)
    print("scores", scores, "  weights", weights, "  answer", round((weights @ values).item(), 2))


look_up(torch.tensor([1.0, 0.0]))  # points the same way as the first key
look_up(torch.tensor([5.0, 0.0]))  # the same direction, longer
look_up(torch.tensor([0.0, 5.0]))  # the second key's direction

# %% [markdown] name="lookup-note"
# A longer query is a more decided one. The answer changes smoothly with query, keys and values, so all three can
# be learned by gradients. That is what makes it a layer.

# %% name="zero-query-question" jupyter={"source_hidden": true}
predict(
    "The query is (0, 0): it asks for nothing. The values are 10, 20 and 60. What is the answer?",
    answer=lambda: ((keys @ torch.zeros(2)).softmax(dim=0) @ values).item(),
    tolerance=0.01,
    explain="All scores are 0, so all weights are 1/3, and the answer is the mean of the values. Attention cannot "
    "look at nothing: its weights always add up to 1.",
)

# %% [markdown] name="function"
# Many queries at once are one matrix product, and so are the weighted averages. The whole of attention:
#
# $$\text{attention}(Q, K, V) = \text{softmax}\left(\frac{Q K^\top}{\sqrt{d}}\right) V$$
#
# The root comes in section 2, the mask in section 3.


# %% name="attention-function"
def attend(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(~mask, -math.inf)
    weights = scores.softmax(dim=-1)
    return weights @ v, weights


# %% [markdown] name="self-attention"
# Where do queries, keys and values come from? In **self-attention** each token of a text makes all three. Here is
# the simplest kind: each letter is a vector of its own, and it asks for letters like itself.


# %% name="letters-view"
def like_itself(letters):
    alphabet = sorted(set(letters))
    x = 4 * torch.eye(len(alphabet))[[alphabet.index(letter) for letter in letters]]
    return attend(x, x, x)[1]


attention_view(like_itself, list("banana!"), title="Every letter looks for its like")

# %% [markdown] name="letters-tour"
# Click the row of an `a`: it looks at three letters, itself among them, with nearly equal weights. Now **edit a
# letter** in the field above the picture, say the second `a` to `b`. The function runs again: the weights of the
# other `a`s are now halves, because the weights of a row must add up to 1. And the `!`? It looks at itself alone.

# %% [markdown] name="scaling"
# ## 2 · Why divide by √d?
#
# A dot product is a sum of d products. Let queries and keys be random numbers with standard deviation 1.

# %% name="scaling-question" jupyter={"source_hidden": true}
predict(
    "q and k have 64 numbers each, all independent with mean 0 and standard deviation 1. What is the standard "
    "deviation of their dot product?",
    answer=8,
    tolerance=0.3,
    explain="The variances of 64 products add up to 64; the standard deviation is the root of that, 8. So scores grow "
    "with √d, and dividing by √d undoes exactly this.",
)

# %% name="scaling-measured"
torch.manual_seed(0)
for d in (4, 64, 1024):
    q, k = torch.randn(500, d), torch.randn(10, d)
    scores = q @ k.T
    for name, s in (("as they are ", scores), ("divided by √d", scores / math.sqrt(d))):
        weights = s.softmax(dim=-1)
        slope = (weights * (1 - weights)).mean().item()  # how much a weight moves with its own score
        print(
            f"d = {d:4}, scores {name}: std {s.std().item():5.2f}, "
            f"largest weight {weights.amax(-1).mean().item():.2f}, slope {slope:.4f}"
        )

# %% [markdown] name="scaling-note"
# With d = 1024 and no root, one of ten random keys takes nearly all the weight, for no reason at all. Worse, the
# slope of the softmax is almost 0 there, so hardly any gradient passes, and the layer cannot learn to look
# elsewhere. With the root the width of the vectors no longer matters.

# %% [markdown] name="masks"
# ## 3 · Masks: where not to look
#
# Two kinds of places must not be looked at.
#
# - **The future.** A model that is to predict the next letter must not see it. A **causal mask** lets position i
#   look at positions j ≤ i.
# - **Padding.** Texts of different length share a batch; the short ones are filled up. A **padding mask** hides the
#   filling.
#
# A masked score becomes −∞ *before* the softmax, so its weight is exactly 0 and the others still add up to 1.

# %% name="causal-view"
torch.manual_seed(3)
past_only = torch.ones(5, 5, dtype=torch.bool).tril()
x = torch.randn(5, 8)
_, weights = attend(x, x, x, past_only)
print("each row adds up to", weights.sum(dim=-1))
attention_view(weights, list("alice"), title="A causal mask")

# %% name="mask-after-question" jupyter={"source_hidden": true}
predict(
    "Somebody masks after the softmax: they multiply the weights by the mask. All 5 scores of a row are equal, and "
    "this row may look at 1 position only. What do its weights add up to?",
    answer=lambda: (torch.zeros(5).softmax(dim=0) * past_only[0]).sum().item(),
    tolerance=0.01,
    explain="The softmax has already shared the weight out among all five, also those in the future. One fifth is "
    "left. No error, no warning: only outputs that are too small, at the beginning of each text most of all.",
)

# %% [markdown] name="convention"
# Now the trap. PyTorch has two conventions for masks of True and False. To
# `F.scaled_dot_product_attention` True means *may look*. To `nn.MultiheadAttention` True means *leave out*. Give
# the second the mask of the first:

# %% name="convention-trap"
torch.manual_seed(0)
layer = nn.MultiheadAttention(8, 1, batch_first=True)
batch = x[None]
with torch.no_grad():
    _, wrong = layer(batch, batch, batch, attn_mask=past_only)
    _, right = layer(batch, batch, batch, attn_mask=~past_only)
print("mask as it is, first row:", wrong[0, 0], "\n               last row: ", wrong[0, -1])
print("mask inverted, first row:", right[0, 0], "\n               last row: ", right[0, -1])

# %% [markdown] name="convention-note"
# With the wrong sense the first letter looks at all the others, only not at itself: the model sees the future.
# The last row may look nowhere. Softmax over nothing is 0/0, **NaN**, and from there NaN spreads to every
# parameter with the first step. A row of padding alone does the same: leave at least one place to look at.

# %% [markdown] name="exercise-1"
# ## Exercise 1 · Mask puzzles (use)
#
# Write five masks, each in a line or two, without loops. Here **True means: may look**.
#
# - `causal(n)`, shape (n, n): itself and what came before.
# - `window(n, width)`, shape (n, n): itself and the `width - 1` positions right before it.
# - `padding(lengths, longest)`, shape (batch, 1, longest): sample b has `lengths[b]` real tokens; hide the rest.
# - `documents(number)`, shape (n, n): position i belongs to text `number[i]`. Causal, and within one text.
# - `for_multihead(mask)`: the same mask in the sense of `nn.MultiheadAttention`.

# %% name="exercise-1-code"
# @exercise attention.masks
import glasstorch as torch


def causal(n):
    """(n, n): each position looks at itself and at those before it."""


def window(n, width):
    """(n, n): each position looks at itself and at the width - 1 positions right before it."""


def padding(lengths, longest):
    """(batch, 1, longest): nobody looks at what only fills up a row."""


def documents(number):
    """(n, n): each position looks at itself and at those before it in its own text."""


def for_multihead(mask):
    """The same mask for nn.MultiheadAttention, where True means "leave out"."""


# @end

# %% name="exercise-1-try"
print("causal(3):     ", causal(3))
print("window(4, 2):  ", window(4, 2))
print("padding:       ", padding(torch.tensor([3, 1]), 3))
print("documents:     ", documents(torch.tensor([0, 0, 1])))
print("for_multihead: ", for_multihead(torch.tensor([True, False])))

# %% name="exercise-1-check"
exercise("attention.masks")

# %% [markdown] name="exercise-2"
# ## Exercise 2 · Attention and its backward pass (build)
#
# Write attention from `@`, `exp` and sums, and its gradients. With `p` the weights and `g` the gradient that arrives
# at them, softmax passes on $p \cdot (g - \sum p\,g)$, row by row. The rest is matrix products, and you
# know their gradients from lesson 3. The grader has taken out autograd and every ready-made softmax.

# %% name="exercise-2-code"
# @exercise attention.scaled-dot-product
import glasstorch as torch


def attention(q, k, v, mask=None):
    """The mixture of values for each query, and the weights."""


def attention_vjp(grad_out, q, k, v, mask=None):
    """The gradients of q, k and v, given the gradient of attention's output."""


# @end

# %% name="exercise-2-try"
torch.manual_seed(0)
q, k, v = (torch.randn(3, 4, requires_grad=True) for _ in range(3))
F.scaled_dot_product_attention(q, k, v).sum().backward()
print("autograd, gradient of q:", q.grad)
yours = attention_vjp(torch.ones(3, 4), q.detach(), k.detach(), v.detach())
print("yours:                  ", None if yours is None else yours[0])

# %% name="exercise-2-check"
exercise("attention.scaled-dot-product")

# %% [markdown] name="order"
# ## 4 · Attention does not know the order
#
# Mix up the letters of a word, let self-attention work on them, and compare.


# %% name="order-setup"
def plain_attention(x):
    return F.scaled_dot_product_attention(x, x, x)


torch.manual_seed(1)
x = torch.randn(6, 8)  # six tokens
mixed = torch.tensor([3, 0, 5, 1, 4, 2])

# %% name="order-question" jupyter={"source_hidden": true}
predict(
    "The tokens come in another order. What happens to the outputs?",
    [
        "each token's output is the same as before, at its new place",
        "all outputs change",
        "only the tokens that moved change",
    ],
    answer="each token's output is the same as before, at its new place",
    explain="Each query compares itself with a set of keys. Where they stand enters nowhere.",
)

# %% name="order-answer"
difference = (plain_attention(x[mixed]) - plain_attention(x)[mixed]).abs().max()
print(f"largest difference: {difference.item():.7f}")

# %% [markdown] name="order-note"
# To such a layer "dog bites man" and "man bites dog" are the same bag of words. The order must be put in. The
# paper that began it all adds a vector to each token that says where it stands. We use another way, which is common
# today: a table of numbers, one for each distance, that is **added to the scores**. Looking one place to the left
# can then cost little and looking ten places to the right much, and the table is learned.

# %% [markdown] name="heads"
# ## 5 · Several heads
#
# One softmax is one way of looking. For the gap in `r_bbit` you want to see the letter on its left *and* those on
# its right, separately. So the numbers of each token are split into parts, and each part attends by itself: these are
# the **heads**. Afterwards their outputs are put side by side again. It is only a change of shape:

# %% name="split-heads"
x = torch.randn(2, 5, 12)  # 2 texts, 5 tokens, 12 numbers for each
parts = x.view(2, 5, 3, 4).transpose(1, 2)  # 3 heads with 4 numbers each; the heads go in front of the tokens
print("split:", tuple(parts.shape), "  together again:", tuple(parts.transpose(1, 2).reshape(2, 5, 12).shape))

# %% name="heads-question" jupyter={"source_hidden": true}
predict(
    "Queries, keys and values come from Linear(48, 48) layers. You go from 1 head to 8. How many times as many "
    "parameters does the layer have?",
    answer=lambda: (
        sum(p.numel() for p in nn.MultiheadAttention(48, 8).parameters())
        / sum(p.numel() for p in nn.MultiheadAttention(48, 1).parameters())
    ),
    explain="The same matrices are read as 8 narrow ones. More heads look at more places, each with fewer numbers.",
)

# %% [markdown] name="exercise-3"
# ## Exercise 3 · What will attention do? (use)
#
# Answer before anything runs. `layer` splits 48 numbers into 6 heads. `layer.query`, `layer.key`, `layer.value` and
# `layer.output` are each `nn.Linear(48, 48)`.
#
# ```python
# x = torch.randn(2, 5, 48)          # 2 samples, 5 tokens, 48 numbers for each
# out, weights = layer(x)            # self-attention; all heads' weights are returned
# ```
#
# - `weights`, `out`: their shapes.
# - `longer`: the text gets twice as long. How many times as many weights are there?
# - `parameters`: and how many times as many parameters does `layer` need for it?
# - `first`: with the causal mask, the weight of token 0 on itself.
# - `zeros`: all queries are zero, nothing is masked. What is each of the 5 weights?

# %% name="exercise-3-code"
# @exercise attention.shapes
answers = {
    "weights": None,  # a shape, such as (2, 3)
    "out": None,  # a shape
    "longer": None,  # a number
    "parameters": None,  # a number
    "first": None,  # a number
    "zeros": None,  # a number
}
# @end

# %% name="exercise-3-check"
exercise("attention.shapes")

# %% [markdown] name="exercise-4"
# ## Exercise 4 · Multi-head attention (build)
#
# Write the module. Four layers, each `nn.Linear(width, width)`: `query`, `key`, `value`, `output`. `forward(x)` takes
# (batch, L, width): split into heads, attend with each (divide by the root of *a head's* width), join, and send the
# result through `output`. With `causal=True` nobody looks ahead.

# %% name="exercise-4-code"
# @exercise attention.multi-head
import glasstorch as torch
from glasstorch import nn


class MultiHeadAttention(nn.Module):
    """Self-attention with several heads; with causal=True no position sees a later one."""

    def __init__(self, width, heads, causal=False):
        super().__init__()
        # four layers

    def forward(self, x):
        pass  # (batch, L, width) in, the same out


# @end

# %% name="exercise-4-try"
torch.manual_seed(0)
own = MultiHeadAttention(12, 3, causal=True)
short, long = torch.randn(1, 4, 12), torch.randn(1, 3, 12)
first, both = own(short), own(torch.cat([short, long], dim=1))
if first is not None:  # a causal layer gives the beginning the same output, whatever follows
    print("largest difference at the beginning:", (both[:, :4] - first).abs().max().item())

# %% name="exercise-4-check"
exercise("attention.multi-head")

# %% [markdown] name="vowels"
# ## 6 · Put the vowels back
#
# Eight chapters of *Alice's Adventures in Wonderland*, cut into pieces of at most 24 letters. In each piece the
# vowels are hidden behind `_`. We train on chapters I to VII, and test on chapter VIII.

# %% name="load-text"
with open("../data/alice/alice.txt", encoding="ascii") as file:
    book = file.read()
LONGEST = 24


def pieces(text):
    """The text in small letters, cut at punctuation, and where it is longer than LONGEST."""
    found = []
    for sentence in re.split(r"[.,!?;:()\n]|--", text.lower()):
        line = ""
        for word in re.sub(r"[^a-z ]", "", sentence.replace("-", " ")).split():
            if len(line) + len(word) >= LONGEST:
                found.append(line)
                line = word
            else:
                line = f"{line} {word}".strip()
        found.append(line)
    return [piece for piece in found if len(piece) > 5]


middle = book.index("CHAPTER VIII")
train_pieces, test_pieces = pieces(book[:middle]), pieces(book[middle:])
print(len(train_pieces), "pieces to train on,", len(test_pieces), "to test with")
for piece in test_pieces[3:7]:
    print(re.sub("[aeiou]", "_", piece))

# %% [markdown] name="encode"
# Letters become numbers. `PAD` fills up the short pieces. A target stands only where there is a gap; everywhere else
# it is −100, which `cross_entropy` leaves out of the loss.

# %% name="encode-text"
ALPHABET, VOWELS = "_ abcdefghijklmnopqrstuvwxyz", "aeiou"
PAD = len(ALPHABET)


def numbers(pieces):
    """The letters of each piece as a row of numbers, filled up with PAD."""
    rows = torch.full((len(pieces), LONGEST), PAD)
    for row, piece in zip(rows, pieces):
        row[: len(piece)] = torch.tensor([ALPHABET.index(letter) for letter in piece])
    return rows


def riddles(pieces):
    """Inputs with gaps, and the number of the vowel where a gap is."""
    vowels = [[VOWELS.find(letter) for letter in piece.ljust(LONGEST)] for piece in pieces]
    targets = torch.tensor(vowels)
    return numbers([re.sub("[aeiou]", "_", piece) for piece in pieces]), targets.masked_fill(
        targets < 0, -100
    )


train_x, train_y = riddles(train_pieces)
test_x, test_y = riddles(test_pieces)
print(train_x.shape, "letters,", (train_y >= 0).sum().item(), "of them gaps")

# %% [markdown] name="simple"
# What do simple rules get? Always `e`, the commonest vowel; and the vowel that stood most often between the same two
# neighbours in chapters I to VII.


# %% name="simple-rules"
def share(right):
    return 100 * sum(right) / len(right)


def gaps(pieces):
    """Each vowel of the pieces with its two neighbours, which may be gaps themselves."""
    for piece in pieces:
        hidden = f" {re.sub('[aeiou]', '_', piece)} "
        yield from ((hidden[i] + hidden[i + 2], c) for i, c in enumerate(piece) if c in VOWELS)


seen = defaultdict(Counter)
for neighbours, vowel in gaps(train_pieces):
    seen[neighbours][vowel] += 1
commonest = {neighbours: counts.most_common(1)[0][0] for neighbours, counts in seen.items()}
print(f"always e:       {share([vowel == 'e' for _, vowel in gaps(test_pieces)]):.1f} %")
print(f"two neighbours: {share([commonest.get(n) == vowel for n, vowel in gaps(test_pieces)]):.1f} %")

# %% [markdown] name="reader"
# Our reader: a vector for each letter, **one** layer of attention with 8 heads, and a small network that decides. The
# table `distance` holds a number for each head and each distance from −23 to 23. It starts at random, with a liking
# for what is near.


# %% name="build-reader"
class Reader(nn.Module):
    def __init__(self, answers, width=64, heads=8, causal=False, order=True):
        super().__init__()
        self.heads, self.causal, self.order = heads, causal, order
        self.letters = nn.Embedding(len(ALPHABET) + 1, width)
        self.query, self.key, self.value = (nn.Linear(width, width) for _ in range(3))
        steps = torch.arange(2 * LONGEST - 1) - (LONGEST - 1)  # from -23 to 23
        self.distance = nn.Parameter(torch.randn(heads, 2 * LONGEST - 1) - 0.5 * steps.abs())
        self.decide = nn.Sequential(nn.Linear(width, 256), nn.ReLU(), nn.Linear(256, answers))

    def forward(self, text):
        place = torch.arange(text.shape[1])
        x = self.letters(text)
        q, k, v = (
            layer(x).view(*text.shape, self.heads, -1).transpose(1, 2)
            for layer in (self.query, self.key, self.value)
        )
        scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
        if self.order:
            scores = scores + self.distance[:, place[None, :] - place[:, None] + LONGEST - 1]
        mask = (text != PAD)[:, None, None, :]
        if self.causal:
            mask = mask & (place[None, :] <= place[:, None])
        self.weights = scores.masked_fill(~mask, -math.inf).softmax(dim=-1)  # kept for the view
        return self.decide((self.weights @ v).transpose(1, 2).reshape(x.shape))


def accuracy(model):
    with torch.no_grad():
        answers = model(test_x).argmax(dim=-1)
    gap = test_y >= 0
    return 100 * (answers == test_y)[gap].float().mean().item()


# %% name="training"
def train(model, x, y, steps, curve=None):
    """Adam with a falling learning rate; the distances may move faster than the rest. Returns the losses."""
    rest = [p for p in model.parameters() if p is not model.distance]
    optimizer = torch.optim.Adam([{"params": rest, "lr": 0.01}, {"params": [model.distance], "lr": 0.1}])
    first = [group["lr"] for group in optimizer.param_groups]
    losses = []
    for step in range(steps):
        for group, lr in zip(optimizer.param_groups, first):
            group["lr"] = lr * (1 - step / steps)
        some = torch.randint(0, len(x), (32,))
        loss = F.cross_entropy(model(x[some]).flatten(0, 1), y[some].flatten(), ignore_index=-100)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        if curve is not None:
            curve.add(loss=loss)
    return losses


torch.manual_seed(0)
reader = Reader(answers=5)
losses = train(reader, train_x, train_y, 350, loss_curve("Putting vowels back"))

# %% name="accuracy-question" jupyter={"source_hidden": true}
predict(
    "It has read seven chapters not quite three times. Always e is right in 36 %, the two neighbours in 66 %. "
    "What percentage of the vowels of chapter VIII does it restore?",
    answer=lambda: round(accuracy(reader), 1),
    tolerance=3,
    unit="%",
    explain="One layer, some seconds of training. It must look beyond the two neighbours, or it could not beat "
    "them.",
)

# %% name="accuracy-answer"
print(f"vowels restored: {accuracy(reader):.1f} %")


# %% name="read"
def restore(text):
    """Fill the gaps of a text of at most LONGEST letters with what the reader thinks likeliest."""
    with torch.no_grad():
        vowels = reader(numbers([text]))[0].argmax(dim=-1).tolist()
    return "".join(VOWELS[vowel] if letter == "_" else letter for letter, vowel in zip(text, vowels))


for piece in [*test_pieces[3:9], "can you read this"]:
    hidden = re.sub("[aeiou]", "_", piece)
    print(f"{hidden:26}{restore(hidden):26}{'' if restore(hidden) == piece else 'should be ' + piece}")

# %% [markdown] name="view"
# Now look at where it looks. Each row is a letter that looks, each column one that is looked at.


# %% name="reader-view"
def where(letters):
    text = "".join(letter[:1] or " " for letter in letters)
    with torch.no_grad():
        reader(numbers([text]))
    return reader.weights[0, :, : len(text), : len(text)]


attention_view(where, list("th_ wh_t_ r_bb_t"), title="Where the reader looks")

# %% [markdown] name="view-tour"
# 1. Click one small picture after another. Most heads have found a **distance** of their own: a stripe beside the
#    diagonal means "the letter on the left" or "two to the right". Nobody told them to share the work like this.
# 2. Click the row of the gap in `r_bb_t`: the lines show what this gap sees through one head. Go through the heads.
#    Together they spell out its surroundings.
# 3. **Edit a letter**, for instance a `b` of `r_bb_t` to `t`. The stripes stay where they are, since they come from the
#    distances; only here and there a weight moves, where a letter suits the query more or less. What is *found* at
#    that place is the value, and that has changed altogether.

# %% [markdown] name="ablation"
# ## 7 · What if it could not?
#
# Two lesser readers, 150 steps each. One does not know the distances. The other has the causal mask: it
# reads from left to right and must decide on each vowel before it sees what follows.

# %% name="ablation-question" jupyter={"source_hidden": true}
predict(
    "Which of the two loses more?",
    ["the one that does not know the order", "the one that may not look ahead", "both lose equally"],
    answer="the one that does not know the order",
    explain="Without the order all gaps of a piece see the same bag of letters, so it can hardly do better than "
    "the commonest vowel. Without the future half of the clues are left.",
)


# %% name="ablation-run"
def lesser_reader(**how):
    torch.manual_seed(0)
    model = Reader(answers=5, **how)
    found = train(model, train_x, train_y, 150)
    print(f"{how}: loss {sum(found[-30:]) / 30:.2f}, restored {accuracy(model):.1f} %")
    return found


no_order, no_future = lesser_reader(order=False), lesser_reader(causal=True)
print(f"full reader after as many steps: loss {sum(losses[120:150]) / 30:.2f}")
curve = loss_curve("Three readers")
for full, unordered, blind in zip(losses, no_order, no_future):
    curve.add(full_loss=full, no_order_loss=unordered, no_future_loss=blind)

# %% [markdown] name="cheat"
# ## 8 · A model that sees the answer
#
# A language model predicts, at every position, the *next* letter. The same class can do it: 28 answers, and as
# target the text moved by one. We train it twice, and forget the causal mask once.

# %% name="cheat-question" jupyter={"source_hidden": true}
predict(
    "Which of the two reaches the lower training loss?",
    ["the one with the causal mask", "the one without", "there is no difference"],
    answer="the one without",
    explain="It looks one place to the right and copies. The loss is wonderful, and it has learned nothing about the "
    "language. A loss that is too good is a reason to look for a leak.",
)

# %% name="cheat-run"
text = numbers(train_pieces)
inputs, following = text[:, :-1], text[:, 1:].masked_fill(text[:, 1:] == PAD, -100)
beginnings = numbers([piece[:5] for piece in test_pieces])[:, :5]
sixth = numbers([piece[5] for piece in test_pieces])[:, 0]


def next_letter(causal):
    torch.manual_seed(0)
    model = Reader(answers=len(ALPHABET), causal=causal)
    found = train(model, inputs, following, 150)
    with torch.no_grad():
        guesses = model(beginnings)[:, -1].argmax(dim=-1)
    right = 100 * (guesses == sixth).float().mean().item()
    print(f"causal={causal}: training loss {sum(found[-30:]) / 30:.2f}; ", end="")
    print(f"the sixth letter of a piece, from the first five: {right:.1f} %")
    return found


honest, cheating = next_letter(causal=True), next_letter(causal=False)
curve = loss_curve("The next letter")
for with_mask, without in zip(honest, cheating):
    curve.add(honest_loss=with_mask, cheating_loss=without)

# %% [markdown] name="cheat-note"
# In use there is no next letter to copy yet, and the cheat is left with nothing. No error told us; only the test
# in which the answer was truly absent did. That is what the causal mask is for: with it, all positions of a text
# can be trained at once, each on its own past.

# %% [markdown] name="same-in-pytorch"
# ## The same in PyTorch
#
# Everything here runs there as it is. In practice you call
# `F.scaled_dot_product_attention(q, k, v, is_causal=True)`: on a GPU it picks a kernel that never stores the whole
# table of weights. `nn.MultiheadAttention` adds the four linear layers; mind its `batch_first=False`, its mask that
# says what to *leave out*, and `need_weights=False`, which makes it faster. Here are three ways to the same numbers:

# %% name="three-ways"
torch.manual_seed(0)
layer, x = nn.MultiheadAttention(16, 4, bias=False, batch_first=True), torch.randn(2, 6, 16)
mask = torch.ones(6, 6, dtype=torch.bool).tril()
with torch.no_grad():
    q, k, v = (x @ layer.in_proj_weight.T).view(2, 6, 3, 4, 4).permute(2, 0, 3, 1, 4)
    scores = (q @ k.transpose(-2, -1) / math.sqrt(4)).masked_fill(~mask, -math.inf)
    by_hand = scores.softmax(dim=-1) @ v
    by_function = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
    by_module = layer(x, x, x, attn_mask=~mask)[0]
    joined = layer.out_proj(by_function.transpose(1, 2).reshape(2, 6, 16))
print("function and by hand:", torch.allclose(by_function, by_hand, atol=1e-6))
print("module and function: ", torch.allclose(by_module, joined, atol=1e-6))

# %% [markdown] name="take-away"
# ## What to take with you
#
# - Attention is a soft lookup: scores of a query with all keys, softmax, the average of the values. Dividing by √d
#   keeps the softmax from hardening.
# - A mask puts −∞ into the scores *before* the softmax. A row with nowhere to look becomes NaN. Know whether True
#   means "look" or "leave out".
# - Attention sees a set. The order must be put in, as vectors for places or numbers for distances.
# - Heads are a change of shape: several looks for the price of one.
# - A loss that is too good means that the model sees the answer.
#
# The example `lessons/examples/tiny_language_model.py` stacks this layer into a Transformer that writes.
