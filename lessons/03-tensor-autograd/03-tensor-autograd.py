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
# # Autograd with tensors
#
# In lesson 2 an operation passed on *local derivative times incoming gradient*, and both were numbers. Now take
# the first layer of the digit reader, `x @ w`, with a batch of 64 pictures. Its local derivative says how each
# of its 64 · 256 results depends on each of its 784 · 256 weights. Written down, that table has 3.3 billion
# entries and takes 13 gigabytes. A training step goes back through this layer in about a thousandth of a
# second. **How can it multiply by a table that nobody writes down?**
#
# The answer makes tensor autograd simpler than one would think. At the end your own engine, on NumPy, reads
# digits.

# %% name="setup"
import time

import glasstorch as torch
import numpy as np
from glasstorch.vision.datasets import MNIST
from glasstorch_widgets import exercise, graph, images, loss_curve, predict, tensor_view

# %load_ext glasstorch_widgets

# %% [markdown] name="table"
# ## 1 · The table nobody writes down
#
# The table of all derivatives, results × inputs, is called the **Jacobian**. For small tensors we can afford
# it. Here is that of `x * x`, for four numbers:

# %% name="square-table"
x = torch.tensor([1.0, 2.0, 3.0, 4.0])
square_table = torch.autograd.functional.jacobian(lambda x: x * x, x)
print(square_table)

# %% [markdown] name="square-table-note"
# Row: which result. Column: which input. Each result depends on its own input alone, so all is 0 but the
# diagonal, where the 2x stand.
#
# Going back, a gradient arrives for every result, say `g = [1, 10, 100, 2]`. By the rule of lesson 2, an input
# gets the sum over all results: gradient of the result times derivative. That is the matrix product
# **`g @ table`**.

# %% name="square-vjp"
g = torch.tensor([1.0, 10.0, 100.0, 2.0])
print("g @ table:", g @ square_table)
print("g * 2 * x:", g * 2 * x)

# %% [markdown] name="vjp"
# The second line gives the same without any table. This is the whole trick:
#
# > No operation ever makes its Jacobian. It has a function that takes the incoming gradient and gives what the
# > **product** with the Jacobian would give.
#
# Such a function is called **VJP**, *vector-Jacobian product*. Every operation in PyTorch has one.

# %% name="jacobian-question" jupyter={"source_hidden": true}
predict(
    "The layer has 64 · 256 results and 784 · 256 weights. What percentage of the entries of its Jacobian is not "
    "zero? (A result depends only on the weights of its own column.)",
    answer=100 / 256,
    tolerance=0.05,
    unit="%",
    explain="One in 256, about 0.4 %: each result depends on 784 of the 200,704 weights. And the same 784 numbers of a "
    "picture stand there 256 times. The VJP needs the input, the incoming gradient, and one matrix product.",
)

# %% name="layer-cost"
batch, weights = torch.randn(64, 784), torch.randn(784, 256, requires_grad=True)
arriving = torch.randn(64, 256)
seconds = []
for _ in range(10):
    start = time.perf_counter()
    (batch @ weights).backward(arriving)
    seconds.append(time.perf_counter() - start)
print(f"forward and backward through the layer: {1000 * min(seconds):.2f} ms, and no table anywhere")

# %% [markdown] name="product-table"
# A small one can be looked at: `x` of shape (2, 3) times `w` of shape (3, 2). It has a row for each of the 4
# results and a column for each of the 6 weights.

# %% name="product-table-view"
small = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
product_table = torch.autograd.functional.jacobian(lambda w: small @ w, torch.ones(3, 2)).reshape(4, 6)
tensor_view(product_table)

# %% [markdown] name="product-table-note"
# Half of it is zero, and the rest holds the six numbers of `x` twice. There is nothing in it that `x` does not
# know.

