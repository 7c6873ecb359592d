"""MATLAB's .mat files, in which some data sets publish their labels; read by SciPy, asked for only here."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def read_mat(path: str | Path, names: tuple[str, ...], **options: Any) -> dict[str, Any]:
    """The variables in a .mat file. ImportError saying what to install; RuntimeError naming a damaged file."""
    try:
        from scipy.io import loadmat  # type: ignore[import-untyped, import-not-found, unused-ignore]
    except ImportError:
        raise ImportError(
            f"{path} is a MATLAB file, and reading it needs SciPy, which is not installed: pip install scipy"
        ) from None
    try:
        content = loadmat(path, **options)
    except FileNotFoundError:
        raise
    except Exception as error:  # a damaged file fails in any way
        raise RuntimeError(f"{path} cannot be read: {error}. Delete it and download it again.") from error
    missing = [name for name in names if name not in content]
    if missing:
        raise RuntimeError(f"{path} does not hold {' and '.join(missing)}. Delete it and download it again.")
    return content
