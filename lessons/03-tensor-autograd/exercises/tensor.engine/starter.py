import numpy as np


def unbroadcast(grad, shape):
    """Lesson 1: sum over the dimensions that were added or stretched."""
    while grad.ndim > len(shape):
        grad = grad.sum(axis=0)
    for axis, size in enumerate(shape):
        if size == 1:
            grad = grad.sum(axis=axis, keepdims=True)
    return grad


def topological(result):
    """Lesson 2: all tensors that result depends on, each after its inputs."""
    order, seen, to_do = [], set(), [(result, False)]
    while to_do:
        node, ready = to_do.pop()
        if ready:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            to_do.append((node, True))
            to_do.extend((one, False) for one in node.inputs)
    return order


class Tensor:
    """An array that remembers how it was computed."""

    __array_ufunc__ = None  # so that NumPy leaves `array * tensor` to __rmul__

    def __init__(self, data, requires_grad=False, inputs=(), vjp=None):
        data = np.asarray(data)
        self.data = data if data.dtype.kind == "f" else data.astype(np.float32)
        self.requires_grad = requires_grad or any(one.requires_grad for one in inputs)
        self.grad = None
        self.inputs = inputs
        self.vjp = vjp  # from the gradient of this tensor to a tuple with those of its inputs

    @property
    def shape(self):
        return self.data.shape

    def lift(self, other):
        """Numbers and arrays as tensors that require no gradient."""
        return other if isinstance(other, Tensor) else Tensor(np.asarray(other, dtype=self.data.dtype))

    def __add__(self, other):
        other = self.lift(other)
        return Tensor(self.data + other.data, inputs=(self, other), vjp=lambda g: (g, g))

    def __mul__(self, other):
        other = self.lift(other)
        # yours

    def __pow__(self, power):
        """power is a plain number."""

    def __matmul__(self, other):
        """The matrix product."""

    def exp(self):
        """e to the power of each element."""

    def log(self):
        """The natural logarithm of each element."""

    def relu(self):
        """0 where negative."""

    def sum(self, dim=None, keepdim=False):
        """The sum of everything, or over one dimension."""

    def reshape(self, *shape):
        """The same elements in another shape."""

    def __getitem__(self, index):
        """The elements at index, which is anything that NumPy takes."""

    def backward(self, grad=None):
        """Add to .grad of every leaf that requires it. Without grad: of a single number, else RuntimeError."""

    # What follows from the above.
    def mean(self, dim=None, keepdim=False):
        total = self.sum(dim, keepdim)
        return total * (total.data.size / self.data.size)

    def __neg__(self):
        return self * -1.0

    def __sub__(self, other):
        return self + -self.lift(other)

    def __truediv__(self, other):
        return self * self.lift(other) ** -1.0

    def __radd__(self, other):
        return self + other

    def __rmul__(self, other):
        return self * other

    def __rsub__(self, other):
        return -self + other

    def __rtruediv__(self, other):
        return self**-1.0 * other

    def __repr__(self):
        return f"Tensor({self.data})"
