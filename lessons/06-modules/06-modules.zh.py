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
# # 模块：名单由谁来记？
#
# 每个训练脚本里都有一行 `optim.Adam(model.parameters())`。可是从来没有人写过这份参数名单。**它是谁列出来的？
# 一整层参数又怎么会不声不响地从名单里漏掉？**
#
# 你会先手工搭一个处理真实测量数据的网络，再把它改写成模块；看看模块能发现什么、漏掉什么；
# 还会遇到三个让人白忙好几天的错误：永远不学习的层、不是副本的“副本”，以及在错误模式下评估的模型。

# %% [markdown] name="penguins"
# ## 1 · 三种企鹅
#
# 有人在南极测量了 333 只企鹅：喙、鳍肢、体重。网络能根据四个数认出种类吗？表格的行是按种类排列的，所以先打乱，再留出
# 100 只做测试。

# %% [markdown] name="plot-note"
# 两个数就差不多能把它们分开；有四个数，应该很容易。
#
# ## 2 · 手工搭一个网络
#
# 先不用模块：四个张量、一个函数，再加一份自己写的名单。（各列的大小相差上百倍，所以先减去平均值，再除以标准差。）

# %% [markdown] name="by-hand-note"
# `to_learn` 就是我们的名单。只有一行代码，也没有人检查它。

# %% [markdown] name="module"
# ## 3 · 模块来记名单
#
# `nn.Module` 是一种会留意“有什么赋给了我”的对象；`nn.Parameter` 是一种请求被留意的张量。全部窍门就在这里：
# `self.w1 = nn.Parameter(...)` 把张量以 `w1` 为名记进模块的账本，`parameters()` 再把账本念出来。

# %% [markdown] name="call-not-forward"
# 你写的是 `forward`，调用的却是模块本身：`model(x)`。再来看模块*不会*留意的东西：

# %% [markdown] name="module-list"
# 它照样能训练，和上面那份漏了人的名单一样，一声不吭。办法是交给模块它认识的东西：张量用 `nn.Parameter`，
# 模块的列表用 `nn.ModuleList`（字典用 `nn.ModuleDict`）。

# %% [markdown] name="no-super"
# 忘了 `super().__init__()` 至少会大声报错，因为没有账本可写：

# %% [markdown] name="tree"
# ## 4 · 模块里的模块
#
# 赋给模块的模块成为它的子模块。所以网络是一棵树，参数的名字就是通向它的路径。下面这个网络有一个自定义的部件，用了两次：

# %% [markdown] name="graph"
# 损失的计算图显示的也是这棵树：框里套着框。

# %% [markdown] name="graph-tour"
# 1. 每个灰色的框是一个模块，标题就是它的路径。**点击框角上的 −**：它合上，整层变成一个节点。再点它一下（或者在它上面按
#    Enter），就又打开了。
# 2. 把**深度**设为 1。剩下的正是 `PenguinNet.forward` 的代码，不多不少。大网络就是这样读的：先合上，
#    再一个框一个框地打开。
# 3. 点击一个 `weight`。它的名字是穿过这棵树的路径，与 `named_parameters()` 打印的一样。

# %% [markdown] name="exercise-1"
# ## 练习 1 · 改写一个网络（使用）
#
# 这是一个用零散张量写成的网络。它把每一层算出的结果加到这一层的输入上；这样做有什么好处，第 7 课会讲。
#
# ```python
# def network(x):
#     h = (x - mean) / std
#     h = torch.relu(h @ w_in.T + b_in)               # 4 -> hidden
#     for w, b in zip(block_weights, block_biases):   # 共 depth 次：hidden -> hidden
#         h = h + torch.relu(h @ w.T + b)
#     return h @ w_out.T + b_out                      # hidden -> 3
# ```
#
# 把它写成两个模块。`Block(hidden)` 有一个层 `linear`。`ResidualNet(mean, std, hidden, depth)` 有缓冲区 `mean` 和
# `std`、层 `enter`、列表 `blocks` 和层 `leave`。（缓冲区的写法：`self.register_buffer("mean", mean)`。）

# %% [markdown] name="buffers"
# ## 5 · 缓冲区：不学习，但属于模型
#
# `mean` 和 `std` 不需要学习。可是没有它们，网络就一文不值：

# %% [markdown] name="buffer-rule"
# 所以它们必须跟着模型走：保存时进文件，搬家时上 GPU。普通属性两样都做不到。**缓冲区**（buffer）可以：
# 它是记在模块账本里、但不交给优化器的张量。换 dtype 与换设备走的是同一条路，用 dtype 最容易看清：

# %% [markdown] name="device-trap"
# 在 GPU 上，普通属性会留在主内存里，第一次 forward 就报错：*Expected all tensors to be on the same device*。
# 看到这个错误，几乎总是因为有个张量本该是缓冲区。
#
# ## 练习 2 · 有四处错误的网络（使用）
#
# 这个类能运行、能训练，准确率也说得过去。但其中有四处错误：两处关系到什么会学习，一处关系到什么会被保存，一处是
# `eval()` 够不着的（想不出来就看第 7 节）。请改正。参数应当是 `scale`，以及
# `enter`、`layers.0`、`layers.1`……、`leave` 的参数；缓冲区是 `mean` 和 `std`。

