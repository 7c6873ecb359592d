"""hub: files from a server of our own, the cache, checksums, and models of a hubconf.py."""

from __future__ import annotations

import functools
import hashlib
import http.server
import io
import re
import threading
import zipfile

import glasstorch
import pytest
from glasstorch import hub

STATE = {"weight": glasstorch.arange(6.0).reshape(2, 3), "bias": glasstorch.zeros(2)}


@pytest.fixture(autouse=True)
def _home(tmp_path, monkeypatch):
    for name in ("TORCH_HOME", "TORCH_HUB", "TORCH_MODEL_ZOO"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(hub, "_hub_dir", None)


@pytest.fixture
def server(tmp_path):
    """An address whose files lie in tmp_path / "www"; `asked` lists what was asked for."""
    (tmp_path / "www").mkdir()

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args):
            asked.append(self.path)

    asked: list[str] = []
    handler = functools.partial(Handler, directory=tmp_path / "www")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}", tmp_path / "www", asked
        running.shutdown()


def saved(obj=STATE) -> bytes:
    buffer = io.BytesIO()
    glasstorch.save(obj, buffer)
    return buffer.getvalue()


def named(data: bytes) -> str:
    return f"model-{hashlib.sha256(data).hexdigest()[:8]}.pth"


def test_the_cache_is_pytorchs(tmp_path, monkeypatch):
    torch_hub = pytest.importorskip("torch").hub
    assert hub.get_dir() == torch_hub.get_dir() == str(tmp_path / "cache" / "torch" / "hub")
    monkeypatch.setenv("TORCH_HOME", "~/elsewhere")
    assert hub.get_dir() == torch_hub.get_dir()
    monkeypatch.setenv("TORCH_HUB", "x")
    with pytest.warns(UserWarning, match="TORCH_HUB is deprecated"):
        hub.get_dir()
    monkeypatch.delenv("TORCH_HUB")
    hub.set_dir(tmp_path / "mine")
    assert hub.get_dir() == str(tmp_path / "mine")


def test_a_state_dict_is_downloaded_once(server, capsys):
    url, www, asked = server
    data = saved()
    (www / named(data)).write_bytes(data)
    for _ in range(2):
        state = hub.load_state_dict_from_url(f"{url}/{named(data)}", check_hash=True, weights_only=True)
        assert state["weight"].tolist() == STATE["weight"].tolist()
    assert asked == [f"/{named(data)}"]
    out, err = capsys.readouterr()
    assert out.count("Downloading") == 1
    assert "100%" in err
    assert sorted(p.name for p in _files(hub.get_dir())) == [named(data)]


def _files(folder):
    from pathlib import Path

    return [p for p in Path(folder).rglob("*") if p.is_file()]


def test_what_pytorch_has_fetched_is_found(tmp_path):
    torch = pytest.importorskip("torch")
    folder = tmp_path / "cache" / "torch" / "hub" / "checkpoints"
    folder.mkdir(parents=True)
    torch.save({"w": torch.ones(3)}, folder / "net-00000000.pth")
    state = hub.load_state_dict_from_url("http://127.0.0.1:9/net-00000000.pth", check_hash=True)
    assert state["w"].tolist() == [1, 1, 1]


def test_arguments(server, tmp_path, capsys):
    url, www, _ = server
    (www / "a.pth").write_bytes(saved())
    state = hub.load_state_dict_from_url(
        f"{url}/a.pth?version=2", tmp_path / "here", map_location="cpu", progress=False, file_name="b.pth"
    )
    assert list(state) == list(STATE)
    assert [p.name for p in _files(tmp_path / "here")] == ["b.pth"]
    assert "%" not in capsys.readouterr().err


def test_another_checksum(server, tmp_path):
    url, www, _ = server
    (www / "model-deadbeef.pth").write_bytes(saved())
    found = hashlib.sha256(saved()).hexdigest()
    expected = re.escape(f'invalid hash value (expected "deadbeef", got "{found}")')
    with pytest.raises(RuntimeError, match=expected):
        hub.load_state_dict_from_url(f"{url}/model-deadbeef.pth", check_hash=True)
    with pytest.raises(RuntimeError, match=expected):
        hub.download_url_to_file(f"{url}/model-deadbeef.pth", str(tmp_path / "x"), "deadbeef", progress=False)
    assert not _files(hub.get_dir())
    assert not (tmp_path / "x").exists()
    hub.download_url_to_file(f"{url}/model-deadbeef.pth", str(tmp_path / "x"), found[:10], progress=False)
    assert (tmp_path / "x").read_bytes() == saved()
    hub.load_state_dict_from_url(f"{url}/model-deadbeef.pth")  # unless asked, names are only names


