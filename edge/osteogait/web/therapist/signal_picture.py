"""The signal of a try with the events found in it, so that a person can check them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from osteogait.web.access import Unknown
from osteogait.web.therapist.names import named
from osteogait.web.therapist.verdict import of_document

if TYPE_CHECKING:
    from starlette.responses import Response

    from osteogait.storage.trials import Trial
    from osteogait.web.call import Call

SVG = "image/svg+xml"


def of_trial(call: Call) -> Response:
    """The picture of a try that was kept."""
    trial = _trial(call)
    recording = None if trial.recording_id is None else call.station.store.recording(trial.recording_id)
    if recording is None or trial.measures is None:
        raise Unknown
    return _picture(call, call.station.recordings / recording.path, trial.measures)


def of_live(call: Call) -> Response:
    """The picture of the try that is being judged."""
    live = call.station.screening.current
    named_here = (call.params["visit"], call.params["item"])
    if (
        live is None
        or (live.visit, live.item.id) != named_here
        or live.outcome is None
        or live.outcome.kept is None
    ):
        raise Unknown
    return _picture(call, live.path, live.outcome.kept)


def show(call: Call) -> Response:
    """A page with the picture, the verdict and its reasons."""
    trial = _trial(call)
    if trial.measures is None:
        raise Unknown
    call.audit("view", f"trial:{trial.id}", person=trial.person_id)
    return call.page(
        "therapist/signal.html.j2",
        who=named(call, trial.person_id),
        trial=trial,
        title=_title(trial),
        verdict=of_document(call, trial.measures),
    )


def _title(trial: Trial) -> str:
    from osteogait.screening.battery import test

    return test(trial.test).title


def _trial(call: Call) -> Trial:
    found = call.station.trials.get(call.params["trial"])
    if found is None:
        raise Unknown
    return found


def _picture(call: Call, path: Path, document: Mapping[str, Any]) -> Response:
    from osteogait.acquire import to_recording
    from osteogait.console import measure_name
    from osteogait.report.trace.figure import draw_figure
    from osteogait.report.trace.wording import Wording
    from osteogait.screening.outcome import flag_text

    flags = [{**flag, "message": flag_text(flag, call.lang)} for flag in document["flags"]]
    said = {**document, "flags": flags, "recording": path.stem[:8]}
    svg = draw_figure(to_recording(path), said, Wording(call.lang, measure_name))
    return call.file(svg.encode(), "signal.svg", SVG, inline=True)
