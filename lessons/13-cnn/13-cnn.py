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
# # A network of convolutions
#
# **A network reads 98 of 100 test digits. Give it the same digits one at a time and it reads 92 of 100. Not one
# weight has changed. What has?**
#
# In this lesson you build that network. With a twentieth of the numbers of lesson 0's network it reads more digits.
# Then you meet the two layers that behave differently in training and in use, batch normalization and dropout, and
# the mistake that they make so easy.

# %% name="setup"
import copy

import glasstorch as torch
from glasstorch import nn
from glasstorch.nn import functional as F
from glasstorch.vision.datasets import MNIST
from glasstorch_widgets import confusion, exercise, feature_maps, images, loss_curve, predict, worst

# %load_ext glasstorch_widgets

train, test = MNIST("../data", train=True), MNIST("../data", train=False)
train_images, train_labels = train.data[:, None] / 255, train.targets
test_images, test_labels = test.data[:, None] / 255, test.targets

# %% [markdown] name="network"
# ## 1 · The usual shape of such a network
#
# Block after block: a convolution, a normalization (section 4), a ReLU. With every stride of 2 the maps become
# smaller, and there are more of them: fewer places, more kinds of things to say about each. At the end a `Linear`
# layer turns what was found into ten scores.


# %% name="build-network"
def new_network():
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(1, 8, 5, stride=2, padding=2),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.Conv2d(8, 16, 3, stride=2, padding=1),
        nn.BatchNorm2d(16),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(16 * 7 * 7, 10),
    )


x = test_images[:1]
for layer in new_network().eval():
    x = layer(x)
    numbers = sum(p.numel() for p in layer.parameters())
    print(f"{type(layer).__name__:12} -> {str(tuple(x.shape)):16} {numbers:6,} numbers")
print(f"all together: {sum(p.numel() for p in new_network().parameters()):,}")

# %% name="where-question" jupyter={"source_hidden": true}
predict(
    "The network of lesson 0 had 203,530 numbers. How many times smaller is this one?",
    answer=lambda: round(203530 / sum(p.numel() for p in new_network().parameters()), 1),
    tolerance=2,
    explain="9,274 numbers, and 7,850 of them are in the last layer, the only one that has a weight for every place.",
)

# %% [markdown] name="training"
# ## 2 · Train it
#
# Six epochs, with digits moved by up to one pixel as in lesson 0. The learning rate rises and then falls to 0
# (`OneCycleLR`; lesson 14 explains why that helps). The goal is **98 %**.


# %% name="accuracy"
def accuracy(model, pictures, labels, batch_size=500):
    """The percentage read correctly. It leaves the model in the mode it is in: mind that!"""
    right = 0
    with torch.no_grad():
        for some, truth in zip(pictures.split(batch_size), labels.split(batch_size)):
            right += (model(some).argmax(dim=1) == truth).sum().item()
    return 100 * right / len(labels)


# %% name="train"
model = new_network()
epochs, batch_size = 6, 96
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
steps = epochs * len(train_images) // batch_size
schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.01, total_steps=steps)
curve = loss_curve("A network of convolutions learns to read")
for _ in range(epochs):
    model.train()
    for batch in torch.randperm(len(train_images)).split(batch_size):
        move = torch.randint(-1, 2, (2,)).tolist()
        optimizer.zero_grad()
        loss = F.cross_entropy(model(train_images[batch].roll(move, dims=(2, 3))), train_labels[batch])
        loss.backward()
        optimizer.step()
        schedule.step()
        curve.add(loss=loss)
    model.eval()
    curve.add(test_accuracy=accuracy(model, test_images, test_labels))
print(f"test accuracy: {accuracy(model, test_images, test_labels):.2f} %")

# %% [markdown] name="puzzle"
# ## 3 · The puzzle
#
# Somebody writes their own loop for testing, and forgets one line that ours has: `model.eval()`.

# %% name="forgetful-copy"
forgetful = copy.deepcopy(model)
forgetful.train()  # as the training loop left it
same = all(torch.equal(p, q) for p, q in zip(model.parameters(), forgetful.parameters()))
print("the same weights:", same)
print(f"batches of 100: {accuracy(forgetful, test_images, test_labels, 100):.1f} %")

