"""Whole modules in safetensors files, and parts of tensors out of them, beside the safetensors package."""

from __future__ import annotations

import pathlib
from typing import Any

import glasstorch
import pytest
from glasstorch import safetensors as ours
from support.differential import to_numpy

torch = pytest.importorskip("torch")
theirs = pytest.importorskip("safetensors.torch")
package = pytest.importorskip("safetensors")

BOTH = [(glasstorch, ours), (torch, theirs)]


def tied(E: Any) -> Any:
    net = E.nn.Module()
    net.b, net.a, net.norm = E.nn.Linear(2, 2), E.nn.Linear(2, 2), E.nn.BatchNorm1d(2)
    net.a.weight = net.b.weight
    net.turned = E.nn.Parameter(E.arange(6.0).reshape(2, 3).t())
    return net


@pytest.mark.parametrize(("writer", "save"), BOTH)
def test_modules_with_tied_weights(writer, save, tmp_path: pathlib.Path) -> None:
    first, path = tied(writer), tmp_path / "m.safetensors"
    save.save_model(first, path, metadata={"note": "x"})
    with package.safe_open(path, "pt") as f:
        assert f.metadata() == {"note": "x", "b.weight": "a.weight"}
        assert "b.weight" not in f.keys()  # noqa: SIM118
    for reader, load in BOTH:
        net = tied(reader)
        missing, unexpected = load.load_model(net, path)
        assert (set(missing), list(unexpected)) == (set(), [])
        for name, t in first.state_dict().items():
            assert to_numpy(net.state_dict()[name]).tolist() == to_numpy(t).tolist()
        assert net.a.weight is net.b.weight


@pytest.mark.parametrize(("E", "library"), BOTH)
def test_modules_that_do_not_fit(E, library, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "m.safetensors"
    library.save_model(tied(E), path)
    with pytest.raises(RuntimeError) as refused:
        library.load_model(E.nn.Linear(2, 2), path)
    lines = str(refused.value).splitlines()
    assert lines[0] == "Error(s) in loading state_dict for Linear:"
    assert lines[1] == '    Missing key(s) in state_dict: "bias", "weight"'
    assert lines[2].startswith(
        '    Unexpected key(s) in state_dict: "a.bias", "a.weight", "b.bias", "norm.bias"'
    )
    missing, unexpected = library.load_model(E.nn.Linear(2, 2), path, strict=False)
    assert set(missing) == {"bias", "weight"}
    assert "turned" in unexpected


def test_tensors_that_do_not_lie_row_by_row(tmp_path: pathlib.Path) -> None:
    for E, library in BOTH:
        with pytest.raises(ValueError, match="non contiguous tensor"):
            library.save_model(tied(E), tmp_path / "m.safetensors", force_contiguous=False)


@pytest.mark.parametrize(
    "index", [0, slice(1, None), (slice(None), 1), (..., 2), (1, slice(0, 2), slice(1, 4, 2))], ids=str
)
def test_parts_of_tensors(index, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "m.safetensors"
    theirs.save_file({"x": torch.arange(24.0).reshape(2, 3, 4)}, path)
    with ours.safe_open(path) as f:
        part = f.get_slice("x")
        assert part.get_shape() == [2, 3, 4]
        assert part.get_dtype() == "F32"
        got = part[index]
        assert got.is_contiguous()
        assert got.tolist() == torch.arange(24.0).reshape(2, 3, 4)[index].tolist()
        with pytest.raises(ours.SafetensorError, match="File does not contain tensor y"):
            f.get_slice("y")
