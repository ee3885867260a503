"""mobgap 1.2.0 on recordings of the shared form; runs in an environment of its own, imports nothing of ours.

python peer_mobgap.py OUT.csv HEIGHT_M:PIPELINE:RECORDING.npz ...    with PIPELINE healthy or impaired

Writes the rows that the shared gait scorer reads and prints {"import_s", "pipeline_s"} as JSON. The whole recording is
handed in; nothing of the reference is.
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
import pandas as pd  # noqa: E402
from mobgap.data import GaitDatasetFromData  # noqa: E402
from mobgap.pipeline import MobilisedPipelineHealthy, MobilisedPipelineImpaired  # noqa: E402

IMPORT_S = time.perf_counter() - START
COLUMNS = ("recording_id", "kind", "t", "t_end", "side", "name", "value")
PIPELINES = {"healthy": (MobilisedPipelineHealthy, "HA"), "impaired": (MobilisedPipelineImpaired, "MS")}
SIDE = {"left": "L", "right": "R"}
PARAMETERS = {
    "cadence_spm": "cadence_spm",
    "stride_duration_s": "stride_time_s",
    "stride_length_m": "stride_length_m",
    "walking_speed_mps": "walking_speed_mps",
}
SENSOR_HEIGHT, WEIGHT_KG = 0.6, 70.0
"""Share of the body height at which the sensor is said to sit, and the weight where it is not known."""

Row = tuple[Any, ...]


def analysed(name: str, path: str, height_m: float, pipeline: str) -> Any:
    """The finished mobgap pipeline of one recording."""
    maker, cohort = PIPELINES[pipeline]
    with np.load(path) as stored:
        fs_hz = float(stored["fs_hz"])
        block = np.hstack([stored["lowback_acc"], np.degrees(stored["lowback_gyr"])]).astype(float)
    table = pd.DataFrame(block, columns=["acc_x", "acc_y", "acc_z", "gyr_x", "gyr_y", "gyr_z"])
    person = {
        "height_m": height_m,
        "sensor_height_m": SENSOR_HEIGHT * height_m,
        "weight_kg": WEIGHT_KG,
        "cohort": cohort,
    }
    data = GaitDatasetFromData(
        {name: {"LowerBack": table}},
        fs_hz,
        {name: person},
        {name: {"measurement_condition": "laboratory"}},
        index_cols=["recording"],
    )
    return maker().run(data[0]), fs_hz


def rows_of(name: str, result: Any, fs_hz: float) -> Iterator[Row]:
    """Contacts, bouts, turns, and the means of the bout parameters weighted by their duration."""
    for contact in result.raw_ic_list_.itertuples():
        yield name, "ic", contact.ic / fs_hz, None, SIDE.get(str(contact.lr_label), ""), "", None
    for bout in result.per_wb_parameters_.itertuples():
        yield name, "bout", bout.start / fs_hz, bout.end / fs_hz, "", "", None
    for turn in result.raw_turn_list_.itertuples():
        yield name, "turn", turn.start / fs_hz, turn.end / fs_hz, "", "", turn.angle_deg
    for stride in result.per_stride_parameters_.reset_index().to_dict("records"):
        for theirs, ours in PARAMETERS.items():
            if theirs in stride:
                yield name, "stride", stride["start"] / fs_hz, stride["end"] / fs_hz, "", ours, stride[theirs]
    bouts = result.per_wb_parameters_
    for theirs, ours in PARAMETERS.items():
        known = bouts[bouts[theirs].notna()] if theirs in bouts else bouts.iloc[:0]
        if len(known):
            value = float(np.average(known[theirs], weights=known["end"] - known["start"]))
            yield name, "param", 0.0, None, "", ours, value


def main() -> None:
    """Analyse every recording of the command line in turn."""
    warnings.simplefilter("ignore")
    rows: list[Row] = []
    pipeline_s = []
    for word in sys.argv[2:]:
        height, pipeline, path = word.split(":", 2)
        name = path.rsplit("/", 1)[-1].removesuffix(".npz")
        start = time.perf_counter()
        try:
            result, fs_hz = analysed(name, path, float(height), pipeline)
        except Exception as error:
            print(f"{name}: {type(error).__name__}: {error}", file=sys.stderr)  # noqa: T201
            continue
        finally:
            pipeline_s.append(time.perf_counter() - start)
        rows += rows_of(name, result, fs_hz)
    with open(sys.argv[1], "w", newline="", encoding="utf-8") as file:  # noqa: PTH123 - plain on purpose
        csv.writer(file).writerows([COLUMNS, *rows])
    print(json.dumps({"import_s": IMPORT_S, "pipeline_s": pipeline_s}))  # noqa: T201


if __name__ == "__main__":
    main()
