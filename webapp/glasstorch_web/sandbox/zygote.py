"""The zygote: a clean process that has imported everything once and forks a box for each submission.

It is exec'ed by the worker, never forked from it, so nothing of the worker's memory (expected values,
checks, accounts) is in it or in any box. It reads messages from the worker's control socket until
that closes. It never runs learner code itself.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import site
import socket
import sys
import traceback
from collections.abc import Callable
from typing import Any

from glasstorch_web.sandbox import graphs, keeper
from glasstorch_web.sandbox.boxed import Session
from glasstorch_web.sandbox.isolation import Isolation, prepare
from glasstorch_web.sandbox.kernel import rlimits
from glasstorch_web.sandbox.readable import standard_library
from glasstorch_web.sandbox.tensors import Tensors

# Imported ahead so that learners' usual imports cost nothing, and work even where files are closed to a box.
COMMON = """
abc array ast base64 bisect builtins calendar cmath collections collections.abc colorsys contextlib copy csv
dataclasses datetime decimal difflib enum fractions functools gc hashlib heapq inspect io itertools json
keyword linecache locale logging math numbers operator os.path pathlib pprint queue random re reprlib secrets
statistics string struct sys textwrap threading time timeit traceback types typing unittest unittest.mock
uuid warnings weakref zlib faulthandler
"""

MESSAGE_CAP = 1 << 20


def main(control_fd: int) -> None:
    """Serve the worker at the other end of `control_fd` until it goes away."""
    control = socket.socket(fileno=control_fd)
    try:
        config, _ = receive(control)
        baseline, (tensors, reason), recorder = _preload(config)
        isolation = prepare(config["isolation"], config["new_root"])
        hello = {"ready": True, "isolation": isolation.describe(), "no_tensors": reason}
    except EOFError:
        return
    except BaseException:
        send(control, {"ready": False, "reason": traceback.format_exc()[-4000:]})
        return
    gc.collect()
    gc.freeze()
    send(control, hello)
    _serve(control, isolation, lambda nonce: Session(nonce, Tensors(tensors), recorder), baseline)


def _preload(config: dict[str, Any]) -> tuple[int, tuple[Any, str], graphs.Graphs]:
    """Import what boxes use; returns the address space in use, `_framework`'s answer and the record of graphs."""
    os.umask(0o022)
    site.setquit()  # `exit` and `quit`, which learners try
    for name in COMMON.split():
        importlib.import_module(name)
    for name in config["preload"]:
        importlib.import_module(name)
    tensors = _framework(config["framework"])
    recorder = graphs.Graphs(tensors[0], graphs.pictures(config["views"]))
    if tensors[0] is not None:
        graphs.warm_up(tensors[0], recorder)
    _warm_up()
    # Submodules are found through their packages; other installed packages are not the learner's business.
    sys.path[:] = standard_library()
    sys.path += [folder for folder in map(_extensions, list(sys.path)) if os.path.isdir(folder)]
    importlib.invalidate_caches()
    return rlimits.address_space(), tensors, recorder


def _framework(name: str) -> tuple[Any, str]:
    """The tensor framework, answering to PyTorch's names too; or None, and why."""
    if not name:
        return None, "Glasstorch is not installed"
    try:
        module = importlib.import_module(name)
        importlib.import_module(f"{name}.aliasing").install()
        for alias in ("torch", "torch.nn", "torch.nn.functional", "torch.optim", "torch.utils.data"):
            importlib.import_module(alias)
        Tensors(module).try_out()
    except Exception as error:
        return None, f"{name} cannot be used: {type(error).__name__}: {error}"
    return module, ""


def _extensions(library: str) -> str:
    return os.path.join(library, "lib-dynload")


def _warm_up() -> None:
    import numpy as np

    square = np.ones((64, 64), np.float32)
    (square @ square).sum()
    np.linalg.solve(np.eye(8), np.ones(8))
    np.random.default_rng(0).normal(size=4)


def _serve(
    control: socket.socket, isolation: Isolation, session: Callable[[bytes], Session], baseline: int
) -> None:
    while True:
        try:
            order, fds = receive(control)
        except (EOFError, OSError):
            return
        _reap()
        child = os.fork()
        if child == 0:
            control.close()
            try:
                keeper.keep(order, fds, isolation, baseline, session)
            finally:
                os._exit(70)
        for fd in fds:
            os.close(fd)
        send(control, {"keeper": child})


def _reap() -> None:
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def send(control: socket.socket, message: dict[str, Any], fds: list[int] | None = None) -> None:
    """One JSON line, with file descriptors riding on its first byte."""
    data = json.dumps(message).encode() + b"\n"
    if fds:
        sent = socket.send_fds(control, [data], fds)
        data = data[sent:]
    control.sendall(data)


def receive(control: socket.socket) -> tuple[dict[str, Any], list[int]]:
    """The next message and its file descriptors; EOFError when the other side is gone."""
    data, fds = b"", []
    while not data.endswith(b"\n"):
        piece, more, _, _ = socket.recv_fds(control, 65536, 16)
        fds += more
        if not piece or len(data) > MESSAGE_CAP:
            raise EOFError
        data += piece
    return json.loads(data), fds
