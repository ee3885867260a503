"""Where a test is."""

from enum import StrEnum


class Phase(StrEnum):
    """Where a test is."""

    READY = "ready"
    REACHING = "reaching"
    COUNTDOWN = "countdown"
    RECORDING = "recording"
    FINISHING = "finishing"
    REVIEW = "review"
    FAILED = "failed"


UNDER_WAY = (Phase.REACHING, Phase.COUNTDOWN, Phase.RECORDING, Phase.FINISHING)
