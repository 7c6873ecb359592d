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
# # Modules: who keeps the list?
#
# Every training script has a line like `optim.Adam(model.parameters())`. Nobody ever wrote that list of
# parameters. **Who made it, and how can a whole layer be missing from it without any error?**
#
# You will build a network for real measurements by hand, then as modules; see what a module finds and what it
# overlooks; and meet the three mistakes that cost people days: the layer that never learns, the copy that is no
# copy, and the model that was measured in the wrong mode.

# %% name="setup"
import csv

import glasstorch as torch
from glasstorch import nn
from glasstorch.nn import functional as F
from glasstorch_widgets import exercise, graph, loss_curve, predict

# %load_ext glasstorch_widgets

# %% [markdown] name="penguins"
# ## 1 · Three species of penguins
#
# Somebody measured 333 penguins in the Antarctic: the bill, the flippers, the weight. Can a network tell the species
# from four numbers? The rows of the table are in order of species, so we shuffle before we keep 100 birds for the test.

# %% name="load-penguins"
with open("../data/penguins/penguins.csv") as file:
    rows = [row for row in csv.DictReader(file) if "NA" not in row.values()]
columns = ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"]
species = ["Adelie", "Chinstrap", "Gentoo"]
measured = torch.tensor([[float(row[column]) for column in columns] for row in rows])
kinds = torch.tensor([species.index(row["species"]) for row in rows])

torch.manual_seed(0)
order = torch.randperm(len(rows))
train_x, test_x = measured[order[100:]], measured[order[:100]]
train_y, test_y = kinds[order[100:]], kinds[order[:100]]
print("training:", tuple(train_x.shape), "  test:", tuple(test_x.shape))
print("first bird:", train_x[0], species[train_y[0].item()])

# %% name="plot-penguins" jupyter={"source_hidden": true}
import plotly.graph_objects as go

figure = go.Figure(layout={"title": "333 penguins", "width": 700, "height": 380, "template": "plotly_white"})
for number, (name, symbol) in enumerate(zip(species, ["circle", "diamond", "cross"])):
    birds = measured[kinds == number]
    figure.add_scatter(
        x=birds[:, 0].tolist(), y=birds[:, 1].tolist(), mode="markers", name=name, marker_symbol=symbol
    )
figure.update_layout(xaxis_title="length of the bill (mm)", yaxis_title="depth of the bill (mm)")
figure

# %% [markdown] name="plot-note"
# Two numbers nearly tell them apart; with four it should be easy.
#
# ## 2 · A network by hand
#
# No modules yet: four tensors, a function, and a list that we write ourselves. (The columns differ a hundredfold in
# size, so we first subtract their means and divide by their standard deviations.)


# %% name="by-hand"
mean, std = train_x.mean(dim=0), train_x.std(dim=0)


def loose_tensors():
    torch.manual_seed(1)
    w1 = (torch.randn(16, 4) / 2).requires_grad_()
    b1 = torch.zeros(16, requires_grad=True)
    w2 = (torch.randn(3, 16) / 4).requires_grad_()
    b2 = torch.zeros(3, requires_grad=True)
    return w1, b1, w2, b2


def forward(x, w1, b1, w2, b2):
    hidden = torch.relu((x - mean) / std @ w1.T + b1)
    return hidden @ w2.T + b2


def percent_right(outputs, labels):
    return 100 * (outputs.argmax(dim=1) == labels).float().mean().item()


