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
# # Where the data come from
#
# Somebody throws a die for each of 200 pictures and writes the number down as its label. A network is trained on
# a part of them and tested on the rest. It foretells nearly every throw in the test. **Where is the mistake?**
# The network, the loss and the training loop are right.
#
# This lesson is about the part of a program that nobody looks at, and that decides what a result is worth: how
# samples are found, split, ordered, drawn and put together.

# %% name="setup"
import os
import time

import glasstorch as torch
from glasstorch import nn
from glasstorch.utils.data import (
    DataLoader,
    Dataset,
    RandomSampler,
    TensorDataset,
    WeightedRandomSampler,
)
from glasstorch.vision.datasets import MNIST
from glasstorch_widgets import confusion, exercise, images, loss_curve, predict, tensor_view

# %load_ext glasstorch_widgets

train, test = MNIST("../data", train=True), MNIST("../data", train=False)
pictures, labels = train.data / 255, train.targets
test_pictures, test_labels = test.data / 255, test.targets

# %% [markdown] name="tools"
# A small network and a training loop; they stay the same through the whole lesson. Only what `loader` hands out
# changes.


# %% name="fit"
def fit(loader, epochs, classes=10, optimizer=torch.optim.Adam, lr=0.003, curve=None, name=""):
    torch.manual_seed(0)
    net = nn.Sequential(nn.Flatten(), nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, classes))
    steps, loss_fn = optimizer(net.parameters(), lr=lr), nn.CrossEntropyLoss()
    for _ in range(epochs):
        for step, (batch, answers) in enumerate(loader):
            steps.zero_grad()
            loss = loss_fn(net(batch), answers)
            loss.backward()
            steps.step()
            if curve is not None and step % 4 == 0:
                curve.add(step=step, **{name: loss})
    return net


def accuracy(net, x, y):
    with torch.no_grad():
        return 100 * (net(x).argmax(dim=1) == y).float().mean().item()


# %% [markdown] name="dice"
# ## 1 · A network that foretells the dice
#
# 200 pictures are few, so the author makes five of each by changing the brightness. Then he shuffles all 1,000,
# and sets 200 aside for the test. Training never sees those 200.


# %% name="dice-data"
def brighter_and_darker(x):
    return torch.cat([x * factor for factor in (0.6, 0.7, 0.8, 0.9, 1.0)])


torch.manual_seed(1)
some, dice = pictures[:200], torch.randint(0, 6, (200,))  # six faces, no sense whatever
grown, grown_dice = brighter_and_darker(some), dice.repeat(5)
order = torch.randperm(1000)
for_training, for_testing = order[:800], order[800:]

# %% name="dice-question" jupyter={"source_hidden": true}
predict(
    "The labels are dice throws: nothing in a picture tells them. What share of the 200 test "
    "pictures does the network get "
    "right?",
    ["about 17 % (one in six)", "about 50 %", "more than 90 %"],
    answer="more than 90 %",
    explain="And yet nobody can foretell a die. So the test is broken, not the dice. Can you see where? Section 7 "
    "comes back to it.",
)

# %% name="dice-result"
loader = DataLoader(TensorDataset(grown[for_training], grown_dice[for_training]), batch_size=50, shuffle=True)
net = fit(loader, epochs=15, classes=6)
print(
    f"dice foretold: {accuracy(net, grown[for_testing], grown_dice[for_testing]):.1f} % of the test pictures"
)

# %% [markdown] name="dataset"
# ## 2 · A Dataset is two methods
#
# `len(dataset)` and `dataset[i]`: that is all a dataset must be able to do. What happens inside `[i]` is up to
# you: read a file, cut a picture, turn words into numbers. It happens when the sample is **asked for**, so a
# dataset may be larger than the memory.
#
# This one cuts each digit to the columns that have ink in them. We will need it in section 5.


# %% name="cropped"
class Cropped(Dataset):
    """Digits without the empty columns at their sides: (28, width) each, and the digit."""

    def __init__(self, pictures, labels):
        self.pictures, self.labels = pictures, labels

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, i):
        picture = self.pictures[i]
        ink = picture.sum(dim=0).nonzero().flatten()  # numbers of the columns with ink
        return picture[:, ink[0] : ink[-1] + 1], self.labels[i]


cropped = Cropped(pictures, labels)
print(len(cropped), "samples; the first four:", [tuple(cropped[i][0].shape) for i in range(4)])

