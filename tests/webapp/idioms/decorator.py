import functools
import time


def timed(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        begun = time.perf_counter()
        result = function(*args, **kwargs)
        wrapper.seconds = time.perf_counter() - begun
        return result

    return wrapper


@timed
def work(n):
    return sum(range(n))


def answer():
    return work(10) == 45 and work.__name__ == "work" and work.seconds >= 0
