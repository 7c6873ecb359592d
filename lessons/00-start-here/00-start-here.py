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
# # Start here
#
# In the next half hour you will watch a gradient being computed number by number, see why gradients add up,
# and train a network that reads handwritten digits. You need some Python. From mathematics you need one idea:
# a derivative says how fast a result changes when an input changes a little.
#
# **Shift+Enter** runs a cell and goes to the next one. Before most results there is a question: guess first,
# then look. A wrong guess costs nothing, and you will remember the answer better for it.

# %% name="setup"
import glasstorch as torch
from glasstorch import nn
from glasstorch_widgets import exercise, graph, images, loss_curve, predict

# %load_ext glasstorch_widgets

# %% [markdown] name="pytorch-note"
# Glasstorch has PyTorch's names and PyTorch's behaviour, so everything you write here is PyTorch. What it adds
# is glass: you can look inside. The last line above switches the recorder on that makes this possible.

# %% [markdown] name="tensors"
# ## 1 · Tensors
#
# A tensor is a block of numbers with a **shape** (how many along each dimension) and a **dtype** (what kind of
# numbers).

# %% name="first-tensor"
prices = torch.tensor([[2.0, 4.0, 1.0], [3.0, 5.0, 2.0]])
print(prices)
print("shape", prices.shape, "  dtype", prices.dtype)

# %% [markdown] name="elementwise"
# Arithmetic works on all elements at once. Sums and means run over one dimension, or over everything:

# %% name="sums"
print(prices * 10)
print(prices.sum(dim=0))  # add up along dimension 0: the two rows become one
print(prices.mean())

# %% [markdown] name="broadcasting"
# Shapes need not be equal. Where one of them has size 1, or is missing a dimension on the left, it is stretched
# to fit. This is called **broadcasting**.

# %% name="column-and-row"
column = torch.tensor([[0.0], [10.0], [20.0]])
row = torch.tensor([1.0, 2.0, 3.0, 4.0])

# %% name="broadcasting-question" jupyter={"source_hidden": true}
predict(
    "column has shape (3, 1) and row has shape (4,). What is the shape of column + row?",
    ["(3, 1)", "(4,)", "(3, 4)", "an error"],
    answer=lambda: str(tuple((column + row).shape)),
    explain="The 1 in column is stretched to 4, and row is repeated for each of the 3 rows.",
)

# %% name="broadcasting-answer"
column + row

# %% [markdown] name="gradients"
# ## 2 · Gradients
#
# Here is the smallest thing one can train: a prediction `w * x + b`, and a loss that says how bad it is. The
# target is 4. `requires_grad=True` marks the numbers we want to improve.

# %% name="two-lines"
x = torch.tensor(2.0)
w = torch.tensor(3.0, requires_grad=True)
b = torch.tensor(1.0, requires_grad=True)

error = w * x + b - 4.0
loss = error**2
print("error", error.item(), "  loss", loss.item())

# %% name="gradient-question" jupyter={"source_hidden": true}
predict(
    "If w grows a little, how fast does the loss grow? (The derivative of error² is 2 · error. "
    "And how fast does error grow with w?)",
    answer=12,
    explain="2 · error = 6, and error grows by x = 2 for each unit of w: 6 · 2 = 12. This is the chain rule.",
)

# %% [markdown] name="backward"
# `backward()` does this for every marked number at once and leaves the results in `.grad`:

# %% name="call-backward"
loss.backward()
print("w.grad", w.grad.item(), "  b.grad", b.grad.item())

# %% [markdown] name="wiggle"
# We need not take its word for it. Wiggle `w` and see what the loss does:

# %% name="wiggle-check"
step = 0.001
wiggled = ((w.item() + step) * x.item() + b.item() - 4.0) ** 2
print("measured slope:", round((wiggled - loss.item()) / step, 3))

# %% [markdown] name="graph"
# ## 3 · Look inside
#
# While you computed the loss, Glasstorch remembered every operation. Together they form the **graph** of the
# computation, and `backward()` walks it from the loss back to the leaves.

# %% name="graph-of-loss"
graph(loss, step=0)

# %% [markdown] name="graph-tour"
# Try these, in this order:
#
# 1. Press **N** (or the arrow button) until you are at the end. The values come first, from top to bottom; then
#    the gradients go back up. At each node, the gradient that arrives is multiplied by the node's own
#    derivative and passed on.
# 2. **Click `loss`** at the bottom (or Tab to the picture and press Enter). You see its value, its gradient, the
#    formula of its derivative, and the line of your code that made it.
# 3. **Edit `w`**: click it, change 3 to 1.5 and press Enter. Python runs everything again. The prediction is now
#    exactly 4, so the loss is 0 and every gradient is 0: nothing is left to improve.
# 4. Change `w` to 1. The gradients turn negative: now the loss shrinks when `w` *grows*.

