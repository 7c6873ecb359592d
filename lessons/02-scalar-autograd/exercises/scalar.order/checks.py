"""Whatever order comes back: is it one in which a gradient is complete before it is passed on?"""

from glasstorch_web.grader.checks import CheckFailed


def _ask(box, inputs, result):
    got = box.call("harness.order", inputs, result)
    if isinstance(got, str):
        none = " Is a `return` missing?" if got == "NoneType" else ""
        raise CheckFailed(
            f"`topological` must return a list of nodes; it returned: {got}.{none}", kind="type"
        )
    if -1 in got:
        raise CheckFailed("The list must hold the nodes themselves.", kind="type")
    return got


def _needed(inputs, result):
    needed, to_do = set(), [result]
    while to_do:
        node = to_do.pop()
        if node not in needed:
            needed.add(node)
            to_do.extend(inputs[node])
    return needed


def _require(box, inputs, result, once=True):
    got = _ask(box, inputs, result)
    place = {}
    for at, node in enumerate(got):
        if once and node in place:
            raise CheckFailed(
                f"A node that is used twice is listed {got.count(node)} times; it would pass its gradient on as often.",
                got=got[:40],
            )
        place.setdefault(node, at)
    needed = _needed(inputs, result)
    if missing := needed - set(got):
        raise CheckFailed(
            f"{len(missing)} of {len(needed)} nodes are missing from the list.",
            expected=len(needed),
            got=got[:40],
        )
    if extra := set(got) - needed:
        raise CheckFailed(
            f"The list also holds nodes that the result does not depend on: {len(extra)}.", got=got[:40]
        )
    if got[0] == result and len(got) > 1:
        raise CheckFailed(
            "The list begins with the result; that is the way back. Each node shall stand after its inputs.",
            got=got[:40],
        )
    for node in got:
        for one in inputs[node]:
            if place[one] > place[node]:
                raise CheckFailed(
                    f"Node {node} is listed before its own input {one}: on the way back that input would pass its "
                    "gradient on before all of it has arrived.",
                    expected=f"node {one} before node {node}",
                    got=got[:40],
                )


def _random(rng, count):
    inputs = [(), ()]
    for node in range(2, count):
        known = [node - 1] if rng.random() < 0.5 else []
        known += [int(k) for k in rng.integers(0, node, size=int(rng.integers(1, 3)))]
        inputs.append(tuple(known))
    return inputs


def check_order(box, rng):
    _require(box, [(), (0,), (1,), (2,)], 3, once=False)
    # A tree of operations, no node used twice.
    _require(box, [(), (), (0, 1), (), (2, 3)], 4, once=False)
    # h = f(v), long = f(h), result = h and long: in both orders of the inputs.
    _require(box, [(), (0,), (1,), (1, 2)], 3, once=False)
    _require(box, [(), (0,), (1,), (2, 1)], 3, once=False)
    _require(box, [(), (0,), (1,), (2,), (1, 3), (2, 4), (0, 5)], int(rng.integers(4, 7)), once=False)


def check_once(box, rng):
    _require(box, [(), (0, 0)], 1)
    for _ in range(4):
        inputs = _random(rng, int(rng.integers(6, 12)))
        _require(box, inputs, len(inputs) - 1)
    _require(box, [(), *((k, k) for k in range(40))], 40)  # doubled forty times


def check_deep(box, rng):
    length = 20_000 + int(rng.integers(0, 100))
    inputs = [(), *((k,) for k in range(length))]
    for at in rng.integers(10, length, size=5):
        inputs[int(at)] = (int(at) - 1, int(at) - 7)
    _require(box, inputs, length)
