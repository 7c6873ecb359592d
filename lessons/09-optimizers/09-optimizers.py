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
# # Optimizers
#
# Two copies of one network see the same 94 batches of digits. The gradients are computed in the same way, and the
# learning rate is the same, 0.001. Afterwards one of them reads 16 % of the test digits and the other 89 %. The
# only difference is a word: `SGD` here, `Adam` there.
#
# **What does an optimizer do with a gradient, that it can matter so much?** Run the cell below if you do not
# believe it. Then we start with one number in a bowl, and build up to Adam.

# %% name="setup"
import csv

import glasstorch as torch
from glasstorch import nn
from glasstorch.nn import functional as F
from glasstorch.vision.datasets import MNIST
from glasstorch_widgets import (
    Trajectory,
    exercise,
    loss_curve,
    loss_landscape,
    optimizer_race,
    predict,
)

# %load_ext glasstorch_widgets

# %% name="digits"
train_set, test_set = MNIST("../data", train=True), MNIST("../data", train=False)
train_images, train_labels = train_set.data / 255, train_set.targets
test_images, test_labels = test_set.data / 255, test_set.targets


def new_network():
    torch.manual_seed(0)  # every network starts with the same numbers
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 10))


def one_epoch(model, optimizer):
    for first in range(0, len(train_images), 128):  # always the same batches in the same order
        images, labels = train_images[first : first + 128], train_labels[first : first + 128]
        optimizer.zero_grad()
        F.cross_entropy(model(images), labels).backward()
        optimizer.step()


def accuracy(model):
    with torch.no_grad():
        return 100 * (model(test_images).argmax(dim=1) == test_labels).float().mean().item()


# %% name="riddle"
for make in (torch.optim.SGD, torch.optim.Adam):
    model = new_network()
    one_epoch(model, make(model.parameters(), lr=0.001))
    print(f"{make.__name__}: {accuracy(model):.1f} % of the test digits")

# %% [markdown] name="bowl"
# ## 1 · A bowl
#
# Here is the smallest thing to optimize: one number `x`, and the loss `x**2`. Its gradient is `2 * x`, which points
# uphill. **Gradient descent** goes the other way: `x = x - lr * gradient`. The learning rate `lr` says how far.


# %% name="descend"
def descend(lr, steps=6):
    x = torch.tensor(3.0, requires_grad=True)
    optimizer = torch.optim.SGD([x], lr=lr)
    way = [x.item()]
    for _ in range(steps):
        optimizer.zero_grad()
        loss = x**2
        loss.backward()
        optimizer.step()
        way.append(round(x.item(), 4))
    return way


print(descend(lr=0.1))

# %% name="bowl-question" jupyter={"source_hidden": true}
predict(
    "Start at x = 3 with the learning rate 1.0. Where is x after six steps?",
    answer=lambda: descend(lr=1.0)[-1],
    explain="One step gives 3 - 1.0 · 6 = -3: the other side of the bowl, just as high. The next step goes "
    "back to 3, and so on for ever. The gradient knows the direction; it does not know where the bottom is.",
)

# %% name="bowl-answer"
for lr in (0.1, 0.5, 0.9, 1.0, 1.1):
    print(f"lr {lr}: ", descend(lr))

# %% [markdown] name="bowl-rule"
# Every step multiplies `x` by `1 - 2 * lr`. At 0.5 that is 0: straight to the bottom. At 0.9 it is −0.8: it swings,
# and still arrives. At 1.1 it is −1.2, and each step makes things worse.
#
# The 2 is the **curvature** of the bowl, the derivative of the gradient. For any bowl:
#
# > Gradient descent with `lr` above **2 / curvature** runs away.

# %% [markdown] name="ravine"
# ## 2 · A ravine, made of penguins
#
# With two numbers there are two curvatures, and this is where trouble starts. Take a real line through real data: 333
# penguins, and the guess `mass = w * flipper + b`, with the mass in kilograms and the flipper in decimetres.

# %% name="penguins"
with open("../data/penguins/penguins.csv") as file:
    rows = [row for row in csv.DictReader(file) if "NA" not in row.values()]
flipper = torch.tensor([float(row["flipper_length_mm"]) for row in rows]) / 100
mass = torch.tensor([float(row["body_mass_g"]) for row in rows]) / 1000


