"""The zygote: a clean process that has imported everything once and forks a box for each submission.

It is exec'ed by the worker, never forked from it, so nothing of the worker's memory (expected values,
checks, accounts) is in it or in any box. It reads messages from the worker's control socket until
that closes. It never runs learner code itself.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import select
import site
import socket
import sys
import threading
import traceback
from collections.abc import Iterator
from typing import Any

from glasstorch_web.sandbox import graphs
from glasstorch_web.sandbox.boxed import Session
from glasstorch_web.sandbox.control import receive, send
from glasstorch_web.sandbox.edition import Editions
from glasstorch_web.sandbox.isolation import prepare
from glasstorch_web.sandbox.keeper import Keeper
from glasstorch_web.sandbox.kernel import libc
from glasstorch_web.sandbox.preloaded import import_all, import_common
from glasstorch_web.sandbox.readable import standard_library
from glasstorch_web.sandbox.rehearsal import rehearse
from glasstorch_web.sandbox.tensors import Tensors


def main(control_fd: int) -> None:
    """Serve the worker at the other end of `control_fd` until it goes away."""
    control = socket.socket(fileno=control_fd)
    try:
        config, _ = receive(control)
        with _ending_with(control):
            (tensors, reason), recorder = _preload(config)
        _settle()
        isolation = prepare(config["isolation"], config["new_root"])
        if not isolation.files:
            import_all(config["framework"])
            isolation.weigh()
        hello = {"ready": True, "isolation": isolation.describe(), "no_tensors": reason}
    except EOFError:
        return
    except BaseException:
        send(control, {"ready": False, "reason": traceback.format_exc()[-4000:]})
        return
    gc.freeze()
    send(control, hello)

    def session(nonce: bytes) -> Session:
        return Session(nonce, Tensors(tensors), recorder)

    Keeper(isolation, session, Editions(tensors)).serve(control)


@contextlib.contextmanager
def _ending_with(control: socket.socket) -> Iterator[None]:
    """End this process at once when the worker goes away, though it is busy importing.

    The thread that watches ends with the context: boxes are forked from a process of one thread.
    """
    done, finish = os.pipe()

    def watch() -> None:
        poll = select.poll()
        poll.register(control, 0)  # nothing but the other side's end
        poll.register(done, select.POLLIN)
        if any(fd != done for fd, _ in poll.poll()):
            os._exit(0)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield
    finally:
        os.write(finish, b"!")
        watcher.join()
        os.close(done)
        os.close(finish)


def _preload(config: dict[str, Any]) -> tuple[tuple[Any, str], graphs.Graphs]:
    """Import what boxes use; returns `_framework`'s answer and the record of graphs."""
    os.umask(0o022)
    site.setquit()  # `exit` and `quit`, which learners try
    import_common()
    for name in config["preload"]:
        importlib.import_module(name)
    tensors = _framework(config["framework"])
    recorder = graphs.Graphs(tensors[0], graphs.pictures(config["views"]))
    if tensors[0] is not None:
        graphs.warm_up(tensors[0], recorder)
    rehearse(Session(b"", Tensors(tensors[0]), recorder), tensors=tensors[0] is not None)
    _warm_up()
    # Submodules are found through their packages; other installed packages are not the learner's business.
    sys.path[:] = standard_library()
    sys.path += [folder for folder in map(_extensions, list(sys.path)) if os.path.isdir(folder)]
    importlib.invalidate_caches()
    return tensors, recorder


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


def _settle() -> None:
    """Make this process cheap to fork: nothing left to collect, and its memory in few large pages."""
    gc.collect()
    gc.freeze()
    if libc.LINUX:
        libc.collapse_own_memory()
