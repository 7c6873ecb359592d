"""A save that is stopped leaves the old file whole; one that ends leaves a file as ``open()`` would have made it."""

from __future__ import annotations

import contextlib
import os
import pathlib
import random
import resource
import signal
import stat
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator

import glasstorch
import pytest
from glasstorch import safetensors

OLD = {"w": glasstorch.arange(5.0)}
NEW = {"w": glasstorch.arange(7.0)}


def legacy(obj, path) -> None:
    glasstorch.save(obj, path, _use_new_zipfile_serialization=False)


WRITERS = [
    (glasstorch.save, glasstorch.load),
    (legacy, glasstorch.load),
    (safetensors.save_file, safetensors.load_file),
]
both = pytest.mark.parametrize(("save", "load"), WRITERS, ids=["zip", "legacy", "safetensors"])


def held(load, path) -> int:
    """How many numbers the file holds: which of the two it is."""
    return load(path)["w"].numel()


@pytest.fixture
def folder(tmp_path: pathlib.Path) -> pathlib.Path:
    return tmp_path


@contextlib.contextmanager
def disk_of(nbytes: int) -> Iterator[None]:
    """No file can grow beyond so many bytes: writing then fails as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (nbytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@both
def test_a_full_disk_leaves_the_old_file(save, load, folder: pathlib.Path) -> None:
    path = folder / "m.pt"
    save(OLD, path)
    with disk_of(20_000), pytest.raises(OSError, match="too large"):
        save({"w": glasstorch.zeros(100_000)}, path)
    assert held(load, path) == 5
    assert os.listdir(folder) == ["m.pt"]
    with disk_of(20_000), pytest.raises(OSError, match="too large"):
        save({"w": glasstorch.zeros(100_000)}, folder / "none_before.pt")
    assert os.listdir(folder) == ["m.pt"]


def test_a_full_disk_leaves_a_stream_without_a_directory(folder: pathlib.Path) -> None:
    with disk_of(20_000), open(folder / "m.pt", "wb", buffering=0) as stream:
        with pytest.raises(OSError, match="too large"):
            glasstorch.save({"w": glasstorch.zeros(100_000)}, stream)
        stream.truncate(10_000)
        stream.seek(0, os.SEEK_END)
    with pytest.raises(RuntimeError, match="failed finding central directory"):
        glasstorch.load(folder / "m.pt")


@pytest.mark.parametrize("new", [True, False])
def test_what_cannot_be_pickled_leaves_the_old_file(new: bool, folder: pathlib.Path) -> None:
    path = folder / "m.pt"
    glasstorch.save(OLD, path)
    with pytest.raises(Exception, match="pickle"):
        glasstorch.save([glasstorch.ones(3), lambda: 1], path, _use_new_zipfile_serialization=new)
    assert held(glasstorch.load, path) == 5
    assert os.listdir(folder) == ["m.pt"]


@both
def test_an_interrupt_leaves_the_old_file(
    save, load, folder: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = folder / "m.pt"
    save(OLD, path)

    def stop(descriptor: int) -> None:
        raise KeyboardInterrupt  # Ctrl-C when all is written, and has not yet the name

    monkeypatch.setattr(os, "fsync", stop)
    with pytest.raises(KeyboardInterrupt):
        save(NEW, path)
    assert held(load, path) == 5
    assert os.listdir(folder) == ["m.pt"]


#: Saves one state after the other, all numbers of one alike, and says so before the first.
SAVER = """
    import sys
    import glasstorch as torch
    from glasstorch import safetensors
    kind, path = sys.argv[1:]
    state = {f"layer{k}": torch.zeros(40_000) for k in range(4)}
    turn = 0
    while True:
        turn += 1
        for t in state.values():
            t.fill_(turn)
        if kind == "safetensors":
            safetensors.save_file(state, path)
        else:
            torch.save(state, path, _use_new_zipfile_serialization=kind == "zip")
        if turn == 1:
            print("begun", flush=True)
