"""Faces, places, living things and captioned photographs: compared with torchvision on the same tiny files."""

from __future__ import annotations

import pickle
import tarfile

import numpy as np
import pytest
from glasstorch.vision import datasets
from support.image_sets import assert_same, md5, outcome, picture, plain
from support.torchvision_reference import torchvision
from support.web import Page, web_server

theirs = torchvision.datasets
BOTH = (datasets, theirs)


def same_outcome(name, *args, **kwargs):
    (kind, ours), (real_kind, real) = (outcome(getattr(E, name), *args, **kwargs) for E in BOTH)
    assert kind == real_kind, (ours, real)
    assert ours == real or (isinstance(real, str) and ours.startswith(real.split("download.")[0])), (
        ours,
        real,
    )
    return kind


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


# ---------------------------------------------------------------- LFW
LFW = {
    "people.txt": "2\n2\nAnn_A\t2\nBob_B\t1\n1\nCy_C\t1\n",
    "peopleDevTrain.txt": "2\nAnn_A\t2\nBob_B\t1\n",
    "peopleDevTest.txt": "1\nCy_C\t1\n",
    "pairs.txt": "2\t1\nAnn_A\t1\t2\nAnn_A\t1\tBob_B\t1\nAnn_A\t2\t1\nCy_C\t1\tBob_B\t1\n",
    "pairsDevTrain.txt": "1\nAnn_A\t1\t2\nBob_B\t1\tCy_C\t1\n",
    "pairsDevTest.txt": "1\nAnn_A\t2\t1\nCy_C\t1\tAnn_A\t2\n",
    "lfw-names.txt": "Ann_A\t2\nBob_B\t1\nCy_C\t1\n",
}


def put_lfw(root, monkeypatch):
    home = root / "lfw-py"
    for name, text in LFW.items():
        write(home / name, text)
    for folder, archive, _ in theirs.LFWPeople.file_dict.values():
        write(home / archive, archive)
        for name in ("Ann_A/Ann_A_0001", "Ann_A/Ann_A_0002", "Bob_B/Bob_B_0001", "Cy_C/Cy_C_0001"):
            picture(home / folder / f"{name}.jpg")
    for E in BOTH:
        base = E.LFWPeople.__mro__[1]
        monkeypatch.setattr(base, "checksums", {name: md5(home / name) for name in LFW})
        files = {
            k: (folder, archive, md5(home / archive)) for k, (folder, archive, _) in base.file_dict.items()
        }
        monkeypatch.setattr(base, "file_dict", files)


@pytest.mark.parametrize("split", ["10fold", "train", "test", "10FOLD"])
@pytest.mark.parametrize("image_set", ["funneled", "original", "deepfunneled"])
def test_lfw(tmp_path, monkeypatch, split, image_set):
    put_lfw(tmp_path, monkeypatch)
    pair = [E.LFWPeople(tmp_path, split, image_set) for E in BOTH]
    assert_same(*pair, "data", "targets", "class_to_idx", "root", "image_set", "split", "view")
    pair = [E.LFWPairs(str(tmp_path), split, image_set, np.array, hex) for E in BOTH]
    assert [plain(pair[0][i]) for i in range(len(pair[0]))] == [
        plain(pair[1][i]) for i in range(len(pair[1]))
    ]
    assert_same(*(E.LFWPairs(tmp_path, split, image_set) for E in BOTH), "data", "targets", "pair_names")


def test_lfw_refusals(tmp_path, monkeypatch):
    assert same_outcome("LFWPeople", tmp_path) == "RuntimeError"
    put_lfw(tmp_path, monkeypatch)
    for args in (("all",), ("train", "blurred")):
        assert same_outcome("LFWPairs", tmp_path, *args) == "ValueError"
    assert same_outcome("LFWPeople", tmp_path, download=True) == "ValueError"


# ---------------------------------------------------------------- Places365
SPLITS = ("train-standard", "train-challenge", "val", "test")


def put_places(root, monkeypatch):
    write(root / "categories_places365.txt", "/a/airfield 0\n/b/bakery/shop 1\n")
    for split in SPLITS:
        lines = (
            ["/a/airfield/1.jpg 0", "/b/bakery/shop/2.jpg 1"] if "train" in split else ["1.jpg 1", "2.jpg 0"]
        )
        lines = [line.split()[0] for line in lines] if split == "test" else lines
        write(root / theirs.Places365._FILE_LIST_META[split][0], "\n".join(lines) + "\n")
        for size in ("256", "large"):
            folder = f"data_{size}_{split[6:]}" if "train" in split else f"{split}_{size}"
            for line in lines:
                picture(root / folder / line.split()[0].lstrip("/"))
    for E in BOTH:
        name, _ = E.Places365._CATEGORIES_META
        monkeypatch.setattr(E.Places365, "_CATEGORIES_META", (name, md5(root / name)))
        files = {k: (n, md5(root / n)) for k, (n, _) in E.Places365._FILE_LIST_META.items()}
        monkeypatch.setattr(E.Places365, "_FILE_LIST_META", files)


@pytest.mark.parametrize("split", SPLITS)
def test_places365(tmp_path, monkeypatch, split):
    for name in (
        "_DEVKIT_META",
        "_CATEGORIES_META",
        "_FILE_LIST_META",
        "_IMAGES_META",
        "_SPLITS",
        "_BASE_URL",
    ):
        assert getattr(datasets.Places365, name) == getattr(theirs.Places365, name)
    put_places(tmp_path, monkeypatch)
    for small in (True, False):
        pair = [E.Places365(tmp_path, split, small) for E in BOTH]
        assert_same(*pair, "classes", "class_to_idx", "imgs", "targets", "images_dir", "variant")
        assert plain(pickle.loads(pickle.dumps(pair[0]))[1]) == plain(pair[0][1])


