"""What every view promises: small modules, a text, a picture and a page, two languages, errors that are answered, and
nothing kept alive."""

from __future__ import annotations

import builtins
import gc
import json
import re
import struct
import time
import weakref
from xml.etree import ElementTree

import pytest

torch = pytest.importorskip("glasstorch")
np = pytest.importorskip("numpy")

import glasstorch_widgets  # noqa: E402
from glasstorch_widgets import bundle, png  # noqa: E402
from glasstorch_widgets.static_page import page  # noqa: E402
from support.views import EXAMPLES, kinds, make, recorded_comms  # noqa: E402

SVG = "{http://www.w3.org/2000/svg}"
SHAPES = {"rect", "circle", "ellipse", "line", "path", "polyline", "polygon", "image"}
DRAWN = {"svg", "title", "desc", "g", "text", "tspan", *SHAPES}
LARGEST_SCRIPT = 60 * 1024  # bytes of one view's module, without its style sheet
NO_PICTURE = {"question", "check_button"}  # a question and a button: their text says all
KEEPS_LEAVES = {
    "computation",
    "nested_computation",
}  # a graph that can be run again holds what it starts from


@pytest.fixture(autouse=True)
def no_service(monkeypatch) -> None:
    monkeypatch.delenv("GLASSTORCH_GRADER_URL", raising=False)


def test_every_kind_of_view_has_an_example() -> None:
    shown = {kind for name in EXAMPLES for kind in type(make(name)).__mro__ if kind in kinds()}
    assert shown == set(kinds())
    assert all(getattr(glasstorch_widgets, kind.__name__) is kind for kind in shown)


@pytest.mark.parametrize("home", ["widget", "page", "element"])
def test_a_view_is_a_small_module_at_every_home(home: str) -> None:
    sizes = {kind.module: len(bundle.script(kind.module, home).encode()) for kind in kinds()}
    print("\n" + "\n".join(f"{size:6d} bytes {module} ({home})" for module, size in sizes.items()))
    assert not {module: size for module, size in sizes.items() if size >= LARGEST_SCRIPT}
    # Ours to read, not somebody's minified library.
    assert max(len(line) for module in sizes for line in bundle.script(module, home).splitlines()) < 500


@pytest.mark.parametrize("name", EXAMPLES)
def test_text_and_picture_need_no_browser(name: str) -> None:
    view = make(name)
    text = view.text()
    assert text.strip()
    assert max(map(len, text.splitlines())) < 400
    assert " object at 0x" not in text
    picture = view.svg()
    assert (picture is None) == (name in NO_PICTURE)
    if picture is None:
        return
    root = ElementTree.fromstring(picture)
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= DRAWN
    for element in root.iter():
        assert not {"style", "class", "id"} & element.attrib.keys()
        assert element.attrib.get("href", "data:image/png;base64,").startswith("data:image/png;base64,")
        assert not any(key.startswith("on") or "}" in key for key in element.attrib), element.attrib
    assert root.attrib["viewBox"]
    assert root.find(f"{SVG}title") is not None
    fonts = {element.attrib["font-family"] for element in root.iter() if "font-family" in element.attrib}
    assert fonts
    assert all(font.endswith(("sans-serif", "monospace")) for font in fonts)


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_page_holds_all_it_needs(name: str, tmp_path) -> None:
    view = make(name)
    text = view.export_html(tmp_path / "view.html").read_text("utf-8")
    addresses = set(re.findall(r"(?:https?:)?//[a-z][\w-]*\.[\w./-]+", text))
    assert {address.removeprefix("http:") for address in addresses} <= {
        "//www.w3.org/2000/svg",
        "//www.w3.org/1998/Math/MathML",
    }
    assert not re.search(
        r"<(?:link|iframe|object|embed|base)\b|@import|\burl\((?!#)|<script[^>]*\bsrc=", text
    )
    packed = re.search(r'<script type="application/json" id="state">(.*?)</script>', text, re.DOTALL)
    state = json.loads(packed[1], parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))
    assert state["labels"] == view.labels
    assert state["lang"] == "en"


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_two_languages_differ_and_say_as_much(name: str) -> None:
    english, chinese = make(name, "en"), make(name, "zh")
    assert english.labels.keys() == chinese.labels.keys()
    same = {key for key, text in english.labels.items() if chinese.labels[key] == text}
    # Names of units, norms and formulas are written alike in both.
    assert len(same) <= 0.2 * len(english.labels), same
    assert re.search(r"[一-鿿]", "".join(chinese.labels.values()))


