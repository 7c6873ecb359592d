"""``quantize_dynamic``: a model with its linear and recurrent layers replaced by quantized ones."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from ... import nn
from ...core import dtype as dt
from ...core.frames import warn
from ...core.quantized import qint8
from ...nn.utils.parametrize import type_before_parametrizations
from ..nn.quantized import dynamic
from .qconfig import QConfig, default_dynamic_qconfig, float16_dynamic_qconfig, weights_of

_MAPPING: dict[type, type] = {
    nn.Linear: dynamic.Linear, nn.LSTM: dynamic.LSTM, nn.GRU: dynamic.GRU, nn.LSTMCell: dynamic.LSTMCell,
    nn.GRUCell: dynamic.GRUCell, nn.RNNCell: dynamic.RNNCell,
}  # fmt: skip


def get_default_dynamic_quant_module_mappings() -> dict[type, type]:
    """The quantized class for each class of layers that has one."""
    return dict(_MAPPING)


def quantize_dynamic(
    model: nn.Module, qconfig_spec: Any = None, dtype: Any = qint8, mapping: Any = None, inplace: bool = False
) -> nn.Module:
    """The model for inference, with the weights of its layers as integers of 8 bits: a quarter of the size.

    What comes into such a layer is quantized in every call, to the range of its own numbers; what goes out is float32.
    Nothing has to be calibrated and nothing is trained. The layers inside the model are replaced, not the model itself.

    Args:
        model: a trained model on the CPU.
        qconfig_spec: which layers: a set of types and of names (``{nn.Linear, "decoder.out"}``), or a dictionary from
            these to settings (``{"decoder": per_channel_dynamic_qconfig}``; None for a part that stays as it is). What
            is said of a part holds for all below it. None: all Linear, LSTM, GRU and recurrent cells.
        dtype: ``torch.qint8``, or ``torch.float16`` for weights that are rounded to half precision; for sets and None.
        mapping: other quantized classes by type; each makes itself with ``from_float(layer)``, which finds the setting
            in ``layer.qconfig``.
        inplace: change the model itself instead of a copy.

    Returns:
        The model, in ``eval`` mode.

    Raises:
        ValueError, RuntimeError: another ``dtype``. TypeError: a setting that does not exist here.

    Source: https://pytorch.org/docs/stable/generated/torch.ao.quantization.quantize_dynamic.html
    """
    spec = _settings(qconfig_spec, dtype)
    known = _MAPPING if mapping is None else mapping
    if type_before_parametrizations(model) in known:
        warn(
            f"the model itself is a {type(model).__name__}, which stays as it is: quantize_dynamic replaces the layers "
            "inside a model. Put it into one: nn.Sequential(model)"
        )
    if not inplace:
        model = copy.deepcopy(model)
    model.eval()
    _replace(model, spec, known, _setting(model, "", spec, None), "", {})
    return model


def _settings(spec: Any, dtype: Any) -> Mapping[Any, Any]:
    """Settings by type or name, from the forms that they may have."""
    if isinstance(spec, Mapping):
        for config in spec.values():
            if config is not None:
                weights_of(config)
        return spec
    setting = {qint8: default_dynamic_qconfig, dt.float16: float16_dynamic_qconfig}.get(dtype)
    if setting is None:
        error: type[Exception] = ValueError if spec is None else RuntimeError
        raise error(
            f"Don't know how to quantize to {dtype}: dtype must be torch.qint8 or torch.float16 (embeddings, which "
            "PyTorch quantizes to torch.quint8, are not offered)"
        )
    if spec is None:
        return dict.fromkeys(_MAPPING, setting)
    if not isinstance(spec, (set, frozenset)):
        raise TypeError(
            f"qconfig_spec must be a set of types and names, or a dictionary of settings, got {type(spec).__name__}"
        )
    return dict.fromkeys(spec, setting)


def _setting(module: nn.Module, name: str, spec: Mapping, above: QConfig | None) -> QConfig | None:
    """A part's setting: its own attribute ``qconfig``, what is said of its name, of its type, of the part above."""
    found = spec.get(type_before_parametrizations(module), above)
    return getattr(module, "qconfig", spec.get(name, found))


def _replace(
    module: nn.Module, spec: Mapping, known: Mapping, setting: QConfig | None, prefix: str, done: dict
) -> None:
    """Replace what is below a module. A layer that stands in several places is quantized once."""
    for name, child in list(module._modules.items()):
        if child is None:
            continue
        if child not in done:
            path = f"{prefix}{name}"
            own = _setting(child, path, spec, setting)
            _replace(child, spec, known, own, f"{path}.", done)
            done[child] = _quantized(child, own, known)
        module._modules[name] = done[child]
    module.__dict__.pop("qconfig", None)


def _quantized(layer: nn.Module, setting: QConfig | None, known: Mapping) -> nn.Module:
    """The quantized layer in place of one, with its hooks; the layer itself when there is none, or no setting."""
    cls = known.get(type_before_parametrizations(layer))
    if setting is None or cls is None:
        return layer
    weights_of(setting)
    layer.qconfig = setting  # type: ignore[assignment]
    try:
        new = cls.from_float(layer)
    finally:
        layer.__dict__.pop("qconfig", None)
    for hook in layer._forward_pre_hooks.values():
        new.register_forward_pre_hook(hook)
    for hook in layer._forward_hooks.values():
        new.register_forward_hook(hook)
    return new