def test_without_a_network_it_says_what_to_put_where(tmp_path):
    with pytest.raises(OSError, match=r"refused|urlopen") as error:
        hub.load_state_dict_from_url("http://127.0.0.1:9/net-12345678.pth", check_hash=True, progress=False)
    note = " ".join(error.value.__notes__)
    assert "net-12345678.pth" in note
    assert str(tmp_path / "cache" / "torch" / "hub" / "checkpoints") in note


def test_a_file_packed_again(server):
    url, www, _ = server
    with zipfile.ZipFile(www / "old.pth", "w") as archive:
        archive.writestr("inner.pth", saved())
    with pytest.warns(FutureWarning, match=r"before PyTorch 1\.6"):
        state = hub.load_state_dict_from_url(f"{url}/old.pth", progress=False)
    assert state["weight"].tolist() == STATE["weight"].tolist()
    with zipfile.ZipFile(www / "bad.pth", "w") as archive:
        archive.writestr("../../out.pth", saved())
    with (
        pytest.warns(FutureWarning),
        pytest.raises(ValueError, match="Archive entry escapes target directory"),
    ):
        hub.load_state_dict_from_url(f"{url}/bad.pth", progress=False)


HUBCONF = '''
dependencies = ["math"]
import helper

def doubled(x, plus=0):
    """Twice x."""
    return helper.twice(x) + plus

def _hidden():
    pass

number = 3
'''


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "hubconf.py").write_text(HUBCONF)
    (folder / "helper.py").write_text("def twice(x):\n    return 2 * x\n")
    return folder


def test_a_local_hubconf(project):
    assert hub.load(str(project), "doubled", 4, source="local", plus=1) == 9
    with pytest.raises(RuntimeError, match="Cannot find callable number in hubconf"):
        hub.load(str(project), "number", source="local")
    with pytest.raises(ValueError, match="Invalid input: model should be a string of function name"):
        hub.load(str(project), 3, source="local")
    with pytest.raises(ValueError, match='Unknown source: "web"'):
        hub.load(str(project), "doubled", source="web")
    (project / "hubconf.py").write_text('dependencies = ["no_such_package_here", "math"]\ndef f(): pass\n')
    with pytest.raises(RuntimeError, match="Missing dependencies: no_such_package_here"):
        hub.load(str(project), "f", source="local")


def test_a_repository(project, tmp_path, monkeypatch, capsys):
    """GitHub's archives have one folder, named after owner, repository and commit."""
    packed = tmp_path / "packed.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("someone-net-1234567/", "")
        for file in ("hubconf.py", "helper.py"):
            archive.write(project / file, f"someone-net-1234567/{file}")
    asked = []

    def download(url, target, **kwargs):
        asked.append(url)
        target.write_bytes(packed.read_bytes())

    monkeypatch.setattr(hub, "download", download)
    answers = iter(["n", "what", "y"])
    monkeypatch.setattr("builtins.input", lambda question: next(answers))
    with pytest.raises(Exception, match=r"Untrusted repository\."):
        hub.load("someone/net:v1", "doubled", 2)
    with pytest.raises(ValueError, match=r"Unrecognized response what\."):
        hub.load("someone/net:v1", "doubled", 2)
    assert hub.load("someone/net:v1", "doubled", 2) == 4
    assert hub.list("someone/net:v1") == ["doubled"]  # trusted by now, and downloaded
    assert hub.help("someone/net:v1", "doubled") == "Twice x."
    assert asked == ["https://github.com/someone/net/zipball/v1"]
    assert "Using cache found in" in capsys.readouterr().err
    assert (tmp_path / "cache" / "torch" / "hub" / "trusted_list").read_text() == "someone_net\n"
    assert hub.load("someone/net:v1", "doubled", 2, force_reload=True) == 4
    assert hub.load("pytorch/net:v1", "doubled", 3) == 6  # PyTorch trusts its own
    assert len(asked) == 3
