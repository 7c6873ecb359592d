"""Beside the learner's code: what their network saves, and what of it learns."""

import submission


def names(*arguments):
    model = submission.ResidualNet(*arguments)
    return {"saved": dict(model.state_dict()), "learned": [name for name, _ in model.named_parameters()]}
