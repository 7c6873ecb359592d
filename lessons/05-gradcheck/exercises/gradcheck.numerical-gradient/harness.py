"""Beside the learner's code: functions to differentiate, by name."""

import numpy as np
import submission

FUNCTIONS = {
    "cubes": lambda a: float((a**3).sum()),
    "sines": lambda a: float(np.sin(a).sum() + a.sum() ** 2),
    "product": lambda a: float(np.prod(a)),
}


def gradient(name, x, *eps):
    """The learner's gradient of a function, and what x is afterwards."""
    return {"result": submission.numerical_gradient(FUNCTIONS[name], x, *eps), "x": x}
