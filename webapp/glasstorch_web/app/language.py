"""English and Chinese: which one a request gets, its words, its dates and numbers.

Words come from gettext catalogues (`locale/zh/LC_MESSAGES/glasstorch.po`), compiled when first needed. Handlers and
templates call `gettext` and `ngettext`; the language is that of the request being answered.
"""

from __future__ import annotations

import datetime
import io
from contextvars import ContextVar
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from typing import Final

from babel import Locale
from babel.core import negotiate_locale
from babel.dates import format_date, format_datetime, format_time, format_timedelta
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from ..words import gettext_noop as gettext_noop  # for pages, which take all such names from here

COOKIE: Final = "glasstorch_language"
LANGUAGES: Final = {"en": "English", "zh": "中文"}  # each in its own words
TAGS: Final = {"en": "en", "zh": "zh-Hans"}  # for <html lang>, which fonts are chosen by
LOCALE = Path(__file__).parents[1] / "locale"

_LOCALES = {"en": Locale("en", "GB"), "zh": Locale("zh", "CN", script="Hans")}  # 21 Nov 2026, 21:30
_current: ContextVar[str] = ContextVar("glasstorch_language", default="en")


class Speaking:
    """ASGI middleware: what answers a request speaks the language that its sender prefers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            _current.set(preferred(Headers(scope=scope)))  # a request has a context of its own
        await self._app(scope, receive, send)


def preferred(headers: Headers) -> str:
    """The language chosen on this site, else the first known one that the browser asks for, else English."""
    try:
        chosen = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        chosen = None
    if chosen is not None and chosen.value in LANGUAGES:
        return chosen.value
    wanted = [part.split(";")[0].strip() for part in headers.get("accept-language", "").split(",")[:20]]
    found = negotiate_locale([tag.split("-")[0].lower() for tag in wanted], LANGUAGES)
    return found or "en"


def current() -> str:
    """The language of the request that is being answered."""
    return _current.get()


def gettext(message: str) -> str:
    """The message in the request's language."""
    return _catalogue(current()).gettext(message)


def ngettext(singular: str, plural: str, n: int) -> str:
    """The message for n of something, in the request's language."""
    return _catalogue(current()).ngettext(singular, plural, n)


@lru_cache
def _catalogue(language: str) -> NullTranslations:
    if language == "en":
        return NullTranslations()
    with (LOCALE / language / "LC_MESSAGES" / "glasstorch.po").open("rb") as source:
        catalogue = read_po(source, locale=language)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return GNUTranslations(compiled)


def number(value: float) -> str:
    """A score without needless digits: 3, 2.5, 1,200."""
    return format_decimal(round(value, 2), locale=_LOCALES[current()])


def percent(share: float) -> str:
    """0.456 as 46%. What is not quite everything is never shown as 100%."""
    rounded = 0.99 if 0.99 < share < 1 else share
    return format_percent(rounded, locale=_LOCALES[current()])


def moment(when: datetime.datetime) -> str:
    """A date with its time of day."""
    locale = _LOCALES[current()]
    between = ", " if current() == "en" else " "
    return format_date(when, locale=locale) + between + format_time(when, "HH:mm", locale=locale)


def day(when: datetime.date) -> str:
    """A date as in a plan: Fri 27 Nov, 11月27日周五. The year only when it is another one."""
    skeleton = "yMMMEd" if when.year != datetime.date.today().year else "MMMEd"
    locale = _LOCALES[current()]
    return format_datetime(
        datetime.datetime.combine(when, datetime.time()),
        locale.datetime_skeletons[skeleton].pattern,
        locale=locale,
    )


def until(seconds: float) -> str:
    """A span from now: in 3 days, 2 hours ago."""
    span = datetime.timedelta(seconds=seconds)
    return format_timedelta(span, add_direction=True, threshold=1.2, locale=_LOCALES[current()])
