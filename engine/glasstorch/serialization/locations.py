"""Devices of storages in files: where each was saved from, and where ``map_location`` puts it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from .. import cuda
from ..core.device import device as Device
from ..storage import UntypedStorage

#: What users registered: priority, and the functions that name a storage's device and put a storage there.
_packages: list[tuple[int, Callable[[Any], str | None], Callable[[Any, str], Any]]] = []
_CPU, _CUDA = 10, 20  # the priorities of what is built in


def register_package(
    priority: int,
    tagger: Callable[[Any], str | None],
    deserializer: Callable[[Any, str], Any],
) -> None:
    """Add a way to note and to restore the devices of storages.

    ``tagger(storage)`` gives the name to be noted in files, ``deserializer(storage, name)`` the storage on that device;
    None leaves it to the next. Those with a low ``priority`` come first; the CPU has 10, GPUs have 20.
    """
    _packages.append((priority, tagger, deserializer))
    _packages.sort(key=lambda p: p[0])


def _asked(limit: float, ask: Callable[[Callable, Callable], Any]) -> Any:
    """The first answer of those registered with a priority up to ``limit``. ``ask``: of a tagger and a deserializer."""
    answers = (ask(tagger, deserializer) for priority, tagger, deserializer in _packages if priority <= limit)
    return next((a for a in answers if a is not None), None)


def location_tag(storage: Any) -> str:
    """What files note as the device of a storage: ``cpu`` or ``cuda:0``."""
    where = storage.device
    own = _asked(_CPU if where.type == "cpu" else _CUDA, lambda tag, _: tag(storage))
    return own or ("cpu" if where.type == "cpu" else f"cuda:{where.index or 0}")


def default_restore_location(storage: UntypedStorage, location: str) -> UntypedStorage:
    """The storage (just read, in host memory) on the device of that name."""
    limit = _CPU if location == "cpu" else _CUDA if location.startswith("cuda") else math.inf
    own = _asked(limit, lambda _, put: put(storage, location))
    if own is not None:
        return own
    if location == "cpu":
        return storage
    if location.startswith("cuda"):
        if not cuda.is_available():
            raise RuntimeError(
                "Attempting to deserialize object on a CUDA device but torch.cuda.is_available() is False. If you are "
                "running on a CPU-only machine, please use torch.load with map_location=torch.device('cpu') to map "
                "your storages to the CPU."
            )
        index = Device(location).index or 0
        if index >= cuda.device_count():
            raise RuntimeError(
                f"Attempting to deserialize object on CUDA device {index} but torch.cuda.device_count() is "
                f"{cuda.device_count()}. Please use torch.load with map_location to map your storages to an existing "
                "device."
            )
        return storage.to(device=location)
    raise RuntimeError(
        f"don't know how to restore data location of torch.storage.UntypedStorage (tagged with {location})"
    )


def restorer(map_location: Any) -> Callable[[UntypedStorage, str], UntypedStorage]:
    """``map_location`` in any of its forms as a function of a storage and the location noted for it."""
    if map_location is None:
        return default_restore_location
    if isinstance(map_location, dict):
        return lambda storage, location: default_restore_location(
            storage, map_location.get(location, location)
        )
    if isinstance(map_location, (str, bytes)):
        name = map_location if isinstance(map_location, str) else map_location.decode("ascii")
        return lambda storage, location: default_restore_location(storage, name)
    if isinstance(map_location, Device):
        return lambda storage, location: default_restore_location(storage, str(map_location))
    if not callable(map_location):
        raise TypeError(
            f"'{type(map_location).__name__}' object is not callable: map_location is a device, its name, a dictionary "
            "of names, or a function of (storage, location)"
        )

    def restore(storage: UntypedStorage, location: str) -> UntypedStorage:
        result = map_location(storage, location)
        if result is None:
            return default_restore_location(storage, location)
        return result.untyped()

    return restore
