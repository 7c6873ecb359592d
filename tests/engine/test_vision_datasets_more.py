"""Further sets, each on tiny files in its own arrangement: compared with torchvision's class on the same files."""

from __future__ import annotations

import json
import pickle
import zipfile

import numpy as np
import pytest
from glasstorch.vision import datasets
from support.image_sets import Image, assert_same, md5, outcome, picture, plain, rng
from support.torchvision_reference import torchvision

theirs = torchvision.datasets
BOTH = (datasets, theirs)
NAMED = ("classes", "class_to_idx")


def same_outcome(name, *args, **kwargs):
    (kind, ours), (real_kind, real) = (outcome(getattr(E, name), *args, **kwargs) for E in BOTH)
    assert kind == real_kind, (ours, real)
    assert ours == real or (isinstance(real, str) and ours.startswith(real.rstrip("."))), (ours, real)
    return kind


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def official(monkeypatch, name, attribute, change):
    """Both classes take our files for the official ones."""
    for E in BOTH:
        cls = getattr(E, name)
        monkeypatch.setattr(cls, attribute, change(getattr(cls, attribute)))


# ---------------------------------------------------------------- what lies where
def put_dtd(root, _):
    for split in ("train", "val", "test"):
        for part in (1, 10):
            write(root / f"dtd/dtd/labels/{split}{part}.txt", "dotted/a.jpg\nbanded/b.jpg\n")
    for name in ("dotted/a", "banded/b"):
        picture(root / f"dtd/dtd/images/{name}.jpg")


def put_eurosat(root, _):
    for name in ("Forest/Forest_1", "River/River_1", "River/River_2"):
        picture(root / f"eurosat/2750/{name}.jpg")


def put_country211(root, _):
    for split in ("train", "valid", "test"):
        for name in ("AD/1", "ZW/2"):
            picture(root / f"country211/{split}/{name}.jpg")


def put_sst2(root, _):
    for split in ("train", "valid", "test"):
        for name in ("negative/1", "positive/2", "positive/3"):
            picture(root / f"rendered-sst2/{split}/{name}.png", mode="L")


def put_aircraft(root, _):
    data = root / "fgvc-aircraft-2013b/data"
    for level, plural in (("variant", "variants"), ("family", "families"), ("manufacturer", "manufacturers")):
        write(data / f"{plural}.txt", f"{level} one\n{level} two\n")
        for split in ("train", "val", "trainval", "test"):
            write(data / f"images_{level}_{split}.txt", f"0001 {level} two\n0002 {level} one\n")
    for name in ("0001", "0002"):
        picture(data / f"images/{name}.jpg")


def put_gtsrb(root, _):
    for name in ("00000/1", "00000/2", "00001/1"):
        picture(root / f"gtsrb/GTSRB/Training/{name}.ppm")
    for name in ("00000", "00001"):
        picture(root / f"gtsrb/GTSRB/Final_Test/Images/{name}.ppm")
    write(root / "gtsrb/GT-final_test.csv", "Filename;Width;ClassId\n00000.ppm;9;16\n00001.ppm;9;1\n")


def put_imagenette(root, _):
    for size in ("", "-320", "-160"):
        for split in ("train", "val"):
            for wnid in ("n01440764", "n03425413"):
                picture(root / f"imagenette2{size}/{split}/{wnid}/1.JPEG")


def put_sun397(root, _):
    write(root / "SUN397/ClassName.txt", "/a/abbey\n/a/apse/indoor\n/z/zoo\n")
    for name in ("a/abbey/sun_1", "a/apse/indoor/sun_2", "z/zoo/sun_3"):
        picture(root / f"SUN397/{name}.jpg")


def put_clevr(root, _):
    folder = root / "clevr/CLEVR_v1.0"
    for split in ("train", "val", "test"):
        names = [f"CLEVR_{split}_{i}.png" for i in range(3)]
        for name in names:
            picture(folder / "images" / split / name)
        scenes = [{"image_filename": name, "objects": [{}] * (3 + i)} for i, name in enumerate(names)]
        if split != "test":
            write(folder / f"scenes/CLEVR_{split}_scenes.json", json.dumps({"scenes": scenes}))


def put_semeion(root, monkeypatch):
    pixels, digits = rng.integers(0, 2, (4, 256)), np.eye(10, dtype=int)[[3, 0, 9, 3]]
    lines = [
        " ".join([*(f"{p:.4f}" for p in row), *map(str, ten)])
        for row, ten in zip(pixels, digits, strict=True)
    ]
    file = write(root / "semeion.data", " \n".join(lines))
    official(monkeypatch, "SEMEION", "md5_checksum", lambda _: md5(file))