STRANGE = (
    {},
    {"type": None},
    {"type": "no such message"},
    {"type": "__init__"},
    {"type": 7, "index": [None]},
    [],
    "check",
    None,
)


@pytest.mark.parametrize("name", EXAMPLES)
def test_strange_messages_are_answered_and_harm_nothing(name: str) -> None:
    with recorded_comms() as comms:
        view = make(name)
    channel = next(one for one in comms if one.comm_id == view.model_id)
    before, sent = view.text(), len(channel.sent)
    for message in STRANGE:
        channel.receive({"method": "custom", "content": message})
        assert view.error, message
    # Messages that the view knows, without what belongs to them; a check would go to a grading service.
    known = [word.removeprefix("receive_") for word in dir(view) if word.startswith("receive_")]
    for kind in () if name in NO_PICTURE else known:
        channel.receive({"method": "custom", "content": {"type": kind, "id": [], "index": {}, "value": "x"}})
    errors = [
        data["state"]["error"] for _, data, _ in channel.sent[sent:] if "error" in data.get("state", {})
    ]
    assert any("does not know the message 'no such message'" in error for error in errors)
    assert view.text() == before
    channel.receive({"method": "update", "state": {"no_such_trait": 1, "_esm": "alert(1)"}})
    channel.receive({"method": "request_state"})
    assert view.text() == before


def test_what_opening_a_view_costs_on_the_wire() -> None:
    """Printed for every view; the module itself goes over it too, once for each view on show."""
    for name in EXAMPLES:
        with recorded_comms() as comms:
            view = make(name)
        sizes = next(one for one in comms if one.comm_id == view.model_id).bytes_sent()
        program = len((view._esm + view._css).encode())
        print(
            f"\n{name}: {program} bytes of program, {sum(sizes) - program} of state in {len(sizes)} messages",
            end="",
        )
        assert sum(sizes) - program < 200_000


def _large() -> dict[str, tuple[object, int]]:
    """Views of much, and how many bytes they may send."""
    nan, inf = float("nan"), float("inf")
    many = torch.randn(2000, 2000)
    odd = torch.tensor([nan, inf, -inf, 0.0, 1e308, 5e-324], dtype=torch.float64)
    logits = torch.randn(5000, 200)
    w = glasstorch_widgets
    return {
        "a large tensor": (lambda: w.tensor_view(many, lang="en"), 400_000),
        "odd numbers": (lambda: w.tensor_view(odd, lang="en"), 60_000),
        "an empty tensor": (lambda: w.tensor_view(torch.zeros(0, 3), lang="en"), 60_000),
        "large operands": (lambda: w.broadcast(many, torch.randn(2000), lang="en"), 400_000),
        "a graph of large values": (lambda: w.graph((many.requires_grad_() * 2).tanh().sum(), lang="en"), 60_000),
        "a long curve": (_long_curve, 200_000),
        "200 classes": (lambda: w.confusion(torch.arange(5000) % 200, logits, lang="en"), 200_000),
        "many channels": (_many_channels, 6_000_000),
        "256 tokens": (lambda: w.attention_view(torch.rand(2, 256, 256), list(range(256)), lang="en"), 1_500_000),
        "a race that flies off": (lambda: w.optimizer_race(lambda x, y: -(x**4) - y**4, lang="en"), 200_000),
    }  # fmt: skip


def _long_curve() -> object:
    view = glasstorch_widgets.loss_curve(lang="en")
    for k in range(20_000):
        view.add(loss=float("nan") if k % 7 == 0 else k * 1e30)
    view.flush()
    return view


def _many_channels() -> object:
    model = torch.nn.Conv2d(3, 512, 3)
    return glasstorch_widgets.feature_maps(model, torch.randn(3, 300, 300), channels=512, lang="en")


