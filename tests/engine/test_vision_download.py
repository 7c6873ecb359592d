"""Downloads from a real server that misbehaves: what breaks off is resumed, what is wrong never gets into place."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import random
import signal
import subprocess
import sys
import threading
import time
from urllib.error import HTTPError, URLError

import pytest
from glasstorch.utils import download, progress
from glasstorch.utils.download import ChecksumError, DownloadError
from support.web import Page, web_server

BODY = random.Random(0).randbytes(300_000)
MD5 = hashlib.md5(BODY).hexdigest()
SHA = hashlib.sha256(BODY).hexdigest()


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with web_server() as running:
        yield running


def fetch(urls, target, **options):
    options.setdefault("checksum", SHA)
    options.setdefault("progress", False)
    download.download(urls, target, **options)


def names(folder):
    return sorted(p.name for p in folder.iterdir())


def test_a_whole_file(server, tmp_path):
    server.pages["x.bin"] = Page(BODY)
    target = tmp_path / "new" / "folder" / "x.bin"
    fetch(server.url("x.bin"), target)
    assert target.read_bytes() == BODY
    assert names(target.parent) == ["x.bin"]
    assert target.stat().st_mode & 0o777 == 0o666 & ~_umask()
    fetch(server.url("x.bin"), target, checksum=SHA[:8])
    fetch(server.url("x.bin"), target, checksum=MD5, algorithm="md5")
    fetch(target.as_uri(), tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == BODY


def _umask():
    now = os.umask(0o022)
    os.umask(now)
    return now


@pytest.mark.parametrize("known", [True, False])
def test_dropped_connections_are_resumed(server, tmp_path, known):
    page = server.pages["x.bin"] = Page(BODY, drops=[100_000, 50_000, 1], etag='"v1"')
    fetch(server.url("x.bin"), tmp_path / "x.bin", checksum=SHA if known else None)
    assert (tmp_path / "x.bin").read_bytes() == BODY
    asked = [wanted for _, wanted in server.asked]
    assert asked == [None, "bytes=100000-", "bytes=150000-", "bytes=150001-"]
    assert page.drops == []
    assert names(tmp_path) == ["x.bin"]


@pytest.mark.parametrize("trouble", [{"ranges": False}, {"shift": 7}, {"shift": -7}])
def test_a_server_that_does_not_honour_ranges(server, tmp_path, trouble):
    server.pages["x.bin"] = Page(BODY, drops=[100_000], **trouble)
    fetch(server.url("x.bin"), tmp_path / "x.bin")
    assert (tmp_path / "x.bin").read_bytes() == BODY


def test_no_sum_and_no_name_of_the_version_means_no_resuming(server, tmp_path):
    server.pages["x.bin"] = Page(BODY, drops=[100_000, 100_000])
    with pytest.raises(ConnectionError, match=r"closed the connection after 100000 of 300000 bytes"):
        fetch(server.url("x.bin"), tmp_path / "x.bin", checksum=None)
    assert names(tmp_path) == []
    assert {wanted for _, wanted in server.asked} == {None}


@pytest.mark.parametrize("known", [True, False])
def test_the_next_call_goes_on(server, tmp_path, known):
    sums = {"checksum": SHA if known else None}
    server.pages["x.bin"] = Page(BODY, drops=[100_000, 0], etag='"v1"')
    with pytest.raises(ConnectionError) as e:
        fetch(server.url("x.bin"), tmp_path / "x.bin", **sums)
    part = tmp_path / "x.bin.part"
    kept = f"The 100.0 kB that came are kept in {part}; the next call goes on from there.\n"
    assert e.value.__notes__[0].startswith(kept)
    assert names(tmp_path) == ["x.bin.part", "x.bin.part.json"]
    fetch(server.url("x.bin"), tmp_path / "x.bin", **sums)
    assert server.asked[-1] == ("x.bin", "bytes=100000-")
    assert (tmp_path / "x.bin").read_bytes() == BODY
    assert names(tmp_path) == ["x.bin"]


@pytest.mark.parametrize("known", [True, False])
def test_a_part_of_another_version_is_thrown_away(server, tmp_path, known):
    server.pages["x.bin"] = Page(b"old" * 100_000, drops=[100_000, 0], etag='"v1"')
    with pytest.raises(ConnectionError):
        fetch(server.url("x.bin"), tmp_path / "x.bin", checksum=SHA if known else None)
    server.pages["x.bin"] = Page(BODY, etag='"v2"')
    fetch(server.url("x.bin"), tmp_path / "x.bin", checksum=SHA if known else None)
    assert (tmp_path / "x.bin").read_bytes() == BODY


@pytest.mark.parametrize("part", [b"wrong" * 1000, BODY, BODY + b"more", BODY[:-1]])
@pytest.mark.parametrize("note", ["", "{", "[1]", '{"url": 3}'])
def test_any_leftover_beside_the_target_does_no_harm(server, tmp_path, part, note):
    (tmp_path / "x.bin.part").write_bytes(part)
    (tmp_path / "x.bin.part.json").write_text(note)
    server.pages["x.bin"] = Page(BODY)
    fetch(server.url("x.bin"), tmp_path / "x.bin")
    assert (tmp_path / "x.bin").read_bytes() == BODY
    assert names(tmp_path) == ["x.bin"]


def test_mirrors_in_turn_go_on_with_the_same_part(server, tmp_path):
    server.pages["b/x.bin"] = Page(BODY, 500)
    server.pages["c/x.bin"] = Page(BODY, drops=[200_000, 0])
    server.pages["d/x.bin"] = Page(BODY)
    urls = ["http://127.0.0.1:9/x.bin", *(server.url(f"{at}/x.bin") for at in "abcd")]
    fetch(urls, tmp_path / "x.bin")
    assert (tmp_path / "x.bin").read_bytes() == BODY
    assert server.asked[-1] == ("d/x.bin", "bytes=200000-")


def test_when_no_mirror_has_it(server, tmp_path):
    server.pages["b/x.bin"] = Page(b"other")
    with pytest.raises(DownloadError) as e:
        fetch([server.url("a/x.bin"), server.url("b/x.bin"), "nonsense"], tmp_path / "x.bin")
    assert isinstance(e.value, URLError)
    assert isinstance(e.value, RuntimeError)
    text = str(e.value)
    assert text.startswith(f"Error downloading x.bin:\nTried {server.url('a/')}, got:\nHTTP Error 404")
    assert f'(expected "{SHA}", got "{hashlib.sha256(b"other").hexdigest()}")' in text
    assert "unknown url type: 'nonsense'" in text
    assert f"bring x.bin (sha256 sum {SHA}" in text
    assert text.endswith(f"put it into {tmp_path}.")
    with pytest.raises(HTTPError, match="404") as one:
        fetch(server.url("a/x.bin"), tmp_path / "x.bin", checksum=None)
    assert one.value.__notes__ == [
        f"Without a network: bring x.bin from elsewhere and put it into {tmp_path}."
    ]
    assert names(tmp_path) == []


def test_a_wrong_file_leaves_what_was_there(server, tmp_path):
    server.pages["x.bin"] = Page(b"<html>Log in</html>")
    (tmp_path / "x.bin").write_bytes(b"mine")
    with pytest.raises(ChecksumError, match=r'^invalid hash value \(expected "abc", got "\w{64}"\)'):
        fetch(server.url("x.bin"), tmp_path / "x.bin", checksum="abc")
    assert (tmp_path / "x.bin").read_bytes() == b"mine"
    assert names(tmp_path) == ["x.bin"]


def test_redirects(server, tmp_path):
    server.pages["x.bin"] = Page(BODY, drops=[100_000])
    for i in range(5):
        server.pages[f"{i}"] = Page(status=302, location=f"/{i + 1}" if i < 4 else "/x.bin")
    fetch(server.url("2"), tmp_path / "x.bin", max_redirects=3)
    assert (tmp_path / "x.bin").read_bytes() == BODY
    with pytest.raises(RecursionError, match=r"Request to .*/0 exceeded 3 redirects. The last .* to .*/4\."):
        fetch(server.url("0"), tmp_path / "y.bin", max_redirects=3)
    server.pages["loop"] = Page(status=302, location="/loop")
    with pytest.raises(OSError, match="redirect"):
        fetch(server.url("loop"), tmp_path / "y.bin")


def test_lengths_that_are_not_announced(server, tmp_path):
    server.pages["x.bin"] = Page(BODY, drops=[100_000], chunked=True)
    fetch(server.url("x.bin"), tmp_path / "x.bin")
    assert (tmp_path / "x.bin").read_bytes() == BODY
    page = server.pages["y.bin"] = Page(BODY, drops=[100_000], length=False)
    with pytest.raises(ChecksumError):  # nothing but the sum can tell that it was cut short
        fetch(server.url("y.bin"), tmp_path / "y.bin")
    assert page.drops == []
    fetch(server.url("y.bin"), tmp_path / "y.bin")
    assert names(tmp_path) == ["x.bin", "y.bin"]


def test_a_server_that_goes_silent(server, tmp_path, monkeypatch):
    monkeypatch.setattr(download, "SECONDS", 0.2)
    server.pages["x.bin"] = Page(BODY, pause=1.0)
    began = time.monotonic()
    with pytest.raises(TimeoutError, match="timed out"):
        fetch(server.url("x.bin"), tmp_path / "x.bin")
    assert time.monotonic() - began < 10  # not the minutes that all pieces would take


def test_a_server_that_is_slow_is_waited_for(server, tmp_path, monkeypatch):
    monkeypatch.setattr(download, "SECONDS", 2.0)
    server.pages["x.bin"] = Page(BODY, pause=0.02, piece=20_000)
    fetch(server.url("x.bin"), tmp_path / "x.bin")
    assert (tmp_path / "x.bin").read_bytes() == BODY


CHILD = """
import sys
from glasstorch.utils.download import download
{before}
download(sys.argv[1], sys.argv[2], checksum=sys.argv[3], progress=False)
"""


def child(url, target, before="", **options):
    return subprocess.Popen(
        [sys.executable, "-c", CHILD.format(before=before), url, str(target), SHA],
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


@pytest.mark.parametrize("how", ["SIGKILL", "SIGINT"])
def test_a_killed_client_leaves_a_part_to_go_on_with(server, tmp_path, how):
    server.pages["x.bin"] = Page(BODY, pause=0.05, piece=10_000)
    # A shell that started the tests in the background has told them, and so their children, to ignore Ctrl-C.
    heard = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    running = child(server.url("x.bin"), tmp_path / "x.bin", before=heard)
    part = tmp_path / "x.bin.part"
    limit = time.monotonic() + 60
    while not (part.exists() and part.stat().st_size >= 50_000):
        assert time.monotonic() < limit
        assert running.poll() is None
        time.sleep(0.01)
    running.send_signal(getattr(signal, how))
    _, said = running.communicate(timeout=60)
    assert running.returncode != 0
    assert how != "SIGINT" or "KeyboardInterrupt" in said
    assert not (tmp_path / "x.bin").exists()
    kept = part.stat().st_size
    assert BODY.startswith(part.read_bytes())
    server.pages["x.bin"] = Page(BODY)
    fetch(server.url("x.bin"), tmp_path / "x.bin")
    assert server.asked[-1] == ("x.bin", f"bytes={kept}-")
    assert (tmp_path / "x.bin").read_bytes() == BODY
    assert names(tmp_path) == ["x.bin"]


def test_a_disk_that_takes_no_more(server, tmp_path):
    """A file that may not grow past 100,000 bytes: the system refuses the write, as on a full disk."""
    server.pages["x.bin"] = Page(BODY)
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))"
    running = child(server.url("x.bin"), tmp_path / "x.bin", before=limit)
    _, said = running.communicate(timeout=60)
    assert f"DiskError: [Errno {errno.EFBIG}] there is no room for more on its disk" in said
    assert not (tmp_path / "x.bin").exists()
    fetch(server.url("x.bin"), tmp_path / "x.bin")
    assert server.asked[-1] == ("x.bin", "bytes=100000-")


def test_a_disk_that_is_too_small_is_seen_before(server, tmp_path):
    server.pages["huge"] = Page(announced=1 << 60)
    with pytest.raises(OSError, match=r"huge needs 1152921.5 TB, and its disk has .* left") as e:
        fetch(server.url("huge"), tmp_path / "huge")
    assert e.value.errno == errno.ENOSPC
    assert names(tmp_path) == []


def test_several_at_once(server, tmp_path):
    server.pages["x.bin"] = Page(BODY, pause=0.01, piece=20_000)
    troubles = []

    def one():
        try:
            fetch(server.url("x.bin"), tmp_path / "x.bin")
        except Exception as error:
            troubles.append(error)

    threads = [threading.Thread(target=one) for _ in range(4)]
    others = [child(server.url("x.bin"), tmp_path / "x.bin") for _ in range(2)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert [other.wait(60) for other in others] == [0, 0]
    assert troubles == []
    assert (tmp_path / "x.bin").read_bytes() == BODY
    assert names(tmp_path) == ["x.bin"]


# ---------------------------------------------------------------- progress
class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def without_tqdm(monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm", None)
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)


@pytest.mark.usefixtures("without_tqdm")
def test_a_bar_of_our_own(server, tmp_path, monkeypatch):
    server.pages["x.bin"] = Page(BODY)
    monkeypatch.setattr(sys, "stderr", Terminal())
    fetch(server.url("x.bin"), tmp_path / "x.bin", progress=True)
    line = sys.stderr.getvalue().rsplit("\r", 1)[-1]
    assert line.startswith("x.bin: [########################] 100% of 300.0 kB, ")
    assert line.endswith("\n")
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    server.pages["x.bin"] = Page(BODY, length=False)
    fetch(server.url("x.bin"), tmp_path / "x.bin", progress=True)
    assert sys.stderr.getvalue().startswith("x.bin: 300.0 kB, ")
    assert "\r" not in sys.stderr.getvalue()
    assert sys.stderr.getvalue().count("\n") == 1
    notebook = type(
        "OutStream", (io.StringIO,), {"__module__": "ipykernel.iostream"}
    )  # no terminal, but rewrites
    monkeypatch.setattr(sys, "stderr", notebook())
    fetch(server.url("x.bin"), tmp_path / "x.bin", progress=True)
    assert sys.stderr.getvalue().startswith("\rx.bin: 300.0 kB, ")
    monkeypatch.setattr(sys, "stderr", None)
    fetch(server.url("x.bin"), tmp_path / "x.bin", progress=True)


def test_numbers_of_bytes():
    shown = [progress.in_bytes(n) for n in (0, 999, 1000, 999_949, 999_950, 5e9, 2e18)]
    assert shown == ["0 B", "999 B", "1.0 kB", "999.9 kB", "1.0 MB", "5.0 GB", "2000000.0 TB"]


def test_the_path_may_be_a_string(server, tmp_path):
    server.pages["x.bin"] = Page(BODY)
    fetch(server.url("x.bin"), os.fspath(tmp_path / "x.bin"))
    assert download.digest_of(tmp_path / "x.bin") == SHA