# %% name="one-question" jupyter={"source_hidden": true}
predict(
    "In batches of 100 nothing looks wrong. What does the forgetful tester measure with batches of one picture, "
    "in per cent?",
    answer=lambda: round(accuracy(copy.deepcopy(forgetful), test_images, test_labels, 1), 1),
    tolerance=2,
    unit="%",
    explain="A share of the digits goes wrong that was right a moment ago. The weights are the same, the "
    "pictures are the "
    "same: what changed is the company in which a picture arrives.",
)

# %% name="batch-sizes"
for size in [100, 16, 4, 1]:
    without = accuracy(copy.deepcopy(forgetful), test_images, test_labels, size)
    print(f"batches of {size}: {without:.1f} % without eval()")
print(f"one at a time: {accuracy(model, test_images, test_labels, 1):.1f} % with eval()")

# %% [markdown] name="order"
# Even large batches are not safe. Testers like to sort: all zeros first, then all ones.

# %% name="sorted-test"
order = test_labels.argsort()
by_digit = test_images[order], test_labels[order]
print(f"sorted: {accuracy(copy.deepcopy(forgetful), *by_digit, 100):.1f} % without eval()")
print(f"sorted: {accuracy(model, *by_digit, 100):.1f} % with eval()")

# %% [markdown] name="company"
# So in training mode the answer for a picture depends on the pictures that come with it. These are read differently
# alone and among 299 others:

# %% name="two-companies"
with torch.no_grad():
    reader = copy.deepcopy(forgetful)
    among = reader(test_images[:300]).argmax(dim=1)
    alone = torch.cat([reader(picture).argmax(dim=1) for picture in test_images[:300].split(1)])
turned = (alone != among).nonzero().squeeze(1)
print(len(turned), "of 300 answers are different")
images(test_images[turned[:8]], captions=[f"{among[i]}; alone: {alone[i]}" for i in turned[:8]])

# %% [markdown] name="batchnorm"
# ## 4 · Batch normalization
#
# The layer responsible is `BatchNorm2d`. For each channel it computes mean and variance **over the batch** (and all
# places of the map), and makes the mean 0 and the variance 1. Two learned numbers for each channel, `weight` and
# `bias`, then stretch and move the result, so that the network can undo it where that is better.
#
# $$y = \frac{x - \mu_\text{batch}}{\sqrt{\sigma^2_\text{batch} + \varepsilon}} \cdot \text{weight} + \text{bias}$$

# %% name="norm-question" jupyter={"source_hidden": true}
predict(
    "The numbers of a channel have mean 50 and standard deviation 10. They go through a new BatchNorm2d (weight "
    "1, bias 0) in "
    "training mode. What is their mean afterwards?",
    answer=lambda: round(nn.BatchNorm2d(1)(50 + 10 * torch.randn(64, 1, 7, 7)).mean().item(), 3),
    tolerance=0.05,
    explain="Zero, whatever it was before: the batch's own mean is subtracted.",
)

# %% name="norm-by-hand"
torch.manual_seed(0)
norm = nn.BatchNorm2d(2)
channels = 50 + 10 * torch.randn(64, 2, 7, 7)
mean = channels.mean(dim=(0, 2, 3), keepdim=True)  # one number for each channel
variance = channels.var(dim=(0, 2, 3), keepdim=True, correction=0)
by_hand = (channels - mean) / (variance + norm.eps).sqrt()
print("same as the layer:", torch.allclose(norm(channels), by_hand, atol=1e-4))
print("learned:", [name for name, _ in norm.named_parameters()])
print("remembered:", [name for name, _ in norm.named_buffers()])

# %% [markdown] name="running"
# In use there may be no batch: one picture must get one answer, whoever else asks. So the layer keeps **running
# averages** of mean and variance while it trains, a tenth of the new and nine tenths of the old at each step, and in
# evaluation mode it uses those. They are no parameters, nothing learns them; they are **buffers**, and `state_dict`
# saves them too.


# %% name="running-question" jupyter={"source_hidden": true}
def remembered_after_one_batch():
    fresh = nn.BatchNorm2d(2)
    fresh(channels)
    return fresh.running_mean[0].item()


