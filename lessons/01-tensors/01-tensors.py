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
# # Tensors: one line of numbers
#
# Twelve thousand pictures, 9.4 million numbers, are turned on their side in about ten microseconds. Copying
# the same numbers takes hundreds of times as long. **So what was turned, if no number moved?**
#
# The answer is short, and it explains most of what surprises people about tensors: why some operations cost
# nothing, why changing one tensor can change another, why `view` sometimes refuses, and how two thousand pictures
# are compared with twelve thousand others without a loop. That last one reads handwriting, as you will see.

# %% name="setup"
import time

import glasstorch as torch
import numpy as np
from glasstorch.vision.datasets import MNIST
from glasstorch_widgets import broadcast, exercise, images, predict, tensor_view

# %load_ext glasstorch_widgets

train, test = MNIST("../data", train=True), MNIST("../data", train=False)

# %% [markdown] name="line"
# ## 1 · One line of numbers
#
# Memory has no rows and columns. It is one long line of places, and a tensor is such a line with a note on how to
# read it. The note says three things:
#
# - the **shape**: how many elements there are along each dimension,
# - the **stride**: how many places to go on in the line for the next element along each dimension,
# - the **offset**: the place where the first element lies.

# %% name="table"
table = torch.arange(12).reshape(3, 4)
print(table)
print("shape", tuple(table.shape), "  stride", table.stride(), "  offset", table.storage_offset())

# %% [markdown] name="stride-meaning"
# The stride is `(4, 1)`: one row down is 4 places on, one column to the right is 1 place on.

# %% name="place-question" jupyter={"source_hidden": true}
predict(
    "The places are counted from 0. In which place of the line does table[2, 1] lie?",
    answer=lambda: table.storage_offset() + 2 * table.stride(0) + 1 * table.stride(1),
    explain="offset + 2 · 4 + 1 · 1 = 9. An element's place is the offset plus, for each dimension, index times "
    "stride.",
)

# %% name="table-view"
tensor_view(table)

# %% [markdown] name="table-tour"
# Above is the table, and below it the line that it is read from.
#
# 1. Click an element and walk with the **arrow keys**. Its place lights up in the line. Going right moves you by 1,
#    going down by 4. The arithmetic is written beside the table.
# 2. Choose **dim 1** for the rows. The picture turns, the line stays as it is.
# 3. Type 50 into **New value** and press Enter. You have changed the tensor itself. (Then put the old value back.)
#
# Choosing the other dimension for the rows is all that turning takes. `.T` does the same thing to the note:

# %% name="turned-question" jupyter={"source_hidden": true}
predict(
    "table has shape (3, 4) and stride (4, 1). Its transpose table.T has shape (4, 3). What is its stride?",
    ["(4, 1)", "(3, 1)", "(1, 4)", "(1, 3)"],
    answer=lambda: str(tuple(table.T.stride())),
    explain="The numbers stay where they are. What was one row down is now one column to the right, so the two "
    "strides change places.",
)

# %% name="turned"
turned = table.T
print("shape", tuple(turned.shape), "  stride", turned.stride())
print("the same memory:", turned.data_ptr() == table.data_ptr())

# %% name="turned-view"
tensor_view(turned)

# %% [markdown] name="turn-pictures"
# Walk down the first column: 0, 1, 2, 3 are neighbours in the line. Walk to the right: steps of 4.
#
# Now the twelve thousand pictures. `permute` names the dimensions in their new order:

# %% name="turn-pictures-timed"
pictures = train.data  # 12,000 pictures of 28 × 28 pixels
sideways = pictures.permute(0, 2, 1)


def millionths_of_a_second(work, times):
    """How long the work takes, the fastest of several times."""
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return 1e6 * min(seconds)


turning = millionths_of_a_second(lambda: pictures.permute(0, 2, 1), times=50)
copying = millionths_of_a_second(lambda: sideways.contiguous(), times=3)  # really moves the numbers
print(f"{pictures.numel():,} numbers, in millionths of a second: turned {turning:.1f}, copied {copying:,.0f}")
print(f"copying takes {copying / turning:.0f} times as long")
print("stride before", pictures.stride(), "  after", sideways.stride())
images(sideways[:10])

# %% [markdown] name="line-answer"
# Nothing was moved. Two numbers in a note changed places. A tensor that reads another tensor's line is called a
# **view** of it.

