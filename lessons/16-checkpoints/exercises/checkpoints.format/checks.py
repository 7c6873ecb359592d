"""Round trips, and damage at places drawn anew each time."""

import numpy as np
from glasstorch_web.grader.checks import CheckFailed, close


def _arrays(rng):
    return {
        "layer.weight": rng.normal(size=(4, 3)).astype("float32"),
        "layer.bias": rng.normal(size=4).astype("float32"),
        "a step": rng.integers(0, 1000, size=(2,)),
        "exact": rng.normal(size=(2, 1, 3)),
    }


def _pack(box, arrays, transposed=()):
    data = box.call("harness.packed", arrays, list(transposed))
    if isinstance(data, str):
        if data == "NoneType":
            raise CheckFailed("`pack` returned None. Is a `return` missing?", expected="bytes", got="None")
        raise CheckFailed(f"`pack` must return bytes; it returned: {data}.", expected="bytes", got=data)
    return data


def _unpack(box, data):
    got = box.call("harness.unpacked", data)
    if "error" in got:
        raise CheckFailed(
            f"`unpack` raises {got['error']} on what `pack` has just made: {got['text']}", got=got["error"]
        )
    if "kind" in got:
        raise CheckFailed(f"`unpack` must return a dict; it returned: {got['kind']}.", got=got["kind"])
    return got


def _same(box, arrays, transposed=()):
    got = _unpack(box, _pack(box, arrays, transposed))
    if got["names"] != list(arrays):
        if sorted(got["names"]) == sorted(arrays):
            raise CheckFailed(
                "The names come back in another order.", expected=list(arrays), got=got["names"]
            )
        raise CheckFailed(
            "Other names come back than those that went in.", expected=list(arrays), got=got["names"]
        )
    for (name, array), value, kind, writable in zip(
        arrays.items(), got["arrays"], got["kinds"], got["writable"]
    ):
        if kind != "ndarray":
            raise CheckFailed(f"{name!r} comes back as {kind}; it must be an array.", got=kind)
        wanted = array.T if name in transposed else array
        close(value, wanted, 0, 0, what=f"{name!r}", dtype=wanted.dtype.name)
        if not writable:
            raise CheckFailed(
                f"{name!r} comes back read-only: `np.frombuffer` looks at the bytes themselves. Make a copy."
            )


def check_roundtrip(box, rng):
    _same(box, _arrays(rng))
    _same(box, dict(reversed(_arrays(rng).items())))


def _noticed(box, data, changes, message):
    for said in box.call("harness.noticed", data, changes):
        if said == "nothing":
            raise CheckFailed(message, expected="ValueError", got="no error")
        if said != "ValueError":
            raise CheckFailed(
                f"Damage makes `unpack` stop with {said}. Check before you read, and raise ValueError.",
                expected="ValueError",
                got=said,
            )


def check_damage(box, rng):
    data = _pack(box, _arrays(rng))
    _unpack(box, data)
    header, last = len(data) // 3, len(data)
    for start, stop, where in (
        (last - 120, last - 32, "near the end of"),
        (0, header, "in the first third of"),
        (last - 32, last, "at the very end of"),
    ):
        changes = []
        for at in rng.integers(max(start, 0), stop, size=25).tolist():
            changes.append([at, at + 1, [int(data[at]) ^ (1 << int(rng.integers(0, 8)))]])
        _noticed(
            box,
            data,
            changes,
            f"A bit was flipped {where} the file, and `unpack` did not notice. Your check must cover each byte.",
        )
    a, b = sorted(rng.choice(np.arange(last - 120, last - 34), 2, replace=False).tolist())
    if data[a] != data[b]:
        swapped = data[a : b + 1].copy()
        swapped[[0, -1]] = swapped[[-1, 0]]
        _noticed(
            box,
            data,
            [[a, b + 1, swapped.tolist()]],
            "Two bytes changed places, and `unpack` did not notice: a plain sum of the bytes stays the same.",
        )


def check_length(box, rng):
    data = _pack(box, _arrays(rng))
    _unpack(box, data)
    size = len(data)
    cuts = [0, 1, 7, 8, 20, 33, size - 1, *rng.integers(2, size - 1, size=12).tolist()]
    message = "The end of the file is missing, and `unpack` did not notice."
    _noticed(box, data, [[cut, size, []] for cut in cuts], message)
    more = rng.integers(0, 256, size=int(rng.integers(1, 40))).tolist()
    message = "Bytes were added at the end, and `unpack` did not notice."
    _noticed(box, data, [[size, size, more], [size, size, [0]]], message)


def check_strange(box, rng):
    arrays = {
        "one": np.asarray(rng.normal()).astype("float32"),
        "none": np.zeros((0, 3), dtype="float32"),
        "flags": rng.integers(0, 2, size=5).astype(bool),
        "half": rng.normal(size=3).astype("float16"),
        "turned": rng.normal(size=(2, 5)).astype("float32"),
        "名字 \\" + chr(34): rng.integers(0, 255, size=4).astype("uint8"),
    }
    _same(box, arrays, transposed=["turned"])
    _same(box, {})
