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
# # Transfer learning
#
# **You have five pictures each of the digits 5, 6, 7, 8 and 9. Twenty-five in all. How well can a network learn to
# read a thousand others?**
#
# Alone, not very well. But there is a network that has read thousands of zeros, ones, twos, threes and fours. It has
# never seen a seven; still, what it knows about strokes and bends is worth dozens of pictures. This
# lesson shows how to take it over: what to keep, what to replace, what may change and how fast. And it shows a
# network that gets worse although not one of its parameters moves.

# %% name="setup"
import copy

import glasstorch as torch
from glasstorch import nn
from glasstorch.nn import functional as F
from glasstorch.safetensors import load_file
from glasstorch.vision.datasets import MNIST
from glasstorch_widgets import confusion, exercise, graph, images, loss_curve, predict

# %load_ext glasstorch_widgets


def digits(train, wanted):
    data = MNIST("../data", train=train)
    chosen = torch.isin(data.targets, torch.tensor(wanted))
    return data.data[chosen][:, None] / 255, data.targets[chosen]


old, new = [0, 1, 2, 3, 4], [5, 6, 7, 8, 9]
old_images, old_labels = digits(False, old)  # the test digits that the old network was made for
pool_images, pool_labels = digits(True, new)
new_images, new_labels = digits(False, new)  # the digits to be read in the end
pool_labels, new_labels = pool_labels - 5, new_labels - 5  # classes 0 to 4 again


def pictures_of_each(count):
    """The first so many of each new digit, and their labels."""
    chosen = torch.cat([(pool_labels == c).nonzero().squeeze(1)[:count] for c in range(5)])
    return pool_images[chosen], pool_labels[chosen]


few_images, few_labels = pictures_of_each(5)
print(len(few_images), "pictures to learn from,", len(new_images), "to be tested with")
images(few_images, captions=(few_labels + 5).tolist())

# %% [markdown] name="scratch"
# ## 1 · Alone
#
# First without help: a network of convolutions as in lesson 13, from a random start. It has two parts with names, and
# that will matter: `features` makes 576 numbers of a picture, `head` makes scores of them.


# %% name="network"
class DigitNet(nn.Module):
    def __init__(self, classes):
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

    def forward(self, x):
        return self.head(self.features(x))


def accuracy(model, pictures, labels):
    model.eval()
    with torch.no_grad():
        return 100 * (model(pictures).argmax(dim=1) == labels).float().mean().item()


def train(model, optimizer, pictures, labels, steps=40):
    """Steps over all pictures at once. The model stays in the mode it is in: that will matter too."""
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(pictures), labels)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


# %% name="train-scratch"
def from_scratch(pictures, labels):
    torch.manual_seed(1)
    net = DigitNet(5).train()
    train(net, torch.optim.Adam(net.parameters(), lr=0.003), pictures, labels)
    return net


scratch = from_scratch(few_images, few_labels)
print(f"the 25 pictures it learned from: {accuracy(scratch, few_images, few_labels):.0f} %")
print(f"new pictures, from scratch: {accuracy(scratch, new_images, new_labels):.1f} %")

# %% [markdown] name="scratch-note"
# The twenty-five are known by heart, which is no feat with 26,549 numbers. Of the others it reads two out of three.

# %% [markdown] name="pretrained"
# ## 2 · A network that knows something else
#
# The lessons come with the weights of the same network, trained on 6,000 pictures of 0, 1, 2, 3 and 4
# (`lessons/data/half-the-digits/make.py` did it). Nobody has ever shown it a 5, 6, 7, 8 or 9.

# %% name="load-weights"
weights = load_file("../data/half-the-digits/half-the-digits.safetensors")
knows = DigitNet(5)
knows.load_state_dict(weights)
print(f"old digits: {accuracy(knows, old_images, old_labels):.1f} %")

# %% name="seven-question" jupyter={"source_hidden": true}
predict(
    "It is shown a thousand digits from 5 to 9, for which it has no answer. How sure is it of its answers, on "
    "average, in per cent?",
    answer=lambda: round(100 * torch.softmax(knows(new_images), dim=1).max(dim=1).values.mean().item(), 1),
    tolerance=10,
    unit="%",
    explain='Softmax shares 100 % among the classes that there are; "none of these" is not among them. A '
    "network does not know "
    "what it does not know.",
)

# %% name="seven-answer"
with torch.no_grad():
    answers = knows(new_images).argmax(dim=1)
for digit in range(5):
    counts = torch.bincount(answers[new_labels == digit], minlength=5).tolist()
    print(f"a {digit + 5} is taken for 0, 1, 2, 3, 4:", counts)

