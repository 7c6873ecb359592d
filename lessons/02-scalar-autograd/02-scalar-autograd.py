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
# # Autograd, one number at a time
#
# The network of lesson 0 has 203,530 numbers to learn. Before each step, all of them are told which way to
# move, and how much it matters. You could find that out by trying: move one number a little, run the network,
# see what the loss does. That is 203,530 runs for one step. **`backward()` does it in the time of a few. How?**
#
# There is one idea behind it, and it fits into sixty lines of Python. At the end of this lesson you will have
# written them, and they will tell penguins apart. Everything here is done with single numbers; lesson 3 does it
# with tensors.

# %% name="setup"
import csv
import time

import glasstorch as torch
from glasstorch import nn
from glasstorch_widgets import exercise, graph, predict

# %load_ext glasstorch_widgets

# %% [markdown] name="price"
# ## 1 · What a gradient costs
#
# First the claim itself. Here is that network, a batch of 64 random pictures, and a clock.

# %% name="price-setup"
torch.manual_seed(0)
network = nn.Sequential(nn.Flatten(), nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 10))
pictures, labels = torch.randn(64, 28, 28), torch.randint(0, 10, (64,))


def forward():
    return nn.functional.cross_entropy(network(pictures), labels)


def forward_and_backward():
    forward().backward()


def fastest(work, times=20):
    """Milliseconds that the work takes, the fastest of several times."""
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return 1000 * min(seconds)


# %% name="price-question" jupyter={"source_hidden": true}
predict(
    "There are 203,530 derivatives. About how much longer than one run of the network does a run with backward() "
    "take, which computes them all?",
    ["about as long", "a few times as long", "some hundred times as long", "203,530 times as long"],
    answer="a few times as long",
    explain="Every operation is gone through once forward and once backward, however many numbers there are to learn.",
)

# %% name="price-answer"
once, with_gradients = fastest(forward), fastest(forward_and_backward)
count = sum(p.numel() for p in network.parameters())
print(f"one run {once:.2f} ms, with all {count:,} derivatives {with_gradients:.2f} ms")
print(f"that is {with_gradients / once:.1f} times as long")
print(f"moving each number by itself would take {count * once / 60_000:.1f} minutes, for one step")

# %% [markdown] name="chain"
# ## 2 · Small steps, multiplied
#
# Whatever a program computes, it computes in small steps: one addition, one product, one logarithm. Of each
# small step the derivative is known. Let us take $y = (3x + 1)^2$ apart:

# %% name="chain-steps"
x = torch.tensor(1.0, requires_grad=True)
tripled = 3 * x  # grows 3 times as fast as x
moved = tripled + 1  # grows as fast as tripled
y = moved**2  # grows 2 · moved = 8 times as fast as moved
print("y =", y.item())

# %% [markdown] name="gears"
# They work like gears. If the second wheel turns three times as fast as the first, and the third eight times as
# fast as the second, then the third turns 3 · 8 times as fast as the first. This is the **chain rule**: along a
# way through the computation, the derivatives of the steps are multiplied.

# %% name="chain-question" jupyter={"source_hidden": true}
predict(
    "x is 1, so moved is 4 and y is 16. What is the derivative of y with respect to x?",
    answer=lambda: torch.autograd.grad(y, x, retain_graph=True)[0],
    explain="3 · 1 · 8 = 24: a factor for each of the three steps.",
)

# %% name="chain-graph"
graph(y, step=0)

# %% [markdown] name="chain-tour"
# 1. Press **N** until you are at the end. Going down, each box gets its value. Going up, each gets its gradient
#    (after the ∇): 1 for `y` itself, then 8, then 8 once more, then 24.
# 2. Click `moved`. You see the formula of its derivative, and the numbers put into it.
# 3. Edit `x`: at −1/3 (type -1/3) the wheel in the middle stands still. What does that do to all
#    gradients above it?
#
# Note the direction. The walk begins at the result, with one number, 1, and carries it back. It could also
# begin at `x` and go forward. But a network has many inputs and **one** loss: from the loss, one walk reaches
# them all.

