"""Which files a box may read: Python's standard library, the preloaded packages, and shared libraries."""

from __future__ import annotations

import os
import sys
import sysconfig

_PACKAGE_FOLDERS = {"site-packages", "dist-packages"}
_NOT_NEEDED = {*_PACKAGE_FOLDERS, "test", "ensurepip", "idlelib"}
_SYSTEM = ("/etc/ld.so.cache", "/etc/localtime", "/usr/share/zoneinfo", "/dev/null", "/dev/urandom")


def standard_library() -> list[str]:
    """The folders of the standard library."""
    paths = sysconfig.get_paths()
    return list(dict.fromkeys(os.path.realpath(paths[key]) for key in ("stdlib", "platstdlib")))


def readable_paths(own_package: str) -> list[str]:
    """Files and folders to open to a box, once everything to preload is imported.

    Installed packages that were not imported stay hidden, as does `own_package`, whose code is
    already in memory.
    """
    library = standard_library()
    paths = [
        entry.path for folder in library for entry in os.scandir(folder) if entry.name not in _NOT_NEEDED
    ]
    paths += _preloaded_packages(library, own_package)
    paths += _shared_libraries(library)
    paths += _SYSTEM
    return sorted({os.path.realpath(path) for path in paths if os.path.exists(path)})


def loader_links() -> dict[str, str]:
    """Links a private root needs besides: the loader's path in every program goes through /lib or /lib64."""
    return {path: os.path.realpath(path) for path in ("/lib", "/lib64") if os.path.islink(path)}


def _preloaded_packages(library: list[str], own_package: str) -> list[str]:
    found = []
    for name, module in list(sys.modules.items()):
        if "." in name or name in sys.stdlib_module_names or name in (own_package, "__main__"):
            continue
        places = list(getattr(module, "__path__", [])) or [getattr(module, "__file__", None)]
        for place in filter(None, places):
            if not any(_inside(place, folder) and not _in_packages(place) for folder in library):
                found.append(place)
                # auditwheel puts a wheel's shared libraries beside the package, in `NAME.libs`
                found.append(os.path.join(os.path.dirname(place), f"{name}.libs"))
    return found


def _shared_libraries(library: list[str]) -> list[str]:
    """Folders the mapped shared objects come from; only the objects in them when Python lives there too."""
    try:
        with open("/proc/self/maps", encoding="utf-8", errors="replace") as maps:
            mapped = {line.split(maxsplit=5)[-1].strip() for line in maps if ".so" in line}
    except OSError:
        return []
    found: list[str] = []
    for folder in sorted({os.path.dirname(path) for path in mapped if path.startswith("/")}):
        if _in_packages(folder) or any(_inside(folder, part) for part in library):
            continue
        if any(_inside(part, folder) for part in library):
            found += (entry.path for entry in os.scandir(folder) if ".so" in entry.name)
        else:
            found.append(folder)
    return found


def _inside(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def _in_packages(path: str) -> bool:
    return any(part in _PACKAGE_FOLDERS for part in path.split("/"))
