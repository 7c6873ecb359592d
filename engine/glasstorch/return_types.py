"""The named tuples that functions with several results return. Made in core/results.py.

Source: https://pytorch.org/docs/stable/torch.html (named tuples of ``torch.return_types``)
"""

from .core.results import CLASSES as _CLASSES

globals().update(_CLASSES)
