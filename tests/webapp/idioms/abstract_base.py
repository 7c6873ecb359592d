from abc import ABC, abstractmethod


class Layer(ABC):
    @abstractmethod
    def forward(self, x): ...


class Double(Layer):
    def forward(self, x):
        return 2 * x


def answer():
    try:
        Layer()
    except TypeError:
        return Double().forward(2) == 4
