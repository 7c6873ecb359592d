import bisect
import heapq


def answer():
    heap = [5, 1, 3]
    heapq.heapify(heap)
    heapq.heappush(heap, 0)
    return heapq.heappop(heap) == 0 and bisect.bisect([1, 3, 5], 3) == 2 and heapq.nlargest(1, heap) == [5]
