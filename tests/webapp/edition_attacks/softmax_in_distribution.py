# without: softmax
import torch


def attack(x):
    return torch.distributions.Categorical(logits=x).probs