def penguin_loss(w, b):
    """The mean squared error of the line, in kg²."""
    return ((w * flipper + b - mass) ** 2).mean()


features = torch.stack([flipper, torch.ones(len(rows))], dim=1)
curvatures = torch.linalg.eigvalsh(2 * features.T @ features / len(rows))
print("penguins:", len(rows), "  flippers around", round(flipper.mean().item(), 2), "dm")
print(f"curvature along the ravine {curvatures[0]:.4f}, across it {curvatures[1]:.2f}")

# %% [markdown] name="ravine-note"
# Those are the smallest and the largest curvature of this loss. It is over a thousand times steeper across than
# along: a ravine. (Every flipper is close to 2 dm. Raise `w` by 1 and lower `b` by 2, and the line hardly changes.)

# %% name="ravine-question" jupyter={"source_hidden": true}
predict(
    "There is one learning rate for both directions. From which learning rate on does gradient descent run away "
    "on this loss?",
    answer=lambda: round(2 / curvatures[1].item(), 3),
    tolerance=0.03,
    explain="2 / 10.1 = 0.198. The steepest direction sets the limit, also for the direction that is a thousand "
    "times flatter.",
)

# %% name="ravine-answer"
for lr in (0.05, 0.19, 0.197, 0.199, 0.21):
    point = torch.tensor([0.0, 0.0], requires_grad=True)
    optimizer = torch.optim.SGD([point], lr=lr)
    for _ in range(200):
        optimizer.zero_grad()
        loss = penguin_loss(point[0], point[1])
        loss.backward()
        optimizer.step()
    print(f"lr {lr}: loss {loss.item():.4g} after 200 steps")

# %% name="ravine-race"
optimizer_race(
    penguin_loss,
    {
        "slow": lambda p: torch.optim.SGD(p, lr=0.05),
        "fast": lambda p: torch.optim.SGD(p, lr=0.19),
    },
    start=(0.0, 0.0),
    x=(-2, 8),
    y=(-9, 6),
    steps=200,
    title="A line through penguins",
)

# %% [markdown] name="ravine-tour"
# 1. Go to the start (⏮, or the Home key on the slider), then on by single steps (→). The fast one jumps from wall to
#    wall, and every jump costs a step that leads nowhere.
# 2. Go to the end. The best line has loss 0.154; where are the two after 200 steps?
# 3. Change the learning rate of the fast one to 0.21. It leaves the map.
# 4. Change it to 0.099, half the limit: `1 - lr * curvature` is 0 across the ravine. It falls to the bottom in one
#    step. Then it crawls along it like the other.
#
# The steep direction sets the pace, and the flat one pays for it. There are two ways out. The first has nothing to do
# with optimizers: **make the ravine round**. Subtract the mean from the flippers and divide by their spread.

# %% name="standardised"
scaled = (flipper - flipper.mean()) / flipper.std()


def round_loss(w, b):
    return ((w * scaled + b - mass) ** 2).mean()


def steps_needed(loss_of, lr, target=0.155, most=100_000):
    """How many steps of gradient descent until the loss is below the target."""
    w = torch.tensor([0.0, 0.0], requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=lr)
    for step in range(most):
        optimizer.zero_grad()
        loss = loss_of(w[0], w[1])
        if loss.item() < target:
            return step
        loss.backward()
        optimizer.step()
    return most


# %% name="scaling-question" jupyter={"source_hidden": true}
predict(
    "As it stands, gradient descent near the limit (lr 0.19) needs almost 2,000 steps to reach the best line. "
    "How many does it need with centred, scaled flippers and lr 0.4?",
    answer=lambda: steps_needed(round_loss, lr=0.4),
    tolerance=3,
    explain="Both curvatures are about 2 now, and each step removes four fifths of what is left. Scaling the inputs "
    "is the cheapest optimizer there is.",
)

# %% name="scaling-answer"
print("as it stands:", steps_needed(penguin_loss, lr=0.19), "steps")
print("centred and scaled:", steps_needed(round_loss, lr=0.4), "steps")

# %% [markdown] name="momentum"
# ## 3 · Momentum: a ball with mass
#
# Inside a network nobody can make every ravine round. The second way out is a better step. Look again at the
# zigzag: across the ravine the gradients cancel, along it they agree. So let a **velocity** add them up:
#
# ```python
# velocity = 0.9 * velocity + gradient
# x = x - lr * velocity
# ```
#
# What points now here, now there cancels in the velocity. What always points the same way grows.


