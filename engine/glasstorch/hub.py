"""Pretrained models: files of weights from the web, and models described by a ``hubconf.py``.

Downloads are kept where PyTorch keeps them, ``$TORCH_HOME/hub`` (by default ``~/.cache/torch/hub``), so a file
that PyTorch has fetched is found here, and the other way round. Source: https://pytorch.org/docs/stable/hub.html
"""

from __future__ import annotations

import builtins
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

from .core.frames import warn
from .serialization import load as _load_file
from .utils.download import download

__all__ = ["download_url_to_file", "get_dir", "help", "list", "load", "load_state_dict_from_url", "set_dir"]

HASH_REGEX = re.compile(r"-([a-f0-9]*)\.")  # f37072fd in resnet18-f37072fd.pth
TRUSTED_OWNERS = ("facebookresearch", "facebookincubator", "pytorch", "fairinternal")

_hub_dir: str | None = None


def get_dir() -> str:
    """The folder of downloads: what ``set_dir`` said, else ``$TORCH_HOME/hub``.

    ``$TORCH_HOME`` is by default ``$XDG_CACHE_HOME/torch``, and that is by default ``~/.cache/torch``.
    """
    if os.getenv("TORCH_HUB"):
        warn("TORCH_HUB is deprecated, please use env TORCH_HOME instead")
    return os.path.join(_get_torch_home(), "hub") if _hub_dir is None else _hub_dir


def set_dir(d: str | os.PathLike) -> None:
    """Keep downloads in the folder ``d`` from now on."""
    global _hub_dir
    _hub_dir = os.path.expanduser(d)


def _get_torch_home() -> str:
    cache = os.getenv("XDG_CACHE_HOME", "~/.cache")
    return os.path.expanduser(os.getenv("TORCH_HOME", os.path.join(cache, "torch")))


def download_url_to_file(url: str, dst: str, hash_prefix: str | None = None, progress: bool = True) -> None:
    """Bring the file at ``url`` to the path ``dst``, which is written only once all of it is there.

    Args:
        hash_prefix: what the file's SHA256 checksum begins with; another one is a RuntimeError.
        progress: show on stderr how far it is.
    """
    download(url, os.path.expanduser(dst), checksum=hash_prefix, progress=progress)


def load_state_dict_from_url(
    url: str,
    model_dir: str | None = None,
    map_location: Any = None,
    progress: bool = True,
    check_hash: bool = False,
    file_name: str | None = None,
    weights_only: bool = True,
) -> dict[str, Any]:
    """What the file at ``url`` holds, as ``load`` gives it; downloaded only when it is not in ``model_dir`` yet.

    Args:
        model_dir: where files are kept; by default ``checkpoints`` in the folder of ``get_dir()``.
        map_location: on which device the tensors go, as in ``load``.
        progress: show on stderr how far the download is.
        check_hash: the file's name ends in the first digits of its SHA256 checksum (``resnet18-f37072fd.pth``):
            check a download against them.
        file_name: the file's name here, if it is not to be the last part of ``url``.
        weights_only: refuse everything that is not plain data. PyTorch asks for this; here, as in ``load``, code in a
            file runs only when told to (``weights_only=False``).

    Raises:
        OSError: the file is not there and cannot be downloaded; the message says where to put it.
        RuntimeError: the checksum is another one.
    """
    from urllib.parse import urlparse

    if os.getenv("TORCH_MODEL_ZOO"):
        warn("TORCH_MODEL_ZOO is deprecated, please use env TORCH_HOME instead")
    folder = Path(os.path.join(get_dir(), "checkpoints") if model_dir is None else model_dir)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / (os.path.basename(urlparse(url).path) if file_name is None else file_name)
    if not path.exists():
        named = HASH_REGEX.search(path.name) if check_hash else None
        sys.stdout.write(f'Downloading: "{url}" to {path}\n')
        download_url_to_file(url, str(path), named and named.group(1), progress=progress)
    return _read(path, folder, map_location, weights_only)


def _read(path: Path, folder: Path, map_location: Any, weights_only: bool) -> dict[str, Any]:
    """Load a file; some of PyTorch's first files are packed into a zip archive once more."""
    import zipfile

    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if len(members) == 1 and not members[0].is_dir():
                warn(
                    "This file was written before PyTorch 1.6 and packed again; save it anew with save().",
                    FutureWarning,
                )
                _unzip(archive, folder)
                path = folder / members[0].filename
    return _load_file(path, map_location=map_location, weights_only=weights_only)


def _unzip(archive: Any, folder: Path) -> None:
    """Unpack into a folder, and nowhere else."""
    home = folder.resolve()
    for member in archive.infolist():
        if not (home / member.filename).resolve().is_relative_to(home):
            raise ValueError(f"Archive entry escapes target directory: {member.filename}")
    archive.extractall(folder)


# ---- hubconf.py ------------------------------------------------------------------------------------------------------


def list(
    github: str,
    force_reload: bool = False,
    skip_validation: bool = False,
    trust_repo: bool | str = "check",
    verbose: bool = True,
) -> builtins.list[str]:
    """The names that a repository's ``hubconf.py`` offers to ``load``. Arguments as there."""
    folder = _repository(github, force_reload, trust_repo, verbose, skip_validation)
    conf = _hubconf(folder)
    return [name for name in dir(conf) if callable(getattr(conf, name)) and not name.startswith("_")]


