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
# # Learning rate schedules
#
# A network learns to read digits with Adam and the learning rate 0.03. After 480 steps it gets 93 % of the test digits
# right. The same network, the same 480 batches, the same optimizer; only the rate starts near 0, climbs to 0.03 and
# sinks back to 0. Now it is over 96 %: nearly half of the mistakes are gone, and nothing was paid for it.
#
# **Why is no single learning rate right for a whole training, and how do you choose the curve?**

# %% name="setup"
import warnings

import glasstorch as torch
from glasstorch import nn
from glasstorch.nn import functional as F
from glasstorch.optim import lr_scheduler
from glasstorch.vision.datasets import MNIST
from glasstorch_widgets import exercise, loss_curve, predict, watch

# %load_ext glasstorch_widgets

# %% name="data"
train_set, test_set = MNIST("../data", train=True), MNIST("../data", train=False)
train_images, train_labels = train_set.data / 255, train_set.targets
test_images, test_labels = test_set.data / 255, test_set.targets
EPOCHS, PER_EPOCH, STEPS = 4, 120, 480  # 120 batches of 100 digits make an epoch


def new_network():
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 10))


def batches(epochs=EPOCHS):
    """The same batches in the same order for every training."""
    generator = torch.Generator().manual_seed(1)
    for _ in range(epochs):
        for part in torch.randperm(12000, generator=generator).split(100):
            yield train_images[part], train_labels[part]


def accuracy(model):
    with torch.no_grad():
        return 100 * (model(test_images).argmax(dim=1) == test_labels).float().mean().item()


# %% [markdown] name="noise"
# ## 1 · Why one rate is not enough
#
# One number `x` in the bowl `x²/2`. Its gradient is `x`, but we only see it with noise, as a batch shows the gradient
# of all data only roughly. Three ways to the bottom: large steps, small steps, and steps that shrink.


# %% name="noisy-bowl"
def noisy_descent(rate_at, steps=400):
    """How far x is from the bottom at each step. rate_at: the learning rate at a step."""
    generator = torch.Generator().manual_seed(0)
    x, way = 20.0, []
    for step in range(steps):
        gradient = x + 5 * torch.randn(1, generator=generator).item()
        x = x - rate_at(step) * gradient
        way.append(abs(x))
    return way


def end_of(way):
    return round(sum(way[-100:]) / 100, 2)


ways = {
    "large": noisy_descent(lambda step: 0.5),
    "small": noisy_descent(lambda step: 0.005),
    "shrinking": noisy_descent(lambda step: 0.5 * 0.985**step),
}

# %% name="noise-question" jupyter={"source_hidden": true}
predict(
    "With the large rate 0.5, x is near the bottom after ten steps. What happens if it goes on for four hundred?",
    ["it arrives exactly at 0", "it keeps jumping about at the same distance", "it runs away"],
    answer=lambda: (
        "it keeps jumping about at the same distance"
        if 1 < end_of(ways["large"]) < 5
        else "it arrives exactly at 0"
    ),
    explain="Each step adds new noise, multiplied by the rate. With a constant rate the noise of the last steps never "
    "goes away, so more steps do not help. Only a smaller rate does.",
)

# %% name="noise-answer"
curve = loss_curve("Distance from the bottom")
for large, small, shrinking in zip(*ways.values()):
    curve.add(large_distance=large, small_distance=small, shrinking_distance=shrinking)
for name, way in ways.items():
    print(f"{name:10} after 20 steps {way[19]:6.2f}   mean of the last hundred {end_of(way):5.2f}")

# %% [markdown] name="noise-note"
# The large rate travels fast and never settles. The small one would settle, and is still on its way. The shrinking one
# does both: **early on the rate decides how fast you travel, later how much noise is left.** That is the reason for
# every schedule on this page.
#
# ## 2 · Schedulers
#
# A **scheduler** holds an optimizer and changes the `lr` in its parameter groups, each time its `step()` is called:
#
# ```python
# optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
# scheduler = lr_scheduler.StepLR(optimizer, step_size=30, gamma=0.1)
# for epoch in range(100):
#     train_epoch(...)      # many optimizer.step()
#     scheduler.step()      # once an epoch
# ```


