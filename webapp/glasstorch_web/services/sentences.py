"""What checks say, in another language: sentence by sentence, after they were filled with numbers and names.

A verdict is written in English where it is given (`"Your function changed `x`."`), kept so in the result, and put into
the reader's language when it is shown. So the result stays one, and authors write no second program. A table gives for
each English sentence its translation; what varies is `{1}`, `{2}`, ... in both, in any order:

    "Your function changed `{1}`, which belongs to its caller." = "你的函数改动了 `{1}`，那是调用者的。"

What fills a place may be a phrase of the table itself ("the gradient of `x`", with a small first letter), if nothing in
it stays English. Sentences may follow one another. What no entry knows stays English, as do lines of code and what
Python and the engine say; an entry for an indented line begins with its spaces.

Learners write a part of what is translated. So no text makes this slow: a place, once filled, is not filled otherwise,
and phrases within phrases end soon.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import zip_longest
from pathlib import Path

_PLACE = re.compile(r"\{([1-9])\}")
_ENDS = (".", "?", "!", ":", ";")
_SENTENCE_END = re.compile(r"(?<=[.?!]) +(?=[A-Z`])")
_FILLING = r"(?:(?![.?!] [A-Z`]).)+?"  # the least that will do, and never the end of a sentence
_NO_SPACE_AFTER = "，。：；！？、（"
_HAN = r"[\u4e00-\u9fff]"
_WESTERN = r"[\w`'\"(\[{<*%-]"
_NOT_CHINESE = re.compile(r"[^\u3000-\u303f\u4e00-\u9fff\uff00-\uffef“”…]+")
_QUOTED = re.compile(r"`[^`]*`|'[^']*'|\"[^\"]*\"")
_BY_PYTHON = re.compile(r"\b\w*(?:Error|Exception|Interrupt|Warning|Iteration)(?:: |：).*")
_WORDS = re.compile(r"[A-Za-z][\w'-]* [a-z][\w'-]+|[a-z][\w'-]+ [A-Za-z][\w'-]*")
_DEEPEST = 4  # phrases within phrases
_OF_THE_GRADER = Path(__file__).resolve().parents[1] / "grader" / "sentences"


@dataclass(frozen=True)
class _Sentence:
    """pattern: of the English. code: which of its groups stand in backticks. literal: how many characters are not a
    place. ends: it is a sentence, not a phrase. lines: there are several. indented: it is said of code.
    """

    pattern: re.Pattern[str]
    code: frozenset[str]
    translation: str
    literal: int
    ends: bool
    lines: bool
    indented: bool


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
                return _filled(sentence, self._values(sentence, found))
        return "\n".join(map(self._line, text.split("\n")))

    def left(self, said: str) -> list[str]:
        """What is still English in a text that `say` put into Chinese; not what a translation says so itself."""
        return [
            part for part in english_in(said) if not any(part in one.translation for one in self._sentences)
        ]

    def _line(self, line: str) -> str:
        if line.startswith("  "):  # a line of code, or where it stands
            return self._indented(line)
        if not line.endswith(_ENDS) and (phrase := self._phrase(line)):
            return phrase
        said, rest = "", line
        while rest:
            one, rest = self._next(rest)
            said += one if not said or said[-1] in _NO_SPACE_AFTER else f" {one}"
        return said

    def _indented(self, line: str) -> str:
        for sentence in self._sentences:
            if sentence.indented and (found := sentence.pattern.fullmatch(line)):
                return _filled(sentence, self._values(sentence, found))
        return line

    def _next(self, text: str) -> tuple[str, str]:
        """The sentence that a text begins with, translated, and what follows it."""
        if text in self._whole:
            return self._whole[text], ""
        for sentence in self._sentences:
            if sentence.ends and (found := sentence.pattern.match(text)):
                return _filled(sentence, self._values(sentence, found)), text[found.end() :].lstrip()
        end = _SENTENCE_END.search(text)  # unknown: it stays, and the next sentence is tried
        return (text[: end.start()], text[end.end() :]) if end else (text, "")

    def _phrase(self, text: str, depth: int = 0) -> str | None:
        """What fills a place, where it is a phrase of the table; also when a sentence begins with it."""
        for form in dict.fromkeys((text, text[:1].lower() + text[1:])):
            if form in self._whole:
                return self._whole[form]
            for sentence in self._sentences if depth < _DEEPEST else ():
                found = sentence.pattern.fullmatch(form)
                values = self._values(sentence, found, depth + 1) if found else {}
                if values and not any(map(english_in, values.values())):
                    return _filled(sentence, values)
        return None

    def _values(self, sentence: _Sentence, found: re.Match[str], depth: int = 0) -> dict[str, str]:
        """What fills the places, by their groups."""
        parts = found.groupdict().items()
        return {
            place: part if place in sentence.code else self._phrase(part, depth) or part
            for place, part in parts
        }


def _filled(sentence: _Sentence, values: dict[str, str]) -> str:
    pieces, said = _PLACE.split(sentence.translation), ""
    for literal, place in zip_longest(pieces[::2], pieces[1::2], fillvalue=""):
        said = _beside(_beside(said, literal), values.get(f"p{place}", ""))
    return said


def _beside(left: str, right: str) -> str:
    """Joined with a space between Chinese and other writing, and none between Chinese and Chinese."""
    if left.count("`") % 2:  # within code
        return left + right
    if re.search(rf"{_HAN} $", left) and re.match(_HAN, right):
        return left[:-1] + right
    if re.search(rf"{_HAN}$", left) and re.match(rf" {_HAN}", right):
        return left + right[1:]
    if re.search(rf"{_HAN}$", left) and re.match(rf"(?!{_HAN}){_WESTERN}", right):
        return f"{left} {right}"
    if re.search(rf"[\w`'\")\]}}>%](?<!{_HAN})$", left) and re.match(_HAN, right):
        return f"{left} {right}"
    return left + right


@lru_cache(maxsize=8192)
def _compiled(english: str, said: str) -> _Sentence:
    """A sentence ends before a space or at the end; a place that comes twice holds the same twice."""
    before, *parts = _PLACE.split(english)
    pattern, places, code = re.escape(before), set[str](), set[str]()
    for number in range(0, len(parts), 2):
        place, literal = parts[number : number + 2]
        one = f"(?P=p{place})" if place in places else f"(?P<p{place}>{_FILLING})"
        one += re.escape(literal)
        places.add(place)
        if before.count("`") % 2:
            code.add(f"p{place}")
        before += literal
        pattern += f"(?>{one})" if number + 2 < len(parts) else one  # the end has to be found yet
    known = _PLACE.sub("", english)
    if not known.strip():
        raise ValueError(f"the message {english!r} has no words to know it by")
    whole = re.compile(rf"{pattern}(?=\s|$)", re.DOTALL)
    kind = (english.endswith(_ENDS), "\n" in english, english.startswith("  "))
    return _Sentence(whole, frozenset(code), said, len(known), *kind)


def english_in(text: str) -> list[str]:
    """What stayed English of a text put into Chinese, but for code, values and what Python says: two words or more."""
    found = []
    for line in text.split("\n"):
        if not line[:1].isspace():
            parts = _NOT_CHINESE.findall(_BY_PYTHON.sub("", line))
            found += [part.strip() for part in parts if _WORDS.search(_QUOTED.sub("`", part))]
    return found


@lru_cache(maxsize=8)
def of_the_grader(language: str) -> dict[str, str]:
    """What the grader itself says, from English to a language; nothing for English."""
    path = _OF_THE_GRADER.with_suffix(f".{language}.toml")
    return tomllib.loads(path.read_text("utf-8")) if path.exists() else {}
