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
# # The training loop
#
# A network has been trained for forty epochs on a thousand digits. It reads every single one of them correctly:
# 100 %. The loss is still falling.
#
# **Is it a good network, and when should the training have stopped?** The loop that answers this has two halves:
# one learns, one looks. Most bugs in training code sit in the second half, or between the two, and almost none of
# them raise an error. We shall make the important ones on purpose.

# %% name="setup"
import csv
import time
from copy import deepcopy

import glasstorch as torch
from glasstorch import nn
from glasstorch.nn import functional as F
from glasstorch.utils.data import DataLoader, TensorDataset
from glasstorch.vision.datasets import MNIST
from glasstorch_widgets import exercise, graph, loss_curve, predict, watch

# %load_ext glasstorch_widgets

# %% [markdown] name="loop"
# ## 1 · One loop, step by step
#
# Before the big one, a training so small that you can look at all of it: penguins of three species, described by
# their flippers and bills, and one linear layer. Every step below is kept.

# %% name="small-loop"
with open("../data/penguins/penguins.csv") as file:
    rows = [row for row in csv.DictReader(file) if "NA" not in row.values()]
names = ["Adelie", "Chinstrap", "Gentoo"]
sizes = torch.tensor([[float(row["flipper_length_mm"]), float(row["bill_length_mm"])] for row in rows])
sizes = (sizes - sizes.mean(dim=0)) / sizes.std(dim=0)
species = torch.tensor([names.index(row["species"]) for row in rows])

torch.manual_seed(0)
few = torch.randperm(len(rows))[:6]
layer = nn.Linear(2, 3)
optimizer = torch.optim.SGD(layer.parameters(), lr=1.0)
view = None
for step in range(12):
    optimizer.zero_grad()
    loss = F.cross_entropy(layer(sizes[few]), species[few])
    view = view or graph(loss)
    loss.backward()
    view.keep(loss)
    optimizer.step()
    if step in (0, 11):
        print(
            f"step {step}: loss {loss.item():.3f}, largest gradient {layer.weight.grad.abs().max().item():.3f}"
        )
view

# %% [markdown] name="small-loop-tour"
# This graph has a second slider, **Training step**. Click `weight`, then move it: you see the same node at each of the
# twelve steps. The weights move away from their random start, and the gradients get smaller while the loss falls.
#
# Notice what does *not* change: the graph. Every step builds it anew, with the same shape and new numbers.
#
# ## 2 · Three piles of data
#
# Now digits, and not many of them: a thousand to learn from, so that the trouble shows quickly. The others are split
# in two.
#
# - **Training** data moves the weights.
# - **Validation** data moves *your decisions*: when to stop, which learning rate, how many layers.
# - **Test** data moves nothing. You look at it once, at the end.

# %% name="data"
train_set, test_set = MNIST("../data", train=True), MNIST("../data", train=False)
pictures, answers = train_set.data / 255, train_set.targets
train_x, train_y = pictures[:1000], answers[:1000]
valid_x, valid_y = pictures[10000:], answers[10000:]
test_x, test_y = test_set.data / 255, test_set.targets
print("training", len(train_x), "  validation", len(valid_x), "  test", len(test_x))


def new_network(dropout=0.0):
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Dropout(dropout), nn.Linear(128, 10)
    )


# %% name="loop-functions"
def train_epoch(model, optimizer, batches):
    """The half that learns. Returns the mean loss."""
    model.train()
    total = count = 0
    for inputs, labels in batches:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(inputs), labels)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(labels)
        count += len(labels)
    return total / count


def evaluate(model, inputs, labels):
    """The half that looks. Returns the loss, and the percentage that is right."""
    model.eval()
    with torch.no_grad():
        outputs = model(inputs)
        loss = F.cross_entropy(outputs, labels).item()
    return loss, 100 * (outputs.argmax(dim=1) == labels).float().mean().item()


