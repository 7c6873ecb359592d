import inspect


def square(x):
    return x * x


def answer():
    scope = {}
    exec("def cube(x):\n    return x ** 3", scope)
    return eval("square(3) + cube(2)", {"square": square, **scope}) == 17 and "x * x" in inspect.getsource(
        square
    )