# %% name="constant-velocity"
def constant_velocity(steps, momentum=0.9):
    velocity = 0.0
    for _ in range(steps):
        velocity = momentum * velocity + 1.0
    return round(velocity, 3)


# %% name="momentum-question" jupyter={"source_hidden": true}
predict(
    "With momentum 0.9 the gradient is always 1. How large does the velocity get in the long run?",
    answer=lambda: constant_velocity(200),
    tolerance=0.5,
    explain="The sum 1 + 0.9 + 0.81 + … is 1 / (1 - 0.9) = 10. On a straight slope momentum 0.9 takes steps ten times "
    "as long, so its learning rate must often be smaller than that of plain SGD.",
)


# %% name="momentum-answer"
print([constant_velocity(steps) for steps in (1, 2, 3, 10, 50, 200)])

# %% name="momentum-race"
optimizer_race(
    penguin_loss,
    {
        "SGD": lambda p: torch.optim.SGD(p, lr=0.19),
        "momentum 0.9": lambda p: torch.optim.SGD(p, lr=0.19, momentum=0.9),
        "momentum 0.99": lambda p: torch.optim.SGD(p, lr=0.19, momentum=0.99),
    },
    start=(0.0, 0.0),
    x=(-2, 8),
    y=(-9, 6),
    steps=400,
    title="The same ravine, with momentum",
)

# %% [markdown] name="momentum-tour"
# Momentum 0.9 sits at the best line when SGD has gone little more than half of the way along the ravine. Momentum 0.99
# remembers a hundred gradients: it shoots past the goal, comes back, and swings for a long time. The default in most
# recipes is 0.9, and the reason is in this picture.

# %% [markdown] name="exercise-1"
# ## Exercise 1 · SGD with momentum (build)
#
# Write the class. It gets parameters (things with `.data` and `.grad`) and a learning rate. Keep the rate in
# `self.lr` and read it at every step, so that it can be changed during training (lesson 14 does).


# %% name="exercise-1-code"
# @exercise optimizers.sgd
class SGD:
    """Gradient descent with momentum."""

    def __init__(self, params, lr, momentum=0.0):
        self.params = list(params)
        self.lr = lr
        self.momentum = momentum
        # one velocity for each parameter, 0 at first

    def step(self):
        """Move every parameter that has a gradient."""
        # your lines

    def zero_grad(self):
        """Forget all gradients."""
        # your lines


# @end

# %% [markdown] name="exercise-1-try"
# Compare with the engine's on the penguins. Both columns must agree.


# %% name="exercise-1-compare"
def penguin_steps(make, steps=3):
    point = torch.tensor([0.0, 0.0], requires_grad=True)
    optimizer = make([point])
    for _ in range(steps):
        optimizer.zero_grad()
        penguin_loss(point[0], point[1]).backward()
        optimizer.step()
    return [round(number, 5) for number in point.tolist()]


print("engine:", penguin_steps(lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9)))
print("yours: ", penguin_steps(lambda p: SGD(p, lr=0.05, momentum=0.9)))

# %% name="exercise-1-check"
exercise("optimizers.sgd")

# %% [markdown] name="adam"
# ## 4 · A step size for every number
#
# The penguins' ravine runs aslant. In networks many ravines run along the axes: one weight sees gradients of 10,
# another of 0.001, and one learning rate serves both badly. **RMSprop** keeps for each number a running average of
# its squared gradient, and divides by the root:
#
# ```python
# square = 0.99 * square + 0.01 * gradient**2
# x = x - lr * gradient / (square.sqrt() + eps)
# ```
#
# Whatever the size of the gradients, the quotient is about 1. **Adam** does this too, and takes a running
# average of the gradient itself in place of the gradient: momentum and RMSprop in one. Both averages start at 0 and
# are too small at first, so Adam divides them by the share of the weights that they have seen so far:


