"""What all views share: one ES module, one set of words, and pictures of itself that need no Python."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, ClassVar

import anywidget
import traitlets

from . import bundle
from .language import default_language, labels, translated
from .png import write_png
from .static_page import page

log = logging.getLogger(__name__)


class View(anywidget.AnyWidget):
    """A view in a notebook. A subclass names its parts as it is declared:

        class LossCurve(View, module="loss_curve.js", styles=("loss_curve.css",), words="curve"):

    Args of the declaration:
        module: the ES module in `static/` that exports the view's class.
        styles: its style sheets there, besides the common one.
        words: its part of the labels; the text `title` among them names the view.

    A subclass overrides `text` and `svg`, its static fallbacks, and may override `page_state`. Messages from the
    browser reach the method `receive_<type>`; whatever one raises is shown in the view (trait `error`), since there is
    no cell to show it in.

    Args:
        lang: "en" or "zh"; default from the environment (see `language.default_language`).
        traits: initial values; a `title` is shown in the lesson's translation, where it has one.
    """

    module: ClassVar[str]
    styles: ClassVar[tuple[str, ...]]
    words: ClassVar[str]

    labels = traitlets.Dict().tag(sync=True)
    lang = traitlets.Unicode().tag(sync=True)
    error = traitlets.Unicode("").tag(sync=True)

    def __init_subclass__(
        cls,
        *,
        module: str | None = None,
        styles: tuple[str, ...] = (),
        words: str | None = None,
        **kwargs: Any,
    ) -> None:
        if module is not None:
            cls.module, cls.words = module, words or module.removesuffix(".js")
            cls.styles = ("common.css", *styles)
            cls._esm = bundle.script(module)
            cls._css = bundle.style(*cls.styles)
        super().__init_subclass__(**kwargs)

    def __init__(self, *, lang: str | None = None, **traits: Any) -> None:
        lang = lang or default_language()
        if "title" in traits:
            traits["title"] = translated(traits["title"], lang)
        super().__init__(labels=labels(lang, self.words), lang=lang, **traits)
        self.on_msg(self._receive)

    # ---- without a live view ---

    def text(self) -> str:
        """The view as plain text: what a terminal and a screen reader get."""
        return repr(self)

    def svg(self) -> str | None:
        """The picture as static SVG text, or None when there is nothing to draw (yet)."""
        return None

    def page_state(self) -> dict[str, Any]:
        """What a page without Python needs: by default every synchronised trait of the view's own."""
        own = {name for name in self.traits(sync=True) if not name.startswith("_")}
        own -= {"layout", "tabbable", "tooltip", "comm"}
        return {name: getattr(self, name) for name in sorted(own)}

    def export_html(self, path: str | Path) -> Path:
        """Write one self-contained page: the same view, but without Python behind it."""
        path = Path(path)
        title = getattr(self, "title", "") or self.labels["title"]
        text = page(self.module, self.styles, self.page_state(), title)
        path.write_text(text, encoding="utf-8")
        return path

    def export_png(self, path: str | Path, *, scale: float = 2.0) -> Path:
        """Write the static picture, `svg()`, as a PNG file. Needs resvg-py.

        Args:
            path: where to write. scale: pixels for each unit of the SVG.

        Raises:
            ImportError: resvg-py is not installed. ValueError: there is nothing to draw yet.
        """
        return write_png(self.svg(), path, scale)

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        bundle_ = super()._repr_mimebundle_(**kwargs)
        if bundle_ is None:
            return None
        data, metadata = bundle_
        data = {**data, "text/plain": self.text()}
        picture = self.svg()
        if picture is not None:
            data["image/svg+xml"] = picture
        return data, metadata

    # ---- messages from the browser ---

    def _receive(self, _widget: Any, message: Any, _buffers: Any) -> None:
        """Hand a message to its method."""
        self.error = ""
        try:
            kind = message.get("type")
            answer = getattr(self, f"receive_{kind}", None)
            if answer is None:
                raise ValueError(f"this version of the widget does not know the message {kind!r}")
            answer(message)
        except Exception as error:
            log.debug("message %r failed", message, exc_info=True)
            self.error = f"{type(error).__name__}: {error}"
