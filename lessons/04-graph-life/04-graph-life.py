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
# # The life of a graph
#
# Two evaluation loops compute the same number. One runs for weeks. The other needs a little more memory at every
# step, until the machine has none left. **They differ by seven characters. Which ones, and why?**
#
# To answer that you have to know when a graph is born, what keeps it alive, what it remembers, and when it dies.
# The same knowledge explains most of the error messages that autograd has.

# %% name="setup"
import glasstorch as torch
from glasstorch import nn
from glasstorch_widgets import exercise, graph, loss_curve, predict

# %load_ext glasstorch_widgets


# %% name="attempt"
def attempt(code):
    """Run a function; print its result, or the first sentence of its error."""
    try:
        print(code())
    except RuntimeError as error:
        print("RuntimeError:", str(error).split(". ")[0])


# %% [markdown] name="leaves"
# ## 1 · Leaves, and what grows from them
#
# A graph begins at its **leaves**: tensors that no recorded operation has made. Everything computed from a leaf
# that wants a gradient wants one too, and remembers the operation that made it in `grad_fn`.

# %% name="leaf-and-result"
a = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
h = a * 2
loss = (h * h).sum()
for name, tensor in {"a": a, "h": h, "loss": loss}.items():
    print(f"{name:5} leaf: {tensor.is_leaf!s:6} grad_fn: {type(tensor.grad_fn).__name__}")

# %% [markdown] name="leaves-only"
# `backward()` leaves gradients **in leaves only**. A result in the middle has one too, for a moment; it is passed
# on and thrown away, to save memory. Say `retain_grad()` beforehand if you want to keep it.

# %% name="retain-grad"
h.retain_grad()
loss.backward()
print("a.grad", a.grad.tolist(), "  h.grad", h.grad.tolist())

# %% [markdown] name="leaf-trap"
# This has a trap. Someone wants small random weights and writes:

# %% name="scaled-weights"
torch.manual_seed(0)
weights = torch.randn(3, requires_grad=True) * 0.01
(weights * torch.tensor([1.0, 2.0, 3.0])).sum().backward()

# %% name="scaled-weights-question" jupyter={"source_hidden": true}
predict(
    "weights was made by torch.randn(3, requires_grad=True) * 0.01. What is weights.grad after the "
    "backward pass?",
    ["tensor([1., 2., 3.])", "tensor([0.01, 0.02, 0.03])", "None", "an error"],
    answer="None",
    explain="The leaf is what randn returned, and nobody has a name for it any more. weights is the result of a "
    "multiplication. An optimizer would refuse it; a loop of your own would find None.",
)

# %% name="scaled-weights-answer"
print("weights.grad:", weights.grad, "  leaf:", weights.is_leaf)  # the warning says why
right = (torch.randn(3) * 0.01).requires_grad_()  # scale first, then ask for gradients
print("right: leaf:", right.is_leaf, "  requires_grad:", right.requires_grad)

# %% [markdown] name="once"
# ## 2 · A graph is used once
#
# To go backward, some operations need numbers from the way forward: the derivative of $x \cdot y$ needs $x$ and
# $y$, that of $e^x$ needs the result. The graph **saves** them. `backward()` frees each of them as soon as it has
# been used. What is left is a skeleton.

# %% name="square"
x = torch.tensor(3.0, requires_grad=True)
square = x * x
square.backward()
print("first time:", x.grad.item())

# %% name="second-time"
attempt(lambda: square.backward())

# %% name="sum-twice"
x = torch.tensor(3.0, requires_grad=True)
double = x + x

# %% name="sum-twice-question" jupyter={"source_hidden": true}
predict(
    "Now double = x + x, and double.backward() is called twice. What happens?",
    ["the same error", "it works, and x.grad is 2.0", "it works, and x.grad is 4.0"],
    answer="it works, and x.grad is 4.0",
    explain="The derivative of a sum needs no numbers, so nothing was saved, and nothing is missing the second "
    "time. Gradients add up: 2 + 2. The rule is not 'backward runs once' but 'saved numbers are used once'.",
)

# %% name="sum-twice-answer"
double.backward()
double.backward()
print("x.grad", x.grad.item())

# %% [markdown] name="two-losses"
# People meet this error where two losses share a part of the graph. The first `backward()` frees what the second
# one needs:

# %% name="shared-trunk"
x = torch.tensor([0.5, -1.0, 2.0], requires_grad=True)


def two_losses():
    trunk = torch.tanh(x)
    return trunk.sum(), (trunk * trunk).sum()


first, second = two_losses()
first.backward()
attempt(lambda: second.backward())

