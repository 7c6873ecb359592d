"""What all image datasets share: a root folder, transforms, a repr."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from ...utils.data import Dataset

T_co = TypeVar("T_co", covariant=True)  # what an item is


class StandardTransform:
    """A transform of the image and one of the target, as one function of both."""

    def __init__(self, transform: Callable | None = None, target_transform: Callable | None = None) -> None:
        self.transform, self.target_transform = transform, target_transform

    def __call__(self, input: Any, target: Any) -> tuple[Any, Any]:
        if self.transform is not None:
            input = self.transform(input)
        if self.target_transform is not None:
            target = self.target_transform(target)
        return input, target

    def __repr__(self) -> str:
        lines = [type(self).__name__]
        for head, fn in (("Transform: ", self.transform), ("Target transform: ", self.target_transform)):
            if fn is not None:
                first, *rest = repr(fn).splitlines()
                lines += [head + first, *(" " * len(head) + line for line in rest)]
        return "\n".join(lines)


class VisionDataset(Dataset[T_co]):
    """Base of the image datasets: subclasses write ``__getitem__``, ``__len__`` and perhaps ``extra_repr``.

    Args:
        root: the folder of the data.
        transforms: a function of image and target; excludes the two that follow.
        transform: a function of the image.
        target_transform: a function of the target.
    """

    def __init__(
        self,
        root: str | Path | None = None,
        transforms: Callable | None = None,
        transform: Callable | None = None,
        target_transform: Callable | None = None,
    ) -> None:
        self.root = os.path.expanduser(root) if isinstance(root, str) else root
        separate = transform is not None or target_transform is not None
        if transforms is not None and separate:
            raise ValueError("Only transforms or transform/target_transform can be passed as argument")
        self.transform, self.target_transform = transform, target_transform
        self.transforms = StandardTransform(transform, target_transform) if separate else transforms

    def __getitem__(self, index: int) -> Any:
        raise NotImplementedError

    def __len__(self) -> int:
        raise NotImplementedError

    def _transformed(self, image: Any, target: Any) -> tuple[Any, Any]:
        """The pair after ``transform`` and ``target_transform``."""
        if self.transform is not None:
            image = self.transform(image)
        if self.target_transform is not None:
            target = self.target_transform(target)
        return image, target

    def _transformed_together(self, image: Any, target: Any) -> tuple[Any, Any]:
        """The pair after ``transforms``, for the sets that take a function of both."""
        return (image, target) if self.transforms is None else self.transforms(image, target)

    def extra_repr(self) -> str:
        """Lines to add to the repr."""
        return ""

    def __repr__(self) -> str:
        body = [f"Number of datapoints: {len(self)}"]
        if self.root is not None:
            body.append(f"Root location: {self.root}")
        body += self.extra_repr().splitlines()
        if self.transforms is not None:
            body.append(repr(self.transforms))
        return "\n".join([f"Dataset {type(self).__name__}", *("    " + line for line in body)])
