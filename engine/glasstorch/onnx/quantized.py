"""Dynamically quantized layers as operators of ONNX: DynamicQuantizeLinear and MatMulInteger.

The weights stay int8 numbers in the file. DynamicQuantizeLinear uses all eight bits where PyTorch on x86, and the
layers here, use seven: the model in ONNX rounds its activations half as coarsely and comes out a little closer to the
float model. Source: https://onnx.ai/onnx/operators/onnx__DynamicQuantizeLinear.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .operators import translates

if TYPE_CHECKING:
    from .export import Writer


@translates("quantized_linear")
def quantized_linear(w: Writer, input: Any, weight: Any, scale: Any, bias: Any, reduce_range: Any) -> str:
    if w.dtype(weight) != np.int8:  # recurrent layers turn their weights into float32 once a call
        weight = w.cast(weight, np.dtype(np.int8))
    q, step, zero_point = w.nodes("DynamicQuantizeLinear", 3, input)
    sums = w.node("MatMulInteger", q, w.node("Transpose", weight, perm=[1, 0]), zero_point)
    out = w.node("Mul", w.cast(sums, np.dtype(np.float32)), w.node("Mul", step, scale))
    return out if bias is None else w.node("Add", out, bias)
