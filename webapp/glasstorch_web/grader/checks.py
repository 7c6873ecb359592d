"""All that an exercise's checks.py uses, in one place.

    from glasstorch_web.grader.checks import close

    def check_values(box, rng):
        x = rng.normal(size=(3, 4)).astype("float32")
        close(box.call("relu", x), np.maximum(x, 0))

A check passes when it returns and fails when it raises CheckFailed. What comes back from `box` has
exact built-in types and base-class arrays, so a comparison here cannot be argued with from inside.

| for | helpers |
|---|---|
| any answer | `close`, `equal`, `shape`, `raises`, `credit` |
| a function that autograd runs through | `same_graph`, `showing_graph` |
| a backward formula | `same_gradients`, `numerical_gradient` |
| a class | `same_module` |
| a training | `reaches`, `accuracy`, `mean_squared_error`, `parameters_at_most` |
| a prediction | `predicted` |
"""

from glasstorch_web.grader.comparing import (
    CheckFailed,
    close,
    credit,
    equal,
    numerical_gradient,
    raises,
    shape,
)
from glasstorch_web.grader.gradient_checks import same_gradients
from glasstorch_web.grader.graph_checks import same_graph, showing_graph
from glasstorch_web.grader.module_checks import same_module
from glasstorch_web.grader.prediction_checks import predicted
from glasstorch_web.grader.training_checks import accuracy, mean_squared_error, parameters_at_most, reaches
from glasstorch_web.sandbox.box import AsTensor, Box, CallFailed, GradResult, Plain

__all__ = [
    "AsTensor",
    "Box",
    "CallFailed",
    "CheckFailed",
    "GradResult",
    "Plain",
    "accuracy",
    "close",
    "credit",
    "equal",
    "mean_squared_error",
    "numerical_gradient",
    "parameters_at_most",
    "predicted",
    "raises",
    "reaches",
    "same_gradients",
    "same_graph",
    "same_module",
    "shape",
    "showing_graph",
]
