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
# # Beginnings: how random numbers decide
#
# Two networks: the same ten layers, the same data, the same learning rate. One learns to read digits in seconds, the
# other learns nothing at all. **They differ only in how large their random numbers were at the start. Why does that
# decide everything?**
#
# You will follow a signal through thirty layers, find by counting how large weights must be, watch gradients fade and
# units die, and mend a network that has several of these diseases.

# %% name="setup"
import glasstorch as torch
from glasstorch import nn
from glasstorch.nn import functional as F
from glasstorch.vision.datasets import MNIST
from glasstorch_widgets import exercise, predict, tensor_view, watch

# %load_ext glasstorch_widgets

# %% [markdown] name="same-network"
# ## 1 · One network, two beginnings
#
# The digits again, 784 pixels each, brought to mean 0 and standard deviation 1 (lesson 6 showed why). The network is a
# plain tower: linear, activation, linear, activation, and so on, ten times, and a last layer for the ten scores.

# %% name="load-data"
train_set, test_set = MNIST("../data", train=True), MNIST("../data", train=False)
train_x, train_y = train_set.data.flatten(1) / 255, train_set.targets
test_x, test_y = test_set.data.flatten(1) / 255, test_set.targets
mean, std = train_x.mean(), train_x.std()
train_x, test_x = (train_x - mean) / std, (test_x - mean) / std
print(
    "training:", tuple(train_x.shape), f"  mean {train_x.mean().item():.2f}, std {train_x.std().item():.2f}"
)


# %% name="tower"
def tower(depth, activation, start, width=64):
    """Layers of 64 units; `start` fills the weights of each linear layer."""
    torch.manual_seed(0)
    layers, inputs = [], 784
    for _ in range(depth):
        linear = nn.Linear(inputs, width)
        start(linear)
        layers += [linear, activation()]
        inputs = width
    layers.append(nn.Linear(inputs, 10))
    start(layers[-1])
    return nn.Sequential(*layers)


def as_it_comes(linear):
    """Leave what nn.Linear has drawn by itself."""


def kaiming(linear):
    nn.init.kaiming_normal_(linear.weight, nonlinearity="relu")
    nn.init.zeros_(linear.bias)


# %% name="train-function"
def train(model, epochs=1, lr=0.05):
    torch.manual_seed(1)
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    for _ in range(epochs):
        for part in torch.randperm(len(train_x)).split(64):
            optimizer.zero_grad()
            loss = F.cross_entropy(model(train_x[part]), train_y[part])
            loss.backward()
            optimizer.step()
    return loss.item()


def accuracy(model):
    with torch.no_grad():
        return 100 * (model(test_x).argmax(dim=1) == test_y).float().mean().item()


# %% name="default-question" jupyter={"source_hidden": true}
def untouched_tower():
    model = tower(10, nn.ReLU, as_it_comes)
    train(model, epochs=2)
    return round(accuracy(model), 1)


predict(
    "Ten layers with ReLU, weights as nn.Linear draws them by itself, two epochs. What percentage of the test digits "
    "does it get right? (Lesson 0 reached 97 % with two layers. This takes a second.)",
    answer=untouched_tower,
    tolerance=5,
    unit="%",
    explain="It has learnt nothing: it says the same digit to every picture. No error, no warning, and nothing wrong "
    "in the code.",
)

# %% name="two-beginnings"
for name, start in [("as it comes", as_it_comes), ("kaiming", kaiming)]:
    model = tower(10, nn.ReLU, start)
    with torch.no_grad():
        spread = model(test_x).std(dim=0).mean().item()
    train(model, epochs=2)
    print(
        f"{name:12} scores differ by {spread:.5f} from picture to picture; test accuracy {accuracy(model):.1f} %"
    )

# %% [markdown] name="two-beginnings-note"
# Look at the first number, taken before training. In the first network the scores of all pictures are the same to four
# digits: what the pixels say has been lost on the way. There is nothing to learn from.
#
# ## 2 · A signal on its way down
#
# Let us watch it get lost. A batch of random numbers goes through thirty layers of `linear` and `ReLU`, 100 units
# each. The weights are random with standard deviation `gain / √100`. We note how large the numbers are after each
# layer.


