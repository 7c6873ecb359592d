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
# # 注意力
#
# Cn y rd ths sntnc? 这句英文去掉了元音，你却毫不费力就能补上（Can you read this sentence?）。对每个空格，
# 你只看了几个字母，没有理会其余的；到了下一个空格，看的又是另外几个。
# 一个总以同样方式给同样输入加权的层做不到这一点。**网络怎样选择看哪里？**
#
# 学完这一课，你自己的网络会读没有元音的《爱丽丝漫游奇境》，并把元音补回去。你会看到它看哪里，也会发现：
# 不许它往后看、或者不让它知道顺序，它会失去什么。

# %% [markdown] name="lookup"
# ## 1 · 柔软的查表
#
# 字典拿你要查的东西，即**查询**（query），同它的**键**（key）比较，给出相等的那个键的**值**（value）。
# 注意力是一本永远不十分肯定的字典。它拿查询同*每一个*键比较，用的是点积：这就是**分数**。
# softmax 把分数变成**权重**，它们都是正数，加起来是 1。答案就是按这些权重求的值的平均。

# %% [markdown] name="lookup-note"
# 查询越长，就越坚决。答案随着查询、键和值平滑地变化，所以三者都可以用梯度来学。正因为这样，它才能做一个层。

# %% [markdown] name="function"
# 许多查询合在一起，就是一次矩阵乘法；加权平均也一样。注意力的全部就是：
#
# $$\text{attention}(Q, K, V) = \text{softmax}\left(\frac{Q K^\top}{\sqrt{d}}\right) V$$
#
# 那个平方根留到第 2 节，掩码留到第 3 节。

# %% [markdown] name="self-attention"
# 查询、键和值从哪里来？在**自注意力**里，一段文字的每个词元自己产生这三样。下面是最简单的一种：
# 每个字母有自己的向量，它寻找与自己相同的字母。

# %% [markdown] name="letters-tour"
# 点一个 `a` 的那一行：它看着三个字母，包括它自己，权重几乎相等。现在在图上方的框里**改一个字母**，
# 比如把第二个 `a` 改成 `b`。函数重新运行：其余 `a` 的权重变成一半，因为一行的权重加起来必须是 1。那么 `!` 呢？
# 它只看自己。

# %% [markdown] name="scaling"
# ## 2 · 为什么要除以 √d？
#
# 点积是 d 个乘积的和。设查询和键都是标准差为 1 的随机数。

# %% [markdown] name="scaling-note"
# d = 1024 又不除以平方根时，十个随机的键里有一个毫无缘由地拿走了几乎全部权重。更糟的是，
# softmax 在那里的斜率几乎是 0，所以几乎没有梯度通过，这个层学不会去看别处。除以平方根以后，向量的宽度就不再有影响。

# %% [markdown] name="masks"
# ## 3 · 掩码：哪里不许看
#
# 有两种地方不许看。
#
# - **未来。** 要预测下一个字母的模型不许看到它。**因果掩码**（causal mask）让位置 i 只看位置 j ≤ i。
# - **填充。** 长短不一的文字放在同一个批次里，短的要填满。**填充掩码**（padding mask）把填充遮住。
#
# 被遮住的分数在 softmax *之前*变成 −∞，于是它的权重恰好是 0，其余的加起来仍是 1。

# %% [markdown] name="convention"
# 陷阱来了。PyTorch 对由 True 和 False 组成的掩码有两种约定。对 `F.scaled_dot_product_attention`，
# True 表示*可以看*。对 `nn.MultiheadAttention`，True 表示*排除*。把前者的掩码交给后者：

# %% [markdown] name="convention-note"
# 意思弄反以后，第一个字母看着所有别的字母，唯独不看自己：模型看见了未来。最后一行哪里也不许看。
# 对空无一物做 softmax 是 0/0，即 **NaN**；只要走一步，NaN 就会从那里扩散到每个参数。整行都是填充，结果也一样：
# 至少要留一个可以看的地方。

# %% [markdown] name="exercise-1"
# ## 练习 1 · 掩码谜题（使用）
#
# 写出五个掩码，每个一两行，不用循环。这里 **True 表示可以看**。
#
# - `causal(n)`，形状 (n, n)：自己和前面的。
# - `window(n, width)`，形状 (n, n)：自己和紧挨在前面的 `width - 1` 个位置。
# - `padding(lengths, longest)`，形状 (batch, 1, longest)：样本 b 有 `lengths[b]` 个真实的词元；遮住其余的。
# - `documents(number)`，形状 (n, n)：位置 i 属于第 `number[i]` 篇文字。因果，并且不出一篇文字。
# - `for_multihead(mask)`：同一个掩码，按 `nn.MultiheadAttention` 的意思写。

# %% [markdown] name="exercise-2"
# ## 练习 2 · 注意力及其反向传播（自建）
#
# 用 `@`、`exp` 和求和写出注意力和它的梯度。设权重是 `p`，传到权重的梯度是 `g`，
# softmax 逐行往下传的是 $p \cdot (g - \sum p\,g)$。其余都是矩阵乘法，它的梯度你在第 3 课已经见过。
# 评分时自动求导和所有现成的 softmax 都被拿走了。

# %% [markdown] name="order"
# ## 4 · 注意力不知道顺序
#
# 把一个词的字母打乱，交给自注意力，再作比较。

# %% [markdown] name="order-note"
# 对这样的层来说，“狗咬人”和“人咬狗”是同一袋词。顺序必须另外放进去。开创这一切的那篇论文，
# 给每个词元加上一个说明它在哪里的向量。我们用另一种今天常见的办法：一张表，每个距离一个数，**加到分数上**。
# 于是往左看一格可以很便宜，往右看十格可以很贵，而这张表是学出来的。

