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
# # 计算图的一生
#
# 两个评估循环算出同一个数。一个能跑好几周；另一个每一步都多要一点内存，直到机器再也拿不出来。
# **它们只差七个字符。是哪七个，为什么？**
#
# 要回答这个问题，就得知道计算图什么时候出生，靠什么活着，记住了什么，又在什么时候死去。autograd 的大多数报错，也都
# 可以由此解释。

# %% [markdown] name="leaves"
# ## 1 · 叶子，以及从叶子长出来的东西
#
# 计算图从**叶子**（leaf）开始：不是由任何被记录的运算得到的张量。叶子如果想要梯度，由它算出来的一切也都想要，并且
# 在 `grad_fn` 里记住得到自己的那个运算。

# %% [markdown] name="leaves-only"
# `backward()` **只在叶子里**留下梯度。中间结果也曾有过梯度，但只有一瞬间：传下去之后就丢掉，以节省内存。想留住它，
# 就事先调用 `retain_grad()`。

# %% [markdown] name="leaf-trap"
# 这里有个陷阱。有人想要小的随机权重，于是写道：

# %% [markdown] name="once"
# ## 2 · 一张图只用一次
#
# 有些运算在反向时需要前向的数：$x \cdot y$ 的导数需要 $x$ 和 $y$，$e^x$ 的导数需要它自己的结果。计算图会**保存**
# 它们。`backward()` 用完一个就释放一个，最后只剩下骨架。

# %% [markdown] name="two-losses"
# 人们碰到这个报错，往往是因为两个损失共用了图的一部分。第一次 `backward()` 释放了第二次需要的东西：

# %% [markdown] name="retain"
# 有两条出路。`retain_graph=True` 把保存的数留到下一次。把损失加起来、只反向一次更简单、更省，而且梯度相同，因为梯度
# 本来就会相加：

# %% [markdown] name="retain-warning"
# 如果这个报错出现在训练循环里，`retain_graph=True` 几乎总是错误的药方。报错说明**上一步**的某个东西这一步还在用：
# 一个隐藏状态，一个滑动平均。这样图会一步比一步长，每一步花的时间也越来越多。正确的药方在下一节。

# %% [markdown] name="detach"
# ## 3 · detach：同样的数，没有过去
#
# `t.detach()` 是一个新的张量，内存相同，没有历史。对 autograd 来说它是常数。

# %% [markdown] name="detach-tour"
# 两个结果是同一个数，27。在图里找到它们：`whole` 的每条路径都通向 `u`，`out` 只有一条。
# 它的另一个输入 9 没有向上的边。点击 `u`，看它的梯度：是两个结果传回来的梯度之和，`whole` 传回 27，`out` 传回 9。
#
# 这就是上一节那个循环的药方：在两步之间写 `state = state.detach()`，留下数值，放走过去。
# 读序列的网络会用到它。下面是没有它的循环，和有它的循环：

# %% [markdown] name="shares-memory-note"
# `detach()` 共享内存。想要自己的一份数，就写 `detach().clone()`；想要 Python 的数，就写 `item()`。

# %% [markdown] name="no-grad"
# ## 4 · no_grad：根本没有图
#
# `detach` 切断已有的图；在 `torch.no_grad()` 里面则根本不建图。评估不需要图，更新参数也不需要：改动叶子不属于计算的
# 一部分。

# %% [markdown] name="inference-mode"
# `torch.inference_mode()` 更进一步：它的结果不带版本计数器（第 5 节），而且再也不能进入计算图。
# 所以你把评估和训练混在一起时，它会告诉你：

# %% [markdown] name="eval-note"
# 两者都可以写在函数上面，如 `@torch.no_grad()`。但它们都不是 `model.eval()`：后者改变 dropout 之类的层的行为，
# 与计算图无关。评估时两样都要。少了会怎样，第 11 课会展示。

# %% [markdown] name="versions"
# ## 5 · 覆盖已经保存的数
#
# 计算图不保存副本：它记住的就是那个张量本身。如果在 `backward()` 之前改动它呢？那样导数就会用错误的数来算。
# 所以每块内存都有一个**版本计数器**；每次原地操作都让它加一。图在保存时记下版本，反向时再比较。

# %% [markdown] name="version-message"
# 这条消息要这样读：*output 0 of Exp* 是被覆盖的张量，*version 1, expected 0* 说它在那之后被写过一次。改法只动一处：
# `y = y + 1` 得到一个新张量，旧的不受影响。
#
# 有一条路可以绕过计数器，旧代码里常见：`.data`。它就是不带计数器的 `detach()`。

