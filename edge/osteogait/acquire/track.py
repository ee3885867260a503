"""The samples of a trial on one line: where each packet belongs, over losses, reconnects and reboots."""

from __future__ import annotations

from dataclasses import dataclass, field

from osteogait.acquire.continuity import Continuity
from osteogait.acquire.packets import Packet, Packets
from osteogait.devices.driver import LossClass, Samples, Stream

NS = 1e-9
CLOCKS_APART_S = 2.0
"""Device and host that disagree by more over one step: the device counts from another zero."""
JUMP_S = 10.0
"""Device time that runs ahead of the host by more within a link was set by somebody: the longest silence that a session
bears is 6 s, and a sensor that kept its oldest packets over it and threw the next away steps ahead by as much."""
RATE_KNOWN_S = 5.0
RATE_TOLERANCE = 0.03
SILENCE_S = 0.25
"""A pause in the arrivals of a sensor without clock and counter that may hide a loss."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Samples that never came.

    first     position of the first one
    samples   how many; 0 for a silence in which nobody knows
    cause     `link`, `sensor`, `lost` (class B can't tell), `reconnect`, `reboot`, `clock` (it was set), `silence`
    exact     False when the number comes from the host's clock
    """

    first: int
    samples: int
    cause: str
    exact: bool = True


