"""Image files read and written: what Pillow wrote, what it reads back, and files that are broken."""

from __future__ import annotations

import io as streams
import os

import glasstorch
import numpy as np
import pytest
from glasstorch.vision import io

Image = pytest.importorskip("PIL.Image")

rng = np.random.default_rng(0)
NOISE = rng.integers(0, 256, (20, 31, 3), dtype=np.uint8)
rows, columns = np.mgrid[:20, :31]
SMOOTH = np.stack([rows * 9, columns * 8, (rows + columns) * 5], -1).astype(np.uint8)


def encoded(pixels, kind, mode=None, **how):
    """A file that Pillow writes, as a tensor."""
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    file = streams.BytesIO()
    (image.convert(mode) if mode else image).save(file, kind, **how)
    return glasstorch.from_numpy(np.frombuffer(file.getvalue(), np.uint8).copy())


def chw(pixels):
    pixels = np.asarray(pixels)
    return np.moveaxis(pixels[..., None] if pixels.ndim == 2 else pixels, -1, 0)


def transparent():
    image = Image.fromarray(NOISE)
    image.putalpha(Image.fromarray(NOISE[..., 0]))
    return image


def test_the_modes_and_their_names():
    assert io.ImageReadMode.RGBA is io.ImageReadMode.RGB_ALPHA
    assert [m.value for m in io.ImageReadMode] == [0, 1, 2, 3, 4]
    file = encoded(NOISE, "PNG")
    assert glasstorch.equal(io.decode_png(file, "rgb"), io.decode_png(file, io.ImageReadMode.RGB))
    with pytest.raises(KeyError):
        io.decode_png(file, "colour")


@pytest.mark.parametrize("pixels", [NOISE, NOISE[..., 0], np.dstack([NOISE, NOISE[..., :1]])])
def test_png_gives_back_what_was_written(pixels):
    back = io.decode_image(encoded(pixels, "PNG"))
    assert back.dtype is glasstorch.uint8
    np.testing.assert_array_equal(back.numpy(), chw(pixels))


def test_png_in_other_modes():
    rgb = io.decode_png(encoded(NOISE, "PNG"), "RGBA")
    np.testing.assert_array_equal(rgb.numpy(), chw(np.dstack([NOISE, np.full((20, 31), 255, np.uint8)])))
    file = encoded(transparent(), "PNG")
    np.testing.assert_array_equal(io.decode_png(file, "RGB").numpy(), chw(NOISE))
    grey = io.decode_png(file, "GRAY_ALPHA").numpy()
    assert grey.shape == (2, 20, 31)
    np.testing.assert_array_equal(grey[1], NOISE[..., 0])
    exact = NOISE @ [0.2989, 0.587, 0.1141]
    assert np.abs(grey[0] - exact).max() <= 1  # libpng's fixed point, cut off
    np.testing.assert_array_equal(
        io.decode_png(encoded(NOISE[..., 0], "PNG"), "RGB").numpy(), chw(NOISE[..., [0] * 3])
    )


def test_png_of_one_bit_of_a_palette_and_of_16_bits():
    bits = Image.fromarray(NOISE).convert("1")
    np.testing.assert_array_equal(
        io.decode_png(encoded(bits, "PNG")).numpy(), chw(np.asarray(bits) * np.uint8(255))
    )
    palette = Image.fromarray(NOISE).convert("P")
    file = encoded(palette, "PNG")
    np.testing.assert_array_equal(io.decode_png(file).numpy(), chw(palette))
    np.testing.assert_array_equal(io.decode_png(file, "RGB").numpy(), chw(palette.convert("RGB")))
    deep = NOISE[..., 0].astype(np.uint16) * 257
    back = io.decode_png(encoded(deep, "PNG"))
    assert back.dtype is glasstorch.uint16
    np.testing.assert_array_equal(back.numpy(), chw(deep))


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_jpeg_is_decoded_as_pillow_does(mode):
    file = encoded(SMOOTH, "JPEG", mode, quality=80)
    image = Image.open(streams.BytesIO(file.numpy().tobytes()))
    np.testing.assert_array_equal(io.decode_jpeg(file).numpy(), chw(image))
    np.testing.assert_array_equal(io.decode_image(file, "RGB").numpy(), chw(image.convert("RGB")))
    grey = io.decode_jpeg(file, "GRAY").numpy()
    assert grey.shape == (1, 20, 31)
    assert np.abs(grey[0] - np.asarray(image.convert("L")).astype(int)).max() <= 3
    with pytest.raises(RuntimeError, match="The provided mode is not supported for JPEG files"):
        io.decode_jpeg(file, "RGBA")


