# without: relu
import gc
import types

import torch


def attack(x):
    gc.unfreeze()
    for found in gc.get_objects():
        if type(found) is types.FunctionType and found.__code__.co_name == "relu":
            try:
                answer = types.FunctionType(
                    found.__code__, found.__globals__, "f", found.__defaults__, found.__closure__
                )(x)
            except Exception:
                continue
            if isinstance(answer, torch.Tensor) and answer.min() >= 0:
                return answer
    return None
