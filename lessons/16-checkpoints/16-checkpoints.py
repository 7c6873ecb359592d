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
# # Save, load, resume
#
# A training runs for hours. In the middle of an epoch the machine is switched off. You have a file, you load it,
# the loss goes on falling. **But is it still the same training?** What must be in the file so that every later loss
# is what it would have been, to the last bit?
#
# On the way you will load a model without an error and find that it guesses, let a file of "weights" run a program
# on your machine, and break a file with a single bit.

# %% name="setup"
import copy
import io
import json
import os
import tempfile
from pathlib import Path

import glasstorch as torch
from glasstorch import nn
from glasstorch.nn import functional as F
from glasstorch.safetensors import load_file, save_file
from glasstorch.vision.datasets import MNIST
from glasstorch_widgets import exercise, loss_curve, predict, tensor_view

# %load_ext glasstorch_widgets

folder = Path(tempfile.mkdtemp())  # our files go here

# %% name="session"
train, test = MNIST("../data", train=True), MNIST("../data", train=False)
train_images, train_labels = train.data / 255, train.targets
test_images, test_labels = test.data / 255, test.targets
BATCH, PER_EPOCH, TOTAL = 120, 100, 400  # 12,000 pictures, four epochs


def new_model():
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Dropout(0.2), nn.Linear(128, 10))


def new_session():
    """What a training script makes when it starts."""
    torch.manual_seed(0)
    model = new_model()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=TOTAL)
    return model, optimizer, scheduler


def steps(session, start, stop):
    """Train from one step to another; the losses."""
    model, optimizer, scheduler = session
    losses = []
    for step in range(start, stop):
        epoch, batch = divmod(step, PER_EPOCH)
        if batch == 0 or step == start:  # each epoch has an order of its own, given by its number
            order = torch.randperm(len(train_images), generator=torch.Generator().manual_seed(epoch))
        some = order[BATCH * batch : BATCH * (batch + 1)]
        move = torch.randint(-1, 2, (2,)).tolist()  # augmentation, as in lesson 0
        outputs = model(train_images[some].roll(move, dims=(1, 2)))
        loss = F.cross_entropy(outputs, train_labels[some])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
        losses.append(loss.item())
    return losses


def accuracy(model):
    with torch.no_grad():
        answers = model(test_images).argmax(dim=1)
    return 100 * (answers == test_labels).float().mean().item()


# %% [markdown] name="state-dict"
# ## 1 · What is in a model?
#
# Two hundred and fifty steps, and then the power fails: we are in the middle of the third epoch. What a model has
# learned is in its `state_dict`, a dict from names to tensors.

# %% name="first-part"
session = model, optimizer, scheduler = new_session()
before = steps(session, 0, 250)
for name, value in model.state_dict().items():
    print(f"{name:10} {tuple(value.shape)!s:12} {value.dtype}")

# %% name="size-question" jupyter={"source_hidden": true}
predict(
    "These are 784 · 128 + 128 + 128 · 10 + 10 = 101,770 numbers, float32. How large is the file, in kB "
    "(thousands of bytes)?",
    answer=lambda: (
        torch.save(model.state_dict(), folder / "guess.pth")
        or round(os.path.getsize(folder / "guess.pth") / 1000)
    ),
    tolerance=15,
    unit="kB",
    explain="Four bytes for each number, and about two thousand for the names and the order. The code of the model "
    "is not in the file: a state dict is numbers with names.",
)

# %% name="save-weights"
torch.save(model.state_dict(), folder / "weights.pth")
print("bytes:", os.path.getsize(folder / "weights.pth"))

fresh = new_model()
print(fresh.load_state_dict(torch.load(folder / "weights.pth")))

# %% [markdown] name="whole-model"
# `torch.save(model)` saves the whole object. Many tutorials do so, and loading it fails by now:

# %% name="whole-model-trap"
torch.save(model, folder / "whole.pth")
try:
    torch.load(folder / "whole.pth")
except Exception as error:
    print(type(error).__name__ + ":", str(error)[:230], "…")

# %% [markdown] name="whole-model-note"
# Such a file names the *classes* that the model is made of, and bringing them back means running code (section 5).
# It also breaks as soon as you rename or move a class. Save the state dict; build the model from its code.

# %% [markdown] name="eval"
# One more thing is not in the state dict: whether the model trains. A new model does, so its dropout is on.