def put_moving(root, _):
    (root / "MovingMNIST").mkdir(parents=True)
    np.save(root / "MovingMNIST/mnist_test_seq.npy", rng.integers(0, 256, (20, 3, 6, 6), dtype=np.uint8))


def put_omniglot(root, monkeypatch):
    home = root / "omniglot-py"
    for part in ("images_background", "images_evaluation"):
        for name in ("Greek/character01/1_01", "Greek/character01/1_02", "Latin/character07/2_01"):
            picture(home / part / f"{name}.png", mode="1")
        with zipfile.ZipFile(home / f"{part}.zip", "w") as z:
            z.writestr("x", part)
    official(monkeypatch, "Omniglot", "zips_md5", lambda zips: {n: md5(home / f"{n}.zip") for n in zips})


def put_kitti(root, _):
    for part in ("training", "testing"):
        for i in range(2):
            picture(root / f"Kitti/raw/{part}/image_2/{i:06d}.png")
    for i in range(2):
        row = f"Car 0.00 {i} -1.58 587.01 173.33 614.12 200.12 1.65 1.67 3.64 -0.65 1.71 46.70 -1.59\n"
        other = "DontCare -1 -1 -10 503.89 169.71 590.61 190.13 -1 -1 -1 -1000 -1000 -1000 -10\n"
        write(root / f"Kitti/raw/training/label_2/{i:06d}.txt", row + other * i)


def put_cityscapes(root, _):
    for split in ("train", "val", "test", "train_extra"):
        for i in range(2):
            start = f"{split}/aachen/aachen_00000{i}_000019"
            picture(root / f"leftImg8bit/{start}_leftImg8bit.png")
            for mode in ("gtFine", "gtCoarse"):
                for kind in ("instanceIds", "labelIds", "color"):
                    picture(
                        root / mode / f"{start}_{mode}_{kind}.png", mode="L" if kind != "color" else "RGB"
                    )
                write(root / mode / f"{start}_{mode}_polygons.json", json.dumps({"objects": [i]}))


def put_widerface(root, _):
    home = root / "widerface"
    for split in ("train", "val", "test"):
        for name in ("0--Parade/a", "1--Group/b"):
            picture(home / f"WIDER_{split}/images/{name}.jpg")
        if split != "test":
            faces = "0--Parade/a.jpg\n2\n1 2 3 4 0 0 0 0 0 0 \n5 6 7 8 1 0 1 0 2 0 \n"
            faces += "1--Group/b.jpg\n0\n0 0 0 0 0 0 0 0 0 0 \n"
            write(home / f"wider_face_split/wider_face_{split}_bbx_gt.txt", faces)
    write(home / "wider_face_split/wider_face_test_filelist.txt", "0--Parade/a.jpg\n1--Group/b.jpg\n")


SPLITS = [{"split": "train"}, {"split": "test"}]
SETS = {
    "DTD": (put_dtd, [{}, {"split": "val"}, {"split": "test", "partition": 10}], NAMED),
    "EuroSAT": (put_eurosat, [{}], (*NAMED, "samples", "targets", "root")),
    "Country211": (put_country211, [*SPLITS, {"split": "valid"}], (*NAMED, "samples", "root")),
    "RenderedSST2": (put_sst2, [*SPLITS, {"split": "val"}], NAMED),
    "FGVCAircraft": (
        put_aircraft,
        [
            {},
            {"split": "val", "annotation_level": "family"},
            {"split": "test", "annotation_level": "manufacturer"},
        ],
        NAMED,
    ),
    "GTSRB": (put_gtsrb, SPLITS, ()),
    "Imagenette": (
        put_imagenette,
        [{}, {"split": "val", "size": "160px"}, {"size": "320px"}],
        (*NAMED, "wnids", "wnid_to_idx"),
    ),
    "SUN397": (put_sun397, [{}], NAMED),
    "CLEVRClassification": (put_clevr, [*SPLITS, {"split": "val"}], ()),
    "SEMEION": (put_semeion, [{"download": False}, {}], ("data", "labels")),
    "MovingMNIST": (
        put_moving,
        [{}, {"split": "train", "split_ratio": 3}, {"split": "test"}],
        ("data", "split", "split_ratio"),
    ),
    "Omniglot": (put_omniglot, [{}, {"background": False}], ("background", "root")),
    "Kitti": (put_kitti, [{}, {"train": False}], ("images", "targets", "train")),
    "Cityscapes": (
        put_cityscapes,
        [
            {},
            {"split": "test", "target_type": "semantic"},
            {"split": "train_extra", "mode": "coarse", "target_type": ["polygon", "color"]},
        ],
        ("images", "targets", "split", "mode", "target_type"),
    ),
    "WIDERFace": (put_widerface, [*SPLITS, {"split": "val"}], ("root", "split")),
}


