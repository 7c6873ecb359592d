"""Hand the learner's function NumPy arrays, on an engine without batch normalization and autograd."""

import submission


def batch_norm_vjp(grad_out, x, weight, eps):
    arrays = [one.numpy() for one in (grad_out, x, weight)]
    before = [one.copy() for one in arrays]
    result = submission.batch_norm_vjp(*arrays) if eps == 1e-5 else submission.batch_norm_vjp(*arrays, eps)
    changed = [
        name for name, one, was in zip(["grad_out", "x", "weight"], arrays, before) if not (one == was).all()
    ]
    several = list(result) if isinstance(result, (tuple, list)) else None
    return {"kind": type(result).__name__, "result": several, "changed": changed}
