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
# # 损失：书上是对的，机器里是 NaN
#
# 训练好好地跑了一小时，然后屏幕上写着 `loss: nan`。公式是书上的，代码照抄无误，
# 数据也没有变。**正确的公式怎么会给出胡话？怎样写出不会出错的损失？**
#
# 一路上你会看到损失究竟告诉了网络什么，为三种问题选对损失，还会遇到永远不是 NaN、却照样错的损失。

# %% [markdown] name="scores"
# ## 1 · 从得分到损失
#
# 分类器为每一类给出一个得分，可以是任何数。这些得分叫 **logits**。下面是一个认数字的小网络，训练了六个轮次，
# 以及它对二十张测试图片的 logits。

# %% [markdown] name="logits-tour"
# 每一行是一张图，每一列是一个数字。用方向键走到一行里最深的橙色，把它的列号与上面的标签比一比。
# 有的行有一个明显的首选，有的有两个。logits 没有天然的零点：要紧的是一行之内的差。**softmax** 把一行变成概率，
# $p_j = e^{z_j} / \sum_k e^{z_k}$：

# %% [markdown] name="cross-entropy"
# **交叉熵**只看正确类别的概率，取它的对数的相反数：

# %% [markdown] name="gradient"
# 这个损失*告诉*网络什么？它的梯度简单得不能再简单：**概率减去真值**。

# %% [markdown] name="which-loss"
# ## 2 · 什么问题用什么损失
#
# | 问题 | 网络给出 | 损失 | 目标 |
# |---|---|---|---|
# | 十个里的哪一个？ | 10 个 logits | `F.cross_entropy` | 类别编号，整数 |
# | 是还是否？（也可以同时问几个） | 每问 1 个 logit | `F.binary_cross_entropy_with_logits` | 0.0 或 1.0，形状相同 |
# | 有多少？ | 1 个数 | `F.mse_loss` | 数，形状相同 |
#
# 选错了不会报错。下面是两种常见的错选。第一种量的是概率与真值之差的平方。第二种在网络末尾放一个 softmax，而
# `cross_entropy` 里面已经有一个了。

# %% [markdown] name="wrong-losses-note"
# 两种都学得动，但慢得多，因为前面的 softmax 把梯度压平了：网络对错误的类别很有把握时，几乎听不到批评。不要把 softmax
# 放进网络；只有谁想看概率的时候才需要它。
#
# `mse_loss` 的陷阱是另一种：形状。

# %% [markdown] name="shape-trap-note"
# 三个预测全都准确，损失却是 1.33：(3, 1) 和 (3,) 被广播成 (3, 3)，于是每个预测都与每个目标相比（第 1 课）。
# 这样网络学到的是所有目标的平均值。看到那条警告，请读一读。
#
# ## 3 · 书上的公式
#
# softmax 和对数，任何一本书上都是这样写的：

# %% [markdown] name="book-graph-note"
# 第一张图认*对*了，而且遥遥领先，损失却是 NaN。第二张图里，正确类别的概率是 $e^{-121}$，对 float32 来说太小；舍入成
# 0，它的对数就是负无穷。看看是从哪里开始的：

# %% [markdown] name="book-graph-tour"
# 图上方的那一行说明了从哪里开始。带条纹的框里有 NaN 或无穷大。从上往下走：`exp` 是第一个，有一个数是无穷大。
# 无穷除以无穷得 NaN，此后一切都是 NaN：损失是，往回走的每个梯度也是。点击 `logits`，把 100 改成 50，按 Enter：
# 一切又好了。
#
# 这样的图有一张就够了。它的梯度进入每一个权重，而成了 NaN 的权重再也恢复不了：

# %% [markdown] name="one-nan-note"
# 曲线在第 10 步断了，表格对每一层都说它没救了。（十个 NaN 的 `argmax` 总是第一类，
# 所以大约十个数字里还有一个是“对”的。）用引擎的损失，同一张图只是一次颠簸，网络会恢复过来。
#
# ## 4 · log-sum-exp
#
# 把损失写成差，分数就没有了：
#
# $$-\log \frac{e^{z_y}}{\sum_k e^{z_k}} = \log \sum_k e^{z_k} - z_y.$$
#
# 第一项叫 **log-sum-exp**。它可以算得很稳，因为所有 logits 一起平移，它也只是平移：把最大的 logit $m$ 提出来，
#
# $$\log \sum_k e^{z_k} = m + \log \sum_k e^{z_k - m}.$$
#
# 现在每个指数都是 0 或负数：什么也不会溢出。而且其中一项是 $e^0 = 1$，对数永远见不到 0。

