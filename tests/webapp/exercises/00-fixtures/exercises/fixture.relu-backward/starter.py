import numpy as np


def relu_backward(x, g):
    ...


def scale(x, factor):
    ...
