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
# # Losses: right in the book, NaN in the machine
#
# A training runs well for an hour, and then the screen says `loss: nan`. The formula is the one from the book, the
# code is a faithful copy of it, and the data have not changed. **How can a correct formula give nonsense, and how
# does one write a loss that cannot?**
#
# On the way you will see what a loss really tells a network, choose the right one for three kinds of questions, and
# meet losses that never become NaN and are wrong all the same.

# %% name="setup"
import glasstorch as torch
from glasstorch import nn
from glasstorch.nn import functional as F
from glasstorch.vision.datasets import MNIST
from glasstorch_widgets import compare, exercise, graph, predict, tensor_view, watch

# %load_ext glasstorch_widgets

# %% [markdown] name="scores"
# ## 1 · From scores to a loss
#
# A classifier gives a score for each class, any number at all. These scores are called **logits**. Here is a small
# network for the digits, trained for six epochs, and its logits for twenty test pictures.

# %% name="train-network"
train_set, test_set = MNIST("../data", train=True), MNIST("../data", train=False)
train_x, train_y = train_set.data.flatten(1) / 255, train_set.targets
test_x, test_y = test_set.data.flatten(1) / 255, test_set.targets


def new_network():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 10))


def train(loss_fn, epochs=2, lr=0.3, x=train_x, y=train_y):
    model = new_network()
    torch.manual_seed(1)
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    for _ in range(epochs):
        for part in torch.randperm(len(x)).split(64):
            optimizer.zero_grad()
            loss = loss_fn(model(x[part]), y[part])
            loss.backward()
            optimizer.step()
    return model


def accuracy(model, x=test_x, y=test_y):
    with torch.no_grad():
        return 100 * (model(x).argmax(dim=1) == y).float().mean().item()


model = train(F.cross_entropy, epochs=6)
print(f"test accuracy: {accuracy(model):.1f} % (target: 95)")

# %% name="logits-view"
with torch.no_grad():
    logits = model(test_x[:20])
print("labels:", test_y[:20].tolist())
tensor_view(logits)

# %% [markdown] name="logits-tour"
# Each row is a picture, each column a digit. Walk to the darkest orange of a row with the arrow keys and compare its
# column with the label above. Some rows have one clear favourite, some have two. Logits have no natural zero: what
# counts are the differences within a row. **Softmax** turns a row into probabilities,
# $p_j = e^{z_j} / \sum_k e^{z_k}$:

# %% name="softmax-view"
probabilities = torch.softmax(logits, dim=1)
print("each row adds up to", probabilities.sum(dim=1)[:3])
tensor_view(probabilities)

# %% name="shift-question" jupyter={"source_hidden": true}
predict(
    "We add 5 to all ten logits of a picture. What happens to its probabilities?",
    ["they grow", "they shrink", "nothing"],
    answer=lambda: "nothing" if torch.allclose(torch.softmax(logits + 5, 1), probabilities) else "they grow",
    explain="Every e^z is multiplied by the same e^5, above and below the fraction line. Remember this: it will save "
    "the formula in section 4.",
)

# %% [markdown] name="cross-entropy"
# **Cross-entropy** looks only at the probability of the right class, and takes minus its logarithm:

# %% name="cross-entropy-by-hand"
right = probabilities[torch.arange(20), test_y[:20]]
print("by hand:      ", (-torch.log(right)).mean().item())
print("cross_entropy:", F.cross_entropy(logits, test_y[:20]).item())
print("as a module:  ", nn.CrossEntropyLoss()(logits, test_y[:20]).item())
for p in [1.0, 0.9, 0.5, 0.1, 0.001]:
    print(f"probability {p:5} of the right class: loss {torch.log(torch.tensor(p)).abs().item():.3f}")

# %% [markdown] name="gradient"
# What does this loss *tell* the network? Its gradient is as simple as can be: **probabilities minus truth**.

# %% name="gradient-question" jupyter={"source_hidden": true}
predict(
    "Three classes, probabilities 0.7, 0.2, 0.1, and the second class is the right one. What is the gradient of the "
    "loss at the second logit?",
    answer=-0.8,
    tolerance=0.01,
    explain="0.2 − 1 = −0.8: this score shall grow. The other two get 0.7 and 0.1: they shall shrink, the confident "
    "one the most. The three add up to 0.",
)

