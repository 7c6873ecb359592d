# expect: shared: apart from .grad
import math


class Value:
    """A number that remembers how it was computed."""

    def __init__(self, data, inputs=(), local=()):
        self.data = data
        self.grad = 0.0
        self.inputs = inputs  # the Values it was computed from
        self.local = local  # its derivative with respect to each of them

    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data + other.data, (self, other), (1.0, 1.0))

    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data * other.data, (self, other), (other.data, self.data))

    def __pow__(self, power):
        """power is a plain number."""
        return Value(self.data**power, (self,), (power * self.data ** (power - 1),))

    def exp(self):
        """e to the power of this value; math.exp does it for plain numbers."""
        result = math.exp(self.data)
        return Value(result, (self,), (result,))

    def log(self):
        """The natural logarithm."""
        return Value(math.log(self.data), (self,), (1.0 / self.data,))

    def relu(self):
        """0 if negative."""
        return Value(max(self.data, 0.0), (self,), (1.0 if self.data > 0 else 0.0,))

    def backward(self):
        """Add to the .grad of everything this value was computed from, and of itself (1)."""
        order, seen, to_do = [], set(), [(self, False)]
        while to_do:
            node, ready = to_do.pop()
            if ready:
                order.append(node)
            elif node not in seen:
                seen.add(node)
                to_do.append((node, True))
                to_do.extend((one, False) for one in node.inputs)
        self.grad += 1.0
        for node in reversed(order):
            for one, local in zip(node.inputs, node.local):
                one.grad += local * node.grad

    # What follows from the above.
    def __neg__(self):
        return self * -1.0

    def __sub__(self, other):
        return self + -other

    def __truediv__(self, other):
        return self * other**-1.0

    def __radd__(self, other):
        return self + other

    def __rmul__(self, other):
        return self * other

    def __rsub__(self, other):
        return -self + other

    def __rtruediv__(self, other):
        return self**-1.0 * other

    def __repr__(self):
        return f"Value({self.data}, grad={self.grad})"
