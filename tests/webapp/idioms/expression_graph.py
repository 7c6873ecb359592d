class Value:
    """Automatic differentiation, as many a lesson writes it."""

    def __init__(self, data, before=()):
        self.data, self.grad, self._before, self._backward = data, 0.0, set(before), lambda: None

    def __mul__(self, other):
        out = Value(self.data * other.data, (self, other))

        def backward():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad

        out._backward = backward
        return out

    def backward(self):
        order, seen = [], set()

        def visit(v):
            if v not in seen:
                seen.add(v)
                for before in v._before:
                    visit(before)
                order.append(v)

        visit(self)
        self.grad = 1.0
        for v in reversed(order):
            v._backward()


def answer():
    a, b = Value(2.0), Value(3.0)
    (a * b * a).backward()
    return (a.grad, b.grad) == (12.0, 4.0)