def batches_of(inputs, labels, size=50):
    torch.manual_seed(0)
    return DataLoader(TensorDataset(inputs, labels), batch_size=size, shuffle=True)


# %% [markdown] name="modes"
# ## 3 · Two switches that people confuse
#
# `evaluate` sets two switches. They have nothing to do with each other:
#
# - `model.eval()` tells *layers* to behave differently: dropout stops dropping, batch norm stops measuring.
# - `torch.no_grad()` tells *autograd* to keep no graph.

# %% name="mode-question" jupyter={"source_hidden": true}
predict(
    "After model.eval(), and without no_grad(): does model(x) still record a graph?",
    ["yes, as before", "no, eval() switches autograd off", "only for layers without dropout"],
    answer=lambda: (
        "yes, as before"
        if new_network().eval()(test_x[:1]).requires_grad
        else "no, eval() switches autograd off"
    ),
    explain="eval() only sets model.training to False, in all its layers. Whoever evaluates without no_grad() gets the "
    "right numbers and keeps graphs in memory that nobody needs.",
)

# %% name="modes-shown"
model = new_network(dropout=0.5)
one = test_x[:1]
for mode in (model.train, model.eval):
    mode()
    first, second = model(one)[0, :3].tolist(), model(one)[0, :3].tolist()
    print(f"training={model.training}:", [round(n, 3) for n in first], [round(n, 3) for n in second])
with torch.no_grad():
    print("eval() and no_grad(): a graph is kept:", model(one).requires_grad)

# %% [markdown] name="modes-note"
# In training mode, the same picture gets other scores each time: dropout draws which units to silence. Here is what
# it costs to forget `eval()`.

# %% name="eval-trap"
dropping = new_network(dropout=0.5)
optimizer = torch.optim.Adam(dropping.parameters(), lr=0.003)
batches = batches_of(train_x, train_y)
for _ in range(5):
    train_epoch(dropping, optimizer, batches)


def accuracy_in(mode):
    torch.manual_seed(1)
    getattr(dropping, mode)()
    with torch.no_grad():
        return 100 * (dropping(valid_x).argmax(dim=1) == valid_y).float().mean().item()


# %% name="eval-trap-question" jupyter={"source_hidden": true}
predict(
    "In eval mode this network reads 89 % of the validation digits. What percentage does it read in train mode, "
    "where half of its hidden units are silenced at random?",
    answer=lambda: round(accuracy_in("train"), 1),
    tolerance=2,
    unit="%",
    explain="Only a few per cent are lost: too few to alarm anybody, and enough to choose the wrong model. With "
    "batch norm it is worse: there, the answer for one picture depends on the others in the batch.",
)

# %% name="eval-trap-shown"
print(f"eval mode: {accuracy_in('eval'):.1f} %   train mode: {accuracy_in('train'):.1f} %")

# %% [markdown] name="overfit"
# ## 4 · Learning by heart
#
# Now the training from the top of the page: forty epochs on a thousand digits, with no dropout. After each epoch we
# look at the validation digits as well.

# %% name="overfit-run"
model = new_network()
optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
batches = batches_of(train_x, train_y)
seen, history = [], []  # the losses on training and on validation data
for _ in range(40):
    train_epoch(model, optimizer, batches)
    train_loss, train_accuracy = evaluate(model, train_x, train_y)
    valid_loss, valid_accuracy = evaluate(model, valid_x, valid_y)
    seen.append(train_loss)
    history.append(valid_loss)
print(f"at the end: training {train_accuracy:.1f} %, validation {valid_accuracy:.1f} %")

# %% name="overfit-question" jupyter={"source_hidden": true}
predict(
    "After how many of the forty epochs was the loss of the validation digits lowest?",
    answer=lambda: history.index(min(history)) + 1,
    tolerance=2,
    explain="Long before the end. From there on, the network gets better only at what it has already seen, and more "
    "and more sure of its mistakes. This is overfitting.",
)