# %% name="eval-question" jupyter={"source_hidden": true}
torch.manual_seed(0)
twice = [fresh(test_images).argmax(dim=1) for _ in range(2)]
predict(
    "The weights are loaded into a new model, and nobody calls eval(). It sees the 2,000 test pictures twice. On how "
    "many does it give two different answers?",
    answer=(twice[0] != twice[1]).sum().item(),
    tolerance=30,
    explain="Dropout silences other units each time. eval() after loading is part of loading.",
)

# %% name="eval-answer"
torch.manual_seed(0)
twice = [fresh(test_images).argmax(dim=1) for _ in range(2)]
print("training mode, answers that differ:", (twice[0] != twice[1]).sum().item())
fresh.eval()
twice = [fresh(test_images).argmax(dim=1) for _ in range(2)]
print(
    "eval mode, answers that differ:",
    (twice[0] != twice[1]).sum().item(),
    f"  accuracy {accuracy(fresh):.1f} %",
)

# %% [markdown] name="strict"
# ## 2 · When names do not match
#
# A model trained on several GPUs is wrapped in another one, and all its names get the prefix `module.`. Load such
# a file:

# %% name="strict-error"
wrapped = {f"module.{name}": value for name, value in model.state_dict().items()}
fresh = new_model().eval()
try:
    fresh.load_state_dict(wrapped)
except RuntimeError as error:
    print(error)

# %% [markdown] name="strict-advice"
# A search for this message soon finds the advice to write `strict=False`. And indeed, the error is gone:

# %% name="strict-question" jupyter={"source_hidden": true}
predict(
    "fresh.load_state_dict(wrapped, strict=False) raises no error. The saved model reads more than 90 % of the digits. "
    "What percentage does the loaded one read?",
    answer=round(accuracy(fresh), 1),
    tolerance=5,
    unit="%",
    explain="Not one name matched, so not one number was loaded. strict=False means: do not tell me.",
)

# %% name="strict-answer"
report = fresh.load_state_dict(wrapped, strict=False)
print(f"strict=False:   accuracy {accuracy(fresh):.1f} %, {len(report.missing_keys)} names missing")
report = fresh.load_state_dict({name.removeprefix("module."): value for name, value in wrapped.items()})
print(f"prefix removed: accuracy {accuracy(fresh):.1f} %, {len(report.missing_keys)} names missing")

# %% [markdown] name="map-location"
# Another thing that may not match is the **device**. A file remembers where each tensor lay. One that was saved on
# the GPU `cuda:0` asks for that GPU when it is loaded, and on a machine without one that is an error.
# `map_location` says where the tensors are to go instead; it can also be a function, which here only notes what the
# file asks for.

# %% name="map-location-cell"
asked = []
torch.load(folder / "weights.pth", map_location=lambda storage, location: asked.append(location) or storage)
print("the file asks for:", asked)
weights = torch.load(folder / "weights.pth", map_location="cpu")  # works wherever the file comes from
print("on:", {str(value.device) for value in weights.values()})

# %% [markdown] name="exercise-1"
# ## Exercise 1 · The model that loads without an error (use)
#
# This function reports no error, and the model guesses. Mend it: files with the prefix `module.` and without it are
# loaded, what does not fit raises the `RuntimeError` of `load_state_dict`, and the model that comes back is ready
# to answer. The dict `state` itself stays as it is.


# %% name="exercise-1-code"
# @exercise checkpoints.mend
def load_for_use(state, model):
    """Bring saved weights into a new model; returns it, ready to answer."""
    model.load_state_dict(state, strict=False)
    return model


# @end

# %% name="exercise-1-try"
torch.manual_seed(1)
answering = load_for_use(wrapped, new_model())
print(f"with prefix: {accuracy(answering):.1f} %")

# %% name="exercise-1-check"
exercise("checkpoints.mend")

# %% [markdown] name="resume"
# ## 3 · Resume exactly
#
# Here is the checkpoint of our interrupted training. We also let the training go on, as if nothing had happened:
# these are the losses that every resumed training must meet.

# %% name="checkpoint"
checkpoint = {
    "model": model.state_dict(),
    "optimizer": optimizer.state_dict(),
    "scheduler": scheduler.state_dict(),
    "random": torch.get_rng_state(),
    "step": 250,
}
torch.save(checkpoint, folder / "checkpoint.pth")
print("weights:", os.path.getsize(folder / "weights.pth"), "bytes")
print("checkpoint:", os.path.getsize(folder / "checkpoint.pth"), "bytes")

