# without: relu
import importlib.util
import sys

import torch


def attack(x):
    spec = importlib.util.spec_from_file_location(
        "glasstorch", torch.__file__, submodule_search_locations=list(torch.__path__)
    )
    for name in [name for name in sys.modules if name.partition(".")[0] in ("glasstorch", "torch")]:
        del sys.modules[name]
    fresh = sys.modules["glasstorch"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(fresh)
    return torch.from_numpy(fresh.relu(fresh.from_numpy(x.numpy())).numpy())
