from collections import Counter, OrderedDict, defaultdict, deque, namedtuple

Pair = namedtuple("Pair", ["left", "right"])


def answer():
    groups = defaultdict(list)
    for word in ("apple", "avocado", "bean"):
        groups[word[0]].append(word)
    recent = deque(maxlen=2)
    recent.extend([1, 2, 3])
    counted = Counter("banana").most_common(1)
    return (
        len(groups["a"]) == 2
        and list(recent) == [2, 3]
        and counted == [("a", 3)]
        and Pair(1, 2).right == 2
        and OrderedDict(a=1)["a"] == 1
    )
