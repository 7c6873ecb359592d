answers = {
    "first": None,  # the shape that first gives, such as (3, 32, 32)
    "second": None,  # the shape that second gives
    "pool": None,  # the shape that pool gives
    "wide": None,  # the shape that wide gives
    "second_numbers": None,  # how many numbers second learns, with its biases
    "one_numbers": None,  # how many numbers one learns, with its biases
    "linear": None,  # the input size of a Linear layer after pool and Flatten
}