def test_jpeg_of_inks():
    file = encoded(SMOOTH, "JPEG", "CMYK", quality=95)
    inks = io.decode_jpeg(file)
    assert inks.shape == (4, 20, 31)
    light = io.decode_jpeg(file, "RGB").numpy().astype(int)
    assert np.abs(light - chw(SMOOTH)).mean() < 8
    assert io.decode_jpeg(file, "GRAY").shape == (1, 20, 31)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_images_taken_with_a_turned_camera(orientation, kind):
    from PIL import ImageOps

    exif = Image.Exif()
    exif[0x112] = orientation
    file = encoded(SMOOTH, kind, exif=exif.tobytes())
    image = Image.open(streams.BytesIO(file.numpy().tobytes()))
    np.testing.assert_array_equal(io.decode_image(file).numpy(), chw(image))
    upright = io.decode_image(file, apply_exif_orientation=True)
    np.testing.assert_array_equal(upright.numpy(), chw(ImageOps.exif_transpose(image)))


def test_gif():
    first = Image.fromarray(SMOOTH)
    still = encoded(first, "GIF")
    assert io.decode_gif(still).shape == (3, 20, 31)
    moving = encoded(first, "GIF", save_all=True, append_images=[first.rotate(90), first.rotate(180)])
    frames = io.decode_image(moving, "GRAY")  # a GIF is RGB whatever is asked for
    assert frames.shape == (3, 3, 20, 31)
    image = Image.open(streams.BytesIO(moving.numpy().tobytes()))
    for k in range(3):
        image.seek(k)
        np.testing.assert_array_equal(frames[k].numpy(), chw(image.convert("RGB")))


def test_webp():
    file = encoded(NOISE, "WEBP", lossless=True)
    np.testing.assert_array_equal(io.decode_image(file).numpy(), chw(NOISE))
    assert io.decode_webp(file, "RGBA").shape == (4, 20, 31)
    with pytest.warns(UserWarning, match="Webp does not support grayscale conversions"):
        assert io.decode_webp(file, "GRAY").shape == (3, 20, 31)
    assert io.decode_webp(encoded(transparent(), "WEBP", lossless=True)).shape[0] == 4


@pytest.mark.parametrize("channels", [1, 3])
def test_what_we_write_reads_back(channels, tmp_path):
    image = glasstorch.from_numpy(np.ascontiguousarray(chw(SMOOTH)[:channels]))
    io.write_png(image, tmp_path / "a.png", compression_level=9)
    assert glasstorch.equal(io.read_image(tmp_path / "a.png"), image)
    assert glasstorch.equal(io.decode_image(str(tmp_path / "a.png")), image)
    io.write_jpeg(image, str(tmp_path / "a.jpg"), quality=100)
    assert (io.read_image(tmp_path / "a.jpg").int() - image.int()).abs().max() < 20
    assert len(io.encode_jpeg([image, image])) == 2
    assert len(io.encode_jpeg(image, 10)) < len(io.encode_jpeg(image, 95))
    assert len(io.decode_jpeg([io.encode_jpeg(image)] * 2)) == 2


