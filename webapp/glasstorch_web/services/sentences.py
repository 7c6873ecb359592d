"""What checks say, in another language: sentence by sentence, after they were filled with numbers and names.

A verdict is written in English where it is given (`"Your function changed `x`."`), kept so in the result, and put into
the reader's language when it is shown. So the result stays one, and authors write no second program. A table gives for
each English sentence its translation; what varies is `{1}`, `{2}`, ... in both, in any order:

    "Your function changed `{1}`, which belongs to its caller." = "你的函数改动了 `{1}`，那是调用者的。"

What fills a place may be a phrase of the table itself ("the gradient of `x`", with a small first letter). Sentences may
follow one another. What no entry knows stays English, as do lines of code and what Python and the engine say.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_PLACE = re.compile(r"\{([1-9])\}")
_ENDS = ".?!:;"
_SENTENCE_END = re.compile(r"(?<=[.?!]) +(?=[A-Z`])")
_FILLING = r"(?:(?![.?!] [A-Z`]).)+?"  # the least that will do, and never the end of a sentence
_NO_SPACE_AFTER = "，。：；！？、（"
_OF_THE_GRADER = Path(__file__).resolve().parents[1] / "grader" / "sentences"


@dataclass(frozen=True)
class _Sentence:
    """pattern: of the English. places: the groups' numbers. literal: how many characters are not a place. lines: there
    are several.
    """

    pattern: re.Pattern[str]
    places: tuple[str, ...]
    translation: str
    literal: int
    lines: bool


class Sentences:
    """Translates by tables from English sentences to another language's; the first table that knows one decides."""

    def __init__(self, tables: Iterable[Mapping[str, str]]) -> None:
        merged: dict[str, str] = {}
        for table in tables:
            merged = {**table, **merged}
        self._whole = {english: said for english, said in merged.items() if not _PLACE.search(english)}
        found = [_compiled(english, said) for english, said in merged.items()]
        self._sentences = sorted(found, key=lambda sentence: -sentence.literal)

    def say(self, text: str) -> str:
        """The text in the other language, as far as it is known."""
        if text in self._whole:
            return self._whole[text]
        for sentence in self._sentences:
            if sentence.lines and (found := sentence.pattern.fullmatch(text)):
                return self._filled(sentence, found)
        return "\n".join(map(self._line, text.split("\n")))

    def _line(self, line: str) -> str:
        if line.startswith("  "):  # a line of code, or where it stands
            return line
        said, rest = "", line
        while rest:
            one, rest = self._next(rest)
            said += one if not said or said[-1] in _NO_SPACE_AFTER else f" {one}"
        return said

    def _next(self, text: str) -> tuple[str, str]:
        """The sentence that a text begins with, translated, and what follows it."""
        if text in self._whole:
            return self._whole[text], ""
        for sentence in self._sentences:
            found = sentence.pattern.match(text)
            if found and found[0][-1] in _ENDS:
                return self._filled(sentence, found), text[found.end() :].lstrip()
        end = _SENTENCE_END.search(text)  # unknown: it stays, and the next sentence is tried
        return (text[: end.start()], text[end.end() :]) if end else (text, "")

    def _phrase(self, text: str) -> str | None:
        """What fills a place, where it is a phrase of the table; also when a sentence begins with it."""
        for form in dict.fromkeys((text, text[:1].lower() + text[1:])):
            if form in self._whole:
                return self._whole[form]
            for sentence in self._sentences:
                found = sentence.places and sentence.pattern.fullmatch(form)
                if found:
                    return self._filled(sentence, found)
        return None

    def _filled(self, sentence: _Sentence, found: re.Match[str]) -> str:
        parts = {place: found[f"p{place}"] for place in sentence.places}
        values = {place: self._phrase(part) or part for place, part in parts.items()}
        return _PLACE.sub(lambda place: values.get(place[1], place[0]), sentence.translation)


def _compiled(english: str, said: str) -> _Sentence:
    """A sentence ends before a space or at the end; a place that comes twice holds the same twice."""
    pattern, places = "", []
    for number, part in enumerate(_PLACE.split(english)):
        if number % 2 == 0:
            pattern += re.escape(part)
        elif part in places:
            pattern += f"(?P=p{part})"
        else:
            places.append(part)
            pattern += f"(?P<p{part}>{_FILLING})"
    literal = _PLACE.sub("", english)
    if not literal.strip():
        raise ValueError(f"the message {english!r} has no words to know it by")
    whole = re.compile(rf"{pattern}(?=\s|$)", re.DOTALL)
    return _Sentence(whole, tuple(places), said, len(literal), "\n" in literal)


@lru_cache(maxsize=8)
def of_the_grader(language: str) -> dict[str, str]:
    """What the grader itself says, from English to a language; nothing for English."""
    path = _OF_THE_GRADER.with_suffix(f".{language}.toml")
    return tomllib.loads(path.read_text("utf-8")) if path.exists() else {}