"""


@pytest.mark.parametrize("kind", ["zip", "safetensors"])
def test_a_program_killed_while_it_saves_leaves_a_whole_file(kind: str, folder: pathlib.Path) -> None:
    path, chance = folder / "m.pt", random.Random(0)
    load = safetensors.load_file if kind == "safetensors" else glasstorch.load
    for _ in range(2 if kind == "zip" else 1):
        with subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(SAVER), kind, str(path)], stdout=subprocess.PIPE, text=True
        ) as saver:
            assert saver.stdout is not None
            assert saver.stdout.readline() == "begun\n"
            for _ in range(4):  # a reader finds a whole file at any moment
                time.sleep(chance.uniform(0, 0.03))
                assert len({float(v) for t in load(path).values() for v in (t.min(), t.max())}) == 1
            saver.send_signal(signal.SIGKILL)
        assert len({float(v) for t in load(path).values() for v in (t.min(), t.max())}) == 1
    # Nothing is left where the system has files without a name; elsewhere, nothing that looks like a checkpoint.
    litter = set(os.listdir(folder)) - {"m.pt"}
    assert all(name.startswith(".m.pt.") and name.endswith(".part") for name in litter)


@both
def test_without_files_that_have_no_name(
    save, load, folder: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "O_TMPFILE", raising=False)
    for state, count in ((OLD, 5), (NEW, 7)):
        save(state, folder / "m.pt")
        assert held(load, folder / "m.pt") == count
    with disk_of(20_000), pytest.raises(OSError, match="too large"):
        save({"w": glasstorch.zeros(100_000)}, folder / "m.pt")
    assert held(load, folder / "m.pt") == 7
    assert os.listdir(folder) == ["m.pt"]


@both
def test_links_stay_links(save, load, folder: pathlib.Path) -> None:
    (folder / "far").mkdir()
    link, step, real = folder / "latest.pt", folder / "far" / "step.pt", folder / "real.pt"
    link.symlink_to("far/step.pt")
    step.symlink_to("../real.pt")
    save(OLD, link)  # both links lead to nothing yet
    assert held(load, real) == 5
    save(NEW, link)
    assert link.is_symlink()
    assert step.is_symlink()
    assert not real.is_symlink()
    assert held(load, real) == 7
    assert sorted(os.listdir(folder)) == ["far", "latest.pt", "real.pt"]
    assert os.listdir(folder / "far") == ["step.pt"]


@both
def test_a_second_name_of_the_file_keeps_the_old_contents(save, load, folder: pathlib.Path) -> None:
    save(OLD, folder / "m.pt")
    os.link(folder / "m.pt", folder / "kept.pt")
    save(NEW, folder / "m.pt")
    assert held(load, folder / "m.pt") == 7
    assert held(load, folder / "kept.pt") == 5


@both
def test_the_mode_is_kept_and_a_new_file_has_that_of_open(save, load, folder: pathlib.Path) -> None:
    before = os.umask(0o027)
    try:
        save(OLD, folder / "m.pt")
        with open(folder / "opened", "wb"):
            pass
    finally:
        os.umask(before)
    modes = [stat.S_IMODE((folder / name).stat().st_mode) for name in ("m.pt", "opened")]
    assert modes == [0o640, 0o640]
    os.chmod(folder / "m.pt", 0o604)
    save(NEW, folder / "m.pt")
    assert stat.S_IMODE((folder / "m.pt").stat().st_mode) == 0o604


@contextlib.contextmanager
def somebody_else() -> Iterator[None]:
    """As a user to whom the rights of files apply: root may write everywhere."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@both
def test_a_folder_where_no_file_can_be_made(save, load, folder: pathlib.Path) -> None:
    mine, others = folder / "mine.pt", folder / "others.pt"
    for path in (mine, others):
        save(OLD, path)
    os.chmod(others, 0o444)
    if os.geteuid() == 0:
        os.chown(mine, 65534, 65534)
        for parent in folder.parents[:3]:
            os.chmod(parent, 0o755)
    os.chmod(folder, 0o555)
    try:
        with somebody_else():
            save(NEW, mine)
            for path in (folder / "new.pt", others):
                with pytest.raises(PermissionError) as refused:
                    save(NEW, path)
                assert os.fspath(refused.value.filename) == str(path)
    finally:
        os.chmod(folder, 0o755)
    assert sorted(os.listdir(folder)) == ["mine.pt", "others.pt"]
    assert held(load, mine) == 7
    assert held(load, others) == 5


def test_a_file_that_cannot_be_replaced_is_overwritten(
    folder: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = folder / "m.pt"
    glasstorch.save(OLD, path)
    inode = path.stat().st_ino

    def busy(*names: str) -> None:
        raise OSError(16, "Device or resource busy")  # as for a file that is mounted by itself

    monkeypatch.setattr(os, "replace", busy)
    glasstorch.save(NEW, path)
    assert held(glasstorch.load, path) == 7
    assert path.stat().st_ino == inode
    assert os.listdir(folder) == ["m.pt"]


def test_pipes_and_devices_stay_what_they_are(folder: pathlib.Path) -> None:
    pipe = folder / "pipe"
    os.mkfifo(pipe)
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()))
    reader.start()
    glasstorch.save(NEW, pipe)
    reader.join(10)
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    (folder / "out.pt").write_bytes(got[0])
    assert held(glasstorch.load, folder / "out.pt") == 7
    glasstorch.save(NEW, "/dev/null")
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)
    with pytest.raises(OSError, match="No space left"):
        glasstorch.save(NEW, "/dev/full")
    with pytest.raises(IsADirectoryError):
        glasstorch.save(NEW, folder)


@pytest.mark.skipif(not os.path.exists("/dev/stdout"), reason="no /dev/stdout here")
def test_standard_output_into_a_file(folder: pathlib.Path) -> None:
    program = "import glasstorch as torch; torch.save({'w': torch.ones(7)}, '/dev/stdout')"
    with open(folder / "m.pt", "wb") as out:
        subprocess.run([sys.executable, "-c", program], stdout=out, check=True)
        assert os.fstat(out.fileno()).st_ino == (folder / "m.pt").stat().st_ino
    assert held(glasstorch.load, folder / "m.pt") == 7


def test_saving_over_the_file_that_is_mapped(folder: pathlib.Path) -> None:
    path = folder / "m.pt"
    glasstorch.save({"w": glasstorch.arange(100_000.0)}, path)
    mapped = glasstorch.load(path, mmap=True)
    mapped["w"][0] = -1
    glasstorch.save(mapped, path)
    glasstorch.save(NEW, path)
    assert mapped["w"][[0, 99_999]].tolist() == [-1, 99_999]
    assert held(glasstorch.load, path) == 7


def test_names_at_their_limits(folder: pathlib.Path) -> None:
    longest = folder / ("é" * 126 + ".p")
    for state in (OLD, NEW):
        glasstorch.save(state, longest)
    assert held(glasstorch.load, longest) == 7
    here = os.getcwd()
    try:
        os.chdir(folder)
        glasstorch.save(NEW, "bare.pt")
        safetensors.save_file(NEW, b"bare.safetensors")
    finally:
        os.chdir(here)
    assert sorted(os.listdir(folder)) == sorted(["bare.pt", "bare.safetensors", longest.name])