# %% [markdown] name="order"
# ## 3 · Batches, and their order
#
# A `DataLoader` asks a dataset for samples and puts them together into batches. In which order? Files on a disk
# are often sorted by class, and `shuffle` is off unless you ask for it. Here are 200 digits, in ten batches of
# twenty: one epoch without shuffling, and two with it.

# %% name="timeline"
small = torch.argsort(labels[:200], stable=True)
sorted_digits = TensorDataset(pictures[small], labels[small])
torch.manual_seed(0)
unshuffled = DataLoader(sorted_digits, batch_size=20)
shuffled = DataLoader(sorted_digits, batch_size=20, shuffle=True)


def epoch_of(loader):
    """The labels of one epoch: a row for each batch, in the order of time."""
    return torch.stack([answers for _, answers in loader])


timeline = torch.stack([epoch_of(unshuffled), epoch_of(shuffled), epoch_of(shuffled)])
tensor_view(timeline, rows=1, columns=2)

# %% [markdown] name="timeline-tour"
# Each row is a batch, from the first at the top to the last at the bottom. Each box is a sample, and its colour
# is the label: pale is 0, dark is 9 (choose **numbers** to read them). Move the slider **dim 0** to choose the
# epoch:
#
# - **0**, not shuffled: stripes. A batch holds one or two digits only.
# - **1**, shuffled: every batch holds nearly all digits.
# - **2**, the next epoch of the same loader: shuffled again, into other batches. Each sample comes exactly once
#   per epoch.

# %% name="sorted-question" jupyter={"source_hidden": true}
predict(
    "All 12,000 digits, sorted by class, without shuffling: first all zeros, then all ones, ... "
    "After one epoch, what "
    "share of the test digits is read correctly? (Shuffled, it is well over 80 %.)",
    ["about 90 %: the same data", "about 70 %", "about 10 %"],
    answer="about 10 %",
    explain="Each stretch teaches 'it is always a 3' and wipes out what came before. "
    "In the end it says 9 to everything.",
)

# %% name="sorted-training"
by_class = torch.argsort(labels, stable=True)
everything = TensorDataset(pictures[by_class], labels[by_class])
curve = loss_curve("The same data in two orders")
settings = {"epochs": 1, "optimizer": torch.optim.SGD, "lr": 0.3, "curve": curve}
in_order = fit(DataLoader(everything, batch_size=64), name="sorted_loss", **settings)
mixed = fit(DataLoader(everything, batch_size=64, shuffle=True), name="shuffled_loss", **settings)
print(f"test accuracy: {accuracy(mixed, test_pictures, test_labels):.1f} % shuffled,", end=" ")
print(f"{accuracy(in_order, test_pictures, test_labels):.1f} % sorted")

# %% [markdown] name="sorted-note"
# Look at the curve of the sorted run. Its loss is **lower** nearly everywhere: guessing the class of the moment
# is easy. The peaks are the moments when a new class begins. A training loss tells nothing about the order of the
# data; only a test does.

# %% [markdown] name="samplers"
# ## 4 · Samplers: who is drawn, and how often
#
# Behind `shuffle=True` stands a **sampler**: something that one can iterate over and that yields the numbers of
# samples. You can choose another one. Drawing *with replacement*, for instance, throws each sample back into the
# urn:

# %% name="replacement-question" jupyter={"source_hidden": true}
predict(
    "12,000 numbers are drawn with replacement from 12,000 samples. What percentage of the samples "
    "is seen at least once in such "
    "an epoch?",
    answer=lambda: 100 * len(set(RandomSampler(range(12_000), replacement=True))) / 12_000,
    tolerance=3,
    unit="%",
    explain="A sample is missed with probability (1 - 1/n) to the power of n, which is 1/e = 37 %. Without "
    "replacement, which is what shuffle=True does, an epoch sees every sample exactly once.",
)

# %% [markdown] name="imbalance"
# What is that good for? For **rare classes**. Take a thousand fours and only twenty nines, which look much alike,
# as failures do among a thousand good parts.

# %% name="rare-data"
fours, nines = pictures[labels == 4][:1000], pictures[labels == 9][:20]
parts, is_nine = torch.cat([fours, nines]), torch.tensor([0] * 1000 + [1] * 20)
rare = TensorDataset(parts, is_nine)
asked = (test_labels == 4) | (test_labels == 9)
check_parts, check_nine = test_pictures[asked], (test_labels[asked] == 9).long()

