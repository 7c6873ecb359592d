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
# # Is this derivative right?
#
# A network is trained with a wrong derivative in every layer. No error, no NaN, and the loss falls. **How would you
# ever find out?**
#
# This lesson builds the instrument that finds out, measures how far it can be trusted, and shows where it is blind.
# Everybody who writes a backward formula needs it. So does every framework: the tests of this one call it
# thousands of times.

# %% name="setup"
import glasstorch as torch
from glasstorch import nn
from glasstorch.vision.datasets import MNIST
from glasstorch_widgets import exercise, graph, loss_curve, predict, tensor_view

# %load_ext glasstorch_widgets

# %% [markdown] name="wrong-formula"
# ## 1 · A wrong formula that learns
#
# In lesson 0 you wrote the backward formula of SiLU, $y = x \cdot \sigma(x)$. Two paths lead from $x$ to $y$, so
# it has two terms. To use such a formula in a network, write a `torch.autograd.Function`: a `forward`, and a
# `backward` that gets the incoming gradient. What `backward` will need goes into `ctx`, the notebook of this one
# call. Here it is twice: once as it should be, once with the second term forgotten.


# %% name="two-silus"
class RightSiLU(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * torch.sigmoid(x)

    @staticmethod
    def backward(ctx, grad_output):
        (x,) = ctx.saved_tensors
        s = torch.sigmoid(x)
        return grad_output * (s + x * s * (1 - s))


class WrongSiLU(RightSiLU):
    @staticmethod
    def backward(ctx, grad_output):
        (x,) = ctx.saved_tensors
        return grad_output * torch.sigmoid(x)  # x also stands inside the sigmoid: forgotten


# %% name="network"
train, test = MNIST("../data", train=True), MNIST("../data", train=False)
images, labels = train.data / 255, train.targets


class Net(nn.Module):
    def __init__(self, activation):
        super().__init__()
        torch.manual_seed(0)  # both networks begin alike
        self.layers = nn.ModuleList([nn.Linear(784, 64), nn.Linear(64, 64), nn.Linear(64, 10)])
        self.activation = activation.apply

    def forward(self, x):
        first, second, last = self.layers
        return last(self.activation(second(self.activation(first(x.flatten(1))))))


def trained(activation, curve, name):
    net, loss_fn = Net(activation), nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.3)
    for step in range(180):
        part = slice(64 * step, 64 * step + 64)
        optimizer.zero_grad()
        loss = loss_fn(net(images[part]), labels[part])
        loss.backward()
        optimizer.step()
        if step % 4 == 0:
            curve.add(step=step, **{name: loss})
    with torch.no_grad():
        return 100 * (net(test.data / 255).argmax(1) == test.targets).float().mean().item()


# %% name="learns-question" jupyter={"source_hidden": true}
predict(
    "The network with the right formula reads about 90 % of the test digits after this short "
    "training. What about the one "
    "with half of the formula missing?",
    ["about 10 %: it cannot learn", "it is at least 10 points worse", "less than 2 points apart"],
    answer="less than 2 points apart",
    explain="The wrong gradient points roughly in the right direction, and training forgives that. Accuracy is no "
    "test of a derivative.",
)

# %% name="learns"
curve = loss_curve("The right formula and half of it")
right_end, wrong_end = trained(RightSiLU, curve, "right_loss"), trained(WrongSiLU, curve, "wrong_loss")
print(f"test accuracy: {right_end:.1f} % with the right formula, {wrong_end:.1f} % with the wrong one")

# %% [markdown] name="learns-note"
# A little slower at first, and after a third of the way nobody can tell the two curves apart. In a harder task, months
# later, the wrong one may lose, and you would look for the reason everywhere else.

# %% [markdown] name="wiggle"
# ## 2 · Ask the function itself
#
# A derivative is a claim about the function: *if you move x by h, y moves by about h times me*. So move it and see.
# One can look ahead only, or to both sides:
#
# $$\text{forward: } \frac{f(x+h) - f(x)}{h} \qquad\qquad \text{central: } \frac{f(x+h) - f(x-h)}{2h}$$