# %% name="adam-by-hand"
def adam_by_hand(gradients, lr, betas=(0.9, 0.999), eps=1e-8):
    """What Adam adds to a parameter at each step."""
    mean = square = 0.0
    moves = []
    for step, gradient in enumerate(gradients, start=1):
        mean = betas[0] * mean + (1 - betas[0]) * gradient
        square = betas[1] * square + (1 - betas[1]) * gradient**2
        unbiased_mean = mean / (1 - betas[0] ** step)
        unbiased_square = square / (1 - betas[1] ** step)
        moves.append(-lr * unbiased_mean / (unbiased_square**0.5 + eps))
    return moves


# %% name="adam-question" jupyter={"source_hidden": true}
predict(
    "Somebody multiplies the loss by 1000, so every gradient is 1000 times as large. How many times as long is Adam's "
    "first step?",
    answer=lambda: round(adam_by_hand([1000.0], lr=0.01)[0] / adam_by_hand([1.0], lr=0.01)[0], 3),
    explain="Mean divided by root mean square: the factor is in both and cancels. Adam's first step is lr "
    "for every number that has a gradient at all. With Adam, the learning rate is a length.",
)

# %% name="adam-answer"
for gradients in ([1.0, 1.0, 1.0], [1000.0, 1000.0, 1000.0], [0.001, 0.001, 0.001], [1.0, -1.0, 1.0]):
    print("gradients", gradients, "  moves", [round(move, 4) for move in adam_by_hand(gradients, lr=0.01)])

x = torch.tensor([0.0], requires_grad=True)
optimizer = torch.optim.Adam([x], lr=0.01)
for gradient in (1.0, -1.0, 1.0):
    before = x.item()
    x.grad = torch.tensor([gradient])
    optimizer.step()
    print("the engine moves", round(x.item() - before, 4))

# %% [markdown] name="riddle-solved"
# This answers the opening question. The network's gradients are small numbers, around 0.001. SGD multiplies them by
# 0.001 and moves each weight by a millionth. Adam moves each weight by up to 0.001, whatever its gradient. **The same
# `lr` means different things to them**, so it is no fair race.

# %% name="gradient-sizes"
model = new_network()
F.cross_entropy(model(train_images[:128]), train_labels[:128]).backward()
size = model[1].weight.grad.abs().mean().item()
print(f"mean size of a gradient in the first layer: {size:.6f}")
print(f"a step of SGD with lr 0.001 moves such a weight by {0.001 * size:.7f}, Adam's first one by 0.001")

# %% [markdown] name="rosenbrock"
# Here are four of them in a valley with a bend. Click anywhere on the map to start from there, and change the
# learning rates. Can you make plain SGD win?

# %% name="four-race"
optimizer_race("rosenbrock", steps=300, title="A valley with a bend")

# %% [markdown] name="race-note"
# There is no winner for every map: try the start (1, 3), and the race `optimizer_race("ravine")`. Toy maps show
# *how* they move. Which one is better for a network, only the network can say.

# %% [markdown] name="exercise-2"
# ## Exercise 2 · Adam (build)
#
# Write the class, with one mean, one mean square for each parameter, and one count of steps.


# %% name="exercise-2-code"
# @exercise optimizers.adam
class Adam:
    """Momentum, and a step size of its own for every number."""

    def __init__(self, params, lr=0.001, betas=(0.9, 0.999), eps=1e-8):
        self.params = list(params)
        self.lr = lr
        self.betas = betas
        self.eps = eps
        # what you remember for each parameter, and the count of steps

    def step(self):
        """Move every parameter that has a gradient."""
        # your lines

    def zero_grad(self):
        """Forget all gradients."""
        # your lines


# @end

# %% name="exercise-2-compare"
print("engine:", penguin_steps(lambda p: torch.optim.Adam(p, lr=0.3)))
print("yours: ", penguin_steps(lambda p: Adam(p, lr=0.3)))

# %% name="exercise-2-check"
exercise("optimizers.adam")

# %% [markdown] name="fair-race"
# ## 5 · A fair race on digits
#
# Fair means: each with its own learning rate. So train the digit network for one epoch with every optimizer and every
# rate: 32 trainings.

# %% name="optimizers"
makers = {
    "SGD": lambda p, lr: torch.optim.SGD(p, lr=lr),
    "SGD, momentum 0.9": lambda p, lr: torch.optim.SGD(p, lr=lr, momentum=0.9),
    "RMSprop": lambda p, lr: torch.optim.RMSprop(p, lr=lr),
    "Adam": lambda p, lr: torch.optim.Adam(p, lr=lr),
}
rates = [0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0]


