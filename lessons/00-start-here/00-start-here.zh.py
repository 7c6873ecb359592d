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
# # 从这里开始
#
# 在接下来的半小时里，你会看到一个梯度怎样一个数一个数地算出来，明白梯度为什么要相加，还会训练一个能认手写数字的
# 网络。你需要会一点 Python。数学上只需要一个概念：导数说的是，输入变一点点，结果变得有多快。
#
# **Shift+Enter** 运行一个单元格，并跳到下一个。多数结果出来之前会有一个问题：先猜，再看。猜错没有任何损失，
# 答案反而记得更牢。

# %% [markdown] name="pytorch-note"
# Glasstorch 的名字和行为都与 PyTorch 一致，所以你在这里写的就是 PyTorch。它多出来的是“玻璃”：你能看到里面。
# 上面最后一行打开了记录器，正是它让这件事成为可能。

# %% [markdown] name="tensors"
# ## 1 · 张量
#
# 张量是一块数。它有**形状**（shape，每个维度上有多少个数）和**数据类型**（dtype，是哪一种数）。

# %% [markdown] name="elementwise"
# 四则运算一次作用于所有元素。求和、求平均可以沿一个维度进行，也可以对全部元素进行：

# %% [markdown] name="broadcasting"
# 形状不必相同。某个维度的大小是 1，或者左边缺了一个维度，就把它拉伸到合适的大小。这叫**广播**（broadcasting）。

# %% [markdown] name="gradients"
# ## 2 · 梯度
#
# 这是能训练的最小的东西：一个预测 `w * x + b`，和一个说明它有多差的损失。目标是 4。`requires_grad=True`
# 标出我们想要改进的数。

# %% [markdown] name="backward"
# `backward()` 一次就对所有标出的数做完这件事，结果放在 `.grad` 里：

# %% [markdown] name="wiggle"
# 不必听信它的一面之词。把 `w` 稍微动一动，看损失怎么变：

# %% [markdown] name="graph"
# ## 3 · 看看里面
#
# 你计算损失的时候，Glasstorch 记住了每一个运算。它们合起来就是这次计算的**图**（计算图），而 `backward()`
# 沿着它从损失走回叶子。

# %% [markdown] name="graph-tour"
# 请按这个顺序试试：
#
# 1. 一直按 **N**（或点箭头按钮）到最后。先是数值，从上到下；然后梯度往回走。在每个节点上，传来的梯度乘以这个节点
#    自己的导数，再往下传。
# 2. **点最下面的 `loss`**（或者用 Tab 移到图上，再按 Enter）。你会看到它的值、它的梯度、它的导数公式，
#    以及产生它的那一行代码。
# 3. **修改 `w`**：点它，把 3 改成 1.5，按 Enter。Python 把一切重新算一遍。现在预测恰好是 4，所以损失是 0，
#    每个梯度也都是 0：没有什么可以改进的了。
# 4. 把 `w` 改成 1。梯度变成负数：这一回，`w` *变大*，损失才会变小。

# %% [markdown] name="fan-out"
# ## 4 · 梯度为什么要相加
#
# 到目前为止，每个数只用了一次。这里 `u` 用了两次：

# %% [markdown] name="fan-out-rule"
# 点 `u`：它的梯度列成一个和，每用一次就有一份贡献。反向传播的全部内容就是：
#
# > 在每个运算处：**局部导数乘以传入的梯度**。一个张量用了好几次，就**相加**。
#
# 所以 `backward()` 也是把结果*加*到 `.grad` 上，而不是替换它。到第 6 节，我们会在这里吃苦头。

# %% [markdown] name="exercise-1"
# ## 练习 1 · 一个反向公式
#
# 函数 $y = x \cdot \sigma(x)$ 叫作 SiLU，用在许多新近的网络里。$\sigma$ 是 sigmoid，即 `torch.sigmoid(x)`；
# 它的导数是 $\sigma(x)\,(1 - \sigma(x))$。下面是它在三个点 `t` 上的值。看这张图：`t` 用了两次。

# %% [markdown] name="exercise-1-task"
# 请写一个函数：传到 `y` 的梯度是 `grad_output`（与 `x` 形状相同的张量），由它算出 `x` 的梯度。
# 用 `torch.sigmoid` 和四则运算，不要用自动求导。评分程序只读 `# @exercise` 与 `# @end` 之间的内容，
# 所以那里把 import 又写了一遍。

# %% [markdown] name="exercise-1-try"
# 和知道答案的自动求导比一比，然后按**检查**：它会试别的形状、别的传入梯度，还有很大的数。

