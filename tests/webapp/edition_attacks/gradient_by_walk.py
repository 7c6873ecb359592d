# without: Tensor.backward
import numpy as np


def attack(x):
    from torch.core.walk import Walk

    x = x.requires_grad_()
    Walk(False, False).run([(x * x).sum()], [np.ones((), np.float32)], None, accumulate=True)
    return x.grad