# %% name="gradient-answer"
z = torch.log(torch.tensor([[0.7, 0.2, 0.1]])).requires_grad_()
F.cross_entropy(z, torch.tensor([1])).backward()
print("gradient:", z.grad)

# %% [markdown] name="which-loss"
# ## 2 · Which loss for which question
#
# | question | network gives | loss | target |
# |---|---|---|---|
# | which one of ten? | 10 logits | `F.cross_entropy` | class numbers, integers |
# | yes or no? (also several at a time) | 1 logit each | `F.binary_cross_entropy_with_logits` | 0.0 or 1.0, same shape |
# | how much? | 1 number | `F.mse_loss` | numbers, same shape |
#
# A wrong choice raises no error. Here are two popular ones. The first measures the squared distance between
# probabilities and truth. The second puts a softmax at the end of the network, although `cross_entropy` has one
# inside.


# %% name="wrong-losses"
def squared_probabilities(outputs, labels):
    return F.mse_loss(torch.softmax(outputs, dim=1), F.one_hot(labels, 10).float())


def softmax_twice(outputs, labels):
    return F.cross_entropy(torch.softmax(outputs, dim=1), labels)


# %% name="twice-question" jupyter={"source_hidden": true}
predict(
    "Softmax twice: what is the smallest cross-entropy a network can reach when its outputs go through a softmax "
    "first? "
    "(Perfect probabilities: 1 for the right class, 0 for the nine others.)",
    answer=lambda: round(
        F.cross_entropy(F.one_hot(torch.tensor([3]), 10).float(), torch.tensor([3])).item(), 2
    ),
    tolerance=0.15,
    explain="1.46, not 0. Read as logits, 1 and 0 are a feeble difference: e¹ / (e¹ + 9) = 0.23. The loss looks stuck, "
    "and the gradients are small.",
)

# %% name="wrong-losses-compared"
for name, loss_fn in [
    ("cross_entropy", F.cross_entropy),
    ("softmax twice", softmax_twice),
    ("squared", squared_probabilities),
]:
    reached = accuracy(train(loss_fn, epochs=1, lr=0.1))
    print(f"{name:14} test accuracy after one epoch, small steps: {reached:.1f} %")

# %% [markdown] name="wrong-losses-note"
# Both learn, but far more slowly, because the softmax in front flattens the gradient: a network that is sure of a
# wrong class hardly hears about it. Keep softmax out of the network; it is needed only where somebody wants to read
# probabilities.
#
# The trap of `mse_loss` is another one: shapes.

# %% name="shape-trap"
import warnings

predicted, target = torch.tensor([[1.0], [2.0], [3.0]]), torch.tensor([1.0, 2.0, 3.0])
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    wrong = F.mse_loss(predicted, target)
print("shapes", tuple(predicted.shape), "and", tuple(target.shape), "  loss", wrong.item())
print("warning:", str(caught[0].message)[:96], "...")
print("with predicted.squeeze(1): loss", F.mse_loss(predicted.squeeze(1), target).item())

# %% [markdown] name="shape-trap-note"
# All three predictions are exact, and the loss is 1.33: (3, 1) and (3,) are broadcast to (3, 3), so every prediction
# is compared with every target (lesson 1). The network then learns the mean of all targets. Read that warning when
# you see it.
#
# ## 3 · The formula from the book
#
# Softmax and logarithm, as any book has them:


# %% name="book"
def by_the_book(logits, labels):
    exponentials = torch.exp(logits)
    p = exponentials / exponentials.sum(dim=1, keepdim=True)
    return -torch.log(p[torch.arange(len(labels)), labels]).mean()


print("book:  ", by_the_book(logits, test_y[:20]).item())
print("engine:", F.cross_entropy(logits, test_y[:20]).item())

# %% name="largest-question" jupyter={"source_hidden": true}
predict(
    "float32 reaches up to about 3 · 10³⁸. From which logit on (a whole number) is exp(logit) infinite?",
    answer=lambda: next(n for n in range(200) if torch.isinf(torch.exp(torch.tensor(float(n)))).item()),
    tolerance=3,
    explain="e⁸⁸ is 1.7 · 10³⁸, e⁸⁹ is too much. A network reaches a logit of 89 easily: with a learning rate that is "
    "too large, or with inputs that were not normalised.",
)