@dataclass(slots=True)
class Track:
    """One part of a sensor's samples (`imu`, `acc` or `gyr`); counts in samples but `duplicates` (packets)."""

    loss: LossClass
    packets: Packets = field(default_factory=Packets)
    gaps: list[Gap] = field(default_factory=list)
    received: int = 0
    lost_link: int = 0
    lost_sensor: int = 0
    lost_unplaced: int = 0
    duplicates: int = 0
    position: int = 0
    clock: int = 0
    _stream: Stream | None = None
    _counter: Continuity | None = None
    _base: int = 0
    _ticks: int = 0
    _joining: bool = False
    _resumed: bool = False

    @property
    def lost(self) -> int:
        """Samples known to be lost."""
        return self.lost_link + self.lost_sensor + self.lost_unplaced

    @property
    def counter(self) -> Continuity | None:
        """The counters since the last START, class A."""
        return self._counter

    def begin(self, stream: Stream) -> None:
        """A connection stands; unless the sensor counted on, the reader forgets its position too."""
        if self._stream is not None and stream.boot_id != self._stream.boot_id:
            self.clock += 1
        self._stream = stream
        if stream.resumed and self._counter is not None:
            self._resumed = True
            return
        self._counter = Continuity(None if self.packets else 0)
        self._joining = bool(self.packets)

    def accept(self, arrival_ns: int, samples: Samples) -> Packet | None:
        """Where the samples belong; None for a packet that was here already."""
        if self._stream is None:
            raise ValueError("a track accepts nothing before it has begun")
        arrival_s = arrival_ns * NS
        last_s = self._device_s(samples, arrival_s)
        if self.loss is LossClass.COUNTED:
            first = self._by_index(samples, last_s, arrival_s)
        elif self.loss is LossClass.TIMED:
            first = self._by_time(samples, last_s, arrival_s)
        else:
            first = self._by_arrival(arrival_s)
        if first is None:
            self.duplicates += 1
            return None
        packet = Packet(first, samples.n, last_s, arrival_s, self.clock)
        self.packets.append(packet)
        self.received += samples.n
        self.position = first + samples.n
        return packet

    @property
    def rate_hz(self) -> float:
        """Samples a second of device time, counted once that is possible; else as agreed."""
        nominal = self._stream.rate_hz if self._stream else 0.0
        if not self.packets:
            return nominal
        first, last = self.packets[0], self.packets[-1]
        if first.clock != last.clock or first.last_s is None or last.last_s is None:
            return nominal
        elapsed_s = last.last_s - first.last_s
        if elapsed_s < RATE_KNOWN_S:
            return nominal
        rate = (last.first + last.n - first.first - first.n) / elapsed_s
        return rate if abs(rate / nominal - 1.0) <= RATE_TOLERANCE else nominal

    def _device_s(self, samples: Samples, arrival_s: float) -> float | None:
        """Device time of the last sample; a step that the host's clock does not confirm begins a new clock."""
        stream = self._stream
        if stream is None or stream.tick_hz is None or samples.ticks is None:
            return None
        last = self.packets[-1] if self.packets else None
        wrap = 2**stream.tick_bits
        step = (samples.ticks - self._ticks) % wrap if last else 0
        step = step - wrap if step >= wrap // 2 else step
        if last is None or last.clock != self.clock:
            self._ticks = samples.ticks
        elif self._is_another(step, step / stream.tick_hz - (arrival_s - last.arrival_s)):
            self.clock += 1
            self._ticks = samples.ticks
        else:
            self._ticks += step
        behind = 0.0 if stream.stamps_last else (samples.n - 1) / stream.rate_hz
        return self._ticks / stream.tick_hz + behind

    def _is_another(self, step: int, ahead_s: float) -> bool:
        """True when device time took a step that no clock takes which runs on; `ahead_s` over the host's step."""
        if self._joining:
            return abs(ahead_s) > CLOCKS_APART_S
        back = self.loss is LossClass.TIMED and step < 0
        return ahead_s > JUMP_S or (back and ahead_s < -CLOCKS_APART_S)

    def _runs_away(self, missing: int, arrival_s: float) -> bool:
        """True when a counter leaps over more samples than there was time for."""
        if self._joining or not self.packets or self._stream is None:
            return False
        return missing / self._stream.rate_hz - (arrival_s - self.packets[-1].arrival_s) > JUMP_S

    def _by_index(self, samples: Samples, last_s: float | None, arrival_s: float) -> int | None:
        counter = self._counter
        if counter is None or samples.index is None or samples.seq is None:
            raise ValueError("a sensor of class A numbers its samples and packets")
        # it says that it ran on, and was started anew
        anew = self._resumed and counter.is_behind(samples.index)
        if anew or self._runs_away(counter.ahead(samples.index), arrival_s):
            counter, self._joining = Continuity(), bool(self.packets)
            self._counter = counter
        self._resumed = False
        if self._joining:
            first = self.position + self._missing_over_break(samples, last_s, arrival_s)
            self._base = first - samples.index
        link, sensor = counter.lost_link, counter.lost_sensor
        index = counter.accept(samples.index, samples.seq, samples.n)
        if index is None:
            return None
        self._note(self._base + index, counter.lost_link - link, "link")
        self._note(self._base + index, counter.lost_sensor - sensor, "sensor")
        return self._base + index

    def _by_time(self, samples: Samples, last_s: float | None, arrival_s: float) -> int | None:
        last = self.packets[-1] if self.packets else None
        if self._joining:
            return self.position + self._missing_over_break(samples, last_s, arrival_s)
        if last is None or last.last_s is None or last_s is None:
            return self.position
        if last.clock != self.clock:
            return self._over_jump(samples, arrival_s - last.arrival_s)
        if last_s <= last.last_s:
            return None
        missing = (last_s - last.last_s) * self.rate_hz - samples.n
        whole = samples.n if self._stream and self._stream.whole_packets else 1
        lost = max(0, round(missing / whole) * whole)
        self._note(self.position + lost, lost, "lost")
        return self.position + lost

    def _over_jump(self, samples: Samples, elapsed_s: float) -> int:
        """The clock was set: only a silence of the arrivals tells of a loss."""
        missing = max(0, round(elapsed_s * self.rate_hz) - samples.n)
        lost = missing if missing > SILENCE_S * self.rate_hz else 0
        self._note(self.position + lost, lost, "clock", exact=False)
        return self.position + lost

    def _by_arrival(self, arrival_s: float) -> int:
        last = self.packets[-1] if self.packets else None
        if last is None:
            return self.position
        if self._joining:
            return self.position + self._missing_over_break(None, None, arrival_s)
        if arrival_s - last.arrival_s > SILENCE_S:
            self.gaps.append(Gap(self.position, 0, "silence", exact=False))
        return self.position

    def _missing_over_break(self, samples: Samples | None, last_s: float | None, arrival_s: float) -> int:
        """Samples between the last one before a reconnect and the first one after it."""
        self._joining = False
        last, n = self.packets[-1], samples.n if samples else 1
        if last.clock == self.clock and last.last_s is not None and last_s is not None:
            known, elapsed_s = True, last_s - last.last_s
        else:
            known, elapsed_s = False, arrival_s - last.arrival_s
        missing = max(0, round(elapsed_s * self.rate_hz) - n)
        cause = "reconnect" if last.clock == self.clock else "reboot"
        self._note(self.position + missing, missing, cause, exact=known)
        return missing

    def _note(self, before: int, samples: int, cause: str, *, exact: bool = True) -> None:
        if not samples:
            return
        self.gaps.append(Gap(before - samples, samples, cause, exact))
        if cause == "lost":
            self.lost_unplaced += samples
        elif cause == "sensor":
            self.lost_sensor += samples
        else:
            self.lost_link += samples
