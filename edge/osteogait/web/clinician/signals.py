"""The signal of one test with what was found in it, to check by eye."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from osteogait.errors import Rejected
from osteogait.web.access import Unknown
from osteogait.web.clinician.subject import person_page, test_name
from osteogait.web.therapist.days import day_and_time

if TYPE_CHECKING:
    from starlette.responses import Response

    from gaitsignal.recording import Recording
    from osteogait.storage.trials import Trial
    from osteogait.web.call import Call


def show(call: Call) -> Response:
    """The page around the picture."""
    trial = _trial(call)
    call.audit("view", f"trial:{trial.id}", person=trial.person_id)
    return call.page(
        "clinician/signal.html.j2",
        here_tab="clinician.person",
        trial=trial,
        made=day_and_time(call, trial.created),
        test=test_name(call, trial.test),
        **person_page(call, trial.person_id),
    )


def picture(call: Call) -> Response:
    """The picture itself, as SVG, measured anew so that its words are in the language of the reader."""
    from gaitsignal.errors import RecordingError
    from gaitsignal.result import to_json
    from osteogait.assessment.measuring import measure_recording
    from osteogait.console import measure_name
    from osteogait.report.trace.figure import draw_figure
    from osteogait.report.trace.wording import Wording

    trial = _trial(call)
    kept = None if trial.recording_id is None else call.station.store.recording(trial.recording_id)
    if kept is None:
        raise Unknown
    path = call.station.recordings / kept.path
    try:
        document = to_json(measure_recording(path, trial.protocol, _height_m(call, trial)), call.lang)
        samples = _samples(path)
    except RecordingError as error:
        raise Rejected("recording_refused", path=trial.protocol, reason=error) from error
    svg = draw_figure(samples, {**document, "recording": trial.id[:8]}, Wording(call.lang, measure_name))
    return call.file(svg.encode(), "signal.svg", "image/svg+xml", inline=True)


def _samples(path: Path) -> Recording:
    """The samples of a sensor's own file, or of a plain one."""
    from gaitsignal.readers import read_recording
    from osteogait.acquire import to_recording

    return to_recording(path) if path.suffix == ".ogrec" else read_recording(path)


def _trial(call: Call) -> Trial:
    found = call.station.trials.get(call.params["trial"])
    if found is None:
        raise Unknown
    return found


def _height_m(call: Call, trial: Trial) -> float | None:
    """The height that counts now; step lengths need it."""
    from osteogait.assessment.kept_values import newest_values

    held = newest_values(call.station.store.values_of(trial.person_id, "height")).get("height")
    return held.value / 100 if held is not None and isinstance(held.value, float) else None
