"""Make photos.safetensors again from the photographs: `python lessons/data/small-photos/make.py` (needs Pillow)."""

from pathlib import Path

import glasstorch as torch
import numpy as np
from glasstorch.safetensors import save_file
from PIL import Image

HERE = Path(__file__).resolve().parent
SIDE = 128


def middle(photo: Image.Image) -> Image.Image:
    """The largest square in the middle of a photograph, grey and small."""
    side = min(photo.size)
    left, upper = (photo.width - side) // 2, (photo.height - side) // 2
    square = photo.convert("L").crop((left, upper, left + side, upper + side))
    return square.resize((SIDE, SIDE), Image.Resampling.LANCZOS)


def main() -> None:
    names = sorted(path.stem for path in (HERE.parent / "photos").glob("*.jpg"))
    grey = {name: middle(Image.open(HERE.parent / "photos" / f"{name}.jpg")) for name in names}
    save_file(
        {name: torch.from_numpy(np.array(picture)) for name, picture in grey.items()},
        HERE / "photos.safetensors",
    )


if __name__ == "__main__":
    main()