# %% name="rates-of"
def rates_of(make, steps, lr=0.1):
    """The learning rates that a scheduler gives."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=lr)
    scheduler = make(optimizer)
    rates = []
    for _ in range(steps):
        rates.append(scheduler.get_last_lr()[0])
        optimizer.step()
        scheduler.step()
    return rates


# %% name="step-question" jupyter={"source_hidden": true}
predict(
    "lr=0.1 and StepLR(optimizer, step_size=30, gamma=0.1). What is the learning rate in epoch 65 (the first is 0)?",
    answer=lambda: round(rates_of(lambda o: lr_scheduler.StepLR(o, step_size=30, gamma=0.1), 66)[65], 6),
    explain="65 // 30 = 2 falls, each by the factor 0.1: 0.1 · 0.1 · 0.1 = 0.001.",
)

# %% name="shapes"
schedules = {
    "steps": lambda o: lr_scheduler.StepLR(o, step_size=30, gamma=0.3),
    "exponential": lambda o: lr_scheduler.ExponentialLR(o, gamma=0.96),
    "cosine": lambda o: lr_scheduler.CosineAnnealingLR(o, T_max=100),
    "one_cycle": lambda o: lr_scheduler.OneCycleLR(o, max_lr=0.1, total_steps=101),
}
curve = loss_curve("Four schedules")
for row in zip(*(rates_of(make, 100) for make in schedules.values())):
    curve.add(**{f"{name}_rate": rate for name, rate in zip(schedules, row)})

# %% [markdown] name="shapes-note"
# - **Steps** keep the rate and then divide it: simple, and you must know when.
# - **Exponential** multiplies each time by the same factor. It falls fastest at the start, where you want to travel.
# - **Cosine** stays high for long, falls in the middle, and ends gently at 0. It has one knob: the length.
# - **One cycle** begins low, climbs, and sinks to almost nothing (section 5).
#
# ## 3 · What it does to a training
#
# Now the digits: SGD with momentum 0.9 and lr 0.3, which lesson 9 found on the high side. Same start, same batches.


# %% name="train-function"
def training(make_optimizer, make_schedule=None):
    """Losses and rates of all steps, the test accuracy, and the model."""
    model = new_network()
    optimizer = make_optimizer(model.parameters())
    scheduler = make_schedule(optimizer) if make_schedule else None
    losses, rates = [], []
    for images, labels in batches():
        optimizer.zero_grad()
        loss = F.cross_entropy(model(images), labels)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        rates.append(optimizer.param_groups[0]["lr"])
        if scheduler is not None:
            scheduler.step()  # once a batch: these schedules count batches
    return losses, rates, accuracy(model), model


def sgd(lr):
    return lambda parameters: torch.optim.SGD(parameters, lr=lr, momentum=0.9)


def cosine(optimizer):
    return lr_scheduler.CosineAnnealingLR(optimizer, T_max=STEPS)


# %% name="cosine-runs"
constant_run = training(sgd(0.3))
cosine_run = training(sgd(0.3), cosine)


def last_epoch(constant_run, cosine_run):
    ratio = sum(cosine_run[0][-PER_EPOCH:]) / sum(constant_run[0][-PER_EPOCH:])
    if ratio > 1.1:
        return "it is larger: smaller steps learn less"
    return "about the same" if ratio > 2 / 3 else "it is less than two thirds of it"


# %% name="cosine-question" jupyter={"source_hidden": true}
predict(
    "The last of the four epochs begins. With the constant rate, the loss falls only slowly by now. What is the loss "
    "of this epoch with the cosine, whose rate sinks to 0, compared with the constant rate?",
    ["it is larger: smaller steps learn less", "about the same", "it is less than two thirds of it"],
    answer=lambda: last_epoch(constant_run, cosine_run),
    explain="The network knew more than its loss showed: the large steps kept it jumping across the bottom. When the "
    "rate sinks, it settles, and the loss falls at once.",
)


# %% name="cosine-answer"
def smooth(losses, window=20):
    return [
        sum(losses[max(0, k - window) : k + 1]) / len(losses[max(0, k - window) : k + 1])
        for k in range(len(losses))
    ]


curve = loss_curve("Constant rate and cosine")
rows = zip(smooth(constant_run[0]), smooth(cosine_run[0]), constant_run[1], cosine_run[1])
for step, (a, b, rate, falling) in enumerate(rows):
    if step >= 60:  # the first half epoch would squeeze all the others into a line
        curve.add(step=step, constant_loss=a, cosine_loss=b, constant_rate=rate, cosine_rate=falling)
for name, run in (("constant", constant_run), ("cosine", cosine_run)):
    print(f"{name:9} loss of the last epoch {sum(run[0][-PER_EPOCH:]) / PER_EPOCH:.3f}   test {run[2]:.2f} %")

# %% [markdown] name="per-batch-trap"
# A schedule counts calls of `step()`. It does not know whether you call it after each batch or after each epoch. Its
# lengths must be in the same unit. This is the most common mistake with schedules:

# %% name="unit-question" jupyter={"source_hidden": true}
predict(
    "CosineAnnealingLR(optimizer, T_max=4) was meant for 4 epochs, but step() is called after each batch. What does "
    "the rate do?",
    [
        "it sinks to 0 in 4 batches and stays there",
        "it goes up and down for ever, every 8 batches",
        "PyTorch raises an error after batch 4",
    ],
    answer=lambda: (
        "it goes up and down for ever, every 8 batches"
        if rates_of(lambda o: lr_scheduler.CosineAnnealingLR(o, T_max=4), 9)[8] > 0.09
        else "it sinks to 0 in 4 batches and stays there"
    ),
    explain="The formula is a cosine, and a cosine comes back. No error, and the training even works, badly. Look at "
    "the rates before you train.",
)

# %% name="unit-answer"
curve = loss_curve("T_max=4, stepped after each batch")
for rate in rates_of(lambda o: lr_scheduler.CosineAnnealingLR(o, T_max=4), 60):
    curve.add(wrong_rate=rate)
print([round(rate, 3) for rate in rates_of(lambda o: lr_scheduler.CosineAnnealingLR(o, T_max=4), 9)])
wrong_unit = training(sgd(0.3), lambda o: lr_scheduler.CosineAnnealingLR(o, T_max=4))
print(f"trained with it: {wrong_unit[2]:.2f} %   with T_max in batches: {cosine_run[2]:.2f} %")

# %% [markdown] name="order-trap"
# The second mistake is the order: `scheduler.step()` before the first `optimizer.step()` skips the first rate. This one
# at least gets a warning:

# %% name="order-shown"
optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
scheduler = lr_scheduler.StepLR(optimizer, step_size=30)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    scheduler.step()
    optimizer.step()
print(str(caught[0].message)[:165], "...")

# %% [markdown] name="exercise-1"
# ## Exercise 1 · Read the schedules (use)
#
# Four questions about rates. Write the numbers out; do not run anything.
#
# 1. `step`: lr=0.8, `StepLR(step_size=10, gamma=0.5)`. The rate after 25 calls of `scheduler.step()`?
# 2. `cosine`: lr=0.2, `CosineAnnealingLR(T_max=100)`. The rate after 50 calls?
# 3. `warmup`: lr=0.1, `LinearLR(start_factor=0.1, total_iters=9)`. The rate after 3 calls?
# 4. `cycle`: `CosineAnnealingLR(T_max=10)` with lr=0.4. The rate after 20 calls?

# %% name="exercise-1-code"
# @exercise schedules.rates
answers = {
    "step": None,
    "cosine": None,
    "warmup": None,
    "cycle": None,
}


# @end

# %% name="exercise-1-check"
exercise("schedules.rates")

# %% [markdown] name="warmup"
# ## 4 · Warm-up
#
# The first steps are the most dangerous ones. The weights are random and the gradients large. Adam is worse off still:
# its averages have seen next to nothing, and its first step moves *every* weight by the whole `lr` (lesson 9). ReLU
# units that are thrown off by it may never wake again.
#
# **Warm-up** begins with a tiny rate and raises it in a straight line, here over a tenth of the training.
# `SequentialLR` plays one scheduler after another.


# %% name="warmup-schedules"
def adam(lr):
    return lambda parameters: torch.optim.Adam(parameters, lr=lr)


def warmup_cosine(optimizer, warmup=48):
    rise = lr_scheduler.LinearLR(optimizer, start_factor=0.01, total_iters=warmup)
    fall = lr_scheduler.CosineAnnealingLR(optimizer, T_max=STEPS - warmup)
    return lr_scheduler.SequentialLR(optimizer, [rise, fall], milestones=[warmup])


def dead_units(model):
    """Hidden units that give 0 for every test digit."""
    with torch.no_grad():
        return int((model[:3](test_images) == 0).all(dim=0).sum())


# %% name="warmup-question" jupyter={"source_hidden": true}
predict(
    "Adam with lr 0.06 and a cosine: at the end, how many of the 64 hidden units are dead (0 for every test digit)? "
    "With warm-up it is 14.",
    answer=lambda: dead_units(training(adam(0.06), cosine)[3]),
    tolerance=6,
    explain="The first, too large steps killed them, and the training had to do without them ever since. It is damage "
    "that no later schedule can mend.",
)

# %% name="warmup-answer"
print(f"{'':22}{'constant':>10}{'cosine':>10}{'warm-up + cosine':>20}")
table = {}
for lr in (0.01, 0.03, 0.06):
    table[lr] = runs = [training(adam(lr), schedule) for schedule in (None, cosine, warmup_cosine)]
    print(f"lr {lr}, test accuracy " + "".join(f"{run[2]:10.2f}" for run in runs))
    print(f"lr {lr}, dead units    " + "".join(f"{dead_units(run[3]):10}" for run in runs))

# %% name="headline"
print(f"constant rate: {table[0.03][0][2]:.2f} %   warm-up and cosine: {table[0.03][2][2]:.2f} %")

# %% [markdown] name="warmup-note"
# The rate 0.03 is the one from the top of the page. Read the table by rows: for each rate, warm-up and cosine together
# are best. Read it by columns too: a constant 0.06 ruins the network, and with warm-up and cosine the same 0.06 is only
# one point worse than the best. **A schedule makes the choice of the rate less delicate.** That is worth as much as the
# gain in accuracy.
#
# ## 5 · One cycle, and a target
#
# `OneCycleLR` is both in one scheduler: up, and down to almost nothing. You give it the highest rate and the number of
# steps, and call it **after each batch**. (It also lowers momentum while the rate is high.) The target is **95.5 %**
# with SGD. Open the tab “Learning rate” of the view: it shows the rates that were.

# %% name="one-cycle"
model = new_network()
optimizer = torch.optim.SGD(model.parameters(), lr=0.3, momentum=0.9)
scheduler = lr_scheduler.OneCycleLR(optimizer, max_lr=0.3, total_steps=STEPS)
view = watch(model, optimizer, scheduler, title="One cycle")
for images, labels in batches():
    optimizer.zero_grad()
    F.cross_entropy(model(images), labels).backward()
    optimizer.step()
    scheduler.step()
view.stop()
print(f"constant 0.3: {constant_run[2]:.2f} %   one cycle, test accuracy: {accuracy(model):.2f} %")

# %% name="one-step-more"
try:
    scheduler.step()
except ValueError as error:
    print("one step more:", error)

# %% [markdown] name="plateau"
# ## 6 · When you do not know the length: reduce on plateau
#
# All schedules so far know when the training ends. `ReduceLROnPlateau` does not: it watches a number, such as the
# validation loss, and divides the rate when that has not improved for a while. Its `step` needs the number.

# %% name="plateau-error"
optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
scheduler = lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.1, patience=2)
try:
    scheduler.step()
except TypeError as error:
    print("TypeError:", error)


# %% name="plateau-function"
def plateau(losses, patience):
    """The learning rate after each epoch."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
    scheduler = lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.1, patience=patience)
    rates = []
    for loss in losses:
        scheduler.step(loss)
        rates.append(round(optimizer.param_groups[0]["lr"], 6))
    return rates


