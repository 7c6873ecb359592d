# says: ModuleNotFoundError: No module named 'matplotlib' ... leave that import out
import matplotlib.pyplot as plt


def answer():
    plt.plot([1, 2])
    return True