def train_by_hand(tensors, to_learn, steps=60):
    optimizer = torch.optim.Adam(to_learn, lr=0.05)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = F.cross_entropy(forward(train_x, *tensors), train_y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


# %% [markdown] name="by-hand-note"
# `to_learn` is our list. It is one line of code, and nobody checks it.

# %% name="forgotten-question" jupyter={"source_hidden": true}
predict(
    "Somebody forgets the first layer: the list holds only w2 and b2. What do you see when you train?",
    ["an error", "a loss that stays where it is", "a loss that falls all the same"],
    answer="a loss that falls all the same",
    explain="The last layer learns to make the best of 16 random mixtures, and it gets far. Nothing tells you that "
    "half of the network stands still.",
)

# %% name="forgotten"
whole, half = loose_tensors(), loose_tensors()
all_four = train_by_hand(whole, [*whole])
only_two = train_by_hand(half, [half[2], half[3]])
curve = loss_curve("A list of four tensors, and one that forgot two")
for four, two in zip(all_four, only_two):
    curve.add(all_four_loss=four, only_two_loss=two)
print(f"last loss: {all_four[-1]:.3f} with all four, {only_two[-1]:.3f} with two")
print("first layer of the second network moved by", (half[0] - loose_tensors()[0]).abs().max().item())

# %% [markdown] name="module"
# ## 3 · A module keeps the list
#
# An `nn.Module` is an object that notices what is assigned to it. An `nn.Parameter` is a tensor that asks to be
# noticed. That is the whole trick: `self.w1 = nn.Parameter(...)` puts the tensor into the module's book under the name
# `w1`, and `parameters()` reads the book out.


# %% name="first-module"
class TwoLayers(nn.Module):
    def __init__(self, hidden=16):
        super().__init__()  # opens the book
        self.w1 = nn.Parameter(torch.randn(hidden, 4) / 2)
        self.b1 = nn.Parameter(torch.zeros(hidden))
        self.w2 = nn.Parameter(torch.randn(3, hidden) / 4)
        self.b2 = nn.Parameter(torch.zeros(3))

    def forward(self, x):
        hidden = torch.relu((x - mean) / std @ self.w1.T + self.b1)
        return hidden @ self.w2.T + self.b2


for name, parameter in TwoLayers().named_parameters():
    print(name, tuple(parameter.shape))

# %% [markdown] name="call-not-forward"
# You write `forward`, and you call the module itself: `model(x)`. Now for what a module does *not* notice:


# %% name="overlooked-class"
class Overlooked(nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = torch.ones(4, requires_grad=True)
        self.layers = [nn.Linear(4, 16), nn.Linear(16, 16)]
        self.head = nn.Linear(16, 3)

    def forward(self, x):
        hidden = (x - mean) / std * self.scale
        for layer in self.layers:
            hidden = torch.relu(layer(hidden))
        return self.head(hidden)


# %% name="overlooked-question" jupyter={"source_hidden": true}
predict(
    "A Linear layer has two parameters, weight and bias. How many tensors does Overlooked().parameters() list?",
    answer=lambda: len(list(Overlooked().parameters())),
    explain="Only those of head. `scale` is a tensor, but no Parameter. The two layers sit in a Python list, and a "
    "module does not look into lists.",
)

# %% name="overlooked-answer"
print([name for name, _ in Overlooked().named_parameters()])

# %% [markdown] name="module-list"
# It would train, like the forgetful list above, and never say a word. The cure is to hand over things that a module
# knows: `nn.Parameter` for tensors, `nn.ModuleList` for lists of modules (and `nn.ModuleDict` for dicts).


# %% name="noticed-class"
class Noticed(Overlooked):
    def __init__(self):
        super().__init__()
        del self.scale
        self.scale = nn.Parameter(torch.ones(4))
        self.layers = nn.ModuleList([nn.Linear(4, 16), nn.Linear(16, 16)])


print([name for name, _ in Noticed().named_parameters()])

# %% [markdown] name="no-super"
# Forgetting `super().__init__()` at least is loud, because there is no book to write into:


# %% name="no-super-error"
class NoBook(nn.Module):
    def __init__(self):
        self.layer = nn.Linear(4, 3)


try:
    NoBook()
except AttributeError as error:
    print("AttributeError:", error)

# %% [markdown] name="tree"
# ## 4 · Modules inside modules
#
# A module that is assigned to a module becomes its child. So a network is a tree, and a parameter's name is the path to
# it. Here is one with a part of its own, used twice:


# %% name="tree-class"
class Layer(nn.Module):
    def __init__(self, inputs, outputs, drop=0.0):
        super().__init__()
        self.linear = nn.Linear(inputs, outputs)
        self.drop = nn.Dropout(drop)

    def forward(self, x):
        return self.drop(torch.relu(self.linear(x)))


class PenguinNet(nn.Module):
    def __init__(self, mean, std, hidden=16, drop=0.0):
        super().__init__()
        self.register_buffer("mean", mean)  # section 5 explains this
        self.register_buffer("std", std)
        self.layers = nn.ModuleList([Layer(4, hidden, drop), Layer(hidden, hidden, drop)])
        self.head = nn.Linear(hidden, 3)

    def forward(self, x):
        x = (x - self.mean) / self.std
        for layer in self.layers:
            x = layer(x)
        return self.head(x)


torch.manual_seed(0)
model = PenguinNet(mean, std)
print(model)
print([name for name, _ in model.named_parameters()])

# %% name="count-question" jupyter={"source_hidden": true}
predict(
    "How many numbers does this network learn? (Linear(4, 16), Linear(16, 16) and Linear(16, 3), each with bias.)",
    answer=lambda: sum(parameter.numel() for parameter in PenguinNet(mean, std).parameters()),
    explain="A linear layer from a to b has (a + 1) · b numbers: 5 · 16 + 17 · 16 + 17 · 3 = 403.",
)

# %% [markdown] name="graph"
# The graph of a loss shows the same tree, as boxes inside boxes.

# %% name="module-graph"
bird_loss = F.cross_entropy(model(train_x[:4]), train_y[:4])
graph(bird_loss)

# %% [markdown] name="graph-tour"
# 1. Each grey box is a module; its title is its path. **Click the − in its corner**: it closes, and the layer becomes
#    one node. Click it again (or press Enter on it), and it is open.
# 2. Set **Depth** to 1. What is left is the code of `PenguinNet.forward`, nothing more. That is how one reads a large
#    network: closed, and one box at a time.
# 3. Click a `weight`. Its name is the path through the tree, the same that `named_parameters()` printed.

# %% name="walk"
print("children:", [name for name, _ in model.named_children()])
print("modules: ", [name for name, _ in model.named_modules()])

# %% name="shared-question" jupyter={"source_hidden": true}
two = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 3))
two[1].weight = two[0].weight  # both layers now use one and the same tensor
predict(
    "two = Sequential(Linear(3, 3), Linear(3, 3)), and then two[1].weight = two[0].weight. "
    "How many tensors does two.parameters() list?",
    answer=lambda: len(list(two.parameters())),
    explain="One weight and two biases. A shared tensor is listed once, so that the optimizer moves it once; its "
    "gradient is the sum over both places.",
)