# %% name="signal"
def signal(gain, depth=30, units=100):
    """The values of one example after each layer, and their size (root of the mean square) over a batch."""
    torch.manual_seed(0)
    values, sizes, rows = torch.randn(200, units), [], []
    for _ in range(depth):
        weight = torch.randn(units, units) * gain / units**0.5
        values = torch.relu(values @ weight.T)
        sizes.append((values**2).mean().sqrt().item())
        rows.append(values[0])
    return torch.stack(rows), sizes


# %% name="signal-question" jupyter={"source_hidden": true}
predict(
    "With gain 1 each layer makes the numbers about 0.7 times as large. What is left of a signal of size 1 after "
    "thirty layers?",
    ["about 0.3", "about 0.001", "about 0.00003"],
    answer="about 0.00003",
    explain="0.7 to the power of 30 is 0.00002. A factor below 1, harmless in one layer, is fatal in thirty.",
)

# %% name="signal-plot"
import plotly.graph_objects as go

figure = go.Figure(layout={"width": 720, "height": 380, "template": "plotly_white"})
for gain, dash in [(2.0, "dot"), (2**0.5, "solid"), (1.0, "dash"), (0.5, "dashdot")]:
    sizes = signal(gain)[1]
    figure.add_scatter(y=sizes, name=f"gain {gain:.2f}", line_dash=dash)
    print(f"gain {gain:.2f}: size {sizes[0]:.2f} after the first layer, {sizes[-1]:.1e} after the last")
figure.update_layout(title="Size of the signal, layer by layer")
figure.update_yaxes(type="log", title="size", exponentformat="power")
figure.update_xaxes(title="layer")
figure

# %% [markdown] name="signal-note"
# Straight lines on a logarithmic axis: each layer multiplies by the same factor. Only one of the four neither dies
# nor explodes, and its gain is no accident: $\sqrt 2$. Here is what one example looks like on its way with gain 1.
# Each row is a layer:

# %% name="signal-view"
fading, _ = signal(1.0)
tensor_view(fading)

# %% [markdown] name="signal-view-tour"
# Step down one column with the arrow keys and read the value. The zeros are ReLU's doing, about half of each row. The
# rest fades: after ten rows there is hardly any colour left.
#
# ## 3 · How large must weights be?
#
# Count. One output is a sum of $n$ products, $y = \sum_i w_i x_i$, with random weights of mean 0. Mean squares of
# independent terms add up, so
#
# $$\overline{y^2} = n \cdot \mathrm{Var}(w) \cdot \overline{x^2}.$$
#
# Half of the outputs are negative, and ReLU sets them to 0: half of the mean square is gone. For the size to stay,
#
# $$\tfrac12 \, n \, \mathrm{Var}(w) = 1, \qquad \text{so} \qquad \mathrm{std}(w) = \sqrt{2 / n}.$$
#
# This is **Kaiming** initialization; $n$, the number of inputs of a unit, is called `fan_in`.

# %% name="factor"
torch.manual_seed(0)
for n in [10, 100, 784]:
    x = torch.randn(1000, n)
    y = torch.relu(x @ (torch.randn(500, n) * (2 / n) ** 0.5).T)
    print(f"n = {n:3}: mean square {(x**2).mean().item():.2f} before, {(y**2).mean().item():.2f} after")

# %% name="std-question" jupyter={"source_hidden": true}
predict(
    "A layer nn.Linear(784, 64) is followed by ReLU. Which standard deviation shall its weights have?",
    answer=lambda: round((2 / 784) ** 0.5, 4),
    tolerance=0.003,
    explain="√(2 / 784) = 0.0505. What counts is the number of inputs, 784, not the number of units.",
)

# %% name="std-answer"
layer = nn.Linear(784, 64)
print(f"as it comes: {layer.weight.std().item():.4f}")
nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
print(f"kaiming:     {layer.weight.std().item():.4f}   √(2/784) = {(2 / 784) ** 0.5:.4f}")