# %% [markdown] name="local"
# ## 3 · Each operation knows only itself
#
# No operation needs to know what it is a part of. On the way back it receives one number, the **incoming
# gradient**: how fast the final result grows with *its* result. It multiplies this by its own, **local
# derivative** and passes it on.
#
# | operation | local derivative for `a` | for `b` | so it … |
# |---|---|---|---|
# | `a + b` | 1 | 1 | passes the gradient on to both |
# | `a - b` | 1 | −1 | … and turns the sign for `b` |
# | `a * b` | `b` | `a` | swaps: each gets the other's value |
# | `a / b` | `1 / b` | `-a / b²` | |
# | `a ** n` | `n · a ** (n - 1)` | | |
# | `exp(a)` | `exp(a)` | | uses its own result |
# | `log(a)` | `1 / a` | | |
# | `relu(a)` | 1 if `a > 0`, else 0 | | opens or shuts the way |

# %% name="swap-question" jupyter={"source_hidden": true}
predict(
    "p = a * b with a = 2 and b = 5. On the way back, the gradient 10 arrives at p. What does a get?",
    answer=50,
    explain="The local derivative for a is b, which is 5: if a grows by 1, p grows by 5. Times the incoming 10 "
    "makes 50.",
)

# %% name="swap"
a = torch.tensor(2.0, requires_grad=True)
b = torch.tensor(5.0, requires_grad=True)
product = a * b
product.backward(torch.tensor(10.0))  # begin with 10 instead of 1
print("a.grad", a.grad.item(), "  b.grad", b.grad.item())

# %% [markdown] name="gate"
# Because a product hands each factor the *other's* value, its operands must be remembered until the way back.
# That is why training takes so much more memory than using a network.
#
# `relu` is a gate. Where its input was negative, nothing gets through:

# %% name="gate-question" jupyter={"source_hidden": true}
predict(
    "r = relu(c) with c = -3, and the result is (r + 2)². What is c.grad?",
    answer=0,
    explain="relu gives 0 and would still give 0 if c moved a little. The result does not depend on it, so the "
    "gradient is 0. A unit that is shut for every example no longer learns: lesson 7 is about keeping them alive.",
)

# %% name="gate-answer"
c = torch.tensor(-3.0, requires_grad=True)
r = torch.relu(c)
result = (r + 2) ** 2
result.backward()
print("c.grad", c.grad.item())
graph(result)

# %% [markdown] name="gate-tour"
# Edit `c`, from −3 to 3. The gate opens, and 10 comes through.

# %% [markdown] name="forks"
# ## 4 · Where ways meet
#
# A number can be used more than once. Then there are several ways from it to the result, and (lesson 0) their
# contributions **add up**. This sounds harmless. It causes the two mistakes that nearly every first engine has.
#
# **The first: writing instead of adding.** Take `u * u`. Both factors are the same number.

# %% name="square-question" jupyter={"source_hidden": true}
predict(
    "u is 3. An engine handles u * u with the two lines `u.grad = 1 * u` (for the first factor) and "
    "`u.grad = 1 * u` (for the second). The right gradient is 6. What does this engine find?",
    answer=3,
    explain="The second line overwrites the first. It must be +=. With two different factors the mistake would go "
    "unnoticed.",
)

# %% name="square"
u = torch.tensor(3.0, requires_grad=True)
square = u * u
graph(square)

# %% [markdown] name="square-tour"
# Two arrows lead from `u` into the product, and each carries 3. Click `u`: its gradient is the sum.
#
# **The second: passing on too early.** Look at `h` below. It reaches the result on a short way and on a long
# one.

# %% name="diamond"
v = torch.tensor(1.0, requires_grad=True)
h = 2 * v
long_way = 3 * h
short_and_long = h + long_way
graph(short_and_long, step=0)

# %% [markdown] name="diamond-how"
# The right answer is 8: `h` counts once directly and three times by the long way, which makes 4, and `v` counts
# twice in `h`.
#
# Now imagine a hasty engine. Whenever a gradient arrives somewhere, it is added to `.grad`, and **`.grad` is
# passed on at once**. So `h` gets 1 by the short way and passes 1 on to `v`. Later 3 arrives by the long way;
# now `h.grad` is 4, and it passes that on, too.