# %% [markdown] name="exercise-1"
# ## Exercise 1 · Refactor a network (use)
#
# Here is a network as loose tensors. It adds to each layer's input what the layer computes; lesson 7 says what that
# is good for.
#
# ```python
# def network(x):
#     h = (x - mean) / std
#     h = torch.relu(h @ w_in.T + b_in)               # 4 -> hidden
#     for w, b in zip(block_weights, block_biases):   # depth times: hidden -> hidden
#         h = h + torch.relu(h @ w.T + b)
#     return h @ w_out.T + b_out                      # hidden -> 3
# ```
#
# Write it as two modules. `Block(hidden)` has one layer, `linear`. `ResidualNet(mean, std, hidden, depth)` has the
# buffers `mean` and `std`, a layer `enter`, a list `blocks`, and a layer `leave`. (A buffer:
# `self.register_buffer("mean", mean)`.)


# %% name="exercise-1-code"
# @exercise modules.refactor
import glasstorch as torch
from glasstorch import nn


class Block(nn.Module):
    """h + relu(linear(h)), from hidden to hidden numbers."""

    def __init__(self, hidden):
        super().__init__()
        # your layer

    def forward(self, h):
        pass  # your formula


class ResidualNet(nn.Module):
    """Four measurements in, three scores out."""

    def __init__(self, mean, std, hidden, depth):
        super().__init__()
        # your buffers and modules

    def forward(self, x):
        pass  # your formula


