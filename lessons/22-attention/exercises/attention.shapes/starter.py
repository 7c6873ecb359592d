answers = {
    "weights": None,  # a shape, such as (2, 3)
    "out": None,  # a shape
    "longer": None,  # a number
    "parameters": None,  # a number
    "first": None,  # a number
    "zeros": None,  # a number
}
