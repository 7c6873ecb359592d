# expect: graph: The gradient of `a` in `a * a + a`
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
        return Tensor(
            self.data * other.data, inputs=(self, other), vjp=lambda g: (g * other.data, g * self.data)
        )

    def __pow__(self, power):
        """power is a plain number."""
        return Tensor(self.data**power, inputs=(self,), vjp=lambda g: (g * power * self.data ** (power - 1),))

    def __matmul__(self, other):
        """The matrix product."""
        a, b = self.data, other.data
        return Tensor(
            a @ b,
            inputs=(self, other),
            vjp=lambda g: (g @ np.swapaxes(b, -1, -2), np.swapaxes(a, -1, -2) @ g),
        )

    def exp(self):
        """e to the power of each element."""
        result = np.exp(self.data)
        return Tensor(result, inputs=(self,), vjp=lambda g: (g * result,))

    def log(self):
        """The natural logarithm of each element."""
        return Tensor(np.log(self.data), inputs=(self,), vjp=lambda g: (g / self.data,))

    def relu(self):
        """0 where negative."""
        return Tensor(np.maximum(self.data, 0), inputs=(self,), vjp=lambda g: (g * (self.data > 0),))

    def sum(self, dim=None, keepdim=False):
        """The sum of everything, or over one dimension."""

        def vjp(g):
            if dim is not None and not keepdim:
                g = np.expand_dims(g, dim)
            return (np.broadcast_to(g, self.data.shape),)

        return Tensor(self.data.sum(axis=dim, keepdims=keepdim), inputs=(self,), vjp=vjp)

    def reshape(self, *shape):
        """The same elements in another shape."""
        return Tensor(self.data.reshape(*shape), inputs=(self,), vjp=lambda g: (g.reshape(self.data.shape),))

    def __getitem__(self, index):
        """The elements at index, which is anything that NumPy takes."""

        def vjp(g):
            grad = np.zeros_like(self.data)
            np.add.at(grad, index, g)
            return (grad,)

        return Tensor(self.data[index], inputs=(self,), vjp=vjp)

    def backward(self, grad=None):
        """Add to .grad of every leaf that requires it. Without grad: of a single number, else RuntimeError."""
        if grad is None:
            if self.data.size != 1:
                raise RuntimeError("backward() of several numbers needs a gradient for each of them")
            grad = np.ones_like(self.data)
        arriving = {self: np.asarray(grad)}
        for node in reversed(topological(self)):
            if node not in arriving or not node.requires_grad:
                continue
            g = arriving.pop(node)
            if node.vjp is None:
                node.grad = np.array(g) if node.grad is None else node.grad + g
                continue
            for one, part in zip(node.inputs, node.vjp(g)):
                if one.requires_grad:
                    part = unbroadcast(part, one.data.shape)
                    arriving[one] = part

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
