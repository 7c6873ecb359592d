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
# # Convolution
#
# **A network reads nineteen out of twenty digits. Now move every digit four pixels to the right. How many does it
# still read?**
#
# You would not even notice the difference. The network does, and badly. This lesson shows why, and the one idea that
# mends it: look at the picture through a small window, with the same few numbers at every place. On the way you
# learn to say, before running anything, what shape comes out of a layer and how many numbers it learns.

# %% name="setup"
import glasstorch as torch
from glasstorch import nn
from glasstorch.nn import functional as F
from glasstorch.safetensors import load_file
from glasstorch.vision.datasets import MNIST
from glasstorch_widgets import conv_scan, exercise, feature_maps, images, predict, tensor_view

# %load_ext glasstorch_widgets

# %% [markdown] name="lost"
# ## 1 · A network that loses its place
#
# Here is the network of lesson 0 again, trained for two epochs. It flattens a picture into 784 numbers, and each
# hidden unit has a weight of its own for each of them.

# %% name="load-digits"
train, test = MNIST("../data", train=True), MNIST("../data", train=False)
train_images, train_labels = train.data[:, None] / 255, train.targets  # (12000, 1, 28, 28): one channel, grey
test_images, test_labels = test.data[:, None] / 255, test.targets


def trained(model, epochs, lr):
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    for _ in range(epochs):
        for batch in torch.randperm(len(train_images)).split(64):
            optimizer.zero_grad()
            F.cross_entropy(model(train_images[batch]), train_labels[batch]).backward()
            optimizer.step()
    return model


def accuracy(model, pictures):
    with torch.no_grad():
        return 100 * (model(pictures).argmax(dim=1) == test_labels).float().mean().item()


torch.manual_seed(0)
flat = trained(
    nn.Sequential(nn.Flatten(), nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 10)), epochs=2, lr=0.003
)
print(f"the test digits: {accuracy(flat, test_images):.1f} %")

# %% name="move"
moved = test_images.roll(4, dims=3)  # four pixels to the right; the empty margin comes in on the left
images(torch.cat([test_images[:8], moved[:8]]), captions=["as it was"] * 8 + ["moved by 4"] * 8)

# %% name="moved-question" jupyter={"source_hidden": true}
predict(
    "The same digits, four pixels further to the right. What percentage of them does this network still read?",
    answer=lambda: round(accuracy(flat, moved), 1),
    tolerance=6,
    unit="%",
    explain="Worse than you would expect of something that reads digits. To this network, pixel 400 and pixel 404 are "
    "as different as the price of bread and the weather. What it learned about one says nothing about the other.",
)

# %% name="moved-answer"
for pixels in range(5):
    print(f"moved by {pixels}: {accuracy(flat, test_images.roll(pixels, dims=3)):.1f} %")

# %% [markdown] name="lost-note"
# This network has no notion of "next to". Here is the proof: mix up the 784 pixels, in the same way in all pictures,
# so that nobody could read them any more, and train it again.

# %% name="mixed-up"
mixed_up = torch.randperm(784)


def mix(pictures):
    return pictures.flatten(1)[:, mixed_up].reshape(-1, 1, 28, 28)


torch.manual_seed(0)
on_mixed = nn.Sequential(nn.Flatten(), nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 10))
optimizer = torch.optim.Adam(on_mixed.parameters(), lr=0.003)
for _ in range(2):
    for batch in torch.randperm(len(train_images)).split(64):
        optimizer.zero_grad()
        F.cross_entropy(on_mixed(mix(train_images[batch])), train_labels[batch]).backward()
        optimizer.step()
print(f"the test digits, mixed up: {accuracy(on_mixed, mix(test_images)):.1f} %")
images(mix(test_images[:8]), captions=test_labels[:8])

# %% [markdown] name="two-facts"
# It reads them just as well. So two facts about pictures are worth building in:
#
# - What belongs together is close together. An edge, a corner, a loop: a small window is enough to see it.
# - The same thing may appear anywhere. What is worth looking for here is worth looking for there.

