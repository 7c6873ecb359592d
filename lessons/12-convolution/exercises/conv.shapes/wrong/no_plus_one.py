# expect: sizes: The first place costs no step
answers = {
    "first": (16, 32, 32),
    "second": (32, 14, 14),
    "pool": (32, 7, 7),
    "wide": (8, 14, 14),
    "second_numbers": 4640,
    "one_numbers": 16448,
    "linear": 1568,
}
