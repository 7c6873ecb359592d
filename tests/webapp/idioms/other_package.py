# says: ModuleNotFoundError: No module named 'pandas' ... standard library, NumPy and Glasstorch
import pandas as pd


def answer():
    return pd.DataFrame()
