from glasstorch_web.grader.checks import CheckFailed, equal


def _items(rng, n=8):
    return [int(k) for k in rng.integers(0, 1000, size=n)]


def check_order(box, rng):
    for special in ([], [None, False, 0, "", []]):
        items = _items(rng)
        items[3:3] = special
        got = box.call("harness.all_of", items, 2)
        if got["raised"]:
            raise CheckFailed(f"The consumer got an exception: {got['raised']}.", got=got["raised"])
        if len(got["items"]) < len(items) and got["items"] == items[: len(got["items"])]:
            if special and len(got["items"]) <= 7:
                raise CheckFailed(
                    f"It ends before an item that is {items[len(got['items'])]!r}. An item may be "
                    f"anything: the mark of the end must "
                    "be an object of your own, and compared with `is`.",
                    expected=len(items),
                    got=len(got["items"]),
                )
            raise CheckFailed("Items are missing.", expected=items, got=got["items"])
        equal(got["items"], items, "the list of items")
        if not got["ended"]:
            raise CheckFailed(
                "All items have come, and then the consumer waits forever: the thread must send a "
                "mark when it is done."
            )
        if not got["own thread"]:
            raise CheckFailed(
                "The items are fetched when they are asked for, by the one who asks. A thread must "
                "fetch them."
            )


def check_ahead(box, rng):
    for given in (1, int(rng.integers(3, 6)), None):
        take = int(rng.integers(1, 4))
        items = _items(rng, 20)
        taken, fetched = box.call("harness.waiting", items, given, take)
        ahead = given or 2
        equal(taken, items[:take], "the list of the first items")
        if fetched == take:
            raise CheckFailed(
                f"No more items were fetched than taken ({take}): nothing runs ahead.",
                expected=take + ahead,
                got=fetched,
            )
        if fetched == len(items):
            raise CheckFailed(
                f"All {fetched} items were fetched at once, and wait in memory. The queue needs an "
                f"upper limit.",
                expected=take + ahead,
                got=fetched,
            )
        if not take + ahead <= fetched <= take + ahead + 1:
            raise CheckFailed(
                f"With ahead={ahead} and {take} taken, {fetched - take} more were fetched; {ahead} should wait, and "
                "at most one be in the thread's hand.",
                expected=take + ahead,
                got=fetched,
            )


def check_errors(box, rng):
    items = _items(rng, int(rng.integers(3, 6)))
    got = box.call("harness.broken", items, 2)
    if not got["ended"]:
        raise CheckFailed(
            "The source raised an exception, and the consumer waits forever. An exception in a "
            "thread ends the thread alone: send it "
            "through the queue."
        )
    if got["raised"] == "":
        raise CheckFailed(
            "The source raised an exception, and the consumer took it for the end of the data: "
            "half an epoch is missing, and "
            "nobody knows."
        )
    if got["raised"] != "the source's own":
        raise CheckFailed(
            f"The consumer must get the source's own exception; it got {got['raised']}.", got=got["raised"]
        )
    equal(got["items"], items, "the list of items before the exception")
    plain = box.call("harness.all_of", items, 2)
    if not plain["own thread"]:
        raise CheckFailed("A thread must fetch the items.")


def check_leaving(box, rng):
    items = _items(rng, 12)
    first, daemons = box.call("harness.left", items, 2)
    equal(first, items[0], "the first item")
    if not all(daemons):
        raise CheckFailed("A thread is left that keeps the program from ending.")
    if not box.call("harness.all_of", items, 2)["own thread"]:
        raise CheckFailed("A thread must fetch the items.")