def after_one_epoch(make, lr):
    model = new_network()
    one_epoch(model, make(model.parameters(), lr))
    return accuracy(model)


# %% name="fair-question" jupyter={"source_hidden": true}
predict(
    "With lr 0.001, SGD reads 16 % of the digits after one epoch and Adam 89 %. What does plain SGD reach with the "
    "best of the eight rates?",
    answer=lambda: round(max(after_one_epoch(makers["SGD"], lr) for lr in rates), 1),
    tolerance=3,
    unit="%",
    explain="It needed a rate 300 times larger, and no new optimizer. Before you change the optimizer, "
    "change the learning rate.",
)

# %% name="fair-race-run"
results = {name: [after_one_epoch(make, lr) for lr in rates] for name, make in makers.items()}
print(f"{'':20}" + "".join(f"{lr:>8}" for lr in rates))
for name, reached in results.items():
    print(f"{name:20}" + "".join(f"{number:8.1f}" for number in reached))
for name, reached in results.items():
    print(f"{name}: best {max(reached):.1f} %, above 85 % with {sum(r > 85 for r in reached)} of the rates")

# %% name="fair-race-plot"
import plotly.graph_objects as go

figure = go.Figure()
for (name, reached), mark in zip(results.items(), ("circle", "square", "diamond", "x")):
    figure.add_scatter(
        x=rates, y=reached, name=name, mode="lines+markers", marker={"symbol": mark, "size": 9}
    )
figure.update_xaxes(type="log", title="lr", tickvals=rates, ticktext=[str(rate) for rate in rates])
figure.update_yaxes(title="test accuracy, %", range=[0, 100])
figure.update_layout(height=380, margin={"t": 20, "r": 10}, template="plotly_white")
figure

# %% [markdown] name="fair-race-note"
# Each curve is a hill: too slow, good, too fast. Three of the hills are equally high, and that of plain SGD is only
# three points lower. But they stand in different places. What Adam gives you is a hill that is easy to find: somewhere
# around 0.001 to 0.01, for very different networks.
#
# Now five epochs with a good rate. The target is **95 %** of the test digits.

# %% name="train"
model = new_network()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
curve = loss_curve("Five epochs of Adam")
for _ in range(5):
    one_epoch(model, optimizer)
    curve.add(test_accuracy=accuracy(model))
print(f"test accuracy: {accuracy(model):.2f} %")

# %% [markdown] name="landscape"
# ## 6 · Two ways through one landscape
#
# The network has 50,890 numbers, so its loss is a surface over 50,890 dimensions. We can look at a plane through it:
# the plane that holds most of the ways which two optimizers took. Drag the picture to turn it.


# %% name="landscape-run"
def walk(make):
    model = new_network()
    optimizer, way = make(model.parameters()), Trajectory(model)
    for _ in range(40):
        optimizer.zero_grad()
        F.cross_entropy(model(train_images[:256]), train_labels[:256]).backward()
        optimizer.step()
        way.add()
    return model, way


sgd_model, sgd_way = walk(lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9))
adam_model, adam_way = walk(lambda p: torch.optim.Adam(p, lr=0.01))
landscape = loss_landscape(
    sgd_model,
    F.cross_entropy,
    (train_images[:256], train_labels[:256]),
    trajectories={"momentum": sgd_way, "Adam": adam_way},
    directions="pca",
    steps=17,
)
landscape

# %% name="distance"
start = new_network()


def distance(model):
    with torch.no_grad():
        parts = [((p - q) ** 2).sum() for p, q in zip(model.parameters(), start.parameters())]
    return sum(parts).sqrt().item()


with torch.no_grad():
    for name, walked in (("momentum", sgd_model), ("Adam", adam_model)):
        loss = F.cross_entropy(walked(train_images[:256]), train_labels[:256]).item()
        print(f"{name}: loss {loss:.3f}, distance from the start {distance(walked):.2f}")

# %% [markdown] name="landscape-note"
# From the same start they leave in different directions, and end in different places that are about equally good for
# these pictures. Adam goes much further, because it moves *every* weight by about `lr`, also those whose gradient
# is tiny. There is no single bottom, and where you end depends on how you walk.