predict(
    "A new layer remembers a mean of 0. It has just seen its first batch, in training mode, and the mean of "
    "channel 0 was about "
    "50. What is its running mean for channel 0 now?",
    answer=lambda: round(remembered_after_one_batch(), 2),
    tolerance=0.5,
    explain="0.9 · 0 + 0.1 · 50. After 30 batches it has come to within 5 % of 50. A training of a few steps "
    "leaves averages "
    "that are wrong, and so a network that is bad in evaluation mode only.",
)

# %% name="running-values"
print("running mean:", [round(v, 2) for v in norm.running_mean.tolist()])
for _ in range(29):
    norm(channels)
print("after 30 batches:", [round(v, 2) for v in norm.running_mean.tolist()])

# %% [markdown] name="why-norm"
# ### What is it good for?
#
# Three convolutions, SGD, 120 steps; once with normalization between them and once without. Everything else is the
# same.


# %% name="with-and-without"
def three_convolutions(normalize):
    torch.manual_seed(0)
    layers = []
    for before, after, stride in [(1, 8, 2), (8, 16, 2), (16, 16, 1)]:
        layers.append(nn.Conv2d(before, after, 3, stride=stride, padding=1))
        if normalize:
            layers.append(nn.BatchNorm2d(after))
        layers.append(nn.ReLU())
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(784, 10))


def steps_of_sgd(net, count, lr):
    optimizer = torch.optim.SGD(net.parameters(), lr=lr)
    torch.manual_seed(0)  # the same batches for both
    losses = []
    for batch in torch.randperm(len(train_images)).split(64)[:count]:
        optimizer.zero_grad()
        loss = F.cross_entropy(net(train_images[batch]), train_labels[batch])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    net.eval()
    return losses, accuracy(net, test_images, test_labels)


curve = loss_curve("120 steps with and without batch normalization")
(normed, normed_end), (plain, plain_end) = (
    steps_of_sgd(three_convolutions(normalize), 120, lr=0.05) for normalize in (True, False)
)
for a, b in zip(normed, plain):
    curve.add(with_norm_loss=a, without_norm_loss=b)
print(f"with normalization: {normed_end:.1f} %   without: {plain_end:.1f} %")

# %% name="first-signal"
for normalize in (True, False):
    net = three_convolutions(normalize)
    last_maps = net[:-2](train_images[:64])
    F.cross_entropy(net[-2:](last_maps), train_labels[:64]).backward()
    print(
        f"normalize={normalize}: spread of the last maps {last_maps.std().item():.3f},",
        f"gradient of the first layer {net[0].weight.grad.norm().item():.3f}",
    )

# %% [markdown] name="why-norm-note"
# Without normalization the signal shrinks from layer to layer, and the gradient that gets back to the first layer is
# small (lesson 7 mends that with another start). For 120 steps next to nothing happens. With more steps or another
# rate it would learn too. Normalization makes a network far less particular about its start and its learning rate;
# that is why nearly all deep networks of convolutions have it.

# %% [markdown] name="dropout"
# ## 5 · Dropout
#
# The other layer with two lives. In training, `Dropout(p)` sets each number to 0 with probability $p$, at random and
# anew at every step. No unit can rely on another one being there, so what is learned is spread out.

# %% name="dropout-question" jupyter={"source_hidden": true}
predict(
    "nn.Dropout(0.5) gets a row of ones, in training mode. Which numbers come out?",
    ["zeros and ones", "zeros and twos", "only 0.5", "numbers between 0 and 1"],
    answer="zeros and twos",
    explain="What is kept is multiplied by 1 / (1 − p). So the expected sum is the same as without dropout, and "
    "in use the layer "
    "need not do anything at all.",
)

# %% name="dropout-ones"
torch.manual_seed(0)
drop = nn.Dropout(0.5)
print("train:", drop(torch.ones(10)).tolist())
print("again:", drop(torch.ones(10)).tolist())
print("mean of many:", round(drop(torch.ones(100_000)).mean().item(), 2))
drop.eval()
print("eval: ", drop(torch.ones(10)).tolist())

# %% [markdown] name="dropout-use"
# It helps where a network has many numbers and few pictures. Here lesson 0's network learns from 600 digits until it
# knows them by heart:


