import itertools


def answer():
    pairs = list(itertools.product("ab", repeat=2))
    runs = [(key, len(list(group))) for key, group in itertools.groupby("aabbb")]
    return (
        len(pairs) == 4
        and runs == [("a", 2), ("b", 3)]
        and list(itertools.accumulate([1, 2, 3])) == [1, 3, 6]
    )
