# without: autograd
import torch


def attack(x):
    import torch.autograd.forward_ad as forward

    found = torch.zeros(4)
    for place, direction in enumerate(torch.eye(4)):
        with forward.dual_level():
            dual = forward.make_dual(x, direction.reshape(2, 2))
            found[place] = forward.unpack_dual((dual * dual).sum()).tangent
    return found.reshape(2, 2)