# %% [markdown] name="retain"
# Two ways out. `retain_graph=True` keeps the saved numbers for another time. Adding the losses up and going back
# once is simpler, cheaper, and gives the same gradient, because gradients add up anyway:

# %% name="retain-graph"
x.grad = None
first, second = two_losses()
first.backward(retain_graph=True)  # walks through tanh
second.backward()  # walks through tanh again
in_two = x.grad

x.grad = None
first, second = two_losses()
(first + second).backward()  # walks through tanh once
print("two walks", in_two)
print("one walk ", x.grad)

# %% [markdown] name="retain-warning"
# When the error appears in a training loop, `retain_graph=True` is nearly always the wrong cure. It means that
# something of the **last** step is still used in this one: a hidden state, a running average. Then the graph
# grows with every step, and so does the time that each step takes. The cure is in the next section.

# %% [markdown] name="detach"
# ## 3 · detach: the same numbers, without a past
#
# `t.detach()` is a new tensor with the same memory and no history. For autograd it is a constant.

# %% name="detach-example"
u = torch.tensor(3.0, requires_grad=True)
frozen = (u * u).detach()
out = frozen * u

# %% name="detach-question" jupyter={"source_hidden": true}
predict(
    "out = (u * u).detach() * u with u = 3. In numbers that is u³ = 27. What gradient does u get?",
    answer=lambda: torch.autograd.grad(out, u, retain_graph=True)[0],
    explain="Not 3u² = 27. Along the detached path nothing flows; the factor 9 counts as a constant. What is left "
    "is the derivative of 9 · u.",
)

# %% name="detach-graph"
kept = u * u
whole = kept * u
graph(whole, out)

# %% [markdown] name="detach-tour"
# The two results hold the same number, 27. Find them in the picture: `whole` is joined to `u` by every path, `out`
# by a single one. Its other input, 9, has no edge that leads upward. Click `u` and look at its gradient: it is the
# sum of what the two results send back, 27 from `whole` and 9 from `out`.
#
# That is the cure for the loop of the last section: `state = state.detach()` between the steps keeps the value and
# lets the past go. Networks that read sequences need it. Here is the loop without it, and with it:


# %% name="state-loop"
def three_steps(between):
    w, state = torch.tensor([0.5, -1.0], requires_grad=True), torch.zeros(2)
    for _ in range(3):
        state = torch.tanh(state + w)
        state.sum().backward()
        state = between(state)
    return "three steps done"


attempt(lambda: three_steps(lambda state: state))
attempt(lambda: three_steps(lambda state: state.detach()))

# %% name="shares-memory"
source = torch.tensor([1.0, 2.0], requires_grad=True)
view = source.detach()
view[0] = 100.0  # no copy was made!
print(source)

# %% [markdown] name="shares-memory-note"
# `detach()` shares its memory. Where you want numbers of your own, say `detach().clone()`; where you want a Python
# number, `item()`.

# %% [markdown] name="no-grad"
# ## 4 · no_grad: no graph at all
#
# `detach` cuts a graph that exists. Inside `torch.no_grad()` none is made. Evaluation needs none, and neither does
# the update of a parameter: changing a leaf is not part of the computation.

# %% name="update-error"
w = torch.tensor([1.0, 2.0], requires_grad=True)


def update():
    w.sub_(0.1)


attempt(update)
with torch.no_grad():
    w.sub_(0.1)
print("w", w.detach(), " still a leaf:", w.is_leaf)

# %% name="born-inside-question" jupyter={"source_hidden": true}
predict(
    "Inside no_grad() someone makes p = torch.ones(2, requires_grad=True) and q = p * 2. Which of "
    "the two wants a gradient?",
    ["both", "only p", "only q", "neither"],
    answer="only p",
    explain="no_grad stops recording operations. It does not change what you ask for yourself: p is a leaf and "
    "says so. q is the result of an operation that nobody recorded.",
)

# %% name="born-inside"
with torch.no_grad():
    p = torch.ones(2, requires_grad=True)
    q = p * 2
print("p:", p.requires_grad, "  q:", q.requires_grad)

# %% [markdown] name="inference-mode"
# `torch.inference_mode()` goes further: its results carry no version counter (section 5) and may never enter a
# graph again. So it tells you when you mix up evaluation and training:

# %% name="inference-tensor"
with torch.inference_mode():
    answer = w * 2
attempt(lambda: (answer * w).sum())

# %% [markdown] name="eval-note"
# Both can be written above a function as `@torch.no_grad()`. Neither of them is `model.eval()`, which changes what
# layers such as dropout do and has nothing to do with graphs. Evaluating wants both. Lesson 11 shows what happens
# without.

