import numpy as np


class Array:
    """A NumPy array that counts how often its memory was written."""

    def __init__(self, data):
        self.data = np.asarray(data, dtype=np.float64)
        # a counter that views can share

    def version(self):
        """How many in-place operations have written into this memory."""

    def add_(self, number):
        """Add a number to every element, in place. Returns self."""

    def view(self, index):
        """An Array of self.data[index] (a slice): same memory, same counter."""

    def copy(self):
        """An Array with memory of its own, and a counter that starts at 0."""


class Saved:
    """What a graph keeps of an Array until the backward pass."""

    def __init__(self, array):
        pass  # no copy: the Array itself, and its version now

    def unpack(self):
        """The NumPy array; a RuntimeError if it was written since it was saved."""