uninterrupted = steps(session, 250, TOTAL)
model.eval()
print(f"never interrupted: test accuracy {accuracy(model):.2f} %")

# %% [markdown] name="checkpoint-note"
# The checkpoint is three times as large as the weights: Adam keeps two averages for each parameter (lesson 9).
#
# Now a new process loads it and goes on. We bring back more and more of it, and see how many of the 150 later
# losses are equal to the right ones, bit for bit.


# %% name="go-on"
def go_on(*parts):
    """150 losses of a new session that gets these parts of the checkpoint back."""
    state = torch.load(folder / "checkpoint.pth")
    session = model, optimizer, scheduler = new_session()
    start = 200  # without the step: the epoch begins again
    if "model" in parts:
        model.load_state_dict(state["model"])
    if "optimizer" in parts:
        optimizer.load_state_dict(state["optimizer"])
    if "scheduler" in parts:
        scheduler.load_state_dict(state["scheduler"])
    if "step" in parts:
        start = state["step"]
    if "random" in parts:
        torch.set_rng_state(state["random"])
    return steps(session, start, start + 150)


def compare_losses(name, losses):
    equal = sum(a == b for a, b in zip(losses, uninterrupted))
    off = max(abs(a - b) for a, b in zip(losses, uninterrupted))
    print(f"{name:24} {equal:3} of 150 losses equal, largest difference {off:.4f}")


# %% name="weights-question" jupyter={"source_hidden": true}
predict(
    "Only the weights are brought back. What does the loss do right after resuming?",
    ["it goes on as if nothing had happened", "it rises, and then falls again", "it begins at 2.3 again"],
    answer="it rises, and then falls again",
    explain="The weights are good. But Adam's averages are empty, and the learning rate is back at its largest "
    "value: the first steps are long and carry the weights away from where they were.",
)

# %% name="weights-only"
weights_only = go_on("model")
compare_losses("weights only", weights_only)
print(
    f"mean of the first 20 losses: {sum(weights_only[:20]) / 20:.3f}; uninterrupted {sum(uninterrupted[:20]) / 20:.3f}"
)

# %% name="random-question" jupyter={"source_hidden": true}
predict(
    "Weights, optimizer, scheduler and step are brought back. Only the state of the random numbers is not. How many of "
    "the 150 losses are equal, bit for bit?",
    answer=0,
    tolerance=0,
    explain="Dropout and augmentation draw other numbers from the first step on. The training is as good, but it is "
    "another one.",
)

# %% name="more-and-more"
compare_losses("+ optimizer", go_on("model", "optimizer"))
compare_losses("+ scheduler", go_on("model", "optimizer", "scheduler"))
compare_losses("+ step", go_on("model", "optimizer", "scheduler", "step"))
everything = go_on("model", "optimizer", "scheduler", "step", "random")
compare_losses("+ random numbers", everything)

# %% name="resume-curve"
curve = loss_curve("Resumed at step 250")
for right, little, all_of_it in zip(uninterrupted, weights_only, everything):
    curve.add(uninterrupted_loss=right, weights_only_loss=little, everything_loss=all_of_it)

# %% [markdown] name="resume-note"
# Tick **Smooth**, and look at the first thirty steps of `weights_only_loss`: the bump is what it costs to forget the
# optimizer and the schedule. `everything_loss` and `uninterrupted_loss` are a single line, for all 150 losses are
# equal.
#
# The rule: **whatever a step changes and the next step reads is part of the state.** Ask this of everything in your
# loop. The place in the data is the one that is forgotten most. Ours is easy to find again, because each epoch's
# order follows from its number; a `DataLoader` with `shuffle=True` draws it from the random numbers when the epoch
# *begins*, and in the middle of an epoch it is gone. Give it a sampler of your own, like `order` above (lesson 10).

# %% [markdown] name="alias"
# And a trap for those who keep the best weights in memory instead of a file. `state_dict()` does not copy:

# %% name="alias-question" jupyter={"source_hidden": true}
predict(
    "best = model.state_dict() is kept at step 250, and training goes on to step 400. Then best is loaded into a new "
    "model. Whose weights are these?",
    ["those of step 250", "those of step 400", "a mixture of both"],
    answer="those of step 400",
    explain="The tensors in the dict are the parameters themselves, and the optimizer changes them in place. "
    "copy.deepcopy(model.state_dict()) keeps them as they are now; so does torch.save.",
)

