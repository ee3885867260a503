"""What a guest could do better: three plain sentences in the place of the words that staff read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from osteogait.web.language import N_

if TYPE_CHECKING:
    from osteogait.screening.outcome import Outcome
    from osteogait.web.call import Call

STILL = N_("Keep still for three seconds before you begin and after you have ended.")
SENSOR = N_("The sensor was not heard well. Ask the staff to look at how it sits on your back.")
AS_SHOWN = N_("Do it as in the picture, all the way and without a break.")
KEEP_STILL = frozenset(
    {"timed_no_rest", "timed_too_short", "walking_in_stance", "walking_in_hold", "not_still"}
)
MOVEMENT = frozenset({
    "no_walking_found", "walk_too_short", "straight_too_short", "too_few_steps", "rhythm_ambiguous",
    "not_a_tug", "tug_too_long", "too_few_rises", "rises_miscounted", "rises_paused", "chair_over_limit",
    "chair_cut_short", "stance_too_short", "no_hold_found",
})  # fmt: skip
"""Codes of the gates of `gaitsignal`."""


def once_more(call: Call, outcome: Outcome) -> str:
    """The one thing to do better at the next try; what is neither stillness nor movement is the sensor's."""
    flags = () if outcome.kept is None else outcome.kept["flags"]
    codes = [flag["code"] for flag in flags if flag["severity"] == "reject"]
    if outcome.error is not None:
        codes = [outcome.error.code]
    if any(code in MOVEMENT for code in codes):
        return call.say(AS_SHOWN)
    return call.say(STILL if any(code in KEEP_STILL for code in codes) else SENSOR)
