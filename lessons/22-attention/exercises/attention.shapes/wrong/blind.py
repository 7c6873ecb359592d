# expect: first: may look at itself
answers = {
    "weights": (2, 6, 5, 5),
    "out": (2, 5, 48),
    "longer": 4,
    "parameters": 1,
    "first": 0,
    "zeros": 0.2,
}
