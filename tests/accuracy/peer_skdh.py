"""scikit-digital-health 0.17.18 on recordings of the shared form; runs in an environment of its own.

python peer_skdh.py OUT.csv HEIGHT_M:EVENT_METHOD:RECORDING.npz ...    EVENT_METHOD "AP CWT" or "Vertical CWT"

Writes the rows that the shared gait scorer reads and prints {"import_s", "pipeline_s"} as JSON. The whole recording is
handed in; the shortest bout is lowered from 8 to 3 s, which favours this peer on short walks.
"""

from __future__ import annotations

import csv
import json
import sys
import time
import warnings
from collections.abc import Iterator
from typing import Any

START = time.perf_counter()

import numpy as np  # noqa: E402
from skdh.context import PredictGaitLumbarLgbm  # noqa: E402
from skdh.gait import GaitLumbar  # noqa: E402

IMPORT_S = time.perf_counter() - START
COLUMNS = ("recording_id", "kind", "t", "t_end", "side", "name", "value")
GRAVITY = 9.80665
T0_S = 1_700_000_000.0
"""It takes Unix time; any instant will do."""
MIN_BOUT_S = 3.0
PARAMETERS = {
    "stride time": "stride_time_s",
    "stride length": "stride_length_m",
    "gait speed": "walking_speed_mps",
    "cadence": "cadence_spm",
}

Row = tuple[Any, ...]


def single(answer: Any) -> dict[str, Any]:
    """What a step of it returns: a dictionary, sometimes in a tuple."""
    found = answer[0] if isinstance(answer, tuple) else answer
    return dict(found)


def analysed(path: str, height_m: float, method: str) -> tuple[list[tuple[float, float]], dict[str, Any]]:
    """Bouts in seconds, and the stride table of the gait step."""
    with np.load(path) as stored:
        fs_hz = float(stored["fs_hz"])
        acc, gyr = (stored[key].astype(float) for key in ("lowback_acc", "lowback_gyr"))
    t = T0_S + np.arange(len(acc)) / fs_hz
    found = single(PredictGaitLumbarLgbm().predict(time=t, accel=acc / GRAVITY, fs=fs_hz))
    first, stop = (np.asarray(found[f"Gait Bout {end} Index"], dtype=int) for end in ("Start", "Stop"))
    bouts = [(i / fs_hz, j / fs_hz) for i, j in zip(first, stop, strict=True)]
    if not bouts:
        return [], {}
    gait = GaitLumbar(gait_event_method=method, min_bout_time=MIN_BOUT_S)
    spans = np.column_stack([first, stop])
    answer = gait.predict(time=t, accel=acc / GRAVITY, gyro=gyr, fs=fs_hz, height=height_m, gait_bouts=spans)
    return bouts, single(answer)


def rows_of(name: str, bouts: list[tuple[float, float]], strides: dict[str, Any]) -> Iterator[Row]:
    """Contacts (it gives no side), bouts, and the means of the stride values."""
    for first, last in bouts:
        yield name, "bout", first, last, "", "", None
    instants = np.asarray(strides.get("IC Timestamp", []), dtype=float) - T0_S
    for instant in instants:
        yield name, "ic", instant, None, "", "", None
    for theirs, ours in PARAMETERS.items():
        values = strides.get(theirs, [])
        value = mean_of(values)
        if value is not None:
            yield name, "param", 0.0, None, "", ours, value
            for instant, one in zip(instants, values, strict=True):
                yield name, "stride", instant, instant, "", ours, float(one)


def mean_of(values: Any) -> float | None:
    """Mean of the finite values."""
    array = np.asarray(values, dtype=float)
    array = array[np.isfinite(array)]
    return float(array.mean()) if array.size else None


def main() -> None:
    """Analyse every recording of the command line in turn."""
    warnings.simplefilter("ignore")
    rows: list[Row] = []
    pipeline_s = []
    for word in sys.argv[2:]:
        height, method, path = word.split(":", 2)
        name = path.rsplit("/", 1)[-1].removesuffix(".npz")
        start = time.perf_counter()
        try:
            rows += rows_of(name, *analysed(path, float(height), method))
        except Exception as error:
            print(f"{name}: {type(error).__name__}: {error}", file=sys.stderr)  # noqa: T201
        pipeline_s.append(time.perf_counter() - start)
    with open(sys.argv[1], "w", newline="", encoding="utf-8") as file:  # noqa: PTH123 - plain on purpose
        csv.writer(file).writerows([COLUMNS, *rows])
    print(json.dumps({"import_s": IMPORT_S, "pipeline_s": pipeline_s}))  # noqa: T201


if __name__ == "__main__":
    main()