# %% name="book-breaks"
sure = torch.tensor([[100.0, 0.0, -3.0]], requires_grad=True)
right_class = torch.tensor([0])
print(
    "book:  ", by_the_book(sure, right_class).item(), "  engine:", F.cross_entropy(sure, right_class).item()
)
far_off = torch.tensor([[0.0, -120.0, 1.0]])
second_class = torch.tensor([1])
print(
    "book:  ",
    by_the_book(far_off, second_class).item(),
    "  engine:",
    F.cross_entropy(far_off, second_class).item(),
)

# %% [markdown] name="book-graph-note"
# The first picture is read *right*, with a huge lead, and its loss is NaN. In the second the right class has the
# probability $e^{-121}$, too small for float32; rounded to 0, its logarithm is minus infinity. Look where it begins:

# %% name="book-graph"
graph(by_the_book(sure, right_class))

# %% [markdown] name="book-graph-tour"
# The line above the picture says where it begins. Striped boxes hold NaN or infinity. Walk down from the top: `exp`
# is the first, with one infinite number. Dividing infinity by infinity makes NaN, and from there on everything is
# NaN: the loss, and going back, every gradient. Click `logits`, write 50 for the 100, and press Enter: all is well
# again.
#
# One such picture is enough. Its gradient goes into every weight, and a weight that is NaN never recovers:


# %% name="one-nan"
def one_bad_picture(loss_fn, view=None):
    """Sixty steps; in step 10 one of the 64 pictures comes a thousand times too bright."""
    net = new_network()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    view = watch(net, optimizer, every=2, title="One bad picture in step 10") if view else None
    torch.manual_seed(1)
    for step in range(60):
        part = torch.randint(0, len(train_x), (64,))
        batch = train_x[part]
        if step == 10:
            batch[0] *= 1000
        optimizer.zero_grad()
        loss_fn(net(batch), train_y[part]).backward()
        optimizer.step()
    if view:
        view.stop()
    return net


for name, loss_fn in [("by the book", by_the_book), ("cross_entropy", F.cross_entropy)]:
    net = one_bad_picture(loss_fn, view=loss_fn is by_the_book)
    lost = sum(p.isnan().sum().item() for p in net.parameters())
    print(f"{name:13} weights that are NaN: {lost:5}   test accuracy: {accuracy(net):.1f} %")

# %% [markdown] name="one-nan-note"
# The curve ends in step 10, and the table says of each layer that it is lost. (The `argmax` of ten NaNs is always the
# first class, so about one digit in ten is still "right".) With the engine's loss the same picture is a jolt, and the
# network recovers.
#
# ## 4 · Log-sum-exp
#
# Write the loss as a difference, and the fraction is gone:
#
# $$-\log \frac{e^{z_y}}{\sum_k e^{z_k}} = \log \sum_k e^{z_k} - z_y.$$
#
# The first term is called **log-sum-exp**. It can be computed safely because a shift of all logits only shifts it:
# take the largest logit $m$ out,
#
# $$\log \sum_k e^{z_k} = m + \log \sum_k e^{z_k - m}.$$
#
# Now every exponent is 0 or negative: nothing overflows. And one of the terms is $e^0 = 1$, so the logarithm never
# sees zero.

# %% name="lse-question" jupyter={"source_hidden": true}
predict(
    "What is log-sum-exp of the two numbers 1000 and 1000?",
    answer=lambda: round(torch.logsumexp(torch.tensor([1000.0, 1000.0]), dim=0).item(), 3),
    tolerance=0.05,
    explain="1000 + log(1 + 1) = 1000.693. It is a soft maximum: never below the largest number, and never more than "
    "log n above it.",
)


# %% name="stable"
def stable(logits, labels):
    largest = logits.max(dim=1, keepdim=True).values
    shifted = logits - largest
    log_sum = torch.log(torch.exp(shifted).sum(dim=1, keepdim=True))
    return (log_sum - shifted)[torch.arange(len(labels)), labels].mean()


print("sure:   ", stable(sure, right_class).item())
print("far off:", stable(far_off, second_class).item())