# %% [markdown] name="exercise-1"
# ## 练习 1 · 六张计算图（使用）
#
# 六小段代码，A 到 F。每段会发生什么？在运行任何东西**之前**决定：评分只接受写好的答案。
#
# ```python
# # A
# w = torch.ones(2, requires_grad=True)
# w = w - 0.1
# (3 * w).sum().backward()              # w.grad 是什么？
#
# # B
# x = torch.tensor(2.0, requires_grad=True)
# y = x * x
# y.backward(retain_graph=True)
# y.backward()                          # x.grad 是多少？
#
# # C
# x = torch.tensor(2.0, requires_grad=True)
# y = x * x.detach() + x.detach() ** 2
# y.backward()                          # x.grad 是多少？
#
# # D
# x = torch.tensor([1.0, 2.0], requires_grad=True)
# y = torch.sigmoid(x)
# y *= 2
# y.sum().backward()                    # 能运行吗？
#
# # E
# x = torch.tensor(1.0, requires_grad=True)
# with torch.no_grad():
#     y = x * 5
# z = y + x
# z.backward()                          # x.grad 是多少？
#
# # F
# x = torch.tensor([1.0, 2.0], requires_grad=True)
# h = x * 3
# h += 1
# (h * h).sum().backward()              # x.grad 的第二个数是多少？
# ```

# %% [markdown] name="memory"
# ## 6 · 谁让计算图活着？
#
# 只有你自己。图挂在它的结果上：只要有一个由它得到的张量还在，它就活着；最后一个消失，它也跟着消失。所以列表里放一个
# 损失，就是放进一张图。这要多少内存？PyTorch 允许我们旁观图保存了什么：保存的一切都经过我们的函数，我们来数还有多少
# 活着。

# %% [markdown] name="seven-characters"
# 平均值相同；一条线是平的，另一条一直往上爬。那七个字符就是 `.item()`（如果想留着张量，就用 `.detach()`）。
# `total_loss += loss` 造成同样的损害：这个和成了一张包含所有批次的大图。
#
# 如果循环外面套着 `no_grad()`，问题根本不会出现：没有图，就没有东西可留。

# %% [markdown] name="exercise-2"
# ## 练习 2 · 永不放手的评估（使用）
#
# 这个函数会建图、留图、留下梯度，还把带着历史的张量交给调用者：今天学到的一切它都做错了，连平均值也差了一点。
# 请改好它。它必须以 `float` 返回（对图片而不是对批次的）平均损失，并让模型保持原样。

# %% [markdown] name="exercise-3"
# ## 练习 3 · 版本计数器（构建）
#
# 现在为你自己的引擎造出第 5 节的看守。`Array` 包着一个 NumPy 数组，它的视图与它共用计数器。
# `Saved(array)` 记下版本；如果内存在那之后被写过，`unpack()` 就拒绝。

# %% [markdown] name="exercise-4"
# ## 练习 4 · no_grad（构建）
#
# 在你的引擎里，只有 `is_grad_enabled()` 为真时，运算才会记录自己。请造出这个开关：类 `no_grad`，既能写成
# `with no_grad():`，也能写在函数上面，如 `@no_grad()`。代码块可以嵌套，异常会从中穿过。

# %% [markdown] name="same-in-pytorch"
# ## 在 PyTorch 里也一样
#
# 这一页上的一切在 PyTorch 里都是如此，连报错也一样：叶子、被释放的数、版本计数器、`saved_tensors_hooks`。三点说明：
#
# - 在 GPU 上，留住的图占用的内存，就是你看到 `torch.cuda.memory_allocated()` 一直往上爬的那部分。
#   跑了很多同样的步之后才出现 *CUDA out of memory*，几乎总是因为图被留住了，而不是批次太大。
# - 哪个运算保存什么，是实现细节。它决定了哪些原地写入是允许的，所以不要依赖它：报错会告诉你。
# - 这些课程的记录器打开时，数值会为图示而保留。不用 `%load_ext`，内存的表现就和 PyTorch 一样。
#
# ## 要带走的
#
# - 梯度留在叶子里。由运算得到的张量都不是叶子，`randn(3, requires_grad=True) * 0.01` 也不是。
# - `backward()` 会释放保存的数。把损失加起来，而不是保留图。
# - `detach()` 切断一条路径，共享内存；`no_grad()` 什么也不记录；`inference_mode()` 连回头路也禁止。
# - 覆盖已保存的数，版本计数器会发现。`.data` 会绕过它：永远不要用。
# - 一个张量留着它的全部过去。要留就留数：`loss.item()`。