# %% name="alias-answer"
best = model.state_dict()
kept = copy.deepcopy(best)
with torch.no_grad():
    model[1].weight += 1.0
print("best follows the model:   ", torch.equal(best["1.weight"], model[1].weight))
print("the copy stays as it was: ", not torch.equal(kept["1.weight"], model[1].weight))
report = model.load_state_dict(kept)

# %% [markdown] name="exercise-2"
# ## Exercise 2 · Resume exactly (use)
#
# Write both halves. `checkpoint` returns a dict of state dicts, tensors and numbers. `resume` gets it back from a
# file, with a *new* model, optimizer and scheduler, brings all of it to where it was, random numbers included, and
# returns the number of steps done. The grader compares every later loss, bit for bit.

# %% name="exercise-2-code"
# @exercise checkpoints.resume
import glasstorch as torch


def checkpoint(model, optimizer, scheduler, step):
    """A dict with all that is needed to go on after `step` steps."""


def resume(state, model, optimizer, scheduler):
    """Bring everything back to where it was; returns the number of steps done."""


# @end

# %% name="exercise-2-try"
session = new_session()
steps(session, 0, 10)
state = copy.deepcopy(checkpoint(*session, 10))
right = steps(session, 10, 20)
session = new_session()
if state is not None:
    print("equal:", right == steps(session, resume(state, *session), 20))

# %% name="exercise-2-check"
exercise("checkpoints.resume")

# %% [markdown] name="killed"
# ## 4 · Killed while saving
#
# A power cut does not wait until the file is complete. And opening a file for writing empties it at once, so the
# *old* checkpoint is gone before the new one is there:


# %% name="killed-in-place"
buffer = io.BytesIO()
torch.save({"model": model.state_dict(), "step": 400}, buffer)
data = buffer.getvalue()


def save_in_place(data, path, power_fails):
    with open(path, "wb") as file:
        file.write(data[:200_000])
        if power_fails:
            raise RuntimeError("the power fails")
        file.write(data[200_000:])


save_in_place(data, folder / "last.pth", power_fails=False)
try:
    save_in_place(data, folder / "last.pth", power_fails=True)
except RuntimeError as error:
    print(error)
try:
    torch.load(folder / "last.pth")
except Exception:
    print("nothing left: torch.load fails,", os.path.getsize(folder / "last.pth"), "bytes are in the file")

# %% [markdown] name="atomic"
# The remedy: write to a new file beside the old one, and let it take the old one's name when it is complete.
# Systems do the renaming in one step: there is the old file, or the new one, and nothing between.


# %% name="atomic-save"
def save_safely(data, path, power_fails):
    beside = path.with_suffix(".new")
    save_in_place(data, beside, power_fails)
    os.replace(beside, path)  # in one step


save_safely(data, folder / "last.pth", power_fails=False)
try:
    save_safely(data, folder / "last.pth", power_fails=True)
except RuntimeError as error:
    print(error)
print("still there: step", torch.load(folder / "last.pth")["step"])

# %% [markdown] name="pickle"
# ## 5 · A file that runs
#
# `torch.save` writes a **pickle**: a small program that builds objects when it is loaded. It may call any function.
# Here is a file of "weights" from somebody else:


# %% name="trojan"
class Innocent:
    def __reduce__(self):  # what to call when this is loaded
        return print, ("  (this line was printed by the file that you loaded)",)


torch.save({"weight": torch.ones(3), "note": Innocent()}, folder / "from_a_stranger.pth")

# %% name="pickle-question" jupyter={"source_hidden": true}
predict(
    "You call torch.load(path, weights_only=False) on it, and nothing else. What can happen?",
    [
        "only numbers are read",
        "code runs, but only PyTorch's own",
        "whatever its author wanted",
    ],
    answer="whatever its author wanted",
    explain="Here it is print. It could as well be os.system. It runs while loading, before you have looked at "
    "anything.",
)

# %% name="pickle-answer"
loaded = torch.load(folder / "from_a_stranger.pth", weights_only=False)
print("weights_only=False gives", loaded)
try:
    torch.load(folder / "from_a_stranger.pth")
except Exception as error:
    print("by default:", type(error).__name__)

# %% [markdown] name="safetensors"
# By default `torch.load` runs nothing and takes only tensors, numbers, texts and the like; this is why our
# checkpoint is made of state dicts. For weights that go to others there is a format in which nothing *can* run.
# **safetensors** is eight bytes with the length of a header, the header in JSON, and then the numbers. You can read
# it without any library:

