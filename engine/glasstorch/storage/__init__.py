"""Storages: the memory behind tensors, as bytes (``UntypedStorage``) or as numbers (``TypedStorage``).

A storage is a view of the one-dimensional memory that some array owns. It holds no values of its own: tensors
that share memory give storages with the same ``data_ptr()``, and writing into a storage changes them all.
Source: https://pytorch.org/docs/stable/storage.html
"""

from __future__ import annotations

from .tensors import is_storage, tensor_over
from .typed import ON_GPU, STORAGE_CLASSES, TypedStorage, storage_name
from .untyped import UntypedStorage

globals().update(STORAGE_CLASSES)

__all__ = [
    "ON_GPU",
    "STORAGE_CLASSES",
    "TypedStorage",
    "UntypedStorage",
    "is_storage",
    "storage_name",
    "tensor_over",
]