# %% [markdown] name="views"
# ## 2 · Views share, copies do not
#
# Slices are views too. A step makes the stride larger, a start makes the offset larger:

# %% name="slice"
part = table[1:, ::2]
print(part)
print("shape", tuple(part.shape), "  stride", part.stride(), "  offset", part.storage_offset())

# %% [markdown] name="views-share"
# There is one line and several tensors read it. So who writes into one of them writes into all.

# %% name="shared-question" jupyter={"source_hidden": true}
predict(
    "grid holds the numbers 0 to 11, and its sum is 66. The two lines `row = grid[1]` and `row *= 0` follow. What "
    "is grid.sum() now?",
    [66, 44, 0],
    answer=44,
    explain="row is a view of the second row, and *= writes in place: the 4, 5, 6 and 7 in grid are 0 now. "
    "`row = row * 0` would have made a new tensor and left grid alone.",
)

# %% name="shared"
grid = torch.arange(12).reshape(3, 4)
row = grid[1]
row *= 0
print(grid)
print("sum", grid.sum().item())

# %% [markdown] name="which-copies"
# So it matters what is a view and what is a copy.
#
# | A view: shares memory | A copy: memory of its own |
# |---|---|
# | slices `x[1:]`, `x[:, ::2]`, one index `x[0]` | a list or mask as index: `x[[0, 2]]`, `x[x > 3]` |
# | `x.T`, `permute`, `transpose`, `unsqueeze`, `squeeze`, `expand` | arithmetic: `x + 1`, `x * y` |
# | `view`, and `reshape` where it can | `clone()`, `contiguous()` where it must, `reshape` where it must |
# | `torch.from_numpy(a)`, `detach()` | `torch.tensor(a)` |
#
# Operations whose name ends in an underscore (`add_`, `zero_`), and `+=`, `*=`, write in place.

# %% name="copies"
x = torch.arange(12).reshape(3, 4)
picked = x[[0, 2]]  # rows 0 and 2: no stride reaches any list of rows, so they are copied
picked.zero_()
print("x[0] after emptying the copy:", x[0].tolist())

kept = x[0].clone()  # when you want to keep the old values, say so
x[0] += 100
print("kept:", kept.tolist(), "  x[0]:", x[0].tolist())

array = np.zeros(3)
shared, own = torch.from_numpy(array), torch.tensor(array)
array[0] = 7
print("from_numpy:", shared.tolist(), "  tensor:", own.tolist())

# %% [markdown] name="exercise-1"
# ## Exercise 1 · Read a line by strides (build)
#
# Write what a tensor does when it is read. `contiguous_strides(shape)` returns the strides of a fresh tensor, whose
# last dimension runs fastest: `(4, 1)` for `(3, 4)`. `strided(line, shape, stride, offset)` returns the tensor that
# has this shape and reads the elements of the one-dimensional tensor `line` at these strides. (Yours may copy
# them.) The engine's own `as_strided` is left out.
#
# Hint for the second: compute the **place** of every element first. A tensor of places can be used as an index.

# %% name="exercise-1-code"
# @exercise tensors.strided
import glasstorch as torch


def contiguous_strides(shape):
    """The strides of a fresh tensor of this shape, as a tuple."""
    # from the last dimension to the first


def strided(line, shape, stride, offset=0):
    """The tensor of this shape that reads line, each dimension with its stride, beginning at offset."""
    # the place of every element, then line[places]


# @end

# %% [markdown] name="exercise-1-try"
# The engine's answer, and yours. The last one has stride 0: it reads the same places again and again. Section 4 will
# need that.

# %% name="exercise-1-compare"
line = torch.arange(12) * 10
print("strides of (2, 3, 5): engine", torch.zeros(2, 3, 5).stride(), "  yours", contiguous_strides((2, 3, 5)))
for shape, stride, offset in [
    ((3, 4), (4, 1), 0),
    ((4, 3), (1, 4), 0),
    ((2, 2), (4, 2), 5),
    ((2, 3), (0, 1), 4),
]:
    print(f"\nshape {shape}, stride {stride}, offset {offset}")
    print("engine:", line.as_strided(shape, stride, offset).tolist())
    yours = strided(line, shape, stride, offset)
    print("yours: ", None if yours is None else yours.tolist())

# %% name="exercise-1-check"
exercise("tensors.strided")