# %% name="dropout-compare"
def learns_from_600(p):
    torch.manual_seed(0)
    net = nn.Sequential(nn.Flatten(), nn.Linear(784, 256), nn.ReLU(), nn.Dropout(p), nn.Linear(256, 10))
    optimizer = torch.optim.Adam(net.parameters(), lr=0.002)
    for _ in range(30):
        for batch in torch.randperm(600).split(50):
            optimizer.zero_grad()
            F.cross_entropy(net(train_images[batch]), train_labels[batch]).backward()
            optimizer.step()
    net.eval()
    with torch.no_grad():
        known = F.cross_entropy(net(train_images[:600]), train_labels[:600]).item()
        new = F.cross_entropy(net(test_images), test_labels).item()
    return known, new, accuracy(net, test_images, test_labels)


for p in [0.0, 0.5]:
    known, new, right = learns_from_600(p)
    print(f"dropout {p}: loss on new digits {new:.3f}, on known ones {known:.3f}, accuracy {right:.1f} %")

# %% [markdown] name="dropout-note"
# The loss on new digits falls by a tenth, the accuracy stays where it is: the network is not right more often, but
# less sure when it is wrong. That is what dropout can do here, no more. Our network of 9,000 numbers and 12,000
# moved digits does without it.

# %% [markdown] name="traps"
# ## 6 · Three traps
#
# **`no_grad()` is not `eval()`.** One says "keep no graph", the other "behave as in use". Watch what a single pass
# over pictures, without gradients, without a loss, without an optimizer, does to a network in training mode. The
# pictures are the test digits printed the other way round: dark ink on white paper.

# %% name="poison"
images(torch.cat([test_images[:4], 1 - test_images[:4]]))


# %% name="poison-question" jupyter={"source_hidden": true}
def after_looking():
    looked = copy.deepcopy(model).train()
    accuracy(looked, 1 - test_images, test_labels, 100)
    return accuracy(looked.eval(), test_images, test_labels)


predict(
    "Under no_grad(), a copy of the network looks at 2,000 inverted digits, in training mode. Then it is tested "
    "properly, with eval(), on the usual digits. What percentage does it read?",
    answer=lambda: round(after_looking(), 1),
    tolerance=10,
    unit="%",
    explain="In training mode the running averages are updated by looking. No gradient is needed for that. The "
    "weights are still what they were, but now they get numbers that they have never seen.",
)

# %% name="poison-answer"
poisoned = copy.deepcopy(model).train()
accuracy(poisoned, 1 - test_images, test_labels, 100)  # looks at them, under no_grad()
poisoned.eval()
print(f"after looking: {accuracy(poisoned, test_images, test_labels):.1f} %")

poisoned.train()
accuracy(poisoned, train_images[:3000], train_labels[:3000], 100)  # and now at the usual ones again
poisoned.eval()
print(f"after looking at the usual ones: {accuracy(poisoned, test_images, test_labels):.1f} %")

# %% [markdown] name="trap-back"
# **The way back.** Whoever says `eval()` for a test in the middle of a training must say `train()` afterwards.
# Otherwise dropout is off and the averages stand still for the rest of it, and nothing tells you. Our loop says
# both, in every epoch. A mode is a simple switch, and every module has it:

# %% name="modes"
net = nn.Sequential(nn.Linear(2, 2), nn.Dropout(0.5))
net.eval()
print("after eval():", [layer.training for layer in net])
net.train()
print("after train():", [layer.training for layer in net])

# %% [markdown] name="trap-one"
# **A batch of one.** The variance of one number is 0, and a network that normalizes it learns nothing. PyTorch
# refuses. It happens at the end of an epoch, when one picture is left over; `DataLoader(..., drop_last=True)` leaves
# it out.

# %% name="batch-of-one"
layers = nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3))
try:
    layers(torch.ones(1, 4))
except ValueError as error:
    print(error)

# %% [markdown] name="inside"
# ## 7 · Look inside

# %% name="maps"
feature_maps(model[:6], test_images[7], title="What the two blocks make of a digit")

# %% [markdown] name="maps-tour"
# Open a map after the first ReLU, and walk over it: which strokes does it answer to? In the second block the maps are
# coarser, and each of their cells sees 9 × 9 pixels: enough for a bend or a crossing. Change `test_images[7]` to
# another digit, and look which maps stay dark and which light up.