# %% [markdown] name="window"
# ## 2 · One small window, everywhere
#
# A **convolution** slides a small table of weights, the **kernel**, over the picture. At each place it multiplies
# the numbers under the window by the kernel's, and adds up. That is all:


# %% name="by-hand"
def slide(picture, kernel):
    height, width = kernel.shape
    result = torch.zeros(picture.shape[0] - height + 1, picture.shape[1] - width + 1)
    for i in range(result.shape[0]):
        for j in range(result.shape[1]):
            result[i, j] = (picture[i : i + height, j : j + width] * kernel).sum()
    return result


photos = {name: photo / 255 for name, photo in load_file("../data/small-photos/photos.safetensors").items()}
eye = photos["cat"][30:62, 26:58]  # 32 × 32 pixels of the cat: its left eye
sobel = torch.tensor([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]])

ours = slide(eye, sobel)
theirs = F.conv2d(eye[None, None], sobel[None, None])  # it wants (pictures, channels, height, width)
theirs = theirs[0, 0]
print("shape", tuple(ours.shape), "  largest difference", round((ours - theirs).abs().max().item(), 6))

# %% name="flat-question" jupyter={"source_hidden": true}
predict(
    "The kernel is [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]. What does it give where the picture is one even grey of 0.8?",
    answer=lambda: round(slide(torch.full((3, 3), 0.8), sobel).item(), 3),
    tolerance=0.01,
    explain="The weights add up to 0, so an even grey gives 0, however bright it is. The kernel answers only where "
    "the right side of the window differs from the left: at vertical edges.",
)

# %% name="scan"
conv_scan(sobel, eye[4:24, 4:24], title="A kernel that answers to vertical edges")

# %% [markdown] name="scan-tour"
# 1. Click into the output and walk with the **arrow keys**, or press play. The window moves along in the input (dark
#    is bright here); beside it stand the kernel and the products with the numbers under it. Their sum is the
#    output's cell.
# 2. Find a strong orange and a strong blue cell of the output. On which side of the window is the picture brighter?
# 3. The output is smaller than the input: a window of 3 has 18 places in 20 pixels. Set **padding** to 1: zeros are
#    laid around the picture, and 20 × 20 come out. Look at the new margin: the zeros make an edge that the picture
#    does not have.
#
# (In signal processing a convolution turns the kernel upside down first. Networks do not bother: they learn the
# kernel, so it may as well be learned turned. What PyTorch calls convolution is a cross-correlation.)

# %% [markdown] name="kernels"
# ### Different numbers, different eyes
#
# The same operation, with five kernels that people have thought up long before networks learned their own:

# %% name="kernels-on-photos"
kernels = {
    "blur": torch.full((5, 5), 1 / 25),
    "sharpen": torch.tensor([[0.0, -1, 0], [-1, 5, -1], [0, -1, 0]]),
    "vertical edges": sobel,
    "horizontal edges": sobel.T,
    "any edge": torch.tensor([[-1.0, -1, -1], [-1, 8, -1], [-1, -1, -1]]),
}


def filtered(photo, kernel):
    return F.conv2d(photo[None, None], kernel[None, None], padding="same")[0, 0]


shown, captions = [], []
for name in ["cat", "brick"]:
    shown.append(photos[name])
    captions.append(name)
    for what, kernel in kernels.items():
        result = filtered(photos[name], kernel)
        if "edge" in what:
            result = result.abs() / 2  # an edge either way is an edge
        shown.append(result.clamp(0, 1))
        captions.append(what)
images(torch.stack(shown), captions=captions)

# %% name="brick-question" jupyter={"source_hidden": true}
predict(
    "Look at the wall. Its long joints run from top to bottom. Which kernel answers more strongly to it, on average?",
    ["vertical edges", "horizontal edges", "both alike"],
    answer="vertical edges",
    explain="A joint that runs from top to bottom is an edge between left and right. A kernel is a question; "
    "where the answer is large, the picture has what was asked for.",
)