# %% [markdown] name="shapes"
# ## 2 · Back into the old shape
#
# A rule that catches many mistakes: **a gradient has the shape of its tensor**. One number for each
# number that could be moved. So a VJP turns something of the result's shape into something of the input's
# shape, and for many operations this alone tells what it must do.
#
# | forward | its VJP |
# |---|---|
# | `reshape` to a new shape | `reshape` to the old one |
# | `x.T` | `.T` |
# | `exp(x)` | times `exp(x)` |
# | `relu(x)` | times `x > 0` |
# | `sum(dim)` | the gradient is handed to every element that was summed: **stretched** |
# | stretching (broadcasting) | **summed**: your `unbroadcast` of lesson 1 |
# | `x[index]` | zeros, and the gradient **added** at `index` |
#
# Sum and broadcasting are each other's way back. Look at a sum over the rows:

# %% name="sum-question" jupyter={"source_hidden": true}
predict(
    "x has shape (3, 4), and s = x.sum(dim=0) has shape (4,). On the way back s gets the gradient [1, 2, 3, 4]. "
    "What is x.grad[2, 1]?",
    answer=2,
    explain="If x[2, 1] grows by 1, s[1] grows by 1, and nothing else does. So every row of x.grad is [1, 2, 3, 4].",
)

# %% name="sum-answer"
x = torch.zeros(3, 4, requires_grad=True)
x.sum(dim=0).backward(torch.tensor([1.0, 2.0, 3.0, 4.0]))
print(x.grad)

# %% [markdown] name="index"
# An index picks elements. Those not picked get 0. And an element that is picked twice?

# %% name="index-question" jupyter={"source_hidden": true}
predict(
    "x = [5, 6, 7] and y = x[[0, 0, 2]], which is [5, 5, 7]. After y.sum().backward(), what is x.grad[0]?",
    answer=2,
    explain="x[0] went into y twice, so its contributions add up. A layer that looks up words (an embedding) is just "
    "this: a word that occurs ten times in a sentence gets ten contributions.",
)

# %% name="index-answer"
x = torch.tensor([5.0, 6.0, 7.0], requires_grad=True)
x[[0, 0, 2]].sum().backward()
print("x.grad:", x.grad)

# %% [markdown] name="index-trap"
# In NumPy this is a well-known trap. `grad[index] += g` reads, adds and writes **once** for each place, however
# often it occurs in the index. `np.add.at` really adds each time.

# %% name="index-trap-shown"
careless, careful = np.zeros(3), np.zeros(3)
careless[[0, 0, 2]] += np.ones(3)
np.add.at(careful, [0, 0, 2], np.ones(3))
print("grad[index] += 1:", careless, "  np.add.at:", careful)

# %% [markdown] name="matmul"
# ## 3 · The matrix product
#
# It is the heart of every network. Let `y = x @ w`, with shapes (n, k) @ (k, m) = (n, m), and let `g` of shape
# (n, m) arrive. The weight `w[j, q]` goes into `y[i, q]` for every row i, each time multiplied by `x[i, j]`. So
# its gradient is the sum over i of `x[i, j] * g[i, q]`. A sum over a shared index is a matrix product again.
# Which one?

# %% name="matmul-question" jupyter={"source_hidden": true}
predict(
    "x is (n, k), w is (k, m), and g is (n, m). What is the gradient of w? (It must have the shape of w.)",
    ["g @ w.T", "x.T @ g", "g @ x.T", "w.T @ g"],
    answer="x.T @ g",
    explain="(k, n) @ (n, m) is (k, m). When n, k and m differ, it is the only product of x and g that has the right "
    "shape. In the same way the gradient of x is g @ w.T.",
)

# %% name="matmul-graph"
x = torch.tensor([[1.0, 2.0, 0.0], [0.0, -1.0, 3.0]], requires_grad=True)
w = torch.tensor([[1.0, -1.0], [0.5, 2.0], [2.0, 0.0]], requires_grad=True)
y = x @ w
total = (y * torch.tensor([[1.0, 10.0], [100.0, 1000.0]])).sum()
graph(total)

# %% [markdown] name="matmul-tour"
# 1. Click `y`. Under *Backward: what each input receives* stand both formulas, and one element worked out with
#    the numbers of this very graph.
# 2. Click `w`. Its gradient has the shape of `w`, (3, 2). Check one element by hand: `w[0, 1]` meets 1 and 0 in
#    the first column of `x`, and the gradients 10 and 1000.
# 3. Edit one number of `x`. The gradient of `w` changes in one row. Why that one?

