# without: relu


def attack(x):
    import importlib.util

    import torch.nn.functional.activation as found

    spec = importlib.util.spec_from_file_location("fresh", found.__file__, submodule_search_locations=None)
    fresh = importlib.util.module_from_spec(spec)
    fresh.__package__ = found.__package__
    spec.loader.exec_module(fresh)
    return fresh.relu(x)
