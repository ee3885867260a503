"""The signal of a test with its events, as therapist and clinician see it."""

from __future__ import annotations

from harness import Stop

TOUR = (
    Stop("therapist", "therapist", "/visits/{visit}/tries/{trial}/signal"),
    Stop("clinician", "clinician", "/trials/{trial}/signal"),
)