@pytest.mark.parametrize("name", SETS)
def test_the_same_as_torchvisions(tmp_path, monkeypatch, name):
    put, options, attributes = SETS[name]
    put(tmp_path, monkeypatch)
    for kwargs in options:
        for root in (tmp_path, str(tmp_path)):
            pair = [getattr(E, name)(root, **kwargs) for E in BOTH]
            assert_same(*pair, *attributes)
        pair = [getattr(E, name)(tmp_path, transform=np.array, **kwargs) for E in BOTH]
        assert_same(*pair)
        assert plain(pickle.loads(pickle.dumps(pair[0]))[0]) == plain(pair[1][0])


BAD = {
    "DTD": [{"split": "all"}, {"partition": "1"}],
    "Country211": [{"split": "val"}],
    "RenderedSST2": [{"split": "valid"}],
    "FGVCAircraft": [{"split": "all"}, {"annotation_level": "wing"}],
    "GTSRB": [{"split": "val"}],
    "Imagenette": [{"split": "test"}, {"size": "full size"}, {"size": 320}],
    "CLEVRClassification": [{"split": 3}],
    "MovingMNIST": [{"split": "val"}, {"split_ratio": 20}, {"split_ratio": 0}, {"split_ratio": 2.0}],
    "Cityscapes": [
        {"split": "test", "mode": "coarse"},
        {"split": "x"},
        {"mode": "x"},
        {"target_type": "x"},
        {"target_type": ["color", 3]},
    ],
    "WIDERFace": [{"split": "all"}],
}


@pytest.mark.parametrize("name", SETS)
def test_refusals_are_torchvisions(tmp_path, monkeypatch, name):
    offline = {"download": False} if name == "SEMEION" else {}
    assert same_outcome(name, tmp_path, **offline) == "RuntimeError"
    SETS[name][0](tmp_path, monkeypatch)
    for kwargs in BAD.get(name, []):
        if (name, kwargs) == ("DTD", {"partition": "1"}):  # torchvision fails on comparing text with numbers
            with pytest.raises(ValueError, match="Parameter 'partition' should be an integer"):
                datasets.DTD(tmp_path, **kwargs)
            continue
        assert same_outcome(name, tmp_path, **kwargs).endswith("Error")


def test_facts_are_torchvisions():
    for name, attributes in {
        "DTD": ["_URL", "_MD5"],
        "Country211": ["_URL", "_MD5"],
        "RenderedSST2": ["_URL", "_MD5"],
        "FGVCAircraft": ["_URL"],
        "Imagenette": ["_ARCHIVES", "_WNID_TO_CLASS"],
        "SUN397": ["_DATASET_URL", "_DATASET_MD5"],
        "CLEVRClassification": ["_URL", "_MD5"],
        "SEMEION": ["url", "filename", "md5_checksum"],
        "MovingMNIST": ["_URL"],
        "Omniglot": ["folder", "download_url_prefix", "zips_md5"],
        "FER2013": ["_RESOURCES"],
        "Cityscapes": ["classes"],
        "WIDERFace": ["BASE_FOLDER", "ANNOTATIONS_FILE"],
        "CelebA": ["base_folder", "file_list"],
        "Food101": ["_URL", "_MD5"],
        "OxfordIIITPet": ["_RESOURCES"],
        "Flowers102": ["_file_dict", "_download_url_prefix", "classes"],
        "CIFAR10": ["base_folder", "url", "filename", "tgz_md5", "train_list", "test_list", "meta"],
        "CIFAR100": ["base_folder", "url", "filename", "tgz_md5", "train_list", "test_list", "meta"],
        "STL10": ["base_folder", "url", "filename", "tgz_md5", "train_list", "test_list", "splits"],
        "SVHN": ["split_list"],
        "USPS": ["split_list"],
        "MNIST": ["mirrors", "resources", "classes", "training_file", "test_file"],
        "FashionMNIST": ["mirrors", "resources", "classes"],
        "KMNIST": ["mirrors", "resources", "classes"],
        "EMNIST": ["url", "md5", "splits", "classes_split_dict"],
        "QMNIST": ["subsets", "resources", "classes"],
    }.items():
        for attribute in attributes:
            assert getattr(getattr(datasets, name), attribute) == getattr(getattr(theirs, name), attribute), (
                name
            )
    assert list(datasets.WIDERFace.FILE_LIST) == theirs.WIDERFace.FILE_LIST
    assert list(datasets.Kitti.resources) == theirs.Kitti.resources
    assert datasets.imagenet.ARCHIVE_META == theirs.imagenet.ARCHIVE_META


