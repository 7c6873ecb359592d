# says: RuntimeError: can't start new thread ... without threads
from concurrent.futures import ThreadPoolExecutor


def answer():
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(abs, [1])) == [1]