def test_places365_download_and_refusals(tmp_path, monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    assert same_outcome("Places365", tmp_path) == "RuntimeError"
    assert same_outcome("Places365", tmp_path, "train") == "ValueError"
    put_places(tmp_path / "made", monkeypatch)
    with web_server() as server:
        for archive, content in (
            ("filelist_places365-standard.tar", ["categories_places365.txt", "places365_train_standard.txt"]),
            ("train_256_places365standard.tar", ["data_256_standard"]),
        ):
            with tarfile.open(tmp_path / archive, "w") as tar:
                for name in content:
                    tar.add(tmp_path / "made" / name, name.replace("data_256_standard", "data_256"))
            server.pages[archive] = Page((tmp_path / archive).read_bytes())
        monkeypatch.setattr(datasets.Places365, "_BASE_URL", server.address)
        for key, attribute in (("standard", "_DEVKIT_META"), (("train-standard", True), "_IMAGES_META")):
            table = getattr(datasets.Places365, attribute)
            monkeypatch.setitem(table, key, (table[key][0], md5(tmp_path / table[key][0])))
        for _ in range(2):
            d = datasets.Places365(tmp_path / "new", small=True, download=True)
        assert len(server.asked) == 2
    assert [d[i][1] for i in range(2)] == [0, 1]


# ---------------------------------------------------------------- iNaturalist
def put_inaturalist(root, version):
    if version.startswith("2021"):
        for number, name in enumerate(
            ("Animalia_Chordata_Aves_X_Y_Z_one", "Animalia_Mollusca_Aves_X_Q_Z_two", "Plantae_A_B_C_D_E_f")
        ):
            picture(root / version / f"{number:05d}_{name}" / "1.jpg")
    elif version == "2017":
        for name in ("Aves/Anas acuta", "Aves/Buteo buteo", "Plantae/Acer"):
            picture(root / version / name / "1.jpg")
    else:
        for name in ("Aves/2", "Aves/0", "Plantae/1"):
            picture(root / version / name / "1.jpg")


@pytest.mark.parametrize("version", list(theirs.inaturalist.DATASET_URLS))
def test_inaturalist(tmp_path, version):
    put_inaturalist(tmp_path, version)
    recent = version.startswith("2021")
    for kind in ("full", ["full", "order", "kingdom"] if recent else ["super", "full"]):
        pair = [E.INaturalist(tmp_path, version, kind) for E in BOTH]
        assert_same(*pair, "all_categories", "categories_index", "categories_map", "index", "target_type")
    for args in (("full", 1), ("phylum" if recent else "super", 1), ("super", 99), ("soul", 0)):
        assert outcome(pair[0].category_name, *args) == outcome(pair[1].category_name, *args)
    assert same_outcome("INaturalist", tmp_path, version, "super" if recent else "genus") == "ValueError"
    for attribute in ("DATASET_URLS", "DATASET_MD5", "CATEGORIES_2021"):
        assert getattr(datasets.inaturalist, attribute) == getattr(theirs.inaturalist, attribute)


def test_inaturalist_refusals(tmp_path):
    assert same_outcome("INaturalist", tmp_path, "2020") == "ValueError"
    assert same_outcome("INaturalist", tmp_path) == "RuntimeError"
    for version, name in (
        ("2021_train", "00000_a_b"),
        ("2021_valid", "00001_a_b_c_d_e_f_g"),
        ("2018", "Aves/x"),
        ("2019", "Aves/1"),
    ):
        picture(tmp_path / version / name / "1.jpg")
        assert same_outcome("INaturalist", tmp_path, version) == "RuntimeError"
    picture(tmp_path / "2018" / "Aves/1/1.jpg")
    picture(tmp_path / "2018" / "Bees/1/1.jpg")
    (tmp_path / "2018/Aves/x/1.jpg").unlink()
    (tmp_path / "2018/Aves/x").rmdir()
    assert same_outcome("INaturalist", tmp_path, "2018") == "RuntimeError"


# ---------------------------------------------------------------- Flickr
def test_flickr(tmp_path, monkeypatch):
    for name in ("10_ab.jpg", "7_cd.jpg"):
        picture(tmp_path / "photos" / name)
    tokens = "10_ab.jpg#0\tA dog – runs .\n7_cd.jpg#0\tA cat .\n10_ab.jpg#1\tTwo .\n"
    assert_same(*(E.Flickr30k(tmp_path / "photos", write(tmp_path / "t.token", tokens)) for E in BOTH), "ids")
    page = """<html><h1>Sentences</h1><table border=1><tr><td><a href="x">http://www.flickr.com/photos/me/10/</a></td>
    <td><ul><li>A dog . </li><li>It runs .</li></ul></td></tr><tr><td>Image Not Found</td>
    <td><ul><li>Gone</li></ul></td></tr>
    <tr><td><a href="y">http://www.flickr.com/photos/me/7/</a></td>
    <td><ul><li>A cat .</li></ul></td></tr></table></html>"""
    file = write(tmp_path / "8k.html", page)
    monkeypatch.chdir(tmp_path)
    for root in (str(tmp_path / "photos"), "photos"):
        pair = [E.Flickr8k(root, str(file), target_transform=len) for E in BOTH]
        assert [plain(pair[0][i]) for i in range(2)] == [plain(pair[1][i]) for i in range(2)]
        assert_same(*(E.Flickr8k(root, str(file)) for E in BOTH), "ids", "annotations")
    (tmp_path / "photos/7_cd.jpg").unlink()
    with pytest.raises(FileNotFoundError, match=r"no photograph 7_\*\.jpg"):
        datasets.Flickr8k(tmp_path / "photos", file)
