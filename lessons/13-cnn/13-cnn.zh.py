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
# # 卷积网络
#
# **一个网络 100 个测试数字认对 98 个。把同样的数字一个一个地给它，100
# 个只认对 92 个。没有一个权重变过。变的是什么？**
#
# 这一课里你来搭这个网络。它的数只有第 0 课那个网络的二十分之一，认对的数字却更多。
# 然后你会认识两个在训练时和使用时表现不同的层：批归一化和 Dropout，以及它们让人极容易犯的那个错误。

# %% [markdown] name="network"
# ## 1 · 这类网络的通常样子
#
# 一块接一块：卷积、归一化（第 4 节）、ReLU。每遇到步幅 2，特征图就变小，张数就变多：位置更少，
# 而对每个位置能说的东西更多。最后由一个 `Linear` 层把找到的东西变成十个分数。

# %% [markdown] name="training"
# ## 2 · 训练
#
# 六轮，数字最多移动一个像素，和第 0 课一样。学习率先升，再降到 0（`OneCycleLR`；为什么有用，第 14 课说明）。
# 目标是 **98 %**。

# %% [markdown] name="puzzle"
# ## 3 · 谜题
#
# 有人自己写了测试循环，忘了我们的循环里有的一行：`model.eval()`。

# %% [markdown] name="order"
# 大批次也不保险。测试的人喜欢排序：先是所有的 0，再是所有的 1。

# %% [markdown] name="company"
# 所以在训练模式下，对一张图片的回答取决于和它一起来的图片。下面这些，单独来和与另外 299 张一起来，认出的结果不同：

# %% [markdown] name="batchnorm"
# ## 4 · 批归一化
#
# 该负责的是 `BatchNorm2d`。它对每个通道**在整个批次上**（以及特征图的所有位置上）计算均值和方差，把均值变成 0，
# 方差变成 1。每个通道再有两个学出来的数 `weight` 和 `bias`，把结果拉伸、移动，这样网络觉得不归一化更好时可以撤销它。
#
# $$y = \frac{x - \mu_\text{batch}}{\sqrt{\sigma^2_\text{batch} + \varepsilon}} \cdot \text{weight} + \text{bias}$$

# %% [markdown] name="running"
# 使用时也许没有批次：一张图片应当得到一个答案，不管还有谁在问。所以这一层在训练时保留均值和方差的**滑动平均**，
# 每一步取十分之一的新值和十分之九的旧值，在评估模式下就用它们。它们不是参数，不是学出来的；
# 它们是**缓冲区**（buffer），`state_dict` 也会保存它们。

# %% [markdown] name="why-norm"
# ### 它有什么用？
#
# 三个卷积，SGD，120 步；一次中间有归一化，一次没有。其余完全相同。

# %% [markdown] name="why-norm-note"
# 没有归一化，信号一层比一层弱，传回第一层的梯度很小（第 7 课用另一种初始化来解决）。120 步里几乎什么也没发生。
# 步数更多，或者换一个学习率，它也能学会。归一化让网络对初值和学习率远没有那么挑剔；几乎所有深的卷积网络都有它，
# 原因就在这里。

# %% [markdown] name="dropout"
# ## 5 · Dropout
#
# 另一个有两种活法的层。训练时，`Dropout(p)` 以概率 $p$ 把每个数设为 0，随机地，每一步重新来过。
# 没有一个单元能指望另一个在场，所以学到的东西是分散开的。

# %% [markdown] name="dropout-use"
# 当网络的数多而图片少时，它有帮助。这里第 0 课的网络从 600 个数字学起，直到背下它们：

# %% [markdown] name="dropout-note"
# 新数字上的损失降了一成，准确率不变：网络没有更常认对，只是认错时没那么有把握。Dropout 在这里能做到的就是这些，
# 不多。我们的网络有 9,000 个数和 12,000 个会移动的数字，用不着它。

# %% [markdown] name="traps"
# ## 6 · 三个陷阱
#
# **`no_grad()` 不是 `eval()`。** 一个说“不留计算图”，另一个说“像使用时那样表现”。看看训练模式下的网络，
# 只把图片看过一遍，没有梯度、没有损失、没有优化器，会怎么样。图片是反过来印的测试数字：白纸黑字。

# %% [markdown] name="trap-back"
# **回来的路。** 在训练中途为了测试说了 `eval()`，之后就必须说 `train()`。否则剩下的训练里 Dropout 关着，
# 滑动平均停着，而且什么也不会提醒你。我们的循环每一轮两个都说。模式是一个简单的开关，每个模块都有：