# %% name="hasty-question" jupyter={"source_hidden": true}
predict(
    "What does the hasty engine find for v.grad? (Each time, h passes its .grad times 2 on to v.)",
    answer=10,
    explain="1 · 2 + 4 · 2 = 10. The first contribution was counted twice. A node must wait until everything has "
    "arrived.",
)


# %% name="hasty"
def hasty_backward():
    grad = {"v": 0.0, "h": 0.0, "long_way": 0.0}

    def arrive(name, gradient):
        grad[name] += gradient
        if name == "h":
            arrive("v", 2 * grad["h"])  # too early: more may come
        if name == "long_way":
            arrive("h", 3 * grad["long_way"])

    arrive("h", 1.0)  # the two inputs of h + long_way
    arrive("long_way", 1.0)
    return grad


short_and_long.backward(retain_graph=True)
print("hasty:", hasty_backward())
print("right: v.grad", v.grad.item())

# %% [markdown] name="order"
# So the nodes must be gone through in such an order that each comes only after all those that **use** it. Step
# through the graph above on its way back: `h` waits for `long_way`.
#
# Such an order is easy to get. List the nodes so that each stands **after its own inputs**; that is the order
# in which they were computed. Then go through the list from its end. It is called a **topological order**.

# %% [markdown] name="exercise-1"
# ## Exercise 1 · Five gradients by hand (use)
#
# Be the engine once yourself. Work these out on paper, from the last line to the first, and write the numbers
# down. Mind that `a` is used twice.
#
# ```python
# a, b, c = 2, -3, 10
# d = a * b      # -6
# e = d + c      #  4
# f = e * a      #  8
# loss = f ** 2  # 64
# ```

# %% name="exercise-1-code"
# @exercise scalar.gradients
answers = {
    "f": None,  # the gradient of loss with respect to f
    "e": None,
    "c": None,
    "b": None,
    "a": None,
}
# @end

# %% name="exercise-1-check"
exercise("scalar.gradients")

# %% [markdown] name="exercise-1-look"
# Did it pass? Then let the engine confirm it.

# %% name="exercise-1-graph"
a, b, c = (torch.tensor(value, requires_grad=True) for value in (2.0, -3.0, 10.0))
d = a * b
e = d + c
f = e * a
loss = f**2
# graph(loss)  # remove the first # when you have passed

# %% [markdown] name="exercise-2"
# ## Exercise 2 · The right order (build)
#
# Write `topological(result)`. A node has `node.inputs`, a tuple of the nodes it was computed from (empty for a
# leaf). Return a list of all nodes that `result` depends on, and `result` itself, in which **each node stands
# after its inputs** and occurs **once**.
#
# The textbook answer is a function that calls itself for each input. Python allows about a thousand such calls
# inside one another, and a computation of 20,000 steps is nothing unusual. So the last check wants it without.


# %% name="exercise-2-code"
# @exercise scalar.order
def topological(result):
    """All nodes that result depends on, each after its inputs, and result last."""
    # a node can be listed when all of its inputs are


# @end


# %% name="exercise-2-try"
class Node:
    def __init__(self, name, *inputs):
        self.name, self.inputs = name, inputs


node_v = Node("v")
node_h = Node("h", node_v)
node_long = Node("long_way", node_h)
order = topological(Node("short_and_long", node_h, node_long))
print("one right answer: v, h, long_way, short_and_long")
print("yours:           ", order and ", ".join(node.name for node in order))

# %% name="exercise-2-check"
exercise("scalar.order")

# %% [markdown] name="engine"
# ## 5 · Your engine
#
# Now you have everything. The engine is a single class, `Value`: a number that remembers how it was computed. A
# `Value` has
#
# - `data`, the number, and `grad`, 0.0 until somebody asks,
# - `inputs`, the values it was computed from,
# - `local`, its derivative with respect to each of them, as plain numbers.
#
# For `x * y` these are the inputs `(x, y)` and the local derivatives `(y.data, x.data)`. Every operation makes
# such a `Value` and forgets about it. Only `backward` ever looks at the graph, and it does not care which
# operations there were: *local derivative times incoming gradient, added up*.