# %% name="compare-graphs"
compare(by_the_book(sure, right_class), stable(sure, right_class))

# %% [markdown] name="compare-note"
# First the book, beside or below it the stable form: the same function, and the first node at which they part is
# marked. This is what `F.cross_entropy` does inside. It takes **logits** for this reason alone: from probabilities
# that were already rounded to 0 or 1, nothing can be saved.

# %% [markdown] name="exercise-1"
# ## Exercise 1 · Cross-entropy, there and back (build)
#
# Write `cross_entropy(logits, labels)`, the mean over the rows, and its gradient
# `cross_entropy_backward(grad_output, logits, labels)`. `grad_output` is a single number, the gradient of the mean.
# Both must be right for logits of any size. You know the gradient in words: probabilities minus truth. What does the
# *mean* add?


# %% name="exercise-1-code"
# @exercise losses.cross-entropy
import glasstorch as torch


def cross_entropy(logits, labels):
    """The mean cross-entropy of logits (N, C) and class numbers (N,)."""
    # your formula


def cross_entropy_backward(grad_output, logits, labels):
    """The gradient of the logits, given the gradient of the mean, a single number."""
    # your formula


# @end

# %% name="exercise-1-try"
some = torch.randn(4, 3) * 50
which = torch.tensor([0, 2, 1, 1])
leaf = some.clone().requires_grad_()
F.cross_entropy(leaf, which).backward()
print("engine:", F.cross_entropy(some, which), "\n", leaf.grad)
print("yours: ", cross_entropy(some, which), "\n", cross_entropy_backward(torch.tensor(1.0), some, which))

# %% name="exercise-1-check"
exercise("losses.cross-entropy")

# %% [markdown] name="binary"
# ## 5 · Yes or no
#
# For a single yes or no the probability is `sigmoid(z)`, and the loss $-\log p$ or $-\log(1 - p)$. The engine has it
# in two forms: `binary_cross_entropy` wants probabilities, `binary_cross_entropy_with_logits` the logit itself.


# %% name="bce-question" jupyter={"source_hidden": true}
def gradient_after_sigmoid():
    z = torch.tensor([20.0], requires_grad=True)
    F.binary_cross_entropy(torch.sigmoid(z), torch.tensor([0.0])).backward()
    return "0" if z.grad.item() == 0 else "about 1" if abs(z.grad.item() - 1) < 0.1 else "about 20"


predict(
    "The logit is 20, the truth is no: the network is very sure, and wrong. With sigmoid first and then "
    "binary_cross_entropy, which gradient arrives at the logit?",
    ["about 20", "about 1", "0"],
    answer=gradient_after_sigmoid,
    explain="sigmoid(20) is rounded to exactly 1, and there its slope s · (1 − s) is 0. The network that needs the "
    "correction most gets none. (With logits it is p − y = 1.)",
)

# %% name="bce-compared"
for logit in [5.0, 20.0, 200.0]:
    no = torch.tensor([0.0])
    a, b = (torch.tensor([logit], requires_grad=True) for _ in range(2))
    first = F.binary_cross_entropy(torch.sigmoid(a), no)
    second = F.binary_cross_entropy_with_logits(b, no)
    first.backward()
    second.backward()
    print(
        f"logit {logit:3.0f}: sigmoid first: loss {first.item():6.2f}, gradient {a.grad.item():.3f};   "
        f"with logits: loss {second.item():6.2f}, gradient {b.grad.item():.3f}"
    )

# %% [markdown] name="bce-note"
# With sigmoid first the loss does not become infinite only because it is cut off at 100. The gradient cannot be cut off
# the same way: it is simply gone.
#
# ## 6 · NaN on the way back
#
# A loss can be finite and its gradient NaN. The distance between two points is the usual place:


# %% name="sqrt-question" jupyter={"source_hidden": true}
def gradient_of_zero_distance():
    x = torch.tensor([3.0, 4.0], requires_grad=True)
    torch.sqrt(((x - torch.tensor([3.0, 4.0])) ** 2).sum()).backward()
    return "NaN" if x.grad.isnan().any() else "0"