losses = [1.0, 0.8, 0.7, 0.71, 0.72, 0.73, 0.74, 0.75]

# %% name="plateau-question" jupyter={"source_hidden": true}
predict(
    "patience=2, and the validation losses 1.0, 0.8, 0.7, 0.71, 0.72, 0.73, 0.74, 0.75. After which of these epochs, "
    "counted from 1, is the rate reduced?",
    answer=lambda: plateau(losses, patience=2).index(0.01) + 1,
    explain="Epoch 3 was the best. Patience 2 forgives two bad epochs; the third one, epoch 6, is too many. "
    "(Early stopping in lesson 11 counted differently: there, patience was the number of bad epochs that end it.)",
)

# %% name="plateau-answer"
for patience in (0, 1, 2):
    print("patience", patience, plateau(losses, patience))

# %% [markdown] name="range-test"
# ## 7 · How high? The range test
#
# A schedule needs its highest rate. Instead of forty trainings, do a single one of a hundred steps in which the
# rate grows by the same factor at each step, from far too small to far too large. The loss tells you three
# things: where it begins to fall, where it falls fastest, and where it explodes.


# %% name="range-test-run"
def range_test(make_optimizer, low, high, steps=100):
    model = new_network()
    optimizer = make_optimizer(model.parameters())
    rates, losses = [], []
    for k, (images, labels) in zip(range(steps), batches(1)):
        rate = low * (high / low) ** (k / (steps - 1))
        for group in optimizer.param_groups:
            group["lr"] = rate
        optimizer.zero_grad()
        loss = F.cross_entropy(model(images), labels)
        loss.backward()
        optimizer.step()
        rates.append(rate)
        losses.append(loss.item())
    return rates, losses