# %% [markdown] name="shapes"
# ## 3 · Other shapes
#
# `reshape` keeps the order of the elements and arranges them anew. One size may be `-1`: it is worked out from the
# others. `unsqueeze` adds a dimension of size 1, `squeeze` takes one away. `cat` joins tensors along a dimension
# they have, `stack` along a new one.

# %% name="shape-tools"
x = torch.zeros(2, 3, 4)
print("reshape(6, -1)  ", tuple(x.reshape(6, -1).shape))
print("unsqueeze(1)    ", tuple(x.unsqueeze(1).shape), "  the same as x[:, None]")
print("squeeze(1)      ", tuple(x.unsqueeze(1).squeeze(1).shape))
print("cat, dim=0      ", tuple(torch.cat([x, x], dim=0).shape))
print("stack, dim=0    ", tuple(torch.stack([x, x], dim=0).shape))
print("permute(2, 0, 1)", tuple(x.permute(2, 0, 1).shape))

# %% [markdown] name="reshape-or-turn"
# `table.reshape(4, 3)` and `table.T` have the same shape. Are they the same?

# %% name="reshape-question" jupyter={"source_hidden": true}
predict(
    "table holds 0, 1, 2, 3 in its first row and 4, 5, 6, 7 in its second. table.T[0, 1] is 4. What is "
    "table.reshape(4, 3)[0, 1]?",
    answer=lambda: table.reshape(4, 3)[0, 1],
    explain="reshape deals the elements out in their old order: 0, 1, 2 make the first row. Only a transpose "
    "changes which element is whose neighbour.",
)

# %% [markdown] name="saved-last"
# With pictures you see the difference. Some programs save a batch with the number of the picture in the **last**
# dimension. Eight digits then have shape (28, 28, 8). We need (8, 28, 28).

# %% name="saved-last-example"
saved = train.data[:8].permute(1, 2, 0).contiguous()
print("saved as", tuple(saved.shape))
images(saved.reshape(8, 28, 28), captions=["reshape"] * 8)

# %% name="saved-last-right"
images(saved.permute(2, 0, 1), captions=["permute"] * 8)

# %% [markdown] name="saved-last-note"
# Both have the right shape, and no error tells them apart. A network that gets the first kind is trained on scrambled
# pictures. Remember: **`reshape` never swaps dimensions.**
#
# `view` is `reshape` with a promise: it never copies. Where no strides can read the line in the new shape, it
# refuses.

# %% name="view-refuses"
try:
    table.T.view(12)
except RuntimeError as error:
    print("RuntimeError:", error)

# %% [markdown] name="reshape-copies"
# `reshape` would have copied instead. That is handy, and it has a trap: whether you hold a view or a copy then
# depends on the strides.

# %% name="reshape-trap"
x = torch.arange(12).reshape(3, 4)
x.reshape(12)[0] = 99  # a view: arrives in x
print("after writing into x.reshape(12):  ", x[0].tolist())
x.T.reshape(12)[1] = 77  # a copy: lost
print("after writing into x.T.reshape(12):", x[1].tolist())

# %% [markdown] name="contiguous"
# A tensor whose elements lie in the line in reading order, without gaps, is called **contiguous**.
# `x.is_contiguous()` tells, and `x.contiguous()` copies if it must. When you rely on shared memory write `view`, when
# you rely on a copy write `clone()`, and otherwise `reshape` will do.

# %% [markdown] name="broadcasting"
# ## 4 · Broadcasting is stride 0
#
# Lesson 0 showed the rule: compare the shapes **from the right**; a missing dimension counts as 1; a 1 is stretched to
# fit; any other difference is an error.

# %% name="heights"
weights = torch.tensor([[2.0, 1.0, 4.0, 3.0], [0.0, 5.0, 1.0, 2.0], [3.0, 3.0, 2.0, 1.0]])
prices = torch.tensor([1.0, 2.0, 3.0, 10.0])  # one for each of the 4 columns
broadcast(weights, prices, op="*")

# %% [markdown] name="broadcast-tour"
# Walk through the result with the arrow keys. The elements that it comes from light up. The dashed cells are ghosts:
# they are drawn, but they do not exist. Now each **row** has a discount of its own:

# %% name="clash-question" jupyter={"source_hidden": true}
predict(
    "weights has shape (3, 4) and discount has shape (3,), one number for each row. What is the shape of "
    "weights * discount?",
    ["(3, 4)", "(4, 3)", "(3,)", "an error"],
    answer="an error",
    explain="From the right, 3 meets 4, and neither is 1. Broadcasting never guesses which dimension you mean.",
)

