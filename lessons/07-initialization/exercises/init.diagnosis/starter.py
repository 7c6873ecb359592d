answers = {
    "A": None,
    "B": None,
    "C": None,
    "D": None,
    "E": None,
}
