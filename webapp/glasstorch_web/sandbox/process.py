"""The worker's side of the sandbox: start and keep a zygote, get boxes from it, exchange frames with them.

Everything a box sends is read with caps and a deadline. A box that breaks a rule is killed and its end
is told apart: out of computing time, out of time, out of memory, too much output, gone, unreadable.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import re
import secrets
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from glasstorch_web.sandbox import control, values, wire
from glasstorch_web.sandbox.limits import MIB, Limits

PACKAGE_ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 120
GRACE_SECONDS = 1.0  # between a limit reached inside the box and the kill from outside
REPORT_SECONDS = 0.2
TRACE_SECONDS = 3.0
TRACE_BYTES = 1 << 16

_BOOTSTRAP = (
    "import sys; sys.path += sys.argv[2:]; "
    "from glasstorch_web.sandbox.zygote import main; main(int(sys.argv[1]))"
)
_FRAME = re.compile(rb'File "submission\.py", line (\d{1,7}) in (.*)')
# The zygote's own first line comes last, unless there are more calls than a trace shows.
_TRACED = re.compile(rb'(File "<string>", line \d+ in <module>|\n  \.\.\.)\n\Z')
_HEAD = b"Stack (most recent call first):"


_T = TypeVar("_T")


class SandboxError(Exception):
    """The sandbox itself failed; nothing can be said about the submission."""


@dataclass
class BoxEnded(Exception):
    """A box is gone. kind: cpu, wall, memory, output, exit, crash, closed, unreadable.

    frames: (line, function) of the learner's code that was running, innermost first; empty where it is not known.
    """

    kind: str
    detail: str = ""
    frames: list[tuple[int, str]] = field(default_factory=list)


@dataclass
class Usage:
    cpu: float = 0.0
    memory_kb: int = 0


class BoxProcess:
    """One running box, as pipes. Made by `Sandbox.start_box`; not thread-safe."""

    def __init__(self, ends: dict[str, int], nonce: bytes, limits: Limits, cpu_seconds: float) -> None:
        self._ends = ends
        self._nonce = nonce
        self._limits = limits
        self._cpu_seconds = cpu_seconds
        self._printed = bytearray()
        self._printed_total = 0
        self._traces = {"trace": bytearray(), "alarm": bytearray()}
        self._locked_down = False  # said by a byte of its own, before learner code runs
        self.usage = Usage()
        self.ended: BoxEnded | None = None

    def exchange(
        self, header: dict[str, Any], payload: list[bytes], wall_seconds: float
    ) -> tuple[dict[str, Any], bytearray]:
        """Send a request and wait for its reply; raises BoxEnded (from then on, always)."""
        if self.ended:
            raise self.ended
        reply_bytes = self._limits.reply_mb * MIB
        message = memoryview(
            wire.frame(self._nonce, {**header, "wall": wall_seconds, "reply_bytes": reply_bytes}, payload)
        )
        reader = wire.FrameReader(self._nonce, reply_bytes)
        deadline = time.monotonic() + wall_seconds + GRACE_SECONDS
        try:
            return self._converse(message, reader, deadline)
        except (wire.WireError, values.Malformed) as error:
            raise self.end("unreadable", str(error)) from None

    def _converse(
        self, message: memoryview, reader: wire.FrameReader, deadline: float
    ) -> tuple[dict[str, Any], bytearray]:
        names = ("request", "reply", "output", "trace", "alarm")
        request, reply, output, trace, alarm = (self._ends[name] for name in names)
        message = _written(request, message)  # most fit into the pipe at once
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                raise self.end("wall")
            readable, writable, _ = select.select(
                [reply, output, trace, alarm], [request] if message else [], [], left
            )
            if output in readable and self._flooded():
                raise self.end("output")
            if trace in readable and self._traced("trace"):
                raise self.end("output" if self._traces["trace"].startswith(wire.PRINTED_TOO_MUCH) else "cpu")
            if alarm in readable and self._traced("alarm"):
                raise self.end("wall")
            if writable:
                message = _written(request, message)
            if reply in readable:
                piece = os.read(reply, 1 << 18)
                if not piece:
                    # One that has ended is reported in a moment; one that only hung up is not.
                    select.select([self._ends["status"]], [], [], REPORT_SECONDS)
                    raise self.end("closed")
                if not self._locked_down:
                    self._locked_down, piece = True, piece[1:]
                received = reader.feed(piece)
                if received is not None:
                    if self._flooded():
                        raise self.end("output")
                    return received

    def _flooded(self) -> bool:
        """Take what was printed so far, without waiting; whether it is too much."""
        while True:
            try:
                piece = os.read(self._ends["output"], 1 << 16)
            except BlockingIOError:
                return False
            if not piece:
                return False
            self._printed_total += len(piece)
            room = self._limits.keep_kb * 1024 - len(self._printed)
            self._printed += piece[: max(0, room)]
            if self._printed_total > self._limits.output_kb * 1024:
                return True

    def _traced(self, name: str) -> bool:
        """Take what the box wrote at a limit: where its code was. It comes in several pieces.

        At the limit of computing it writes to the end "trace", at that of time to "alarm".
        """
        trace = self._traces[name]
        deadline = time.monotonic() + TRACE_SECONDS
        while not _TRACED.search(trace) and len(trace) < TRACE_BYTES:
            wait = max(0.0, deadline - time.monotonic()) if trace else 0
            if not select.select([self._ends[name]], [], [], wait)[0]:
                break
            piece = os.read(self._ends[name], 1 << 12)
            if not piece:
                break
            trace += piece
        return bool(trace)

    def take_printed(self) -> str:
        """What was printed since the last time, as far as it was kept."""
        text = self._printed.decode("utf-8", "replace")
        self._printed.clear()
        return text

    def end(self, kind: str, detail: str = "") -> BoxEnded:
        """Kill the box if it still lives, and say how it ended."""
        if self.ended:
            return self.ended
        self.ended = BoxEnded("closed")  # should the report fail
        report = self._finish()
        self.usage = Usage(report.get("cpu", 0.0), report.get("memory_kb", 0))
        if kind == "closed":
            kind, detail = self._cause(report)
        if kind == "wall" and self.usage.cpu > self._limits.wall_seconds / 10:
            detail = "computing"
        trace = self._traces["trace"] or self._traces["alarm"]
        found = _FRAME.findall(trace.partition(_HEAD)[2].partition(_HEAD)[0])
        frames = [(int(line), name.decode("utf-8", "replace")[:200]) for line, name in found[:100]]
        self.ended = BoxEnded(kind, detail, frames)
        return self.ended

    def _finish(self) -> dict[str, Any]:
        _close(self._ends, "lifeline")
        status = self._ends["status"]
        text = b""
        deadline = time.monotonic() + START_SECONDS
        while select.select([status], [], [], max(0.0, deadline - time.monotonic()))[0]:
            piece = os.read(status, 4096)
            text += piece
            if not piece or text.endswith(b"\n"):
                break
        self._traced("trace")
        self._flooded()  # the last words; too many are cut, and no second end
        for name in list(self._ends):
            _close(self._ends, name)
        try:
            report: dict[str, Any] = json.loads(text)
        except ValueError:
            raise SandboxError("the box's zygote ended without a report") from None
        if "failed" in report or (report.get("exit") == wire.SETUP_EXIT and not self._locked_down):
            raise SandboxError(report.get("failed") or self._traces["trace"].decode("utf-8", "replace"))
        return report

    def _cause(self, report: dict[str, Any]) -> tuple[str, str]:
        """Why a box is gone that this side did not end."""
        code, number = report["exit"], report["signal"]
        if code == wire.OUT_OF_MEMORY_EXIT or report["out_of_memory"]:
            return "memory", ""
        if code is not None:
            return "exit", str(code)
        if number in (signal.SIGKILL, signal.SIGXCPU) and report["cpu"] >= self._cpu_seconds:
            return "cpu", ""  # it did not heed the first signal; the kernel kills a second of computing later
        if number != signal.SIGKILL:
            return "crash", signal.Signals(number).name
        # Killed neither by its own hand (it may not) nor for computing: by the zygote because it closed its end, by
        # the kernel for memory where no control group tells, or by somebody of this machine.
        if not report["counted"] and report["memory_kb"] >= self._limits.memory_mb * 1024 * 0.8:
            return "memory", ""
        if not report["stopped"]:
            raise SandboxError("the box was killed from outside")
        return "closed", ""

    def close(self) -> None:
        """End the box, whatever it is doing."""
        with contextlib.suppress(SandboxError):
            self.end("closed")


class EditionError(Exception):
    """An edition of the engine that cannot be; the message tells an exercise's author why."""


