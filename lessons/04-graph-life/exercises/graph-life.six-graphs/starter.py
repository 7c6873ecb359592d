answers = {
    "A": None,  # "None", "[1, 1]" or "[3, 3]"
    "B": None,  # a number
    "C": None,  # a number
    "D": None,  # "works" or "error"
    "E": None,  # a number
    "F": None,  # a number
}
