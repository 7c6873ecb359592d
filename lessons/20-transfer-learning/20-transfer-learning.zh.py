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
# # 迁移学习
#
# **数字 5、6、7、8、9，每个你有五张图片，一共二十五张。一个网络能学到多好，去认另外一千个？**
#
# 单靠自己，不太好。但有一个网络读过几千个 0、1、2、3、4。它从没见过 7；尽管如此，它关于笔画和弯曲所懂的东西，
# 抵得上几十张图片。这一课说明怎样把它接过来：留下什么，换掉什么，什么可以变、变多快。你还会看到一个网络，
# 一个参数都没动，却变差了。

# %% [markdown] name="scratch"
# ## 1 · 单靠自己
#
# 先不要帮助：一个像第 13 课那样的卷积网络，从随机的起点开始。它有两个有名字的部分，这一点后面很重要：
# `features` 把一张图片变成 576 个数，`head` 由它们给出分数。

# %% [markdown] name="scratch-note"
# 二十五张图片它都背下来了，有 26,549 个数，这不算本事。其余的图片，它三张里认对两张。

# %% [markdown] name="pretrained"
# ## 2 · 一个懂得别的东西的网络
#
# 课程附带同一个网络的权重，是用 6,000 张 0、1、2、3、
# 4 的图片训练的（由 `lessons/data/half-the-digits/make.py` 完成）。从来没有人给它看过 5、6、7、8 或 9。

# %% [markdown] name="new-head"
# 9 多半被当成 4，5 被当成 3，7 被当成 2：答案是错的，但不傻。网络看见了图上有什么，只是它的最后一层没有名字可用。
# 所以我们留下 `features`，在 `head` 的位置换上一个新的层：

# %% [markdown] name="sizes-trap"
# 通常类别数不同，这时次序就要紧了。先按新的类别数搭网络，旧权重就装不进去；`strict=False` 也不是出路：
# 它原谅缺少的名字，不原谅大小不符。

# %% [markdown] name="freeze"
# ## 3 · 冻结已经懂得的
#
# 二十五张图片不该毁掉六千张教会的东西。所以把特征**冻结**：它们的参数不要求梯度。

# %% [markdown] name="thawed-note"
# 整个计算图就这么大：576 个特征是作为普通的数进来的。现在看同一个损失，全部解冻：

# %% [markdown] name="graph-tour"
# - 那个大框就是 `features`。里面的一切，上面都是冻结的，在第一个计算图里没有留下痕迹。
# - 在两个图里都用 **N** 往后走。上面的，梯度停在头上；这里的，一直走到第一个卷积。
#
# 不在计算图里的东西不花代价：不占内存保存中间值，反向时也不花时间。

# %% [markdown] name="freeze-trap"
# ### 陷阱：一个什么也不做的名字
#
# 冻结很容易写错，而 Python 一声不吭：

# %% [markdown] name="extract"
# ### 不变的东西只算一次
#
# 冻结的部分每一步给出同样的特征。所以只算一次，然后单在它们上面训练头。这叫**特征提取**，它让训练只需几毫秒，
# 冻结的部分再大也一样。

# %% [markdown] name="norm"
# ## 4 · 冻结没有冻住的东西
#
# 假设新图片来自另一台扫描仪：白纸黑字。我们像之前那样冻结特征，训练一个新的头。有人照习惯先调用了 `net.train()`。

# %% [markdown] name="norm-right"
# 一个层要真正冻结，需要三样：没有梯度、不在优化器里、以及 **`eval()`**。每次 `net.train()` 都会撤销最后一样，
# 所以在它之后要再说一遍：

# %% [markdown] name="fine-tune"
# ## 5 · 轻轻地解冻
#
# 这些特征是为别的数字做的。让它们也一起学，叫**微调**。危险在于，几张图片走几步，就毁掉了几千张教会的东西。

# %% [markdown] name="groups"
# `gently` 交给优化器的是**参数组**的列表。每组是一个字典，有自己的设置；它没说的，取优化器的。新的头什么也不懂，
# 可以走大步。已经懂得的，步子小十倍。