# @end

# %% name="exercise-1-try"
yours = ResidualNet(mean, std, hidden=16, depth=2)
print([name for name, _ in yours.named_parameters()])
scores = yours(train_x[:4])
graph(F.cross_entropy(scores, train_y[:4])) if scores is not None else "(no scores yet)"

# %% name="exercise-1-check"
exercise("modules.refactor")

# %% [markdown] name="buffers"
# ## 5 · Buffers: not learned, but part of the model
#
# `mean` and `std` are not learned. Still, the network is worthless without them:


# %% name="train-function"
def train_model(model, steps=150):
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    for _ in range(steps):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(train_x), train_y)
        loss.backward()
        optimizer.step()
    return loss.item()


def test_accuracy(model):
    with torch.no_grad():
        return percent_right(model(test_x), test_y)


# %% name="raw-question" jupyter={"source_hidden": true}
def raw_accuracy():
    torch.manual_seed(0)
    raw = PenguinNet(torch.zeros(4), torch.ones(4))
    train_model(raw)
    return round(test_accuracy(raw), 1)


predict(
    "Without subtracting the mean and dividing by the deviation, the network gets millimetres and grams as they are. "
    "What percentage of the test birds does it get right after training?",
    answer=raw_accuracy,
    tolerance=8,
    unit="%",
    explain="The weight in grams, around 4,000, drowns the bill's depth, around 17. The information is there, but the "
    "gradient hardly sees it.",
)

# %% name="buffer-training"
torch.manual_seed(0)
model = PenguinNet(mean, std)
train_model(model)
print(f"test accuracy: {test_accuracy(model):.1f} % with mean and std, {raw_accuracy():.1f} % without")

# %% [markdown] name="buffer-rule"
# So they must travel with the model: into the file when it is saved, to the GPU when it moves. A plain attribute does
# neither. A **buffer** does: a tensor in the module's book that no optimizer gets. Moving is easiest to see with a
# change of dtype, which goes the same way as a change of device:


# %% name="buffer-moves"
class PlainAttribute(PenguinNet):
    def __init__(self, mean, std):
        super().__init__(mean, std)
        del self.mean
        self.mean = mean  # as one would write it without thinking


wide, plain = PenguinNet(mean, std).to(torch.float64), PlainAttribute(mean, std).to(torch.float64)
print("buffer:         ", wide.mean.dtype, "  in state_dict:", "mean" in wide.state_dict())
print("plain attribute:", plain.mean.dtype, "  in state_dict:", "mean" in plain.state_dict())

# %% [markdown] name="device-trap"
# On a GPU the plain attribute stays behind in main memory, and the first forward fails with *Expected all tensors to
# be on the same device*. That error nearly always means: a tensor that should have been a buffer.
#
# ## Exercise 2 · A network with four faults (use)
#
# This class runs, trains, and reaches a fair accuracy. Four things in it are wrong: two in what learns, one in what
# is saved, one in what `eval()` does not reach (section 7, if you get stuck). Mend them. Its parameters shall be
# `scale` and those of `enter`, `layers.0`, `layers.1`, …, `leave`, and its buffers `mean` and `std`.


# %% name="exercise-2-code"
# @exercise modules.mend
import glasstorch as torch
from glasstorch import nn
from glasstorch.nn import functional as F