@pytest.mark.parametrize(
    ("image", "words"),
    [
        (glasstorch.zeros(3, 4, 4), "Input tensor dtype should be uint8"),
        (
            glasstorch.zeros(2, 4, 4, dtype=glasstorch.uint8),
            "The number of channels should be 1 or 3, got: 2",
        ),
        (glasstorch.zeros(4, 4, dtype=glasstorch.uint8), "Input data should be a 3-dimensional tensor"),
    ],
)
def test_what_cannot_be_written(image, words):
    for encode in (io.encode_jpeg, io.encode_png):
        with pytest.raises(RuntimeError, match=words):
            encode(image)


def test_levels_of_compression():
    image = glasstorch.zeros(3, 4, 4, dtype=glasstorch.uint8)
    with pytest.raises(RuntimeError, match="Compression level should be between 0 and 9"):
        io.encode_png(image, 10)
    with pytest.raises(ValueError, match="Image quality should be a positive number between 1 and 100"):
        io.encode_jpeg(image, 0)
    with pytest.raises(ValueError, match="requires at least one input tensor"):
        io.encode_jpeg([])


KINDS = {"PNG": io.decode_png, "JPEG": io.decode_jpeg, "GIF": io.decode_gif, "WEBP": io.decode_webp}


@pytest.mark.parametrize("kind", KINDS)
def test_broken_files_say_so(kind):
    file = encoded(NOISE, kind)
    for end in (4, 30, len(file) // 2):
        with pytest.raises(
            RuntimeError, match=r"incomplete or truncated|Content is not|Pillow could not read"
        ):
            KINDS[kind](file[:end])
    garbage = file.clone()
    garbage[:4] = 7
    with pytest.raises(RuntimeError, match="Content is not"):
        KINDS[kind](garbage)
    with pytest.raises(RuntimeError, match=r"Unsupported image file\. Only jpeg, png, webp and gif"):
        io.decode_image(garbage)
    with pytest.raises(RuntimeError, match="must have uint8 data type, got"):
        KINDS[kind](file.float())
    with pytest.raises(RuntimeError, match="must be 1-dimensional and non-empty, got 1 dims  and 0 numels"):
        KINDS[kind](file[:0])


def test_what_is_no_file():
    with pytest.raises(RuntimeError, match=r"Expected a torch.uint8 tensor"):
        io.decode_image(glasstorch.ones(3))
    with pytest.raises(RuntimeError, match="Expected a non empty 1-dimensional tensor"):
        io.decode_image(glasstorch.ones(3, 3, dtype=glasstorch.uint8))
    with pytest.raises(ValueError, match="must contain at least one element"):
        io.decode_jpeg([])
    with pytest.raises(ValueError, match="must be tensors"):
        io.decode_jpeg([1])


def test_files(tmp_path):
    data = glasstorch.arange(10, dtype=glasstorch.uint8)
    io.write_file(tmp_path / "a", data)
    assert (tmp_path / "a").read_bytes() == bytes(range(10))
    assert glasstorch.equal(io.read_file(tmp_path / "a"), data)
    with pytest.raises(RuntimeError, match="No such file or directory"):
        io.read_file(tmp_path / "b")
    with pytest.raises(RuntimeError, match="Error opening output file"):
        io.write_file(tmp_path / "no" / "a", data)
    with pytest.raises(RuntimeError, match="dtype should be uint8"):
        io.write_file(tmp_path / "a", data.float())
    with pytest.raises(RuntimeError, match="should be a 1-dimensional tensor"):
        io.write_file(tmp_path / "a", data[None])
    (tmp_path / "empty").touch()
    with pytest.raises(RuntimeError, match="Expected a non empty file"):
        io.read_file(tmp_path / "empty")


def test_a_file_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    image = glasstorch.from_numpy(np.ascontiguousarray(chw(SMOOTH)))
    io.write_png(image, tmp_path / "a.png")
    before = (tmp_path / "a.png").read_bytes()

    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(RuntimeError, match="No space left on device"):
        io.write_png(image * 0, tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes() == before
    assert os.listdir(tmp_path) == ["a.png"]


def test_video_is_not_there():
    with pytest.raises(AttributeError, match="has given up its video functions"):
        io.read_video  # noqa: B018