rates, losses_seen = range_test(sgd(0.001), 0.001, 10)

# %% name="range-plot"
import plotly.graph_objects as go

figure = go.Figure()
figure.add_scatter(x=rates, y=losses_seen, name="loss", mode="markers", marker={"size": 4, "color": "#999"})
figure.add_scatter(x=rates, y=smooth(losses_seen, 6), name="smoothed", line={"width": 3})
figure.update_xaxes(type="log", title="lr")
figure.update_yaxes(title="loss", range=[0, 4])
figure.update_layout(height=380, margin={"t": 20, "r": 10}, template="plotly_white")
figure

# %% name="range-question" jupyter={"source_hidden": true}
predict(
    "Which highest rate would you give to a schedule, after this picture? (Each is tried with a cosine.)",
    ["0.003", "0.2", "2"],
    answer=lambda: max(("0.003", "0.2", "2"), key=lambda lr: training(sgd(float(lr)), cosine)[2]),
    explain="At 0.003 the loss has hardly begun to fall, at 2 it has exploded. Take a rate before the rise, where the "
    "loss is still low: a half to a tenth of the rate where it explodes.",
)

# %% name="range-answer"
for lr in (0.003, 0.2, 2.0):
    print(f"cosine from {lr}: {training(sgd(lr), cosine)[2]:.2f} %")