# %% name="rare-question" jupyter={"source_hidden": true}
predict(
    "After five epochs the network is right for 98 % of its training pictures. What percentage of "
    "the nines in the test does "
    "it recognize?",
    answer=0,
    tolerance=10,
    unit="%",
    explain="'It is always a 4' is right in 1000 of 1020 cases, which is 98 %. With rare classes, accuracy says next "
    "to nothing: ask for each class on its own.",
)

# %% name="rare-training"
plain = fit(DataLoader(rare, batch_size=50, shuffle=True), epochs=5, classes=2, lr=0.001)
weights = torch.tensor([1 / 1000, 1 / 20])[is_nine]  # each class together weighs 1
balanced = WeightedRandomSampler(weights, num_samples=len(rare))
helped = fit(DataLoader(rare, batch_size=50, sampler=balanced), epochs=5, classes=2, lr=0.001)
for name, net in {"as usual": plain, "weighted": helped}.items():
    found = [accuracy(net, check_parts[check_nine == c], check_nine[check_nine == c]) for c in (0, 1)]
    print(f"{name}: {found[0]:.1f} % of the fours, {found[1]:.1f} % of the nines are recognized")

# %% [markdown] name="rare-note"
# The sampler draws each nine fifty times as often, so half of a batch are nines, always the same twenty. That is
# not as good as having more nines, but no data was needed for it. Click a cell of the table to see who is
# mistaken for whom:

# %% name="rare-confusion"
with torch.no_grad():
    scores = helped(check_parts)
confusion(check_nine, scores, images=check_parts, title="0: it is a four, 1: it is a nine")

# %% [markdown] name="collate"
# ## 5 · collate: from samples to a batch
#
# The last thing that a loader does is to **collate**: it makes one tensor of many. By default it stacks. And what
# if the samples have different widths?

# %% name="ragged-error"
try:
    next(iter(DataLoader(cropped, batch_size=4)))
except RuntimeError as error:
    print("RuntimeError:", error)

# %% [markdown] name="ragged"
# You meet this message with sentences, sounds, and pictures of different sizes. The way out is **padding**: fill
# up with zeros until all are as wide as the widest **of this batch**, and keep the true widths, so that nobody
# takes padding for data. Then hand your function to the loader: `DataLoader(cropped, batch_size=4,
# collate_fn=collate)`.

# %% [markdown] name="exercise-1"
# ## Exercise 1 · Collate ragged data (use)
#
# `samples` is a list of `(picture, label)`; a picture has shape (height, width), all have the same height and
# widths of their own. Return three things: the padded pictures (samples, height, largest width), with zeros on
# the right; a mask (samples, largest width) of `bool`, True where the picture is; and the labels as one tensor of
# whole numbers.

# %% name="exercise-1-code"
# @exercise data.collate-ragged
import glasstorch as torch


def collate(samples):
    """Padded pictures (n, height, widest), a bool mask (n, widest), and labels (n,), from a list of pairs."""


# @end

# %% name="exercise-1-try"
samples = [cropped[i] for i in range(8)]
result = collate(samples)
if result is not None:
    padded, mask, answers = result
    print("padded", tuple(padded.shape), "  widths", mask.sum(dim=1).tolist(), "  labels", answers.tolist())

# %% name="exercise-1-look"
shown = pictures[:8] if result is None else result[0]
images(shown, captions=[f"{tuple(sample[0].shape)}" for sample in samples])

# %% name="exercise-1-check"
exercise("data.collate-ragged")

# %% [markdown] name="sizes"
# ## 6 · How large a batch?
#
# A large batch gives a gradient with less noise, and makes good use of the machine. But:

# %% name="batch-question" jupyter={"source_hidden": true}
predict(
    "One epoch over 12,000 digits, the same learning rate: batches of 64, or of 4096. Which "
    "network reads the test digits better?",
    ["64, clearly", "4096, clearly: its gradients are better", "no difference: the same data"],
    answer="64, clearly",
    explain="An epoch of 64 has 188 steps, one of 4096 has three. Three good steps do not get far. With large batches, "
    "raise the learning rate or train for more epochs.",
)

# %% name="batch-sizes"
for size in (16, 64, 512, 4096):
    loader = DataLoader(TensorDataset(pictures, labels), batch_size=size, shuffle=True)
    net = fit(loader, epochs=1, optimizer=torch.optim.SGD, lr=0.3)
    print(
        f"batches of {size}: {len(loader)} steps, accuracy {accuracy(net, test_pictures, test_labels):.1f} %"
    )


