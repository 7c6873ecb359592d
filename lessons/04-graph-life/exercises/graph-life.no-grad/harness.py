"""Beside the learner's code: blocks in blocks, with what the switch says in between."""

import submission


def nested(depth, same):
    """What the switch says on the way in and on the way out of `depth` blocks (of one object, if `same`)."""
    seen, one = [], submission.no_grad()

    def go(left):
        seen.append(submission.is_grad_enabled())
        if left:
            with one if same else submission.no_grad():
                go(left - 1)
            seen.append(submission.is_grad_enabled())

    go(depth)
    return seen


def failing(message):
    """What became of an exception inside the block, and what the switch says before and after it."""
    caught = ""
    try:
        with submission.no_grad():
            inside = submission.is_grad_enabled()
            raise KeyError(message)
    except KeyError as error:
        caught = error.args[0]
    return caught, inside, submission.is_grad_enabled()


def decorated(numbers, scale):
    """A decorated function: its name, its results, and what the switch says in it and after it."""
    seen = []

    @submission.no_grad()
    def weighted(values, *, times):
        seen.append(submission.is_grad_enabled())
        return [times * value for value in values]

    first = weighted(numbers, times=scale)
    between = submission.is_grad_enabled()
    with submission.no_grad():
        second = weighted(numbers, times=scale)
        inside = submission.is_grad_enabled()
    name = getattr(weighted, "__name__", "")
    return name, first, second, seen, between, inside, submission.is_grad_enabled()