class Tower(nn.Module):
    """Four measurements in, three scores out, with dropout after every layer but the last."""

    def __init__(self, mean, std, hidden, depth):
        super().__init__()
        self.mean = mean
        self.std = std
        self.enter = nn.Linear(4, hidden)
        self.layers = [nn.Linear(hidden, hidden) for _ in range(depth)]
        self.scale = torch.ones(hidden, requires_grad=True)
        self.leave = nn.Linear(hidden, 3)

    def forward(self, x):
        h = torch.relu(self.enter((x - self.mean) / self.std))
        for layer in self.layers:
            h = F.dropout(torch.relu(layer(h)), 0.2)
        return self.leave(h * self.scale)


# @end

# %% name="exercise-2-try"
tower = Tower(mean, std, 16, 2)
print("learns:", [name for name, _ in tower.named_parameters()])
print("saves: ", list(tower.state_dict()))
tower.eval()
print("the same twice in eval mode:", torch.equal(tower(test_x), tower(test_x)))

# %% name="exercise-2-check"
exercise("modules.mend")

# %% [markdown] name="state-dict"
# ## 6 · The state of a model
#
# `state_dict()` is the book as a dict: every parameter and buffer under its path. It is what gets saved. The class is
# not in it, only numbers; who loads it must build the same tree first.

# %% name="state"
state = model.state_dict()
for name, value in state.items():
    print(f"{name:22} {tuple(value.shape)}")

# %% name="load-state"
twin = PenguinNet(torch.zeros(4), torch.ones(4))
print(twin.load_state_dict(state))
print("the same answers:", torch.equal(twin(test_x), model(test_x)))

# %% [markdown] name="strict"
# Loading is strict: a name too many, a name missing or another shape is an error that lists them all.

# %% name="strict-error"
try:
    PenguinNet(mean, std, hidden=8).load_state_dict(state)
except RuntimeError as error:
    print(str(error)[:200], "...")

# %% [markdown] name="best-trap"
# People keep the best weights of a training like this: whenever the score is a new best, `best = model.state_dict()`;
# at the end, `model.load_state_dict(best)`.

# %% name="best-question" jupyter={"source_hidden": true}
predict(
    "best = model.state_dict(), then a hundred more steps of training, then model.load_state_dict(best). "
    "Which weights are in the model now?",
    ["those at the time of best = ...", "the last ones, after the hundred steps", "an error"],
    answer="the last ones, after the hundred steps",
    explain="The dict is new, the tensors in it are the model's own. The optimizer changes them in place, so `best` "
    "changes along. Loading it copies each tensor onto itself.",
)

# %% name="best-trap-shown"
import copy

torch.manual_seed(0)
model = PenguinNet(mean, std)
best = model.state_dict()
really = copy.deepcopy(model.state_dict())
before = model.head.weight.clone()
train_model(model, steps=100)
for title, kept in [("state_dict()", best), ("deepcopy(state_dict())", really)]:
    model.load_state_dict(kept)
    print(f"{title:24} brings the old weights back: {torch.equal(model.head.weight, before)}")

# %% [markdown] name="exercise-3"
# ## Exercise 3 · Keep the best (use)
#
# Write the loop that gets it right. `one_epoch(model)` trains for an epoch and wants the model in training mode.
# `score(model)` returns a number, the larger the better, and wants it in evaluation mode: `model.train()` and
# `model.eval()` switch, as the next section shows. At the end the model has the best weights and is in evaluation mode.


# %% name="exercise-3-code"
# @exercise modules.best
import copy


def train_keeping_best(model, one_epoch, score, epochs):
    """Train for some epochs, leave the best weights in the model, and return their score."""
    # your loop, and a return


# @end

# %% name="exercise-3-try"
trial = PenguinNet(mean, std)
kept_score = train_keeping_best(trial, lambda net: train_model(net, steps=3), test_accuracy, epochs=5)
if kept_score is not None:
    print(f"best score {kept_score:.1f}, and the model that is left scores {test_accuracy(trial):.1f}")

# %% name="exercise-3-check"
exercise("modules.best")

# %% [markdown] name="modes"
# ## 7 · Two modes
#
# Some layers behave differently while they learn. `Dropout` sets some of its inputs to zero at random, to keep a
# network from relying on any single unit. In use it must do nothing. Each module has a flag, `training`;
# `model.train()` and `model.eval()` set it for the whole tree. A new model is in training mode.

