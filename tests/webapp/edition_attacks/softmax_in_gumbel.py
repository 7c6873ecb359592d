# without: softmax


def attack(x):
    import torch.nn.functional.activation as found

    return found._softmax(x, -1)
