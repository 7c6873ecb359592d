def batches(items, size):
    for start in range(0, len(items), size):
        yield items[start : start + size]


def chained():
    yield from batches([1, 2, 3], 2)
    return


def answer():
    return list(chained()) == [[1, 2], [3]] and sum(x for x in range(4)) == 6
