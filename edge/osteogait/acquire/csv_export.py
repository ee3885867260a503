"""A recording as CSV with its side file, as `osteogait measure` reads them."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np

from gaitsignal.readers.sidecar import REMARKS
from gaitsignal.recording import Recording

HEADER = "time_s,acc_x,acc_y,acc_z,gyr_x,gyr_y,gyr_z"
BODY_AXES = ("up", "right", "forward")


def write_csv(recording: Recording, path: Path) -> None:
    """Write `path` (.csv) and the .json beside it; only measured rows, what was lost stands in `gaps`.

    Both files are written beside their place and moved into it, so nobody meets half of one.
    """
    rows = np.flatnonzero(recording.measured)
    table = np.column_stack([recording.time_s, recording.acc, recording.gyr])[rows]
    about: dict[str, object] = {"site": recording.site}
    if recording.sensor is not None:
        about["sensor"] = recording.sensor
    if recording.height_m is not None:
        about["height_m"] = recording.height_m
    if recording.heading_known:
        about["axes"] = list(BODY_AXES)
    notes = {key: value for key, value in asdict(recording.trial).items() if value is not None}
    if notes:
        about["trial"] = notes
    remarks = {flag.code: dict(flag.fields) for flag in recording.remarks if flag.code in REMARKS}
    if remarks:
        about["remarks"] = remarks
    lost = np.diff(rows) - 1
    if (lost > 0).any():
        about["gaps"] = [[int(i) + 1, int(lost[i])] for i in np.flatnonzero(lost)]
    partial = path.with_suffix(".csv.part")
    np.savetxt(partial, table, fmt="%.9g", delimiter=",", header=HEADER, comments="")
    side = path.with_suffix(".json.part")
    side.write_text(json.dumps(about, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    for one in (partial, side):
        one.chmod(0o600)  # a person's movement is health data
    side.replace(path.with_suffix(".json"))
    partial.replace(path)