# %% name="matmul-check"
g = torch.tensor([[1.0, 10.0], [100.0, 1000.0]])
total.backward()
print("x.T @ g is w.grad:", torch.equal(x.detach().T @ g, w.grad))
print("g @ w.T is x.grad:", torch.equal(g @ w.detach().T, x.grad))

# %% [markdown] name="exercise-1"
# ## Exercise 1 · Three VJPs (build)
#
# Write them on NumPy arrays, for your engine. Each gets the incoming gradient first, then what the forward got.
# `dim` of the sum is `None` (everything) or one dimension; with `keepdim=True` the sum has kept it as a 1. You
# may take for granted that matrices have two dimensions.

# %% name="exercise-1-code"
# @exercise tensor.vjps
import numpy as np


def matmul_vjp(grad_out, a, b):
    """The gradients of a and of b, for a @ b."""


def sum_vjp(grad_out, x, dim=None, keepdim=False):
    """The gradient of x, for x.sum(dim, keepdim)."""


def index_vjp(grad_out, x, index):
    """The gradient of x, for x[index]."""


# @end

# %% name="exercise-1-try"
a, b = np.array([[1.0, 2.0, 0.0], [0.0, -1.0, 3.0]]), np.array([[1.0, -1.0], [0.5, 2.0], [2.0, 0.0]])
print("matmul:", matmul_vjp(np.array([[1.0, 2.0], [3.0, 4.0]]), a, b))
print("sum:   ", sum_vjp(np.array([1.0, 2.0, 3.0, 4.0]), np.zeros((3, 4)), dim=0))
print("index: ", index_vjp(np.ones(3), np.array([5.0, 6.0, 7.0]), [0, 0, 2]))

# %% name="exercise-1-check"
exercise("tensor.vjps")

# %% [markdown] name="sharing"
# ## 4 · Adding up, with arrays
#
# A tensor that is used twice gets two gradients of its own shape, and they add up. In a graph each **edge**
# carries one contribution. Here one matrix serves two layers (*tied weights*, as in many language models):

# %% name="tied"
torch.manual_seed(1)
inputs = torch.randn(4, 3)
tied = torch.randn(3, 3, requires_grad=True)
hidden = torch.relu(inputs @ tied)
tied_loss = (hidden @ tied).pow(2).mean()
graph(tied_loss)

# %% [markdown] name="tied-tour"
# Click `tied`: two contributions, one from each product, and their sum. An engine that kept only one of them
# would run without any error and train with a wrong gradient. Such a mistake is found by comparing, not by
# looking at the loss.
#
# With arrays there is a new trap. `a + b` passes the same gradient on to both. If both get **the same array**,
# and one of them collects a second contribution with `+=`, then …

# %% name="alias-question" jupyter={"source_hidden": true}
predict(
    "g = np.ones(3); grads = {'a': g, 'b': g}; then a second contribution arrives for a: grads['a'] += 5. What is in "
    "grads['b'] now?",
    answer=6,
    explain="+= writes in place, and both names hold the same array: b got a's gradient too. Either copy the array, or "
    "write grads['a'] = grads['a'] + 5, which makes a new one.",
)

# %% name="alias"
g = np.ones(3)
grads = {"a": g, "b": g}
grads["a"] += 5
print("b's gradient:", grads["b"])

# %% [markdown] name="not-a-number"
# ## 5 · When the result is no single number
#
# `backward()` starts with the gradient 1 at the loss. If the result has several elements, there is no such
# natural beginning.

# %% name="vector-question" jupyter={"source_hidden": true}
predict(
    "x is a tensor of 3 numbers that requires gradients. What happens at (x * x).backward()?",
    ["x.grad is 2 * x", "x.grad is a table of shape (3, 3)", "an error"],
    answer="an error",
    explain="The derivative of three results would be a table. Autograd computes products of a vector with it, so you "
    "have to say which vector: a weight for each result.",
)

# %% name="vector"
x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
try:
    (x * x).backward()
except RuntimeError as error:
    print("RuntimeError:", error)