# %% name="confused-question" jupyter={"source_hidden": true}
predict(
    "Which of these pairs will be confused most often?",
    ["0 and 1", "4 and 9", "3 and 7", "6 and 1"],
    answer="4 and 9",
    explain="They differ in a gap at the top, which a quick hand closes. Look at the matrix: few other cells off "
    "the diagonal "
    "have as many pictures.",
)

# %% name="confusion-matrix"
with torch.no_grad():
    scores = model(test_images)
answers = scores.argmax(dim=1)
pairs = [(0, 1), (4, 9), (3, 7), (6, 1)]
for a, b in pairs:
    count = ((test_labels == a) & (answers == b)).sum() + ((test_labels == b) & (answers == a)).sum()
    print(f"{a} and {b}: {count.item()}")
confusion(test_labels, scores, images=test_images, title="Which digit is taken for which")

# %% name="worst-mistakes"
worst(test_images, scores, test_labels, n=12, title="The largest losses")

# %% [markdown] name="inside-note"
# Click a cell of the matrix to see its pictures. Then look at the worst ones: would you have known? From here on,
# better data gains more than another layer.

# %% [markdown] name="exercise-1"
# ## Exercise 1 · A test one can trust (use)
#
# This `evaluate` was written in a hurry. It runs, and gives numbers that look right. Find what is wrong with it and
# mend it: it shall return the share of pictures (0 to 1) that the model reads correctly, however they are cut into
# batches, and leave the model **as it found it**: its mode, its averages, its gradients.


# %% name="exercise-1-code"
# @exercise cnn.evaluate
def evaluate(model, batches):
    """The share of right answers over all pictures; `batches` is a list of (pictures, labels)."""
    shares = []
    for pictures, labels in batches:
        answers = model(pictures).argmax(dim=1)
        shares.append((answers == labels).float().mean().item())
    return sum(shares) / len(shares)


# @end

# %% name="exercise-1-try"
batches = [(test_images[:1900], test_labels[:1900]), (test_images[1900:], test_labels[1900:])]
model.train()
print("share:", round(evaluate(copy.deepcopy(model), batches), 4))
model.eval()
print("wanted:", accuracy(model, test_images, test_labels) / 100)

# %% name="exercise-1-check"
exercise("cnn.evaluate")

# %% [markdown] name="exercise-2"
# ## Exercise 2 · Small and good (use)
#
# Write `train(images, labels)`. It gets 600 digits of 14 × 14 pixels, shape (600, 1, 14, 14), and their labels, and
# returns a trained model. The model may have at most **3,000 parameters**, and must read at least **88 %** of the
# digits that it has never seen. All computing may take 20 seconds; one is enough. It will also be asked about single
# pictures.

# %% name="exercise-2-code"
# @exercise cnn.reach
import glasstorch as torch
from glasstorch import nn


def train(images, labels):
    """A small trained network for digits of 14 × 14 pixels, ready for use."""
    # your layers, your training loop, and a return


# @end

# %% name="exercise-2-try"
small = F.avg_pool2d(train_images, 2)
mine = train(small[:600], train_labels[:600])
if mine is not None:
    print("parameters:", sum(p.numel() for p in mine.parameters()))
    print(f"read: {accuracy(mine, F.avg_pool2d(test_images, 2), test_labels):.1f} %")

# %% name="exercise-2-check"
exercise("cnn.reach")

# %% [markdown] name="exercise-3"
# ## Exercise 3 · Batch normalization, forward (build)
#
# Write it in NumPy, for your engine. The arguments are those of `F.batch_norm`; `x` has shape (N, C) or (N, C, H, W).
#
# - `training=True`: use mean and variance of the batch, for each channel (over all other dimensions), and update
#   `running_mean` and `running_var` **in place**: new = (1 − momentum) · old + momentum · batch's.
# - `training=False`: use `running_mean` and `running_var`, and leave them alone.
#
# One subtlety, as in PyTorch: the batch is divided by its variance with $n$ in the denominator; what goes into
# `running_var` has $n - 1$. (The first is the variance of these numbers, the second an estimate for numbers to come.)

