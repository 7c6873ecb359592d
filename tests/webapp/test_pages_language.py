"""English and Chinese: every text is translated, none is written past the catalogue, and the right one is chosen."""

from __future__ import annotations

import datetime
import io
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from glasstorch_web.app import language
from glasstorch_web.app.problem_kinds import KINDS
from jinja2 import Environment
from jinja2.ext import babel_extract
from starlette.datastructures import Headers

WEB = Path(language.__file__).parents[1]
TEMPLATES = WEB / "templates"
CATALOGUE = language.LOCALE / "zh" / "LC_MESSAGES" / "glasstorch.po"
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "gettext_noop": None}
FOR_PROGRAMMERS = {"api.html", "problems.html"}  # the API's documentation is in English
READ_ALOUD = {"aria-label", "alt", "title", "placeholder", "label"}
NAMES = {"Ctrl", "Enter", "Esc", "Tab", "Glasstorch", "s", "JupyterLab"}  # the same in every language

Message = str | tuple[str, ...]


def messages() -> dict[Message, str]:
    """Every text that asks to be translated, with where it stands."""
    found: dict[Message, str] = {kind.title: "problem_kinds.py" for kind in KINDS.values()}
    options = {"extensions": "jinja2.ext.i18n", "trimmed": "true"}
    for path in sorted(TEMPLATES.rglob("*.html")):
        if path.name not in FOR_PROGRAMMERS:
            for line, _function, message, _comments in babel_extract(
                io.BytesIO(path.read_bytes()), ("_", "gettext", "ngettext"), (), options
            ):
                found[_plain(message)] = f"{path.name}:{line}"
    for path in sorted(one for part in ("app", "services", "store") for one in (WEB / part).rglob("*.py")):
        for line, message, _comments, _context in extract(
            "python", io.BytesIO(path.read_bytes()), keywords=KEYWORDS
        ):
            found[_plain(message)] = f"{path.name}:{line}"
    return {message: place for message, place in found.items() if message}


def _plain(message: object) -> Message:
    if isinstance(message, (tuple, list)):
        return tuple(part for part in message if part)
    return str(message or "")  # nothing where a template translates what a variable holds


def test_every_text_has_its_chinese() -> None:
    catalogue = read_po(io.BytesIO(CATALOGUE.read_bytes()), locale="zh")
    known = {entry.id: entry for entry in catalogue if entry.id}
    missing = []
    for message, place in messages().items():
        entry = known.get(message)
        if entry is None or not all(entry.string if isinstance(entry.string, tuple) else [entry.string]):
            missing.append(f"#: {place}\n{_as_po(message)}")
    assert not missing, "add to glasstorch.po:\n\n" + "\n\n".join(missing)
    fuzzy = [entry.id for entry in known.values() if entry.fuzzy]
    assert not fuzzy, f"translations to look at again: {fuzzy}"
    wrong = [f"{entry.id}: {error}" for entry in known.values() for error in entry.check()]
    assert not wrong, "a translation's %(names)s differ from the English ones"


def _as_po(message: Message) -> str:
    quoted = [
        part.replace("\\", "\\\\").replace('"', '\\"')
        for part in ([message] if isinstance(message, str) else message)
    ]
    if len(quoted) == 1:
        return f'msgid "{quoted[0]}"\nmsgstr ""'
    return f'msgid "{quoted[0]}"\nmsgid_plural "{quoted[1]}"\nmsgstr[0] ""'


class _Words(HTMLParser):
    """Collects what a reader sees or hears of a piece of HTML."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag
        self.words += [value for name, value in attrs if name in READ_ALOUD and value]

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def literal_texts(template: str) -> Iterator[str]:
    """Words that stand in a template by themselves, outside of `_()` and `{% trans %}`."""
    kept: list[str] = []
    translated = False
    block: list[str] = []
    for _line, kind, value in Environment(trim_blocks=True, lstrip_blocks=True).lex(template):
        if kind == "block_begin":
            block = []
        elif kind == "name":
            block.append(value)
        elif kind == "block_end" and block and block[0] in ("trans", "endtrans"):
            translated = block[0] == "trans"
        elif kind == "data" and not translated:
            kept.append(value)
        elif kind == "variable_begin":
            kept.append("<x>")  # what is filled in is no literal text
    parser = _Words()
    parser.feed("".join(kept))
    for text in parser.words:
        for word in re.findall(r"[^\W\d_]{2,}", text):
            if word not in NAMES:
                yield f"{word!r} in {text.strip()[:80]!r}"


def test_no_template_says_anything_past_the_catalogue() -> None:
    found = {
        path.name: literal
        for path in sorted(TEMPLATES.rglob("*.html"))
        if path.name not in FOR_PROGRAMMERS and (literal := list(literal_texts(path.read_text("utf-8"))))
    }
    assert not found
    assert list(literal_texts('<p title="Say">{{ _("fine") }} word {% trans %}fine{% endtrans %}</p>')) == [
        "'Say' in 'Say'",
        "'word' in 'word'",
    ], "the search itself finds what it should"


@pytest.mark.parametrize(
    ("cookie", "accept", "expected"),
    [
        ("", "", "en"),
        ("", "zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("", "zh-TW", "zh"),
        ("", "de-DE,fr;q=0.5", "en"),
        ("", "de,zh;q=0.4", "zh"),
        ("glasstorch_language=en", "zh-CN", "en"),
        ("a=b; glasstorch_language=zh", "en-GB", "zh"),
        ("glasstorch_language=xx", "zh", "zh"),
        ('glasstorch_language="\x01', "", "en"),
    ],
)
def test_the_language_is_the_chosen_one_else_the_browsers(cookie: str, accept: str, expected: str) -> None:
    assert language.preferred(Headers({"cookie": cookie, "accept-language": accept})) == expected


def test_numbers_dates_and_plurals_are_the_languages_own() -> None:
    when = datetime.datetime(2026, 11, 21, 9, 5)

    def told() -> list[str]:
        return [
            language.number(1234.5),
            language.percent(0.998),
            language.moment(when),
            language.day(when.date()) if when.year == datetime.date.today().year else "",
            language.until(3 * 86400),
            language.ngettext("%(num)s point", "%(num)s points", 1),
            language.ngettext("%(num)s point", "%(num)s points", 2),
        ]

    token = language._current.set("en")
    english = told()
    language._current.reset(token)
    token = language._current.set("zh")
    chinese = told()
    language._current.reset(token)
    assert english[:3] == ["1,234.5", "99%", "21 Nov 2026, 09:05"]
    assert english[4:] == ["in 3 days", "%(num)s point", "%(num)s points"]
    assert chinese[2] == "2026年11月21日 09:05"
    assert chinese[4:] == ["3天后", "%(num)s 分", "%(num)s 分"]