# %% name="clash"
discount = torch.tensor([1.0, 0.5, 0.1])
broadcast(weights, discount, op="*")

# %% [markdown] name="clash-remedy"
# The view names the clash and what would help: make it a column, `discount.unsqueeze(1)` or `discount[:, None]`.

# %% name="clash-mended"
print(weights * discount[:, None])

# %% [markdown] name="stride-zero"
# How are ghosts read without being there? `expand` shows the trick: along a stretched dimension the **stride is 0**.
# One step on is no step at all.

# %% name="expand"
many = prices.expand(1_000_000, 4)
print("shape", tuple(many.shape), "  stride", many.stride())
print("elements:", f"{many.numel():,}", "  bytes in memory:", many.untyped_storage().nbytes())

# %% [markdown] name="expand-note"
# Four million elements in 16 bytes. But only reading is free: `many + 1` is a new tensor with four million numbers of
# its own. Section 7 comes to feel it.

# %% [markdown] name="silent"
# ## 5 · When it fits, and is wrong
#
# An error is the lucky case. Here is the unlucky one, which nearly everybody meets. A network gives one number for each
# of 4 examples, in a column, shape (4, 1). The targets are a plain row, shape (4,).

# %% name="perfect-setup"
predictions = torch.tensor([[1.0], [2.0], [3.0], [4.0]])
targets = torch.tensor([1.0, 2.0, 3.0, 4.0])

# %% name="perfect-question" jupyter={"source_hidden": true}
predict(
    "The predictions, of shape (4, 1), are 1, 2, 3, 4. The targets, of shape (4,), are also 1, 2, 3, 4: every "
    "prediction is right. What does ((predictions - targets) ** 2).mean() give?",
    answer=lambda: ((predictions - targets) ** 2).mean(),
    explain="(4, 1) and (4,) meet in (4, 4): every prediction is compared with every target. The mean over those "
    "16 differences is 2.5, and training would chase it in vain.",
)

# %% name="perfect"
print("loss of perfect predictions:", ((predictions - targets) ** 2).mean().item())
broadcast(predictions, targets, op="-")

# %% [markdown] name="perfect-note"
# The right answers stand on the diagonal; all the rest should not be there. Squeeze the column,
# `predictions.squeeze(1) - targets`, and it is 0.
#
# The second one hides in **square** tables. `mean(dim=1)` of a (3, 3) table gives 3 means, one for each row, but as a
# plain row they are matched with the *columns*. `keepdim=True` keeps them standing as a column.

# %% name="keepdim"
scores = torch.tensor([[1.0, 2.0, 3.0], [10.0, 20.0, 30.0], [5.0, 5.0, 5.0]])
careless = scores - scores.mean(dim=1)
careful = scores - scores.mean(dim=1, keepdim=True)
print("shapes of the means:", tuple(scores.mean(dim=1).shape), tuple(scores.mean(dim=1, keepdim=True).shape))
print("means of the rows afterwards, without keepdim:", careless.mean(dim=1).tolist())
print("means of the rows afterwards, with keepdim:   ", careful.mean(dim=1).tolist())

# %% [markdown] name="silent-rule"
# A square table is the worst one to test with: everything fits everything. **Test with sizes that all
# differ**, and write the shape you expect into the code: `assert difference.shape == targets.shape`.

# %% [markdown] name="exercise-2"
# ## Exercise 2 · The loss that cannot become zero (use)
#
# This loss is broken as above. Mend it, so that predictions of shape (n, 1) or (n,) are compared with targets of shape
# (n,) one by one. And if there are not as many predictions as targets, it must fail with an error instead of
# returning some number.

# %% name="exercise-2-code"
# @exercise tensors.loss-shapes
import glasstorch as torch


def mean_squared_error(predictions, targets):
    """The mean of the squared differences, prediction by prediction."""
    difference = predictions - targets
    return (difference * difference).mean()


# @end

# %% name="exercise-2-try"
print("should be 0:   ", mean_squared_error(predictions, targets).item())
print("should be 0.25:", mean_squared_error(predictions + 0.5, targets).item())

# %% name="exercise-2-check"
exercise("tensors.loss-shapes")

# %% [markdown] name="way-back"
# ## 6 · What was stretched is summed
#
# Gradients have to find their way back through broadcasting. Here a bias of shape (3,) is added to each of 5 rows.

