"""Oxford 102 Flowers: photographs of 102 kinds of flowers that are common in the United Kingdom."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from .folder import default_loader
from .listed import ListedImages, numbered
from .matlab import read_mat
from .utils import check_integrity, download_and_extract_archive, download_url, verify_str_arg


class Flowers102(ListedImages):
    """Flowers, by Nilsback and Zisserman; the labels are MATLAB files, and reading them needs SciPy.

    Args:
        root: the folder with ``flowers-102/``, which holds ``jpg/``, ``imagelabels.mat`` and ``setid.mat``.
        split: ``train``, ``val`` (ten images of each kind) or ``test`` (all others).
        transform: a function of the image (a Pillow image in RGB, unless ``loader`` gives others).
        target_transform: a function of the class number.
        download: fetch the official files, unless they are there.
        loader: a function of a path that reads the image.

    Attributes: ``classes``, the names; ``class_to_idx``, their numbers.
    Source: https://www.robots.ox.ac.uk/~vgg/data/flowers/102/
    """

    _download_url_prefix = "https://www.robots.ox.ac.uk/~vgg/data/flowers/102/"
    _file_dict: ClassVar[dict[str, tuple[str, str]]] = {
        "image": ("102flowers.tgz", "52808999861908f626f3c1f4e79d11fa"),
        "label": ("imagelabels.mat", "e0620be6f572b9609742df49c70aed4d"),
        "setid": ("setid.mat", "a5357ecc9cb78c4bef273ce3793fc85c"),
    }
    _splits_map: ClassVar[dict[str, str]] = {"train": "trnid", "val": "valid", "test": "tstid"}

    def __init__(
        self,
        root: str | Path,
        split: str = "train",
        transform: Callable | None = None,
        target_transform: Callable | None = None,
        download: bool = False,
        loader: Callable[[Any], Any] = default_loader,
    ) -> None:
        super().__init__(root, transform, target_transform, loader)
        self._split = verify_str_arg(split, "split", ("train", "val", "test"))
        self._base_folder = self._home / "flowers-102"
        self._images_folder = self._base_folder / "jpg"
        if download:
            self.download()
        if not self._check_integrity():
            files = ", ".join(f"{name} (md5 {md5})" for name, md5 in self._file_dict.values())
            raise RuntimeError(
                "Dataset not found or corrupted. You can use download=True to download it, or put these files into "
                f"{self._base_folder} and unpack the first there: {files}"
            )
        key = self._splits_map[split]
        chosen = read_mat(self._base_folder / self._file_dict["setid"][0], (key,), squeeze_me=True)[key]
        label_file = self._base_folder / self._file_dict["label"][0]
        labels = read_mat(label_file, ("labels",), squeeze_me=True)["labels"]
        if labels.size and not 1 <= labels.min() <= labels.max() <= len(self.classes):
            raise RuntimeError(f"{label_file} holds labels beside 1 to {len(self.classes)}.")
        self._labels = [int(labels[image - 1]) - 1 for image in chosen]
        self._image_files = [self._images_folder / f"image_{image:05d}.jpg" for image in chosen]

    def _check_integrity(self) -> bool:
        files = (self._file_dict[kind] for kind in ("label", "setid"))
        return self._images_folder.is_dir() and all(
            check_integrity(self._base_folder / name, md5) for name, md5 in files
        )

    def download(self) -> None:
        """Fetch the official files and unpack the images, unless that is done."""
        if self._check_integrity():
            return
        name, md5 = self._file_dict["image"]
        download_and_extract_archive(self._download_url_prefix + name, self._base_folder, md5=md5)
        for kind in ("label", "setid"):
            name, md5 = self._file_dict[kind]
            download_url(self._download_url_prefix + name, self._base_folder, md5=md5)

    def extra_repr(self) -> str:
        return f"split={self._split}"

    classes: ClassVar[list[str]] = [
        *("pink primrose", "hard-leaved pocket orchid", "canterbury bells", "sweet pea"),
        *("english marigold", "tiger lily", "moon orchid", "bird of paradise", "monkshood"),
        *("globe thistle", "snapdragon", "colt's foot", "king protea", "spear thistle"),
        *("yellow iris", "globe-flower", "purple coneflower", "peruvian lily", "balloon flower"),
        *("giant white arum lily", "fire lily", "pincushion flower", "fritillary", "red ginger"),
        *("grape hyacinth", "corn poppy", "prince of wales feathers", "stemless gentian"),
        *("artichoke", "sweet william", "carnation", "garden phlox", "love in the mist"),
        *("mexican aster", "alpine sea holly", "ruby-lipped cattleya", "cape flower"),
        *("great masterwort", "siam tulip", "lenten rose", "barbeton daisy", "daffodil"),
        *("sword lily", "poinsettia", "bolero deep blue", "wallflower", "marigold", "buttercup"),
        *("oxeye daisy", "common dandelion", "petunia", "wild pansy", "primula", "sunflower"),
        *("pelargonium", "bishop of llandaff", "gaura", "geranium", "orange dahlia"),
        *("pink-yellow dahlia?", "cautleya spicata", "japanese anemone", "black-eyed susan"),
        *("silverbush", "californian poppy", "osteospermum", "spring crocus", "bearded iris"),
        *("windflower", "tree poppy", "gazania", "azalea", "water lily", "rose", "thorn apple"),
        *("morning glory", "passion flower", "lotus", "toad lily", "anthurium", "frangipani"),
        *("clematis", "hibiscus", "columbine", "desert-rose", "tree mallow", "magnolia", "cyclamen"),
        *("watercress", "canna lily", "hippeastrum", "bee balm", "ball moss", "foxglove"),
        *("bougainvillea", "camellia", "mallow", "mexican petunia", "bromelia", "blanket flower"),
        *("trumpet creeper", "blackberry lily"),
    ]
    class_to_idx = numbered(classes)