# %% [markdown] name="new-head"
# A 9 is mostly taken for a 4, a 5 for a 3, a 7 for a 2: the answers are wrong, but not foolish. The network sees what
# is there; only its last layer has no name for it. So we keep `features` and put a new layer in the place of `head`:


# %% name="take-over"
def taken_over():
    """The old network's features, and a new head."""
    torch.manual_seed(1)
    net = DigitNet(5)
    net.load_state_dict(weights)
    net.head = nn.Linear(576, 5)
    return net.eval()


print(f"with a new head, untrained: {accuracy(taken_over(), new_images, new_labels):.1f} %")

# %% [markdown] name="sizes-trap"
# Usually the number of classes differs, and then the order matters. Whoever builds the network with the new number
# of classes first cannot load the old weights, and `strict=False` is no way out: it forgives missing names, not
# sizes.

# %% name="size-mismatch"
try:
    DigitNet(10).load_state_dict(weights, strict=False)
except RuntimeError as error:
    print(str(error).splitlines()[1].strip())
kept = {name: tensor for name, tensor in weights.items() if not name.startswith("head.")}
print("left out:", DigitNet(10).load_state_dict(kept, strict=False).missing_keys)

# %% [markdown] name="freeze"
# ## 3 · Freeze what is known
#
# Twenty-five pictures shall not spoil what six thousand have taught. So the features are **frozen**: their
# parameters ask for no gradient.

# %% name="freeze-it"
net = taken_over()
for parameter in net.features.parameters():
    parameter.requires_grad = False
learning = [name for name, parameter in net.named_parameters() if parameter.requires_grad]
print("learning:", learning)

# %% name="gradients-question" jupyter={"source_hidden": true}
predict(
    "The network has 11 parameter tensors. After loss.backward() on the frozen network, how many of them have a "
    "gradient?",
    answer=2,
    explain="Only weight and bias of the head. Nothing in front of them needs a gradient, so backward() ends "
    "there: the "
    "forward pass through the features leaves no graph at all.",
)

# %% name="frozen-graph"
loss = F.cross_entropy(net(few_images), few_labels)
loss.backward()
print(
    "with a gradient:", sum(p.grad is not None for p in net.parameters()), "of", len(list(net.parameters()))
)
graph(loss)

# %% [markdown] name="thawed-note"
# That is the whole graph: the 576 features arrive as plain numbers. Now the same loss with everything thawed:

# %% name="thawed-graph"
graph(F.cross_entropy(taken_over()(few_images), few_labels))

# %% [markdown] name="graph-tour"
# - The large box is `features`. Everything in it was frozen above, and left no trace in the first graph.
# - Step backward with **N** in both. Above, the gradient stops at the head; here it goes on to the first convolution.
#
# What is not in the graph costs nothing: no memory for values kept, no time on the way back.

# %% [markdown] name="freeze-trap"
# ### The trap: a name that does nothing
#
# Freezing is easily written wrong, and Python says nothing:

# %% name="freeze-wrong"
wrong = taken_over()
wrong.features.requires_grad = False  # a new attribute of the module, which nobody ever reads
print("still learning:", sum(p.requires_grad for p in wrong.features.parameters()))
wrong.features.requires_grad_(False)  # with underscore: a method that goes to every parameter
print("still learning:", sum(p.requires_grad for p in wrong.features.parameters()))


# %% name="head-question" jupyter={"source_hidden": true}
def with_frozen_features():
    net = taken_over()
    net.features.requires_grad_(False)
    train(net, torch.optim.Adam(net.head.parameters(), lr=0.01), few_images, few_labels)
    return accuracy(net, new_images, new_labels)


predict(
    "From scratch it was about two of three. Now only the new head learns, from the same 25 pictures. What "
    "percentage of the new digits will "
    "it read?",
    answer=lambda: round(with_frozen_features(), 1),
    tolerance=4,
    unit="%",
    explain="The features were made for other digits, and are good for these too: strokes, ends and bends are "
    "the same. Most "
    "of what there is to learn about reading is not about single digits.",
)

# %% name="train-head"
net = taken_over()
net.features.requires_grad_(False)
train(net, torch.optim.Adam(net.head.parameters(), lr=0.01), few_images, few_labels)
print(f"new pictures, only the head learned: {accuracy(net, new_images, new_labels):.1f} %")

# %% [markdown] name="extract"
# ### Compute once what does not change
#
# A frozen part gives the same features in every step. So compute them once and train the head on them alone. This is
# called **feature extraction**, and it makes training a matter of milliseconds, also where the frozen part is huge.