# %% [markdown] name="versions"
# ## 5 · Writing over what was saved
#
# The graph saves no copies: it remembers the tensor itself. What if you change that tensor before `backward()`?
# Then the derivative would be computed with wrong numbers. So each piece of memory has a **version counter**; every
# in-place operation adds one. The graph notes the version when it saves, and compares when it goes back.

# %% name="counter"
t = torch.zeros(3)
print("new:", t._version)
t.add_(1)
t[0] = 5.0
print("after add_ and t[0] = 5:", t._version)
t[1:].mul_(2)  # a view: the same memory, the same counter
print("after writing into a view:", t._version)

# %% name="exp-question" jupyter={"source_hidden": true}
predict(
    "y = x.exp() or y = x + 2, and then y += 1, and then y.sum().backward(). In which case is "
    "there an error?",
    ["both", "only exp", "only x + 2", "neither"],
    answer="only exp",
    explain="exp saves its own result, because the derivative of eˣ is eˣ, and += writes over it. x + 2 saves "
    "nothing, so there is nothing to spoil. In-place is not forbidden; writing over saved numbers is.",
)


# %% name="exp-answer"
def then_add(operation):
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = operation(x)
    y += 1
    y.sum().backward()
    return x.grad


attempt(lambda: then_add(torch.exp))
attempt(lambda: then_add(lambda x: x + 2))

# %% [markdown] name="version-message"
# Read the message like this: *output 0 of Exp* is the tensor that was overwritten, *version 1, expected 0* says
# that it was written once since. The cure is small: `y = y + 1` makes a new tensor and leaves the old one
# alone.
#
# There is a way around the counter, and old code uses it: `.data`. It is `detach()` without the counter.

# %% name="data-trap"
x = torch.tensor([1.0, 2.0], requires_grad=True)
loss = (x * x).sum()  # saves x; the gradient is 2x = [2, 4]

# %% name="data-question" jupyter={"source_hidden": true}
predict(
    "The graph has saved x = [1, 2]. Now x.data.add_(10) and then loss.backward(). What is in x.grad?",
    ["[2, 4]", "[22, 24]", "an error"],
    answer="[22, 24]",
    explain="No error, and a wrong gradient: it belongs to numbers that the loss was not computed from. With "
    "x.detach().add_(10) the counter counts, and backward() refuses.",
)

# %% name="data-answer"
x.data.add_(10)
loss.backward()
print("with .data:    ", x.grad.tolist(), " version", x._version)

x = torch.tensor([1.0, 2.0], requires_grad=True)
loss = (x * x).sum()
x.detach().add_(10)
print("with .detach(): version", x._version)
attempt(lambda: loss.backward())

# %% [markdown] name="exercise-1"
# ## Exercise 1 · Six graphs (use)
#
# Six short pieces of code, A to F. What happens in each? Decide **before** you run anything: the grader takes
# written-out answers only.
#
# ```python
# # A
# w = torch.ones(2, requires_grad=True)
# w = w - 0.1
# (3 * w).sum().backward()              # what is w.grad?
#
# # B
# x = torch.tensor(2.0, requires_grad=True)
# y = x * x
# y.backward(retain_graph=True)
# y.backward()                          # what is x.grad?
#
# # C
# x = torch.tensor(2.0, requires_grad=True)
# y = x * x.detach() + x.detach() ** 2
# y.backward()                          # what is x.grad?
#
# # D
# x = torch.tensor([1.0, 2.0], requires_grad=True)
# y = torch.sigmoid(x)
# y *= 2
# y.sum().backward()                    # does it work?
#
# # E
# x = torch.tensor(1.0, requires_grad=True)
# with torch.no_grad():
#     y = x * 5
# z = y + x
# z.backward()                          # what is x.grad?
#
# # F
# x = torch.tensor([1.0, 2.0], requires_grad=True)
# h = x * 3
# h += 1
# (h * h).sum().backward()              # what is the second number of x.grad?
# ```

# %% name="exercise-1-code"
# @exercise graph-life.six-graphs
answers = {
    "A": None,  # "None", "[1, 1]" or "[3, 3]"
    "B": None,  # a number
    "C": None,  # a number
    "D": None,  # "works" or "error"
    "E": None,  # a number
    "F": None,  # a number
}

# @end

# %% name="exercise-1-check"
exercise("graph-life.six-graphs")

# %% [markdown] name="memory"
# ## 6 · Who keeps a graph alive?
#
# Nobody but you. A graph hangs on its result: it lives as long as a tensor that came out of it, and dies with the
# last one. So a loss in a list is a graph in a list. How much memory is that? PyTorch lets us watch what graphs
# save: everything they save goes through a function of ours, and we count what is alive.

