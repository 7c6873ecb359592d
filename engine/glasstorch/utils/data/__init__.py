"""Datasets, samplers and the loader that makes batches. Source: https://pytorch.org/docs/stable/data.html"""

from typing import Any

from .collate import default_collate, default_collate_fn_map, default_convert
from .dataloader import DataLoader
from .dataset import (
    ChainDataset,
    ConcatDataset,
    Dataset,
    IterableDataset,
    StackDataset,
    Subset,
    TensorDataset,
    random_split,
)
from .distributed import DistributedSampler
from .sampler import (
    BatchSampler,
    RandomSampler,
    Sampler,
    SequentialSampler,
    SubsetRandomSampler,
    WeightedRandomSampler,
)
from .worker import WorkerInfo, get_worker_info

__all__ = [
    "BatchSampler",
    "ChainDataset",
    "ConcatDataset",
    "DataLoader",
    "Dataset",
    "DistributedSampler",
    "IterableDataset",
    "RandomSampler",
    "Sampler",
    "SequentialSampler",
    "StackDataset",
    "Subset",
    "SubsetRandomSampler",
    "TensorDataset",
    "WeightedRandomSampler",
    "WorkerInfo",
    "default_collate",
    "default_collate_fn_map",
    "default_convert",
    "get_worker_info",
    "random_split",
]


def __getattr__(name: str) -> Any:
    pipes = ("DataPipe", "DataChunk", "datapipe", "_validation", "_determinism", "non_deterministic")
    hint = ""
    if any(part in name for part in pipes):
        hint = ": DataPipes are not built; write a Dataset or an IterableDataset instead"
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}{hint}")