# %% name="differences"
def f(x):
    return torch.exp(x) * torch.sin(x)


def forward_difference(x, h):
    return (f(x + h) - f(x)) / h


def central_difference(x, h):
    return (f(x + h) - f(x - h)) / (2 * h)


x = torch.tensor(1.5, dtype=torch.float64, requires_grad=True)
exact = torch.autograd.grad(f(x), x)[0].item()
x = x.detach()
print("exact:  ", exact)
print("forward:", forward_difference(x, 0.01).item())
print("central:", central_difference(x, 0.01).item())

# %% [markdown] name="why-central"
# Central is much better for the same h. The curve bends, and looking ahead only, you see the bend as if it were
# slope: the error is proportional to $h$. Looking to both sides, the bend is the same left and right and cancels:
# what is left is proportional to $h^2$.

# %% name="halved-question" jupyter={"source_hidden": true}
predict(
    "h shrinks from 0.01 to 0.001. How many times smaller does the error of the central difference get?",
    answer=lambda: (
        abs(central_difference(x, 0.01).item() - exact) / abs(central_difference(x, 0.001).item() - exact)
    ),
    tolerance=3,
    explain="The error goes with h². Ten times smaller squared is a hundred times: two more digits for each zero in h.",
)

# %% [markdown] name="step-size"
# ## 3 · How small is small enough?
#
# Two digits for each zero! So let us take an h as small as we can. `digits` counts how many digits of the
# difference are right.

# %% name="best-question" jupyter={"source_hidden": true}
predict(
    "float64 has 16 digits. Which h gives the central difference the most right digits?",
    ["1e-3", "1e-5", "1e-8", "1e-15, the smaller the better"],
    answer="1e-5",
    explain="Smaller is better only for a while. f(x + h) and f(x - h) agree in more and more digits, and these cancel "
    "in the subtraction; what is left is rounding error, divided by a tiny h.",
)


# %% name="digits"
def digits(value):
    """The number of right digits."""
    wrong = abs(value.item() - exact) / abs(exact)
    return float(-torch.log10(torch.tensor(wrong).clamp(1e-16, 1.0)))


curve = loss_curve("Right digits, for h = 0.1, 0.01, ... (one zero more with each step)")
found = {}
for zeros in range(1, 16):
    h = 10.0**-zeros
    found[zeros] = [digits(central_difference(x, h)), digits(forward_difference(x, h))]
    found[zeros] += [digits(central_difference(x.float(), h))]
    central, ahead, single = found[zeros]
    curve.add(
        step=zeros,
        central_float64_digits=central,
        forward_float64_digits=ahead,
        central_float32_digits=single,
    )
for column, name in enumerate(["central, float64", "forward, float64", "central, float32"]):
    zeros = max(found, key=lambda k: found[k][column])
    print(f"{name}: best h = 1e-{zeros}, {found[zeros][column]:.1f} digits")

# %% [markdown] name="two-errors"
# Each curve is a mountain. On the left slope the step is too large, and the curve bends (the **truncation**
# error). On the right slope it is too small, and digits cancel (the **rounding** error). With machine precision
# $\epsilon$, the summit of the central difference is near $h = \epsilon^{1/3}$: about 1e-5 in float64. With
# float32 there are 7 digits to begin with, and the summit is at four or five of them, with some luck.
#
# So: **check derivatives in float64, with central differences and h near 1e-6.** PyTorch's own
# checker, which comes in section 5, does just that.

# %% [markdown] name="exercise-1"
# ## Exercise 1 · The numerical gradient (build)
#
# Write the instrument, with NumPy alone. `f` takes an array and returns a number; your function returns the
# gradient, an array of the same shape, by central differences: one element at a time is moved.

# %% name="exercise-1-code"
# @exercise gradcheck.numerical-gradient
import numpy as np


