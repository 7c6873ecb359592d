"""Can mixed precision be used at all?"""

from . import amp_definitely_not_available

__all__ = ["amp_definitely_not_available"]
