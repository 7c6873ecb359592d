# expect: out: put side by side again
answers = {
    "weights": (2, 6, 5, 5),
    "out": (2, 6, 5, 8),
    "longer": 4,
    "parameters": 1,
    "first": 1,
    "zeros": 0.2,
}