def numerical_gradient(f, x, eps=1e-6):
    """The gradient of f at x by central differences, in float64. f takes an array and returns a number."""
    # move one element at a time; leave x as it was


# @end

# %% name="exercise-1-try"
point = np.array([[1.0, 2.0], [3.0, 4.0]])
print("yours:", numerical_gradient(lambda a: (a**3).sum(), point), sep="\n")
print("should be:", 3 * point**2, sep="\n")

# %% name="exercise-1-check"
exercise("gradcheck.numerical-gradient")

# %% [markdown] name="cost"
# ## 4 · Fifty thousand numbers at once
#
# Moving one number at a time has its price.

# %% name="cost-question" jupyter={"source_hidden": true}
predict(
    "Our network has 55,050 parameters. How many times must it be run for the numerical gradient "
    "of all of them, by central "
    "differences?",
    answer=lambda: 2 * sum(p.numel() for p in Net(RightSiLU).parameters()),
    explain="Two runs for each parameter. Backpropagation walks forward once and back once, and has all of them. "
    "That is why it exists, and why the numerical gradient is only good for checking.",
)

# %% [markdown] name="direction"
# For large models there is a shortcut. Do not ask about each number; ask about one **random direction** $u$ in
# which all parameters move at once. If the gradient $g$ is right, the loss changes by $g \cdot u$ per unit. Two
# runs, whatever the size; and a wrong gradient agrees with a random direction only by a freak of chance.


# %% name="directional"
def slopes(activation):
    """The loss's slope along a random direction: what backward() says, and what two runs measure."""
    net, loss_fn, eps = Net(activation).double(), nn.CrossEntropyLoss(), 1e-6
    batch, answers = images[:64].double(), labels[:64]
    parameters = list(net.parameters())
    gradients = torch.autograd.grad(loss_fn(net(batch), answers), parameters)
    direction = [torch.randn_like(p) for p in parameters]
    claimed = sum((g * u).sum() for g, u in zip(gradients, direction))

    def loss_at(step):
        with torch.no_grad():
            for p, u in zip(parameters, direction):
                p.add_(step * u)
            loss = loss_fn(net(batch), answers)
            for p, u in zip(parameters, direction):
                p.sub_(step * u)
        return loss

    return claimed.item(), ((loss_at(eps) - loss_at(-eps)) / (2 * eps)).item()


for name, activation in {"right": RightSiLU, "wrong": WrongSiLU}.items():
    claimed, measured = slopes(activation)
    off = 100 * abs(claimed - measured) / abs(measured)
    print(f"{name}: backward says {claimed:.6f}, two runs say {measured:.6f}; off by {off:.5f} %")

# %% [markdown] name="found"
# There it is. What a whole training did not show, two runs of the network show at once.

# %% [markdown] name="gradcheck"
# ## 5 · gradcheck
#
# For a single operation one wants to know **which** derivative is wrong. Several numbers go in, several come out:
# all derivatives together are a table, the **Jacobian**, with a row for each input and a column for each output.
# `torch.autograd.gradcheck` fills it in twice, by differences and by `backward`, and compares.

# %% name="gradcheck-silu"
samples = torch.linspace(-3, 3, 5, dtype=torch.float64, requires_grad=True)
print("right:", torch.autograd.gradcheck(RightSiLU.apply, (samples,)))

# %% [markdown] name="softmax-intro"
# Now for a mistake that is often made. Softmax is $y_i = e^{x_i} / \sum_j e^{x_j}$, and its derivative "is"
# $y_i\,(1 - y_i)$, says somebody who remembers the sigmoid:


# %% name="wrong-softmax"
class WrongSoftmax(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        y = torch.softmax(x, dim=-1)
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx, grad_output):
        (y,) = ctx.saved_tensors
        return grad_output * y * (1 - y)


scores = torch.tensor([1.0, 2.0, 0.5, -1.0], dtype=torch.float64, requires_grad=True)
try:
    torch.autograd.gradcheck(WrongSoftmax.apply, (scores,))