# %% name="overfit-answer"
curve = loss_curve("Forty epochs on a thousand digits")
for train_loss, valid_loss in zip(seen, history):
    curve.add(training_loss=train_loss, validation_loss=valid_loss)
best = history.index(min(history)) + 1
print(f"lowest validation loss: {min(history):.3f} after epoch {best}; at the end: {history[-1]:.3f}")

# %% [markdown] name="overfit-note"
# The network is not broken, and the optimizer is doing its job: the training loss falls to almost nothing. But the
# training loss measures how well it remembers. **Only data that it has not seen tells how well it reads.** What helps,
# in the order in which to try: more data, augmentation (lesson 0), stopping early, weight decay (lesson 9), dropout.
#
# ## 5 · Early stopping, and the copy that was none
#
# The rule: remember the best validation loss and the weights of that moment. When it has not improved for `patience`
# epochs, stop, and go back to those weights. There is a famous trap in it:


# %% name="moved"
def moved(copied):
    """How far the stored weights move while the training goes on."""
    net = new_network()
    optimizer = torch.optim.Adam(net.parameters(), lr=0.003)
    best = deepcopy(net.state_dict()) if copied else net.state_dict()
    before = best["1.weight"].clone()
    train_epoch(net, optimizer, batches)
    return (best["1.weight"] - before).abs().max().item()


# %% name="copy-question" jupyter={"source_hidden": true}
predict(
    "best = model.state_dict() is stored, and then the model is trained for another epoch. What is in best?",
    ["the weights of that moment", "the weights of now", "an error"],
    answer=lambda: "the weights of now" if moved(copied=False) > 0 else "the weights of that moment",
    explain="state_dict() gives you the tensors themselves, not copies: the optimizer changes them in place. Use "
    "deepcopy(model.state_dict()).",
)


# %% name="copy-answer"
print("stored as it is: moved by", round(moved(copied=False), 4))
print("deepcopy:        moved by", round(moved(copied=True), 4))


# %% name="early-stopping"
def fit(model, optimizer, batches, epochs, patience):
    """Train until the validation loss has not improved for `patience` epochs; keep the best weights."""
    best_loss, best_epoch, best_weights = float("inf"), 0, None
    for epoch in range(1, epochs + 1):
        train_epoch(model, optimizer, batches)
        valid_loss, _ = evaluate(model, valid_x, valid_y)
        if valid_loss < best_loss:
            best_loss, best_epoch = valid_loss, epoch
            best_weights = deepcopy(model.state_dict())
        elif epoch - best_epoch >= patience:
            break
    model.load_state_dict(best_weights)
    return best_epoch, epoch


model = new_network()
optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
best_epoch, last_epoch = fit(model, optimizer, batches_of(train_x, train_y), epochs=40, patience=5)
loss, right = evaluate(model, valid_x, valid_y)
print(f"best epoch {best_epoch}, stopped after {last_epoch}")
print(f"validation loss {loss:.3f}, accuracy {right:.1f} %")

# %% [markdown] name="exercise-1"
# ## Exercise 1 · When to stop (use)
#
# Given the validation losses of all epochs, say where early stopping would have ended.


# %% name="exercise-1-code"
# @exercise training.early-stopping
def early_stop(losses, patience):
    """(best epoch, last epoch), both counted from 1, of a training with early stopping."""
    # your lines


# @end

# %% name="exercise-1-try"
print("yours:", early_stop(history, patience=5), "  the loop above:", (best_epoch, last_epoch))

# %% name="exercise-1-check"
exercise("training.early-stopping")

# %% [markdown] name="silent"
# ## 6 · Bugs that raise nothing
#
# Here is the loop with one bug at a time, three epochs each. The network and the data stay the same. No error appears.


