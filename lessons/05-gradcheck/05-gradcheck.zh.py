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
# # 这个导数对吗？
#
# 一个网络的每一层都用着错误的导数来训练。没有报错，没有 NaN，损失也在下降。**你究竟怎样才能发现？**
#
# 这一课造出能发现它的仪器，测量它有多可信，并指出它在哪里是瞎的。凡是写反向公式的人都需要它。每个框架也需要：
# 这个框架的测试就调用它成千上万次。

# %% [markdown] name="wrong-formula"
# ## 1 · 照样能学的错误公式
#
# 在第 0 课，你写过 SiLU 的反向公式，$y = x \cdot \sigma(x)$。从 $x$ 到 $y$ 有两条路径，所以它有两项。
# 要在网络里使用这样的公式，就写一个 `torch.autograd.Function`：一个 `forward`，和一个接收传入梯度的 `backward`。
# `backward` 需要的东西放进 `ctx`，它是这一次调用的记事本。下面写了两遍：一遍是正确的，一遍忘了第二项。

# %% [markdown] name="learns-note"
# 起初慢一点，走过三分之一之后，两条曲线谁也分不出来。几个月以后，在更难的任务上，
# 错的那个也许会输，而你会到别的地方去找原因。

# %% [markdown] name="wiggle"
# ## 2 · 去问函数自己
#
# 导数是对函数的一个断言：*把 x 移动 h，y 大约移动 h 乘以我*。那就移动它，看一看。可以只往前看，也可以两边都看：
#
# $$\text{向前：} \frac{f(x+h) - f(x)}{h} \qquad\qquad \text{中心：} \frac{f(x+h) - f(x-h)}{2h}$$

# %% [markdown] name="why-central"
# h 相同，中心差分好得多。曲线是弯的，只往前看，就会把弯曲当成斜率：误差与 $h$ 成正比。两边都看，左右的弯曲相同，
# 互相抵消：剩下的与 $h^2$ 成正比。

# %% [markdown] name="step-size"
# ## 3 · 多小才算够小？
#
# 每多一个零就多两位数字！那就把 h 取得尽可能小。`digits` 数一数差分有几位数字是对的。

# %% [markdown] name="two-errors"
# 每条曲线都是一座山。左坡上步子太大，曲线弯了（**截断**误差）。右坡上步子太小，数字抵消了（**舍入**误差）。
# 设机器精度为 $\epsilon$，中心差分的山顶在 $h = \epsilon^{1/3}$ 附近：float64 里大约是 1e-5。
# float32 一共只有 7 位数字，山顶不过四五位，还要靠一点运气。
#
# 所以：**检查导数要用 float64、中心差分，h 取 1e-6 左右。** 第 5 节要讲的 PyTorch 自己的检查器，就是这样做的。

# %% [markdown] name="exercise-1"
# ## 练习 1 · 数值梯度（构建）
#
# 只用 NumPy，写出这件仪器。`f` 接受一个数组，返回一个数；你的函数用中心差分返回梯度，一个同样形状的数组：
# 每次只移动一个元素。

# %% [markdown] name="cost"
# ## 4 · 一次检查五万个数
#
# 一次只移动一个数，是有代价的。

# %% [markdown] name="direction"
# 对大模型有一条捷径。不去问每一个数，而是问一个**随机方向** $u$，所有参数沿着它一起移动。如果梯度 $g$ 是对的，
# 每走一个单位，损失就变化 $g \cdot u$。无论模型多大，只要运行两次；而错误的梯度与随机方向吻合，
# 只能是极罕见的巧合。

# %% [markdown] name="found"
# 找到了。整个训练都没有显露的东西，让网络运行两次就立刻现形。

# %% [markdown] name="gradcheck"
# ## 5 · gradcheck
#
# 对单个运算，人们想知道**哪个**导数错了。几个数进去，几个数出来：所有导数合在一起是一张表，叫**雅可比矩阵**，
# 每个输入一行，每个输出一列。`torch.autograd.gradcheck` 把它填两遍，一遍用差分，一遍用 `backward`，然后比较。

# %% [markdown] name="softmax-intro"
# 来看一个常犯的错误。Softmax 是 $y_i = e^{x_i} / \sum_j e^{x_j}$，它的导数“就是” $y_i\,(1 - y_i)$，
# 一个还记得 sigmoid 的人这样说：

# %% [markdown] name="jacobian"
# 把两张表当作两幅图来看。缺了什么？

# %% [markdown] name="jacobian-tour"
# 对角线是对的：那里的差是 0（用方向键走一走）。旁边的全都缺了。一个分数增大，它的概率就增大，
# **而其他所有概率都减小**，因为它们共用一个和。正确的公式是 $y\,(g - \sum_j g_j y_j)$：这个和把它们联系在一起。
# 这种差的图案，已经是半个诊断：
#
# - 只在对角线以外：忘了某种联系（平均、求和、范数）；
# - 全都差一个倍数：一个常数，或者元素的个数；
# - 一行或一列：下标错了，或者广播之后没有求和。