except RuntimeError as error:
    print(error)

# %% [markdown] name="jacobian"
# Look at the two tables as at two pictures. What is missing?

# %% name="jacobian-view"
by_differences = torch.stack(
    [
        (torch.softmax(scores + step, 0) - torch.softmax(scores - step, 0)).detach() / 2e-6
        for step in 1e-6 * torch.eye(4, dtype=torch.float64)
    ]
)
by_backward = torch.stack(
    [
        torch.autograd.grad(WrongSoftmax.apply(scores), scores, one)[0]
        for one in torch.eye(4, dtype=torch.float64)
    ],
    dim=1,
)
missing = (by_differences - by_backward).round(decimals=6)
tensor_view(missing)

# %% [markdown] name="jacobian-tour"
# The diagonal is right: the difference is 0 there (walk through it with the arrow keys). Everything beside it is
# missing. If one score grows, its probability grows **and all others shrink**, because they share one sum. The
# right formula is $y\,(g - \sum_j g_j y_j)$: the sum couples them. The pattern in such a difference is half of
# the diagnosis:
#
# - only off the diagonal: a coupling (a mean, a sum, a norm) was forgotten;
# - all by one factor: a constant, or the number of elements;
# - one row or column: an index, or broadcasting that was not summed up.

# %% [markdown] name="exercise-2"
# ## Exercise 2 · A custom operation (use)
#
# A regression loss that forgives outliers: $\log\cosh(p - t)$, for predictions $p$ and targets $t$. Near 0 it is
# a parabola, far away a straight line. Its derivative with respect to $p$ is $\tanh(p - t)$; and the one with
# respect to $t$? Write it as a `Function` with two inputs. Mind large differences: $\cosh 1000$ is too large for
# any float. This form is not: $\log\cosh d = |d| + \log(1 + e^{-2|d|}) - \log 2$. (`torch.log1p(z)` is $\log(1 +
# z)$, also for tiny $z$.)

# %% name="exercise-2-code"
# @exercise gradcheck.log-cosh
import math

import glasstorch as torch


class LogCosh(torch.autograd.Function):
    """log(cosh(prediction - target)), element by element; tensors of the same shape."""

    @staticmethod
    def forward(ctx, prediction, target):
        pass

    @staticmethod
    def backward(ctx, grad_output):
        pass


# @end

# %% name="exercise-2-try"
p = torch.tensor([0.5, -2.0, 3.0], dtype=torch.float64, requires_grad=True)
t = torch.tensor([0.0, 1.0, 3.0], dtype=torch.float64, requires_grad=True)
result = LogCosh.apply(p, t)
if result is not None:
    print("values:   ", result.tolist())
    print("should be:", torch.log(torch.cosh(p - t)).tolist())
    try:
        print("gradcheck:", torch.autograd.gradcheck(LogCosh.apply, (p, t)))
    except RuntimeError as error:
        print("gradcheck:", error)

# %% [markdown] name="exercise-2-graph"
# Your operation is now a node like any other. When it is written, this cell shows it in a graph (until then, the
# same function made of simple operations, one node for each):

# %% name="exercise-2-view"
composed = (torch.log(torch.cosh(p - t)) if result is None else LogCosh.apply(p, t)).mean()
graph(composed)

# %% name="exercise-2-check"
exercise("gradcheck.log-cosh")

# %% [markdown] name="blind"
# ## 6 · False alarms and blind spots
#
# An instrument is understood when you know when it lies. First the **false alarms**: the formula is right, and
# gradcheck complains all the same.

# %% name="relu-question" jupyter={"source_hidden": true}
predict(
    "ReLU at exactly 0: backward says 0. What do central differences say?",
    answer=0.5,
    explain="From the right the slope is 1, from the left 0; central differences take the mean. Neither is wrong: at a "
    "kink there is no derivative, only a choice. Check away from kinks, or with random points that do "
    "not hit them.",
)


