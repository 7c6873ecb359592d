from dataclasses import dataclass, field


@dataclass(order=True, frozen=True)
class Point:
    x: float
    y: float = 0.0
    tags: list = field(default_factory=list, compare=False)


def answer():
    point = Point(1.0)
    point.tags.append("a")
    return point == Point(1.0, 0.0) and point < Point(2.0) and "x=1.0" in repr(point)