# %% [markdown] name="default-start"
# There is the culprit of section 1. By itself, `nn.Linear` draws between $-1/\sqrt n$ and $1/\sqrt n$: a standard
# deviation of $0.58/\sqrt n$ where ReLU needs $1.41/\sqrt n$. Each layer multiplies the signal by 0.41. With two or
# three layers nobody notices; after ten, little more than a ten-thousandth is left.
#
# Other activations need other factors. `tanh` near 0 changes nothing, so no factor 2: **Xavier** initialization takes
# $2 / (n_{in} + n_{out})$ for the variance, a compromise between the way there and the way back. (Away from 0 tanh does
# make numbers smaller, which is why it has a gain of 5/3 in PyTorch's table:)

# %% name="gains"
for name in ["linear", "relu", "tanh", "sigmoid"]:
    print(f"{name:8} gain {nn.init.calculate_gain(name):.3f}")

# %% [markdown] name="exercise-1"
# ## Exercise 1 · Kaiming (build)
#
# Write `kaiming_normal_(weight, slope=0.0)`: fill the tensor in place with normal numbers of mean 0 and the standard
# deviation that keeps the size, and return it. It must work for
#
# - a linear layer's weight, of shape (outputs, inputs);
# - a convolution's, (outputs, inputs, height, width), where every output is a sum over `inputs · height · width`
#   products;
# - leaky ReLU, which multiplies negative numbers by `slope` instead of setting them to 0. Which part of the mean square
#   does it keep? Work it out as above.
#
# The name ends in an underscore because it writes into its argument. Weights require gradients; filling them is no
# part of any computation, so it belongs under `torch.no_grad()`.


# %% name="exercise-1-code"
# @exercise init.kaiming
import glasstorch as torch


def kaiming_normal_(weight, slope=0.0):
    """Fill weight in place so that a layer with leaky ReLU of this slope keeps the size of its signal."""
    # your formula, and a return


# @end

# %% name="exercise-1-try"
own = nn.Linear(784, 64).weight
if kaiming_normal_(own) is not None:
    print(f"std {own.std().item():.4f}; it should be near {(2 / 784) ** 0.5:.4f}")
filter_weight = nn.Conv2d(16, 32, 3).weight
if kaiming_normal_(filter_weight) is not None:
    print(f"std {filter_weight.std().item():.4f}; it should be near {(2 / (16 * 9)) ** 0.5:.4f}")

# %% name="exercise-1-check"
exercise("init.kaiming")

# %% [markdown] name="way-back"
# ## 4 · The way back
#
# Gradients take the same way in the other direction, and each layer multiplies them too: by the weights, and by the
# slope of the activation. Here are five activations and their slopes.

# %% name="activations" jupyter={"source_hidden": true}
from plotly.subplots import make_subplots

activations = {
    "relu": torch.relu,
    "leaky_relu (0.1)": lambda x: F.leaky_relu(x, 0.1),
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "softplus": F.softplus,
}
figure = make_subplots(1, 2, subplot_titles=["f(x)", "f′(x)"])
points = torch.linspace(-5, 5, 201)
colours = ["#0072b2", "#e69f00", "#009e73", "#d55e00", "#cc79a7"]
for (name, function), colour, dash in zip(
    activations.items(), colours, ["solid", "dot", "dash", "dashdot", "longdash"]
):
    x = points.clone().requires_grad_()
    y = function(x)
    (slope,) = torch.autograd.grad(y.sum(), x)
    for column, line in enumerate([y, slope], start=1):
        style = {"color": colour, "dash": dash}
        figure.add_scatter(
            x=points.tolist(),
            y=line.tolist(),
            name=name,
            line=style,
            showlegend=column == 1,
            col=column,
            row=1,
        )
figure.update_layout(width=860, height=360, template="plotly_white", yaxis_range=[-1.2, 3])
figure

# %% name="sigmoid-question" jupyter={"source_hidden": true}
predict(
    "What is the largest slope that sigmoid has anywhere? (Its derivative is s · (1 − s), with s between 0 and 1.)",
    answer=0.25,
    tolerance=0.01,
    explain="At s = 1/2. So each sigmoid makes a gradient at least four times smaller, and ten of them at least a "
    "million times, whatever the weights are, unless these make up for it.",
)


# %% name="gradient-sizes"
def xavier(linear):
    nn.init.xavier_normal_(linear.weight)
    nn.init.zeros_(linear.bias)


def gradient_sizes(model):
    """The norm of the gradient of each linear layer, from the input to the output."""
    F.cross_entropy(model(train_x[:256]), train_y[:256]).backward()
    return [layer.weight.grad.norm().item() for layer in model if isinstance(layer, nn.Linear)]