# %% name="silent-run"
def with_bug(bug):
    net = new_network()
    optimizer = torch.optim.Adam(net.parameters(), lr=0.003)
    inputs, labels = train_x, train_y
    if bug == "sorted, not shuffled":
        inputs, labels = train_x[train_y.argsort()], train_y[train_y.argsort()]
    loader = DataLoader(TensorDataset(inputs, labels), batch_size=50, shuffle=bug != "sorted, not shuffled")
    for _ in range(3):
        for images, wanted in loader:
            if bug != "no zero_grad":
                optimizer.zero_grad()
            outputs = net(images)
            if bug == "softmax before cross_entropy":
                outputs = outputs.softmax(dim=1)
            loss = F.cross_entropy(outputs, wanted)
            loss.backward()
            if bug != "no step":
                optimizer.step()
    return evaluate(net, valid_x, valid_y)[1]


bugs = ["none", "no zero_grad", "no step", "sorted, not shuffled", "softmax before cross_entropy"]

# %% name="silent-question" jupyter={"source_hidden": true}
predict(
    "Which of these bugs does most harm here, apart from the missing step?",
    bugs[1:2] + bugs[3:],
    answer=lambda: min(bugs[1:2] + bugs[3:], key=with_bug),
    explain="Batches of one digit at a time pull the network to and fro: after the nines it believes that everything "
    "is a nine. The other two leave a network that works somehow. That is worse in a way, because nobody notices.",
)

# %% name="silent-answer"
for bug in bugs:
    print(f"{bug:30} {with_bug(bug):5.1f} % of the validation digits")

# %% [markdown] name="silent-note"
# cross_entropy already contains the softmax; with a second one, its inputs lie between 0 and 1 and the gradients
# are small. Lesson 8 shows why. One more bug of this kind fills the memory instead: `total += loss`, without
# `.item()`, keeps the graph of every batch.

# %% name="kept-graph"
total = 0
for images, wanted in list(batches)[:3]:
    total = total + F.cross_entropy(model(images), wanted)  # .item() forgotten
print("total still knows how it was computed:", total.grad_fn is not None)

# %% [markdown] name="exercise-2"
# ## Exercise 2 · Four bugs in the half that learns (use)
#
# This function runs without an error, and it is wrong in four places. Mend them; change as little as you can.


# %% name="exercise-2-code"
# @exercise training.learning-bugs
def train_epoch_of(model, loss_fn, optimizer, batches):
    """Train on all batches once; returns the mean loss of an example, a float."""
    total = count = 0
    for inputs, labels in batches:
        outputs = model(inputs)
        loss = loss_fn(outputs, labels)
        loss.backward()
        total += loss * len(labels)
        count += len(labels)
    optimizer.step()
    return total / count


# @end

# %% name="exercise-2-check"
exercise("training.learning-bugs")

# %% [markdown] name="exercise-3"
# ## Exercise 3 · Three bugs in the half that looks (use)
#
# Again no error, and three mistakes.


# %% name="exercise-3-code"
# @exercise training.looking-bugs
def accuracy_of(model, batches):
    """The percentage of all examples for which the model's largest score is the label, a float."""
    accuracies = []
    for inputs, labels in batches:
        outputs = model(inputs)
        right = (outputs.argmax(dim=1) == labels).sum().item()
        accuracies.append(100 * right / len(labels))
    return sum(accuracies) / len(accuracies)


# @end

# %% name="exercise-3-check"
exercise("training.looking-bugs")

# %% [markdown] name="batch-size"
# ## 7 · How large a batch?
#
# A batch's gradient is an average, an estimate of the gradient of all the data. A larger batch estimates it better
# and uses the hardware better. It also means fewer steps.


# %% name="batch-function"
def sized(size, lr=0.05, epochs=2):
    """Steps, accuracy and seconds of a training with batches of this size."""
    net = new_network()
    optimizer = torch.optim.SGD(net.parameters(), lr=lr, momentum=0.9)
    loader = batches_of(pictures[:4000], answers[:4000], size)
    began = time.perf_counter()
    for _ in range(epochs):
        train_epoch(net, optimizer, loader)
    return epochs * len(loader), evaluate(net, valid_x, valid_y)[1], time.perf_counter() - began