# %% [markdown] name="exercise-3"
# ## Exercise 3 · `Value` (build)
#
# Addition is there, as a model; subtraction and division follow from the rest. Write the product, the power,
# `exp`, `log`, `relu`, and `backward`. Your `topological` will be of use; copy it into the cell or into
# `backward`.
#
# One thing to think about. `.grad` must be added to, so that several losses can add up in one leaf. But if
# `backward` also *read* its own progress from `.grad`, gradients left over from another walk would be passed on
# a second time. Keep what arrives during a walk in a dictionary of your own, and add it to `.grad` at the end.

# %% name="exercise-3-code"
# @exercise scalar.value
import math


class Value:
    """A number that remembers how it was computed."""

    def __init__(self, data, inputs=(), local=()):
        self.data = data
        self.grad = 0.0
        self.inputs = inputs  # the Values it was computed from
        self.local = local  # its derivative with respect to each of them

    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data + other.data, (self, other), (1.0, 1.0))

    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        # yours

    def __pow__(self, power):
        """power is a plain number."""

    def exp(self):
        """e to the power of this value; math.exp does it for plain numbers."""

    def log(self):
        """The natural logarithm."""

    def relu(self):
        """0 if negative."""

    def backward(self):
        """Add to the .grad of everything this value was computed from, and of itself (1)."""

    # What follows from the above.
    def __neg__(self):
        return self * -1.0

    def __sub__(self, other):
        return self + -other

    def __truediv__(self, other):
        return self * other**-1.0

    def __radd__(self, other):
        return self + other

    def __rmul__(self, other):
        return self * other

    def __rsub__(self, other):
        return -self + other

    def __rtruediv__(self, other):
        return self**-1.0 * other

    def __repr__(self):
        return f"Value({self.data}, grad={self.grad})"


# @end

# %% [markdown] name="exercise-3-try"
# The numbers of exercise 1, with `relu` and `log` at the end. Yours, and the engine's:

# %% name="exercise-3-compare"
try:
    mine = [Value(value) for value in (2.0, -3.0, 10.0)]
    ((mine[0] * mine[1] + mine[2]) * mine[0]).relu().log().backward()
    print("yours: ", [round(value.grad, 4) for value in mine])
except (AttributeError, TypeError) as error:
    print("not yet:", error)
theirs = [torch.tensor(value, requires_grad=True) for value in (2.0, -3.0, 10.0)]
((theirs[0] * theirs[1] + theirs[2]) * theirs[0]).relu().log().backward()
print("engine:", [round(value.grad.item(), 4) for value in theirs])

# %% name="exercise-3-check"
exercise("scalar.value")

# %% [markdown] name="penguins"
# ## 6 · Sixty lines tell penguins apart
#
# Is this more than a toy? Two species of penguin, Adelie and Chinstrap, differ in the shape of their bills. A
# single neuron takes the length and the depth of a bill and says how likely it is a Chinstrap's. Of 219 real
# birds, every third is kept back for the test.

# %% name="birds"
with open("../data/penguins/penguins.csv") as file:
    table = [bird for bird in csv.DictReader(file) if bird["bill_length_mm"] != "NA"]
birds = [
    # Length and depth in millimetres, moved and scaled so that they lie around 0; then the species.
    (
        (float(bird["bill_length_mm"]) - 42) / 5,
        (float(bird["bill_depth_mm"]) - 18) / 2,
        bird["species"] == "Chinstrap",
    )
    for bird in table
    if bird["species"] != "Gentoo"
]
to_test, to_train = birds[::3], [bird for at, bird in enumerate(birds) if at % 3]
print(len(to_train), "birds to learn from,", len(to_test), "to test with")

# %% [markdown] name="neuron"
# The neuron's score is `z = w1 · length + w2 · depth + bias`, and the probability of its answer is
# $1 / (1 + e^{-z})$. The loss is minus the logarithm of the probability of the right answer, as in lesson 0, which
# comes to $\log(1 + e^{-z})$ for a Chinstrap and $\log(1 + e^{z})$ for an Adelie.
#
# The code never says what kind of number it computes with. It only wants `+`, `*`, `exp`, `log` and `backward`.
# So it runs on the engine's tensors, and on your `Value`.


