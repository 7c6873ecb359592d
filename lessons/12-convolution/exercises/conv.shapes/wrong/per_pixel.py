# expect: numbers: size does not count
answers = {
    "first": (16, 32, 32),
    "second": (32, 15, 15),
    "pool": (32, 7, 7),
    "wide": (8, 14, 14),
    "second_numbers": 4640,
    "one_numbers": 3223808,
    "linear": 1568,
}
