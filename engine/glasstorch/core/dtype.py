"""Data types: the ``dtype`` objects, PyTorch's promotion rules, ``finfo`` and ``iinfo``.

Rules: https://pytorch.org/docs/stable/tensor_attributes.html#type-promotion-doc
NumPy's own promotion differs (int32 + float32 is float64 there, and zero-dimensional arrays count like
any other), so results are decided here and arrays are cast before a kernel sees them.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

try:
    import ml_dtypes

    _bfloat16 = np.dtype(ml_dtypes.bfloat16)
    _complex32 = np.dtype(ml_dtypes.complex32) if hasattr(ml_dtypes, "complex32") else None
except ImportError:  # the bare engine needs NumPy only; bfloat16 and complex32 then say what is missing
    ml_dtypes = None  # type: ignore[assignment]
    _bfloat16 = _complex32 = None

BOOL, INTEGRAL, FLOATING, COMPLEX = range(4)  # PyTorch's categories, lowest to highest


class dtype:
    """A tensor element type, for example ``glasstorch.float32``.

    Attributes: ``name``; ``itemsize`` in bytes; ``is_floating_point``, ``is_complex``, ``is_signed``.
    """

    __slots__ = ("category", "legacy", "name", "np")
    _of_numpy: ClassVar[dict[np.dtype, dtype]] = {}
    _of_name: ClassVar[dict[str, dtype]] = {}

    def __init__(self, name: str, np_dtype: np.dtype | None, category: int, legacy: str) -> None:
        self.name, self.np, self.category, self.legacy = name, np_dtype, category, legacy
        dtype._of_name[name] = self
        if np_dtype is not None:
            dtype._of_numpy[np_dtype] = self

    def __repr__(self) -> str:
        return f"torch.{self.name}"

    def __reduce__(self) -> tuple:
        return _dtype_from_name, (self.name,)

    @property
    def is_floating_point(self) -> bool:
        """Is it a floating type?"""
        return self.category == FLOATING

    @property
    def is_complex(self) -> bool:
        """Is it a complex type?"""
        return self.category == COMPLEX

    @property
    def is_signed(self) -> bool:
        """Can it hold negative numbers?"""
        return self.category >= FLOATING or (
            self.category == INTEGRAL and self.np is not None and self.np.kind == "i"
        )

    @property
    def itemsize(self) -> int:
        """Bytes of one element."""
        return numpy_dtype(self).itemsize

    def to_real(self) -> dtype:
        """The real type of a complex type; other types unchanged."""
        return {"complex32": float16, "complex64": float32, "complex128": float64}.get(self.name, self)

    def to_complex(self) -> dtype:
        """The complex type with parts of this type's precision (at least that of float32)."""
        if self.category < FLOATING:
            raise RuntimeError(f"Unknown Complex ScalarType for {self.legacy}")
        half = complex32 if complex32.np is not None else complex64
        return {"float64": complex128, "float16": half}.get(self.name, self if self.is_complex else complex64)


def _dtype_from_name(name: str) -> dtype:
    return dtype._of_name[name]


bool_ = dtype("bool", np.dtype("bool"), BOOL, "Bool")
uint8 = dtype("uint8", np.dtype("uint8"), INTEGRAL, "Byte")
int8 = dtype("int8", np.dtype("int8"), INTEGRAL, "Char")
int16 = dtype("int16", np.dtype("int16"), INTEGRAL, "Short")
int32 = dtype("int32", np.dtype("int32"), INTEGRAL, "Int")
int64 = dtype("int64", np.dtype("int64"), INTEGRAL, "Long")
uint16 = dtype("uint16", np.dtype("uint16"), INTEGRAL, "UInt16")
uint32 = dtype("uint32", np.dtype("uint32"), INTEGRAL, "UInt32")
uint64 = dtype("uint64", np.dtype("uint64"), INTEGRAL, "UInt64")
float16 = dtype("float16", np.dtype("float16"), FLOATING, "Half")
bfloat16 = dtype("bfloat16", _bfloat16, FLOATING, "BFloat16")
float32 = dtype("float32", np.dtype("float32"), FLOATING, "Float")
float64 = dtype("float64", np.dtype("float64"), FLOATING, "Double")
complex32 = dtype("complex32", _complex32, COMPLEX, "ComplexHalf")
HALVES = (float16, bfloat16)
complex64 = dtype("complex64", np.dtype("complex64"), COMPLEX, "ComplexFloat")
complex128 = dtype("complex128", np.dtype("complex128"), COMPLEX, "ComplexDouble")

