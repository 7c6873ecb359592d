# expect: saved: a copy would hide the write
import numpy as np


class Array:
    """A NumPy array that counts how often its memory was written."""

    def __init__(self, data):
        self.data = np.asarray(data, dtype=np.float64)
        self.counter = [0]

    def version(self):
        """How many in-place operations have written into this memory."""
        return self.counter[0]

    def add_(self, number):
        """Add a number to every element, in place. Returns self."""
        self.data += number
        self.counter[0] += 1
        return self

    def view(self, index):
        """An Array of self.data[index] (a slice): same memory, same counter."""
        part = Array(self.data[index])
        part.counter = self.counter
        return part

    def copy(self):
        """An Array with memory of its own, and a counter that starts at 0."""
        return Array(self.data.copy())


class Saved:
    """What a graph keeps of an Array until the backward pass."""

    def __init__(self, array):
        self.array, self.kept = array, array.data.copy()
        self.expected = array.version()

    def unpack(self):
        """The NumPy array; a RuntimeError if it was written since it was saved."""
        found = self.array.version()
        if not np.array_equal(self.kept, self.array.data):
            raise RuntimeError(f"saved at version {self.expected}, but it is at version {found} now")
        return self.array.data