# %% [markdown] name="exercise-2"
# ## 练习 2 · 自定义运算（使用）
#
# 一个能容忍离群点的回归损失：$\log\cosh(p - t)$，$p$ 是预测，$t$ 是目标。在 0 附近它是抛物线，远处是直线。
# 它对 $p$ 的导数是 $\tanh(p - t)$；对 $t$ 的呢？把它写成有两个输入的 `Function`。当心很大的差：
# $\cosh 1000$ 对任何浮点数都太大，而这个形式不会：$\log\cosh d = |d| + \log(1 + e^{-2|d|}) - \log 2$。
# （`torch.log1p(z)` 就是 $\log(1 + z)$，$z$ 很小时也精确。）

# %% [markdown] name="exercise-2-graph"
# 你的运算现在是和别的一样的节点。写好以后，这个单元格会在图里显示它（在那之前，显示的是由简单运算拼成的同一个函
# 数，每个运算一个节点）：

# %% [markdown] name="blind"
# ## 6 · 误报与盲点
#
# 知道一件仪器什么时候说谎，才算懂了它。先说**误报**：公式是对的，gradcheck 却抱怨。

# %% [markdown] name="false-alarms-note"
# 警告说得很清楚：对于 h = 1e-6，float32 的位数太少（第 3 节）。而 dropout 每次调用都是另一个函数；
# 两个函数之差不是导数。
#
# 还有一些公式是**故意**写错的。四舍五入的导数处处是 0，它后面的东西什么也学不到。直通估计（straight-through
# estimator）假装导数是 1，权重只有 1 比特的网络就是这样训练的。gradcheck 抱怨得对，你不理它也对。
#
# 再说**盲点**：公式是错的，gradcheck 却满意。这更糟。

# %% [markdown] name="blind-note"
# SiLU 忘掉的那一项是 $x \cdot s\,(1 - s)$：在 $x = 0$ 处它是 0。**特殊的点会掩盖错误**：
# 0、1、相等的数、方阵、大小为 1 的批次。检查要用随机的点，各个维度大小不同，也要有负数。下一个练习里的错误，
# 就躲在 1 后面。

# %% [markdown] name="exercise-3"
# ## 练习 3 · 一个有细微错误的反向（使用）
#
# RMSNorm 把每一行除以它的均方根，再乘以可学习的 `gain`；许多语言模型都用它。这一个通过了作者的测试，却是错的。
# 他测试时用的 `x` 全是正负 1，`gain` 全是 1，就像训练刚开始时那样。找出错在哪里并改好它：
# gradcheck 会告诉你往哪里看。

# %% [markdown] name="exercise-4"
# ## 练习 4 · gradcheck（构建）
#
# 现在为你自己的引擎造出整件仪器。在第 3 课，反向公式是函数 `vjp(grad_out, *inputs)`，为每个输入返回一个梯度。
# 你的 `gradcheck(f, vjp, *inputs)` 要问：它属于 `f` 吗？诀窍是：选一个与结果形状相同的**随机** $g$，
# 把 `vjp(g, *inputs)` 与 $\sum g \cdot f(\text{inputs})$ 这一个数的数值梯度比较。为什么要随机，
# 而不是全 1？softmax 知道答案：它的输出加起来是 1，所以用全 1 时**每个**梯度都是 0。

# %% [markdown] name="same-in-pytorch"
# ## 在 PyTorch 里也一样
#
# `torch.autograd.Function` 和 `torch.autograd.gradcheck` 完全相同，连报错里的表也一样。还有几点要知道：
#
# - `backward` 为 `forward` 的每个参数返回一个值，不是张量的给 `None`。`ctx.needs_input_grad[k]` 说明有没有人想要
#   第 k 个梯度；没有人要，就省下这份工。
# - 作为输入或输出的张量要经过 `ctx.save_for_backward`，绝不能写 `ctx.x = x`：只有这样，
#   第 4 课的版本计数器才会看守它们。
# - 如果 `backward` 本身由可微的运算组成，就能求二阶导数，用 `torch.autograd.gradgradcheck` 检查。
# - 输入很大时，`gradcheck(..., fast_mode=True)` 使用随机方向，就像我们在第 4 节做的那样。
#
# ## 要带走的
#
# - 错误的梯度也能学。准确率不能检验导数。
# - 中心差分，float64，h 取 1e-6 左右。不是越小越好：数字会抵消。
# - 大模型：一个随机方向，运行两次。
# - 在随机的点和形状上检查。0、1 和饱和会掩盖错误；折点和随机性会造成误报。
# - 把两个雅可比矩阵之差当作图来读：图案说出错误的名字。