# %% name="false-alarms"
def ask(name, function, *inputs):
    try:
        print(f"{name:22}", "passes" if torch.autograd.gradcheck(function, inputs) else "fails")
    except RuntimeError as error:
        print(f"{name:22}", "fails:", str(error).split("\n")[0].split(",")[0])


torch.manual_seed(1)
ask("relu at 0", torch.relu, torch.zeros(3, dtype=torch.float64, requires_grad=True))
ask("relu elsewhere", torch.relu, torch.tensor([-1.0, 2.0], dtype=torch.float64, requires_grad=True))
ask("dropout", nn.Dropout(0.5), samples)  # another function at each call!
ask("sigmoid in float64", torch.sigmoid, samples)

# %% name="float32-alarm"
ask("sigmoid in float32", torch.sigmoid, samples.detach().float().requires_grad_())

# %% [markdown] name="false-alarms-note"
# The warning says it: float32 has too few digits for h = 1e-6 (section 3). For dropout, each call is another
# function; differences between two functions are no derivative.
#
# Then there are formulas that are wrong **on purpose**. Rounding has derivative 0 everywhere, so nothing behind
# it could learn. The straight-through estimator pretends that the derivative is 1, which is how networks with
# 1-bit weights are trained. gradcheck is right to complain, and you are right to ignore it.
#
# Now the **blind spots**: the formula is wrong, and gradcheck is content. That is worse.

# %% name="blind-question" jupyter={"source_hidden": true}
predict(
    "WrongSoftmax has just failed at [1, 2, 0.5, -1]. Somebody checks it at one other point only, "
    "x = [50, 0, 0]. Does gradcheck notice the mistake there?",
    ["yes", "no"],
    answer=lambda: (
        "no"
        if torch.autograd.gradcheck(
            WrongSoftmax.apply,
            (torch.tensor([50.0, 0.0, 0.0], dtype=torch.float64, requires_grad=True),),
            raise_exception=False,
        )
        else "yes"
    ),
    explain="At that point softmax is saturated: all derivatives are practically 0, and so are the wrong ones. A check "
    "at one point says something about this point only.",
)

# %% name="blind-spots"
saturated = torch.tensor([50.0, 0.0, 0.0], dtype=torch.float64, requires_grad=True)
ask("softmax, saturated", WrongSoftmax.apply, saturated)
ask("SiLU at 0 only", WrongSiLU.apply, torch.zeros(3, dtype=torch.float64, requires_grad=True))
ask("SiLU at 1", WrongSiLU.apply, torch.ones(3, dtype=torch.float64, requires_grad=True))

# %% [markdown] name="blind-note"
# The forgotten term of SiLU was $x \cdot s\,(1 - s)$: at $x = 0$ it is 0. **Special points hide mistakes**:
# zeros, ones, equal numbers, square matrices, a batch of one. Check at random points, with different sizes in all
# dimensions, negative numbers included. The next exercise holds a mistake that hides behind ones.

# %% [markdown] name="exercise-3"
# ## Exercise 3 · A subtly wrong backward (use)
#
# RMSNorm divides each row by its root mean square and multiplies by a learned `gain`; many language models use
# it. This one passes its author's test and is wrong. He tested with an `x` of plus and minus ones, and with a
# `gain` of ones, as at the beginning of training. Find what is wrong, and mend it: gradcheck shows you where to
# look.

# %% name="exercise-3-code"
# @exercise gradcheck.rms-norm
import glasstorch as torch


class RMSNorm(torch.autograd.Function):
    """x / sqrt(mean(x²)) * gain, over the last dimension. gain has one number for each column."""

    @staticmethod
    def forward(ctx, x, gain):
        scale = torch.rsqrt((x * x).mean(dim=-1, keepdim=True) + 1e-6)
        ctx.save_for_backward(x, gain, scale)
        return x * scale * gain

    @staticmethod
    def backward(ctx, grad_output):
        x, gain, scale = ctx.saved_tensors
        coupling = (grad_output * x).mean(dim=-1, keepdim=True)
        grad_x = scale * grad_output * gain - x * scale * coupling
        grad_gain = (grad_output * x * scale).sum(dim=0)
        return grad_x, grad_gain


