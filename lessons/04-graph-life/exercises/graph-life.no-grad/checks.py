from glasstorch_web.grader.checks import CheckFailed, equal


def check_block(box, rng):
    for _ in range(int(rng.integers(1, 4))):
        before, inside, after = box.call("harness.nested", 1, False)
        if before is not True:
            raise CheckFailed("Before the first block, `is_grad_enabled()` must be True.", got=before)
        if inside is not False:
            raise CheckFailed(
                "Inside the block `is_grad_enabled()` is still True. A function that assigns to "
                "`_enabled` makes a variable of "
                "its own, unless it says `global _enabled`.",
                expected=False,
                got=inside,
            )
        if after is not True:
            raise CheckFailed(
                "After the block `is_grad_enabled()` is still False: nothing would ever learn again.",
                expected=True,
                got=after,
            )


def check_nested(box, rng):
    depth = int(rng.integers(2, 5))
    for same in (False, True):
        seen = box.call("harness.nested", depth, same)
        expected = [True] + [False] * (2 * depth - 1) + [True]
        if seen == expected:
            continue
        if seen[1] is True:
            raise CheckFailed("Inside the block recording is still on.", expected=expected, got=seen)
        if seen[depth + 1] is True:
            raise CheckFailed(
                "The inner block has ended, the outer one has not, and recording is on again. Put "
                "back what was there "
                "before, not True.",
                expected=expected,
                got=seen,
            )
        if same:
            raise CheckFailed(
                "One object was entered several times, and in the end recording is not on again: "
                "what the first "
                "`__enter__` found was overwritten by the second. Keep both.",
                expected=expected,
                got=seen,
            )
        if seen[-1] is not True:
            raise CheckFailed(
                "All blocks have ended, and recording is still off.", expected=expected, got=seen
            )
        raise CheckFailed("The switch is wrong in nested blocks.", expected=expected, got=seen)


def check_errors(box, rng):
    message = f"error {int(rng.integers(100, 999))}"
    caught, inside, after = box.call("harness.failing", message)
    equal(inside, False, "the switch inside the block")
    if after is not True:
        raise CheckFailed("After an exception inside the block, recording stays off.")
    if caught != message:
        raise CheckFailed(
            "The exception was swallowed: `__exit__` must not return anything true.",
            expected=message,
            got=caught,
        )


def check_decorator(box, rng):
    numbers, scale = [int(n) for n in rng.integers(1, 99, size=3)], int(rng.integers(2, 9))
    name, first, second, seen, between, inside, after = box.call("harness.decorated", numbers, scale)
    right = [scale * n for n in numbers]
    equal(seen, [False, False], "the switch inside the function")
    equal([first, second], [right, right], "the function's results")
    equal([between, inside, after], [True, False, True], "the switch after the function")
    equal(name, "weighted", "the function's name")
