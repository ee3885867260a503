"""Every hole of a trial on the line of acceleration, also where only rotation that is sent apart is missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from osteogait.acquire.books import Books
from osteogait.acquire.track import Gap, Track

ENDED_S = 1.0
"""A part whose last packet lies further behind that of the other, and by more than two packets, has stopped."""


def holes(books: Books) -> tuple[Gap, ...]:
    """The gaps of acceleration and, in between, those of rotation alone: a sample needs both."""
    main, others = books.main, [track for track in books.tracks.values() if track is not books.main]
    expected = books.stream is not None and books.stream.has_gyroscope
    if "acc" in books.tracks and expected and not others:
        return (Gap(0, main.position, "lost", exact=False),)
    found = list(main.gaps)
    for track in others:
        shift = _shift(main, track)
        least = track.packets[0].n / 2 if track.packets else 0.0
        for gap in (*track.gaps, *_tail(main, track)):
            moved = Gap(max(0, gap.first + shift), gap.samples, gap.cause, gap.exact)
            found += (piece for piece in _beside(moved, main.gaps) if piece.samples > least)
    return tuple(sorted(found, key=lambda gap: gap.first))


def _shift(main: Track, track: Track) -> int:
    """What is added to a position of `track` to have it on the line of `main`: they do not start together."""
    first, other = main.packets[0], track.packets[0]
    if first.last_s is None or other.last_s is None or first.clock != other.clock:
        return 0
    later = round((other.last_s - first.last_s) * main.rate_hz)
    return first.first + first.n + later - other.first - other.n


def _tail(main: Track, track: Track) -> Iterator[Gap]:
    """What `track` lacks at the end, when it stopped by itself."""
    behind_s = main.packets[-1].arrival_s - track.packets[-1].arrival_s
    if behind_s > max(ENDED_S, 2.0 * track.packets[-1].n / main.rate_hz):
        yield Gap(track.position, round(behind_s * main.rate_hz), "lost", exact=False)


def _beside(gap: Gap, known: Sequence[Gap]) -> Iterable[Gap]:
    """The parts of `gap` that no gap of `known` covers."""
    rest = [(gap.first, gap.first + gap.samples)]
    for one in known:
        begin, end = one.first, one.first + one.samples
        cut = (piece for a, b in rest for piece in ((a, min(b, begin)), (max(a, end), b)))
        rest = [(a, b) for a, b in cut if a < b]
    return [Gap(a, b - a, gap.cause, gap.exact) for a, b in rest]