(x * x).backward(torch.tensor([1.0, 1.0, 1.0]))  # the same as (x * x).sum().backward()
print("weights 1, 1, 1:", x.grad)
x.grad = None
(x * x).backward(torch.tensor([0.0, 1.0, 0.0]))  # one row of the table: how x[1]² depends on everything
print("weights 0, 1, 0:", x.grad)

# %% [markdown] name="vector-note"
# One walk gives one row of the Jacobian. A loss is a single number, so **one row is all there is**: that is why
# training goes backward. For a function with one input and a million results, going forward would be the
# cheaper way.

# %% [markdown] name="exercise-2"
# ## Exercise 2 · Find the broken gradients (use)
#
# Somebody has written the backward pass of a two-layer network by hand. It runs, and all shapes fit. But **four
# lines** are wrong. Use autograd to find them: the cell below compares. A good way is to begin at the loss and
# go back, line by line.

# %% name="exercise-2-code"
# @exercise tensor.broken-gradients
import glasstorch as torch


def loss_and_gradients(x, target, w1, b1, w2):
    """The loss of a two-layer network, and the gradients of w1, b1 and w2."""
    before = x @ w1 + b1
    hidden = torch.relu(before)
    out = hidden @ w2
    difference = out - target
    loss = (difference * difference).mean()

    grad_out = 2 * difference
    grad_w2 = before.T @ grad_out
    grad_hidden = grad_out @ w2.T
    grad_before = grad_hidden * (grad_hidden > 0).float()
    grad_w1 = x.T @ grad_before
    grad_b1 = grad_before[0]
    return {"loss": loss, "w1": grad_w1, "b1": grad_b1, "w2": grad_w2}


# @end

# %% name="exercise-2-try"
torch.manual_seed(0)
shapes = {"w1": (4, 6), "b1": (6,), "w2": (6, 2)}
leaves = {name: torch.randn(*shape).requires_grad_() for name, shape in shapes.items()}
samples, wanted = torch.randn(5, 4), torch.randn(5, 2)
found = loss_and_gradients(samples, wanted, *(leaf.detach() for leaf in leaves.values()))
loss_and_gradients(samples, wanted, **leaves)["loss"].backward()
for name, leaf in leaves.items():
    off = (found[name] - leaf.grad).abs().max().item()
    print(f"{name}: largest difference from autograd {off:.4f}", "" if off > 1e-4 else "  right")

# %% name="exercise-2-check"
exercise("tensor.broken-gradients")

# %% [markdown] name="engine"
# ## 6 · Your tensor engine
#
# Now put it together. `Tensor` is the `Value` of lesson 2 with two changes: `data` is an array, and in place of
# numbers `local` there is a function **`vjp`**, from the gradient of the result to a tuple with the gradients
# of the inputs. Three decisions make it short:
#
# - Broadcasting is undone in **one** place. `backward` calls `unbroadcast` on everything that a VJP returns, so
#   the VJP of `a * b` is simply `(g * b, g * a)`.
# - Only **leaves** that require gradients keep them in `.grad`, as in PyTorch. What arrives in between lives in
#   a dictionary during the walk.
# - Contributions are added as `old + new`, never with `+=` into an array that somebody else may hold. And each
#   leaf gets a `.grad` of its own.

# %% [markdown] name="exercise-3"
# ## Exercise 3 · `Tensor` (build)
#
# `unbroadcast` and `topological` are yours, from lessons 1 and 2; sums and products by now as well. Addition is
# there as a model. This is the longest exercise of the first part of the course, about fifty lines, and each
# check tells you how far you are.

# %% name="exercise-3-code"
# @exercise tensor.engine
import numpy as np


def unbroadcast(grad, shape):
    """Lesson 1: sum over the dimensions that were added or stretched."""
    while grad.ndim > len(shape):
        grad = grad.sum(axis=0)
    for axis, size in enumerate(shape):
        if size == 1:
            grad = grad.sum(axis=axis, keepdims=True)
    return grad


def topological(result):
    """Lesson 2: all tensors that result depends on, each after its inputs."""
    order, seen, to_do = [], set(), [(result, False)]
    while to_do:
        node, ready = to_do.pop()
        if ready:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            to_do.append((node, True))
            to_do.extend((one, False) for one in node.inputs)
    return order


