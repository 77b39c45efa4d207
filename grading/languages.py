"""The two languages of the pages: Chinese first, English complete.

Messages are written in English in code and templates; ``locales/zh/LC_MESSAGES/messages.po`` is read when the service
starts, so that no compiled catalogue can be out of date.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cache
from gettext import NullTranslations
from pathlib import Path
from typing import TYPE_CHECKING

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["DEFAULT_LANGUAGE", "LANGUAGES", "Language", "chosen", "language", "mark", "negotiated"]

DEFAULT_LANGUAGE = "zh"
LANGUAGES: Mapping[str, str] = {"zh": "中文", "en": "English"}
_CATALOGUES = Path(__file__).parent / "locales"


@dataclass(frozen=True)
class Language:
    """A language and its messages.

    Parameters
    ----------
    code
        ``zh`` or ``en``.
    messages
        The catalogue.
    """

    code: str
    messages: NullTranslations

    @property
    def tag(self) -> str:
        """Language tag for HTML and HTTP."""
        return "zh-CN" if self.code == "zh" else "en"

    @property
    def locale(self) -> str:
        """Name of the locale for numbers and dates."""
        return "zh_CN" if self.code == "zh" else "en"

    def say(self, message: str, **values: object) -> str:
        """Return a message in this language, its ``%(name)s`` filled in."""
        text = self.messages.gettext(message)
        return text % values if values else text


@cache
def language(code: str) -> Language:
    """Return a language by its code.

    Examples
    --------
    >>> language("zh").say("Open lab")
    '打开实验'
    """
    if code == "en":
        return Language("en", NullTranslations())
    with (_CATALOGUES / code / "LC_MESSAGES" / "messages.po").open("rb") as file:
        catalogue = read_po(file, locale="zh_CN", abort_invalid=True)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Language(code, Translations(compiled))


def mark(message: str) -> str:
    """Return a message as it is, seen by the collector of messages; it is translated where it is shown."""
    return message


def chosen(wish: str | None) -> str | None:
    """Return a language that was asked for by code, if it is one of ours."""
    return wish if wish in LANGUAGES else None


def negotiated(accept: str | None) -> str:
    """Return the language that an ``Accept-Language`` header prefers (RFC 9110, 12.5.4), Chinese by default.

    Examples
    --------
    >>> negotiated("fr, en-GB;q=0.8, zh;q=0.5"), negotiated("fr"), negotiated(None)
    ('en', 'zh', 'zh')
    """
    best, best_weight = DEFAULT_LANGUAGE, 0.0
    for part in (accept or "").split(","):
        tag, _, parameter = part.strip().partition(";")
        code = tag.strip().lower().partition("-")[0]
        name, _, figure = parameter.strip().partition("=")
        try:
            weight = float(figure) if name.strip() == "q" else 1.0
        except ValueError:
            weight = 0.0
        if code in LANGUAGES and best_weight < weight <= 1.0:
            best, best_weight = code, weight
    return best