# %% name="extract-features"
import time

net = taken_over()
with torch.no_grad():
    few_features, new_features = net.features(few_images), net.features(new_images)
began = time.perf_counter()
train(net.head, torch.optim.Adam(net.head.parameters(), lr=0.01), few_features, few_labels)
print(f"40 steps took {1000 * (time.perf_counter() - began):.0f} ms")
print(f"new pictures, from features: {accuracy(net.head, new_features, new_labels):.1f} %")

# %% [markdown] name="norm"
# ## 4 · What freezing does not freeze
#
# Suppose the new pictures come from another scanner: white paper, dark ink. We freeze the features as before and
# train a new head. Somebody calls `net.train()` first, as one does.

# %% name="frozen-in-train-mode"
scanned = 1 - few_images
images(scanned[::5])

# %% name="train-mode"
spoiled = taken_over()
spoiled.features.requires_grad_(False)
spoiled.train()
train(spoiled, torch.optim.Adam(spoiled.head.parameters(), lr=0.01), scanned, few_labels)
same = all(torch.equal(p, weights[f"features.{name}"]) for name, p in spoiled.features.named_parameters())
print("all parameters of the features as before:", same)


# %% name="norm-question" jupyter={"source_hidden": true}
def old_digits_with_old_head():
    again = copy.deepcopy(spoiled)
    again.head.load_state_dict({"weight": weights["head.weight"], "bias": weights["head.bias"]})
    return accuracy(again, old_images, old_labels)


predict(
    "Not one parameter of the features has moved. We put the old head back. What percentage of the old digits "
    "does the network read now? "
    "It was 99.9 %.",
    answer=lambda: round(old_digits_with_old_head(), 1),
    tolerance=10,
    unit="%",
    explain="BatchNorm's running averages are buffers: in training mode every forward pass moves them, whatever "
    "requires_grad says "
    "(lesson 13). They now belong to white paper.",
)

# %% name="norm-answer"
back = copy.deepcopy(spoiled)
back.head.load_state_dict({"weight": weights["head.weight"], "bias": weights["head.bias"]})
print(f"old digits after training a head in training mode: {accuracy(back, old_images, old_labels):.1f} %")
for name, buffer in spoiled.features.named_buffers():
    if name.endswith("running_mean"):
        moved = (buffer - weights[f"features.{name}"]).abs().mean().item()
        print(f"{name} has moved by {moved:.2f} on average")

# %% [markdown] name="norm-right"
# Three things make a layer truly frozen: no gradients, not in the optimizer, and **`eval()`**. Every `net.train()`
# undoes the last, so say it again after it:

# %% name="train-mode-right"
net = taken_over()
net.features.requires_grad_(False)
net.train()
net.features.eval()  # after train(), which goes to all parts
train(net, torch.optim.Adam(net.head.parameters(), lr=0.01), scanned, few_labels)
print(f"new pictures on white paper: {accuracy(net, 1 - new_images, new_labels):.1f} %")
net.head.load_state_dict({"weight": weights["head.weight"], "bias": weights["head.bias"]})
print(f"old digits, features in eval mode: {accuracy(net, old_images, old_labels):.1f} %")

# %% [markdown] name="fine-tune"
# ## 5 · Thaw it, gently
#
# The features were made for other digits. Letting them learn too is called **fine-tuning**. The danger is that a few
# pictures undo in some steps what thousands have taught.

# %% name="fine-question" jupyter={"source_hidden": true}
predict(
    "All parameters learn from the 25 pictures, with Adam at a rate of 0.03. How does the result compare with "
    "the new head alone (about 83 %)?",
    ["better: more can learn", "about the same", "far worse, as from scratch"],
    answer="far worse, as from scratch",
    explain="Adam's first steps move every number by about the rate, whatever the gradient's size. Steps of 0.03 "
    "leave little of weights "
    "that are mostly smaller than 0.1.",
)


# %% name="fine-tune-runs"
def fine_tuned(groups, pictures, labels):
    """The network after 40 steps with these groups, still in eval mode for BatchNorm's sake; and its losses."""
    net = taken_over()
    optimizer = torch.optim.Adam(groups(net))
    return net, train(net, optimizer, pictures, labels)


def roughly(net):
    return [{"params": net.parameters(), "lr": 0.03}]


def gently(net):
    return [
        {"params": net.features.parameters(), "lr": 0.0005},
        {"params": net.head.parameters(), "lr": 0.005},
    ]


