"""What a bug report should say about a machine: ``python -m glasstorch.utils.collect_env``.

The report has the layout of PyTorch's, with what is true here: NumPy and its matrix library, CuPy, threads. It never
fails: each tool that is asked (``lscpu``, ``nvidia-smi``, compilers) may be missing, hang or print nonsense, and its
line then reads "Could not collect". Of the environment's variables it shows a few by name, never all.

Reference: https://github.com/pytorch/pytorch/blob/main/torch/utils/collect_env.py
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections import namedtuple
from concurrent.futures import ThreadPoolExecutor
from importlib import metadata
from typing import Any

from .. import info

PATIENCE = 5.0  # seconds that a tool may take
LIMIT = 1 << 16  # bytes of a tool's output; what prints more is not the tool it claims to be

#: The first fields are PyTorch's, so that programs find what they look for; what does not exist here is "N/A".
SystemEnv = namedtuple(
    "SystemEnv",
    "torch_version is_debug_build cuda_compiled_version gcc_version clang_version cmake_version os libc_version "
    "python_version python_platform is_cuda_available cuda_runtime_version cuda_module_loading nvidia_driver_version "
    "nvidia_gpu_models cudnn_version is_xpu_available pip_version pip_packages conda_packages hip_compiled_version "
    "hip_runtime_version miopen_runtime_version caching_allocator_config is_xnnpack_available cpu_info "
    "numpy_version blas cupy_version threads variables",
)

_LAYOUT = """
Glasstorch version: {torch_version}
Is debug build: {is_debug_build}
NumPy version: {numpy_version}
Matrix library (BLAS): {blas}
CuPy version: {cupy_version}
CUDA used by CuPy: {cuda_compiled_version}

OS: {os}
GCC version: {gcc_version}
Clang version: {clang_version}
CMake version: {cmake_version}
Libc version: {libc_version}

Python version: {python_version}
Python platform: {python_platform}
Is CUDA available: {is_cuda_available}
CUDA runtime version: {cuda_runtime_version}
CUDA_MODULE_LOADING set to: {cuda_module_loading}
GPU models and configuration: {nvidia_gpu_models}
Nvidia driver version: {nvidia_driver_version}
cuDNN version: {cudnn_version}

Threads: {threads}
Environment variables: {variables}

CPU:
{cpu_info}