#: Names under which PyTorch also knows them.
ALIASES = {
    "bool": bool_, "half": float16, "float": float32, "double": float64, "short": int16, "int": int32,
    "long": int64, "chalf": complex32, "cfloat": complex64, "cdouble": complex128,
}  # fmt: skip

#: Python's types where a dtype is meant.
PYTHON_TYPES: dict[type, dtype] = {bool: bool_, int: int64, float: float64, complex: complex128}

_default = float32


def get_default_dtype() -> dtype:
    """The floating type that Python floats become (``float32`` unless changed)."""
    return _default


def set_default_dtype(d: dtype) -> None:
    """Set the floating type of tensors made from Python floats."""
    global _default
    if not isinstance(d, dtype) or not d.is_floating_point:
        kind = "" if isinstance(d, dtype) else "invalid dtype object: "
        raise TypeError(f"{kind}only floating-point types are supported as the default type")
    _default = d


def numpy_dtype(d: dtype) -> np.dtype:
    """The array type behind ``d``."""
    if d.np is None:
        if hasattr(d, "holds"):
            raise RuntimeError(
                f"{d!r} is the type of quantized tensors, which torch.quantize_per_tensor makes; plain tensors cannot "
                f"have it. Their integers are {d.holds!r}"
            )
        raise RuntimeError(f"{d!r} needs the package ml_dtypes (0.6 for complex32): pip install ml_dtypes")
    return d.np


def from_numpy_dtype(np_dtype: np.dtype) -> dtype:
    """The dtype of an array; TypeError when no tensor type matches."""
    d = dtype._of_numpy.get(np_dtype) or dtype._of_numpy.get(np_dtype.newbyteorder("="))
    if d is None:
        kind = np_dtype.type
        raise TypeError(
            f"can't convert np.ndarray of type {kind.__module__}.{kind.__name__}. The only supported types are: "
            "float64, float32, float16, complex64, complex128, int64, int32, int16, int8, uint64, uint32, uint16, "
            "uint8, and bool."
        )
    return d


def is_half(a: Any) -> bool:
    """Is it an array of float16 or bfloat16?"""
    kind = getattr(a, "dtype", None)
    return kind is not None and kind.itemsize == 2 and kind.kind not in "iu"


def in_float32(a: Any) -> Any:
    """An array of half precision as float32, in which PyTorch computes with it; all else as it is."""
    return a.astype(np.float32) if is_half(a) else a


_FLOATS = [float16, float32, float64]
_COMPLEX = [complex32, complex64, complex128]
_SIGNED = [int8, int16, int32, int64]


def promote_types(a: dtype, b: dtype) -> dtype:
    """The smallest type that holds both, by PyTorch's table (``int64 + float16`` is ``float16``)."""
    if a is b:
        return a
    if not (isinstance(a, dtype) and isinstance(b, dtype)):
        k, d = (1, a) if not isinstance(a, dtype) else (2, b)
        raise TypeError(
            f"promote_types(): argument 'type{k}' (position {k}) must be torch.dtype, not {type(d).__name__}"
        )
    if a.category != b.category:
        low, high = (a, b) if a.category < b.category else (b, a)
        if high.is_complex and low.is_floating_point:
            return promote_types(low.to_complex(), high)
        return high
    if a.category == FLOATING:
        if bfloat16 in (a, b):
            other = b if a is bfloat16 else a
            return float32 if other is float16 else other
        return max(a, b, key=_FLOATS.index)
    if a.category == COMPLEX:
        return max(a, b, key=_COMPLEX.index)
    if uint8 in (a, b):
        other = b if a is uint8 else a
        if other in _SIGNED:
            return int16 if other is int8 else other
    if a in _SIGNED and b in _SIGNED:
        return max(a, b, key=_SIGNED.index)
    raise RuntimeError(
        f"Promotion for uint16, uint32, uint64 types is not supported, attempted to promote {a.legacy} and {b.legacy}"
    )


