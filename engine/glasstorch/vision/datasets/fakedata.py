"""Pictures of noise, for trying out a program before the real data are there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ... import random
from ...ops.random import randint, randn
from .vision import VisionDataset


class FakeData(VisionDataset):
    """Images of random numbers with random labels, the same ones each time, and PyTorch's.

    Args:
        size: how many.
        image_size: (channels, height, width).
        num_classes: labels lie in ``[0, num_classes)``.
        transform: a function of the image (a Pillow image).
        target_transform: a function of the label (an int64 tensor without dimensions).
        random_offset: added to the index to give the seed.

    Source: https://pytorch.org/vision/stable/generated/torchvision.datasets.FakeData.html
    """

    def __init__(
        self,
        size: int = 1000,
        image_size: tuple[int, int, int] = (3, 224, 224),
        num_classes: int = 10,
        transform: Callable | None = None,
        target_transform: Callable | None = None,
        random_offset: int = 0,
    ) -> None:
        super().__init__(transform=transform, target_transform=target_transform)
        self.size, self.image_size, self.num_classes = size, image_size, num_classes
        self.random_offset = random_offset

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        """The image (after ``transform``) and its label; the global random stream goes on undisturbed."""
        from ..transforms.functional import to_pil_image

        if index >= len(self):
            raise IndexError(f"{type(self).__name__} index out of range")
        state = random.get_rng_state()
        random.manual_seed(index + self.random_offset)
        image = randn(*self.image_size)
        target = randint(0, self.num_classes, size=(1,))[0]
        random.set_rng_state(state)
        image, target = self._transformed(to_pil_image(image), target)
        return image, target.item()

    def __len__(self) -> int:
        return self.size