predict(
    "distance = sqrt(((x - target) ** 2).sum()), and x is exactly the target. The distance is 0. What is the gradient "
    "of x?",
    ["0", "1", "NaN"],
    answer=gradient_of_zero_distance,
    explain="The slope of the root at 0 is infinite, the slope of the square at 0 is 0, and infinity times 0 is NaN.",
)

# %% name="sqrt-graph"
x = torch.tensor([3.0, 4.0], requires_grad=True)
goal = torch.tensor([3.0, 4.0])
distance = torch.sqrt(((x - goal) ** 2).sum())
graph(distance)

# %% [markdown] name="where-trap"
# All values are fine; the stripes are in the gradients alone. Hiding the case with `torch.where` does not help, for
# gradients run through *both* branches, and 0 times infinity is still NaN. Add something small under the root, so
# that its slope is finite. (A mean over nothing, 0 divided by a count of 0, is NaN as well; `count.clamp(min=1)`
# keeps a count from being 0.)

# %% name="where-shown"
for name, root in [
    ("where", lambda s: torch.where(s > 0, torch.sqrt(s), torch.zeros_like(s))),
    ("sqrt(s + 1e-12)", lambda s: torch.sqrt(s + 1e-12)),
]:
    x = torch.tensor([3.0, 4.0], requires_grad=True)
    root(((x - goal) ** 2).sum()).backward()
    print(f"{name:16} gradient {x.grad.tolist()}")

# %% [markdown] name="anomaly-note"
# When you do not know where to look, let the engine look: with `set_detect_anomaly` every operation's backward is
# checked, and the first that gives NaN raises an error with its name. It costs time, so switch it on only for the
# search.

# %% name="anomaly"
x = torch.tensor([3.0, 4.0], requires_grad=True)
with torch.autograd.set_detect_anomaly(True), warnings.catch_warnings():
    warnings.simplefilter("ignore")  # the warning shows the line of the forward; here the error is enough
    try:
        torch.sqrt(((x - goal) ** 2).sum()).backward()
    except RuntimeError as error:
        print("RuntimeError:", error)

# %% [markdown] name="exercise-2"
# ## Exercise 2 · A loss that becomes NaN (use)
#
# This loss belongs to a network that looks for penguins in pictures: scores for what is in each of N windows (0 is
# "nothing"), and for windows with something in it, how far the predicted point is from the true one. It is right in
# most batches. Every now and then it is NaN, or its gradient is. There are three ways for that to happen. Find and
# mend them; where it was right it must stay as it was.


# %% name="exercise-2-code"
# @exercise losses.nan
import glasstorch as torch
from glasstorch.nn import functional as F


def detection_loss(scores, labels, points, targets):
    """Mean cross-entropy of the scores, plus the mean distance of the points where the label is not 0."""
    p = torch.exp(scores) / torch.exp(scores).sum(dim=1, keepdim=True)
    classes = -torch.log(p[torch.arange(len(labels)), labels]).mean()
    distance = torch.sqrt(((points - targets) ** 2).sum(dim=1))
    found = (labels != 0).float()
    return classes + (distance * found).sum() / found.sum()


# @end

# %% name="exercise-2-try"
scores = torch.tensor([[2.0, 1.0], [0.0, 95.0], [1.0, 0.0]], requires_grad=True)
points = torch.tensor([[1.0, 1.0], [2.0, 2.0], [0.0, 5.0]], requires_grad=True)
targets = torch.tensor([[1.0, 1.0], [2.0, 2.0], [0.0, 0.0]])
for found in [torch.tensor([0, 1, 1]), torch.tensor([0, 0, 0])]:
    scores.grad = points.grad = None
    loss = detection_loss(scores, found, points, targets)
    loss.backward()
    print(f"labels {found.tolist()}: loss {loss.item():.3f}, gradients finite:", end=" ")
    print(scores.grad.isfinite().all().item(), points.grad.isfinite().all().item())

# %% name="exercise-2-check"
exercise("losses.nan")

# %% [markdown] name="rare"
# ## 7 · When one class is rare
#
# A mean counts every example alike. So a class with few examples has little to say. We take nearly all eights out of
# the training pictures:

