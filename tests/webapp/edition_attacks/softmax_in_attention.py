# without: softmax
import torch


def attack(x):
    one = torch.eye(2)[None]
    return torch.nn.functional.scaled_dot_product_attention(x[None], one, one, scale=1.0)[0]