# %% [markdown] name="state-dict"
# ## 6 · 模型的状态
#
# `state_dict()` 就是写成字典的账本：每个参数和缓冲区，键是它的路径。保存的就是它。里面没有类，只有数；
# 要加载的人必须先搭出同样的树。

# %% [markdown] name="strict"
# 加载是严格的：多一个名字、少一个名字、形状不对，都会报错，并全部列出来。

# %% [markdown] name="best-trap"
# 人们常这样留住训练中最好的权重：每当得分创下新高，就 `best = model.state_dict()`；最后 `model.load_state_dict(best)`。

# %% [markdown] name="exercise-3"
# ## 练习 3 · 留住最好的（使用）
#
# 请写出正确的循环。`one_epoch(model)` 训练一个轮次，要求模型处于训练模式；`score(model)` 返回一个数，越大越好，
# 要求模型处于评估模式：用 `model.train()` 和 `model.eval()` 切换，下一节会讲。结束时，模型里是最好的权重，
# 并处于评估模式。

# %% [markdown] name="modes"
# ## 7 · 两种模式
#
# 有些层在学习时的做法不一样。`Dropout` 随机把一部分输入设为零，免得网络依赖任何单个单元；使用时它必须什么也不做。
# 每个模块都有一个标志 `training`，`model.train()` 和 `model.eval()` 为整棵树设定它。新建的模型处于训练模式。

# %% [markdown] name="two-switches"
# 评估时：既要 `model.eval()`，**也要** `with torch.no_grad():`。要接着训练：再 `model.train()`。
#
# ## 8 · 钩子：在运行中往里看
#
# 调用 `model(x)` 比 `forward(x)` 多做一点事：它还会运行**钩子**（hook），也就是你从外面挂到模块上的函数。
# 前向钩子会得到模块、输入和输出。下面这个钩子统计每一层有多少单元是醒着的：

# %% [markdown] name="hook-note"
# 用完要把钩子取下来，就像这里一样：忘掉的钩子每次调用都会运行，它记住的东西也一直占着内存。
# 本课程的视图就是这样往模型里看的。

# %% [markdown] name="exercise-4"
# ## 练习 4 · 自己的 Module（构建）
#
# 现在来做账本本身。`Parameter(tensor)` 只是一个标签，表示这个张量希望被留意。`Module` 在赋值时留意标签和模块。
# （PyTorch 把 `Parameter` 做成一种张量；做成标签，则任何有 `.data` 和 `.grad` 的张量都能用：Glasstorch 的，或者你在第
# 3 课写的那个类。）
#
# 需要的是：
#
# - `self.w = Parameter(t)` 登记 `t`，并设定 `t.requires_grad = True`；此后 `self.w` 就是张量 `t` 本身；
# - `self.layer = module` 登记一个子模块；其他属性都只是普通属性；
# - `named_parameters()` 逐个给出 `("layer.w", t)` 这样的对：先是模块自己的，再是子模块的，都按赋值的先后；
#   共享的张量只给一次，用第一个名字；
# - `parameters()` 给出张量；调用模块就是调用 `forward`；
# - `train(mode=True)` 为整棵树设定 `training`，并返回模块；`eval()` 就是 `train(False)`；
# - `state_dict()` 是从名字到 `.data` 的字典；`load_state_dict(state)` 就地写入张量（`tensor.data[...] = value`）；
#   缺名字或多名字时抛出 `KeyError`，形状不对时抛出 `ValueError`，而且都在改动任何东西之前。

# %% [markdown] name="exercise-4-try-note"
# 用 Glasstorch 的张量试一试。优化器接受你的名单，和接受别的名单一样：

# %% [markdown] name="same-in-pytorch"
# ## 在 PyTorch 里也一样
#
# 这里的一切都是 PyTorch 的 API：换掉导入就能在那里运行，`state_dict` 里的名字也相同，所以用
# `torch.save(model.state_dict(), "penguins.pth")` 保存的状态可以在另一边加载。（那个文件里还该放些什么，第 16
# 课会讲。）只有练习 4 里你的 `Parameter` 不同：PyTorch 的本身就是张量，是它的一个子类。
#
# ## 记住这些
#
# - 模块留意赋给它的 `nn.Parameter`、缓冲区和模块。它不看列表里面，普通张量对它来说什么也不是。每个新模型都打印一次
#   `named_parameters()`。
# - 不学习、但属于模型的是缓冲区：它会被保存，也会跟着移动。
# - `state_dict()` 交出来的是模型自己的张量。想留住，就要复制。
# - `eval()` 改变的是层，`no_grad()` 改变的是记录。评估时两个都要；接着训练要再 `train()`。
# - 调用 `model(x)`，不要调用 `model.forward(x)`：钩子挂在调用上。
