# expect: training: batch_norm is what you are to build here
import glasstorch as torch
from glasstorch.nn import functional as F


def batch_norm(x, running_mean, running_var, weight, bias, training, momentum=0.1, eps=1e-5):
    arrays = [torch.from_numpy(one) for one in (x, running_mean, running_var, weight, bias)]
    return F.batch_norm(*arrays, training, momentum, eps).numpy()
