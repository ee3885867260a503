"""Lines of a given width: broken at spaces and between wide characters, which have no spaces to break at."""

from __future__ import annotations

import re

from rich.cells import cell_len

# what may not begin a line stays with what stands before it, an opening mark with what follows
_OPENING = "（《“「"
_CLOSING = "，。；：、！？）》”」%"
_PIECE = re.compile(
    rf"[{_OPENING}]*(?:[\u2e80-\u9fff\uff00-\uffef]|[^\s\u2e80-\u9fff\uff00-\uffef]+)[{_CLOSING}]*\s*"
)


def folded(text: str, width: int, indent: int = 0) -> str:
    """`text` in lines of at most `width` cells, all but the first moved in by `indent` cells.

    A word that is wider than a line (a path, a hash) keeps to itself and is longer.
    """
    lines: list[str] = []
    line = ""
    for piece in _PIECE.findall(text):
        if line and cell_len((line + piece).rstrip()) > width - (indent if lines else 0):
            lines.append(line.rstrip())
            line = ""
        line += piece
    return f"\n{' ' * indent}".join([*lines, line.rstrip()])
