# expect: dilation: the size without dilation
answers = {
    "first": (16, 32, 32),
    "second": (32, 15, 15),
    "pool": (32, 7, 7),
    "wide": (8, 18, 18),
    "second_numbers": 4640,
    "one_numbers": 16448,
    "linear": 1568,
}
