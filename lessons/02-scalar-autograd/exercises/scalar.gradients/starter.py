answers = {
    "f": None,  # the gradient of loss with respect to f
    "e": None,
    "c": None,
    "b": None,
    "a": None,
}
