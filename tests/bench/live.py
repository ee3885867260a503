"""Cost of the live picture: share of one core at 100 Hz in chunks of ten, and CPU time a chunk."""

from __future__ import annotations

import time

BAR_PERCENT = 1.0
REPEATS = 3


def measured_percent() -> tuple[float, float, float]:
    """Percent of a core, milliseconds for the median and the slowest hundredth of chunks; two minutes of walking."""
    import numpy as np

    from gaitsignal.live import LiveTracker
    from gaitsignal.synthetic import walker

    recording = walker(steps=100, seed=5).recording
    best = (float("inf"), 0.0, 0.0)
    for _ in range(REPEATS):
        tracker = LiveTracker(recording.fs_hz)
        costs = []
        for row in range(0, recording.n, 10):
            start = time.process_time_ns()
            tracker.feed(recording.acc[row : row + 10], recording.gyr[row : row + 10])
            costs.append(1e-6 * (time.process_time_ns() - start))
        percent = 0.1 * sum(costs) / recording.duration_s
        best = min(best, (percent, float(np.median(costs)), float(np.percentile(costs, 99))))
    return best