# %% name="held"
from collections import Counter


class Held:
    """What a graph has saved. As many bytes are alive as the memory that any of them stands for."""

    memory = Counter()  # (where, how many bytes) -> how often it is saved

    def __init__(self, tensor):
        self.tensor = tensor.detach()
        self.key = (tensor.untyped_storage().data_ptr(), tensor.nbytes)
        Held.memory[self.key] += 1

    def __del__(self):
        Held.memory[self.key] -= 1

    @staticmethod
    def megabytes():
        return sum(size for (_, size), users in Held.memory.items() if users > 0) / 1e6


# %% name="mean-loss"
from glasstorch.vision.datasets import MNIST

test = MNIST("../data", train=False)
pictures, labels = test.data / 255, test.targets
torch.manual_seed(0)
model = nn.Sequential(nn.Flatten(), nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 10))
loss_fn = nn.CrossEntropyLoss()


def mean_loss(collect, training=False):
    """The mean loss over 40 batches of 50 pictures, and the memory that graphs hold after each of them."""
    Held.memory.clear()
    losses, held = [], []
    with torch.autograd.graph.saved_tensors_hooks(Held, lambda saved: saved.tensor):
        for start in range(0, 2000, 50):
            part = slice(start, start + 50)
            loss = loss_fn(model(pictures[part]), labels[part])
            if training:
                loss.backward()
            losses.append(collect(loss))
            held.append(Held.megabytes())
    with torch.no_grad():
        return float(sum(losses) / len(losses)), held


# %% name="memory-question" jupyter={"source_hidden": true}
predict(
    "One loop does losses.append(loss), the other losses.append(loss.item()). The loss is one "
    "number, 4 bytes. After 40 "
    "batches, how many times as much memory do the graphs of the first loop hold?",
    ["the same", "about 2 times", "more than 5 times", "more than 1000 times"],
    answer=lambda: (
        "more than 5 times"
        if mean_loss(lambda loss: loss)[1][-1] > 5 * mean_loss(lambda loss: loss.item())[1][-1]
        else "about 2 times"
    ),
    explain="Each loss holds its graph, and each graph its batch, its hidden values and its probabilities. Nothing "
    "is ever freed. With item() only the newest graph is alive (and in any case the weights, once).",
)

# %% name="memory-curve"
keeps_losses, keeps_numbers = mean_loss(lambda loss: loss), mean_loss(lambda loss: loss.item())
curve = loss_curve("Megabytes that graphs hold, batch by batch")
for kept, number in zip(keeps_losses[1], keeps_numbers[1]):
    curve.add(loss_kept_MB=kept, item_kept_MB=number)
print(f"mean loss {keeps_losses[0]:.4f} and {keeps_numbers[0]:.4f}")
print(f"held at the end: {keeps_losses[1][-1]:.2f} MB and {keeps_numbers[1][-1]:.2f} MB")

# %% [markdown] name="seven-characters"
# The same mean; one line is flat and one climbs for ever. The seven characters are `.item()` (or `.detach()`, if the
# number shall stay a tensor). `total_loss += loss` does the same damage: the sum becomes one large graph of
# all batches.
#
# With `no_grad()` around the loop, the question does not even come up: no graph, nothing to hold.

# %% name="memory-training-question" jupyter={"source_hidden": true}
predict(
    "And in training, where loss.backward() runs before losses.append(loss)? Is the memory for the "
    "saved numbers "
    "held then too?",
    ["yes, it climbs in the same way", "no, almost nothing is held"],
    answer="no, almost nothing is held",
    explain="backward() has freed the saved numbers (section 2). What stays is the skeleton: small, but one for "
    "each step. That is why this bug often hides in training and shows itself in evaluation.",
)

# %% name="memory-training"
in_training = mean_loss(lambda loss: loss, training=True)
with torch.no_grad():
    without_graph = mean_loss(lambda loss: loss)
print(f"after backward(): {in_training[1][-1]:.2f} MB held")
print(f"with no_grad():   {without_graph[1][-1]:.2f} MB held")
model.zero_grad()

# %% [markdown] name="exercise-2"
# ## Exercise 2 · The evaluation that never lets go (use)
#
# This function builds graphs, keeps them, leaves gradients behind, and hands a tensor with a history to its caller:
# it does wrong all that you have learned today, and its mean is slightly off too. Mend it. It must return the mean
# loss (over pictures, not batches) as a `float` and leave the model as it was.

