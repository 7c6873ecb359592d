def answer():
    first, *middle, last = range(5)
    while (n := len(middle)) > 1:
        middle.pop()
    merged = {"a": 1, "b": 2} | {"c": 3}
    return (
        (first, n, last) == (0, 1, 4)
        and list(merged) == ["a", "b", "c"]
        and max(*[1, 2], key=lambda x: -x) == 1
    )
