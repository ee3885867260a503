"""The books of one sensor over one trial: everything that came, counted, clocked and placed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from osteogait.acquire.clock import ClockModel, Envelope
from osteogait.acquire.packets import Packet, Packets, Rows
from osteogait.acquire.silence import placed_by_silence
from osteogait.acquire.track import Gap, Track
from osteogait.devices.driver import DeviceCounts, LossClass, Samples, Stream

PARTS = ("imu", "acc", "gyr")


@dataclass(slots=True)
class Books:
    """Filled by the session while it runs, or from a recording file: the same entries, the same books.

    undecodable  notifications that mean nothing
    stream       as agreed on the last connection
    starts, reconnects   segments since a START; connections after the first
    uncounted    samples that no counter explains: must be 0; None when the device never told
    held         every accepted packet with its samples, when `hold` was asked for
    """

    loss: LossClass
    hold: bool = False
    undecodable: int = 0
    stream: Stream | None = None
    starts: int = 0
    reconnects: int = 0
    uncounted: int | None = None
    held: list[tuple[Packet, Samples]] = field(default_factory=list)
    tracks: dict[str, Track] = field(default_factory=dict)
    saturated: bool = False
    _main: Track | None = None
    _envelopes: dict[int, Envelope] = field(default_factory=dict)

    @property
    def main(self) -> Track:
        """The track that carries acceleration; an empty one before the first packet."""
        return Track(self.loss) if self._main is None else self._main

    def begin(self, stream: Stream) -> None:
        """A connection stands and delivers from now on."""
        if self.stream is not None:
            self.reconnects += 1
        self.starts += not stream.resumed
        self.stream = stream
        for track in self.tracks.values():
            track.begin(stream)

    def enter(self, arrival_ns: int, samples: Samples) -> Packet | None:
        """Place the samples; None for a packet that was here already."""
        if self.stream is None:
            raise ValueError("the books are not open: no connection has begun")
        part = samples.part
        if part not in self.tracks:
            self.tracks[part] = Track(self.loss)
            self.tracks[part].begin(self.stream)
            self._main = next(self.tracks[one] for one in PARTS if one in self.tracks)
        packet = self.tracks[part].accept(arrival_ns, samples)
        if packet is None:
            return None
        self.saturated = self.saturated or samples.saturated
        if self.tracks[part] is self.main:
            self._push(packet)
        if self.hold:
            self.held.append((packet, samples))
        return packet

    def _push(self, packet: Packet) -> None:
        envelope = self._envelopes.setdefault(packet.clock, Envelope())
        envelope.push(self.time_s(packet), packet.arrival_s)

    def time_s(self, packet: Packet) -> float:
        """Device time of the packet's last sample; without device time the count over the agreed rate."""
        if packet.last_s is not None:
            return packet.last_s
        rate_hz = self.stream.rate_hz if self.stream else 1.0
        return (packet.first + packet.n - 1) / rate_hz

    def place_silences(self) -> None:
        """Class C, once everything has come: leave a gap where a silence lost samples; their number stays a guess."""
        if self.loss is not LossClass.UNKNOWN or self.stream is None:
            return
        for part, track in self.tracks.items():
            others = [gap for gap in track.gaps if gap.cause != "silence"]
            moved, silences = placed_by_silence(track.packets, self.stream.rate_hz)
            now = {old.first: new for old, new in zip(track.packets, moved, strict=True)}
            self.held = [
                (now[packet.first] if samples.part == part else packet, samples)
                for packet, samples in self.held
            ]
            track.packets = Packets(moved)
            track.gaps = sorted([*others, *silences], key=lambda gap: gap.first)
            track.position += sum(gap.samples for gap in silences)
        self._envelopes.clear()
        for packet in self.main.packets:
            self._push(packet)

    def settle(self, device: DeviceCounts) -> None:
        """Close the books: packets lost after the last that arrived; what then remains is unexplained."""
        track, counter = self.main, self.main.counter
        if counter is None or self.stream is None:
            return
        frames = track.packets[-1].n if track.packets else self.stream.packet_samples
        tail = ((device.packets - counter.next_seq) % 2**16) * frames
        if tail:
            track.gaps.append(Gap(track.position, tail, "link"))
            track.lost_link += tail
        left = device.samples - counter.position - tail - max(0, device.missed - counter.lost_sensor)
        self.uncounted = left if left < 0 or left >= frames else 0

    def packets_due(self, built: int) -> bool:
        """True while some of the `built` packets have not arrived."""
        counter = self.main.counter
        return counter is not None and built % 2**16 != counter.next_seq

    def line(self, clock: int) -> tuple[float, float]:
        """(offset_s, rate) of host over device time for one device clock."""
        return self._envelopes[clock].line()

    def clock_model(self) -> ClockModel:
        """The clock in force at the end, and the delay of all arrivals over theirs; ValueError when empty."""
        packets = self.main.packets
        if not packets:
            raise ValueError("no packet, no clock")
        lines = {clock: envelope.line() for clock, envelope in self._envelopes.items()}
        late_ms = np.concatenate([self._late_ms(rows, lines) for rows in packets.blocks()])
        p50, p99 = np.percentile(late_ms, [50, 99])
        return ClockModel(*lines[packets[-1].clock], float(p50), float(p99), float(late_ms.max()))

    def _late_ms(self, rows: Rows, lines: Mapping[int, tuple[float, float]]) -> npt.NDArray[np.float64]:
        """How far each arrival lies over the line of its clock."""
        last = rows["first"].astype(np.float64) + rows["n"] - 1
        counted_s = last / (self.stream.rate_hz if self.stream else 1.0)
        device_s = np.where(np.isnan(rows["last_s"]), counted_s, rows["last_s"])
        late_ms = np.empty(len(rows))
        for clock, (offset_s, rate) in lines.items():
            here = rows["clock"] == clock
            late_ms[here] = 1e3 * (rows["arrival_s"][here] - offset_s - rate * device_s[here])
        return late_ms