@dataclass(frozen=True)
class Edition:
    """gradients: whether a call can still ask for them. stopped: public names that stop with what is left out.

    gap: how a learner could still read what is left out, where isolation is weak; else empty.
    """

    gradients: bool
    stopped: tuple[str, ...]
    gap: str


class Sandbox:
    """Owns a zygote; a context manager. Not thread-safe: one per worker."""

    def __init__(
        self,
        *,
        isolation: dict[str, bool] | None = None,
        preload: Iterable[str] = ("numpy",),
        framework: str = "glasstorch",
        views: str = "glasstorch_widgets",
    ) -> None:
        """isolation: mechanisms to leave out, e.g. {"namespaces": False} (tests and comparisons only).

        preload: packages that boxes find imported. framework: the one whose tensors exercises speak;
        without it, exercises with `tensors = true` cannot be graded. views: the package that draws graphs; without
        it, a graph that differs is told in words alone.
        """
        self._asked = isolation or {}
        self._preload = list(preload)
        self._framework = framework if framework and importlib.util.find_spec(framework) else ""
        self._views = views if views and importlib.util.find_spec(views) else ""
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self.in_force: dict[str, Any] = {}
        self.no_tensors = ""
        self._editions: dict[tuple[str, ...], Edition] = {}

    def __enter__(self) -> Sandbox:
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """The zygote's process id."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start the zygote and wait until it can fork boxes; SandboxError when it cannot."""
        if os.name != "posix":
            raise SandboxError("Grading needs Linux or macOS: this system cannot fork a sandbox.")
        ours, theirs = socket.socketpair()
        with tempfile.TemporaryDirectory(prefix="glasstorch-root-") as new_root, theirs:
            self._process = subprocess.Popen(
                [
                    sys.executable,
                    "-s",
                    "-S",
                    "-P",
                    "-c",
                    _BOOTSTRAP,
                    str(theirs.fileno()),
                    *self._import_paths(),
                ],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=_clean_environment(),
                cwd="/",
                start_new_session=True,
            )
            theirs.close()
            self._control = ours
            ours.settimeout(START_SECONDS)
            hello = self._ask(
                {
                    "preload": self._preload,
                    "framework": self._framework,
                    "views": self._views,
                    "isolation": self._asked,
                    "new_root": new_root,
                }
            )
        if not hello["ready"]:
            self.close()
            raise SandboxError(f"the sandbox could not start:\n{hello['reason']}")
        self.in_force, self.no_tensors = hello["isolation"], hello["no_tensors"]

    def _import_paths(self) -> list[str]:
        """Where the zygote finds this package and the preloaded ones, as this process does."""
        paths = [str(PACKAGE_ROOT)]
        for name in filter(None, [*self._preload, self._framework, self._views]):
            spec = importlib.util.find_spec(name)
            if spec and spec.origin:
                folder = Path(spec.origin).resolve().parent
                paths.append(str(folder.parent if spec.submodule_search_locations else folder))
        return list(dict.fromkeys(paths))

    def edition(self, without: Sequence[str]) -> Edition:
        """What an edition of the engine without these parts is like; raises EditionError when there can be none."""
        key = tuple(without)
        if key not in self._editions:
            answer = self._twice(lambda: self._ask({"edition": list(key)}), "no edition could be made")
            if answer["refused"]:
                raise EditionError(answer["refused"])
            self._editions[key] = Edition(answer["gradients"], tuple(answer["stopped"]), answer["gap"])
        return self._editions[key]

    def start_box(
        self, limits: Limits, *, cpu_seconds: float | None = None, without: Sequence[str] = ()
    ) -> BoxProcess:
        """A fresh box, without parts of the engine. A zygote that has died is started again, once."""
        if without:
            self.edition(without)
        return self._twice(
            lambda: self._start_box(limits, cpu_seconds or limits.cpu_seconds, without),
            "no box could be started",
        )

    def _twice(self, action: Callable[[], _T], failure: str) -> _T:
        for attempt in (1, 2):
            try:
                return action()
            except (OSError, EOFError) as error:
                self.close()
                if attempt == 2:
                    raise SandboxError(f"{failure}: {error}") from error
                self.start()
        raise AssertionError("unreachable")

    def _start_box(self, limits: Limits, cpu_seconds: float, without: Sequence[str]) -> BoxProcess:
        nonce = secrets.token_bytes(wire.NONCE_BYTES)
        names = ("request", "reply", "output", "trace", "alarm", "status", "lifeline")
        pipes = {name: os.pipe() for name in names}
        inward = ("request", "lifeline")
        ours = {name: pipe[1 if name in inward else 0] for name, pipe in pipes.items()}
        theirs = [pipe[0 if name in inward else 1] for name, pipe in pipes.items()]
        order = {
            "nonce": nonce.hex(),
            "cpu_seconds": cpu_seconds,
            "memory_mb": limits.memory_mb,
            "threads": limits.threads,
            "output_bytes": limits.output_kb * 1024,
            "without": list(without),
        }
        try:
            self._ask(order, theirs)
        except BaseException:
            for name in list(ours):
                _close(ours, name)
            raise
        finally:
            for fd in theirs:
                os.close(fd)
        for name in ("request", "output", "trace", "alarm"):
            os.set_blocking(ours[name], False)
        return BoxProcess(ours, nonce, limits, cpu_seconds)

    def _ask(self, message: dict[str, Any], fds: list[int] | None = None) -> dict[str, Any]:
        if self._control is None:
            raise OSError("the sandbox is not running")
        control.send(self._control, message, fds)
        answer, _ = control.receive(self._control)
        if "failed" in answer:
            raise OSError(answer["failed"])
        return answer

    def close(self) -> None:
        """End the zygote and with it every box."""
        self._editions.clear()
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is not None:
            try:
                self._process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None


def _clean_environment() -> dict[str, str]:
    """Nothing of the service's environment reaches a box, except what this Python needs to start."""
    threads = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
    kept = {name: os.environ[name] for name in ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH") if name in os.environ}
    fixed = {
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "MALLOC_ARENA_MAX": "1",  # an arena for each thread would reserve address space, which is what is limited
    }
    return {**kept, **fixed, **dict.fromkeys(threads, "1")}


def _written(pipe: int, message: memoryview) -> memoryview:
    """Write what the pipe takes now; what is left."""
    try:
        return message[os.write(pipe, message[: 1 << 16]) :]
    except BlockingIOError:
        return message
    except BrokenPipeError:
        return message[:0]  # the end of the replies will follow, and say more


def _close(ends: dict[str, int], name: str) -> None:
    fd = ends.pop(name, None)
    if fd is not None:
        os.close(fd)
