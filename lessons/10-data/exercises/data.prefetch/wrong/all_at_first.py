# expect: order: A thread must fetch them
def prefetch(batches, ahead=2):
    kept = list(batches)
    yield from kept
