"""What a session kept, in figures: for the command line, the screen and the verdict of the trial."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from osteogait.acquire.books import Books
from osteogait.acquire.clock import ClockModel
from osteogait.acquire.holes import holes
from osteogait.acquire.track import Gap
from osteogait.devices.driver import LossClass

GOOD_LOSS, LIMITED_LOSS = 0.01, 0.05
"""Share of lost samples up to which a trial is good, or limited; beyond it is to be repeated."""
GOOD_GAP_S = 0.1
"""A longer hole may hide a step contact or a sway reversal."""


@dataclass(frozen=True, slots=True)
class RecordingSummary:
    """What a session kept, in samples; None where the sensor's protocol does not let it be known.

    path        the recording file; the null device when nothing was kept
    uncounted   samples that no counter explains: must be 0; None when the sensor never told its own count
    ended       `finished`, `lost` (the sensor did not come back) or `stopped` (by a person or the program)
    """

    path: Path
    sensor: str
    model: str
    loss: LossClass
    received: int
    lost_link: int | None
    lost_sensor: int | None
    duplicate_packets: int | None
    undecodable: int
    uncounted: int | None
    segments: int
    reconnects: int
    nominal_rate_hz: float
    rate_hz: float
    clock: ClockModel
    battery_percent: int | None
    gaps: tuple[Gap, ...]
    ended: str = "finished"

    @property
    def lost(self) -> int:
        """Samples known to be lost, on the link and at the sensor."""
        return (self.lost_link or 0) + (self.lost_sensor or 0)

    @property
    def verdict(self) -> str:
        """`good`, `limited` or `repeat`, by the share of lost samples, the longest hole and the clock.

        A sensor that numbers nothing is `limited` at best: nobody knows what it lost.
        """
        holes = [gap.samples for gap in self.gaps]
        share = sum(holes) / max(1, self.received + sum(holes))
        if self.uncounted or share > LIMITED_LOSS or not self.clock.credible or self.ended == "lost":
            return "repeat"
        longest_s = max(holes, default=0) / self.rate_hz
        if share > GOOD_LOSS or longest_s > GOOD_GAP_S or self.loss is LossClass.UNKNOWN:
            return "limited"
        return "good"

    def to_json(self) -> dict[str, object]:
        """The keys of `osteogait sensors record --json`."""
        clock = self.clock
        return {
            "sensor": self.sensor,
            "model": self.model,
            "file": self.path.name,
            "received": self.received,
            "lost_link": self.lost_link,
            "lost_sensor": self.lost_sensor,
            "duplicates": self.duplicate_packets,
            "undecodable": self.undecodable,
            "uncounted": self.uncounted,
            "segments": self.segments,
            "reconnects": self.reconnects,
            "rate_hz": round(self.rate_hz, 4),
            "latency_ms": {
                "p50": round(clock.latency_p50_ms, 3),
                "p99": round(clock.latency_p99_ms, 3),
                "max": round(clock.latency_max_ms, 3),
            },
            "clock": {"a": clock.offset_s, "b": clock.rate},
            "alignment_ms": None if self.loss is LossClass.UNKNOWN else round(1e3 * clock.uncertainty_s, 1),
            "battery_percent": self.battery_percent,
            "class": self.loss.value,
            "gaps": [
                {"first": gap.first, "samples": gap.samples, "cause": gap.cause, "exact": gap.exact}
                for gap in self.gaps
            ],
            "ended": self.ended,
            "verdict": self.verdict,
        }


def summarise(
    books: Books, path: Path, sensor: str, model: str, battery_percent: int | None, ended: str
) -> RecordingSummary:
    """The figures of books that hold at least two packets; ValueError with less."""
    track, stream = books.main, books.stream
    if stream is None or len(track.packets) < 2:
        raise ValueError("fewer than two packets are no recording")
    clock = books.clock_model()
    counted, unknown = books.loss is LossClass.COUNTED, books.loss is LossClass.UNKNOWN
    gaps = holes(books)
    apart = sum(gap.samples for gap in gaps) - sum(gap.samples for gap in track.gaps)
    return RecordingSummary(
        path=path,
        sensor=sensor,
        model=model,
        loss=books.loss,
        received=track.received,
        lost_link=None if unknown else track.lost_link + track.lost_unplaced + apart,
        lost_sensor=track.lost_sensor if counted else None,
        duplicate_packets=None if unknown else sum(one.duplicates for one in books.tracks.values()),
        undecodable=books.undecodable,
        uncounted=books.uncounted if counted else None,
        segments=books.starts,
        reconnects=books.reconnects,
        nominal_rate_hz=stream.rate_hz,
        rate_hz=_rate_hz(books, clock),
        clock=clock,
        battery_percent=battery_percent,
        gaps=gaps,
        ended=ended,
    )


def _rate_hz(books: Books, clock: ClockModel) -> float:
    """Samples a second of host time: of the device clock in force at the end."""
    packets = books.main.packets
    last = packets[-1]
    first = next(one for one in packets if one.clock == last.clock)
    samples = last.first + last.n - first.first - first.n
    if samples == 0:
        return books.stream.rate_hz if books.stream else 0.0
    return samples / ((books.time_s(last) - books.time_s(first)) * clock.rate)
