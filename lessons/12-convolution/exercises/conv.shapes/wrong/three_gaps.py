# expect: dilation: only two gaps
answers = {
    "first": (16, 32, 32),
    "second": (32, 15, 15),
    "pool": (32, 7, 7),
    "wide": (8, 12, 12),
    "second_numbers": 4640,
    "one_numbers": 16448,
    "linear": 1568,
}
