"""Templates in each language, made once."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from osteogait.web.assets import asset
from osteogait.web.language import HTML_TAGS, translations

if TYPE_CHECKING:
    from jinja2 import Environment


@cache
def environment(lang: str) -> Environment:
    """Templates that speak `lang`; everything put into them is escaped, a name that is missing is an error."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    made = Environment(
        loader=PackageLoader("osteogait.web", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.install_gettext_translations(translations(lang), newstyle=True)  # type: ignore[attr-defined]
    made.globals.update(asset=asset, lang=lang, html_lang=HTML_TAGS[lang])
    return made


def render(template: str, lang: str, **context: object) -> str:
    """The page as text."""
    return environment(lang).get_template(template).render(**context)