cases = {
    "sigmoid, xavier": (nn.Sigmoid, xavier),
    "relu, as it comes": (nn.ReLU, as_it_comes),
    "tanh, xavier": (nn.Tanh, xavier),
    "relu, kaiming": (nn.ReLU, kaiming),
}
for name, (activation, start) in cases.items():
    sizes = gradient_sizes(tower(10, activation, start))
    print(f"{name:18} gradient norms: first layer {sizes[0]:.1e}, fifth {sizes[4]:.1e}, last {sizes[-1]:.1e}")

# %% [markdown] name="watch-note"
# The first layers of the sigmoid network get a gradient a hundred thousand times smaller than the last one: they stand
# still. `watch` shows this for any training, layer by layer. Here is that network for sixty steps:


# %% name="watch-function"
def watched(model, title, lr=0.05, steps=60):
    torch.manual_seed(1)
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    view = watch(model, optimizer, every=2, title=title)
    for _ in range(steps):
        part = torch.randint(0, len(train_x), (64,))
        optimizer.zero_grad()
        outputs = model(train_x[part])
        F.cross_entropy(outputs, train_y[part]).backward()
        optimizer.step()
        view.log(accuracy=(outputs.argmax(dim=1) == train_y[part]).float().mean())
    return view.stop()


# %% name="watch-sigmoid"
view = watched(tower(10, nn.Sigmoid, xavier), "Ten sigmoid layers")

# %% [markdown] name="watch-tour"
# The table has a row for each layer, the worst first: the size of its gradient, how far a step moves its weights, and a
# verdict in words. Drag the slider to earlier steps. The tab *Gradient flow* shows the gradient fall from the output to
# the input. Then compare the healthy one:

# %% name="watch-healthy"
view = watched(tower(10, nn.ReLU, kaiming), "Ten ReLU layers, Kaiming")

# %% [markdown] name="dead"
# ## 5 · Units that never wake
#
# ReLU has slope 1 or 0, so it does not make gradients smaller bit by bit. It has a disease of its own. A unit whose
# input is negative for *every* example gives 0 to all of them. It is called **dead**.


# %% name="dead-question" jupyter={"source_hidden": true}
def gradient_of_a_dead_unit():
    layer = nn.Linear(4, 1)
    with torch.no_grad():
        layer.bias.fill_(-100.0)
    torch.relu(layer(torch.randn(32, 4))).sum().backward()
    return "exactly zero" if not layer.weight.grad.any() else "small"


predict(
    "A ReLU unit gives 0 for every example. What gradient do its weights get?",
    ["a small one", "exactly zero", "a random one"],
    answer=gradient_of_a_dead_unit,
    explain="The slope of ReLU is 0 for each of the examples. So nothing moves its weights, and it stays dead.",
)


# %% name="dead-start"
def sleepy(linear):
    kaiming(linear)
    nn.init.constant_(linear.bias, -2.0)


view = watched(tower(3, nn.ReLU, sleepy), "Biases of -2")

# %% [markdown] name="dead-tour"
# Look at the column *dead ReLUs*: whole layers give nothing but zeros, and the layers before them get no gradient at
# all. Nobody sets biases to −2, but one step with a far too large learning rate does the same, in the middle of a
# training. What helps:
#
# - a smaller learning rate, above all in the first steps (lesson 14);
# - biases that begin at 0;
# - an activation whose slope is never quite 0: leaky ReLU, or softplus below.


# %% name="dead-share"
def dead_share(model):
    """The percentage of units behind an activation that give one and the same value to all examples."""
    still, count, values = 0, 0, train_x[:500]
    with torch.no_grad():
        for layer in model:
            values = layer(values)
            if not isinstance(layer, nn.Linear):
                still += (values <= 0).all(dim=0).sum().item()
                count += values.shape[1]
    return 100 * still / count


def sleepy_accuracy(activation):
    model = tower(3, activation, sleepy)
    train(model, epochs=2)
    return accuracy(model)


