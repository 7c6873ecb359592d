"""A first look at where a script spends its time: ``python -m glasstorch.utils.bottleneck script.py [arguments]``.

The script runs twice, under Python's cProfile and under the autograd profiler; the summary of both is printed, after a
few facts about the environment. Give it a script that ends soon.
Source: https://pytorch.org/docs/2.0/bottleneck.html
"""
