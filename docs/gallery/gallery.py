# ---
# jupyter:
#   kernelspec: {name: python3, display_name: Python 3, language: python}
# ---

# %% [markdown]
# Every view, with something worth looking at. `make.py` runs this notebook in JupyterLab, takes the pictures and
# writes README.md: of each pair of cells the words and the code, and below them the picture.
# ruff: noqa

# %%
# %load_ext glasstorch_widgets
import glasstorch as torch
from glasstorch import nn, optim
from glasstorch.nn import functional as F
from glasstorch.vision import datasets
from glasstorch_widgets import *

digits = datasets.MNIST("data", train=True)
images = digits.data[:512].float()[:, None] / 255
labels = digits.targets[:512]
torch.manual_seed(0)
# %% [markdown]
# ## Graph: step through a computation
# The two-layer network of the first lesson: every box opens to its numbers, a step goes forward or backward, a leaf can be edited.

# %%
x = torch.tensor([[1.0, 2.0]])
w = torch.tensor([[3.0, 0.0], [-1.0, -1.0]], requires_grad=True)
h = torch.relu(x @ w)
loss = (h * h).sum()
graph(loss)

# %% [markdown]
# ## Graph of modules: a small CNN
# Modules are boxes that open and close; shapes are on the edges.

# %%
cnn = nn.Sequential(
    nn.Conv2d(1, 8, 3, padding=1),
    nn.ReLU(),
    nn.MaxPool2d(4),
    nn.Conv2d(8, 16, 3, padding=1),
    nn.ReLU(),
    nn.Flatten(),
    nn.Linear(16 * 7 * 7, 10),
)
graph(F.cross_entropy(cnn(images[:8]), labels[:8]))

# %% [markdown]
# ## Graph of modules: an attention block
# A pre-norm transformer layer, closed to its parts; Enter opens one.


# %%
class Block(nn.Module):
    def __init__(self, size=16):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(size), nn.LayerNorm(size)
        self.attention = nn.MultiheadAttention(size, 2, batch_first=True)
        self.feed = nn.Sequential(nn.Linear(size, 32), nn.GELU(), nn.Linear(32, size))

    def forward(self, x):
        n = self.norm1(x)
        x = x + self.attention(n, n, n)[0]
        return x + self.feed(self.norm2(x))


graph(Block()(torch.randn(1, 5, 16)).pow(2).mean())

# %% [markdown]
# ## Graph: where gradients add up
# A residual block: the skip and the two layers meet in a sum, and their gradients add up where the path forks.

# %%
a = torch.randn(2, 3, requires_grad=True)
first, second = nn.Linear(3, 3), nn.Linear(3, 3)
out = a + second(torch.relu(first(a)))
graph(out.pow(2).mean())

# %% [markdown]
# ## Graph: where NaN began
# The logarithm of a negative number, and all that it spoils, marked in colour and words.

# %%
a = torch.tensor([1.0, -1.0], requires_grad=True)
graph((torch.log(a) * 2).sum())

# %% [markdown]
# ## Graph: where a forward failed
# The error keeps the learner's own lines; below it is the graph up to the operation that failed.

# %%
hidden = torch.relu(torch.ones(2, 3, requires_grad=True) * 2)
hidden @ torch.ones(4, 2)

# %% [markdown]
# ## Compare: two computations side by side
# The same formula with another constant: the view opens where the two part, and steps go along in both.

# %%
v = torch.tensor([0.5, -1.0], requires_grad=True)
compare((v * 2).exp().sum(), (v * 3).exp().sum())

# %% [markdown]
# ## Time travel: a training on one graph
# Each step of a small training was kept; the slider goes back and forth between them.

# %%
v, view = torch.tensor([1.0, -2.0], requires_grad=True), None
for step in range(8):
    result = (v * v).sum()
    view = view or graph(result)
    view.keep(result)
    result.backward()
    with torch.no_grad():
        v -= 0.1 * v.grad
    v.grad = None
view

# %% [markdown]
# ## Watch: a healthy training
# One line before the loop: curves, the health of every layer, histograms, gradient flow, learning rate, memory.


# %%
def train(model, rate, title, steps=60):
    optimizer = optim.SGD(model.parameters(), lr=rate)
    view = watch(model, optimizer, every=2, title=title)
    for step in range(steps):
        part = torch.randint(0, 512, (32,))
        optimizer.zero_grad()
        output = model(images[part])
        F.cross_entropy(output, labels[part]).backward()
        optimizer.step()
        view.log(accuracy=(output.argmax(1) == labels[part]).float().mean())
    return view.stop()


network = nn.Sequential(
    nn.Flatten(), nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10)
)
healthy = train(network, 0.05, "Digits, healthy", steps=200)

# %% [markdown]
# ## Watch: units that never wake
# A layer whose ReLU units all give 0, and what to do about it.

# %%
dead = nn.Sequential(nn.Flatten(), nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 10))
with torch.no_grad():
    dead[1].bias.fill_(-9.0)
sleepers = train(dead, 0.2, "Sleepers")

# %% [markdown]
# ## Watch: gradients that vanish
# Ten sigmoid layers: the gradient fades on its way back to the input.

# %%
deep = nn.Sequential(
    nn.Flatten(),
    nn.Linear(784, 32),
    *[m for _ in range(5) for m in (nn.Sigmoid(), nn.Linear(32, 32))],
    nn.Sigmoid(),
    nn.Linear(32, 10),
)
fading = train(deep, 0.2, "Sigmoids")

# %% [markdown]
# ## Watch: a learning rate that is too large
# The loss leaves the finite numbers; the first layer with NaN is named.

