"""Unpacking archives, hostile ones too; downloading by address; lists of files; checks of arguments."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import tarfile
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.error import HTTPError

import pytest
from glasstorch.vision.datasets import archives, utils
from glasstorch.vision.datasets.archives import UnsafeArchiveError
from support.image_sets import md5, outcome
from support.torchvision_reference import torchvision
from support.web import Page, web_server

theirs = torchvision.datasets.utils
PACKERS = {".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress}
FILES = {"a.txt": b"alpha", "folder/b.txt": b"beta" * 1000, "folder/deep/c": b""}


def same(name, *args, **kwargs):
    ours, real = (outcome(getattr(E, name), *args, **kwargs) for E in (utils, theirs))
    assert ours == real
    return ours


def tree(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def tar_bytes(entries, mode="w"):
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode=mode) as tar:
        for entry, content in entries:
            info = tarfile.TarInfo(entry) if isinstance(entry, str) else entry
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return held.getvalue()


def link(name, goal, kind=tarfile.SYMTYPE):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, goal
    return info, b""


def pack(path, files=None):
    files = FILES if files is None else files
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as z:
            for name, content in files.items():
                z.writestr(name, content)
    else:
        kind = {".tgz": ".gz", ".tbz": ".bz2", ".tbz2": ".bz2"}.get(path.suffix, path.suffix)
        path.write_bytes(PACKERS.get(kind, bytes)(tar_bytes(files.items())))
    return path


KINDS = ["x.zip", "x.tar", "x.tar.gz", "x.tgz", "x.tar.bz2", "x.tbz", "x.tbz2", "x.tar.xz"]


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("remove", [False, True])
def test_archives(tmp_path, name, remove):
    for E in (utils, theirs):
        path = pack(tmp_path / name)
        goal = tmp_path / E.__name__
        assert E.extract_archive(str(path), str(goal), remove) == str(goal)
        assert path.exists() is not remove
        assert tree(goal) == FILES
    path = pack(tmp_path / "here" / name) if (tmp_path / "here").mkdir() is None else None
    assert utils.extract_archive(path) == path.parent
    assert {k: v for k, v in tree(path.parent).items() if k != name} == FILES


@pytest.mark.parametrize("suffix", PACKERS)
def test_compressed_files(tmp_path, suffix):
    path = tmp_path / f"x.bin{suffix}"
    path.write_bytes(PACKERS[suffix](b"content" * 1000))
    for E in (utils, theirs):
        assert E.extract_archive(path) == tmp_path / "x.bin"
        assert (tmp_path / "x.bin").read_bytes() == b"content" * 1000
        (tmp_path / "x.bin").unlink()
    assert utils.extract_archive(str(path), remove_finished=True) == str(tmp_path / "x.bin")
    assert os.listdir(tmp_path) == ["x.bin"]


@pytest.mark.parametrize("name", ["x", "x.7z", "x.tar.zst", "x.rar.", "folder.tar/x"])
def test_names_that_say_nothing(tmp_path, name):
    assert same("extract_archive", tmp_path / name)[0] == "RuntimeError"


def test_what_is_there_is_kept_and_replaced(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder/old").write_text("old")
    (tmp_path / "folder/b.txt").write_text("older")
    utils.extract_archive(pack(tmp_path / "x.zip"))
    assert tree(tmp_path / "folder") == {"old": b"old", "b.txt": b"beta" * 1000, "deep/c": b""}
    utils.extract_archive(pack(tmp_path / "x.tar", {"a.txt": b"new"}))
    assert (tmp_path / "a.txt").read_bytes() == b"new"


@pytest.mark.parametrize("name", ["x.zip", "x.tgz"])
def test_several_at_once(tmp_path, name):
    files = {f"{a}/{b}/{c}": bytes([a, b, c]) for a in range(3) for b in range(4) for c in range(5)}
    path = pack(tmp_path / name, files)
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: utils.extract_archive(path, tmp_path / "goal"), range(12)))
    assert tree(tmp_path / "goal") == files
    assert [p.name for p in (tmp_path / "goal").iterdir() if p.name.startswith(".")] == []


# ---------------------------------------------------------------- hostile and damaged
def nothing_but(folder, *names):
    assert sorted(p.name for p in folder.iterdir()) == sorted(names)


@pytest.mark.parametrize(
    "name", ["../evil", "/tmp/evil-of-glasstorch", "a/../../evil", "a\\..\\..\\evil", ".."]
)
@pytest.mark.parametrize("kind", ["x.zip", "x.tar", "x.tar.gz"])
def test_entries_that_lead_outside(tmp_path, name, kind):
    home = tmp_path / "home"
    home.mkdir()
    path = pack(home / kind, {"good": b"1", name: b"2"})
    with pytest.raises(UnsafeArchiveError, match="would land outside its folder"):
        utils.extract_archive(path)
    nothing_but(home, kind)
    nothing_but(tmp_path, "home")
    assert not Path("/tmp/evil-of-glasstorch").exists()


@pytest.mark.parametrize(
    "entries",
    [
        [link("out", "/etc"), ("out/x", b"evil")],
        [link("out", ".."), ("out/x", b"evil")],
        [link("a", "."), link("a/b", ".."), ("a/b/x", b"evil")],
        [link("out", "../outside")],
        [link("out", "/etc/passwd")],
        [("d/e/f", b""), ("s/g", b""), link("d/e/x", "../../s"), link("y", "d/e/x/../..")],
        [link("out", "../outside/secret", tarfile.LNKTYPE)],
        [link("s", "../outside/secret"), link("h", "s", tarfile.LNKTYPE)],
        [link("loop", "loop")],
        [link("nowhere", "missing")],
    ],
)
def test_links_that_lead_outside(tmp_path, entries):
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/secret").write_text("secret")
    home = tmp_path / "home"
    home.mkdir()
    path = home / "x.tar"
    path.write_bytes(tar_bytes(entries))
    with pytest.raises((RuntimeError, OSError)) as e:
        utils.extract_archive(path)
    assert "x.tar" in str(e.value) or isinstance(e.value, OSError)
    nothing_but(home, "x.tar")
    assert tree(tmp_path / "outside") == {"secret": b"secret"}


def test_links_within_are_kept(tmp_path):
    path = tmp_path / "x.tar"
    entries = [link("here", "folder/b.txt"), link("folder/up", "../a.txt"), *FILES.items()]
    path.write_bytes(tar_bytes([*entries, link("hard", "a.txt", tarfile.LNKTYPE)]))
    goal = tmp_path / "goal"
    utils.extract_archive(path, goal)
    assert os.readlink(goal / "folder/up") == "../a.txt"
    assert (goal / "here").read_bytes() == FILES["folder/b.txt"]
    assert (goal / "hard").read_bytes() == FILES["a.txt"]


def test_devices_are_refused(tmp_path):
    path = tmp_path / "x.tar"
    path.write_bytes(tar_bytes([link("null", "", tarfile.CHRTYPE)]))
    with pytest.raises(RuntimeError, match=r"x\.tar"):
        utils.extract_archive(path)
    nothing_but(tmp_path, "x.tar")


def test_zip_links_come_out_as_files(tmp_path):
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as z:
        entry = zipfile.ZipInfo("out")
        entry.external_attr = 0o120777 << 16
        z.writestr(entry, "/etc")
    utils.extract_archive(path)
    assert not (tmp_path / "out").is_symlink()


@pytest.mark.parametrize("kind", ["x.zip", "x.tar.gz", "x.bin.gz", "x.bin.xz", "x.bin.bz2"])
def test_bombs(tmp_path, monkeypatch, kind):
    monkeypatch.setattr(archives, "BOMB_BYTES", 1 << 20)
    path = tmp_path / kind
    zeros = bytes(8 << 20)
    if ".bin" in kind:
        path.write_bytes(PACKERS[path.suffix](zeros))
    else:
        pack(path, {"zeros": zeros})
    with pytest.raises(UnsafeArchiveError, match="no data set does that"):
        utils.extract_archive(path)
    nothing_but(tmp_path, kind)


def test_a_disk_that_is_too_small(tmp_path, monkeypatch):
    free = type("Usage", (), {"free": 100})()
    monkeypatch.setattr(archives.shutil, "disk_usage", lambda folder: free)
    with pytest.raises(OSError, match=r"unpacking needs more than the 100 B"):
        utils.extract_archive(pack(tmp_path / "x.zip"))
    nothing_but(tmp_path, "x.zip")


@pytest.mark.parametrize("kind", [*KINDS, "x.bin.gz", "x.bin.xz", "x.bin.bz2"])
@pytest.mark.parametrize("damage", [lambda b: b"<html>", lambda b: b[: len(b) // 2], lambda b: b""])
def test_damaged_archives(tmp_path, kind, damage):
    path = tmp_path / kind
    if ".bin" in kind:
        path.write_bytes(PACKERS[path.suffix](bytes(range(256)) * 100))
    else:
        pack(path, {"a": bytes(range(256)) * 100})
    path.write_bytes(damage(path.read_bytes()))
    if kind == "x.bin.gz" and not path.stat().st_size:
        return  # gzip takes nothing for nothing
    with pytest.raises((RuntimeError, OSError), match=r"x\."):
        utils.extract_archive(path)
    nothing_but(tmp_path, kind)


# ---------------------------------------------------------------- downloading by address
@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with web_server() as running:
        yield running


def test_download_url(server, tmp_path):
    server.pages["x.bin"] = Page(b"content", drops=[3], etag='"a"')
    utils.download_url(
        server.url("x.bin"), str(tmp_path / "new"), "y.bin", "9a0364b9e99bb480dd25e1f0284c8555"
    )
    assert tree(tmp_path) == {"new/y.bin": b"content"}
    count = len(server.asked)
    utils.download_url(server.url("x.bin"), tmp_path / "new", "y.bin")
    assert len(server.asked) == count
    utils.download_url(server.url("x.bin"), tmp_path)
    with pytest.raises(RuntimeError, match=r"^File not found or corrupted\.") as e:
        utils.download_url(server.url("x.bin"), tmp_path, md5="0" * 32)
    assert server.url("x.bin") in str(e.value)
    with pytest.raises(HTTPError, match="404") as e:
        utils.download_url(server.url("none"), tmp_path)
    assert f"put it into {tmp_path}" in e.value.__notes__[0]
    for i in range(5):
        server.pages[f"{i}"] = Page(status=301, location=f"/{i + 1}")
    with pytest.raises(RecursionError, match="exceeded 2 redirects"):
        utils.download_url(server.url("0"), tmp_path, max_redirect_hops=2)


def test_download_and_extract(server, tmp_path):
    path = pack(tmp_path / "x.tar.gz")
    server.pages["x.tar.gz"] = Page(path.read_bytes())
    utils.download_and_extract_archive(
        server.url("x.tar.gz"), tmp_path / "in", tmp_path / "out", md5=md5(path), remove_finished=True
    )
    assert tree(tmp_path / "in") == {}
    assert tree(tmp_path / "out") == FILES
    utils.download_and_extract_archive(server.url("x.tar.gz"), tmp_path / "in", filename="z.tgz")
    assert set(tree(tmp_path / "in")) == {"z.tgz", *FILES}


def test_google_drive(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "gdown", None)
    url = "https://drive.google.com/file/d/1abcDEF/view?usp=sharing"
    assert utils.google_drive_id(url) == theirs._get_google_drive_file_id(url) == "1abcDEF"
    for other in ("https://drive.google.com/x", "https://example.com/file/d/1abcDEF/view"):
        assert utils.google_drive_id(other) is theirs._get_google_drive_file_id(other) is None
    ours, real = (
        outcome(E.download_file_from_google_drive, "1abc", tmp_path, "a.zip", "0" * 32)
        for E in (utils, theirs)
    )
    assert ours == real
    with pytest.raises(
        RuntimeError, match=r"drive\.google\.com/file/d/1abcDEF/view in a browser .* as .*y\.bin \(md5 00"
    ):
        utils.download_url(url, tmp_path, "y.bin", md5="00")


# ---------------------------------------------------------------- the rest
def test_sums_and_lists(tmp_path):
    for name in ("a.png", "b.jpg", "c.png.txt"):
        (tmp_path / name).write_text(name)
    (tmp_path / "d.png").mkdir()
    same("calculate_md5", tmp_path / "a.png")
    for args in (
        (tmp_path / "a.png",),
        (tmp_path / "a.png", md5(tmp_path / "a.png")),
        (tmp_path / "a.png", "0"),
        (tmp_path,),
        ("no",),
    ):
        same("check_integrity", *args)
    same("check_md5", tmp_path / "a.png", "0")
    for args in (
        (tmp_path, ".png"),
        (tmp_path, (".png", ".jpg"), True),
        (str(tmp_path), ".txt", True),
        (tmp_path, ".x"),
    ):
        same("list_files", *args)
    same("list_dir", tmp_path)
    same("list_dir", str(tmp_path), True)


@pytest.mark.parametrize(
    "args",
    [
        ("a",),
        (3,),
        (3, "split"),
        (b"a", "split", ("a",)),
        ("a", "split", ("a", "b")),
        ("c", "split", ("a", "b")),
        ("c", None, ["a"]),
        ("c", "split", ("a",), "my words"),
        (None, "split", ("a",), "my words"),
        ("a", "split", "abc"),
    ],
)
def test_verify_str_arg(args):
    same("verify_str_arg", *args)