# %% name="brick-answer"
for what in ["vertical edges", "horizontal edges"]:
    print(f"{what}: {filtered(photos['brick'], kernels[what])[1:-1, 1:-1].abs().mean().item():.3f}")

# %% [markdown] name="sizes"
# ## 3 · Stride, padding, dilation: what size comes out
#
# Three settings decide where the window goes.
#
# - **padding** $p$: so many zeros are laid around the picture on each side.
# - **stride** $s$: the window moves by $s$ pixels at a time. Stride 2 halves height and width.
# - **dilation** $d$: the window's cells stand $d$ pixels apart. A kernel of 3 with dilation 2 spans 5 pixels and
#   still has only 9 weights.
#
# A kernel of size $k$ spans $d\,(k-1)+1$ pixels. The result has as many places as the window has:
#
# $$n_\text{out} = \left\lfloor \frac{n + 2p - d\,(k-1) - 1}{s} \right\rfloor + 1$$
#
# Why "+ 1"? The first place costs no step. Why rounded down? A window that would stick out is not used.

# %% name="size-question" jupyter={"source_hidden": true}
predict(
    "A picture of 28 × 28 goes through a kernel of 5 with stride 2 and padding 2. How high is the result?",
    answer=lambda: F.conv2d(torch.zeros(1, 1, 28, 28), torch.zeros(1, 1, 5, 5), stride=2, padding=2).shape[2],
    explain="(28 + 4 − 4 − 1) / 2 = 13.5, rounded down 13, plus 1: 14. Padding k // 2 with an odd kernel keeps "
    "the size, and stride 2 then halves it.",
)

