"""The parts of pages: what a macro makes is said to screen readers, escaped, and by sign as well as by colour."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from jinja2 import UndefinedError

from osteogait.web.assets import FOLDER
from osteogait.web.gallery.places import drawings, icons
from osteogait.web.pages import environment

IMPORT = '{% import "parts/ui.html.j2" as ui with context %}'
TEMPLATES = FOLDER.with_name("templates")


def made(source: str, lang: str = "en", **context: object) -> str:
    return environment(lang).from_string(IMPORT + source).render(csrf="proof", **context).strip()


class Tree(HTMLParser):
    """Start tags with their attributes, in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def first(self, tag: str) -> dict[str, str | None]:
        return next(found for name, found in self.tags if name == tag)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [found for name, found in self.tags if name == tag]


def test_a_field_has_a_label_a_hint_and_an_error_that_belong_to_it() -> None:
    text = made(
        '{{ ui.field("weight", "Weight", "61", unit="kg", hint="bare", error="too much", required=True, min=0) }}'
    )
    tree = Tree(text)
    field = tree.first("input")
    assert tree.first("label")["for"] == field["id"] == "f-weight"
    assert field["aria-describedby"] == "f-weight-note"
    assert field["aria-invalid"] == "true"
    assert field["min"] == "0"
    assert "required" in field
    assert "f-weight-note" in [attributes.get("id") for attributes in tree.all("span")]
    assert "kg" in text
    assert "too much" in text


def test_one_name_in_two_forms_has_two_ids() -> None:
    found = [
        field["id"] for field in Tree(made('{{ ui.field("a", "A") }}{{ ui.field("a", "A") }}')).all("input")
    ]
    assert found == ["f-a", "f-a-2"]
    again = [field["id"] for field in Tree(made('{{ ui.field("a", "A") }}')).all("input")]
    assert again == ["f-a"]


@pytest.mark.parametrize(
    "call",
    [
        "ui.button(bad, value=bad, data_x=bad)",
        "ui.button(bad, href=bad)",
        "ui.field(bad, bad, bad, hint=bad, error=bad, unit=bad)",
        'ui.text("a", bad, bad)',
        'ui.select("a", bad, [(bad, bad)], bad)',
        'ui.choice("a", bad, [(bad, bad, bad)], bad, hint=bad)',
        'ui.check("a", bad)',
        'ui.notice("warn", bad, bad)',
        'ui.verdict("good", bad)',
        "ui.table([bad], [(bad,)], bad)",
        "ui.facts([(bad, bad)])",
        "ui.steps(1, [bad])",
        "ui.stat(bad, bad, bad, bad)",
        "ui.band(1, 0, 2, unit=bad, label=bad)",
        "ui.trend([(bad, 1)], bad, label=bad)",
        "ui.progress(1, 2, bad)",
        'ui.drawing("walk", bad)',
        "ui.empty(bad)",
        "ui.link(bad, bad, bad)",
    ],
)
def test_what_people_typed_stays_text(call: str) -> None:
    text = made("{{ " + call + " }}", bad='"><script>alert(1)</script>')
    assert "<script" not in text
    assert "&lt;script" in text


def test_a_password_and_a_file_are_never_sent_back() -> None:
    for kind in ("password", "file"):
        assert "hidden word" not in made('{{ ui.field("a", "A", "hidden word", type=kind) }}', kind=kind)


def test_choices_are_a_group_with_one_chosen() -> None:
    tree = Tree(
        made('{{ ui.choice("fell", "Fallen?", [("yes", "Yes"), ("no", "No"), ("unknown", "?")], "no") }}')
    )
    assert [one["value"] for one in tree.all("input") if "checked" in one] == ["no"]
    assert tree.first("fieldset") is not None
    several = Tree(
        made('{{ ui.choice("t", "T", [("a", "A"), ("b", "B"), ("ab", "C")], ["a", "b"], kind="checkbox") }}')
    )
    assert [one["value"] for one in several.all("input") if "checked" in one] == ["a", "b"]


@pytest.mark.parametrize("kind", ["info", "warn", "bad", "good"])
def test_a_kind_is_told_by_a_sign_too(kind: str) -> None:
    assert "icons.svg?v=" in made('{{ ui.notice(kind, "T") }}', kind=kind)
    assert f"#{kind}" in made('{{ ui.verdict(kind, "T") }}', kind=kind)
    assert ('role="alert"' in made('{{ ui.notice(kind, "T") }}', kind=kind)) is (kind == "bad")