# %% [markdown] name="range-note"
# The test costs a hundred steps and is done again in a minute, for another batch size or another network. Its answer
# holds for *this* optimizer, batch size and network, and for no other.

# %% [markdown] name="exercise-2"
# ## Exercise 2 · A range test (use)
#
# Write it as a function that leaves the model and the optimizer as it found them: the weights go back to where they
# were, and so does the learning rate.


# %% name="exercise-2-code"
# @exercise schedules.range-test
def find_rates(model, loss_fn, optimizer, batches, low, high):
    """(rates, losses): one step for each batch, with rates that grow from low to high by equal factors."""
    # your lines


# @end

# %% name="exercise-2-try"
fresh = new_network()
optimizer = torch.optim.SGD(fresh.parameters(), lr=0.1, momentum=0.9)
found = find_rates(fresh, F.cross_entropy, optimizer, list(batches(1))[:20], 0.001, 10)
if found is not None:
    for rate, loss in list(zip(*found))[::4]:
        print(f"lr {rate:8.4f}   loss {loss:.3f}")
    same = all(torch.equal(p, q) for p, q in zip(fresh.parameters(), new_network().parameters()))
    print("weights as before:", same, "  lr:", optimizer.param_groups[0]["lr"])

# %% name="exercise-2-check"
exercise("schedules.range-test")