# %% [markdown] name="decay"
# ## 7 · Weight decay, and why AdamW exists
#
# Large weights often mean a network that has learnt its training data by heart (lesson 11). **Weight decay** pulls
# every weight towards 0 a little at each step. There are two ways to do it, and for SGD they come to the same:
#
# - add `weight_decay * w` to the gradient (`SGD`, `Adam`),
# - shrink the weight itself, `w -= lr * weight_decay * w`, and leave the gradient alone (`AdamW`).
#
# Take three weights that start at 1. Their gradients are pure noise of sizes 0.01, 1 and 100: nothing to learn, so
# only the decay should show.


# %% name="decay-run"
def decayed(make):
    torch.manual_seed(0)
    weights = torch.ones(3, requires_grad=True)
    optimizer = make([weights], lr=0.001, weight_decay=0.1)
    for _ in range(2000):
        weights.grad = torch.tensor([0.01, 1.0, 100.0]) * torch.randn(3)
        optimizer.step()
    return [round(number, 2) for number in weights.tolist()]


# %% name="decay-question" jupyter={"source_hidden": true}
predict(
    "Adam adds the decay to the gradient, and then divides by the size of the gradients. After 2000 steps, which of "
    "the three weights has decayed most?",
    ["the one with small gradients", "the one with large gradients", "all alike"],
    answer=lambda: ["the one with small gradients", "", "the one with large gradients"][
        decayed(torch.optim.Adam).index(min(decayed(torch.optim.Adam)))
    ],
    explain="0.1 · w is large beside noise of 0.01 and nothing beside noise of 100, and after the division only the "
    "proportion counts. The weights that move most are held back least: not what anybody meant.",
)

# %% name="decay-answer"
print("Adam: ", decayed(torch.optim.Adam))
print("AdamW:", decayed(torch.optim.AdamW))
print("decay alone would give", round((1 - 0.001 * 0.1) ** 2000, 2))

# %% [markdown] name="decay-groups"
# AdamW shrinks all three alike, apart from the noise. Use `AdamW` when you want weight decay with Adam.
#
# Biases (and the scales of normalisation layers) are usually not decayed. Optimizers take **parameter groups** for
# that, each with its own settings:

# %% name="groups"
model = new_network()
optimizer = torch.optim.AdamW(
    [
        {"params": [p for p in model.parameters() if p.dim() > 1], "weight_decay": 0.1},
        {"params": [p for p in model.parameters() if p.dim() <= 1], "weight_decay": 0.0},
    ],
    lr=0.003,
)
for group in optimizer.param_groups:
    shapes = [tuple(p.shape) for p in group["params"]]
    print("decay", group["weight_decay"], "  lr", group["lr"], "  shapes", shapes)

# %% [markdown] name="exercise-3"
# ## Exercise 3 · AdamW (build)
#
# Start from your Adam and add the decay in the right place. (The grader sees only this cell, so paste what you need.)


