"""Beside the learner's code: small trees of their modules, over two classes of tensors."""

import glasstorch as torch
import numpy as np
import submission


class Plain:
    """The least that a tensor must have, as in the class of lesson 3."""

    def __init__(self, data):
        self.data = np.array(data, dtype=np.float32)
        self.grad = None
        self.requires_grad = False


def _tensor(array, plain):
    return Plain(array) if plain else torch.tensor(array.tolist())


def _classes():
    Module, Parameter = submission.Module, submission.Parameter

    class Leaf(Module):
        def __init__(self, tensor):
            super().__init__()
            self.w = Parameter(tensor)

        def forward(self, x):
            return x * self.w

    class Node(Module):
        def __init__(self, tensor, *children):
            super().__init__()
            self.first = children[0]
            self.bias = Parameter(tensor)
            for number, child in enumerate(children[1:]):
                setattr(self, f"child{number}", child)

        def forward(self, x):
            return self.first(x) + self.bias

    return Leaf, Node


def registration(array, x):
    tensor, other = _tensor(array, False), _tensor(array, False)
    Leaf, _ = _classes()
    leaf = Leaf(tensor)
    leaf.note, leaf.plain = "a note", other
    listed = list(leaf.parameters())
    return {
        "itself": leaf.w is tensor,
        "named": [name for name, _ in leaf.named_parameters()],
        "listed": len(listed),
        "is it": bool(listed) and listed[0] is tensor,
        "requires": tensor.requires_grad,
        "note": leaf.note,
        "plain": leaf.plain is other,
        "value": leaf(x) if leaf.w is tensor else None,
    }


def tree(arrays, plain):
    """A tree over four tensors: a node with a leaf, a node with a leaf, and a leaf."""
    Leaf, Node = _classes()
    tensors = [_tensor(array, plain) for array in arrays]
    inner = Node(tensors[1], Leaf(tensors[2]))
    root = Node(tensors[0], inner, Leaf(tensors[3]))
    return root, tensors


def names(arrays, plain):
    root, tensors = tree(arrays, plain)
    pairs = list(root.named_parameters())
    return {
        "names": [name for name, _ in pairs],
        "values": [tensor.data for _, tensor in pairs],
        "parameters": len(list(root.parameters())),
        "themselves": all(any(tensor is one for one in tensors) for _, tensor in pairs),
    }


def shared(array, other, copies):
    Leaf, Node = _classes()
    one, same_numbers = _tensor(array, False), _tensor(array, False)
    root = Node(_tensor(other, False), Leaf(one), *[Leaf(one) for _ in range(copies)], Leaf(same_numbers))
    return [name for name, _ in root.named_parameters()]


def modes(arrays, more):
    root, _ = tree(arrays, False)
    Leaf, _ = _classes()
    for number in range(more):
        setattr(root, f"more{number}", Leaf(_tensor(arrays[0], False)))
    others = [getattr(root, f"more{number}") for number in range(more)]
    whole = [root, root.first, root.first.first, root.child0, *others]
    seen = {"at first": [module.training for module in whole]}
    seen["eval returns"] = root.eval() is root
    seen["eval"] = [module.training for module in whole]
    seen["train returns"] = root.train() is root
    seen["train"] = [module.training for module in whole]
    root.first.eval()
    seen["a part"] = [module.training for module in whole]
    root.train(False)
    seen["train(False)"] = [module.training for module in whole]
    return seen


def state(arrays, others, plain):
    root, tensors = tree(arrays, plain)
    source, _ = tree(others, plain)
    out = source.state_dict()
    if out is None:
        return {"state": None}
    memory = [tensor.data for tensor in tensors]
    copies = {name: (np.array(v) if plain else v.clone()) for name, v in out.items()}
    root.load_state_dict(copies)
    after = [tensor for _, tensor in root.named_parameters()]
    return {
        "state": dict(out),
        "same tensors": len(after) == len(tensors) and all(any(a is t for t in tensors) for a in after),
        "in place": memory,
        "now": [tensor.data for tensor in tensors],
    }


def strict(arrays, others, how):
    root, tensors = tree(arrays, True)
    source, _ = tree(others, True)
    given = {name: np.array(value) for name, value in (source.state_dict() or {}).items()}
    last = "child0.w"
    if how == "missing":
        given.pop(last, None)
    elif how == "more":
        given["stranger"] = np.zeros(2, np.float32)
    elif last in given:
        given[last] = given[last][:1]
    try:
        root.load_state_dict(given)
        raised = "nothing"
    except (KeyError, ValueError) as error:
        raised = type(error).__name__
    return {"raised": raised, "now": [tensor.data for tensor in tensors]}