@pytest.mark.parametrize("name", _large())
def test_much_and_odd_input_stays_small_on_the_wire(name: str, tmp_path) -> None:
    make_it, most = _large()[name]
    with recorded_comms() as comms:
        view = make_it()
    channel = next(one for one in comms if one.comm_id == view.model_id)
    largest = max(channel.bytes_sent()[1:], default=0)
    opening = channel.bytes_sent()[0] - len((view._esm + view._css).encode())
    print(f"\n{name}: {opening} bytes to open, {largest} in the largest message after")
    assert max(opening, largest) <= most
    for _, data, _ in channel.sent:  # browsers parse JSON strictly: no NaN, no Infinity
        json.dumps(data, allow_nan=False)
    assert view.text()
    if view.svg() is not None:
        ElementTree.fromstring(view.svg())
    view.export_html(tmp_path / "view.html")
    view.close()


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_view_keeps_no_tensor(name: str) -> None:
    with recorded_comms() as comms:
        view, tensors = EXAMPLES[name]("en")
    held = [weakref.ref(tensor) for tensor in tensors]
    del tensors
    gc.collect()
    if name not in KEEPS_LEAVES:
        assert [one() for one in held if one() is not None] == []
    channel = next(one for one in comms if one.comm_id == view.model_id)
    view.close()
    assert channel.sent[-1][0] == "comm_close"
    here = weakref.ref(view)
    del view, channel
    comms.clear()
    deadline = time.monotonic() + 60
    while here() is not None and time.monotonic() < deadline:  # a request in the background may be under way
        gc.collect()
        time.sleep(0.02)
    assert here() is None
    assert [one() for one in held if one() is not None] == []


@pytest.mark.parametrize("name", sorted(EXAMPLES.keys() - NO_PICTURE))
def test_a_picture_becomes_a_png(name: str, tmp_path) -> None:
    pytest.importorskip("resvg_py")
    image = pytest.importorskip("PIL.Image")
    view = make(name)
    path = view.export_png(tmp_path / "view.png", scale=1)
    width, height = struct.unpack(">II", path.read_bytes()[16:24])
    drawn = ElementTree.fromstring(view.svg()).attrib
    assert (width, height) == (round(float(drawn["width"])), round(float(drawn["height"])))
    with image.open(path) as opened:
        assert len(opened.convert("RGB").getcolors(1 << 24)) > 8  # words have soft edges


def test_a_png_needs_a_library_and_something_to_draw(tmp_path, monkeypatch) -> None:
    with pytest.raises(ValueError, match="nothing to draw yet"):
        make("question").export_png(tmp_path / "view.png")
    with pytest.raises(ValueError, match="scale must be greater than 0"):
        make("tensor").export_png(tmp_path / "view.png", scale=0)
    ordinary = builtins.__import__

    def without(name: str, *rest: object, **keys: object) -> object:
        if name == "resvg_py":
            raise ModuleNotFoundError(name)
        return ordinary(name, *rest, **keys)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ImportError, match="pip install resvg-py"):
        make("tensor").export_png(tmp_path / "view.png")
    assert not (tmp_path / "view.png").exists()


def test_words_in_a_png_are_drawn_in_a_font_that_is_here(tmp_path) -> None:
    pytest.importorskip("resvg_py")
    head = '<svg xmlns="http://www.w3.org/2000/svg" width="80" height="20" font-family="Helvetica, Arial, sans-serif">'
    words = png.write_png(f'{head}<text x="2" y="16">Words</text></svg>', tmp_path / "words.png")
    blank = png.write_png(f"{head}</svg>", tmp_path / "blank.png")
    assert words.stat().st_size > 2 * blank.stat().st_size


def test_a_title_cannot_leave_its_page() -> None:
    text = page(
        "predict.js", ("common.css",), {"lang": "en", "question": "</script><b>"}, "</title><script>x"
    )
    assert "</script><b>" not in text
    assert "</title><script>" not in text


def test_figures_of_plotly_are_no_widgets() -> None:
    source = "".join(path.read_text("utf-8") for path in bundle.STATIC.parent.rglob("*.py"))
    assert "go.Figure(" in source
    assert "FigureWidget(" not in source


def test_the_gallery_shows_every_view(repository) -> None:
    folder = repository / "docs" / "gallery"
    source, page_ = (folder / "gallery.py").read_text("utf-8"), (folder / "README.md").read_text("utf-8")
    for name in glasstorch_widgets.__all__:
        if name.islower() and not name.endswith("_ipython_extension") and name not in ("exercise", "mine"):
            assert re.search(rf"\b{name}\b", source), name
    pictures = {path.name: path.stat().st_size for path in folder.glob("*.png")}
    assert set(re.findall(r"[\w-]+\.png", page_)) == pictures.keys()
    assert sum(pictures.values()) < 3_000_000