# %% name="size-table"
print("   n  kernel stride padding dilation   out")
for n, kernel, stride, padding, dilation in [
    (28, 3, 1, 0, 1),
    (28, 3, 1, 1, 1),
    (28, 5, 2, 2, 1),
    (7, 3, 2, 1, 1),
    (8, 3, 2, 1, 1),
    (28, 3, 1, 2, 2),
]:
    conv = nn.Conv2d(1, 1, kernel, stride=stride, padding=padding, dilation=dilation)
    out = conv(torch.zeros(1, 1, n, n)).shape[2]
    assert out == (n + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1
    print(f"{n:4} {kernel:6} {stride:6} {padding:7} {dilation:8} {out:6}")

# %% [markdown] name="sizes-note"
# Look at the rows with 7 and 8: both give 4. So the size that went in cannot be told from the size that came out,
# which matters to anybody who wants to go back. And a row that is not used is not seen:

# %% name="unused-rows"
picture = torch.ones(1, 1, 8, 8, requires_grad=True)
nn.Conv2d(1, 1, 3, stride=3)(picture).sum().backward()
print((picture.grad[0, 0] != 0).int())

# %% [markdown] name="unused-note"
# A gradient of 0: nothing in the last two rows and columns can change the result. The view below shows the same.
# Change stride, padding and dilation in it, and watch which pixels the window reaches and what the formula gives.

# %% name="stride-scan"
torch.manual_seed(1)
conv_scan(nn.Conv2d(1, 1, 3, stride=3), test_images[0, :, 6:14, 8:16], title="Stride 3 on 8 × 8 pixels")

# %% [markdown] name="channels"
# ## 4 · Channels, and how many numbers are learned
#
# A colour photograph has three **channels**. A kernel then has three layers too, and adds up over all of them: one
# kernel makes **one** map out of **all** channels. A layer with 64 kernels makes 64 maps. So the weight of a
# convolution has shape (out, in, height, width), and there is one bias for each map.

# %% name="channels-question" jupyter={"source_hidden": true}
predict(
    "nn.Conv2d(3, 64, 3) turns a colour photograph into 64 maps, with kernels of 3 × 3. How many numbers does it "
    "learn?",
    ["576", "1,728", "1,792", "it depends on the photograph's size"],
    answer="1,792",
    explain="64 kernels of 3 × 3 × 3 = 27 weights make 1,728, and there are 64 biases. The photograph may be of any "
    "size: the same numbers are used at every place.",
)

# %% name="channels-answer"
conv = nn.Conv2d(3, 64, 3)
print("weight", tuple(conv.weight.shape), "  bias", tuple(conv.bias.shape))
print("numbers to learn:", sum(p.numel() for p in conv.parameters()))
print("on 32 × 32:", tuple(conv(torch.zeros(1, 3, 32, 32)).shape))
print("on 20 × 50:", tuple(conv(torch.zeros(1, 3, 20, 50)).shape))

# %% [markdown] name="sharing"
# What does it save? Let 8 maps of 28 × 28 be made from a digit: once by a convolution, once by a `Linear` layer, for
# which every output has a weight for every pixel.

# %% name="sharing-count"
conv, linear = nn.Conv2d(1, 8, 3, padding=1), nn.Linear(28 * 28, 8 * 28 * 28)
print(f"convolution: {sum(p.numel() for p in conv.parameters()):,} numbers")
print(f"linear: {sum(p.numel() for p in linear.parameters()):,} numbers")

# %% [markdown] name="matrix"
# The convolution *is* a linear layer, with most weights fixed at 0 and the others shared. On a picture of 4 × 4 the
# matrix is small enough to look at: each row is one place of the window.

# %% name="matrix-view"
kernel = torch.arange(1.0, 10.0).reshape(1, 1, 3, 3)
unit_pictures = torch.eye(16).reshape(16, 1, 4, 4)  # 16 pictures with a single bright pixel each
matrix = F.conv2d(unit_pictures, kernel).reshape(16, 4).T.contiguous()  # what each gives is a column
tensor_view(matrix)

# %% [markdown] name="pooling"
# ## 5 · Pooling, and how far a unit can see
#
# **Pooling** slides a window too, but learns nothing: it keeps the largest number (`MaxPool2d`) or the mean
# (`AvgPool2d`), for each channel by itself. Its stride is its size unless you say otherwise, so `MaxPool2d(2)`
# halves height and width.
#
# Units of later layers see more of the picture. What one unit can see is its **receptive field**. Autograd
# can measure it: where the gradient of a unit is not 0, the unit looks.


# %% name="measure-field"
def field(layers, size=41):
    """The number of pixels, along one side, that the unit in the middle looks at."""
    for module in layers.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.ones_(module.weight)  # no weight may happen to be 0
    picture = torch.rand(1, 1, size, size, requires_grad=True)
    result = layers(picture)
    middle = result.shape[2] // 2
    result[0, 0, middle, middle].backward()
    return (picture.grad[0, 0].sum(dim=0) != 0).sum().item()


print("one 3 × 3:", field(nn.Sequential(nn.Conv2d(1, 1, 3))), "pixels")

# %% name="field-question" jupyter={"source_hidden": true}
predict(
    "Two convolutions of 3 × 3, one after the other. How many pixels, along one side, does a unit of the second see?",
    answer=lambda: field(nn.Sequential(nn.Conv2d(1, 1, 3), nn.Conv2d(1, 1, 3))),
    explain="The second sees 3 units of the first; the outer ones reach one pixel further: 5. Two layers of "
    "3 × 3 see as much as one of 5 × 5, with 18 weights instead of 25 and a ReLU in between.",
)

# %% name="field-growth"
# Averages stand for the poolings here: a maximum would pass its gradient to one pixel only.
three = nn.Sequential(nn.Conv2d(1, 1, 3), nn.Conv2d(1, 1, 3), nn.Conv2d(1, 1, 3))
pooled = nn.Sequential(
    nn.Conv2d(1, 1, 3), nn.AvgPool2d(2), nn.Conv2d(1, 1, 3), nn.AvgPool2d(2), nn.Conv2d(1, 1, 3)
)
print("three 3 × 3:", field(three), "pixels")
print("three 3 × 3 with pooling between:", field(pooled), "pixels")

# %% [markdown] name="field-rule"
# After a stride of 2, one step of the next window is two pixels of the picture. So a layer with kernel $k$ adds
# $(k - 1) \cdot$ (the product of all strides before it). Convolutions without strides grow by addition; strides
# multiply.

# %% [markdown] name="translate"
# ## 6 · Back to the moved digits
#
# Move the picture, and the maps move along; otherwise they are the same. This is called **equivariance**.

# %% name="equivariance"
conv = nn.Conv2d(1, 4, 3, padding=1)
digits = test_images[:100]
moved_first = conv(digits.roll(4, dims=3))
moved_after = conv(digits).roll(4, dims=3)
print("largest difference:", round((moved_first - moved_after)[..., 5:-1].abs().max().item(), 6))

# %% [markdown] name="invariance"
# The maps move, but the answer should not. So at the end this network takes from each map its **largest** number,
# wherever it is: `AdaptiveMaxPool2d(1)` makes one number of each map, whatever its size. "Is there a loop
# somewhere?", not "is there a loop at (12, 8)?".

# %% name="train-conv"
torch.manual_seed(0)
window = nn.Sequential(
    nn.Conv2d(1, 12, 5, stride=2, padding=2),  # 28 × 28 -> 14 × 14
    nn.ReLU(),
    nn.Conv2d(12, 24, 3, stride=2, padding=1),  # -> 7 × 7
    nn.ReLU(),
    nn.Conv2d(24, 48, 3, padding=1),  # 7 × 7
    nn.ReLU(),
    nn.AdaptiveMaxPool2d(1),  # -> 1 × 1
    nn.Flatten(),
    nn.Linear(48, 10),
)
trained(window, epochs=2, lr=0.006)
for name, model in [("flat", flat), ("windows", window)]:
    print(f"{name}: {sum(p.numel() for p in model.parameters()):,} numbers to learn")
print(f"the test digits, read through windows: {accuracy(window, test_images):.1f} %")

# %% name="window-question" jupyter={"source_hidden": true}
predict(
    "It was trained on digits in the middle only. What percentage does it read of the digits moved by 4?",
    answer=lambda: round(accuracy(window, moved), 1),
    tolerance=2,
    unit="%",
    explain="As many as before, give or take a few. Nobody has shown it a moved digit: it cannot tell the difference. "
    "What is built into the network need not be learned.",
)

# %% name="window-answer"
print("           flat   windows")
for pixels in range(5):
    digits = test_images.roll(pixels, dims=3)
    print(f"moved by {pixels}: {accuracy(flat, digits):.1f} %   {accuracy(window, digits):.1f} %")

# %% name="see-maps"
feature_maps(window[:6], moved[0], title="What each layer makes of a moved digit")

# %% [markdown] name="see-maps-tour"
# - Open a map of the first layer (Enter or a click). Which kind of stroke does it answer to?
# - Walk over its units with the arrow keys: the outline on the digit is the receptive field. Do the same in the last
#   layer: how much of the digit does one of its units see?

# %% [markdown] name="trap-flatten"
# ### The trap: a number that knows the size
#
# Most networks that you will read do not pool at the end. They flatten the last maps into a `Linear` layer, which
# has a weight for each place. Such a network loses part of the gift (move the digit, and other weights meet it), and
# it works for one size of picture only:

# %% name="trap-flatten-error"
usual = nn.Sequential(
    nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(8 * 14 * 14, 10)
)
print("28 × 28:", tuple(usual(torch.zeros(1, 1, 28, 28)).shape))
try:
    usual(torch.zeros(1, 1, 32, 32))
except RuntimeError as error:
    print("32 × 32:", str(error).splitlines()[0])
print("windows on 32 × 32:", tuple(window(torch.zeros(1, 1, 32, 32)).shape))

# %% [markdown] name="trap-flatten-note"
# The message names two matrices, the flattened maps and the weight. When you meet it: print the shape in front of
# `Flatten`, and count again. That is the first exercise.
#
# The stride has a price too. Maps can move by whole units only:

# %% name="stride-price"
halving = nn.Conv2d(1, 4, 5, stride=2, padding=2)
maps = halving(digits[:100])
for pixels in [2, 1]:
    after = halving(digits[:100].roll(pixels, dims=3))
    closest = min((after - maps.roll(units, dims=3))[..., 2:-2].abs().max().item() for units in [0, 1])
    print(f"moved by {pixels}: differs from the moved maps by {closest:.3f}")

# %% [markdown] name="stride-price-note"
# Two pixels are one unit at stride 2, and the maps are the same. One pixel is half a unit: other numbers come out. A
# trained network bears it well (look at the row "moved by 1" above), but it is not exact.

# %% [markdown] name="exercise-1"
# ## Exercise 1 · Shape arithmetic (use)
#
# Say what comes out, and how many numbers are learned, before running anything. Pictures are
# given as (channels, height, width). Write plain values in place of `None`.
#
# ```python
# first = nn.Conv2d(3, 16, 5, padding=2)         # on (3, 32, 32)
# second = nn.Conv2d(16, 32, 3, stride=2)        # on what first gives
# pool = nn.MaxPool2d(2)                         # on what second gives
# wide = nn.Conv2d(32, 8, 3, dilation=3)         # on (32, 20, 20)
# one = nn.Conv2d(256, 64, 1)                    # on (256, 14, 14)
# ```

# %% name="exercise-1-code"
# @exercise conv.shapes
answers = {
    "first": None,  # the shape that first gives, such as (3, 32, 32)
    "second": None,  # the shape that second gives
    "pool": None,  # the shape that pool gives
    "wide": None,  # the shape that wide gives
    "second_numbers": None,  # how many numbers second learns, with its biases
    "one_numbers": None,  # how many numbers one learns, with its biases
    "linear": None,  # the input size of a Linear layer after pool and Flatten
}
# @end

# %% name="exercise-1-check"
exercise("conv.shapes")

# %% [markdown] name="im2col"
# ## 7 · How it is computed: one matrix product
#
# Four nested loops are slow in Python, and not fast in C either. The classic trick is called **im2col**: write each
# window as a column of one large matrix, and all sums become one matrix product, the operation that computers do
# best. PyTorch has it as `F.unfold`:

# %% name="unfold"
picture = torch.arange(16.0).reshape(1, 1, 4, 4)
columns = F.unfold(picture, kernel_size=3)
print("columns", tuple(columns.shape), "  one for each window, with 9 numbers")
print(columns[0].int())
product = kernel.reshape(1, 9) @ columns[0]
print("same as conv2d:", torch.equal(product.reshape(2, 2), F.conv2d(picture, kernel)[0, 0]))

# %% [markdown] name="im2col-price"
# The price is memory: a pixel stands in up to 9 windows, so the matrix is up to 9 times as large as the picture. The
# way back follows from it. A pixel was copied into several columns, so its gradients **add up**, as always where
# something was used several times (lesson 0).

# %% [markdown] name="exercise-2"
# ## Exercise 2 · Convolution as a matrix product (build)
#
# Write `im2col` and `conv2d` in NumPy. This is a part of the engine that you are building.
#
# - `im2col(x, kernel, stride, padding)`: from `x` of shape (N, C, H, W) and `kernel`, a pair (height, width), an
#   array of shape (N, C·kh·kw, L), where L is the number of windows. The order is `F.unfold`'s: channel, then row,
#   then column of the window; windows row by row.
# - `conv2d(x, weight, bias, stride=1, padding=0)`: the convolution, shape (N, out, H', W').
#
# You need no loop over windows. Loop over the kh · kw cells *of the window*: one cell, for all windows at once, is a
# strided slice of the padded picture: `x[:, :, i : i + stride * out_h : stride, ...]`.

# %% name="exercise-2-code"
# @exercise conv.im2col
import numpy as np


def im2col(x, kernel, stride=1, padding=0):
    """Every window of x (N, C, H, W) as a column: (N, C * kh * kw, windows)."""
    # pad with np.pad; then one strided slice for each cell of the window


def conv2d(x, weight, bias, stride=1, padding=0):
    """The convolution of x (N, C, H, W) with weight (O, C, kh, kw) and bias (O,): (N, O, H', W')."""
    # one matrix product with the columns, plus the bias


# @end

# %% name="exercise-2-try"
x, weight, bias = torch.rand(2, 3, 7, 8), torch.rand(4, 3, 3, 3), torch.rand(4)
mine = conv2d(x.numpy(), weight.numpy(), bias.numpy(), stride=2, padding=1)
if mine is not None:
    wanted = F.conv2d(x, weight, bias, stride=2, padding=1).numpy()
    print("yours", mine.shape, "  engine", wanted.shape)
    if mine.shape == wanted.shape:
        print("largest difference:", np.abs(mine - wanted).max())

# %% name="exercise-2-check"
exercise("conv.im2col")

# %% [markdown] name="exercise-3"
# ## Exercise 3 · The way back (build)
#
# Forward was `out = weight @ columns + bias`. Now `grad_out` arrives, of the shape of the result. Write
#
# - `col2im(columns, shape, kernel, stride, padding)`: the reverse of `im2col`. Each number goes back to the pixel
#   that it came from; numbers that meet there **add up**; the padding is cut off. `shape` is that of `x`.
# - `conv2d_vjp(grad_out, columns, weight, shape, stride=1, padding=0)`: the gradients of `x`, `weight` and `bias`,
#   as a tuple. `columns` is what `im2col` gave in the forward pass: kept, so that it need not be made again.
#
# For a matrix product, lesson 3 found: the gradient of each factor is the incoming gradient times the other factor,
# transposed. The gradient of a bias is a sum over everything it was added to.

# %% name="exercise-3-code"
# @exercise conv.backward
import numpy as np


def col2im(columns, shape, kernel, stride=1, padding=0):
    """Add every column (N, C * kh * kw, windows) back to its window; the result has `shape`, (N, C, H, W)."""
    # a padded array of zeros; then one strided `+=` for each cell of the window


def conv2d_vjp(grad_out, columns, weight, shape, stride=1, padding=0):
    """The gradients of x, weight and bias, given that of the convolution's result (N, O, H', W')."""
    # three formulas, and a return of three arrays


# @end

# %% name="exercise-3-try"
x.requires_grad_(), weight.requires_grad_(), bias.requires_grad_()
result = F.conv2d(x, weight, bias, stride=2, padding=1)
incoming = torch.rand_like(result)
wanted = torch.autograd.grad(result, (x, weight, bias), incoming)
columns = F.unfold(x, 3, stride=2, padding=1).detach().numpy()
mine = conv2d_vjp(incoming.numpy(), columns, weight.detach().numpy(), tuple(x.shape), stride=2, padding=1)
if mine is not None:
    for name, one, other in zip(["x", "weight", "bias"], mine, wanted):
        print(
            name, "off by", abs(one - other.numpy()).max() if one.shape == tuple(other.shape) else one.shape
        )

# %% name="exercise-3-check"
exercise("conv.backward")

# %% [markdown] name="same-in-pytorch"
# ## The same in PyTorch
#
# Shapes, names and numbers are PyTorch's: (N, C, H, W) for pictures, (out, in, h, w) for weights. What differs is
# how it is computed. PyTorch has no single convolution: on a GPU, cuDNN chooses among im2col, Fourier transforms and
# others, by the sizes it meets (`torch.backends.cudnn.benchmark = True` lets it try them out). Results then differ
# in the last digits from run to run and machine to machine. Files in safetensors format are read by
# `from safetensors.torch import load_file`.
#
# ## What to take with you
#
# - A convolution asks the same small question at every place. That is why it needs few numbers, and why a moved
#   picture gives moved maps.
# - Size: $\lfloor (n + 2p - d(k-1) - 1)/s \rfloor + 1$. Numbers: out · (in · kh · kw + 1), whatever the picture's
#   size.
# - One kernel adds up over **all** input channels and gives **one** map.
# - Receptive fields grow by addition; strides and poolings multiply what comes after them.
# - `Flatten` into `Linear` ties the network to one size and to places; global pooling frees it of both.