# @end

# %% name="exercise-3-try"
torch.manual_seed(0)
signs, matrix = (x.double().requires_grad_() for x in (torch.randn(2, 3).sign(), torch.randn(2, 3)))
ones, others = (
    torch.tensor(g, dtype=torch.float64, requires_grad=True) for g in ([1.0, 1.0, 1.0], [0.5, 2.0, -1.0])
)
ask("x = ±1, gain = 1", RMSNorm.apply, signs, ones)
ask("x = ±1, another gain", RMSNorm.apply, signs, others)
ask("another x, gain = 1", RMSNorm.apply, matrix, ones)
ask("another x and gain", RMSNorm.apply, matrix, others)

# %% name="exercise-3-check"
exercise("gradcheck.rms-norm")

# %% [markdown] name="exercise-4"
# ## Exercise 4 · gradcheck (build)
#
# Now build the whole instrument for your own engine. In lesson 3 a backward formula was a function `vjp(grad_out,
# *inputs)` that returns a gradient for each input. Your `gradcheck(f, vjp, *inputs)` asks whether it belongs to
# `f`. The trick: choose a **random** $g$ of the result's shape, and compare `vjp(g, *inputs)` with the numerical
# gradient of the single number $\sum g \cdot f(\text{inputs})$. Why random, and not ones? Softmax knows: its
# outputs add up to 1, so with ones **every** gradient is 0.

# %% name="exercise-4-code"
# @exercise gradcheck.gradcheck
import numpy as np

# put your numerical_gradient here


def gradcheck(f, vjp, *inputs, eps=1e-6, atol=1e-5, rtol=1e-3):
    """True if vjp(g, *inputs) gives the gradients of (g * f(*inputs)).sum(); else a ValueError that names the input.

    f(*inputs) returns an array; vjp returns one gradient for each input, or None for an input that has none.
    """


# @end

# %% name="exercise-4-try"
a, b = np.random.default_rng(0).normal(size=(2, 3)), np.random.default_rng(1).normal(size=(3, 4))
print("right:", gradcheck(np.matmul, lambda g, a, b: (g @ b.T, a.T @ g), a, b))
try:
    print("wrong:", gradcheck(np.matmul, lambda g, a, b: (g @ b.T, 2 * a.T @ g), a, b))
except ValueError as error:
    print("wrong: ValueError:", error)

# %% name="exercise-4-check"
exercise("gradcheck.gradcheck")

# %% [markdown] name="same-in-pytorch"
# ## The same in PyTorch
#
# `torch.autograd.Function` and `torch.autograd.gradcheck` are the same, down to the tables in the error. Some
# more to know:
#
# - `backward` returns one value for each argument of `forward`, `None` for those that are no tensors.
#   `ctx.needs_input_grad[k]` says whether anybody wants gradient `k`; skip the work if not.
# - Tensors that are inputs or outputs go through `ctx.save_for_backward`, never `ctx.x = x`: only then does the
#   version counter of lesson 4 watch them.
# - If `backward` is itself made of differentiable operations, second derivatives work, and
#   `torch.autograd.gradgradcheck` checks those.
# - For large inputs, `gradcheck(..., fast_mode=True)` uses random directions, as we did in section 4.
#
# ## What to take with you
#
# - A wrong gradient learns, too. Accuracy is no test of a derivative.
# - Central differences, float64, h near 1e-6. Smaller is not better: digits cancel.
# - For large models: one random direction, two runs.
# - Check at random points and shapes. Zeros, ones and saturation hide mistakes; kinks and randomness make false
#   alarms.
# - Read the difference of the two Jacobians as a picture: its pattern names the mistake.
