# expect: weights: every head has a table of its own
answers = {
    "weights": (2, 5, 5),
    "out": (2, 5, 48),
    "longer": 4,
    "parameters": 1,
    "first": 1,
    "zeros": 0.2,
}