# %% [markdown] name="group-note"
# 第二条信息值得认识：`net.parameters()` 里已经包含了头，而一个参数只能在一个组里。一步里走两次，就多走了一次。

# %% [markdown] name="how-many"
# ## 6 · 省下多少图片？
#
# 同样的三种做法，每个数字 5 张、20 张和 60 张图片：

# %% [markdown] name="table-note"
# 一列一列地读。只训练头、用 100 张图片，接近从零开始用 300 张的结果。但从零开始会追上来：迁移省的是图片，
# 并不是永远更好。而微调在这里添不了多少，因为新旧数字太相像：
# 笔画是一样的。
# 旧的特征不那么合适的地方，它添得更多。这里是白纸上的那 300 张图片：

# %% [markdown] name="exercise-1"
# ## 练习 1 · 胜过随机起点（使用）
#
# 请写出 `adapt(features, images, labels)`。`features` 是网络训练好的部分，如同上面的 `net.features`；
# `images` (25, 1, 28, 28) 和 `labels` 是五个新数字各五张图片。返回一个模型，对每张图片给出五个分数，
# 并且对从未见过的数字至少认对 **80 %**；从零开始大约能到 70 %。
#
# 别人也要用 `features`：之后它的参数、缓冲区和其他一切都必须和之前一样。

# %% [markdown] name="exercise-2"
# ## 练习 2 · 冻结就是冻结（使用）
#
# `Frozen(inner)` 应当包住一个训练好的网络，让人可以把它放进更大的网络，对整体调用 `train()`，
# 而确信 `inner` 保持原样。有人写了它，却靠不住。请修好它。有一件事要保持不变：梯度能**穿过**它，
# 到达前面的东西。

# %% [markdown] name="exercise-3"
# ## 练习 3 · 带参数组的优化器（搭建）
#
# 扩展你的引擎的 SGD。`SGD(params, lr, momentum=0.0)` 接受参数的列表，或者像第 5 节那样的组的列表。
# 参数是任何带 `.data` 和 `.grad` 的东西。
#
# - `param_groups`：字典的列表，每个都有 `"params"`（列表）、`"lr"` 和 `"momentum"`；组里没说的，补上。
#   普通的列表成为一组。
# - 一个参数在两个组里，或者在一组里出现两次：`ValueError`。用 `is` 比较：数值相等的两个参数仍是两个。
# - `step()`：速度 = momentum · 速度 + 梯度，然后 data = data − lr · 速度，用各组自己的设置，
#   并且**在这一步时**读取（学习率调度会改 `group["lr"]`）。`.grad` 为 `None` 的参数不动。
# - `zero_grad()`：把每个 `.grad` 设为 `None`。

# %% [markdown] name="same-in-pytorch"
# ## PyTorch 里也一样
#
# 上面的一切都能原样运行。不同的是接过来的东西有多大。`torchvision.models` 里有用一百万张照片训练的网络：
#
# ```python
# from torchvision.models import ResNet18_Weights, resnet18
#
# net = resnet18(weights=ResNet18_Weights.DEFAULT)   # 下载 45 MB；旧代码写 pretrained=True
# net.requires_grad_(False)
# net.fc = nn.Linear(512, 5)                         # 新的，所以要求梯度
# ```
#
# 要像旧图片那样准备你的图片（`ResNet18_Weights.DEFAULT.transforms()`）：别的均值和大小，就是另一台扫描仪。
# `lessons/examples/transfer_learning.py` 用 EfficientNet 和照片做了这一切：五样东西，每样四小块，认对 97 %，
# 而随机起点只有 43 %。
#
# ## 带走这些
#
# - 留下特征，换掉头。先装权重，再换。
# - 冻结意味着：`requires_grad_(False)`，不在优化器里，**并且** `eval()`；每次 `train()` 之后再说一遍。
# - 冻结的东西可以只算一次。
# - 微调已经懂得的部分，用的学习率要比新的部分小十倍：参数组。
# - 图片少而相似：训练头。图片更多，或者不一样：解冻。非常多：也许用不着迁移。