Versions of relevant libraries:
{pip_packages}
{conda_packages}
""".strip()

#: Variables that change how computations run. No others are read: they may hold secrets.
_VARIABLES = (
    "OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "BLIS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS",
    "OPENBLAS_CORETYPE", "CUDA_VISIBLE_DEVICES", "CUDA_LAUNCH_BLOCKING", "CUBLAS_WORKSPACE_CONFIG", "CUPY_ACCELERATORS",
    "PYTHONHASHSEED",
)  # fmt: skip

#: Parts of the names of packages that matter to computations.
_PACKAGES = (
    "torch", "numpy", "cupy", "scipy", "threadpoolctl", "safetensors", "pillow", "cuda", "cublas", "cudnn", "cufft",
    "curand", "cusolver", "cusparse", "nccl", "nvjitlink", "nvtx", "mkl", "openblas", "blis", "intel-openmp", "onnx",
    "mypy", "flake8",
)  # fmt: skip


# ------------------------------------------------------------------ asking tools
def run(command: list[str]) -> str | None:
    """What a tool prints, in English; None when it is missing, fails, prints no text, or is not done in time."""
    program = shutil.which(command[0]) or shutil.which(command[0], path="/sbin:/usr/sbin")
    if program is None:
        return None
    try:
        process = subprocess.Popen(
            [program, *command[1:]], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env={**os.environ, "LC_ALL": "C"}, start_new_session=True,
        )  # fmt: skip
    except OSError:
        return None
    late = threading.Timer(PATIENCE, _end, [process])
    late.start()
    try:
        assert process.stdout is not None
        output = process.stdout.read(LIMIT)  # ends when the tool does, or its time
        if len(output) == LIMIT:
            return None
        code = process.wait()
    finally:
        late.cancel()
        _end(process)
        process.wait()
        process.stdout.close()  # type: ignore[union-attr]
    text = "".join(c for c in output.decode(errors="replace") if c.isprintable() or c in "\n\t").strip()
    return text if code == 0 and text and "\N{REPLACEMENT CHARACTER}" not in text else None


def _end(process: subprocess.Popen) -> None:
    """Stop a tool, and what it started."""
    if process.poll() is not None:
        return
    try:
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    except OSError:  # it ended by itself meanwhile
        pass


def _match(command: list[str], pattern: str) -> str | None:
    """The first group of a pattern in what a tool prints."""
    found = re.search(pattern, run(command) or "")
    return found[1].strip() if found else None


# ------------------------------------------------------------------ the machine
def get_os() -> str:
    """The operating system's name and version, and the processor's kind."""
    name = platform.system()
    if name == "Linux":
        try:
            name = platform.freedesktop_os_release()["PRETTY_NAME"]
        except (OSError, KeyError):
            pass
    elif name == "Darwin":
        name = f"macOS {platform.mac_ver()[0]}"
    elif name == "Windows":
        name = f"Windows {platform.release()} ({platform.version()})"
    return f"{name} ({platform.machine()})"


def get_libc_version() -> str:
    """The C library and its version; "N/A" where there is no choice of them."""
    return "-".join(platform.libc_ver()) if sys.platform == "linux" else "N/A"


def get_cpu_info() -> str | None:
    """What the processor is: ``lscpu`` in full, else its name."""
    found = run(["lscpu"]) or run(["sysctl", "-n", "machdep.cpu.brand_string"])
    if found is not None:
        return found
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as f:
            named = re.search(r"^model name\s*:\s*(.+)$", f.read(LIMIT), re.MULTILINE)
    except OSError:
        named = None
    return named[1] if named else platform.processor() or None


def get_gpu_info() -> str | None:
    """One line for each GPU, as ``nvidia-smi`` or CuPy names them, without their serial numbers."""
    listed = re.sub(r" \(UUID: .*?\)", "", run(["nvidia-smi", "-L"]) or "")
    lines = [line for line in listed.splitlines() if re.match(r"GPU \d+: ", line)]
    return "\n".join(lines or info.gpus()) or None


def get_nvidia_driver_version() -> str | None:
    """The version of NVIDIA's driver."""
    return _match(["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"], r"^(\d[\d.]*)")


def get_running_cuda_version() -> str | None:
    """The version of the CUDA toolkit that is installed, if any. CuPy may bring its own libraries."""
    return _match(["nvcc", "--version"], r"release .+ V(.*)")


def get_cudnn_version() -> str | None:
    """Where cuDNN lies, if it is installed. Glasstorch does not use it."""
    files = re.findall(r"=> (\S*libcudnn\.so\S*)", run(["ldconfig", "-p"]) or "")
    return ", ".join(sorted({os.path.realpath(f) for f in files})) or None


# ------------------------------------------------------------------ libraries
def get_blas() -> str | None:
    """The matrix library that NumPy uses: by threadpoolctl, which also knows its threads, else by NumPy's own build."""
    try:
        from threadpoolctl import threadpool_info  # type: ignore[import-untyped, import-not-found, unused-ignore]

        found = [
            f"{lib['internal_api']} {lib.get('version') or ''}".strip() + f" ({lib['num_threads']} threads)"
            for lib in threadpool_info()
            if lib["user_api"] == "blas"
        ]
        if found:
            return ", ".join(found)
    except Exception:  # an optional package: whatever is wrong with it, NumPy's build still tells
        pass
    try:
        import numpy as np

        built = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
        return f"{built['name']} {built['version']}"
    except (KeyError, TypeError):
        return None


def get_pip_packages() -> tuple[str, str]:
    """("pip3", the installed packages that matter), one ``name==version`` a line."""
    found = set()
    for d in metadata.distributions():
        name, version = d.metadata["Name"], d.version
        if name and version and any(part in name.lower() for part in _PACKAGES):
            found.add(f"{name}=={version}")
    return "pip3", "\n".join(sorted(found, key=str.lower))


def get_conda_packages() -> str | None:
    """The packages that conda installed and that matter; None without conda."""
    listed = run([os.environ.get("CONDA_EXE", "conda"), "list"])
    if listed is None:
        return None
    lines = [line for line in listed.splitlines() if not line.startswith("#")]
    return "\n".join(line for line in lines if any(part in line.lower() for part in _PACKAGES))


