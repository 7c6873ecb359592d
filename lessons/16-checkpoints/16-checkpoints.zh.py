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
# # 保存、读取、恢复
#
# 一次训练要跑几个小时。一个轮次跑到一半，机器关了。你有一个文件，读进来，
# 损失继续下降。**但这还是同一次训练吗？** 文件里必须有什么，之后的每个损失才会逐位等于它本来的值？
#
# 一路上，你会不报错地读入一个模型，却发现它在瞎猜；会让一个“权重”文件在你的机器上运行程序；
# 还会用一位就毁掉一个文件。

# %% [markdown] name="state-dict"
# ## 1 · 模型里有什么？
#
# 走了二百五十步，停电了：我们正在第三个轮次的中间。模型学到的东西都在它的 `state_dict` 里，
# 那是一个从名字到张量的字典。

# %% [markdown] name="whole-model"
# `torch.save(model)` 保存整个对象。许多教程这样做，如今读取时会失败：

# %% [markdown] name="whole-model-note"
# 这样的文件写着模型由哪些*类*组成，要把它们变回来就得运行代码（第 5 节）。只要给类改个名或换个地方，它也就坏了。
# 请保存 state dict，模型则由它的代码来建。

# %% [markdown] name="eval"
# 还有一样不在 state dict 里：模型是否在训练。新建的模型处于训练模式，所以它的 dropout 开着。

# %% [markdown] name="strict"
# ## 2 · 名字对不上的时候
#
# 在多个 GPU 上训练的模型被包在另一个模型里，它的所有名字都加上了前缀 `module.`。读入这样一个文件：

# %% [markdown] name="strict-advice"
# 搜索这条报错，很快就会找到一个建议：写上 `strict=False`。果然，错误不见了：

# %% [markdown] name="map-location"
# 另一样可能对不上的是**设备**。文件记得每个张量原来在哪里。在 GPU `cuda:0` 上保存的文件，读取时就要那个 GPU；
# 机器上没有，就是一个错误。`map_location` 说明张量应该改放到哪里；它也可以是一个函数，
# 这里只用它记下文件要的是什么。

# %% [markdown] name="exercise-1"
# ## 练习 1 · 读入时不报错的模型（使用）
#
# 这个函数不报任何错，模型却在瞎猜。修好它：带 `module.` 前缀和不带前缀的文件都能读；对不上的，
# 抛出 `load_state_dict` 的 `RuntimeError`；返回的模型随时可以回答。字典 `state` 本身保持原样。

# %% [markdown] name="resume"
# ## 3 · 精确恢复
#
# 这是我们那次被中断的训练的检查点。我们也让训练继续下去，就像什么都没发生：这些就是每个恢复的训练必须达到的损失。

# %% [markdown] name="checkpoint-note"
# 检查点是权重的三倍大：Adam 为每个参数存两个平均值（第 9 课）。
#
# 现在一个新的进程读入它，继续训练。我们恢复得越来越多，看之后的 150 个损失里有多少个与正确的逐位相等。

# %% [markdown] name="resume-note"
# 勾选**平滑**，看 `weights_only_loss` 的前三十步：
# 那个鼓包就是忘掉优化器和学习率计划的代价。`everything_loss` 和 `uninterrupted_loss` 是同一条线，
# 因为 150 个损失全都相等。
#
# 规则是：**凡是某一步改变、而下一步要读的东西，都属于状态。** 对循环里的每样东西都问一遍。
# 最常被忘掉的是在数据里的位置。我们的位置很容易找回，因为每个轮次的顺序由它的编号决定；
# 而 `shuffle=True` 的 `DataLoader` 在轮次*开始*时用随机数抽出顺序，到了轮次中间，它就没有了。
# 请给它一个你自己的采样器，就像上面的 `order`（第 10 课）。

# %% [markdown] name="alias"
# 有人不用文件，而是把最好的权重留在内存里；这里有一个陷阱。`state_dict()` 不复制：

