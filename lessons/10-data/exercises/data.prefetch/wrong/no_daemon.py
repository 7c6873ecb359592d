# expect: leaving: The answer is not right
import queue
import threading


class Failed:
    def __init__(self, error):
        self.error = error


def prefetch(batches, ahead=2):
    """Yield the items of `batches`, which a thread fetches in advance; at most `ahead` of them wait."""
    waiting, end = queue.Queue(maxsize=ahead), object()

    def put(item):
        waiting.put(item)

    def fetch():
        try:
            for batch in batches:
                put(batch)
            put(end)
        except BaseException as error:
            put(Failed(error))

    threading.Thread(target=fetch).start()
    while True:
        item = waiting.get()
        if item is end:
            return
        if isinstance(item, Failed):
            raise item.error
        yield item
