"""VOC, COCO and Oxford-IIIT Pet: images with boxes, masks and sentences; compared with torchvision."""

from __future__ import annotations

import json
import pickle
import tarfile

import glasstorch
import numpy as np
import pytest
from glasstorch.vision import datasets
from glasstorch.vision.datasets.coco import COCO
from glasstorch.vision.datasets.coco_masks import mask_of, unpack_counts
from support.image_sets import Image, assert_same, md5, outcome, picture, plain
from support.torchvision_reference import torchvision
from support.web import Page, web_server

theirs = torchvision.datasets
BOTH = (datasets, theirs)


def same_outcome(f, *args, **kwargs):
    (kind, ours), (real_kind, real) = (outcome(f(E), *args, **kwargs) for E in BOTH)
    assert kind == real_kind, (ours, real)
    assert ours == real or (isinstance(real, str) and ours.startswith(real)), (ours, real)
    return kind


def both(image, target):
    return np.array(image), (target,)


# ---------------------------------------------------------------- VOC
ONE = """<annotation>
  <folder>VOC2012</folder><filename>a.jpg</filename><source><database>The VOC2007 Database</database></source>
  <size><width>12</width><height>9</height><depth>3</depth></size><segmented>0</segmented>
  <object><name>person</name><pose> </pose><bndbox><xmin>1</xmin><ymin>2</ymin><xmax>5</xmax><ymax>7</ymax></bndbox>
    <part><name>head</name></part><part><name>hand</name></part></object>
</annotation>"""
TWO = ONE.replace("</annotation>", "<object><name>dog</name><truncated>1</truncated></object>\n</annotation>")
NONE = "<annotation><filename>c.jpg</filename><owner/><empty></empty></annotation>"


def put_voc(root, base="VOCdevkit/VOC2012", sets=("train", "val", "trainval")):
    home = root / base
    for part in ("Main", "Segmentation"):
        (home / "ImageSets" / part).mkdir(parents=True)
        for name in sets:
            (home / "ImageSets" / part / f"{name}.txt").write_text("a\nb\nc\n" if name != "val" else "b")
    (home / "Annotations").mkdir()
    for name, xml in (("a", ONE), ("b", TWO), ("c", NONE)):
        picture(home / "JPEGImages" / f"{name}.jpg", mode="L" if name == "c" else "RGB")
        picture(home / "SegmentationClass" / f"{name}.png", mode="P")
        (home / "Annotations" / f"{name}.xml").write_text(xml)
    return home


@pytest.mark.parametrize("name", ["VOCDetection", "VOCSegmentation"])
@pytest.mark.parametrize("image_set", ["train", "val", "trainval"])
def test_voc(tmp_path, name, image_set):
    put_voc(tmp_path)
    paths = ("images", "targets", "annotations" if name == "VOCDetection" else "masks")
    for kwargs in ({}, {"transforms": both}, {"transform": np.array}, {"target_transform": str}):
        if kwargs == {"target_transform": str}:  # torchvision cannot print a class as a transform
            pair = [getattr(E, name)(tmp_path, image_set=image_set, **kwargs) for E in BOTH]
            assert [len(str(x[0][1])) > 0 for x in pair] == [True, True]
            continue
        pair = [getattr(E, name)(tmp_path, image_set=image_set, **kwargs) for E in BOTH]
        assert_same(*pair, *paths, "year", "image_set", "url", "filename", "md5")


@pytest.mark.parametrize("year", ["2007", "2008", "2009", "2010", "2011", "2012"])
def test_years(tmp_path, year):
    put_voc(tmp_path, theirs.voc.DATASET_YEAR_DICT[year]["base_dir"], ("train", "test"))
    for image_set in ("train", "test"):
        kind = same_outcome(
            lambda E: lambda **k: E.VOCDetection(tmp_path, **k).images, year=year, image_set=image_set
        )
        assert kind == ("gives" if image_set == "train" or year == "2007" else "ValueError")
    assert datasets.voc.DATASET_YEAR_DICT == theirs.voc.DATASET_YEAR_DICT