# %%
wild = train(nn.Sequential(nn.Flatten(), nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 10)), 60.0, "Too fast")

# %% [markdown]
# ## Loss curve
# A chart that grows while the loop runs, at most 30 times a second.

# %%
curve = loss_curve("Two rates")
for step in range(200):
    curve.add(slow_loss=2.3 * 0.99**step, fast_loss=2.3 * 0.96**step + 0.1 * float(torch.rand(1)))

# %% [markdown]
# ## Tensor view: a view of other memory
# A transposed slice and the memory it looks at; the arrow keys walk through both.

# %%
base = torch.arange(24.0).reshape(4, 6)
part = base[1:, 1:4].T
tensor_view(part)

# %% [markdown]
# ## Tensor view: a digit
# 28 × 28 pixels as heat map, with the numbers that sum them up.

# %%
digit = images[0, 0]
tensor_view(digit)

# %% [markdown]
# ## Broadcasting
# The copies that are never made, drawn as ghosts; one element of the result lights up where it comes from.

# %%
rows, columns = torch.tensor([[1.0], [2.0], [3.0]]), torch.tensor([10.0, 20.0, 30.0, 40.0])
broadcast(rows, columns)

# %% [markdown]
# ## Convolution, window by window
# A Sobel kernel over a digit: the window, the products and the cell that they add up to.

# %%
sobel = torch.tensor([[1.0, 0.0, -1.0], [2.0, 0.0, -2.0], [1.0, 0.0, -1.0]])
conv_scan(sobel, images[4, 0, 6:22, 6:22], padding=1)

# %% [markdown]
# ## Feature maps
# What each layer of a network makes of a digit, and the part of the input that a unit sees.

# %%
feature_maps(cnn[:5], images[7])

# %% [markdown]
# ## Attention
# Heads small, one large, lines from a token to those it looks at; later tokens are masked.

# %%
tokens = "the cat sat on the mat".split()
layer, embedded = nn.MultiheadAttention(12, 3, batch_first=True), torch.randn(1, 6, 12)
attention_view(layer, tokens, inputs=3 * embedded, mask=torch.triu(torch.ones(6, 6, dtype=torch.bool), 1))

# %% [markdown]
# ## Optimizer race
# Four of the engine's own optimizers on Rosenbrock's valley; start and learning rates can be changed.

# %%
optimizer_race("rosenbrock", steps=150)

# %% [markdown]
# ## Loss landscape
# The loss around a trained network's weights with the way it took there: a plain plotly figure.

# %%
small = nn.Sequential(nn.Flatten(), nn.Linear(784, 16), nn.ReLU(), nn.Linear(16, 10))
optimizer, way = optim.SGD(small.parameters(), lr=0.3), Trajectory(small)
for step in range(30):
    optimizer.zero_grad()
    F.cross_entropy(small(images[:64]), labels[:64]).backward()
    optimizer.step()
    way.add()
loss_landscape(
    small, F.cross_entropy, (images[:64], labels[:64]), trajectories=way, directions="pca", steps=15
)

# %% [markdown]
# ## Confusion matrix
# Which digits the trained network takes for which, with examples of each cell.

# %%
with torch.no_grad():
    scores = network(images)
confusion(labels, scores, images=images, title="Digits")

# %% [markdown]
# ## The worst mistakes
# The digits with the largest loss.

# %%
worst(images, scores, labels, n=12)

# %% [markdown]
# ## Ring all-reduce
# Four ranks add up their numbers chunk by chunk.

# %%
comm_ring(4)

# %% [markdown]
# ## Communication over time
# One step of training in two real processes: which gradients were on their way while backward still ran, and what each process stood still for.

# %%
import tempfile
import glasstorch.distributed as dist
import glasstorch.multiprocessing as mp


def train(rank, folder):
    dist.init_process_group("gloo", init_method=f"file://{folder}/store", rank=rank, world_size=2)
    torch.manual_seed(rank)
    sizes = [256, 512, 512, 512, 10]
    model = nn.Sequential(*(nn.Linear(a, b) for a, b in zip(sizes, sizes[1:])))
    model = nn.parallel.DistributedDataParallel(model, bucket_cap_mb=1)
    optimizer = optim.SGD(model.parameters(), lr=0.01)
    for number in range(3):  # the first one makes the connections
        dist.barrier()
        with dist.traffic.record() as recording:
            model(torch.randn(256, 256)).pow(2).mean().backward()
            optimizer.step()
    dist.traffic.save(f"{folder}/traffic.json", recording)
    dist.destroy_process_group()


folder = tempfile.mkdtemp()
mp.start_processes(train, (folder,), nprocs=2, start_method="fork")
comm_timeline(f"{folder}/traffic.json")

# %% [markdown]
# ## Predict, then see
# A guess is locked before the result shows.

# %%
question = predict(
    "How many of the 784 pixels of this digit are 0?",
    ["about 100", "about 300", "about 600"],
    answer="about 600",
    explain="Most of a digit's picture is background.",
)
question.answer_with("about 300")
question

# %% [markdown]
# ## Check
# The Check button of an exercise after a wrong answer: which checks failed, what was expected, and a hint.

# %%
attempt = open("00-start-here/exercises/start.backward-formula/wrong/one_path.py").read()
answered = check("start.backward-formula", attempt)
answered.wait(60)
answered

# %% [markdown]
# ## Pictures in a row
# Plain HTML for a first look at the data.

# %%
from glasstorch_widgets import images as show

show(images[:10], labels[:10])
