# control: any
import multiprocessing


def attack(target):
    with multiprocessing.get_context("fork").Pool(1) as pool:
        return pool.map(abs, [-1]) == [1]
