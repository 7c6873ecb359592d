answers = {
    "A": "vanishing",
    "B": "healthy",
    "C": "exploding",
    "D": "dead",
    "E": "alike",
}
