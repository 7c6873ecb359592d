"""Draw the digits that ship with the lessons from the full MNIST files.

    python lessons/data/make_subset.py FOLDER

FOLDER holds MNIST's four official files, packed (.gz) or not. The result is the same to the byte every time:
12,000 of the 60,000 training digits and 2,000 of the 10,000 test digits, drawn with a fixed seed and kept in
their order, in MNIST's own idx format.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import io
from pathlib import Path

import numpy as np

SEED = 20261121
PARTS = {"train": (60_000, 12_000), "t10k": (10_000, 2_000)}
#: MD5 of the official files, unpacked.
SUMS = {
    "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
    "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
    "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
    "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
}


def read(folder: Path, name: str) -> bytes:
    """An official file's bytes, unpacked and checked."""
    path = folder / name
    packed = path.with_name(name + ".gz")
    data = gzip.decompress(packed.read_bytes()) if packed.exists() else path.read_bytes()
    if hashlib.md5(data).hexdigest() != SUMS[name]:
        raise SystemExit(f"{path} is not the official file: its MD5 differs")
    return data


def subset(data: bytes, chosen: np.ndarray) -> bytes:
    """An idx file with some of the items of another."""
    dimensions = data[3]
    start = 4 + 4 * dimensions
    shape = np.frombuffer(data, ">u4", dimensions, 4)
    items = np.frombuffer(data, np.uint8, offset=start).reshape(shape)[chosen]
    return data[:4] + np.array(items.shape, ">u4").tobytes() + items.tobytes()


def main() -> None:
    """Write the four files."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path, help="where MNIST's official files are")
    source = parser.parse_args().folder
    target = Path(__file__).parent / "MNIST" / "raw"
    target.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(SEED)
    for part, (total, count) in PARTS.items():
        chosen = np.sort(rng.permutation(total)[:count])
        for kind in ("images-idx3-ubyte", "labels-idx1-ubyte"):
            name = f"{part}-{kind}"
            packed = io.BytesIO()
            with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=9, filename="", mtime=0) as f:
                f.write(subset(read(source, name), chosen))
            (target / f"{name}.gz").write_bytes(packed.getvalue())
            print(
                f"{name}.gz  {len(packed.getvalue()):>9,} bytes  {hashlib.sha256(packed.getvalue()).hexdigest()}"
            )


if __name__ == "__main__":
    main()