# %% name="batch-question" jupyter={"source_hidden": true}
predict(
    "4,000 digits, two epochs, the same learning rate. Which batch size gives the best network?",
    ["16", "64", "256", "1000"],
    answer=lambda: str(max((16, 64, 256, 1000), key=lambda size: sized(size)[1])),
    explain="A small batch makes many steps; that their direction is a little noisy hardly matters. The large "
    "batch makes eight steps in all. It needs more epochs, or a larger learning rate.",
)


# %% name="batch-answer"
for size in (16, 64, 256, 1000):
    steps, right, seconds = sized(size)
    print(f"batch {size:4}: {steps:3} steps, {right:.1f} %, {seconds:.2f} s")
print(f"batch 1000 with four times the rate: {sized(1000, lr=0.2)[1]:.1f} %")

# %% [markdown] name="batch-note"
# Batches of 32 to 128 are a good start. Take the largest that fits into memory only if you then also adapt the
# learning rate, and measure.
#
# ## 8 · Devices and memory
#
# Model and data must be on the same device. Ask once, and move both:

# %% name="device"
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
model = new_network().to(device)  # a module moves itself ...
images, wanted = train_x[:50].to(device), train_y[:50].to(device)  # ... a tensor gives you a moved copy
print("device:", device, "  loss:", round(F.cross_entropy(model(images), wanted).item(), 3))

# %% name="device-errors"
try:
    new_network().to("cuda")(train_x[:1])  # the model moves, the data does not
except (AssertionError, RuntimeError) as error:
    print(type(error).__name__ + ":", error)

# %% [markdown] name="device-note"
# On a machine without a GPU you see that there is none. With a GPU the message is the one that everybody meets sooner
# or later:
#
# ```
# RuntimeError: Expected all tensors to be on the same device, but found at least two devices, cuda:0 and cpu!
# ```
#
# Two habits prevent it: `x = x.to(device)` (the assignment is what people forget; for a module `model.to(device)`
# is enough), and making new tensors where they belong: `torch.zeros(3, device=x.device)`.
#
# **Out of memory.** What must fit? Parameters, gradients and the optimizer's memory do not depend on the batch. The
# values that the graph keeps for `backward()` do.


# %% name="memory"
def kept_by_graph(model, inputs):
    """Numbers that the layers of a forward pass hand on."""
    count = 0
    for layer in model:
        inputs = layer(inputs)
        count += inputs.numel()
    return count


model = new_network()
print(f"parameters: {sum(p.numel() for p in model.parameters()):,}")
for size in (50, 100, 200):
    print(f"batch {size}: {kept_by_graph(model, train_x[:size]):,} numbers between the layers")

# %% name="too-large"
try:
    torch.zeros(1_000_000, 1_000_000)
except (MemoryError, RuntimeError) as error:
    print(type(error).__name__ + ":", error)

# %% name="accumulation-question" jupyter={"source_hidden": true}
predict(
    "A batch of 64 does not fit. You run four batches of 16, dividing each loss by 4, and call backward() after each, "
    "with a single zero_grad() before and a single step() after. By how much does the gradient differ from that of "
    "the batch of 64 (up to rounding)?",
    answer=0,
    explain="backward() adds. What is a bug without a plan is called gradient accumulation with one.",
)


# %% name="accumulation-answer"
def gradient(parts):
    model.zero_grad()
    for x, y in zip(train_x[:64].chunk(parts), train_y[:64].chunk(parts)):
        (F.cross_entropy(model(x), y) / parts).backward()
    return model[1].weight.grad.clone()


print("largest difference:", f"{(gradient(1) - gradient(4)).abs().max().item():.8f}")