# %% [markdown] name="compare-note"
# 先是书上的，旁边或下面是稳定的写法：同一个函数，两者开始分道的第一个节点有标记。`F.cross_entropy` 里面做的就是这件事。
# 它要的是 **logits**，正是为此：概率一旦已经舍入成 0 或 1，就什么也救不回来了。

# %% [markdown] name="exercise-1"
# ## 练习 1 · 交叉熵：去与回（构建）
#
# 写出 `cross_entropy(logits, labels)`，即对各行的平均，以及它的梯度
# `cross_entropy_backward(grad_output, logits, labels)`。`grad_output` 是一个数，即平均值的梯度。无论 logits 多大，
# 两者都要对。梯度用文字你已经知道了：概率减去真值。*平均*又添了什么？

# %% [markdown] name="binary"
# ## 5 · 是还是否
#
# 对于单个的是或否，概率是 `sigmoid(z)`，损失是 $-\log p$ 或 $-\log(1 - p)$。引擎里有两种形式：`binary_cross_entropy`
# 要概率，`binary_cross_entropy_with_logits` 直接要 logit。

# %% [markdown] name="bce-note"
# 先做 sigmoid，损失之所以不是无穷大，只是因为在 100 处截断了。梯度却没法这样截断：它干脆没了。
#
# ## 6 · 回来路上的 NaN
#
# 损失可以是有限的，梯度却是 NaN。两点间的距离是最常出事的地方：

# %% [markdown] name="where-trap"
# 所有的值都正常，条纹只在梯度里。用 `torch.where` 遮住这种情况没有用，因为梯度会穿过*两个*分支，而 0 乘以无穷还是
# NaN。在根号下加一个很小的数，让它的斜率有限。（对空集求平均，也就是除以 0 个，同样是 NaN；`count.clamp(min=1)`
# 使个数不会是 0。）

# %% [markdown] name="anomaly-note"
# 不知道该往哪里看时，让引擎去看：打开 `set_detect_anomaly`，每个运算的反向都会被检查，第一个给出 NaN
# 的会报错并说出自己的名字。它要花时间，所以只在查找时打开。

# %% [markdown] name="exercise-2"
# ## 练习 2 · 会变成 NaN 的损失（使用）
#
# 这个损失属于一个在图片里找企鹅的网络：N 个窗口里各是什么的得分（0 是“什么也没有”），以及对有东西的窗口，
# 预测的点离真正的点有多远。大多数批次里它是对的，时不时它或它的梯度会是 NaN。途径有三种。找出来并改正；
# 原来对的地方必须保持不变。

# %% [markdown] name="rare"
# ## 7 · 有一类很少的时候
#
# 平均值对每个样本一视同仁。所以样本少的类没有多少发言权。我们从训练图片里拿走几乎所有的 8：

# %% [markdown] name="rare-note"
# 其余的类损失了一点。这就是取舍：权重说的是犯一次错要付多少代价，这由你决定，不由网络决定。（`mean`
# 除以的是权重之和，所以损失的大小仍可相比。）
#
# **标签平滑**是另一种改变损失要求的办法。不再要求“正确类别的概率为 1”（任何有限的 logit 都达不到），而是比如它 0.91，
# 其余各 0.01。网络就不再把 logits 越推越开：

# %% [markdown] name="exercise-3"
# ## 练习 3 · 少数类也要算数（使用）
#
# 三团点，两团常见，一团稀少。训练一个网络，让**每一类**都认得对，少的那一类也一样。评分看的是每一类各自的准确率，
# 用的是训练没见过的点。

# %% [markdown] name="same-in-pytorch"
# ## 在 PyTorch 里也一样
#
# 这里的每个损失都用 PyTorch 的名字，给出 PyTorch 的数，包括关于形状的警告和 100 处的截断。
# 每个都有函数形式（`F.cross_entropy`）和模块形式（`nn.CrossEntropyLoss`），后者记住 `weight` 和 `label_smoothing`，
# 其余相同。
#
# ## 记住这些
#
# - 交叉熵在 logits 处的梯度是概率减去真值。给它 logits；前面再放一个 softmax 有害无益。
# - 公式可以是对的，它在 float32 里的步骤却不对。不要给 `exp` 很大的数，不要给 `log` 零：减去最大值，要 logits，
#   不要概率。
# - 一个 NaN 会毒坏所有权重，而且永远好不了。要看它从哪里开始，不要看它在哪里露面。
# - 有限的损失可能有 NaN 的梯度：0 处的平方根，除以 0 个。
# - 用 `mse_loss` 时，预测和目标的形状必须相同。少数类值多少，由权重决定。
