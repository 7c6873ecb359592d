import random


def answer():
    random.seed(3)
    first = [random.random(), random.randint(1, 6), random.gauss(0, 1)]
    random.seed(3)
    items = list(range(5))
    again = [random.random(), random.randint(1, 6), random.gauss(0, 1)]
    random.shuffle(items)
    return (
        first == again and sorted(items) == list(range(5)) and random.choice(items) in random.sample(items, 5)
    )