# %% name="exercise-2-code"
# @exercise graph-life.leaky-evaluation
import glasstorch as torch


def evaluate(model, loss_fn, batches):
    """The mean loss per picture over batches of (pictures, labels), as a float."""
    total, count = 0, 0
    for pictures, labels in batches:
        loss = loss_fn(model(pictures), labels)
        loss.backward(retain_graph=True)  # somebody had an error here
        total = total + loss
        count = count + 1
    return total / count


# @end

# %% name="exercise-2-try"
batches = [(pictures[:50], labels[:50]), (pictures[50:60], labels[50:60])]
result = evaluate(model, loss_fn, batches)
print("yours:", result)
print("should be:", loss_fn(model(pictures[:60]), labels[:60]).item())
model.zero_grad()

# %% name="exercise-2-check"
exercise("graph-life.leaky-evaluation")

# %% [markdown] name="exercise-3"
# ## Exercise 3 · A version counter (build)
#
# Now build the watchman of section 5 for your own engine. An `Array` wraps a NumPy array. Its views share its
# counter. `Saved(array)` notes the version, and `unpack()` refuses if the memory was written since.

# %% name="exercise-3-code"
# @exercise graph-life.version-counter
import numpy as np


class Array:
    """A NumPy array that counts how often its memory was written."""

    def __init__(self, data):
        self.data = np.asarray(data, dtype=np.float64)
        # a counter that views can share

    def version(self):
        """How many in-place operations have written into this memory."""

    def add_(self, number):
        """Add a number to every element, in place. Returns self."""

    def view(self, index):
        """An Array of self.data[index] (a slice): same memory, same counter."""

    def copy(self):
        """An Array with memory of its own, and a counter that starts at 0."""


class Saved:
    """What a graph keeps of an Array until the backward pass."""

    def __init__(self, array):
        pass  # no copy: the Array itself, and its version now

    def unpack(self):
        """The NumPy array; a RuntimeError if it was written since it was saved."""


# @end

# %% name="exercise-3-try"
mine = Array([1.0, 2.0, 3.0])
part = mine.view(slice(1, None))
if part is not None:
    saved = Saved(mine)
    part.add_(10)
    print("versions", mine.version(), part.version(), "  data", mine.data)
    attempt(lambda: saved.unpack())

# %% name="exercise-3-check"
exercise("graph-life.version-counter")

# %% [markdown] name="exercise-4"
# ## Exercise 4 · no_grad (build)
#
# In your engine, an operation records itself only if `is_grad_enabled()` says so. Build the switch: a class `no_grad`
# that works as `with no_grad():` and as `@no_grad()` above a function. Blocks can stand inside each other, and
# exceptions fly through them.

# %% name="exercise-4-code"
# @exercise graph-life.no-grad
_enabled = True


def is_grad_enabled():
    """Whether operations are recorded at the moment."""
    return _enabled


class no_grad:
    """Nothing is recorded inside; afterwards all is as it was before."""

    def __enter__(self):
        pass

    def __exit__(self, kind, error, trace):
        pass

    def __call__(self, function):
        """Make a function that runs inside this block, and returns what `function` returns."""
        return function


# @end

# %% name="exercise-4-try"
with no_grad():
    with no_grad():
        pass
    print("after the inner block:", is_grad_enabled(), " (should be False)")
print("after the outer block:", is_grad_enabled(), " (should be True)")

# %% name="exercise-4-check"
exercise("graph-life.no-grad")

# %% [markdown] name="same-in-pytorch"
# ## The same in PyTorch
#
# Everything on this page behaves so in PyTorch, down to the messages: leaves, freed buffers, version counters,
# `saved_tensors_hooks`. Three remarks:
#
# - On a GPU the memory of kept graphs is what `torch.cuda.memory_allocated()` shows climbing. *CUDA out of memory*
#   after many equal steps is nearly always a kept graph, not a batch that is too large.
# - Which operation saves what is an implementation detail. It decides which in-place writes are allowed, so do not
#   rely on it: the error tells you.
# - While the recorder of these lessons is on, values stay for the pictures. Without `%load_ext`, memory behaves as in
#   PyTorch.
#
# ## What to take with you
#
# - Gradients stay in leaves. What an operation has made is no leaf, not even `randn(3, requires_grad=True) * 0.01`.
# - `backward()` frees the saved numbers. Add losses up instead of retaining graphs.
# - `detach()` cuts one path and shares memory; `no_grad()` records nothing; `inference_mode()` forbids the way back.
# - The version counter notices writing over saved numbers. `.data` goes around it: never use it.
# - A tensor keeps its whole past. Keep numbers: `loss.item()`.
