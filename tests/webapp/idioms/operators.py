class Vector:
    def __init__(self, *values):
        self.values = values

    def __add__(self, other):
        return Vector(*(a + b for a, b in zip(self.values, other.values)))

    def __matmul__(self, other):
        return sum(a * b for a, b in zip(self.values, other.values))

    def __getitem__(self, index):
        return self.values[index]

    def __len__(self):
        return len(self.values)

    def __call__(self, scale):
        return Vector(*(scale * v for v in self))

    def __iter__(self):
        return iter(self.values)


def answer():
    return Vector(1, 2) @ Vector(3, 4) == 11 and (Vector(1, 2) + Vector(1, 1))(2)[1] == 6
