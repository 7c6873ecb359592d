# expect: numbers: These are the weights
answers = {
    "first": (16, 32, 32),
    "second": (32, 15, 15),
    "pool": (32, 7, 7),
    "wide": (8, 14, 14),
    "second_numbers": 4608,
    "one_numbers": 16448,
    "linear": 1568,
}