# %% [markdown] name="exercise-3"
# ## Exercise 3 · Warm-up and cosine (build)
#
# One class does what took three schedulers above. Schedules are only arithmetic:
#
# - for step $k$ < warmup: $\text{peak} \cdot (k + 1) / \text{warmup}$,
# - then, up to `total`: $\text{lowest} + (\text{peak} - \text{lowest}) \cdot \frac{1}{2}(1 + \cos(\pi t))$ with
#   $t = (k - \text{warmup}) / (\text{total} - \text{warmup})$,
# - from `total` on: lowest.
#
# `set_rate` is given. It works with the engine's optimizers, and with those that you built in lesson 9.

# %% name="exercise-3-code"
# @exercise schedules.warmup-cosine
import math


def set_rate(optimizer, rate):
    """Set the learning rate of an optimizer, the engine's or your own."""
    if hasattr(optimizer, "param_groups"):
        for group in optimizer.param_groups:
            group["lr"] = rate
    else:
        optimizer.lr = rate


class WarmupCosine:
    """A straight rise to the peak, then half a cosine down to the lowest rate."""

    def __init__(self, optimizer, peak, warmup, total, lowest=0.0):
        self.optimizer = optimizer
        self.peak = peak
        self.warmup = warmup
        self.total = total
        self.lowest = lowest
        # the optimizer needs the rate of step 0 from the start

    def rate(self, k):
        """The learning rate of step k (0, 1, 2, ...)."""
        # your formula

    def step(self):
        """Go on to the next step's rate."""
        # your lines


# @end

# %% name="exercise-3-try"
optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
schedule = WarmupCosine(optimizer, peak=0.1, warmup=10, total=60, lowest=0.001)
curve = loss_curve("Your schedule")
for _ in range(70):
    curve.add(own_rate=optimizer.param_groups[0]["lr"])
    optimizer.step()
    schedule.step()

# %% name="exercise-3-check"
exercise("schedules.warmup-cosine")

# %% [markdown] name="same-in-pytorch"
# ## The same in PyTorch
#
# `torch.optim.lr_scheduler` has the same classes with the same arguments, and gives the same rates. Some things to
# know:
#
# - Order: `optimizer.step()`, then `scheduler.step()`. `OneCycleLR`, and mostly a warm-up, after each batch; `StepLR`
#   mostly after each epoch; `ReduceLROnPlateau` after each evaluation, with the loss.
# - A scheduler has a state: save `scheduler.state_dict()` along with the model's and the optimizer's (lesson 16), or a
#   resumed training starts its schedule anew.
# - Libraries for language models offer warm-up with cosine as one function, because it is so common. It is your class
#   from exercise 3.
#
# ## What to take with you
#
# - Early on the rate decides how fast you travel; at the end, how much noise is left. So it should fall.
# - Warm-up protects the random start, above all with Adam and large rates.
# - Know your unit: batches or epochs. Print the rates before you train.
# - Find the highest rate with a range test, and stay below the explosion.
# - If you want a default: warm-up for a tenth of the steps, then a cosine to 0.
