"""A page of SVG in pixels: lines, areas, marks and words, nothing from outside."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from xml.sax.saxutils import escape, quoteattr

FONTS = "'Noto Sans','DejaVu Sans','Noto Sans CJK SC','PingFang SC','Microsoft YaHei',sans-serif"

Point = tuple[float, float]


class Page:
    """Shapes in the order in which they are put down; `text` gives the document."""

    def __init__(self, width: int, height: int, title: str) -> None:
        """An empty white page of `width` by `height` pixels."""
        self.width, self.height = width, height
        self._title = title
        self._shapes: list[str] = []

    def line(self, start: Point, end: Point, color: str, *, width: float = 1.0, dash: str = "") -> None:
        """A straight line, dashed as in `dash` ("4 3")."""
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        self._shapes.append(
            f'<line x1="{_px(start[0])}" y1="{_px(start[1])}" x2="{_px(end[0])}" y2="{_px(end[1])}" '
            f'stroke="{color}" stroke-width="{width:g}"{dashed}/>'
        )

    def area(self, x: float, y: float, width: float, height: float, fill: str, stroke: str = "none") -> None:
        """A rectangle from its upper left corner."""
        self._shapes.append(
            f'<rect x="{_px(x)}" y="{_px(y)}" width="{_px(max(width, 0.5))}" height="{_px(height)}" '
            f'fill="{fill}" stroke="{stroke}"/>'
        )

    def curve(self, pieces: Iterable[Sequence[Point]], color: str, width: float = 1.2) -> None:
        """One line for every piece of points; a piece of one point is a dot."""
        parts = []
        for piece in pieces:
            rest = " ".join(f"{_px(x)},{_px(y)}" for x, y in piece[1:])
            parts.append(f"M{_px(piece[0][0])},{_px(piece[0][1])}" + (f"L{rest}" if rest else "h0.8"))
        if parts:
            self._shapes.append(
                f'<path d="{"".join(parts)}" fill="none" stroke="{color}" stroke-width="{width:g}" '
                'stroke-linejoin="round" stroke-linecap="round"/>'
            )

    def shape(self, corners: Sequence[Point], fill: str, stroke: str) -> None:
        """A closed polygon."""
        points = " ".join(f"{_px(x)},{_px(y)}" for x, y in corners)
        self._shapes.append(
            f'<polygon points="{points}" fill="{fill}" stroke="{stroke}" stroke-width="1.2"/>'
        )

    def words(
        self,
        at: Point,
        text: str,
        size: float = 14,
        *,
        anchor: str = "start",
        color: str = "#222",
        bold: bool = False,
    ) -> None:
        """Words whose base line begins, has its middle or ends (`start`, `middle`, `end`) at a point."""
        weight = ' font-weight="bold"' if bold else ""
        self._shapes.append(
            f'<text x="{_px(at[0])}" y="{_px(at[1])}" font-size="{size:g}" text-anchor="{anchor}" '
            f'fill="{color}"{weight}>{escape(printable(text))}</text>'
        )

    def text(self, lang: str) -> str:
        """The whole document; `lang` is the language of its words."""
        title = escape(printable(self._title))
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{self.width}" height="{self.height}" '
            f'viewBox="0 0 {self.width} {self.height}" xml:lang={quoteattr(lang)} role="img" '
            f'font-family="{FONTS}">\n<title>{title}</title>\n'
            f'<rect width="{self.width}" height="{self.height}" fill="#fff"/>\n'
            + "\n".join(self._shapes)
            + "\n</svg>\n"
        )


def printable(text: str) -> str:
    """`text` without what XML can't hold: control characters and halves of characters become a sign."""
    return "".join(
        "\ufffd" if ord(letter) < 32 or 0xD800 <= ord(letter) <= 0xDFFF or ord(letter) in (0xFFFE, 0xFFFF)
        else letter
        for letter in text
    )  # fmt: skip


def _px(number: float) -> str:
    return f"{number:.1f}".rstrip("0").rstrip(".")
