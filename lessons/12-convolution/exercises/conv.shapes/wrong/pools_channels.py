# expect: sizes: every channel is pooled by itself
answers = {
    "first": (16, 32, 32),
    "second": (32, 15, 15),
    "pool": (16, 7, 7),
    "wide": (8, 14, 14),
    "second_numbers": 4640,
    "one_numbers": 16448,
    "linear": 1568,
}
