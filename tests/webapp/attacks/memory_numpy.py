# control: any
import numpy as np


def attack(target):
    return float(np.ones(target["too_much_memory"], np.uint8)[-1]) == 1