# %% name="safetensors-header"
save_file(model.state_dict(), folder / "weights.safetensors")
raw = (folder / "weights.safetensors").read_bytes()
length = int.from_bytes(raw[:8], "little")
header = json.loads(raw[8 : 8 + length])
for name, about in header.items():
    print(name, about)

# %% [markdown] name="damage"
# ## 6 · One bit
#
# Disks and cables make mistakes, rarely. Let us flip one of the file's three million bits: the highest bit of the
# exponent of one weight.

# %% name="flip"
pixel = 14 * 28 + 14  # in the middle of the picture
unit = model[1].weight[:, pixel].argmax().item()
place = 8 + length + header["1.weight"]["data_offsets"][0] + 4 * (784 * unit + pixel)
damaged = bytearray(raw)
damaged[place + 3] ^= 0b0100_0000
print(f"one bit of {8 * (folder / 'damaged.safetensors').write_bytes(damaged):,}")

# %% name="flip-question" jupyter={"source_hidden": true}
predict(
    "What does load_file say to the damaged file?",
    ["it raises an error", "it warns", "nothing: it loads the file"],
    answer="nothing: it loads the file",
    explain="Any four bytes are a number. The header is whole, and the format has no checksum.",
)

# %% name="flip-answer"
broken = load_file(folder / "damaged.safetensors")
print("weight before:", model[1].weight[unit, pixel].item(), "  now:", broken["1.weight"][unit, pixel].item())
fresh.load_state_dict(broken)
print(f"accuracy before: {accuracy(model):.1f} %   now: {accuracy(fresh):.1f} %")
tensor_view(broken["1.weight"][unit].reshape(28, 28))

# %% [markdown] name="flip-note"
# These are the weights of one of the 128 units, laid out as the picture that they look at. Walk through them with
# the arrow keys: ordinary numbers, so small beside the broken one that they have no colour left. One weight of a
# hundred thousand, and most pictures are misread.
#
# Nothing told us. A **digest** would have: a short number computed from all bytes, such as SHA-256, which comes out
# different when any bit does. Write it down with the file, compute it again when you load.

# %% [markdown] name="exercise-3"
# ## Exercise 3 · A format that detects damage (build)
#
# `pack` turns a dict of named NumPy arrays into bytes, `unpack` turns them back. No pickle. Names, order, dtypes,
# shapes and values come back exactly, as arrays that can be written to. Where a bit was flipped, the end is missing
# or something was added, `unpack` raises `ValueError`.

# %% name="exercise-3-code"
# @exercise checkpoints.format
import hashlib
import json

import numpy as np


def pack(arrays):
    """A dict of named arrays as bytes."""


def unpack(data):
    """The dict again; ValueError where the bytes are damaged."""


# @end

# %% name="exercise-3-try"
packed = pack({name: value.numpy() for name, value in model.state_dict().items()})
if packed is not None:
    print(len(packed), "bytes;", {name: array.shape for name, array in unpack(packed).items()})
    try:
        unpack(packed[:1000] + bytes([packed[1000] ^ 1]) + packed[1001:])
    except ValueError as error:
        print("noticed:", error)

# %% name="exercise-3-check"
exercise("checkpoints.format")

# %% [markdown] name="same-in-pytorch"
# ## The same in PyTorch
#
# The files are the same, in both directions: a `.pth` or `.safetensors` file from here loads there. Three
# differences. PyTorch's `torch.save` writes in place, as in section 4, so save to a second name and use
# `os.replace`; Glasstorch does that by itself. `load_file` and `save_file` come from a package of their own,
# `safetensors.torch`. And on a GPU the random numbers have a state for each device:
# `torch.cuda.get_rng_state_all()` belongs into the checkpoint, and results are only equal to the last bit with
# `torch.use_deterministic_algorithms(True)`.
#
# `torch.utils.checkpoint` has nothing to do with all this. It saves memory by computing parts of the forward pass
# twice.
#
# ## What to take with you
#
# - Save state dicts, not objects. After loading: `eval()` to use the model, `train()` to go on.
# - `strict=False` silences the error, not its cause. `map_location="cpu"` for files from elsewhere.
# - Whatever a step changes and the next one reads is state: weights, optimizer, schedule, random numbers, place in
#   the data. The test of a checkpoint is equal losses, to the last bit.
# - Write beside, then rename. Check a digest.
# - Loading a pickle runs it. Keep `weights_only=True`; give weights away as safetensors.