shaken = tower(3, nn.ReLU, kaiming)
F.cross_entropy(shaken(train_x[:64]), train_y[:64]).backward()
torch.optim.SGD(shaken.parameters(), lr=2.0).step()
print(f"dead after one step with learning rate 2: {dead_share(shaken):.0f} %")
print(f"dead at the start: {dead_share(tower(3, nn.ReLU, sleepy)):.0f} % with biases of -2, ", end="")
print(f"{dead_share(tower(3, nn.ReLU, kaiming)):.0f} % with biases of 0")
for name, activation in [
    ("ReLU", nn.ReLU),
    ("leaky ReLU", lambda: nn.LeakyReLU(0.1)),
    ("softplus", nn.Softplus),
]:
    print(f"biases of -2, two epochs with {name}: accuracy {sleepy_accuracy(activation):.1f} %")

# %% [markdown] name="alike"
# ## 6 · All alike
#
# Why random numbers at all? Why not begin with zeros, or with the same small number everywhere?


# %% name="alike-question" jupyter={"source_hidden": true}
def different_units():
    def constant(linear):
        nn.init.constant_(linear.weight, 0.02)
        nn.init.zeros_(linear.bias)

    model = tower(1, nn.ReLU, constant)
    train(model, epochs=1)
    return len({tuple(row.tolist()) for row in model[0].weight.detach().round(decimals=3)})


predict(
    "One hidden layer with 64 units, and every weight begins as 0.02. After an epoch of training: how many different "
    "units does it have (how many different rows has its weight, to three digits)?",
    answer=different_units,
    explain="One. All 64 compute the same, so they get the same gradient and stay the same. Only randomness tells "
    "them apart: this is called breaking the symmetry.",
)


# %% name="alike-answer"
def all_equal(linear):
    nn.init.constant_(linear.weight, 0.02)
    nn.init.zeros_(linear.bias)


one_for_all, random_start = tower(1, nn.ReLU, all_equal), tower(1, nn.ReLU, kaiming)
for name, model in [("all weights 0.02", one_for_all), ("kaiming", random_start)]:
    train(model, epochs=1)
    rows = {tuple(row.tolist()) for row in model[0].weight.detach().round(decimals=3)}
    print(f"{name:16} different units: {len(rows):2}   accuracy {accuracy(model):.1f} %")

# %% [markdown] name="zeros"
# With zeros it is worse still:


# %% name="zeros-gradients"
def all_zero(linear):
    nn.init.zeros_(linear.weight)
    nn.init.zeros_(linear.bias)


nothing = tower(3, nn.ReLU, all_zero)
F.cross_entropy(nothing(train_x[:64]), train_y[:64]).backward()
print("get a gradient:", [name for name, p in nothing.named_parameters() if p.grad.any()])

# %% [markdown] name="zeros-note"
# Only the last bias. *Biases* may well begin at zero, because the weights already make the units different.
#
# ## 7 · ReLU without a corner
#
# **Softplus**, $\log(1 + e^x)$, is ReLU with the corner rounded off. Its slope is the sigmoid, which is never 0. As a
# formula it is simple; as a computation it is a trap:

# %% name="softplus-trap"
x = torch.tensor([-20.0, 0.0, 20.0, 100.0])
print("log(1 + exp(x)):", torch.log(1 + torch.exp(x)))
print("softplus:       ", F.softplus(x))

# %% [markdown] name="exercise-2"
# ## Exercise 2 · Softplus (build)
#
# `exp(100)` is infinite in float32. At the other end `1 + exp(-20)` rounds to 1, and its logarithm to 0, where the true
# answer is 0.000000002. Write `softplus(x)` so that both ends are right, and `softplus_backward(grad_output, x)`, the
# gradient of `x`. Two things help: $\log(1 + e^x) = x + \log(1 + e^{-x})$, and `torch.log1p(z)`, which is $\log(1 + z)$
# without the rounding.


# %% name="exercise-2-code"
# @exercise init.softplus
import glasstorch as torch


def softplus(x):
    """log(1 + exp(x)), right for small and large numbers."""
    # your formula


def softplus_backward(grad_output, x):
    """The gradient of x, given the gradient of softplus(x)."""
    # your formula


# @end

# %% name="exercise-2-try"
print("engine:", F.softplus(x))
print("yours: ", softplus(x))

# %% name="exercise-2-check"
exercise("init.softplus")