# %% [markdown] name="exercise-2"
# ## 练习 2 · 精确恢复（使用）
#
# 两半都写出来。`checkpoint` 返回由 state dict、张量和数组成的字典。`resume` 从文件里得到它，
# 还有*新的*模型、优化器和调度器；让这一切回到当时的状态，包括随机数，并返回已做的步数。
# 评分时逐位比较之后的每个损失。

# %% [markdown] name="killed"
# ## 4 · 保存时被中断
#
# 停电可不会等文件写完。而且为了写入而打开文件，文件立刻就被清空，所以*旧的*检查点没有了，新的还没有写好：

# %% [markdown] name="atomic"
# 办法是：写到旁边的一个新文件，写完以后再让它取代旧文件的名字。系统改名是一步完成的：要么是旧文件，要么是新文件，
# 没有中间状态。

# %% [markdown] name="pickle"
# ## 5 · 会运行的文件
#
# `torch.save` 写的是 **pickle**：一个小程序，读取时用来建造对象。它可以调用任何函数。下面是别人给的一个“权重”文件：

# %% [markdown] name="safetensors"
# 默认情况下 `torch.load` 什么都不运行，只接受张量、数、文本之类；所以我们的检查点由 state dict 组成。
# 要把权重给别人，有一种里面 *不可能*有东西运行的格式。**safetensors** 就是：八个字节写头部的长度，
# JSON 格式的头部，然后是数。不用任何库也能读：

# %% [markdown] name="damage"
# ## 6 · 一位
#
# 磁盘和电缆会出错，虽然很少。我们来翻转文件三百万位中的一位：某个权重的指数的最高位。

# %% [markdown] name="flip-note"
# 这是 128 个单元之一的权重，排成它所看的图片的样子。用方向键在里面走一走：都是平常的数，与坏掉的那个相比太小了，
# 连颜色也没有。十万个权重里坏了一个，多数图片就认错了。
#
# 没有谁提醒我们。**摘要**本来可以：由全部字节算出的一个短短的数，比如 SHA-256，任何一位变了，它就变了。
# 把它同文件写在一起，读取时再算一遍。

# %% [markdown] name="exercise-3"
# ## 练习 3 · 能发现损坏的格式（自建）
#
# `pack` 把有名字的 NumPy 数组组成的字典变成字节，`unpack` 再变回来。不用 pickle。
# 名字、顺序、dtype、形状和值都要分毫不差，数组要能写入。
# 翻转了一位、少了结尾或多了东西时，`unpack` 抛出 `ValueError`。

# %% [markdown] name="same-in-pytorch"
# ## 在 PyTorch 里也一样
#
# 文件是一样的，两个方向都行：这里的 `.pth` 或 `.safetensors` 文件，那里也能读。有三点不同。
# PyTorch 的 `torch.save` 像第 4 节那样就地写入，所以要存成另一个名字，再用 `os.replace`；
# Glasstorch 会自己这样做。`load_file` 和 `save_file` 来自单独的一个包，`safetensors.torch`。在 GPU 上，
# 每个设备都有一个随机数状态：`torch.cuda.get_rng_state_all()` 也要放进检查点，
# 而且只有用了 `torch.use_deterministic_algorithms(True)`，结果才会逐位相等。
#
# `torch.utils.checkpoint` 与这一切无关。它把前向的一部分算两遍，以节省内存。
#
# ## 带走什么
#
# - 保存 state dict，不要保存对象。读取之后：要用模型就 `eval()`，要继续训练就 `train()`。
# - `strict=False` 让错误闭嘴，并不除掉原因。别处来的文件用 `map_location="cpu"`。
# - 凡是某一步改变、而下一步要读的，都是状态：权重、优化器、学习率计划、随机数、在数据里的位置。检验检查点，
#   就看损失是否逐位相等。
# - 写在旁边，再改名。核对摘要。
# - 读取 pickle 就是运行它。保持 `weights_only=True`；把权重给别人时用 safetensors。