def test_voc_download_and_refusals(tmp_path, monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    for args in (("2013",), (2012,), ("2012", "test"), ("2012",)):
        assert same_outcome(lambda E: E.VOCDetection, tmp_path, *args) in ("ValueError", "RuntimeError")
    put_voc(tmp_path / "made")
    archive = tmp_path / "VOCtrainval_11-May-2012.tar"
    with tarfile.open(archive, "w") as tar:
        tar.add(tmp_path / "made/VOCdevkit", "VOCdevkit")
    with web_server() as server:
        server.pages["x.tar"] = Page(archive.read_bytes())
        source = {**datasets.voc.DATASET_YEAR_DICT["2012"], "url": server.url("x.tar"), "md5": md5(archive)}
        monkeypatch.setitem(datasets.voc.DATASET_YEAR_DICT, "2012", source)
        assert len(datasets.VOCSegmentation(tmp_path / "new", download=True)) == 3


@pytest.mark.parametrize(
    "xml", ["<annotation>", "", "<!DOCTYPE a [<!ENTITY b 'bbbb'>]><annotation><a>&b;</a></annotation>"]
)
def test_a_damaged_annotation_is_named(tmp_path, xml):
    file = put_voc(tmp_path) / "Annotations/a.xml"
    file.write_text(xml)
    with pytest.raises(RuntimeError, match=r"Annotations.a\.xml"):
        datasets.VOCDetection(tmp_path)[0]


# ---------------------------------------------------------------- COCO
def coco_file(path, shuffle=0):
    rng = np.random.default_rng(shuffle)
    images = [{"id": i, "file_name": f"{i:03d}.jpg", "height": 9, "width": 12} for i in (7, 3, 900, 5)]
    annotations = [
        {
            "id": int(100 - k),
            "image_id": int(rng.choice([3, 7, 900])),
            "category_id": int(rng.choice([1, 18, 44])),
            "bbox": [1.0, 2.5, float(k), 4.0],
            "area": float(4 * k),
            "iscrowd": int(k % 4 == 3),
            "segmentation": {"counts": [3, 4, 101], "size": [9, 12]}
            if k % 4 == 3
            else [[1.0, 2, 3, 4, 5, 6]],
            "caption": f"sentence {k} — ünïcode",
        }
        for k in range(10)
    ]
    categories = [
        {"id": i, "name": name, "supercategory": above}
        for i, name, above in ((18, "dog", "animal"), (1, "person", "person"), (44, "bottle", "kitchen"))
    ]
    content = {"info": {}, "images": images, "annotations": annotations, "categories": categories}
    path.write_text(json.dumps(content, ensure_ascii=bool(shuffle)), encoding="utf-8")
    for entry in images:
        picture(path.parent / "images" / entry["file_name"], mode="L" if entry["id"] == 5 else "RGB")
    return content


def test_coco(tmp_path):
    content = coco_file(tmp_path / "a.json")
    d = datasets.CocoDetection(tmp_path / "images", tmp_path / "a.json")
    assert d.ids == [3, 5, 7, 900]
    assert len(d) == 4
    for i, image_id in enumerate(d.ids):
        image, target = d[i]
        assert target == [a for a in content["annotations"] if a["image_id"] == image_id]
        assert (image.mode, image.size) == ("RGB", (12, 9))
        pixels = np.array(Image.open(tmp_path / "images" / f"{image_id:03d}.jpg").convert("RGB"))
        np.testing.assert_array_equal(np.array(image), pixels)
    assert d[1][1] == []
    captions = datasets.CocoCaptions(tmp_path / "images", str(tmp_path / "a.json"), target_transform=len)
    assert captions[0][1] == len(d[0][1])
    captions.transforms = None
    assert captions[0][1] == [a["caption"] for a in d[0][1]]
    assert repr(d).splitlines()[:2] == ["Dataset CocoDetection", "    Number of datapoints: 4"]
    assert plain(pickle.loads(pickle.dumps(d))[2]) == plain(d[2])
    both_ways = datasets.CocoDetection(tmp_path / "images", tmp_path / "a.json", transforms=both)
    batches = list(glasstorch.utils.data.DataLoader(both_ways, None, num_workers=2))
    assert [plain(t[0]) for _, t in batches] == [plain(d[i][1]) for i in range(4)]


def test_coco_refuses(tmp_path):
    coco_file(tmp_path / "a.json")
    d = datasets.CocoDetection(tmp_path / "images", tmp_path / "a.json")
    with pytest.raises(ValueError, match=r"Index must be of type integer, got <class 'float'> instead\."):
        d[1.0]
    (tmp_path / "images/003.jpg").unlink()
    with pytest.raises(FileNotFoundError, match=r"003\.jpg"):
        d[0]
    (tmp_path / "a.json").write_text('{"images": [')
    with pytest.raises(RuntimeError, match=r"a\.json is damaged"):
        datasets.CocoDetection(tmp_path, tmp_path / "a.json")
    (tmp_path / "a.json").write_text("[]")
    with pytest.raises(TypeError, match=r"not supported: .*a\.json"):
        datasets.CocoDetection(tmp_path, tmp_path / "a.json")
    with pytest.raises(FileNotFoundError):
        datasets.CocoDetection(tmp_path, tmp_path / "b.json")


QUERIES = [
    ("getAnnIds", {}),
    ("getAnnIds", {"imgIds": 3}),
    ("getAnnIds", {"imgIds": [900, 3, 900]}),
    ("getAnnIds", {"imgIds": [5, 77]}),
    ("getAnnIds", {"catIds": [1, 44]}),
    ("getAnnIds", {"imgIds": [3, 7], "catIds": 18}),
    ("getAnnIds", {"areaRng": [4, 20]}),
    ("getAnnIds", {"iscrowd": True}),
    ("getAnnIds", {"imgIds": [3, 7, 900], "iscrowd": False, "areaRng": (0, 24)}),
    ("getCatIds", {}),
    ("getCatIds", {"catNms": ["dog", "person"]}),
    ("getCatIds", {"supNms": "animal"}),
    ("getCatIds", {"catIds": [44, 1]}),
    ("getImgIds", {}),
    ("getImgIds", {"catIds": [1]}),
    ("getImgIds", {"catIds": [1, 18]}),
    ("getImgIds", {"imgIds": [3, 7], "catIds": 44}),
    ("loadAnns", {"ids": [99, 95]}),
    ("loadAnns", {"ids": 99}),
    ("loadCats", {"ids": [1]}),
    ("loadImgs", {"ids": [900, 5]}),
    ("loadImgs", {}),
]


@pytest.mark.parametrize("shuffle", range(3))
def test_look_ups_are_those_of_pycocotools(tmp_path, shuffle):
    reference = pytest.importorskip(
        "pycocotools.coco", reason="compares with pycocotools where that is installed"
    )
    coco_file(tmp_path / "a.json", shuffle)
    real, ours = reference.COCO(str(tmp_path / "a.json")), COCO(tmp_path / "a.json")
    for name, kwargs in QUERIES:
        assert getattr(ours, name)(**kwargs) == getattr(real, name)(**kwargs), (name, kwargs)
    for name in ("anns", "imgs", "cats", "imgToAnns", "catToImgs", "dataset"):
        assert getattr(ours, name) == getattr(real, name), name
    for name in ("CocoDetection", "CocoCaptions"):
        assert_same(*(getattr(E, name)(tmp_path / "images", tmp_path / "a.json") for E in BOTH), "ids")


# ---------------------------------------------------------------- Oxford-IIIT Pet
def put_pets(root):
    home = root / "oxford-iiit-pet"
    rows = [
        ("Abyssinian_1", 1, 1, 1),
        ("american_bulldog_10", 2, 2, 1),
        ("Egyptian_Mau_3", 3, 1, 2),
        ("Abyssinian_2", 1, 1, 1),
    ]
    (home / "annotations").mkdir(parents=True)
    for split, part in (("trainval", rows), ("test", rows[1:])):
        text = "".join(" ".join(map(str, row)) + "\n" for row in part)
        (home / "annotations" / f"{split}.txt").write_text(text)
    for name, *_ in rows:
        picture(home / "images" / f"{name}.jpg")
        picture(home / "annotations/trimaps" / f"{name}.png", mode="L")
    return home


@pytest.mark.parametrize("split", ["trainval", "test"])
@pytest.mark.parametrize(
    "kinds",
    ["category", "binary-category", "segmentation", ["segmentation", "category"], ("binary-category",), []],
)
def test_pets(tmp_path, split, kinds):
    put_pets(tmp_path)
    names = ("classes", "class_to_idx", "bin_classes", "bin_class_to_idx")
    for kwargs in ({}, {"transforms": both}, {"transform": np.array}):
        assert_same(*(E.OxfordIIITPet(tmp_path, split, kinds, **kwargs) for E in BOTH), *names)


def test_pets_refusals(tmp_path):
    home = put_pets(tmp_path)
    for args in (("train",), ("test", "breed"), ("test", ["category", 3])):
        assert same_outcome(lambda E: E.OxfordIIITPet, tmp_path, *args) == "ValueError"
    assert same_outcome(lambda E: E.OxfordIIITPet, tmp_path / "new") == "RuntimeError"
    (home / "annotations/test.txt").write_text("Abyssinian_1 1 1\n")
    with pytest.raises(RuntimeError, match=r"test\.txt is damaged"):
        datasets.OxfordIIITPet(tmp_path, "test")


# ---------------------------------------------------------------- SBD
def put_sbd(root):
    scipy_io = pytest.importorskip("scipy.io", reason="SBD's labels are MATLAB files")
    sparse = pytest.importorskip("scipy.sparse")
    rng = np.random.default_rng(0)
    (root / "cls").mkdir(parents=True)
    outlines = np.empty((20, 1), object)
    for i in range(20):
        outlines[i, 0] = sparse.csc_matrix(rng.integers(0, 2, (9, 12), dtype=np.uint8))
    classes = rng.integers(0, 21, (9, 12), dtype=np.uint8)
    scipy_io.savemat(root / "cls/a.mat", {"GTcls": {"Boundaries": outlines, "Segmentation": classes}})
    picture(root / "img/a.jpg")
    for name in ("train", "val", "train_noval"):
        (root / f"{name}.txt").write_text("a\n")


@pytest.mark.parametrize("mode", ["boundaries", "segmentation"])
def test_sbd(tmp_path, mode):
    put_sbd(tmp_path)
    for image_set in ("train", "val", "train_noval"):
        assert_same(*(E.SBDataset(tmp_path, image_set, mode) for E in BOTH), "images", "masks", "num_classes")
    for args in (("test",), ("train", "x")):
        assert same_outcome(lambda E: E.SBDataset, tmp_path, *args) == "ValueError"
    assert same_outcome(lambda E: E.SBDataset, tmp_path / "nowhere") == "RuntimeError"
    wrapped = [outcome(E.wrap_dataset_for_transforms_v2, E.SBDataset(tmp_path, mode=mode)) for E in BOTH]
    assert wrapped[0][0] == wrapped[1][0] == ("gives" if mode == "segmentation" else "RuntimeError")
    facts = ("url", "md5", "filename", "voc_train_url", "voc_split_filename", "voc_split_md5")
    assert [getattr(datasets.SBDataset, n) for n in facts] == [getattr(theirs.SBDataset, n) for n in facts]


# ---------------------------------------------------------------- COCO's masks
def test_masks_by_hand():
    runs = {"counts": [1, 2, 2, 1], "size": [3, 2]}  # down the columns: 0 11 | 0 0 1
    assert mask_of(runs, 3, 2).tolist() == [[0, 0], [1, 0], [1, 1]]
    assert unpack_counts("122O") == [1, 2, 2, 1]
    assert unpack_counts(b"Pd02:0") == [640, 2, 10, 2]
    square = [[1.0, 1.0, 1.0, 4.0, 5.0, 4.0, 5.0, 1.0]]
    expected = np.zeros((6, 7), np.uint8)
    expected[1:4, 1:5] = 1
    np.testing.assert_array_equal(mask_of(square, 6, 7), expected)
    np.testing.assert_array_equal(mask_of([[1, 1, 4, 3]], 6, 7), expected)
    assert mask_of([], 2, 3).tolist() == [[0] * 3] * 2
    with pytest.raises(ValueError, match="do not fill a mask of 2 x 2"):
        mask_of({"counts": [1, 2], "size": [2, 2]}, 2, 2)
    with pytest.raises(ValueError, match="expected to be a dict or a list, got <class 'str'>"):
        mask_of("111", 2, 2)


def test_masks_are_those_of_pycocotools():
    reference = pytest.importorskip(
        "pycocotools.mask", reason="compares with pycocotools where that is installed"
    )
    rng = np.random.default_rng(0)
    for trial in range(300):
        h, w = (int(n) for n in rng.integers(1, 40, 2))
        polygons = [rng.uniform(-5, 45, 2 * rng.integers(3, 9)) for _ in range(rng.integers(1, 4))]
        polygons = [(np.round(p * 2) / 2 if trial % 2 else p).tolist() for p in polygons]
        real = reference.decode(reference.merge(reference.frPyObjects(polygons, h, w)))
        np.testing.assert_array_equal(mask_of(polygons, h, w), real)
        packed = reference.encode(np.asfortranarray((rng.random((h, w)) < rng.random()).astype(np.uint8)))
        np.testing.assert_array_equal(mask_of(packed, h, w), reference.decode(packed))
