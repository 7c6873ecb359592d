from functools import cache, partial, reduce


@cache
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def answer():
    return fib(200) > 10**40 and reduce(partial(lambda k, a, b: a + k * b, 2), [1, 2, 3]) == 11
