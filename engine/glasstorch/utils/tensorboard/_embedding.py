"""The files that TensorBoard's projector reads: points, their labels, their pictures, and where all that is."""

from __future__ import annotations

import io
import math
import os
from collections.abc import Sequence
from typing import Any

import numpy as np
from google.protobuf import text_format
from tensorboard.compat import tf
from tensorboard.plugins.projector.projector_config_pb2 import EmbeddingInfo, ProjectorConfig

from ._convert_np import make_np
from ._utils import make_grid


def _write(folder: str, name: str, content: bytes) -> None:
    with tf.io.gfile.GFile(os.path.join(folder, name), "wb") as file:
        file.write(content)


def new_folder(path: str) -> None:
    """Make the folder for one embedding; a word about it when it is there, NotADirectoryError for a file."""
    if not tf.io.gfile.exists(path):
        tf.io.gfile.makedirs(path)
    elif tf.io.gfile.isdir(path):
        print("warning: Embedding dir exists, did you set global_step for add_embedding()?")  # noqa: T201
    else:
        raise NotADirectoryError(f"Path: `{path}` exists, but is a file. Cannot proceed.")


def make_mat(rows: np.ndarray, save_path: str) -> None:
    """``tensors.tsv``: a line for each point, a column for each coordinate."""
    lines = ["\t".join(map(str, row)) + "\n" for row in rows.tolist()]
    _write(save_path, "tensors.tsv", "".join(lines).encode())


def make_tsv(metadata: Sequence, save_path: str, metadata_header: Sequence[str] | None = None) -> None:
    """``metadata.tsv``: a label for each point, or with a header several columns. AssertionError when they differ."""
    if not metadata_header:
        lines = [str(label) for label in metadata]
    else:
        if len(metadata_header) != len(metadata[0]):
            raise AssertionError(
                "len of header must be equal to the number of columns in metadata: "
                f"{len(metadata_header)} names for {len(metadata[0])} columns"
            )
        lines = ["\t".join(map(str, row)) for row in [metadata_header, *metadata]]
    _write(save_path, "metadata.tsv", ("\n".join(lines) + "\n").encode())


def make_sprite(label_img: Any, save_path: str) -> None:
    """``sprite.png``: the pictures [N, C, H, W] of all points in one square, with values from 0 to 1."""
    from PIL import Image

    pictures = make_np(label_img)
    grid = make_grid(pictures, ncols=math.ceil(len(pictures) ** 0.5)).transpose(1, 2, 0)
    square = np.zeros((grid.shape[1], grid.shape[1], 3))
    square[: len(grid)] = grid
    file = io.BytesIO()
    Image.fromarray(np.uint8((square * 255).clip(0, 255))).save(file, format="PNG")
    _write(save_path, "sprite.png", file.getvalue())


def get_embedding_info(
    metadata: Any, label_img: Any, subdir: str, global_step: int | str, tag: str
) -> EmbeddingInfo:
    """Where the files of one embedding are, as the projector's settings say it."""
    info = EmbeddingInfo(
        tensor_name=f"{tag}:{str(global_step).zfill(5)}", tensor_path=os.path.join(subdir, "tensors.tsv")
    )
    if metadata is not None:
        info.metadata_path = os.path.join(subdir, "metadata.tsv")
    if label_img is not None:
        info.sprite.image_path = os.path.join(subdir, "sprite.png")
        info.sprite.single_image_dim.extend([label_img.shape[3], label_img.shape[2]])
    return info


def write_config(save_path: str, config: ProjectorConfig) -> None:
    """``projector_config.pbtxt``: all embeddings of a run."""
    _write(save_path, "projector_config.pbtxt", text_format.MessageToString(config).encode())
