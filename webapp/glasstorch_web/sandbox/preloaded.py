"""What a zygote imports for its boxes."""

from __future__ import annotations

import contextlib
import importlib
import pkgutil
import sys

# Imported ahead so that learners' usual imports cost nothing, and work even where files are closed to a box.
COMMON = """
abc array ast base64 bisect builtins calendar cmath collections collections.abc colorsys contextlib copy csv
dataclasses datetime decimal difflib enum fractions functools gc hashlib heapq inspect io itertools json
keyword linecache locale logging math numbers operator os.path pathlib pprint queue random re reprlib secrets
statistics string struct sys textwrap threading time timeit traceback types typing unittest unittest.mock
uuid warnings weakref zlib faulthandler
"""

# Imported besides where a box may open no file: what the above and NumPy import only when it is used.
LATER = """
asyncio concurrent.futures.thread encodings.ascii encodings.cp437 encodings.idna encodings.latin_1
multiprocessing.pool multiprocessing.queues multiprocessing.synchronize
numpy.fft numpy.linalg numpy.ma numpy.polynomial numpy.random numpy.testing subprocess urllib.request zipfile
"""


def import_common() -> None:
    for name in COMMON.split():
        importlib.import_module(name)


def import_all(framework: str) -> None:
    """Import what is otherwise imported on first use, which needs files; what is not for here (a GPU's) is left out."""
    names = LATER.split()
    if framework in sys.modules:
        names += [one.name for one in pkgutil.walk_packages(sys.modules[framework].__path__, f"{framework}.")]
    for name in names:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
