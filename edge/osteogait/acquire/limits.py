"""How long a session waits for what, and what it does not accept; each with its reason."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Times in seconds, shares of 1, percent where the name says so; the defaults are those of the station."""

    find_s: float = 10.0  # ten advertising periods of the slowest sensor supported
    connect_s: float = 20.0  # BlueZ gives up a create-connection itself after 20 s
    settle_s: float = 10.0  # INFO, battery, rate, start: about ten round trips of 0.1 s, DOT waits once
    read_s: float = 2.0  # the client library retries a busy read without end
    first_packet_s: float = 2.0
    stall_s: float = 1.0  # shown at once; or five packet periods where those are longer
    stall_packets: float = 5.0
    lost_s: float = 5.0  # silent although linked: a new link is quicker than waiting
    back_off_s: tuple[float, ...] = (0.0, 0.25, 0.5)  # the last repeats: a longer one would resume too late
    reconnect_s: float = (
        35.0  # a sensor counts on for 30 s without a link; its return at the last moment counts
    )
    stop_s: float = 5.0  # a Polar sensor that is not stopped runs until empty
    last_packets_s: float = 0.3
    rate_check_s: float = 3.0
    rate_tolerance: float = 0.03
    battery_start_percent: int = 15
    battery_warn_percent: int = 8
    disk_start_bytes: int = 200_000_000  # a minute is 0.2 MB; the rest is for the database and the logs
    disk_warn_bytes: int = 1_000_000_000
    wall_step_s: float = 0.05
    wall_check_s: float = 1.0


LIMITS = Limits()