# %% name="bias-question" jupyter={"source_hidden": true}
predict(
    "rows has shape (5, 3) and bias has shape (3,). After (rows + bias).sum().backward(), what is each element of "
    "bias.grad?",
    answer=5,
    explain="If bias[0] grows by 1, five elements of the sum grow by 1. The gradient that arrives has shape (5, 3); "
    "it is summed over the rows.",
)

# %% name="bias"
rows = torch.zeros(5, 3)
bias = torch.zeros(3, requires_grad=True)
(rows + bias).sum().backward()
print("bias.grad:", bias.grad)

# %% [markdown] name="way-back-rule"
# It is the rule of lesson 0 again: a number that is used several times collects a sum. A ghost is a number used once
# more. So **backward, every stretched dimension is summed**, and the gradient has the shape of its tensor.

# %% [markdown] name="exercise-3"
# ## Exercise 3 · `unbroadcast` (build)
#
# This is the first piece of your own engine, which grows through the course. Its tensors will be made on NumPy
# arrays (lesson 3), so this works on arrays. A gradient arrives in the shape of the *result*; give back the
# gradient for an input that had `shape` before it was stretched. Two things may have happened to it: dimensions were
# **added on the left**, and dimensions of **size 1 were stretched**.
#
# `array.ndim` is the number of dimensions (tensors have it too), `array.sum(axis=0)` sums over dimension 0, and
# `keepdims=True` keeps it as a 1.


# %% name="exercise-3-code"
# @exercise tensors.unbroadcast
def unbroadcast(grad, shape):
    """The gradient of an input of this shape, from the gradient of what it was broadcast to."""
    # sum over the dimensions that were added, then over those that were stretched


# @end

# %% name="exercise-3-try"
arriving = np.arange(12.0).reshape(3, 4)
for shape in [(4,), (3, 1), (1, 4), (), (3, 4)]:
    yours = unbroadcast(arriving, shape)
    print(f"{shape!s:8}", None if yours is None else yours.tolist())

# %% name="exercise-3-check"
exercise("tensors.unbroadcast")

# %% [markdown] name="no-loops"
# ## 7 · No loops: reading digits without learning
#
# Here is the simplest reader there is. For a picture it has never seen, find the most similar picture among those whose
# label is known, and answer with that label. Nothing is trained. It only needs the distance of each of 2,000 test
# pictures to each of 12,000 others: 24 million distances, and each of them is a sum over 784 pixels.
#
# A trap first. Pixels are stored as `uint8`, whole numbers from 0 to 255. Arithmetic stays in that type and starts
# again at 0 where it overflows, without a word:

# %% name="uint8"
bright, light = torch.tensor([200], dtype=torch.uint8), torch.tensor([100], dtype=torch.uint8)
print("200 + 100 =", (bright + light).item(), "  100 - 200 =", (light - bright).item())
print("as float: ", (bright.float() + light.float()).item(), "  ", (light.float() - bright.float()).item())

known = train.data.reshape(12000, 784).float() / 255
unseen = test.data.reshape(2000, 784).float() / 255

# %% [markdown] name="direct-way"
# The direct way is broadcasting: `unseen[:, None] - known[None]` has shape (2000, 12000, 784). Square it, sum over the
# last dimension, done.

# %% name="memory-question" jupyter={"source_hidden": true}
predict(
    "How many gigabytes (10⁹ bytes) would those differences take? Each float32 has 4 bytes.",
    answer=lambda: 2000 * 12000 * 784 * 4 / 1e9,
    tolerance=10,
    unit="GB",
    explain="2,000 · 12,000 · 784 · 4 bytes is about 75 GB. Ghosts are free, results are not: this is how a program "
    "runs out of memory in one short line.",
)

# %% [markdown] name="better-way"
# Open the square instead: $\|a - b\|^2 = \|a\|^2 - 2\,a \cdot b + \|b\|^2$. The middle term for all pairs is a single
# **matrix product**, `a @ b.T`, which computers do extremely well. (`*` multiplies element by element; `@` is the
# matrix product.) A column of squares and a row of squares are broadcast around it:


# %% name="nearest"
def squared_distances(a, b):
    """Of every row of a to every row of b, shape (len(a), len(b))."""
    return (a * a).sum(dim=1, keepdim=True) - 2 * (a @ b.T) + (b * b).sum(dim=1)


def labels_of_nearest():
    """For each unseen picture the index of the nearest known one, and its label."""
    nearest = squared_distances(unseen, known).argmin(dim=1)
    return nearest, train.targets[nearest]


