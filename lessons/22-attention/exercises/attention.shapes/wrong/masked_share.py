# expect: first: must add up to 1
answers = {
    "weights": (2, 6, 5, 5),
    "out": (2, 5, 48),
    "longer": 4,
    "parameters": 1,
    "first": 0.2,
    "zeros": 0.2,
}