def test_steps_say_where_one_is_in_both_languages() -> None:
    source = '{{ ui.steps(2, ["A", "B", "C"]) }}'
    assert Tree(made(source)).first("ol")["aria-label"] == "Step 2 of 3"
    assert "2" in str(Tree(made(source, "zh")).first("ol")["aria-label"])
    assert [one.get("aria-current") for one in Tree(made(source)).all("li")] == [None, "step", None]


@pytest.mark.parametrize(
    ("value", "least", "most"), [(1.0, 20.0, 80.0), (0.2, 0.0, 20.0), (3.0, 80.0, 100.0)]
)
def test_a_band_places_its_value(value: float, least: float, most: float) -> None:
    tree = Tree(made('{{ ui.band(value, 0.7, 1.3, 1.0, "m/s", label="Speed") }}', value=value))
    at = float(str(tree.first("circle")["cx"]).rstrip("%"))
    low, high = (float(str(tree.all("rect")[1][name]).rstrip("%")) for name in ("x", "width"))
    assert least <= at <= most
    assert (low <= at <= low + high) is (0.7 <= value <= 1.3)
    assert tree.first("svg")["aria-label"] == f"Speed: {value} m/s; usual range 0.7 to 1.3"


def test_a_trend_of_one_visit_and_of_equal_values() -> None:
    assert len(Tree(made('{{ ui.trend([("2026", 1.0)], "m/s") }}')).all("circle")) == 1
    tree = Tree(made('{{ ui.trend([("a", 1.0), ("b", 1.0)], "m/s", mdc=0.1) }}'))
    heights = {one["cy"] for one in tree.all("circle")}
    assert len(heights) == 1
    shaded = tree.first("rect")
    assert (
        float(str(shaded["y"]))
        < float(str(heights.pop()))
        < float(str(shaded["y"])) + float(str(shaded["height"]))
    )


def test_a_drawing_that_is_not_there_is_found_out() -> None:
    with pytest.raises(FileNotFoundError):
        made('{{ ui.drawing("no_such") }}')


def test_a_missing_word_is_found_out() -> None:
    with pytest.raises(UndefinedError):
        made("{{ ui.button(nothing_of_this_name) }}")


@pytest.mark.parametrize("name", drawings())
def test_a_drawing_holds_no_text_no_style_and_only_tokens(name: str) -> None:
    root = ElementTree.parse(FOLDER / "img" / "drawings" / f"{name}.svg").getroot()
    assert root.get("viewBox") == "0 0 400 300"
    assert root[0].get("id") == "drawing"
    for one in root.iter():
        assert one.tag.split("}")[1] in {"svg", "g", "path", "polyline", "polygon", "circle", "rect"}
        assert not {"style", "class", "href", "onload"} & one.attrib.keys()
        assert not (one.text or "").strip()
        for paint in (one.get("fill"), one.get("stroke")):
            assert paint in {None, "none"} or re.fullmatch(r"var\(--[a-z-]+,#[0-9a-f]{3,6}\)", str(paint))


def test_every_test_of_every_battery_has_its_drawing() -> None:
    yaml = pytest.importorskip("yaml")
    path = FOLDER.parents[1] / "screening" / "batteries.yaml"
    tests = yaml.safe_load(path.read_text(encoding="utf-8"))["tests"]
    assert {one["drawing"] for one in tests.values()} - set(drawings()) == set()


def test_every_icon_that_a_page_names_is_there() -> None:
    named = set()
    for path in TEMPLATES.rglob("*.j2"):
        text = path.read_text(encoding="utf-8")
        named |= set(re.findall(r'\bicon="([a-z]+)"', text)) | set(
            re.findall(r'ui\.icon\("([a-z]+)"\)', text)
        )
    assert named
    assert named - set(icons()) == set()


def test_every_page_imports_the_parts_with_its_context() -> None:
    wrong = [
        f"{path.name}: {line}"
        for path in TEMPLATES.rglob("*.j2")
        for line in re.findall(r"{% import [^%]*ui\.html[^%]*%}", path.read_text(encoding="utf-8"))
        if "with context" not in line
    ]
    assert wrong == []


def test_no_page_has_inline_script_style_or_an_address_elsewhere() -> None:
    wrong = []
    for path in TEMPLATES.rglob("*.j2"):
        text = path.read_text(encoding="utf-8")
        found = re.findall(
            r"""<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+\s*=\s*["']|hx-on|https?://|\|\s*safe\b""",
            text,
        )
        wrong += [f"{path.name}: {one}" for one in found]
    assert wrong == []
