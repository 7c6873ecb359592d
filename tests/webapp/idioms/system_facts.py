import os
import platform
import sys


def answer():
    return (
        sys.version_info >= (3, 11)
        and bool(platform.python_version())
        and os.getpid() > 0
        and bool(os.sep)
        and os.environ.get("HOME", "") == os.environ.get("HOME", "")
    )
