import statistics


def answer():
    data = [1.0, 2.0, 4.0]
    return statistics.mean(data) == 7 / 3 and statistics.median(data) == 2 and statistics.stdev(data) > 1