def scalar_dtype(value: Any) -> dtype:
    """The type a Python number would have as a tensor."""
    if isinstance(value, (bool, np.bool_)):
        return bool_
    if isinstance(value, (int, np.integer)):
        return int64
    if isinstance(value, (float, np.floating)):
        return _default
    if isinstance(value, (complex, np.complexfloating)):
        return _default.to_complex()
    raise TypeError(f"expected a number, got {type(value).__name__}")


def combine(dimensioned: dtype | None, zero_dim: dtype | None, scalar: dtype | None) -> dtype:
    """Result type of operands grouped as tensors with dimensions, 0-d tensors and Python numbers.

    A later group only counts when its category is higher than that of the groups before it.
    """
    result: dtype | None = dimensioned
    for group in (zero_dim, scalar):
        if group is None or result is None:
            result = result or group
        elif result.category == FLOATING and group.is_complex:
            result = result.to_complex()
        elif result.category < group.category:
            result = promote_types(result, group)
    assert result is not None, "an operation needs at least one operand"
    return result


class finfo:
    """Limits of a floating type: ``eps``, ``max``, ``min``, ``tiny``, ``smallest_normal``, ``resolution``, ``bits``."""

    def __init__(self, type: dtype | None = None) -> None:
        d = _default if type is None else type
        if not isinstance(d, dtype):
            raise TypeError(
                f"finfo(): argument 'type' (position 1) must be torch.dtype, not {d.__class__.__name__}"
            )
        if d.category < FLOATING:
            raise TypeError(
                "torch.finfo() requires a floating point input type. Use torch.iinfo to handle 'torch.finfo'"
            )
        base = numpy_dtype(d.to_real())
        info = ml_dtypes.finfo(base) if d is bfloat16 else np.finfo(base)
        self.dtype, self.bits = d.to_real().name, base.itemsize * 8
        self.eps, self.max, self.min = float(info.eps), float(info.max), float(info.min)
        self.tiny = self.smallest_normal = float(info.smallest_normal)
        self.resolution = 10.0**-info.precision

    def __repr__(self) -> str:
        return (
            f"finfo(resolution={self.resolution:g}, min={self.min:g}, max={self.max:g}, eps={self.eps:g}, "
            f"smallest_normal={self.smallest_normal:g}, tiny={self.tiny:g}, dtype={self.dtype})"
        )

    def __eq__(self, other: Any) -> bool:
        return isinstance(other, finfo) and self.dtype == other.dtype

    __hash__ = None  # type: ignore[assignment]


class iinfo:
    """Limits of an integer type: ``min``, ``max``, ``bits``."""

    def __init__(self, type: dtype) -> None:
        if not isinstance(type, dtype):
            raise TypeError(
                f"iinfo(): argument 'type' (position 1) must be torch.dtype, not {type.__class__.__name__}"
            )
        if type.category == BOOL:
            raise TypeError("torch.bool is not supported by torch.iinfo")
        if type.category != INTEGRAL:
            raise TypeError(
                "torch.iinfo() requires an integer input type. Use torch.finfo to handle 'torch.iinfo'"
            )
        info = np.iinfo(numpy_dtype(getattr(type, "holds", type)))  # of quantized types: of their integers
        self.dtype, self.bits, self.max, self.min = type.name, info.bits, int(info.max), int(info.min)

    def __repr__(self) -> str:
        return f"iinfo(min={self.min:g}, max={self.max:g}, dtype={self.dtype})"

    def __eq__(self, other: Any) -> bool:
        return isinstance(other, iinfo) and self.dtype == other.dtype

    __hash__ = None  # type: ignore[assignment]