# %% [markdown] name="data"
# ## 5 · 一个认数字的网络
#
# 现在来真的。MNIST 是一批手写数字，每个都是 28 × 28 像素的图片。课程自带其中 12,000 张用来训练，另外 2,000 张
# 用来测试，训练时绝不会见到。

# %% [markdown] name="model"
# 网络是一串层。这一个先把图片展平成 784 个数，把它们混合成 256 个新的数（`Linear`），把负数变成零（`ReLU`），
# 再混合成 10 个分数，每个数字一个。最高的分数就是它的答案。

# %% [markdown] name="loss"
# 在几个类别中作选择时，常用的损失是**交叉熵**：网络给正确答案的概率，取对数，再取负。网络又肯定又对，它就接近 0；
# 又肯定又错，它就很大。瞎猜时每个数字的概率都是 1/10，所以现在应该大约是 −ln 0.1 = 2.3。

# %% [markdown] name="same-graph"
# 这和前面的图是同一种图，只是数变成了一块一块的（`n0` 是展平后的这批图片）。点 `1.weight`：256 × 784 个权重，
# 每一个都有自己的梯度。

# %% [markdown] name="step"
# ## 6 · 训练的一步
#
# 梯度指向上坡。朝反方向走一小步，损失就变小。先手工走一步：

# %% [markdown] name="optimizer"
# **优化器**替我们做这件事。每个训练循环都重复同样的五行：
#
# ```python
# optimizer.zero_grad()            # 1  忘掉旧的梯度
# outputs = model(batch)           # 2  前向
# loss = loss_fn(outputs, labels)  # 3  有多差？
# loss.backward()                  # 4  梯度
# optimizer.step()                 # 5  每个参数移动一点
# ```
#
# 大家最容易忘的是第一行。

# %% [markdown] name="trap"
# 没有报错，没有警告，只有走错的步子。下面两次训练只差这一行：

# %% [markdown] name="trap-note"
# 开头忘了清零的那个反而更快，因为它的步子越来越大。后来步子太大了：一次又一次跳过目标，永远停不下来。
# 正因为这样，这个错误很容易被放过。

# %% [markdown] name="training"
# ## 7 · 训练它
#
# 把训练图片全部过一遍，叫作一个**轮次**（epoch）。`DataLoader` 把图片打乱，一批一批地发出来。**Adam** 是一种
# 优化器，它为每个参数各找一个步长。
#
# 12,000 张图片不算多，但一个数字移动一个像素还是同一个数字。所以每个批次都随机移动至多一个像素：
# 一张图当九张用。这叫**数据增强**（augmentation）。

# %% [markdown] name="train-intro"
# 现在训练十六个轮次。看损失下降、准确率上升：

# %% [markdown] name="mistakes"
# ## 8 · 看看它的错误
#
# 一个百分数看不出错在哪里。看看那些被它认错的图片。

# %% [markdown] name="mistakes-note"
# 这些是它错得最肯定的。有几张你也会认错；另一些则说明它有什么还没弄懂。

# %% [markdown] name="exercise-2"
# ## 练习 2 · 默写训练的一步
#
# 写出 `train_step`。它用一个批次做一步训练，把损失作为普通的 Python `float` 返回。试着不往上翻就写出来。

# %% [markdown] name="own-step"
# 检查通过以后，用你自己的一步来训练一个全新的网络。（在那之前，这个单元格显示的是没有训练过的网络的水平。）

# %% [markdown] name="same-in-pytorch"
# ## 在 PyTorch 里也一样
#
# 除了各种视图，这一页上的一切都是 PyTorch。把 import 里的 `glasstorch` 写成 `torch`
# （`glasstorch.vision` 写成 `torchvision`）：
#
# ```python
# import torch
# from torch import nn
# from torch.utils.data import DataLoader, TensorDataset
# from torchvision.datasets import MNIST
# ```
#
# 这个网络、这次训练、你的 `silu_backward` 和 `train_step` 就原样在那里运行。反过来也行：
# `glasstorch run script.py` 可以运行写着 `import torch` 的脚本。
#
# ## 带走什么
#
# - 张量有形状和数据类型。广播会拉伸大小为 1 的维度。
# - 计算会记录一张图。`backward()` 沿着它往回走：局部导数乘以传入的梯度；张量用了几次，就把几份加起来。
# - 梯度留在 `.grad` 里，不断累加，直到 `zero_grad()`。
# - 训练就是重复那五行。离开之前，再念一遍。
