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
# # 学习率调度
#
# 一个网络用 Adam、学习率 0.03 学读数字。480 步之后，它认对 93 % 的测试数字。同一个网络，同样的 480 个批次，
# 同一个优化器，只是学习率从接近 0 开始，升到 0.03，再降回 0。现在超过 96 %：错误几乎少了一半，
# 而且没有付出任何代价。
#
# **为什么没有一个学习率适合整个训练？这条曲线该怎么选？**

# %% [markdown] name="noise"
# ## 1 · 为什么一个学习率不够
#
# 碗 `x²/2` 里的一个数 `x`。它的梯度是 `x`，但我们看到的带有噪声，就像一个批次只能大致显示全部数据的梯度。
# 去谷底有三种走法：大步、小步、逐渐缩小的步子。

# %% [markdown] name="noise-note"
# 大学习率走得快，却永远安定不下来。小学习率会安定，但还在路上。逐渐缩小的两样都做到了：**前期，学习率决定走得多快；
# 后期，它决定留下多少噪声**。本页的每一种调度都源于此。
#
# ## 2 · 调度器
#
# **调度器**握着一个优化器，每次调用它的 `step()`，它就改变参数组里的 `lr`：
#
# ```python
# optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
# scheduler = lr_scheduler.StepLR(optimizer, step_size=30, gamma=0.1)
# for epoch in range(100):
#     train_epoch(...)      # 许多次 optimizer.step()
#     scheduler.step()      # 每轮一次
# ```

# %% [markdown] name="shapes-note"
# - **阶梯**保持学习率，然后除以一个数：简单，但你得知道什么时候。
# - **指数**每次乘以同样的倍数。它在开头降得最快，而那正是你想赶路的时候。
# - **余弦**长时间保持较高，中间下降，最后平缓地到 0。它只有一个旋钮：长度。
# - **一个周期**从低处开始，上升，再降到几乎没有（第 5 节）。
#
# ## 3 · 它对训练的作用
#
# 现在轮到数字：带动量 0.9 的 SGD，lr 0.3，第 9 课发现它偏高。同样的起点，同样的批次。

# %% [markdown] name="per-batch-trap"
# 调度数的是 `step()` 的调用次数。它不知道你是在每个批次之后还是每轮之后调用。它的长度必须用同样的单位。
# 这是用调度时最常见的错误：

# %% [markdown] name="order-trap"
# 第二个错误是顺序：在第一次 `optimizer.step()` 之前调用 `scheduler.step()`，就跳过了第一个学习率。
# 这个错误至少有警告：

# %% [markdown] name="exercise-1"
# ## 练习 1 · 读懂调度（用引擎）
#
# 关于学习率的四个问题。把数写出来，什么也不要运行。
#
# 1. `step`：lr=0.8，`StepLR(step_size=10, gamma=0.5)`。`scheduler.step()` 调用 25 次之后的学习率？
# 2. `cosine`：lr=0.2，`CosineAnnealingLR(T_max=100)`。50 次调用之后的学习率？
# 3. `warmup`：lr=0.1，`LinearLR(start_factor=0.1, total_iters=9)`。3 次调用之后的学习率？
# 4. `cycle`：`CosineAnnealingLR(T_max=10)`，lr=0.4。20 次调用之后的学习率？

# %% [markdown] name="warmup"
# ## 4 · 预热
#
# 最初几步最危险。权重是随机的，梯度很大。Adam 的处境更糟：它的平均值几乎什么都没见过，
# 第一步就把*每个*权重移动整整一个 `lr` （第 9 课）。被甩出去的 ReLU 单元可能再也醒不过来。
#
# **预热**从极小的学习率开始，沿直线升高，这里占训练的十分之一。`SequentialLR` 一个接一个地执行调度器。

# %% [markdown] name="warmup-note"
# 0.03 就是本页开头的那个学习率。按行读这张表：对每个学习率，预热加余弦都最好。再按列读：恒定的 0.06 毁掉网络，
# 而带预热和余弦，同样的 0.06 只比最好的差一个百分点。**调度使学习率的选择不那么敏感**。这和准确率的提高同样可贵。
#
# ## 5 · 一个周期，一个目标
#
# `OneCycleLR` 把两者合在一个调度器里：升上去，再降到几乎没有。你给它最高的学习率和步数，并在**每个批次之后**调用。
# （学习率高的时候，它还会降低动量。）目标是用 SGD 达到 **95.5 %**。打开视图的“学习率”标签页：
# 那里能看到用过的学习率。

# %% [markdown] name="plateau"
# ## 6 · 不知道长度的时候：停滞时降低
#
# 到目前为止，所有调度都知道训练何时结束。`ReduceLROnPlateau` 不知道：它盯着一个数，比如验证损失，
# 这个数一段时间没有改进，它就降低学习率。它的 `step` 需要这个数。

# %% [markdown] name="range-test"
# ## 7 · 多高？范围测试
#
# 调度需要最高的学习率。不必做四十次训练，只做一次一百步的：学习率每步增大同样的倍数，从小得多到大得多。
# 损失告诉你三件事：在哪里开始下降，在哪里下降最快，在哪里爆炸。

# %% [markdown] name="range-note"
# 这个测试花一百步，换了批次大小或网络，一分钟就能重做。它的答案只对*这个*优化器、批次大小和网络成立，对别的不成立。

# %% [markdown] name="exercise-2"
# ## 练习 2 · 范围测试（用引擎）
#
# 写成一个函数，让模型和优化器恢复原样：权重回到原来的值，学习率也是。

# %% [markdown] name="exercise-3"
# ## 练习 3 · 预热加余弦（造引擎）
#
# 一个类，做上面三个调度器做的事。调度不过是算术：
#
# - $k$ < warmup 的步：$\text{peak} \cdot (k + 1) / \text{warmup}$；
# - 然后直到 `total`：$\text{lowest} + (\text{peak} - \text{lowest}) \cdot \frac{1}{2}(1 + \cos(\pi t))$，
#   其中 $t = (k - \text{warmup}) / (\text{total} - \text{warmup})$；
# - 从 `total` 起：lowest。
#
# `set_rate` 已经给出。它能用于引擎的优化器，也能用于你在第 9 课写的优化器。

# %% [markdown] name="same-in-pytorch"
# ## 在 PyTorch 里也一样
#
# `torch.optim.lr_scheduler` 有同样的类、同样的参数，给出同样的学习率。有几件事要知道：
#
# - 顺序：先 `optimizer.step()`，再 `scheduler.step()`。`OneCycleLR` 以及大多数预热在每个批次之后；
#   `StepLR` 多半在每轮之后；`ReduceLROnPlateau` 在每次评估之后，带上损失。
# - 调度器有状态：把 `scheduler.state_dict()` 与模型和优化器的一起保存（第 16 课），
#   否则恢复的训练会从头开始它的调度。
# - 语言模型的库把预热加余弦做成一个函数，因为它太常用了。那就是你在练习 3 写的类。
#
# ## 要记住的
#
# - 前期，学习率决定走得多快；最后，它决定留下多少噪声。所以它应当下降。
# - 预热保护随机的起点，尤其是用 Adam 和大学习率时。
# - 弄清单位：批次还是轮。训练之前把学习率打印出来。
# - 用范围测试找最高的学习率，并留在爆炸之下。
# - 想要一个默认做法：用十分之一的步数预热，然后余弦降到 0。