class Tensor:
    """An array that remembers how it was computed."""

    __array_ufunc__ = None  # so that NumPy leaves `array * tensor` to __rmul__

    def __init__(self, data, requires_grad=False, inputs=(), vjp=None):
        data = np.asarray(data)
        self.data = data if data.dtype.kind == "f" else data.astype(np.float32)
        self.requires_grad = requires_grad or any(one.requires_grad for one in inputs)
        self.grad = None
        self.inputs = inputs
        self.vjp = vjp  # from the gradient of this tensor to a tuple with those of its inputs

    @property
    def shape(self):
        return self.data.shape

    def lift(self, other):
        """Numbers and arrays as tensors that require no gradient."""
        return other if isinstance(other, Tensor) else Tensor(np.asarray(other, dtype=self.data.dtype))

    def __add__(self, other):
        other = self.lift(other)
        return Tensor(self.data + other.data, inputs=(self, other), vjp=lambda g: (g, g))

    def __mul__(self, other):
        other = self.lift(other)
        # yours

    def __pow__(self, power):
        """power is a plain number."""

    def __matmul__(self, other):
        """The matrix product."""

    def exp(self):
        """e to the power of each element."""

    def log(self):
        """The natural logarithm of each element."""

    def relu(self):
        """0 where negative."""

    def sum(self, dim=None, keepdim=False):
        """The sum of everything, or over one dimension."""

    def reshape(self, *shape):
        """The same elements in another shape."""

    def __getitem__(self, index):
        """The elements at index, which is anything that NumPy takes."""

    def backward(self, grad=None):
        """Add to .grad of every leaf that requires it. Without grad: of a single number, else RuntimeError."""

    # What follows from the above.
    def mean(self, dim=None, keepdim=False):
        total = self.sum(dim, keepdim)
        return total * (total.data.size / self.data.size)

    def __neg__(self):
        return self * -1.0

    def __sub__(self, other):
        return self + -self.lift(other)

    def __truediv__(self, other):
        return self * self.lift(other) ** -1.0

    def __radd__(self, other):
        return self + other

    def __rmul__(self, other):
        return self * other

    def __rsub__(self, other):
        return -self + other

    def __rtruediv__(self, other):
        return self**-1.0 * other

    def __repr__(self):
        return f"Tensor({self.data})"


# @end

# %% name="exercise-3-try"
try:
    p = Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    q = Tensor([10.0, 1.0], requires_grad=True)
    ((p @ p + q).relu().log() * p[0]).sum().backward()
    print("yours: ", p.grad.ravel().round(3), q.grad.round(3))
except (AttributeError, TypeError) as error:
    print("not yet:", error)
p = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
q = torch.tensor([10.0, 1.0], requires_grad=True)
((p @ p + q).relu().log() * p[0]).sum().backward()
print("engine:", p.grad.numpy().ravel().round(3), q.grad.numpy().round(3))

# %% name="exercise-3-check"
exercise("tensor.engine")

# %% [markdown] name="digits"
# ## 7 · It reads digits
#
# The network of lesson 0 once more, a little smaller and without `nn`: two matrices, two biases, and
# cross-entropy written out. As with the penguins, the code does not say whose tensors it computes with.
# `make(array, learns)` makes one.

# %% name="digits-code"
train, test = MNIST("../data", train=True), MNIST("../data", train=False)
train_x, test_x = (part.data.numpy().reshape(-1, 784).astype(np.float32) / 255 for part in (train, test))
train_y, test_y = train.targets.numpy(), test.targets.numpy()
one_hot = np.eye(10, dtype=np.float32)[train_y]


def scores_of(x, parameters):
    w1, b1, w2, b2 = parameters
    return (x @ w1 + b1).relu() @ w2 + b2


def cross_entropy(scores, right):
    """right has a 1 in the column of the right digit, 0 elsewhere."""
    log_of_sum = scores.exp().sum(1, keepdim=True).log()
    return ((log_of_sum - scores) * right).sum(1).mean()


def fresh_parameters(make):
    rng = np.random.default_rng(0)
    w1, w2 = rng.normal(0, 0.05, (784, 64)), rng.normal(0, 0.15, (64, 10))
    arrays = [w1, np.zeros(64), w2, np.zeros(10)]
    return [make(array.astype(np.float32), True) for array in arrays]


