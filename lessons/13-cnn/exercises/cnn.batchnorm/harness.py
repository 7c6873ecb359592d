"""Hand the learner's function NumPy arrays, on an engine without batch normalization, and see what became of them."""

import submission


def batch_norm(x, running_mean, running_var, weight, bias, training, momentum, eps):
    arrays = [one.numpy() for one in (x, running_mean, running_var, weight, bias)]
    before = [one.copy() for one in arrays]
    settings = {} if (momentum, eps) == (0.1, 1e-5) else {"momentum": momentum, "eps": eps}
    result = submission.batch_norm(*arrays, training, **settings)
    names = ["x", "running_mean", "running_var", "weight", "bias"]
    changed = [name for name, one, was in zip(names, arrays, before) if not (one == was).all()]
    return {"result": result, "mean": arrays[1], "var": arrays[2], "changed": changed}
