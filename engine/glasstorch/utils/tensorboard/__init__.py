"""Event files for TensorBoard: what a training reaches, its histograms and pictures, and the graph of its model.

Needs the package ``tensorboard``, which brings the file format and the program that shows it; nothing else of
Glasstorch imports this. Source: https://pytorch.org/docs/stable/tensorboard.html
"""

try:
    import tensorboard as _installed  # noqa: F401
except ImportError as error:
    raise ImportError(
        "glasstorch.utils.tensorboard needs the package tensorboard, which is not installed here. "
        "Install it (pip install tensorboard) and import again.",
        name="tensorboard",
    ) from error

from tensorboard.summary.writer.record_writer import RecordWriter

from .file_writer import FileWriter
from .writer import SummaryWriter

__all__ = ["FileWriter", "RecordWriter", "SummaryWriter"]