# %% name="mode-training"
torch.manual_seed(0)
model = PenguinNet(mean, std, hidden=8, drop=0.5)
loss = train_model(model, steps=300)


# %% name="mode-question" jupyter={"source_hidden": true}
def in_training_mode():
    torch.manual_seed(1)
    model.train()
    return round(test_accuracy(model), 1)


predict(
    "This network was trained with dropout 0.5. Somebody measures it on the test birds and forgets eval(). In "
    "evaluation mode it gets 98 % right. And now?",
    answer=in_training_mode,
    tolerance=5,
    unit="%",
    explain="Half of the units are missing, other ones for every bird and every time. No error, no warning: only a "
    "number that is too small, and a different one on the next call.",
)

# %% name="mode-shown"
model.train()
print(f"train(): {[round(test_accuracy(model), 1) for _ in range(4)]}")
model.eval()
print(f"eval():  {[round(test_accuracy(model), 1) for _ in range(4)]}")


# %% name="eval-gradients-question" jupyter={"source_hidden": true}
def gradients_after_eval():
    model.eval()
    F.cross_entropy(model(train_x[:8]), train_y[:8]).backward()
    learned = model.head.weight.grad is not None
    model.zero_grad()
    return "yes, as always" if learned else "no"


predict(
    "model.eval(), then a forward and loss.backward(). Do the parameters get gradients?",
    ["yes, as always", "no", "an error"],
    answer=gradients_after_eval,
    explain="eval() changes what some layers compute and nothing else. no_grad() turns the recording off and changes "
    "no layer. They are two switches; to measure a model you want both.",
)

# %% [markdown] name="two-switches"
# To measure: `model.eval()` **and** `with torch.no_grad():`. To go on training: `model.train()` again.
#
# ## 8 · Hooks: look in while it runs
#
# Calling `model(x)` does a little more than `forward(x)`: it also runs **hooks**, functions that you hang on a module
# from outside. A forward hook gets the module, its inputs and its output. This one asks how many units of each layer
# are awake:

# %% name="hooks"
awake = {}


def remember(name):
    def hook(module, inputs, output):
        awake[name] = 100 * (output > 0).float().mean().item()

    return hook


handles = [layer.register_forward_hook(remember(f"layers.{i}")) for i, layer in enumerate(model.layers)]
model(test_x)
print({name: f"{share:.0f} % awake" for name, share in awake.items()})


# %% name="hook-question" jupyter={"source_hidden": true}
def hook_calls():
    calls = []
    handle = model.head.register_forward_hook(lambda *_: calls.append(1))
    hidden = torch.zeros(1, 8)
    model.head(hidden)
    model.head(hidden)
    model.head.forward(hidden)
    handle.remove()
    model.head(hidden)
    return len(calls)


predict(
    "A hook on model.head counts its calls. Then: model.head(h), model.head(h), model.head.forward(h), "
    "handle.remove(), model.head(h). What is the count?",
    answer=hook_calls,
    explain="Two. forward() goes past the hooks, which is why one calls the module; and a hook that is removed "
    "is gone.",
)

# %% name="remove-hooks"
for handle in handles:
    handle.remove()
print("hooks left:", sum(len(layer._forward_hooks) for layer in model.layers))

# %% [markdown] name="hook-note"
# Take hooks away when you are done, as here: a forgotten one runs on every call and keeps alive whatever it
# remembers. The views of this course look into models in the same way.