# %% name="rare-data"
keep = (train_y != 8) | (torch.arange(len(train_y)) % 60 == 0)
few_x, few_y = train_x[keep], train_y[keep]
is_eight = test_y == 8
print("eights to train with:", (few_y == 8).sum().item(), "of", len(few_y))


# %% name="rare-question" jupyter={"source_hidden": true}
def eights_right():
    plain = train(F.cross_entropy, epochs=1, lr=0.1, x=few_x, y=few_y)
    return round(accuracy(plain, test_x[is_eight], test_y[is_eight]), 1)


predict(
    "After an epoch with plain cross-entropy: what percentage of the eights in the test does the network get right?",
    answer=eights_right,
    tolerance=5,
    unit="%",
    explain="Never to say 8 costs it almost nothing: 16 examples of 10,899. Its overall accuracy looks quite decent "
    "all the same, which is why one looks at each class (lesson 13 has the matrix for it).",
)

# %% name="rare-weights"
counts = torch.bincount(few_y, minlength=10).float()
weight = counts.sum() / (10 * counts)  # an eight counts as much as its class lacks
print("weight of an eight:", round(weight[8].item(), 1), "  of a one:", round(weight[1].item(), 2))


def weighted(outputs, labels):
    return F.cross_entropy(outputs, labels, weight=weight)


for name, loss_fn in [("plain", F.cross_entropy), ("weighted", weighted)]:
    net = train(loss_fn, epochs=2, lr=0.1, x=few_x, y=few_y)
    eights = accuracy(net, test_x[is_eight], test_y[is_eight])
    others = accuracy(net, test_x[~is_eight], test_y[~is_eight])
    print(f"{name:9} eights right: {eights:.1f} %   others: {others:.1f} %")

# %% [markdown] name="rare-note"
# The others lose a little. That is the trade: the weights say what a mistake costs, and that is your decision, not the
# network's. (`mean` divides by the sum of the weights, so the size of the loss stays comparable.)
#
# **Label smoothing** is another change of what the loss asks for. Not "probability 1 for the right class", which no
# finite logit reaches, but, say, 0.91 for it and 0.01 for each other one. The network stops pushing its logits apart:


# %% name="smoothing"
def smoothed(outputs, labels):
    return F.cross_entropy(outputs, labels, label_smoothing=0.1)


for name, loss_fn in [("plain", F.cross_entropy), ("smoothed", smoothed)]:
    net = train(loss_fn)
    with torch.no_grad():
        outputs = net(test_x)
    sureness = torch.softmax(outputs, dim=1).max(dim=1).values.mean().item()
    print(
        f"{name:9} largest logit {outputs.max().item():5.1f}, mean probability of its answer {100 * sureness:.1f} %, "
        f"accuracy {accuracy(net):.1f} %"
    )

# %% [markdown] name="exercise-3"
# ## Exercise 3 · The rare class counts (use)
#
# Three clouds of points, two common and one rare. Train a network that gets **each** class right, the rare one too.
# What is scored is the accuracy of each class by itself, on points that your training never saw.


# %% name="exercise-3-code"
# @exercise losses.rare
import glasstorch as torch
from glasstorch import nn
from glasstorch.nn import functional as F


def train_fair(x, y):
    """A model for points x (N, 2) of classes y (0, 1 or 2), one of them rare."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 3))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    for _ in range(100):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
    return model


# @end

# %% name="exercise-3-check"
exercise("losses.rare")

# %% [markdown] name="same-in-pytorch"
# ## The same in PyTorch
#
# Every loss here has PyTorch's name and PyTorch's numbers, also the warning about shapes and the cut at 100. Each
# exists as a function (`F.cross_entropy`) and as a module (`nn.CrossEntropyLoss`), which keeps `weight` and
# `label_smoothing` and is otherwise the same.
#
# ## What to take with you
#
# - Cross-entropy's gradient at the logits is probabilities minus truth. Give it logits; a softmax before it does harm.
# - A formula can be right and its float32 steps not. Never give `exp` a large number or `log` a zero: shift by the
#   maximum, and take logits, not probabilities.
# - One NaN poisons every weight, for good. Look where it begins, not where it shows.
# - A finite loss may have a NaN gradient: a root at 0, a division by a count of 0.
# - Shapes of predictions and targets must be equal for `mse_loss`. Weights decide what a rare class is worth.
