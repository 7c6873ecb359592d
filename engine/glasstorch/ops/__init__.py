"""The operations, one file for each family. Importing this package registers them all."""

from . import arithmetic, cast, choose, create, index, matmul, pointwise, reduce, shape

__all__ = ["arithmetic", "cast", "choose", "create", "index", "matmul", "pointwise", "reduce", "shape"]
