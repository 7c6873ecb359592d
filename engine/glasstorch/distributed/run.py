"""Start a program in several processes: on this machine, or on several that run this command each.

    python -m glasstorch.distributed.run --nproc-per-node=4 train.py --lr 0.1
    python -m glasstorch.distributed.run --nnodes=2 --node-rank=0 --master-addr=10.0.0.1 --nproc-per-node=8 train.py

Options and environment variables are torchrun's; each can also be given as a variable PET_NAME. When one process
fails, the others are ended, and a report says which one it was, and why.

Source: https://pytorch.org/docs/stable/elastic/run.html
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import uuid
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from .agent import SIGNALS, Job, Layout, Output, free_port, meet_nodes
from .elastic.multiprocessing.errors import ChildFailedError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """All options of the command line."""

    def option(*names: str, **settings: object) -> None:
        """An option with its spellings with _ and -, and its default from the environment."""
        long = [n for n in names if n.startswith("--")]
        spellings = [n for n in names if not n.startswith("--")]
        spellings += [s for n in long for s in dict.fromkeys((n, n.replace("-", "_").replace("__", "--", 1)))]
        from_environment = os.environ.get("PET_" + long[0].strip("-").replace("-", "_").upper())
        if from_environment is not None:
            flag = settings.get("action") == "store_true"
            settings["default"] = from_environment.lower() in ("1", "true") if flag else from_environment
        parser.add_argument(*spellings, **settings)  # type: ignore[arg-type]

    option("--nnodes", default="1:1", help="how many machines: N, or MIN:MAX (for c10d; else MAX is taken)")
    option("--nproc-per-node", default="1", help="processes on each machine: a number, auto, cpu or gpu")
    option("--rdzv-backend", default="static", help="static: node ranks are given; c10d: they are drawn")
    option("--rdzv-endpoint", default="", help="host:port where the machines meet")
    option("--rdzv-id", default="none", help="the job's name, the same on all machines")
    option(
        "--rdzv-conf",
        default="",
        help="further settings as key=value,...; timeout and last_call_timeout are read",
    )
    option("--standalone", action="store_true", help="one machine, any free port")
    option("--max-restarts", type=int, default=0, help="how often to start anew after a failure")
    option("--monitor-interval", type=float, default=0.1, help="seconds between looks at the processes")
    option(
        "--shutdown-timeout", type=float, default=30, help="seconds that processes have to end when told to"
    )
    option(
        "--start-method",
        default="spawn",
        choices=["spawn", "fork", "forkserver"],
        help="kept for old scripts",
    )
    option("--role", default="default", help="a name for the processes, shown by --tee")
    option("-m", "--module", action="store_true", help="the program is a module's name, as for python -m")
    option("--no-python", action="store_true", help="the program is no Python script: run it as it is")
    option("--run-path", action="store_true", help="run the script by runpy.run_path")
    option("--log-dir", default=None, help="folder for what the processes print")
    option(
        "-r",
        "--redirects",
        default="0",
        help="print into files: 0 nothing, 1 stdout, 2 stderr, 3 both; or 0:3,1:1",
    )
    option("-t", "--tee", default="0", help="print into files and on the screen; as --redirects")
    option("--local-ranks-filter", default="", help="show only these local ranks on the screen, as 0,1")
    option("--node-rank", type=int, default=0, help="which of the machines this is, from 0")
    option("--master-addr", default="127.0.0.1", help="address of the machine with node rank 0")
    option("--master-port", type=int, default=29500, help="a free port there")
    option("--local-addr", default=None, help="address of this machine, for c10d")
    option("--signals-to-handle", default=SIGNALS, help="signals that end the launcher and its processes")
    option(
        "--virtual-local-rank",
        action="store_true",
        help="every process has LOCAL_RANK 0, and sees only its own GPU",
    )
    option("--mpi", action="store_true", help="hand the processes to mpiexec, for the backend mpi "
           "(on several machines with --rdzv-backend=c10d)")  # fmt: skip
    parser.add_argument("training_script", help="the program")
    parser.add_argument("training_script_args", nargs=argparse.REMAINDER, help="its arguments")


def processes_per_node(text: str) -> int:
    """The number that --nproc-per-node means."""
    if text.isdigit() and int(text):
        return int(text)
    from .. import cuda

    gpus = cuda.device_count() if cuda.is_available() else 0
    if text == "gpu":
        if not gpus:
            raise ValueError("--nproc-per-node=gpu, but Cuda is not available: there is no GPU, or no CuPy.")
        return gpus
    if text in ("cpu", "auto"):
        return gpus if text == "auto" and gpus else os.cpu_count() or 1
    raise ValueError(f"Unsupported nproc_per_node value: {text}. Give a number, auto, cpu or gpu.")


def streams(text: str, count: int) -> dict[int, int]:
    """Which streams of each local rank (bits: 1 stdout, 2 stderr) "3" or "0:1,1:2" means."""
    try:
        if ":" not in text:
            wanted = dict.fromkeys(range(count), int(text))
        else:
            wanted = {int(rank): int(bits) for rank, bits in (pair.split(":") for pair in text.split(","))}
        if all(0 <= bits <= 3 for bits in wanted.values()):
            return wanted
    except ValueError:
        pass
    raise ValueError(f"{text!r} says no streams: write 0, 1, 2 or 3, or one for each local rank as 0:3,1:1")


def _nodes(text: str) -> tuple[int, int]:
    """The least and the greatest number of machines that --nnodes means."""
    least, _, most = text.partition(":")
    try:
        return int(least), int(most or least)
    except ValueError:
        raise ValueError(f"--nnodes {text} is no number of machines: write N, or MIN:MAX") from None


def job_from(options: argparse.Namespace) -> Job:
    """What the command line asks for. ValueError where it asks for what cannot be."""
    count = processes_per_node(options.nproc_per_node)
    least, nodes = _nodes(str(options.nnodes))
    if not 1 <= least <= nodes or options.max_restarts < 0:
        raise ValueError("--nnodes must be at least 1, MIN no more than MAX, and --max-restarts at least 0")
    if not options.no_python and not options.module and not Path(options.training_script).is_file():
        raise ValueError(f"there is no file {options.training_script}")
    layout = Layout(nodes, count, options.node_rank, options.master_addr, options.master_port)
    store = None
    if options.standalone:
        if nodes > 1:
            raise ValueError("--standalone is for one machine, and --nnodes says more")
        layout = Layout(1, count, 0, "localhost", free_port())
    elif options.rdzv_backend != "static":
        conf = dict(pair.split("=", 1) for pair in options.rdzv_conf.split(",") if "=" in pair)
        endpoint, timeout = options.rdzv_endpoint or "localhost:29400", float(conf.get("timeout", 600))
        last_call = float(conf.get("last_call_timeout", 30))
        layout, store = meet_nodes(least, nodes, count, endpoint, options.local_addr, timeout, last_call)
        nodes = layout.nodes
    elif options.rdzv_endpoint:
        host, _, port = options.rdzv_endpoint.partition(":")
        layout = Layout(nodes, count, options.node_rank, host, int(port or 29500))
    if not 0 <= layout.node_rank < nodes:
        raise ValueError(f"--node-rank {layout.node_rank} is not one of 0 to {nodes - 1}")
    if options.mpi and options.no_python:
        raise ValueError("--mpi starts Python programs; for others call mpiexec yourself")
    if options.mpi and nodes > 1 and options.rdzv_backend == "static":
        raise ValueError("--mpi on several machines needs --rdzv-backend=c10d, where the launchers meet")
    shown = [int(rank) for rank in options.local_ranks_filter.split(",") if rank] or list(range(count))
    run_id = str(uuid.uuid4()) if options.standalone else options.rdzv_id
    output = Output(
        options.log_dir, streams(options.redirects, count), streams(options.tee, count), shown, options.role
    )
    return Job(command(options), layout, output, run_id, options.max_restarts, options.monitor_interval,
               options.shutdown_timeout, options.training_script, options.mpi, options.signals_to_handle,
               options.virtual_local_rank, store)  # fmt: skip


def command(options: argparse.Namespace) -> list[str]:
    """The command line of each process."""
    if options.no_python and not options.run_path:
        if options.module:
            raise ValueError(
                "Don't use both the '--no-python' flag and the '--module' flag at the same time."
            )
        return [options.training_script, *options.training_script_args]
    start = [sys.executable, "-u", *(["-m"] if options.module else [])]
    return [*start, options.training_script, *options.training_script_args]


def _signals(names: str) -> list[signal.Signals]:
    try:
        return [signal.Signals[name.strip()] for name in names.split(",") if name.strip()]
    except KeyError as error:
        raise ValueError(f"--signals-to-handle: there is no signal {error}. Write {SIGNALS}") from None


def run(options: argparse.Namespace) -> int:
    """Start the processes and wait for them; the exit status."""
    try:
        job = job_from(options)
        signals = _signals(options.signals_to_handle)
    except ValueError as error:
        print(f"distributed.run: {error}", file=sys.stderr)  # noqa: T201
        return 2

    def stop(number: int, frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    old = {s: signal.signal(s, stop) for s in signals}
    try:
        job.run()
    except ChildFailedError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        job.stop()
        for s, handler in old.items():
            signal.signal(s, handler)
    return 0


def register(parser: argparse.ArgumentParser) -> None:
    """The sub-command `glasstorch launch`: the same, for programs that import torch."""
    from ..aliasing import ALIAS_FOLDER

    def run_with_aliases(options: argparse.Namespace) -> int:
        inherited = os.environ.get("PYTHONPATH")
        os.environ["PYTHONPATH"] = os.pathsep.join([str(ALIAS_FOLDER), *([inherited] if inherited else [])])
        return run(options)

    add_arguments(parser)
    parser.set_defaults(run=run_with_aliases)


def main(argv: Sequence[str] | None = None) -> int:
    """The command `python -m glasstorch.distributed.run`."""
    parser = argparse.ArgumentParser(prog="python -m glasstorch.distributed.run", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    add_arguments(parser)
    return run(parser.parse_args(argv))


if __name__ == "__main__":
    sys.exit(main())