# %% [markdown] name="fan-out"
# ## 4 · Why gradients add up
#
# So far every number was used once. Here `u` is used twice:

# %% name="fan-out-example"
u = torch.tensor(3.0, requires_grad=True)
v = 5 * u + u**2

# %% name="fan-out-question" jupyter={"source_hidden": true}
predict(
    "Along 5·u the derivative is 5. Along u² it is 2·u = 6. What is the gradient of v with respect to u?",
    answer=lambda: torch.autograd.grad(v, u, retain_graph=True)[0],
    explain="A small change of u reaches v along both paths, so the two effects add up: 5 + 6 = 11.",
)

# %% name="fan-out-graph"
graph(v)

# %% [markdown] name="fan-out-rule"
# Click `u`: its gradient is listed as a sum, one contribution for each use. That is the whole of
# backpropagation:
#
# > At every operation: **local derivative times incoming gradient**. Where a tensor is used several times:
# > **add up**.
#
# It is also why `backward()` *adds* to `.grad` instead of replacing it. This will bite us in section 6.

# %% [markdown] name="exercise-1"
# ## Exercise 1 · A backward formula
#
# The function $y = x \cdot \sigma(x)$ is called SiLU and is used in many recent networks. $\sigma$ is the
# sigmoid, `torch.sigmoid(x)`; its derivative is $\sigma(x)\,(1 - \sigma(x))$. Here it is at three
# points `t`. Look at the graph: `t` is used twice.

# %% name="silu-graph"
t = torch.tensor([-2.0, 0.5, 3.0], requires_grad=True)
silu = t * torch.sigmoid(t)
graph(silu.sum())

# %% [markdown] name="exercise-1-task"
# Write the function that computes the gradient of `x` when the gradient of `y` arrives as `grad_output`
# (a tensor of the same shape as `x`). Use `torch.sigmoid` and arithmetic; leave autograd out of it.
# The grader reads only what stands between `# @exercise` and `# @end`, so the import is repeated there.

# %% name="exercise-1-code"
# @exercise start.backward-formula
import glasstorch as torch


def silu_backward(grad_output, x):
    """The gradient of x, given the gradient of y = x * sigmoid(x)."""
    # your formula


# @end

# %% [markdown] name="exercise-1-try"
# Compare with autograd, which knows the answer. Then press **Check**: it tries other shapes, other incoming
# gradients, and large numbers.

# %% name="exercise-1-compare"
incoming = torch.tensor([1.0, 10.0, 100.0])
print("autograd:", torch.autograd.grad(silu, t, incoming, retain_graph=True)[0])
print("yours:   ", silu_backward(incoming, t.detach()))

# %% name="exercise-1-check"
exercise("start.backward-formula")

# %% [markdown] name="data"
# ## 5 · A network that reads digits
#
# Now the real thing. MNIST is a collection of digits written by hand, each a picture of 28 × 28 pixels. The
# lessons come with 12,000 of them to train on, and 2,000 others to test with, which training never sees.

# %% name="load-data"
from glasstorch.vision.datasets import MNIST

train, test = MNIST("../data", train=True), MNIST("../data", train=False)
train_images, train_labels = train.data / 255, train.targets  # grey values from 0 to 1
test_images, test_labels = test.data / 255, test.targets

print("training:", tuple(train_images.shape), "  test:", tuple(test_images.shape))
images(train_images[:12], captions=train_labels[:12])

# %% [markdown] name="model"
# A network is a chain of layers. This one flattens a picture into 784 numbers, mixes them into 256 new ones
# (`Linear`), sets the negative ones to zero (`ReLU`), and mixes those into 10 scores, one for each digit. The
# highest score is its answer.


# %% name="build-model"
def new_network():
    torch.manual_seed(0)  # the same random start every time
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 10))


model = new_network()
print(model)
print("numbers to learn:", sum(p.numel() for p in model.parameters()))


# %% name="accuracy"
def accuracy(model):
    """The percentage of test pictures that the model reads correctly."""
    with torch.no_grad():  # nothing to learn here, so no graph is kept
        answers = model(test_images).argmax(dim=1)
    return 100 * (answers == test_labels).float().mean().item()


