"""The words of the screen: gettext catalogues, one a room, and the language that a browser asked for."""

from __future__ import annotations

import gettext
from functools import cache
from pathlib import Path

LOCALES = {"en": "en", "zh": "zh_Hans"}
HTML_TAGS = {"en": "en", "zh": "zh-Hans"}
DOMAINS = ("frame", "therapist", "kiosk", "clinician", "live", "gallery")
FOLDER = Path(__file__).parent / "locale"


def N_(text: str) -> str:  # noqa: N802 - the name that tools look for
    """Marks a sentence for the catalogue where it is written; it is translated where it is shown."""
    return text


@cache
def translations(lang: str) -> gettext.NullTranslations:
    """All catalogues of `lang` (`en`, `zh`) as one."""
    found: gettext.NullTranslations | None = None
    for domain in DOMAINS:
        one = gettext.translation(domain, FOLDER, [LOCALES[lang]], fallback=True)
        if found is None:
            found = one
        else:
            found.add_fallback(one)
    return found or gettext.NullTranslations()


def preferred(header: str, default: str) -> str:
    """The first language of an Accept-Language header that there is, else `default`."""
    for part in header.split(","):
        tag = part.split(";")[0].strip().lower()
        if tag[:2] in LOCALES:
            return tag[:2]
    return default
