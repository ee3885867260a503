"""Results of the walk protocol as the rows that the shared gait scorer reads."""

from __future__ import annotations

from collections.abc import Iterator

from gaitsignal.result import Measures

Row = tuple[str, str, float, float | None, str, str, float | None]
COLUMNS = ("recording_id", "kind", "t", "t_end", "side", "name", "value")
SIDE = {"left": "L", "right": "R", None: ""}
PARAMETERS = {
    "cadence": "cadence_spm",
    "stride_time": "stride_time_s",
    "stride_length": "stride_length_m",
    "walking_speed": "walking_speed_mps",
    "stride_time_cv": "stride_time_cv_pct",
}


def prediction_rows(recording_id: str, measures: Measures) -> Iterator[Row]:
    """One row a fact: contacts, bouts, turns and the scored parameters."""
    events = measures.events
    for contact in events.initial_contacts:
        yield recording_id, "ic", contact.time_s, None, SIDE[contact.side], "", None
    for bout in events.walking_bouts:
        yield recording_id, "bout", bout.start_s, bout.end_s, "", "", None
    for turn in events.turns:
        yield recording_id, "turn", turn.start_s, turn.end_s, "", "", turn.angle_deg
    for key, name in PARAMETERS.items():
        if key in measures.values:
            yield recording_id, "param", 0.0, None, "", name, measures.values[key].value