# ---------------------------------------------------------------- those that need more
FACE = " ".join(["7"] * (48 * 48))


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("train.csv", f"emotion,pixels\n3,{FACE}\n0,{FACE}\n"),
        (
            "fer2013.csv",
            f"emotion,pixels,Usage\n3,{FACE},Training\n1,{FACE},PublicTest\n2,{FACE},PrivateTest\n",
        ),
        ("icml_face_data.csv", f"emotion, Usage, pixels\n3,Training,{FACE}\n1,PublicTest,{FACE}\n"),
    ],
)
def test_fer2013(tmp_path, monkeypatch, file, text):
    assert same_outcome("FER2013", tmp_path) == "RuntimeError"
    path = write(tmp_path / "fer2013" / file, text)
    sums = {"train.csv": [path, write(tmp_path / "fer2013/test.csv", f"pixels\n{FACE}\n")]}.get(file, [path])
    known = {p.name: md5(p) for p in sums}
    official(
        monkeypatch, "FER2013", "_RESOURCES", lambda r: {k: (n, known.get(n, m)) for k, (n, m) in r.items()}
    )
    for split in ("train", "test"):
        assert_same(*(E.FER2013(tmp_path, split) for E in BOTH))
    assert same_outcome("FER2013", tmp_path, "val") == "ValueError"


def test_stanford_cars(tmp_path):
    scipy_io = pytest.importorskip("scipy.io", reason="the labels are MATLAB files")
    home = tmp_path / "stanford_cars"
    (home / "devkit").mkdir(parents=True)
    names = np.empty((1, 3), object)
    names[0] = ["AM General Hummer 2000", "Acura RL 2012", "smart fortwo 2012"]
    scipy_io.savemat(home / "devkit/cars_meta.mat", {"class_names": names})
    kind = [("bbox_x1", object), ("class", object), ("fname", object)]
    rows = np.array([(1, 3, "00001.jpg"), (2, 1, "00002.jpg")], dtype=kind)
    for split, file in (("train", "devkit/cars_train_annos.mat"), ("test", "cars_test_annos_withlabels.mat")):
        scipy_io.savemat(home / file, {"annotations": rows})
        for name in ("00001", "00002"):
            picture(home / f"cars_{split}" / f"{name}.jpg")
        pair = [E.StanfordCars(tmp_path, split) for E in BOTH]
        assert_same(pair[0], pair[0], *NAMED)
        assert [int(t) for _, t in pair[1]] == [t for _, t in pair[0]] == [2, 0]
        assert (pair[0].classes, repr(pair[0])) == (pair[1].classes, repr(pair[1]))
    assert same_outcome("StanfordCars", tmp_path, download=True) == "ValueError"
    assert same_outcome("StanfordCars", tmp_path / "new") == "RuntimeError"


def test_damage_is_named(tmp_path, monkeypatch):
    for put in (put_kitti, put_widerface, put_moving, put_semeion, put_aircraft):
        put(tmp_path, monkeypatch)
    file = write(tmp_path / "Kitti/raw/training/label_2/000001.txt", "Car 0.00 x\n")
    kitti = datasets.Kitti(tmp_path)
    with pytest.raises(RuntimeError, match=r"000001\.txt"):
        kitti[kitti.targets.index(str(file))]
    write(
        tmp_path / "widerface/wider_face_split/wider_face_val_bbx_gt.txt",
        "0--Parade/a.jpg\n2\n1 2 3 4 0 0 0 0 0 0\n",
    )
    with pytest.raises(RuntimeError, match=r"Error parsing annotation file .*wider_face_val_bbx_gt\.txt"):
        datasets.WIDERFace(tmp_path, "val")
    np.save(tmp_path / "MovingMNIST/mnist_test_seq.npy", np.array([{}]), allow_pickle=True)
    with pytest.raises(RuntimeError, match=r"mnist_test_seq\.npy is damaged"):
        datasets.MovingMNIST(tmp_path)
    file = write(tmp_path / "semeion.data", "1 2 3\n")
    monkeypatch.setattr(datasets.SEMEION, "md5_checksum", md5(file))
    with pytest.raises(RuntimeError, match=r"semeion\.data does not hold 256 pixels"):
        datasets.SEMEION(tmp_path)
    write(tmp_path / "fgvc-aircraft-2013b/data/images_variant_val.txt", "0001 variant nine\n")
    with pytest.raises(RuntimeError, match=r"images_variant_val\.txt has 'variant nine'"):
        datasets.FGVCAircraft(tmp_path, "val")
    assert isinstance(datasets.FGVCAircraft(tmp_path)[0][0], Image.Image)
