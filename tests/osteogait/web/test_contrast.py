"""Every pair of colours that stands on each other is told apart by weak eyes (WCAG 2.2, 1.4.3 and 1.4.11)."""

from __future__ import annotations

import re

import pytest

from osteogait.web.assets import FOLDER

TEXT, SHAPE = 4.5, 3.0
CSS = FOLDER / "css"
KINDS = ("info", "warn", "bad", "good")
GROUNDS = ("canvas", "surface", "sunken")
TEXTS = [
    *[(ink, ground) for ink in ("ink", "ink-soft") for ground in GROUNDS],
    *[("ink", f"{kind}-soft") for kind in KINDS],
    *[(kind, f"{kind}-soft") for kind in KINDS],
    *[(kind, ground) for kind in KINDS for ground in ("canvas", "surface")],
    ("accent", "canvas"), ("accent", "surface"), ("accent-deep", "canvas"), ("accent-deep", "surface"),
    ("on-accent", "accent"), ("on-accent", "accent-deep"), ("on-accent-soft", "accent-soft"), ("on-bad", "bad"),
    ("ink", "accent-soft"),
]  # fmt: skip
SHAPES = [
    *[("line-strong", ground) for ground in GROUNDS],
    *[("focus", ground) for ground in GROUNDS],
    *[(f"series-{number}", "surface") for number in range(1, 7)],
    ("accent", "sunken"), ("ink", "band"), ("band-line", "band"), ("draw-line", "draw-fill"),
    ("draw-mark", "surface"), ("draw-mark", "draw-fill"), ("draw-line", "surface"), ("accent", "accent-soft"),
]  # fmt: skip


def blocks() -> dict[str, dict[str, str]]:
    """The colours by theme: the first block is light, the one for dark screens changes all of them."""
    text = (CSS / "tokens.css").read_text(encoding="utf-8")
    light, dark = text.split("@media screen and (prefers-color-scheme: dark)")
    return {
        theme: dict(re.findall(r"--([a-z0-9-]+):\s*(#[0-9a-fA-F]{6})", part))
        for theme, part in (("light", light), ("dark", dark))
    }


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


THEMES = ("light", "dark")


def test_the_measure_itself() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("least", "pairs"), [(TEXT, TEXTS), (SHAPE, SHAPES)], ids=["text", "shape"])
def test_every_pair(theme: str, least: float, pairs: list[tuple[str, str]]) -> None:
    colours = blocks()[theme]
    found = {pair: round(contrast(colours[pair[0]], colours[pair[1]]), 2) for pair in pairs}
    assert {pair: value for pair, value in found.items() if value < least} == {}


def test_dark_changes_every_colour_that_is_not_meant_for_paper() -> None:
    light, dark = blocks()["light"], blocks()["dark"]
    assert len(dark) > 30
    assert light.keys() - dark.keys() <= {"paper", "paper-ink"}


@pytest.mark.parametrize("path", sorted(CSS.glob("*.css")), ids=lambda path: path.name)
def test_style_names_no_colour_and_no_token_that_is_not_there(path: object) -> None:
    text = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)  # type: ignore[attr-defined]
    tokens = set(re.findall(r"--([a-z0-9-]+):", (CSS / "tokens.css").read_text(encoding="utf-8")))
    own = set(re.findall(r"--([a-z0-9-]+):", text))
    assert set(re.findall(r"var\(--([a-z0-9-]+)", text)) - tokens - own == set()
    if path.name != "tokens.css":  # type: ignore[attr-defined]
        printed = text.split("@media print")[0]
        assert re.findall(r"#[0-9a-fA-F]{3,8}\b(?=[^{]*\})", printed) == []