# %% name="exercise-3-code"
# @exercise optimizers.adamw
class AdamW:
    """Adam whose weight decay leaves the gradient alone."""

    def __init__(self, params, lr=0.001, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        self.params = list(params)
        self.lr = lr
        self.betas = betas
        self.eps = eps
        self.weight_decay = weight_decay
        # what you remember for each parameter, and the count of steps

    def step(self):
        """Move every parameter that has a gradient."""
        # your lines

    def zero_grad(self):
        """Forget all gradients."""
        # your lines


# @end

# %% name="exercise-3-compare"
print("engine:", penguin_steps(lambda p: torch.optim.AdamW(p, lr=0.3, weight_decay=0.5)))
print("yours: ", penguin_steps(lambda p: AdamW(p, lr=0.3, weight_decay=0.5)))

# %% name="exercise-3-check"
exercise("optimizers.adamw")

# %% [markdown] name="traps"
# ## 8 · Two traps
#
# **The optimizer of another model.** An optimizer holds the parameters that it was given. In a notebook it is easy to
# run the cell with `model = …` again, and not the one with `optimizer = …`.


# %% name="stale-optimizer"
def stale_optimizer():
    model = new_network()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    model = new_network()  # the cell above was run again; the one with the optimizer was not
    one_epoch(model, optimizer)
    return accuracy(model)


# %% name="trap-question" jupyter={"source_hidden": true}
predict(
    "An optimizer is made for a model. Then the model is made anew, and trained for an epoch with the old optimizer. "
    "What percentage of the test digits does the new model read?",
    answer=lambda: round(stale_optimizer(), 1),
    tolerance=5,
    unit="%",
    explain="backward() fills the gradients of the new model; step() moves the parameters of the old one, which nobody "
    "uses any more. No error, no warning, and the loss does not fall.",
)


# %% name="trap-answer"
print(f"trained with the old optimizer: {stale_optimizer():.1f} %")

# %% [markdown] name="memory"
# **Memory.** What an optimizer remembers is as large as the model, and it must fit into memory as well.

# %% name="memory-question" jupyter={"source_hidden": true}
predict(
    "The network has 50,890 parameters. How many numbers does Adam remember for it (apart from counts of steps)?",
    answer=101780,
    explain="A mean and a mean square for every parameter. With the parameters themselves and their gradients, "
    "training with Adam takes four numbers for each one that you train.",
)

# %% name="memory-answer"
for name, make in makers.items():
    model = new_network()
    optimizer = make(model.parameters(), 0.01)
    one_epoch(model, optimizer)
    kept = [t for state in optimizer.state.values() for t in state.values() if isinstance(t, torch.Tensor)]
    print(f"{name}: {sum(t.numel() for t in kept if t.dim() > 0):,} numbers remembered")

# %% [markdown] name="exercise-4"
# ## Exercise 4 · Reach the target (use)
#
# The training below works, and learns almost nothing in its 80 batches. Its inputs have very different sizes, like
# raw measurements. Change the optimizer, the learning rate, or whatever you like, so that it gets **92 %** of
# new points right.

# %% name="exercise-4-code"
# @exercise optimizers.tune
import glasstorch as torch


def train(batches):
    """A model trained on a list of (inputs, labels): 8 numbers in, scores of 4 classes out."""
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(8, 32), torch.nn.ReLU(), torch.nn.Linear(32, 4))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.001)
    for inputs, labels in batches:
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(model(inputs), labels).backward()
        optimizer.step()
    return model


# @end

# %% [markdown] name="exercise-4-try"
# Points like those of the check, to try your training on:


# %% name="exercise-4-compare"
def measurements(count, generator):
    labels = torch.randint(0, 4, (count,), generator=generator)
    noise = torch.randn(count, 8, generator=generator)
    return sizes * (centres[labels] + noise), labels


sizes = torch.tensor([0.02, 0.05, 0.05, 0.1, 0.1, 1.0, 3.0, 3.0])  # how far each input spreads
centres = 1.3 * torch.tensor(
    [
        [1, 1, 1, 1, 1, 1, 1, 1],
        [1, -1, 1, -1, 1, -1, 1, -1],
        [1, 1, -1, -1, 1, 1, -1, -1],
        [1, -1, -1, 1, 1, -1, -1, 1],
    ]
)
generator = torch.Generator().manual_seed(1)
trained = train([measurements(32, generator) for _ in range(80)])
inputs, labels = measurements(1000, generator)
with torch.no_grad():
    right = (trained(inputs).argmax(dim=1) == labels).float().mean().item()
print(f"right: {100 * right:.1f} % of 1000 new points")

# %% name="exercise-4-check"
exercise("optimizers.tune")

# %% [markdown] name="same-in-pytorch"
# ## The same in PyTorch
#
# Names, arguments, defaults and numbers are the same: `torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)`,
# `torch.optim.RMSprop`, `torch.optim.Adam`, `torch.optim.AdamW`, parameter groups, `state`. Three things to know there:
#
# - On a GPU, PyTorch updates many tensors in one kernel (`foreach=True`, `fused=True`). The result is the same up to
#   rounding.
# - Move the model to its device *before* you make the optimizer.
# - `AdamW` decays by 0.01 unless told otherwise, `Adam` by 0.
#
# ## What to take with you
#
# - Gradient descent runs away above 2 / curvature. The steepest direction sets the limit, and the flattest pays.
# - Scale your inputs first: it makes ravines round, and no optimizer can do it as cheaply.
# - Momentum adds up what agrees and cancels what does not. Adam also divides by the size of the gradients, so its `lr`
#   is roughly the length of a step.
# - Compare optimizers only with a learning rate of its own for each.
# - For weight decay with Adam take `AdamW`. And make the optimizer after the model, every time.