# %% [markdown] name="exercise-4"
# ## Exercise 4 · Your own Module (build)
#
# Now build the book itself. `Parameter(tensor)` is only a label: it says that this tensor wants to be noticed.
# `Module` notices labels and modules when they are assigned. (PyTorch makes `Parameter` a kind of tensor; as a label
# it works with any tensor that has `.data` and `.grad`: Glasstorch's, or the class that you wrote in lesson 3.)
#
# What is needed:
#
# - `self.w = Parameter(t)` registers `t` and sets `t.requires_grad = True`; `self.w` is then the tensor `t` itself;
# - `self.layer = module` registers a child; every other attribute is just an attribute;
# - `named_parameters()` yields pairs like `("layer.w", t)`: the module's own ones first, then its children's, in the
#   order in which they were assigned; a shared tensor only once, under its first name;
# - `parameters()` yields the tensors; calling the module calls `forward`;
# - `train(mode=True)` sets `training` in the whole tree and returns the module; `eval()` is `train(False)`;
# - `state_dict()` is a dict from name to `.data`; `load_state_dict(state)` writes into the tensors in place
#   (`tensor.data[...] = value`), and raises `KeyError` for a name that is missing or too many, `ValueError` for a wrong
#   shape, before it has changed anything.


# %% name="exercise-4-code"
# @exercise modules.module
class Parameter:
    """A label on a tensor that a module is to learn."""

    def __init__(self, tensor):
        tensor.requires_grad = True
        self.tensor = tensor


class Module:
    """Keeps a book of its parameters and of the modules inside it."""

    def __init__(self):
        # object.__setattr__ goes past our own __setattr__, which needs these two dicts
        object.__setattr__(self, "_parameters", {})
        object.__setattr__(self, "_modules", {})
        self.training = True

    def __setattr__(self, name, value):
        object.__setattr__(self, name, value)  # notice Parameters and Modules here

    def __call__(self, *inputs):
        return self.forward(*inputs)

    def named_parameters(self):
        """Pairs of path and tensor, each tensor once."""
        return []

    def parameters(self):
        """The tensors."""
        return []

    def train(self, mode=True):
        """Set the mode of the whole tree; returns the module."""

    def eval(self):
        """Evaluation mode; returns the module."""

    def state_dict(self):
        """A dict from path to .data."""

    def load_state_dict(self, state):
        """Write the values into the tensors, after checking names and shapes."""


# @end


# %% [markdown] name="exercise-4-try-note"
# Try it with Glasstorch's tensors. An optimizer takes your list as it takes any:


# %% name="exercise-4-try"
class MyLinear(Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.weight = Parameter(torch.randn(outputs, inputs) / inputs**0.5)
        self.bias = Parameter(torch.zeros(outputs))

    def forward(self, x):
        return x @ self.weight.T + self.bias


class MyNet(Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = MyLinear(4, 16), MyLinear(16, 3)

    def forward(self, x):
        return self.second(torch.relu(self.first((x - mean) / std)))


torch.manual_seed(0)
mine = MyNet()
names = [name for name, _ in mine.named_parameters()]
print("your module lists:", names)
if names:
    print(f"loss after training: {train_model(mine):.3f}, test accuracy: {test_accuracy(mine):.1f} %")

# %% name="exercise-4-check"
exercise("modules.module")

# %% [markdown] name="same-in-pytorch"
# ## The same in PyTorch
#
# Everything here is PyTorch's API: change the imports and it runs there, with the same names in every `state_dict`,
# so a state saved with `torch.save(model.state_dict(), "penguins.pth")` can be loaded on the other side. (Lesson 16
# is about what else belongs into that file.) Only your `Parameter` of exercise 4 is another: PyTorch's is itself a
# tensor, a subclass.
#
# ## What to take with you
#
# - A module notices `nn.Parameter`s, buffers and modules that are assigned to it. It does not look into lists, and a
#   plain tensor is nothing to it. Print `named_parameters()` of every new model once.
# - What is not learned but belongs to the model is a buffer: it is saved, and it moves along.
# - `state_dict()` hands out the model's own tensors. To keep them, copy them.
# - `eval()` changes layers, `no_grad()` changes recording. Measuring needs both; training needs `train()` again.
# - Call `model(x)`, not `model.forward(x)`: hooks hang on the call.
