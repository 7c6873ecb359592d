# says: without network, other processes
import multiprocessing


def answer():
    with multiprocessing.Pool(2) as pool:
        return pool.map(abs, [1]) == [1]