# %% [markdown] name="batch-memory"
# And a batch costs memory. Lesson 4 showed that a graph saves what its backward pass needs. All of that has a row
# for each sample; only the weights have not:


# %% name="saved-memory"
def saved_by(batch_size):
    """Megabytes that the graph of one batch saves, without the weights."""
    found = {}

    def pack(tensor):
        if tensor.shape[:1] == (batch_size,):  # a row for each sample
            found[tensor.data_ptr()] = tensor.nbytes / 1e6
        return tensor

    net = nn.Sequential(nn.Flatten(), nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 10))
    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        nn.functional.cross_entropy(net(pictures[:batch_size]), labels[:batch_size])
    return sum(found.values())


for size in (100, 200, 400, 800):
    print(f"batch of {size}: {saved_by(size):.2f} MB")

# %% [markdown] name="memory-note"
# Twice the batch, twice the memory. So *out of memory* has a first cure: halve the batch. (If you need the large
# batch for its gradient, add up those of smaller ones: `backward()` adds anyway.) Powers of two such as 32, 64 or 128
# are a habit, not a law.
#
# One trap more: 12,000 is not a multiple of 64, so the last batch has 32 samples. Layers such as BatchNorm do not
# like a tiny last batch, and a batch of one they refuse. `drop_last=True` leaves it out.

# %% [markdown] name="leakage"
# ## 7 · The dice again
#
# Now to the network that foretells dice. The five copies of a picture were made **before** the split. So nearly
# every test picture has a sister in training, a little darker and with the same label. The network has learned
# pictures by heart, and the test asks it for just those. This is called **leakage**. Here is the same with the
# two steps in the right order:

# %% name="honest-split"
order = torch.randperm(200)
for_training, for_testing = order[:160], order[160:]
honest = TensorDataset(brighter_and_darker(some[for_training]), dice[for_training].repeat(5))
net = fit(DataLoader(honest, batch_size=50, shuffle=True), epochs=15, classes=6)
print(f"training pictures: {accuracy(net, some[for_training], dice[for_training]):.1f} %")
print(f"dice foretold: {accuracy(net, some[for_testing], dice[for_testing]):.1f} % of the test pictures")

# %% [markdown] name="leakage-note"
# One in six, more or less: that is the truth. Nobody would be fooled by dice. With real labels, the first number
# would have been published.
#
# Leakage has many faces. What they have in common: something about the test set has reached the training.
#
# - Copies, rotated or brightened pictures, oversampled rare classes, made before the split.
# - Several pictures of one patient, sentences of one book, frames of one film: split by **patient**, not by
#   picture.
# - Mean and standard deviation (or a vocabulary, or a choice of features) taken from **all** data.
# - Data with a date, split at random: the training knows the future.
# - A hyperparameter chosen by looking at the test. That is what a third part, the validation set, is for (lesson
#   11).

# %% [markdown] name="exercise-2"
# ## Exercise 2 · An honest split (use)
#
# This function prepares data and leaks in two ways. Mend it. It must split the **original** pictures, make copies
# of the training part only, and use the mean and standard deviation of the original training pictures for both
# parts.

# %% name="exercise-2-code"
# @exercise data.honest-split
import glasstorch as torch


def prepare(pictures, labels, seed):
    """(train_pictures, train_labels), (test_pictures, test_labels): 80 % to train with, three copies of each."""
    pictures = (pictures - pictures.mean()) / pictures.std()
    pictures = torch.cat([pictures * factor for factor in (0.8, 1.0, 1.2)])
    labels = labels.repeat(3)
    order = torch.randperm(len(pictures), generator=torch.Generator().manual_seed(seed))
    cut = int(0.8 * len(pictures))
    first, second = order[:cut], order[cut:]
    return (pictures[first], labels[first]), (pictures[second], labels[second])


# @end

# %% name="exercise-2-try"
(x_train, y_train), (x_test, y_test) = prepare(
    some, torch.arange(200), seed=0
)  # the label is the picture's number
print("pictures that are in both parts:", len(set(y_train.tolist()) & set(y_test.tolist())))

# %% name="exercise-2-check"
exercise("data.honest-split")

# %% [markdown] name="workers"
# ## 8 · Who loads the next batch?
#
# While the network computes, the loader waits; while the loader reads files, the network waits. With
# `num_workers=2`, two more **processes** load batches ahead of time. Here is a dataset that is slow as a disk is:


# %% name="slow"
class Slow(Dataset):
    def __len__(self):
        return 80

    def __getitem__(self, i):
        time.sleep(0.02)  # a file is read
        return pictures[i], labels[i]