# %% [markdown] name="exercise-3"
# ## Exercise 3 · A network that dies (use)
#
# `build` makes a tower for telling two rings of points apart. It has three of this lesson's diseases, and learns
# nothing. Mend it. The layers and their sizes stay.


# %% name="exercise-3-code"
# @exercise init.rescue
from glasstorch import nn


def build(depth, hidden):
    """Two coordinates in, `depth` hidden layers with ReLU, two scores out."""
    layers, inputs = [], 2
    for _ in range(depth):
        linear = nn.Linear(inputs, hidden)
        nn.init.normal_(linear.weight, mean=0.0, std=0.05)
        nn.init.constant_(linear.bias, -1.0)
        layers += [linear, nn.ReLU()]
        inputs = hidden
    layers += [nn.Linear(inputs, 2), nn.ReLU()]
    return nn.Sequential(*layers)


# @end

# %% name="exercise-3-try"
torch.manual_seed(0)
values = torch.randn(200, 2)
with torch.no_grad():
    for number, layer in enumerate(build(8, 32)):
        values = layer(values)
        if not isinstance(layer, nn.Linear):
            dead = 100 * (values <= 0).all(dim=0).float().mean().item()
            print(
                f"{number:2} {type(layer).__name__}: size {(values**2).mean().sqrt().item():.4f}, {dead:.0f} % dead"
            )

# %% name="exercise-3-check"
exercise("init.rescue")

# %% [markdown] name="exercise-4"
# ## Exercise 4 · Five patients (use)
#
# Five towers of eight layers, with figures as one measures them at the start of a training, from the first layer to the
# last. Give each its diagnosis: `"healthy"`, `"vanishing"`, `"exploding"`, `"dead"` or `"alike"`; each fits one
# patient.
#
# | | activation | size of the activations | norm of the gradients | noticed |
# |---|---|---|---|---|
# | A | sigmoid | 0.5, 0.5, 0.5, … 0.5 | 2e-5, 8e-6, … 0.08, 0.5 | first layers never move |
# | B | ReLU | 0.9, 0.8, 0.9, … 0.9 | 1.2, 0.5, … 0.5, 1.1 | |
# | C | ReLU | 3, 8, 25, … 6,000 | 2e3, 8e2, … 9e2, 7e3 | loss is NaN after two steps |
# | D | ReLU | 0.9, 0.1, 0, … 0 | 0, 0, … 0, 0 | only the last bias moves |
# | E | tanh | 0.3, 0.2, 0.2, … 0.2 | 0.6, 0.3, … 0.3, 0.9 | training changes all units in step |

# %% name="exercise-4-code"
# @exercise init.diagnosis
answers = {
    "A": None,
    "B": None,
    "C": None,
    "D": None,
    "E": None,
}
# @end

# %% name="exercise-4-check"
exercise("init.diagnosis")

# %% [markdown] name="reach"
# ## It can be done
#
# The tower of section 1, with the right beginning and a few more epochs:

# %% name="reach-target"
model = tower(10, nn.ReLU, kaiming)
train(model, epochs=6)
print(f"ten layers, kaiming, six epochs: test accuracy {accuracy(model):.1f} % (target: 93)")

# %% [markdown] name="same-in-pytorch"
# ## The same in PyTorch
#
# All of `nn.init` has the same names and draws the same numbers from the same seed, so a tower made here and a tower
# made in PyTorch begin alike. Also the default of `nn.Linear` is PyTorch's, with the consequence you saw. It survives
# because real networks are seldom plain towers: batch normalization (lesson 13) and connections past a layer, as in
# exercise 1 of lesson 6, keep signals alive even from a bad start. In a plain tower you have to do it yourself.
#
# ## What to take with you
#
# - Every layer multiplies the signal, and on the way back the gradient. Factors that are not near 1 grow or shrink
#   exponentially with depth.
# - Keep the factor at 1: $\mathrm{std}(w) = \sqrt{2/n}$ before ReLU (Kaiming), about $\sqrt{1/n}$ before tanh (Xavier).
# - Sigmoid's slope is at most 1/4: it has no place between many layers.
# - A dead ReLU unit gets gradient zero and stays dead. Watch the share; keep first steps small and biases at 0.
# - Weights must be random to be different. Biases need not.