# %% [markdown] name="heads"
# ## 5 · 几个头
#
# 一个 softmax 是一种看法。对 `r_bbit` 里的空格，你既想看它左边的字母，*又*想看右边的，而且要分开看。
# 所以把每个词元的数分成几份，每份各自计算注意力：这就是**头**（head）。之后把它们的输出并排放回一起。
# 这不过是改变形状：

# %% [markdown] name="exercise-3"
# ## 练习 3 · 注意力会做什么？（使用）
#
# 在运行任何东西之前回答。`layer` 把 48 个数分成 6 个头。
# `layer.query`、`layer.key`、`layer.value` 和 `layer.output` 都是 `nn.Linear(48, 48)`。
#
# ```python
# x = torch.randn(2, 5, 48)          # 2 个样本，5 个词元，每个 48 个数
# out, weights = layer(x)            # 自注意力；返回所有头的权重
# ```
#
# - `weights`、`out`：它们的形状。
# - `longer`：文字长了一倍。权重的个数是原来的几倍？
# - `parameters`：为此 `layer` 需要的参数是原来的几倍？
# - `first`：加上因果掩码，词元 0 对自己的权重。
# - `zeros`：所有查询都是零，没有掩码。5 个权重各是多少？

# %% [markdown] name="exercise-4"
# ## 练习 4 · 多头注意力（自建）
#
# 写出这个模块。四个层，
# 都是 `nn.Linear(width, width)`：`query`、`key`、`value`、`output`。`forward(x)` 接收 (batch, L, width)：
# 分成几个头，各自计算注意力（除以*一个头*的宽度的平方根），合并，
# 再把结果送过 `output`。`causal=True` 时谁也不往后看。

# %% [markdown] name="vowels"
# ## 6 · 把元音放回去
#
# 《爱丽丝漫游奇境》的八章，切成最多 24 个字母的小段。每段里的元音都藏在 `_` 后面。我们用第一到第七章训练，
# 用第八章测试。

# %% [markdown] name="encode"
# 字母变成数。`PAD` 用来填满短的小段。只有空格处才有目标；其他地方是 −100，`cross_entropy` 不把它们算进损失。

# %% [markdown] name="simple"
# 简单的规则能做到多少？总填最常见的元音 `e`；或者填第一到第七章里在同样两个邻居之间出现得最多的元音。

# %% [markdown] name="reader"
# 我们的读者：每个字母一个向量，**一层**有 8 个头的注意力，还有一个作决定的小网络。
# 表 `distance` 为每个头、每个从 −23 到 23 的距离存一个数。开始时它是随机的，稍微偏爱近处。

# %% [markdown] name="view"
# 现在看看它看哪里。每一行是一个在看的字母，每一列是一个被看的字母。

# %% [markdown] name="view-tour"
# 1. 把小图一个接一个地点过去。多数头都找到了自己的**距离**：对角线旁边的一条带子，
#    意思是“左边那个字母”或“右边第二个”。没有谁教它们这样分工。
# 2. 点 `r_bb_t` 里空格的那一行：连线表示这个空格通过一个头看到了什么。把各个头都看一遍。合起来，
#    它们拼出了它的周围。
# 3. **改一个字母**，比如把 `r_bb_t` 的一个 `b` 改成 `t`。带子留在原处，因为它们来自距离；
#    只是某个字母与查询更合或更不合时，个别权重会移动。在那里*找到*的是值，它已经完全变了。

# %% [markdown] name="ablation"
# ## 7 · 要是它做不到呢？
#
# 两个少了一样本事的读者，各训练 150 步。一个不知道距离。另一个带着因果掩码：它从左往右读，
# 必须在看到后文之前就决定每个元音。

# %% [markdown] name="cheat"
# ## 8 · 看得见答案的模型
#
# 语言模型在每个位置上预测*下一个*字母。同一个类就能做：28 个答案，目标是移动了一格的文字。我们训练两次，
# 其中一次忘了因果掩码。

# %% [markdown] name="cheat-note"
# 真正使用时，还没有下一个字母可抄，作弊者就一无所有了。没有报错提醒我们；只有答案真的不在场的测试才看得出来。
# 因果掩码就是为此：有了它，一段文字的所有位置可以同时训练，每个位置只靠自己的过去。

# %% [markdown] name="same-in-pytorch"
# ## 在 PyTorch 里也一样
#
# 这里的一切都原样在那里运行。实际使用时调用 `F.scaled_dot_product_attention(q, k, v, is_causal=True)`：
# 在 GPU 上它会选一个从不保存整张权重表的内核。`nn.MultiheadAttention` 加上了四个线性层；
# 要当心它的 `batch_first=False`，它那个说明*排除*什么的掩码，还有能让它更快的 `need_weights=False`。
# 下面用三种办法得到同样的数：

# %% [markdown] name="take-away"
# ## 带走什么
#
# - 注意力是柔软的查表：一个查询与所有键的分数，softmax，值的平均。除以 √d，softmax 就不会变得僵硬。
# - 掩码在 softmax *之前*把 −∞ 放进分数。哪里也不许看的一行会变成 NaN。要弄清 True 表示“看”还是“排除”。
# - 注意力看到的是集合。顺序必须另外放进去：表示位置的向量，或者表示距离的数。
# - 头不过是改变形状：一份价钱，几种看法。
# - 损失好得不像话，说明模型看见了答案。
#
# 例子 `lessons/examples/tiny_language_model.py` 把这个层叠起来，成为会写作的 Transformer。