# %% [markdown] name="memory-note"
# When memory runs out, in this order:
#
# 1. Evaluate under `no_grad()`, and keep losses with `.item()`. Often this was all.
# 2. A smaller batch; if it must act like the large one, accumulate gradients.
# 3. Half precision, or a smaller model.
#
# `torch.cuda.empty_cache()` is on many lists and helps little: it returns memory that is *not* in use. What your
# variables still hold stays; `del` them.
#
# ## 9 · Everything together
#
# Now with 10,000 digits, dropout, the right switches, and one line that watches. The target is **95 %** of the test
# digits.

# %% name="train"
model = new_network(dropout=0.3)
optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
batches = batches_of(pictures[:10000], answers[:10000], 100)
view = watch(model, optimizer, title="Ten thousand digits")
for _ in range(6):
    train_epoch(model, optimizer, batches)
    valid_loss, valid_accuracy = evaluate(model, valid_x, valid_y)
    view.log(validation_loss=valid_loss, validation_accuracy=valid_accuracy)
view.stop()
print(f"validation: {valid_accuracy:.2f} %   test accuracy: {evaluate(model, test_x, test_y)[1]:.2f} %")

# %% [markdown] name="train-note"
# Look at the tabs of the view: the curves, the health of each layer, and **memory**, where you see what one step keeps.
# The test digits were used once, in the last line.

# %% [markdown] name="exercise-4"
# ## Exercise 4 · Trainer (build)
#
# Put both halves into a class. It must work with every model, loss and optimizer that behave like those of this lesson,
# also with those that you have built yourself.

# %% name="exercise-4-code"
# @exercise training.trainer
import copy

import glasstorch as torch


class Trainer:
    """Trains a model, and looks at it in between."""

    def __init__(self, model, loss_fn, optimizer):
        self.model = model
        self.loss_fn = loss_fn
        self.optimizer = optimizer

    def train_epoch(self, batches):
        """Train on all batches once, in train mode; the mean loss of an example."""
        # your lines

    def evaluate(self, batches):
        """The mean loss of an example, in eval mode and without graphs; nothing is learnt."""
        # your lines

    def fit(self, train_batches, valid_batches, epochs, patience):
        """Train with early stopping; the model ends with its best weights. Returns the validation losses."""
        # your lines


# @end

# %% name="exercise-4-try"
trainer = Trainer(model := new_network(), F.cross_entropy, torch.optim.Adam(model.parameters(), lr=0.003))
valid_batches = DataLoader(TensorDataset(valid_x, valid_y), batch_size=500)
losses = trainer.fit(batches_of(train_x, train_y), valid_batches, epochs=10, patience=3)
print("validation losses:", [round(loss, 3) for loss in losses or []])
print("loss of the model as it is now:", round(evaluate(model, valid_x, valid_y)[0], 3))

# %% name="exercise-4-check"
exercise("training.trainer")

# %% [markdown] name="same-in-pytorch"
# ## The same in PyTorch
#
# `model.train()`, `model.eval()`, `torch.no_grad()`, `state_dict()` and the loop itself are the same, and so are the
# bugs. Some differences:
#
# - PyTorch also has `torch.inference_mode()`, a stricter and slightly faster `no_grad()`; Glasstorch has it too.
# - When the memory of a GPU is full, PyTorch raises `torch.cuda.OutOfMemoryError`, a `RuntimeError`. Memory of the CPU
#   raises a `RuntimeError` in PyTorch, and NumPy's `MemoryError` here.
# - PyTorch has no `Trainer`. Libraries such as Lightning and Accelerate offer one; in the exercise you saw that it is
#   fifty lines.
#
# ## What to take with you
#
# - Training data moves the weights, validation data your decisions, test data nothing.
# - `model.train()` before learning; `model.eval()` *and* `no_grad()` before looking. They are two switches.
# - Stop when the validation loss stops falling, and go back to a **deep copy** of the best weights.
# - Count examples, not batches; add `loss.item()`, not `loss`.
# - Out of memory: first `no_grad()` and `.item()`, then smaller batches with accumulated gradients.