def get_threads() -> str:
    """How many processors there are, and how many threads an operation uses."""
    from .. import settings

    here = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{settings.get_num_threads()} of {here} processors"


def get_env_info() -> SystemEnv:
    """All facts, as a named tuple. What could not be found out is None.

    Source: https://pytorch.org/docs/stable/generated/torch.utils.collect_env.get_env_info.html
    """
    from .. import cuda, version

    slow = {
        "gcc_version": lambda: _match(["gcc", "--version"], r"gcc (.*)"),
        "clang_version": lambda: _match(["clang", "--version"], r"clang version (.*)"),
        "cmake_version": lambda: _match(["cmake", "--version"], r"cmake (.*)"),
        "cuda_runtime_version": get_running_cuda_version, "nvidia_driver_version": get_nvidia_driver_version,
        "nvidia_gpu_models": get_gpu_info, "cudnn_version": get_cudnn_version, "conda_packages": get_conda_packages,
        "cpu_info": get_cpu_info,
    }  # fmt: skip
    with ThreadPoolExecutor(len(slow)) as pool:  # all at once: the report takes as long as the slowest tool
        asked = {name: pool.submit(fn) for name, fn in slow.items()}
        facts: dict[str, Any] = {name: answer.result() for name, answer in asked.items()}
    available = cuda.is_available()
    pip_version, pip_packages = get_pip_packages()
    variables = [f"{name}={os.environ[name]}" for name in _VARIABLES if os.environ.get(name)]
    return SystemEnv(
        torch_version=version.__version__,
        is_debug_build=str(version.debug),
        cuda_compiled_version=version.cuda,
        os=get_os(),
        libc_version=get_libc_version(),
        python_version=f"{sys.version.replace(chr(10), ' ')} ({sys.maxsize.bit_length() + 1}-bit runtime)",
        python_platform=platform.platform(),
        is_cuda_available=str(available),
        cuda_module_loading=os.environ.get("CUDA_MODULE_LOADING", "") if available else "N/A",
        is_xpu_available="False",
        pip_version=pip_version,
        pip_packages=pip_packages,
        hip_compiled_version="N/A",
        hip_runtime_version="N/A",
        miopen_runtime_version="N/A",
        caching_allocator_config={},
        is_xnnpack_available="N/A",
        numpy_version=info.installed("numpy"),
        blas=get_blas(),
        cupy_version=_cupy_version(),
        threads=get_threads(),
        variables=", ".join(variables),
        **facts,
    )


def _cupy_version() -> str | None:
    from .. import backends

    module = backends.cupy()
    return None if module is None else module.__version__


# ------------------------------------------------------------------ the report
def pretty_str(envinfo: SystemEnv) -> str:
    """The facts as text, in PyTorch's layout."""
    shown = envinfo._asdict()
    on_the_gpu = ("cuda_runtime_version", "nvidia_gpu_models", "nvidia_driver_version")
    if envinfo.is_cuda_available != "True" and all(shown[name] is None for name in on_the_gpu):
        shown |= dict.fromkeys((*on_the_gpu, "cudnn_version"), "No CUDA")
    for name in ("cupy_version", "cuda_compiled_version", "variables"):
        shown[name] = shown[name] or "None"
    if "\n" in (envinfo.nvidia_gpu_models or ""):
        shown["nvidia_gpu_models"] = f"\n{envinfo.nvidia_gpu_models}\n"
    for name, tag in (("pip_packages", envinfo.pip_version), ("conda_packages", "conda")):
        text = "No relevant packages" if shown[name] == "" else shown[name] or "Could not collect"
        shown[name] = "\n".join(f"[{tag}] {line}" for line in text.split("\n"))
    return _LAYOUT.format(**{k: "Could not collect" if v is None else v for k, v in shown.items()})


def get_pretty_env_info() -> str:
    """The report as text."""
    return pretty_str(get_env_info())


def main() -> None:
    """Print the report."""
    sys.stdout.write("Collecting environment information...\n")
    sys.stdout.flush()
    sys.stdout.write(get_pretty_env_info() + "\n")


if __name__ == "__main__":
    main()