# %% [markdown] name="trap-one"
# **只有一个的批次。** 一个数的方差是 0，对它做归一化的网络什么也学不到。PyTorch 会拒绝。这发生在一轮的末尾，
# 剩下一张图片的时候；`DataLoader(..., drop_last=True)` 把它略去。

# %% [markdown] name="inside"
# ## 7 · 看看里面

# %% [markdown] name="maps-tour"
# 打开第一个 ReLU 之后的一张特征图，在上面走一走：它对哪些笔画有反应？第二块里的特征图更粗，
# 每一格能看到 9 × 9 个像素：够看见一个弯或一个交叉。把 `test_images[7]` 换成别的数字，看哪些特征图一直没有反应，
# 哪些亮起来。

# %% [markdown] name="inside-note"
# 点击矩阵里的一格，看它的图片。再看最差的那些：换了你，认得出吗？从这里往后，更好的数据比再加一层更有用。

# %% [markdown] name="exercise-1"
# ## 练习 1 · 信得过的测试（使用）
#
# 这个 `evaluate` 是匆忙写成的。它能运行，给出的数看上去也对。找出它错在哪里并修好：
# 它应当返回模型认对的图片所占的份额（0 到 1），不论图片怎样分成批次，并且让模型**和来时一样**：它的模式、
# 它的平均值、它的梯度。

# %% [markdown] name="exercise-2"
# ## 练习 2 · 小而好（使用）
#
# 请写出 `train(images, labels)`。它得到 600 个 14 × 14 像素的数字，形状 (600, 1, 14, 14)，以及它们的标签，
# 返回训练好的模型。模型最多有 **3,000 个参数**，对从未见过的数字至少认对 **87 %**。全部计算可以用 20 秒；一秒就够。
# 它也会被问到单张图片。

# %% [markdown] name="exercise-3"
# ## 练习 3 · 批归一化，前向（搭建）
#
# 用 NumPy 为你的引擎写出它。参数与 `F.batch_norm` 相同；`x` 的形状是 (N, C) 或 (N, C, H, W)。
#
# - `training=True`：用批次的均值和方差，对每个通道（在其余所有维度上），
#   并**就地**更新 `running_mean` 和 `running_var`：新 = (1 − momentum) · 旧 + momentum · 批次的。
# - `training=False`：用 `running_mean` 和 `running_var`，并且不动它们。
#
# 有一处细微的讲究，和 PyTorch 一样：批次除以的方差，分母是 $n$；放进 `running_var` 的，分母是 $n - 1$。
# （前者是这些数的方差，后者是对将来的数的估计。）

# %% [markdown] name="exercise-4"
# ## 练习 4 · 反向（搭建）
#
# 批归一化的梯度以容易写错出名：`x` 不仅自己进来，还经过均值和方差进来，所以一个通道里的每个数都影响其他每个数。
# 请写出 `batch_norm_vjp(grad_out, x, weight, eps=1e-5)`，返回训练模式下 `x`、`weight` 和 `bias` 的梯度。
#
# 令 $\hat{x} = (x - \mu)/\sqrt{\sigma^2 + \varepsilon}$，
# $g = \text{grad\_out} \cdot \text{weight}$ 是传到 $\hat{x}$ 的梯度，三条路径之和写出来很短：
#
# $$\text{grad}_x = \frac{1}{\sqrt{\sigma^2+\varepsilon}}
# \left(g - \overline{g} - \hat{x}\cdot\overline{g\,\hat{x}}\right)$$
#
# 横线表示在与 $\mu$ 相同的维度上求平均。用话说：从梯度里去掉会移动均值的部分，再去掉会改变离散程度的部分，
# 因为这两样这一层都会抵消。

# %% [markdown] name="same-in-pytorch"
# ## PyTorch 里也一样
#
# 全部一样，默认值也一样：momentum 0.1（指*新*值的份额；别的库指旧值的）、eps 1e-5、weight 1、bias 0，
# 滑动方差的分母是 $n - 1$。`state_dict` 里也有缓冲区 `running_mean`、`running_var` 和 `num_batches_tracked`，
# 所以保存的网络加载之后表现相同。在 PyTorch 里，`model.train()` 和 `model.eval()` 返回模型本身，这里也是。
#
# ## 带走这些
#
# - 一块接一块：卷积、归一化、ReLU；特征图变小、变多。大部分的数藏在第一个 `Linear` 层里。
# - `BatchNorm` 训练时用批次，使用时用滑动平均。`Dropout` 训练时丢弃，使用时什么也不做。
# - 测试之前 `model.eval()`，继续训练之前 `model.train()`。`no_grad()` 两个都代替不了。
# - 在训练模式下，答案取决于同伴，而看一眼就会改变网络。
# - 大而混杂的批次上得到的好数字，证明不了模式是对的。用单张图片测一测。