curve = loss_curve("Fine-tuning with one large rate, and with a small one for what is known")
(rough, rough_losses), (gentle, gentle_losses) = (
    fine_tuned(how, few_images, few_labels) for how in (roughly, gently)
)
for a, b in zip(rough_losses, gentle_losses):
    curve.add(one_rate_loss=a, two_rates_loss=b)
print(f"one large rate: {accuracy(rough, new_images, new_labels):.1f} %")
print(f"two rates: {accuracy(gentle, new_images, new_labels):.1f} %")

# %% [markdown] name="groups"
# `gently` hands the optimizer a list of **parameter groups**. Each is a dict with its own settings; what it does not
# say is taken from the optimizer's. The new head may take large steps, since it knows nothing. What is known takes
# steps ten times smaller.

# %% name="look-at-groups"
optimizer = torch.optim.SGD(gently(taken_over()), lr=0.1, momentum=0.9)
for group in optimizer.param_groups:
    print(len(group["params"]), "tensors, lr", group["lr"], ", momentum", group["momentum"])

# %% name="group-question" jupyter={"source_hidden": true}
predict(
    'A third group, {"params": [extra]}, is added and says nothing of lr. Which rate does it get?',
    ["0.0005, the first group's", "0.005, the last group's", "0.1, the optimizer's", "none: an error"],
    answer="0.1, the optimizer's",
    explain="The optimizer's own settings are defaults for groups that say nothing. A large default is easily "
    "forgotten there.",
)

# %% name="group-answer"
extra = nn.Parameter(torch.zeros(3))
optimizer.add_param_group({"params": [extra]})
print("rates:", [group["lr"] for group in optimizer.param_groups])
try:
    net = taken_over()
    torch.optim.SGD([{"params": net.parameters()}, {"params": net.head.parameters()}], lr=0.1)
except ValueError as error:
    print(error)

# %% [markdown] name="group-note"
# The second message is good to know: `net.parameters()` contains the head, and a parameter may be in one group only.
# Two steps in one would be one too many.

# %% [markdown] name="how-many"
# ## 6 · How many pictures does it save?
#
# The same three ways with 5, 20 and 60 pictures of each digit:

# %% name="table"
print("pictures  scratch     head    fine-tuned")
for count in [5, 20, 60]:
    pictures, labels = pictures_of_each(count)
    head = taken_over()
    with torch.no_grad():
        features = head.features(pictures)
    train(head.head, torch.optim.Adam(head.head.parameters(), lr=0.01), features, labels)
    tuned, _ = fine_tuned(gently, pictures, labels)
    scores = [accuracy(net, new_images, new_labels) for net in (from_scratch(pictures, labels), head, tuned)]
    print(f"{5 * count:5}    {scores[0]:6.1f} %   {scores[1]:6.1f} %   {scores[2]:6.1f} %")

# %% [markdown] name="table-note"
# Read it by columns. The head with 100 pictures comes near to what 300 give from scratch. But from scratch catches
# up: transfer saves pictures, it is not better for ever. And fine-tuning adds little here, since old and new digits
# are so alike: their strokes are the same. It adds more where the old features fit less well. Here are the 300
# pictures on white paper:

# %% name="far-away"
inverted, inverted_test = 1 - pictures, 1 - new_images
head = taken_over()
with torch.no_grad():
    features = head.features(inverted)
train(head.head, torch.optim.Adam(head.head.parameters(), lr=0.01), features, labels)
tuned, _ = fine_tuned(gently, inverted, labels)
print(f"white paper, only the head: {accuracy(head, inverted_test, new_labels):.1f} %")
print(f"white paper, fine-tuned: {accuracy(tuned, inverted_test, new_labels):.1f} %")

# %% name="what-remains"
with torch.no_grad():
    scores = gentle(new_images)
confusion(new_labels, scores, classes=new, images=new_images, title="After 25 pictures, fine-tuned")

# %% [markdown] name="exercise-1"
# ## Exercise 1 · Beat the random start (use)
#
# Write `adapt(features, images, labels)`. `features` is the network's trained part, as `net.features` above;
# `images` (25, 1, 28, 28) and `labels` are five pictures each of five new digits. Return a model that gives five
# scores for each picture, and reads at least **80 %** of the digits that it has never seen; from scratch one gets
# about 70 %.
#
# `features` is used by others too: afterwards it must be as it was, parameters, buffers and all.

# %% name="exercise-1-code"
# @exercise transfer.beat-scratch
import glasstorch as torch
from glasstorch import nn


def adapt(features, images, labels):
    """A model for five new classes, on top of features that are left as they are."""
    # a new head for 576 features, a training loop, and a return


# @end

