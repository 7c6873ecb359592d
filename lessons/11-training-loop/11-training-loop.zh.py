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
# # 训练循环
#
# 一个网络在一千个数字上训练了四十轮。它把它们全部认对：100 %。损失还在下降。
#
# **这是个好网络吗？训练本该什么时候停下？** 回答这个问题的循环有两半：一半学习，一半查看。
# 训练代码里的 bug 多半在第二半里，或者在两半之间，而且几乎都不报错。重要的那些，我们会故意犯一遍。

# %% [markdown] name="loop"
# ## 1 · 一个循环，一步一步
#
# 在大的之前，先看一个小到每处都能看清的训练：三种企鹅，用鳍长和喙长描述，一个线性层。下面的每一步都保存了下来。

# %% [markdown] name="small-loop-tour"
# 这个图有第二个滑块：**训练步**。点击 `weight`，再移动滑块：你看到的是同一个节点在十二步中每一步的样子。
# 权重离开随机的起点，损失下降时梯度变小。
#
# 注意什么*没有*变：图。每一步都重新建立它，形状相同，数字是新的。
#
# ## 2 · 三堆数据
#
# 现在轮到数字，而且不多：只有一千个用来学习，好让麻烦快点出现。其余的分成两份。
#
# - **训练**数据移动权重。
# - **验证**数据移动*你的决定*：何时停、学习率多大、几层。
# - **测试**数据什么也不移动。最后看一次。

# %% [markdown] name="modes"
# ## 3 · 人们混淆的两个开关
#
# `evaluate` 拨动两个开关。它们彼此无关：
#
# - `model.eval()` 让*层*换一种行为：dropout 不再丢弃，批归一化不再统计。
# - `torch.no_grad()` 让*自动求导*不保留计算图。

# %% [markdown] name="modes-note"
# 训练模式下，同一张图片每次的分数都不同：dropout 随机决定关掉哪些单元。下面看看忘了 `eval()` 的代价。

# %% [markdown] name="overfit"
# ## 4 · 死记硬背
#
# 现在是本页开头的那个训练：一千个数字，四十轮，没有 dropout。每一轮之后也看看验证数字。

# %% [markdown] name="overfit-note"
# 网络没有坏，优化器也在尽职：训练损失降到几乎为零。但训练损失衡量的是它记得多牢。
# **只有没见过的数据才能说明它读得多好**。有用的办法，按尝试的顺序：更多数据、数据增强（第 0 课）、早停、
# 权重衰减（第 9 课）、dropout。
#
# ## 5 · 早停，以及不是拷贝的拷贝
#
# 规则：记住最好的验证损失和那一刻的权重。连续 `patience` 轮没有改进，就停下，回到那些权重。这里有个著名的陷阱：

# %% [markdown] name="exercise-1"
# ## 练习 1 · 什么时候停（用引擎）
#
# 给定所有轮次的验证损失，说出早停会在哪里结束。

# %% [markdown] name="silent"
# ## 6 · 什么也不报的 bug
#
# 下面的循环每次带一个 bug，各训练三轮。网络和数据都不变。没有任何报错。

# %% [markdown] name="silent-note"
# cross_entropy 里已经有 softmax；再加一个，它的输入就落在 0 和 1 之间，梯度很小。第 8 课说明为什么。
# 还有一个同类的 bug 填满的是内存：`total += loss` 少了 `.item()`，就留住了每个批次的计算图。

# %% [markdown] name="exercise-2"
# ## 练习 2 · 学习的那一半里的四个 bug（用引擎）
#
# 这个函数能运行，不报错，却有四处错误。改好它们，改得越少越好。

# %% [markdown] name="exercise-3"
# ## 练习 3 · 查看的那一半里的三个 bug（用引擎）
#
# 还是不报错，有三处错误。

# %% [markdown] name="batch-size"
# ## 7 · 批次多大？
#
# 一个批次的梯度是平均值，是对全部数据梯度的估计。批次越大，估计越好，硬件用得也越充分。但步数也越少。

# %% [markdown] name="batch-note"
# 32 到 128 的批次是不错的起点。只有在你同时调整学习率并且实测的情况下，才取内存放得下的最大批次。
#
# ## 8 · 设备与内存
#
# 模型和数据必须在同一设备上。问一次，两者都移过去：

# %% [markdown] name="device-note"
# 在没有 GPU 的机器上，你看到的是没有 GPU。有 GPU 时，消息就是人人迟早会遇到的这一条：
#
# ```
# RuntimeError: Expected all tensors to be on the same device, but found at least two devices, cuda:0 and cpu!
# ```
#
# 两个习惯可以避免它：`x = x.to(device)`（人们忘的是赋值；对模块来说 `model.to(device)` 就够了），
# 以及在该在的地方创建新张量：`torch.zeros(3, device=x.device)`。
#
# **内存不足。** 要放下哪些东西？参数、梯度和优化器记住的东西与批次无关。计算图为 `backward()` 保留的值则有关。

# %% [markdown] name="memory-note"
# 内存用完时，按这个顺序：
#
# 1. 在 `no_grad()` 下评估，用 `.item()` 保存损失。往往这就够了。
# 2. 用更小的批次；如果效果要和大批次一样，就累积梯度。
# 3. 半精度，或更小的模型。
#
# `torch.cuda.empty_cache()` 出现在许多清单里，用处不大：它归还的是*没有*在用的内存。变量还握着的东西仍然在；
# 用 `del` 删掉它们。
#
# ## 9 · 合在一起
#
# 现在用 10,000 个数字、dropout、正确的开关，以及一行负责观察的代码。目标是测试数字的 **95 %**。

# %% [markdown] name="train-note"
# 看看视图的各个标签页：曲线、每层的健康状况，还有**内存**，那里能看到一步保留了什么。测试数字只用了一次，
# 在最后一行。

# %% [markdown] name="exercise-4"
# ## 练习 4 · Trainer（造引擎）
#
# 把两半放进一个类。凡是行为与本课相同的模型、损失和优化器，它都必须能用，包括你自己写的那些。

# %% [markdown] name="same-in-pytorch"
# ## 在 PyTorch 里也一样
#
# `model.train()`、`model.eval()`、`torch.no_grad()`、`state_dict()` 和循环本身都相同，bug 也相同。有些差别：
#
# - PyTorch 还有 `torch.inference_mode()`，是更严格、稍快的 `no_grad()`；Glasstorch 也有。
# - GPU 内存用满时，PyTorch 抛出 `torch.cuda.OutOfMemoryError`，它是一种 `RuntimeError`。CPU 内存不足时，
#   PyTorch 抛出 `RuntimeError`，这里是 NumPy 的 `MemoryError`。
# - PyTorch 没有 `Trainer`。Lightning、Accelerate 等库提供它；你在练习里看到了，它不过五十行。
#
# ## 要记住的
#
# - 训练数据移动权重，验证数据移动你的决定，测试数据什么也不移动。
# - 学习之前 `model.train()`；查看之前 `model.eval()` *和* `no_grad()`。这是两个开关。
# - 验证损失不再下降就停，并回到最好权重的**深拷贝**。
# - 数样本，不数批次；累加 `loss.item()`，不是 `loss`。
# - 内存不足：先 `no_grad()` 和 `.item()`，再用小批次累积梯度。