# %% name="fit"
def loss_of(weights, birds):
    w1, w2, bias = weights
    total = 0.0
    for length, depth, chinstrap in birds:
        z = w1 * length + w2 * depth + bias
        total = total + (1 + (-z if chinstrap else z).exp()).log()
    return total / len(birds)


def fit(number, steps=25, rate=2.0):
    """Weights after some steps of gradient descent. number makes one that remembers."""
    weights = [0.0, 0.0, 0.0]
    for _ in range(steps):
        leaves = [number(weight) for weight in weights]
        loss_of(leaves, to_train).backward()
        weights = [weight - rate * float(leaf.grad) for weight, leaf in zip(weights, leaves)]
    return weights


def percent_right(weights, birds):
    right = [(weights[0] * x + weights[1] * y + weights[2] > 0) == chinstrap for x, y, chinstrap in birds]
    return 100 * sum(right) / len(right)


# %% [markdown] name="one-bird"
# The graph of the loss for a single bird, before anything was learned. Its probability is 1/2, its loss log 2.
# Step through it once more: you could write every number in it by hand now.

# %% name="one-bird-graph"
w1, w2, bias = (torch.tensor(0.0, requires_grad=True) for _ in range(3))
one_loss = loss_of((w1, w2, bias), to_train[:1])
graph(one_loss)

# %% name="penguin-question" jupyter={"source_hidden": true}
predict(
    "The neuron has three numbers, and makes 25 steps. What percentage of the birds kept back does it name correctly?",
    answer=lambda: round(percent_right(fit(lambda w: torch.tensor(w, requires_grad=True)), to_test), 1),
    tolerance=3,
    unit="%",
    explain="Chinstraps have longer bills that are not deeper. A straight line between the two is nearly enough.",
)

# %% name="penguin-answer"
start = time.perf_counter()
engine_weights = fit(lambda w: torch.tensor(w, requires_grad=True))
seconds = time.perf_counter() - start
print("weights", [round(w, 3) for w in engine_weights], f"  in {seconds:.2f} s")
print(f"test accuracy: {percent_right(engine_weights, to_test):.1f} % (to beat: 93 %)")

# %% [markdown] name="own-engine"
# And now on your own engine, once `Value` has passed its check. A single number in plain Python is quick to
# make, so yours is the faster of the two here. With tensors it will be the other way round.

# %% name="own-engine-run"
try:
    start = time.perf_counter()
    own_weights = fit(Value)
    seconds = time.perf_counter() - start
    print("weights", [round(w, 3) for w in own_weights], f"  in {seconds:.2f} s")
    print(f"test accuracy on your engine: {percent_right(own_weights, to_test):.1f} %")
except (AttributeError, TypeError) as error:
    print("Not yet: finish Value, then run this cell again.", f"({error})")

# %% [markdown] name="same-in-pytorch"
# ## The same in PyTorch
#
# PyTorch's autograd is this engine, with tensors for numbers. Where yours says `inputs`, PyTorch says
# `tensor.grad_fn.next_functions`; both record while you compute, and both walk back in topological order.
# The real differences:
#
# - PyTorch keeps `.grad` only for **leaves**, the tensors you made yourself with `requires_grad=True`. For the
#   others say `retain_grad()`.
# - It **frees** what it remembered during `backward()`. A second walk over the same graph is an error, unless
#   you said `retain_graph=True`.
# - An operation keeps what it needs and computes its local derivative only on the way back; yours does it
#   at once, needed or not.
#
# Lesson 4 is about the first two.
#
# ## What to take with you
#
# - Every computation is made of small steps whose derivatives are known. Along a way they **multiply**, where
#   ways meet they **add up**.
# - An operation needs two things: its local derivative and the incoming gradient. It never sees the whole.
# - A node passes its gradient on when **all** contributions have arrived: go through a topological order from
#   its end.
# - One walk from the loss gives the derivative of every input, for the price of a few runs.