# %% name="nearest-question" jupyter={"source_hidden": true}
predict(
    "What percentage of the 2,000 test digits is read correctly by the label of the nearest known picture?",
    answer=lambda: round(100 * (labels_of_nearest()[1] == test.targets).float().mean().item(), 1),
    tolerance=3,
    unit="%",
    explain="Far better than most people expect of a reader that learns nothing. Any network has to be compared "
    "with it.",
)

# %% name="read-digits"
nearest, answers = labels_of_nearest()
print(f"distances: 2000 × 12000, {2000 * 12000 * 4 / 1e6:.0f} MB instead of 75,000")
print(f"read correctly: {100 * (answers == test.targets).float().mean().item():.2f} % (to beat: 95 %)")

# %% [markdown] name="read-mistakes"
# The network of lesson 0 reaches 97 to 98 %. This one needs no training, and pays for it later: it has to keep every
# picture, and looks at all of them for each answer. Here are some of its mistakes, each followed by the picture
# that it took for the most similar:

# %% name="show-mistakes"
wrong = (answers != test.targets).nonzero().squeeze(1)[:8]
pairs = torch.stack([unseen[wrong], known[nearest[wrong]]], dim=1).reshape(-1, 28, 28)
captions = [text for i in wrong for text in (f"{test.targets[i]}", f"nearest: {answers[i]}")]
images(pairs, captions=captions)

# %% [markdown] name="show-mistakes-note"
# The last lines used `stack` and `reshape` to lay two batches together like a zip: `stack` to (8, 2, 784), then
# `reshape` to (16, 28, 28). Go through it once more and see why the order comes out right.

# %% [markdown] name="exercise-4"
# ## Exercise 4 · Five puzzles without a loop (use)
#
# Each is one line, with broadcasting and what you have seen on this page. No `for`, no `while`, no comprehension.
# Useful: `torch.arange(n)`, `x[:, None]`, `==` (which broadcasts too), `.float()`, `%`, `sum` and `mean` with
# `keepdim`.

# %% name="exercise-4-code"
# @exercise tensors.puzzles
import glasstorch as torch


def outer(a, b):
    """All products: result[i, j] = a[i] * b[j]. a has shape (n,), b has shape (m,)."""


def checkerboard(height, width):
    """0 where row + column is even, 1 where it is odd; shape (height, width)."""


def one_hot(labels, classes):
    """A row for each label: 1.0 in the column of its class, 0.0 elsewhere (float32)."""


def centred(x):
    """x, of shape (n, m), with the mean of each row taken away from that row."""


def distances(a, b):
    """result[i, j] is the distance from the point a[i] to b[j]; a is (n, d), b is (m, d)."""


# @end

# %% name="exercise-4-try"
print(outer(torch.tensor([1, 2, 3]), torch.tensor([10, 20])))
print(checkerboard(3, 4))
print(one_hot(torch.tensor([2, 0, 1]), 3))
print(centred(torch.tensor([[1.0, 3.0], [10.0, 30.0]])))
print(distances(torch.tensor([[0.0, 0.0], [3.0, 0.0]]), torch.tensor([[0.0, 4.0], [3.0, 1.0], [0.0, 0.0]])))

# %% name="exercise-4-check"
exercise("tensors.puzzles")

# %% [markdown] name="same-in-pytorch"
# ## The same in PyTorch
#
# All of this is PyTorch as it is: storages, strides, the error of `view`, the types. Three remarks:
#
# - On a GPU the same rules hold. A copy there costs less time, but the memory is smaller: 75 GB would not fit on most.
# - Some programs store pictures with strides that make the channels run fastest (`memory_format=torch.channels_last`).
#   The shape stays the same; only the note is different.
# - NumPy arrays are the same idea. NumPy writes `axis` and `keepdims` where PyTorch writes `dim` and `keepdim`, and
#   counts strides in bytes.
#
# ## What to take with you
#
# - A tensor is one line of numbers and a note: shape, stride, offset.
# - Slices, transposes and (where possible) reshapes are views: they cost nothing and **share memory**. `clone()`
#   copies.
# - `reshape` never swaps dimensions; `permute` and `.T` do.
# - Broadcasting reads again with stride 0. Backward, what was stretched is **summed**.
# - (n, 1) minus (n,) is (n, n). Check shapes before you trust a loss.