# %% name="untrained-question" jupyter={"source_hidden": true}
predict(
    "The network is not trained: its numbers are random. What percentage of the test digits does it get right?",
    answer=accuracy(model),
    tolerance=5,
    unit="%",
    explain="Ten digits and no knowledge: about one in ten.",
)

# %% [markdown] name="loss"
# The usual loss for choosing among classes is **cross-entropy**: minus the logarithm of the probability that the
# network gives to the right answer. It is near 0 when the network is sure and right, and large when it is sure
# and wrong. Guessing gives each digit probability 1/10, so expect about −ln 0.1 = 2.3 now.

# %% name="first-loss"
loss_fn = nn.CrossEntropyLoss()
batch, labels = train_images[:64], train_labels[:64]
first_loss = loss_fn(model(batch), labels)
print(f"loss: {first_loss.item():.4f}")
graph(first_loss)

# %% [markdown] name="same-graph"
# It is the same kind of graph as before; only the numbers come in blocks (`n0` is the batch of pictures,
# flattened). Click `1.weight`: 256 × 784 weights, and a gradient for every one of them.

# %% [markdown] name="step"
# ## 6 · The training step
#
# The gradient points uphill. A small step the other way makes the loss smaller. Here is one, by hand:

# %% name="step-by-hand"
loss = loss_fn(model(batch), labels)
loss.backward()
with torch.no_grad():  # changing the parameters is not part of the computation
    for parameter in model.parameters():
        parameter -= 0.1 * parameter.grad
after = loss_fn(model(batch), labels)
print(f"loss before: {loss.item():.4f}   after one step: {after.item():.4f}")

# %% [markdown] name="optimizer"
# An **optimizer** does this for us. Every training loop repeats the same five lines:
#
# ```python
# optimizer.zero_grad()            # 1  forget the old gradients
# outputs = model(batch)           # 2  forward
# loss = loss_fn(outputs, labels)  # 3  how bad is it?
# loss.backward()                  # 4  gradients
# optimizer.step()                 # 5  move every parameter a little
# ```
#
# The line people forget is the first.

# %% name="zero-grad-question" jupyter={"source_hidden": true}
predict(
    "backward() runs twice on the same batch, and nobody calls zero_grad() in between. How many times too large "
    "are the gradients then?",
    answer=2,
    explain="backward() adds to .grad, as it must for tensors that are used several times. It cannot know that "
    "you meant to start afresh. zero_grad() says so.",
)

# %% name="zero-grad-answer"
weight = model[3].weight
model.zero_grad()
loss_fn(model(batch), labels).backward()
once = weight.grad.clone()
loss_fn(model(batch), labels).backward()
print("times too large:", (weight.grad.abs().sum() / once.abs().sum()).item())

# %% [markdown] name="trap"
# No error, no warning, only wrong steps. Here are two trainings that differ in that one line:


# %% name="trap-curve"
def a_hundred_steps(forget):
    net = new_network()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.3)
    losses = []
    for i in range(100):
        if not forget:
            optimizer.zero_grad()
        part = slice(64 * i, 64 * i + 64)
        loss = loss_fn(net(train_images[part]), train_labels[part])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses, accuracy(net)


(correct, correct_end), (forgetful, forgetful_end) = (
    a_hundred_steps(forget=False),
    a_hundred_steps(forget=True),
)
curve = loss_curve("A hundred steps with and without zero_grad()")
for good, bad in zip(correct, forgetful):
    curve.add(correct_loss=good, forgetful_loss=bad)
print(f"digits read correctly: {correct_end:.1f} % with zero_grad(), {forgetful_end:.1f} % without")

# %% [markdown] name="trap-note"
# At first the forgetful one is even faster, because its steps grow and grow. Then they are too large: it jumps
# over the goal again and again and never settles. That is why this mistake is easy to miss.

# %% [markdown] name="training"
# ## 7 · Train it
#
# One pass over the training pictures is an **epoch**. A `DataLoader` deals them out in shuffled batches. **Adam**
# is an optimizer that finds a step size of its own for every parameter.
#
# 12,000 pictures are few, but a digit moved by one pixel is still the same digit. So each batch is moved
# by at most one pixel, at random: nine pictures for the price of one. This is called **augmentation**.

# %% name="one-epoch"
from glasstorch.utils.data import DataLoader, TensorDataset

batches = DataLoader(TensorDataset(train_images, train_labels), batch_size=128, shuffle=True)