# %% name="exercise-3-code"
# @exercise cnn.batchnorm
import numpy as np


def batch_norm(x, running_mean, running_var, weight, bias, training, momentum=0.1, eps=1e-5):
    """Batch normalization of x (N, C) or (N, C, H, W); in training it also updates running_mean and running_var."""
    # which dimensions are averaged over? every one but the channels


# @end

# %% name="exercise-3-try"
x = np.random.default_rng(0).normal(3, 2, (8, 2, 4, 4)).astype("float32")
mean, var = np.zeros(2, "float32"), np.ones(2, "float32")
mine = batch_norm(x, mean, var, np.ones(2, "float32"), np.zeros(2, "float32"), True)
if mine is not None:
    their_mean, their_var = torch.zeros(2), torch.ones(2)
    theirs = F.batch_norm(torch.tensor(x), their_mean, their_var, training=True)
    print("result off by", np.abs(mine - theirs.numpy()).max())
    print("running mean", mean, their_mean.numpy(), "  running variance", var, their_var.numpy())

# %% name="exercise-3-check"
exercise("cnn.batchnorm")

# %% [markdown] name="exercise-4"
# ## Exercise 4 · The way back (build)
#
# The gradient of batch normalization is famous for being got wrong: `x` enters not only by itself but also through
# mean and variance, so every number of a channel has a say in every other. Write
# `batch_norm_vjp(grad_out, x, weight, eps=1e-5)`, which returns the gradients of `x`, `weight` and `bias`, in
# training mode.
#
# With $\hat{x} = (x - \mu)/\sqrt{\sigma^2 + \varepsilon}$ and $g = \text{grad\_out} \cdot \text{weight}$, the
# gradient that arrives at $\hat{x}$, the sum over the three paths comes out short:
#
# $$\text{grad}_x = \frac{1}{\sqrt{\sigma^2+\varepsilon}}
# \left(g - \overline{g} - \hat{x}\cdot\overline{g\,\hat{x}}\right)$$
#
# The bars are means over the same dimensions as $\mu$. In words: of the gradient, the part that would move the mean
# and the part that would change the spread are taken out, because the layer undoes both.

# %% name="exercise-4-code"
# @exercise cnn.batchnorm-backward
import numpy as np


def batch_norm_vjp(grad_out, x, weight, eps=1e-5):
    """The gradients of x, weight and bias of batch normalization in training mode, as a tuple."""
    # compute the normalized x again; then three formulas


# @end

# %% name="exercise-4-try"
x = torch.randn(8, 2, 4, 4, requires_grad=True)
weight, bias = torch.randn(2, requires_grad=True), torch.randn(2, requires_grad=True)
result = F.batch_norm(x, None, None, weight, bias, training=True)
incoming = torch.randn(8, 2, 4, 4)
wanted = torch.autograd.grad(result, (x, weight, bias), incoming)
mine = batch_norm_vjp(incoming.numpy(), x.detach().numpy(), weight.detach().numpy())
if mine is not None:
    for name, one, other in zip(["x", "weight", "bias"], mine, wanted):
        print(name, "off by", np.abs(one - other.numpy()).max())

# %% name="exercise-4-check"
exercise("cnn.batchnorm-backward")

# %% [markdown] name="same-in-pytorch"
# ## The same in PyTorch
#
# All of it, with the same defaults: momentum 0.1 (of the *new*; other libraries mean the old), eps 1e-5, weight 1,
# bias 0, and $n - 1$ in the running variance. `state_dict` has the buffers `running_mean`, `running_var` and
# `num_batches_tracked` too, so a saved network behaves the same after loading. In PyTorch, `model.train()` and
# `model.eval()` return the model, as here.
#
# ## What to take with you
#
# - Block after block: convolution, normalization, ReLU; smaller maps, more of them. Most numbers hide in the first
#   `Linear` layer.
# - `BatchNorm` uses the batch in training and its running averages in use. `Dropout` drops in training and does
#   nothing in use.
# - `model.eval()` before testing, `model.train()` before training goes on. `no_grad()` replaces neither.
# - In training mode, an answer depends on the company, and looking changes the network.
# - A good number from large mixed batches does not prove that the mode is right. Test with a single picture.
