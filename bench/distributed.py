"""Two processes instead of one, on the CPU: how much faster, for Glasstorch and PyTorch side by side over gloo, and
for Glasstorch over MPI where there is one.

Each engine starts two processes of one thread each. In the same run they measure

- scaling: steps on a batch in one process (the other waits), then by DistributedDataParallel in both, half the batch
  each. 2.0 would be perfect;
- overlap: the same with all gradients combined after backward instead of during it. What overlap wins is the ratio;
- bandwidth: bytes of a tensor by the time of its all_reduce.

    python bench/distributed.py [--processes 2] [--engines glasstorch torch glasstorch/mpi]
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

SIZES = {"4 KiB": 1024, "1 MiB": 2**18, "25 MiB": 25 * 2**18}  # float32 values
REPEATS = 5


def mlp(E: Any) -> tuple[Any, Any]:
    nn = E.nn
    hidden = [layer for _ in range(4) for layer in (nn.Linear(512, 512), nn.ReLU())]
    return nn.Sequential(*hidden, nn.Linear(512, 10)), E.randn(1024, 512)


def cnn(E: Any) -> tuple[Any, Any]:
    nn = E.nn
    layers = [
        nn.Conv2d(1, 16, 3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3),
        nn.ReLU(),
        nn.MaxPool2d(2),
    ]
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(800, 10)), E.randn(128, 1, 28, 28)


def best(function: Callable[[], object], before: Callable[[], object]) -> float:
    """The shortest of some runs, in seconds."""
    times = []
    for _ in range(REPEATS):
        before()
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return min(times)


def scaling(E: Any, make: Callable[[Any], tuple[Any, Any]], rank: int, n: int) -> dict[str, float]:
    dist, F = E.distributed, E.nn.functional
    E.manual_seed(0)
    model, x = make(E)
    y = E.randint(0, 10, (len(x),))

    def step(net: Any, x: Any, y: Any) -> None:
        for p in net.parameters():
            p.grad = None
        F.cross_entropy(net(x), y).backward()

    step(model, x, y)
    alone = best(lambda: step(model, x, y), lambda: None) if rank == 0 else 0.0
    dist.barrier()
    ddp = E.nn.parallel.DistributedDataParallel(model)
    part = slice(rank * len(x) // n, (rank + 1) * len(x) // n)
    step(ddp, x[part], y[part])
    together = best(lambda: step(ddp, x[part], y[part]), dist.barrier)

    def afterwards() -> None:
        with ddp.no_sync():
            step(ddp, x[part], y[part])
        grads = [p.grad for p in model.parameters()]
        flat = E.cat([g.flatten() for g in grads])
        dist.all_reduce(flat)
        flat /= n
        for g, piece in zip(grads, flat.split([g.numel() for g in grads]), strict=True):
            g.copy_(piece.view_as(g))

    late = best(afterwards, dist.barrier)
    return {"scaling": alone / together, "overlap": late / together}


def measure(engine: str) -> None:
    """In one of the processes: rank 0 prints what was found."""
    engine, _, backend = engine.partition("/")
    E = importlib.import_module(engine)
    E.set_num_threads(1)
    dist = E.distributed
    dist.init_process_group(backend or "gloo")
    rank, n = dist.get_rank(), dist.get_world_size()
    found: dict[str, Any] = {
        "mlp": scaling(E, mlp, rank, n),
        "cnn": scaling(E, cnn, rank, n),
        "bandwidth": {},
    }
    for name, size in SIZES.items():
        t = E.ones(size)
        dist.all_reduce(t)
        found["bandwidth"][name] = 4 * size / best(lambda t=t: dist.all_reduce(t), dist.barrier) / 1e9
    if rank == 0:
        print(json.dumps(found), flush=True)
    dist.destroy_process_group()


def job(engine: str, n: int, port: int) -> dict[str, Any]:
    """Start the processes of one engine; what rank 0 found."""
    command = [sys.executable, __file__, "--measure", engine]
    if engine.endswith("/mpi"):
        from glasstorch.distributed.agent import mpiexec

        own = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        done = subprocess.run([mpiexec(), "-n", str(n), *command], env={**os.environ, **own}, stdout=subprocess.PIPE,
                              text=True, check=True)  # fmt: skip
        return json.loads(done.stdout.splitlines()[-1])
    started = []
    for rank in range(n):
        own = {"RANK": rank, "WORLD_SIZE": n, "MASTER_ADDR": "localhost", "MASTER_PORT": port, "OMP_NUM_THREADS": 1,
               "OPENBLAS_NUM_THREADS": 1}  # fmt: skip
        environment = {**os.environ, **{k: str(v) for k, v in own.items()}}
        started.append(subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True))
    outputs = [p.communicate()[0] for p in started]
    if not outputs[0]:  # PyTorch's processes now and then abort at their very end, when all is measured
        raise SystemExit(f"{engine}: a process failed")
    return json.loads(outputs[0].splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--engines", nargs="+", default=["glasstorch", "torch", "glasstorch/mpi"])
    parser.add_argument("--port", type=int, default=29541)
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        measure(options.measure)
        return
    if not importlib.util.find_spec("mpi4py"):
        options.engines = [e for e in options.engines if not e.endswith("/mpi")]
    found = {e: job(e, options.processes, options.port + k) for k, e in enumerate(options.engines)}
    print(f"{'':34}" + "".join(f"{e:>16}" for e in found))
    for model in ("mlp", "cnn"):
        for what, label in (("scaling", f"times as fast in {options.processes} processes"),
                            ("overlap", "times as fast by overlap")):  # fmt: skip
            print(f"{model + ', ' + label:34}" + "".join(f"{f[model][what]:>16.2f}" for f in found.values()))
    for name in SIZES:
        print(f"{'all_reduce of ' + name + ', GB/s':34}"
              + "".join(f"{f['bandwidth'][name]:>16.3f}" for f in found.values()))  # fmt: skip


if __name__ == "__main__":
    main()