def train_network(make, epochs=5, rate=0.5, curve=None):
    parameters, rng = fresh_parameters(make), np.random.default_rng(1)
    for _ in range(epochs):
        for rows in rng.permutation(len(train_x)).reshape(-1, 100):
            loss = cross_entropy(
                scores_of(make(train_x[rows], False), parameters), make(one_hot[rows], False)
            )
            loss.backward()
            for parameter in parameters:
                parameter.data -= rate * parameter.grad
                parameter.grad = None
            if curve is not None:
                curve.add(loss=float(loss.data))
    return parameters


def percent_right(make, parameters):
    answers = np.asarray(scores_of(make(test_x, False), parameters).data).argmax(1)
    return 100 * (answers == test_y).mean()


def engine_tensor(array, learns):
    return torch.tensor(array, requires_grad=learns)


# %% name="digits-question" jupyter={"source_hidden": true}
predict(
    "64 hidden units, 5 epochs, plain gradient descent. What percentage of the test digits does it read?",
    answer=lambda: round(percent_right(engine_tensor, train_network(engine_tensor)), 1),
    tolerance=1.5,
    unit="%",
    explain="No optimizer, no layers, no library of losses. All the learning is in the gradients.",
)

# %% name="digits-engine"
curve = loss_curve("Two matrices learn to read")
trained = train_network(engine_tensor, curve=curve)
print(f"test accuracy: {percent_right(engine_tensor, trained):.2f} % (to beat: 94 %)")

# %% [markdown] name="digits-look"
# Each hidden unit has a weight for every pixel. Here is what the training has changed in the weights of the
# first sixteen units, drawn as pictures: bright where ink now speaks for the unit, dark where ink speaks
# against it. The sixth stayed grey. Its gate opens for hardly any picture, so hardly any gradient came through
# (lesson 7 is about this).

# %% name="digits-weights"
changed = trained[0].data - fresh_parameters(engine_tensor)[0].data
into_sixth = train_x @ np.asarray(trained[0].data)[:, 5] + float(trained[1].data[5])
print(f"the sixth unit opens for {100 * (into_sixth > 0).mean():.1f} % of the training pictures")
images(changed.T[:16].reshape(16, 28, 28))

# %% [markdown] name="digits-own"
# And on your own engine. When `Tensor` has passed its check, this cell trains the same network without the
# framework, from the first gradient to the last. The numbers should agree to the last digit or two.
#
# What has passed is kept: in any later notebook, `from glasstorch_widgets import mine` and
# `mine("tensor.engine")` bring your class back.


# %% name="digits-own-run"
def own_tensor(array, learns):
    return Tensor(array, requires_grad=learns)


try:
    own = train_network(own_tensor)
    print(f"test accuracy on your engine: {percent_right(own_tensor, own):.2f} %")
except (AttributeError, TypeError) as error:
    print("Not yet: finish Tensor, then run this cell again.", f"({error})")

# %% [markdown] name="same-in-pytorch"
# ## The same in PyTorch
#
# PyTorch's VJPs are listed in one file, `derivatives.yaml`; yours would look familiar there. For `mm` it says,
# in other letters, `g @ w.T` and `x.T @ g`. The differences to your engine:
#
# - PyTorch saves only what the VJP needs: for `relu` the result, for `exp` the result, for `matmul` both
#   inputs. Your lambdas keep everything they mention alive, which comes to much the same.
# - It skips VJPs of inputs that require no gradient. Yours computes the gradient of the pictures for nothing.
# - Its VJPs are made of tensor operations themselves, so that gradients can be differentiated again
#   (`create_graph=True`). Yours end in arrays.
#
# ## What to take with you
#
# - The Jacobian is never made. Each operation has a **VJP**: incoming gradient in, gradient of the input out.
# - A gradient has the shape of its tensor. For `x @ w` this alone leads to `g @ w.T` and `x.T @ g`.
# - Sum and broadcasting are each other's way back; an index gives back by **adding** at the index.
# - Contributions add up, in new arrays. Never `+=` into a gradient that somebody else holds.
# - `backward()` wants a single number, or a weight for each result.