def help(
    github: str,
    model: str,
    force_reload: bool = False,
    skip_validation: bool = False,
    trust_repo: bool | str = "check",
) -> str | None:
    """The docstring of what a repository's ``hubconf.py`` offers as ``model``. Arguments as for ``load``."""
    folder = _repository(github, force_reload, trust_repo, True, skip_validation)
    return _entry(_hubconf(folder), model).__doc__


def load(
    repo_or_dir: str,
    model: str,
    *args: Any,
    source: str = "github",
    trust_repo: bool | str = "check",
    force_reload: bool = False,
    verbose: bool = True,
    skip_validation: bool = False,
    **kwargs: Any,
) -> Any:
    """Call ``model(*args, **kwargs)`` of the ``hubconf.py`` in a folder or a repository.

    A ``hubconf.py`` written for PyTorch imports ``torch``; under ``glasstorch run`` that is Glasstorch.

    Args:
        repo_or_dir: a folder, or "owner/name" or "owner/name:branch" at GitHub.
        source: "local" for a folder, "github" for a repository.
        trust_repo: True, or "check" to be asked before the first download from an owner that PyTorch does not
            trust, or False to be asked always. The code of a repository runs with all that you may do.
        force_reload: download the repository again.
        verbose: say when an earlier download is used.
        skip_validation: taken as PyTorch takes it; the branch is not looked up in either case.
    """
    source = source.lower()
    if source not in ("github", "local"):
        raise ValueError(f'Unknown source: "{source}". Allowed values: "github" | "local".')
    if source == "github":
        repo_or_dir = _repository(repo_or_dir, force_reload, trust_repo, verbose, skip_validation)
    return _entry(_hubconf(repo_or_dir), model)(*args, **kwargs)


@contextmanager
def _on_path(folder: str) -> Iterator[None]:
    sys.path.insert(0, folder)
    try:
        yield
    finally:
        sys.path.remove(folder)


def _hubconf(folder: str) -> ModuleType:
    spec = spec_from_file_location("hubconf.py", os.path.join(folder, "hubconf.py"))
    assert spec is not None
    assert spec.loader is not None
    conf = module_from_spec(spec)
    with _on_path(folder):
        spec.loader.exec_module(conf)
    return conf


def _entry(conf: ModuleType, model: str) -> Callable[..., Any]:
    if not isinstance(model, str):
        raise ValueError("Invalid input: model should be a string of function name")
    missing = [name for name in getattr(conf, "dependencies", None) or () if find_spec(name) is None]
    if missing:
        raise RuntimeError(f"Missing dependencies: {', '.join(missing)}")
    entry = getattr(conf, model, None)
    if not callable(entry):
        raise RuntimeError(f"Cannot find callable {model} in hubconf")
    return entry


def _repository(
    github: str, force_reload: bool, trust_repo: Any, verbose: bool, skip_validation: bool
) -> str:
    """The folder of a repository, downloaded unless it is there."""
    import shutil
    import zipfile

    home = Path(get_dir())
    home.mkdir(parents=True, exist_ok=True)
    owner, name, ref = _owner_name_ref(github, home)
    folder = home / f"{owner}_{name}_{ref.replace('/', '_')}"
    _ask_for_trust(home, owner, f"{owner}_{name}", folder.name, trust_repo)
    if folder.exists() and not force_reload:
        if verbose:
            sys.stderr.write(f"Using cache found in {folder}\n")
        return str(folder)
    packed = home / f"{folder.name}.zip"
    url = f"https://github.com/{owner}/{name}/zipball/{ref}"
    sys.stdout.write(f'Downloading: "{url}" to {packed}\n')
    download(url, packed, progress=False)
    try:
        with zipfile.ZipFile(packed) as archive:
            inner = home / archive.namelist()[0].split("/")[0]
            _unzip(archive, home)
    finally:
        packed.unlink()
    if folder.exists():
        shutil.rmtree(folder)
    inner.rename(folder)
    return str(folder)


def _owner_name_ref(github: str, home: Path) -> tuple[str, str, str]:
    """Owner, name and branch; without one, main where there is one, else master."""
    from urllib.error import HTTPError, URLError
    from urllib.request import urlopen

    repository, _, ref = github.partition(":")
    owner, name = repository.split("/")
    if ref:
        return owner, name, ref
    try:
        with urlopen(f"https://github.com/{owner}/{name}/tree/main/", timeout=30):
            return owner, name, "main"
    except HTTPError as error:
        if error.code != 404:
            raise
        return owner, name, "master"
    except URLError as error:
        for ref in ("main", "master"):
            if (home / f"{owner}_{name}_{ref}").exists():
                return owner, name, ref
        raise RuntimeError(
            f"It looks like there is no internet connection and the repo could not be found in the cache ({home}). "
            f"Without a network: unpack it there as {owner}_{name}_main."
        ) from error


def _ask_for_trust(home: Path, owner: str, repository: str, folder: str, trust_repo: Any) -> None:
    """Running a stranger's code needs a yes; it is kept in ``trusted_list`` in the folder of downloads."""
    known = home / "trusted_list"
    known.touch()
    trusted = repository in known.read_text().split() or (home / folder).is_dir() or owner in TRUSTED_OWNERS
    if trust_repo is False or (trust_repo == "check" and not trusted):
        answer = input(
            f"The code of {repository} would run with all your rights, and it is not on the list of trusted "
            "repositories. Do you trust it and wish to add it to that list (y/N)? "
        ).lower()
        if answer in ("n", "no", ""):
            raise Exception("Untrusted repository.")
        if answer not in ("y", "yes"):
            raise ValueError(f"Unrecognized response {answer}.")
    if not trusted:
        with known.open("a") as f:
            f.write(repository + "\n")