def seconds(workers):
    start = time.perf_counter()
    context = "fork" if workers else None  # see below
    for _ in DataLoader(Slow(), batch_size=10, num_workers=workers, multiprocessing_context=context):
        pass
    return time.perf_counter() - start


for workers in (0, 2) if hasattr(os, "fork") else (0,):
    print(f"{workers} workers: {seconds(workers):.2f} s")

# %% [markdown] name="workers-note"
# Not twice as fast, for workers take time to start. They pay where loading is slow and an epoch is long. Traps:
#
# - A worker has a **copy** of your dataset. What it writes there (a counter, a cache) you will never see.
# - On macOS and Windows, and from Python 3.14 on everywhere, workers start afresh and import your class from a
#   file. A class in a notebook cell cannot be imported: put it into a `.py` file, or ask for `"fork"` where there
#   is one, as above.
# - `pin_memory=True` speeds up the copy to a GPU and does nothing without one.
# - More workers than CPU cores only get in each other's way.
#
# A thread can load ahead too, if loading means waiting. You will build that in exercise 4.

# %% [markdown] name="exercise-3"
# ## Exercise 3 · Your own sampler (build)
#
# Build what stands behind `shuffle` and `batch_size`: iterating over a `BatchSampler` yields lists of sample
# numbers. The order of an epoch depends on the seed and the epoch's number alone, so that a training can be
# repeated, and resumed in the middle (lesson 16). NumPy alone.

# %% name="exercise-3-code"
# @exercise data.batch-sampler
import numpy as np


class BatchSampler:
    """Lists of sample numbers, epoch by epoch."""

    def __init__(self, size, batch_size, shuffle=True, drop_last=False, seed=0):
        pass

    def set_epoch(self, epoch):
        """Choose the epoch whose order is next. It is 0 at first."""

    def __len__(self):
        """The number of batches in an epoch."""
        return 0

    def __iter__(self):
        """Yield one list of ints for each batch."""
        return iter(())


# @end

# %% name="exercise-3-try"
sampler = BatchSampler(10, 4)
print(len(sampler), "batches:", list(sampler), list(sampler))
sampler.set_epoch(1)
print("next epoch:", list(sampler))

# %% name="exercise-3-check"
exercise("data.batch-sampler")

# %% [markdown] name="exercise-4"
# ## Exercise 4 · Loading ahead (build)
#
# `prefetch(batches, ahead)` yields the same batches in the same order. But a thread fetches them from `batches`
# ahead of time, and never more than `ahead` of them wait. Python has what you need: `threading.Thread` and
# `queue.Queue(maxsize=ahead)`, whose `put` waits while the queue is full.

# %% name="exercise-4-code"
# @exercise data.prefetch
import queue
import threading


def prefetch(batches, ahead=2):
    """Yield the items of `batches`, which a thread fetches in advance; at most `ahead` of them wait."""
    yield from batches


# @end


# %% name="exercise-4-try"
def slow_batches():
    for i in range(10):
        time.sleep(0.03)  # loading
        yield i


start = time.perf_counter()
for _ in prefetch(slow_batches()):
    time.sleep(0.03)  # computing
print(f"{time.perf_counter() - start:.2f} s (0.6 one after the other, 0.33 at the same time)")

# %% name="exercise-4-check"
exercise("data.prefetch")

# %% [markdown] name="same-in-pytorch"
# ## The same in PyTorch
#
# Everything in `torch.utils.data` that stands here has the same name and behaviour there, and with the same seed
# a `DataLoader` shuffles into the same order. Real differences:
#
# - Your `BatchSampler` fits as it is: `DataLoader(dataset, batch_sampler=BatchSampler(...))`.
# - In training on several machines, `DistributedSampler` gives each of them its share. It has a `set_epoch`, as
#   yours has, and forgetting to call it is a known trap: every epoch then has the same order.
# - In workers, PyTorch seeds Python, NumPy and itself for each worker anew. Own generators in your dataset are
#   yours to seed.
#
# ## What to take with you
#
# - A dataset knows its length and its i-th sample. A sampler chooses the order, collate makes the batch, the
#   loader drives all three.
# - Shuffle for training. Sorted data un-teaches.
# - Split first; then count, normalize, copy, oversample. Split by patient, not by picture.
# - With rare classes ask for each class's accuracy. A weighted sampler helps.
# - Memory grows with the batch. Large batches mean few steps.
