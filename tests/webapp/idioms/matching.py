def kind(value):
    match value:
        case 0:
            return "zero"
        case int(n) if n < 0:
            return "negative"
        case [first, *rest]:
            return f"{first}+{len(rest)}"
        case {"name": name}:
            return name
        case str() | float():
            return "plain"
        case _:
            return "other"


def answer():
    return [kind(v) for v in (0, -1, [1, 2], {"name": "n"}, 1.5, None)] == [
        "zero",
        "negative",
        "1+1",
        "n",
        "plain",
        "other",
    ]
