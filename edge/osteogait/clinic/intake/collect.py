"""Rows gathered into the account of a file: accepted, refused, ignored; doubles within it and with the store."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping

from osteogait.clinic.intake.measurement import Measurement, Refused, Stored
from osteogait.clinic.intake.reason import RowRefused, Said, shown

Found = tuple[Measurement, ...]
Key = tuple[str, str, object, str]


class Collector:
    """Takes rows one by one; `stored` tells what the store already holds (None: not asked)."""

    def __init__(self, stored: Stored | None = None) -> None:
        self._stored = stored
        self._accepted: list[Measurement] = []
        self._refused: list[Refused] = []
        self.ignored: Counter[str] = Counter()
        self.remarks: list[Said] = []
        self.people: set[str] = set()

    def take(self, row: int, read: Callable[[], Iterable[Measurement]], text: str = "") -> None:
        """Accepts what `read` gives, or notes why it refused; `text` is the offending text if the reason has none."""
        try:
            self._accepted += read()
        except RowRefused as refusal:
            self.refuse(row, refusal.said, text)

    def refuse(self, row: int, said: Said, text: str = "") -> None:
        """Notes a refused row."""
        self._refused.append(Refused(row, str(said.fields.get("value") or shown(text)), said))

    def ignore(self, kind: str) -> None:
        """Counts something that is no value for us."""
        self.ignored[kind] += 1

    def meet(self, person: str) -> None:
        """Notes that the file speaks of `person`, a pseudonym; nothing: of somebody who is not known here."""
        self.people.add(person)

    def result(self) -> tuple[tuple[Measurement, ...], tuple[Refused, ...]]:
        """Accepted and refused in the order of the file, doubles taken out."""
        against = {**self._against_store(), **self._doubles()}
        for row, (said, text) in against.items():
            self._refused.append(Refused(row, text, said))
        kept = tuple(item for item in self._accepted if item.row not in against)
        return kept, tuple(sorted(self._refused, key=lambda item: item.row))

    def _doubles(self) -> Mapping[int, tuple[Said, str]]:
        """Rows that say the same again, and all rows that contradict each other: nobody here knows which is right."""
        by_key: dict[Key, list[Measurement]] = defaultdict(list)
        for item in self._accepted:
            by_key[item.person, item.variable, item.taken_at, item.side].append(item)
        found: dict[int, tuple[Said, str]] = {}
        for group in by_key.values():
            first = group[0]
            rows = ", ".join(str(item.row) for item in group)
            if len({(item.value, item.comparator) for item in group}) > 1:
                said = Said("duplicate-row", {"rows": rows}, "duplicate_row_differs")
                found.update({item.row: (said, _written(item)) for item in group})
            for item in group[1:]:
                again = Said("duplicate-row", {"row": first.row})
                if item.row != first.row:
                    found.setdefault(item.row, (again, _written(item)))
        return found

    def _against_store(self) -> Mapping[int, tuple[Said, str]]:
        found: dict[int, tuple[Said, str]] = {}
        if self._stored is None:
            return found
        for item in self._accepted:
            stored = self._stored(item.person, item.variable, item.taken_at, item.side)
            if stored is None:
                continue
            same = stored == item.value
            said = (
                Said("duplicate-row", {}, "duplicate_stored")
                if same
                else Said("conflicts-with-stored", {"stored": stored, "unit": item.unit})
            )
            found[item.row] = (said, _written(item))
        return found


def _written(item: Measurement) -> str:
    return shown(f"{item.comparator}{item.written_value} {item.written_unit}")