# %% name="exercise-1-try"
trunk = taken_over().features
mine = adapt(trunk, few_images, few_labels)
if mine is not None:
    print(f"yours: {accuracy(mine, new_images, new_labels):.1f} %")

# %% name="exercise-1-check"
exercise("transfer.beat-scratch")

# %% [markdown] name="exercise-2"
# ## Exercise 2 · Frozen means frozen (use)
#
# `Frozen(inner)` shall wrap a trained network so that one can put it into a larger one, call `train()` on the whole,
# and be sure that `inner` stays what it is. Somebody has written it, and it does not hold. Mend it. One thing must
# stay as it is: gradients pass **through** it, to whatever stands in front.

# %% name="exercise-2-code"
# @exercise transfer.frozen
from glasstorch import nn


class Frozen(nn.Module):
    """A trained network that takes part in a training without being changed by it."""

    def __init__(self, inner):
        super().__init__()
        inner.requires_grad = False
        self.inner = inner.eval()

    def forward(self, x):
        return self.inner(x)


# @end

# %% name="exercise-2-try"
whole = nn.Sequential(nn.Conv2d(1, 1, 1), Frozen(taken_over().features), nn.Linear(576, 5)).train()
print("learning:", [name for name, p in whole.named_parameters() if p.requires_grad])
print(
    "normalization layers in training mode:",
    sum(m.training for m in whole[1].modules() if isinstance(m, nn.BatchNorm2d)),
)

# %% name="exercise-2-check"
exercise("transfer.frozen")

# %% [markdown] name="exercise-3"
# ## Exercise 3 · An optimizer with parameter groups (build)
#
# Extend the SGD of your engine. `SGD(params, lr, momentum=0.0)` takes a list of parameters, or a list of groups as
# in section 5. A parameter is anything with `.data` and `.grad`.
#
# - `param_groups`: a list of dicts with `"params"` (a list), `"lr"` and `"momentum"`; what a group does not say is
#   filled in. A plain list is one group.
# - A parameter in two groups, or twice in one: `ValueError`. Compare with `is`: two parameters with equal numbers
#   are two.
# - `step()`: velocity = momentum · velocity + gradient, then data = data − lr · velocity, with each group's own
#   settings, read **at the step** (a schedule changes `group["lr"]`). Parameters whose `.grad` is `None` are left
#   alone.
# - `zero_grad()`: sets every `.grad` to `None`.


# %% name="exercise-3-code"
# @exercise transfer.parameter-groups
class SGD:
    """Stochastic gradient descent with momentum, and settings for each group of parameters."""

    def __init__(self, params, lr, momentum=0.0):
        pass  # make self.param_groups, and something that remembers velocities

    def step(self):
        pass  # move every parameter that has a gradient

    def zero_grad(self):
        pass  # forget the gradients


# @end

# %% name="exercise-3-try"
slow, fast = nn.Parameter(torch.ones(1)), nn.Parameter(torch.ones(1))
try:
    mine = SGD([{"params": [slow], "lr": 0.01}, {"params": [fast]}], lr=0.5)
    (slow + fast).sum().backward()
    mine.step()
    print("slow", slow.item(), "  fast", fast.item())  # 0.99 and 0.5
except Exception as error:
    print("not yet:", error)

# %% name="exercise-3-check"
exercise("transfer.parameter-groups")

# %% [markdown] name="same-in-pytorch"
# ## The same in PyTorch
#
# Everything above runs there as it is. What is different is the size of what one takes over. `torchvision.models`
# has networks that were trained on a million photographs:
#
# ```python
# from torchvision.models import ResNet18_Weights, resnet18
#
# net = resnet18(weights=ResNet18_Weights.DEFAULT)   # downloads 45 MB; older code says pretrained=True
# net.requires_grad_(False)
# net.fc = nn.Linear(512, 5)                         # new, so it asks for gradients
# ```
#
# Prepare your pictures as the old ones were (`ResNet18_Weights.DEFAULT.transforms()`): other means and sizes are
# another scanner. `lessons/examples/transfer_learning.py` does all this with EfficientNet and photographs: five
# things from four pieces each, 97 % right, where a random start gets 43 %.
#
# ## What to take with you
#
# - Keep the features, replace the head. Load first, then replace.
# - Frozen means: `requires_grad_(False)`, not in the optimizer, **and** `eval()`, again after every `train()`.
# - What is frozen can be computed once.
# - Fine-tune what is known with a rate ten times smaller than what is new: parameter groups.
# - Few and similar pictures: train the head. More pictures, or other ones: thaw. Very many: you may not need it.