def one_epoch(model, optimizer, curve=None):
    for batch, labels in batches:
        move = torch.randint(-1, 2, (2,)).tolist()  # -1, 0 or 1 pixel down and to the right
        batch = batch.roll(move, dims=(1, 2))
        optimizer.zero_grad()
        outputs = model(batch)
        loss = loss_fn(outputs, labels)
        loss.backward()
        optimizer.step()
        if curve is not None:
            curve.add(loss=loss)


# %% name="epoch-question" jupyter={"source_hidden": true}
def accuracy_after_one_epoch():
    model = new_network()
    one_epoch(model, torch.optim.Adam(model.parameters(), lr=0.002))
    return round(accuracy(model), 1)


predict(
    "After a single epoch, what percentage of the test digits does it get right? "
    "(Your guess starts the training. It takes a second or two.)",
    answer=accuracy_after_one_epoch,
    tolerance=2,
    unit="%",
    explain="Most of what it will ever know it learns at once. The last few per cent are the slow part.",
)

# %% [markdown] name="train-intro"
# Now sixteen epochs. Watch the loss fall and the accuracy rise:

# %% name="train"
model = new_network()
optimizer = torch.optim.Adam(model.parameters(), lr=0.002)
curve = loss_curve("Learning to read digits")
for _ in range(16):
    one_epoch(model, optimizer, curve)
    curve.add(test_accuracy=accuracy(model))
print(f"test accuracy: {accuracy(model):.2f} %")

# %% [markdown] name="mistakes"
# ## 8 · Look at its mistakes
#
# A percentage hides what went wrong. Look at the pictures that it misread.

# %% name="find-mistakes"
with torch.no_grad():
    probability, answer = torch.softmax(model(test_images), dim=1).max(dim=1)
wrong = (answer != test_labels).nonzero().squeeze(1)
print(len(wrong), "of", len(test_labels), "pictures are misread")

# %% name="confidence-question" jupyter={"source_hidden": true}
predict(
    "The network also says how sure it is. On the pictures that it misreads, what probability does it give to "
    "its wrong answer, on average, in per cent?",
    answer=lambda: round(100 * probability[wrong].mean().item(), 1),
    tolerance=10,
    unit="%",
    explain="Being trained to be right does not make a network modest. Its probabilities say how a picture "
    "compares with what it has seen, not how likely it is to be wrong.",
)

# %% name="show-mistakes"
sure_first = wrong[probability[wrong].argsort(descending=True)][:20]
images(
    test_images[sure_first],
    captions=[f"{test_labels[i]} read as {answer[i]}, {100 * probability[i]:.0f} %" for i in sure_first],
)

# %% [markdown] name="mistakes-note"
# These are the ones it was most sure about. Some of them you would misread too; others show what it
# has not understood.

# %% [markdown] name="exercise-2"
# ## Exercise 2 · The training step, from memory
#
# Write `train_step`. It does one step on one batch and returns the loss as a plain Python `float`. Try it without
# scrolling up.


# %% name="exercise-2-code"
# @exercise start.training-step
def train_step(model, loss_fn, optimizer, images, labels):
    """One step of training on one batch; returns the loss as a float."""
    # your five lines, and a return


# @end

# %% name="exercise-2-check"
exercise("start.training-step")

# %% [markdown] name="own-step"
# When the check has passed, let your own step train a fresh network. (Before that, this cell shows what an
# untrained network can do.)

# %% name="own-step-run"
mine = new_network()
optimizer = torch.optim.Adam(mine.parameters(), lr=0.002)
for batch, labels in batches:
    train_step(mine, loss_fn, optimizer, batch, labels)
print(f"one epoch of your own step: {accuracy(mine):.2f} % of the test digits")

# %% [markdown] name="same-in-pytorch"
# ## The same in PyTorch
#
# Apart from the views, everything on this page is PyTorch. Write `torch` for `glasstorch` in the imports (and
# `torchvision` for `glasstorch.vision`):
#
# ```python
# import torch
# from torch import nn
# from torch.utils.data import DataLoader, TensorDataset
# from torchvision.datasets import MNIST
# ```
#
# and the network, the training, your `silu_backward` and your `train_step` run there as they are. It also works
# the other way round: `glasstorch run script.py` runs a script that says `import torch`.
#
# ## What to take with you
#
# - A tensor has a shape and a dtype. Broadcasting stretches dimensions of size 1.
# - Computing records a graph. `backward()` walks it back: local derivative times incoming gradient, added up
#   where a tensor is used several times.
# - Gradients stay in `.grad` and add up until `zero_grad()`.
# - Training repeats five lines. Say them once more before you go.
